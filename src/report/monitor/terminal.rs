//! Signals for a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::document::{MonitorReport, MonitoredArm, MonitoredEvent, MonitoredSeen, MonitoredSignal};
use crate::diagnostic::printable;
use crate::report::number::count;
use crate::report::page::{Screen, push_wrapped};

/// Whether a text is such a one: its decision, and below the signals what was read.
pub(super) fn is_own(text: &str) -> bool {
    let first = text.split("  ").next().unwrap_or("");
    ["PASS", "FAIL", "BLIND", "INCONCLUSIVE"].contains(&first) && text.contains("\n\nlog   ")
}

impl MonitorReport {
    /// The signals, each with what was seen of both sides, then the rows.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        let width = screen.columns();
        let mut out = String::new();
        let word = screen.styled(&self.decision.to_uppercase(), style(self.decision).bold());
        push_wrapped(&mut out, &format!("{word}  "), &self.headline(), width);
        if screen.quiet {
            return out;
        }
        for signal in &self.signals {
            out.push('\n');
            let outcome = screen.styled(&format!("{:>12}", signal.outcome), style(signal.outcome));
            let title = format!("{}: {}", printable(&signal.id), printable(&signal.rule));
            push_wrapped(&mut out, &format!("{outcome}  "), &title, width);
            for line in lines(signal, self.stable.is_some() && self.phase == "beside") {
                push_wrapped(&mut out, "              ", &line, width);
            }
        }
        out.push('\n');
        push_wrapped(&mut out, "log   ", &self.rows(), width);
        for note in &self.notes {
            push_wrapped(&mut out, "note  ", &printable(note), width);
        }
        out
    }

    fn headline(&self) -> String {
        let mut text = format!("{} {}", printable(&self.name), printable(&self.release));
        if let Some(stable) = self.stable.as_ref().filter(|_| self.phase == "beside") {
            let _ = write!(text, " beside {}", printable(stable));
        }
        if let Some(weight) = self.weight.get() {
            let _ = write!(text, " at {}%", 100.0 * weight);
        }
        let of = |word: &str| self.signals.iter().filter(|signal| signal.outcome == word).count();
        for word in ["fail", "blind", "inconclusive", "pass"] {
            let many = of(word);
            if many > 0 {
                let _ = write!(text, "{} {many} {word}", if text.contains(':') { "," } else { ":" });
            }
        }
        text
    }

    fn rows(&self) -> String {
        let log = &self.log.counts;
        let mut text =
            format!("{} rows, {} records of the two releases", count(log.rows), count(log.selected));
        for (many, what) in [
            (log.late, "later rows"),
            (log.other, "of other releases"),
            (log.outside, "outside of the steps"),
            (log.left_out, "left out by `where`"),
            (log.torn, "cannot be read"),
            (log.orphans, "that add to no known record"),
            (log.without_unit, "without a unit"),
        ] {
            if many > 0 {
                let _ = write!(text, "; {} {what}", count(many));
            }
        }
        if let Some(daily) = self.log.requests_a_day.get() {
            let _ = write!(text, "; about {} requests a day", count(daily.round() as u64));
        }
        text
    }
}

fn lines(signal: &MonitoredSignal, beside: bool) -> Vec<String> {
    let mut lines = vec![printable(&signal.reason)];
    if signal.id != "split" {
        let mut sides = format!("candidate {}", side(signal, &signal.candidate));
        if beside {
            let _ = write!(sides, "; stable {}", side(signal, &signal.stable));
        }
        lines.push(sides);
    }
    // Where there is nothing to see the reason says so.
    let waits = |seen: &MonitoredSeen| signal.outcome == "inconclusive" && seen.detect.get() != Some(0.0);
    if let Some(seen) = signal.seen.filter(waits) {
        let harm = seen.detect.get().map_or_else(String::new, |detect| harm(signal, detect));
        lines.push(match seen.needed {
            Some(0) => "everybody has the candidate: what was seen beside the stable release keeps its value"
                .to_owned(),
            Some(needed) if seen.enough => {
                format!(
                    "seen enough: {} {}, and {} would show {harm} 8 times in 10",
                    count(seen.have),
                    seen.counted,
                    count(needed)
                )
            }
            Some(needed) => {
                format!(
                    "seen {} of the {} {} that would show {harm} 8 times in 10",
                    count(seen.have),
                    count(needed),
                    seen.counted
                )
            }
            None => format!("no practical number of {} would show {harm}", seen.counted),
        });
    }
    if signal.outcome == "fail" {
        lines.push(format!("then: {}", printable(&signal.action)));
    }
    lines
}

/// The harm that matters, in words.
fn harm(signal: &MonitoredSignal, detect: f64) -> String {
    match signal.method {
        "mixture" => {
            let of = signal.counts.map_or_else(String::new, |counted| beyond(signal, counted));
            format!("a rate of {}%{of}", short(100.0 * detect))
        }
        "betting" => format!("a mean of {}{}", short(detect), signal.unit),
        _ if signal.rule.starts_with("drift") => format!("a drift of {}pp", short(100.0 * detect)),
        _ => format!("{} times the stable release's", short(detect)),
    }
}

fn side(signal: &MonitoredSignal, arm: &MonitoredArm) -> String {
    let Some(value) = arm.value.get() else { return "no record".to_owned() };
    let value = match arm.events {
        Some(events) => {
            let of = signal.counts.map_or_else(String::new, |counted| beyond(signal, counted));
            format!("{}%{of} ({} of {})", short(100.0 * value), count(events), count(arm.n))
        }
        None => format!("{} (mean of {})", measured(signal, value), count(arm.n)),
    };
    if arm.missing > 0 { format!("{value}, {} without it", count(arm.missing)) } else { value }
}

/// A value in the signal's unit.
fn measured(signal: &MonitoredSignal, value: f64) -> String {
    let (before, behind) = if signal.unit.starts_with('$') { ("$", "") } else { ("", signal.unit) };
    format!("{before}{}{behind}", short(value))
}

/// Which values a share is of.
fn beyond(signal: &MonitoredSignal, counted: MonitoredEvent) -> String {
    let limit = measured(signal, counted.limit);
    match counted.side {
        "at-least" => format!(" at {limit} or above"),
        "at-most" => format!(" at {limit} or below"),
        side => format!(" {side} {limit}"),
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { (2 - value.abs().log10().floor() as i32).clamp(0, 8) };
    let text = format!("{value:.*}", digits as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn style(word: &str) -> Style {
    let color = match word {
        "pass" => AnsiColor::Green,
        "fail" => AnsiColor::Red,
        "blind" => AnsiColor::Magenta,
        _ => AnsiColor::Yellow,
    };
    color.on_default()
}
