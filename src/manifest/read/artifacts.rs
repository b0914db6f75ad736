//! `artifacts`: six kinds, each a mapping of name to artifact.

use super::reader::{Map, Reader};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::manifest::fields::{ARTIFACT, ARTIFACTS};
use crate::manifest::release::Artifact;
use crate::manifest::tree::Node;
use crate::manifest::words::{ArtifactKind, DatasetRole};

pub(super) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<Artifact> {
    let mut artifacts = Vec::new();
    let Some(map) = node.and_then(|node| reader.open(node, &ARTIFACTS)) else {
        return artifacts;
    };
    for kind in ArtifactKind::ALL {
        let Some(node) = map.get(kind.word()) else {
            continue;
        };
        let Some(pairs) = reader.mapping(node, &format!("`{kind}`")) else {
            continue;
        };
        for (key, value) in pairs {
            let name = reader.name(key, "an artifact's name");
            let Some(map) = reader.open(value, &ARTIFACT) else {
                continue;
            };
            artifacts.extend(one(reader, *kind, name, &map));
        }
    }
    artifacts
}

fn one(
    reader: &mut Reader<'_>,
    kind: ArtifactKind,
    name: Option<Spanned<String>>,
    map: &Map<'_>,
) -> Option<Artifact> {
    let version = reader.string(map.get("version"), "the version of an artifact");
    let path = reader.string(map.get("path"), "the path of an artifact");
    let uri = reader.string(map.get("uri"), "the uri of an artifact");
    let sha256 = reader.digest(map.get("sha256"), "`sha256`");
    let values =
        map.get("values").and_then(|node| reader.json(node).map(|value| Spanned::new(value, node.span)));
    if map.get("path").is_some() && map.get("values").is_some() {
        reader.report(
            Diagnostic::error(Code::TwoContents, "an artifact is a path or inline values, not both")
                .at(reader.first_line(map.span), "both stand here")
                .help("remove one of them, or make two artifacts of it"),
        );
    }
    if ["path", "uri", "values"].iter().all(|key| map.get(key).is_none()) {
        reader.report(
            Diagnostic::error(Code::NoContent, "this artifact does not say where it is")
                .at(reader.first_line(map.span), "`path`, `uri` or `values` is missing")
                .help("give a `path` that relgate can hash, a `uri`, or inline `values`"),
        );
    }
    let keep = keep(reader, kind, map);
    let role = role(reader, kind, map);
    let known_as = reader.strings(map.get("known_as"), "a name of `known_as`");
    Some(Artifact { kind, name: name?, version: version?, path, uri, sha256, values, keep, role, known_as })
}

/// The phrases that every version holds; each says something, and only texts that people write can hold one.
fn keep(reader: &mut Reader<'_>, kind: ArtifactKind, map: &Map<'_>) -> Vec<Spanned<String>> {
    let node = map.get("keep");
    if let Some(node) = node
        && !matches!(kind, ArtifactKind::Prompts | ArtifactKind::SafetyPolicies)
    {
        reader.report(
            Diagnostic::error(Code::MisplacedKey, "`keep` is for prompts and safety policies")
                .at(node.span, format!("this is one of the {kind}"))
                .help("remove it here"),
        );
        return Vec::new();
    }
    // A phrase without words is refused as an empty text.
    reader.strings(node, "a phrase of `keep`")
}

/// What a dataset is for.
fn role(reader: &mut Reader<'_>, kind: ArtifactKind, map: &Map<'_>) -> Option<Spanned<DatasetRole>> {
    let node = map.get("role")?;
    if kind != ArtifactKind::Datasets {
        reader.report(
            Diagnostic::error(Code::MisplacedKey, "`role` is for datasets")
                .at(node.span, format!("this is one of the {kind}"))
                .help("remove it here"),
        );
        return None;
    }
    reader.word(Some(node), "`role`", DatasetRole::WORDS, DatasetRole::from_word)
}
