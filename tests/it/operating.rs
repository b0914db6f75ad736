//! The operating characteristic, held against simulated releases: of runs that are drawn from a known population as many pass
//! as the curve says, for every kind of gate that has one.

use rayon::prelude::*;

use crate::simulation::Random;
use crate::worse_data::{Design, Kind, Row, Runs, Values};

/// Another seed is a good idea when the chances are reckoned in another way.
const SEED: u64 = 20_261_132;
/// Runs that are drawn and judged at each threshold.
const RUNS: u64 = 160;
/// Rows of a run.
const ROWS: usize = 90;
/// How far an approximation may be off, besides what the draws are.
const OFF: f64 = 0.05;

/// A kind of gate with the true value of its population, and thresholds at which runs pass now and then.
struct Known {
    kind: Kind,
    truth: f64,
    exact: bool,
}

/// In two of three pairs the candidate's value is the baseline's.
fn runs(kind: &Kind, random: &mut Random) -> Runs {
    let mut now: Vec<Row> = Vec::new();
    let mut before = Vec::new();
    for i in 0..ROWS {
        let cluster = (i + i * i % 7) / 4;
        let (id, epoch) = if kind.design == Design::Epochs { (i / 3, i % 3) } else { (i, 0) };
        // Samples of a cluster are alike now and then.
        let grouped = kind.design.clusters() || kind.design == Design::Epochs;
        let like = now.last().filter(|last| {
            let same = if kind.design == Design::Epochs { last.id == id } else { last.cluster == cluster };
            grouped && same
        });
        let like = like.and_then(|last| last.value).filter(|_| random.happens(0.3));
        let value = like.unwrap_or_else(|| kind.values.draw(random));
        let row = Row { id, epoch, cluster, value: Some(value), errored: false };
        now.push(row);
        if kind.design.compares() {
            let own = kind.values.draw(random);
            let paired = kind.design.pairs() && random.happens(0.66);
            let id = if kind.design.pairs() { id } else { 10_000 + id };
            before.push(Row { id, value: Some(if paired { value } else { own }), ..row });
        }
    }
    Runs { now, before }
}

fn known() -> Vec<Known> {
    use Design::{Alone, Clusters, Epochs, OtherIds, OtherIdsInClusters, SameIds, SameIdsInClusters};
    let of = |rule, design, values, truth, thresholds| {
        let exact = design == Alone && (values == Values::Rate || str::starts_with(rule, "p"));
        Known { kind: Kind { rule, design, values, thresholds }, truth, exact }
    };
    let mut all = Vec::new();
    for design in [Alone, Clusters, Epochs] {
        all.push(of("rate toxic < {}%", design, Values::Rate, 0.1, (14.0, 26.0)));
        // 0.4 of the mean of 0/8, 1/8 ... 7/8
        all.push(of("mean bias < {}%", design, Values::Score, 0.175, (21.0, 32.0)));
        // One in 20 is 290; of `< 300` none exceeds, of `< 260` one in five.
        all.push(of("p60 latency_ms < {}ms", design, Values::Latency, f64::NAN, (220.0, 250.0)));
        all.push(of("mean latency_ms < {}ms", design, Values::Latency, 195.0, (204.0, 230.0)));
        all.push(of("throughput > {} tokens/s", design, Values::Throughput, 195.0, (172.0, 190.0)));
    }
    for design in [SameIds, SameIdsInClusters] {
        all.push(of("toxicity increase < {}pp", design, Values::Rate, 0.0, (8.0, 18.0)));
        all.push(of("mean bias increase < {}pp", design, Values::Score, 0.0, (5.0, 14.0)));
        all.push(of("mean bias increase < {}% of baseline", design, Values::Score, 0.0, (30.0, 90.0)));
        all.push(of("mean latency_ms increase < {}%", design, Values::Latency, 0.0, (3.0, 11.0)));
        all.push(of("mean latency_ms increase < {}ms", design, Values::Latency, 0.0, (6.0, 25.0)));
    }
    all.push(of("mean latency_ms increase < {}%", OtherIds, Values::Latency, 0.0, (6.0, 15.0)));
    for design in [OtherIds, OtherIdsInClusters] {
        all.push(of("toxicity increase < {}pp", design, Values::Rate, 0.0, (8.0, 22.0)));
        all.push(of("mean bias increase < {}pp", design, Values::Score, 0.0, (6.0, 18.0)));
        all.push(of("p60 latency_ms increase < {}%", design, Values::Latency, 0.0, (10.0, 40.0)));
    }
    all.push(of("toxicity increase < {}% of baseline", OtherIds, Values::Rate, 0.0, (60.0, 250.0)));
    all.push(of("p60 latency_ms increase < {}%", SameIds, Values::Latency, 0.0, (10.0, 40.0)));
    all.push(of("mean latency_ms change < {}%", SameIds, Values::Latency, 0.0, (6.0, 11.0)));
    all.push(of("throughput drop < {}%", SameIds, Values::Throughput, 0.0, (3.0, 11.0)));
    all
}

/// How likely runs are said to pass at a threshold, on average, and how many of them do.
fn simulated(known: &Known, threshold: f64, stream: u64) -> Option<(f64, u64)> {
    let one = |round: u64| {
        let random = &mut Random::new(SEED + stream, round);
        let tried = known.kind.tried(&runs(&known.kind, random), threshold);
        let truth = if known.truth.is_nan() {
            // Values are 100, 110 ... 290, and those at the threshold exceed it.
            1.0 - ((threshold - 100.0) / 10.0).ceil() / 20.0
        } else {
            known.truth
        };
        Some((tried.operating?.at(truth)?, u64::from(tried.p_pass <= tried.alpha)))
    };
    let all: Option<Vec<(f64, u64)>> = (0..RUNS).into_par_iter().map(one).collect();
    let sum = all?.into_iter().fold((0.0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    Some((sum.0 / RUNS as f64, sum.1))
}

#[test]
fn runs_pass_as_often_as_the_curve_says() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (number, known) in known().iter().enumerate() {
        let (low, high) = known.kind.thresholds;
        for at in [0.0, 0.5, 1.0] {
            let threshold = (high - low).mul_add(at, low);
            let label = format!("{} {:?} at {threshold}", known.kind.rule, known.kind.design);
            let Some((said, passed)) = simulated(known, threshold, number as u64 * 10) else {
                wrong.push(format!("{label}: no curve"));
                continue;
            };
            compared += 1;
            let share = passed as f64 / RUNS as f64;
            println!("{label}: said {said:.3}, passed {share:.3}");
            let error = (said * (1.0 - said) / RUNS as f64).sqrt();
            let slack = 4.0 * error + if known.exact { 1e-9 } else { OFF };
            if (said - share).abs() > slack {
                wrong.push(format!("{label}: said {said:.3}, passed {share:.3}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared > 60, "{compared}");
}
