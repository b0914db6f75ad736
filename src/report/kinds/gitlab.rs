//! For GitLab's code quality widget: what is no pass, at its line, in the shape of Code Climate.

use std::collections::BTreeMap;

use serde::Serialize;

use super::kind::{Kind, Several};
use crate::report::fingerprint::fingerprint;
use crate::report::issues::{Issue, Urgency, issues};
use crate::report::json::pretty;
use crate::report::v1::Report;

pub(super) const KIND: Kind = Kind {
    name: "gitlab",
    about: "for GitLab's code quality widget",
    file: "gl-code-quality-report.json",
    media: "application/json",
    always: false,
    report: |report, _| document(std::slice::from_ref(report)),
    ending: None,
    several: Several::Whole(|reports, _| document(reports)),
    comparison: None,
    history: None,
    // A list without an entry holds nothing that anybody could miss.
    is_own: |text| text.trim() == "[]" || text.starts_with("[\n  {\n    \"check_name\": \"relgate/"),
    shared: None,
};

#[derive(Serialize)]
struct Entry {
    check_name: String,
    description: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

fn document(reports: &[Report]) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for report in reports {
        for issue in issues(report) {
            let times = seen.entry(fingerprint(report.name(), &issue, 0)).or_default();
            entries.push(entry(report, &issue, *times));
            *times += 1;
        }
    }
    pretty(&entries)
}

fn entry(report: &Report, issue: &Issue<'_>, times: usize) -> Entry {
    let place = if issue.gate.is_some() { "gate" } else { "finding" };
    Entry {
        check_name: format!("relgate/{place}/{}", issue.rule),
        description: match issue.gate {
            Some(_) => format!("{}: {}", issue.title, issue.lines().join("; ")),
            None => issue.lines().join("; "),
        },
        // Entries with one fingerprint would be shown as one.
        fingerprint: fingerprint(report.name(), issue, times),
        severity: match (issue.urgency, issue.gate) {
            (Urgency::Stops, Some(_)) => "critical",
            (Urgency::Stops, None) => "blocker",
            (Urgency::Warns, _) => "minor",
            (Urgency::Accepted, _) => "info",
        },
        location: Location {
            path: issue.file.unwrap_or("release.yaml").to_owned(),
            lines: Lines { begin: issue.line.unwrap_or(1).max(1) },
        },
    }
}
