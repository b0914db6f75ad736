//! What evidence says about itself: when it was made, and with which artifacts.
//!
//! The header line of per-sample JSON Lines; the metrics file shares the reading of `created` and `artifacts`.
//! Deliberately absent: comparing any of it with a release.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::tree::{Kind, Node, parse_json};
use crate::diagnostic::{Code, Diagnostic, printable};

/// What the evidence says it was made with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// When the evaluation ran.
    pub created: Option<DateTime<Utc>>,
    /// `kind.name` of an artifact, and its version or `sha256:` digest.
    pub artifacts: BTreeMap<String, String>,
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
    let node = parse_json(line).ok()?;
    let Kind::Map(entries) = &node.kind else { return None };
    let schema = entries.iter().find_map(|(key, value)| match &value.kind {
        Kind::Text(text) if key.name == "schema" && text.starts_with("relgate/") => Some(text),
        _ => None,
    })?;
    let mut header = Header::default();
    if schema != SAMPLES {
        header.findings.push(wrong_schema(schema, SAMPLES));
        return Some(header);
    }
    for (key, value) in entries {
        match key.name.as_str() {
            "schema" if key.repeated => header.findings.push(repeated(&key.name)),
            "schema" => {}
            _ if key.repeated => header.findings.push(repeated(&key.name)),
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

/// The finding that a key stands twice.
pub(super) fn repeated(key: &str) -> Diagnostic {
    Diagnostic::error(Code::DuplicateKey, format!("`{}` stands twice", printable(key)))
        .help("keep one of the two")
}

/// Reads `created`.
pub(super) fn created(node: &Node, identity: &mut Identity, report: &mut dyn FnMut(u64, Diagnostic)) {
    let time = match &node.kind {
        Kind::Text(text) => DateTime::parse_from_rfc3339(text).ok(),
        _ => None,
    };
    match time {
        Some(time) => identity.created = Some(time.with_timezone(&Utc)),
        None => report(
            node.line,
            Diagnostic::error(
                Code::BadTime,
                format!("`created` is {} where a time belongs", node.describe()),
            )
            .help("write date, time and zone, as in \"2026-11-20T09:00:00Z\""),
        ),
    }
}

/// Reads `artifacts`.
pub(super) fn artifacts(node: &Node, identity: &mut Identity, report: &mut dyn FnMut(u64, Diagnostic)) {
    let Kind::Map(entries) = &node.kind else {
        report(
            node.line,
            Diagnostic::error(
                Code::WrongType,
                format!("`artifacts` is {} where an object belongs", node.describe()),
            )
            .help("write it as {\"prompts.system\": \"v1.9\"}"),
        );
        return;
    };
    for (key, value) in entries {
        match artifact(&key.name, key.repeated, value) {
            Ok(version) => drop(identity.artifacts.insert(key.name.clone(), version)),
            Err(finding) => report(key.line, finding),
        }
    }
}

fn artifact(name: &str, repeated_key: bool, value: &Node) -> Result<String, Diagnostic> {
    if repeated_key {
        return Err(repeated(name));
    }
    if !name.split_once('.').is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty()) {
        return Err(Diagnostic::error(
            Code::BadArtifact,
            format!("`{}` does not name an artifact", printable(name)),
        )
        .help("write kind and name, as in `prompts.system`"));
    }
    let version = match &value.kind {
        // `1.10` in a YAML file is a version, not a number.
        Kind::Text(text) | Kind::Number(text) => text.clone(),
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
            format!("`{}` is {} where a version or digest belongs", printable(name), value.describe()),
        )
        .help("write the version as release.yaml has it, or `sha256:` and the digest"));
    }
    Ok(version)
}
