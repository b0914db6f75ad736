//! A gate that knows what it measures, in which unit, and what it is held against.

use std::sync::Arc;

use super::measure::{Measure, MeasureKind, Truth};
use super::plan::Need;
use crate::document::decimal;
use crate::manifest::{
    Category, ChangeWord, Comparator, Condition, Dimension, Direction, JudgeSpec, People, Reference, Rule,
    Unit,
};

/// A gate that knows what it measures.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Its place in `gates:`.
    pub gate: usize,
    /// The metric's folded name.
    pub metric: String,
    /// What the metric is about.
    pub category: Option<Category>,
    /// Which way it is good.
    pub direction: Option<Direction>,
    /// The evidence entry.
    pub evidence: String,
    /// What is measured there.
    pub measure: Arc<dyn Measure>,
    /// Whether something says how its values are read: the rule, its definition or the catalogue; else only true and false do.
    pub is_typed: bool,
    /// Rows that count besides the evidence's own selection.
    pub conditions: Vec<Condition>,
    /// Factor on the values.
    pub scale: f64,
    /// The unit of the values after scaling.
    pub unit: Unit,
    /// The unit of the metric where something says it: its definition, its name or the catalogue.
    pub known_unit: Option<Unit>,
    /// What the metric is by the catalogue, which does not say in which unit its values are.
    pub unstated: Option<Dimension>,
    /// The smallest value that can be, after scaling.
    pub lower: Option<f64>,
    /// The largest value that can be, after scaling.
    pub upper: Option<f64>,
    /// What a value counts as at most, after scaling, where its definition caps it; `upper` is that too.
    pub cap: Option<f64>,
    /// The rule as it is written.
    pub rule: Rule,
    /// The comparison.
    pub comparator: Comparator,
    /// The threshold in `unit`.
    pub threshold: f64,
    /// How it compares with the baseline; the threshold is then the margin.
    pub change: Option<Change>,
    /// The fields whose values are judged on their own.
    pub by: Vec<String>,
    /// What its definition says of people who rate.
    pub people: People,
    /// The judge whose verdicts it is made of.
    pub judge: Option<JudgeSpec>,
}

/// A comparison with an earlier release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which way counts.
    pub word: ChangeWord,
    /// Whether the margin is a share of the baseline.
    pub relative: bool,
    /// The unit of the candidate and the baseline themselves.
    pub level_unit: Unit,
    /// Which earlier release stands in the baseline's place.
    pub against: Reference,
}

impl Bound {
    /// The earlier release that it compares with; none where it is about a level.
    #[must_use]
    pub fn against(&self) -> Option<Reference> {
        self.change.map(|change| change.against)
    }

    /// Whether high values are good, by its direction or, of a level, by what the rule asks for.
    pub(super) fn high_is_good(&self) -> bool {
        match (self.direction, self.change) {
            (Some(direction), _) => direction == Direction::Higher,
            (None, None) => !self.comparator.wants_low(),
            // What a change of an unknown metric wants of the metric itself is anybody's guess.
            (None, Some(_)) => false,
        }
    }

    /// A value in the gate's unit, as the decimal number that its author would have written.
    #[must_use]
    pub fn scaled(&self, value: f64) -> f64 {
        if self.scale.to_bits() == 1.0_f64.to_bits() { value } else { decimal::product(value, self.scale) }
    }

    /// What it needs of the rows of its evidence.
    #[must_use]
    pub fn need(&self) -> Need<'_> {
        let untyped = self.measure.truth() == Truth::IfSaid && !self.is_typed;
        Need {
            metric: &self.metric,
            numbers: self.measure.numbers(),
            texts: self.measure.texts().cloned(),
            text_score: self.measure.text_score().cloned(),
            labels: self.measure.labels(),
            people: &self.people,
            preference: self.measure.preference(),
            duel: self.measure.duel(),
            judged: self.measure.labelled(),
            high_is_good: self.high_is_good(),
            scale: self.scale,
            lower: self.lower,
            // A value above a cap is one, and counts as it.
            upper: self.upper.filter(|_| self.cap.is_none()),
            untyped: untyped.then(|| self.rule.subject_span()),
            by: &self.by,
            conditions: &self.conditions,
        }
    }

    /// The fields of the evidence that it is made of: of several raters, those of each.
    #[must_use]
    pub fn judged_fields(&self) -> Vec<&str> {
        let together = self.people.ratings();
        let raters = || self.people.raters.iter().map(|rater| rater.value.as_str());
        let of = |field: &'_ str| -> bool { !self.people.raters.is_empty() && field == together };
        let fields = self.measure.fields();
        let all = fields.iter().any(|field| of(field));
        let others = fields.into_iter().filter(|field| !of(field));
        others.chain(raters().filter(|_| all)).collect()
    }

    /// The names that the evidence must have for it: fields, or the aggregate.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self.measure.kind() {
            MeasureKind::Stated { name, .. } => vec![name],
            _ => {
                let conditions = self.conditions.iter().map(|condition| condition.field.value.as_str());
                self.judged_fields()
                    .into_iter()
                    .chain(self.people.rater.iter().map(|rater| rater.value.as_str()))
                    .chain(self.by.iter().map(String::as_str))
                    .chain(conditions)
                    .collect()
            }
        }
    }
}
