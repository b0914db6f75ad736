//! What is simulated: the gates, the populations that their samples come from, and what may go wrong how often.

use std::fmt::Write as _;

use super::hard::{self, Hard};
use super::latencies::{self, Design, Latencies};
use super::{Evidence, Random};
use Standing::{Bad, Good, Limit};

/// Level of a pass and of a fail under the default policy.
const ALPHA: f64 = 0.05;
/// The 95 % point of the standard normal.
const Z_95: f64 = 1.644_853_626_951_472_6;

/// On which side of the limit the truth stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A pass is an error.
    Bad,
    /// Exactly there: a pass is an error, and so is "shown to be worse than the limit".
    Limit,
    /// A fail is an error.
    Good,
}

/// What samples come from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Population {
    /// One or more independent true/false fields, each with its rate.
    Rates(Vec<f64>),
    /// A score in [0, 1]: uniform around a base below the mean, but 1 so often that this is the mean.
    Spikes {
        /// The mean of all but the spikes.
        base: f64,
        /// The mean of all.
        mean: f64,
        /// The limit of the gate in percent.
        limit: u8,
    },
    /// Beta-binomial clusters of this size, with this rate and this correlation within.
    Clusters {
        /// Samples of a cluster.
        size: usize,
        /// The rate.
        rate: f64,
        /// The correlation within a cluster.
        correlation: f64,
    },
    /// Lognormal latencies (sigma 0.5) with this 95 % quantile.
    Latency(f64),
    /// Lognormal costs with this mean and sigma.
    Cost {
        /// The mean.
        mean: f64,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
    /// Right or wrong on the same questions: 10 % of them come out differently, and accuracy drops by this.
    Paired(f64),
    /// Right or wrong on other questions: accuracy drops from 85 % by this.
    Unpaired(f64),
    /// Lognormal costs (sigma 1) of the same requests, correlation 0.8 of the logarithms, dearer by this share.
    Dearer(f64),
    /// Latencies for the approximate methods.
    Latencies(Latencies),
    /// What methods of this kind are known to fall for.
    Hard(Hard),
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The gate, with its population in words.
    pub(crate) title: &'static str,
    /// Samples of each side.
    pub(crate) n: usize,
    /// The truth in words.
    pub(crate) truth: String,
    /// The truth against the limit.
    pub(crate) standing: Standing,
    /// Where samples come from.
    pub(crate) population: Population,
    /// How often a release that stands bad or at the limit may pass.
    pub(crate) false_pass: f64,
    /// How often one that stands good or at the limit may fail.
    pub(crate) false_fail: f64,
    /// How often a good release must pass, or a bad one fail, by the notes or by 2,000 releases of the first version;
    /// 0 where the evidence is too thin for either.
    pub(crate) power: f64,
}

impl Population {
    /// The field that says which samples are not independent.
    #[must_use]
    pub(crate) fn cluster(&self) -> Option<&'static str> {
        let conversations = |one: &Latencies| one.design == Design::Conversations;
        match self {
            Self::Clusters { .. } => Some("conversation"),
            Self::Latencies(one) if conversations(one) => Some("conversation"),
            Self::Hard(hard) => hard.cluster(),
            _ => None,
        }
    }

    /// How many samples a conversation can have, where the manifest says it.
    pub(crate) fn at_most(&self) -> Option<u64> {
        if let Self::Hard(hard) = self { hard.at_most } else { None }
    }

    fn evidence(&self, n: usize, random: &mut Random) -> Evidence {
        if let Self::Latencies(latencies) = self {
            return latencies.evidence(n, random);
        }
        if let Self::Hard(hard) = self {
            return hard.evidence(n, random);
        }
        let (mut candidate, mut baseline) = (String::with_capacity(n * 48), String::new());
        for i in 0..n {
            match self {
                Self::Rates(rates) => {
                    let _ = write!(candidate, r#"{{"id":{i}"#);
                    for (field, rate) in FIELDS.iter().zip(rates) {
                        let _ = write!(candidate, r#","{field}":{}"#, random.happens(*rate));
                    }
                    candidate.push_str("}\n");
                }
                Self::Spikes { base, mean, .. } => {
                    // mean = spikes + (1 - spikes) base
                    let spikes = (mean - base) / (1.0 - base);
                    let score = if random.happens(spikes) { 1.0 } else { 2.0 * base * random.uniform() };
                    row(&mut candidate, i, "severity", score);
                }
                Self::Clusters { .. } | Self::Latencies(_) | Self::Hard(_) => {}
                Self::Latency(p95) => {
                    let latency = p95 * (0.5 * (random.normal() - Z_95)).exp();
                    row(&mut candidate, i, "latency_ms", latency);
                }
                Self::Cost { mean, sigma } => {
                    row(
                        &mut candidate,
                        i,
                        "cost_usd",
                        mean * (sigma * (random.normal() - sigma / 2.0)).exp(),
                    );
                }
                Self::Paired(drop) => {
                    let (lost, won) = (f64::midpoint(0.1, *drop), f64::midpoint(0.1, -drop));
                    let place = random.uniform();
                    // Of the questions on which both agree, most are right.
                    let (ours, theirs) = match place {
                        p if p < lost => (false, true),
                        p if p < lost + won => (true, false),
                        p => (p < 0.9, p < 0.9),
                    };
                    row(&mut candidate, i, "accuracy", ours);
                    row(&mut baseline, i, "accuracy", theirs);
                }
                Self::Unpaired(drop) => {
                    row(&mut candidate, i, "accuracy", random.happens(0.85 - drop));
                    row(&mut baseline, n + i, "accuracy", random.happens(0.85));
                }
                Self::Dearer(share) => {
                    let z = random.normal();
                    let own = 0.8 * z + 0.6 * random.normal();
                    row(&mut candidate, i, "cost_usd", (1.0 + share) * own.exp());
                    row(&mut baseline, i, "cost_usd", z.exp());
                }
            }
        }
        if let Self::Clusters { size, rate, correlation } = self {
            clusters(&mut candidate, n / size, *size, (*rate, *correlation), random);
        }
        Evidence { candidate, baseline: Some(baseline).filter(|text| !text.is_empty()) }
    }
}

/// Fields of several gates on one run; the first one alone where there is one gate.
const FIELDS: [&str; 10] = [
    "hallucination",
    "toxicity",
    "refusal",
    "leakage",
    "off_topic",
    "wrong_language",
    "broken_json",
    "bad_citation",
    "rude_tone",
    "too_long",
];

fn row(text: &mut String, id: usize, field: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, r#"{{"id":{id},"{field}":{value}}}"#);
}

/// Beta-binomial clusters drawn by Polya's urn: every event makes the next one in its cluster likelier.
fn clusters(
    text: &mut String,
    count: usize,
    size: usize,
    (rate, correlation): (f64, f64),
    random: &mut Random,
) {
    let balls = 1.0 / correlation - 1.0;
    for cluster in 0..count {
        let mut events = 0.0;
        for i in 0..size {
            let event = random.happens(balls.mul_add(rate, events) / (balls + i as f64));
            events += f64::from(u8::from(event));
            let id = cluster * size + i;
            let _ = writeln!(text, r#"{{"id":{id},"conversation":{cluster},"hallucination":{event}}}"#);
        }
    }
}

impl Setting {
    /// The samples of one simulated release.
    #[must_use]
    pub(crate) fn evidence(&self, random: &mut Random) -> Evidence {
        self.population.evidence(self.n, random)
    }

    /// The rules that it is judged by.
    #[must_use]
    pub(crate) fn rules(&self) -> Vec<String> {
        let rates = |count: usize| FIELDS.iter().take(count).map(|field| format!("rate {field} < 1.5%"));
        match &self.population {
            Population::Rates(rates_of) => rates(rates_of.len()).collect(),
            Population::Spikes { limit, .. } => vec![format!("mean severity < {limit}%")],
            Population::Clusters { rate, .. } if *rate > 0.1 => vec!["rate hallucination < 20%".to_owned()],
            Population::Clusters { .. } => vec!["rate hallucination < 2%".to_owned()],
            Population::Latency(_) => vec!["p95 latency < 1200ms".to_owned()],
            Population::Cost { .. } => vec!["cost < $1".to_owned()],
            Population::Paired(_) | Population::Unpaired(_) => vec!["accuracy drop < 2pp".to_owned()],
            Population::Dearer(_) => vec!["cost increase < 5%".to_owned()],
            Population::Latencies(latencies) => vec![latencies.rule.to_owned()],
            Population::Hard(hard) => vec![hard.rule.to_owned()],
        }
    }

    /// A setting at the nominal level on both sides that asks for no power.
    pub(super) fn new(
        title: &'static str,
        n: usize,
        truth: &str,
        standing: Standing,
        population: Population,
    ) -> Self {
        let word = match standing {
            Standing::Bad => "bad",
            Standing::Limit => "at the limit",
            Standing::Good => "good",
        };
        let truth = format!("{truth} ({word})");
        Self { title, n, truth, standing, population, false_pass: ALPHA, false_fail: ALPHA, power: 0.0 }
    }

    fn power(self, power: f64) -> Self {
        Self { power, ..self }
    }

    /// The documented worst case of an approximate method.
    pub(super) fn documented(self, false_pass: f64, false_fail: f64) -> Self {
        Self { false_pass, false_fail, ..self }
    }
}

/// Every setting, in the order of the table.
#[must_use]
pub(crate) fn settings() -> Vec<Setting> {
    let groups = [
        rates(),
        spikes(),
        clustered(),
        latencies(),
        costs(),
        accuracies(),
        dearer(),
        ten_gates(),
        clustered_rate(),
        latencies::settings(),
        hard::settings(),
    ];
    groups.into_iter().flatten().collect()
}

fn rates() -> Vec<Setting> {
    let of = |n, truth: &str, standing, rate| {
        Setting::new("`hallucination < 1.5%`", n, truth, standing, Population::Rates(vec![rate]))
    };
    vec![
        of(200, "2.0 %", Bad, 0.02),
        of(1000, "2.0 %", Bad, 0.02).power(0.278),
        of(5000, "2.0 %", Bad, 0.02).power(0.856),
        of(200, "1.6 %", Bad, 0.016),
        of(1000, "1.6 %", Bad, 0.016),
        of(5000, "1.6 %", Bad, 0.016),
        of(200, "1.5 %", Limit, 0.015),
        of(1000, "1.5 %", Limit, 0.015),
        of(5000, "1.5 %", Limit, 0.015),
        of(200, "1.0 %", Good, 0.01).power(0.134),
        of(1000, "1.0 %", Good, 0.01).power(0.332),
        of(5000, "1.0 %", Good, 0.01).power(0.92),
        of(200, "0.5 %", Good, 0.005).power(0.367),
        of(1000, "0.5 %", Good, 0.005).power(0.932),
        of(5000, "0.5 %", Good, 0.005).power(1.0),
    ]
}

fn spikes() -> Vec<Setting> {
    let exact = |n, truth: &str, standing, mean| {
        let title = "`mean severity < 2%`, scores in [0, 1], rare spikes";
        Setting::new(title, n, truth, standing, Population::Spikes { base: 0.01, mean, limit: 2 })
    };
    // Just large enough that the exact bound gives way to Gaffke's.
    let gaffke = |title, truth: &str, standing, base, mean| {
        Setting::new(title, 1000, truth, standing, Population::Spikes { base, mean, limit: 3 })
    };
    let (frequent, unseen) =
        ("`mean severity < 3%`, the same", "`mean severity < 3%`, spikes too rare to be seen");
    vec![
        exact(100, "3 %", Bad, 0.03),
        exact(1000, "3 %", Bad, 0.03).power(0.34),
        exact(100, "2 %", Limit, 0.02),
        exact(1000, "2 %", Limit, 0.02),
        exact(100, "1.2 %", Good, 0.012),
        exact(1000, "1.2 %", Good, 0.012).power(0.1),
        gaffke(frequent, "3 %, spikes 2 %", Limit, 0.01, 0.03),
        gaffke(frequent, "3 %, spikes 0.5 %", Limit, 0.025, 0.03),
        gaffke(frequent, "2 %, spikes 1 %", Good, 0.01, 0.02).power(0.68),
        // A third of the samples have no spike at all: nothing that takes the spread from the sample survives this.
        gaffke(unseen, "3 %, spikes 0.1 %", Limit, 0.029, 0.03),
    ]
}

fn clustered() -> Vec<Setting> {
    let of = |n, truth: &str, standing, rate| {
        let title = "`hallucination < 2%`, clusters of 5, correlation 0.6";
        let population = Population::Clusters { size: 5, rate, correlation: 0.6 };
        Setting::new(title, n, truth, standing, population)
    };
    vec![
        of(250, "4 %", Bad, 0.04).power(0.19),
        of(1000, "4 %", Bad, 0.04).power(0.6),
        of(250, "2 %", Limit, 0.02),
        of(1000, "2 %", Limit, 0.02),
        of(250, "0.2 %", Good, 0.002),
        of(1000, "0.2 %", Good, 0.002).power(0.45),
    ]
}

fn latencies() -> Vec<Setting> {
    let of = |n, truth: &str, standing, over: f64| {
        Setting::new("`p95 latency < 1200ms`", n, truth, standing, Population::Latency(1200.0 * over))
    };
    vec![
        of(200, "10 % over", Bad, 1.1).power(0.35),
        of(1000, "10 % over", Bad, 1.1).power(0.9),
        of(200, "1200 ms", Limit, 1.0),
        of(1000, "1200 ms", Limit, 1.0),
        of(200, "20 % under", Good, 0.8).power(0.68),
        of(1000, "20 % under", Good, 0.8).power(0.99),
    ]
}

fn costs() -> Vec<Setting> {
    let of = |n, truth: &str, standing, mean| {
        let population = Population::Cost { mean, sigma: 1.0 };
        Setting::new("`cost < $1`, lognormal, sigma 1", n, truth, standing, population)
    };
    vec![
        of(20, "$1.00", Limit, 1.0),
        of(100, "$1.00", Limit, 1.0),
        of(1000, "$1.00", Limit, 1.0),
        of(1000, "$1.20", Bad, 1.2).power(0.99),
        of(50, "$0.70", Good, 0.7).power(0.3),
        of(1000, "$0.80", Good, 0.8).power(0.94),
    ]
}

/// Bad in so many clusters that their effective sample size is estimated.
fn clustered_rate() -> Vec<Setting> {
    let of = |n| {
        let title = "`hallucination < 20%`, clusters of 5, correlation 0.3";
        let population = Population::Clusters { size: 5, rate: 0.2, correlation: 0.3 };
        Setting::new(title, n, "20 %", Limit, population)
    };
    vec![of(250), of(1000)]
}

fn accuracies() -> Vec<Setting> {
    let paired = |n, truth: &str, standing, drop| {
        let title = "`accuracy drop < 2pp`, same questions, 10 % come out differently";
        Setting::new(title, n, truth, standing, Population::Paired(drop))
    };
    let unpaired = |n, truth: &str, standing, drop| {
        let title = "`accuracy drop < 2pp`, other questions";
        Setting::new(title, n, truth, standing, Population::Unpaired(drop))
    };
    vec![
        paired(200, "4 pp", Bad, 0.04).power(0.14),
        paired(1000, "4 pp", Bad, 0.04).power(0.63),
        paired(200, "2 pp", Limit, 0.02),
        paired(1000, "2 pp", Limit, 0.02),
        paired(200, "0", Good, 0.0).power(0.2),
        paired(1000, "0", Good, 0.0).power(0.639),
        unpaired(200, "2 pp", Limit, 0.02),
        unpaired(1000, "2 pp", Limit, 0.02),
    ]
}

fn dearer() -> Vec<Setting> {
    let of = |n, truth: &str, standing, share| {
        Setting::new("`cost increase < 5%`", n, truth, standing, Population::Dearer(share))
    };
    vec![
        of(100, "+10 %", Bad, 0.1),
        of(1000, "+10 %", Bad, 0.1).power(0.43),
        of(100, "+5 %", Limit, 0.05),
        of(1000, "+5 %", Limit, 0.05),
        of(100, "0", Good, 0.0).power(0.14),
        of(1000, "0", Good, 0.0).power(0.46),
    ]
}

fn ten_gates() -> Vec<Setting> {
    let of = |title, truth: &str, standing, rates: Vec<f64>| {
        Setting::new(title, 2000, truth, standing, Population::Rates(rates))
    };
    let (one, ten) = ("one gate `< 1.5%`", "ten gates `< 1.5%`");
    let one_bad = |others: f64| std::iter::once(0.015).chain([others; 9]).collect::<Vec<_>>();
    vec![
        of(one, "1.5 %", Limit, vec![0.015]),
        of(ten, "all 1.5 %", Limit, vec![0.015; 10]),
        of(ten, "one 1.5 %, others 0", Limit, one_bad(0.0)),
        of(ten, "one 1.5 %, others 0.5 %", Limit, one_bad(0.005)),
        of(ten, "one 3 %, others 0.5 %", Bad, std::iter::once(0.03).chain([0.005; 9]).collect()).power(0.96),
        of(ten, "all 0.5 %", Good, vec![0.005; 10]).power(0.985),
    ]
}
