//! What is said beforehand about what a rollout will see, against figures that were worked out by other code (`../shared/reference/monitor`
//! and the check of the design) and against simulated rollouts.

use relgate::stats::sequential::power::{ENOUGH, RatePower, RatioPower};
use relgate::stats::sequential::replay::{Harm, Replays};
use relgate::stats::sequential::{
    Arm, BlockAuc, BlockBetting, ChangeLimit, Mixture, PairBetting, PairProcess as _, PairRanks, WhichArm,
    enough_threshold, fail_threshold,
};

use crate::simulation::Random;

/// Requests until a harm is seen 8 times in 10, five signals, `s5.out`: stable rate, harm, and at weights .05, .1, .25, .5.
const REQUESTS: [(f64, f64, [u64; 4]); 12] = [
    (0.005, 2.0, [99_129, 52_743, 25_887, 19_845]),
    (0.005, 3.0, [30_404, 16_244, 8066, 6296]),
    (0.005, 5.0, [10_110, 5486, 2748, 2214]),
    (0.005, 10.0, [3183, 1718, 917, 738]),
    (0.02, 2.0, [24_788, 13_192, 6448, 4968]),
    (0.02, 3.0, [7607, 4068, 2016, 1572]),
    (0.02, 5.0, [2527, 1370, 686, 553]),
    (0.02, 10.0, [795, 429, 229, 184]),
    (0.1, 2.0, [4953, 2634, 1291, 993]),
    (0.1, 3.0, [1519, 814, 402, 314]),
    (0.1, 5.0, [505, 273, 136, 110]),
    (0.1, 10.0, [158, 85, 45, 36]),
];

#[test]
fn requests_of_a_comparison_are_those_of_the_design() {
    let threshold = enough_threshold(5, 1, 0.05).unwrap();
    for (rate, harm, wanted) in REQUESTS {
        for (weight, wanted) in [0.05, 0.1, 0.25, 0.5].into_iter().zip(wanted) {
            let power = RatioPower::new(weight, 1.0, harm, threshold).unwrap();
            let got = power.requests(rate, ENOUGH).unwrap();
            // Theirs stop within half a percent.
            assert!(got.abs_diff(wanted) <= 1 + wanted / 150, "{rate} {harm} {weight}: {got}, {wanted}");
            let chance = power.chance(rate, got).unwrap();
            assert!((0.8..0.81).contains(&chance), "{chance}");
        }
    }
}

/// The check of the design: a doubling in the second step, five signals, after 2,000 healthy bad events of the first.
#[test]
fn a_healthy_step_masks_no_harm_of_the_next() {
    let power = RatioPower::new(0.5, 1.0, 2.0, enough_threshold(5, 2, 0.05).unwrap()).unwrap();
    let needed = power.bad_events(ENOUGH).unwrap();
    assert!((140..=175).contains(&needed), "{needed}");
    let threshold = fail_threshold(5, 0.05).unwrap();
    let (mut seen, runs) = (0, 400);
    for run in 0..runs {
        let mut random = Random::new(31, run);
        let mut state = WhichArm::fail(&[0.1, 0.5], 1.0).unwrap();
        let mut feed = |step, share, events| {
            for _ in 0..events {
                let arm = if random.happens(share) { Arm::Candidate } else { Arm::Stable };
                state.bad_event(step, arm).unwrap();
            }
            state.evidence()
        };
        let healthy = feed(0, 0.1, 2000);
        seen += u32::from(healthy < threshold && feed(1, 2.0 / 3.0, needed) >= threshold);
    }
    // Eight in ten, less the few that fail before, with four standard errors.
    assert!(f64::from(seen) / runs as f64 > 0.8 - 0.01 - 4.0 * 0.02, "{seen}");
}

#[test]
fn records_of_a_level_hold_in_simulation() {
    for (limit, rate) in [(0.01, 0.025), (0.3, 0.4)] {
        let threshold = fail_threshold(3, 0.05).unwrap();
        let power = RatePower::new(limit, rate, threshold).unwrap();
        let needed = power.records(ENOUGH).unwrap();
        assert!(power.chance(needed) >= ENOUGH && power.chance(needed - 1) < ENOUGH);
        let (mut seen, runs) = (0, 1500);
        for run in 0..runs {
            let mut random = Random::new(32, run);
            let mut state = Mixture::fail(limit).unwrap();
            (0..needed).for_each(|_| state.record(random.happens(rate)));
            seen += u32::from(state.evidence() >= threshold);
        }
        let share = f64::from(seen) / runs as f64;
        assert!((share - ENOUGH).abs() < 4.0 * 0.0104, "{limit} {rate}: {share} after {needed}");
    }
}

#[test]
fn what_cannot_be_seen_has_no_number() {
    let threshold = enough_threshold(5, 3, 0.05).unwrap();
    // No harm, or less than the limit.
    assert!(RatioPower::new(0.1, 1.5, 1.5, threshold).is_none());
    assert!(RatePower::new(0.02, 0.01, threshold).is_none());
    // No split.
    assert!(RatioPower::new(1.0, 1.0, 2.0, threshold).is_none());
    assert!(RatioPower::new(0.0, 1.0, 2.0, threshold).is_none());
    // A difference that takes longer than anybody waits.
    assert_eq!(RatePower::new(0.5, 0.500_01, threshold).unwrap().records(ENOUGH), None);
    assert_eq!(
        RatioPower::new(0.1, 1.0, 2.0, threshold).unwrap().requests(0.6, ENOUGH),
        None,
        "a rate of 120 %"
    );
    assert!(enough_threshold(0, 1, 0.05).is_none() && enough_threshold(1, 1, 1.0).is_none());
}

/// Replays of values beside fresh values of the same kind: costs (lognormal) and lengths in words.
#[test]
fn replays_say_what_fresh_records_do() {
    let threshold = fail_threshold(4, 0.05).unwrap();
    let mut random = Random::new(33, 0);
    let seen: Vec<f64> = (0..4000).map(|_| (0.8 * random.normal()).exp()).collect();
    let state = BlockBetting::fail(ChangeLimit::Increase(0.1), 14.0).unwrap();
    let replays = Replays::new(&state, &seen, 0.3, Harm::Times(1.6), threshold, 20_000, 7).unwrap();
    let again = Replays::new(&state, &seen, 0.3, Harm::Times(1.6), threshold, 20_000, 7);
    assert_eq!(Some(&replays), again.as_ref(), "the same seed");
    let needed = replays.records(ENOUGH).unwrap();
    let (mut failed, runs) = (0, 400);
    for run in 0..runs {
        let mut random = Random::new(34, run);
        let mut state = state.clone();
        for _ in 0..needed {
            let candidate = random.happens(0.3);
            let (arm, harm) = if candidate { (Arm::Candidate, 1.6) } else { (Arm::Stable, 1.0) };
            state.record(arm, harm * (0.8 * random.normal()).exp()).unwrap();
        }
        failed += u32::from(state.evidence() >= threshold);
    }
    let share = f64::from(failed) / runs as f64;
    assert!((share - replays.chance(needed)).abs() < 0.09, "{share} after {needed}");

    // Ranks: values with many ties reach an AUC of .62, constant ones none.
    let words: Vec<f64> = (0..1000).map(|_| (3.0 * random.uniform()).floor()).collect();
    let drift = BlockAuc::drift(0.06).unwrap();
    for harm in [Harm::Larger(0.62), Harm::Smaller(0.62)] {
        let replays = Replays::new(&drift, &words, 0.5, harm, threshold, 8000, 1).unwrap();
        assert!(replays.chance(8000) > 0.8, "{replays:?}");
        assert!(replays.chance(50) < 0.2);
    }
    assert!(Replays::new(&drift, &[1.0; 500], 0.5, Harm::Larger(0.62), threshold, 8000, 1).is_none());
    assert!(Replays::new(&drift, &words[..99], 0.5, Harm::Larger(0.62), threshold, 8000, 1).is_none());
    assert!(Replays::new(&state, &[-1.0; 500], 0.5, Harm::Times(2.0), threshold, 8000, 1).is_none());
}

/// Bad answers of either release, never of both to one request; and where they are often bad together, no more are needed.
#[test]
fn bad_answers_of_pairs_hold_in_simulation() {
    let threshold = fail_threshold(4, 0.05).unwrap();
    for (ratio, harm) in [(1.0, 2.0), (1.5, 3.0)] {
        let needed = RatioPower::of_pairs(ratio, harm, threshold).unwrap().bad_events(ENOUGH).unwrap();
        let seen = |together: f64| {
            let runs = 1500;
            let one = |run: &u64| {
                let mut random = Random::new(35, *run);
                let mut state = PairBetting::fail(ChangeLimit::Increase(ratio - 1.0), 1.0).unwrap();
                let mut events = 0;
                while events < needed {
                    let drawn = random.uniform() * (1.0 + harm - together);
                    let (candidate, stable) = match drawn {
                        drawn if drawn < together => (1.0, 1.0),
                        drawn if drawn < harm => (1.0, 0.0),
                        _ => (0.0, 1.0),
                    };
                    // Of the same rate a request that is bad for both says nothing.
                    if ratio > 1.0 || candidate + stable < 2.0 {
                        state.record(candidate, stable).unwrap();
                        events += (candidate + stable) as u64;
                    }
                }
                state.evidence() >= threshold
            };
            (0..runs).filter(one).count() as f64 / runs as f64
        };
        let apart = seen(0.0);
        assert!((apart - ENOUGH).abs() < 4.0 * 0.0104, "{ratio} {harm}: {apart} after {needed}");
        assert!(seen(0.7) > ENOUGH + 0.05, "{ratio} {harm}");
    }
    assert!(RatioPower::of_pairs(1.5, 1.5, threshold).is_none());
}

/// Replays of pairs beside fresh pairs of which a request decides most; as two samples they would need many times as many.
#[test]
fn replays_of_pairs_say_what_fresh_pairs_do() {
    let threshold = fail_threshold(4, 0.05).unwrap();
    let pair = |random: &mut Random, times: f64| {
        let request = random.normal();
        let mut cost = || (request + 0.15 * random.normal()).exp();
        (times * cost(), cost())
    };
    let mut random = Random::new(36, 0);
    // Whatever the candidate costs now, what a factor would do is what is asked.
    let seen: Vec<(f64, f64)> = (0..4000).map(|_| pair(&mut random, 1.1)).collect();
    let betting = PairBetting::fail(ChangeLimit::Increase(0.1), 16.0).unwrap();
    let signs = PairRanks::signs(BlockAuc::increase());
    let needed = [
        Replays::of_pairs(&betting, &seen, Harm::Times(1.5), threshold, 20_000, 7).unwrap().records(ENOUGH),
        Replays::of_pairs(&signs, &seen, Harm::Times(1.1), threshold, 20_000, 7).unwrap().records(ENOUGH),
    ];
    let needed = needed.map(Option::unwrap);
    let runs = 400;
    let share = |of: &dyn Fn(&mut Random) -> bool| {
        (0..runs).filter(|run| of(&mut Random::new(37, *run))).count() as f64 / runs as f64
    };
    let fails = |pairs: u64, state: &mut dyn FnMut(f64, f64) -> f64, times: f64, random: &mut Random| {
        (0..pairs).any(|_| {
            let (candidate, stable) = pair(random, times);
            state(candidate, stable) >= threshold
        })
    };
    let bets = share(&|random| {
        let mut state = betting;
        let mut feed = |c, s| state.record(c, s).map_or(f64::NAN, |()| state.evidence());
        fails(needed[0] / 2, &mut feed, 1.5, random)
    });
    let ranks = share(&|random| {
        let mut state = signs.clone();
        let mut feed = |c, s| state.record(c, s).map_or(f64::NAN, |()| state.evidence());
        fails(needed[1] / 2, &mut feed, 1.1, random)
    });
    for (seen, what) in [(bets, "means"), (ranks, "signs")] {
        assert!((0.7..0.9).contains(&seen), "{what}: {seen} after {needed:?}");
    }
    let stable: Vec<f64> = seen.iter().map(|(_, stable)| *stable).collect();
    let apart = Replays::new(&BlockAuc::increase(), &stable, 0.5, Harm::Times(1.1), threshold, 20_000, 7);
    let apart = apart.unwrap().records(ENOUGH).unwrap();
    assert!(apart > 10 * needed[1], "{apart} as two samples, {} as pairs", needed[1]);
    // No factor brings a candidate that costs nothing anywhere; too few pairs say nothing.
    let free: Vec<(f64, f64)> = stable.iter().map(|stable| (0.0, *stable)).collect();
    assert!(Replays::of_pairs(&signs, &free, Harm::Times(2.0), threshold, 2000, 1).is_none());
    assert!(Replays::of_pairs(&signs, &seen[..99], Harm::Times(2.0), threshold, 2000, 1).is_none());
    assert!(Replays::of_pairs(&signs, &seen, Harm::Plus(1.0), threshold, 2000, 1).is_none());
}
