//! Records whose weight follows from the way that a change goes.

use crate::diff::{ChangeRule, Direction, Record, Weight};

/// What was and what is, in the author's spelling.
pub(super) type FromTo = (Option<String>, Option<String>);

/// Which way a change goes, by whether each side lets through no more than the other; none where both let through
/// the same.
pub(super) fn direction(after_is_no_looser: bool, before_is_no_looser: bool) -> Option<Direction> {
    match (after_is_no_looser, before_is_no_looser) {
        (true, true) => None,
        (true, false) => Some(Direction::Tighter),
        (false, true) => Some(Direction::Looser),
        (false, false) => Some(Direction::Unknown),
    }
}

/// A record whose weight follows from its direction: `stakes` where it gets looser or nobody can tell, else good to know.
/// The direction closes its sentence where there is one.
pub(super) fn record(
    rule: ChangeRule,
    path: String,
    went: (Direction, Weight),
    text: &str,
    values: FromTo,
) -> Record {
    let (direction, stakes) = went;
    let (severity, suffix) = match direction {
        Direction::Looser => (stakes, " (looser)"),
        Direction::Unknown => (stakes, ""),
        Direction::Neutral => (Weight::Info, ""),
        Direction::Tighter => (Weight::Info, " (tighter)"),
    };
    Record::new(rule, path, format!("{text}{suffix}"))
        .goes(direction)
        .weighs(severity)
        .from_to(values.0, values.1)
}
