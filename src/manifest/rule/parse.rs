//! The text of a rule to its parts; every word keeps its place in the file.

use super::parts::{Comparator, Quantity, Rule, fold};
use crate::diagnostic::{Code, Diagnostic, FileId, LONGEST_NAME, Span, Spanned, list};
use crate::manifest::unit::Unit;

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
        Self { whole: Span::new(file, 0, text.len()), verbatim: Some(0) }
    }

    fn span(self, start: usize, end: usize) -> Span {
        match self.verbatim {
            Some(base) => Span::new(self.whole.file, base as usize + start, base as usize + end),
            None => self.whole,
        }
    }
}

/// The most characters of a rule: its words name the gate wherever it is told.
pub(super) const LONGEST: usize = LONGEST_NAME;

/// Reads a rule.
///
/// # Errors
/// The first thing that cannot be read, underlined.
pub(super) fn read(text: &str, at: Locator) -> Result<Rule, Diagnostic> {
    let letters = text.chars().count();
    if letters > LONGEST {
        return Err(rule_error(format!("this rule has {letters} characters, and {LONGEST} at most"))
            .at(at.span(0, 0), "a shorter rule belongs here"));
    }
    let (operator_start, operator_end, comparator) = find_comparator(text, at)?;
    let words = split_words(text.get(..operator_start).unwrap_or_default(), at);
    if words.is_empty() {
        return Err(rule_error("this rule names no metric")
            .at(at.span(operator_start, operator_end), "a metric belongs before this")
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
    Diagnostic::error(Code::RuleSyntax, title)
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
    let run: String =
        text.get(start..).unwrap_or_default().chars().take_while(|c| "<>=!≤≥≠~".contains(*c)).collect();
    let end = start + run.len();
    let comparator = match run.as_str() {
        "<" => Comparator::Less,
        "<=" => Comparator::AtMost,
        ">" => Comparator::Greater,
        ">=" => Comparator::AtLeast,
        "==" => Comparator::Equal,
        "!=" => Comparator::NotEqual,
        other => {
            return Err(rule_error(format!("`{other}` is not a comparator"))
                .at(at.span(start, end), "not read")
                .help("comparators are < <= > >=, and == and != for observed facts"));
        }
    };
    Ok((start, end, comparator))
}

fn no_comparator(text: &str, at: Locator) -> Diagnostic {
    rule_error("this rule has no comparator")
        .at(at.span(0, text.len()), "one of < <= > >= is missing")
        .help("for example 'Hallucination rate < 1.5%'; if ` #` follows in the file, YAML cut the rule there: use single quotes")
}

fn quantity_at(text: &str, from: usize, at: Locator) -> Result<Spanned<Quantity>, Diagnostic> {
    let rest = text.get(from..).unwrap_or_default();
    let start = from + (rest.len() - rest.trim_start().len());
    let end = from + rest.trim_end().len();
    let body = text.get(start..end.max(start)).unwrap_or_default();
    if body.is_empty() {
        return Err(rule_error("a number is missing")
            .at(at.span(from.saturating_sub(1), text.len().max(from)), "nothing follows")
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
        let finding = rule_error(format!("`{word}` is not a unit"))
            .at(at.span(end - word.len(), end), "not a unit that relgate knows");
        let finding = match Unit::meant_by(word) {
            Some(unit) => finding.help(format!("did you mean `{unit}`?")),
            None => finding,
        };
        return Err(finding.help(format!("units are {}", list(Unit::words(), 40))));
    };
    Ok(Spanned::new(Quantity { value, digits: digits.to_owned(), unit }, at.span(start, end)))
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
