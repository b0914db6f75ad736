//! Whatever goes in, nothing panics and no NaN, infinity or empty interval comes out.

use super::equivalence::tost;
use super::mean::{Cluster, SampleMean};
use super::melded::{Against, Facing, Melded};
use super::quantile_pair::{Ordered, QuantilePair};
use super::ratio::Fieller;
use super::{Bounds, Moments, Tails, Weighed, multiplicity, power, proportion, quantile};

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
                let Some(summary) = Moments::from_summary(n, a, b) else { continue };
                let Some(own) = SampleMean::independent(&summary) else { continue };
                for t in NUMBERS {
                    check_tails(own.tails(t), &what);
                    check_bounds(own.bounds(t), &what);
                    let Some(more) = summary.with_copies(t, n) else { continue };
                    let Some(other) = SampleMean::independent(&more) else { continue };
                    check_tails(own.minus(&other).and_then(|difference| difference.tails(t)), &what);
                    check_bounds(other.minus(&own).and_then(|difference| difference.bounds(0.05)), &what);
                    let fieller = Fieller::unpaired(&own, &other);
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
                let fieller = Fieller::paired(&x, &y);
                check_tails(fieller.and_then(|fieller| fieller.tails(c, 0.05)), &what);
                check_bounds(fieller.and_then(|fieller| fieller.bounds(0.05)), &what);
                let sorted = [a, b];
                for (own, other) in [(&x[..], &y[..]), (&sorted, &sorted)] {
                    let of = |values| Ordered { values, missing: 1 };
                    let pair = QuantilePair::new(of(own), of(other), 0.5, Against::Ratio);
                    check_tails(pair.and_then(|pair| pair.tails(b, true)), &what);
                    let limits = pair.and_then(|pair| pair.bounds(0.3));
                    assert!(limits.is_none_or(|it| it.lower.is_none_or(f64::is_finite)), "{what}");
                    assert!(limits.is_none_or(|it| it.upper.is_none_or(f64::is_finite)), "{what}");
                }
                let open = Weighed::open([(a, 1.0), (b, 1.0), (c, 2.0)], 2.0);
                check_tails(open.as_ref().and_then(|open| open.tails(c)), &what);
                check_bounds(open.as_ref().and_then(|open| open.bounds(0.05)), &what);
                let adjusted = multiplicity::holm(&x);
                assert!(adjusted.iter().all(|p| (0.0..=1.0).contains(p)), "{what}");
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
                let Some(sample) = SampleMean::clustered(&clusters) else { continue };
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
                let (Some(own), Some(other)) = (Weighed::rate(a, b), Weighed::rate(c, b)) else { continue };
                let facing = |side| Facing { high: side, low: side };
                for against in [Against::Difference, Against::Ratio] {
                    let melded = Melded::new(facing(&own), facing(&other), against);
                    check_bounds(melded.as_ref().and_then(|melded| melded.bounds(0.05)), &what);
                    for t in NUMBERS {
                        check_tails(melded.as_ref().and_then(|melded| melded.tails(t)), &what);
                    }
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
