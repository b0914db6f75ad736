//! An in-toto statement, version 1: what is claimed of which bytes.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::diagnostic::inert_json;
use crate::manifest::Digest;

/// `_type` of every statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What the lock of a release is called as a subject.
pub const LOCK: &str = "release.lock";

/// A claim about some bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement<P> {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// What it is about: the lock of a release first, then its artifacts.
    pub subject: Vec<ResourceDescriptor>,
    /// What kind of claim it is, as a URI.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// The claim.
    pub predicate: P,
}

/// Some bytes, by name and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceDescriptor {
    /// What they are called.
    pub name: String,
    /// Their digests.
    pub digest: DigestSet,
}

/// The digests of some bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestSet {
    /// 64 lower-case hexadecimal digits.
    pub sha256: Digest,
}

/// A field that is not as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Which.
    pub field: String,
    /// What is wrong with it, as in "`field`: ...".
    pub text: String,
}

impl Mismatch {
    /// A field, and why it is not.
    #[must_use]
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }
}

impl ResourceDescriptor {
    /// Bytes of that name and digest.
    #[must_use]
    pub fn new(name: impl Into<String>, sha256: Digest) -> Self {
        Self { name: name.into(), digest: DigestSet { sha256 } }
    }
}

impl<P: Serialize + DeserializeOwned> Statement<P> {
    /// A claim of that type.
    #[must_use]
    pub fn new(predicate_type: &str, subject: Vec<ResourceDescriptor>, predicate: P) -> Self {
        Self {
            statement_type: STATEMENT_TYPE.to_owned(),
            subject,
            predicate_type: predicate_type.to_owned(),
            predicate,
        }
    }

    /// The one spelling of a statement: two spaces a level, keys in the order of the fields, a line feed; what could steer a
    /// terminal is escaped.
    #[must_use]
    pub fn text(&self) -> String {
        spelled(self)
    }

    /// The claim alone in the same spelling, for tools that make the statement themselves.
    #[must_use]
    pub fn predicate_text(&self) -> String {
        spelled(&self.predicate)
    }

    /// The statement of that type that a text spells.
    ///
    /// # Errors
    /// The field that is not as it has to be.
    pub fn read(text: &str, predicate_type: &str) -> Result<Self, Mismatch> {
        let any: Value = serde_json::from_str(text)
            .map_err(|error| Mismatch::new("payload", format!("it is no JSON: {error}")))?;
        let word = |key: &str| any.get(key).and_then(Value::as_str).unwrap_or("nothing").to_owned();
        if word("_type") != STATEMENT_TYPE {
            return Err(Mismatch::new("_type", format!("`{}` is not {STATEMENT_TYPE}", word("_type"))));
        }
        if word("predicateType") != predicate_type {
            let text = format!("`{}` is not {predicate_type}", word("predicateType"));
            return Err(Mismatch::new("predicateType", text));
        }
        let statement: Self = serde_json::from_str(text)
            .map_err(|error| Mismatch::new("payload", format!("it does not fit its type: {error}")))?;
        if statement.text() == text {
            Ok(statement)
        } else {
            Err(Mismatch::new("payload", "it is not spelled as relgate spells it"))
        }
    }
}

fn spelled(document: &impl Serialize) -> String {
    // Serialising structs of strings and lists cannot fail.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    inert_json(&text)
}

/// A URI of our own or of a file: `scheme:path`, with everything escaped that has a meaning in one.
#[must_use]
pub fn uri(scheme: &str, path: &str) -> String {
    let mut text = format!("{scheme}:");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@+".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
