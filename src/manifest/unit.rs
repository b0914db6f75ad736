//! Units of thresholds and metrics: what can be compared with what, and by which factor.
//!
//! A table, so that a new unit is one line.

use std::fmt;

use crate::document::decimal;

/// What a number measures; only numbers of one dimension compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// A plain number (a score, a count).
    Number,
    /// A proportion in [0, 1].
    Fraction,
    /// A difference of proportions, in points.
    Points,
    /// A change in parts of the baseline.
    OfBaseline,
    /// Time; base unit milliseconds.
    Time,
    /// Money; base unit US dollars.
    Money,
    /// Money per token; base unit US dollars per 1,000 tokens.
    MoneyPerToken,
    /// Tokens.
    Tokens,
    /// Tokens per second.
    TokenRate,
    /// Requests per second.
    RequestRate,
}

/// A unit: its spelling in reports, its dimension, and `numerator / denominator` base units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// The spelling that reports and messages use.
    pub word: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    numerator: u32,
    denominator: u32,
}

const fn unit(word: &'static str, dimension: Dimension, numerator: u32, denominator: u32) -> Unit {
    Unit { word, dimension, numerator, denominator }
}

/// Every spelling that a rule or `unit:` may use (after folding case and spaces), and what it means.
const UNITS: &[(&str, Unit)] = &[
    ("", Unit::NUMBER),
    ("%", Unit::PERCENT),
    ("percent", Unit::PERCENT),
    ("fraction", Unit::FRACTION),
    ("pp", Unit::POINTS),
    ("% of baseline", unit("% of baseline", Dimension::OfBaseline, 1, 100)),
    ("x", unit("x", Dimension::OfBaseline, 1, 1)),
    ("ms", Unit::MILLISECONDS),
    ("s", Unit::SECONDS),
    ("sec", Unit::SECONDS),
    ("min", unit("min", Dimension::Time, 60_000, 1)),
    ("us", unit("us", Dimension::Time, 1, 1000)),
    ("µs", unit("us", Dimension::Time, 1, 1000)),
    ("ms/token", unit("ms/token", Dimension::Time, 1, 1)),
    ("s/token", unit("s/token", Dimension::Time, 1000, 1)),
    ("$", Unit::USD),
    ("$/request", unit("$/request", Dimension::Money, 1, 1)),
    ("$/1k requests", unit("$/1k requests", Dimension::Money, 1, 1000)),
    ("$/1k tokens", Unit::USD_PER_1K_TOKENS),
    ("$/1m tokens", unit("$/1M tokens", Dimension::MoneyPerToken, 1, 1000)),
    ("$/token", unit("$/token", Dimension::MoneyPerToken, 1000, 1)),
    ("tokens", Unit::TOKENS),
    ("token", Unit::TOKENS),
    ("tokens/request", unit("tokens/request", Dimension::Tokens, 1, 1)),
    ("tokens/s", unit("tokens/s", Dimension::TokenRate, 1, 1)),
    ("requests/s", unit("requests/s", Dimension::RequestRate, 1, 1)),
    ("req/s", unit("requests/s", Dimension::RequestRate, 1, 1)),
];

/// Words of other programs and of speech, and what they mean.
const MEANT: &[(&[&str], Unit)] = &[
    (
        &["msec", "msecs", "millis", "milli", "millisec", "millisecs", "millisecond", "milliseconds"],
        Unit::MILLISECONDS,
    ),
    (&["secs", "second", "seconds"], Unit::SECONDS),
    (&["mins", "minute", "minutes", "m"], unit("min", Dimension::Time, 60_000, 1)),
    (&["usec", "usecs", "micros", "microsecond", "microseconds"], unit("us", Dimension::Time, 1, 1000)),
    (&["pct", "percentage", "prozent"], Unit::PERCENT),
    (&["ppt", "point", "points", "percentage point", "percentage points"], Unit::POINTS),
    (&["dollar", "dollars"], Unit::USD),
];

impl Unit {
    /// No unit.
    pub const NUMBER: Self = unit("", Dimension::Number, 1, 1);
    /// `%` of a proportion.
    pub const PERCENT: Self = unit("%", Dimension::Fraction, 1, 100);
    /// `pp`: hundredths of a difference of proportions.
    pub const POINTS: Self = unit("pp", Dimension::Points, 1, 100);
    /// A proportion as a fraction.
    pub const FRACTION: Self = unit("fraction", Dimension::Fraction, 1, 1);
    /// `ms`.
    pub const MILLISECONDS: Self = unit("ms", Dimension::Time, 1, 1);
    /// `s`.
    pub const SECONDS: Self = unit("s", Dimension::Time, 1000, 1);
    /// `$`.
    pub const USD: Self = unit("$", Dimension::Money, 1, 1);
    /// `$/1k tokens`.
    pub const USD_PER_1K_TOKENS: Self = unit("$/1k tokens", Dimension::MoneyPerToken, 1, 1);
    /// `tokens`.
    pub const TOKENS: Self = unit("tokens", Dimension::Tokens, 1, 1);

    /// The unit that a spelling means; case, spaces, `usd` and ` per ` are folded.
    #[must_use]
    pub fn from_spelling(spelling: &str) -> Option<Self> {
        let mut folded = spelling.trim().to_lowercase();
        for (from, to) in
            [("usd", "$"), (" per ", "/"), (" / ", "/"), ("/ ", "/"), (" /", "/"), ("second", "s")]
        {
            folded = folded.replace(from, to);
        }
        let folded = folded.split_whitespace().collect::<Vec<_>>().join(" ");
        UNITS.iter().find(|(known, _)| *known == folded).map(|(_, unit)| *unit)
    }

    /// The unit that somebody means by a word that is none, where there is no doubt: a guess by its letters would take a
    /// thousandth for the whole.
    #[must_use]
    pub fn meant_by(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let (_, unit) = MEANT.iter().find(|(words, _)| words.contains(&word.as_str()))?;
        Some(*unit)
    }

    /// Every unit once, as reports spell it.
    pub fn words() -> impl Iterator<Item = &'static str> {
        let first = |i: &usize| {
            UNITS.iter().position(|(_, unit)| unit.word == UNITS.get(*i).map_or("", |u| u.1.word))
        };
        (0..UNITS.len())
            .filter(move |i| first(i) == Some(*i))
            .filter_map(|i| UNITS.get(i).map(|(_, unit)| unit.word))
            .filter(|word| !word.is_empty())
    }

    /// Every spelling, for "did you mean".
    pub fn spellings() -> impl Iterator<Item = &'static str> {
        UNITS.iter().map(|(spelling, _)| *spelling).filter(|spelling| !spelling.is_empty())
    }

    /// `value` of this unit, as it was written, in base units of its dimension.
    #[must_use]
    pub fn to_base(self, value: f64) -> f64 {
        decimal::times_ratio(value, self.numerator.into(), self.denominator.into())
    }

    /// `value` of this unit, as it was written, in the unit `target`; none where the dimensions differ.
    #[must_use]
    pub fn convert(self, value: f64, target: Self) -> Option<f64> {
        let of = |one: u32, other: u32| u64::from(one) * u64::from(other);
        let (numerator, denominator) =
            (of(self.numerator, target.denominator), of(self.denominator, target.numerator));
        (self.dimension == target.dimension).then(|| decimal::times_ratio(value, numerator, denominator))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

impl Dimension {
    /// The dimension in the words of messages.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Number => "a plain number",
            Self::Fraction => "a proportion",
            Self::Points => "a difference of proportions",
            Self::OfBaseline => "a share of the baseline",
            Self::Time => "a time",
            Self::Money => "an amount of money",
            Self::MoneyPerToken => "money per token",
            Self::Tokens => "a number of tokens",
            Self::TokenRate => "tokens per second",
            Self::RequestRate => "requests per second",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_fold_and_convert() {
        let convert = |value, from: &str, to: &str| {
            Unit::from_spelling(from).unwrap().convert(value, Unit::from_spelling(to).unwrap())
        };
        assert_eq!(convert(1.5, "%", "fraction"), Some(0.015));
        assert_eq!(convert(1.2, " S ", "ms"), Some(1200.0));
        assert_eq!(convert(2.039, "s", "ms"), Some(2039.0));
        assert_eq!(convert(2039.0, "ms", "s"), Some(2.039));
        assert_eq!(convert(20.0, "USD per 1M tokens", "$/1k tokens"), Some(0.02));
        assert_eq!(convert(250.0, "us", "s"), Some(0.00025));
        assert_eq!(convert(5.0, "ms", "%"), None);
        assert_eq!(Unit::from_spelling("furlong"), None);
    }

    #[test]
    fn every_spelling_is_found_again() {
        for spelling in Unit::spellings() {
            assert!(Unit::from_spelling(spelling).is_some(), "{spelling}");
            let word = Unit::from_spelling(spelling).unwrap().word;
            assert_eq!(Unit::from_spelling(word), Unit::from_spelling(spelling), "{word}");
        }
    }
}
