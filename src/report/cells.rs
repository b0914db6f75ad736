//! What was measured and what became of it, as short as a table cell.

use super::number::{Scale, count};
use super::v1::{
    ReportCase, ReportChange, ReportEstimate, ReportEvidence, ReportGate, ReportSlice, ReportWaiver,
};
use crate::gate::ReasonKind;
use crate::manifest::{Enforcement, Unit};
use crate::metric::{Estimate, Method};

/// The part of an estimate that a cell shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    value: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    n: Option<u64>,
    method: Method,
}

impl From<&Estimate> for Shown {
    fn from(estimate: &Estimate) -> Self {
        let Estimate { value, lower, upper, n, method, .. } = *estimate;
        Self { value, lower, upper, n, method }
    }
}

impl From<&ReportEstimate> for Shown {
    fn from(estimate: &ReportEstimate) -> Self {
        Self {
            value: estimate.value.get(),
            lower: estimate.lower.get(),
            upper: estimate.upper.get(),
            n: estimate.n,
            method: estimate.method.0,
        }
    }
}

impl From<&ReportChange> for Shown {
    fn from(change: &ReportChange) -> Self {
        Self {
            value: change.value.get(),
            lower: change.lower.get(),
            upper: change.upper.get(),
            n: change.n,
            method: change.method.0,
        }
    }
}

/// Value, limits and n of numbers in `unit`, never rounded onto the threshold.
pub(super) fn cell(figure: impl Into<Shown>, threshold: f64, unit: Unit) -> String {
    let Shown { value, lower, upper, n, method } = figure.into();
    let scale = Scale::new(unit, threshold, (lower, upper));
    let show = |value: f64| scale.show(value);
    let Some(value) = value else { return "no value".to_owned() };
    let n = n.map_or_else(String::new, |n| format!(", n {}", count(n)));
    match (method, lower, upper) {
        (Method::Point, ..) => format!("{} (unquantified{n})", show(value)),
        (Method::Observed, ..) => format!("{} (observed{n})", show(value)),
        (_, None, None) => format!("{}{n}", show(value)),
        (_, lower, upper) => {
            let side = |limit: Option<f64>, open: &str| limit.map_or_else(|| open.to_owned(), show);
            format!("{} [{}, {}]{n}", show(value), side(lower, "-inf"), side(upper, "inf"))
        }
    }
}

impl ReportGate {
    /// What was judged, behind what the baseline had: `0.8% -> 1.2% [0.9%, 1.6%], n 1,000`, of a comparison
    /// `0.8% -> 1.2%: increase 0.4pp [-0.1pp, 0.9pp], n 1,000`.
    #[must_use]
    pub fn measured(&self) -> String {
        if self.is_risk() {
            return self.tests_in_words();
        }
        format!("{}{}", self.of_whom(), self.compared())
    }

    /// How many of the gates that test a risk hold.
    fn tests_in_words(&self) -> String {
        match (self.candidate.n, self.candidate.events) {
            (Some(all), Some(open)) if all > 0 => format!("{} of {all} gates hold", all.saturating_sub(open)),
            _ => "no gate tests it".to_owned(),
        }
    }

    /// What a judge alone says is called so, wherever it stands.
    fn of_whom(&self) -> &'static str {
        if self.judge.as_ref().is_some_and(|judge| !judge.corrected) { "judge rate " } else { "" }
    }

    fn compared(&self) -> String {
        let figures = self.figures(&self.candidate, self.change.as_ref());
        let Some(before) = self.baseline.as_ref().and_then(|baseline| baseline.value.get()) else {
            return figures;
        };
        let limits = (self.candidate.lower.get(), self.candidate.upper.get());
        let threshold =
            if self.change.is_some() { f64::NAN } else { self.threshold.value.get().unwrap_or(f64::NAN) };
        let show = |value: f64| Scale::new(self.unit, threshold, limits).show(value);
        match (&self.change, self.candidate.value.get()) {
            (None, _) => format!("{} -> {figures}", show(before)),
            (Some(_), Some(after)) => format!("{} -> {}: {figures}", show(before), show(after)),
            (Some(_), None) => figures,
        }
    }

    /// What was judged, without what the baseline had: `1.2% [0.9%, 1.6%], n 1,000`.
    #[must_use]
    pub fn judged(&self) -> String {
        format!("{}{}", self.of_whom(), self.figures(&self.candidate, self.change.as_ref()))
    }

    /// What was judged in one of its slices.
    #[must_use]
    pub fn measured_in(&self, slice: &ReportSlice) -> String {
        format!("{}{}", self.of_whom(), self.figures(&slice.candidate, slice.change.as_ref()))
    }

    fn figures(&self, candidate: &ReportEstimate, change: Option<&ReportChange>) -> String {
        let figure = change.map_or_else(|| Shown::from(candidate), Shown::from);
        let cell = cell(figure, self.threshold.value.get().unwrap_or(f64::NAN), self.judged_unit());
        // Of a drop, less is better: without its name the sign would be read the other way round.
        match &self.threshold.change {
            Some(word) if figure.method != Method::Observed => format!("{} {cell}", word.0.word()),
            _ => cell,
        }
    }

    /// What was asked: `< 1.5%`.
    #[must_use]
    pub fn asked(&self) -> String {
        if self.is_risk() {
            return "all hold".to_owned();
        }
        format!("{} {}", self.threshold.op, self.threshold.text)
    }

    /// What takes the effect of its outcome away: `, waived`, ` (warns only)`.
    #[must_use]
    pub fn effect(&self) -> String {
        let waived = if self.waived.is_some() { ", waived" } else { "" };
        let warns = if self.enforcement.0 == Enforcement::Warn { " (warns only)" } else { "" };
        format!("{waived}{warns}")
    }

    /// What it lacks for an answer: `, too few samples`, `, a data problem`.
    #[must_use]
    pub fn lacks(&self) -> &'static str {
        match self.reason.kind.map(|kind| kind.0) {
            Some(ReasonKind::DataProblem) => ", a data problem",
            Some(ReasonKind::TooFewSamples) => ", too few samples",
            Some(ReasonKind::Undecided) | None => "",
        }
    }

    /// Its outcome with what takes the effect away: `fail, waived`, `fail (warns only)`.
    #[must_use]
    pub fn came_to(&self) -> String {
        format!("{}{}", self.outcome.0.word(), self.effect())
    }
}

impl ReportWaiver {
    /// The `state` of one that a gate ships under.
    pub const USED: &'static str = "used";

    /// Why, by whom, until when, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let limit =
            self.limit.as_ref().map_or_else(String::new, |limit| format!(", judged with the limit {limit}"));
        format!(
            "{} (asked for by {}, accepted by {}, until {}{limit})",
            self.reason, self.owner, self.approver, self.expires
        )
    }
}

impl ReportEvidence {
    /// How many of its rows errored and what they say: `12 rows of answers errored: 9 timeout, 3 rate limit`; none where none
    /// did.
    #[must_use]
    pub fn errors_in_a_line(&self) -> Option<String> {
        let errored = self.errored.filter(|errored| *errored > 0)?;
        let mut texts: Vec<(&str, u64)> =
            self.errors.iter().flatten().map(|(text, times)| (text.as_str(), *times)).collect();
        texts.sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
        let shown = texts.iter().take(FEW_ERRORS).map(|(text, times)| format!("{} {text}", count(*times)));
        let others = texts.iter().skip(FEW_ERRORS).map(|(_, times)| times).sum::<u64>()
            + self.errors_omitted.unwrap_or(0);
        let others = (others > 0).then(|| format!("{} with other texts", count(others)));
        let all = shown.chain(others).collect::<Vec<_>>().join(", ");
        let rows = if errored == 1 { "row" } else { "rows" };
        let told = if all.is_empty() { String::new() } else { format!(": {all}") };
        Some(format!("{} {rows} of `{}` errored{told}", count(errored), self.name))
    }
}

/// So many error texts stand in a line.
const FEW_ERRORS: usize = 5;

impl ReportGate {
    /// The cases that speak against it, worst first: `q17 (1,530ms, before 890ms), q3 (no score); and 12 more`. A true/false
    /// needs no number, an error says itself. None where there are none.
    pub(super) fn named_cases(&self) -> Option<String> {
        let cases = self.cases.as_ref().filter(|cases| !cases.is_empty())?;
        let named = cases.iter().map(|case| self.named_case(case)).collect::<Vec<_>>().join(", ");
        Some(match self.cases_omitted.filter(|more| *more > 0) {
            Some(more) => format!("{named}; and {} more", count(more)),
            None => named,
        })
    }

    #[allow(clippy::float_cmp, reason = "0 and 1 are exact")]
    fn named_case(&self, case: &ReportCase) -> String {
        let name = match &case.epoch {
            Some(epoch) => format!("{} (epoch {epoch})", case.id),
            None => case.id.clone(),
        };
        // A score is shown as it was written; nobody wrote what is worked out of texts.
        let digits = |value: f64| if self.signature.is_some() { f64::NAN } else { value };
        let show = |value: f64| Scale::new(self.unit, digits(value), (None, None)).show(value);
        let marks = |value: Option<f64>| value.is_none_or(|value| value == 0.0 || value == 1.0);
        match (case.value.get(), case.baseline.get()) {
            (Some(value), None) if case.error.is_some() => {
                format!("{name} ({}, {})", show(value), case.error.as_deref().unwrap_or_default())
            }
            (None, _) => format!("{name} ({})", case.error.as_deref().unwrap_or("no score")),
            (Some(value), before) if marks(Some(value)) && marks(before) => name,
            (Some(value), Some(before)) => format!("{name} ({}, before {})", show(value), show(before)),
            (Some(value), None) => format!("{name} ({})", show(value)),
        }
    }
}
