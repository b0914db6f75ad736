//! What can be taken of samples: one file a measure, with its level and its change, each alone and in clusters.
//!
//! A new measure is one file here, one variant, and the lines that the compiler then asks for.

mod mean;
mod observed;
mod quantile;
mod rate;
mod ratio;
mod regressions;

use super::catalog::ValueType;
use super::estimate::Method;
use super::fact::Fact;
use super::pairs::Taken;
use super::quantity::Quantity;
use super::values::{Compared, Values};
use crate::manifest::Aggregate;

/// What is taken of the samples or read from the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// The proportion of true samples.
    Rate {
        /// The field.
        field: String,
    },
    /// The mean.
    Mean {
        /// The field.
        field: String,
    },
    /// A rate if its values are true/false, else a mean.
    RateOrMean {
        /// The field.
        field: String,
    },
    /// The sum of one field over the sum of another.
    Ratio {
        /// The numerator's field.
        field: String,
        /// The denominator's field.
        per: String,
    },
    /// A quantile.
    Quantile {
        /// The field.
        field: String,
        /// The level in (0, 1).
        level: f64,
    },
    /// A fact about the listed cases: count, sum, min or max.
    Observed {
        /// The field.
        field: String,
        /// Which fact.
        fact: Aggregate,
    },
    /// Cases that the baseline passed and the candidate does not, about the listed cases only.
    Regressions {
        /// The field that says whether a case passed.
        field: String,
    },
    /// A number that the evidence states itself.
    Aggregate {
        /// Its name in the evidence.
        name: String,
        /// How its uncertainty is read.
        value_type: ValueType,
    },
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
    fn of(quantity: Option<impl Quantity + 'static>) -> Self {
        quantity.map_or(Self::Nothing, |quantity| Self::Quantity(Box::new(quantity)))
    }
}

impl Measure {
    /// Its fields in a row; none where the evidence states the number itself.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::Rate { field }
            | Self::Mean { field }
            | Self::RateOrMean { field }
            | Self::Quantile { field, .. }
            | Self::Regressions { field }
            | Self::Observed { field, .. } => vec![field],
            Self::Ratio { field, per } => vec![field, per],
            Self::Aggregate { .. } => Vec::new(),
        }
    }

    /// Whether its values have to be true/false or 0/1.
    #[must_use]
    pub(super) fn is_binary(&self) -> bool {
        matches!(
            self,
            Self::Rate { .. } | Self::Regressions { .. } | Self::Observed { fact: Aggregate::Count, .. }
        )
    }

    /// Whether it is a rate of these values.
    pub(super) fn is_rate(&self, values: &Values<'_>) -> bool {
        match self {
            Self::Rate { .. } | Self::Regressions { .. } => true,
            Self::RateOrMean { field } => values.is_rate(field),
            _ => false,
        }
    }

    /// What is taken of a row to be compared with another's.
    pub(super) fn taken(&self, scale: f64) -> Taken<'_> {
        match self {
            Self::Ratio { field, per } => Taken::Ratio { field, per, scale },
            Self::Rate { field }
            | Self::Mean { field }
            | Self::RateOrMean { field }
            | Self::Quantile { field, .. }
            | Self::Regressions { field }
            | Self::Observed { field, .. } => Taken::Field { name: field, scale },
            Self::Aggregate { name, .. } => Taken::Field { name, scale },
        }
    }

    /// The method where there is nothing to choose one by.
    pub(super) fn usual_method(&self) -> Method {
        match self {
            Self::Rate { .. } => Method::ClopperPearson,
            Self::Mean { .. } | Self::RateOrMean { .. } => Method::StudentT,
            Self::Ratio { .. } => Method::GaffkeOpen,
            Self::Quantile { .. } => Method::OrderStatistics,
            Self::Observed { .. } | Self::Regressions { .. } => Method::Observed,
            Self::Aggregate { .. } => Method::Point,
        }
    }

    /// Of one run.
    pub(super) fn level(&self, values: &Values<'_>) -> Answer {
        match self {
            Self::Rate { field } | Self::Regressions { field } => rate::level(values, field),
            Self::RateOrMean { field } if self.is_rate(values) => rate::level(values, field),
            Self::Mean { field } | Self::RateOrMean { field } => mean::level(values, field),
            Self::Ratio { field, per } => ratio::level(values, (field, per)),
            Self::Quantile { field, level } => quantile::level(values, field, *level),
            Self::Observed { field, fact } => observed::level(values, field, *fact),
            Self::Aggregate { .. } => Answer::Nothing,
        }
    }

    /// Of two runs, the candidate against the baseline.
    pub(super) fn change(&self, runs: &Compared<'_>) -> Answer {
        match self {
            Self::Rate { field } => rate::change(runs, field),
            Self::RateOrMean { field } if self.is_rate(&runs.candidate) && self.is_rate(&runs.baseline) => {
                rate::change(runs, field)
            }
            Self::Mean { field } | Self::RateOrMean { field } => mean::change(runs, field),
            Self::Ratio { .. } => ratio::change(runs),
            Self::Quantile { field, level } => quantile::change(runs, field, *level),
            Self::Regressions { .. } => regressions::change(runs),
            Self::Observed { .. } | Self::Aggregate { .. } => Answer::Nothing,
        }
    }
}
