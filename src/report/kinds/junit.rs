//! For CI servers that show tests: a suite a release, a case a gate, and a case `release` for what is said outside of gates.
//!
//! No line break of somebody else's is kept, so that no line of the text begins with what a CI log would take for a command.
//!
//! It never disagrees with the exit code: 1 has a failure, 2 and 3 have an error and no failure, 0 has neither.

use std::fmt::Write as _;

use super::kind::{Kind, Several};
use crate::diagnostic::printable;
use crate::gate::Outcome;
use crate::report::v1::{Report, ReportFinding, ReportGate};
use crate::report::xml::{attribute, content};
use crate::verdict::Decision;

pub(super) const KIND: Kind = Kind {
    name: "junit",
    about: "for CI servers that show tests (JUnit XML)",
    file: "junit.xml",
    media: "application/xml",
    always: false,
    report: |report, _| document(std::slice::from_ref(report)),
    ending: None,
    several: Several::Whole(|reports, _| document(reports)),
    comparison: None,
    history: None,
    is_own: |text| text.starts_with(HEAD),
    shared: None,
};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"relgate\"";

/// What becomes of a case.
enum Result {
    Passed,
    /// Text that stands in the way of nothing.
    Told(String),
    Skipped(String),
    Error(String),
    Failure(String),
}

/// A case of a suite.
struct Case {
    name: String,
    result: Result,
    /// The type of a failure or error.
    kind: String,
    /// The lines below its first.
    body: String,
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

fn document(reports: &[Report]) -> String {
    let suites: Vec<(&Report, Vec<Case>)> = reports.iter().map(|report| (report, cases(report))).collect();
    let all = count(suites.iter().flat_map(|(_, cases)| cases));
    let mut text = format!(
        "{HEAD} tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"0\">\n",
        all.tests, all.failures, all.errors
    );
    for (report, cases) in &suites {
        suite(&mut text, report, cases);
    }
    text.push_str("</testsuites>\n");
    text
}

fn count<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Counts {
    cases.into_iter().fold(Counts::default(), |mut counts, case| {
        counts.tests += 1;
        match case.result {
            Result::Passed | Result::Told(_) => {}
            Result::Skipped(_) => counts.skipped += 1,
            Result::Error(_) => counts.errors += 1,
            Result::Failure(_) => counts.failures += 1,
        }
        counts
    })
}

fn suite(text: &mut String, report: &Report, cases: &[Case]) {
    let name = report.name();
    let counts = count(cases);
    let _ = writeln!(
        text,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"0\" timestamp=\"{}\">",
        attribute(name),
        counts.tests,
        counts.failures,
        counts.errors,
        counts.skipped,
        report.generated_at.format("%Y-%m-%dT%H:%M:%S")
    );
    for case in cases {
        let _ = write!(
            text,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"0\"",
            attribute(name),
            attribute(&case.name)
        );
        let tag = match &case.result {
            Result::Passed => {
                text.push_str("/>\n");
                continue;
            }
            Result::Told(told) => {
                let _ = writeln!(
                    text,
                    ">\n      <system-out>{}</system-out>\n    </testcase>",
                    content(&(told.clone() + &case.body))
                );
                continue;
            }
            Result::Skipped(message) => {
                let _ = writeln!(text, ">\n      <skipped>{}</skipped>\n    </testcase>", content(message));
                continue;
            }
            Result::Error(message) => ("error", message),
            Result::Failure(message) => ("failure", message),
        };
        let (tag, message) = tag;
        let _ = writeln!(
            text,
            ">\n      <{tag} type=\"{}\" message=\"{}\">{}</{tag}>\n    </testcase>",
            attribute(&case.kind),
            attribute(message),
            content(&(message.clone() + &case.body))
        );
    }
    text.push_str("  </testsuite>\n");
}

fn cases(report: &Report) -> Vec<Case> {
    let mut cases: Vec<Case> = report.gates.iter().map(|gate| of_gate(report, gate)).collect();
    cases.push(of_release(report, &count(&cases)));
    cases
}

fn of_gate(report: &Report, gate: &ReportGate) -> Case {
    let told = format!("{}{}: {}", gate.came_to(), gate.lacks(), printable(&gate.reason.text));
    let result = match (gate.outcome.0, gate.stops) {
        (Outcome::Pass, _) => Result::Passed,
        (Outcome::NotApplicable, _) => Result::Skipped(told),
        (_, false) if gate.waived.is_some() => {
            let signed =
                report.waivers_of(gate).map(|waiver| format!("; waived: {}", printable(&waiver.sentence())));
            Result::Skipped(told + &signed.collect::<String>())
        }
        (_, false) => Result::Told(told),
        (Outcome::Fail, true) => Result::Failure(told),
        (Outcome::Inconclusive | Outcome::Error, true) => Result::Error(told),
    };
    let cases = gate.named_cases().map(|cases| format!("\ncases: {}", printable(&cases)));
    let help = gate.reason.advice.as_ref().map(|advice| format!("\ndo: {}", printable(advice)));
    Case {
        name: gate.id.clone(),
        result,
        kind: gate.reason.code.clone(),
        body: format!(
            "\nrule: {}\nmeasured: {}{}{}",
            printable(&gate.rule),
            printable(&gate.measured()),
            cases.unwrap_or_default(),
            help.unwrap_or_default()
        ),
    }
}

/// What is said outside of gates; it carries the verdict where no gate does.
fn of_release(report: &Report, gates: &Counts) -> Case {
    let line = |kind: &str, finding: &ReportFinding| format!("\n{kind}: {}", printable(&finding.in_a_line()));
    let errors = report.errors.iter().map(|finding| line("error", finding));
    let warnings = report.warnings.iter().map(|finding| line("warning", finding));
    let next = format!("\nnext: {}", printable(&report.next.text));
    let body: String = errors.chain(warnings).chain([next]).collect();
    let headline = printable(&report.headline());
    let result = match report.decision.0 {
        Decision::Fail if gates.failures == 0 => Result::Failure(headline),
        Decision::Fail | Decision::Error if !report.errors.is_empty() => Result::Error(headline),
        Decision::Error | Decision::Inconclusive if gates.errors == 0 => Result::Error(headline),
        _ => Result::Told(headline),
    };
    let kind =
        report.errors.first().map_or_else(|| report.decision.0.word().to_owned(), |first| first.code.clone());
    Case { name: "release".to_owned(), result, kind, body }
}
