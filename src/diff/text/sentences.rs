//! Sentences that forbid or demand something, and which of them one text has and the other has not.
//!
//! Wrapped lines are one sentence; a sentence that moved or was reworded a little is still there, one that lost its "not"
//! is not. The words are English; texts in other languages only get the comparison of their words. Deliberately absent:
//! whether a sentence is obeyed.

use std::collections::{BTreeMap, HashMap, HashSet};

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
/// The most bytes of sentences of a side that are kept; what comes later is not compared.
const MOST: usize = 64_000_000;
/// The most sentences on either side among which rewordings are looked for.
const MOST_PAIRED: usize = 200;
/// From this share of common words on, two sentences are wordings of one.
const REWORDED: f64 = 0.8;
/// From this share on, one is what became of the other.
const RELATED: f64 = 0.6;
/// The longest paragraph that is taken apart as one, in bytes.
const LONGEST: usize = 8_000_000;
/// The most characters of a sentence that are shown.
const SHOWN: usize = 300;

/// The sentences of one side.
#[derive(Debug, Default)]
pub(in crate::diff) struct Sentences {
    all: HashSet<String>,
    /// The bytes of them.
    kept: usize,
    paragraph: String,
    /// The words of the sentence at hand.
    words: String,
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
        self.all.extend(other.all);
        self.kept += other.kept;
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
        if text.is_empty() || self.all.contains(text) {
            return;
        }
        if self.demands_only {
            self.words.clear();
            words(text, &mut self.words);
            if !demands(&self.words) {
                return;
            }
        }
        if self.kept + text.len() > MOST {
            self.overflowed = true;
            return;
        }
        self.kept += text.len();
        self.all.insert(text.to_owned());
    }

    /// The sentences that another side has not, letter by letter, by their words; of several with the same words the first
    /// in the order of letters, so that the answer is the same everywhere.
    fn alone<'a>(&'a self, other: &'a Self) -> ByWords<'a> {
        let mut found: ByWords<'a> = BTreeMap::new();
        for text in self.all.difference(&other.all) {
            let mut spelled = String::with_capacity(text.len());
            words(text, &mut spelled);
            if !spelled.is_empty() {
                let demands = demands(&spelled);
                let sentence = found.entry(spelled).or_insert(Sentence { text, demands });
                sentence.text = text.as_str().min(sentence.text);
            }
        }
        found
    }
}

/// A sentence.
#[derive(Debug, Clone, Copy)]
struct Sentence<'a> {
    text: &'a str,
    demands: bool,
}

type ByWords<'a> = BTreeMap<String, Sentence<'a>>;

/// The sentences whose words the other side has not, in the order of their words.
fn beyond<'a>(here: &'a ByWords<'a>, there: &ByWords<'_>) -> Vec<(&'a str, Sentence<'a>)> {
    let only = here.iter().filter(|(words, _)| !there.contains_key(*words));
    only.map(|(words, sentence)| (words.as_str(), *sentence)).collect()
}

/// The demands that came and went between two sides.
pub(in crate::diff) fn moved(before: &Sentences, after: &Sentences) -> Moved {
    let (olds, news) = (before.alone(after), after.alone(before));
    // The same words in other letters or marks are the same sentence.
    let (old, new) = (beyond(&olds, &news), beyond(&news, &olds));
    let paired = old.len() <= MOST_PAIRED && new.len() <= MOST_PAIRED;
    let mut ids = HashMap::new();
    let candidates: Vec<Bag> = new.iter().filter(|_| paired).map(|(words, _)| bag(words, &mut ids)).collect();
    let mut taken = vec![false; new.len()];
    let mut lost = Vec::new();
    for (words, gone) in old.iter().filter(|(_, sentence)| sentence.demands) {
        let own = if paired { bag(words, &mut ids) } else { Bag::new() };
        let free = candidates.iter().zip(&new).enumerate().filter(|(at, _)| taken.get(*at) == Some(&false));
        // Of equally close ones the first, so that the answer is the same everywhere.
        let nearest = free
            .map(|(at, (bag, sentence))| (alike(&own, bag), at, sentence))
            .filter(|(alike, ..)| *alike >= RELATED)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        if let Some((_, at, _)) = nearest
            && let Some(taken) = taken.get_mut(at)
        {
            *taken = true;
        }
        match nearest {
            Some((alike, _, (still, now))) if alike >= REWORDED && now.demands && keeps(words, still) => {}
            nearest => lost.push((shown(gone.text), nearest.map(|(_, _, (_, now))| shown(now.text)))),
        }
    }
    let fresh = new.iter().zip(&taken).filter(|((_, sentence), taken)| sentence.demands && !**taken);
    Moved { lost, gained: fresh.map(|((_, sentence), _)| shown(sentence.text)).collect() }
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
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = paragraph.as_bytes().get(at..)?;
            // The first bytes of `。`, `！` and `？` are those of many letters.
            at += rest.iter().position(|byte| matches!(byte, b'.' | b'!' | b'?' | b';' | 0xE3 | 0xEF))?;
            let mut letters = paragraph.get(at..)?.chars();
            let mark = letters.next()?;
            at += mark.len_utf8();
            if matches!(mark, '。' | '！' | '？') {
                return Some(at);
            }
            if !mark.is_ascii() {
                continue;
            }
            // Closing quotes and brackets belong to the sentence.
            let behind = letters.as_str();
            let closed = behind.trim_start_matches(['"', '\'', ')', ']', '”', '’', '*', '_', '`']);
            at += behind.len() - closed.len();
            if closed.chars().next().is_none_or(char::is_whitespace) {
                return Some(at);
            }
        }
    })
}

/// Adds the words of a sentence as they are compared, one space between two.
fn words(text: &str, into: &mut String) {
    for word in text.split(|letter: char| !(letter.is_alphanumeric() || letter == '\'' || letter == '’')) {
        let word = word.trim_matches(['\'', '’']);
        if word.is_empty() {
            continue;
        }
        if !into.is_empty() {
            into.push(' ');
        }
        let start = into.len();
        if word.is_ascii() {
            into.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
        } else {
            into.push_str(&word.to_lowercase().replace('’', "'"));
        }
        let own = into.get(start..).unwrap_or_default();
        let stem = match own {
            "can't" | "cannot" => Some("can".len()),
            "won't" => {
                into.truncate(start);
                into.push_str("will");
                Some("will".len())
            }
            _ => own.strip_suffix("n't").map(str::len),
        };
        if let Some(stem) = stem {
            into.truncate(start + stem);
            into.push_str(" not");
        }
    }
}

/// Whether a sentence forbids or demands something.
fn demands(words: &str) -> bool {
    let mut before = "";
    words.split(' ').any(|word| {
        let found = MARKERS.contains(&word) || PAIRS.contains(&(before, word));
        before = word;
        found
    })
}

/// Whether every word that forbids or demands is still there, as often as before.
fn keeps(old: &str, new: &str) -> bool {
    POLAR.iter().all(|polar| {
        let count = |words: &str| words.split(' ').filter(|word| word == polar).count();
        count(new) >= count(old)
    })
}

/// The words of a sentence as numbers in order, each as often as it stands there.
type Bag = Vec<usize>;

fn bag<'a>(words: &'a str, ids: &mut HashMap<&'a str, usize>) -> Bag {
    let mut bag: Bag = words
        .split(' ')
        .map(|word| {
            let next = ids.len();
            *ids.entry(word).or_insert(next)
        })
        .collect();
    bag.sort_unstable();
    bag
}

/// The share of words that two sentences have in common, from 0 to 1.
fn alike(a: &Bag, b: &Bag) -> f64 {
    let share = |common: usize| 2.0 * common as f64 / (a.len() + b.len()).max(1) as f64;
    // As much as their lengths allow; nobody asks how far below the limit it is.
    if share(a.len().min(b.len())) < RELATED {
        return 0.0;
    }
    let (mut at, mut common) = (0, 0);
    for word in b {
        while a.get(at).is_some_and(|own| own < word) {
            at += 1;
        }
        if a.get(at) == Some(word) {
            at += 1;
            common += 1;
        }
    }
    share(common)
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
