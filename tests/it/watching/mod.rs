//! Looking at every request of made-up rollouts: false alarms stay below the level, and harm is seen. Bounded; `cargo bench --bench watching`
//! does the same at scale, beside what people use instead.

mod at_limit;
mod numbers;
mod production;
mod rates;
mod settings;
mod traffic;

use rayon::prelude::*;

use crate::simulation::random;
use production::{PRODUCTION, PROMOTED};
use random::Random;
use rates::{ALPHA, Alarms};
use traffic::Traffic;

/// Four standard errors above the level are no chance.
fn most(runs: u64) -> u64 {
    let runs = runs as f64;
    (ALPHA * runs + 4.0 * (ALPHA * (1.0 - ALPHA) * runs).sqrt()) as u64
}

fn ours(runs: u64, one: impl Fn(u64) -> Alarms + Sync) -> u64 {
    (0..runs).into_par_iter().filter(|run| one(*run).ours.is_some()).count() as u64
}

/// A shorter rollout of the same kind.
fn short(traffic: &Traffic, steps: &'static [traffic::Weighed]) -> Traffic {
    Traffic { steps, ..*traffic }
}

#[test]
fn no_traffic_that_keeps_the_assumptions_alarms_too_often() {
    let runs = 60;
    let (mut alarms, mut rollouts) = (0, 0);
    for (i, traffic) in settings::SOUND.iter().enumerate() {
        let never = vec![f64::INFINITY; traffic.rates.len()];
        let own = ours(runs, |run| rates::rollout(traffic, 1.0, &never, Random::new(90 + i as u64, run)));
        assert!(own <= most(runs), "{}: {own} of {runs}", traffic.title);
        (alarms, rollouts) = (alarms + own, rollouts + runs);
    }
    // All together: here the level itself shows.
    assert!(alarms as f64 <= ALPHA * rollouts as f64, "{alarms} of {rollouts}");
}

#[test]
fn a_tripled_rate_is_seen_in_all_traffic() {
    let steps = &[traffic::Weighed { weight: 0.3, requests: 12_000 }];
    for (i, traffic) in settings::SOUND.iter().enumerate() {
        let traffic = short(traffic, steps);
        let never = vec![f64::INFINITY; traffic.rates.len()];
        let harm = if traffic.rates[0] > 0.2 { 1.5 } else { 3.0 };
        let seen = ours(20, |run| rates::rollout(&traffic, harm, &never, Random::new(70 + i as u64, run)));
        assert!(seen >= 18, "{}: {seen} of 20", traffic.title);
    }
}

/// The rule "a unit counts once" is what keeps the level: without it these rollouts alarm falsely.
#[test]
fn what_breaks_an_assumption_shows() {
    let runs = 60;
    let [all_records, ..] = settings::BROKEN;
    let once = Traffic { once: true, ..all_records };
    let false_alarms = |traffic: &Traffic| {
        ours(runs, |run| rates::rollout(traffic, 1.0, &[f64::INFINITY], Random::new(50, run)))
    };
    assert!(false_alarms(&once) <= most(runs));
    assert!(false_alarms(&all_records) > most(runs));
}

#[test]
fn no_values_alarm_too_often_and_half_as_much_again_is_seen() {
    let runs = 60;
    for (i, values) in numbers::VALUES.iter().enumerate() {
        let one =
            |harm| move |run| numbers::rollout(values, harm, f64::INFINITY, Random::new(30 + i as u64, run));
        let own = ours(runs, one(1.0));
        assert!(own <= most(runs), "{}: {own} of {runs}", values.title);
        let seen = ours(10, one(2.0));
        assert!(seen >= 9, "{}: {seen} of 10", values.title);
    }
}

/// What people use instead alarms more often than it seems to in the same rollouts, also where it was tuned: the simulation can tell.
#[test]
fn looking_again_and_swings_break_the_others() {
    let runs = 60;
    let traffic = &settings::SOUND[1];
    let tuned = rates::tune(traffic, 200, 41);
    let of_rates = |run| rates::rollout(traffic, 1.0, &tuned, Random::new(40, run));
    let wandering = &numbers::VALUES[2];
    let threshold = numbers::tune(wandering, 100, 42);
    let of_values = |run| numbers::rollout(wandering, 1.0, threshold, Random::new(43, run));
    let rates: Vec<Alarms> = (0..runs).into_par_iter().map(of_rates).collect();
    let values: Vec<Alarms> = (0..runs).into_par_iter().map(of_values).collect();
    for all in [rates, values] {
        let count =
            |of: fn(&Alarms) -> Option<u64>| all.iter().filter(|one| of(one).is_some()).count() as u64;
        assert!(count(|alarms| alarms.peeking) > most(runs));
        assert!(count(|alarms| alarms.window) > most(runs));
        assert!(count(|alarms| alarms.cusum) > most(runs));
        assert!(count(|alarms| alarms.ours) <= most(runs));
    }
}

/// What swings is above its average for half of the day: held against that it alarms within days, against its worst time of day not.
#[test]
fn a_swing_is_no_alarm_after_full_rollout() {
    let promoted = &PROMOTED[1];
    for run in 0..4 {
        let mut random = Random::new(80, run);
        let [average, worst] = promoted.limits(&mut random).map(Option::unwrap);
        assert!(promoted.alarm(average, 1.0, 5000, &mut random).is_some());
        assert_eq!(promoted.alarm(worst, 1.0, 5000, &mut random), None, "{}", promoted.title);
        assert!(promoted.alarm(worst, 3.0, 5000, &mut random).is_some());
    }
}

/// At the limit nothing is said more often than it may, and where an assumption is broken it shows.
#[test]
fn at_the_limit_little_is_said() {
    let runs = 60;
    for (i, trial) in at_limit::TRIALS.iter().enumerate() {
        let said = |run: &u64| (trial.run)(&mut Random::new(60 + i as u64, *run));
        let said = (0..runs).into_par_iter().filter(said).count() as u64;
        assert_eq!(said <= most(runs), trial.sound, "{}: {said} of {runs}", trial.title);
    }
}

#[test]
fn production_is_quiet_until_something_happens() {
    for (i, production) in PRODUCTION.iter().enumerate() {
        let mut random = Random::new(20, i as u64);
        let (quiet, _) = production::watch(production, production.healthy, 20_000, 1e9, &mut random);
        assert_eq!(quiet.ours, None, "{}", production.title);
        let (loud, _) = production::watch(production, 5.0 * production.limit, 3000, 1e9, &mut random);
        assert!(loud.ours.is_some(), "{}", production.title);
    }
}
