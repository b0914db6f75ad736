//! Whether a rule asks for something that a worse release could lack: not for the bad side, and not for what always holds.

use super::bound::Bound;
use super::measure::{Measure, MeasureKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Aggregate, ChangeWord, Comparator, Direction, GateSpec};

/// # Errors
/// The rule holds whatever is measured, or it is met by getting worse.
pub(super) fn check(gate: &GateSpec, bound: &Bound) -> Result<(), Diagnostic> {
    if always_holds(bound) {
        return Err(vacuous(gate));
    }
    // Fewer regressions are good, whatever the metric.
    let regressions = bound.measure.counts_regressions();
    let Some(good) = bound.direction.filter(|_| !regressions).or(regressions.then_some(Direction::Lower))
    else {
        return Ok(());
    };
    let low = match (bound.comparator, bound.change.map(|change| change.word)) {
        // An equality has no side, and a movement of less than the margin, either way, has both.
        (Comparator::Equal | Comparator::NotEqual, _) | (_, Some(ChangeWord::Change)) => return Ok(()),
        (_, Some(ChangeWord::Drop)) => !bound.comparator.wants_low(),
        (_, Some(ChangeWord::Increase) | None) => bound.comparator.wants_low(),
    };
    if low != (good == Direction::Lower) {
        return Err(bad_side(gate, bound, good));
    }
    match tail(bound.measure.as_ref()) {
        Some(tail) if bound.change.is_none() && tail == good => Err(good_tail(gate, bound, good)),
        _ => Ok(()),
    }
}

/// Whether no value within the metric's range breaks the rule.
fn always_holds(bound: &Bound) -> bool {
    let (threshold, comparator) = (bound.threshold, bound.comparator);
    let (lower, upper) = match (bound.change, bound.measure.kind()) {
        (_, MeasureKind::Regressions | MeasureKind::Observed(Aggregate::Count)) => (Some(0.0), None),
        (_, MeasureKind::Observed(Aggregate::Sum)) => {
            (bound.lower.filter(|lower| *lower >= 0.0).map(|_| 0.0), None)
        }
        (None, _) => (bound.lower, bound.upper),
        (Some(change), _) => {
            let width =
                bound.upper.zip(bound.lower).filter(|_| !change.relative).map(|(upper, lower)| upper - lower);
            // Nothing that cannot be below zero loses more than all of it.
            let least = if change.relative {
                bound.lower.filter(|lower| *lower >= 0.0).map(|_| -1.0)
            } else {
                width.map(|width| -width)
            };
            match change.word {
                ChangeWord::Increase => (least, width),
                ChangeWord::Drop => (width.map(|width| -width), least.map(|least| -least)),
                ChangeWord::Change => (Some(0.0), width),
            }
        }
    };
    match comparator {
        Comparator::Less => upper.is_some_and(|upper| threshold > upper),
        Comparator::AtMost => upper.is_some_and(|upper| threshold >= upper),
        Comparator::Greater => lower.is_some_and(|lower| threshold < lower),
        Comparator::AtLeast => lower.is_some_and(|lower| threshold <= lower),
        Comparator::Equal => false,
        Comparator::NotEqual => {
            lower.is_some_and(|lower| threshold < lower) || upper.is_some_and(|upper| threshold > upper)
        }
    }
}

/// The end of the values that a statistic of order looks at; none for the middle and for what counts all of them.
fn tail(measure: &dyn Measure) -> Option<Direction> {
    match measure.kind() {
        MeasureKind::Quantile(level) if level > 0.5 => Some(Direction::Higher),
        MeasureKind::Quantile(level) if level < 0.5 => Some(Direction::Lower),
        MeasureKind::Observed(Aggregate::Max) => Some(Direction::Higher),
        MeasureKind::Observed(Aggregate::Min) => Some(Direction::Lower),
        _ => None,
    }
}

fn word(good: Direction) -> &'static str {
    match good {
        Direction::Lower => "low",
        Direction::Higher => "high",
    }
}

fn vacuous(gate: &GateSpec) -> Diagnostic {
    Diagnostic::error(Code::AlwaysHolds, format!("`{}` holds whatever is measured", gate.rule))
        .at(gate.rule.threshold.span, "no value can miss it")
        .help("ask for a value that a bad release would miss")
}

fn bad_side(gate: &GateSpec, bound: &Bound, good: Direction) -> Diagnostic {
    let metric = &bound.metric;
    Diagnostic::error(
        Code::BadSide,
        format!("`{}` is met by a release that gets worse: {} values of `{metric}` are good", gate.rule, word(good)),
    )
    .at(gate.rule.comparator.span, "the other way round")
    .help(format!(
        "turn the comparison round; if {} values are good in this release, define a metric of your own with `direction: {}`",
        word(if good == Direction::Lower { Direction::Higher } else { Direction::Lower }),
        if good == Direction::Lower { "higher" } else { "lower" },
    ))
}

fn good_tail(gate: &GateSpec, bound: &Bound, good: Direction) -> Diagnostic {
    let other = match bound.measure.kind() {
        MeasureKind::Quantile(level) => Aggregate::Quantile(1.0 - level).to_string(),
        _ if good == Direction::Lower => Aggregate::Max.to_string(),
        _ => Aggregate::Min.to_string(),
    };
    Diagnostic::error(
        Code::GoodTail,
        format!(
            "`{}` looks at the best values only: {} values of `{}` are good",
            gate.rule,
            word(good),
            bound.metric
        ),
    )
    .at(gate.rule.subject_span(), "the good end")
    .help(format!("write `{other}` to look at the worst ones, or gate the mean"))
}
