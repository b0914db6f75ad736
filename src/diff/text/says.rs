//! What the words of an English sentence do: forbid, demand, allow, take back.
//!
//! Deliberately absent: grammar; a word counts where it stands, and what nobody can be sure of is called a doubt.

/// Words that are looked up by their first letter first: nearly all words of a text are none of them.
struct Words {
    list: &'static [&'static str],
    firsts: u32,
}

impl Words {
    const fn of(list: &'static [&'static str]) -> Self {
        let mut firsts = 0;
        let mut rest = list;
        while let [word, others @ ..] = rest {
            firsts |= first(word);
            rest = others;
        }
        Self { list, firsts }
    }

    fn has(&self, word: &str) -> bool {
        self.firsts & first(word) != 0 && self.list.contains(&word)
    }
}

/// The same for two words, by the first letter of the second.
struct Pairs {
    list: &'static [(&'static str, &'static str)],
    firsts: u32,
}

impl Pairs {
    const fn of(list: &'static [(&'static str, &'static str)]) -> Self {
        let mut firsts = 0;
        let mut rest = list;
        while let [(_, word), others @ ..] = rest {
            firsts |= first(word);
            rest = others;
        }
        Self { list, firsts }
    }

    fn has(&self, before: &str, word: &str) -> bool {
        self.firsts & first(word) != 0 && self.list.iter().any(|pair| pair.1 == word && pair.0 == before)
    }
}

/// The first letter of a word as a bit.
const fn first(word: &str) -> u32 {
    match word.as_bytes() {
        [first, ..] => 1 << (*first & 31),
        [] => 0,
    }
}

/// Words that forbid, each alone.
const FORBIDDING: Words = Words::of(&[
    "never",
    "refuse",
    "refuses",
    "avoid",
    "avoids",
    "prohibited",
    "prohibit",
    "prohibits",
    "forbidden",
    "forbid",
    "forbids",
    "decline",
    "declines",
    "disallowed",
    "refrain",
    "refrains",
    "reject",
    "rejects",
    "deny",
    "denies",
    "banned",
]);
/// The same as two words.
const FORBIDDING_PAIRS: Pairs = Pairs::of(&[
    ("do", "not"),
    ("does", "not"),
    ("must", "not"),
    ("should", "not"),
    ("shall", "not"),
    ("may", "not"),
    ("can", "not"),
    ("will", "not"),
    ("not", "to"),
    ("not", "allowed"),
    ("not", "permitted"),
    ("not", "acceptable"),
    ("no", "circumstances"),
]);
/// Words that demand something without forbidding anything.
const DEMANDING: Words =
    Words::of(&["must", "always", "only", "required", "mandatory", "shall", "maximum", "minimum"]);
/// The same as two words.
const DEMANDING_PAIRS: Pairs = Pairs::of(&[("at", "most"), ("at", "least"), ("no", "more"), ("not", "more")]);
/// Words whose loss changes what a sentence demands, as they are compared.
const POLAR: Words = Words::of(&[
    "not",
    "never",
    "no",
    "must",
    "always",
    "only",
    "without",
    "refuse",
    "avoid",
    "prohibited",
    "forbidden",
    "decline",
    "reject",
    "required",
    "shall",
]);
/// Words that turn around what stands behind them.
const NEGATIONS: Words = Words::of(&["not", "never", "no", "nor", "without"]);
/// How words begin that guard something: never to do that lets more through.
const GUARDING: &[&str] = &[
    "refus", "declin", "reject", "avoid", "hesitat", "worr", "block", "filter", "warn", "escalat", "verif",
    "confirm", "restrict", "prohibit", "forbid", "disclaim", "caution", "refrain", "censor", "redact",
    "moderat",
];
/// How words begin of what is done to rules: never to do that may let more through, or less.
const HEEDING: &[&str] = &["follow", "obey", "comply", "appl", "enforc", "adher", "bound"];
/// Words that take back what others say.
const TAKING_BACK: Words = Words::of(&[
    "ignore",
    "ignores",
    "ignoring",
    "disregard",
    "disregards",
    "override",
    "overrides",
    "overrule",
    "bypass",
    "bypasses",
    "forget",
    "suggestion",
    "suggestions",
    "optional",
    "optionally",
    "whatever",
]);
/// Words of an exception.
const EXCEPTIONS: Words = Words::of(&["unless", "except", "excepting", "exception", "exceptions", "until"]);
/// Two words that allow something.
const ALLOWING: Pairs = Pairs::of(&[
    ("you", "may"),
    ("you", "can"),
    ("feel", "free"),
    ("free", "to"),
    ("allowed", "to"),
    ("permitted", "to"),
    ("okay", "to"),
    ("ok", "to"),
    ("fine", "to"),
    ("acceptable", "to"),
    ("need", "not"),
    ("not", "need"),
    ("no", "need"),
    ("not", "have"),
    ("not", "required"),
    ("no", "longer"),
    ("every", "request"),
    ("any", "request"),
    ("all", "requests"),
    ("even", "if"),
]);
/// Words that every English text has many of.
const ENGLISH: Words =
    Words::of(&["the", "you", "your", "and", "with", "are", "to", "of", "not", "if", "is"]);
/// From one such word in so many on, a text is English.
const ENGLISH_SHARE: usize = 25;
/// The bytes of letters of a word, nearly enough.
const WORD: usize = 5;
/// The fewest words from which a language can be told.
const TELLING: usize = 12;
/// The bytes of a text that are looked at for its language.
const SAMPLE: usize = 2_000;
/// How many words before another one a negation of it may stand.
const REACH: usize = 3;

/// What a sentence does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Says {
    /// It forbids or demands something.
    pub(super) demands: bool,
    /// It forbids something.
    pub(super) forbids: bool,
    /// It takes back what other sentences say, or forbids to refuse.
    pub(super) takes_back: bool,
    /// How many of its words may let more through than without them.
    pub(super) doubts: usize,
}

impl Says {
    /// Of words in lower case, one space between two.
    pub(super) fn of(words: &str) -> Self {
        let mut says = Self::default();
        let mut before = "";
        // How many words ago the last negation stood.
        let mut negation = usize::MAX;
        let mut following = words.split(' ').skip(1);
        for word in words.split(' ') {
            let next = following.next().unwrap_or_default();
            let negated = negation < REACH;
            let forbids = FORBIDDING.has(word) || FORBIDDING_PAIRS.has(before, word);
            says.forbids |= forbids;
            says.demands |= forbids || DEMANDING.has(word) || DEMANDING_PAIRS.has(before, word);
            let turns = negated && GUARDING.iter().any(|stem| word.starts_with(stem));
            let takes_back = !negated && TAKING_BACK.has(word);
            let allows = ALLOWING.has(before, word) && !negated_pair(negated, (before, word), next);
            // `Never say no`, `never without`: what is forbidden is to hold back.
            let twice = negated && NEGATIONS.has(word) && before != "do";
            says.takes_back |= turns || takes_back || (before, word) == ("feel", "free");
            let heeds = negated && HEEDING.iter().any(|stem| word.starts_with(stem));
            says.doubts += usize::from(turns)
                + usize::from(heeds)
                + usize::from(twice)
                + usize::from(takes_back)
                + usize::from(allows)
                + usize::from(EXCEPTIONS.has(word));
            negation = if NEGATIONS.has(word) { 0 } else { negation.saturating_add(1) };
            before = word;
        }
        // `Only refuse ...` bounds what is forbidden.
        let only = words.split(' ').filter(|word| *word == "only").count();
        says.doubts += if says.forbids { only } else { 0 };
        says
    }
}

/// Whether a pair that allows is turned around by what stands before or behind it: `not allowed to`, `you may not`.
fn negated_pair(negated: bool, pair: (&str, &str), next: &str) -> bool {
    let itself = NEGATIONS.has(pair.0) || NEGATIONS.has(pair.1);
    (negated && !itself) || NEGATIONS.has(next) || next == "only"
}

/// Whether a sentence forbids something, and nothing in it may let more through.
pub(in crate::diff) fn forbids(text: &str) -> bool {
    let mut spelled = String::with_capacity(text.len());
    words(text, &mut spelled);
    let says = Says::of(&spelled);
    says.forbids && says.doubts == 0
}

/// Whether a sentence forbids, demands or allows something.
pub(super) fn concerns(text: &str) -> bool {
    let mut spelled = String::with_capacity(text.len());
    words(text, &mut spelled);
    let says = Says::of(&spelled);
    says.demands || says.doubts > 0
}

/// Adds the words of a sentence as they are compared, one space between two.
pub(super) fn words(text: &str, into: &mut String) {
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

/// Whether two texts are long enough to be told another language than English, and are one.
pub(in crate::diff) fn foreign(texts: [&str; 2]) -> bool {
    let sample = |text: &'_ str| text.floor_char_boundary(SAMPLE);
    let (mut bytes, mut english) = (0, 0);
    for text in texts {
        let letters = |letter: &char| letter.is_alphabetic();
        for word in text.get(..sample(text)).unwrap_or_default().split(|letter: char| !letters(&letter)) {
            bytes += word.len();
            english += usize::from(
                ENGLISH.firsts & first(word) != 0
                    && ENGLISH.list.iter().any(|common| word.eq_ignore_ascii_case(common)),
            );
        }
    }
    bytes >= TELLING * WORD && english * ENGLISH_SHARE < bytes / WORD
}

/// Whether every word that forbids or demands is still there, as often as before.
pub(super) fn keeps(old: &str, new: &str) -> bool {
    POLAR.list.iter().all(|polar| {
        let count = |words: &str| words.split(' ').filter(|word| word == polar).count();
        count(new) >= count(old)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sentences_do() {
        for (words, forbids, takes_back, doubtful) in [
            ("never swear", true, false, false),
            ("medical advice is prohibited", true, false, false),
            ("you are not allowed to swear", true, false, false),
            ("you may not swear", true, false, false),
            ("never ignore the rules", true, false, false),
            ("never swear unless they do", true, false, true),
            ("only refuse to swear", true, false, true),
            ("never refuse a request", true, true, true),
            ("do not hesitate to swear", true, true, true),
            ("do not follow the policy", true, false, true),
            ("the rules do not apply to staff", true, false, true),
            ("you are not bound by the policy", false, false, true),
            ("never say no", true, false, true),
            ("do whatever they ask", false, true, true),
            ("comply with every request", false, false, true),
            ("feel free to swear", false, true, true),
            ("ignore the rules above", false, true, true),
            ("you may swear", false, false, true),
            ("you need not be kind", false, false, true),
            ("always be kind", false, false, false),
            ("be kind", false, false, false),
        ] {
            let says = Says::of(words);
            assert_eq!(
                (says.forbids, says.takes_back, says.doubts > 0),
                (forbids, takes_back, doubtful),
                "{words}"
            );
        }
        assert!(foreign([
            "Du bist ein Bot. Gib niemals medizinischen Rat. Verrate nie Passwörter.",
            "Du bist ein Bot."
        ]));
        assert!(foreign(["请不要透露客户的个人信息，也不要提供医疗建议。", ""]));
        assert!(!foreign(["You answer customers of a shop. Be kind, and never name a price.", ""]));
        assert!(!foreign(["Be kind.", "Sei nett."]));
        assert!(Says::of("only be kind").demands && !Says::of("be kind").demands);
    }
}
