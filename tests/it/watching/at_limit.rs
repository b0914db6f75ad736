//! Truths that are exactly at their limit: whatever is said then, fail or pass, is said by chance, and may be said in one rollout of twenty.

use std::collections::HashSet;
use std::f64::consts::TAU;

use relgate::stats::sequential::{
    Arm, Betting, BlockAuc, BlockBetting, ChangeLimit, Mixture, PairBetting, PairProcess as _, PairRanks,
    SplitCheck, WhichArm, fail_threshold,
};

use super::random::Random;
use super::rates::ALPHA;

/// One kind of rollout at the limit.
pub(crate) struct Trial {
    pub(crate) title: &'static str,
    /// Whether the assumptions of the method are kept.
    pub(crate) sound: bool,
    /// Whether it said something at any look.
    pub(crate) run: fn(&mut Random) -> bool,
}

pub(crate) const TRIALS: [Trial; 26] = [
    sound("`mixture` fails, 3 %, 20,000 records", |random| {
        level(Mixture::fail(0.03), 20_000, 0.03, 0.0, random)
    }),
    sound("`mixture` passes, 3 %, 20,000 records", |random| {
        level(Mixture::pass(0.03), 20_000, 0.03, 0.0, random)
    }),
    sound("`mixture` passes, 40 %, 5,000 records", |random| {
        level(Mixture::pass(0.4), 5000, 0.4, 0.0, random)
    }),
    sound(
        "`mixture` fails, 4 %, 60 users who differ and return, first bad event of user and day",
        |random| users_of_a_level(true, random),
    ),
    broken("the same, every bad event counted", |random| users_of_a_level(false, random)),
    broken("`mixture` fails, 3 % on average with a swing of 50 %", |random| {
        level(Mixture::fail(0.03), 20_000, 0.03, 0.5, random)
    }),
    sound("`betting` fails, mean .25 of values up to 1", |random| {
        mean(Betting::fail(0.25, 1.0), 0.0, random)
    }),
    sound("`betting` passes, mean .25 of values up to 1", |random| {
        mean(Betting::pass(0.25, 1.0), 0.0, random)
    }),
    broken("`betting` fails, the same mean with a swing of 50 %", |random| {
        mean(Betting::fail(0.25, 1.0), 0.5, random)
    }),
    sound("`block-betting` fails, +25 %, weight 30 %, swing 60 %", |random| {
        change(BlockBetting::fail(ChangeLimit::Increase(0.25), 2.5), random)
    }),
    sound("`block-betting` passes, +25 %, weight 30 %, swing 60 %", |random| {
        change(BlockBetting::pass(ChangeLimit::Increase(0.25), 2.5), random)
    }),
    sound("`block-auc` fails, AUC .56 with a limit of 6pp, weight 25 %", |random| {
        drift(BlockAuc::drift(0.06), random)
    }),
    sound("`block-auc` passes, AUC .56 with a limit of 6pp, weight 25 %", |random| {
        drift(BlockAuc::no_drift(0.06), random)
    }),
    sound("shadow pairs fail, x1.5 of 3 %, both bad in 2 %", |random| {
        pairs(PairBetting::fail(ChangeLimit::Increase(0.5), 1.0), random)
    }),
    sound("shadow pairs pass, x1.5 of 3 %, both bad in 2 %", |random| {
        pairs(PairBetting::pass(ChangeLimit::Increase(0.5), 1.0), random)
    }),
    broken("`which-arm` fails on shadow pairs that differ, the same truth", discordant),
    sound("`which-arm` passes, x1.5, 1,500 users of ten days, those with a bad first day", |random| {
        users_of_a_ratio(true, random)
    }),
    broken("`which-arm` passes, the same, a user's first bad event on any day", |random| {
        users_of_a_ratio(false, random)
    }),
    sound("`split` fails (level .001), weight 35 %, 30,000 users", |random| {
        let mut state = SplitCheck::new(0.35).unwrap();
        (0..30_000).for_each(|_| state.unit(arm(random, 0.35)));
        state.evidence() >= -SplitCheck::ALPHA.ln()
    }),
    sound("`mixture` fails, 3 %, bad events told a third of a day late, swing of traffic 80 %", late_level),
    sound(
        "shadow pairs fail, x1, 400 users who differ and return, their first bad pair of one release",
        |random| users_of_pairs(PairBetting::fail(ChangeLimit::Increase(0.0), 1.0), 1.0, random),
    ),
    sound("shadow pairs fail, x1.5, 400 users who differ and return, their first bad pair", |random| {
        users_of_pairs(PairBetting::fail(ChangeLimit::Increase(0.5), 1.0), 1.5, random)
    }),
    sound("shadow pairs pass, x1.5, 400 users who differ and return, their first bad pair", |random| {
        users_of_pairs(PairBetting::pass(ChangeLimit::Increase(0.5), 1.0), 1.5, random)
    }),
    sound("signs of shadow pairs fail, answers to a request alike, swing 60 %", |random| {
        alike(PairRanks::signs(BlockAuc::increase()), 0.0, random)
    }),
    sound("shadow pairs in ranks fail, AUC .56 with a limit of 6pp, answers to a request alike", |random| {
        alike(PairRanks::crossed(BlockAuc::drift(0.06).unwrap()), 0.213_5, random)
    }),
    sound("shadow pairs in ranks pass, AUC .56 with a limit of 6pp, answers to a request alike", |random| {
        alike(PairRanks::crossed(BlockAuc::no_drift(0.06).unwrap()), 0.213_5, random)
    }),
];

const fn sound(title: &'static str, run: fn(&mut Random) -> bool) -> Trial {
    Trial { title, sound: true, run }
}

const fn broken(title: &'static str, run: fn(&mut Random) -> bool) -> Trial {
    Trial { title, sound: false, run }
}

fn said(evidence: f64) -> bool {
    evidence >= fail_threshold(1, ALPHA).unwrap()
}

fn arm(random: &mut Random, weight: f64) -> Arm {
    if random.happens(weight) { Arm::Candidate } else { Arm::Stable }
}

fn level(state: Option<Mixture>, records: u64, rate: f64, swing: f64, random: &mut Random) -> bool {
    let mut state = state.unwrap();
    (0..records).any(|at| {
        state.record(random.happens(rate * (1.0 + swing * (TAU * at as f64 / 3000.0).sin())));
        said(state.evidence())
    })
}

/// Ten days of 800 requests by 60 users, whose mean rate is at the limit.
fn users_of_a_level(once: bool, random: &mut Random) -> bool {
    let mut state = Mixture::fail(0.04).unwrap();
    let rates: Vec<f64> = (0..60).map(|_| 0.04 * (0.8 * random.normal() - 0.32).exp()).collect();
    (0..10).any(|_| {
        let mut counted = HashSet::new();
        (0..800).any(|_| {
            let user = (60.0 * random.uniform().powi(2)) as usize;
            let bad = random.happens(rates[user]);
            state.record(bad && (!once || counted.insert(user)));
            said(state.evidence())
        })
    })
}

fn late_level(random: &mut Random) -> bool {
    let mut state = Mixture::fail(0.03).unwrap();
    let mut late = vec![0; 10 * 1440];
    (0..late.len()).any(|minute| {
        let level = 1.0 + 0.8 * (TAU * minute as f64 / 1440.0).sin();
        for _ in 0..random.poisson(2.0 * level) {
            state.record(false);
            let delay = -480.0 * (1.0 - random.uniform()).ln();
            if random.happens(0.03)
                && let Some(late) = late.get_mut(minute + delay as usize)
            {
                *late += 1;
            }
        }
        (0..late[minute]).for_each(|_| state.late_event());
        said(state.evidence())
    })
}

fn mean(state: Option<Betting>, swing: f64, random: &mut Random) -> bool {
    let mut state = state.unwrap();
    (0..10_000).any(|at| {
        let level = 1.0 + swing * (TAU * f64::from(at) / 2000.0).sin();
        // The cube of a uniform number has a mean of a quarter.
        state.record((random.uniform().powi(3) * level).min(1.0)).unwrap();
        said(state.evidence())
    })
}

fn change(state: Option<BlockBetting>, random: &mut Random) -> bool {
    let (mut state, phase) = (state.unwrap(), random.uniform());
    (0..15_000).any(|at| {
        let level = 1.0 + 0.6 * (TAU * (f64::from(at) / 2000.0 + phase)).sin();
        let arm = arm(random, 0.3);
        let ratio = if arm == Arm::Candidate { 1.25 } else { 1.0 };
        state.record(arm, random.uniform().powi(3) * level * ratio).unwrap();
        said(state.evidence())
    })
}

fn drift(state: Option<BlockAuc>, random: &mut Random) -> bool {
    let mut state = state.unwrap();
    (0..15_000).any(|_| {
        let arm = arm(random, 0.25);
        // Normal values this far apart have an AUC of .56.
        let shift = if arm == Arm::Candidate { 0.213_5 } else { 0.0 };
        state.record(arm, random.normal() + shift).unwrap();
        said(state.evidence())
    })
}

fn pairs(state: Option<PairBetting>, random: &mut Random) -> bool {
    let mut state = state.unwrap();
    (0..10_000).any(|_| {
        let drawn = random.uniform();
        // Both bad in 2 %; the stable one alone in 1 %, the candidate alone in 2.5 %.
        let candidate = !(0.02..0.975).contains(&drawn);
        let stable = drawn < 0.03;
        state.record(f64::from(u8::from(candidate)), f64::from(u8::from(stable))).unwrap();
        said(state.evidence())
    })
}

/// Thirty days of 400 requests by 400 users who differ. A bad request is one for both in half of the cases; the candidate's rate is at
/// the limit. Each user counts once.
fn users_of_pairs(state: Option<PairBetting>, ratio: f64, random: &mut Random) -> bool {
    let mut state = state.unwrap();
    let rates: Vec<f64> = (0..400).map(|_| 0.03 * (0.8 * random.normal() - 0.32).exp()).collect();
    let mut counted = HashSet::new();
    (0..12_000).any(|_| {
        let user = (400.0 * random.uniform().powi(2)) as usize;
        let (rate, drawn) = (rates[user], random.uniform());
        let (both, alone) = (0.5 * rate, (ratio - 0.5) * rate);
        let candidate = drawn < both + alone;
        let stable = drawn < both || (both + alone..2.0 * both + alone).contains(&drawn);
        let says = if ratio <= 1.0 { candidate != stable } else { candidate || stable };
        if says && counted.insert(user) {
            state.record(f64::from(u8::from(candidate)), f64::from(u8::from(stable))).unwrap();
        }
        said(state.evidence())
    })
}

/// Values of which a request decides nine tenths, and the candidate's so much larger, at a level that swings.
fn alike(mut state: PairRanks, shift: f64, random: &mut Random) -> bool {
    (0..6000).any(|at| {
        let level = if shift == 0.0 { 0.6 * (TAU * f64::from(at) / 2000.0).sin() } else { 0.0 };
        let request = level + 0.9_f64.sqrt() * random.normal();
        let mut answer = || request + 0.1_f64.sqrt() * random.normal();
        let (candidate, stable) = (answer() + shift, answer());
        state.record(candidate, stable).unwrap();
        said(state.evidence())
    })
}

/// Pairs in which both answers are bad say nothing here, so that the ratio of the others is more than 1.5.
fn discordant(random: &mut Random) -> bool {
    let mut state = WhichArm::fail(&[0.5], 1.5).unwrap();
    (0..10_000).any(|_| {
        let drawn = random.uniform();
        if drawn > 0.975 {
            state.bad_event(0, Arm::Candidate).unwrap();
        } else if (0.02..0.03).contains(&drawn) {
            state.bad_event(0, Arm::Stable).unwrap();
        }
        said(state.evidence())
    })
}

/// Ten days in which the candidate has 40 % of 1,500 users and 1.5 times the rate. A user's first day is a record of its own, told at its
/// end; or the first bad event of all days.
fn users_of_a_ratio(first_day: bool, random: &mut Random) -> bool {
    let mut state = WhichArm::pass(&[0.4], 1.5).unwrap();
    let arms: Vec<Arm> = (0..1500).map(|_| arm(random, 0.4)).collect();
    let begins: Vec<u32> = arms.iter().map(|_| (10.0 * random.uniform()) as u32).collect();
    let mut counted = HashSet::new();
    (0..10).any(|day| {
        (0..arms.len()).any(|user| {
            let chance = if arms[user] == Arm::Candidate { 0.225 } else { 0.15 };
            let counts = if first_day { day == begins[user] } else { day >= begins[user] };
            if counts && random.happens(chance) && counted.insert(user) {
                state.bad_event(0, arms[user]).unwrap();
            }
            said(state.evidence())
        })
    })
}
