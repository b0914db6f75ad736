//! Texts: bytes to text, what two texts have in common at their ends, words that differ, characters that nobody sees.

mod headings;
pub(super) mod invisible;
mod lines;
mod tokens;
pub(super) mod words;

use memchr::{memchr, memmem};

/// A text with LF line ends and without a byte order mark, and how it was written.
pub(super) struct Text {
    /// The text itself.
    pub(super) body: String,
    /// Whether a byte order mark stood before it.
    bom: bool,
    /// Whether it had CRLF line ends.
    crlf: bool,
}

/// The text that bytes spell; none where they are not UTF-8, or hold a NUL.
pub(super) fn decode(bytes: Vec<u8>) -> Option<Text> {
    if memchr(0, &bytes).is_some() {
        return None;
    }
    let mut text = String::from_utf8(bytes).ok()?;
    let bom = text.starts_with('\u{feff}');
    if bom {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let crlf = memmem::find(text.as_bytes(), b"\r\n").is_some();
    if crlf {
        text = text.replace("\r\n", "\n");
    }
    Some(Text { body: text, bom, crlf })
}

impl Text {
    /// No text at all.
    pub(super) fn empty() -> Self {
        Self { body: String::new(), bom: false, crlf: false }
    }

    /// How another spelling of the text differs, in words; none where it does not.
    pub(super) fn respelled(&self, after: &Self) -> Option<String> {
        if self.body.is_empty() || after.body.is_empty() {
            return None;
        }
        let ends = |text: &Self| if text.crlf { "CRLF" } else { "LF" };
        let mut said = Vec::new();
        if self.crlf != after.crlf {
            said.push(format!("line ends differ ({} -> {})", ends(self), ends(after)));
        }
        if self.bom != after.bom {
            said.push(format!("a byte order mark (U+FEFF) is {}", if after.bom { "new" } else { "gone" }));
        }
        (!said.is_empty()).then(|| said.join(" and "))
    }
}

/// How many bytes two texts have in common at the start and, beyond those, at the end; both at line boundaries.
///
/// `start` bytes of both are the same whole lines; the last `end` bytes of both are the same whole lines.
pub(super) fn common(before: &str, after: &str) -> (usize, usize) {
    let (a, b) = (before.as_bytes(), after.as_bytes());
    let same = same_start(a, b);
    // Both may end where the other goes on: whole lines only.
    let start = if same == a.len() && same == b.len() {
        same
    } else {
        a.get(..same).and_then(|head| memchr::memrchr(b'\n', head)).map_or(0, |at| at + 1)
    };
    let (a, b) = (a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default());
    let most = a.len().min(b.len());
    let same = same_end(a, b).min(most);
    let tail = a.get(a.len() - same..).unwrap_or_default();
    // The tail begins a line only behind a line end of its own, or where both rests are the tail.
    let whole = same == a.len() && same == b.len();
    let end = if whole { same } else { memchr(b'\n', tail).map_or(0, |at| same - at - 1) };
    (start, end)
}

fn same_start(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 4096;
    let blocks = a.chunks(BLOCK).zip(b.chunks(BLOCK)).take_while(|(a, b)| a == b && a.len() == BLOCK).count();
    let done = blocks * BLOCK;
    let (a, b) = (a.get(done..).unwrap_or_default(), b.get(done..).unwrap_or_default());
    done + a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn same_end(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 4096;
    let blocks =
        a.rchunks(BLOCK).zip(b.rchunks(BLOCK)).take_while(|(a, b)| a == b && a.len() == BLOCK).count();
    let done = blocks * BLOCK;
    let (a, b) = (a.get(..a.len() - done).unwrap_or_default(), b.get(..b.len() - done).unwrap_or_default());
    done + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Whether two texts differ in nothing but spaces and the ends of their lines.
pub(super) fn is_layout_only(before: &Text, after: &Text) -> bool {
    before.bom == after.bom && layout_words(&before.body).eq(layout_words(&after.body))
}

fn layout_words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty())
}

/// `1 row`, `2 rows`.
pub(super) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// `text` without its middle where it is longer than `most` characters; says how much is left out.
pub(super) fn shorten(text: &str, most: usize) -> String {
    let count = if text.len() <= most { 0 } else { text.chars().count() };
    if count <= most {
        return text.to_owned();
    }
    let (head, tail) = (most * 3 / 4, most / 4);
    let at = |nth: usize| text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at);
    let (head_end, tail_start) = (at(head), at(count - tail));
    format!(
        "{} [{} characters left out] {}",
        text.get(..head_end).unwrap_or_default(),
        count - head - tail,
        text.get(tail_start..).unwrap_or_default()
    )
}
