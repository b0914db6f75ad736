//! Worse data never look better: over random small runs, with clusters, epochs and comparisons, no lost score, error, bad row,
//! worse value or tighter threshold makes the p-value of a pass smaller.
//!
//! Left out are the methods that promise nothing of the kind (Student's t and Fieller's contrast).

use std::fmt::Write as _;

use rayon::prelude::*;
use relgate::diagnostic::{Diagnostics, Sources};
use relgate::evidence::{self, Compression, Depth, Format, Paths};
use relgate::gate::Gate;
use relgate::manifest;
use relgate::metric::{self, Input, Offer, Plan, RowsAs, Side, Table};

use crate::properties::Bytes;
use crate::simulation::Random;

/// Another seed is a good idea when a method was changed.
const SEED: u64 = 20_261_129;
/// Changes for the worse that are tried of every kind of gate.
const TRIES: u64 = 32;

/// A kind of gate: its rule with `{}` for the threshold, what its samples are, and where its thresholds lie.
pub(crate) struct Kind {
    pub(crate) rule: &'static str,
    pub(crate) design: Design,
    pub(crate) values: Values,
    pub(crate) thresholds: (f64, f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Design {
    Clusters,
    Epochs,
    Alone,
    SameIds,
    SameIdsInClusters,
    OtherIds,
    OtherIdsInClusters,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Values {
    /// `toxic`: true is bad.
    Rate,
    /// `bias_score` in [0, 1]: high is bad.
    Score,
    /// `latency_ms`: high is bad.
    Latency,
    /// `throughput`: low is bad.
    Throughput,
}

impl Design {
    pub(crate) fn compares(self) -> bool {
        matches!(self, Self::SameIds | Self::SameIdsInClusters | Self::OtherIds | Self::OtherIdsInClusters)
    }

    pub(crate) fn pairs(self) -> bool {
        matches!(self, Self::SameIds | Self::SameIdsInClusters)
    }

    pub(crate) fn clusters(self) -> bool {
        matches!(self, Self::Clusters | Self::SameIdsInClusters | Self::OtherIdsInClusters)
    }
}

impl Values {
    fn field(self) -> &'static str {
        match self {
            Self::Rate => "toxic",
            Self::Score => "bias_score",
            Self::Latency => "latency_ms",
            Self::Throughput => "throughput",
        }
    }

    pub(crate) fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::Rate => f64::from(u8::from(random.happens(0.1))),
            Self::Score => (random.uniform() * 8.0).floor() / 8.0 * f64::from(u8::from(random.happens(0.4))),
            Self::Latency | Self::Throughput => 100.0 + (random.uniform() * 20.0).floor() * 10.0,
        }
    }

    /// A value that is worse, or as bad.
    fn worse(self, value: f64) -> f64 {
        match self {
            Self::Rate | Self::Score => 1.0,
            Self::Latency => value * 2.0,
            Self::Throughput => value / 2.0,
        }
    }

    /// As bad as it gets.
    fn bad(self) -> f64 {
        match self {
            Self::Rate | Self::Score => 1.0,
            Self::Latency => 5000.0,
            Self::Throughput => 0.0,
        }
    }

    /// The best that a baseline can be, which makes the candidate look worse.
    fn best(self) -> f64 {
        match self {
            Self::Rate | Self::Score => 0.0,
            Self::Latency => 1.0,
            Self::Throughput => 1000.0,
        }
    }

    fn written(self, value: f64) -> String {
        if self == Self::Rate { (value > 0.5).to_string() } else { value.to_string() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: usize,
    pub(crate) epoch: usize,
    pub(crate) cluster: usize,
    pub(crate) value: Option<f64>,
    pub(crate) errored: bool,
}

/// One run, or two.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Runs {
    pub(crate) now: Vec<Row>,
    pub(crate) before: Vec<Row>,
}

/// What a rule comes to on some runs.
pub(crate) struct Tried {
    /// The p-value of a pass; 1 where there is none.
    pub(crate) p_pass: f64,
    pub(crate) alpha: f64,
    /// The fresh run that would decide it.
    pub(crate) needed: Option<metric::Needed>,
    /// How likely such runs pass.
    pub(crate) operating: Option<metric::Operating>,
}

fn told(findings: &Diagnostics) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Kind {
    fn text(&self, rows: &[Row]) -> Vec<u8> {
        let mut text = String::new();
        for row in rows {
            let value = row.value.map_or_else(|| "null".to_owned(), |value| self.values.written(value));
            let epoch = if self.design == Design::Epochs {
                format!(r#","epoch":{}"#, row.epoch)
            } else {
                String::new()
            };
            let error = if row.errored { r#","error":"timeout""# } else { "" };
            let _ = writeln!(
                text,
                r#"{{"id":{}{epoch},"talk":{},"{}":{value}{error}}}"#,
                row.id,
                row.cluster,
                self.values.field()
            );
        }
        text.into_bytes()
    }

    fn table(&self, rows: &[Row], gate: &Gate) -> Table {
        let source = Bytes(self.text(rows));
        let cluster = self.design.clusters().then_some("talk");
        let plan = Plan::new(&[], cluster, RowsAs::Written, &[gate.bound.need()]);
        let input = Input {
            source: &source,
            format: Format::Jsonl,
            compression: Compression::None,
            paths: &Paths::default(),
        };
        metric::gather(&[input], plan).unwrap_or_else(|findings| panic!("{}", told(&findings)))
    }

    /// The p-value of a pass; 1 where there is none.
    fn p_pass(&self, runs: &Runs, threshold: f64) -> f64 {
        self.tried(runs, threshold).p_pass
    }

    /// What becomes of the rule with a threshold.
    pub(crate) fn tried(&self, runs: &Runs, threshold: f64) -> Tried {
        let rule = self.rule.replace("{}", &format!("{threshold:.6}"));
        let yaml = format!(
            "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nbaseline: b\n\
             evidence: {{ e: {{ path: answers.jsonl }} }}\ngates: ['{rule}']\n"
        );
        let mut sources = Sources::new();
        let file = sources.add("release.yaml", yaml);
        let manifest =
            manifest::parse(&sources, file).unwrap_or_else(|findings| panic!("{}", told(&findings)));
        let catalog = evidence::probe(&Bytes(self.text(&runs.now)), Depth::Whole)
            .unwrap_or_else(|it| panic!("{}", told(&it)));
        let mut offer = Offer { evidence: "e".to_owned(), ..Offer::default() };
        offer.fields.extend(catalog.fields.keys().cloned());
        let gate =
            Gate::bind(&manifest, &[offer]).unwrap_or_else(|it| panic!("{rule}: {}", told(&it))).remove(0);
        let settings = gate.settings(&manifest.policy, None);
        let now = self.table(&runs.now, &gate);
        let ours = metric::select(&gate.bound, &now).whole;
        let candidate = Side { table: &now, rows: &ours };
        let assessed = if self.design.compares() {
            let before = self.table(&runs.before, &gate);
            let theirs = metric::select(&gate.bound, &before).whole;
            let baseline = Side { table: &before, rows: &theirs };
            metric::compare(&gate.bound, candidate, baseline, self.design.pairs(), &settings)
        } else {
            metric::assess(&gate.bound, candidate, &settings)
        };
        let low = gate.bound.comparator.wants_low();
        let p_pass = assessed.tails.map_or(1.0, |tails| if low { tails.less } else { tails.greater });
        Tried { p_pass, alpha: settings.alpha, needed: assessed.needed, operating: assessed.operating }
    }

    pub(crate) fn draw(&self, random: &mut Random) -> Runs {
        let n = 8 + (random.uniform() * 40.0) as usize;
        let mut row = |i: usize, from: usize| {
            let (id, epoch) = if self.design == Design::Epochs { (i / 3, i % 3) } else { (from + i, 0) };
            // Clusters of 1 to 6.
            let cluster = (i + i * i % 7) / 4;
            let value = Some(self.values.draw(random)).filter(|_| !random.happens(0.03));
            Row { id, epoch, cluster, value, errored: false }
        };
        let now: Vec<Row> = (0..n).map(|i| row(i, 0)).collect();
        let from = if self.design.pairs() { 0 } else { 1000 };
        let before = if self.design.compares() { (0..n).map(|i| row(i, from)).collect() } else { Vec::new() };
        Runs { now, before }
    }

    /// Checks one run against a worse one and a tighter threshold; how many were compared, and how many of them told something.
    fn holds(&self, random: &mut Random) -> (u64, u64) {
        let runs = self.draw(random);
        let (low, high) = self.thresholds;
        let threshold = (high - low).mul_add(random.uniform(), low);
        let before = self.p_pass(&runs, threshold);
        let (worse, what) = self.worsened(&runs, random);
        let after = self.p_pass(&worse, threshold);
        // Limits of the inversion integral, far below any level.
        let slack = 1e-7 + 1e-6 * before;
        assert!(
            after >= before - slack,
            "{} {:?}, {what}: {before} {after}\n{runs:?}\n{worse:?}",
            self.rule,
            self.design
        );
        let tighter = if self.rule.contains('>') { threshold + 3.0 } else { threshold - 3.0 };
        let tightened = self.p_pass(&runs, tighter.max(if self.design.compares() { -50.0 } else { 1.0 }));
        assert!(
            tightened >= before - slack,
            "{} {:?}, {threshold} -> {tighter}: {before} {tightened}",
            self.rule,
            self.design
        );
        (2, u64::from(before > 1e-6 && before < 0.5))
    }

    /// One change for the worse, and what it was.
    fn worsened(&self, runs: &Runs, random: &mut Random) -> (Runs, &'static str) {
        let mut worse = runs.clone();
        let at = (random.uniform() * runs.now.len() as f64) as usize;
        let new = Row { id: 900, epoch: 0, cluster: 90 + at % 3, value: None, errored: true };
        let choices = if self.design.compares() { 6 } else { 4 };
        let what = match (random.uniform() * f64::from(choices)) as u32 {
            0 => {
                worse.now[at].value = worse.now[at].value.map(|value| self.values.worse(value));
                "a worse value"
            }
            1 => {
                worse.now[at].value = None;
                "a lost score"
            }
            2 => {
                worse.now.push(Row { cluster: worse.now[at].cluster, ..new });
                "an error in a known cluster"
            }
            3 => {
                worse.now.push(Row { value: Some(self.values.bad()), errored: false, ..new });
                if self.design.pairs() {
                    worse.before.push(Row { value: Some(self.values.best()), errored: false, ..new });
                }
                "a bad row"
            }
            4 => {
                worse.before[at].value = worse.before[at].value.map(|_| self.values.best());
                "a better baseline"
            }
            _ => {
                worse.before[at].value = None;
                "a lost score of the baseline"
            }
        };
        (worse, what)
    }
}

pub(crate) fn kinds() -> Vec<Kind> {
    use Design::{Alone, Clusters, Epochs, OtherIds, OtherIdsInClusters, SameIds, SameIdsInClusters};
    let kind = |rule, design, values, thresholds| Kind { rule, design, values, thresholds };
    let mut all = Vec::new();
    for design in [Alone, Clusters, Epochs] {
        all.push(kind("rate toxic < {}%", design, Values::Rate, (10.0, 60.0)));
        all.push(kind("mean bias < {}%", design, Values::Score, (20.0, 70.0)));
        all.push(kind("p80 latency_ms < {}ms", design, Values::Latency, (200.0, 500.0)));
        all.push(kind("mean latency_ms < {}ms", design, Values::Latency, (200.0, 900.0)));
        all.push(kind("throughput > {} tokens/s", design, Values::Throughput, (60.0, 180.0)));
    }
    for design in [SameIds, SameIdsInClusters, OtherIds, OtherIdsInClusters] {
        all.push(kind("toxicity increase < {}pp", design, Values::Rate, (-5.0, 60.0)));
        all.push(kind("mean bias increase < {}pp", design, Values::Score, (0.0, 60.0)));
        all.push(kind("mean bias increase < {}% of baseline", design, Values::Score, (5.0, 400.0)));
        all.push(kind("p80 latency_ms increase < {}%", design, Values::Latency, (5.0, 150.0)));
    }
    all
}

#[test]
fn no_change_for_the_worse_makes_a_pass_likelier() {
    let kinds = kinds();
    let tried: Vec<(u64, u64)> = kinds
        .par_iter()
        .enumerate()
        .flat_map(|(number, kind)| (0..TRIES).into_par_iter().map(move |round| (number as u64, round, kind)))
        .map(|(number, round, kind)| kind.holds(&mut Random::new(SEED + number, round)))
        .collect();
    let (compared, telling) = tried.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(compared > 1500 && telling > compared / 20, "{telling} of {compared}");
}
