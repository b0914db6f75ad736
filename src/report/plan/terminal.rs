//! A plan for a terminal.

use std::fmt::Write as _;

use super::words::chance;
use super::{PlanReport, PlannedEvidence, PlannedGate};
use crate::diagnostic::printable;
use crate::manifest::Enforcement;
use crate::manifest::Unit;
use crate::report::number::{Scale, count};
use crate::report::page::{Screen, push_wrapped};

impl PlanReport {
    /// The gates with what each needs, then all of them together.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        let width = screen.columns();
        let mut out = String::new();
        push_wrapped(&mut out, "PLAN  ", &self.headline(), width);
        if screen.quiet {
            return out;
        }
        for gate in &self.gates {
            out.push('\n');
            let lead = gate.passes().map_or_else(|| "?".to_owned(), chance);
            let warns = if gate.enforcement.0 == Enforcement::Warn { ", warns only" } else { "" };
            push_wrapped(
                &mut out,
                &format!("{lead:>6}  "),
                &format!("{}: {}{warns}", gate.id, gate.rule),
                width,
            );
            for sentence in &gate.text {
                push_wrapped(&mut out, "        ", sentence, width);
            }
        }
        out.push('\n');
        for entry in &self.evidence {
            push_wrapped(&mut out, "evidence  ", &entry.in_a_line(), width);
        }
        for line in self.together() {
            push_wrapped(&mut out, "together  ", &line, width);
        }
        push_wrapped(&mut out, "next      ", &self.next(), width);
        out
    }

    /// What it comes to, in a line.
    pub(in crate::report) fn headline(&self) -> String {
        let blocking = self.gates.iter().filter(|gate| gate.enforcement.0 == Enforcement::Block).count();
        let head = format!(
            "{} {}: {blocking} blocking gate{}",
            printable(&self.name),
            self.version,
            if blocking == 1 { "" } else { "s" }
        );
        if !self.never_pass.is_empty() {
            return format!("{head}; can never pass as planned: {}", self.never_pass.join(", "));
        }
        match (self.joint.at_least.get(), self.joint.at_most.get()) {
            (Some(low), Some(high)) => {
                let which = match self.joint.unknown.len() {
                    0 => "all".to_owned(),
                    _ => format!("{} of them", self.joint.gates),
                };
                let (low, high) = (chance(low), chance(high));
                let between = if low == high { high } else { format!("{low} to {high}") };
                format!("{head}; if the true values are as assumed, {which} pass with a chance of {between}")
            }
            _ => format!("{head}; nothing says how likely they pass"),
        }
    }

    /// All gates and what they cost, a sentence each.
    pub(in crate::report) fn together(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let joint = &self.joint;
        if let (Some(low), Some(high), Some(product), true) =
            (joint.at_least.get(), joint.at_most.get(), joint.independent.get(), joint.parts > 1)
        {
            let slices = if joint.parts > joint.gates {
                format!(" ({} with their slices)", joint.parts)
            } else {
                String::new()
            };
            let gates = if joint.gates == 1 { "1 gate".to_owned() } else { format!("{} gates", joint.gates) };
            let (least, most, apart) = (chance(low), chance(high), chance(product));
            lines.push(if least == most {
                format!("{gates}{slices} all pass with a chance of {most}")
            } else {
                format!(
                    "{gates}{slices} all pass with a chance from {least} to {most}: it depends on whether they fail on the same samples; {apart} if each failed on its own"
                )
            });
        }
        if !joint.unknown.is_empty() {
            lines.push(format!(
                "not in it, because nothing says how likely they pass: {}",
                joint.unknown.join(", ")
            ));
        }
        let money = |usd: f64| Scale::new(Unit::USD, f64::NAN, (None, None)).show(usd);
        match (self.cost_usd.get(), self.seconds.get()) {
            (None, None) => {}
            (cost, seconds) => {
                let cost = cost.map(|usd| format!("costs about {}", money(usd)));
                let time = seconds.map(|seconds| {
                    format!("takes about {}, {} at a time", duration(seconds), count(self.parallel))
                });
                let both: Vec<String> = cost.into_iter().chain(time).collect();
                lines.push(format!("the evaluation {}", both.join(" and ")));
            }
        }
        lines
    }

    /// What to do now.
    pub(in crate::report) fn next(&self) -> String {
        let wrong =
            |gate: &&PlannedGate| gate.enforcement.0 == Enforcement::Block && gate.pilot_holds == Some(false);
        if let Some(gate) = self.gates.iter().find(wrong) {
            return format!(
                "make the release better first: in the pilot `{}` is on the wrong side of its limit, and more samples of such a release will not help",
                gate.id
            );
        }
        if let Some(gate) = self.gates.iter().find(|gate| self.never_pass.contains(&gate.id)) {
            let of_entry = self.evidence.iter().find(|entry| entry.name == gate.evidence);
            return match of_entry.and_then(|entry| entry.needed).or(gate.needed).or(gate.least) {
                Some(n) => format!(
                    "plan {} samples of `{}` or more for `{}`, and ask again: `relgate plan --n {}={n}`",
                    count(n),
                    gate.evidence,
                    gate.id,
                    gate.evidence
                ),
                None => format!("`{}` cannot pass on such an evaluation: see what it says above", gate.id),
            };
        }
        let short =
            |entry: &&PlannedEvidence| entry.needed.zip(entry.n).is_some_and(|(needed, n)| needed > n);
        if let Some(entry) = self.evidence.iter().find(short) {
            let needed = entry.needed.unwrap_or(0);
            return format!(
                "plan {} samples of `{}`, so that each of its gates passes {} of the time",
                count(needed),
                entry.name,
                chance(self.power.get().unwrap_or(0.8))
            );
        }
        let unknown = |gate: &&PlannedGate| gate.unknown == Some("needs-pilot");
        if let Some(gate) = self.gates.iter().find(unknown) {
            return format!("run a pilot for `{}`, put its results at their place and plan again", gate.id);
        }
        if let Some(gate) = self.gates.iter().find(|gate| gate.needed.is_none() && gate.least.is_some()) {
            return format!(
                "make the release better first: with the true value that is assumed, no number of samples passes `{}`",
                gate.id
            );
        }
        "evaluate the release with as many samples, then `relgate check`; a plan promises nothing about a release whose true values are worse".to_owned()
    }
}

impl PlannedGate {
    /// The chance that its least likely part passes at the planned size; none where one cannot be reckoned.
    pub(in crate::report) fn passes(&self) -> Option<f64> {
        let passes = self.parts.iter().map(|part| part.passes.get()).collect::<Option<Vec<f64>>>();
        passes.and_then(|passes| passes.into_iter().min_by(f64::total_cmp))
    }
}

impl PlannedEvidence {
    /// How many samples are planned, and how many are needed.
    pub(in crate::report) fn in_a_line(&self) -> String {
        let n = self.n.map_or_else(|| "an unknown number of".to_owned(), count);
        let from = match self.n_from {
            "given" => " (as given)",
            "pilot" => " (as many as the pilot has)",
            "needed" => " (as many as its gates need)",
            _ => "",
        };
        let mut line = format!("`{}`: {n} samples{from}", self.name);
        if let Some(needed) = self.needed.filter(|needed| Some(*needed) != self.n) {
            let _ = write!(line, "; its gates need {}", count(needed));
        }
        line
    }
}

/// Seconds as people say them.
fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 90.0 => format!("{seconds:.0} s"),
        seconds if seconds < 5400.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.1} h", seconds / 3600.0),
    }
}
