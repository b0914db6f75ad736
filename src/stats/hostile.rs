//! Whatever goes in, nothing panics and no NaN, infinity or empty interval comes out.

use super::cluster::{Cluster, Clustered};
use super::equivalence::tost;
use super::mover::QuantileRatio;
use super::ratio::{Fieller, ratio_tails};
use super::unpaired::{Newcombe, Welch};
use super::{Bounds, Moments, Tails, mean, multiplicity, power, proportion, quantile};

const NUMBERS: [f64; 21] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    0.0,
    -0.0,
    1e-17,
    0.05,
    0.3,
    0.5,
    1.0 - f64::EPSILON,
    1.0,
    2.0,
    1e6,
    1e16,
    1e150,
    -1.0,
];
const COUNTS: [u64; 7] = [0, 1, 2, 30, 1 << 20, 1 << 40, u64::MAX];

fn check_tails(tails: Option<Tails>, what: &str) {
    if let Some(Tails { less, greater }) = tails {
        assert!((0.0..=1.0).contains(&less) && (0.0..=1.0).contains(&greater), "{what}: {less} {greater}");
    }
}

fn check_bounds(bounds: Option<Bounds>, what: &str) {
    let Some(Bounds { lower, upper }) = bounds else { return };
    assert!(
        lower.is_none_or(f64::is_finite) && upper.is_none_or(f64::is_finite),
        "{what}: {lower:?} {upper:?}"
    );
    assert!(lower.zip(upper).is_none_or(|(lower, upper)| lower < upper), "{what}: {lower:?} {upper:?}");
}

#[test]
fn rates() {
    for a in NUMBERS {
        for b in NUMBERS {
            for c in NUMBERS {
                let what = format!("{a:e} {b:e} {c:e}");
                check_tails(proportion::exact_tails(a, b, c), &what);
                check_bounds(proportion::clopper_pearson(a, b, c), &what);
                check_bounds(proportion::wilson(a, b, c), &what);
            }
        }
    }
}

#[test]
fn means() {
    for a in NUMBERS {
        for b in NUMBERS {
            for n in COUNTS {
                let what = format!("{a:e} {b:e} {n}");
                check_tails(mean::hoeffding_bentkus_tails(a, n, b), &what);
                check_bounds(mean::hoeffding_bentkus_bounds(a, n, b), &what);
                let Some(summary) = Moments::from_summary(n, a, b) else { continue };
                for t in NUMBERS {
                    check_tails(mean::student_t_tails(&summary, t), &what);
                    check_bounds(mean::student_t_bounds(&summary, t), &what);
                    let Some(more) = summary.with_copies(t, n) else { continue };
                    check_tails(Welch::new(&summary, &more).and_then(|welch| welch.tails(t)), &what);
                    check_bounds(Welch::new(&more, &summary).and_then(|welch| welch.bounds(0.05)), &what);
                    let fieller = Fieller::unpaired(&summary, &more);
                    check_tails(fieller.and_then(|fieller| fieller.tails(t, 0.05)), &what);
                    check_bounds(fieller.and_then(|fieller| fieller.bounds(0.05)), &what);
                }
            }
        }
    }
}

#[test]
fn samples() {
    for a in NUMBERS {
        for b in NUMBERS {
            for c in NUMBERS {
                let (x, y) = ([a, b, c, 1.0], [c, a, 2.0, b]);
                let what = format!("{x:?} {y:?}");
                check_tails(ratio_tails(&x, &y, a), &what);
                let fieller = Fieller::paired(&x, &y);
                check_tails(fieller.and_then(|fieller| fieller.tails(c, 0.05)), &what);
                check_bounds(fieller.and_then(|fieller| fieller.bounds(0.05)), &what);
                check_bounds(QuantileRatio::new(&x, &y, 0.5).and_then(|ratio| ratio.bounds(0.3)), &what);
                let sorted = [a, b];
                check_tails(QuantileRatio::new(&sorted, &sorted, c).and_then(|ratio| ratio.tails(b)), &what);
                let adjusted = multiplicity::holm(&x);
                assert!(adjusted.iter().all(|p| (0.0..=1.0).contains(p)), "{what}");
                let Some(moments) = Moments::from_slice(&x) else { continue };
                check_tails(mean::hall_tails(&moments, b), &what);
                check_bounds(mean::hall_bounds(&moments, 0.05), &what);
            }
        }
    }
}

#[test]
fn clusters() {
    for a in NUMBERS {
        for b in NUMBERS {
            for n in [0, 1, 30, u64::MAX] {
                let clusters = [Cluster { n, sum: a }, Cluster { n: 30, sum: b }, Cluster { n: 1, sum: 0.0 }];
                let what = format!("{clusters:?}");
                let Some(sample) = Clustered::new(&clusters) else { continue };
                check_tails(sample.tails(b), &what);
                check_bounds(sample.bounds(0.05), &what);
            }
        }
    }
}

#[test]
fn counts() {
    for a in COUNTS {
        for b in COUNTS {
            for c in COUNTS {
                let what = format!("{a} {b} {c}");
                let rates = Newcombe::new(a, b, c, b);
                check_bounds(rates.and_then(|rates| rates.bounds(0.05)), &what);
                for t in NUMBERS {
                    check_tails(rates.and_then(|rates| rates.tails(t)), &what);
                }
            }
            for t in NUMBERS {
                let what = format!("{a} {b} {t:e}");
                check_tails(quantile::exceedance_tails(a, b, t), &what);
                let ranks = quantile::bound_ranks(b, t, 0.05);
                let inside = |rank: Option<u64>| rank.is_none_or(|rank| (1..=b).contains(&rank));
                assert!(ranks.is_none_or(|ranks| inside(ranks.lower) && inside(ranks.upper)), "{what}");
                assert!(quantile::nearest_rank(b, t).is_none_or(|rank| (1..=b).contains(&rank)), "{what}");
            }
        }
    }
}

#[test]
fn sizes() {
    for a in NUMBERS {
        for b in NUMBERS {
            let size = power::rate_sample_size(a, b, 0.05, 0.8);
            assert!(size.is_none_or(|size| (1..=100_000_000).contains(&size.n)), "{a:e} {b:e}: {size:?}");
            let size = power::mean_sample_size(a, b, a, 0.05, 0.8);
            assert!(size.is_none_or(|size| (2..=100_000_000).contains(&size)), "{a:e} {b:e}: {size:?}");
            for k in COUNTS {
                let size = power::least_n_with_events(k, a, b);
                assert!(size.is_none_or(|size| size > k), "{k} {a:e} {b:e}: {size:?}");
            }
        }
    }
}

#[test]
fn two_one_sided_tests() {
    let claims = tost(Tails::NOTHING, Tails::NOTHING);
    assert!(claims.within >= 1.0 && claims.outside >= 1.0);
}
