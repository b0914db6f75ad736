//! Populations that methods of this kind are known to fall for: unequal and informative clusters, repeated runs, changes that
//! are nested, sides of other sizes, two modes at the quantile, spikes and heavy tails. All at the limit.

use std::fmt::Write as _;

use super::settings::Setting;
use super::settings::Standing::Limit;
use super::{Evidence, Population, Random};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hard {
    /// What samples come from.
    pub(crate) kind: Kind,
    /// The rule, at whose limit they stand.
    pub(crate) rule: &'static str,
    /// How many samples a conversation can have, where the manifest says it.
    pub(crate) at_most: Option<u64>,
}

/// Where samples come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Conversations of 1 or 10 turns, all bad or all good nine times in ten, a tenth of the turns bad.
    Uneven,
    /// Nine conversations in ten of 2 turns, the tenth of 20 turns and eight times as bad; 5 % of the turns are.
    Informative,
    /// Conversations of 3 turns and one of 500; half of the turns are bad.
    Giant,
    /// Conversations of 5 turns, one in a hundred of 50 that are all bad: 9.17 % of the turns.
    RareGiants,
    /// Ten runs of every question, of which two in a hundred collapse from right to wrong.
    Epochs,
    /// The candidate adds a tenth to 5 % of events.
    Nested,
    /// Right or wrong on other questions, 85 % before, 83 % now; so many times fewer now.
    Lopsided(usize),
    /// Two modes, 900 and 1000 ms before, 850.5 and 945 now; the quantile lies at the lower one before and at the upper one now.
    TwoModes,
    /// Costs of which one in a hundred is 26 times as large; their mean is $1.
    Spikes,
    /// Lognormal costs with this sigma; their mean is $1.
    Lognormal(f64),
    /// Pareto costs with the exponent 1.5; their mean is $1.
    Pareto,
    /// Scores of which two in a hundred lose everything.
    Collapse,
    /// Normal ratings, of which half of the variance is shared within conversations of 3 and one of 100; their mean is 0.
    Ratings,
}

impl Hard {
    /// The field that says which samples are not independent.
    pub(crate) fn cluster(&self) -> Option<&'static str> {
        let talks = matches!(
            self.kind,
            Kind::Uneven | Kind::Informative | Kind::Giant | Kind::RareGiants | Kind::Ratings
        );
        talks.then_some("conversation")
    }

    pub(super) fn evidence(&self, n: usize, random: &mut Random) -> Evidence {
        let (mut now, mut before) = (String::new(), String::new());
        let cost = |text: &mut String, i: usize, cost: f64| {
            let _ = writeln!(text, r#"{{"id":{i},"cost_usd":{cost}}}"#);
        };
        let correct = |text: &mut String, id: usize, correct: bool| {
            let _ = writeln!(text, r#"{{"id":{id},"correct":{correct}}}"#);
        };
        for i in 0..n {
            match self.kind {
                Kind::Uneven => {
                    let turns = if random.happens(0.5) { 1 } else { 10 };
                    let alike = random.happens(0.9).then(|| random.happens(0.1));
                    talk(&mut now, i, (0..turns).map(|_| alike.unwrap_or_else(|| random.happens(0.1))));
                }
                Kind::Informative => {
                    // (0.9 2 r + 0.1 20 8 r) / (0.9 2 + 0.1 20) = 5 %
                    let r = 0.05 * 3.8 / 17.8;
                    let (turns, rate) = if random.happens(0.9) { (2, r) } else { (20, 8.0 * r) };
                    talk(&mut now, i, (0..turns).map(|_| random.happens(rate)));
                }
                Kind::Giant => {
                    let turns = if i == 0 { 500 } else { 3 };
                    let alike = random.happens(0.3).then(|| random.happens(0.5));
                    talk(&mut now, i, (0..turns).map(|_| alike.unwrap_or_else(|| random.happens(0.5))));
                }
                Kind::RareGiants => {
                    let giant = random.happens(0.01);
                    talk(&mut now, i, (0..if giant { 50 } else { 5 }).map(|_| giant));
                }
                Kind::Epochs => {
                    let collapses = random.happens(0.02);
                    for epoch in 0..10 {
                        let _ = writeln!(now, r#"{{"id":{i},"epoch":{epoch},"correct":{}}}"#, !collapses);
                        let _ = writeln!(before, r#"{{"id":{i},"epoch":{epoch},"correct":true}}"#);
                    }
                }
                Kind::Nested => {
                    let place = random.uniform();
                    let _ = writeln!(before, r#"{{"id":{i},"toxic":{}}}"#, place < 0.05);
                    let _ = writeln!(now, r#"{{"id":{i},"toxic":{}}}"#, place < 0.055);
                }
                Kind::Lopsided(times) => {
                    correct(&mut before, n + i, random.happens(0.85));
                    if i % times == 0 {
                        correct(&mut now, i, random.happens(0.83));
                    }
                }
                Kind::TwoModes => {
                    let mut latency = |text: &mut String, id: usize, factor: f64, upper: f64| {
                        let mode = if random.happens(upper) { 1000.0 } else { 900.0 };
                        let _ = writeln!(text, r#"{{"id":{id},"latency_ms":{}}}"#, factor * mode);
                    };
                    latency(&mut before, n + i, 1.0, 0.0499);
                    latency(&mut now, i, 1.05 * 0.9, 0.0501);
                }
                Kind::Spikes => cost(&mut now, i, if random.happens(0.01) { 20.8 } else { 0.8 }),
                Kind::Lognormal(sigma) => {
                    cost(&mut now, i, (sigma * (random.normal() - sigma / 2.0)).exp());
                }
                Kind::Pareto => cost(&mut now, i, (1.0 - random.uniform()).powf(-1.0 / 1.5) / 3.0),
                Kind::Collapse => {
                    let score = 0.8 + 0.1 * random.uniform();
                    let lost = random.happens(0.02 / 0.85);
                    let _ = writeln!(before, r#"{{"id":{i},"f1":{score}}}"#);
                    let _ = writeln!(now, r#"{{"id":{i},"f1":{}}}"#, if lost { 0.0 } else { score });
                }
                Kind::Ratings => {
                    let shared = random.normal();
                    for turn in 0..if i == 0 { 100 } else { 3 } {
                        let rating = (shared + random.normal()) * 0.5_f64.sqrt();
                        let _ =
                            writeln!(now, r#"{{"id":"{i}-{turn}","conversation":{i},"rating":{rating}}}"#);
                    }
                }
            }
        }
        Evidence { candidate: now, baseline: Some(before).filter(|text| !text.is_empty()) }
    }
}

/// The turns of a conversation, each bad or not.
fn talk(text: &mut String, conversation: usize, turns: impl Iterator<Item = bool>) {
    for (turn, bad) in turns.enumerate() {
        let id = conversation * 1000 + turn;
        let _ = writeln!(text, r#"{{"id":{id},"conversation":{conversation},"hallucination":{bad}}}"#);
    }
}

/// All of them. Where nothing is promised, what was seen is documented.
pub(super) fn settings() -> Vec<Setting> {
    let of = |title, n, truth, kind, rule, at_most| {
        Setting::new(title, n, truth, Limit, Population::Hard(Hard { kind, rule, at_most }))
    };
    let talks = |title, n, truth, kind, rule| of(title, n, truth, kind, rule, None);
    let mut all = Vec::new();
    for n in [20, 100] {
        all.push(talks(
            "conversations of 1 or 10 turns",
            n,
            "10 %",
            Kind::Uneven,
            "rate hallucination < 10%",
        ));
    }
    for n in [60, 300] {
        let informative = "conversations of 2, one in ten of 20 and eight times as bad";
        all.push(talks(informative, n, "5 %", Kind::Informative, "rate hallucination < 5%"));
    }
    all.push(talks(
        "conversations of 3 and one of 500",
        101,
        "50 %",
        Kind::Giant,
        "rate hallucination < 50%",
    ));
    let giants = "conversations of 5, one in a hundred of 50 and all bad";
    for n in [60, 300] {
        let rule = "rate hallucination < 9.17%";
        // Not promised: until a long one was seen, nobody reckons with it.
        let seen = 0.99_f64.powf(n as f64);
        all.push(talks(giants, n, "9.17 %", Kind::RareGiants, rule).documented(seen + 0.02, 0.05));
    }
    all.push(of(
        "the same, `at_most: 50`",
        60,
        "9.17 %",
        Kind::RareGiants,
        "rate hallucination < 9.17%",
        Some(50),
    ));
    for n in [50, 200] {
        all.push(talks(
            "`accuracy drop < 2pp`, ten runs a question, 2 % collapse",
            n,
            "2 pp",
            Kind::Epochs,
            "accuracy drop < 2pp",
        ));
    }
    for n in [300, 1000] {
        let rule = "toxicity increase < 10% of baseline";
        all.push(talks(
            "`toxicity increase < 10% of baseline`, events are added",
            n,
            "+10 %",
            Kind::Nested,
            rule,
        ));
    }
    for (n, times) in [(1000, 50), (1000, 5)] {
        let title = if times == 50 {
            "`accuracy drop < 2pp`, 20 other questions against 1000"
        } else {
            "the same, 200 against 1000"
        };
        all.push(talks(title, n, "2 pp", Kind::Lopsided(times), "accuracy drop < 2pp"));
    }
    for n in [200, 1000] {
        let title = "`p95 latency increase < 5%`, two modes, other requests";
        all.push(talks(title, n, "+5 %", Kind::TwoModes, "p95 latency increase < 5%"));
    }
    for (n, seen) in [(20, 0.84), (100, 0.39), (1000, 0.07)] {
        let title = "`cost < $1`, one in a hundred 26 times as large";
        // Not promised: a spike that is not in the sample is not reckoned with.
        all.push(talks(title, n, "$1", Kind::Spikes, "cost < $1").documented(seen, 0.05));
    }
    for (n, seen) in [(10, 0.05), (30, 0.11), (100, 0.05)] {
        let title = "`cost < $1`, lognormal, sigma 1.5";
        all.push(talks(title, n, "$1", Kind::Lognormal(1.5), "cost < $1").documented(seen, 0.05));
    }
    for (n, seen) in [(30, 0.22), (1000, 0.16)] {
        all.push(
            talks("`cost < $1`, Pareto, exponent 1.5", n, "$1", Kind::Pareto, "cost < $1")
                .documented(seen, 0.05),
        );
    }
    for n in [50, 500] {
        all.push(talks("`f1 drop < 2pp`, 2 % lose everything", n, "2 pp", Kind::Collapse, "f1 drop < 2pp"));
    }
    let ratings =
        talks("`rating > 0`, conversations of 3 and one of 100", 21, "0", Kind::Ratings, "mean rating > 0");
    all.push(ratings.documented(0.08, 0.08));
    all
}
