//! The sum of one field over the sum of another: cost per token.

use super::Answer;
use super::mean::change_without_ends;
use crate::metric::student::Ratio;
use crate::metric::values::{Compared, Values};
use crate::metric::weighing;

pub(super) fn level(values: &Values<'_>, (field, per): (&str, &str)) -> Answer {
    let pairs = || values.scaled(field).zip(values.written(per)).map(|(y, x)| y.zip(x));
    match values.range() {
        // What may be negative has no end on either side.
        (Some(low), _) if low < 0.0 => Answer::of(Some(Ratio::of_sums(values, pairs()))),
        _ => Answer::of(weighing::ratio_of_sums(values, pairs())),
    }
}

pub(super) fn change(runs: &Compared<'_>) -> Answer {
    change_without_ends(runs)
}
