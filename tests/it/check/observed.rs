//! Facts about the listed cases: exact, and open where a missing row could turn them.

use crate::check::support::{events, judged_by, number, samples, values};

#[test]
fn a_count_is_exact_on_both_sides() {
    for (rule, count, code) in [
        ("count toxicity == 0", 0, 0),
        ("count toxicity == 0", 1, 1),
        ("count toxicity <= 2", 2, 0),
        ("count toxicity <= 2", 3, 1),
        ("count toxicity < 2", 1, 0),
        ("count toxicity < 2", 2, 1),
        ("count flagged >= 3", 3, 0),
        ("count flagged > 3", 3, 1),
        ("count toxicity != 3", 3, 1),
        ("count toxicity != 3", 4, 0),
    ] {
        let field = if rule.contains("flagged") { "flagged" } else { "toxic" };
        let checked = judged_by(&[rule], &events(field, count, 20)).check();
        checked.ends(code, if code == 0 { "pass fact-holds" } else { "fail fact-broken" });
        let gate = checked.gate("");
        assert_eq!(gate["candidate"]["method"], "observed");
        assert!(gate["p_pass"].is_null() && gate["p_fail"].is_null());
        assert_eq!(gate["candidate"]["value"], f64::from(count));
    }
}

#[test]
fn the_report_marks_a_fact_as_one_about_these_cases_only() {
    let checked = judged_by(&["count toxicity == 0"], &events("toxic", 0, 20)).check();
    assert!(checked.gate("")["reason"]["text"].as_str().unwrap().contains("about these cases only"));
    assert!(checked.stdout.contains("observed"), "{}", checked.stdout);
}

/// 20 cases: `bad` toxic ones and `missing` without an answer.
fn toxic(bad: usize, missing: usize) -> String {
    samples(20, |i| {
        if i >= 20 - missing { r#""toxic": null"#.to_owned() } else { format!(r#""toxic": {}"#, i < bad) }
    })
}

#[test]
fn a_missing_row_counts_as_the_worst() {
    for (rule, bad, missing, code, outcome) in [
        ("count toxicity == 0", 0, 1, 3, "inconclusive fact-open"),
        ("count toxicity == 0", 1, 1, 1, "fail fact-broken"),
        ("count toxicity <= 2", 1, 1, 0, "pass fact-holds"),
        ("count toxicity <= 2", 1, 2, 3, "inconclusive fact-open"),
        ("count toxicity <= 2", 3, 5, 1, "fail fact-broken"),
        ("count flagged >= 3", 2, 5, 3, "inconclusive fact-open"),
        ("count flagged >= 8", 2, 5, 1, "fail fact-broken"),
        ("count flagged >= 3", 3, 5, 0, "pass fact-holds"),
        ("count toxicity != 3", 2, 1, 3, "inconclusive fact-open"),
        ("count toxicity != 3", 4, 1, 0, "pass fact-holds"),
        ("count toxicity == 0", 0, 20, 2, "error no-samples"),
    ] {
        let rows = toxic(bad, missing);
        // A metric whose good side nobody knows may be asked for either.
        let rows = if rule.contains("flagged") { rows.replace("toxic", "flagged") } else { rows };
        let checked = judged_by(&[rule], &rows).check();
        assert_eq!(
            (checked.code, checked.outcome("").as_str()),
            (code, outcome),
            "{rule} {bad} {missing}: {}",
            checked.stdout
        );
    }
}

#[test]
fn an_open_fact_is_not_harmless() {
    let checked =
        judged_by(&["count toxicity == 0"], &toxic(0, 1)).and("policy: { on_inconclusive: warn }\n").check();
    assert_eq!(checked.code, 3, "{}", checked.stdout);
}

#[test]
fn sum_min_and_max_are_exact_at_the_threshold() {
    let rows = samples(3, |i| {
        let value = [100, 250, 400][i];
        format!(r#""latency_ms": {value}, "throughput": {value}"#)
    });
    for (rule, code, value) in [
        ("max latency <= 400ms", 0, 400.0),
        ("max latency < 400ms", 1, 400.0),
        ("max latency <= 0.399s", 1, 400.0),
        ("min throughput >= 100 tokens/s", 0, 100.0),
        ("min throughput > 100 tokens/s", 1, 100.0),
        ("sum latency <= 750ms", 0, 750.0),
        ("sum latency < 750ms", 1, 750.0),
    ] {
        let checked = judged_by(&[rule], &rows).check();
        assert_eq!(checked.code, code, "{rule}: {}", checked.stdout);
        assert!((number(&checked.gate("")["candidate"]["value"]) - value).abs() < 1e-12, "{rule}");
    }
}

#[test]
fn a_missing_row_may_be_the_slowest_and_the_dearest() {
    let rows = samples(10, |i| {
        let value = if i == 4 { "null" } else { "100" };
        format!(r#""latency_ms": {value}, "throughput": {value}"#)
    });
    for (rule, code, outcome) in [
        ("max latency < 1000ms", 3, "inconclusive fact-open"),
        ("max latency < 50ms", 1, "fail fact-broken"),
        ("sum latency < 100s", 3, "inconclusive fact-open"),
        ("sum latency < 900ms", 1, "fail fact-broken"),
        ("min throughput > 50 tokens/s", 3, "inconclusive fact-open"),
    ] {
        let checked = judged_by(&[rule], &rows).check();
        assert_eq!(
            (checked.code, checked.outcome("").as_str()),
            (code, outcome),
            "{rule}: {}",
            checked.stdout
        );
    }
}

#[test]
fn a_fact_stands_for_a_category_only_where_the_policy_says_so() {
    let rows = events("toxic", 0, 20);
    let required = judged_by(&["count toxicity == 0"], &rows).and("policy: { require: [safety] }\n").check();
    assert_eq!(required.code, 2, "{}", required.stdout);
    let counted = judged_by(&["count toxicity == 0"], &rows)
        .and("policy: { require: [safety], observed_counts: true }\n")
        .check();
    assert_eq!(counted.code, 0, "{}", counted.stdout);
}

#[test]
fn min_samples_holds_for_facts_too() {
    let gate = "{ id: g, rule: 'count toxicity == 0', min_samples: 100 }";
    judged_by(&[gate], &events("toxic", 0, 100)).check().ends(0, "pass fact-holds");
    judged_by(&[gate], &events("toxic", 0, 3)).check().ends(3, "inconclusive below-min-samples");
    judged_by(&[gate], &events("toxic", 1, 3)).check().ends(1, "fail fact-broken");
}

#[test]
fn a_value_that_cannot_be_is_no_fact() {
    for (rule, rows) in [
        ("max latency < 1000ms", values("latency_ms", &[-5.0, 10.0])),
        ("min f1 >= 1%", values("f1", &[0.5, -3.0])),
        ("min f1 >= 10%", values("f1", &[0.5, 87.0])),
    ] {
        judged_by(&[rule], &rows).check().refuses(&["out-of-bounds", "answers.jsonl:"]);
    }
}
