//! Prompts that are gone, or whose words are no longer at hand: what they demanded has to be somewhere else now.
//!
//! Deliberately absent: where; other prompts are not searched for it.

use super::LISTED;
use crate::change::{ArtifactChange, Changes};
use crate::diff::text::demands::demands;
use crate::diff::text::sentences::Sentences;
use crate::diff::text::{decode, plural};
use crate::diff::{Detail, Direction, Record, ReleaseSide, Rule, Severity, files};
use crate::manifest::{ArtifactKind, Digest};

/// One record for each such prompt that demanded something.
pub(in crate::diff) fn unseen(
    before: &ReleaseSide<'_>,
    after: &ReleaseSide<'_>,
    changes: &Changes,
) -> Vec<Record> {
    let prompts = changes.artifacts.iter().filter(|change| change.kind == ArtifactKind::Prompts);
    let record = |change: &ArtifactChange| {
        let old = before.pinned.get(&change.key())?;
        let what = match after.pinned.get(&change.key()) {
            None if old.digest().is_some_and(|digest| moved_on(after, digest)) => return None,
            None => "is gone, and with it",
            Some(new) if new.files().is_empty() => "no longer has its words at hand, nor",
            Some(_) => return None,
        };
        let mut sentences = Sentences::of_demands();
        for file in old.files() {
            // Whoever cannot read it has said so by the record of the artifact.
            let bytes = files::whole((before, old), file).ok().flatten().unwrap_or_default();
            sentences.text(&decode(bytes)?.body);
        }
        let lost = demands(&sentences);
        let record = || {
            let count = plural(lost.len(), "sentence");
            let verb = if lost.len() == 1 { "forbids or demands" } else { "forbid or demand" };
            let shown: Vec<&str> = lost.iter().take(LISTED).map(String::as_str).collect();
            let name = format!("prompt {} {what} ", change.name);
            Record::new(
                Rule::PromptImperativeRemoved,
                format!("artifacts.{}", change.key()),
                format!("{name}{count} that {verb} something"),
            )
            .of(change.key())
            .weighs(Severity::Blocking)
            .goes(Direction::Unknown)
            .from_to(Some(shown.join("\n")), None)
            .showing(Detail::lines(lost.iter().map(|lost| format!("was: {lost}")), LISTED))
        };
        (!lost.is_empty()).then(record)
    };
    prompts.filter(|change| change.changed()).filter_map(record).collect()
}

/// Whether a prompt of the release after has these bytes.
fn moved_on(after: &ReleaseSide<'_>, digest: &Digest) -> bool {
    after.pinned.with_digest(digest).any(|artifact| artifact.kind == ArtifactKind::Prompts)
}
