//! Single values: text to typed numbers, dates, digests and words, with their own error sentences.

use chrono::NaiveDate;

use super::reader::Reader;
use crate::diagnostic::{Code, Diagnostic, LONGEST_NAME, Span, Spanned, list};
use crate::document::decimal;
use crate::manifest::release::{Age, Confidence, Digest};
use crate::manifest::rule::{self, Locator, Quantity};
use crate::manifest::tree::Node;
use crate::manifest::unit::Unit;

impl Reader<'_> {
    /// A text of at least one character.
    pub(super) fn string(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<String>> {
        let node = node?;
        let scalar = self.scalar(node, what, "a text")?;
        if scalar.text.trim().is_empty() {
            self.expected(node, &format!("{what} is empty"), "write a text");
            return None;
        }
        Some(Spanned::new(scalar.text.clone(), node.span))
    }

    /// A name that may become part of a path or of `NAME=PATH`.
    pub(super) fn name(&mut self, node: &Node, what: &str) -> Option<Spanned<String>> {
        let name = self.string(Some(node), what)?;
        self.short(&name, what)?;
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        if name.value.chars().all(fits) && !name.value.starts_with(['.', '-']) {
            return Some(name);
        }
        self.report(
            Diagnostic::error(Code::BadName, format!("{what} may hold letters, digits, `-`, `_` and `.`"))
                .at(name.span, "not a name")
                .help("for example `support-assistant`"),
        );
        None
    }

    /// A name is repeated wherever it is told.
    pub(super) fn short(&mut self, name: &Spanned<String>, what: &str) -> Option<()> {
        let letters = name.value.chars().count();
        if letters <= LONGEST_NAME {
            return Some(());
        }
        self.report(
            Diagnostic::error(
                Code::BadName,
                format!("{what} has {letters} characters, and {LONGEST_NAME} at most"),
            )
            .at(Span { end: name.span.start, ..name.span }, "a shorter name belongs here"),
        );
        None
    }

    /// One word of a closed list.
    pub(super) fn word<T>(
        &mut self,
        node: Option<&Node>,
        what: &str,
        words: &[&str],
        from_word: fn(&str) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let node = node?;
        let scalar = self.scalar(node, what, words.first().unwrap_or(&""))?;
        if let Some(value) = from_word(&scalar.text) {
            return Some(Spanned::new(value, node.span));
        }
        self.report(
            Diagnostic::error(Code::UnknownWord, format!("{what} cannot be `{}`", scalar.text))
                .at(node.span, "not one of its words")
                .suggest(&scalar.text, words.iter().copied())
                .help(format!("write one of {}", list(words.iter().copied(), 12))),
        );
        None
    }

    /// A list of words of a closed list.
    pub(super) fn words<T>(
        &mut self,
        node: Option<&Node>,
        what: &str,
        words: &[&str],
        from_word: fn(&str) -> Option<T>,
    ) -> Vec<Spanned<T>> {
        let Some(node) = node else { return Vec::new() };
        let Some(items) = self.items(node, what) else {
            return Vec::new();
        };
        items.iter().filter_map(|item| self.word(Some(item), what, words, from_word)).collect()
    }

    /// A list of texts.
    pub(super) fn strings(&mut self, node: Option<&Node>, what: &str) -> Vec<Spanned<String>> {
        let Some(node) = node else { return Vec::new() };
        let Some(items) = self.items(node, what) else {
            return Vec::new();
        };
        items.iter().filter_map(|item| self.string(Some(item), what)).collect()
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<bool>> {
        let node = node?;
        let scalar = self.scalar(node, what, "true")?;
        match (scalar.plain, scalar.text.as_str()) {
            (true, "true") => Some(Spanned::new(true, node.span)),
            (true, "false") => Some(Spanned::new(false, node.span)),
            (_, text) => {
                let meant = match text.to_lowercase().as_str() {
                    "yes" | "y" | "on" | "true" => Some("true"),
                    "no" | "n" | "off" | "false" => Some("false"),
                    _ => None,
                };
                let help = meant.map_or("write true or false".to_owned(), |meant| {
                    format!("write {meant}; YAML readers disagree about words like `{text}`")
                });
                self.expected(node, &format!("{what} is true or false"), &help);
                None
            }
        }
    }

    /// A whole number of at least 1.
    pub(super) fn count(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<u64>> {
        let node = node?;
        let scalar = self.scalar(node, what, "300")?;
        match scalar.text.parse::<u64>() {
            Ok(count) if count > 0 && scalar.plain => Some(Spanned::new(count, node.span)),
            _ => {
                self.expected(node, &format!("{what} is a whole number of at least 1"), "for example `300`");
                None
            }
        }
    }

    /// A finite number.
    pub(super) fn number(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<f64>> {
        let node = node?;
        let scalar = self.scalar(node, what, "1000")?;
        // Rust reads "inf" and "nan" as numbers; a manifest does not.
        let looks = scalar.text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        match scalar.text.parse::<f64>() {
            Ok(number) if number.is_finite() && scalar.plain && looks => {
                Some(Spanned::new(number, node.span))
            }
            _ => {
                self.expected(node, &format!("{what} is a finite number"), "for example `1000`");
                None
            }
        }
    }

    /// `95%` or `0.95`, in (50 %, 100 %).
    pub(super) fn confidence(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<Confidence>> {
        let node = node?;
        let scalar = self.scalar(node, what, "95%")?;
        let text = scalar.text.trim();
        let percent = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().ok(),
            None => text
                .parse::<f64>()
                .ok()
                .filter(|level| *level < 1.0)
                .map(|level| decimal::times_ratio(level, 100, 1)),
        };
        if let Some(confidence) = percent.and_then(Confidence::from_percent) {
            return Some(Spanned::new(confidence, node.span));
        }
        let help = match text.parse::<f64>() {
            Ok(number) if number > 50.0 && number < 100.0 => format!("write `{text}%`"),
            _ => "for example `95%`".to_owned(),
        };
        self.expected(node, &format!("{what} lies between 50% and 100%"), &help);
        None
    }

    /// A length of time such as `14d`, `36h`, `2w`.
    pub(super) fn age(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<Age>> {
        let node = node?;
        let scalar = self.scalar(node, what, "14d")?;
        let text = scalar.text.trim();
        let hours = [("h", 1), ("d", 24), ("w", 168)].iter().find_map(|(suffix, hours)| {
            let count: u32 = text.strip_suffix(suffix)?.trim().parse().ok()?;
            count.checked_mul(*hours).filter(|hours| *hours > 0)
        });
        match hours {
            Some(hours) => Some(Spanned::new(Age { hours }, node.span)),
            None => {
                self.expected(node, &format!("{what} is a length of time"), "for example `14d`, `36h`, `2w`");
                None
            }
        }
    }

    /// A calendar date, `2026-12-31`.
    pub(super) fn date(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<NaiveDate>> {
        let node = node?;
        let scalar = self.scalar(node, what, "2026-12-31")?;
        match NaiveDate::parse_from_str(&scalar.text, "%Y-%m-%d") {
            Ok(date) if scalar.text.len() == 10 => Some(Spanned::new(date, node.span)),
            _ => {
                self.expected(node, &format!("{what} is a date"), "write year-month-day: `2026-12-31`");
                None
            }
        }
    }

    /// A SHA-256 digest.
    pub(super) fn digest(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<Digest>> {
        let node = node?;
        let scalar = self.scalar(node, what, "3f5a...")?;
        if let Some(digest) = Digest::from_hex(&scalar.text) {
            return Some(Spanned::new(digest, node.span));
        }
        let help = match scalar.text.len() {
            64 if scalar.text.chars().all(|c| c.is_ascii_hexdigit()) => "write it in lower case".to_owned(),
            length => format!("this has {length} characters; `sha256sum FILE` prints the digest"),
        };
        self.expected(node, &format!("{what} is 64 hexadecimal digits"), &help);
        None
    }

    /// A unit.
    pub(super) fn unit(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<Unit>> {
        let node = node?;
        let scalar = self.scalar(node, what, "ms")?;
        if let Some(unit) = Unit::from_spelling(&scalar.text) {
            return Some(Spanned::new(unit, node.span));
        }
        let finding = Diagnostic::error(Code::UnknownUnit, format!("{what} cannot be `{}`", scalar.text))
            .at(node.span, "not a unit that relgate knows");
        let finding = match Unit::meant_by(&scalar.text) {
            Some(unit) => finding.help(format!("did you mean `{unit}`?")),
            None => finding,
        };
        self.report(finding.help(format!("units are {}", list(Unit::words(), 40))));
        None
    }

    /// A number with a unit.
    pub(super) fn quantity(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<Quantity>> {
        let node = node?;
        let scalar = self.scalar(node, what, "1400ms")?;
        match rule::parse_quantity(&scalar.text, locator(node)) {
            Ok(quantity) => Some(quantity),
            Err(finding) => {
                self.report(finding);
                None
            }
        }
    }
}

/// Where a scalar's text stands.
pub(super) fn locator(node: &Node) -> Locator {
    Locator { whole: node.span, verbatim: node.scalar().and_then(|scalar| scalar.verbatim) }
}
