//! What can be taken of samples: one file a measure, with what a rule must say to mean it, its fields, its level and its change,
//! each alone and in clusters. A new measure is one file here, and its line in [`ALL`].

mod mean;
mod observed;
mod quantile;
mod rate;
mod rate_or_mean;
mod ratio;
mod regressions;
mod stated;

use std::sync::Arc;

use super::meaning::Meaning;
use super::measure::Measure;
use crate::diagnostic::{Code, Diagnostic};

/// Whether a gate means a measure; none where it does not.
type Meant = fn(&Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>>;

/// In the order in which they are asked.
const ALL: [Meant; 8] = [
    regressions::meant,
    stated::meant,
    ratio::meant,
    quantile::meant,
    observed::meant,
    rate::meant,
    mean::meant,
    rate_or_mean::meant,
];

/// The measure that a gate means.
///
/// # Errors
/// None is, or what the gate says of it does not fit.
pub(super) fn of(meaning: &Meaning<'_>) -> Result<Arc<dyn Measure>, Diagnostic> {
    ALL.iter().find_map(|meant| meant(meaning)).unwrap_or_else(|| {
        Err(Diagnostic::error(Code::UnknownMetric, "nothing says what is taken of this metric's values")
            .at(meaning.gate.rule.subject_span(), "named here"))
    })
}
