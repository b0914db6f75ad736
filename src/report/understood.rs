//! What relgate understands of results files: as JSON (`relgate/evidence/v1`), and for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::number::count;
use super::page::{Screen, push_wrapped};
use super::v1::ReportFinding;
use crate::diagnostic::printable;

/// What was understood of some files.
#[derive(Debug, Clone, Serialize)]
pub struct Understood {
    /// `relgate/evidence/v1`.
    pub schema: &'static str,
    /// The files, in the order in which they were named.
    pub files: Vec<UnderstoodFile>,
}

/// What was understood of a file.
#[derive(Debug, Clone, Serialize)]
pub struct UnderstoodFile {
    /// Its path.
    pub path: String,
    /// The word of its format; none where nothing was understood.
    pub format: Option<String>,
    /// The tool that wrote it, as far as it says so.
    pub tool: Option<String>,
    /// The runs in it; one where nothing tells several apart.
    pub runs: Vec<UnderstoodRun>,
    /// What is wrong with it or in doubt.
    pub problems: Vec<ReportFinding>,
}

/// What was understood of a run.
#[derive(Debug, Clone, Serialize)]
pub struct UnderstoodRun {
    /// What a `where:` has to say to pick its rows; empty where the file holds one run.
    pub select: BTreeMap<String, String>,
    /// The models that were evaluated, with a comma between them.
    pub model: Option<String>,
    /// The dataset.
    pub dataset: Option<String>,
    /// When it ran (RFC 3339).
    pub created: Option<String>,
    /// Rows that were attempted, those that the tool only counts too; none of aggregates.
    pub attempts: Option<u64>,
    /// Different ids among them.
    pub cases: u64,
    /// The most rows of one id.
    pub epochs: u64,
    /// Rows that ended in an error.
    pub errored: u64,
    /// Rows that the tool counts and does not list.
    pub unlisted: u64,
    /// Answers that the model refused, where the tool tells them apart.
    pub refused: Option<u64>,
    /// Answers that a filter withheld, where the tool tells them apart.
    pub filtered: Option<u64>,
    /// Cases that were left out on purpose, where the tool says so.
    pub limited: Option<u64>,
    /// What gates can be about, by name.
    pub metrics: BTreeMap<String, UnderstoodMetric>,
    /// What rows can be selected and sliced by: the rows of each value.
    pub labels: BTreeMap<String, BTreeMap<String, u64>>,
}

/// What was understood of a metric.
#[derive(Debug, Clone, Serialize)]
pub struct UnderstoodMetric {
    /// `rate`, `mean`, or `stated` for a number that somebody computed.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Rows with a value.
    pub n: Option<u64>,
    /// The value.
    pub value: Option<f64>,
    /// Rows without one.
    pub missing: Option<u64>,
    /// Its unit.
    pub unit: String,
    /// The lower limit, one-sided at 95 %; none where there is none.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
    /// The same for people.
    #[serde(skip)]
    pub shown: String,
}

/// The schema of the document.
pub const UNDERSTOOD: &str = "relgate/evidence/v1";

impl UnderstoodFile {
    /// The text for a terminal.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        let mut text = String::new();
        let format = self.format.as_deref().unwrap_or("not understood");
        let tool = self.tool.as_ref().map_or_else(String::new, |tool| format!(" ({})", printable(tool)));
        let _ = writeln!(text, "{}: {format}{tool}", printable(&self.path));
        if self.runs.len() > 1 {
            let _ = writeln!(text, "{} runs; `where:` selects one", self.runs.len());
        }
        for run in &self.runs {
            text.push('\n');
            run.text(screen, &mut text);
        }
        if !self.problems.is_empty() {
            text.push('\n');
        }
        for problem in &self.problems {
            push_wrapped(&mut text, "problem: ", &printable(&problem.in_a_line()), screen.columns());
        }
        text
    }
}

impl UnderstoodRun {
    fn text(&self, screen: Screen, text: &mut String) {
        let pairs = |map: &BTreeMap<String, String>| {
            map.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", ")
        };
        if !self.select.is_empty() {
            push_wrapped(text, "run: ", &printable(&pairs(&self.select)), screen.columns());
        }
        let about = [("model", &self.model), ("dataset", &self.dataset), ("made", &self.created)];
        let about: Vec<String> = about
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)))
            .collect();
        if !about.is_empty() {
            push_wrapped(text, "", &printable(&about.join("; ")), screen.columns());
        }
        if let Some(attempts) = self.attempts {
            push_wrapped(text, "", &self.ledger(attempts), screen.columns());
        }
        if !self.metrics.is_empty() {
            text.push('\n');
        }
        let longest =
            self.metrics.keys().map(|name| printable(name).chars().count()).max().unwrap_or(0).min(30);
        for (name, metric) in &self.metrics {
            let missing = match metric.missing {
                Some(missing) if missing > 0 => format!(", {} missing", count(missing)),
                _ => String::new(),
            };
            let line = format!("{:longest$}  {}  {}{missing}", printable(name), metric.kind, metric.shown);
            push_wrapped(text, "", line.trim_end(), screen.columns().max(line.chars().count()));
        }
        if !self.labels.is_empty() {
            text.push('\n');
        }
        for (name, values) in &self.labels {
            let values: Vec<String> =
                values.iter().map(|(value, rows)| format!("{value} {}", count(*rows))).collect();
            push_wrapped(
                text,
                &format!("label {}: ", printable(name)),
                &printable(&values.join(", ")),
                screen.columns(),
            );
        }
    }

    /// What became of the attempts; they add up.
    fn ledger(&self, attempts: u64) -> String {
        let mut parts = vec![format!("{} attempted", count(attempts))];
        let mut add = |number: Option<u64>, what: &str| {
            if let Some(number) = number.filter(|number| *number > 0) {
                parts.push(format!("{} {what}", count(number)));
            }
        };
        add(Some(self.errored), "errored");
        add(Some(self.unlisted), "of them counted and not listed");
        add(self.refused, "refused");
        add(self.filtered, "filtered");
        add(self.limited, "left out by a limit");
        parts.push(format!("{} cases", count(self.cases)));
        if self.epochs > 1 {
            parts.push(format!("up to {} times each", count(self.epochs)));
        }
        parts.join(", ")
    }
}
