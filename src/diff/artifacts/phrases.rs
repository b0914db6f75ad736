//! Phrases that a release promises to keep and does not hold any more.

use crate::change::Wording;
use crate::diff::catalogue::ChangeRule;
use crate::diff::record::Record;
use crate::diff::side::ReleaseSide;
use crate::manifest::Artifact;

/// One record for each phrase of either release that the release after does not hold; none where neither promises more
/// than before and the release before did not hold it either.
pub(super) fn lost(before: &ReleaseSide<'_>, after: &ReleaseSide<'_>) -> Vec<Record> {
    let mut records = Vec::new();
    for new in &after.manifest.artifacts {
        let old = before.manifest.artifacts.iter().find(|old| old.key() == new.key());
        let phrases = phrases(old, new);
        if phrases.is_empty() {
            continue;
        }
        let said = |release: &ReleaseSide<'_>, artifact: &Artifact| {
            Wording::of(artifact, release.pinned.get(&artifact.key()), release.contents)
        };
        let now = said(after, new);
        let was = old.map(|old| said(before, old));
        for phrase in phrases.into_iter().filter(|phrase| !now.holds(phrase)) {
            let held = was.as_ref().is_some_and(|was| was.holds(phrase));
            let known = old.is_some_and(|old| old.keep.iter().any(|own| own.value == phrase));
            if !held && known {
                continue;
            }
            let why = if now.mentions(phrase) {
                "only in a comment or a switched-off block"
            } else if held {
                "not any more"
            } else {
                "nowhere"
            };
            let about = format!("{} {}: ", new.kind.singular().replace('_', " "), new.name.value);
            let text = format!("it must hold \"{phrase}\", which stands there {why} (looser)");
            let path = format!("artifacts.{}.keep", new.key());
            records.push(
                Record::on(ChangeRule::KeptPhraseLost, path, &about, &text)
                    .of(new.key())
                    .from_to(Some(phrase.to_owned()), None),
            );
        }
    }
    records
}

/// The phrases of both sides, each once.
fn phrases<'a>(old: Option<&'a Artifact>, new: &'a Artifact) -> Vec<&'a str> {
    let both = new.keep.iter().chain(old.into_iter().flat_map(|old| &old.keep));
    let mut all: Vec<&str> = both.map(|phrase| phrase.value.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
