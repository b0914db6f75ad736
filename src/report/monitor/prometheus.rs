//! Signals as text that Prometheus reads, for a textfile collector.

use std::fmt::Write as _;

use super::document::{MonitorReport, MonitoredSignal};

/// A family of numbers.
struct MonitorFamily {
    name: &'static str,
    help: &'static str,
    of: fn(&MonitoredSignal) -> Option<f64>,
}

const FAMILIES: [MonitorFamily; 6] = [
    MonitorFamily {
        name: "relgate_signal_failed",
        help: "1 where the signal is shown to be broken.",
        of: |signal| Some(f64::from(u8::from(signal.outcome == "fail"))),
    },
    MonitorFamily {
        name: "relgate_signal_blind",
        help: "1 where data are missing, late, or not split as meant.",
        of: |signal| Some(f64::from(u8::from(signal.outcome == "blind"))),
    },
    MonitorFamily {
        name: "relgate_signal_passed",
        help: "1 where the signal is shown to hold.",
        of: |signal| Some(f64::from(u8::from(signal.outcome == "pass"))),
    },
    MonitorFamily {
        name: "relgate_signal_candidate",
        help: "The rate or mean of the candidate's records.",
        of: |signal| signal.candidate.value.get(),
    },
    MonitorFamily {
        name: "relgate_signal_stable",
        help: "The rate or mean of the stable release's records.",
        of: |signal| signal.stable.value.get(),
    },
    MonitorFamily {
        name: "relgate_signal_fail_evidence",
        help: "Evidence of a fail over what shows one: 1 and more is a fail.",
        of: |signal| Some(signal.evidence.fail.get()? / signal.evidence.fail_at.get()?),
    },
];

impl MonitorReport {
    /// As Prometheus' text format; `time` is that of the run, in seconds since 1970: the alarm of a watcher that died.
    #[must_use]
    pub fn prometheus(&self, time: i64) -> String {
        let mut out = String::new();
        for family in FAMILIES {
            let values: Vec<(&str, f64)> = self
                .signals
                .iter()
                .filter_map(|signal| Some((signal.id.as_str(), (family.of)(signal)?)))
                .collect();
            if values.is_empty() {
                continue;
            }
            let _ = writeln!(out, "# HELP {} {}\n# TYPE {} gauge", family.name, family.help, family.name);
            for (id, value) in values {
                let (release, id) = (label(&self.name), label(id));
                let _ = writeln!(out, "{}{{release=\"{release}\",signal=\"{id}\"}} {value}", family.name);
            }
        }
        let name = "relgate_last_run_timestamp_seconds";
        let _ = writeln!(out, "# HELP {name} When relgate last looked.\n# TYPE {name} gauge");
        let _ = writeln!(out, "{name}{{release=\"{}\"}} {time}", label(&self.name));
        out
    }
}

/// Whether a text is such a one.
pub(super) fn is_own(text: &str) -> bool {
    text.starts_with("# HELP relgate_")
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
