//! What can be taken of samples: one file a measure, with what a rule must say to mean it, its fields, its level and its change,
//! each alone and in clusters. A new measure is one file here, and its line in [`ALL`].

mod agreement;
mod bleu;
mod bradley_terry;
mod chrf;
mod corpus;
mod exact_match;
mod json_schema;
mod judged;
mod length;
mod mean;
mod observed;
pub(super) mod per_answer;
mod quantile;
mod rate;
mod rate_or_mean;
mod ratio;
mod regex;
mod regressions;
mod rouge;
mod stated;
mod ter;
mod token_f1;
mod valid_json;
mod win_rate;

use std::sync::Arc;

use self::per_answer::PerAnswer;
use super::meaning::Meaning;
use super::measure::Measure;
use crate::diagnostic::{Code, Diagnostic};

/// Whether a gate means a measure; none where it does not.
type Meant = fn(&Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>>;

/// In the order in which they are asked.
const ALL: [Meant; 13] = [
    regressions::meant,
    stated::meant,
    corpus::meant,
    agreement::meant,
    win_rate::meant,
    bradley_terry::meant,
    judged::meant,
    ratio::meant,
    quantile::meant,
    observed::meant,
    rate::meant,
    mean::meant,
    rate_or_mean::meant,
];

/// The column that a metric of texts makes for each answer; none of other metrics.
///
/// # Errors
/// The evidence has not the fields.
pub(super) fn column(meaning: &Meaning<'_>) -> Result<Option<String>, Diagnostic> {
    Ok(per_answer::score(meaning)?.map(|score| score.field))
}

/// The measure that a gate means.
///
/// # Errors
/// None is, or what the gate says of it does not fit.
pub(super) fn of(meaning: &Meaning<'_>) -> Result<Arc<dyn Measure>, Diagnostic> {
    let found = ALL.iter().find_map(|meant| meant(meaning)).unwrap_or_else(|| {
        Err(Diagnostic::error(Code::UnknownMetric, "nothing says what is taken of this metric's values")
            .at(meaning.gate.rule.subject_span(), "named here"))
    })?;
    Ok(match per_answer::score(meaning)? {
        Some(score) => Arc::new(PerAnswer::of(meaning, score, found)),
        None => found,
    })
}
