//! Judges waived gates again with the waiver's limit in place of the threshold, and with the limit that would do. Says as well
//! what a release would need to have waived.

mod sufficient;

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use super::again::Again;
use super::entry::Entry;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::gate::{BuiltIn, Judged, Outcome, Part, Subject};
use crate::manifest::{Age, Policy, WaiverSpec};
use crate::metric::Method;
use crate::verdict::{Acceptance, Decision, GateResult, Verdict, Waivable, covers};

/// Why a waiver is not signed as it has to be, as in "it ..."; none where it is, or does not have to be.
pub type Unsigned<'a> = dyn Fn(&WaiverSpec) -> Option<String> + 'a;

/// Every waiver with what its limit comes to on the day of the judgement.
pub(super) fn acceptances(
    again: &Again<'_>,
    waivers: &[WaiverSpec],
    as_of: NaiveDate,
    unsigned: &Unsigned<'_>,
) -> Result<Vec<Acceptance>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut accepted = Vec::new();
    for waiver in waivers {
        if let Some(finding) = too_long(waiver, again.policy.waiver_at_most, as_of) {
            findings.push(finding);
            continue;
        }
        match again.with_limit(waiver) {
            Ok(tried) => {
                let limit = tried.as_ref().map(|tried| tried.limit);
                let slice = waiver.slice.as_ref().map(|slice| &slice.value);
                let gate = again.gate(waiver);
                accepted.push(Acceptance {
                    would_do: gate
                        .and_then(|gate| sufficient::limit(again, gate, &again.judged(gate), slice, limit)),
                    waiver: waiver.clone(),
                    expired: waiver.expires.value < as_of,
                    unsigned: unsigned(waiver),
                    limit,
                    with_limit: tried.map(|tried| tried.outcomes),
                });
            }
            Err(finding) => findings.push(finding),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(accepted) }
}

/// A waiver that nobody will have to look at again is no exception but another threshold.
fn too_long(waiver: &WaiverSpec, most: Age, as_of: NaiveDate) -> Option<Diagnostic> {
    let last = as_of.checked_add_signed(TimeDelta::hours(most.hours.into()))?;
    let expires = waiver.expires.value;
    (expires > last).then(|| {
        Diagnostic::error(
            Code::WaiverTooLong,
            format!("this waiver expires on {expires}, and {most} from {as_of} is {last}"),
        )
        .at(waiver.expires.span, "later than a waiver may last")
        .help("let it expire earlier, and renew it if it is still needed by then")
    })
}

/// A release with more gates in its way has more to mend than anybody should accept.
const MOST_ACCEPTED: usize = 3;

/// What would have to be accepted for the release to pass; empty where that cannot be: a gate that could not be judged is never
/// waived, nor is a silent change, and a waiver without a limit that was tried accepts anything.
pub(super) fn possible(verdict: &Verdict, entries: &[Entry], policy: &Policy) -> Vec<Waivable> {
    if !matches!(verdict.decision, Decision::Fail | Decision::Inconclusive) {
        return Vec::new();
    }
    let (risks, open): (Vec<&GateResult>, Vec<&GateResult>) =
        verdict.in_the_way(policy).partition(|gate| matches!(gate.judged.subject, Subject::Risk(_)));
    // A risk follows the gates that test it: none of its own is accepted.
    if !risks.is_empty() && open.is_empty() {
        return Vec::new();
    }
    if open.len() > MOST_ACCEPTED {
        return Vec::new();
    }
    let again = Again { gates: &[], entries, policy };
    let waivable = |result: &GateResult| {
        if result.judged.barred.is_some() || result.outcome == Outcome::Error {
            return None;
        }
        let slice = only_slice(&result.judged);
        let limit = match &result.judged.subject {
            Subject::BuiltIn(BuiltIn::SilentChange) | Subject::Risk(_) => return None,
            Subject::BuiltIn(_) => None,
            // Resampling four times more for a line that is seldom wanted is not worth its time.
            Subject::Declared(_) if result.judged.parts.iter().any(is_resampled) => return None,
            Subject::Declared(gate) => {
                Some(sufficient::limit(&again, gate, &result.judged, slice.as_ref(), None)?)
            }
        };
        Some(Waivable { gate: result.judged.id().to_owned(), limit, slice: slice.unwrap_or_default() })
    };
    open.into_iter().map(waivable).collect::<Option<_>>().unwrap_or_default()
}

/// The one slice that did not pass; none where the whole or another one did not either, or a waiver could not name it.
fn only_slice(judged: &Judged) -> Option<BTreeMap<String, String>> {
    let mut open = judged.parts.iter().filter(|part| part.outcome != Outcome::Pass);
    let (Some(part), None) = (open.next(), open.next()) else { return None };
    let key = part.key.iter().map(|(field, label)| (field.clone(), label.to_string())).collect();
    (!part.key.is_empty() && covers(&key, &part.key)).then_some(key)
}

fn is_resampled(part: &Part) -> bool {
    matches!(part.assessment.estimate.method, Method::PairedBootstrap | Method::ItemBootstrap)
}
