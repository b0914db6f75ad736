//! What holds for every state, and the formulas in their plainest form.

use super::limits::{mean_limits, rate_limits};
use super::power::{RatePower, RatioPower};
use super::*;

const NUMBERS: [f64; 16] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN_POSITIVE,
    5e-324,
    0.0,
    -0.0,
    1e-17,
    0.05,
    0.5,
    1.0 - f64::EPSILON,
    1.0,
    2.0,
    1e150,
    -1.0,
];

#[track_caller]
fn sound(evidence: f64, what: &str) {
    assert!(!evidence.is_nan() && evidence < f64::INFINITY, "{what}: {evidence}");
}

#[test]
fn nothing_that_goes_in_gives_nan_or_a_panic() {
    for a in NUMBERS {
        for state in [Mixture::fail(a), Mixture::pass(a)].into_iter().flatten() {
            let mut state = state;
            (0..50).for_each(|i| state.record(i % 3 == 0));
            assert_eq!(state.lot(3, 2), None);
            sound(state.evidence(), &format!("mixture {a:e}"));
        }
        for b in NUMBERS {
            let what = format!("{a:e} {b:e}");
            let mut which = [WhichArm::fail(&[a, 0.5], b), WhichArm::pass(&[a, 0.5], b)];
            for state in which.iter_mut().flatten() {
                for i in 0..50 {
                    let arm = if i % 3 == 0 { Arm::Candidate } else { Arm::Stable };
                    state.bad_event(i % 2, arm).unwrap();
                    sound(state.evidence(), &what);
                }
                assert_eq!(state.bad_event(2, Arm::Stable), None);
            }
            let mut levels = [Betting::fail(a, b), Betting::pass(a, b)];
            for state in levels.iter_mut().flatten() {
                for x in NUMBERS {
                    let _ = state.record(x);
                }
                sound(state.evidence(), &what);
            }
            changes(a, b, &what);
            if let Some(mut detector) = Detector::mean(a, b) {
                for x in NUMBERS {
                    let _ = detector.record(x);
                }
                detector.end_minute();
                sound(detector.evidence(), &what);
            }
            if let Some(power) = RatioPower::new(a, b, 2.0 * b, 4.6).filter(|_| a > 1e-3) {
                assert!(
                    power.chance(0.01, 1000).is_none_or(|chance| (0.0..=1.0).contains(&chance)),
                    "{what}"
                );
            }
            if let Some(power) = RatePower::new(a, b, 4.6) {
                assert!((0.0..=1.0).contains(&power.chance(200)), "{what}");
            }
            if let Some(limits) = mean_limits(&[a, 1.0, 0.0], b, 0.05) {
                assert!(limits.lower.is_none_or(f64::is_finite) && limits.upper.is_none_or(f64::is_finite));
            }
        }
    }
}

fn changes(m: f64, cap: f64, what: &str) {
    type Limit = fn(f64) -> ChangeLimit;
    let limits: [Limit; 4] =
        [ChangeLimit::Increase, ChangeLimit::Decrease, ChangeLimit::IncreaseBy, ChangeLimit::DecreaseBy];
    for limit in limits.map(|limit| limit(m)) {
        let mut blocks = [BlockBetting::fail(limit, cap), BlockBetting::pass(limit, cap)];
        for state in blocks.iter_mut().flatten() {
            for (i, x) in NUMBERS.iter().chain(&NUMBERS).enumerate() {
                let arm = if i % 3 == 0 { Arm::Candidate } else { Arm::Stable };
                assert_eq!(state.record(arm, *x).is_some(), *x >= 0.0 && x.is_finite());
            }
            sound(state.evidence(), what);
        }
        let mut pairs = [PairBetting::fail(limit, cap), PairBetting::pass(limit, cap)];
        for state in pairs.iter_mut().flatten() {
            for (c, s) in NUMBERS.iter().zip(NUMBERS.iter().rev()) {
                let _ = state.record(*c, *s);
            }
            sound(state.evidence(), what);
        }
    }
}

#[test]
fn ranks_take_any_finite_number() {
    let states =
        [BlockAuc::increase(), BlockAuc::decrease(), BlockAuc::no_increase(), BlockAuc::no_decrease()];
    let drifts = [BlockAuc::drift(0.06), BlockAuc::no_drift(0.06), BlockAuc::drift(0.0)];
    for mut state in states.into_iter().chain(drifts.into_iter().flatten()) {
        for (i, x) in NUMBERS.iter().chain(&NUMBERS).chain(&NUMBERS).enumerate() {
            let arm = if i % 2 == 0 { Arm::Candidate } else { Arm::Stable };
            assert_eq!(state.record(arm, *x).is_some(), x.is_finite());
        }
        sound(state.evidence(), "ranks");
        assert!(state.blocks() > 5);
    }
    assert!(BlockAuc::drift(0.5).is_none() && BlockAuc::no_drift(0.0).is_none());
    assert!(FrozenReference::new(&[f64::NAN; 64]).is_none() && FrozenReference::new(&[1.0; 63]).is_none());
}

/// With nothing seen the capital is one; an alarm stays, a pass may go again.
#[test]
fn a_fail_counts_its_highest_and_a_pass_its_present() {
    let (mut fail, mut pass) = (Mixture::fail(0.1).unwrap(), Mixture::pass(0.5).unwrap());
    assert_eq!((fail.log_e(), fail.evidence(), pass.evidence()), (0.0, 0.0, 0.0));
    (0..20).for_each(|_| fail.record(true));
    let high = fail.evidence();
    (0..500).for_each(|_| fail.record(false));
    assert!(fail.log_e() < 0.0 && fail.evidence().to_bits() == high.to_bits() && high > 20.0);
    (0..20).for_each(|_| pass.record(false));
    let high = pass.evidence();
    (0..100).for_each(|_| pass.record(true));
    assert!(high > 8.0 && pass.evidence() < 0.0);
}

/// Lots of all steps are looked at together: what they were one after the other is no evidence.
#[test]
fn lots_of_all_steps_are_looked_at_once() {
    let events = [ArmCounts { candidate: 40, stable: 40 }, ArmCounts { candidate: 10, stable: 900 }];
    let (mut once, mut each) =
        (WhichArm::fail(&[0.1, 0.5], 1.0).unwrap(), WhichArm::fail(&[0.1, 0.5], 1.0).unwrap());
    once.lots(&events).unwrap();
    for (step, events) in events.into_iter().enumerate() {
        each.lot(step, events).unwrap();
    }
    assert_eq!(once.log_e().to_bits(), each.log_e().to_bits());
    assert_eq!(once.evidence().to_bits(), once.log_e().max(0.0).to_bits());
    assert!(each.evidence() > once.evidence() + 1.0);
    assert_eq!(once.lots(&[ArmCounts::default(); 3]), None);
}

/// `E = (1/S) sum over start steps of (1/J) sum over ratios of the product`, written out.
#[test]
fn the_capital_of_which_arm_is_the_mean_over_start_steps() {
    let weights = [0.1, 0.5, 1.0, 0.0];
    let events = [(7, 40), (30, 20), (9, 0), (0, 3)];
    let (mut fail, mut pass) =
        (WhichArm::fail(&weights, 1.5).unwrap(), WhichArm::pass(&weights, 1.5).unwrap());
    for (step, (candidate, stable)) in events.into_iter().enumerate() {
        for state in [&mut fail, &mut pass] {
            state.lot(step, ArmCounts { candidate, stable }).unwrap();
        }
    }
    let share = |w: f64, r: f64| w * r / (w * r + 1.0 - w);
    let product = |from: usize, ratio: f64| -> f64 {
        // Steps with all or nothing count no evidence.
        (from..2)
            .map(|step| {
                let ((c, s), w) = (events[step], weights[step]);
                let (q, q0) = (share(w, 1.5 * ratio), share(w, 1.5));
                (q / q0).powi(c as i32) * ((1.0 - q) / (1.0 - q0)).powi(s as i32)
            })
            .product()
    };
    let mean = |from, ratios: &[f64]| -> f64 {
        ratios.iter().map(|ratio| product(from, *ratio)).sum::<f64>() / ratios.len() as f64
    };
    let above = [1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0];
    let want = (0..4).map(|from| mean(from, &above)).sum::<f64>() / 4.0;
    assert!((fail.log_e() - want.ln()).abs() < 1e-12, "{} {}", fail.log_e(), want.ln());
    let want = mean(0, &[0.9, 0.8, 0.67, 0.5, 0.33, 0.2, 0.1]);
    assert!((pass.log_e() - want.ln()).abs() < 1e-12);
    assert_eq!(fail.counts(1), Some(ArmCounts { candidate: 30, stable: 20 }));
}

/// `E` of the split as a product of gamma functions, for whole numbers.
#[test]
fn the_split_is_a_beta_binomial() {
    let mut split = SplitCheck::new(0.25).unwrap();
    (0..9).for_each(|i| split.unit(if i % 3 == 0 { Arm::Stable } else { Arm::Candidate }));
    // B(50 + 6, 150 + 3) / B(50, 150), by rising factorials, over .25^6 .75^3.
    let rising = |from: f64, n: u32| (0..n).map(|i| from + f64::from(i)).product::<f64>();
    let want = rising(50.0, 6) * rising(150.0, 3) / rising(200.0, 9) / (0.25_f64.powi(6) * 0.75_f64.powi(3));
    assert!((split.log_e() - want.ln()).abs() < 1e-12);
    // One in ten instead of one in four.
    (0..3000).for_each(|i| split.unit(if i % 10 == 0 { Arm::Candidate } else { Arm::Stable }));
    assert!(split.evidence() > -SplitCheck::ALPHA.ln());
    assert!(SplitCheck::new(0.0).is_none() && SplitCheck::new(f64::NAN).is_none());
}

/// A label that comes later only raises the capital, so counting it late never alarms where its own order would not.
#[test]
fn late_events_are_no_worse_than_events_in_time() {
    let (mut in_time, mut late) = (Mixture::fail(0.02).unwrap(), Mixture::fail(0.02).unwrap());
    for i in 0..400_u32 {
        in_time.record(i % 9 == 0);
        late.record(false);
        if i % 9 == 4 {
            late.late_event();
        }
        assert!(late.evidence() <= in_time.evidence() + 1e-12);
    }
    let mut none = Mixture::fail(0.02).unwrap();
    none.late_event();
    assert_eq!((none.events(), none.n()), (0, 0));
}

#[test]
fn a_detector_counts_minutes_with_records_alone() {
    let mut detector = Detector::rate(0.1).unwrap();
    assert!(detector.log_m().is_infinite());
    detector.end_minute();
    assert_eq!(detector.minutes(), 0);
    let mut counted = detector;
    for minute in 0..30 {
        for record in 0..10 {
            detector.record(f64::from(u8::from(record < minute / 10))).unwrap();
        }
        counted.counts(minute / 10, 10).unwrap();
        assert!((detector.log_m() - counted.log_m()).abs() < 1e-9, "an open minute counts");
        detector.end_minute();
        counted.end_minute();
    }
    assert_eq!(detector.minutes(), 30);
    assert!((detector.evidence() - counted.evidence()).abs() < 1e-9);
    // `R = (R + 1) L`, for the two first minutes without an event.
    let mut two = Detector::rate(0.1).unwrap();
    for _ in 0..2 {
        two.counts(0, 10).unwrap();
        two.end_minute();
    }
    let one = |p: f64| ((1.0 - p) / 0.9).powi(10);
    let grid = [0.11, 0.125, 0.15, 0.2, 0.3, 0.5, 0.55, 0.55];
    let want = grid.iter().map(|p| (one(*p) + 1.0) * one(*p)).sum::<f64>() / 8.0;
    assert!((two.log_m() - want.ln()).abs() < 1e-12);
    assert_eq!(detector.record(0.5), None, "a rate counts events");
    assert_eq!(counted.counts(2, 1), None);
    // Counts too large for a number.
    counted.counts(4_000_000, 4_000_000).unwrap();
    sound(counted.evidence(), "many");
    assert_eq!(detector::alarm_threshold(2, 0, 10), None);
    assert!((detector::alarm_threshold(2, 129_600, 18_000).unwrap() - 36_000_f64.ln()).abs() < 1e-12);
}

#[test]
fn a_frozen_reference_places_values_in_the_middle_of_ties() {
    let values: Vec<f64> = (0..640).map(f64::from).collect();
    let frozen = FrozenReference::new(&values).unwrap();
    assert_eq!(frozen.edges().len(), FrozenReference::EDGES);
    let mean = values.iter().map(|value| frozen.position(*value).unwrap()).sum::<f64>() / 640.0;
    assert!((mean - 0.5).abs() < 1e-3, "{mean}");
    let ties = FrozenReference::from_edges(vec![1.0; 64]).unwrap();
    assert_eq!([0.0, 1.0, 2.0].map(|x| ties.position(x)), [Some(0.0), Some(0.5), Some(1.0)]);
    assert!(FrozenReference::from_edges(vec![2.0, 1.0]).is_none());
}

#[test]
fn limits_hold_the_rate_and_close_in() {
    let wide = rate_limits(3, 100, 0.05).unwrap();
    let narrow = rate_limits(300, 10_000, 0.05).unwrap();
    let (lower, upper) = (narrow.lower.unwrap(), narrow.upper.unwrap());
    assert!(lower > 0.02 && upper < 0.04 && wide.upper.unwrap() > upper);
    // The edge itself: refuted there, not a little inside.
    let evidence = |limit: f64| {
        let mut state = Mixture::pass(limit).unwrap();
        state.lot(300, 10_000).unwrap();
        state.evidence()
    };
    assert!(evidence(upper) >= pass_threshold(0.05).unwrap() && evidence(upper - 1e-6) < 20_f64.ln());
    assert_eq!(rate_limits(0, 0, 0.05), Some(crate::stats::Bounds::UNBOUNDED));
    assert_eq!(rate_limits(2, 1, 0.05), None);
    assert_eq!(mean_limits(&[], 1.0, 0.05), Some(crate::stats::Bounds::UNBOUNDED));
    assert_eq!(mean_limits(&[-0.1], 1.0, 0.05), None);
}
