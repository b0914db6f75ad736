//! The verdict in a sentence, and what it asked for.

use super::number::percent;
use super::v1::{Finite, Report, ReportEstimate, ReportFinding, ReportGate, ReportRecord, ReportWaiver};
use crate::diagnostic::Code;
use crate::diff::Weight;
use crate::gate::Outcome;
use crate::metric::Method;
use crate::verdict::Decision;

impl Report {
    /// What the gates had to show together, and who says so: `quality, safety (the default of a hotfix)`.
    #[must_use]
    pub fn requirement(&self) -> String {
        let Some(policy) = &self.policy else { return "no category (nothing was judged)".to_owned() };
        let categories = policy.require.iter().map(|category| category.0.word());
        let guard = policy.no_regression_on_quality.then_some("quality no worse than the baseline's");
        let mut parts: Vec<&str> = categories.chain(guard).collect();
        if parts.is_empty() {
            parts.push("no category");
        }
        let from = match &self.release {
            Some(release) if !policy.require_stated => format!("the default of a {}", release.release_type.0),
            _ => "stated by the policy".to_owned(),
        };
        format!("{} ({from})", parts.join(", "))
    }

    /// How many risks of the register came to what, such as `3 pass, 1 not-applicable`; none without a register.
    #[must_use]
    pub fn risks_in_words(&self) -> Option<String> {
        let all =
            [Outcome::Fail, Outcome::Error, Outcome::Inconclusive, Outcome::Pass, Outcome::NotApplicable];
        let told = all.into_iter().filter_map(|outcome| {
            let n = self.risks.iter().filter(|risk| risk.outcome.0 == outcome).count();
            (n > 0).then(|| format!("{n} {}", outcome.word()))
        });
        (!self.risks.is_empty()).then(|| told.collect::<Vec<_>>().join(", "))
    }

    /// The waivers that a gate ships under.
    pub fn waivers_of<'a>(&'a self, gate: &'a ReportGate) -> impl Iterator<Item = &'a ReportWaiver> {
        let used = move |waiver: &&ReportWaiver| waiver.gate == gate.id && waiver.state == ReportWaiver::USED;
        self.waivers.iter().filter(move |waiver| gate.waived.is_some() && used(waiver))
    }

    /// The blocking gates with an outcome.
    pub fn blocking_with(&self, outcome: Outcome) -> impl Iterator<Item = &ReportGate> {
        self.gates.iter().filter(move |gate| gate.blocks() && gate.outcome.0 == outcome)
    }

    /// What stands for this report where it counts for nothing, since it could not be written: an error about the same release.
    #[must_use]
    pub fn uncounted(self) -> Self {
        let error = ReportFinding {
            code: Code::CannotWrite.word().to_owned(),
            text: "its report could not be written, so that its verdict counts for nothing".to_owned(),
            file: None,
            line: None,
            column: None,
            help: vec!["make room for the report, or choose another place with `--out`".to_owned()],
        };
        Self::unjudged(self.manifest, self.release, self.generated_at, self.as_of, vec![error], Vec::new())
    }

    /// The name of the release; that of its manifest's file where nobody knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        let named = self.release.as_ref().map(|release| release.name.as_str());
        named.or(self.manifest.as_deref()).unwrap_or("unknown")
    }

    /// Name and version.
    #[must_use]
    pub fn title(&self) -> String {
        let version = self.release.as_ref().map(|release| format!(" {}", release.version));
        format!("{}{}", self.name(), version.unwrap_or_default())
    }

    /// Whether the step to take is about this gate alone and says all that it asks for.
    #[must_use]
    pub fn is_next(&self, gate: &ReportGate) -> bool {
        let told = gate.reason.advice.as_ref().is_some_and(|advice| self.next.text.contains(advice));
        told && self.next.gates == [gate.id.as_str()]
    }

    /// What the limits of the gates are; none where none has any.
    #[must_use]
    pub fn limits_in_words(&self) -> Option<String> {
        let level = |gate: &ReportGate| match &gate.change {
            Some(change) => level_of(change.method.0, change.confidence, [change.lower, change.upper]),
            None => {
                let ReportEstimate { method, confidence, lower, upper, .. } = &gate.candidate;
                level_of(method.0, *confidence, [*lower, *upper])
            }
        };
        let levels = || self.gates.iter().filter_map(level);
        let (lowest, highest) = (levels().reduce(f64::min)?, levels().reduce(f64::max)?);
        let both = percent((2.0 * lowest - 1.0).max(0.0));
        let level = percent(lowest);
        Some(if lowest < highest {
            let highest = percent(highest);
            format!(
                "limits are one-sided at {level} to {highest}: each holds at its own, both together at {both} or more"
            )
        } else {
            format!("limits are one-sided at {level}: each holds at {level}, both together at {both}")
        })
    }

    /// What kept the release from being judged, in one line: the first error, else the first blocking gate with one.
    #[must_use]
    pub fn first_error(&self) -> Option<String> {
        let finding = self.errors.first().map(ReportFinding::in_a_line);
        finding.or_else(|| {
            let gate = self.blocking_with(Outcome::Error).next()?;
            Some(format!("{}: {}", gate.id, gate.reason.text))
        })
    }

    /// The verdict in one sentence, without the word itself.
    #[must_use]
    pub fn headline(&self) -> String {
        self.verdict() + &self.grave_changes().unwrap_or_default()
    }

    /// `; 3 changes since 2.3.0 weigh as blocking, see below`: what `relgate diff` weighs as blocking, whatever the policy makes of it.
    fn grave_changes(&self) -> Option<String> {
        let grave = |record: &&ReportRecord| record.severity.0 == Weight::Blocking;
        let count = self.changes.iter().flatten().filter(grave).count();
        let since = self.changes_since.as_ref().filter(|_| count > 0)?;
        let (changes, weigh) = if count == 1 { ("change", "weighs") } else { ("changes", "weigh") };
        let warns = if self.decision.0 == Decision::Pass { " (the policy warns)" } else { "" };
        Some(format!("; {count} {changes} since {since} {weigh} as blocking{warns}, see below"))
    }

    fn verdict(&self) -> String {
        let name = match &self.release {
            Some(release) => format!("{} {}", release.name, release.version),
            None => "the release".to_owned(),
        };
        let blocking = gates(self.gates.iter().filter(|gate| gate.blocks()).count());
        let of = |outcome| self.blocking_with(outcome).count();
        let waived = self.gates.iter().filter(|gate| gate.waived.is_some()).count();
        match self.decision.0 {
            Decision::Pass if waived > 0 => format!(
                "{name} may ship under {}: {} of {blocking} passed, {waived} waived",
                waivers(self.gates.iter().map(|gate| self.waivers_of(gate).count()).sum()),
                of(Outcome::Pass),
            ),
            Decision::Pass if of(Outcome::Inconclusive) > 0 => format!(
                "{name} may ship: {} of {blocking} passed, {} undecided (the policy warns)",
                of(Outcome::Pass),
                of(Outcome::Inconclusive)
            ),
            Decision::Pass => {
                let away = of(Outcome::NotApplicable);
                let away = if away == 0 { String::new() } else { format!(", {away} not applicable") };
                format!("{name} may ship: {} of {blocking} passed{away}", of(Outcome::Pass))
            }
            Decision::Fail => format!("{name} must not ship: {} of {blocking} failed", of(Outcome::Fail)),
            Decision::Inconclusive => {
                let open = of(Outcome::Inconclusive);
                let through = self
                    .blocking_with(Outcome::Inconclusive)
                    .filter(|gate| !gate.stops && gate.waived.is_none())
                    .count();
                let through = if through == 0 {
                    String::new()
                } else {
                    format!(", {through} of which the policy lets through")
                };
                format!("{name} may not ship yet: {open} of {blocking} could not be decided{through}")
            }
            Decision::Error => format!("{name} could not be judged"),
        }
    }
}

/// The confidence of limits that were estimated; none where there are none.
fn level_of(method: Method, confidence: Finite, limits: [Finite; 2]) -> Option<f64> {
    let estimated = !matches!(method, Method::Point | Method::Observed);
    confidence.get().filter(|_| estimated && limits.iter().any(|limit| limit.get().is_some()))
}

fn waivers(n: usize) -> String {
    if n == 1 { "1 waiver".to_owned() } else { format!("{n} waivers") }
}

fn gates(n: usize) -> String {
    if n == 1 { "1 blocking gate".to_owned() } else { format!("{n} blocking gates") }
}
