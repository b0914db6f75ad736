//! Which samples failed: their ids as the evidence writes them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bound::Bound;
use super::gather::{Input, rows_as};
use super::measure::Truth;
use super::plan::{MadeOfTexts, Need, Plan};
use super::row::{key_in, score, selects};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::evidence::{Id, Sample, Sink, Value};
use crate::manifest::{Condition, Direction};

/// More ids than this are not kept.
pub const MOST_FAILING: usize = 100_000;

/// The ids of the samples that failed one of the rates among `bounds`: false where true is good, true where it is
/// bad. None where there are more than [`MOST_FAILING`].
///
/// # Errors
/// What a reader found wrong.
pub fn failing(
    inputs: &[Input<'_>],
    selection: &[Condition],
    labels_are_text: bool,
    bounds: &[&Bound],
) -> Result<Option<BTreeSet<String>>, Diagnostics> {
    let needs: Vec<Need<'_>> = bounds.iter().map(|bound| bound.need()).collect();
    let mut plan = Plan::new(selection, None, rows_as(inputs), &needs);
    plan.labels_are_text = labels_are_text;
    let rates: Vec<Rate> = bounds.iter().filter_map(|bound| rate(&plan, bound)).collect();
    if rates.is_empty() {
        return Ok(Some(BTreeSet::new()));
    }
    let mut sink = Failing { plan: Arc::new(plan), rates: Arc::new(rates), ids: BTreeSet::new() };
    for input in inputs {
        let plan = Arc::clone(&sink.plan);
        input.stream(&plan, &mut sink)?;
    }
    Ok((sink.ids.len() <= MOST_FAILING).then_some(sink.ids))
}

/// One rate: where its value stands, which samples count, and what a failure is.
struct Rate {
    at: usize,
    /// What makes the value of texts, where it stands in no field.
    made: Option<MadeOfTexts>,
    mask: Option<usize>,
    /// Whether true is the failure.
    bad: bool,
    /// Whether 0 and 1 are read as false and true; a score of unknown type may also be a mean.
    numbers: bool,
}

fn rate(plan: &Plan, bound: &Bound) -> Option<Rate> {
    let numbers = match bound.measure.truth() {
        Truth::Always => true,
        Truth::IfSaid => false,
        Truth::Never => return None,
    };
    let field = bound.measure.case_field()?;
    let score = plan.scores.iter().find(|score| score.field == field)?;
    let low_is_good = match (bound.direction, bound.change) {
        (Some(direction), _) => direction == Direction::Lower,
        (None, None) => bound.comparator.wants_low(),
        // What a change of an unknown metric wants of the metric itself is anybody's guess.
        (None, Some(_)) => return None,
    };
    Some(Rate {
        at: score.at,
        made: score.made.clone(),
        mask: plan.mask(&bound.conditions),
        bad: low_is_good,
        numbers,
    })
}

struct Failing {
    plan: Arc<Plan>,
    rates: Arc<Vec<Rate>>,
    ids: BTreeSet<String>,
}

impl Failing {
    fn fails(&self, rate: &Rate, sample: &Sample<'_>) -> bool {
        let counts = match rate.mask.and_then(|mask| self.plan.masks.get(mask)) {
            Some(tests) => selects(&self.plan, tests, sample),
            None => true,
        };
        if let Some(made) = rate.made.as_ref().filter(|_| counts) {
            // A text that is too long was refused where it was counted.
            let id = key_in(&self.plan, &sample.id, None);
            return score(made, sample, id).ok().flatten().is_some_and(|value| (value > 0.5) == rate.bad);
        }
        counts
            && match sample.values.get(rate.at) {
                Some(Value::Bool(value) | Value::Truth(_, value)) => *value == rate.bad,
                Some(Value::Number(value)) if rate.numbers => (*value > 0.5) == rate.bad,
                _ => false,
            }
    }
}

impl Sink for Failing {
    fn fork(&self) -> Self {
        Self { plan: Arc::clone(&self.plan), rates: Arc::clone(&self.rates), ids: BTreeSet::new() }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let full = self.ids.len() > MOST_FAILING;
        if full || sample.error.is_some() || !selects(&self.plan, &self.plan.selection, sample) {
            return Ok(());
        }
        if self.rates.iter().any(|rate| self.fails(rate, sample)) {
            self.ids.insert(match &sample.id {
                Id::Text(text) => text.to_string(),
                Id::Integer(integer) => integer.to_string(),
            });
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, _line_offset: u64) -> Result<(), Diagnostic> {
        if self.ids.len() <= MOST_FAILING {
            self.ids.extend(later.ids);
        }
        Ok(())
    }
}
