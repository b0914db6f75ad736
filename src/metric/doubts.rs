//! What is judged all the same and may still not be what was meant: rows that no `where:` could look at, a fraction that may have
//! been a percentage, values that lie tens of times past the limit.

use super::bound::Bound;
use super::table::Table;
use crate::diagnostic::{Code, Diagnostic, list, printable};
use crate::document::decimal;
use crate::manifest::{Dimension, Direction, EvidenceSpec, Unit};

/// How many times past its limit every value lies before it is told.
const FAR: f64 = 20.0;

/// What is odd about the limit of a gate, whatever the numbers: `toxicity < 0.5` lets through half of the answers.
#[must_use]
pub(crate) fn of_limit(bound: &Bound) -> Option<Diagnostic> {
    let written = &bound.rule.threshold;
    let rate = bound.unit.dimension == Dimension::Fraction && bound.change.is_none();
    let count = bound.measure.is_observed();
    let bare = written.value.unit == Unit::NUMBER && written.value.value > 0.0;
    if !(rate && bare && !count && bound.direction == Some(Direction::Lower)) {
        return None;
    }
    let percent = decimal::times_ratio(written.value.value, 100, 1);
    let text = format!(
        "`{}` lets {percent}% through; write `{percent}%`, so that nobody takes it for less",
        bound.rule
    );
    Some(Diagnostic::warning(Code::BareFraction, text).at(written.span, "a fraction"))
}

/// What is odd about the values of a gate beside its limit: a whole run tens of times past it is a unit that was mistaken more
/// often than a release.
#[must_use]
pub(crate) fn of_values(bound: &Bound, table: &Table) -> Option<Diagnostic> {
    let field = bound.measure.case_field()?;
    let limit = bound.threshold;
    let measured = matches!(bound.unit.dimension, Dimension::Time | Dimension::Money | Dimension::Tokens);
    if bound.change.is_some() || !measured || limit <= 0.0 {
        return None;
    }
    let (low, high) = table.column(field)?.range()?;
    let (low, high) = (bound.scaled(low), bound.scaled(high));
    let side = if low > limit * FAR {
        "above"
    } else if low > 0.0 && high * FAR < limit {
        "below"
    } else {
        return None;
    };
    let text = format!(
        "every `{}` is more than {FAR} times {side} the limit of `{}`: is it in {}, as it was read?",
        printable(field),
        bound.rule,
        bound.unit
    );
    Some(Diagnostic::warning(Code::FarFromLimit, text).at(bound.rule.threshold.span, "the limit"))
}

/// How many values count as the cap of their metric.
#[must_use]
pub(crate) fn of_cap(bound: &Bound, table: &Table) -> Option<Diagnostic> {
    let cap = bound.cap?;
    let field = bound.measure.case_field()?;
    let column = table.column(field)?;
    let values = || table.all_rows().into_iter().filter_map(|row| column.get(row as usize));
    let above = values().filter(|value| bound.scaled(*value) > cap).count();
    let text = format!(
        "{above} of {} values of `{}` are above the cap and count as {cap} each in `{}`",
        values().count(),
        printable(field),
        bound.rule
    );
    (above > 0).then(|| Diagnostic::warning(Code::CappedValues, text).at(bound.rule.subject_span(), "capped"))
}

/// Rows without the field of a `where:`, which nobody can say to belong to the others.
#[must_use]
pub(crate) fn of_selection(spec: &EvidenceSpec, table: &Table) -> Option<Diagnostic> {
    let condition = spec.conditions.first().filter(|_| table.unlabelled > 0)?;
    let fields: Vec<&str> = spec.conditions.iter().map(|condition| condition.field.value.as_str()).collect();
    let text = format!(
        "{} of {} rows of evidence `{}` have no {} and do not count",
        table.unlabelled,
        table.rows,
        spec.name.value,
        list(fields, 4)
    );
    Some(Diagnostic::warning(Code::RowsWithoutField, text).at(condition.field.span, "selects by it"))
}
