//! Which words of two texts differ: lines first, then the words of the lines that differ.
//!
//! Secrets count as one word each and are shown masked, so that a change of one shows and the value does not. Work is
//! bounded by size and never by time: the same texts give the same passages everywhere.

use std::collections::HashSet;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::headings::Headings;
use super::lines::changed_lines;
use super::tokens::{Counted, Token, numbered};
use super::{common, plural, shorten};
use crate::diff::record::{Detail, WordEdit};

/// The most words and marks of one change that are compared one by one; larger ones count as whole lines.
const MOST_TOKENS: usize = 20_000;
/// The same for a whole text, where small changes count as what they are and larger ones as more.
const BUDGET: usize = 200_000;
/// The words and marks of a change that counts twice.
const LIGHT: usize = 2_000;
/// The most words and marks of a change that are compared one by one although the texts have no phrases in common.
const MOST_UNRELATED: usize = 300;
/// The words and marks of a phrase: four words.
const PHRASE: usize = 7;
/// From this share of common phrases on, a large text is another wording of one.
const RELATED: f64 = 0.05;
/// Words and marks of the same text that are shown on either side of a change.
const CONTEXT: usize = 16;
/// Below this share of common words a passage reads better as a whole, old and new.
const ALIKE: f64 = 0.4;
/// Changed numbers that a sentence points at.
const MOST_NUMBERS: usize = 6;
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
    /// Numbers that stand where others stood: the first few, before and after.
    numbers: Vec<NumberChange>,
}

/// A number that stands where another one stood.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NumberChange {
    before: String,
    after: String,
}

/// A passage with what is around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diff) struct Passage {
    /// Its first line, from 1: in the text after, or before where only that has it.
    pub(in crate::diff) line: usize,
    /// The nearest heading above it, in that text.
    heading: Option<String>,
    /// Its pieces in order, long ones without their middle.
    pub(in crate::diff) pieces: Vec<(WordEdit, String)>,
}

impl Passages {
    /// The passages as details of a record, with a line that says how many more there are.
    pub(in crate::diff) fn details(self) -> Vec<Detail> {
        let more = self.count - self.shown.len();
        let mut details = details(self.shown);
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
        let room = MOST_NUMBERS.saturating_sub(self.numbers.len());
        self.numbers.extend(other.numbers.iter().take(room).cloned());
    }

    /// Takes in a change that is one passage, old and new.
    fn whole(&mut self, old: &Counted<'_>, new: &Counted<'_>, line: usize, place: &Place<'_>) {
        self.count += 1;
        self.added += new.words;
        self.removed += old.words;
        if self.shown.len() < place.most {
            let pieces = [(WordEdit::Removed, old), (WordEdit::Added, new)].into_iter();
            let pieces = pieces.filter(|(_, text)| text.tokens > 0);
            let pieces = pieces.map(|(piece, text)| (piece, shorten(&text.masked(), SHOWN))).collect();
            self.shown.push(Passage { line, heading: place.heading(line, new.tokens == 0), pieces });
        }
    }

    /// Notes the numbers that stand where others stood: of a stretch that changed, as many before as after.
    fn numbers(&mut self, marked: &Marked<'_>) {
        for stretch in marked.split(|(piece, _)| *piece == WordEdit::Same) {
            let of = |wanted: WordEdit| {
                stretch
                    .iter()
                    .filter(move |(piece, _)| *piece == wanted)
                    .filter_map(|(_, token)| token.number())
            };
            if of(WordEdit::Removed).count() != of(WordEdit::Added).count() {
                continue;
            }
            let changed = of(WordEdit::Removed).zip(of(WordEdit::Added)).filter(|(old, new)| old != new);
            let room = MOST_NUMBERS.saturating_sub(self.numbers.len());
            self.numbers.extend(
                changed
                    .take(room)
                    .map(|(old, new)| NumberChange { before: old.to_owned(), after: new.to_owned() }),
            );
        }
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
        let numbers: Vec<String> =
            self.numbers.iter().map(|one| format!("{} -> {}", one.before, one.after)).collect();
        let said = if numbers.is_empty() { said } else { format!("{said}, numbers: {}", numbers.join(", ")) };
        if self.by_lines { format!("{said} (large changes are counted by whole lines)") } else { said }
    }
}

/// Passages as details of a record, each under its nearest heading.
pub(in crate::diff) fn details(passages: Vec<Passage>) -> Vec<Detail> {
    let mut details: Vec<Detail> = Vec::new();
    let mut under = None;
    for passage in passages {
        if passage.heading != under {
            details.extend(passage.heading.as_ref().map(|heading| Detail::Line(format!("under {heading}"))));
            under = passage.heading;
        }
        details.push(Detail::Words { line: passage.line, pieces: passage.pieces });
    }
    details
}

/// Where passages stand, and how many of them are shown.
struct Place<'a> {
    before: Headings<'a>,
    after: Headings<'a>,
    most: usize,
}

impl Place<'_> {
    /// The nearest heading above a line of the text after, or before where the text is gone.
    fn heading(&self, line: usize, gone: bool) -> Option<String> {
        let heading = if gone { self.before.above(line) } else { self.after.above(line) }?;
        Some(shorten(&Counted::of(heading).masked(), 120))
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
    let place = Place { before: Headings::of(before), after: Headings::of(after), most };
    for change in changed_lines(old, new) {
        let line = first_line + if change.new.is_empty() { change.old_line } else { change.new_line };
        let (old, new) = (Counted::of(change.old), Counted::of(change.new));
        let Some(Compared { marked: tokens, same }) = compared(&old, &new, &mut budget, &mut found.by_lines)
        else {
            found.whole(&old, &new, line, &place);
            continue;
        };
        let head = change.new.as_bytes().get(..same.0).unwrap_or_default();
        let line = line + memchr::memchr_iter(b'\n', head).count();
        found.numbers(&tokens);
        for (piece, token) in &tokens {
            let word = usize::from(token.is_word());
            match piece {
                WordEdit::Added => found.added += word,
                WordEdit::Removed => found.removed += word,
                WordEdit::Same => {}
            }
        }
        for range in split(&tokens) {
            found.count += 1;
            if found.shown.len() < most {
                found.shown.push(passage(&tokens, range, line, change.new.is_empty(), &place));
            }
        }
    }
    found
}

fn cut<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    text.get(range.clone()).unwrap_or_default()
}

type Marked<'a> = Vec<(WordEdit, Token<'a>)>;

/// The words of a change between what is the same at its ends.
struct Compared<'a> {
    marked: Marked<'a>,
    /// The bytes at the start and at the end of both texts that are left out: nobody is shown them.
    same: (usize, usize),
}

/// The words of a change, each with what became of it; none where it reads better as a whole, or is too large.
fn compared<'a>(
    old: &Counted<'a>,
    new: &Counted<'a>,
    budget: &mut usize,
    by_lines: &mut bool,
) -> Option<Compared<'a>> {
    let size = old.tokens + new.tokens;
    if old.tokens == 0 || new.tokens == 0 {
        return None;
    }
    // The search for what is the same grows faster than the texts.
    let search = size * size / LIGHT;
    if size > MOST_TOKENS || size + search > *budget {
        *by_lines = true;
        return None;
    }
    *budget -= size;
    let (olds, news) = (old.tokens(), new.tokens());
    let ((head, olds, tail), news) = middle(&olds, &news);
    let (old_numbers, new_numbers) = numbered(olds, news);
    let skipped = head.len() + tail.len();
    if size > MOST_UNRELATED && unrelated(&old_numbers, &new_numbers, skipped) {
        *by_lines = true;
        return None;
    }
    *budget -= search;
    let mut marked: Marked<'a> = Vec::with_capacity(olds.len() + news.len());
    for op in capture_diff_slices(Algorithm::Myers, &old_numbers, &new_numbers) {
        let (_, old_range, new_range) = op.as_tag_tuple();
        let same = matches!(op, DiffOp::Equal { .. });
        let gone = if same { WordEdit::Same } else { WordEdit::Removed };
        marked.extend(olds.get(old_range).unwrap_or_default().iter().map(|token| (gone, *token)));
        if !same {
            marked.extend(
                news.get(new_range).unwrap_or_default().iter().map(|token| (WordEdit::Added, *token)),
            );
        }
    }
    let words = |wanted: fn(WordEdit) -> bool| {
        marked.iter().filter(|(piece, token)| wanted(*piece) && token.is_word()).count() as f64
    };
    let ends = head.iter().chain(tail).filter(|token| token.is_word()).count() as f64;
    let (same, changed) =
        (words(|piece| piece == WordEdit::Same) + ends, words(|piece| piece != WordEdit::Same));
    let alike = changed <= 0.0 || 2.0 * same / (2.0 * same + changed) >= ALIKE;
    let bytes = |tokens: &[Token<'_>]| tokens.iter().map(|token| token.raw.len()).sum();
    alike.then(|| Compared { marked: joined(&marked), same: (bytes(head), bytes(tail)) })
}

type Parts<'t, 'a> = (&'t [Token<'a>], &'t [Token<'a>], &'t [Token<'a>]);

/// The old tokens in three, and the new ones that stand for the second part: the first and the last are the same in both
/// and too far from what differs to be shown.
fn middle<'t, 'a>(olds: &'t [Token<'a>], news: &'t [Token<'a>]) -> (Parts<'t, 'a>, &'t [Token<'a>]) {
    let head = olds.iter().zip(news).take_while(|(old, new)| old == new).count();
    let rest = olds.iter().skip(head).rev().zip(news.iter().skip(head).rev());
    let tail = rest.take_while(|(old, new)| old == new).count();
    // Twice, because a change may slide over words that repeat.
    let (head, tail) = (head.saturating_sub(2 * CONTEXT), tail.saturating_sub(2 * CONTEXT));
    let (first, rest) = olds.split_at(head);
    let (second, third) = rest.split_at(rest.len() - tail);
    ((first, second, third), news.get(head..news.len() - tail).unwrap_or_default())
}

/// Whether two texts have next to no phrases in common, whatever words they share; `skipped` more tokens are the same.
fn unrelated(old: &[u32], new: &[u32], skipped: usize) -> bool {
    let phrases: HashSet<&[u32]> = old.windows(PHRASE).collect();
    let common = new.windows(PHRASE).filter(|phrase| phrases.contains(phrase)).count();
    ((common + skipped) as f64) < RELATED * (old.len().min(new.len()) + skipped) as f64
}

/// Spaces and marks alone between two changes are part of the change: "kind and patient" reads better than confetti.
fn joined<'a>(marked: &Marked<'a>) -> Marked<'a> {
    let mut out: Marked<'a> = Vec::with_capacity(marked.len());
    let mut old: Vec<Token<'a>> = Vec::new();
    let mut new: Vec<Token<'a>> = Vec::new();
    let mut between: Vec<Token<'a>> = Vec::new();
    let flush = |old: &mut Vec<Token<'a>>, new: &mut Vec<Token<'a>>, out: &mut Marked<'a>| {
        out.extend(old.drain(..).map(|token| (WordEdit::Removed, token)));
        out.extend(new.drain(..).map(|token| (WordEdit::Added, token)));
    };
    for (piece, token) in marked {
        match piece {
            WordEdit::Same
                if token.is_word() || token.raw.contains('\n') || (old.is_empty() && new.is_empty()) =>
            {
                flush(&mut old, &mut new, &mut out);
                out.extend(between.drain(..).map(|token| (WordEdit::Same, token)));
                out.push((WordEdit::Same, *token));
            }
            WordEdit::Same => between.push(*token),
            WordEdit::Removed | WordEdit::Added => {
                old.extend(&between);
                new.append(&mut between);
                if *piece == WordEdit::Removed { old.push(*token) } else { new.push(*token) }
            }
        }
    }
    flush(&mut old, &mut new, &mut out);
    out.extend(between.drain(..).map(|token| (WordEdit::Same, token)));
    out
}

/// Cuts a change where much between is the same; each range begins and ends with a little of that.
fn split(marked: &Marked<'_>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let changed =
        marked.iter().enumerate().filter(|(_, (piece, _))| *piece != WordEdit::Same).map(|(at, _)| at);
    for at in changed {
        let around = at.saturating_sub(CONTEXT)..(at + 1 + CONTEXT).min(marked.len());
        match ranges.last_mut() {
            Some(last) if around.start <= last.end => last.end = around.end,
            _ => ranges.push(around),
        }
    }
    ranges
}

fn passage(marked: &Marked<'_>, range: Range<usize>, line: usize, gone: bool, place: &Place<'_>) -> Passage {
    let counted = if gone { WordEdit::Removed } else { WordEdit::Added };
    let before = marked.get(..range.start).unwrap_or_default();
    let lines = before.iter().filter(|(piece, _)| *piece == WordEdit::Same || *piece == counted);
    let line = line
        + lines.map(|(_, token)| memchr::memchr_iter(b'\n', token.raw.as_bytes()).count()).sum::<usize>();
    let mut pieces: Vec<(WordEdit, String)> = Vec::new();
    for (piece, token) in marked.get(range).unwrap_or_default() {
        match pieces.last_mut() {
            Some((last, text)) if last == piece => text.push_str(&token.shown()),
            _ => pieces.push((*piece, token.shown().into_owned())),
        }
    }
    for (_, text) in pieces.iter_mut().filter(|(_, text)| text.len() > SHOWN) {
        *text = shorten(text, SHOWN);
    }
    Passage { line, heading: place.heading(line, gone), pieces }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The passages of both texts, put together from the pieces of a comparison without secrets.
    fn sides(passage: &Passage) -> (String, String) {
        let of = |gone: WordEdit| {
            passage.pieces.iter().filter(|(piece, _)| *piece != gone).map(|(_, text)| text.as_str()).collect()
        };
        (of(WordEdit::Added), of(WordEdit::Removed))
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
                prop_assert!(passage.pieces.iter().any(|(piece, _)| *piece != WordEdit::Same));
            }
        }

        #[test]
        fn a_change_is_kept_to_the_byte(before in text(), after in text()) {
            let (old, new) = (Counted::of(&before), Counted::of(&after));
            let marked = compared(&old, &new, &mut 10_000, &mut false);
            if let Some(marked) = marked {
                let of = |gone: WordEdit| marked.marked.iter().filter(|(piece, _)| *piece != gone).map(|(_, token)| token.raw).collect::<String>();
                let (start, end) = marked.same;
                prop_assert_eq!(of(WordEdit::Added), &before[start..before.len() - end]);
                prop_assert_eq!(of(WordEdit::Removed), &after[start..after.len() - end]);
                prop_assert_eq!(&before[..start], &after[..start]);
                prop_assert_eq!(&before[before.len() - end..], &after[after.len() - end..]);
            }
        }

        #[test]
        fn what_is_counted_is_there(text in "(\\PC|[a-z_' \\n]|password: [a-z0-9]{8} ){0,80}") {
            let counted = Counted::of(&text);
            let tokens = counted.tokens();
            prop_assert_eq!(counted.tokens, tokens.len());
            prop_assert_eq!(counted.words, tokens.iter().filter(|token| token.is_word()).count());
            prop_assert_eq!(tokens.iter().map(|token| token.raw).collect::<String>(), text.as_str());
            prop_assert_eq!(tokens.iter().map(|token| token.shown().into_owned()).collect::<String>(), counted.masked());
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
                heading: None,
                pieces: vec![
                    (WordEdit::Same, "You are kind".to_owned()),
                    (WordEdit::Added, " and patient".to_owned()),
                    (WordEdit::Same, ".\n".to_owned()),
                ]
            }]
        );
    }
}
