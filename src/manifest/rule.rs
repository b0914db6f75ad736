//! The rule language: `[aggregate] metric [change] comparator number [unit]`.
//!
//! Parsing settles everything that can be settled without evidence and keeps the place of every word. Which
//! words name the metric is settled later, against the names that there are: see [`Rule::readings`].
//! Deliberately absent: what a metric is, and whether its unit fits.

use std::fmt;

use super::unit::Unit;
use crate::diagnostic::{Diagnostic, FileId, Span, Spanned, list};

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

    fn from_word(word: &str) -> Option<Self> {
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
    #[allow(
        clippy::float_cmp,
        reason = "`==` and `!=` are allowed on observed counts only"
    )]
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
            let metric = words
                .get(from..to)
                .map(|words| fold(&words.join(" ")))
                .unwrap_or_default();
            let reading = Reading {
                aggregate,
                metric,
                change,
            };
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
            (Some(first), Some(last)) => Span {
                end: last.span.end,
                ..first.span
            },
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
            && self
                .words
                .last()
                .is_some_and(|word| ChangeWord::from_word(&word.value).is_some())
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

/// Maps positions in a rule's text to places in the file.
#[derive(Debug, Clone, Copy)]
pub struct Locator {
    /// The whole scalar, used where single words cannot be found in the file.
    pub whole: Span,
    /// Where the text's first byte stands, if the file holds the text exactly.
    pub verbatim: Option<u32>,
}

impl Locator {
    /// A text that stands alone in a file of its own (tests, the command line).
    #[must_use]
    pub fn whole_file(file: FileId, text: &str) -> Self {
        Self {
            whole: Span::new(file, 0, text.len()),
            verbatim: Some(0),
        }
    }

    fn span(self, start: usize, end: usize) -> Span {
        match self.verbatim {
            Some(base) => Span::new(self.whole.file, base as usize + start, base as usize + end),
            None => self.whole,
        }
    }
}

/// Parses a rule.
///
/// # Errors
/// The first thing that cannot be read, underlined, with the ways to say it.
pub fn parse(text: &str, at: Locator) -> Result<Rule, Diagnostic> {
    let (operator_start, operator_end, comparator) = find_comparator(text, at)?;
    let words = split_words(text.get(..operator_start).unwrap_or_default(), at);
    if words.is_empty() {
        return Err(rule_error("this rule names no metric")
            .at(
                at.span(operator_start, operator_end),
                "a metric belongs before this",
            )
            .help("for example 'Hallucination rate < 1.5%'"));
    }
    if words.iter().all(|word| fold(&word.value).is_empty()) {
        return Err(rule_error("a metric's name needs letters or digits")
            .at(at.span(0, operator_start), "there are none here"));
    }
    let threshold = quantity_at(text, operator_end, at)?;
    Ok(Rule {
        text: text.trim().to_owned(),
        words,
        comparator: Spanned::new(comparator, at.span(operator_start, operator_end)),
        threshold,
        span: at.span(0, text.len()),
    })
}

/// Parses a number with its unit that stands alone, such as a waiver's limit.
///
/// # Errors
/// The first thing that cannot be read, underlined.
pub fn parse_quantity(text: &str, at: Locator) -> Result<Spanned<Quantity>, Diagnostic> {
    quantity_at(text, 0, at)
}

fn rule_error(title: impl Into<String>) -> Diagnostic {
    Diagnostic::error("rule-syntax", title)
}

fn split_words(text: &str, at: Locator) -> Vec<Spanned<String>> {
    let mut words = Vec::new();
    let mut start = None;
    for (i, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_whitespace()) {
            (None, false) => start = Some(i),
            (Some(from), true) => {
                let word = text.get(from..i).unwrap_or_default();
                words.push(Spanned::new(word.to_owned(), at.span(from, i)));
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn find_comparator(text: &str, at: Locator) -> Result<(usize, usize, Comparator), Diagnostic> {
    let Some(start) = text.find(['<', '>', '=', '!', '≤', '≥', '≠']) else {
        return Err(no_comparator(text, at));
    };
    let run: String = text
        .get(start..)
        .unwrap_or_default()
        .chars()
        .take_while(|c| "<>=!≤≥≠~".contains(*c))
        .collect();
    let end = start + run.len();
    let comparator = match run.as_str() {
        "<" => Comparator::Less,
        "<=" => Comparator::AtMost,
        ">" => Comparator::Greater,
        ">=" => Comparator::AtLeast,
        "==" => Comparator::Equal,
        "!=" => Comparator::NotEqual,
        other => {
            let meant = match other {
                "≤" | "=<" => "<=",
                "≥" | "=>" => ">=",
                "=" | "===" => "==",
                "≠" | "<>" => "!=",
                _ => "one of < <= > >=, or == and != for observed facts",
            };
            return Err(rule_error(format!("`{other}` is not a comparator"))
                .at(at.span(start, end), "not read")
                .help(format!("write {meant}")));
        }
    };
    Ok((start, end, comparator))
}

fn no_comparator(text: &str, at: Locator) -> Diagnostic {
    let found =
        rule_error("this rule has no comparator").at(at.span(0, text.len()), "one of < <= > >= is missing");
    let lower = text.to_lowercase();
    for (words, symbol) in [
        ("at least", ">="),
        ("at most", "<="),
        ("no more than", "<="),
        ("less than", "<"),
        ("below", "<"),
        ("under", "<"),
        ("more than", ">"),
        ("above", ">"),
        ("over", ">"),
    ] {
        if lower.contains(words) {
            return found.help(format!("write `{symbol}` for \"{words}\""));
        }
    }
    found.help("for example 'Hallucination rate < 1.5%'; if ` #` follows in the file, YAML cut the rule there: use single quotes")
}

fn quantity_at(text: &str, from: usize, at: Locator) -> Result<Spanned<Quantity>, Diagnostic> {
    let rest = text.get(from..).unwrap_or_default();
    let start = from + (rest.len() - rest.trim_start().len());
    let end = from + rest.trim_end().len();
    let body = text.get(start..end.max(start)).unwrap_or_default();
    if body.is_empty() {
        return Err(rule_error("a number is missing")
            .at(
                at.span(from.saturating_sub(1), text.len().max(from)),
                "nothing follows",
            )
            .help("for example `< 1.5%` or `< 1200ms`"));
    }
    let (dollar, number) = match body.strip_prefix('$') {
        Some(number) => ("$", number.trim_start()),
        None => ("", body),
    };
    let number_start = start + (body.len() - number.len());
    let length = number_length(number);
    let digits = number.get(..length).unwrap_or_default();
    let value = digits.parse::<f64>().ok().filter(|value| value.is_finite());
    let Some(value) = value else {
        return Err(rule_error(format!("`{}` is not a number", first_word(number)))
            .at(at.span(start, end), "a number belongs here")
            .help("for example `1.5%`, `1200ms`, `$0.02`"));
    };
    let unit_text = number.get(length..).unwrap_or_default();
    refuse_grouping(unit_text, at.span(number_start, end))?;
    let spelling = format!("{dollar}{}", unit_text.trim());
    let Some(unit) = Unit::from_spelling(&spelling) else {
        let word = unit_text.trim();
        return Err(rule_error(format!("`{word}` is not a unit"))
            .at(at.span(end - word.len(), end), "not a unit that relgate knows")
            .suggest(&spelling, Unit::spellings())
            .help(format!("units are {}", list(Unit::spellings(), 40))));
    };
    Ok(Spanned::new(
        Quantity {
            value,
            digits: digits.to_owned(),
            unit,
        },
        at.span(start, end),
    ))
}

fn refuse_grouping(after: &str, span: Span) -> Result<(), Diagnostic> {
    let mut chars = after.chars();
    match (chars.next(), chars.next()) {
        (Some(',' | '_' | '\''), Some(next)) if next.is_ascii_digit() => {
            Err(rule_error("a number is written without separators")
                .at(span, "this could mean two things")
                .help("write 1000 for a thousand and 1.5 for one and a half"))
        }
        _ => Ok(()),
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or(text)
}

/// Bytes of the longest prefix that is `[+-]digits[.digits][e[+-]digits]`.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut end = digits(sign);
    let whole = end - sign;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction > end + 1 {
            end = fraction;
        } else if whole == 0 {
            return 0;
        }
    } else if whole == 0 {
        return 0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent_sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + exponent_sign);
        if exponent > end + 1 + exponent_sign {
            end = exponent;
        }
    }
    end
}
