//! Means and ranks beside the stable release's: relgate's tests, and what people use instead, each looking at every request.

use std::f64::consts::TAU;

use relgate::stats::sequential::{Arm, BlockAuc, BlockBetting, ChangeLimit, NumberProcess, fail_threshold};

use super::random::Random;
use super::rates::{ALPHA, Alarms, WINDOW};

const FEWEST: f64 = 30.0;
const Z: f64 = 1.645;

/// How values are distributed, with a mean of about 1.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Costs: lognormal with this standard deviation of the logarithm.
    Lognormal(f64),
    /// Few very large values: Pareto with exponent 1.5.
    Pareto,
    /// Nothing in most cases, as from a cache; else lognormal.
    Cached,
    /// Whole points from 0 to 4.
    Points,
}

/// What relgate asks of the values.
#[derive(Clone, Copy)]
pub(crate) enum Asked {
    /// The mean is at most so many times the stable one; values count up to ten times their mean.
    Mean(f64),
    /// The values are no larger, in ranks.
    Ranks,
}

/// One kind of values, and the rollout.
#[derive(Clone, Copy)]
pub(crate) struct Values {
    pub(crate) title: &'static str,
    pub(crate) shape: Shape,
    pub(crate) asked: Asked,
    pub(crate) swing: f64,
    pub(crate) day: f64,
    /// Standard deviation of a level that wanders from request to request (correlation .99).
    pub(crate) wander: f64,
    pub(crate) weight: f64,
    pub(crate) requests: u64,
}

pub(crate) const VALUES: [Values; 6] = [
    Values {
        title: "costs (lognormal .8), limit +10 % and truth +10 %, swing 60 %, weight 5 %",
        shape: Shape::Lognormal(0.8),
        asked: Asked::Mean(1.1),
        swing: 0.6,
        day: 3000.0,
        wander: 0.0,
        weight: 0.05,
        requests: 40_000,
    },
    Values {
        title: "heavy tail (Pareto 1.5), limit x1, weight 20 %",
        shape: Shape::Pareto,
        asked: Asked::Mean(1.0),
        swing: 0.0,
        day: 3000.0,
        wander: 0.0,
        weight: 0.2,
        requests: 15_000,
    },
    Values {
        title: "a level that wanders, limit x1, 150 a day, weight 50 %",
        shape: Shape::Lognormal(0.5),
        asked: Asked::Mean(1.0),
        swing: 0.5,
        day: 150.0,
        wander: 0.5,
        weight: 0.5,
        requests: 6000,
    },
    Values {
        title: "four in five 0 (cached), limit +20 % and truth +20 %, weight 10 %",
        shape: Shape::Cached,
        asked: Asked::Mean(1.2),
        swing: 0.7,
        day: 5000.0,
        wander: 0.0,
        weight: 0.1,
        requests: 30_000,
    },
    Values {
        title: "points 0 to 4 in ranks, swing 40 %, weight 5 %",
        shape: Shape::Points,
        asked: Asked::Ranks,
        swing: 0.4,
        day: 2000.0,
        wander: 0.0,
        weight: 0.05,
        requests: 30_000,
    },
    Values {
        title: "lengths in ranks, a level that wanders, swing 80 %, weight 30 %",
        shape: Shape::Lognormal(1.0),
        asked: Asked::Ranks,
        swing: 0.8,
        day: 400.0,
        wander: 0.4,
        weight: 0.3,
        requests: 12_000,
    },
];

impl Values {
    fn limit(&self) -> f64 {
        match self.asked {
            Asked::Mean(limit) => limit,
            Asked::Ranks => 1.0,
        }
    }

    fn draw(&self, random: &mut Random) -> f64 {
        match self.shape {
            Shape::Lognormal(sd) => (sd * random.normal() - sd * sd / 2.0).exp(),
            Shape::Pareto => (1.0 - random.uniform()).powf(-1.0 / 1.5) / 3.0,
            Shape::Cached if random.happens(0.8) => 0.0,
            Shape::Cached => 5.0 * (0.5 * random.normal() - 0.125).exp(),
            Shape::Points => (1.0 + 0.8 * random.normal()).round().clamp(0.0, 4.0),
        }
    }
}

/// Sums of one arm.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn mean(self) -> f64 {
        self.sum / self.n
    }

    fn variance(self) -> f64 {
        (self.squares / self.n - self.mean().powi(2)).max(0.0) / self.n
    }
}

/// One rollout in which the candidate's values are `harm` times what the limit allows; `tuned` is the threshold of CUSUM.
pub(crate) fn rollout(values: &Values, harm: f64, tuned: f64, random: Random) -> Alarms {
    match values.asked {
        Asked::Mean(limit) => {
            let ours = BlockBetting::fail(ChangeLimit::Increase(limit - 1.0), 10.0).unwrap();
            watch(values, ours, harm, tuned, random).0
        }
        Asked::Ranks => watch(values, BlockAuc::increase(), harm, tuned, random).0,
    }
}

/// The alarms, and the highest sum of CUSUM.
fn watch(
    values: &Values,
    mut ours: impl NumberProcess,
    harm: f64,
    tuned: f64,
    mut random: Random,
) -> (Alarms, f64) {
    let (limit, threshold) = (values.limit(), fail_threshold(1, ALPHA).unwrap());
    let (mut alarms, mut level, phase) = (Alarms::default(), random.normal(), random.uniform());
    let (mut arms, mut sum, mut top) = ([Sums::default(); 2], 0.0, 0.0_f64);
    let window = WINDOW.max((50.0 / values.weight) as u64) as usize;
    let (mut recent, mut recent_n, mut recent_sum) = (Vec::new(), 0.0, 0.0);
    for at in 1..=values.requests {
        let arm = if random.happens(values.weight) { Arm::Candidate } else { Arm::Stable };
        level = 0.99 * level + 0.02_f64.sqrt() * random.normal();
        let swing = 1.0 + values.swing * (TAU * (at as f64 / values.day + phase)).sin();
        let mut value = values.draw(&mut random) * swing * (values.wander * level).exp();
        let candidate = arm == Arm::Candidate;
        value *= if candidate { harm * limit } else { 1.0 };
        ours.record(arm, value).unwrap();
        let own = &mut arms[usize::from(!candidate)];
        (own.n, own.sum, own.squares) = (own.n + 1.0, own.sum + value, own.squares + value * value);
        recent.push(candidate.then_some(value));
        recent_n += f64::from(candidate);
        recent_sum += if candidate { value } else { 0.0 };
        if let Some(gone) = recent.len().checked_sub(window + 1).and_then(|gone| recent[gone]) {
            (recent_n, recent_sum) = (recent_n - 1.0, recent_sum - gone);
        }
        if candidate {
            // From the usual mean to one and a half times that.
            sum = f64::max(sum + value / limit - 1.25, 0.0);
            top = top.max(sum);
        }
        let [c, s] = arms;
        let z = || {
            let error = (c.variance() + limit * limit * s.variance()).sqrt();
            c.n >= FEWEST && s.n >= FEWEST && c.mean() - limit * s.mean() > Z * error
        };
        let mut first = |alarm: fn(&mut Alarms) -> &mut Option<u64>, raised: &dyn Fn() -> bool| {
            let alarm = alarm(&mut alarms);
            if alarm.is_none() && raised() {
                *alarm = Some(at);
            }
        };
        first(|alarms| &mut alarms.ours, &|| ours.evidence() >= threshold);
        first(|alarms| &mut alarms.peeking, &z);
        first(|alarms| &mut alarms.window, &|| recent_n >= FEWEST && recent_sum > 1.5 * limit * recent_n);
        first(|alarms| &mut alarms.cusum, &|| sum >= tuned);
    }
    (alarms, top)
}

/// The threshold with which CUSUM would alarm in 5 % of rollouts, if levels never moved.
pub(crate) fn tune(values: &Values, runs: u64, seed: u64) -> f64 {
    let calm = Values { swing: 0.0, wander: 0.0, ..*values };
    let top = |run| watch(&calm, BlockAuc::increase(), 1.0, f64::INFINITY, Random::new(seed, run)).1;
    let mut tops: Vec<f64> = (0..runs).map(top).collect();
    tops.sort_by(f64::total_cmp);
    tops[(0.95 * runs as f64) as usize]
}
