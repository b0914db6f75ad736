//! The whole history: which reports make one, and what stands in it.

use super::gate::{self, GateHistory};
use super::judged::JudgedRelease;
use super::noticed;
use crate::report::v1::Report;

/// The judgements of one release's versions, in the order of the versions.
#[derive(Debug, Clone)]
pub struct History {
    /// The name that all of them release.
    pub name: String,
    /// One a version.
    pub releases: Vec<JudgedRelease>,
    /// The gates of the newest in its order, then those that only older ones had.
    pub gates: Vec<GateHistory>,
    /// What somebody who reads it should know, a sentence each.
    pub notices: Vec<String>,
}

/// Why reports make no history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoHistory {
    /// Two of them are about releases of other names.
    Mixed(String, String),
    /// One, by its place among those given, is about a release that could not be read.
    Unread(usize),
}

impl History {
    /// The history that reports tell together. Of several about one version the one that was made last counts.
    ///
    /// # Errors
    /// They are not about one release.
    pub fn of(reports: &[Report]) -> Result<Self, NoHistory> {
        let mut known = Vec::new();
        for (place, report) in reports.iter().enumerate() {
            known.push((report.release.as_ref().ok_or(NoHistory::Unread(place))?, report));
        }
        let name = known.first().map_or_else(String::new, |(release, _)| release.name.clone());
        if let Some((other, _)) = known.iter().find(|(release, _)| release.name != name) {
            return Err(NoHistory::Mixed(name, other.name.clone()));
        }
        known.sort_by(|(a, x), (b, y)| a.version.cmp(&b.version).then(x.generated_at.cmp(&y.generated_at)));
        let mut last: Vec<(&semver::Version, &Report)> = Vec::new();
        let mut notices = Vec::new();
        for (release, report) in known {
            match last.last_mut().filter(|(version, _)| *version == &release.version) {
                Some(same) => {
                    notices
                        .push(format!("{} was judged more than once; the last time counts", release.version));
                    same.1 = report;
                }
                None => last.push((&release.version, report)),
            }
        }
        notices.dedup();
        let reports: Vec<&Report> = last.iter().map(|(_, report)| *report).collect();
        let gates = gate::histories(&reports);
        let releases = last.iter().map(|(version, report)| JudgedRelease {
            version: (*version).clone(),
            as_of: report.as_of,
            decision: report.decision.0,
        });
        let releases: Vec<JudgedRelease> = releases.collect();
        notices.extend(noticed::of(&releases, &gates));
        Ok(Self { name, releases, gates, notices })
    }
}
