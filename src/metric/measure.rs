//! What a measure is: what it takes of a row, and what it makes of one run or of two.

use std::fmt;
use std::sync::Arc;

use super::answers::{ReferenceOf, TextFields, TextScore};
use super::catalog::ValueType;
use super::compared::Compared;
use super::counts::Texts;
use super::estimate::Method;
use super::fact::Fact;
use super::pairs::Taken;
use super::people::{Duel, Preference};
use super::plan::NumberField;
use super::quantity::Quantity;
use super::references::References;
use super::resampled;
use super::values::{Range, Values};
use crate::manifest::{Aggregate, Direction, ReferenceFile, Statistic};
use crate::text::json_schema::AnswerSchema;

/// What of the samples, or of the numbers that the evidence states, a gate is about. One file of `measures/` each.
#[allow(private_interfaces, reason = "measures are made here, and asked through `assess` and `compare`")]
pub trait Measure: fmt::Debug + Send + Sync {
    /// What kind of number it comes to.
    fn kind(&self) -> MeasureKind<'_>;

    /// The numbers that it takes of a row; none where it counts texts, or the evidence states what it comes to.
    fn numbers(&self) -> Vec<NumberField<'_>> {
        Vec::new()
    }

    /// The texts of a row that it counts, where it is a statistic of sums of counts: that alone makes it one.
    fn texts(&self) -> Option<&Texts> {
        None
    }

    /// What makes its number of the texts of a row, where no field holds it.
    fn text_score(&self) -> Option<&TextScore> {
        None
    }

    /// All that changes its figures, where it is worked out of texts: figures of another signature are others.
    fn signature(&self) -> Option<String> {
        None
    }

    /// Whether it is counted in points from 0 to 100, as the tools for texts print it.
    fn is_in_points(&self) -> bool {
        false
    }

    /// The same with a file read that it needs; none where it needs no such file.
    fn with_file(&self, _loaded: &LoadedFile) -> Option<Arc<dyn Measure>> {
        None
    }

    /// The fields of a row that it takes as labels, where it is made of names.
    fn labels(&self) -> Vec<&str> {
        Vec::new()
    }

    /// What the words of its number mean, where it says which of two versions is preferred.
    fn preference(&self) -> Option<&Preference> {
        None
    }

    /// The fields of rows that compare two versions.
    fn duel(&self) -> Option<&Duel> {
        None
    }

    /// The field of what people said, and that of a judge's verdict on the same rows.
    fn labelled(&self) -> Option<[&str; 2]> {
        None
    }

    /// Which way it is good whatever it is called; none where that is another's to say.
    fn own_direction(&self) -> Option<Direction> {
        None
    }

    /// Whether its values say true or false.
    fn truth(&self) -> Truth {
        Truth::Never
    }

    /// The field whose value says how good or bad a single sample is; none where none does.
    fn case_field(&self) -> Option<&str> {
        self.numbers().first().map(|number| number.field)
    }

    /// The field whose values it needs in ascending order; none where it needs none so.
    fn ordered(&self) -> Option<&str> {
        None
    }

    /// What it can be whatever its fields can be; none where that is what its fields can be.
    fn own_range(&self) -> Option<Range> {
        None
    }

    /// The method where there is nothing to choose one by.
    fn usual_method(&self) -> Method;

    /// What is taken of a row to be compared with another's.
    fn taken(&self, scale: f64) -> Taken<'_> {
        match self.texts() {
            Some(texts) => Taken::Counts { name: texts.name() },
            None => {
                let first = self.numbers().into_iter().next();
                Taken::Field { name: first.map_or("", |number| number.field), scale }
            }
        }
    }

    /// Whether its limits come of samples that are drawn anew.
    fn resamples(&self) -> bool {
        self.texts().is_some()
    }

    /// Of one run.
    fn level(&self, values: &Values<'_>) -> Answer {
        Answer::of(self.texts().map(|texts| resampled::level(values, texts)))
    }

    /// Of two runs, the candidate against the baseline.
    fn change(&self, runs: &Compared<'_>) -> Answer {
        // Of other questions on each side nothing can be drawn together.
        let texts = self.texts().filter(|_| runs.paired);
        Answer::of(texts.map(|texts| resampled::change(runs, texts)))
    }
}

impl dyn Measure + '_ {
    /// Its fields in a row; none where the evidence states the number itself.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        match self.text_fields() {
            Some(texts) => texts.fields().collect(),
            None => self.numbers().into_iter().map(|number| number.field).chain(self.labels()).collect(),
        }
    }

    /// The texts of a row that it is made of.
    #[must_use]
    pub fn text_fields(&self) -> Option<&TextFields> {
        let counted = self.texts().map(|texts| &texts.fields);
        counted.or_else(|| self.text_score().map(|score| &score.texts))
    }

    /// The columns that a bundle has for it, where it is made of texts: another signature has others.
    #[must_use]
    pub fn text_columns(&self) -> Vec<String> {
        match (self.texts(), self.text_score()) {
            (Some(texts), _) => texts.columns().collect(),
            (None, Some(score)) => vec![score.column()],
            (None, None) => Vec::new(),
        }
    }

    /// The file of references that it needs.
    #[must_use]
    pub fn reference_file(&self) -> Option<&ReferenceFile> {
        match &self.text_fields()?.reference {
            ReferenceOf::File(file, _) => Some(file),
            ReferenceOf::Nothing | ReferenceOf::Field(_) => None,
        }
    }

    /// Whether it counts cases that passed before.
    #[must_use]
    pub fn counts_regressions(&self) -> bool {
        self.kind() == MeasureKind::Regressions
    }

    /// Whether it is a fact about the listed cases.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        matches!(self.kind(), MeasureKind::Observed(_))
    }

    /// Whether both take the same of the same numbers.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.kind() == other.kind()
            && self.truth() == other.truth()
            && self.numbers() == other.numbers()
            && self.texts().map(Texts::name) == other.texts().map(Texts::name)
            && self.text_score().map(TextScore::column) == other.text_score().map(TextScore::column)
            && self.labels() == other.labels()
            && self.preference() == other.preference()
            && self.duel() == other.duel()
    }

    /// Whether it is a rate of these values.
    pub(super) fn is_rate(&self, values: &Values<'_>) -> bool {
        match self.truth() {
            Truth::Always => true,
            Truth::IfSaid => self.case_field().is_some_and(|field| values.is_rate(field)),
            Truth::Never => false,
        }
    }
}

/// A file that a measure of texts needs, read.
#[derive(Debug, Clone)]
pub enum LoadedFile {
    /// What answers are compared with.
    References(Arc<References>),
    /// What they have to be.
    Schema(Arc<AnswerSchema>),
}

/// What kind of number a measure comes to: all that a rule, a sentence or a comparison has to know of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MeasureKind<'a> {
    /// Something that the samples estimate.
    Estimated,
    /// A quantile at this level in (0, 1).
    Quantile(f64),
    /// A fact about the listed cases: count, sum, min or max.
    Observed(Aggregate),
    /// Cases that the baseline passed and the candidate does not, about the listed cases only.
    Regressions,
    /// How far raters agree beyond chance.
    Agreement(Statistic),
    /// The chance to be preferred, by the strengths of several versions.
    Strength,
    /// A rate of a judge's verdicts.
    Judged,
    /// A number that the evidence states itself.
    Stated {
        /// Its name in the evidence.
        name: &'a str,
        /// How its uncertainty is read.
        value_type: ValueType,
    },
}

/// Whether the values of a measure say true or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// All do; 0 and 1 are read so.
    Always,
    /// Where the evidence writes true and false.
    IfSaid,
    /// They are numbers.
    Never,
}

/// What a measure comes to.
pub(super) enum Answer {
    /// Something that may be estimated and tested.
    Quantity(Box<dyn Quantity>),
    /// A fact about the listed cases.
    Fact(Fact),
    /// Nothing that a number could be made of.
    Nothing,
}

impl Answer {
    pub(super) fn of(quantity: Option<impl Quantity + 'static>) -> Self {
        quantity.map_or(Self::Nothing, |quantity| Self::Quantity(Box::new(quantity)))
    }
}
