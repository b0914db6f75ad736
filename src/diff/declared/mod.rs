//! What two manifests declare: gates, policy, waivers, metrics, evidence, and the release itself.
//!
//! Both are compared as they are judged, with everything they inherit, so a change in a shared policy shows too. What
//! is stricter is asked of [`extends`](crate::manifest::extends), which refuses what this reports as looser. Anything
//! that lets a release pass more easily is blocking, except that a waiver and a gate that only warns ask for a review; so
//! is what a blocking gate reads and what now means something else, because nobody can tell that it does not.
//! Deliberately absent: artifacts, whose bytes matter more than their lines; texts that decide nothing (`summary`,
//! `changelog`, a gate's `rationale`).

mod evidence;
mod gates;
mod kind;
mod metrics;
mod pairs;
mod policy;
mod promises;
mod readers;
mod release;
mod reserved;
mod rule;
mod spelled;
mod waivers;

use super::{Direction, Record, Rule, Severity};
use crate::manifest::Manifest;
use pairs::Pairs;
use readers::Readers;

/// The changes of everything but the artifacts.
pub(super) fn records(before: &Manifest, after: &Manifest) -> Vec<Record> {
    let pairs = Pairs::of(&before.gates, &after.gates);
    let readers = Readers::of(&pairs);
    let mut records = gates::records(&pairs, before, after);
    records.extend(policy::records(&before.policy, &after.policy, after.release_type));
    records.extend(policy::extends(&before.policy, &after.policy, !records.is_empty()));
    records.extend(waivers::records(&pairs, &before.waivers, &after.waivers));
    records.extend(metrics::records(&readers, &before.metrics, &after.metrics));
    records.extend(evidence::records(&readers, before, after));
    records.extend(promises::records(before, after));
    records.extend(release::records(&pairs, &readers, before, after));
    records
}

/// What was and what is, in the author's spelling.
type FromTo = (Option<String>, Option<String>);

/// Which way a change goes, by whether each side lets through no more than the other; none where both let through
/// the same.
fn direction(after_is_no_looser: bool, before_is_no_looser: bool) -> Option<Direction> {
    match (after_is_no_looser, before_is_no_looser) {
        (true, true) => None,
        (true, false) => Some(Direction::Tighter),
        (false, true) => Some(Direction::Looser),
        (false, false) => Some(Direction::Unknown),
    }
}

/// A record whose weight follows from its direction: `stakes` where it gets looser or nobody can tell, else good to know.
/// The direction closes its sentence where there is one.
fn record(rule: Rule, path: String, went: (Direction, Severity), text: &str, values: FromTo) -> Record {
    let (direction, stakes) = went;
    let (severity, suffix) = match direction {
        Direction::Looser => (stakes, " (looser)"),
        Direction::Unknown => (stakes, ""),
        Direction::Neutral => (Severity::Info, ""),
        Direction::Tighter => (Severity::Info, " (tighter)"),
    };
    Record::new(rule, path, format!("{text}{suffix}"))
        .goes(direction)
        .weighs(severity)
        .from_to(values.0, values.1)
}
