//! What a measure is: what it takes of a row, and what it makes of one run or of two.

use std::fmt;

use super::catalog::ValueType;
use super::compared::Compared;
use super::counts::Texts;
use super::estimate::Method;
use super::fact::Fact;
use super::pairs::Taken;
use super::plan::NumberField;
use super::quantity::Quantity;
use super::resampled;
use super::values::{Range, Values};
use crate::manifest::Aggregate;

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

    /// Whether its values say true or false.
    fn truth(&self) -> Truth {
        Truth::Never
    }

    /// The field whose value says how good or bad a single sample is; none where none does.
    fn case_field(&self) -> Option<&str> {
        self.numbers().first().map(|number| number.field)
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
        let texts = self.texts().into_iter().flat_map(|texts| texts.fields.iter().map(String::as_str));
        self.numbers().into_iter().map(|number| number.field).chain(texts).collect()
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
