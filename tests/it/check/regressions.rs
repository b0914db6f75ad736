//! `regressions`: cases that the baseline passed and the candidate does not, counted one by one.

use crate::check::support::{Checked, Project, compared, number, samples};

/// 100 cases; `fields` writes the result of each.
fn cases(fields: impl Fn(usize) -> String) -> String {
    samples(100, fields)
}

/// Cases with these numbers failed, all others passed.
fn failed(numbers: &[usize]) -> String {
    cases(|i| format!(r#""passed": {}"#, !numbers.contains(&i)))
}

fn counted(now: &str, before: &str, rule: &str) -> Checked {
    compared(&[rule], now, before).check()
}

const NONE: &str = "regressions <= 0";

#[test]
fn every_case_counts_by_itself() {
    for (now, before, count) in [
        (failed(&[1]), failed(&[2]), 1),
        // As many pass as before, or more: each that was lost counts all the same.
        (failed(&[1, 2, 3]), failed(&[4, 5, 6, 7, 8]), 3),
        (failed(&[1, 2]), failed(&[1, 2, 3]), 0),
    ] {
        let checked = counted(&now, &before, NONE);
        let gate = checked.gate("regressions");
        assert_eq!(gate["change"]["value"], f64::from(count), "{gate:#}");
        assert_eq!(gate["change"]["method"], "observed");
        let outcome = if count == 0 { "pass fact-holds" } else { "fail fact-broken" };
        checked.ends(i32::from(count > 0), outcome);
        let enough = counted(&now, &before, &format!("regressions <= {count}"));
        enough.ends(0, "pass fact-holds");
        counted(&now, &before, &format!("regressions == {count}")).ends(0, "pass fact-holds");
    }
    assert!(counted(&failed(&[1]), &failed(&[2]), NONE).stdout.contains("1 over the 100 samples"));
}

#[test]
fn a_case_without_a_result_may_be_a_regression() {
    let missing =
        cases(|i| if i == 1 { r#""passed": null"#.to_owned() } else { r#""passed": true"#.to_owned() });
    let broken =
        cases(|i| if i == 1 { r#""error": "timeout""#.to_owned() } else { r#""passed": true"#.to_owned() });
    let all = failed(&[]);
    let others: Vec<&str> = all.lines().filter(|line| !line.contains(r#""q1""#)).collect();
    let gone = others.join("\n");
    for now in [&missing, &broken, &gone] {
        counted(now, &failed(&[2]), NONE).ends(3, "inconclusive fact-open");
        counted(now, &failed(&[2]), "regressions <= 1").ends(0, "pass fact-holds");
        // It failed before: whatever it does now is none.
        counted(now, &failed(&[1]), NONE).ends(0, "pass fact-holds");
    }
    // A failing case that the baseline has no result of may have passed there; one that it was not asked is new.
    counted(&failed(&[1]), &missing, NONE).ends(3, "inconclusive fact-open");
    counted(&failed(&[1]), &gone, NONE).ends(0, "pass fact-holds");
    counted(&failed(&[2]), &gone, NONE).ends(1, "fail fact-broken");
}

#[test]
fn where_small_values_are_good_a_case_passes_with_a_false() {
    let toxic = |numbers: &[usize]| cases(|i| format!(r#""toxic": {}"#, numbers.contains(&i)));
    let became = counted(&toxic(&[1, 2]), &toxic(&[2]), "toxicity regressions <= 0");
    became.ends(1, "fail fact-broken");
    assert!((number(&became.gate("")["change"]["value"]) - 1.0).abs() < 1e-9);
    counted(&toxic(&[2]), &toxic(&[1, 2]), "toxicity regressions <= 0").ends(0, "pass fact-holds");
}

#[test]
fn a_number_neither_passes_nor_fails() {
    let slow =
        |by: usize| cases(|i| format!(r#""latency_ms": {}, "score": 0.{}"#, 100 + i * by, 10 + i % 80));
    for rule in ["latency regressions <= 0", "score regressions <= 0"] {
        counted(&slow(2), &slow(1), rule).refuses(&["not-binary", "true/false or 0/1"]);
    }
}

#[test]
fn other_cases_cannot_be_counted() {
    let other = failed(&[]).replace("\"q", "\"other");
    counted(&failed(&[]), &other, NONE).refuses(&["other-case-sets", "no id is on both sides"]);
}

#[test]
fn regressions_in_a_slice_count_there() {
    let rows = |bad: &[usize]| {
        cases(|i| {
            format!(r#""passed": {}, "lang": "{}""#, !bad.contains(&i), if i < 50 { "de" } else { "en" })
        })
    };
    let story = |bad: &[usize]| -> Project {
        compared(&["{ id: r, rule: 'regressions <= 2', by: [lang] }"], &rows(bad), &rows(&[]))
    };
    story(&[1, 60]).check().ends(0, "pass fact-holds");
    let three = story(&[1, 2, 3]).check();
    three.ends(1, "fail fact-broken");
    let outcomes: Vec<_> =
        three.gate("r")["slices"].as_array().unwrap().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["fail", "pass"]);
}
