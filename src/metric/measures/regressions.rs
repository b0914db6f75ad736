//! Cases that the baseline passed and the candidate does not; a missing result counts as the worst that it can be.

use super::Answer;
use crate::metric::fact::Fact;
use crate::metric::values::Compared;

pub(super) fn change(runs: &Compared<'_>) -> Answer {
    // Of toxicity and its like a false is the pass.
    let passed = |value: f64| (value > 0.5) != runs.low_is_good;
    let (mut certain, mut possible) = (0_u64, 0_u64);
    for (now, before) in runs.joined().pairs() {
        let may_have_passed = before.is_none_or(passed);
        let may_fail = now.is_none_or(|now| !passed(now));
        certain += u64::from(before.is_some_and(passed) && now.is_some_and(|now| !passed(now)));
        possible += u64::from(may_have_passed && may_fail);
    }
    let (lowest, highest) = (Some(certain as f64), Some(possible as f64));
    Answer::Fact(Fact { value: certain as f64, lowest, highest, events: Some(certain) })
}
