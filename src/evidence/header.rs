//! What evidence says about itself: when it was made, and with which artifacts.
//!
//! The header line of per-sample JSON Lines; the metrics file shares the reading of `created` and `artifacts`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::wrong_value::quoted;
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Span, printable};
use crate::document::{Limits, Meaning, Node, NodeKind, Scalar, json};

/// What the evidence says it was made with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// When the evaluation ran.
    pub created: Option<DateTime<Utc>>,
    /// `kind.name` of an artifact, and its version or `sha256:` digest.
    pub artifacts: BTreeMap<String, String>,
    /// The models: the names of each, as another tool calls it.
    pub models: BTreeSet<Vec<String>>,
    /// The datasets, as another tool calls them.
    pub datasets: BTreeSet<String>,
    /// The texts of prompts that another tool kept.
    pub prompts: BTreeSet<String>,
}

/// A header line, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) identity: Identity,
    pub(super) findings: Vec<Diagnostic>,
}

/// The schema of per-sample files that this version reads.
pub(super) const SAMPLES: &str = "relgate/samples/v1";

/// Reads `line` as a header; `None` where it is a sample (no `schema`, or another tool's).
pub(super) fn recognise(line: &str) -> Option<Header> {
    // Most first lines are samples; they are not worth a tree.
    if !line.contains("relgate") {
        return None;
    }
    let mut header = Header::default();
    let node = match json(line, FileId::ONLY, &LIMITS) {
        Ok(node) => node,
        // JSON all the same, which says something twice; a sample that does is told the same.
        Err(findings) if serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok() => {
            if !line.contains("\"relgate/") {
                return None;
            }
            let unplaced = |finding| Diagnostic {
                place: Place::Nowhere,
                label: String::new(),
                others: Vec::new(),
                ..finding
            };
            header.findings.extend(findings.into_iter().map(unplaced));
            return Some(header);
        }
        Err(_) => return None,
    };
    let entries = node.mapping()?;
    let schema = entries.iter().find_map(|(key, value)| match text(value) {
        Some(text) if key.key() == "schema" && text.starts_with("relgate/") => Some(text),
        _ => None,
    })?;
    if schema != SAMPLES {
        header.findings.push(wrong_schema(schema, SAMPLES));
        return Some(header);
    }
    for (key, value) in entries {
        match key.key() {
            "schema" => {}
            "created" => {
                created(value, &mut header.identity, &mut |_, finding| header.findings.push(finding));
            }
            "artifacts" => {
                artifacts(value, &mut header.identity, &mut |_, finding| header.findings.push(finding));
            }
            other => header.findings.push(
                Diagnostic::error(
                    Code::UnknownKey,
                    format!("the header has an unknown key `{}`", printable(other)),
                )
                .suggest(other, ["created", "artifacts"])
                .help("a header holds `schema`, `created` and `artifacts`; samples start on the next line"),
            ),
        }
    }
    Some(header)
}

/// The finding that a `relgate/...` schema is not the one that belongs here.
pub(super) fn wrong_schema(schema: &str, expected: &str) -> Diagnostic {
    Diagnostic::error(
        Code::UnknownSchema,
        format!("the schema is `{}` where `{expected}` belongs", printable(schema)),
    )
    .help("use a relgate that knows this schema, or write the file again with this one's")
}

/// What a header or a metrics file may hold.
pub(super) const LIMITS: Limits = Limits {
    called: "a metrics file",
    nodes: 1_000_000,
    depth: 32,
    too_large: Code::TooLarge,
    bare_words: true,
};

/// The text that a node holds; none where it is something else.
pub(super) fn text(node: &Node) -> Option<&str> {
    match node.scalar()?.meaning() {
        Meaning::Text(text) => Some(text),
        _ => None,
    }
}

/// The kind of value, and the value where it is short; for messages.
pub(super) fn describe(node: &Node) -> String {
    let scalar = match &node.kind {
        NodeKind::Scalar(scalar) => scalar,
        NodeKind::Sequence(_) => return "a list".to_owned(),
        NodeKind::Mapping(_) => return "an object".to_owned(),
    };
    match scalar.meaning() {
        Meaning::Null => "null".to_owned(),
        Meaning::Bool(value) => value.to_string(),
        Meaning::NotFinite(word) => word.to_owned(),
        Meaning::Number(text) => text.chars().take(40).collect(),
        Meaning::Text("") => "empty text".to_owned(),
        Meaning::Text(text) => format!("text ({})", quoted(text)),
    }
}

/// Takes a finding and where it belongs.
pub(super) type Report<'r> = &'r mut dyn FnMut(Span, Diagnostic);

/// Reads `created`.
pub(super) fn created(node: &Node, identity: &mut Identity, report: Report<'_>) {
    let time = text(node).and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    match time {
        Some(time) => identity.created = Some(time.with_timezone(&Utc)),
        None => report(
            node.span,
            Diagnostic::error(Code::BadTime, format!("`created` is {} where a time belongs", describe(node)))
                .help("write date, time and zone, as in \"2026-11-20T09:00:00Z\""),
        ),
    }
}

/// Reads `artifacts`.
pub(super) fn artifacts(node: &Node, identity: &mut Identity, report: Report<'_>) {
    let Some(entries) = node.mapping() else {
        report(
            node.span,
            Diagnostic::error(
                Code::WrongType,
                format!("`artifacts` is {} where an object belongs", describe(node)),
            )
            .help("write it as {\"prompts.system\": \"v1.9\"}"),
        );
        return;
    };
    for (key, value) in entries {
        match artifact(key.key(), value) {
            Ok(version) => drop(identity.artifacts.insert(key.key().to_owned(), version)),
            Err(finding) => report(key.span, finding),
        }
    }
}

fn artifact(name: &str, value: &Node) -> Result<String, Diagnostic> {
    if !name.split_once('.').is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty()) {
        return Err(Diagnostic::error(
            Code::BadArtifact,
            format!("`{}` does not name an artifact", printable(name)),
        )
        .help("write kind and name, as in `prompts.system`"));
    }
    let version = match value.scalar().map(Scalar::meaning) {
        // `1.10` in a YAML file is a version, not a number.
        Some(Meaning::Text(text) | Meaning::Number(text)) => text.to_owned(),
        _ => String::new(),
    };
    let digest = version.strip_prefix("sha256:");
    let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if digest.is_some_and(|digest| digest.len() != 64 || !digest.bytes().all(lower_hex)) {
        return Err(Diagnostic::error(
            Code::BadDigest,
            format!("the digest of `{}` is not a SHA-256", printable(name)),
        )
        .help("write `sha256:` and 64 lower-case hexadecimal digits"));
    }
    if version.trim().is_empty() {
        return Err(Diagnostic::error(
            Code::BadArtifact,
            format!("`{}` is {} where a version or digest belongs", printable(name), describe(value)),
        )
        .help("write the version as release.yaml has it, or `sha256:` and the digest"));
    }
    Ok(version)
}
