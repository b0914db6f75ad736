//! The hotfix that a `restore` asks for: the release that failed, with some kinds of its artifacts from the release that serves again.
//!
//! Only texts are made here: the manifest, and the lock that holds every artifact to the bytes that it had in the release it is from.

use std::collections::{BTreeMap, BTreeSet};

use crate::artifact::lock::{self, Lock, LockedArtifact};
use crate::diagnostic::Span;
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::{ArtifactKind, Manifest, ManifestEdit, edited, text_node};

/// A release that a hotfix is made of.
#[derive(Clone, Copy)]
pub struct RestoreSide<'a> {
    /// What it declares.
    pub manifest: &'a Manifest,
    /// The same as a tree.
    pub root: &'a Node,
    /// Its lock; none where it had none.
    pub lock: Option<&'a Lock>,
}

/// What a hotfix is made of. Its manifest stands beside that of the release that failed, so that paths mean the same in both.
#[derive(Clone, Copy)]
pub struct Restore<'a> {
    /// The text of the manifest of the release that failed.
    pub text: &'a str,
    /// The release that failed.
    pub failed: RestoreSide<'a>,
    /// The release that serves again.
    pub good: RestoreSide<'a>,
    /// The kinds of artifacts that are restored.
    pub kinds: &'a [ArtifactKind],
    /// The version of the hotfix.
    pub version: &'a str,
    /// What it is for.
    pub summary: &'a str,
    /// Its own folder, from the manifest's.
    pub folder: &'a str,
    /// The path of the manifest from the root, which `git:REV` without a path means.
    pub path: &'a str,
    /// What it is compared with, where that is not what the release that failed declares.
    pub baseline: Option<&'a str>,
    /// Artifacts whose files stand elsewhere than declared, by `kind.name`.
    pub moved: &'a BTreeMap<String, String>,
}

impl Restore<'_> {
    /// Its manifest; none where that cannot be written.
    #[must_use]
    pub fn manifest_text(&self) -> Option<String> {
        let mut edits = vec![
            ManifestEdit::set(&["version"], self.word(self.version)),
            ManifestEdit::set(&["type"], self.word("hotfix")),
            ManifestEdit::set_after(&["summary"], text_node(self.summary, false, self.span()), "type"),
        ];
        edits.extend(self.baselines());
        edits.extend(self.artifacts());
        edits.extend(self.evidence());
        edited(self.text, self.failed.root, &edits)
    }

    /// Its lock; none where one of the releases had none.
    #[must_use]
    pub fn lock_text(&self) -> Option<String> {
        let (failed, good) = (self.failed.lock?, self.good.lock?);
        let kept = failed.artifacts.iter().filter(|artifact| !self.kinds.contains(&artifact.kind));
        let restored = good.artifacts.iter().filter(|artifact| self.kinds.contains(&artifact.kind));
        let mut artifacts: Vec<LockedArtifact> = kept.chain(restored).cloned().collect();
        for artifact in &mut artifacts {
            if let Some(path) = self.moved.get(&artifact.key()) {
                artifact.path = Some(path.clone());
            }
        }
        artifacts.sort_by(|a, b| (a.kind.word(), a.name.as_bytes()).cmp(&(b.kind.word(), b.name.as_bytes())));
        Some(lock::write(&Lock { release: failed.release.clone(), artifacts }))
    }

    /// Where its results are looked for: nobody wrote any there yet, so that none of another release pass for its own.
    #[must_use]
    pub fn results(&self) -> Vec<String> {
        let mut places: Vec<(&str, String)> = Vec::new();
        for entry in &self.failed.manifest.evidence {
            let declared = entry.path.value.as_str();
            let own = format!("{}/{}", entry.name.value, last(declared));
            let place = below(self.folder, declared);
            // Two that are different files stay so.
            let taken = places.iter().any(|(other, taken)| *taken == place && *other != declared);
            places.push((declared, if taken { below(self.folder, &own) } else { place }));
        }
        places.into_iter().map(|(_, place)| place).collect()
    }

    fn span(&self) -> Span {
        self.failed.root.span
    }

    fn word(&self, text: &str) -> Node {
        text_node(text, true, self.span())
    }

    fn baselines(&self) -> Vec<ManifestEdit> {
        let manifest = self.failed.manifest;
        let text = |text: String| text_node(&text, true, self.span());
        // Without a path it means the manifest that it stands in, and this one is called otherwise.
        let whole = |named: &str| {
            let revision = named.strip_prefix("git:").filter(|rest| !rest.contains(':'))?;
            Some(text(format!("git:{revision}:{}", self.path)))
        };
        let mut edits = Vec::new();
        let declared = manifest.baseline.as_ref().and_then(|baseline| whole(&baseline.value));
        if let Some(baseline) = self.baseline.map(|baseline| text(baseline.to_owned())).or(declared) {
            edits.push(ManifestEdit::set_after(&["baseline"], baseline, "type"));
        }
        if self.baseline.is_some() {
            // It was said of another release.
            edits.push(ManifestEdit::remove(&["accept_failed_baseline"]));
        }
        if let Some(anchor) = manifest.anchor.as_ref().and_then(|anchor| whole(&anchor.value)) {
            edits.push(ManifestEdit::set(&["anchor"], anchor));
        }
        let stable = manifest.deployment.as_ref().and_then(|deployment| deployment.stable.as_ref());
        if let Some(stable) = stable.and_then(|stable| whole(&stable.value)) {
            edits.push(ManifestEdit::set(&["deployment", "stable"], stable));
        }
        edits
    }

    fn artifacts(&self) -> Vec<ManifestEdit> {
        let restored = |kind: &ArtifactKind| {
            let kinds = at(self.good.root, "artifacts")?;
            Some((kind.word(), self.placed(kind.word(), at(kinds, kind.word())?)))
        };
        if at(self.failed.root, "artifacts").is_none() {
            let pairs = self.kinds.iter().filter_map(restored);
            let pairs: Vec<(Node, Node)> = pairs.map(|(kind, node)| (self.word(kind), node)).collect();
            let all = Node { span: self.span(), kind: NodeKind::Mapping(pairs) };
            return vec![ManifestEdit::set_after(&["artifacts"], all, "type")];
        }
        let mut edits: Vec<ManifestEdit> = Vec::new();
        for kind in self.kinds {
            edits.push(match restored(kind) {
                Some((word, node)) => ManifestEdit::set(&["artifacts", word], node),
                None => ManifestEdit::remove(&["artifacts", kind.word()]),
            });
        }
        let kept = self.failed.manifest.artifacts.iter().filter(|one| !self.kinds.contains(&one.kind));
        for artifact in kept {
            if let Some(path) = self.moved.get(&artifact.key()) {
                let path = self.word(path);
                let name = artifact.name.value.as_str();
                edits.push(ManifestEdit::set(&["artifacts", artifact.kind.word(), name, "path"], path));
            }
        }
        edits
    }

    /// The artifacts of a kind with the paths where their files stand now.
    fn placed(&self, kind: &str, node: &Node) -> Node {
        let mut node = node.clone();
        if let NodeKind::Mapping(artifacts) = &mut node.kind {
            for (name, artifact) in artifacts {
                let Some(place) = self.moved.get(&format!("{kind}.{}", name.key())) else { continue };
                let NodeKind::Mapping(fields) = &mut artifact.kind else { continue };
                for (_, path) in fields.iter_mut().filter(|(key, _)| key.key() == "path") {
                    *path = self.word(place);
                }
            }
        }
        node
    }

    fn evidence(&self) -> Vec<ManifestEdit> {
        let mut edits = Vec::new();
        for (entry, place) in self.failed.manifest.evidence.iter().zip(self.results()) {
            let name = entry.name.value.as_str();
            edits.push(ManifestEdit::set(&["evidence", name, "path"], self.word(&place)));
            if entry.sha256.is_some() {
                edits.push(ManifestEdit::remove(&["evidence", name, "sha256"]));
            }
            // Results of what it was compared with before.
            if self.baseline.is_some() && entry.baseline.is_some() {
                edits.push(ManifestEdit::remove(&["evidence", name, "baseline"]));
            }
        }
        edits
    }
}

/// Of both releases, what they have of an artifact that is not its place.
type Identity<'a> = (Option<&'a str>, &'a str, Option<&'a str>);

fn identities(lock: &Lock, of: impl Fn(ArtifactKind) -> bool) -> BTreeMap<String, Identity<'_>> {
    let own = lock.artifacts.iter().filter(|artifact| of(artifact.kind));
    own.map(|one| {
        let digest = one.digest.as_ref().map(crate::manifest::Digest::hex);
        (one.key(), (digest, one.version.as_str(), one.uri.as_deref()))
    })
    .collect()
}

/// Whether two releases have the same artifacts of these kinds.
#[must_use]
pub fn same_artifacts(one: &Lock, other: &Lock, of: impl Fn(ArtifactKind) -> bool) -> bool {
    identities(one, &of) == identities(other, &of)
}

/// The artifacts of one release, those of some kinds from another one; both by `kind.name`.
#[must_use]
pub fn combination<'a, T>(
    failed: &'a BTreeMap<String, T>,
    good: &'a BTreeMap<String, T>,
    kinds: &[ArtifactKind],
) -> BTreeMap<&'a str, &'a T> {
    let restored =
        |key: &str| kinds.iter().any(|kind| key.split_once('.').is_some_and(|(own, _)| own == kind.word()));
    let kept = failed.iter().filter(|(key, _)| !restored(key));
    let all = kept.chain(good.iter().filter(|(key, _)| restored(key)));
    all.map(|(key, artifact)| (key.as_str(), artifact)).collect()
}

/// The next patch version that nothing has yet.
#[must_use]
pub fn next_patch(version: &semver::Version, taken: &BTreeSet<&str>) -> semver::Version {
    let mut next = semver::Version::new(version.major, version.minor, version.patch);
    loop {
        next.patch = next.patch.saturating_add(1);
        if next.patch == u64::MAX || !taken.contains(next.to_string().as_str()) {
            return next;
        }
    }
}

/// Where a declared path stands in a folder of its own: `..` leads nowhere.
fn below(folder: &str, declared: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in declared.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { format!("{folder}/all") } else { format!("{folder}/{}", parts.join("/")) }
}

/// The same of an artifact that no other one may contain, nor stand in; none where there is no such place.
#[must_use]
pub fn apart(folder: &str, (key, declared): (&str, &str), taken: &[String]) -> Option<String> {
    let is_apart = |place: &String| {
        let within = |one: &str, other: &str| {
            one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        !taken.iter().any(|other| within(place, other) || within(other, place))
    };
    let own = format!("artifacts/{}/{}", key.replacen('.', "/", 1), last(declared));
    [below(folder, declared), below(folder, &own)].into_iter().find(is_apart)
}

/// The name at the end of a path.
fn last(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .filter(|name| !matches!(*name, "" | "." | ".."))
        .unwrap_or("all")
}

fn at<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.mapping()?.iter().find(|(own, _)| own.key() == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_patch_version_is_one_that_nothing_has() {
        let next = |version: &str, taken: &[&str]| {
            next_patch(&version.parse().unwrap(), &taken.iter().copied().collect()).to_string()
        };
        assert_eq!(next("2.4.0", &["2.4.0"]), "2.4.1");
        assert_eq!(next("2.4.0", &["2.4.1", "2.4.2", "2.5.0"]), "2.4.3");
        assert_eq!(next("2.4.0-rc.1+build", &[]), "2.4.1");
    }

    #[test]
    fn a_place_of_its_own_is_never_outside_and_never_in_another_one() {
        for (declared, place) in [
            ("a/b.md", "r/a/b.md"),
            ("./a//b", "r/a/b"),
            ("../../x/y", "r/x/y"),
            ("a/../..", "r/all"),
            (".", "r/all"),
        ] {
            assert_eq!(below("r", declared), place);
        }
        let taken = ["r/prompts".to_owned(), "r/a/b.md".to_owned()];
        let apart = |declared| apart("r", ("prompts.system", declared), &taken);
        assert_eq!(apart("prompts/x.md").as_deref(), Some("r/artifacts/prompts/system/x.md"));
        assert_eq!(apart("a").as_deref(), Some("r/artifacts/prompts/system/a"));
        assert_eq!(apart("prompt/x.md").as_deref(), Some("r/prompt/x.md"));
    }

    #[test]
    fn a_combination_takes_whole_kinds() {
        let side = |pairs: &[(&str, u8)]| -> BTreeMap<String, u8> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect()
        };
        let failed = side(&[("models.chat", 2), ("models.new", 2), ("prompts.system", 2)]);
        let good = side(&[("models.chat", 1), ("prompts.system", 1), ("prompts.old", 1)]);
        let mix = combination(&failed, &good, &[ArtifactKind::Models]);
        assert_eq!(mix, BTreeMap::from([("models.chat", &1), ("prompts.system", &2)]));
    }
}
