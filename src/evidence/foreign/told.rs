//! What another tool's file says besides its rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::evidence::formats::StatedAggregate;
use crate::evidence::kept_findings;

/// What another tool's file says besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolFile {
    /// The tool and its version, as far as the file names them.
    pub tool: Option<String>,
    /// The runs in the file, in the order in which they were met.
    pub runs: Vec<ToolRun>,
    /// What the tool's scores are, where it says so: by field.
    pub scores: BTreeMap<String, ScoreType>,
    /// The fields of which the tool says that high values (or true) are good.
    pub high_is_good: BTreeSet<String>,
    /// Numbers that the tool computed, by name.
    pub aggregates: BTreeMap<String, StatedAggregate>,
    /// Where the results are, if the tool writes this file beside them, so that it need not hold any.
    pub beside_results: Option<String>,
    /// What is doubtful about the file and no error; warnings.
    #[serde(with = "kept_findings")]
    pub problems: Vec<Diagnostic>,
}

/// What the values of a tool's score are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ScoreType {
    /// True or false, 1 or 0.
    Rate,
    /// Any number.
    Mean,
    /// Any number between two ends.
    Between(f64, f64),
}

impl ScoreType {
    /// The type of a score of which two files say this and `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Self::Rate, Self::Between(low, high)) | (Self::Between(low, high), Self::Rate)
                if low <= 0.0 && high >= 1.0 =>
            {
                Self::Between(low, high)
            }
            _ => Self::Mean,
        }
    }
}

/// One run in a file: the rows that one selection picks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolRun {
    /// The labels and values that tell its rows from those of the other runs; empty where the file has one run.
    pub select: BTreeMap<String, String>,
    /// The models that were evaluated: the names of each, as the tool calls it.
    pub models: BTreeSet<Vec<String>>,
    /// The texts of prompts, as they stand in the file.
    pub prompts: BTreeSet<String>,
    /// The models that scored answers, as the tool calls them.
    pub judges: BTreeSet<String>,
    /// How a load was made, where the tool says so: its word and value for each setting.
    pub scenario: BTreeMap<String, String>,
    /// The dataset, as the tool calls it.
    pub dataset: Option<String>,
    /// When it ran.
    pub created: Option<DateTime<Utc>>,
    /// Rows that the tool says it attempted; at least `rows`.
    pub attempts: Option<u64>,
    /// Rows.
    pub rows: u64,
    /// Different ids among them.
    pub cases: u64,
    /// The most rows of one id.
    pub epochs: u64,
    /// Rows that ended in an error, of those in the file and those that it only counts.
    pub errored: u64,
    /// Rows that the tool counts and does not list.
    pub unlisted: u64,
    /// Rows that the tool left out before it ran, on purpose (`--limit`).
    pub limited: Option<u64>,
    /// Answers that the model refused to give, where the tool tells them apart.
    pub refused: Option<u64>,
    /// Answers that a filter withheld, where the tool tells them apart.
    pub filtered: Option<u64>,
}

/// What results were measured with, as far as their tools say it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredWith {
    /// The models that scored answers.
    pub judges: BTreeSet<String>,
    /// The values of each setting of a load.
    pub scenario: BTreeMap<String, BTreeSet<String>>,
}

impl MeasuredWith {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.judges.is_empty() && self.scenario.is_empty()
    }

    /// Takes what other results say besides.
    pub fn extend(&mut self, other: &Self) {
        self.judges.extend(other.judges.iter().cloned());
        for (setting, values) in &other.scenario {
            self.scenario.entry(setting.clone()).or_default().extend(values.iter().cloned());
        }
    }

    /// Takes what a run says besides.
    pub fn add(&mut self, run: &ToolRun) {
        self.judges.extend(run.judges.iter().cloned());
        for (setting, value) in &run.scenario {
            self.scenario.entry(setting.clone()).or_default().insert(value.clone());
        }
    }
}

impl ToolRun {
    /// Notes a model that was evaluated, by all its names; nothing where it has none.
    pub(in crate::evidence) fn model<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        let mut names: Vec<String> =
            names.into_iter().filter(|name| !name.trim().is_empty()).map(str::to_owned).collect();
        names.dedup();
        if !names.is_empty() {
            self.models.insert(names);
        }
    }

    /// Rows of it that count as evaluated, those that the tool does not list too.
    #[must_use]
    pub fn tried(&self) -> u64 {
        self.rows + self.unlisted
    }
}
