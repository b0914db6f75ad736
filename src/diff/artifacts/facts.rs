//! What the manifests and digests say of an artifact without a look inside: versions, uris, files, pins.

use crate::artifact::{PinnedArtifact, PinnedContent};
use crate::change::{self, ArtifactChange, Bytes, ChangeKind, Seen};
use crate::diagnostic::{Diagnostic, Place};
use crate::diff::catalogue::{ChangeRule, Direction, Weight};
use crate::diff::pair::{Pair, what};
use crate::diff::record::{Detail, LISTED, Record};
use crate::diff::text::plural;
use crate::manifest::{Artifact, ArtifactKind, Manifest};
use crate::secret::mask;

/// The same bytes under another name.
pub(super) fn renamed(old: &ArtifactChange, new: &ArtifactChange) -> Record {
    let version = |seen: &Option<Seen>| seen.as_ref().map(|seen| seen.version.clone()).unwrap_or_default();
    let (before, after) = (version(&old.before), version(&new.after));
    let versions = if before == after { before } else { format!("{before} -> {after}") };
    let text = format!("{} is now called {}, with the same bytes ({versions})", what(old), new.name);
    Record::new(ChangeRule::ArtifactRenamed, format!("artifacts.{}", new.key()), text)
        .of(new.key())
        .from_to(Some(old.key()), Some(new.key()))
}

/// An artifact that only one release has.
pub(super) fn one_sided(change: &ArtifactChange) -> Option<Record> {
    let what = what(change);
    let guards = guards(change.kind);
    let path = format!("artifacts.{}", change.key());
    match (change.change?, &change.before, &change.after) {
        (ChangeKind::Removed, Some(seen), _) => {
            let means = match change.kind {
                ArtifactKind::SafetyPolicies => ", and every rule in it",
                ArtifactKind::EvalSuites => ", and every case in it",
                _ => "",
            };
            let record = Record::new(
                ChangeRule::ArtifactRemoved,
                path,
                format!("{what} ({}) is gone{means}", seen.version),
            )
            .of(change.key())
            .from_to(Some(seen.version.clone()), None);
            Some(if guards { record.weighs(Weight::Blocking).goes(Direction::Looser) } else { record })
        }
        (ChangeKind::Added, _, Some(seen)) => {
            let record =
                Record::new(ChangeRule::ArtifactAdded, path, format!("{what} ({}) is new", seen.version))
                    .of(change.key())
                    .from_to(None, Some(seen.version.clone()));
            Some(match change.kind {
                // It may stop something, or let everything through that another one stops.
                ArtifactKind::SafetyPolicies => record.goes(Direction::Unknown),
                ArtifactKind::EvalSuites => record.weighs(Weight::Info),
                _ => record,
            })
        }
        // Both have it and one was not pinned, or nothing was compared: nobody can tell.
        (ChangeKind::Modified, Some(before), Some(after)) => Some(
            Record::new(
                ChangeRule::ArtifactUnknown,
                path,
                format!("{what} cannot be compared: its bytes were not read"),
            )
            .of(change.key())
            .from_to(Some(before.version.clone()), Some(after.version.clone())),
        ),
        _ => None,
    }
}

/// An artifact that both releases have and that was not shown to be the same.
pub(super) fn modified(pair: &Pair<'_>) -> Vec<Record> {
    let mut records = Vec::from_iter(label(pair));
    records.extend(uri(pair));
    records.extend(folder(pair));
    records
}

/// What became of version and bytes.
fn label(pair: &Pair<'_>) -> Option<Record> {
    let change = pair.change;
    let what = what(change);
    let (old, new) = (&pair.before.1.version, &pair.after.1.version);
    let record = |rule, text: String| Record::new(rule, pair.path(), text).of(change.key());
    let versions = |record: Record| record.from_to(Some(old.clone()), Some(new.clone()));
    let hidden = hidden(pair);
    Some(match (change.aspects.version, change.aspects.bytes) {
        (true, Bytes::Same) => versions(record(
            ChangeRule::ArtifactRelabelled,
            format!("{what}: {old} -> {new}, a new version of the same bytes"),
        )),
        (true, _) => {
            let mut version =
                versions(record(ChangeRule::ArtifactVersion, format!("{what}: {old} -> {new}{hidden}")));
            version.subject = version.text.len() - hidden.len();
            // Nothing else will say what changed.
            let unseen = !hidden.is_empty() || change.kind == ArtifactKind::Models;
            match (unseen, out_of_sight(pair)) {
                (true, true) => version.weighs(Weight::Blocking).goes(Direction::Unknown),
                (true, false) => version.weighs(Weight::Review).goes(Direction::Unknown),
                (false, _) => version,
            }
        }
        (false, Bytes::Differ) => {
            let thing = if change.aspects.values { "values" } else { "bytes" };
            record(
                ChangeRule::ArtifactSilent,
                format!("{what}: its {thing} changed, and it still calls itself {new}{hidden}"),
            )
            .from_to(digest(pair.before.1), digest(pair.after.1))
        }
        (false, Bytes::Unknown) if !change.aspects.uri => versions(record(
            ChangeRule::ArtifactUnknown,
            format!("{what} {new}: nobody can tell whether it is the same, only one release knows its bytes"),
        )),
        (false, _) => return None,
    })
}

/// What a sentence adds where nobody can look inside; empty where somebody can, or where there is nothing to look into.
fn hidden(pair: &Pair<'_>) -> String {
    match pair.hidden() {
        Some((version, why)) if pair.change.kind != ArtifactKind::Models => {
            format!("; the bytes of {version} are not at hand ({why}), so what changed inside is not shown")
        }
        _ => String::new(),
    }
}

/// Whether what guards a release could be looked into before and cannot any more: it may have lost every rule or case.
fn out_of_sight(pair: &Pair<'_>) -> bool {
    guards(pair.change.kind)
        && matches!(pair.after.1.content, PinnedContent::Elsewhere)
        && !matches!(pair.before.1.content, PinnedContent::Elsewhere)
}

fn guards(kind: ArtifactKind) -> bool {
    matches!(kind, ArtifactKind::SafetyPolicies | ArtifactKind::EvalSuites)
}

fn digest(artifact: &PinnedArtifact) -> Option<String> {
    artifact.digest().map(|digest| format!("sha256:{}", digest.hex()))
}

fn uri(pair: &Pair<'_>) -> Option<Record> {
    if !pair.change.aspects.uri {
        return None;
    }
    let shown = |artifact: &PinnedArtifact| artifact.uri.as_deref().map(|uri| mask(None, uri).into_owned());
    let (old, new) = (shown(pair.before.1), shown(pair.after.1));
    let worded = |uri: &Option<String>| uri.clone().unwrap_or_else(|| "no uri".to_owned());
    let same = pair.change.aspects.bytes == Bytes::Same;
    let tail = match pair.change.aspects {
        _ if same => ", with the same bytes",
        aspects if !aspects.version => ", under the same version",
        _ => "",
    };
    let text =
        format!("{} comes from another place: {} -> {}{tail}", what(pair.change), worded(&old), worded(&new));
    let record = Record::new(ChangeRule::ArtifactUri, format!("{}.uri", pair.path()), text)
        .of(pair.change.key())
        .from_to(old, new);
    // Where nothing but the place tells one from another, it changed in silence.
    let silent = !pair.change.aspects.version && pair.change.aspects.bytes == Bytes::Unknown;
    Some(match (same, silent) {
        (true, _) => record.weighs(Weight::Info).goes(Direction::Neutral),
        (_, true) => record.weighs(Weight::Blocking),
        _ => record,
    })
}

/// Which files of a folder are new, gone, changed or renamed.
fn folder(pair: &Pair<'_>) -> Option<Record> {
    let (old, new) = (&pair.before.1, &pair.after.1);
    if !old.hashed() || !new.hashed() {
        return None;
    }
    if ![old, new].iter().any(|artifact| matches!(artifact.content, PinnedContent::Folder { .. })) {
        return None;
    }
    let changed = pair.files();
    if changed.is_empty() {
        return None;
    }
    let mut counts = [0_usize; 4];
    let mut lines = Vec::new();
    for file in &changed {
        let (at, line) = match (&file.renamed_from, file.before, file.after) {
            (Some(from), ..) => (3, format!("renamed: {from} -> {}", file.name)),
            (None, None, _) => (0, format!("added: {}", file.name)),
            (None, Some(_), None) => (1, format!("removed: {}", file.name)),
            (None, Some(_), Some(_)) => (2, format!("changed: {}", file.name)),
        };
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
        lines.push(line);
    }
    let mut said: Vec<String> = Vec::new();
    for (count, word) in counts.into_iter().zip(["added", "removed", "changed", "renamed"]) {
        match (count, said.is_empty()) {
            (0, _) => {}
            (_, true) => said.push(format!("{} {word}", plural(count, "file"))),
            (_, false) => said.push(format!("{count} {word}")),
        }
    }
    let sizes = |artifact: &PinnedArtifact| plural(artifact.files().len(), "file");
    let record = pair
        .record(ChangeRule::ArtifactFiles, &said.join(", "))
        .from_to(Some(sizes(old)), Some(sizes(new)))
        .showing(Detail::lines(lines, LISTED));
    Some(record)
}

/// Models that may change behind the same name and that the release before had pinned, or did not have.
pub(super) fn unpinned(before: &Manifest, after: &Manifest) -> Vec<Record> {
    let known: Vec<String> = loose(before).into_iter().map(|(model, _)| model.name.value.clone()).collect();
    loose(after)
        .into_iter()
        .filter(|(model, _)| !known.contains(&model.name.value))
        .map(|(model, finding)| {
            let name = &model.name.value;
            let text = format!(
                "model {name} is not pinned any more and may change without a release: {}",
                finding.label
            );
            let had = before.artifacts.iter().find(|artifact| artifact.key() == model.key());
            let text = if had.is_none() { text.replacen(" any more", "", 1) } else { text };
            let shown = |model: &Artifact| {
                let uri = model.uri.as_ref().map(|uri| format!(" ({})", mask(None, &uri.value)));
                format!("{}{}", model.version.value, uri.unwrap_or_default())
            };
            let record = Record::new(ChangeRule::ModelUnpinned, format!("artifacts.{}", model.key()), text)
                .of(model.key())
                .from_to(had.map(shown), Some(shown(model)));
            // A new name may be that of a model which is gone; any other was not there to be pinned.
            let is_gone = |old: &&Artifact| after.artifacts.iter().all(|new| new.key() != old.key());
            let took_over = || models(before).any(|old| is_gone(&old) && !known.contains(&old.name.value));
            match had {
                Some(_) => record.weighs(Weight::Blocking).goes(Direction::Looser),
                None if took_over() => record.weighs(Weight::Blocking),
                None => record,
            }
        })
        .collect()
}

fn models(manifest: &Manifest) -> impl Iterator<Item = &Artifact> {
    manifest.artifacts.iter().filter(|artifact| artifact.kind == ArtifactKind::Models)
}

/// Digests that the manifest before declares and the one after does not, or the other way round. Other digests for other
/// bytes are what a new version has.
pub(super) fn pins(before: &Manifest, after: &Manifest) -> Vec<Record> {
    let of = |manifest: &Manifest, key: &str| -> Option<Artifact> {
        manifest.artifacts.iter().find(|one| one.key() == key).cloned()
    };
    let pin = |one: &Artifact| one.sha256.as_ref().map(|digest| format!("sha256:{}", digest.value.hex()));
    after
        .artifacts
        .iter()
        .filter_map(|new| {
            let old = of(before, &new.key())?;
            let what = format!("{} {}", new.kind.singular().replace('_', " "), new.name.value);
            let (was, is) = (pin(&old), pin(new));
            let (text, severity, way) = match (&was, &is) {
                // Only what lies in the repository has other digests to be known by.
                (Some(_), None) if new.path.is_none() => (
                    "any bytes may stand for it now; before, its digest was pinned",
                    Weight::Blocking,
                    Direction::Looser,
                ),
                (Some(_), None) => ("its digest is not pinned any more", Weight::Review, Direction::Looser),
                (None, Some(_)) => ("its digest is pinned now", Weight::Info, Direction::Tighter),
                _ => return None,
            };
            let path = format!("artifacts.{}.sha256", new.key());
            let record = Record::on(ChangeRule::ArtifactPin, path, &format!("{what}: "), text).of(new.key());
            Some(record.weighs(severity).goes(way).from_to(was, is))
        })
        .collect()
}

/// The models without a pinned revision, each with the finding that says why.
fn loose(manifest: &Manifest) -> Vec<(&Artifact, Diagnostic)> {
    let about = |finding: &Diagnostic| {
        manifest.artifacts.iter().find(|model| {
            let places = [Some(model.version.span), model.uri.as_ref().map(|uri| uri.span)];
            model.kind == ArtifactKind::Models
                && places.into_iter().flatten().any(|span| finding.place == Place::Span(span))
        })
    };
    change::unpinned(manifest).into_iter().filter_map(|finding| Some((about(&finding)?, finding))).collect()
}
