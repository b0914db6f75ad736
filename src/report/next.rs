//! The step to take after a judgement, in plain sentences. It never begins with what would weaken a gate.

use super::number::{count, samples};
use super::v1::{NextStep, ReportFinding, ReportGate, ReportNext, ReportPolicy, ReportStep, Word};
use crate::diagnostic::Code;
use crate::document::scalar;
use crate::gate::{Outcome, ReasonKind};
use crate::verdict::{Decision, Waivable};

/// What the step follows from.
pub struct NextFacts<'a> {
    /// The one word.
    pub decision: Decision,
    /// The gates.
    pub gates: &'a [ReportGate],
    /// What stands in the way besides gates.
    pub errors: &'a [ReportFinding],
    /// How it was judged; none where it could not be.
    pub policy: Option<&'a ReportPolicy>,
    /// What would have to be accepted for the release to pass; empty where that cannot be.
    pub waivable: &'a [Waivable],
    /// Whether the manifest has a list of waivers.
    pub has_waivers: bool,
    /// The version of the baseline, where it is known to have passed.
    pub passed_before: Option<String>,
    /// Whether the manifest stands in no file.
    pub is_draft: bool,
}

/// So many gates are named in a sentence.
const MOST_NAMED: usize = 4;
/// So many different things to do stand in a sentence.
const MOST_TOLD: usize = 3;

/// The step to take.
#[must_use]
pub fn next(facts: &NextFacts<'_>) -> ReportNext {
    let outcome = match facts.decision {
        Decision::Pass => return ship(facts),
        Decision::Fail => Outcome::Fail,
        Decision::Error => Outcome::Error,
        Decision::Inconclusive => Outcome::Inconclusive,
    };
    let open = facts.gates.iter().filter(|gate| gate.outcome.0 == outcome && gate.stops);
    // A risk follows the gates that test it, so these are what there is to do.
    let (risks, own): (Vec<&ReportGate>, Vec<&ReportGate>) = open.partition(|gate| gate.is_risk());
    let open = if own.is_empty() { risks } else { own };
    let Some(step) = open.iter().map(|gate| step_for(gate)).min() else { return after_errors(facts.errors) };
    let open: Vec<&ReportGate> = open.into_iter().filter(|gate| step_for(gate) == step).collect();
    let text = match step {
        NextStep::MoreSamples => fresh_run(&open, facts.policy.map_or(1, |policy| policy.looks)),
        NextStep::RepairData => {
            let whole = |gate: &&ReportGate| {
                gate.reason.kind.as_ref().is_some_and(|kind| kind.0 == ReasonKind::DataProblem)
            };
            let lead = if open.iter().all(whole) {
                "a data problem, not too few samples"
            } else {
                "a data problem first"
            };
            format!("{lead}: {}", advices(&open))
        }
        _ => advices(&open),
    };
    let otherwise = if facts.decision == Decision::Error {
        Vec::new()
    } else {
        go_back(facts).into_iter().chain(waive(facts)).collect()
    };
    let gates = open.iter().map(|gate| gate.id.clone()).collect();
    ReportNext { step: Word(step), text, gates, otherwise }
}

/// What a gate that is no pass asks for.
fn step_for(gate: &ReportGate) -> NextStep {
    let never = gate.needed.as_ref().is_some_and(|needed| needed.samples.is_none());
    match (gate.reason.kind.map(|kind| kind.0), gate.reason.code.as_str()) {
        (None, _) | (_, "fail-unadjusted") => NextStep::Mend,
        (_, "baseline-not-positive" | "zero-variance" | "no-pair-differs") => NextStep::RepairInput,
        (Some(ReasonKind::DataProblem), _) => NextStep::RepairData,
        // Rows without a score are looked after first: a larger run would have as many of them.
        (Some(ReasonKind::Undecided), _) if gate.candidate.missing.is_some_and(|missing| missing > 0) => {
            NextStep::RepairData
        }
        _ if never => NextStep::Mend,
        _ => NextStep::MoreSamples,
    }
}

/// What the gates say to do, those that say the same together.
fn advices(gates: &[&ReportGate]) -> String {
    let mut told: Vec<(&str, Vec<&ReportGate>)> = Vec::new();
    for gate in gates {
        let advice = gate.reason.advice.as_deref().unwrap_or("look at why it did not pass");
        match told.iter_mut().find(|(known, _)| *known == advice) {
            Some((_, same)) => same.push(gate),
            None => told.push((advice, vec![gate])),
        }
    }
    let shown = told.iter().take(MOST_TOLD).map(|(advice, same)| format!("{advice} ({})", named(same)));
    let mut parts: Vec<String> = shown.collect();
    let rest: usize = told.iter().skip(MOST_TOLD).map(|(_, same)| same.len()).sum();
    if rest > 0 {
        parts.push(format!("see {}", gates_in_words(rest, "other ")));
    }
    parts.join("; then ")
}

/// `a, b and 3 more gates`.
fn named(gates: &[&ReportGate]) -> String {
    let ids: Vec<&str> = gates.iter().take(MOST_NAMED).map(|gate| gate.id.as_str()).collect();
    match (gates.len().checked_sub(MOST_NAMED).filter(|rest| *rest > 0), ids.split_last()) {
        (Some(rest), _) => format!("{} and {}", ids.join(", "), gates_in_words(rest, "more ")),
        (None, Some((last, first))) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => ids.concat(),
    }
}

fn gates_in_words(n: usize, which: &str) -> String {
    if n == 1 { format!("1 {which}gate") } else { format!("{} {which}gates", count(n as u64)) }
}

/// A larger run, and how large. Judging a run again as it grows passes more bad releases than the confidence says, unless
/// the looks at it are declared.
fn fresh_run(gates: &[&ReportGate], looks: u32) -> String {
    let mut sized: Vec<Sized<'_>> = gates.iter().filter_map(|gate| Sized::of(gate)).collect();
    sized.sort_by_key(|one| std::cmp::Reverse(one.samples));
    let mut parts = Vec::new();
    if let Some((most, others)) = sized.split_first() {
        let others: Vec<String> = others.iter().take(MOST_NAMED).map(Sized::named).collect();
        let rest = sized.len().saturating_sub(MOST_NAMED + 1);
        let rest = (rest > 0).then(|| format!("fewer for {}", gates_in_words(rest, "more ")));
        let others: Vec<String> = others.into_iter().chain(rest).collect();
        let others = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
        let grown = if looks > 1 {
            format!(", or let this one grow within the {looks} looks that the policy allows at it")
        } else {
            ", not this one with samples added".to_owned()
        };
        parts.push(format!(
            "evaluate a fresh run{} of {} ({}{others}){grown}",
            most.both,
            most.size(),
            most.gate
        ));
    }
    let others: Vec<&ReportGate> = gates.iter().copied().filter(|gate| Sized::of(gate).is_none()).collect();
    if !others.is_empty() {
        parts.push(advices(&others));
    }
    format!("too few samples to decide: {}", parts.join("; then "))
}

/// A gate that says how large a fresh run should be.
struct Sized<'a> {
    gate: &'a str,
    samples: u64,
    /// The slice that they are samples of.
    slice: String,
    both: &'static str,
}

impl<'a> Sized<'a> {
    fn of(gate: &'a ReportGate) -> Option<Self> {
        let needed = gate.needed.as_ref()?;
        let slice = needed.slice.as_ref();
        Some(Self {
            gate: &gate.id,
            samples: needed.samples?,
            slice: slice.map_or_else(String::new, |slice| format!(" of {}", slice.name())),
            both: if gate.change.is_some() { " of both releases" } else { "" },
        })
    }

    fn size(&self) -> String {
        format!("{}{}", samples(self.samples), self.slice)
    }

    /// `1,456 of lang = de for hallucination-rate`.
    fn named(&self) -> String {
        format!("{}{}{} for {}", count(self.samples), self.slice, self.both, self.gate)
    }
}

/// What the findings of a release that could not be judged ask for.
fn after_errors(errors: &[ReportFinding]) -> ReportNext {
    let Some(first) = errors.first() else {
        let text = "declare a gate that blocks and applies".to_owned();
        return ReportNext {
            step: Word(NextStep::RepairInput),
            text,
            gates: Vec::new(),
            otherwise: Vec::new(),
        };
    };
    let of_data = Code::from_word(&first.code).is_some_and(Code::is_of_data);
    let (step, lead) = if of_data {
        (NextStep::RepairData, "repair the results and judge again")
    } else {
        (NextStep::RepairInput, "correct what relgate was given and judge again")
    };
    let help = first.help.first().map_or_else(String::new, |help| format!(": {help}"));
    let more = match errors.len() - 1 {
        0 => String::new(),
        1 => "; then 1 more error".to_owned(),
        more => format!("; then {} more errors", count(more as u64)),
    };
    let text = format!("{lead}: {}{help}{more}", first.in_a_line());
    ReportNext { step: Word(step), text, gates: Vec::new(), otherwise: Vec::new() }
}

fn go_back(facts: &NextFacts<'_>) -> Option<ReportStep> {
    let version = facts.passed_before.as_ref()?;
    let text = format!("let {version}, which is the baseline and passed, serve until this release passes");
    Some(ReportStep { step: Word(NextStep::GoBack), text, lines: Vec::new() })
}

/// The lines of a waiver. Who accepts what, why and until when is left to people: empty values are refused.
fn waive(facts: &NextFacts<'_>) -> Option<ReportStep> {
    let most = &facts.policy?.waiver_at_most;
    // What nobody knows yet nobody can accept.
    let is_known = |gate: &ReportGate| {
        matches!(gate.reason.kind.map(|kind| kind.0), None | Some(ReasonKind::Undecided)) || !gate.stops
    };
    if facts.waivable.is_empty() || !facts.gates.iter().all(is_known) {
        return None;
    }
    let mut lines: Vec<String> = (!facts.has_waivers).then(|| "waivers:".to_owned()).into_iter().collect();
    for (i, Waivable { gate, limit, slice }) in facts.waivable.iter().enumerate() {
        lines.push(format!("  - gate: {}", scalar(gate)));
        if !slice.is_empty() {
            let fields = slice.iter().map(|(field, label)| format!("{}: {}", scalar(field), scalar(label)));
            lines.push(format!("    slice: {{ {} }}", fields.collect::<Vec<_>>().join(", ")));
        }
        if let Some(limit) = limit {
            let told = format!("{} is the worst that the evidence allows", limit.worst);
            lines.push(format!("    limit: {:<10} # {told}", limit.limit));
        }
        let blanks = [
            ("reason", "why the risk is acceptable".to_owned()),
            ("owner", "who asks for it".to_owned()),
            ("approver", "who accepts it: somebody else".to_owned()),
            ("expires", format!("the last day, YYYY-MM-DD, at most {most} from now")),
        ];
        lines.extend(blanks.map(|(key, told)| match i {
            0 => format!("    {:<17} # {told}", format!("{key}: \"\"")),
            _ => format!("    {key}: \"\""),
        }));
    }
    let place = if facts.has_waivers { "below `waivers:` in the manifest" } else { "in the manifest" };
    let text = format!("where the risk itself can be accepted, somebody signs for it {place}");
    Some(ReportStep { step: Word(NextStep::Waive), text, lines })
}

fn ship(facts: &NextFacts<'_>) -> ReportNext {
    let of = |wanted: fn(&ReportGate) -> bool| -> Vec<&ReportGate> {
        facts.gates.iter().filter(|gate| wanted(gate)).collect()
    };
    let warned =
        of(|gate| !gate.blocks() && !matches!(gate.outcome.0, Outcome::Pass | Outcome::NotApplicable));
    let undecided =
        of(|gate| gate.blocks() && gate.waived.is_none() && gate.outcome.0 == Outcome::Inconclusive);
    let waived = of(|gate| gate.waived.is_some());
    let mut asides = Vec::new();
    if !waived.is_empty() {
        let last = waived.iter().filter_map(|gate| gate.waived.as_ref()).map(|waiver| waiver.expires).min();
        let until = last.map_or_else(String::new, |day| format!(" until {day}"));
        asides.push(format!("under a waiver{until}: mend {}", named(&waived)));
    }
    if !undecided.is_empty() {
        asides.push(format!("undecided, as the policy allows: {}", named(&undecided)));
    }
    if !warned.is_empty() {
        asides.push(format!("worth a look: {}", named(&warned)));
    }
    let step = if facts.is_draft {
        "keep the manifest that asks this, and check the release with it"
    } else {
        "ship it, and keep the bundle beside its report: the next release is compared with that"
    };
    let text = asides.into_iter().fold(step.to_owned(), |text, aside| text + "; " + &aside);
    let gates = [waived, undecided, warned].concat().into_iter().map(|gate| gate.id.clone()).collect();
    ReportNext { step: Word(NextStep::Ship), text, gates, otherwise: Vec::new() }
}
