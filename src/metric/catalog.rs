//! The standard metrics: what a name means when the manifest does not define it.
//!
//! The data stands in `catalog.txt`; this file reads it once and answers by folded name.

use std::sync::LazyLock;

use crate::manifest::{Category, Dimension, Direction, Unit, fold};

/// How a standard metric's samples are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// True/false or 0/1; anything else is an error.
    Rate,
    /// Any number.
    Mean,
    /// A rate if every value is true/false or 0/1, else a mean.
    Auto,
}

/// One standard metric.
#[derive(Debug, Clone)]
pub struct Standard {
    /// Its folded name.
    pub name: &'static str,
    /// Other folded names that mean the same.
    pub synonyms: Vec<&'static str>,
    /// What it is about.
    pub category: Category,
    /// Which way it is good.
    pub direction: Direction,
    /// How its samples are read.
    pub value_type: ValueType,
    /// The unit of its values.
    pub unit: Unit,
    /// The smallest value that can be.
    pub lower: Option<f64>,
    /// The largest value that can be.
    pub upper: Option<f64>,
}

impl Standard {
    /// Whether its values are amounts of time, money or tokens, and no scores.
    #[must_use]
    pub fn is_amount(&self) -> bool {
        matches!(self.unit.dimension, Dimension::Time | Dimension::Money | Dimension::Tokens)
    }

    /// The name and its synonyms.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        std::iter::once(self.name).chain(self.synonyms.iter().copied())
    }
}

static STANDARD: LazyLock<Vec<Standard>> =
    LazyLock::new(|| include_str!("catalog.txt").lines().filter_map(read_line).collect());

/// Every standard metric, in the order of the file.
#[must_use]
pub fn standard_metrics() -> &'static [Standard] {
    &STANDARD
}

/// The standard metric that a folded name means, as its name or a synonym.
#[must_use]
pub fn standard(folded: &str) -> Option<&'static Standard> {
    STANDARD.iter().find(|metric| metric.names().any(|name| name == folded))
}

/// One line of the data file; comments and blank lines are none. A malformed line fails the tests below.
fn read_line(line: &'static str) -> Option<Standard> {
    let columns: Vec<&'static str> = line.split('|').map(str::trim).collect();
    let [name, synonyms, category, direction, value_type, unit, lower, upper] = columns.as_slice() else {
        return None;
    };
    Some(Standard {
        name,
        synonyms: synonyms.split(',').map(str::trim).filter(|synonym| !synonym.is_empty()).collect(),
        category: Category::from_word(category)?,
        direction: Direction::from_word(direction)?,
        value_type: match *value_type {
            "rate" => ValueType::Rate,
            "mean" => ValueType::Mean,
            "auto" => ValueType::Auto,
            _ => return None,
        },
        unit: Unit::from_spelling(unit)?,
        lower: lower.parse().ok(),
        upper: upper.parse().ok(),
    })
}

/// Endings of a field's name that say its unit: `latency_ms`, `cost_usd`.
const SUFFIXES: &[(&str, &str)] = &[
    ("_ms", "ms"),
    ("_milliseconds", "ms"),
    ("_us", "us"),
    ("_seconds", "s"),
    ("_sec", "s"),
    ("_s", "s"),
    ("_usd", "$"),
];

/// A folded name without the ending that says its unit, and that unit.
#[must_use]
pub fn split_unit(folded: &str) -> (&str, Option<Unit>) {
    for (suffix, unit) in SUFFIXES {
        if let Some(stem) = folded.strip_suffix(suffix).filter(|stem| !stem.is_empty()) {
            return (stem, Unit::from_spelling(unit));
        }
    }
    (folded, None)
}

/// The unit that the name of a field says: by its ending, or as the name of a standard metric.
#[must_use]
pub fn unit_of_name(field: &str) -> Option<Unit> {
    let folded = fold(field);
    split_unit(&folded).1.or_else(|| standard(&folded).map(|standard| standard.unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::fold;
    use std::collections::BTreeMap;

    #[test]
    fn every_line_of_the_data_file_is_read() {
        let lines = include_str!("catalog.txt").lines();
        let expected = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#')).count();
        assert_eq!(standard_metrics().len(), expected);
        assert!(expected >= 30);
    }

    #[test]
    fn no_name_is_taken_twice_and_all_are_folded() {
        let mut seen = BTreeMap::new();
        for metric in standard_metrics() {
            for name in metric.names() {
                assert_eq!(fold(name), name);
                assert_eq!(split_unit(name), (name, None), "{name} ends like a unit");
                assert_eq!(seen.insert(name, metric.name), None, "{name} is taken twice");
            }
        }
    }

    #[test]
    fn the_card_categories_are_covered() {
        for (name, category) in [
            ("BLEU", Category::Quality),
            ("ROUGE-L", Category::Quality),
            ("Exact match", Category::Quality),
            ("Human rating", Category::Quality),
            ("Hallucination rate", Category::Safety),
            ("Prompt leakage", Category::Safety),
            ("PII", Category::Safety),
            ("Perturbation success", Category::Robustness),
            ("Adversarial success", Category::Robustness),
            ("TTFT", Category::Latency),
            ("Throughput", Category::Latency),
            ("Cost per 1k tokens", Category::Cost),
        ] {
            assert_eq!(standard(&fold(name)).map(|metric| metric.category), Some(category), "{name}");
        }
    }

    #[test]
    fn units_are_split_from_names() {
        assert_eq!(split_unit("latency_ms"), ("latency", Some(Unit::MILLISECONDS)));
        assert_eq!(split_unit("cost_usd"), ("cost", Some(Unit::USD)));
        assert_eq!(split_unit("_ms"), ("_ms", None));
        assert_eq!(split_unit("accuracy"), ("accuracy", None));
    }
}
