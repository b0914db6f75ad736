//! The words, spaces, marks and secrets that a text is made of, and how many there are.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::invisible::named;
use crate::secret::{MASKED, secrets};

/// A word, a run of spaces, a mark or a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Token<'a> {
    pub(super) raw: &'a str,
    secret: bool,
}

impl<'a> Token<'a> {
    pub(super) fn is_word(&self) -> bool {
        self.secret || self.raw.chars().next().is_some_and(char::is_alphanumeric)
    }

    pub(super) fn shown(&self) -> Cow<'a, str> {
        if self.secret { Cow::Borrowed(MASKED) } else { named(self.raw) }
    }

    /// The number that it is, if it is one.
    pub(super) fn number(&self) -> Option<&'a str> {
        let digits = |letter: char| letter.is_numeric() || matches!(letter, '.' | ',' | '_');
        let is_number =
            !self.secret && self.raw.starts_with(char::is_numeric) && self.raw.chars().all(digits);
        is_number.then_some(self.raw)
    }
}

/// A text, where its secrets are, and how many words and tokens it has: enough for one too large to be taken apart.
pub(super) struct Counted<'a> {
    text: &'a str,
    hidden: Vec<Range<usize>>,
    /// Words; a secret counts as one.
    pub(super) words: usize,
    /// Words, runs of spaces, marks and secrets.
    pub(super) tokens: usize,
}

impl<'a> Counted<'a> {
    /// Counts a text.
    pub(super) fn of(text: &'a str) -> Self {
        let mut counted = Self { text, hidden: secrets(text), words: 0, tokens: 0 };
        let (mut words, mut tokens) = (counted.hidden.len(), counted.hidden.len());
        counted.pieces(|plain, _| {
            for (run, _) in plain_tokens(plain) {
                tokens += 1;
                words += usize::from(run == Run::Word);
            }
        });
        (counted.words, counted.tokens) = (words, tokens);
        counted
    }

    /// The tokens in order.
    pub(super) fn tokens(&self) -> Vec<Token<'a>> {
        let mut all = Vec::with_capacity(self.tokens);
        self.pieces(|plain, secret| {
            all.extend(plain_tokens(plain).map(|(_, raw)| Token { raw, secret: false }));
            all.extend(secret.map(|raw| Token { raw, secret: true }));
        });
        all
    }

    /// The text with its secrets hidden and its invisible characters named.
    pub(super) fn masked(&self) -> String {
        let mut shown = String::with_capacity(self.text.len());
        self.pieces(|plain, secret| {
            shown.push_str(&named(plain));
            shown.push_str(secret.map_or("", |_| MASKED));
        });
        shown
    }

    /// Every stretch without a secret, with the secret behind it.
    fn pieces(&self, mut take: impl FnMut(&'a str, Option<&'a str>)) {
        let mut from = 0;
        for hidden in &self.hidden {
            take(self.text.get(from..hidden.start).unwrap_or_default(), self.text.get(hidden.clone()));
            from = hidden.end;
        }
        take(self.text.get(from..).unwrap_or_default(), None);
    }
}

/// What a token without a secret is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Word,
    Space,
    Mark,
}

/// The first token of a text: a word, a number with its points and commas, a run of spaces or one mark; and its length.
fn first(text: &str) -> Option<(Run, usize)> {
    let mut letters = text.chars();
    let first = letters.next()?;
    let mut length = first.len_utf8();
    if first.is_alphanumeric() {
        let number = first.is_numeric();
        while let Some(letter) = letters.next() {
            let goes_on = letter.is_alphanumeric() || matches!(letter, '_' | '\'' | '’');
            let within = number
                && matches!(letter, '.' | ',')
                && letters.as_str().chars().next().is_some_and(char::is_numeric);
            if !goes_on && !within {
                break;
            }
            length += letter.len_utf8();
        }
        return Some((Run::Word, length));
    }
    if first.is_whitespace() {
        length = text.len() - text.trim_start().len();
        return Some((Run::Space, length));
    }
    Some((Run::Mark, length))
}

/// The tokens of a text without secrets.
fn plain_tokens(text: &str) -> impl Iterator<Item = (Run, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (run, length) = first(rest)?;
        let (token, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some((run, token))
    })
}

/// A number for each different token of two texts: numbers compare faster than words.
pub(super) fn numbered<'a>(olds: &[Token<'a>], news: &[Token<'a>]) -> (Vec<u32>, Vec<u32>) {
    let mut numbers = HashMap::with_capacity(olds.len() / 2);
    let mut of = |tokens: &[Token<'a>]| -> Vec<u32> {
        let number = |token: &Token<'a>| {
            let next = numbers.len() as u32;
            *numbers.entry(*token).or_insert(next)
        };
        tokens.iter().map(number).collect()
    };
    (of(olds), of(news))
}
