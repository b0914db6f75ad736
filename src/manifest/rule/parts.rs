//! What a rule is made of, its words still in order.

use std::fmt;

use crate::diagnostic::{Span, Spanned};
use crate::manifest::unit::Unit;

/// What is taken of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Aggregate {
    /// The arithmetic mean.
    Mean,
    /// The proportion of true samples.
    Rate,
    /// A quantile; the level in (0, 1).
    Quantile(f64),
    /// How many samples are true, about the listed cases only.
    Count,
    /// The sum, about the listed cases only.
    Sum,
    /// The smallest value, about the listed cases only.
    Min,
    /// The largest value, about the listed cases only.
    Max,
}

impl Aggregate {
    /// Whether it states a fact about the listed cases only.
    #[must_use]
    pub fn is_observed(self) -> bool {
        matches!(self, Self::Count | Self::Sum | Self::Min | Self::Max)
    }

    /// The aggregate that a word of a rule means, in any case.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        Some(match word.as_str() {
            "mean" => Self::Mean,
            "rate" => Self::Rate,
            "count" => Self::Count,
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            _ => {
                let digits = word.strip_prefix('p')?;
                if !digits.starts_with(|c: char| c.is_ascii_digit()) || digits.len() > 8 {
                    return None;
                }
                let percent: f64 = digits.parse().ok()?;
                if !(percent > 0.0 && percent < 100.0) {
                    return None;
                }
                Self::Quantile(percent / 100.0)
            }
        })
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean"),
            Self::Rate => f.write_str("rate"),
            Self::Quantile(level) => {
                // 0.999 * 100 is not 99.9 in binary; six decimals are more than any quantile is written with.
                let percent = format!("{:.6}", level * 100.0);
                write!(f, "p{}", percent.trim_end_matches('0').trim_end_matches('.'))
            }
            Self::Count => f.write_str("count"),
            Self::Sum => f.write_str("sum"),
            Self::Min => f.write_str("min"),
            Self::Max => f.write_str("max"),
        }
    }
}

/// How the candidate is compared with the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeWord {
    /// candidate - baseline.
    Increase,
    /// baseline - candidate.
    Drop,
    /// Either way.
    Change,
}

impl ChangeWord {
    /// Every word, as rules write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Increase => "increase",
            Self::Drop => "drop",
            Self::Change => "change",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        match word.to_lowercase().as_str() {
            "increase" => Some(Self::Increase),
            "drop" => Some(Self::Drop),
            "change" => Some(Self::Change),
            _ => None,
        }
    }
}

/// The comparison that must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `==`, for observed facts.
    Equal,
    /// `!=`, for observed facts.
    NotEqual,
}

impl Comparator {
    /// As a rule writes it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// Whether small values are good.
    #[must_use]
    pub fn wants_low(self) -> bool {
        matches!(self, Self::Less | Self::AtMost)
    }

    /// Whether `value` meets the comparison with `threshold`, taken at face value.
    #[must_use]
    #[allow(clippy::float_cmp, reason = "`==` and `!=` are allowed on observed counts only")]
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Less => value < threshold,
            Self::AtMost => value <= threshold,
            Self::Greater => value > threshold,
            Self::AtLeast => value >= threshold,
            Self::Equal => value == threshold,
            Self::NotEqual => value != threshold,
        }
    }
}

/// A number with the unit that its author wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The number, finite.
    pub value: f64,
    /// Its digits as written.
    pub digits: String,
    /// Its unit; [`Unit::NUMBER`] where none was written.
    pub unit: Unit,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.unit.word;
        match word.strip_prefix('$') {
            Some(rest) => write!(f, "${}{rest}", self.digits),
            None if self.unit == Unit::NUMBER => f.write_str(&self.digits),
            None if word.len() <= 3 || word.starts_with('%') => write!(f, "{}{word}", self.digits),
            None => write!(f, "{} {word}", self.digits),
        }
    }
}

/// One rule, its words still in order.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The rule as its author wrote it.
    pub text: String,
    /// The words left of the comparator; at least one.
    pub words: Vec<Spanned<String>>,
    /// The comparison.
    pub comparator: Spanned<Comparator>,
    /// The threshold.
    pub threshold: Spanned<Quantity>,
    /// The whole rule.
    pub span: Span,
}

/// One way to read the words of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The leading aggregate word, if it is read as one.
    pub aggregate: Option<Aggregate>,
    /// The metric's name, folded.
    pub metric: String,
    /// The trailing change word, if it is read as one.
    pub change: Option<ChangeWord>,
}

impl Rule {
    /// The ways to read the words, the longest metric name first: `cost increase` is a metric of that name
    /// before it is an increase of `cost`.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        let words: Vec<&str> = self.words.iter().map(|word| word.value.as_str()).collect();
        let head = words.first().and_then(|word| Aggregate::from_word(word));
        let tail = words.last().and_then(|word| ChangeWord::from_word(word));
        let mut readings = Vec::new();
        for (aggregate, change) in [(None, None), (None, tail), (head, None), (head, tail)] {
            let from = usize::from(aggregate.is_some());
            let to = words.len().saturating_sub(usize::from(change.is_some()));
            let metric = words.get(from..to).map(|words| fold(&words.join(" "))).unwrap_or_default();
            let reading = Reading { aggregate, metric, change };
            if !reading.metric.is_empty() && !readings.contains(&reading) {
                readings.push(reading);
            }
        }
        readings
    }

    /// The place of the words left of the comparator.
    #[must_use]
    pub fn subject_span(&self) -> Span {
        match (self.words.first(), self.words.last()) {
            (Some(first), Some(last)) => Span { end: last.span.end, ..first.span },
            _ => self.span,
        }
    }

    /// The identifier of a gate that has none of its own: the words, folded with hyphens.
    #[must_use]
    pub fn default_id(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.value.as_str()).collect();
        fold(&words.join(" ")).replace('_', "-")
    }

    /// Whether a change word ends the subject, so that some reading compares with a baseline.
    #[must_use]
    pub fn may_be_change(&self) -> bool {
        self.words.len() > 1
            && self.words.last().is_some_and(|word| ChangeWord::from_word(&word.value).is_some())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for word in &self.words {
            write!(f, "{} ", word.value)?;
        }
        write!(f, "{} {}", self.comparator.value.symbol(), self.threshold.value)
    }
}

/// Lower case, with runs of anything but letters and digits as one `_`: `Hallucination rate` and
/// `hallucination_rate` are one name.
#[must_use]
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            folded.push(c);
        } else if !folded.is_empty() && !folded.ends_with('_') {
            folded.push('_');
        }
    }
    folded.truncate(folded.trim_end_matches('_').len());
    folded
}
