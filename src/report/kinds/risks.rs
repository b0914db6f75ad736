//! The register of risks as Markdown: what could go wrong, what shows that it does not, and who looks after it.

use std::fmt::Write as _;

use super::kind::{Kind, Several};
use crate::report::escape::{clipped, escape};
use crate::report::v1::{Report, ReportRisk};

pub(super) const KIND: Kind = Kind {
    name: "risks",
    about: "the register of risks: what tests each, what that came to, who looks after it",
    file: "RISKS.md",
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
const MARKER: &str = "<!-- relgate risks -->";
/// The first lines of a table of risks.
pub(super) const HEAD: &str = "| risk | likelihood | impact | residual | shown by | outcome | owner | review |\n|---|---|---|---|---|---|---|---|\n";
/// So many characters of a text of other people are shown.
const LONGEST_TEXT: usize = 1_000;

fn document(reports: &[Report]) -> String {
    let mut text = format!("{MARKER}\n");
    for report in reports {
        let _ = writeln!(text, "# Risks of {}\n", told(&report.title()));
        if let Some(error) = report.first_error().filter(|_| report.risks.is_empty()) {
            let _ = writeln!(text, "The release could not be judged: {}.", told(&error));
            continue;
        }
        let Some(words) = report.risks_in_words() else {
            text.push_str("This release has no register of risks (`risks:` in its manifest).\n");
            continue;
        };
        let _ = writeln!(
            text,
            "{} risks: {words}. Judged as of {} by relgate {}; the decision is {}.\n",
            report.risks.len(),
            report.as_of,
            told(&report.tool.version),
            report.decision.0.word()
        );
        text.push_str(HEAD);
        text.extend(report.risks.iter().map(row));
        text.push('\n');
        for risk in &report.risks {
            text.push_str(&section(risk));
        }
    }
    text
}

/// A risk as a row of the table that [`HEAD`] begins.
pub(super) fn row(risk: &ReportRisk) -> String {
    let levels = match &risk.assessment {
        Some(it) => [it.likelihood, it.impact, it.residual].map(|level| level.0.word()),
        None => ["-"; 3],
    };
    let due = if risk.review_due { " (due)" } else { "" };
    format!(
        "| {} | {} | {} | {} | {}{due} |\n",
        told(&risk.id),
        levels.join(" | "),
        told(&risk.shown_by()),
        [risk.outcome.0.word(), &told(&risk.owner)].join(" | "),
        risk.review
    )
}

fn section(risk: &ReportRisk) -> String {
    let mut text = format!("## {}: {}\n\n", told(&risk.id), told(&risk.title));
    match &risk.assessment {
        None => {
            let why = risk.not_applicable.as_deref().unwrap_or("no reason given");
            let _ = writeln!(text, "Not applicable: {}\n", told(why));
        }
        Some(it) => {
            let _ = writeln!(text, "Mitigation: {}\n", told(&it.mitigation));
            for test in &it.tested_by {
                let _ = writeln!(text, "- {}: {}", told(&test.id), test.came_to());
            }
            if let Some(accepted) = &it.accepted {
                let _ = writeln!(text, "- accepted by {}: {}", told(&accepted.by), told(&accepted.reason));
            }
            text.push('\n');
        }
    }
    if !risk.refs.is_empty() {
        let refs: Vec<String> = risk.refs.iter().map(|one| told(one)).collect();
        let _ = writeln!(text, "See {}.\n", refs.join(", "));
    }
    text
}

fn told(text: &str) -> String {
    escape(&clipped(text, LONGEST_TEXT))
}
