//! Values of records, and figures in table cells: a difference with its sign and its interval.

use super::document::{ComparedFigure, FigureDifference};
use crate::diff::Record;
use crate::report::cells::cell;
use crate::report::number::{Scale, count};

/// What was and what is, unless the details of the record show it.
pub(super) fn values(record: &Record) -> (Option<&str>, Option<&str>) {
    if record.details.is_empty() { (record.before.as_deref(), record.after.as_deref()) } else { (None, None) }
}

/// Before, after and difference of a figure, as table cells.
pub(super) fn cells(figure: &ComparedFigure) -> [String; 3] {
    let difference = match (&figure.difference, &figure.note) {
        (Some(difference), Some(note)) => format!("{} ({note})", signed(difference)),
        (Some(difference), None) => signed(difference),
        (None, Some(note)) => format!("- ({note})"),
        (None, None) => "-".to_owned(),
    };
    [
        cell(&figure.before, figure.threshold, figure.unit),
        cell(&figure.after, figure.threshold, figure.unit),
        difference,
    ]
}

/// The value with its sign and its limits: `+2.40pp [+2.02pp, +2.82pp]`.
fn signed(difference: &FigureDifference) -> String {
    let estimate = &difference.estimate;
    let scale = Scale::new(difference.unit, 0.0, (estimate.lower, estimate.upper));
    let show = |value: f64| {
        let sign = match value {
            value if value > 0.0 => "+",
            value if value < 0.0 => "-",
            _ => "",
        };
        format!("{sign}{}", scale.show(value.abs()))
    };
    let Some(value) = estimate.value else { return "no value".to_owned() };
    match (estimate.lower, estimate.upper) {
        (None, None) => show(value),
        (lower, upper) => {
            let side = |limit: Option<f64>, open: &str| limit.map_or_else(|| open.to_owned(), show);
            format!("{} [{}, {}]", show(value), side(lower, "-inf"), side(upper, "inf"))
        }
    }
}

/// `and 3 more`; nothing for none.
pub(super) fn more(left_out: usize, what: &str) -> Option<String> {
    (left_out > 0).then(|| format!("and {} more{what} (`--format json` has all)", count(left_out as u64)))
}
