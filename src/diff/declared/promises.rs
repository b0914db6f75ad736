//! What the manifests say of artifacts besides where they are: phrases that every version keeps, and what datasets are for.

use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::{Artifact, Manifest};

/// Entries of `keep` that are new or gone, and roles that differ.
pub(super) fn records(before: &Manifest, after: &Manifest) -> Vec<Record> {
    let mut records = Vec::new();
    for old in &before.artifacts {
        let new = after.artifacts.iter().find(|new| new.key() == old.key());
        records.extend(given_up(old, new, before, after));
        records.extend(new.and_then(|new| role(old, new)));
    }
    for new in &after.artifacts {
        let old = before.artifacts.iter().find(|old| old.key() == new.key());
        records.extend(promised(old, new));
    }
    records
}

/// Phrases that nothing has to hold any more. Where the artifact is gone, a new one of its kind may have taken them over.
fn given_up<'a>(
    old: &'a Artifact,
    new: Option<&'a Artifact>,
    before: &'a Manifest,
    after: &'a Manifest,
) -> impl Iterator<Item = Record> + 'a {
    let is_new = |one: &&Artifact| {
        one.kind == old.kind && before.artifacts.iter().all(|known| known.key() != one.key())
    };
    let heirs: Vec<&Artifact> = match new {
        Some(new) => vec![new],
        None => after.artifacts.iter().filter(is_new).collect(),
    };
    let gone = old.keep.iter().filter(move |phrase| !heirs.iter().any(|heir| keeps(heir, &phrase.value)));
    gone.map(move |phrase| {
        entry(old, &format!("the phrase \"{}\" need not be kept any more (looser)", phrase.value))
            .weighs(Weight::Blocking)
            .goes(Direction::Looser)
            .from_to(Some(phrase.value.clone()), None)
    })
}

/// Phrases that have to be held from now on.
fn promised<'a>(old: Option<&'a Artifact>, new: &'a Artifact) -> impl Iterator<Item = Record> + 'a {
    let fresh = new.keep.iter().filter(move |phrase| !old.is_some_and(|old| keeps(old, &phrase.value)));
    fresh.map(move |phrase| {
        entry(new, &format!("the phrase \"{}\" must be kept from now on (tighter)", phrase.value))
            .weighs(Weight::Info)
            .goes(Direction::Tighter)
            .from_to(None, Some(phrase.value.clone()))
    })
}

fn entry(artifact: &Artifact, text: &str) -> Record {
    let about = format!("{} {}: ", artifact.kind.singular().replace('_', " "), artifact.name.value);
    let path = format!("artifacts.{}.keep", artifact.key());
    Record::on(ChangeRule::KeepEntry, path, &about, text).of(artifact.key())
}

/// Whether an artifact promises a phrase, white space folded.
fn keeps(artifact: &Artifact, phrase: &str) -> bool {
    let same = |own: &str| own.split_whitespace().eq(phrase.split_whitespace());
    artifact.keep.iter().any(|own| same(&own.value))
}

/// Another role: without one nobody searches for shared rows, and evaluation data does not ship.
fn role(old: &Artifact, new: &Artifact) -> Option<Record> {
    let word = |artifact: &Artifact| artifact.role.map(|role| role.value.word().to_owned());
    let (was, is) = (word(old), word(new));
    if was == is {
        return None;
    }
    let said = |role: &Option<String>| role.clone().unwrap_or_else(|| "no role".to_owned());
    let text = format!("dataset {}: it is declared as {}; before: {}", new.name.value, said(&is), said(&was));
    let (severity, direction, tail) = match (&was, &is) {
        (Some(_), None) => (Weight::Blocking, Direction::Looser, ", and is not searched for shared rows"),
        (Some(_), Some(_)) => (Weight::Blocking, Direction::Unknown, ""),
        _ => (Weight::Review, Direction::Unknown, ""),
    };
    let path = format!("artifacts.{}.role", new.key());
    let record = Record::new(ChangeRule::ArtifactRole, path, format!("{text}{tail}")).of(new.key());
    Some(record.weighs(severity).goes(direction).from_to(was, is))
}
