//! What two manifests declare: gates, policy, waivers, metrics, evidence.
//!
//! Deliberately absent: artifacts, whose bytes matter more than their lines.

use super::Record;
use crate::manifest::Manifest;

/// The changes of everything but the artifacts.
pub(super) fn records(before: &Manifest, after: &Manifest) -> Vec<Record> {
    let _ = (before, after);
    Vec::new()
}
