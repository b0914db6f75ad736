//! Limits and p-values of one method are two views of one test: at a limit, the p-value is alpha.
//!
//! Random inputs from a generator with a fixed seed, so a failure repeats.

use super::cluster::{Cluster, Clustered};
use super::mover::QuantileRatio;
use super::ratio::Fieller;
use super::unpaired::{Newcombe, Welch};
use super::{Bounds, Moments, Tails, clears, mean, proportion, quantile};

/// `SplitMix64` (Steele, Lea & Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn up_to(&mut self, limit: u64) -> u64 {
        self.next() % (limit + 1)
    }

    fn alpha(&mut self) -> f64 {
        [0.05, 0.01, 0.001, 0.1, 0.025][self.up_to(4) as usize]
    }

    /// Positive and skewed.
    fn sample(&mut self, n: u64) -> Vec<f64> {
        (0..n).map(|_| -(1.0 - self.unit()).ln() + 0.1).collect()
    }
}

/// At the upper limit `less` is alpha, at the lower limit `greater` is.
fn assert_inverts(
    bounds: Bounds,
    alpha: f64,
    tolerance: f64,
    tails: impl Fn(f64) -> Tails,
    what: &str,
) -> usize {
    let mut checked = 0;
    let pairs = [(bounds.upper, true), (bounds.lower, false)];
    for (limit, upper) in pairs.into_iter().filter_map(|(limit, upper)| Some((limit?, upper))) {
        let tails = tails(limit);
        let p = if upper { tails.less } else { tails.greater };
        assert!((p / alpha - 1.0).abs() < tolerance, "{what}: p {p} at the limit {limit}, alpha {alpha}");
        checked += 1;
    }
    checked
}

#[test]
fn clopper_pearson() {
    let mut random = Random(1);
    let mut checked = 0;
    for _ in 0..300 {
        let (n, alpha) = ([1, 7, 100, 5000, 3_000_000][random.up_to(4) as usize], random.alpha());
        // Whole and effective counts.
        let k = random.up_to(n) as f64 * if random.up_to(1) == 0 { 1.0 } else { random.unit() };
        let n = n as f64;
        let mut bounds = proportion::clopper_pearson(k, n, alpha).unwrap();
        assert!(bounds.lower.unwrap() <= k / n && k / n <= bounds.upper.unwrap());
        // 0 and 1 are no limits of a test, and a limit very close to 1 has lost the digits of its distance.
        bounds.lower = bounds.lower.filter(|&lower| lower > 0.0);
        bounds.upper = bounds.upper.filter(|&upper| upper < 1.0 - 1e-8);
        let tails = |t| proportion::exact_tails(k, n, t).unwrap();
        checked += assert_inverts(bounds, alpha, 1e-7, tails, &format!("{k} of {n}"));
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn means_and_differences_of_means() {
    let mut random = Random(2);
    let mut checked = 0;
    for _ in 0..200 {
        let (size, alpha) = (3 + random.up_to(60), random.alpha());
        let (x, y) = (random.sample(size), random.sample(size));
        let (mx, my) = (Moments::from_slice(&x).unwrap(), Moments::from_slice(&y).unwrap());
        let t = mean::student_t_bounds(&mx, alpha).unwrap();
        checked += assert_inverts(t, alpha, 1e-9, |t| mean::student_t_tails(&mx, t).unwrap(), "student-t");
        let hall = mean::hall_bounds(&mx, alpha).unwrap();
        checked += assert_inverts(hall, alpha, 1e-9, |t| mean::hall_tails(&mx, t).unwrap(), "hall");
        let welch = Welch::new(&mx, &my).unwrap();
        checked +=
            assert_inverts(welch.bounds(alpha).unwrap(), alpha, 1e-9, |t| welch.tails(t).unwrap(), "welch");
        for fieller in [Fieller::paired(&x, &y).unwrap(), Fieller::unpaired(&mx, &my).unwrap()] {
            let bounds = fieller.bounds(alpha).unwrap();
            checked += assert_inverts(bounds, alpha, 1e-8, |r| fieller.tails(r, alpha).unwrap(), "fieller");
        }
    }
    assert!(checked > 1500, "{checked}");
}

#[test]
fn hoeffding_bentkus() {
    let mut random = Random(3);
    let mut checked = 0;
    for _ in 0..200 {
        let (n, alpha, m) = (1 + random.up_to(2000), random.alpha(), random.unit());
        let bounds = mean::hoeffding_bentkus_bounds(m, n, alpha).unwrap();
        let (lower, upper) = (bounds.lower.unwrap(), bounds.upper.unwrap());
        let p = |t: f64| mean::hoeffding_bentkus_tails(m, n, t).unwrap();
        if upper < 1.0 {
            assert!(p(upper).less <= alpha && p(upper * (1.0 - 1e-9)).less > alpha, "{m} {n}");
            checked += 1;
        }
        if lower > 0.0 {
            assert!(
                p(lower * (1.0 - 1e-9)).greater <= alpha && p(lower * (1.0 + 1e-9)).greater > alpha,
                "{m} {n}"
            );
            checked += 1;
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn clusters() {
    let mut random = Random(4);
    let mut checked = 0;
    for _ in 0..100 {
        let alpha = random.alpha();
        let clusters: Vec<Cluster> = (0..4 + random.up_to(30))
            .map(|_| {
                let n = 1 + random.up_to(9);
                Cluster { n, sum: random.up_to(n) as f64 }
            })
            .collect();
        let sample = Clustered::new(&clusters).unwrap();
        checked +=
            assert_inverts(sample.bounds(alpha).unwrap(), alpha, 1e-9, |t| sample.tails(t).unwrap(), "cr1-t");
    }
    assert!(checked > 170, "{checked}");
}

#[test]
fn differences_of_rates() {
    let mut random = Random(5);
    let mut checked = 0;
    for _ in 0..200 {
        let (n, m, alpha) = (2 + random.up_to(500), 2 + random.up_to(500), random.alpha());
        let rates = Newcombe::new(random.up_to(n), n, random.up_to(m), m).unwrap();
        let bounds = rates.bounds(alpha).unwrap();
        checked += assert_inverts(bounds, alpha, 1e-8, |t| rates.tails(t).unwrap(), &format!("{rates:?}"));
    }
    assert!(checked > 350, "{checked}");
}

/// A threshold just above the upper order statistic passes, one at it does not; and so on for all four
/// claims, with ties.
#[test]
fn order_statistics_and_exceedances_agree() {
    let mut random = Random(6);
    let (mut passed, mut failed) = (0, 0);
    for _ in 0..400 {
        let (n, q, alpha) = (1 + random.up_to(300), 0.01 + 0.98 * random.unit(), random.alpha());
        let mut values: Vec<u64> = (0..n).map(|_| random.up_to(20)).collect();
        values.sort_unstable();
        let at = |rank: Option<u64>| rank.map(|rank| values[rank as usize - 1]);
        let ranks = quantile::bound_ranks(n, q, alpha).unwrap();
        let (lower, upper) = (at(ranks.lower), at(ranks.upper));
        for t in 0..=21 {
            let tails = |exceed: usize| quantile::exceedance_tails(exceed as u64, n, q).unwrap();
            let from = tails(values.iter().filter(|&&value| value >= t).count());
            let above = tails(values.iter().filter(|&&value| value > t).count());
            assert_eq!(clears(from.less, alpha), upper.is_some_and(|upper| upper < t));
            assert_eq!(clears(above.less, alpha), upper.is_some_and(|upper| upper <= t));
            assert_eq!(clears(from.greater, alpha), lower.is_some_and(|lower| lower >= t));
            assert_eq!(clears(above.greater, alpha), lower.is_some_and(|lower| lower > t));
            passed += usize::from(clears(from.less, alpha));
            failed += usize::from(clears(from.greater, alpha));
        }
    }
    assert!(passed > 500 && failed > 500, "{passed} {failed}");
}

#[test]
fn quantile_ratios() {
    let mut random = Random(7);
    let mut checked = 0;
    for _ in 0..40 {
        let (nc, nb, alpha) = (60 + random.up_to(300), 60 + random.up_to(300), random.alpha());
        let (mut candidate, mut baseline) = (random.sample(nc), random.sample(nb));
        candidate.sort_by(f64::total_cmp);
        baseline.sort_by(f64::total_cmp);
        let ratio = QuantileRatio::new(&candidate, &baseline, 0.8).unwrap();
        let bounds = ratio.bounds(alpha).unwrap();
        // The limits move in steps: beyond the limit the claim clears, before it it does not.
        let p = |r: f64| ratio.tails(r).unwrap();
        if let Some(upper) = bounds.upper {
            assert!(
                clears(p(upper * (1.0 + 1e-9)).less, alpha) && !clears(p(upper * (1.0 - 1e-9)).less, alpha)
            );
            checked += 1;
        }
        if let Some(lower) = bounds.lower {
            assert!(
                clears(p(lower * (1.0 - 1e-9)).greater, alpha)
                    && !clears(p(lower * (1.0 + 1e-9)).greater, alpha)
            );
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
}
