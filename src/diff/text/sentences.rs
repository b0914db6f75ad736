//! Sentences that forbid or demand something, and which of them one text has and the other has not.
//!
//! Wrapped lines are one sentence; a sentence that moved or was reworded a little is still there, one that lost its "not"
//! is not. The words are English; texts in other languages only get the comparison of their words. Deliberately absent:
//! whether a sentence is obeyed.

use std::collections::BTreeMap;

use super::shorten;
use crate::diff::mask::mask;

/// Words that forbid or demand, each alone.
const MARKERS: &[&str] = &["never", "must", "refuse", "refuses", "always", "only"];
/// The same as two words.
const PAIRS: &[(&str, &str)] = &[
    ("do", "not"),
    ("must", "not"),
    ("should", "not"),
    ("shall", "not"),
    ("may", "not"),
    ("can", "not"),
    ("no", "circumstances"),
];
/// Words whose loss changes what a sentence demands, as they are compared.
const POLAR: &[&str] = &["not", "never", "no", "must", "refuse", "always", "only", "without"];
/// The most sentences of a text that are kept; what comes later is not compared.
const MOST: usize = 20_000;
/// The most sentences on either side among which rewordings are looked for.
const MOST_PAIRED: usize = 200;
/// From this share of common words on, two sentences are wordings of one.
const REWORDED: f64 = 0.8;
/// From this share on, one is what became of the other.
const RELATED: f64 = 0.6;
/// The longest paragraph that is taken apart, in bytes.
const LONGEST: usize = 64_000;
/// The most characters of a sentence that are shown.
const SHOWN: usize = 300;

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sentence {
    text: String,
    /// In lower case, spelled out: `don't` is `do not`.
    words: Vec<String>,
    demands: bool,
}

/// The sentences of one side, by their words.
#[derive(Debug, Default)]
pub(in crate::diff) struct Sentences {
    by_words: BTreeMap<String, Sentence>,
    paragraph: String,
    demands_only: bool,
    /// Whether there were more sentences than are kept.
    pub(in crate::diff) overflowed: bool,
}

/// Demands that only one side has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::diff) struct Moved {
    /// Those that are gone, each with the sentence that took its place, where one did.
    pub(in crate::diff) lost: Vec<(String, Option<String>)>,
    /// Those that are new.
    pub(in crate::diff) gained: Vec<String>,
}

impl Sentences {
    /// Keeps only sentences that forbid or demand, for texts that do not fit into memory.
    pub(in crate::diff) fn of_demands() -> Self {
        Self { demands_only: true, ..Self::default() }
    }

    /// These and those of another text of the same side.
    pub(in crate::diff) fn with(mut self, other: Self) -> Self {
        self.by_words.extend(other.by_words);
        self.overflowed |= other.overflowed;
        self
    }

    /// Takes a whole text in.
    pub(in crate::diff) fn text(&mut self, text: &str) {
        for line in text.split('\n') {
            self.line(line);
        }
        self.end();
    }

    /// Takes one line in; [`Sentences::end`] must follow the last.
    pub(in crate::diff) fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        let (body, starts) = unmarked(trimmed);
        if starts || trimmed.is_empty() || self.paragraph.len() + body.len() > LONGEST {
            self.end();
        }
        if body.len() > LONGEST {
            self.overflowed = true;
            return;
        }
        if !self.paragraph.is_empty() {
            self.paragraph.push(' ');
        }
        self.paragraph.push_str(body);
        if trimmed.starts_with('#') {
            self.end();
        }
    }

    /// Ends the paragraph.
    pub(in crate::diff) fn end(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let mut from = 0;
        for end in ends(&paragraph) {
            self.sentence(paragraph.get(from..end).unwrap_or_default().trim());
            from = end;
        }
        self.sentence(paragraph.get(from..).unwrap_or_default().trim());
        // The buffer is used again.
        self.paragraph = paragraph;
        self.paragraph.clear();
    }

    fn sentence(&mut self, text: &str) {
        let words = words(text);
        let demands = demands(&words);
        if words.is_empty() || (self.demands_only && !demands) {
            return;
        }
        if self.by_words.len() >= MOST {
            self.overflowed = true;
            return;
        }
        self.by_words.entry(words.join(" ")).or_insert_with(|| Sentence {
            text: text.to_owned(),
            words,
            demands,
        });
    }
}

/// The demands that came and went between two sides.
pub(in crate::diff) fn moved(before: &Sentences, after: &Sentences) -> Moved {
    let only = |here: &'_ Sentences, there: &Sentences| -> Vec<Sentence> {
        let alone = here.by_words.iter().filter(|(words, _)| !there.by_words.contains_key(*words));
        alone.map(|(_, sentence)| sentence.clone()).collect()
    };
    let (old, new) = (only(before, after), only(after, before));
    let paired = old.len() <= MOST_PAIRED && new.len() <= MOST_PAIRED;
    let mut taken = vec![false; new.len()];
    let mut lost = Vec::new();
    for gone in old.iter().filter(|sentence| sentence.demands) {
        let free = new.iter().enumerate().filter(|(at, _)| paired && taken.get(*at) == Some(&false));
        // Of equally close ones the first, so that the answer is the same everywhere.
        let nearest = free
            .map(|(at, sentence)| (alike(&gone.words, &sentence.words), at, sentence))
            .filter(|(alike, ..)| *alike >= RELATED)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        if let Some((_, at, _)) = nearest
            && let Some(taken) = taken.get_mut(at)
        {
            *taken = true;
        }
        match nearest {
            Some((alike, _, now)) if alike >= REWORDED && now.demands && keeps(&gone.words, &now.words) => {}
            nearest => lost.push((shown(&gone.text), nearest.map(|(_, _, now)| shown(&now.text)))),
        }
    }
    let fresh = new.iter().zip(&taken).filter(|(sentence, taken)| sentence.demands && !**taken);
    Moved { lost, gained: fresh.map(|(sentence, _)| shown(&sentence.text)).collect() }
}

fn shown(text: &str) -> String {
    shorten(&mask(None, text), SHOWN)
}

/// A line without the mark of a list, a heading or a quotation, and whether it had one that begins a new sentence.
fn unmarked(line: &str) -> (&str, bool) {
    let body = line.trim_start_matches(['#', '>', '|']).trim_start();
    if let Some(rest) = ["- ", "* ", "+ ", "• "].iter().find_map(|mark| body.strip_prefix(mark)) {
        return (rest.trim_start(), true);
    }
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits)
        && let Some(rest) = body.get(digits..)
        && let Some(rest) = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))
    {
        return (rest.trim_start(), true);
    }
    (body, body.len() != line.len())
}

/// Where sentences of a paragraph end.
fn ends(paragraph: &str) -> impl Iterator<Item = usize> {
    let mut letters = paragraph.char_indices().peekable();
    std::iter::from_fn(move || {
        while let Some((at, letter)) = letters.next() {
            if matches!(letter, '。' | '！' | '？') {
                return Some(at + letter.len_utf8());
            }
            if !matches!(letter, '.' | '!' | '?' | ';') {
                continue;
            }
            // Closing quotes and brackets belong to the sentence.
            let mut end = at + letter.len_utf8();
            while let Some((_, closing)) = letters.next_if(|(_, next)| "\"')]”’*_`".contains(*next)) {
                end += closing.len_utf8();
            }
            if letters.peek().is_none_or(|(_, next)| next.is_whitespace()) {
                return Some(end);
            }
        }
        None
    })
}

/// The words of a sentence as they are compared.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|letter: char| !(letter.is_alphanumeric() || letter == '\'' || letter == '’')) {
        let word = word.trim_matches(['\'', '’']).to_lowercase().replace('’', "'");
        match word.as_str() {
            "" => {}
            "can't" | "cannot" => words.extend(["can".to_owned(), "not".to_owned()]),
            "won't" => words.extend(["will".to_owned(), "not".to_owned()]),
            _ => match word.strip_suffix("n't") {
                Some(stem) => words.extend([stem.to_owned(), "not".to_owned()]),
                None => words.push(word),
            },
        }
    }
    words
}

/// Whether a sentence forbids or demands something.
fn demands(words: &[String]) -> bool {
    words.iter().any(|word| MARKERS.contains(&word.as_str()))
        || words.windows(2).any(|two| match two {
            [a, b] => PAIRS.contains(&(a.as_str(), b.as_str())),
            _ => false,
        })
}

/// Whether every word that forbids or demands is still there, as often as before.
fn keeps(old: &[String], new: &[String]) -> bool {
    POLAR.iter().all(|polar| {
        let count = |words: &[String]| words.iter().filter(|word| word == polar).count();
        count(new) >= count(old)
    })
}

/// The share of words that two sentences have in common, from 0 to 1.
fn alike(a: &[String], b: &[String]) -> f64 {
    let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
    for word in a {
        *counts.entry(word).or_default() += 1;
    }
    let mut common = 0;
    for word in b {
        if let Some(count) = counts.get_mut(word.as_str())
            && *count > 0
        {
            *count -= 1;
            common += 1;
        }
    }
    2.0 * f64::from(common) / (a.len() + b.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(before: &str, after: &str) -> Moved {
        let of = |text: &str| {
            let mut sentences = Sentences::default();
            sentences.text(text);
            sentences
        };
        moved(&of(before), &of(after))
    }

    #[test]
    fn moved_wrapped_or_reworded_is_not_lost() {
        for (before, after) in [
            ("Be kind. Never swear.\n", "Never swear. Be kind.\n"),
            ("Never tell a customer\nthe price.\n", "Never tell a\ncustomer the price.\n"),
            ("- Do not swear.\n- Be kind.\n", "# Rules\n\n* Don't swear!\n"),
            ("Never tell any customer the price of it.", "Never tell any customer the full price of it."),
            ("You may open it.", "You may close it."),
        ] {
            assert_eq!(between(before, after), Moved::default(), "{before:?}");
        }
    }

    #[test]
    fn a_dropped_not_is_lost() {
        let found = between("You must not give legal advice to them.", "You must give legal advice to them.");
        assert_eq!(
            found.lost,
            [(
                "You must not give legal advice to them.".to_owned(),
                Some("You must give legal advice to them.".to_owned())
            )]
        );
        assert_eq!(found.gained, Vec::<String>::new());
        let found = between("Never quote prices from memory.", "Quote prices from memory.");
        assert_eq!(found.lost[0].1.as_deref(), Some("Quote prices from memory."));
    }

    #[test]
    fn came_and_went() {
        let found = between("Refuse to swear.", "Under no circumstances name a price.");
        assert_eq!(found.lost, [("Refuse to swear.".to_owned(), None)]);
        assert_eq!(found.gained, ["Under no circumstances name a price."]);
        assert_eq!(between("Be kind.", "Only be kind.").gained, ["Only be kind."]);
    }

    #[test]
    fn secrets_in_a_sentence_are_hidden() {
        let found = between("Never tell them that the password: hunter22 works.", "");
        assert_eq!(found.lost[0].0, "Never tell them that the password: <masked> works.");
    }
}
