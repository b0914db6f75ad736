//! What a rule that nothing answers to was meant to ask: rules that can be bound, for messages.

use super::catalog::{split_unit, standard};
use super::names::{Offer, PASSES, all_names, answers};
use crate::diagnostic::{FileId, nearest};
use crate::document::decimal;
use crate::manifest::rule::{self, Locator};
use crate::manifest::{Aggregate, Dimension, Direction, GateSpec, MetricSpec, Rule, Unit, fold};

/// A rule to write instead, and why.
pub(super) struct Meant {
    /// The rule.
    pub(super) rule: Rule,
    /// In a sentence, with the rule in it.
    pub(super) help: String,
}

/// The name that the evidence has and the rule nearly says.
pub(super) fn name(gate: &GateSpec, offers: &[Offer]) -> Option<String> {
    let names: Vec<&str> = offers.iter().flat_map(all_names).collect();
    let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
    gate.rule.readings().iter().find_map(|reading| {
        let near = spelt_like(&reading.metric, &folded)?;
        names.iter().find(|name| answers(name, near)).map(|name| (*name).to_owned())
    })
}

/// The folded name, with or without its unit, of which `wanted` is most likely a slip: every word must be spelt alike.
fn spelt_like<'n>(wanted: &str, folded: &'n [String]) -> Option<&'n str> {
    let words = |name: &'n str| name.split('_').collect::<Vec<_>>();
    let asked: Vec<&str> = wanted.split('_').collect();
    let alike = |stem: &&'n str| {
        let words = words(stem);
        words.len() == asked.len()
            && asked.iter().zip(words).all(|(word, own)| nearest(word, [own]).is_some())
    };
    // Without the unit where both are near: a rule does not name it.
    let stems = folded.iter().flat_map(|name| [split_unit(name).0, name.as_str()]);
    nearest(wanted, stems.filter(alike))
}

/// The rules that may have been meant, the likeliest first; whoever asks tells which of them can be bound.
pub(super) fn rules(gate: &GateSpec, metrics: &[MetricSpec], offers: &[Offer]) -> Vec<Meant> {
    let only = gate.evidence.as_ref().map(|name| name.value.as_str());
    let offered = offers.iter().filter(|offer| only.is_none_or(|only| offer.evidence == only));
    let names: Vec<&str> = offered.flat_map(all_names).collect();
    let known = Known { names, metrics };
    let words: Vec<&str> = gate.rule.words.iter().map(|word| word.value.as_str()).collect();
    let ordered = Subject::of(&words.join(" "));
    // What they are counted of is missing, not another name for them.
    if fold(&ordered.metric).ends_with("regressions") {
        return Vec::new();
    }
    let whole = |subject: &str| rule_of(&format!("{subject} {}", asked(&gate.rule)));
    let mut meant = Vec::new();
    let plain = ordered.text(&ordered.metric);
    if let Some(rule) = whole(&plain).filter(|_| plain != words.join(" ").to_lowercase()) {
        let help = format!(
            "what is taken comes first, then the metric, then `drop`, `increase` or `change`: `{rule}`"
        );
        meant.push(Meant { rule, help });
    }
    for metric in known.like(&ordered.metric) {
        meant.extend(whole(&ordered.text(&metric)).map(did_you_mean));
    }
    meant.extend(known.complement(&ordered, &gate.rule));
    for metric in known.near(&ordered.metric) {
        meant.extend(whole(&ordered.text(&metric)).map(did_you_mean));
    }
    meant
}

fn did_you_mean(rule: Rule) -> Meant {
    Meant { help: format!("did you mean `{rule}`?"), rule }
}

fn rule_of(text: &str) -> Option<Rule> {
    rule::parse(text, Locator::whole_file(FileId::ONLY, text)).ok()
}

/// Comparator and threshold of a rule, as written.
fn asked(rule: &Rule) -> String {
    format!("{} {}", rule.comparator.value.symbol(), rule.threshold.value)
}

/// The words of a rule in the order in which relgate reads them.
struct Subject {
    aggregate: Option<String>,
    /// The words of the metric.
    metric: String,
    change: Option<&'static str>,
}

/// Words for what is taken of values, and those of rules.
const TAKEN: &[(&[&str], &str)] = &[
    (&["avg", "average"], "mean"),
    (&["median"], "p50"),
    (&["maximum", "highest", "worst"], "max"),
    (&["minimum", "lowest"], "min"),
    (&["total"], "sum"),
];

/// Words for a change, and those of rules.
const CHANGED: &[(&[&str], &str)] = &[
    (&["drop", "drops", "decrease", "reduction", "decline", "loss", "degradation"], "drop"),
    (&["increase", "growth", "rise", "gain"], "increase"),
    (&["change", "delta", "difference", "diff"], "change"),
];

fn known_as(word: &str, table: &[(&[&str], &'static str)]) -> Option<&'static str> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, known)| *known)
}

impl Subject {
    fn of(text: &str) -> Self {
        let lower = text.to_lowercase().replace(['(', ')', '[', ']'], " ");
        let mut words: Vec<String> = lower.split_whitespace().map(str::to_owned).collect();
        let parted = || lower.split(|c: char| c.is_whitespace() || matches!(c, '_' | '.' | '-' | ':'));
        if !words.iter().any(|word| taken(word).is_some()) && parted().any(|word| taken(word).is_some()) {
            words = parted().filter(|word| !word.is_empty()).map(str::to_owned).collect();
        }
        words.retain(|word| !matches!(word.as_str(), "of" | "in" | "the" | "percentile" | "quantile"));
        let aggregate = words.iter().position(|word| taken(word).is_some());
        let aggregate = aggregate.map(|at| words.remove(at)).and_then(|word| taken(&word));
        let mut subject = Self { aggregate, metric: String::new(), change: None };
        // A change ends the words of a rule, and begins those of speech: `drop in accuracy`.
        let last = words.len().saturating_sub(1);
        let at = [last, 0]
            .into_iter()
            .find(|at| words.get(*at).is_some_and(|word| known_as(word, CHANGED).is_some()));
        if let Some(at) = at.filter(|_| words.len() > 1) {
            subject.change = known_as(&words.remove(at), CHANGED);
        } else if words.len() > 1 && words.last().is_some_and(|word| word == "regression") {
            words.pop();
            let lower =
                standard(&fold(&words.join(" "))).is_some_and(|metric| metric.direction == Direction::Lower);
            subject.change = Some(if lower { "increase" } else { "drop" });
        }
        subject.metric = words.join(" ");
        subject
    }

    /// The words with another metric.
    fn text(&self, metric: &str) -> String {
        let parts = [self.aggregate.as_deref(), Some(metric), self.change];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// The word of a rule for what is taken, where a word says that.
fn taken(word: &str) -> Option<String> {
    if let Some(known) = known_as(word, TAKEN) {
        return Some(known.to_owned());
    }
    // `95th`, `95%`: a percentile.
    let digits =
        word.strip_suffix("th").or_else(|| word.strip_suffix('%')).or_else(|| word.strip_suffix("st"));
    let quantile = digits.map(|digits| format!("p{digits}"));
    let word = quantile.as_deref().unwrap_or(word);
    Aggregate::from_word(word).map(|_| word.to_owned())
}

/// Words of a name that say little, so that the name may be meant without them.
const VAGUE: &[&str] = &[
    "rate",
    "score",
    "success",
    "value",
    "mean",
    "percentage",
    "percent",
    "ratio",
    "share",
    "number",
    "metric",
    "result",
    "results",
    "level",
    "time",
    "per",
    "request",
    "requests",
];

/// Names for what is counted by the opposite of a pass.
const FAILURES: &[&str] = &[
    "error",
    "errors",
    "error_rate",
    "failure",
    "failures",
    "failure_rate",
    "fail",
    "fail_rate",
    "failed",
    "incorrect",
    "incorrect_rate",
    "wrong",
    "wrong_answers",
    "mistakes",
    "mistake_rate",
    "inaccuracy",
];

/// What there is.
struct Known<'a> {
    names: Vec<&'a str>,
    metrics: &'a [MetricSpec],
}

impl Known<'_> {
    /// Names that say the same with other words: inside of an object, in the singular, without what says little.
    fn like(&self, metric: &str) -> Vec<String> {
        let wanted = fold(metric);
        let same = |name: &str, wanted: &str| {
            let named = standard(wanted).is_some_and(|known| known.names().any(|own| answers(name, own)));
            answers(name, wanted) || named
        };
        let leaf = |name: &&&str| name.rsplit_once('.').is_some_and(|(_, last)| same(last, &wanted));
        let mut found: Vec<String> = self.names.iter().filter(leaf).map(|name| (*name).to_owned()).collect();
        let words: Vec<&str> = wanted.split('_').collect();
        let vague = |word: &&&str| VAGUE.contains(*word);
        let told: Vec<&str> = words.iter().filter(|word| !vague(word)).copied().collect();
        let singular: Vec<&str> = told.iter().map(|word| word.strip_suffix('s').unwrap_or(word)).collect();
        for other in [told.join(" "), singular.join(" ")] {
            if !other.is_empty() && fold(&other) != wanted {
                found.push(other);
            }
        }
        found
    }

    /// The names that are spelt alike.
    fn near(&self, metric: &str) -> Vec<String> {
        let wanted = fold(metric);
        let own = self.names.iter().copied().chain(self.metrics.iter().map(|spec| spec.name.value.as_str()));
        let mut folded: Vec<String> = own.map(fold).collect();
        // A name of the catalogue is there where the evidence has another of its metric.
        let offered = self.names.iter().filter_map(|name| standard(split_unit(&fold(name)).0));
        folded.extend(offered.flat_map(|metric| metric.names().map(str::to_owned)));
        let near = spelt_like(&wanted, &folded);
        near.map(|near| {
            self.names
                .iter()
                .find(|name| fold(name) == near)
                .map_or_else(|| near.replace('_', " "), |name| (*name).to_owned())
        })
        .into_iter()
        .collect()
    }

    /// `error rate < 5%` where the evidence says which answers are right.
    fn complement(&self, subject: &Subject, rule: &Rule) -> Option<Meant> {
        let level =
            subject.change.is_none() && matches!(subject.aggregate.as_deref(), None | Some("rate" | "mean"));
        let named =
            FAILURES.contains(&fold(&subject.metric).as_str()) || (subject.metric.is_empty() && level);
        if !(level && named) {
            return None;
        }
        let threshold = &rule.threshold.value;
        let value = match threshold.unit {
            unit if unit == Unit::PERCENT => format!("{}%", decimal::difference(100.0, threshold.value)),
            unit if unit.dimension == Dimension::Fraction || unit == Unit::NUMBER => {
                decimal::difference(1.0, threshold.value).to_string()
            }
            _ => return None,
        };
        let comparator = match rule.comparator.value.symbol() {
            "<" => ">",
            "<=" => ">=",
            ">" => "<",
            ">=" => "<=",
            _ => return None,
        };
        let passes = PASSES.iter().find(|passes| {
            let known = standard(passes);
            self.names
                .iter()
                .any(|name| known.is_some_and(|known| known.names().any(|own| answers(name, own))))
        })?;
        let text = format!("{} {comparator} {value}", passes.replace('_', " "));
        let rule = rule_of(&text)?;
        let help = format!(
            "say it of what is right: `{rule}`; rows that ended with an `error` count as wrong there"
        );
        Some(Meant { rule, help })
    }
}
