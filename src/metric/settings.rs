//! What an assessment depends on besides the numbers.

use crate::manifest::{MissingSamples, PointEstimates};

/// The settings that an assessment depends on.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// One-sided level of a pass, looks included.
    pub alpha: f64,
    /// One-sided level of a fail, looks included.
    pub alpha_fail: f64,
    /// What becomes of missing samples.
    pub missing_samples: MissingSamples,
    /// What becomes of a number without uncertainty.
    pub point_estimates: PointEstimates,
    /// Where resampling starts: of the gate's id and the digest of its evidence, so that nobody draws until it fits.
    pub seed: u64,
}

impl Settings {
    /// The stricter of both levels.
    #[must_use]
    pub(super) fn strictest(&self) -> f64 {
        self.alpha.min(self.alpha_fail)
    }

    /// Whether missing samples stand in where they speak most against a claim, as they do unless the policy leaves so few out.
    #[must_use]
    pub(super) fn fills(&self, missing: u64, selected: u64) -> bool {
        let share = missing as f64 / selected.max(1) as f64;
        let left_out = matches!(self.missing_samples, MissingSamples::ExcludeUpTo(most) if share <= most);
        missing > 0 && !left_out
    }
}
