//! What became of a waiver that the release does not simply ship under, in plain sentences.

use crate::diagnostic::Code;
use chrono::NaiveDate;

use super::cells::cell;
use super::words::slice;
use crate::gate::{Outcome, Part};
use crate::manifest::WaiverSpec;
use crate::metric::Bound;
use crate::verdict::{GateResult, Sufficient, WaiverState, covers};

/// A waiver with the gate that it is for.
pub struct WaiverFacts<'a> {
    /// As it is declared.
    pub waiver: &'a WaiverSpec,
    /// What became of it.
    pub state: WaiverState,
    /// The judged gate.
    pub result: &'a GateResult,
    /// What the gate measures.
    pub bound: &'a Bound,
    /// Its limit in the unit of the gate, where it has one.
    pub limit: Option<f64>,
    /// Why nobody who may has signed it, where that matters.
    pub unsigned: Option<&'a str>,
    /// A limit that would do, where one does and its own does not or is easier.
    pub would_do: Option<&'a Sufficient>,
    /// The gate against the anchor by the same rule, where it stands in the way.
    pub twin: Option<&'a GateResult>,
    /// The day of the judgement.
    pub as_of: NaiveDate,
}

/// A stable code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverFinding {
    /// Whether the gate stands in the way because of it.
    pub severe: bool,
    /// The code.
    pub code: Code,
    /// The sentence.
    pub text: String,
}

/// What to say about a waiver; nothing where the release ships under it and it accepts no more than it has to.
#[must_use]
pub fn waiver_finding(facts: &WaiverFacts<'_>) -> Option<WaiverFinding> {
    let own = own_finding(facts);
    let Some(twin) = facts.twin else { return own };
    let gate = &facts.waiver.gate.value;
    let twin = format!(
        "`{0}`, the same rule against the anchor, did not pass and needs a waiver of its own: `gate: '{0}'`",
        twin.judged.id()
    );
    Some(match own {
        Some(own) => WaiverFinding { text: format!("{}; {twin}", own.text), ..own },
        None => WaiverFinding {
            severe: true,
            code: Code::WaiverPartial,
            text: format!("the waiver for `{gate}` is not enough: {twin}"),
        },
    })
}

/// What to say about a waiver for one of relgate's own gates, which have no limit and no slices; `result` is none where the gate
/// is not judged.
#[must_use]
pub fn built_in_waiver_finding(
    waiver: &WaiverSpec,
    (state, unsigned): (WaiverState, Option<&str>),
    result: Option<&GateResult>,
    as_of: NaiveDate,
) -> Option<WaiverFinding> {
    let gate = &waiver.gate.value;
    match state {
        WaiverState::Used => None,
        WaiverState::Expired => {
            Some(WaiverFinding { severe: true, code: Code::WaiverExpired, text: expired(waiver, as_of) })
        }
        WaiverState::Unsigned => {
            let text = not_signed(waiver, unsigned);
            Some(WaiverFinding { severe: true, code: Code::WaiverUnsigned, text })
        }
        _ => {
            let why = match result {
                Some(_) => "its gate passes without it, so remove it",
                None => "its gate is not judged here",
            };
            let text = format!("the waiver for `{gate}` is not needed: {why}");
            Some(WaiverFinding { severe: false, code: Code::WaiverUnused, text })
        }
    }
}

fn expired(waiver: &WaiverSpec, as_of: NaiveDate) -> String {
    format!(
        "the waiver for `{}` expired on {} and has no effect on {as_of}: mend the release, or have the risk accepted anew",
        waiver.gate.value, waiver.expires.value
    )
}

fn not_signed(waiver: &WaiverSpec, why: Option<&str>) -> String {
    let (gate, why) = (&waiver.gate.value, why.unwrap_or("is not signed"));
    format!("the waiver for `{gate}` has no effect: it {why}")
}

fn own_finding(facts: &WaiverFacts<'_>) -> Option<WaiverFinding> {
    let gate = &facts.waiver.gate.value;
    let (severe, code, text) = match facts.state {
        WaiverState::Used if facts.waiver.limit.is_none() => (false, Code::WaiverUnlimited, unlimited(facts)),
        WaiverState::Used => (false, Code::WaiverGenerous, generous(facts)?),
        WaiverState::Unused => (false, Code::WaiverUnused, unused(facts)),
        WaiverState::OtherSlice => (false, Code::WaiverUnused, other_slice(facts)),
        WaiverState::Expired => (true, Code::WaiverExpired, expired(facts.waiver, facts.as_of)),
        WaiverState::Unsigned => (true, Code::WaiverUnsigned, not_signed(facts.waiver, facts.unsigned)),
        WaiverState::LimitNotMet(part) => (true, Code::WaiverLimit, limit(facts, part)),
        WaiverState::NotEnough(part) => (
            true,
            Code::WaiverPartial,
            format!(
                "the waiver for `{gate}` is not enough: {} did not pass either, and no waiver that holds covers that{}",
                name(facts, part),
                if facts.waiver.slice.is_some() && facts.waiver.limit.is_none() {
                    "; with a `limit` that all samples together meet, the waiver of a slice covers them as well"
                } else {
                    ""
                }
            ),
        ),
        WaiverState::ForAnError => {
            (true, Code::WaiverForError, format!("`{gate}` could not be judged; that cannot be waived"))
        }
    };
    Some(WaiverFinding { severe, code, text })
}

/// A limit farther from what was shown than that is from the rule accepts a release that is much worse than this one.
fn generous(facts: &WaiverFacts<'_>) -> Option<String> {
    let limit = facts.limit?;
    let low = facts.bound.comparator.wants_low();
    // A limit holds for the worst part that it covers.
    let covered = |part: &&Part| {
        facts.waiver.slice.as_ref().is_none_or(|slice| covers(&slice.value, &part.key) || part.key.is_empty())
    };
    let shown = |part: &Part| {
        let estimate = &part.assessment.estimate;
        if low { estimate.upper } else { estimate.lower }
    };
    let mut parts = facts.result.judged.parts.iter().filter(covered);
    let worst = parts.try_fold(None, |worst: Option<(f64, &Part)>, part| {
        let own = shown(part)?;
        let worse = worst.is_none_or(|(known, _)| if low { own > known } else { own < known });
        Some(if worse { Some((own, part)) } else { worst })
    })?;
    let (shown, part) = worst?;
    let estimate = &part.assessment.estimate;
    let far = (limit - shown).abs() > (shown - facts.bound.threshold).abs();
    far.then(|| {
        format!(
            "the waiver for `{}` accepts {}, which is much worse than what was measured, {}{}",
            facts.waiver.gate.value,
            facts.waiver.limit.as_ref().map_or_else(String::new, |limit| limit.value.to_string()),
            cell(estimate, facts.bound.threshold, facts.bound.unit),
            would_do(facts).unwrap_or_else(|| ": a limit nearer to that would do".to_owned())
        )
    })
}

/// Without a limit, a waiver accepts whatever the gate comes to by the day it expires.
fn unlimited(facts: &WaiverFacts<'_>) -> String {
    format!(
        "the waiver for `{}` has no `limit`, so it accepts any value, however bad{}",
        facts.waiver.gate.value,
        would_do(facts).unwrap_or_default()
    )
}

/// Which limit would do, as the end of a sentence.
fn would_do(facts: &WaiverFacts<'_>) -> Option<String> {
    let Sufficient { limit, worst } = facts.would_do?;
    Some(format!(": `limit: {limit}` would do, {worst} is the worst that the evidence allows"))
}

fn unused(facts: &WaiverFacts<'_>) -> String {
    let why = match facts.result.outcome {
        Outcome::NotApplicable => "its gate does not apply to this release",
        Outcome::Pass => "its gate passes without it, so remove it",
        _ => "its gate only warns",
    };
    format!("the waiver for `{}` is not needed: {why}", facts.waiver.gate.value)
}

fn other_slice(facts: &WaiverFacts<'_>) -> String {
    let gate = &facts.waiver.gate.value;
    let wanted: Vec<String> = match &facts.waiver.slice {
        Some(slice) => slice.value.iter().map(|(field, label)| format!("{field} = {label}")).collect(),
        None => Vec::new(),
    };
    let wanted = wanted.join(", ");
    let exists =
        |part: &Part| facts.waiver.slice.as_ref().is_some_and(|slice| covers(&slice.value, &part.key));
    if facts.result.judged.parts.iter().any(exists) {
        return format!("the waiver for `{gate}` is for {wanted}, which is not what did not pass");
    }
    let known: Vec<String> =
        facts.result.judged.parts.iter().skip(1).take(8).map(|part| slice(&part.key)).collect();
    if known.is_empty() {
        return format!("the waiver for `{gate}` is for {wanted}, and the gate has no slices: give it `by:`");
    }
    format!(
        "the waiver for `{gate}` is for {wanted}, which is no slice of the gate; it has {}",
        known.join("; ")
    )
}

/// Which part a sentence is about.
fn name(facts: &WaiverFacts<'_>, part: usize) -> String {
    match facts.result.judged.parts.get(part) {
        Some(part) if !part.key.is_empty() => slice(&part.key),
        _ if facts.result.judged.parts.len() > 1 => "the whole".to_owned(),
        _ => "the gate".to_owned(),
    }
}

fn limit(facts: &WaiverFacts<'_>, part: usize) -> String {
    let gate = &facts.waiver.gate.value;
    let limit = facts.waiver.limit.as_ref().map_or_else(String::new, |limit| limit.value.to_string());
    let measured = |part: &Part| {
        let cell = cell(&part.assessment.estimate, facts.bound.threshold, facts.bound.unit);
        if part.key.is_empty() { cell } else { format!("{} of {}", cell, slice(&part.key)) }
    };
    let measured = facts.result.judged.parts.get(part).map_or_else(String::new, measured);
    format!(
        "the waiver for `{gate}` has no effect: {measured} does not show its limit, {} {limit}",
        facts.bound.comparator.symbol()
    )
}
