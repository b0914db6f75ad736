//! Quantiles: the share of samples beyond the threshold, exactly.

use crate::check::oracle::{at_least, at_most, fewest_that_fail, most_that_pass};
use crate::check::support::{judged_by, number, samples};

/// `n` answers of which `slow` take exactly `at` ms, the others 300 to 399 ms.
fn latencies(slow: u64, n: u64, at: f64) -> String {
    samples(n as usize, |i| {
        format!(r#""latency_ms": {}"#, if (i as u64) < slow { at } else { 300.0 + (i % 100) as f64 })
    })
}

#[test]
fn a_quantile_is_decided_by_the_number_of_samples_beyond_it() {
    for (rule, n, share) in [
        ("p95 latency < 1200ms", 100, 0.05),
        ("p99 latency < 1.2s", 1000, 0.01),
        ("p50 latency < 1200ms", 40, 0.5),
        ("p99.9 latency < 1200000us", 5000, 0.001),
    ] {
        let (most, fewest) = (most_that_pass(n, share, 0.05).unwrap(), fewest_that_fail(n, share, 0.05));
        let at = (n as f64 * share) as u64;
        for (slow, code, outcome) in [
            (0, 0, "pass bound-clears-threshold"),
            (most, 0, "pass bound-clears-threshold"),
            (most + 1, 3, "inconclusive threshold-inside-interval"),
            (at, 3, "inconclusive threshold-inside-interval"),
            (fewest - 1, 3, "inconclusive threshold-inside-interval"),
            (fewest, 1, "fail bound-violates-threshold"),
        ] {
            let checked = judged_by(&[rule], &latencies(slow, n, 5000.0)).check();
            checked.ends(code, outcome);
            let gate = checked.gate("");
            assert!(
                (number(&gate["p_pass"]) - at_most(slow, n, share)).abs() < 1e-9,
                "{rule} {slow}: {gate:#}"
            );
            assert!(
                (number(&gate["p_fail"]) - at_least(slow, n, share)).abs() < 1e-9,
                "{rule} {slow}: {gate:#}"
            );
            assert_eq!(gate["candidate"]["method"], "order-statistics");
        }
    }
}

#[test]
fn a_value_at_the_threshold_breaks_less_than_and_meets_at_most() {
    let rows = latencies(20, 100, 1200.0);
    judged_by(&["p95 latency < 1200ms"], &rows).check().ends(1, "fail bound-violates-threshold");
    judged_by(&["p95 latency <= 1200ms"], &rows).check().ends(0, "pass bound-clears-threshold");
}

#[test]
fn a_quantile_that_should_be_high_is_the_mirror_image() {
    let most = most_that_pass(200, 0.1, 0.05).unwrap();
    let rows = |slow: u64, at: f64| {
        samples(200, |i| format!(r#""throughput": {}"#, if (i as u64) < slow { at } else { 50.0 }))
    };
    for (slow, code) in [(most, 0), (most + 1, 3), (fewest_that_fail(200, 0.1, 0.05), 1)] {
        let checked = judged_by(&["p10 throughput >= 20 tokens/s"], &rows(slow, 19.9)).check();
        assert_eq!(checked.code, code, "{slow}: {}", checked.stdout);
    }
    // Exactly 20 meets `>= 20` and breaks `> 20`.
    assert_eq!(judged_by(&["p10 throughput >= 20 tokens/s"], &rows(100, 20.0)).check().code, 0);
    assert_eq!(judged_by(&["p10 throughput > 20 tokens/s"], &rows(100, 20.0)).check().code, 1);
}

#[test]
fn missing_samples_are_slow_for_a_pass_and_quick_for_a_fail() {
    let rows = |slow: usize, missing: usize, n: usize| {
        samples(n, |i| match i {
            _ if i < slow => r#""latency_ms": 5000"#.to_owned(),
            _ if i < slow + missing => r#""latency_ms": 90, "error": "timeout""#.to_owned(),
            _ => r#""latency_ms": 300"#.to_owned(),
        })
    };
    let most = most_that_pass(1000, 0.05, 0.05).unwrap() as usize;
    let code = |slow, missing| judged_by(&["p95 latency < 1200ms"], &rows(slow, missing, 1000)).check().code;
    assert_eq!((code(most, 0), code(most - 5, 5), code(0, most)), (0, 0, 0));
    assert_eq!((code(most, 1), code(most - 5, 6), code(0, most + 1)), (3, 3, 3));
    let fewest = fewest_that_fail(1000, 0.05, 0.05) as usize;
    assert_eq!((code(fewest, 0), code(fewest - 1, 1), code(fewest, 900)), (1, 3, 1));
}

#[test]
fn too_few_samples_for_a_tail_say_so() {
    let checked = judged_by(&["p99 latency < 1200ms"], &latencies(0, 200, 0.0)).check();
    checked.ends(3, "inconclusive too-few-samples");
    assert_eq!(checked.gate("")["needed"]["least"], 299);
    judged_by(&["p99 latency < 1200ms"], &latencies(0, 298, 0.0))
        .check()
        .ends(3, "inconclusive too-few-samples");
    judged_by(&["p99 latency < 1200ms"], &latencies(0, 299, 0.0))
        .check()
        .ends(0, "pass bound-clears-threshold");
}
