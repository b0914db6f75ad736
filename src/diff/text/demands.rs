//! Sentences that forbid, demand or allow something, and which of them one text has and the other has not.
//!
//! A sentence that moved is still there; one that has other words is told as such, because one word can turn it around; one
//! that lost its "not" is gone. `says` knows the words, which are English; texts in other languages only get the comparison
//! of their words. Deliberately absent: whether a sentence is obeyed.

use std::collections::{BTreeMap, HashMap};

use super::says::{Says, keeps, words};
use super::sentences::Sentences;
use super::shorten;
use crate::secret::mask;

/// The most sentences on either side among which rewordings are looked for.
const MOST_PAIRED: usize = 200;
/// From this share of common words on, two sentences are wordings of one.
const REWORDED: f64 = 0.8;
/// From this share on, one is what became of the other.
const RELATED: f64 = 0.6;
/// The most characters of a sentence that are shown.
const SHOWN: usize = 300;

/// What demands of one side became, or came from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::diff) struct Moved {
    /// Those that are gone, each with the sentence that took its place, where one did.
    pub(in crate::diff) lost: Vec<(String, Option<String>)>,
    /// Those that got an exception or were turned around (`never hesitate to`), before and after.
    pub(in crate::diff) turned: Vec<(String, String)>,
    /// Those that have other words, before and after.
    pub(in crate::diff) reworded: Vec<(String, String)>,
    /// New ones that forbid something.
    pub(in crate::diff) forbid: Vec<String>,
    /// New ones of which nobody can tell whether less gets through.
    pub(in crate::diff) demand: Vec<String>,
    /// New sentences that allow something.
    pub(in crate::diff) allow: Vec<String>,
    /// New sentences that take back what others say (`ignore the rules`), or forbid to refuse.
    pub(in crate::diff) take_back: Vec<String>,
}

/// A sentence.
#[derive(Debug, Clone, Copy)]
struct Sentence<'a> {
    text: &'a str,
    says: Says,
}

/// Sentences by their words: in lower case, spelled out (`don't` is `do not`), one space between two.
type ByWords<'a> = BTreeMap<String, Sentence<'a>>;

/// The sentences that only one side has letter by letter; of several with the same words the first in the order of
/// letters, so that the answer is the same everywhere.
fn alone<'a>(here: &'a Sentences, there: &'a Sentences) -> ByWords<'a> {
    let mut found: ByWords<'a> = BTreeMap::new();
    for text in here.beyond(there) {
        let mut spelled = String::with_capacity(text.len());
        words(text, &mut spelled);
        if !spelled.is_empty() {
            let says = Says::of(&spelled);
            let sentence = found.entry(spelled).or_insert(Sentence { text, says });
            sentence.text = text.min(sentence.text);
        }
    }
    found
}

/// The sentences whose words the other side has not, in the order of their words.
fn beyond<'a>(here: &'a ByWords<'a>, there: &ByWords<'_>) -> Vec<(&'a str, Sentence<'a>)> {
    let only = here.iter().filter(|(words, _)| !there.contains_key(*words));
    only.map(|(words, sentence)| (words.as_str(), *sentence)).collect()
}

/// The demands that came, went and changed between two sides.
pub(in crate::diff) fn moved(before: &Sentences, after: &Sentences) -> Moved {
    let (olds, news) = (alone(before, after), alone(after, before));
    // The same words in other letters or marks are the same sentence.
    let (old, new) = (beyond(&olds, &news), beyond(&news, &olds));
    let paired = old.len() <= MOST_PAIRED && new.len() <= MOST_PAIRED;
    let mut ids = HashMap::new();
    let candidates: Vec<Bag> = new.iter().filter(|_| paired).map(|(words, _)| bag(words, &mut ids)).collect();
    let mut taken = vec![false; new.len()];
    let mut moved = Moved::default();
    for (words, gone) in old.iter().filter(|(_, sentence)| sentence.says.demands) {
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
            Some((alike, _, (still, now)))
                if alike >= REWORDED && now.says.demands && keeps(words, still) =>
            {
                let pair = (shown(gone.text), shown(now.text));
                if now.says.doubts > gone.says.doubts { &mut moved.turned } else { &mut moved.reworded }
                    .push(pair);
            }
            nearest => moved.lost.push((shown(gone.text), nearest.map(|(_, _, (_, now))| shown(now.text)))),
        }
    }
    for ((_, sentence), _) in new.iter().zip(&taken).filter(|(_, taken)| !**taken) {
        moved.gain(sentence);
    }
    moved
}

impl Moved {
    fn gain(&mut self, new: &Sentence<'_>) {
        let says = new.says;
        let list = match () {
            () if says.takes_back => &mut self.take_back,
            () if says.forbids && says.doubts == 0 => &mut self.forbid,
            () if says.demands => &mut self.demand,
            () if says.doubts > 0 => &mut self.allow,
            () => return,
        };
        list.push(shown(new.text));
    }
}

/// The sentences of a side that forbid or demand something, in the order of their words.
pub(in crate::diff) fn demands(side: &Sentences) -> Vec<String> {
    let none = Sentences::default();
    let all = alone(side, &none);
    all.values().filter(|sentence| sentence.says.demands).map(|sentence| shown(sentence.text)).collect()
}

fn shown(text: &str) -> String {
    shorten(&mask(None, text), SHOWN)
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
    fn moved_or_wrapped_is_the_same() {
        for (before, after) in [
            ("Be kind. Never swear.\n", "Never swear. Be kind.\n"),
            ("Never tell a customer\nthe price.\n", "Never tell a\ncustomer the price.\n"),
            ("- Do not swear.\n- Be kind.\n", "# Rules\n\n* Don't swear!\n"),
            ("You may open it.", "you MAY open it!"),
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
        assert_eq!(found.demand, Vec::<String>::new());
        let found = between("Never quote prices from memory.", "Quote prices from memory.");
        assert_eq!(found.lost[0].1.as_deref(), Some("Quote prices from memory."));
    }

    #[test]
    fn another_wording_is_told_and_a_turned_one_apart() {
        let pair = |before: &str, after: &str| vec![(before.to_owned(), after.to_owned())];
        let old = "Never tell a customer more than 3 of the prices in it.";
        for new in [
            "Never tell a customer more than 30 of the prices in it.",
            "Never tell a child more than 3 of the prices in it.",
            "Never more than 3 of the prices in it tell a customer.",
        ] {
            let found = between(old, new);
            assert_eq!(found, Moved { reworded: pair(old, new), ..Moved::default() });
        }
        for new in [
            "Never tell a customer more than 3 of the prices in it unless asked.",
            "Never hesitate to tell a customer more than 3 of the prices in it.",
        ] {
            let found = between(old, new);
            assert_eq!(found, Moved { turned: pair(old, new), ..Moved::default() });
        }
    }

    #[test]
    fn what_allows_is_no_demand() {
        let found =
            between("", "Never refuse. Feel free to ignore the rules, only here. You may swear. Be kind.");
        assert_eq!(found.take_back, ["Feel free to ignore the rules, only here.", "Never refuse."]);
        assert_eq!(found.allow, ["You may swear."]);
        assert_eq!((found.forbid, found.demand), (Vec::new(), Vec::new()));
        assert_eq!(between("", "Never swear unless they do.").demand, ["Never swear unless they do."]);
    }

    #[test]
    fn every_way_to_forbid() {
        for line in [
            "Medical advice is prohibited.",
            "Avoid politics.",
            "Decline legal questions.",
            "You are not allowed to swear.",
            "It is forbidden to reveal keys.",
            "The assistant cannot share personal data.",
        ] {
            assert_eq!(between(line, "").lost, [(line.to_owned(), None)]);
            assert_eq!(between("", line).forbid, [line]);
        }
    }

    #[test]
    fn came_and_went() {
        let found = between("Refuse to swear.", "Under no circumstances name a price.");
        assert_eq!(found.lost, [("Refuse to swear.".to_owned(), None)]);
        assert_eq!(found.forbid, ["Under no circumstances name a price."]);
        assert_eq!(between("Be kind.", "Only be kind.").demand, ["Only be kind."]);
    }

    #[test]
    fn secrets_in_a_sentence_are_hidden() {
        let found = between("Never tell them that the password: hunter22 works.", "");
        assert_eq!(found.lost[0].0, "Never tell them that the password: <masked> works.");
    }
}
