//! Whether what another tool says that it evaluated is what the release declares: by names, and by the texts of prompts.

use std::collections::BTreeSet;

use crate::change::Wording;
use crate::evidence::Identity;
use crate::manifest::{Artifact, ArtifactKind};
use crate::release::Release;

/// One statement of evidence about an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It names another version or digest than the manifest; (artifact, claimed, declared).
    Differs(String, String, String),
    /// It names an artifact that the manifest does not have.
    Unknown(String),
    /// It does not name an artifact that shapes the answers.
    Silent(String),
    /// It names a model that no model of the manifest is known as.
    OtherModel(String),
    /// It holds the texts of prompts, and none of them holds a prompt of the manifest.
    OtherPrompt,
}

/// What the names and texts in evidence say of a release.
#[derive(Debug, Default)]
pub(super) struct Bound {
    /// The artifacts that it was made with, by their keys.
    pub(super) keys: BTreeSet<String>,
    /// What does not agree.
    pub(super) claims: Vec<Claim>,
}

/// Compares the names and texts of what was evaluated with the artifacts of a release.
pub(super) fn of(identity: &Identity, release: &Release) -> Bound {
    let mut bound = Bound::default();
    by_name(&identity.models, ArtifactKind::Models, release, &mut bound);
    let datasets = identity.datasets.iter().map(|name| vec![name.clone()]).collect();
    by_name(&datasets, ArtifactKind::Datasets, release, &mut bound);
    by_text(&identity.prompts, release, &mut bound);
    bound
}

fn declared(release: &Release, kind: ArtifactKind) -> impl Iterator<Item = &Artifact> {
    release.manifest.artifacts.iter().filter(move |artifact| artifact.kind == kind)
}

fn by_name(seen: &BTreeSet<Vec<String>>, kind: ArtifactKind, release: &Release, bound: &mut Bound) {
    if declared(release, kind).next().is_none() {
        return;
    }
    for one in seen {
        if let Some(artifact) = declared(release, kind).find(|artifact| is_called(artifact, one)) {
            bound.keys.insert(artifact.key());
        } else if let Some(artifact) =
            declared(release, kind).find(|artifact| is_called_in_another_version(artifact, one))
        {
            let version = artifact.version.value.clone();
            bound.claims.push(Claim::Differs(artifact.key(), one.join(", "), version));
        } else if kind == ArtifactKind::Models {
            // A dataset is rarely called by one name in two places.
            bound.claims.push(Claim::OtherModel(one.join(", ")));
        }
    }
}

/// What an artifact is called, besides its version.
fn names(artifact: &Artifact) -> impl Iterator<Item = &str> {
    let known = artifact.known_as.iter().map(|name| name.value.as_str());
    let uri = artifact.uri.iter().map(|uri| uri.value.as_str());
    std::iter::once(artifact.name.value.as_str()).chain(uri).chain(known)
}

/// Whether one of the names that something goes by is the artifact's. Its version is such a name where it is the whole of one.
/// Behind a provider it is only where nothing else says what the artifact is called, or where its `uri` ends with it: behind
/// the name of another thing it is that thing's tag.
fn is_called(artifact: &Artifact, seen: &[String]) -> bool {
    let version = artifact.version.value.trim();
    let nothing_else = artifact.uri.is_none() && artifact.known_as.is_empty();
    let is_model = nothing_else || artifact.uri.as_ref().is_some_and(|uri| is_name(&uri.value, version));
    seen.iter().any(|name| {
        names(artifact).any(|own| is_name(name, own))
            || name.trim().eq_ignore_ascii_case(version)
            || is_model && is_name(name, version)
    })
}

fn is_called_in_another_version(artifact: &Artifact, seen: &[String]) -> bool {
    let own = || names(artifact).chain([artifact.version.value.as_str()]);
    seen.iter().any(|name| own().any(|own| is_other_version(name, own)))
}

/// Whether of evidence that names models some is of the release's and some of others only.
pub(super) fn mixes_models(identities: &[Identity], release: &Release) -> bool {
    let (mut own, mut others) = (false, false);
    for identity in identities {
        let mut bound = Bound::default();
        by_name(&identity.models, ArtifactKind::Models, release, &mut bound);
        own |= !bound.keys.is_empty();
        others |= bound.keys.is_empty() && !bound.claims.is_empty();
    }
    own && others
}

/// Whether two names are one, whatever provider stands before them: `openai:gpt-4.3` is `gpt-4.3`.
fn is_name(one: &str, other: &str) -> bool {
    let behind = |long: &str, short: &str| {
        let before = long.len().checked_sub(short.len()).filter(|before| *before > 0);
        before.is_some_and(|at| {
            long.is_char_boundary(at)
                && long.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(short))
                && long.get(..at).is_some_and(|start| start.ends_with([':', '/']))
        })
    };
    let (one, other) = (one.trim(), other.trim());
    !other.is_empty() && (one.eq_ignore_ascii_case(other) || behind(one, other) || behind(other, one))
}

/// Whether two names are those of one thing in two versions: they differ in their numbers only.
fn is_other_version(one: &str, other: &str) -> bool {
    fn stem(name: &str) -> String {
        let last = name.trim().rsplit([':', '/']).next().unwrap_or_default().to_lowercase();
        let mut stem = String::new();
        for letter in last.chars() {
            match letter {
                '0'..='9' if stem.ends_with('0') => {}
                '0'..='9' => stem.push('0'),
                other => stem.push(other),
            }
        }
        stem
    }
    let (one, other) = (stem(one), stem(other));
    one == other && one.contains('0') && one.contains(char::is_alphabetic)
}

fn by_text(seen: &BTreeSet<String>, release: &Release, bound: &mut Bound) {
    if seen.is_empty() {
        return;
    }
    let mut held = declared(release, ArtifactKind::Prompts).next().is_none();
    for prompt in declared(release, ArtifactKind::Prompts) {
        let wording = Wording::of(prompt, release.pinned.get(&prompt.key()), Some(release.tree.as_ref()));
        if seen.iter().any(|sent| wording.stands_in(sent)) {
            bound.keys.insert(prompt.key());
            held = true;
        }
    }
    if !held {
        bound.claims.push(Claim::OtherPrompt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_before_a_name_changes_nothing() {
        for (one, other) in
            [("openai:gpt-4.3", "gpt-4.3"), ("GPT-4.3", "openai/gpt-4.3"), ("ollama:llama3:8b", "llama3:8b")]
        {
            assert!(is_name(one, other) && is_name(other, one), "{one} {other}");
        }
        for (one, other) in
            [("my-gpt-4.3", "gpt-4.3"), ("mistral:8b", "llama3:8b"), ("gpt-4.3", ""), ("a:", "")]
        {
            assert!(!is_name(one, other), "{one} {other}");
        }
    }

    #[test]
    fn another_version_differs_in_numbers_only() {
        for (one, other) in [
            ("gpt-4.2", "openai:gpt-4.3"),
            ("claude-3-5-sonnet-20240620", "claude-3-7-sonnet-20250219"),
            ("eval_v6", "eval_v17"),
        ] {
            assert!(is_other_version(one, other), "{one} {other}");
        }
        for (one, other) in [("gpt-4.3-mini", "gpt-4.3"), ("mock", "mock"), ("4", "5"), ("a1", "b1")] {
            assert!(!is_other_version(one, other), "{one} {other}");
        }
    }
}
