//! For code scanning (SARIF 2.1.0): what is no pass, at its line of the manifest or policy file. Gates and finding codes are the
//! rules.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::kind::{Kind, Several};
use crate::diagnostic::Code;
use crate::report::fingerprint::fingerprint;
use crate::report::issues::{Issue, Urgency, issues};
use crate::report::json::pretty;
use crate::report::v1::Report;
use crate::verdict::Decision;

pub(super) const KIND: Kind = Kind {
    name: "sarif",
    about: "for code scanning (SARIF 2.1.0)",
    file: "relgate.sarif",
    media: "application/sarif+json",
    always: false,
    report: |report, _| document(std::slice::from_ref(report)),
    ending: None,
    several: Several::Whole(|reports, _| document(reports)),
    comparison: None,
    history: None,
    is_own: |text| text.starts_with(&head()),
    shared: None,
};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Code scanning shows no more results of a run.
const MOST: usize = 5000;

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    original_uri_base_ids: Value,
    column_kind: &'static str,
    invocations: Vec<Value>,
    results: Vec<Value>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Value>,
}

/// How a document begins.
fn head() -> String {
    let schema = format!("{{\n  \"$schema\": \"{SCHEMA}\",\n  \"version\": \"2.1.0\",\n");
    format!(
        "{schema}  \"runs\": [\n    {{\n      \"tool\": {{\n        \"driver\": {{\n          \"name\": \"relgate\""
    )
}

fn document(reports: &[Report]) -> String {
    let mut all: Vec<(&Report, Issue<'_>)> = reports
        .iter()
        .flat_map(|report| issues(report).into_iter().map(move |issue| (report, issue)))
        .collect();
    all.sort_by_key(|(_, issue)| issue.urgency);
    let left_out = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    let mut rules = Rules::default();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut results = Vec::new();
    for (report, issue) in &all {
        let times = seen.entry(fingerprint(report.name(), issue, 0)).or_default();
        let print = fingerprint(report.name(), issue, *times);
        *times += 1;
        results.push(result(issue, &mut rules, &print));
    }
    pretty(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "relgate",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.told,
                },
            },
            original_uri_base_ids: json!({ "%SRCROOT%": { "description": { "text": "The root of the repository." } } }),
            column_kind: "unicodeCodePoints",
            invocations: reports.iter().map(|report| invocation(report, left_out)).collect(),
            results,
        }],
    })
}

/// How a judgement ended, and what it said besides its results.
fn invocation(report: &Report, left_out: usize) -> Value {
    let mut told = vec![
        json!({ "level": "note", "message": { "text": plain(&format!("{}: {}", report.decision.0.word(), report.headline())) } }),
    ];
    told.push(
        json!({ "level": "note", "message": { "text": plain(&format!("next: {}", report.next.text)) } }),
    );
    if left_out > 0 {
        let text = format!("{left_out} more results are left out; report.json has all");
        told.push(json!({ "level": "warning", "message": { "text": text } }));
    }
    json!({
        "executionSuccessful": report.decision.0 != Decision::Error,
        "exitCode": report.exit_code,
        "endTimeUtc": report.generated_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "toolExecutionNotifications": told,
    })
}

/// The rules that results are of, each once.
#[derive(Default)]
struct Rules {
    told: Vec<Value>,
    known: BTreeMap<String, usize>,
}

impl Rules {
    fn index(&mut self, id: &str, issue: &Issue<'_>) -> usize {
        if let Some(known) = self.known.get(id) {
            return *known;
        }
        let (short, help) = match issue.gate {
            Some(gate) => {
                let mut help = format!("The rule of the gate `{}` is: {}.", gate.id, gate.rule);
                if let Some(rationale) = &gate.rationale {
                    let _ = write!(help, " {rationale}");
                }
                (gate.rule.clone(), help)
            }
            None => {
                let doc = Code::from_word(issue.rule).map_or("A finding of relgate.", Code::doc);
                (doc.to_owned(), format!("{doc} The codes are explained in docs/codes.md."))
            }
        };
        let category = issue.gate.and_then(|gate| gate.category).map(|category| category.0.word());
        self.told.push(json!({
            "id": id,
            "shortDescription": { "text": short },
            "fullDescription": { "text": help },
            "help": { "text": help },
            "defaultConfiguration": { "level": level(issue.urgency) },
            "properties": { "tags": category.into_iter().collect::<Vec<_>>() },
        }));
        let index = self.told.len() - 1;
        self.known.insert(id.to_owned(), index);
        index
    }
}

fn result(issue: &Issue<'_>, rules: &mut Rules, fingerprint: &str) -> Value {
    let id = format!("{}/{}", if issue.gate.is_some() { "gate" } else { "finding" }, issue.rule);
    let index = rules.index(&id, issue);
    let lines = issue.lines().join("\n");
    let text = if issue.gate.is_some() { format!("{}: {lines}", issue.title) } else { lines };
    let mut result = json!({
        "ruleId": id,
        "ruleIndex": index,
        "level": level(issue.urgency),
        "message": { "text": plain(&text) },
        "locations": [location(issue)],
        "partialFingerprints": { "relgate/v1": fingerprint },
    });
    if let (Some(waiver), Some(fields)) = (issue.accepted, result.as_object_mut()) {
        let signed = format!("{} (accepted by {}, until {})", waiver.reason, waiver.approver, waiver.expires);
        let suppression = json!({ "kind": "external", "status": "accepted", "justification": signed });
        fields.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

fn level(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Stops => "error",
        Urgency::Warns => "warning",
        Urgency::Accepted => "note",
    }
}

/// A result needs a place: without one it is at the first line of the manifest.
fn location(issue: &Issue<'_>) -> Value {
    let file = issue.file.unwrap_or("release.yaml");
    let mut artifact = json!({ "uri": uri(file) });
    if let (false, Some(fields)) = (file.starts_with('/'), artifact.as_object_mut()) {
        fields.insert("uriBaseId".to_owned(), json!("%SRCROOT%"));
    }
    let mut region = json!({ "startLine": issue.line.unwrap_or(1).max(1) });
    if let (Some(column), Some(fields)) = (issue.column, region.as_object_mut()) {
        fields.insert("startColumn".to_owned(), json!(column.max(1)));
    }
    json!({ "physicalLocation": { "artifactLocation": artifact, "region": region } })
}

/// A path as a URI: relative to the root, or of the machine where it is absolute.
fn uri(path: &str) -> String {
    let mut text = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            byte => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

/// A message as text: what a reader of SARIF takes for a link (section 3.11.6 of the standard) stands for itself.
fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut plain, letter| {
        if matches!(letter, '\\' | '[' | ']') {
            plain.push('\\');
        }
        plain.push(letter);
        plain
    })
}
