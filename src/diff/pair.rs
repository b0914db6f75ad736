//! One artifact in both releases, and the beginning of every sentence about it.

use super::catalogue::ChangeRule;
use super::files::{self, FilePair};
use super::record::Record;
use super::side::ReleaseSide;
use crate::artifact::{PinnedArtifact, PinnedContent};
use crate::change::ArtifactChange;

/// One artifact on both sides, with the bytes at hand on both.
pub(super) struct Pair<'a> {
    /// What is known of the change.
    pub(super) change: &'a ArtifactChange,
    /// The release before, and the artifact in it.
    pub(super) before: (&'a ReleaseSide<'a>, &'a PinnedArtifact),
    /// The release after, and the artifact in it.
    pub(super) after: (&'a ReleaseSide<'a>, &'a PinnedArtifact),
}

impl<'a> Pair<'a> {
    /// `artifacts.prompts.system`.
    pub(super) fn path(&self) -> String {
        format!("artifacts.{}", self.change.key())
    }

    /// How a sentence about it begins: `prompt system: v1.8 -> v1.9, `, or `prompt system v1.9: ` under the same version.
    pub(super) fn headline(&self) -> String {
        let (old, new) = (&self.before.1.version, &self.after.1.version);
        let what = what(self.change);
        if old == new { format!("{what} {new}: ") } else { format!("{what}: {old} -> {new}, ") }
    }

    /// A record about it whose sentence goes on after [`Pair::headline`].
    pub(super) fn record(&self, rule: ChangeRule, goes_on: &str) -> Record {
        Record::on(rule, self.path(), &self.headline(), goes_on).of(self.change.key())
    }

    /// Whether somebody can look inside on both sides.
    pub(super) fn readable(&self) -> bool {
        self.hidden().is_none()
    }

    /// The version whose bytes nobody can look at, and why not.
    pub(super) fn hidden(&self) -> Option<(&str, &'static str)> {
        [self.before, self.after].into_iter().find_map(|(release, artifact)| {
            let why = match &artifact.content {
                PinnedContent::Values { .. } => None,
                PinnedContent::File(_) | PinnedContent::Folder { .. } => match release.contents {
                    None => Some("only their digest was kept"),
                    Some(contents) => files::absent((self.before.1, self.after.1), artifact, contents),
                },
                // It had a path, so this is what a bundle tells of it.
                PinnedContent::Elsewhere if artifact.uri.is_none() => Some("only their digest was kept"),
                PinnedContent::Elsewhere => Some("they are not in the repository"),
                PinnedContent::Unusable => Some("they could not be read"),
            };
            why.map(|why| (artifact.version.as_str(), why))
        })
    }

    /// The files that differ, in the order of their names.
    pub(super) fn files(&self) -> Vec<FilePair<'a>> {
        files::changed(self.before.1, self.after.1)
    }

    /// Whether a side has its content in the manifest itself.
    pub(super) fn inline(&self) -> bool {
        [self.before, self.after]
            .iter()
            .any(|(_, artifact)| matches!(artifact.content, PinnedContent::Values { .. }))
    }
}

/// `safety policy default`: what a sentence calls an artifact.
pub(super) fn what(change: &ArtifactChange) -> String {
    format!("{} {}", change.kind.singular().replace('_', " "), change.name)
}
