//! The report as Markdown, fit for a pull-request comment.
//!
//! Every text that somebody else wrote is escaped: no link, mention, HTML or table cell can be smuggled in.

use std::fmt::Write as _;

use super::changes::{self, LOOSER, MAYBE};
use super::document::{Finding, Gate, Report};
use super::words::{cell, outcome, waiver};
use crate::diagnostic::printable;
use crate::gate::Outcome;
use crate::verdict::Decision;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    let word = report.decision.word().to_uppercase();
    let _ = writeln!(text, "## {} relgate: {word}\n", mark(report.decision));
    let _ = writeln!(text, "{}.\n", escape(&report.headline()));
    if let Some(summary) = &report.release.summary {
        let _ = writeln!(text, "> {}\n", escape(summary));
    }
    text.push_str("| gate | candidate \\[limits\\] | threshold | outcome |\n|---|---|---|---|\n");
    for gate in &report.gates {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            escape(&gate.id),
            escape(&cell(gate.judged(), gate.threshold, gate.unit)),
            escape(&format!("{} {}", gate.op, gate.threshold_text)),
            outcome(gate)
        );
        for slice in
            gate.slices.iter().filter(|slice| slice.outcome != Outcome::Pass || gate.slices.len() <= 8)
        {
            let cell = cell(&slice.judged, gate.threshold, gate.unit);
            let _ = writeln!(
                text,
                "| &emsp;{} | {} | | {} |",
                escape(&slice.name),
                escape(&cell),
                slice.outcome.word()
            );
        }
    }
    open_gates(&mut text, report);
    findings(&mut text, "Errors", &report.errors);
    findings(&mut text, "Warnings", &report.warnings);
    details(&mut text, report);
    text
}

fn open_gates(text: &mut String, report: &Report) {
    let open: Vec<&Gate> = report.gates.iter().filter(|gate| gate.outcome != Outcome::Pass).collect();
    if open.is_empty() {
        return;
    }
    text.push_str("\n### What did not pass\n\n");
    for gate in open {
        let _ = write!(text, "- **{}** {}: {}.", escape(&gate.id), outcome(gate), escape(&gate.why));
        for one in &gate.waived {
            let _ = write!(text, " *Waived:* {}.", escape(&waiver(one)));
        }
        if let (Some(advice), true) = (&gate.advice, gate.waived.is_empty()) {
            let _ = write!(text, " *What to do:* {}.", escape(advice));
        }
        text.push('\n');
    }
}

fn findings(text: &mut String, title: &str, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    let _ = write!(text, "\n### {title}\n\n");
    for finding in findings {
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!(" ({}:{line})", escape(file)),
            (Some(file), None) => format!(" ({})", escape(file)),
            _ => String::new(),
        };
        let _ = writeln!(text, "- {}{place}", escape(&finding.text));
    }
}

fn details(text: &mut String, report: &Report) {
    if !report.changed.is_empty() {
        text.push_str("\n### What changed\n\n");
    }
    let (shown, left_out) = changes::shown(&report.changed, MOST_CHANGES);
    for line in shown {
        let _ = match (line.strip_prefix(LOOSER), line.strip_prefix(MAYBE)) {
            (Some(rest), _) => writeln!(text, "- **looser:** {}", escape(rest)),
            (_, Some(rest)) => writeln!(text, "- **may be looser:** {}", escape(rest)),
            (None, None) => writeln!(text, "- {}", escape(line)),
        };
    }
    if left_out > 0 {
        let _ = writeln!(text, "- and {left_out} more (report.json has all)");
    }
    text.push_str("\n<details><summary>Artifacts and evidence</summary>\n\n");
    text.push_str("| artifact | version | sha256 |\n|---|---|---|\n");
    for artifact in &report.artifacts {
        let digest = artifact.sha256.as_deref().map_or("", |hex| hex.get(..12).unwrap_or(hex));
        let _ = writeln!(
            text,
            "| {} {} | {} | {digest} |",
            escape(artifact.kind),
            escape(&artifact.name),
            escape(&artifact.version)
        );
    }
    match report.release.lock_sha256.as_deref().and_then(|hex| hex.get(..12)) {
        Some(digits) => {
            let _ = writeln!(text, "\nAs locked (the lock has sha256 {digits}).");
        }
        None => text.push_str("\nNot locked: `relgate lock` writes down what each artifact is.\n"),
    }
    text.push_str("\n| evidence | format | rows | selected | scored | sha256 |\n|---|---|---|---|---|---|\n");
    for evidence in &report.evidence {
        let count = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), super::number::count);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            escape(&evidence.name),
            evidence.format,
            count(evidence.rows),
            count(evidence.selected),
            count(evidence.scored),
            evidence.sha256.get(..12).unwrap_or(&evidence.sha256)
        );
    }
    let _ = writeln!(
        text,
        "\nPass at {} confidence, fail at {}; blocking gates required on {}; judged as of {} by relgate {}.\n\n</details>",
        report.policy.confidence,
        report.policy.fail_confidence,
        escape(&report.requirement()),
        report.as_of,
        report.tool_version
    );
}

/// So many lines on what changed.
const MOST_CHANGES: usize = 50;

fn mark(decision: Decision) -> &'static str {
    match decision {
        Decision::Pass => "✅",
        Decision::Inconclusive => "❔",
        Decision::Error => "⚠️",
        Decision::Fail => "❌",
    }
}

/// Breaks up a mention, a reference or an address without showing. Code hosts look for those in the rendered text, where
/// an entity for `@` would be an `@` again.
pub(super) const BREAK: &str = "&#8203;";

/// Text as text: Markdown's own characters, HTML, mentions and references lose their meaning.
pub(super) fn escape(text: &str) -> String {
    let plain = printable(text);
    let mut escaped = String::with_capacity(plain.len());
    for (at, c) in plain.char_indices() {
        let rest = plain.get(at..).unwrap_or_default();
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '#' => {
                escaped.push_str("\\#");
                escaped.push_str(BREAK);
            }
            _ => escaped.push(c),
        }
        if c == '@' || rest.starts_with("://") || rest.starts_with("w.") {
            escaped.push_str(BREAK);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_is_smuggled_in() {
        assert_eq!(escape("a|b"), "a\\|b");
        assert_eq!(escape("<img src=x>"), "&lt;img src=x&gt;");
        assert_eq!(escape("@team #12 https://x"), "@&#8203;team \\#&#8203;12 https:&#8203;//x");
        assert_eq!(escape("www.x.y"), "www&#8203;.x.y");
        assert_eq!(escape("[x](y)\n# h"), "\\[x\\]\\(y\\)\\\\n\\#&#8203; h");
        assert_eq!(escape("\u{1b}[31m"), "\\\\u\\{1b\\}\\[31m");
    }
}
