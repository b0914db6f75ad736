//! One version of a release, judged.

use chrono::NaiveDate;

use crate::verdict::Decision;

/// A version and what it came to.
#[derive(Debug, Clone)]
pub struct JudgedRelease {
    /// Its version.
    pub version: semver::Version,
    /// The day it was judged on.
    pub as_of: NaiveDate,
    /// What it came to.
    pub decision: Decision,
}
