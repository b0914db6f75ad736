//! A history for a person at a terminal: a row a gate, with a line of bars that rises and falls as its values did.

use std::fmt::Write as _;

use super::gate::{GateHistory, Point};
use super::judged::JudgedRelease;
use super::whole::History;
use anstream::adapter::strip_str;

use crate::diagnostic::printable;
use crate::gate::Outcome;
use crate::report::page::{Screen, push_wrapped};
use crate::report::table::{self, Table};

/// What a version is drawn with.
struct Signs {
    /// From the lowest to the highest.
    values: [char; 8],
    /// Where it has no value.
    none: char,
    about: &'static str,
}

const BARS: Signs = Signs {
    values: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
    none: '·',
    about: "A bar a version, from the gate's lowest value to its highest; · where it was not measured. Behind a bar: x fail, ? undecided, ! error.",
};
const DIGITS: Signs = Signs {
    values: ['0', '1', '2', '3', '4', '5', '6', '7'],
    none: '.',
    about: "A digit a version, from 0 for the gate's lowest value to 7 for its highest; . where it was not measured. Behind a digit: x fail, ? undecided, ! error.",
};
/// So many versions are drawn; older ones are counted.
const MOST: usize = 30;

/// The history as text.
#[must_use]
pub fn terminal(history: &History, screen: Screen) -> String {
    let mut text = String::new();
    let width = screen.columns();
    push_wrapped(&mut text, "", &headline(history), width);
    let mut releases = Table::new(["version", "judged", "decision"], 0..0);
    for release in shown(&history.releases) {
        releases.row([
            printable(&release.version.to_string()),
            release.as_of.to_string(),
            screen.decision(release.decision),
        ]);
    }
    let _ = write!(text, "\n{}\n", releases.render());
    let rows: Vec<[String; 5]> = history.gates.iter().map(|gate| row(history, gate, screen)).collect();
    let mut gates = Table::new(["gate", "trend", "first", "last [limits]", "asked"], 0..0);
    for row in &rows {
        gates.row(row.clone());
    }
    let drawn = gates.render();
    if table::width(&drawn) <= screen.width.unwrap_or(usize::MAX) {
        text.push_str(&drawn);
    } else {
        for [id, trend, first, last, asked] in &rows {
            let _ = writeln!(text, "{id}  {trend}");
            let from = if first == "-" { String::new() } else { format!("{first} -> ") };
            push_wrapped(&mut text, "  ", &format!("{from}{}, asked: {asked}", strip_str(last)), width);
        }
    }
    text.push('\n');
    push_wrapped(&mut text, "", signs(screen).about, width);
    for notice in &history.notices {
        push_wrapped(&mut text, "note: ", notice, width);
    }
    text
}

fn signs(screen: Screen) -> &'static Signs {
    if screen.ascii { &DIGITS } else { &BARS }
}

fn headline(history: &History) -> String {
    let ends = match (history.releases.first(), history.releases.last()) {
        (Some(first), Some(last)) if first.version == last.version => format!(", {}", first.version),
        (Some(first), Some(last)) => format!(", {} to {}", first.version, last.version),
        _ => String::new(),
    };
    let n = history.releases.len();
    let versions = if n == 1 { "1 version".to_owned() } else { format!("{n} versions") };
    format!("{}: {versions}{ends}", history.name)
}

fn shown(releases: &[JudgedRelease]) -> &[JudgedRelease] {
    releases.get(releases.len().saturating_sub(MOST)..).unwrap_or_default()
}

fn row(history: &History, gate: &GateHistory, screen: Screen) -> [String; 5] {
    let mut valued = gate.points.iter().filter(|point| point.value.is_some());
    // A value that is alone is no change.
    let first = valued.next().filter(|_| valued.next().is_some());
    let last = gate.newest();
    let told = |point: Option<&Point>| point.map_or_else(|| "-".to_owned(), |point| printable(&point.told));
    // The limits of the first stand in its own report.
    let bare = |text: String| text.split(" [").next().unwrap_or_default().to_owned();
    [
        printable(&gate.id),
        trend(history, gate, signs(screen)),
        bare(told(first)),
        format!(
            "{}, {}",
            told(last),
            last.map_or_else(String::new, |last| screen.outcome(last.outcome) + &last.effect)
        ),
        last.map_or_else(String::new, |last| printable(&last.asked)),
    ]
}

/// A bar a version, and a sign behind those that were no pass.
fn trend(history: &History, gate: &GateHistory, signs: &Signs) -> String {
    let values = || gate.points.iter().filter_map(|point| point.value);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let from = history.releases.len().saturating_sub(MOST);
    let mut line = String::new();
    for release in from..history.releases.len() {
        let point = gate.points.iter().find(|point| point.release == release);
        let bar = point.and_then(|point| point.value).and_then(|value| {
            let share = if high > low { (value - low) / (high - low) } else { 0.5 };
            signs.values.get((share * (signs.values.len() - 1) as f64).round() as usize)
        });
        line.push(bar.copied().unwrap_or(signs.none));
        line.push_str(match point.map(|point| point.outcome) {
            Some(Outcome::Fail) => "x",
            Some(Outcome::Inconclusive) => "?",
            Some(Outcome::Error) => "!",
            Some(Outcome::Pass | Outcome::NotApplicable) | None => "",
        });
    }
    line
}
