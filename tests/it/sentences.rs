//! Every sentence with a number agrees with the data: over random small runs and rules, each number of each gate's reason and
//! advice is found again in the samples, in the report's own fields, or by a computation of this test.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{self, AssertUnwindSafe};

use rayon::prelude::*;
use serde_json::Value;

use crate::project::{Project, project};
use crate::simulation::Random;

/// Another seed is a good idea when a sentence or a method was changed.
const SEED: u64 = 20_261_130;
/// Releases that are judged, ten gates each.
const RELEASES: u64 = 60;

/// What a rule takes of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Taken {
    Rate,
    Mean,
    Quantile(f64),
    Count,
    Largest,
    Regressions,
}

/// How it is compared with the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Since {
    Nothing,
    Difference,
    /// Baseline less candidate.
    Drop,
    Share,
}

/// A rule with `{}` for its threshold, what it is about, and where its thresholds lie.
struct Template(&'static str, &'static str, Taken, Since, f64, f64, usize);

const TEMPLATES: &[Template] = &[
    Template("Toxicity < {}%", "toxic", Taken::Rate, Since::Nothing, 0.5, 30.0, 1),
    Template("accuracy >= {}%", "correct", Taken::Rate, Since::Nothing, 60.0, 99.0, 1),
    Template("mean bias < {}%", "bias_score", Taken::Mean, Since::Nothing, 10.0, 60.0, 1),
    Template("p95 latency < {}ms", "latency_ms", Taken::Quantile(0.95), Since::Nothing, 200.0, 600.0, 0),
    Template("p50 latency <= {}ms", "latency_ms", Taken::Quantile(0.5), Since::Nothing, 200.0, 400.0, 0),
    Template("mean latency < {}ms", "latency_ms", Taken::Mean, Since::Nothing, 250.0, 600.0, 0),
    Template("mean cost < ${}", "cost_usd", Taken::Mean, Since::Nothing, 0.002, 0.006, 4),
    Template(
        "p10 throughput > {} tokens/s",
        "throughput",
        Taken::Quantile(0.1),
        Since::Nothing,
        60.0,
        150.0,
        0,
    ),
    Template("toxicity increase < {}pp", "toxic", Taken::Rate, Since::Difference, -1.0, 8.0, 1),
    Template("accuracy drop < {}pp", "correct", Taken::Rate, Since::Drop, 0.0, 8.0, 1),
    Template("accuracy change < {}pp", "correct", Taken::Rate, Since::Difference, 2.0, 20.0, 1),
    Template("toxicity increase < {}% of baseline", "toxic", Taken::Rate, Since::Share, 5.0, 90.0, 0),
    Template("mean bias increase < {}pp", "bias_score", Taken::Mean, Since::Difference, 1.0, 20.0, 1),
    Template("mean bias increase < {}% of baseline", "bias_score", Taken::Mean, Since::Share, 10.0, 100.0, 1),
    Template("mean latency increase < {}%", "latency_ms", Taken::Mean, Since::Share, 1.0, 30.0, 1),
    Template("p90 latency increase < {}%", "latency_ms", Taken::Quantile(0.9), Since::Share, 1.0, 50.0, 1),
    Template("count toxicity <= {}", "toxic", Taken::Count, Since::Nothing, 0.0, 9.0, 0),
    Template("max latency < {}ms", "latency_ms", Taken::Largest, Since::Nothing, 300.0, 700.0, 0),
    Template("correct regressions <= {}", "correct", Taken::Regressions, Since::Nothing, 0.0, 5.0, 0),
];

const FIELDS: [&str; 6] = ["toxic", "correct", "bias_score", "latency_ms", "cost_usd", "throughput"];
const LANGS: [&str; 2] = ["de", "en"];

/// One row: every field as a number, and none where it has no score.
#[derive(Debug, Clone)]
struct Sample {
    id: usize,
    lang: &'static str,
    talk: usize,
    values: Vec<Option<f64>>,
}

impl Sample {
    fn value(&self, field: &str) -> Option<f64> {
        self.values[FIELDS.iter().position(|known| *known == field).unwrap()]
    }
}

/// One release with what was drawn for it.
struct Drawn {
    now: Vec<Sample>,
    before: Vec<Sample>,
    clustered: bool,
    unpaired: bool,
    gates: Vec<(&'static Template, String)>,
    excludes: bool,
    confidence: u32,
    fail_confidence: u32,
}

fn pick<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[(random.uniform() * of.len() as f64) as usize]
}

fn sample(random: &mut Random, id: usize, rates: (f64, f64), missing: f64, size: usize) -> Sample {
    let drawn = [
        f64::from(u8::from(random.happens(rates.0))),
        f64::from(u8::from(random.happens(rates.1))),
        (random.uniform() * 8.0).floor() / 8.0 * f64::from(u8::from(random.happens(0.4))),
        100.0 + (random.uniform() * 40.0).floor() * 10.0,
        ((0.001 + random.uniform() * 0.004) * 1e5).round() / 1e5,
        100.0 + (random.uniform() * 20.0).floor() * 10.0,
    ];
    let values = drawn.into_iter().map(|value| Some(value).filter(|_| !random.happens(missing))).collect();
    Sample { id, lang: pick(random, &LANGS), talk: id / size, values }
}

fn drawn(round: u64) -> Drawn {
    let random = &mut Random::new(SEED, round);
    let n = pick(random, &[3, 8, 20, 45, 90, 150, 300, 420]);
    let missing = pick(random, &[0.0, 0.0, 0.0, 0.01, 0.06]);
    let (clustered, unpaired) = (random.happens(0.25), random.happens(0.3));
    let size = pick(random, &[1, 2, 3]);
    let rates = (pick(random, &[0.0, 0.01, 0.05, 0.2]), pick(random, &[0.99, 0.9, 0.7]));
    let mut now: Vec<Sample> = (0..n).map(|id| sample(random, id, rates, missing, size)).collect();
    let from = if unpaired { 10_000 } else { 0 };
    let older = if random.happens(0.7) { n } else { (n / 2).max(3) };
    let mut before: Vec<Sample> =
        (0..older).map(|id| sample(random, from + id, rates, missing, size)).collect();
    for (old, new) in before.iter_mut().zip(&now).filter(|_| !unpaired) {
        old.lang = new.lang;
    }
    if random.happens(0.3) && !unpaired && n > 10 {
        now.retain(|_| !random.happens(0.05));
    }
    let (confidence, fail_confidence) = (pick(random, &[90, 95]), pick(random, &[95, 99]));
    let mut chosen: BTreeSet<usize> = BTreeSet::new();
    while chosen.len() < 10 {
        let one = (random.uniform() * TEMPLATES.len() as f64) as usize;
        // Side by side there is nothing that could have got worse case by case.
        if !(unpaired && TEMPLATES[one].2 == Taken::Regressions) {
            chosen.insert(one);
        }
    }
    let gates = chosen.into_iter().map(|one| {
        let template = &TEMPLATES[one];
        let Template(rule, _, taken, _, low, high, digits) = *template;
        let threshold = (high - low).mul_add(random.uniform(), low);
        let mut spec = format!("rule: '{}'", rule.replace("{}", &format!("{threshold:.digits$}")));
        let fact = matches!(taken, Taken::Count | Taken::Largest | Taken::Regressions);
        if random.happens(0.25) && !fact {
            spec += ", by: [lang]";
        }
        if random.happens(0.2) {
            let _ = write!(spec, ", min_samples: {}", pick(random, &[30, 100, 400]));
        }
        if random.happens(0.2) {
            spec += ", confidence: 99%";
        }
        (template, spec)
    });
    let gates = gates.collect();
    Drawn {
        now,
        before,
        clustered,
        unpaired,
        gates,
        excludes: random.happens(0.3),
        confidence,
        fail_confidence,
    }
}

impl Drawn {
    fn rows(&self, samples: &[Sample]) -> String {
        let mut text = String::new();
        for sample in samples {
            let _ = write!(text, r#"{{"id":"q{}","lang":"{}""#, sample.id, sample.lang);
            if self.clustered {
                let _ = write!(text, r#","talk":{}"#, sample.talk);
            }
            for (field, value) in FIELDS.iter().zip(&sample.values) {
                let truth = matches!(*field, "toxic" | "correct");
                let value = match value {
                    None => "null".to_owned(),
                    Some(value) if truth => (*value > 0.5).to_string(),
                    Some(value) => value.to_string(),
                };
                let _ = write!(text, r#","{field}":{value}"#);
            }
            text.push_str("}\n");
        }
        text
    }

    fn project(&self) -> Project {
        let mut entry = String::from("path: answers.jsonl");
        entry += if self.unpaired { ", unpaired: true" } else { "" };
        entry += if self.clustered { ", cluster: talk" } else { "" };
        let excludes = if self.excludes { ", missing_samples: { exclude_up_to: 5% }" } else { "" };
        let mut body = format!("evidence: {{ answers: {{ {entry} }} }}\ngates:\n");
        for (number, (_, spec)) in self.gates.iter().enumerate() {
            let _ = writeln!(body, "  - {{ id: g{number}, {spec} }}");
        }
        let _ = writeln!(
            body,
            "policy: {{ confidence: {}%, fail_confidence: {}%{excludes} }}",
            self.confidence, self.fail_confidence
        );
        project()
            .manifest(&body)
            .file("answers.jsonl", self.rows(&self.now))
            .after("", &self.rows(&self.before))
    }

    fn report(&self) -> Value {
        let project = self.project();
        let mut command = project.relgate();
        command.args(["check", "--dry-run", "--format", "json"]).args(project.typed().1);
        let output = command.output().unwrap();
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// What the samples say about a gate, or one slice of it, by the plainest computation there is.
#[derive(Debug, Default)]
struct Truth {
    n: u64,
    /// Samples of the other side, where both were asked other questions.
    against: Option<u64>,
    /// Rows, or ids of a comparison, without a usable score.
    missing: u64,
    selected: u64,
    events: Option<u64>,
    value: Option<f64>,
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The smallest value that at least the share `q` of them does not exceed.
fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (q * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

fn taken(values: &[f64], taken: Taken) -> Option<f64> {
    match taken {
        Taken::Quantile(q) => quantile(values, q),
        Taken::Largest => values.iter().copied().reduce(f64::max),
        Taken::Count => Some(values.iter().sum()),
        Taken::Rate | Taken::Mean | Taken::Regressions => mean(values),
    }
}

impl Drawn {
    fn truth(&self, template: &Template, lang: Option<&str>, op: &str, threshold: f64) -> Truth {
        let Template(_, field, taking, since, ..) = *template;
        let of = |samples: &[Sample]| -> Vec<Sample> {
            samples.iter().filter(|one| lang.is_none_or(|lang| one.lang == lang)).cloned().collect()
        };
        let (now, before) = (of(&self.now), of(&self.before));
        let scored =
            |samples: &[Sample]| -> Vec<f64> { samples.iter().filter_map(|one| one.value(field)).collect() };
        let pairs: Vec<(Option<f64>, Option<f64>)> = before
            .iter()
            .map(|old| {
                let new = now.iter().find(|new| new.id == old.id);
                (new.and_then(|new| new.value(field)), old.value(field))
            })
            .collect();
        let both: Vec<(f64, f64)> = pairs.iter().filter_map(|(new, old)| new.zip(*old)).collect();
        let change = |ours: &[f64], theirs: &[f64]| {
            let (ours, theirs) = (taken(ours, taking)?, taken(theirs, taking)?);
            Some(match since {
                Since::Nothing | Since::Difference => ours - theirs,
                Since::Drop => theirs - ours,
                Since::Share => ours / theirs - 1.0,
            })
        };
        if taking == Taken::Regressions {
            let worse = both.iter().filter(|(new, old)| new < old).count() as u64;
            let (n, size) = (both.len() as u64, pairs.len() as u64);
            return Truth {
                n,
                missing: size - n,
                selected: size,
                value: Some(worse as f64),
                ..Truth::default()
            };
        }
        let ours = scored(&now);
        match since {
            Since::Nothing => {
                let exceeds = |value: &&f64| match op {
                    "<" | ">=" => **value >= threshold,
                    _ => **value > threshold,
                };
                let events = match taking {
                    Taken::Rate | Taken::Count => Some(ours.iter().sum::<f64>() as u64),
                    Taken::Quantile(_) => Some(ours.iter().filter(exceeds).count() as u64),
                    _ => None,
                };
                let n = ours.len() as u64;
                let selected = now.len() as u64;
                Truth {
                    n,
                    missing: selected - n,
                    selected,
                    events,
                    value: taken(&ours, taking),
                    against: None,
                }
            }
            _ if self.unpaired => {
                let theirs = scored(&before);
                let (n, selected) = (ours.len() as u64, now.len() as u64);
                let value = change(&ours, &theirs);
                let against = Some(theirs.len() as u64);
                Truth { n, against, missing: selected - n, selected, value, events: None }
            }
            _ => {
                let (new, old): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
                // Each side's own quantile needs no pair.
                let value = if let Taken::Quantile(_) = taking { None } else { change(&new, &old) };
                let (n, selected) = (both.len() as u64, pairs.len() as u64);
                Truth { n, missing: selected - n, selected, value, ..Truth::default() }
            }
        }
    }
}

/// A sentence on the way through it; every step says what it expects.
struct Sentence<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Sentence<'a> {
    fn eat(&mut self, words: &str) -> bool {
        match self.rest.strip_prefix(words) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    #[track_caller]
    fn expect(&mut self, words: &str) {
        assert!(self.eat(words), "`{words}` was expected at `{}` of `{}`", self.rest, self.whole);
    }

    /// What stands before `words`, which are passed.
    #[track_caller]
    fn until(&mut self, words: &str) -> &'a str {
        let (before, rest) = self
            .rest
            .split_once(words)
            .unwrap_or_else(|| panic!("no `{words}` in `{}` of `{}`", self.rest, self.whole));
        self.rest = rest;
        before
    }

    #[track_caller]
    fn end(&self) {
        assert!(self.rest.is_empty(), "`{}` of `{}` is not known", self.rest, self.whole);
    }
}

/// A number as people read it: its value as in JSON, and half of its last digit.
#[track_caller]
fn read(text: &str) -> (f64, f64) {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '-' | '.')).collect();
    let value: f64 = digits.parse().unwrap_or_else(|_| panic!("`{text}` is no number"));
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let scale = if text.contains('%') || text.ends_with("pp") { 100.0 } else { 1.0 };
    assert!(!(value == 0.0 && digits.starts_with('-')), "`{text}` is a zero below zero");
    (value / scale, 0.5 * 10_f64.powi(-(decimals as i32)) / scale)
}

#[track_caller]
fn agrees(text: &str, value: f64, of: &str) {
    let (shown, half) = read(text);
    assert!(
        (shown - value).abs() <= half * 1.000_001 + 1e-9 * value.abs() + 1e-12,
        "`{text}` is {value}: {of}"
    );
}

#[track_caller]
fn counts(text: &str, value: u64, of: &str) {
    assert_eq!(text.replace(',', "").parse::<u64>().ok(), Some(value), "{of}");
}

fn holds(op: &str, value: f64, threshold: f64) -> bool {
    match op {
        "<" => value < threshold,
        "<=" => value <= threshold,
        ">" => value > threshold,
        ">=" => value >= threshold,
        "==" => value == threshold,
        _ => value != threshold,
    }
}

/// `P(X <= k)` of a binomial, summed term by term.
fn at_most(k: u64, n: u64, p: f64) -> f64 {
    if p <= 0.0 {
        return 1.0;
    }
    if p >= 1.0 {
        return f64::from(u8::from(k >= n));
    }
    let mut log_term = n as f64 * (-p).ln_1p();
    let mut sum = log_term.exp();
    for i in 1..=k.min(n) {
        log_term += ((n - i + 1) as f64).ln() - (i as f64).ln() + p.ln() - (-p).ln_1p();
        sum += log_term.exp();
    }
    sum.min(1.0)
}

/// One sentence's gate, or slice of it.
struct Told<'a> {
    drawn: &'a Drawn,
    template: &'a Template,
    gate: &'a Value,
    /// What the sentence is about, as the report has it.
    figure: &'a Value,
    truth: Truth,
    lang: Option<&'a str>,
    op: &'a str,
    threshold: f64,
    text: &'a str,
}

fn float(value: &Value) -> Option<f64> {
    value.as_f64()
}

impl Told<'_> {
    fn low(&self) -> bool {
        self.op.starts_with('<')
    }

    fn either_way(&self) -> bool {
        self.template.0.contains("change")
    }

    fn outcome(&self) -> &str {
        self.gate["outcome"].as_str().unwrap()
    }

    /// What a limit is about: of a change the word that its rule has.
    fn it(&self) -> String {
        let word = ["increase", "drop"].into_iter().find(|word| self.template.0.contains(word));
        word.filter(|_| self.template.3 != Since::Nothing)
            .map_or_else(|| "it".to_owned(), |word| format!("the {word}"))
    }

    #[track_caller]
    fn value(&self, text: &str) {
        // What `exclude_up_to` or a quantile leaves open, the report's own field tells.
        let truth = self.truth.value.or_else(|| float(&self.figure["value"]));
        agrees(text, truth.unwrap(), self.text);
    }

    /// "23 of 5,000 samples (0.460%)", and its kin.
    #[track_caller]
    fn measured(&self, sentence: &mut Sentence<'_>) {
        let truth = &self.truth;
        if self.template.3 != Since::Nothing {
            let value = truth.value.or_else(|| float(&self.figure["value"])).unwrap();
            let word = match (&self.template.3, value < 0.0) {
                _ if self.either_way() => " away from the baseline, over ",
                (Since::Drop, false) | (Since::Difference | Since::Share, true) => {
                    " less than the baseline, over "
                }
                _ => " more than the baseline, over ",
            };
            let size = if self.either_way() { value } else { value.abs() };
            agrees(sentence.until(word), size, self.text);
            counts(sentence.until(" samples"), truth.n, self.text);
            if let Some(against) = truth.against {
                sentence.expect(" against ");
                let end = sentence.rest.find(|c: char| !c.is_ascii_digit() && c != ',');
                let digits = &sentence.rest[..end.unwrap_or(sentence.rest.len())];
                let digits = digits.trim_end_matches(',');
                counts(digits, against, self.text);
                sentence.rest = &sentence.rest[digits.len()..];
            }
            return;
        }
        match self.template.2 {
            Taken::Rate => {
                counts(sentence.until(" of "), truth.events.unwrap(), self.text);
                counts(sentence.until(" samples ("), truth.n, self.text);
                self.value(sentence.until(")"));
            }
            Taken::Quantile(_) => {
                self.value(sentence.until(" measured; "));
                counts(sentence.until(" of "), truth.events.unwrap(), self.text);
                counts(sentence.until(" samples are "), truth.n, self.text);
                let strictly = matches!(self.op, "<=" | ">");
                sentence.expect(if strictly { "above " } else { "at or above " });
                sentence.expect(self.gate["threshold"]["text"].as_str().unwrap());
            }
            _ => {
                self.value(sentence.until(" over "));
                counts(sentence.until(" samples"), truth.n, self.text);
            }
        }
    }

    /// A limit of the sentence is the report's, at the confidence that is told, and on the side that the outcome needs.
    #[track_caller]
    fn limit(&self, text: &str, side: &str, good: bool) {
        let limit = float(&self.figure[side]).unwrap_or_else(|| panic!("no {side} limit: {}", self.text));
        agrees(text, limit, self.text);
        assert_eq!(holds(self.op, read(text).0, self.threshold), good, "{text} {side}: {}", self.text);
        let alpha = 1.0 - float(&self.figure["confidence"]).unwrap();
        let truth = &self.truth;
        let plain = self.template.2 == Taken::Rate && self.template.3 == Since::Nothing;
        if plain && !self.drawn.clustered && !self.drawn.excludes {
            // Every missing one may be a bad one, or a good one.
            let (events, n) = (truth.events.unwrap(), truth.n + truth.missing);
            let tail = if side == "upper" {
                at_most(events + truth.missing, n, limit)
            } else if events == 0 {
                alpha
            } else {
                1.0 - at_most(events - 1, n, limit)
            };
            let ends = limit == 0.0 || limit == 1.0;
            assert!(
                ends || (tail - alpha).abs() < 1e-6,
                "{side} {limit}: {tail}, not {alpha}: {}",
                self.text
            );
        }
    }

    fn sides(&self) -> (&'static str, &'static str, &'static str) {
        if self.low() { ("high", "upper", "lower") } else { ("low", "lower", "upper") }
    }

    #[track_caller]
    fn between(&self, sentence: &mut Sentence<'_>) {
        for (side, end) in [("lower", " and "), ("upper", "")] {
            let text = if end.is_empty() { sentence.until_comma_or_end() } else { sentence.until(end) };
            match float(&self.figure[side]) {
                Some(limit) => agrees(text, limit, self.text),
                None => assert_eq!(text, "anything", "{}", self.text),
            }
        }
    }

    #[track_caller]
    fn target(&self, sentence: &mut Sentence<'_>) {
        sentence.expect(&format!("{} {}", self.op, self.gate["threshold"]["text"].as_str().unwrap()));
    }

    /// Why the gate came to its outcome.
    #[track_caller]
    fn why(&self) {
        let text = self.text;
        let sentence = &mut Sentence { whole: text, rest: text };
        let (word, worst, best) = self.sides();
        let code = self.gate["reason"]["code"].as_str().unwrap();
        if let "bound-clears-threshold" | "bound-violates-threshold" = code {
            self.measured(sentence);
            sentence.expect("; at ");
            agrees(sentence.until(" confidence"), float(&self.figure["confidence"]).unwrap(), text);
            let broken = code == "bound-violates-threshold";
            assert_eq!(self.outcome(), if broken { "fail" } else { "pass" }, "{text}");
            if sentence.eat(" on either side it is between ") {
                self.between(sentence);
            } else if broken {
                sentence.expect(&format!(
                    " {} is no {}er than ",
                    self.it(),
                    if word == "high" { "low" } else { "high" }
                ));
                self.limit(sentence.until_comma_or_end(), best, false);
            } else {
                sentence.expect(&format!(" {} is no {word}er than ", self.it()));
                self.limit(sentence.until_comma_or_end(), worst, true);
            }
            if broken {
                sentence.expect(", so ");
                self.target(sentence);
                sentence.expect(" is broken");
            }
            return sentence.end();
        }
        assert!(code != "threshold-inside-interval" || self.outcome() == "inconclusive", "{text}");
        match code {
            "threshold-inside-interval" | "too-few-samples" => {
                self.measured(sentence);
                if sentence.eat(", and ") {
                    counts(sentence.until(" without a score"), self.truth.missing, text);
                }
                if sentence.eat("; it may still be between ") {
                    self.between(sentence);
                } else if sentence.eat(&format!("; {} may still be as {word} as ", self.it())) {
                    self.limit(sentence.until_comma_or_end(), worst, false);
                } else {
                    sentence.expect(&format!("; nothing limits how {word} it may be"));
                    assert!(self.figure[worst].is_null(), "{text}");
                }
                sentence.expect(", so ");
                self.target(sentence);
                sentence.expect(" is not shown");
            }
            "below-min-samples" => {
                self.measured(sentence);
                let mut size = self.truth.n.min(self.truth.against.unwrap_or(u64::MAX));
                if self.drawn.clustered {
                    let (ours, theirs) = self.clusters();
                    sentence.expect(", of ");
                    counts(sentence.until(" clusters"), ours, text);
                    size = ours;
                    if let Some(theirs) = theirs {
                        sentence.expect(&format!(" against {theirs}"));
                        size = size.min(theirs);
                    }
                }
                sentence.expect("; the gate asks for at least ");
                let what = if self.drawn.clustered { " clusters" } else { " samples" };
                let least: u64 = sentence.until(what).parse().unwrap();
                assert!(size < least, "{size} are not under {least}: {text}");
            }
            "fail-unadjusted" => {
                self.measured(sentence);
                sentence.expect("; ");
                self.target(sentence);
                sentence.expect(" looks broken on its own (p = ");
                let own = sentence.until("), but not once all gates are counted (p = ");
                let adjusted = sentence.until(")");
                let (p, least) = (read(own).0, 1.0 - f64::from(self.drawn.fail_confidence) / 100.0);
                assert!(p <= least * 1.02 && read(adjusted).0 > least * 0.98, "{text}");
                // The gate's own is the smallest of its parts.
                match self.gate["slices"].as_array().unwrap().as_slice() {
                    [] => {
                        agrees(own, float(&self.gate["p_fail"]).unwrap(), text);
                        agrees(adjusted, float(&self.gate["p_fail_adjusted"]).unwrap(), text);
                    }
                    _ => assert!(p >= float(&self.gate["p_fail"]).unwrap() * 0.95, "{text}"),
                }
            }
            "missing-samples-unbounded" => {
                self.measured(sentence);
                sentence.expect("; ");
                counts(sentence.until(" of "), self.truth.missing, text);
                let end = if self.template.3 == Since::Nothing || self.drawn.unpaired {
                    " selected rows have no usable score (errored, refused or empty)"
                } else {
                    " ids lack a usable score on one side or the other (errored, refused or empty)"
                };
                counts(sentence.until(end), self.truth.selected, text);
                sentence.expect(", and a missing value could be anything");
            }
            "fact-holds" | "fact-broken" => {
                self.value(sentence.until(" over the "));
                counts(sentence.until(" samples that are listed"), self.truth.n, text);
                let broken = code == "fact-broken";
                assert_eq!(holds(self.op, self.truth.value.unwrap(), self.threshold), !broken, "{text}");
                if broken {
                    sentence.expect(", so ");
                    self.target(sentence);
                    sentence.expect(" is broken");
                } else {
                    sentence.expect("; a fact about these cases only");
                }
            }
            "fact-open" => {
                self.value(sentence.until(" over the scored cases, but "));
                counts(sentence.until(" missing ones could turn it"), self.truth.missing, text);
                assert!(self.truth.missing > 0, "{text}");
            }
            "too-few-for-a-variance" => {
                counts(sentence.until(" samples cannot show how much the values vary"), self.truth.n, text);
            }
            "baseline-not-positive" => {
                sentence.expect("the baseline is zero or below, so a change in parts of it says nothing");
            }
            "zero-variance" => {
                sentence.expect("all ");
                counts(
                    sentence
                        .until(" samples have the same value, and nothing says how far an unseen one may be"),
                    self.truth.n,
                    text,
                );
            }
            "no-pair-differs" => {
                sentence.expect("no pair of ");
                counts(
                    sentence.until(" samples differs, and nothing says how far an unseen one may"),
                    self.truth.n,
                    text,
                );
            }
            "no-samples" => {
                sentence.expect("none of ");
                counts(sentence.until(" selected rows has a usable score"), self.truth.selected, text);
            }
            _ => panic!("{code} is not known: {text}"),
        }
        sentence.end();
    }

    /// Conversations of the rows that are selected, or of the ids that are compared; those of the other side where both were asked
    /// other questions.
    fn clusters(&self) -> (u64, Option<u64>) {
        let of = |samples: &[Sample]| {
            let talks = samples.iter().filter(|one| self.lang.is_none_or(|lang| one.lang == lang));
            talks.map(|one| one.talk).collect::<BTreeSet<_>>().len() as u64
        };
        let compares = self.template.3 != Since::Nothing || self.template.2 == Taken::Regressions;
        match (compares, self.drawn.unpaired) {
            (false, _) => (of(&self.drawn.now), None),
            (true, true) => (of(&self.drawn.now), Some(of(&self.drawn.before))),
            (true, false) => (of(&self.drawn.before), None),
        }
    }

    /// The baseline's number beside that of a level.
    #[track_caller]
    fn before(&self) {
        let Template(_, field, taking, since, ..) = *self.template;
        if since != Since::Nothing || taking == Taken::Regressions {
            return;
        }
        let values: Vec<f64> = self.drawn.before.iter().filter_map(|one| one.value(field)).collect();
        let (shown, truth) = (float(&self.gate["baseline"]["value"]), taken(&values, taking));
        let near = shown.zip(truth).map_or(shown == truth, |(a, b)| (a - b).abs() <= 1e-9 * b.abs());
        assert!(near, "before: {shown:?}, not {truth:?}");
    }

    /// What to do about it.
    #[track_caller]
    fn advice(&self, advice: &str) {
        let sentence = &mut Sentence { whole: advice, rest: advice };
        let alpha = 1.0 - self.gate_confidence();
        let needed = &self.gate["needed"];
        let rows = self.template.3 == Since::Nothing || self.drawn.unpaired;
        if sentence.eat("find out why one ") {
            assert_eq!(self.truth.missing, 1, "{advice}");
            sentence.expect(if rows {
                "selected row has no usable score; then "
            } else {
                "id lacks a score on one side or the other; then "
            });
        } else if sentence.eat("find out why ") {
            let words = if rows {
                " selected rows have no usable score; then "
            } else {
                " ids lack a score on one side or the other; then "
            };
            counts(sentence.until(words), self.truth.missing, advice);
        }
        if let Some((n, _)) = sentence.rest.split_once(" samples can never show ") {
            counts(n, self.truth.n, advice);
            let _ = sentence.until(" samples can never show ");
            self.target(sentence);
            sentence.expect(": ");
            let end = sentence.rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap();
            let digits = sentence.rest[..end].trim_end_matches(',');
            let least: u64 = digits.replace(',', "").parse().unwrap();
            sentence.rest = &sentence.rest[digits.len()..];
            assert_eq!(needed["least"].as_u64(), Some(least), "{advice}");
            assert!(self.truth.n < least, "{advice}");
            if sentence.eat(" without a single bad one are the least") {
                let t = self.share();
                // So many good ones show it, and one fewer does not.
                let clean = |n: u64| (n as f64 * (-t).ln_1p()).exp();
                assert!(clean(least) <= alpha * 1.000_001 && clean(least - 1) > alpha, "{least}: {advice}");
            } else {
                sentence.expect(", all as good as can be, are the least");
            }
            if sentence.rest.is_empty() {
                return;
            }
            sentence.expect("; ");
        }
        if sentence.eat("a fresh run of both releases of ") || sentence.eat("a fresh run of ") {
            let exact = ["clopper-pearson", "order-statistics", "rounded-counts"]
                .contains(&self.figure["method"].as_str().unwrap());
            let how = if exact { "at least" } else { "about" };
            let n = sentence.until(" samples");
            counts(n, needed["samples"].as_u64().unwrap(), advice);
            // Samples of the slice that decides, where one does.
            if let Some(slice) = needed["slice"].as_object() {
                let (field, label) = slice.iter().next().unwrap();
                sentence.expect(&format!(" of {field} = {}", label.as_str().unwrap()));
            }
            sentence.expect(&format!(" would decide it {how} 8 times in 10, if the true value is "));
            self.assumed(sentence);
            self.decides(needed, alpha);
        } else if sentence.eat("if the true value is what was measured, no number of samples will show ") {
            self.target(sentence);
            let value = self.truth.value.or_else(|| float(&self.figure["value"])).unwrap();
            let near = (value - self.threshold).abs() < 1e-9;
            assert!(!holds(self.op, value, self.threshold) || near, "{advice} {value}");
        } else if sentence.eat("if the true share of samples ") {
            let _ = sentence.until(" is what was measured, no number of samples will show ");
            self.target(sentence);
            let exceeding = self.truth.events.unwrap() as f64 / self.truth.n as f64;
            let bad = if self.low() { exceeding } else { 1.0 - exceeding };
            assert!(bad >= self.share() - 1e-9, "{advice} {exceeding}");
        } else if sentence.eat("if the true value is ") {
            let text = sentence.until(", no practical number of samples shows ");
            agrees(text, float(&needed["assumed"]).unwrap(), advice);
            self.target(sentence);
        } else if sentence.eat("evaluate a fresh run of at least ") {
            let _ = sentence.until(if self.drawn.clustered { " clusters" } else { " samples" });
        } else {
            assert!(
                !sentence.rest.contains(|c: char| c.is_ascii_digit()) || sentence.rest.contains('`'),
                "{advice}"
            );
            return;
        }
        sentence.end();
    }

    #[track_caller]
    fn assumed(&self, sentence: &mut Sentence<'_>) {
        let value = float(&self.gate["needed"]["assumed"]).unwrap();
        match self.template.2 {
            Taken::Quantile(_) => {
                agrees(sentence.until(" of samples "), value, sentence.whole);
                let strictly = matches!(self.op, "<=" | ">");
                sentence.expect(if strictly { "above " } else { "at or above " });
                sentence.expect(self.gate["threshold"]["text"].as_str().unwrap());
            }
            _ => {
                agrees(sentence.rest, value, sentence.whole);
                sentence.rest = "";
            }
        }
    }

    /// The share of bad ones that a rate or a quantile allows.
    fn share(&self) -> f64 {
        match self.template.2 {
            Taken::Quantile(q) if self.low() => 1.0 - q,
            Taken::Quantile(q) => q,
            _ if self.low() => self.threshold,
            _ => 1.0 - self.threshold,
        }
    }

    fn gate_confidence(&self) -> f64 {
        let own = self.spec().contains("confidence: 99%");
        if own { 0.99 } else { f64::from(self.drawn.confidence) / 100.0 }
    }

    fn spec(&self) -> &str {
        let number: usize = self.gate["id"].as_str().unwrap()[1..].parse().unwrap();
        &self.drawn.gates[number].1
    }

    /// For what is counted: a run of that size passes about as often as is said, and a much smaller one does not.
    #[track_caller]
    fn decides(&self, needed: &Value, alpha: f64) {
        if self.template.3 != Since::Nothing || !matches!(self.template.2, Taken::Rate | Taken::Quantile(_)) {
            return;
        }
        let (n, assumed) = (needed["samples"].as_u64().unwrap(), float(&needed["assumed"]).unwrap());
        // In bad ones: exceedances of a limit from above, the others of one from below.
        let bad = if self.low() { assumed } else { 1.0 - assumed };
        let allowed = self.share();
        // Term by term, so that a run of millions is not tried.
        if n > 5000 {
            return;
        }
        let power = |n: u64| {
            let most = (0..=n).take_while(|bad| at_most(*bad, n, allowed) <= alpha).last();
            most.map_or(0.0, |most| at_most(most, n, bad))
        };
        assert!(power(n) >= 0.799, "{} at {n}: {}", power(n), self.text);
        assert!(n < 12 || power(n / 2) < 0.8, "{} at half of {n}: {}", power(n / 2), self.text);
    }
}

impl<'a> Sentence<'a> {
    /// What stands before the next `, so ` or the end.
    fn until_comma_or_end(&mut self) -> &'a str {
        let end = self.rest.find(", so ").unwrap_or(self.rest.len());
        let (before, rest) = self.rest.split_at(end);
        self.rest = rest;
        before
    }
}

/// Checks the sentences of one release: the codes of their reasons, and what is wrong.
fn checked(round: u64) -> (Vec<String>, Vec<String>) {
    let drawn = drawn(round);
    let report = drawn.report();
    let gates = report["gates"].as_array().unwrap();
    assert!(gates.len() >= 10, "{round}: {report:#}");
    let (mut codes, mut false_ones) = (Vec::new(), Vec::new());
    for ((template, _), gate) in drawn.gates.iter().zip(gates) {
        let text = gate["reason"]["text"].as_str().unwrap();
        let (op, threshold) =
            (gate["threshold"]["op"].as_str().unwrap(), float(&gate["threshold"]["value"]).unwrap());
        let slice =
            LANGS.iter().find_map(|lang| Some((*lang, text.strip_prefix(&format!("lang = {lang}: "))?)));
        let whole = if gate["change"].is_null() { &gate["candidate"] } else { &gate["change"] };
        let of_slice = slice.map(|(lang, _)| {
            let slices = gate["slices"].as_array().unwrap();
            let one = slices.iter().find(|one| one["key"]["lang"] == lang).unwrap();
            if one["change"].is_null() { &one["candidate"] } else { &one["change"] }
        });
        let told = Told {
            drawn: &drawn,
            template,
            gate,
            figure: of_slice.unwrap_or(whole),
            truth: drawn.truth(template, slice.map(|(lang, _)| lang), op, threshold),
            lang: slice.map(|(lang, _)| lang),
            op,
            threshold,
            text: slice.map_or(text, |(_, rest)| rest),
        };
        let all = || {
            told.why();
            told.before();
            gate["reason"]["advice"].as_str().into_iter().for_each(|advice| told.advice(advice));
        };
        if let Err(wrong) = panic::catch_unwind(AssertUnwindSafe(all)) {
            let text = wrong.downcast_ref::<String>().cloned().unwrap_or_default();
            false_ones.push(format!("{round} {}: {text}", gate["rule"]));
        }
        codes.push(gate["reason"]["code"].as_str().unwrap().to_owned());
    }
    (codes, false_ones)
}

#[test]
fn every_number_of_every_sentence_is_that_of_the_data() {
    // A longer search: `RELGATE_RELEASES=3000 cargo test --test it sentences`.
    let asked = std::env::var("RELGATE_RELEASES").ok().and_then(|asked| asked.parse().ok());
    let releases = asked.unwrap_or(RELEASES);
    let told: Vec<(Vec<String>, Vec<String>)> = (0..releases).into_par_iter().map(checked).collect();
    let (codes, wrong): (Vec<_>, Vec<_>) = told.into_iter().unzip();
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{} sentences are false:\n{}", wrong.len(), wrong.join("\n"));
    let codes = codes.concat();
    let kinds: BTreeSet<&String> = codes.iter().collect();
    assert!(codes.len() as u64 == releases * 10 && kinds.len() >= 9, "{kinds:?}");
}
