//! Which words of two texts differ: lines first, then the words of the lines that differ.
//!
//! Secrets count as one word each and are shown masked, so that a change of one shows and the value does not. Work is
//! bounded by size and never by time: the same texts give the same passages everywhere. Deliberately absent: what is said.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{common, plural, shorten};
use crate::diff::mask::{MASKED, secrets};
use crate::diff::{Detail, Piece};

/// The most lines that are compared one by one; beyond that everything between the common ends counts as one change.
const MOST_LINES: usize = 400_000;
/// The most words and marks of one change that are compared one by one; larger ones count as whole lines.
const MOST_TOKENS: usize = 20_000;
/// The same for a whole text.
const BUDGET: usize = 200_000;
/// Words and marks of the same text that are shown on either side of a change.
const CONTEXT: usize = 16;
/// Below this share of common words a passage reads better as a whole, old and new.
const ALIKE: f64 = 0.4;
/// The most characters of a piece that are shown.
const SHOWN: usize = 1200;

/// What differs between two texts.
#[derive(Debug, Default)]
pub(in crate::diff) struct Passages {
    /// The first passages, up to the number that was asked for.
    pub(in crate::diff) shown: Vec<Passage>,
    /// How many there are.
    pub(in crate::diff) count: usize,
    /// Words only the text after has.
    pub(in crate::diff) added: usize,
    /// Words only the text before has.
    pub(in crate::diff) removed: usize,
    /// Whether some changes were too large to look at word by word.
    pub(in crate::diff) by_lines: bool,
}

/// A passage with what is around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diff) struct Passage {
    /// Its first line, from 1: in the text after, or before where only that has it.
    pub(in crate::diff) line: usize,
    /// Its pieces in order.
    pub(in crate::diff) pieces: Vec<(Piece, String)>,
}

impl Passages {
    /// The passages as details of a record, with a line that says how many more there are.
    pub(in crate::diff) fn details(self) -> Vec<Detail> {
        let more = self.count - self.shown.len();
        let shown = self.shown.into_iter().map(|passage| Detail::Words {
            line: passage.line,
            pieces: passage.pieces.into_iter().map(|(piece, text)| (piece, shorten(&text, SHOWN))).collect(),
        });
        let mut details: Vec<Detail> = shown.collect();
        if more > 0 {
            details.push(Detail::Line(format!("and {}", plural(more, "more passage"))));
        }
        details
    }

    /// Goes on counting in another pair of texts.
    pub(in crate::diff) fn count(&mut self, other: &Self) {
        self.count += other.count;
        self.added += other.added;
        self.removed += other.removed;
        self.by_lines |= other.by_lines;
    }

    /// `3 passages changed, 12 words added, 4 removed`.
    pub(in crate::diff) fn words(&self) -> String {
        let passages = format!("{} changed", plural(self.count, "passage"));
        let said = match (self.added, self.removed) {
            (0, 0) => format!("{passages}, only spaces and marks"),
            (added, 0) => format!("{passages}, {} added", plural(added, "word")),
            (0, removed) => format!("{passages}, {} removed", plural(removed, "word")),
            (added, removed) => format!("{passages}, {} added, {removed} removed", plural(added, "word")),
        };
        if self.by_lines { format!("{said} (large changes are counted by whole lines)") } else { said }
    }
}

/// What differs between two texts, with at most `most` passages to show.
pub(in crate::diff) fn passages(before: &str, after: &str, most: usize) -> Passages {
    let mut found = Passages::default();
    let (start, end) = common(before, after);
    let middle = |text: &'_ str| start..text.len() - end;
    let (old_range, new_range) = (middle(before), middle(after));
    let (old, new) = (cut(before, &old_range), cut(after, &new_range));
    if old.is_empty() && new.is_empty() {
        return found;
    }
    let first_line =
        memchr::memchr_iter(b'\n', before.as_bytes().get(..start).unwrap_or_default()).count() + 1;
    let mut budget = BUDGET;
    for change in changed_lines(old, new) {
        let tokens = compared(change.old, change.new, &mut budget, &mut found.by_lines);
        for (piece, token) in &tokens {
            let word = usize::from(token.is_word());
            match piece {
                Piece::Added => found.added += word,
                Piece::Removed => found.removed += word,
                Piece::Same => {}
            }
        }
        let line = first_line + if change.new.is_empty() { change.old_line } else { change.new_line };
        for range in split(&tokens) {
            found.count += 1;
            if found.shown.len() < most {
                found.shown.push(passage(&tokens, range, line, change.new.is_empty()));
            }
        }
    }
    found
}

fn cut<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    text.get(range.clone()).unwrap_or_default()
}

/// Lines next to each other that differ.
struct Change<'a> {
    old: &'a str,
    new: &'a str,
    /// How many lines stand before it in either text.
    old_line: usize,
    new_line: usize,
}

fn changed_lines<'a>(old: &'a str, new: &'a str) -> Vec<Change<'a>> {
    let lines = |text: &'a str| text.split_inclusive('\n').collect::<Vec<&str>>();
    let (olds, news) = (lines(old), lines(new));
    if olds.is_empty() || news.is_empty() || olds.len() + news.len() > MOST_LINES {
        return vec![Change { old, new, old_line: 0, new_line: 0 }];
    }
    // Where each line starts, and the end.
    let offsets = |lines: &[&str]| {
        let mut at = 0;
        let starts = lines.iter().map(|line| {
            at += line.len();
            at
        });
        std::iter::once(0).chain(starts).collect::<Vec<usize>>()
    };
    let (old_at, new_at) = (offsets(&olds), offsets(&news));
    let slice = |text: &'a str, at: &[usize], from: usize, count: usize| {
        let bounds = at.get(from).zip(at.get(from + count));
        bounds.and_then(|(from, to)| text.get(*from..*to)).unwrap_or_default()
    };
    let mut changes: Vec<Change<'a>> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &olds, &news) {
        let (_, olds, news) = op.as_tag_tuple();
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        changes.push(Change {
            old: slice(old, &old_at, olds.start, olds.len()),
            new: slice(new, &new_at, news.start, news.len()),
            old_line: olds.start,
            new_line: news.start,
        });
    }
    changes
}

/// A word, a run of spaces, a mark or a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Token<'a> {
    raw: &'a str,
    secret: bool,
}

impl<'a> Token<'a> {
    fn is_word(&self) -> bool {
        self.secret || self.raw.chars().next().is_some_and(char::is_alphanumeric)
    }

    fn shown(&self) -> &'a str {
        if self.secret { MASKED } else { self.raw }
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut all = Vec::with_capacity(text.len() / 3);
    let mut from = 0;
    for hidden in secrets(text) {
        plain_tokens(cut(text, &(from..hidden.start)), &mut all);
        all.push(Token { raw: cut(text, &hidden), secret: true });
        from = hidden.end;
    }
    plain_tokens(text.get(from..).unwrap_or_default(), &mut all);
    all
}

fn plain_tokens<'a>(text: &'a str, all: &mut Vec<Token<'a>>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside =
            |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '\'' || letter == '’';
        let length = if first.is_alphanumeric() {
            rest.find(|letter| !inside(letter))
        } else if first.is_whitespace() {
            rest.find(|letter: char| !letter.is_whitespace())
        } else {
            Some(first.len_utf8())
        };
        let (token, behind) = rest.split_at(length.unwrap_or(rest.len()));
        all.push(Token { raw: token, secret: false });
        rest = behind;
    }
}

type Marked<'a> = Vec<(Piece, Token<'a>)>;

/// The words of a change, each with what became of it.
fn compared<'a>(old: &'a str, new: &'a str, budget: &mut usize, by_lines: &mut bool) -> Marked<'a> {
    let (olds, news) = (tokens(old), tokens(new));
    let whole = || {
        let removed = olds.iter().map(|token| (Piece::Removed, *token));
        removed.chain(news.iter().map(|token| (Piece::Added, *token))).collect()
    };
    let size = olds.len() + news.len();
    if olds.is_empty() || news.is_empty() {
        return whole();
    }
    if size > MOST_TOKENS || size > *budget {
        *by_lines = true;
        return whole();
    }
    *budget -= size;
    let mut marked: Marked<'a> = Vec::with_capacity(size);
    for op in capture_diff_slices(Algorithm::Myers, &olds, &news) {
        let (_, old_range, new_range) = op.as_tag_tuple();
        if matches!(op, DiffOp::Equal { .. }) {
            marked.extend(olds.get(old_range).unwrap_or_default().iter().map(|token| (Piece::Same, *token)));
        } else {
            marked
                .extend(olds.get(old_range).unwrap_or_default().iter().map(|token| (Piece::Removed, *token)));
            marked.extend(news.get(new_range).unwrap_or_default().iter().map(|token| (Piece::Added, *token)));
        }
    }
    let words = |wanted: fn(Piece) -> bool| {
        marked.iter().filter(|(piece, token)| wanted(*piece) && token.is_word()).count() as f64
    };
    let (same, changed) = (words(|piece| piece == Piece::Same), words(|piece| piece != Piece::Same));
    if changed > 0.0 && 2.0 * same / (2.0 * same + changed) < ALIKE { whole() } else { joined(&marked) }
}

/// Spaces and marks alone between two changes are part of the change: "kind and patient" reads better than confetti.
fn joined<'a>(marked: &Marked<'a>) -> Marked<'a> {
    let mut out: Marked<'a> = Vec::with_capacity(marked.len());
    let mut old: Vec<Token<'a>> = Vec::new();
    let mut new: Vec<Token<'a>> = Vec::new();
    let mut between: Vec<Token<'a>> = Vec::new();
    let flush = |old: &mut Vec<Token<'a>>, new: &mut Vec<Token<'a>>, out: &mut Marked<'a>| {
        out.extend(old.drain(..).map(|token| (Piece::Removed, token)));
        out.extend(new.drain(..).map(|token| (Piece::Added, token)));
    };
    for (piece, token) in marked {
        match piece {
            Piece::Same
                if token.is_word() || token.raw.contains('\n') || (old.is_empty() && new.is_empty()) =>
            {
                flush(&mut old, &mut new, &mut out);
                out.extend(between.drain(..).map(|token| (Piece::Same, token)));
                out.push((Piece::Same, *token));
            }
            Piece::Same => between.push(*token),
            Piece::Removed | Piece::Added => {
                old.extend(&between);
                new.append(&mut between);
                if *piece == Piece::Removed { old.push(*token) } else { new.push(*token) }
            }
        }
    }
    flush(&mut old, &mut new, &mut out);
    out.extend(between.drain(..).map(|token| (Piece::Same, token)));
    out
}

/// Cuts a change where much between is the same; each range begins and ends with a little of that.
fn split(marked: &Marked<'_>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let changed = marked.iter().enumerate().filter(|(_, (piece, _))| *piece != Piece::Same).map(|(at, _)| at);
    for at in changed {
        let around = at.saturating_sub(CONTEXT)..(at + 1 + CONTEXT).min(marked.len());
        match ranges.last_mut() {
            Some(last) if around.start <= last.end => last.end = around.end,
            _ => ranges.push(around),
        }
    }
    ranges
}

fn passage(marked: &Marked<'_>, range: Range<usize>, line: usize, gone: bool) -> Passage {
    let counted = if gone { Piece::Removed } else { Piece::Added };
    let before = marked.get(..range.start).unwrap_or_default();
    let lines = before.iter().filter(|(piece, _)| *piece == Piece::Same || *piece == counted);
    let line = line
        + lines.map(|(_, token)| memchr::memchr_iter(b'\n', token.raw.as_bytes()).count()).sum::<usize>();
    let mut pieces: Vec<(Piece, String)> = Vec::new();
    for (piece, token) in marked.get(range).unwrap_or_default() {
        match pieces.last_mut() {
            Some((last, text)) if last == piece => text.push_str(token.shown()),
            _ => pieces.push((*piece, token.shown().to_owned())),
        }
    }
    Passage { line, pieces }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The passages of both texts, put together from the pieces of a comparison without secrets.
    fn sides(passage: &Passage) -> (String, String) {
        let of = |gone: Piece| {
            passage.pieces.iter().filter(|(piece, _)| *piece != gone).map(|(_, text)| text.as_str()).collect()
        };
        (of(Piece::Added), of(Piece::Removed))
    }

    /// Texts whose lines and words repeat, so that there is something in common.
    fn text() -> impl Strategy<Value = String> {
        let word =
            prop::sample::select(vec!["never", "a", "b", " ", "\n", "ä", "{x}", ".", "\n\n", "-", "don't"]);
        prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
    }

    proptest! {
        #[test]
        fn pieces_are_pieces_of_the_texts(before in text(), after in text()) {
            let found = passages(&before, &after, usize::MAX);
            prop_assert_eq!(found.count == 0, before == after);
            prop_assert_eq!(found.count, found.shown.len());
            for passage in &found.shown {
                let (old, new) = sides(passage);
                prop_assert!(before.contains(&old), "{:?} not in {:?}", old, before);
                prop_assert!(after.contains(&new), "{:?} not in {:?}", new, after);
                prop_assert!(passage.pieces.iter().any(|(piece, _)| *piece != Piece::Same));
            }
        }

        #[test]
        fn a_change_is_kept_to_the_byte(before in "\\PC{0,80}", after in "\\PC{0,80}") {
            let marked = compared(&before, &after, &mut 10_000, &mut false);
            let of = |gone: Piece| marked.iter().filter(|(piece, _)| *piece != gone).map(|(_, token)| token.raw).collect::<String>();
            prop_assert_eq!(of(Piece::Added), before.as_str());
            prop_assert_eq!(of(Piece::Removed), after.as_str());
        }

        #[test]
        fn common_ends_are_whole_lines(before in text(), after in text()) {
            let (start, end) = common(&before, &after);
            prop_assert_eq!(&before[..start], &after[..start]);
            prop_assert_eq!(&before[before.len() - end..], &after[after.len() - end..]);
            prop_assert!(start + end <= before.len().min(after.len()));
            if before != after {
                prop_assert!(start == 0 || before[..start].ends_with('\n'));
                prop_assert!(end == 0 || before[..before.len() - end].ends_with('\n') || before.len() == end);
            }
        }
    }

    #[test]
    fn words_and_not_letters() {
        let found = passages("one\nYou are kind.\ntwo\n", "one\nYou are kind and patient.\ntwo\n", 9);
        assert_eq!((found.count, found.added, found.removed), (1, 2, 0));
        assert_eq!(
            found.shown,
            [Passage {
                line: 2,
                pieces: vec![
                    (Piece::Same, "You are kind".to_owned()),
                    (Piece::Added, " and patient".to_owned()),
                    (Piece::Same, ".\n".to_owned()),
                ]
            }]
        );
    }
}
