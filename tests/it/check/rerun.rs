//! What another run of the same cases would change, from cases that were run several times; held against runs that were really
//! made again (`../shared/reference/gates/real_gate_noise.json`).

use std::fmt::Write as _;

use crate::check::support::{Project, compared, judged_by, number};

/// Cases by the results of their runs.
fn rows(cases: &[&[f64]]) -> String {
    let mut text = String::new();
    for (case, results) in cases.iter().enumerate() {
        for (epoch, result) in results.iter().enumerate() {
            let _ = writeln!(text, r#"{{"id": "c{case}", "epoch": {}, "correct": {result}}}"#, epoch + 1);
        }
    }
    text
}

fn rates(cases: &[&[f64]], rule: &str) -> Project {
    judged_by(&[rule], &rows(cases))
}

/// dotnet/skills#945: trials of one evaluation each, as its authors published them; a verdict is a score above 0, or a full one.
#[test]
fn published_trials_flip_as_often_as_they_say() {
    let trials: [&[f64]; 5] = [
        &[0.4, 1.0, 0.4],
        &[1.0, 0.4, 0.4],
        &[0.4, 0.0, 0.4, 0.4],
        &[0.4, 0.0, 0.4, 0.0, 0.0, 0.4],
        &[0.0, 0.4],
    ];
    let flips = |least: f64| {
        let verdicts: Vec<Vec<f64>> = trials
            .iter()
            .map(|own| own.iter().map(|score| f64::from(u8::from(*score >= least))).collect())
            .collect();
        let verdicts: Vec<&[f64]> = verdicts.iter().map(Vec::as_slice).collect();
        let gate = rates(&verdicts, "Accuracy >= 50%").check().gate("");
        assert_eq!(gate["rerun"]["cases"], 5);
        number(&gate["rerun"]["flips"])
    };
    // Of k true among m trials two differ with the chance 2 k (m - k) / (m (m - 1)).
    let any = (0.0 + 0.0 + 6.0 / 12.0 + 18.0 / 30.0 + 1.0) / 5.0;
    assert!((flips(0.1) - any).abs() < 1e-12);
    // 26.7 %: of the verdicts of the whole project 27 % were seen to flip on identical inputs (dotnet/skills#952).
    let full = (4.0 / 6.0 + 4.0 / 6.0) / 5.0;
    assert!((flips(1.0) - full).abs() < 1e-12);
}

/// sgl-project/sglang-jax#1333: 61 runs of 200 examples, `score > 0.85`; 19.7 % of them failed.
#[test]
fn a_value_crosses_its_threshold_as_often_as_in_61_real_runs() {
    let scores: [(f64, f64); 9] = [
        (0.84, 2.0),
        (0.845, 3.0),
        (0.85, 7.0),
        (0.855, 13.0),
        (0.86, 12.0),
        (0.865, 10.0),
        (0.87, 7.0),
        (0.875, 5.0),
        (0.88, 2.0),
    ];
    let mean = scores.iter().map(|(score, runs)| score * runs).sum::<f64>() / 61.0;
    let variance = scores.iter().map(|(score, runs)| (score - mean).powi(2) * runs).sum::<f64>() / 60.0;
    // Two runs of such a suite: 200 v is the variance of one verdict, on average, and half of what flips.
    let flips = 2.0 * 200.0 * variance;
    // 0.8525 lies between the scores that fail and those that pass; the mean is 0.007 above it, and 0.0075 above 0.85 here.
    assert!((mean - 0.8525 - 0.0071).abs() < 1e-3, "{mean}");
    let differ = (flips * 200.0).round() as usize;
    let right = 168;
    let cases: Vec<&[f64]> = (0..200)
        .map(|case| -> &[f64] {
            if case < differ {
                if case % 2 == 0 { &[1.0, 0.0] } else { &[0.0, 1.0] }
            } else if case < differ + right {
                &[1.0, 1.0]
            } else {
                &[0.0, 0.0]
            }
        })
        .collect();
    let gate = rates(&cases, "Accuracy > 85%").check().gate("");
    assert!((number(&gate["rerun"]["flips"]) - flips).abs() < 0.003, "{gate:#} {flips}");
    // Two runs of two epochs lie as far apart as one run of one epoch lies off the mean.
    let crosses = number(&gate["rerun"]["crosses"]);
    assert!((crosses - 0.197).abs() < 0.03, "{crosses}");
    // relgate's own outcome is another matter: 400 results cannot show 85 % either way, and a re-run would not either.
    assert_eq!(gate["outcome"], "inconclusive");
    assert!(number(&gate["rerun"]["changes"]) < 0.01, "{gate:#}");
}

#[test]
fn cases_that_were_run_once_say_nothing_of_another_run() {
    let once: Vec<&[f64]> = (0..200)
        .map(|case| -> &[f64] {
            if case % 10 == 0 { &[0.0] } else { &[1.0] }
        })
        .collect();
    let gate = rates(&once, "Accuracy >= 80%").check().gate("");
    assert!(gate["rerun"].is_null(), "{gate:#}");
}

#[test]
fn numbers_have_no_verdicts_that_could_flip() {
    let mut text = String::new();
    for case in 0..150 {
        for epoch in 1..3 {
            let _ = writeln!(
                text,
                r#"{{"id": "c{case}", "epoch": {epoch}, "f1": {}}}"#,
                0.7 + 0.002 * f64::from((case * epoch * 37) % 100)
            );
        }
    }
    let gate = judged_by(&["f1 >= 0.5"], &text).check().gate("");
    assert!(gate["rerun"]["flips"].is_null() && gate["rerun"]["changes"].is_number(), "{gate:#}");
}

/// A number from 0 to 1, the same everywhere.
fn noise(seed: u64) -> f64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Pairs of runs of the same 150 cases, three epochs each: how often their outcomes differ, and how often the first run says so.
#[test]
fn outcomes_of_identical_runs_differ_as_often_as_foreseen() {
    let run = |pair: u64, which: u64| {
        let cases: Vec<Vec<f64>> = (0..150)
            .map(|case| {
                // A case is as hard as it is in both runs of a pair.
                let hard = noise(pair * 1_000 + case) < 0.35;
                (0..3)
                    .map(|epoch| {
                        let chance = if hard { 0.6 } else { 1.0 };
                        f64::from(u8::from(
                            noise(((pair * 2 + which) * 1_000 + case) * 4 + epoch + 7_000_000) < chance,
                        ))
                    })
                    .collect()
            })
            .collect();
        let cases: Vec<&[f64]> = cases.iter().map(Vec::as_slice).collect();
        rates(&cases, "Accuracy >= 81%").check().gate("")
    };
    let (mut differ, mut foreseen, pairs) = (0.0, 0.0, 60_u64);
    for pair in 0..pairs {
        let (one, other) = (run(pair, 0), run(pair, 1));
        differ += f64::from(u8::from(one["outcome"] != other["outcome"]));
        foreseen += number(&one["rerun"]["changes"]);
    }
    let (differ, foreseen) = (differ / pairs as f64, foreseen / pairs as f64);
    let error = (foreseen * (1.0 - foreseen) / pairs as f64).sqrt();
    assert!(foreseen > 0.1 && foreseen < 0.6, "{foreseen}");
    assert!((differ - foreseen).abs() < 2.5 * error, "{differ} {foreseen} {error}");
}

/// Cases of two results each, so many times: one row a result.
fn twice(kinds: &[(usize, [f64; 2])], field: &str) -> String {
    let mut text = String::new();
    let all = kinds.iter().flat_map(|(times, results)| std::iter::repeat_n(results, *times));
    for (case, results) in all.enumerate() {
        for (epoch, result) in results.iter().enumerate() {
            let _ = writeln!(text, r#"{{"id": "c{case}", "epoch": {}, "{field}": {result}}}"#, epoch + 1);
        }
    }
    text
}

#[test]
fn a_quantile_crosses_where_the_share_beyond_its_threshold_does() {
    // 80 cases of 1,000 are above once, 12 twice: 104 of 2,000 results, where 5 % may be; of the share's variance each of the 80 makes
    // .5 x 2 / 2,000^2.
    let kinds = [(80, [100.0, 900.0]), (12, [900.0, 950.0]), (908, [100.0, 200.0])];
    let gate = judged_by(&["p95 latency < 500ms"], &twice(&kinds, "latency_ms")).check().gate("");
    assert_eq!(gate["rerun"]["cases"], 1000);
    // 1 - Phi(.002 / sqrt(2 x 2e-5)) = 1 - Phi(.31623), by a table.
    assert!((number(&gate["rerun"]["crosses"]) - 0.3759).abs() < 1e-3, "{gate:#}");
    assert!(gate["rerun"]["changes"].is_null() && gate["rerun"]["flips"].is_null(), "{gate:#}");
    let gate = judged_by(&["p95 latency < 930ms"], &twice(&kinds, "latency_ms")).check().gate("");
    assert!(number(&gate["rerun"]["crosses"]) < 1e-9, "{gate:#}");
}

#[test]
fn a_ratio_of_two_releases_crosses_by_the_spread_of_both() {
    let ours = twice(&[(100, [1.0, 1.2])], "cost_usd");
    let crosses = |theirs: [f64; 2]| {
        let theirs = twice(&[(100, theirs)], "cost_usd");
        number(&compared(&["cost increase < 11%"], &ours, &theirs).check().gate("")["rerun"]["crosses"])
    };
    // The mean of 1.1 has the variance 1e-4: 1 - Phi(.01 / sqrt(2e-4)); where 1 has it too, 1.21e-4 comes to it.
    assert!((crosses([1.0, 1.0]) - 0.2398).abs() < 1e-3, "{}", crosses([1.0, 1.0]));
    assert!((crosses([0.9, 1.1]) - 0.3171).abs() < 1e-3, "{}", crosses([0.9, 1.1]));
}

/// Pairs of runs of the same 400 cases, two results each: how often a quantile lies on the other side, and how often the first run
/// says so.
#[test]
fn quantiles_of_identical_runs_cross_as_often_as_foreseen() {
    let run = |pair: u64, which: u64| {
        let mut text = String::new();
        for case in 0..400 {
            let slow = 100.0 * noise(pair * 1_000 + case);
            for epoch in 0..2 {
                let own = noise(((pair * 2 + which) * 1_000 + case) * 4 + epoch + 9_000_000);
                let _ = writeln!(
                    text,
                    r#"{{"id": "c{case}", "epoch": {epoch}, "latency_ms": {}}}"#,
                    300.0 + slow - 60.0 * (1.0 - own).ln()
                );
            }
        }
        let gate = judged_by(&["p90 latency < 482ms"], &text).check().gate("");
        (number(&gate["candidate"]["value"]) >= 482.0, number(&gate["rerun"]["crosses"]))
    };
    let (mut differ, mut foreseen, pairs) = (0.0, 0.0, 80_u64);
    for pair in 0..pairs {
        let (one, other) = (run(pair, 0), run(pair, 1));
        differ += f64::from(u8::from(one.0 != other.0));
        foreseen += one.1;
    }
    let (differ, foreseen) = (differ / pairs as f64, foreseen / pairs as f64);
    let error = (foreseen * (1.0 - foreseen) / pairs as f64).sqrt();
    assert!(foreseen > 0.1 && foreseen < 0.5, "{foreseen}");
    assert!((differ - foreseen).abs() < 2.5 * error, "{differ} {foreseen} {error}");
}
