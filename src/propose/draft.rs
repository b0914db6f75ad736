//! The text of a manifest that nobody has written yet.

use std::fmt::Write as _;

use super::margin::ProposedGate;
use crate::diagnostic::printable;
use crate::document::{quoted, scalar};
use crate::manifest::{ArtifactKind, Category, DatasetRole, ReleaseType};

/// A manifest as it will be written.
#[derive(Debug, Clone)]
pub struct ManifestDraft {
    /// Comments at its top.
    pub head: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its version, and what is to be said of it.
    pub version: (String, String),
    /// Its type, and what is to be said of it.
    pub release_type: (ReleaseType, String),
    /// What it is about.
    pub summary: Option<String>,
    /// Comments after that.
    pub earlier: Vec<String>,
    /// What ships.
    pub artifacts: Vec<DraftArtifact>,
    /// Comments after the artifacts.
    pub after_artifacts: Vec<String>,
    /// Where results are.
    pub evidence: Vec<DraftEntry>,
    /// Comments after the evidence.
    pub after_evidence: Vec<String>,
    /// Comments before the gates.
    pub before_gates: Vec<String>,
    /// The gates; each with its reason as a comment.
    pub gates: Vec<ProposedGate>,
    /// Comments after the gates.
    pub after_gates: Vec<String>,
    /// The categories that need a gate.
    pub require: Vec<Category>,
    /// Comments before them.
    pub before_require: Vec<String>,
}

/// An artifact with a path.
#[derive(Debug, Clone)]
pub struct DraftArtifact {
    /// Its kind.
    pub kind: ArtifactKind,
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// What a dataset is for.
    pub role: Option<DatasetRole>,
}

/// An evidence entry.
#[derive(Debug, Clone, Default)]
pub struct DraftEntry {
    /// Its name.
    pub name: String,
    /// What is to be said of it.
    pub comments: Vec<String>,
    /// Its path.
    pub path: String,
    /// Which rows count: a field, and the values as they are written.
    pub conditions: Vec<DraftField>,
    /// The results before.
    pub baseline: Option<DraftBaseline>,
    /// Our names, and the fields that have them.
    pub fields: Vec<DraftField>,
}

/// The results before.
#[derive(Debug, Clone, Default)]
pub struct DraftBaseline {
    /// Their path.
    pub path: String,
    /// Which rows count, where it is not those of the entry.
    pub conditions: Vec<DraftField>,
}

/// A key and what it may be, each as a scalar of YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftField {
    /// The key, as it is.
    pub key: String,
    /// One value or more, as they are written.
    pub values: Vec<String>,
}

impl ManifestDraft {
    /// One without anything in it, which no check would accept.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            head: Vec::new(),
            name: "release".to_owned(),
            version: ("0.0.0".to_owned(), String::new()),
            release_type: (ReleaseType::PromptRelease, String::new()),
            summary: None,
            earlier: Vec::new(),
            artifacts: Vec::new(),
            after_artifacts: Vec::new(),
            evidence: Vec::new(),
            after_evidence: Vec::new(),
            before_gates: Vec::new(),
            gates: Vec::new(),
            after_gates: Vec::new(),
            require: Vec::new(),
            before_require: Vec::new(),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        comments(&mut text, "", &self.head);
        let _ = writeln!(text, "relgate: 1\nname: {}", scalar(&self.name));
        let _ = writeln!(text, "version: {}{}", self.version.0, beside(&self.version.1));
        let _ = writeln!(text, "type: {}{}", self.release_type.0, beside(&self.release_type.1));
        if let Some(summary) = &self.summary {
            let _ = writeln!(text, "summary: {}", quoted(summary));
        }
        comments(&mut text, "", &self.earlier);
        self.artifacts(&mut text);
        text.push_str("evidence:\n");
        for entry in &self.evidence {
            entry.write(&mut text);
        }
        comments(&mut text, "  ", &self.after_evidence);
        comments(&mut text, "", &self.before_gates);
        text.push_str("gates:\n");
        for gate in &self.gates {
            write_gate(&mut text, gate);
        }
        comments(&mut text, "  ", &self.after_gates);
        text.push_str("policy:\n");
        comments(&mut text, "  ", &self.before_require);
        let require: Vec<&str> = self.require.iter().map(|category| category.word()).collect();
        let _ = writeln!(text, "  require: [{}]", require.join(", "));
        text
    }

    /// The lines of its evidence and gates alone, to be pasted into another.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut text = String::from("evidence:\n");
        for entry in &self.evidence {
            entry.write(&mut text);
        }
        if !self.gates.is_empty() || !self.after_gates.is_empty() {
            text.push_str("gates:\n");
        }
        for gate in &self.gates {
            write_gate(&mut text, gate);
        }
        comments(&mut text, "  ", &self.after_gates);
        text
    }

    fn artifacts(&self, text: &mut String) {
        if !self.artifacts.is_empty() {
            text.push_str("artifacts:\n");
        }
        for kind in ArtifactKind::ALL {
            let mut own = self.artifacts.iter().filter(|artifact| artifact.kind == *kind).peekable();
            if own.peek().is_some() {
                let _ = writeln!(text, "  {kind}:");
            }
            for artifact in own {
                let role = artifact.role.map_or_else(String::new, |role| format!(", role: {role}"));
                let (name, path) = (scalar(&artifact.name), scalar(&artifact.path));
                let _ = writeln!(text, "    {name}: {{ version: v1, path: {path}{role} }}");
            }
        }
        comments(text, if self.artifacts.is_empty() { "" } else { "  " }, &self.after_artifacts);
    }
}

impl DraftEntry {
    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "  {}:", scalar(&self.name));
        comments(text, "    ", &self.comments);
        let _ = writeln!(text, "    path: {}", scalar(&self.path));
        map(text, "    where", &self.conditions);
        match &self.baseline {
            None => {}
            Some(baseline) if baseline.conditions.is_empty() => {
                let _ = writeln!(text, "    baseline: {}", scalar(&baseline.path));
            }
            Some(baseline) => {
                let _ = writeln!(text, "    baseline:\n      path: {}", scalar(&baseline.path));
                map(text, "      where", &baseline.conditions);
            }
        }
        map(text, "    fields", &self.fields);
    }
}

/// `where: { lang: [de, en] }`.
fn map(text: &mut String, key: &str, fields: &[DraftField]) {
    if fields.is_empty() {
        return;
    }
    let one = |field: &DraftField| match field.values.as_slice() {
        [one] => format!("{}: {one}", scalar(&field.key)),
        several => format!("{}: [{}]", scalar(&field.key), several.join(", ")),
    };
    let all: Vec<String> = fields.iter().map(one).collect();
    let _ = writeln!(text, "{key}: {{ {} }}", all.join(", "));
}

fn write_gate(text: &mut String, gate: &ProposedGate) {
    if !gate.why.is_empty() {
        comments(text, "  ", std::slice::from_ref(&gate.why));
    }
    let rule = quoted(&gate.rule);
    let extra = [("id", &gate.id), ("metric", &gate.metric), ("evidence", &gate.evidence)];
    let extra: Vec<String> = extra
        .into_iter()
        .filter_map(|(key, value)| Some(format!(", {key}: {}", scalar(value.as_ref()?))))
        .collect();
    let _ = match extra.as_slice() {
        [] => writeln!(text, "  - {rule}"),
        extra => writeln!(text, "  - {{ rule: {rule}{} }}", extra.concat()),
    };
}

fn comments(text: &mut String, indent: &str, lines: &[String]) {
    for line in lines {
        let _ = writeln!(text, "{indent}# {}", printable(line));
    }
}

fn beside(comment: &str) -> String {
    if comment.is_empty() { String::new() } else { format!("  # {}", printable(comment)) }
}
