//! Which units get which release: `relgate/split/v1`.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The name of the format.
pub const SCHEMA: &str = "relgate/split/v1";

/// A split of units between two releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficSplit {
    /// [`SCHEMA`].
    pub schema: String,
    /// The release's name.
    pub name: String,
    /// Name and version, so that other units go first next time.
    pub salt: String,
    /// The version that serves the rest; none where there is none.
    pub stable: Option<String>,
    /// The candidate's version.
    pub candidate: String,
    /// The candidate's share, of 10,000.
    pub candidate_per_10000: u16,
    /// Cohorts that get the candidate whatever their share.
    pub cohorts: Vec<String>,
    /// Whether the candidate answers too and nobody gets its answers.
    pub shadow: bool,
}

impl TrafficSplit {
    /// Of a release beside another.
    #[must_use]
    pub fn new(name: &str, candidate: &str, stable: Option<&str>, candidate_per_10000: u16) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            name: name.to_owned(),
            salt: format!("{name}:{candidate}"),
            stable: stable.map(str::to_owned),
            candidate: candidate.to_owned(),
            candidate_per_10000,
            cohorts: Vec::new(),
            shadow: false,
        }
    }

    /// Whether a unit gets the candidate: the first 8 hexadecimal digits of the SHA-256 of `salt:unit`, as a share of all, lie
    /// below the candidate's. A unit that has it keeps it while the share grows.
    #[must_use]
    pub fn is_candidate(&self, unit: &str) -> bool {
        let digest = Sha256::digest(format!("{}:{unit}", self.salt).as_bytes());
        let head = digest.iter().take(4).fold(0_u64, |head, byte| (head << 8) | u64::from(*byte));
        (head * 10_000) >> 32 < u64::from(self.candidate_per_10000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_met_and_growing_moves_none_back() {
        let split = |share| TrafficSplit::new("assistant", "2.4.0", Some("2.3.0"), share);
        let (tenth, quarter) = (split(1000), split(2500));
        let units: Vec<String> = (0..20_000).map(|i| format!("user-{i}")).collect();
        let of = |split: &TrafficSplit| units.iter().filter(|unit| split.is_candidate(unit)).count();
        // 20,000 units at 10 % and 25 %: standard deviations of 42 and 61.
        assert!(of(&tenth).abs_diff(2000) < 170 && of(&quarter).abs_diff(5000) < 245);
        assert!(units.iter().all(|unit| !tenth.is_candidate(unit) || quarter.is_candidate(unit)));
        assert_eq!((of(&split(0)), of(&split(10_000))), (0, 20_000));
    }
}
