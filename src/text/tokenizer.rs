//! What BLEU takes for a word: the tokenizers of sacreBLEU 2.6.0.
//!
//! None of them changes a letter: they only cut. `13a` is that of WMT and mteval-v13a, `intl` mteval-v14's, `zh` cuts every
//! Chinese character out of what `13a` cuts, `char` takes single characters, `none` what stands between white space.

use std::borrow::Cow;

use super::letters::{Kind, is_space, trimmed_end, words};

/// How a text is cut into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokenizer {
    /// mteval-v13a, for languages in Latin letters.
    Western,
    /// mteval-v14: at every mark and symbol of Unicode.
    International,
    /// Single characters.
    Characters,
    /// Chinese characters one by one, the rest as [`Tokenizer::Western`].
    Chinese,
    /// White space alone.
    Spaces,
}

impl Tokenizer {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Western, Self::International, Self::Characters, Self::Chinese, Self::Spaces];

    /// Its name in sacreBLEU and in a manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Western => "13a",
            Self::International => "intl",
            Self::Characters => "char",
            Self::Chinese => "zh",
            Self::Spaces => "none",
        }
    }

    /// Calls `take` with every word of a text.
    pub fn cut(self, text: &str, lowercase: bool, mut take: impl FnMut(&[u8])) {
        let text: Cow<'_, str> = if lowercase { text.to_lowercase().into() } else { text.into() };
        let text = trimmed_end(&text);
        match self {
            Self::Western => western(&without_markup(text), Edges::Spaces, &mut take),
            Self::International => international(text, &mut take),
            Self::Characters => {
                let mut letter = [0; 4];
                for c in text.chars().filter(|c| !is_space(*c)) {
                    take(c.encode_utf8(&mut letter).as_bytes());
                }
            }
            Self::Chinese => chinese(text.trim_start_matches(is_space), &mut take),
            Self::Spaces => words(text).for_each(|word| take(word.as_bytes())),
        }
    }
}

/// Without the marks of the test sets: skipped segments, hyphens at line ends, lines, and four entities.
fn without_markup(text: &str) -> Cow<'_, str> {
    let mut clean = Cow::Borrowed(text);
    for (from, to) in [("<skipped>", ""), ("-\n", ""), ("\n", " ")] {
        if clean.contains(from) {
            clean = clean.replace(from, to).into();
        }
    }
    if clean.contains('&') {
        for (from, to) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
            clean = clean.replace(from, to).into();
        }
    }
    clean
}

/// What a line begins and ends with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edges {
    /// Spaces, so that a full stop at its end is cut off a number.
    Spaces,
    /// Nothing.
    Bare,
}

/// What `13a` does with a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    /// Part of a word.
    Letter,
    /// A word of its own: a mark of ASCII that is none of `'`, `,`, `-` and `.`.
    Alone,
    /// A space.
    Space,
    /// A full stop, a comma or a hyphen, which depend on what stands beside them; or what may be white space.
    Depends,
}

const BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Letter; 256];
    let mut at = 0;
    while at < 256 {
        #[allow(clippy::indexing_slicing, reason = "worked out while compiling")]
        {
            bytes[at] = match at as u8 {
                b' ' => Byte::Space,
                b'{'..=b'~' | b'['..=b'`' | b'!'..=b'&' | b'('..=b'+' | b':'..=b'@' | b'/' => Byte::Alone,
                b'.' | b',' | b'-' | 0..=0x1f | 0xc2 | 0xe1..=0xe3 => Byte::Depends,
                _ => Byte::Letter,
            };
        }
        at += 1;
    }
    bytes
};

fn western(line: &str, edges: Edges, take: &mut impl FnMut(&[u8])) {
    let bytes = line.as_bytes();
    let mut buffers = Buffers::default();
    let (mut start, mut depends) = (0, false);
    let mut word = |from: usize, to: usize, depends: bool| {
        let Some(part) = bytes.get(from..to).filter(|part| !part.is_empty()) else { return };
        if !depends {
            return take(part);
        }
        let bare = edges == Edges::Bare;
        buffers.cut(part, (!(bare && from == 0), !(bare && to == bytes.len())), take);
    };
    for (at, byte) in bytes.iter().enumerate() {
        match BYTES.get(*byte as usize).copied().unwrap_or(Byte::Letter) {
            Byte::Letter => {}
            Byte::Depends => depends = true,
            kind => {
                word(start, at, depends);
                if kind == Byte::Alone {
                    word(at, at + 1, false);
                }
                (start, depends) = (at + 1, false);
            }
        }
    }
    word(start, bytes.len(), depends);
}

/// Cuts what stands between spaces, by three expressions one after the other.
#[derive(Default)]
struct Buffers {
    from: Vec<u8>,
    to: Vec<u8>,
}

impl Buffers {
    /// `spaces` says whether spaces stand before and behind it.
    fn cut(&mut self, part: &[u8], spaces: (bool, bool), take: &mut impl FnMut(&[u8])) {
        let stops = |c: u8| c == b'.' || c == b',';
        self.from.clear();
        self.from.extend(spaces.0.then_some(b' '));
        self.from.extend_from_slice(part);
        self.from.extend(spaces.1.then_some(b' '));
        // ([^0-9])([\.,]) -> \1 \2_
        self.pass(|a, b| !a.is_ascii_digit() && stops(b), |a, b| [a, b' ', b, b' ']);
        // ([\.,])([^0-9]) -> _\1 \2
        self.pass(|a, b| stops(a) && !b.is_ascii_digit(), |a, b| [b' ', a, b' ', b]);
        // ([0-9])(-) -> \1 \2_
        self.pass(|a, b| a.is_ascii_digit() && b == b'-', |a, b| [a, b' ', b, b' ']);
        // Only spaces were put in, so this is the text that it was.
        let text = std::str::from_utf8(&self.from).unwrap_or_default();
        words(text).for_each(|word| take(word.as_bytes()));
    }

    /// Replaces pairs from left to right, none of which overlap.
    fn pass(&mut self, is: impl Fn(u8, u8) -> bool, put: impl Fn(u8, u8) -> [u8; 4]) {
        self.to.clear();
        let mut rest = self.from.as_slice();
        while let Some((first, later)) = rest.split_first() {
            match later.split_first() {
                Some((second, further)) if is(*first, *second) => {
                    self.to.extend_from_slice(&put(*first, *second));
                    rest = further;
                }
                _ => {
                    self.to.push(*first);
                    rest = later;
                }
            }
        }
        std::mem::swap(&mut self.from, &mut self.to);
    }
}

fn international(text: &str, take: &mut impl FnMut(&[u8])) {
    let mut line: Vec<(char, Kind)> = text.chars().map(|c| (c, Kind::of(c))).collect();
    let space = (' ', Kind::Other);
    // (\P{N})(\p{P}) -> \1 \2_
    line = pairs(&line, |a, b| a != Kind::Number && b == Kind::Mark, |a, b| [a, space, b, space]);
    // (\p{P})(\P{N}) -> _\1 \2
    line = pairs(&line, |a, b| a == Kind::Mark && b != Kind::Number, |a, b| [space, a, space, b]);
    let mut cut = String::with_capacity(text.len() * 2);
    for (c, kind) in line {
        match kind {
            Kind::Symbol => cut.extend([' ', c, ' ']),
            _ => cut.push(c),
        }
    }
    words(&cut).for_each(|word| take(word.as_bytes()));
}

type Letter = (char, Kind);

fn pairs(
    line: &[Letter],
    is: impl Fn(Kind, Kind) -> bool,
    put: impl Fn(Letter, Letter) -> [Letter; 4],
) -> Vec<Letter> {
    let mut out = Vec::with_capacity(line.len() * 2);
    let mut rest = line;
    while let Some((first, later)) = rest.split_first() {
        match later.split_first() {
            Some((second, further)) if is(first.1, second.1) => {
                out.extend(put(*first, *second));
                rest = further;
            }
            _ => {
                out.push(*first);
                rest = later;
            }
        }
    }
    out
}

fn chinese(text: &str, take: &mut impl FnMut(&[u8])) {
    let mut line = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if is_chinese(c) {
            line.extend([' ', c, ' ']);
        } else {
            line.push(c);
        }
    }
    western(&line, Edges::Bare, take);
}

/// What sacreBLEU's `zh` cuts out. Two of its ranges, meant to lie beyond the basic plane, compare texts of two characters
/// and so begin at U+2001 and U+2F81; they are met as they are.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{2001}'..='\u{2a6d}' | '\u{2e80}'..='\u{2fdf}' | '\u{2ff0}'..='\u{303f}' | '\u{3100}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}' | '\u{31c0}'..='\u{31ef}' | '\u{3200}'..='\u{4db5}' | '\u{4e00}'..='\u{9fbb}'
        | '\u{f900}'..='\u{fa2d}' | '\u{fa30}'..='\u{fa6a}' | '\u{fa70}'..='\u{fad9}' | '\u{fe10}'..='\u{fe1f}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}')
}
