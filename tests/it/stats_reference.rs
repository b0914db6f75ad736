//! Every method of `relgate::stats` against what established packages computed for the same numbers.
//!
//! The cases are described in `fixtures/stats/README.md`.

use relgate::stats::bootstrap::{Contrast, Counts, Replicates};
use relgate::stats::mean::Cluster;
use relgate::stats::ratio::Fieller;
use relgate::stats::{Moments, SampleMean, Tails, clears, multiplicity, power, proportion, quantile};
use serde_json::Value;
use std::collections::BTreeMap;

/// The absolute tolerance of `reference/stats/index.json`, for values near zero.
const ABSOLUTE: f64 = 1e-12;

struct Family {
    cases: Vec<Value>,
    tolerance: f64,
}

impl Family {
    fn new(text: &str) -> Self {
        let file: Value = serde_json::from_str(text).expect("a fixture is JSON");
        let cases = file["cases"].as_array().unwrap().clone();
        assert!(!cases.is_empty());
        assert_eq!(cases.len() as u64, file["n_cases"].as_u64().unwrap());
        Self { cases, tolerance: file["rel_tol"].as_f64().unwrap() }
    }

    /// `null`, `"nan"` and infinities stand for "no value", which is `None` here.
    fn expect(&self, case: usize, field: &str, got: Option<f64>) {
        self.compare(case, field, got, &self.cases[case][field]);
    }

    fn compare(&self, case: usize, field: &str, got: Option<f64>, want: &Value) {
        assert!(!want.is_null() || self.cases[case].get(field).is_some(), "case {case}: no field {field}");
        match (got, want.as_f64()) {
            (None, None) => {}
            (Some(got), Some(want)) => {
                let allowed = ABSOLUTE.max(self.tolerance * want.abs());
                assert!((got - want).abs() <= allowed, "case {case} {field}: got {got}, want {want}");
            }
            (got, _) => panic!("case {case} {field}: got {got:?}, want {want}"),
        }
    }

    /// The outcome of a rule "smaller is better" at the level of the case, unless it sits on the boundary.
    fn expect_outcome(&self, case: usize, field: &str, tails: Option<Tails>, alpha: f64) {
        if self.cases[case].get("at_alpha_boundary").is_some_and(|flag| flag == &Value::Bool(true)) {
            return;
        }
        let outcome = match tails {
            Some(tails) if clears(tails.less, alpha) => "pass",
            Some(tails) if clears(tails.greater, alpha) => "fail",
            _ => "inconclusive",
        };
        assert_eq!(self.cases[case][field], outcome, "case {case}");
    }
}

macro_rules! family {
    ($name:literal) => {
        Family::new(include_str!(concat!("../fixtures/stats/", $name, ".json")))
    };
}

fn number(case: &Value, field: &str) -> f64 {
    case[field].as_f64().unwrap_or_else(|| panic!("no number {field} in {case}"))
}

fn count(case: &Value, field: &str) -> u64 {
    case[field].as_u64().unwrap_or_else(|| panic!("no count {field} in {case}"))
}

/// Values of a sample; `"nan"` stays NaN.
fn numbers(case: &Value, field: &str) -> Vec<f64> {
    case[field].as_array().unwrap().iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn rate_bounds() {
    let family = family!("rate_bounds");
    for (i, case) in family.cases.iter().enumerate() {
        let (k, n, alpha) = (number(case, "k"), number(case, "n"), number(case, "alpha_one_sided"));
        let exact = proportion::clopper_pearson(k, n, alpha).unwrap();
        let wilson = proportion::wilson(k, n, alpha).unwrap();
        for (name, bounds) in [("clopper_pearson", exact), ("wilson", wilson)] {
            family.compare(i, "bounds", bounds.lower, &case["bounds"][name]["lower"]);
            family.compare(i, "bounds", bounds.upper, &case["bounds"][name]["upper"]);
        }
        let tails = proportion::exact_tails(k, n, number(case, "threshold")).unwrap();
        family.expect(i, "p_value_pass", Some(tails.less));
        family.expect(i, "p_value_fail", Some(tails.greater));
        family.expect_outcome(i, "verdict", Some(tails), alpha);
    }
}

#[test]
fn rate_sample_size() {
    let family = family!("rate_sample_size");
    for (i, case) in family.cases.iter().enumerate() {
        let (t, alpha) = (number(case, "threshold"), number(case, "alpha"));
        let size = power::rate_sample_size(t, number(case, "assumed_rate"), alpha, number(case, "power"));
        if let Some(n) = case["n_stable"].as_u64() {
            assert_eq!(size, Some(power::SampleSize { n, exact: true }), "case {i}");
        } else {
            assert!(size.is_none_or(|size| size.n > count(case, "search_limit")), "case {i}: {size:?}");
        }
        assert_eq!(power::least_n_with_events(0, t, alpha), Some(count(case, "n_zero_events")), "case {i}");
    }
}

#[test]
fn mean_ci() {
    let family = family!("mean_ci");
    let mut without_p = 0;
    for (i, case) in family.cases.iter().enumerate() {
        let alpha = number(case, "alpha_one_sided");
        let Some(sample) = Moments::from_slice(&numbers(case, "x")) else {
            assert_eq!(case["verdict"], "error:non_finite", "case {i}");
            without_p += 1;
            continue;
        };
        family.expect(i, "mean", sample.mean());
        let mean = SampleMean::independent(&sample);
        let bounds = mean.and_then(|mean| mean.bounds(alpha));
        family.expect(i, "lower", bounds.and_then(|bounds| bounds.lower));
        family.expect(i, "upper", bounds.and_then(|bounds| bounds.upper));
        let tails = mean.and_then(|mean| mean.tails(number(case, "threshold")));
        family.expect_outcome(i, "verdict", tails, alpha);
        if let Some(tails) = tails {
            family.expect(i, "se", sample.standard_error());
            family.expect(i, "p_value_pass", Some(tails.less));
            family.expect(i, "p_value_fail", Some(tails.greater));
        } else {
            assert!(case.get("p_value_pass").is_none(), "case {i}");
            without_p += 1;
        }
    }
    // No values, equal values, a NaN.
    assert_eq!(without_p, 3);
}

#[test]
fn merge_moments() {
    let family = family!("merge_moments");
    for (i, case) in family.cases.iter().enumerate() {
        let want = &case["merged"];
        for (sums, squares, mean, variance) in
            [("sum_x", "sum_xx", "mean_x", "var_x_ddof1"), ("sum_y", "sum_yy", "mean_y", "var_y_ddof1")]
        {
            let shards =
                case["shards"].as_array().unwrap().iter().map(|shard| shard_moments(shard, sums, squares));
            let merged = shards.fold(Moments::EMPTY, Moments::merge);
            assert_eq!(merged.n(), count(want, "n"), "case {i}");
            family.compare(i, "merged", merged.mean(), &want[mean]);
            family.compare(i, "merged", merged.variance(), &want[variance]);
        }
    }
}

fn shard_moments(shard: &Value, sums: &str, squares: &str) -> Moments {
    let n = count(shard, "n");
    if n == 0 {
        return Moments::EMPTY;
    }
    let mean = number(shard, sums) / n as f64;
    let variance =
        if n < 2 { 0.0 } else { (number(shard, squares) - mean * number(shard, sums)) / (n as f64 - 1.0) };
    Moments::from_summary(n, mean, variance).unwrap()
}

#[test]
fn quantile_ci() {
    let family = family!("quantile_ci");
    for (i, case) in family.cases.iter().enumerate() {
        let (q, alpha, t) = (number(case, "q"), number(case, "alpha_one_sided"), number(case, "threshold"));
        let mut values = numbers(case, "x");
        values.sort_by(f64::total_cmp);
        let n = values.len() as u64;
        let at = |rank: u64| values[usize::try_from(rank).unwrap() - 1];
        let ranks = quantile::bound_ranks(n, q, alpha).unwrap();
        family.expect(i, "lower_index_1based", ranks.lower.map(|rank| rank as f64));
        family.expect(i, "upper_index_1based", ranks.upper.map(|rank| rank as f64));
        family.expect(i, "lower", ranks.lower.map(at));
        family.expect(i, "upper", ranks.upper.map(at));
        family.compare(i, "scipy_quantile_test", ranks.lower.map(at), &case["scipy_quantile_test"]["lower"]);
        family.compare(i, "scipy_quantile_test", ranks.upper.map(at), &case["scipy_quantile_test"]["upper"]);
        family.expect(i, "min_n_upper", quantile::min_n_upper(q, alpha).map(|n| n as f64));
        family.expect(i, "min_n_lower", quantile::min_n_lower(q, alpha).map(|n| n as f64));
        family.expect(i, "nearest_rank", quantile::nearest_rank(n, q).map(at));
        let exceed = values.iter().filter(|&&value| value >= t).count() as u64;
        assert_eq!(exceed, count(case, "exceed_count_ge"), "case {i}");
        let tails = quantile::exceedance_tails(exceed, n, q).unwrap();
        family.expect(i, "p_pass", Some(tails.less));
        family.expect(i, "p_fail", Some(tails.greater));
        family.expect_outcome(i, "verdict", Some(tails), alpha);
    }
}

fn mean_of(values: &[f64]) -> SampleMean {
    SampleMean::independent(&Moments::from_slice(values).unwrap()).unwrap()
}

#[test]
fn ratio_of_means() {
    let family = family!("ratio_of_means");
    let mut paired_cases = 0;
    for (i, case) in family.cases.iter().enumerate() {
        let (baseline, candidate) = (numbers(case, "baseline"), numbers(case, "candidate"));
        let r = number(case, "max_ratio");
        let paired = case["paired"].as_bool().unwrap();
        let fieller = if paired {
            Fieller::paired(&baseline, &candidate)
        } else {
            Fieller::unpaired(&mean_of(&baseline), &mean_of(&candidate))
        };
        let fieller = fieller.unwrap();
        family.expect(i, "ratio", Some(fieller.ratio()));
        family.expect(i, "fieller_g", fieller.g(0.05));
        let bounds = fieller.bounds(0.05).unwrap();
        family.expect(i, "fieller_lower95", bounds.lower);
        family.expect(i, "fieller_upper95", bounds.upper);
        let tails = fieller.tails(r, 0.05).unwrap();
        family.expect(i, "p_pass", Some(tails.less));
        family.expect(i, "p_fail", Some(tails.greater));
        paired_cases += usize::from(paired);
    }
    assert!(paired_cases > 0 && paired_cases < family.cases.len());
}

#[test]
fn holm() {
    let family = family!("multiplicity");
    for (i, case) in family.cases.iter().enumerate() {
        let adjusted = multiplicity::holm(&numbers(case, "p"));
        let want = case["holm"]["adjusted"].as_array().unwrap();
        assert_eq!(adjusted.len(), want.len(), "case {i}");
        for (got, want) in adjusted.iter().zip(want) {
            family.compare(i, "holm", Some(*got), want);
        }
        let rejected: Vec<bool> = adjusted.iter().map(|&p| clears(p, number(case, "alpha"))).collect();
        assert_eq!(case["holm"]["reject"], Value::from(rejected), "case {i}");
    }
}

#[test]
fn clustered_mean() {
    let family = family!("clustered_mean");
    let mut equal = 0;
    for (i, case) in family.cases.iter().enumerate() {
        let mut clusters = BTreeMap::<u64, Cluster>::new();
        for (y, group) in numbers(case, "y").iter().zip(case["groups"].as_array().unwrap()) {
            let cluster = clusters.entry(group.as_u64().unwrap()).or_insert(Cluster { n: 0, sum: 0.0 });
            cluster.n += 1;
            cluster.sum += y;
        }
        let clusters: Vec<Cluster> = clusters.into_values().collect();
        assert_eq!(clusters.len() as u64, count(case, "G"), "case {i}");
        let clustered = SampleMean::clustered(&clusters).unwrap();
        family.expect(i, "mean", Some(clustered.value));
        // Bell and McCaffrey's variance and degrees of freedom are those of CR1 where all clusters are of one size.
        if clusters.iter().all(|cluster| cluster.n == clusters[0].n) {
            equal += 1;
            family.expect(i, "se_cr1", Some(clustered.variance.sqrt()));
            family.expect(i, "df", Some(clustered.df));
            let bounds = clustered.bounds(number(case, "alpha_one_sided")).unwrap();
            family.expect(i, "lower", bounds.lower);
            family.expect(i, "upper", bounds.upper);
        } else {
            assert!(clustered.df <= number(case, "df") * (1.0 + 1e-12), "case {i}");
        }
    }
    assert!(equal > 0 && equal < family.cases.len());
}

#[test]
fn paired_diff() {
    let family = family!("paired_diff");
    for (i, case) in family.cases.iter().enumerate() {
        let (baseline, candidate) = (numbers(case, "baseline"), numbers(case, "candidate"));
        let pairs = candidate.iter().zip(&baseline).map(|(ours, theirs)| ours - theirs);
        let differences = Moments::from_slice(&pairs.collect::<Vec<_>>()).unwrap();
        family.expect(i, "mean_diff", differences.mean());
        family.expect(i, "se", differences.standard_error());
        let mean = SampleMean::independent(&differences);
        let tails = mean.and_then(|mean| mean.tails(number(case, "margin")));
        family.expect_outcome(i, "verdict_noninferior_lower_is_better", tails, 0.05);
        let Some(tails) = tails else {
            assert!(case.get("p_noninferior").is_none(), "case {i}");
            continue;
        };
        family.expect(i, "p_noninferior", Some(tails.less));
        family.expect(i, "p_inferior", Some(tails.greater));
        let bounds = mean.and_then(|mean| mean.bounds(0.05)).unwrap();
        family.expect(i, "lower95", bounds.lower);
        family.expect(i, "upper95", bounds.upper);
    }
}

#[test]
fn welch() {
    let family = family!("welch");
    for (i, case) in family.cases.iter().enumerate() {
        let (baseline, candidate) = (numbers(case, "baseline"), numbers(case, "candidate"));
        let welch = mean_of(&candidate).minus(&mean_of(&baseline)).unwrap();
        family.expect(i, "diff", Some(welch.value));
        family.expect(i, "df", Some(welch.df));
        let tails = welch.tails(0.0).unwrap();
        family.expect(i, "p_two_sided", Some(2.0 * tails.less.min(tails.greater)));
        let bounds = welch.bounds(0.05).unwrap();
        family.expect(i, "lower95_one_sided", bounds.lower);
        family.expect(i, "upper95_one_sided", bounds.upper);
    }
}

/// The resamples are given; limits by rank enclose the interpolated ones.
#[test]
fn paired_bootstrap_ratio() {
    let family = family!("paired_bootstrap_ratio");
    let total = |sums: &[f64]| sums[0];
    for (i, case) in family.cases.iter().enumerate() {
        let (baseline, candidate) = (numbers(case, "baseline"), numbers(case, "candidate"));
        let counts = Counts::new(1, &candidate, Some(&baseline), None).unwrap();
        family.expect(i, "ratio", counts.value(total, Contrast::Ratio));
        let indices = case["indices"].as_array().unwrap();
        let drawn = indices.iter().map(|row| {
            let row: Vec<u32> =
                row.as_array().unwrap().iter().map(|index| index.as_u64().unwrap() as u32).collect();
            counts.replicate(&row, total, Contrast::Ratio)
        });
        let values: Vec<f64> = drawn.collect();
        let want = case["boot_ratios"].as_array().unwrap();
        assert_eq!(values.len(), want.len(), "case {i}");
        for (got, want) in values.iter().zip(want) {
            family.compare(i, "boot_ratios", Some(*got), want);
        }
        let replicates = Replicates::new(number(case, "ratio"), values);
        let sorted = replicates.sorted();
        let interpolated = |q: f64| {
            let at = q * (sorted.len() as f64 - 1.0);
            let (low, part) = (at.floor() as usize, at.fract());
            part.mul_add(sorted[low + 1] - sorted[low], sorted[low])
        };
        let (lower, upper) = (interpolated(0.05), interpolated(0.95));
        family.expect(i, "pct_lower95_type7", Some(lower));
        family.expect(i, "pct_upper95_type7", Some(upper));
        let bounds = replicates.bounds(0.05).unwrap();
        let close = |rank: usize| sorted[rank] - sorted[rank - 1] + 1e-12;
        let (below, above) = (lower - bounds.lower.unwrap(), bounds.upper.unwrap() - upper);
        assert!((-1e-12..=close(5)).contains(&below) && (-1e-12..=close(94)).contains(&above), "case {i}");
    }
}
