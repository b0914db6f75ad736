//! Kinds of characters, as the libraries whose figures are met here tell them apart.

use std::sync::OnceLock;

use regex_syntax::hir::{Class, HirKind};

/// What Python's `str.split` splits at: white space, and the four separators of ASCII.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Without white space at its end.
pub(super) fn trimmed_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// The words between white space.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// Whether it is one of the 32 marks of ASCII (`string.punctuation`).
pub(super) fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation()
}

/// A general category of Unicode, as ascending ranges.
pub(super) struct Category(Vec<(char, char)>);

impl Category {
    /// None of its characters where the tables do not know it.
    fn named(name: &str) -> Self {
        let parsed = regex_syntax::Parser::new().parse(&format!("\\p{{{name}}}"));
        let mut ranges = Vec::new();
        if let Ok(HirKind::Class(Class::Unicode(class))) = parsed.map(regex_syntax::hir::Hir::into_kind) {
            ranges.extend(class.iter().map(|range| (range.start(), range.end())));
        }
        Self(ranges)
    }

    fn has(&self, c: char) -> bool {
        let after = self.0.partition_point(|(start, _)| *start <= c);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, end)| c <= *end)
    }
}

/// Letters and digits as Python's `\w` means them, which leaves out combining marks.
pub(super) fn is_word(c: char) -> bool {
    static LETTERS: OnceLock<[Category; 2]> = OnceLock::new();
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    LETTERS.get_or_init(|| ["L", "N"].map(Category::named)).iter().any(|category| category.has(c))
}

/// What the international tokenizer of BLEU asks of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `\p{N}`.
    Number,
    /// `\p{P}`.
    Mark,
    /// `\p{S}`.
    Symbol,
    /// Anything else.
    Other,
}

impl Kind {
    /// Of a character.
    pub(super) fn of(c: char) -> Self {
        static KINDS: OnceLock<[(Category, Kind); 3]> = OnceLock::new();
        match c {
            'a'..='z' | 'A'..='Z' | ' ' => return Self::Other,
            '0'..='9' => return Self::Number,
            '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~' => return Self::Symbol,
            _ if c.is_ascii_punctuation() => return Self::Mark,
            _ if c.is_ascii() => return Self::Other,
            _ => {}
        }
        let kinds = KINDS.get_or_init(|| {
            [("N", Self::Number), ("P", Self::Mark), ("S", Self::Symbol)]
                .map(|(name, kind)| (Category::named(name), kind))
        });
        kinds.iter().find(|(category, _)| category.has(c)).map_or(Self::Other, |(_, kind)| *kind)
    }
}
