//! Judges waived gates again with the waiver's limit in place of the threshold, and with the limit that would do.

mod sufficient;

use chrono::{NaiveDate, TimeDelta};

use super::again::Again;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::manifest::{Age, WaiverSpec};
use crate::verdict::Acceptance;

/// Every waiver with what its limit comes to on the day of the judgement.
pub(super) fn acceptances(
    again: &Again<'_>,
    waivers: &[WaiverSpec],
    as_of: NaiveDate,
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
                accepted.push(Acceptance {
                    would_do: sufficient::limit(again, waiver, limit),
                    waiver: waiver.clone(),
                    expired: waiver.expires.value < as_of,
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
