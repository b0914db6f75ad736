//! What two manifests declare: gates, policy, waivers, metrics, evidence, and the release itself.
//!
//! Both are compared as they are judged, with everything they inherit, so a change in a shared policy shows too.
//! What is stricter is asked of [`extends`](crate::manifest::extends), which refuses what this reports as looser.
//! Anything that lets a release pass more easily is blocking, except that a waiver and a gate that only warns ask
//! for a review; so is what a blocking gate reads and what now means something else, because nobody can tell that
//! it does not. Texts that decide nothing (`summary`, `changelog`, a gate's `rationale`) give no record, and
//! artifacts have modules of their own.

mod evidence;
mod gates;
mod kind;
mod lifecycle;
mod metrics;
mod pairs;
mod policy;
mod promises;
mod readers;
mod release;
mod risks;

mod rule;
mod signals;
mod spelled;
mod waivers;
mod weighed;

use super::{Record, ReleaseSide};
use pairs::Pairs;
use readers::Readers;

/// The changes of everything but the artifacts.
pub(super) fn records(old: &ReleaseSide<'_>, new: &ReleaseSide<'_>) -> Vec<Record> {
    let (before, after) = (old.manifest, new.manifest);
    let pairs = Pairs::of(&before.gates, &after.gates);
    let readers = Readers::of(&pairs);
    let mut records = gates::records(&pairs, before, after);
    records.extend(policy::records(&before.policy, &after.policy, after.release_type));
    records.extend(policy::extends(&before.policy, &after.policy, !records.is_empty()));
    records.extend(waivers::records(&pairs, &before.waivers, &after.waivers));
    records.extend(risks::records(&before.risks, &after.risks));
    records.extend(signals::records(before.monitoring.as_ref(), after.monitoring.as_ref()));
    records.extend(metrics::records(&readers, &before.metrics, &after.metrics));
    records.extend(evidence::records(&readers, old, new));
    records.extend(promises::records(before, after));
    records.extend(release::records(&pairs, &readers, before, after));
    records
}
