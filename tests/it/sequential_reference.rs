//! Every figure of `../shared/reference/stats` that the sequential tests can be asked for, to its tolerance; nothing is asked where that
//! folder is absent. Families of curved boundaries (`confseq_boundaries`) and of quantiles of two samples (`quantile_ab_sequential`) have no
//! counterpart: no method here has a curved boundary, and a change of a quantile is written as a rate.

use std::fs;

use relgate::stats::sequential::auc::share_larger;
use relgate::stats::sequential::limits::{mean_limits, rate_limits};
use relgate::stats::sequential::{Arm, Betting};
use relgate::stats::sequential::{BlockAuc, Mixture, betting, mixture};
use serde_json::Value;

struct Reference {
    cases: Vec<Value>,
    tolerance: f64,
}

impl Reference {
    fn read(name: &str) -> Option<Self> {
        let path = format!("../shared/reference/stats/{name}.json");
        let Ok(text) = fs::read_to_string(&path) else {
            println!("{path} is absent: not compared");
            return None;
        };
        let file: Value = serde_json::from_str(&text).unwrap();
        let cases = file["cases"].as_array().unwrap().clone();
        assert!(cases.len() >= 20, "{path}");
        Some(Self { cases, tolerance: file["rel_tol"].as_f64().unwrap() })
    }

    #[track_caller]
    fn same(&self, case: &Value, field: &str, got: f64) {
        let want = number(case, field);
        assert!(
            (got - want).abs() <= (self.tolerance * want.abs()).max(1e-12),
            "{field}: {got} is not {want}"
        );
    }
}

fn number(case: &Value, field: &str) -> f64 {
    case[field].as_f64().unwrap_or_else(|| panic!("{field} in {case}"))
}

fn numbers(case: &Value, field: &str) -> Vec<f64> {
    case[field].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

#[test]
fn capitals_of_a_rate() {
    let Some(reference) = Reference::read("eprocess_bernoulli") else { return };
    for case in &reference.cases {
        let (events, n) = (case["events"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        let limit = number(case, "p0");
        let capital = |grid| mixture::log_capital(events, n, limit, &numbers(case, grid)).unwrap();
        reference.same(case, "log_e_grid_rate_above", capital("grid_hi"));
        reference.same(case, "log_e_grid_rate_below", capital("grid_lo"));
        // The states have grids of their own and differ by the price of a grid: a few nats at most.
        let (mut fail, mut pass) = (Mixture::fail(limit).unwrap(), Mixture::pass(limit).unwrap());
        fail.lot(events, n).unwrap();
        pass.lot(events, n).unwrap();
        let near = |got: f64, want: f64| (got - want).abs() < 1.0 + 0.1 * want.abs();
        assert!(near(fail.log_e(), capital("grid_hi")), "{case}: {}", fail.log_e());
        assert!(near(pass.log_e(), capital("grid_lo")), "{case}: {}", pass.log_e());
    }
}

/// Limits by a grid beside those by a beta density tuned to 1,000 records: nowhere far apart, and never on the wrong side of the other's
/// middle.
#[test]
fn limits_of_a_rate_beside_confseq() {
    let Some(reference) = Reference::read("eprocess_bernoulli") else { return };
    let mut compared = 0;
    for case in reference.cases.iter().filter(|case| case["n"].as_u64().unwrap() >= 100) {
        let (events, n) = (case["events"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        let theirs = &case["confseq_bernoulli_ci"];
        let ours = rate_limits(events, n, number(theirs, "alpha") / 2.0).unwrap();
        let (rate, upper) = (events as f64 / n as f64, number(theirs, "upper"));
        if upper < 1.0 {
            let ours = ours.upper.unwrap();
            let ratio = (ours - rate) / (upper - rate);
            assert!((0.6..1.7).contains(&ratio), "{case}: {ours}");
            compared += 1;
        }
        let lower = number(theirs, "lower");
        if lower > 0.0 && events > 5 {
            let ours = ours.lower.unwrap();
            let ratio = (rate - ours) / (rate - lower);
            assert!((0.6..1.7).contains(&ratio), "{case}: {ours}");
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn capitals_of_a_mean() {
    let Some(reference) = Reference::read("bounded_mean_betting") else { return };
    for case in &reference.cases {
        let (x, m, risks) = (numbers(case, "x"), number(case, "m"), numbers(case, "lambda_fracs"));
        let above = betting::log_capital_above(&x, m, &risks).unwrap();
        let below = betting::log_capital_below(&x, m, 1.0, &risks).unwrap();
        reference.same(case, "log_wealth_mean_above", above);
        reference.same(case, "log_wealth_mean_below", below);
        // The states risk .01 and .02 too, which dampens both ways.
        let (mut fail, mut pass) = (Betting::fail(m, 1.0).unwrap(), Betting::pass(m, 1.0).unwrap());
        for x in &x {
            fail.record(*x).unwrap();
            pass.record(*x).unwrap();
        }
        let own = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];
        let own = [betting::log_capital_above(&x, m, &own), betting::log_capital_below(&x, m, 1.0, &own)];
        for (got, want) in [fail.log_e(), pass.log_e()].into_iter().zip(own) {
            assert!((got - want.unwrap()).abs() < 1e-9, "{case}: {got} {want:?}");
        }
        assert!(fail.evidence() >= fail.log_e());
    }
}

#[test]
fn limits_of_a_mean_beside_confseq() {
    let Some(reference) = Reference::read("bounded_mean_betting") else { return };
    let mut compared = 0;
    for case in &reference.cases {
        let x = numbers(case, "x");
        let theirs = &case["betting_cs_alpha0.1_breaks200"];
        let ours = mean_limits(&x, 1.0, 0.05).unwrap();
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        // A grid of 200 means, and their running intersection: theirs is the narrower one.
        if x.len() >= 20 {
            let upper = (ours.upper.unwrap() - mean) / (number(theirs, "upper") - mean);
            let lower = (mean - ours.lower.unwrap_or(0.0)) / (mean - number(theirs, "lower"));
            assert!((0.6..1.8).contains(&upper) && (0.6..1.8).contains(&lower), "{case}: {ours:?}");
            compared += 1;
        }
    }
    assert!(compared >= 5, "{compared}");
}

#[test]
fn auc_of_two_samples() {
    let Some(reference) = Reference::read("drift") else { return };
    for case in &reference.cases {
        let (stable, candidate) = (numbers(case, "ref"), numbers(case, "cur"));
        let auc = share_larger(&candidate, &stable).unwrap();
        reference.same(case, "auc_cur_gt_ref", auc);
        reference.same(case, "mwu_U_cur", auc * (candidate.len() * stable.len()) as f64);
        // One block is one bet on the same share: of a candidate value and the stable ones before it, the later half of their run.
        if stable.len() <= 16 {
            let value = candidate[0];
            let mut state = BlockAuc::increase();
            let mut feed =
                |arm, values: &[f64]| values.iter().for_each(|value| state.record(arm, *value).unwrap());
            feed(Arm::Stable, &stable);
            feed(Arm::Stable, &stable);
            feed(Arm::Candidate, &[value]);
            feed(Arm::Stable, &[0.0]);
            feed(Arm::Candidate, &[0.0]);
            assert_eq!(state.blocks(), 1);
            let y = 2.0 * share_larger(&[value], &stable).unwrap() - 1.0;
            let want = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8].iter().map(|g| 1.0 + g * y).sum::<f64>() / 7.0;
            assert!((state.log_e() - want.ln()).abs() < 1e-12, "{case}");
        }
    }
}
