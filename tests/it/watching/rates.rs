//! Rates beside the stable release's: relgate's test, and what people use instead, each looking at every request.

use std::collections::HashSet;

use relgate::stats::sequential::{Arm, WhichArm, fail_threshold};

use super::random::Random;
use super::traffic::{BadEvent, Requests, Traffic};

/// How many false alarms are allowed, of all signals together.
pub(crate) const ALPHA: f64 = 0.05;
/// Requests in the window.
pub(crate) const WINDOW: u64 = 1000;
/// Records of the candidate without which the others say nothing.
const FEWEST: f64 = 30.0;
/// One-sided 5 % of the normal distribution.
const Z: f64 = 1.645;

/// When each rule raised its first alarm, in requests from 1.
#[derive(Clone, Copy, Default)]
pub(crate) struct Alarms {
    pub(crate) ours: Option<u64>,
    pub(crate) peeking: Option<u64>,
    pub(crate) window: Option<u64>,
    pub(crate) cusum: Option<u64>,
}

/// One signal as the rules see it.
struct Watch {
    ours: WhichArm,
    counted: HashSet<u64>,
    /// Candidate, stable: records, bad ones.
    n: [f64; 2],
    bad: [f64; 2],
    recent: Recent,
    cusum: Cusum,
    usual: f64,
}

/// The last requests of the candidate.
struct Recent {
    length: usize,
    /// Whether the request was the candidate's, whether it was bad.
    requests: Vec<[bool; 2]>,
    n: f64,
    bad: f64,
}

/// Page's sum for a rate of `usual` becoming twice that.
struct Cusum {
    event: f64,
    none: f64,
    sum: f64,
    top: f64,
}

impl Cusum {
    fn new(usual: f64) -> Self {
        let none = ((1.0 - (2.0 * usual).min(0.99)) / (1.0 - usual)).ln();
        Self { event: ((2.0 * usual).min(0.99) / usual).ln(), none, sum: 0.0, top: 0.0 }
    }

    fn add(&mut self, step: f64) {
        self.sum = (self.sum + step).max(0.0);
        self.top = self.top.max(self.sum);
    }
}

impl Watch {
    fn new(traffic: &Traffic, rate: f64) -> Self {
        let weights: Vec<f64> = traffic.steps.iter().map(|step| step.weight).collect();
        let least = weights.iter().copied().fold(1.0, f64::min);
        // Long enough for 50 of the candidate.
        let length = WINDOW.max((50.0 / least) as u64) as usize;
        let usual = rate * traffic.limit;
        Self {
            ours: WhichArm::fail(&weights, traffic.limit).unwrap(),
            counted: HashSet::new(),
            n: [0.0; 2],
            bad: [0.0; 2],
            recent: Recent { length, requests: Vec::new(), n: 0.0, bad: 0.0 },
            cusum: Cusum::new(usual),
            usual,
        }
    }

    fn serve(&mut self, arm: Arm) {
        let candidate = arm == Arm::Candidate;
        self.n[usize::from(!candidate)] += 1.0;
        let recent = &mut self.recent;
        recent.requests.push([candidate, false]);
        recent.n += f64::from(candidate);
        if let Some(gone) = recent.requests.len().checked_sub(recent.length + 1) {
            let [candidate, bad] = recent.requests[gone];
            recent.n -= f64::from(candidate);
            recent.bad -= f64::from(candidate && bad);
        }
        if candidate {
            self.cusum.add(self.cusum.none);
        }
    }

    fn bad(&mut self, event: &BadEvent, once: bool) {
        if !once || self.counted.insert(event.user) {
            self.ours.bad_event(event.step, event.arm).unwrap();
        }
        let candidate = event.arm == Arm::Candidate;
        self.bad[usize::from(!candidate)] += 1.0;
        let recent = &mut self.recent;
        recent.requests[event.request as usize][1] = true;
        if candidate {
            self.cusum.add(self.cusum.event - self.cusum.none);
            let first = recent.requests.len().saturating_sub(recent.length);
            recent.bad += f64::from(event.request as usize >= first);
        }
    }

    fn peeking(&self, limit: f64) -> bool {
        let ([n, stable], [bad, stable_bad]) = (self.n, self.bad);
        if n < FEWEST || bad < 1.0 || stable < 1.0 {
            return false;
        }
        let pooled = (bad + stable_bad) / (n + stable);
        let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / stable)).sqrt();
        bad / n - limit * stable_bad / stable > Z * error
    }

    fn window(&self) -> bool {
        self.recent.n >= FEWEST && self.recent.bad > 2.0 * self.usual * self.recent.n
    }
}

/// One rollout in which the first signal's rate is `harm` times its limit; `tuned` are the thresholds of CUSUM.
pub(crate) fn rollout(traffic: &Traffic, harm: f64, tuned: &[f64], random: Random) -> Alarms {
    let mut requests = Requests::new(traffic, harm, random);
    let mut watches: Vec<Watch> = traffic.rates.iter().map(|rate| Watch::new(traffic, *rate)).collect();
    let threshold = fail_threshold(watches.len(), ALPHA).unwrap();
    let (mut alarms, mut at) = (Alarms::default(), 0);
    while let Some(arm) = requests.serve() {
        at += 1;
        for watch in &mut watches {
            watch.serve(arm);
        }
        for event in &requests.known {
            watches[event.signal].bad(event, traffic.once);
        }
        for (watch, tuned) in watches.iter().zip(tuned) {
            first(&mut alarms.ours, at, || watch.ours.evidence() >= threshold);
            first(&mut alarms.peeking, at, || watch.peeking(traffic.limit));
            first(&mut alarms.window, at, || watch.window());
            first(&mut alarms.cusum, at, || watch.cusum.sum >= *tuned);
        }
    }
    alarms
}

fn first(alarm: &mut Option<u64>, at: u64, raised: impl FnOnce() -> bool) {
    if alarm.is_none() && raised() {
        *alarm = Some(at);
    }
}

/// The thresholds with which CUSUM would alarm in 5 % of rollouts, if rates never moved, users never came back and nothing were late.
pub(crate) fn tune(traffic: &Traffic, runs: u64, seed: u64) -> Vec<f64> {
    let calm = Traffic { swing: 0.0, users: None, outages: None, late: None, ..*traffic };
    let tops = |rate: &f64| {
        let rates = [*rate];
        let mut tops: Vec<f64> = (0..runs)
            .map(|run| {
                let mut random = Random::new(seed, run);
                let mut cusum = Cusum::new(rates[0] * calm.limit);
                for step in calm.steps {
                    for _ in 0..step.requests {
                        if random.happens(step.weight) {
                            let bad = random.happens(rates[0] * calm.limit);
                            cusum.add(if bad { cusum.event } else { cusum.none });
                        }
                    }
                }
                cusum.top
            })
            .collect();
        tops.sort_by(f64::total_cmp);
        tops[(0.95 * runs as f64) as usize]
    };
    traffic.rates.iter().map(tops).collect()
}
