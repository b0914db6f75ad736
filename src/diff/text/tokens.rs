//! The words, spaces, marks and secrets that a text is made of, and how many there are.
//!
//! Deliberately absent: which of them differ.

use std::collections::HashMap;
use std::ops::Range;

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

    pub(super) fn shown(&self) -> &'a str {
        if self.secret { MASKED } else { self.raw }
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
            let mut run = Kind::Mark;
            for letter in plain.chars() {
                if !run.goes_on(letter) {
                    run = Kind::of(letter);
                    tokens += 1;
                    words += usize::from(run == Kind::Word);
                }
            }
        });
        (counted.words, counted.tokens) = (words, tokens);
        counted
    }

    /// The tokens in order.
    pub(super) fn tokens(&self) -> Vec<Token<'a>> {
        let mut all = Vec::with_capacity(self.tokens);
        self.pieces(|plain, secret| {
            plain_tokens(plain, &mut all);
            all.extend(secret.map(|raw| Token { raw, secret: true }));
        });
        all
    }

    /// The text with its secrets hidden.
    pub(super) fn masked(&self) -> String {
        let mut shown = String::with_capacity(self.text.len());
        self.pieces(|plain, secret| {
            shown.push_str(plain);
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
enum Kind {
    Word,
    Space,
    Mark,
}

impl Kind {
    /// What a token is that begins with a letter.
    fn of(first: char) -> Self {
        if first.is_alphanumeric() {
            Self::Word
        } else if first.is_whitespace() {
            Self::Space
        } else {
            Self::Mark
        }
    }

    /// Whether a letter behind it still belongs to it.
    fn goes_on(self, letter: char) -> bool {
        match self {
            Self::Word => letter.is_alphanumeric() || matches!(letter, '_' | '\'' | '’'),
            Self::Space => letter.is_whitespace(),
            Self::Mark => false,
        }
    }
}

fn plain_tokens<'a>(text: &'a str, all: &mut Vec<Token<'a>>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = Kind::of(first);
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        let length = behind.find(|letter| !kind.goes_on(letter)).map(|at| at + first.len_utf8());
        let (token, behind) = rest.split_at(length.unwrap_or(rest.len()));
        all.push(Token { raw: token, secret: false });
        rest = behind;
    }
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
