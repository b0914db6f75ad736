//! Which of two rules, limits and conditions is the stricter one: one answer for merging and for comparing.

use std::cmp::Ordering;

use crate::diagnostic::Spanned;
use crate::document::decimal;
use crate::manifest::release::When;
use crate::manifest::rule::{Comparator, Rule, fold};
use crate::manifest::unit::Dimension;

/// The words left of the comparator as one name.
pub(crate) fn subject(rule: &Rule) -> String {
    let words: Vec<&str> = rule.words.iter().map(|word| word.value.as_str()).collect();
    fold(&words.join(" "))
}

/// Whether every value that meets `own` meets `base` as well, both being about one quantity; none where their
/// units do not compare.
pub(crate) fn no_easier(own: &Rule, base: &Rule) -> Option<bool> {
    use Comparator::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
    let order = thresholds(own, base)?;
    Some(match (own.comparator.value, base.comparator.value) {
        (Equal, Equal) | (NotEqual, NotEqual) => order.is_eq(),
        (Less, Less | AtMost | NotEqual) | (AtMost | Equal, AtMost) => order.is_le(),
        (AtMost | Equal, Less) | (AtMost, NotEqual) => order.is_lt(),
        (Greater, Greater | AtLeast | NotEqual) | (AtLeast | Equal, AtLeast) => order.is_ge(),
        (AtLeast | Equal, Greater) | (AtLeast, NotEqual) => order.is_gt(),
        (Equal, NotEqual) => order.is_ne(),
        (Less | AtMost, Greater | AtLeast | Equal)
        | (Greater | AtLeast, Less | AtMost | Equal)
        | (NotEqual, Less | AtMost | Greater | AtLeast | Equal) => false,
    })
}

/// How the own threshold stands to the other; none where the units do not compare.
pub(crate) fn thresholds(own: &Rule, base: &Rule) -> Option<Ordering> {
    let same_unit = own.threshold.value.unit == base.threshold.value.unit;
    let (mine, theirs) = if same_unit {
        (own.threshold.value.value, base.threshold.value.value)
    } else {
        comparable(own, base)?
    };
    mine.partial_cmp(&theirs)
}

/// Both thresholds in one unit.
fn comparable(own: &Rule, base: &Rule) -> Option<(f64, f64)> {
    let (mine, theirs) = (measure(own), measure(base));
    let level = !own.may_be_change();
    match (mine.0, theirs.0) {
        (a, b) if a == b => Some((mine.1, theirs.1)),
        // A level of a proportion is written either way, and `%` says that it is one.
        (Dimension::Number, Dimension::Fraction) | (Dimension::Fraction, Dimension::Number) if level => {
            Some((mine.1, theirs.1))
        }
        _ => None,
    }
}

/// What a threshold measures, in base units; a change in parts of the baseline is read as binding reads it.
fn measure(rule: &Rule) -> (Dimension, f64) {
    let (value, unit) = (rule.threshold.value.value, rule.threshold.value.unit);
    match unit.word {
        // "1.1 x" is an increase by a tenth.
        "x" => (Dimension::OfBaseline, decimal::difference(value, 1.0)),
        "%" if rule.may_be_change() => (Dimension::OfBaseline, unit.to_base(value)),
        _ => (unit.dimension, unit.to_base(value)),
    }
}

/// Whether a gate with the condition `own` applies whenever one with `base` does; no condition is always.
pub(crate) fn covers(own: Option<&When>, base: Option<&When>) -> bool {
    fn wider<T: PartialEq>(own: &[T], base: &[T]) -> bool {
        own.is_empty() || (!base.is_empty() && base.iter().all(|word| own.contains(word)))
    }
    match (own, base) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(own), Some(base)) => wider(&own.changed, &base.changed) && wider(&own.types, &base.types),
    }
}

/// The fields of `base` that `own` does not have, in their order.
pub(crate) fn left_out<'a>(base: &'a [Spanned<String>], own: &[Spanned<String>]) -> Vec<&'a str> {
    let missing = base.iter().filter(|field| own.iter().all(|other| other.value != field.value));
    missing.map(|field| field.value.as_str()).collect()
}
