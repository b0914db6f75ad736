//! For GitLab's metrics reports and anything else that reads `OpenMetrics` text: the figures of every gate and slice.
//!
//! A label never says what may change from one release to the next (an outcome, a version), so that a reader can put the same
//! series of two releases side by side.

use std::fmt::Write as _;

use super::kind::{Kind, Several};
use crate::diagnostic::printable;
use crate::gate::Outcome;
use crate::report::v1::{Finite, Report, ReportChange, ReportEstimate, ReportGate, unit_name};

pub(super) const KIND: Kind = Kind {
    name: "metrics",
    about: "for GitLab's metrics reports (OpenMetrics text)",
    file: "metrics.txt",
    media: "application/openmetrics-text",
    always: false,
    report: |report, _| document(std::slice::from_ref(report)),
    ending: None,
    several: Several::Whole(|reports, _| document(reports)),
    comparison: None,
    history: None,
    is_own: |text| text.starts_with("# TYPE relgate_"),
    shared: None,
};

/// A family of numbers, and where a gate or slice has its own.
struct Family {
    name: &'static str,
    help: &'static str,
    of: fn(&Figures<'_>) -> Option<f64>,
}

/// What a gate or one of its slices has to say.
struct Figures<'a> {
    gate: &'a ReportGate,
    is_slice: bool,
    outcome: Outcome,
    candidate: &'a ReportEstimate,
    change: Option<&'a ReportChange>,
}

impl Figures<'_> {
    fn judged(
        &self,
        of_level: fn(&ReportEstimate) -> Finite,
        of_change: fn(&ReportChange) -> Finite,
    ) -> Option<f64> {
        self.change.map_or_else(|| of_level(self.candidate), of_change).get()
    }
}

const FAMILIES: [Family; 7] = [
    Family {
        name: "relgate_gate_passed",
        help: "1 where the rule holds.",
        of: |one| Some(f64::from(u8::from(one.outcome == Outcome::Pass))),
    },
    Family {
        name: "relgate_gate_stops",
        help: "1 where the gate keeps the release from passing.",
        of: |one| (!one.is_slice).then(|| f64::from(u8::from(one.gate.stops))),
    },
    Family {
        name: "relgate_gate_value",
        help: "What the rule is about: a level, or a change since the baseline.",
        of: |one| one.judged(|level| level.value, |change| change.value),
    },
    Family {
        name: "relgate_gate_lower",
        help: "Its one-sided lower limit.",
        of: |one| one.judged(|level| level.lower, |change| change.lower),
    },
    Family {
        name: "relgate_gate_upper",
        help: "Its one-sided upper limit.",
        of: |one| one.judged(|level| level.upper, |change| change.upper),
    },
    Family {
        name: "relgate_gate_threshold",
        help: "What the rule asks for.",
        of: |one| one.gate.threshold.value.get().filter(|_| !one.is_slice),
    },
    Family {
        name: "relgate_gate_samples",
        help: "Samples with a usable score.",
        of: |one| one.candidate.n.map(|n| n as f64),
    },
];

fn document(reports: &[Report]) -> String {
    let mut text = String::from(
        "# TYPE relgate_exit_code gauge\n# HELP relgate_exit_code 0 pass, 1 fail, 2 error, 3 inconclusive.\n",
    );
    for report in reports {
        let labels = [("release", report.name()), ("manifest", report.manifest.as_deref().unwrap_or(""))];
        sample(&mut text, "relgate_exit_code", &labels, f64::from(report.exit_code));
    }
    for family in &FAMILIES {
        let _ = writeln!(text, "# TYPE {0} gauge\n# HELP {0} {1}", family.name, family.help);
        for report in reports {
            for gate in &report.gates {
                of_gate(&mut text, family, report, gate);
            }
        }
    }
    text.push_str("# EOF\n");
    text
}

fn of_gate(text: &mut String, family: &Family, report: &Report, gate: &ReportGate) {
    let unit = unit_name(gate.threshold.unit).unwrap_or_default();
    let whole = Figures {
        gate,
        is_slice: false,
        outcome: gate.outcome.0,
        candidate: &gate.candidate,
        change: gate.change.as_ref(),
    };
    let labels = [("release", report.name()), ("gate", gate.id.as_str()), ("unit", unit.as_str())];
    if let Some(value) = (family.of)(&whole) {
        sample(text, family.name, &labels, value);
    }
    for slice in &gate.slices {
        let part = Figures {
            gate,
            is_slice: true,
            outcome: slice.outcome.0,
            candidate: &slice.candidate,
            change: slice.change.as_ref(),
        };
        let name = slice.key.name();
        let labels = [labels[0], labels[1], labels[2], ("slice", name.as_str())];
        if let Some(value) = (family.of)(&part) {
            sample(text, family.name, &labels, value);
        }
    }
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: f64) {
    let labels: Vec<String> = labels
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}=\"{}\"", label(value)))
        .collect();
    let _ = writeln!(text, "{name}{{{}}} {value}", labels.join(","));
}

/// Text between the quotes of a label.
fn label(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('"', "\\\"")
}
