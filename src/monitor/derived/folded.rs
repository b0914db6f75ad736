//! A text as its letters and digits, however they are written.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::diagnostic::is_invisible;

/// What a folded text consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A letter or digit, in lower case.
    Letter(char),
    /// Something that is a word of its own: a sign, or a character of a script that is written without spaces.
    Alone(char),
    /// What stands between words.
    Gap,
}

/// Hands on the pieces of a text: compatibility forms are one (NFKC), so are capitals and small letters (also `ß` and `SS`);
/// characters without ink and marks that belong to no letter are left out.
pub(super) fn pieces(text: &str, mut take: impl FnMut(Piece)) {
    let mut rest = text;
    while let Some(other) = rest.bytes().position(|byte| !byte.is_ascii()) {
        // The letter before may belong to the mark behind it.
        let (plain, from) = rest.split_at(other.saturating_sub(1));
        let behind =
            from.bytes().skip(1).position(|byte| byte.is_ascii()).map_or(from.len(), |behind| behind + 1);
        let (composed, behind) = from.split_at(behind);
        plain_pieces(plain, &mut take);
        composed_pieces(composed, &mut take);
        rest = behind;
    }
    plain_pieces(rest, &mut take);
}

fn plain_pieces(text: &str, take: &mut impl FnMut(Piece)) {
    for byte in text.bytes() {
        let letter = char::from(byte.to_ascii_lowercase());
        take(if byte.is_ascii_alphanumeric() { Piece::Letter(letter) } else { Piece::Gap });
    }
}

fn composed_pieces(text: &str, take: &mut impl FnMut(Piece)) {
    for c in text.chars().filter(|c| !is_invisible(*c)).nfkc() {
        if !c.is_alphanumeric() {
            if !is_combining_mark(c) {
                take(if is_sign(c) { Piece::Alone(c) } else { Piece::Gap });
            }
        } else if is_dense(c) {
            take(Piece::Alone(c));
        } else {
            let folded = c.to_uppercase().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c));
            folded.for_each(|c| take(Piece::Letter(c)));
        }
    }
}

/// Arrows, signs and pictures, not the punctuation of any script.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '€' | '£')
}

/// Scripts without spaces between words: Thai, Lao, Myanmar, Khmer, Chinese, Japanese.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a text, each with a space before and behind it.
pub(super) fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 2);
    spaced.push(' ');
    pieces(text, |piece| match piece {
        Piece::Letter(c) => spaced.push(c),
        Piece::Alone(c) => {
            if !spaced.ends_with(' ') {
                spaced.push(' ');
            }
            spaced.push(c);
            spaced.push(' ');
        }
        Piece::Gap if spaced.ends_with(' ') => {}
        Piece::Gap => spaced.push(' '),
    });
    if !spaced.ends_with(' ') {
        spaced.push(' ');
    }
    spaced
}

/// The letters of a text without what stands between them, and where its words end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Letters {
    /// UTF-8.
    pub(super) bytes: Vec<u8>,
    /// Places in `bytes` behind the last letter of each word.
    pub(super) word_ends: Vec<usize>,
}

impl Letters {
    /// Scripts without spaces give a word a clause.
    pub(super) fn of(text: &str) -> Self {
        let mut letters = Self { bytes: Vec::with_capacity(text.len()), word_ends: Vec::new() };
        pieces(text, |piece| match piece {
            Piece::Letter(c) if c.is_ascii() => letters.bytes.push(c as u8),
            Piece::Letter(c) | Piece::Alone(c) if c.is_alphanumeric() => {
                letters.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => letters.end_word(),
        });
        letters.end_word();
        letters
    }

    fn end_word(&mut self) {
        if self.bytes.len() > self.word_ends.last().copied().unwrap_or(0) {
            self.word_ends.push(self.bytes.len());
        }
    }

    /// The words, in order.
    pub(super) fn words(&self) -> impl Iterator<Item = &[u8]> {
        let mut from = 0;
        self.word_ends.iter().filter_map(move |end| {
            let word = self.bytes.get(from..*end);
            from = *end;
            word
        })
    }

    /// The same with every Latin letter thirteen places on.
    pub(super) fn rot13(&self) -> Self {
        let turn = |byte: &u8| match byte {
            b'a'..=b'm' => byte + 13,
            b'n'..=b'z' => byte - 13,
            other => *other,
        };
        Self { bytes: self.bytes.iter().map(turn).collect(), word_ends: self.word_ends.clone() }
    }
}
