//! For GitHub Actions: the report as in a terminal, then annotations as workflow commands; the step summary is told aside.
//!
//! GitHub reads commands out of the whole log, so nothing that somebody else wrote may begin a line with one, end one or change
//! its properties.

use std::fmt::Write as _;

use super::kind::{Kind, Several, SharedFile};
use super::{markdown, terminal};
use crate::diagnostic::printable;
use crate::report::issues::{Issue, Urgency, issues};
use crate::report::page::Screen;
use crate::report::v1::Report;
use crate::verdict::Decision;

pub(super) const KIND: Kind = Kind {
    name: "github",
    about: "for GitHub Actions: the log, annotations and the step summary",
    file: "github.txt",
    media: "text/plain",
    always: false,
    report: |report, screen| document(std::slice::from_ref(report), screen),
    ending: None,
    several: Several::Whole(document),
    comparison: None,
    history: None,
    is_own: terminal::KIND.is_own,
    shared: Some(SharedFile {
        variable: "GITHUB_STEP_SUMMARY",
        most_bytes: 1 << 20,
        text: |reports| markdown::document(reports),
    }),
};

/// GitHub shows so many annotations of a type for a step, and drops the others without a word.
const MOST: usize = 10;
/// So many characters of a message are shown.
const LONGEST: usize = 4000;

fn document(reports: &[Report], screen: Screen) -> String {
    let mut text = String::new();
    for report in reports {
        text.push_str(&terminal::KIND.whole(report, screen));
        text.push('\n');
    }
    if let (Several::Told(together), true) = (terminal::KIND.several, reports.len() > 1) {
        text.push_str(&together(reports, screen));
        text.push('\n');
    }
    let all: Vec<Issue<'_>> = reports.iter().flat_map(issues).collect();
    for (command, urgency) in
        [("error", Urgency::Stops), ("warning", Urgency::Warns), ("notice", Urgency::Accepted)]
    {
        let own: Vec<&Issue<'_>> = all.iter().filter(|issue| issue.urgency == urgency).collect();
        annotate(&mut text, command, &own);
    }
    // A step that is red without an annotation leaves people searching; one that stops for nothing in a file says what.
    for report in reports.iter().filter(|report| {
        report.decision.0 != Decision::Pass
            && !issues(report).iter().any(|issue| issue.urgency == Urgency::Stops)
    }) {
        let _ = writeln!(text, "::error title=relgate::{}", data(&report.headline()));
    }
    text
}

fn annotate(text: &mut String, command: &str, own: &[&Issue<'_>]) {
    let shown = if own.len() > MOST { MOST - 1 } else { own.len() };
    for issue in own.iter().take(shown) {
        let mut properties = Vec::new();
        if let Some(file) = issue.file {
            properties.push(format!("file={}", property(file)));
            properties.extend(issue.line.map(|line| format!("line={line}")));
            properties.extend(issue.column.map(|column| format!("col={column}")));
        }
        properties.push(format!("title={}", property(&format!("relgate: {}", issue.title))));
        let lines: Vec<String> = issue.lines().iter().map(|line| data(line)).collect();
        let _ = writeln!(text, "::{command} {}::{}", properties.join(","), lines.join("%0A"));
    }
    if own.len() > shown {
        let more = own.len() - shown;
        let _ = writeln!(
            text,
            "::{command} title=relgate::and {more} more like these; the log above and report.json have all"
        );
    }
}

/// The text of a command.
fn data(text: &str) -> String {
    let plain = printable(text);
    let cut: String = plain.chars().take(LONGEST).collect();
    let cut = if cut.len() < plain.len() { cut + "…" } else { cut };
    cut.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn nothing_ends_a_command_or_begins_another() {
        assert_eq!(data("50%\n::error::x"), "50%25\\n::error::x");
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}
