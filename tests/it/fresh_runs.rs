//! "A fresh run of N samples would decide it about 8 times in 10": runs of N samples are drawn from what was measured, and judged.
//!
//! What is counted (rates, quantiles against a number) is held against the exact power in `sentences`.

use rayon::prelude::*;
use relgate::metric::POWER;

use crate::simulation::Random;
use crate::worse_data::{Design, Kind, Row, Runs, Values, kinds};

/// Another seed is a good idea when a size is computed in another way.
const SEED: u64 = 20_261_131;
/// Small runs that ask for a larger one, of every kind of gate.
const ASKED: u64 = 24;
/// Fresh runs that are drawn for each.
const FRESH: u64 = 16;
/// A larger one would take the test too long.
const LARGEST: u64 = 700;

/// How often fresh runs of the size that is asked for passed, in how many.
fn passed(kind: &Kind, stream: u64) -> (u64, u64) {
    let random = &mut Random::new(SEED, stream);
    let mut small = kind.draw(random);
    for rows in [&mut small.now, &mut small.before] {
        rows.retain(|row| row.value.is_some());
    }
    if kind.design.pairs() {
        let both = |row: &Row, others: &[Row]| others.iter().any(|other| other.id == row.id);
        let (now, before) = (small.now.clone(), small.before.clone());
        small.now.retain(|row| both(row, &before));
        small.before.retain(|row| both(row, &now));
    }
    let (low, high) = kind.thresholds;
    let threshold = (high - low).mul_add(random.uniform(), low);
    let tried = kind.tried(&small, threshold);
    let Some(size) = tried.needed.and_then(|needed| needed.samples).filter(|size| *size <= LARGEST) else {
        return (0, 0);
    };
    let mut one = || {
        let mut fresh = Runs { now: Vec::new(), before: Vec::new() };
        let of = |rows: &[Row], at: f64, id: usize| Row { id, ..rows[(at * rows.len() as f64) as usize] };
        for id in 0..size as usize {
            let at = random.uniform();
            fresh.now.push(of(&small.now, at, id));
            if kind.design.compares() {
                let (at, id) = if kind.design.pairs() { (at, id) } else { (random.uniform(), 10_000 + id) };
                fresh.before.push(of(&small.before, at, id));
            }
        }
        u64::from(kind.tried(&fresh, threshold).p_pass <= tried.alpha)
    };
    ((0..FRESH).map(|_| one()).sum(), FRESH)
}

#[test]
fn a_fresh_run_of_the_size_that_is_asked_for_decides_as_often_as_is_said() {
    let counted =
        |kind: &Kind| !kind.design.compares() && (kind.values == Values::Rate || kind.rule.starts_with('p'));
    let alone = |kind: &Kind| matches!(kind.design, Design::Alone | Design::SameIds | Design::OtherIds);
    let kinds: Vec<Kind> = kinds().into_iter().filter(|kind| alone(kind) && !counted(kind)).collect();
    let tried: Vec<(usize, u64, u64)> = kinds
        .par_iter()
        .enumerate()
        .flat_map(|(number, kind)| {
            (0..ASKED).into_par_iter().map(move |round| {
                let (passes, runs) = passed(kind, number as u64 * 1000 + round);
                (number, passes, runs)
            })
        })
        .collect();
    let mut told = 0;
    let mut wrong = Vec::new();
    for (number, kind) in kinds.iter().enumerate() {
        let of = tried.iter().filter(|(other, ..)| *other == number);
        let (passes, runs) = of.fold((0, 0), |sum, (_, passes, runs)| (sum.0 + passes, sum.1 + runs));
        if runs < 8 * FRESH {
            continue;
        }
        told += 1;
        let share = passes as f64 / runs as f64;
        println!("{} {:?}: {share:.3} of {runs}", kind.rule, kind.design);
        // Four standard errors of the runs, and what an approximation may be off.
        let slack = 4.0 * (POWER * (1.0 - POWER) / runs as f64).sqrt();
        if share < POWER - 0.03 - slack {
            wrong.push(format!("{} {:?}: {share:.3} of {runs} runs", kind.rule, kind.design));
        }
    }
    assert!(wrong.is_empty(), "promised are {POWER}: {wrong:#?}");
    assert!(told >= 3, "only {told} kinds of gates asked for a run");
}
