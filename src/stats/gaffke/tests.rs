//! Tests of Gaffke's bound against sums that have closed forms, and against its own promises.

use super::*;
use crate::stats::beta::UnitNumber;
use crate::stats::binomial::binomial_split;

fn relative(got: f64, want: f64) -> f64 {
    ((got - want) / want).abs()
}

fn new(values: &[f64]) -> Option<Weighed> {
    Weighed::mean(values.iter().map(|value| (*value, 1.0)), 1.0, (0.0, 1.0))
}

fn sample(values: &[f64]) -> Weighed {
    new(values).unwrap()
}

fn zeros_and_ones(zeros: usize, ones: usize) -> Weighed {
    sample(&[vec![0.0; zeros], vec![1.0; ones]].concat())
}

#[test]
fn of_zeros_and_ones_it_is_the_exact_binomial_test() {
    let mut seen = 0;
    for n in [1_usize, 2, 5, 30, 300, 1000, 5000] {
        for k in [0, 1, 2, 3, 8, 20, 50, n / 3, n / 2, n - n / 10, n.saturating_sub(2), n - 1, n] {
            for t in [0.0005, 0.0102, 0.03, 0.3, 0.5, 0.8, 0.985, 0.9999] {
                if k > n {
                    continue;
                }
                let tails = zeros_and_ones(n - k, k).tails(t).unwrap();
                let t = UnitNumber::new(t).unwrap();
                let less = binomial_split(k as f64, n as f64, t).unwrap().lower;
                let greater = binomial_split((n - k) as f64, n as f64, t.swapped()).unwrap().lower;
                for (got, want) in [(tails.less, less), (tails.greater, greater)] {
                    let error = (got - want).abs();
                    assert!(error < 1e-8 * want + 1e-14, "{k} of {n}, {t:?}: {tails:?} {less} {greater}");
                }
                seen += usize::from(less > 1e-12 && less < 0.999);
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

/// The mean is at `t` or above only if a share of `(t - x)/(1 - x)` or more has not been seen.
#[test]
fn of_equal_values_it_is_the_chance_that_the_rest_is_unseen() {
    for (x, n, t) in [(0.029, 1000, 0.03_f64), (0.5, 1, 0.9), (0.9, 300, 0.901), (0.0, 59, 0.05)] {
        let tails = sample(&vec![x; n as usize]).tails(t).unwrap();
        let unseen = ((1.0 - t) / (1.0 - x)).powi(n);
        assert!(relative(tails.less, unseen) < 1e-8, "{x} {n} {t}: {tails:?} {unseen}");
        assert!(tails.greater >= 1.0);
    }
}

/// Simpson's rule in mpmath-free arithmetic: two exponentials and the unseen one, integrated by hand.
#[test]
fn of_two_values_it_is_an_elementary_integral() {
    // E1 (0.1 - t) + E2 (0.6 - t) + E0 (1 - t) >= 0 at t = 0.5: -0.4 E1 + 0.1 E2 + 0.5 E0.
    // P(positive part wins) by partial fractions: sum over positive scales a of a^2 / prod (a - b).
    let want = 0.5_f64.powi(2) / ((0.5 - 0.1) * (0.5 + 0.4)) + 0.1_f64.powi(2) / ((0.1 - 0.5) * (0.1 + 0.4));
    let tails = sample(&[0.6, 0.1]).tails(0.5).unwrap();
    assert!(relative(tails.less, want) < 1e-8, "{tails:?} {want}");
}

/// As a weighing by random spacings, drawn 400,000 times.
#[test]
fn of_any_values_it_is_what_random_weights_give() {
    let values = [0.2, 0.05, 0.0, 0.9, 0.31, 0.31, 0.4, 0.07];
    let mut state = 9_u64;
    let mut exponential = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        -(((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64).ln()
    };
    let draws = 400_000;
    let mut above = 0;
    for _ in 0..draws {
        let seen: f64 = values.iter().map(|x| exponential() * (x - 0.5)).sum();
        above += u32::from(exponential().mul_add(0.5, seen) >= 0.0);
    }
    let (p, got) = (f64::from(above) / f64::from(draws), sample(&values).tails(0.5).unwrap().less);
    assert!((p - got).abs() < 4.0 * (p * (1.0 - p) / f64::from(draws)).sqrt(), "{p} {got}");
}

#[test]
fn order_does_not_matter_and_worse_values_never_help() {
    let values: Vec<f64> = (0..97).map(|i| f64::from(i * 31 % 97) / 200.0).collect();
    let mut reversed = values.clone();
    reversed.reverse();
    assert_eq!(sample(&values).tails(0.3), sample(&reversed).tails(0.3));
    let mut before = sample(&values).tails(0.3).unwrap();
    for i in 0..values.len() {
        let mut worse = values.clone();
        worse[i] = (worse[i] + 0.2).min(1.0);
        let tails = sample(&worse).tails(0.3).unwrap();
        assert!(tails.less > before.less && tails.greater < before.greater, "{i}");
    }
    for count in 1..20 {
        let tails =
            sample(&values).with(Term { sum: 1.0, size: 1.0, count: f64::from(count) }).tails(0.3).unwrap();
        assert!(tails.less > before.less, "{count}");
        before = tails;
    }
    let ones = sample(&[&values[..], &[1.0; 19]].concat()).tails(0.3).unwrap();
    assert!(relative(ones.less, before.less) < 1e-9);
}

#[test]
fn limits_are_where_the_level_is_reached() {
    let mut state = 3_u64;
    let mut unit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for n in [1, 2, 5, 40, 700] {
        for alpha in [0.05, 0.001] {
            let values: Vec<f64> = (0..n).map(|_| unit().powi(3)).collect();
            let sample = sample(&values);
            let bounds = sample.bounds(alpha).unwrap();
            let (lower, upper) = (bounds.lower.unwrap(), bounds.upper.unwrap());
            let mean = values.iter().sum::<f64>() / f64::from(n);
            assert!(0.0 <= lower && lower < mean && mean < upper && upper <= 1.0, "{bounds:?}");
            assert!(relative(sample.tails(upper).unwrap().less, alpha) < 1e-5, "{n} {alpha}");
            assert!(relative(sample.tails(lower).unwrap().greater, alpha) < 1e-5, "{n} {alpha}");
        }
    }
    let none = zeros_and_ones(59, 0).bounds(0.05).unwrap();
    assert!((none.upper.unwrap() - (1.0 - 0.05_f64.powf(1.0 / 59.0))).abs() < 1e-10);
}

#[test]
fn thinning_keeps_mean_and_verdict() {
    let n = 60_000;
    let value = |i: usize| if i.is_multiple_of(4999) { 1.0 } else { (i * 7919 % n) as f64 / n as f64 / 20.0 };
    let values: Vec<f64> = (0..n).map(value).collect();
    let thin = sample(&values);
    assert!(thin.terms.len() <= 3 * units::PIECES, "{}", thin.terms.len());
    let total: f64 = thin.terms.iter().map(|term| term.sum * term.count).sum();
    assert!(relative(total, values.iter().sum()) < 1e-12);
    let whole = {
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Weighed {
            terms: sorted.iter().map(|x| Term { sum: *x, size: 1.0, count: 1.0 }).collect(),
            ..thin.clone()
        }
    };
    for t in [0.0249, 0.0253, 0.0255] {
        let (got, want) = (thin.tails(t).unwrap(), whole.tails(t).unwrap());
        assert!(relative(got.less, want.less) < 1e-3, "{t}: {got:?} {want:?}");
    }
}

#[test]
fn nonsense_and_ends() {
    for bad in [&[][..], &[0.5, f64::NAN], &[-0.1], &[1.1], &[f64::INFINITY]] {
        assert_eq!(new(bad), None);
    }
    let one = sample(&[0.5]);
    for bad in [-0.1, 1.1, f64::NAN] {
        assert_eq!(one.tails(bad), None);
    }
    for bad in [0.0, 1.0, f64::NAN] {
        assert_eq!(one.bounds(bad), None);
    }
    assert_eq!(one.tails(0.0), Some(Tails { less: 1.0, greater: 0.0 }));
    assert_eq!(one.tails(1.0), Some(Tails { less: 0.0, greater: 1.0 }));
    assert_eq!(zeros_and_ones(0, 5).tails(1.0), Some(Tails::NOTHING));
}
