//! Limits and p-values of one method are two views of one test: at a limit, the p-value is alpha.
//!
//! Random inputs from a generator with a fixed seed, so a failure repeats.

use super::mean::{Cluster, SampleMean};
use super::melded::{Against, Facing, Melded};
use super::ratio::Fieller;
use super::{Bounds, Moments, Tails, Weighed, clears, proportion, quantile};

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
        let (x_mean, y_mean) = (SampleMean::independent(&mx).unwrap(), SampleMean::independent(&my).unwrap());
        for mean in [x_mean, x_mean.minus(&y_mean).unwrap()] {
            checked +=
                assert_inverts(mean.bounds(alpha).unwrap(), alpha, 1e-9, |t| mean.tails(t).unwrap(), "t");
        }
        for fieller in [Fieller::paired(&x, &y).unwrap(), Fieller::unpaired(&x_mean, &y_mean).unwrap()] {
            let bounds = fieller.bounds(alpha).unwrap();
            checked += assert_inverts(bounds, alpha, 1e-8, |r| fieller.tails(r, alpha).unwrap(), "fieller");
        }
    }
    assert!(checked > 1000, "{checked}");
}

/// A mean without an upper end: the upper limit is where twice the largest gap, or three times the threshold, is reckoned with.
#[test]
fn means_without_an_upper_end() {
    let mut random = Random(3);
    let (mut checked, mut open) = (0, 0);
    for _ in 0..100 {
        let (size, alpha) = (3 + random.up_to(80), random.alpha());
        let values = random.sample(size);
        let weighed = Weighed::open(values.iter().map(|value| (*value, 1.0)), 1.0).unwrap();
        let bounds = weighed.bounds(alpha).unwrap();
        // All that is ever shown of so few: three quarters to the power of their number.
        let least = 0.75_f64.powi(size as i32);
        assert_eq!(bounds.upper.is_some(), least < alpha, "{size} {alpha} {bounds:?}");
        open += usize::from(bounds.upper.is_none());
        checked += assert_inverts(bounds, alpha, 1e-5, |t| weighed.tails(t).unwrap(), "gaffke-open");
    }
    assert!(checked > 150 && open > 10, "{checked} {open}");
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
        let sample = SampleMean::clustered(&clusters).unwrap();
        checked +=
            assert_inverts(sample.bounds(alpha).unwrap(), alpha, 1e-9, |t| sample.tails(t).unwrap(), "cr2-t");
    }
    assert!(checked > 170, "{checked}");
}

#[test]
fn rates_on_other_ids() {
    let mut random = Random(5);
    let mut checked = 0;
    for _ in 0..60 {
        let (n, m, alpha) = (2 + random.up_to(500), 2 + random.up_to(500), random.alpha());
        let (ours, theirs) =
            (Weighed::rate(random.up_to(n), n).unwrap(), Weighed::rate(random.up_to(m), m).unwrap());
        let facing = |side| Facing { high: side, low: side };
        for against in [Against::Difference, Against::Ratio] {
            let melded = Melded::new(facing(&ours), facing(&theirs), against).unwrap();
            let mut bounds = melded.bounds(alpha).unwrap();
            let (low, high) = if against == Against::Ratio { (0.0, f64::MAX) } else { (-1.0, 1.0) };
            // Ends are no limits of a test.
            bounds.lower = bounds.lower.filter(|lower| *lower > low + 1e-9);
            bounds.upper = bounds.upper.filter(|upper| *upper < high - 1e-9);
            checked +=
                assert_inverts(bounds, alpha, 1e-5, |t| melded.tails(t).unwrap(), &format!("{against:?}"));
        }
    }
    assert!(checked > 180, "{checked}");
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
