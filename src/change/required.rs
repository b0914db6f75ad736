//! What a release of each type must show unless its policy says otherwise.
//!
//! Deliberately absent: how a policy overrides it, and whether a gate shows it.

use crate::manifest::{Category, ReleaseType};

/// The categories that need a blocking gate by default.
#[must_use]
pub fn required(release_type: ReleaseType) -> &'static [Category] {
    use Category::{Cost, Latency, Quality, Robustness, Safety};
    match release_type {
        // Another model may be different in everything.
        ReleaseType::ModelUpgrade => &[Quality, Safety, Robustness, Latency, Cost],
        // Another prompt answers differently and is paid for by its length.
        ReleaseType::PromptRelease => &[Quality, Safety, Cost],
        // Other data teach other things, and may forget the rare ones.
        ReleaseType::DataRelease => &[Quality, Safety, Robustness],
        // A guard must guard; that it does not refuse good questions is the gate on quality below.
        ReleaseType::SafetyPatch | ReleaseType::Hotfix => &[Safety],
        ReleaseType::PerformancePatch => &[Latency, Cost],
    }
}

/// Whether a release of this type also needs a blocking gate that quality is no worse than the baseline's.
#[must_use]
pub fn needs_no_regression_on_quality(release_type: ReleaseType) -> bool {
    match release_type {
        ReleaseType::SafetyPatch | ReleaseType::PerformancePatch => true,
        ReleaseType::ModelUpgrade
        | ReleaseType::PromptRelease
        | ReleaseType::DataRelease
        | ReleaseType::Hotfix => false,
    }
}
