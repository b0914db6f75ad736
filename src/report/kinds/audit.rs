//! What an auditor asks of a release: each question with what answers it and its digest, or "not provided".

use std::fmt::Write as _;

use super::kind::{Kind, Several};
use crate::report::escape::{clipped, escape};
use crate::report::v1::{Report, ReportEvent};

pub(super) const KIND: Kind = Kind {
    name: "audit",
    about: "what an auditor asks for: a folder with an index of questions, answers and digests",
    file: "audit.md",
    media: "text/markdown",
    always: false,
    report: |report, _| document(std::slice::from_ref(report)),
    ending: None,
    several: Several::Whole(|reports, _| document(reports)),
    comparison: None,
    history: None,
    is_own: |text| text.starts_with(MARKER),
    shared: None,
};

/// The hidden first line.
const MARKER: &str = "<!-- relgate audit -->";
/// What stands where nothing answers.
const NOT_PROVIDED: &str = "not provided";
/// So many of the newest events are told.
const NEWEST: usize = 50;

/// A question and what answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AuditAnswer {
    /// The question.
    pub(super) question: &'static str,
    /// What answers it, in a line; none where nothing does.
    pub(super) evidence: Option<String>,
    /// The SHA-256 of that, where it is one thing with a digest.
    pub(super) digest: Option<String>,
}

fn document(reports: &[Report]) -> String {
    let mut text = format!("{MARKER}\n");
    for report in reports {
        let _ = writeln!(text, "# Audit of {}\n", told(&report.title()));
        let _ = writeln!(
            text,
            "The decision is {}, judged as of {} by relgate {}. This is no claim of compliance with any law or standard.\n",
            report.decision.0.word(),
            report.as_of,
            told(&report.tool.version)
        );
        if let Some(error) = report.first_error() {
            let _ = writeln!(text, "Not judged: {}.\n", told(&error));
        }
        text.push_str(&table(&answers(report)));
        text.push('\n');
    }
    text
}

/// The questions with their answers, in a fixed order.
pub(super) fn answers(report: &Report) -> Vec<AuditAnswer> {
    let release = report.release.as_ref();
    let answer = |question, evidence: Option<String>, digest: Option<String>| AuditAnswer {
        question,
        evidence,
        digest,
    };
    let count = |n: usize, what: &str| (n > 0).then(|| format!("{what}: {n}"));
    let mut all = vec![
        answer(
            "What was released?",
            release.map(|_| {
                format!("{}: manifest {}", report.title(), report.manifest.as_deref().unwrap_or("-"))
            }),
            release.map(|release| release.manifest_sha256.clone()),
        ),
        answer(
            "Which models, prompts, data and settings exactly?",
            release.and_then(|release| release.lock_sha256.as_ref()).map(|_| "release.lock".to_owned()),
            release.and_then(|release| release.lock_sha256.clone()),
        ),
    ];
    all.extend(report.artifacts.iter().map(|artifact| {
        let what = format!("{} {} {}", artifact.kind, artifact.name, artifact.version);
        answer("... of these", Some(what), artifact.sha256.clone())
    }));
    all.push(answer(
        "On which results was it judged?",
        count(report.evidence.len(), "entries of evidence"),
        None,
    ));
    all.extend(
        report.evidence.iter().map(|entry| {
            answer("... of these", Some(format!("evidence {}", entry.name)), entry.sha256.clone())
        }),
    );
    let gates = report.gates.iter().filter(|gate| !gate.is_risk()).count();
    let baseline = report.changes_since.as_ref();
    let used = report.waivers.iter().filter(|waiver| waiver.state == "used").count();
    let asked = report.policy.is_some();
    let remembered = report.remembered.as_ref();
    let of = |kind: &str| events(report).into_iter().filter(|event| event.kind == kind).count();
    all.extend([
        answer("What had to hold?", count(gates, "gates in the manifest"), None),
        answer(
            "What came out?",
            Some(format!("{}, in report.json", report.decision.0.word())),
            Some(report.content_checksum()),
        ),
        answer("With what was it compared?", baseline.map(|version| format!("the baseline {version}")), None),
        answer(
            "What changed since then?",
            baseline.map(|_| format!("changes: {}, in report.json", report.changed.len())),
            None,
        ),
        answer(
            "Which exceptions were accepted, and by whom?",
            asked.then(|| format!("waivers in use: {used}, in report.json")),
            None,
        ),
        answer(
            "Which risks were assessed, and what tests them?",
            report.risks_in_words().map(|words| format!("the register: {words}")),
            None,
        ),
        answer("Who approved it?", count(of("approved"), "approvals in the ledger"), None),
        answer(
            "How did it go into production, and back?",
            count(of("started") + of("step") + of("rolled-back") + of("promoted"), "events in the ledger"),
            None,
        ),
        answer(
            "Is the record whole?",
            remembered.map(|ledger| {
                format!(
                    "events: {}; `relgate verify --against REF` holds them against a branch",
                    ledger.count
                )
            }),
            remembered.and_then(|ledger| match ledger.heads.as_slice() {
                [head] => Some(head.clone()),
                _ => None,
            }),
        ),
    ]);
    all
}

/// The newest events of the release's name, oldest first; none without a ledger.
pub(super) fn events(report: &Report) -> Vec<&ReportEvent> {
    let all = report.remembered.iter().flat_map(|ledger| &ledger.events);
    let own: Vec<&ReportEvent> = all.filter(|event| event.name == report.name()).collect();
    let skipped = own.len().saturating_sub(NEWEST);
    own.into_iter().skip(skipped).collect()
}

/// The answers as a table.
pub(super) fn table(answers: &[AuditAnswer]) -> String {
    let mut text = "| question | answered by | sha256 |\n|---|---|---|\n".to_owned();
    for one in answers {
        let evidence = one.evidence.as_deref().unwrap_or(NOT_PROVIDED);
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            one.question,
            told(evidence),
            one.digest.as_deref().map_or_else(|| "-".to_owned(), told)
        );
    }
    text
}

fn told(text: &str) -> String {
    escape(&clipped(text, 500))
}
