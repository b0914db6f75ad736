//! Datasets whose rows could not all be read, and so not be searched for shared ones: which, and why.
//!
//! Silence would read as "no shared rows".

use std::collections::BTreeMap;

use super::set::Set;
use super::words::count;
use crate::artifact::{PinnedArtifact, PinnedContent};
use crate::diagnostic::Diagnostics;
use crate::diff::{ChangeRule, Record, ReleaseSide};

/// Endings of files that say how the rows beside them are used.
const SETTINGS: [&str; 4] = [".yaml", ".yml", ".toml", ".py"];

/// By the key of the dataset.
#[derive(Default)]
pub(super) struct Unread {
    looked: BTreeMap<String, Option<Found>>,
}

/// `dataset eval`, `eval suite safety`.
pub(super) fn shown(artifact: &PinnedArtifact) -> String {
    format!("{} {}", artifact.kind.singular().replace('_', " "), artifact.name)
}

/// A dataset of which not every row could be read.
struct Found {
    what: String,
    why: String,
    /// What it was to be compared with.
    others: Vec<String>,
}

impl Unread {
    /// Looks whether all rows of `one` can be read, since they are to be compared with those of `other`.
    pub(super) fn look(
        &mut self,
        release: &ReleaseSide<'_>,
        one: &PinnedArtifact,
        other: &PinnedArtifact,
    ) -> Result<(), Diagnostics> {
        let found = match self.looked.entry(one.key()) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => place
                .insert(why(release, one)?.map(|why| Found { what: shown(one), why, others: Vec::new() })),
        };
        if let Some(found) = found {
            found.others.push(shown(other));
        }
        Ok(())
    }

    pub(super) fn records(self) -> Vec<Record> {
        let found = self.looked.into_iter().filter_map(|(key, found)| Some((key, found?)));
        found.map(|(key, found)| found.record(key)).collect()
    }
}

impl Found {
    fn record(&self, key: String) -> Record {
        let first = self.others.first().map_or("", String::as_str);
        let more = match self.others.len() {
            0 | 1 => String::new(),
            several => format!(" and {} more", several - 1),
        };
        let text =
            format!("nobody looked for rows that {} shares with {first}{more}: {}", self.what, self.why);
        Record::new(ChangeRule::DatasetOverlapUnchecked, format!("artifacts.{key}"), text).of(key)
    }
}

/// Why not every row of an artifact can be read; none where it can.
fn why(release: &ReleaseSide<'_>, artifact: &PinnedArtifact) -> Result<Option<String>, Diagnostics> {
    let bytes = match &artifact.content {
        PinnedContent::Elsewhere if artifact.uri.is_some() => Some("its bytes are not in the repository"),
        PinnedContent::Elsewhere => Some("only its digest was kept"),
        PinnedContent::Values { .. } => Some("it stands in the manifest, and has no rows"),
        PinnedContent::Unusable => Some("its bytes could not be read"),
        PinnedContent::File(_) | PinnedContent::Folder { .. } => None,
    };
    if let Some(why) = bytes {
        return Ok(Some(why.to_owned()));
    }
    let Some(set) = Set::open(release, artifact)? else {
        return Ok(Some("only its digest was kept".to_owned()));
    };
    let beside = |path: &str| SETTINGS.iter().any(|ending| path.ends_with(ending));
    let all = !set.has_rows();
    let unread: Vec<_> =
        set.others.iter().filter(|other| all || !(other.is_about() || beside(other.path))).collect();
    let mut formats: Vec<&str> = unread.iter().map(|other| other.what.as_str()).collect();
    formats.sort_unstable();
    formats.dedup();
    formats.truncate(5);
    let formats = formats.join(", ");
    Ok(match (set.has_rows(), unread.is_empty()) {
        (true, true) => None,
        (true, false) => Some(format!(
            "{} of it cannot be read row by row ({formats})",
            count(unread.len() as u64, "file")
        )),
        (false, _) => Some(format!("it is in a format that relgate does not read row by row ({formats})")),
    })
}
