//! A rule, or what somebody meant by a text that is none: the rule to write instead, for messages.
//!
//! What is offered was parsed; nothing is ever judged by it.

use super::parse::{LONGEST, Locator, read};
use super::parts::{Comparator, Rule, fold};
use crate::diagnostic::{Diagnostic, FileId};
use crate::manifest::unit::Unit;

/// Words in place of a comparator. The first that fits wins, so that longer ones stand before their parts.
const COMPARATORS: &[(&str, Comparator)] = &[
    ("greater than or equal to", Comparator::AtLeast),
    ("more than or equal to", Comparator::AtLeast),
    ("less than or equal to", Comparator::AtMost),
    ("no less than", Comparator::AtLeast),
    ("no fewer than", Comparator::AtLeast),
    ("no lower than", Comparator::AtLeast),
    ("not less than", Comparator::AtLeast),
    ("not lower than", Comparator::AtLeast),
    ("not below", Comparator::AtLeast),
    ("never below", Comparator::AtLeast),
    ("not under", Comparator::AtLeast),
    ("never under", Comparator::AtLeast),
    ("at least", Comparator::AtLeast),
    ("no more than", Comparator::AtMost),
    ("no higher than", Comparator::AtMost),
    ("no greater than", Comparator::AtMost),
    ("not more than", Comparator::AtMost),
    ("not higher than", Comparator::AtMost),
    ("not greater than", Comparator::AtMost),
    ("not above", Comparator::AtMost),
    ("never above", Comparator::AtMost),
    ("not over", Comparator::AtMost),
    ("never over", Comparator::AtMost),
    ("not exceed", Comparator::AtMost),
    ("never exceed", Comparator::AtMost),
    ("never exceeds", Comparator::AtMost),
    ("at most", Comparator::AtMost),
    ("up to", Comparator::AtMost),
    ("less than", Comparator::Less),
    ("lower than", Comparator::Less),
    ("fewer than", Comparator::Less),
    ("smaller than", Comparator::Less),
    ("below", Comparator::Less),
    ("under", Comparator::Less),
    ("more than", Comparator::Greater),
    ("greater than", Comparator::Greater),
    ("higher than", Comparator::Greater),
    ("better than", Comparator::Greater),
    ("above", Comparator::Greater),
    ("over", Comparator::Greater),
    ("exceeds", Comparator::Greater),
    ("=<", Comparator::AtMost),
    ("=>", Comparator::AtLeast),
    ("≤", Comparator::AtMost),
    ("≥", Comparator::AtLeast),
    ("<=", Comparator::AtMost),
    (">=", Comparator::AtLeast),
    ("<", Comparator::Less),
    (">", Comparator::Greater),
];

/// Words that say nothing in a rule.
const FILLERS: &[&str] = &[
    "is", "be", "are", "was", "must", "should", "shall", "will", "has", "have", "may", "can", "stay",
    "stays", "remain", "remains", "needs", "always", "the", "by", "does", "do", "did",
];

/// Words that turn the next one around.
const NEGATIONS: &[&str] = &[
    "not",
    "no",
    "never",
    "without",
    "cannot",
    "doesn't",
    "don't",
    "can't",
    "won't",
    "mustn't",
    "shouldn't",
];

/// Words for a change, and those of rules.
const CHANGES: &[(&[&str], &str)] = &[
    (
        &[
            "drop",
            "drops",
            "fall",
            "falls",
            "decrease",
            "decreases",
            "decline",
            "declines",
            "worsen",
            "worsens",
            "degrade",
            "degrades",
            "regress",
            "regresses",
            "loss",
            "degradation",
        ],
        "drop",
    ),
    (&["increase", "increases", "rise", "rises", "grow", "grows"], "increase"),
];

/// Words for the release before.
const BEFORE: &[&str] = &["baseline", "before", "previous", "last"];

/// Parses a rule.
///
/// # Errors
/// The first thing that cannot be read, underlined, with the ways to say it.
pub fn parse(text: &str, at: Locator) -> Result<Rule, Diagnostic> {
    read(text, at).map_err(|mut finding| {
        // The whole rule says what helps with a part of it too.
        if let Some(help) = help(text).filter(|_| text.chars().count() <= LONGEST) {
            finding.help = vec![help];
        }
        finding
    })
}

/// What to write instead of a text that is no rule; none where that is anybody's guess.
fn help(text: &str) -> Option<String> {
    let words = words_of(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    no_regressions(&words)
        .or_else(|| no_change(&words))
        .or_else(|| beside_baseline(&words))
        .or_else(|| compared(&words))
        .or_else(|| equal(&words))
}

/// The words, and the comparators on their own; what says nothing is left out.
fn words_of(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.chars() {
        let symbol = matches!(letter, '<' | '>' | '=' | '!' | '≤' | '≥');
        if symbol != inside {
            spaced.push(' ');
        }
        inside = symbol;
        spaced.push(if letter == '’' { '\'' } else { letter });
    }
    let words = spaced.split_whitespace().map(|word| word.trim_end_matches(':').to_owned());
    words.filter(|word| !word.is_empty() && !is(word, FILLERS)).collect()
}

fn is(word: &str, known: &[&str]) -> bool {
    known.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// A rule in relgate's words, if it is one.
fn rule(subject: &[&str], comparator: &str, quantity: &str) -> Option<String> {
    let text = format!("{} {comparator} {}", subject.join(" "), quantity_of(quantity));
    let parsed = read(&text, Locator::whole_file(FileId::ONLY, &text)).ok()?;
    Some(parsed.to_string())
}

/// A number with the unit that its word means: `2 seconds` is `2s`.
fn quantity_of(text: &str) -> String {
    let end = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let (number, word) = text.split_at_checked(end).unwrap_or((text, ""));
    match Unit::meant_by(word) {
        Some(unit) if unit == Unit::USD => format!("${}", number.trim()),
        Some(unit) => format!("{}{unit}", number.trim()),
        None => text.to_owned(),
    }
}

/// `no regressions`, `zero accuracy regressions`.
fn no_regressions(words: &[&str]) -> Option<String> {
    let counted = |word: &&&str| is(word, &["regression", "regressions"]);
    words.iter().find(counted)?;
    let none = |word: &&&str| is(word, &["no", "zero", "0", "without", "none", "never", "not"]);
    words.iter().find(none)?;
    let left =
        words.iter().filter(|word| !counted(word) && !none(word) && !is(word, &["in", "of", "any", "new"]));
    let mut subject: Vec<&str> = left.copied().collect();
    subject.push("regressions");
    Some(format!("write `{}`", rule(&subject, "<=", "0")?))
}

/// `accuracy must not drop`, `cost must not increase by more than 5%`.
fn no_change(words: &[&str]) -> Option<String> {
    let at = words.iter().position(|word| change(word).is_some())?;
    let (before, after) = (words.get(..at)?, words.get(at + 1..)?);
    let change = words.get(at).and_then(|word| change(word))?;
    before.iter().find(|word| is(word, NEGATIONS))?;
    let mut subject: Vec<&str> = before.iter().filter(|word| !is(word, NEGATIONS)).copied().collect();
    // `no drop in accuracy`
    let after = match after {
        ["in" | "of", metric @ ..] if subject.is_empty() => {
            let end = metric.iter().position(|word| starts_a_comparator(word)).unwrap_or(metric.len());
            subject.extend(metric.get(..end)?);
            metric.get(end..)?
        }
        other => other,
    };
    let number = after.iter().position(|word| word.starts_with(|c: char| c.is_ascii_digit() || c == '$'));
    match number {
        Some(number) => {
            subject.push(change);
            Some(format!("write `{}`", rule(&subject, "<=", &after.get(number..)?.join(" "))?))
        }
        None => margin(&subject, change),
    }
}

fn change(word: &str) -> Option<&'static str> {
    CHANGES.iter().find(|(words, _)| is(word, words)).map(|(_, change)| *change)
}

fn starts_a_comparator(word: &str) -> bool {
    COMPARATORS
        .iter()
        .any(|(words, _)| words.split(' ').next().is_some_and(|first| word.eq_ignore_ascii_case(first)))
}

/// That a change of nothing at all can never be shown, and how much of one is named.
fn margin(subject: &[&str], change: &str) -> Option<String> {
    let mut subject = subject.to_vec();
    subject.push(change);
    let points = rule(&subject, "<", "2pp")?;
    let share = rule(&subject, "<", "2% of baseline")?;
    Some(format!(
        "no sample shows a change of nothing at all: say how much is still accepted, for example `{points}` (points of a proportion) or `{share}` (of anything)"
    ))
}

/// `accuracy >= baseline - 2pp`, `accuracy no worse than baseline`, `cost < baseline`.
fn beside_baseline(words: &[&str]) -> Option<String> {
    let baseline = words.iter().position(|word| is(word, BEFORE))?;
    let (left, right) = (words.get(..baseline)?, words.get(baseline + 1..)?);
    let worse = left.iter().position(|word| is(word, &["worse", "good"]));
    if let Some(worse) = worse {
        let end = left.iter().position(|word| is(word, NEGATIONS) || is(word, &["as"])).unwrap_or(worse);
        return margin(left.get(..end)?, "drop");
    }
    let (subject, comparator, _) = split(left)?;
    let (low, strict) =
        (comparator.wants_low(), matches!(comparator, Comparator::Less | Comparator::Greater));
    let change = if low { "increase" } else { "drop" };
    let mut changed = subject.clone();
    changed.push(change);
    match right {
        ["+" | "-", quantity @ ..] => Some(format!("write `{}`", rule(&changed, "<=", &quantity.join(" "))?)),
        _ if strict => {
            let gain = if low { "drop" } else { "increase" };
            let mut gained = subject.clone();
            gained.push(gain);
            let gain = rule(&gained, ">", "0% of baseline")?;
            Some(format!("for a gain write `{gain}`; for no loss: {}", margin(&subject, change)?))
        }
        _ => margin(&subject, change),
    }
}

/// The words before a comparator, it, and the words behind it.
fn split<'w>(words: &[&'w str]) -> Option<(Vec<&'w str>, Comparator, Vec<&'w str>)> {
    COMPARATORS.iter().find_map(|(phrase, comparator)| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        let at = words.windows(phrase.len()).position(|window| {
            window.iter().zip(&phrase).all(|(word, part)| word.eq_ignore_ascii_case(part))
        })?;
        Some((words.get(..at)?.to_vec(), *comparator, words.get(at + phrase.len()..)?.to_vec()))
    })
}

/// `max latency under 2s`, `accuracy at least 90 percent`, `90% <= accuracy`.
fn compared(words: &[&str]) -> Option<String> {
    let (subject, comparator, quantity) = split(words)?;
    let straight = rule(&subject, comparator.symbol(), &quantity.join(" "));
    let turned = || {
        let other = match comparator {
            Comparator::Less => Comparator::Greater,
            Comparator::AtMost => Comparator::AtLeast,
            Comparator::Greater => Comparator::Less,
            Comparator::AtLeast => Comparator::AtMost,
            same => same,
        };
        rule(&quantity, other.symbol(), &subject.join(" "))
    };
    Some(format!("write `{}`", straight.or_else(turned)?))
}

/// `accuracy = 90%`: only counts and the like are ever equal to a number.
fn equal(words: &[&str]) -> Option<String> {
    let at = words.iter().position(|word| matches!(*word, "=" | "==="))?;
    let (subject, quantity) = (words.get(..at)?, words.get(at + 1..)?.join(" "));
    let fact = subject.first().is_some_and(|word| is(word, &["count", "sum", "min", "max"]))
        || subject.last().is_some_and(|word| fold(word) == "regressions");
    if fact || quantity == "0" {
        let counted: Vec<&str> =
            Some("count").filter(|_| !fact).into_iter().chain(subject.iter().copied()).collect();
        return Some(format!("write `{}`", rule(&counted, "==", &quantity)?));
    }
    let (low, high) = (rule(subject, "<=", &quantity)?, rule(subject, ">=", &quantity)?);
    Some(format!(
        "write `{high}` or `{low}`; only a fact is equal to a number: `count {} == 0`",
        subject.join(" ")
    ))
}
