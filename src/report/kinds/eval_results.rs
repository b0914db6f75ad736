//! Entries for `.eval_results/` of a Hugging Face repository: a figure a gate, where the release says on which data set of the hub.

use std::fmt::Write as _;

use super::kind::{Kind, Several};
use crate::artifact::{Hub, hub};
use crate::document::{quoted, scalar};
use crate::report::v1::{Report, ReportGate};

pub(super) const KIND: Kind = Kind {
    name: "eval-results",
    about: "the figures for `.eval_results/` of a Hugging Face repository",
    file: "relgate.yaml",
    media: "application/yaml",
    always: false,
    report: |report, _| document(std::slice::from_ref(report)),
    ending: None,
    several: Several::Whole(|reports, _| document(reports)),
    comparison: None,
    history: None,
    is_own: |text| text.starts_with(FIRST),
    shared: None,
};

const FIRST: &str = "# Written by relgate: figures of the gates of a release, each with its limits.";

fn document(reports: &[Report]) -> String {
    let mut text = format!("{FIRST}\n");
    let mut entries = String::new();
    for report in reports {
        match (report.first_error(), dataset(report)) {
            (Some(error), _) if report.gates.is_empty() => {
                comment(&mut text, &format!("Not judged: {error}."));
            }
            (_, None) => comment(
                &mut text,
                &format!(
                    "{} has no entry: it declares no single data set of the role `eval` with a uri on the hub (hf:ORG/NAME@COMMIT).",
                    report.title()
                ),
            ),
            (_, Some(dataset)) => {
                let measured = report.gates.iter().filter(|gate| gate.place.is_some());
                measured.for_each(|gate| entry(&mut entries, report, gate, &dataset));
            }
        }
    }
    if entries.is_empty() { text + "[]\n" } else { text + &entries }
}

fn comment(text: &mut String, said: &str) {
    let _ = writeln!(text, "# {}", crate::diagnostic::printable(said));
}

/// The data set that the gates were measured on, where the manifest says so without a doubt.
pub(super) fn dataset(report: &Report) -> Option<Hub> {
    let mut eval = report.artifacts.iter().filter(|artifact| artifact.role.as_deref() == Some("eval"));
    match (eval.next(), eval.next()) {
        (Some(one), None) => hub(one.uri.as_deref()?),
        _ => None,
    }
}

fn entry(text: &mut String, report: &Report, gate: &ReportGate, dataset: &Hub) {
    let Some(value) = gate.candidate.value.get() else { return };
    let _ = writeln!(
        text,
        "- dataset:\n    id: {}\n    task_id: {}",
        scalar(&dataset.repository),
        scalar(&gate.metric)
    );
    if let Some(revision) = &dataset.revision {
        let _ = writeln!(text, "    revision: {}", quoted(revision));
    }
    let notes = format!("{}: {} ({}); {}", report.title(), gate.measured(), gate.rule, gate.came_to());
    let _ = writeln!(
        text,
        "  value: {value}\n  date: {}\n  notes: {}",
        quoted(&report.generated_at.format("%Y-%m-%d").to_string()),
        quoted(&notes)
    );
}
