//! For spreadsheets and data frames: a row a gate and slice (RFC 4180).
//!
//! Text that a spreadsheet would run as a formula gets a `'` before it. Numbers come from numbers, so a negative one stays one.

use super::kind::{Kind, Several};
use crate::diagnostic::printable;
use crate::report::v1::{Finite, Report, ReportEstimate, ReportGate, ReportSlice, unit_name};

pub(super) const KIND: Kind = Kind {
    name: "csv",
    about: "for spreadsheets: a row a gate and slice",
    file: "gates.csv",
    media: "text/csv",
    always: false,
    report: |report, _| document(std::slice::from_ref(report)),
    ending: None,
    several: Several::Whole(|reports, _| document(reports)),
    comparison: None,
    history: None,
    is_own: |text| text.lines().next().is_some_and(|first| first == COLUMNS.join(",")),
    shared: None,
};

/// Comparisons, one of which begins like a formula and is none.
const OPERATORS: [&str; 6] = ["<", "<=", ">", ">=", "==", "!="];

/// `value`, `lower`, `upper`, `confidence` and `n` are of what the rule is about: of the change, for a rule about one.
const COLUMNS: [&str; 26] = [
    "release",
    "version",
    "decision",
    "gate",
    "slice",
    "rule",
    "metric",
    "category",
    "enforcement",
    "outcome",
    "stops",
    "waived",
    "value",
    "lower",
    "upper",
    "confidence",
    "n",
    "candidate",
    "baseline",
    "op",
    "threshold",
    "unit",
    "p_pass",
    "p_fail",
    "reason",
    "text",
];

fn document(reports: &[Report]) -> String {
    let mut text = COLUMNS.join(",") + "\r\n";
    for report in reports {
        let version = report.release.as_ref().map(|release| release.version.to_string()).unwrap_or_default();
        let of_release = [cell(report.name()), cell(&version), cell(report.decision.0.word())];
        for gate in &report.gates {
            row(&mut text, &of_release, of_gate(gate));
            for slice in &gate.slices {
                row(&mut text, &of_release, of_slice(gate, slice));
            }
        }
        // A release without gates still has a verdict, and something to say.
        for finding in &report.errors {
            row(&mut text, &of_release, of_error(&finding.code, &finding.in_a_line()));
        }
        if report.gates.is_empty() && report.errors.is_empty() {
            row(&mut text, &of_release, of_error("", &report.headline()));
        }
    }
    text
}

fn row(text: &mut String, of_release: &[String; 3], cells: [String; 23]) {
    text.push_str(&of_release.join(","));
    for cell in cells {
        text.push(',');
        text.push_str(&cell);
    }
    text.push_str("\r\n");
}

fn of_gate(gate: &ReportGate) -> [String; 23] {
    let judged = Judged::of(&gate.candidate, gate.change.as_ref());
    let [value, lower, upper, confidence, n] = judged.cells();
    [
        cell(&gate.id),
        String::new(),
        cell(&gate.rule),
        cell(&gate.metric),
        cell(gate.category.map_or("", |category| category.0.word())),
        cell(gate.enforcement.0.word()),
        cell(gate.outcome.0.word()),
        gate.stops.to_string(),
        gate.waived.is_some().to_string(),
        value,
        lower,
        upper,
        confidence,
        n,
        number(gate.candidate.value),
        number(gate.baseline.as_ref().map_or_else(Finite::default, |baseline| baseline.value)),
        if OPERATORS.contains(&gate.threshold.op.as_str()) {
            gate.threshold.op.clone()
        } else {
            cell(&gate.threshold.op)
        },
        number(gate.threshold.value),
        cell(&unit_name(gate.threshold.unit).unwrap_or_default()),
        number(gate.p_pass),
        number(gate.p_fail),
        cell(&gate.reason.code),
        cell(&gate.reason.text),
    ]
}

fn of_slice(gate: &ReportGate, slice: &ReportSlice) -> [String; 23] {
    let judged = Judged::of(&slice.candidate, slice.change.as_ref());
    let [value, lower, upper, confidence, n] = judged.cells();
    let mut cells = of_gate(gate);
    let own = [
        (1, cell(&slice.key.name())),
        (6, cell(slice.outcome.0.word())),
        (7, String::new()),
        (8, String::new()),
        (9, value),
        (10, lower),
        (11, upper),
        (12, confidence),
        (13, n),
        (14, number(slice.candidate.value)),
        (15, String::new()),
        (19, number(slice.p_pass)),
        (20, number(slice.p_fail)),
        (21, String::new()),
        (22, String::new()),
    ];
    for (at, text) in own {
        if let Some(cell) = cells.get_mut(at) {
            *cell = text;
        }
    }
    cells
}

/// What could not be judged.
fn of_error(code: &str, text: &str) -> [String; 23] {
    let mut cells: [String; 23] = Default::default();
    let [.., reason, last] = &mut cells;
    *reason = cell(code);
    *last = cell(text);
    cells
}

/// What a rule is about.
struct Judged {
    figures: [Finite; 4],
    n: Option<u64>,
}

impl Judged {
    fn of(candidate: &ReportEstimate, change: Option<&crate::report::v1::ReportChange>) -> Self {
        match change {
            Some(change) => {
                Self { figures: [change.value, change.lower, change.upper, change.confidence], n: change.n }
            }
            None => Self {
                figures: [candidate.value, candidate.lower, candidate.upper, candidate.confidence],
                n: candidate.n,
            },
        }
    }

    fn cells(&self) -> [String; 5] {
        let [value, lower, upper, confidence] = self.figures.map(number);
        [value, lower, upper, confidence, self.n.map(|n| n.to_string()).unwrap_or_default()]
    }
}

/// The shortest digits that read back as the number; empty where there is none.
fn number(value: Finite) -> String {
    let tiny = |value: f64| value != 0.0 && value.abs() < 1e-5;
    let text = |value: f64| if tiny(value) { format!("{value:e}") } else { value.to_string() };
    value.get().map(text).unwrap_or_default()
}

/// Text that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let plain = printable(text);
    let runs = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠');
    let first = plain.trim_start_matches([' ', '\'']).chars().next();
    // Nor does a CI log take a row for a command.
    if first.is_some_and(runs) || plain.trim_start().starts_with("::") {
        quoted(&format!("'{plain}"))
    } else {
        quoted(&plain)
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{cell, number};

    #[test]
    fn text_is_no_formula_and_numbers_stay_numbers() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell(" =HYPERLINK(\"x\",\"y\")"), "\"' =HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("-3pp"), "'-3pp");
        assert_eq!(cell("\t=1"), "\\t=1".replace("\\t", "\\u{9}"));
        assert_eq!(number((-0.5).into()), "-0.5");
        assert_eq!(number(f64::NAN.into()), "");
        assert_eq!(number(2.5e-13.into()), "2.5e-13");
    }
}
