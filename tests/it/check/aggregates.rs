//! Numbers that the evidence states itself: as much as they can show, and no more.

use crate::check::oracle::{at_least, at_most, fewest_that_fail, most_that_pass};
use crate::check::support::{Checked, listed, number, project, summed_up};

const RULE: &str = "Hallucination rate < 1.5%";

fn check(rule: &str, metrics: &str) -> Checked {
    summed_up(&[rule], metrics).check()
}

#[test]
fn events_and_n_are_worth_their_samples() {
    let n = 1000;
    let (pass, fail) = (most_that_pass(n, 0.015, 0.05).unwrap(), fewest_that_fail(n, 0.015, 0.05));
    for (count, code) in [(pass, 0), (pass + 1, 3), (15, 3), (fail - 1, 3), (fail, 1)] {
        let checked = check(RULE, &format!(r#"{{"hallucination_rate": {{"events": {count}, "n": {n}}}}}"#));
        assert_eq!(checked.code, code, "{}", checked.stdout);
        let gate = checked.gate("");
        assert!((number(&gate["p_pass"]) - at_most(count, n, 0.015)).abs() < 1e-9, "{gate:#}");
        assert_eq!(gate["candidate"]["method"], "clopper-pearson");
        assert_eq!(gate["candidate"]["events"], count);
    }
}

#[test]
fn a_rounded_rate_is_every_count_that_prints_like_it() {
    let n = 1000;
    for (value, low, high) in [
        ("0.005", 5, 5),
        ("0.01", 5, 15),
        ("0.00", 0, 5),
        ("0.02", 15, 25),
        ("0.03", 25, 35),
        ("0.0080", 8, 8),
    ] {
        let checked = check(RULE, &format!(r#"{{"hallucination_rate": {{"value": {value}, "n": {n}}}}}"#));
        let gate = checked.gate("");
        let (p_pass, p_fail) = (at_most(high, n, 0.015), at_least(low, n, 0.015));
        assert!((number(&gate["p_pass"]) - p_pass).abs() < 1e-9, "{value}: {gate:#}\n{p_pass}");
        assert!((number(&gate["p_fail"]) - p_fail).abs() < 1e-9, "{value}: {gate:#}\n{p_fail}");
        assert_eq!(
            checked.code,
            if p_fail <= 0.05 {
                1
            } else if p_pass <= 0.05 {
                0
            } else {
                3
            },
            "{value}"
        );
        assert_eq!(gate["candidate"]["method"], "rounded-counts");
    }
    // The same rate with one digit less shows less.
    assert_eq!(check(RULE, r#"{"hallucination_rate": {"value": 0.005, "n": 1000}}"#).code, 0);
    assert_eq!(check(RULE, r#"{"hallucination_rate": {"value": 0.01, "n": 1000}}"#).code, 3);
}

#[test]
fn a_standard_error_is_read_with_t_where_n_is_known_and_with_z_where_not() {
    let (stderr, t29, z) = (1.857, 1.699_127, 1.644_854);
    for (n, quantile) in [(r#", "n": 30"#, t29), ("", z)] {
        for (factor, code) in [(1.005, 0), (0.995, 3), (0.0, 3), (-0.995, 3), (-1.005, 1)] {
            let rule = format!("mean latency < {:.5}ms", 1000.0 + factor * quantile * stderr);
            let checked =
                check(&rule, &format!(r#"{{"latency_ms": {{"value": 1000, "stderr": {stderr}{n}}}}}"#));
            assert_eq!(checked.code, code, "{rule}: {}", checked.stdout);
            assert_eq!(checked.gate("")["candidate"]["method"], "stated-error");
        }
    }
}

#[test]
fn a_rate_with_a_standard_error_is_worth_its_effective_samples() {
    // 0.9 * 0.1 / 0.01^2 = 900 samples, however many were looked at.
    let rate =
        |n: u64| format!(r#"{{"accuracy": {{"value": 0.9000000000000000, "stderr": 0.01, "n": {n}}}}}"#);
    for (t, percent) in [(0.88, "88%"), (0.885, "88.5%"), (0.9, "90%"), (0.91, "91%"), (0.92, "92%")] {
        let checked = check(&format!("Accuracy > {percent}"), &rate(100_000));
        let gate = checked.gate("");
        // With a tenth on top, because the samples themselves are not known.
        let margin = |p: f64| (1.1 * p).min(1.0);
        let (p_pass, p_fail) = (margin(at_most(90, 900, 1.0 - t)), margin(at_least(90, 900, 1.0 - t)));
        assert_eq!(gate["candidate"]["method"], "stated-error");
        assert!((number(&gate["p_pass"]) - p_pass).abs() < 1e-6, "{percent}: {gate:#}\n{p_pass}");
        assert!((number(&gate["p_fail"]) - p_fail).abs() < 1e-6, "{percent}: {gate:#}\n{p_fail}");
        assert_eq!(
            checked.code,
            if p_fail <= 0.05 {
                1
            } else if p_pass <= 0.05 {
                0
            } else {
                3
            },
            "{percent}"
        );
    }
    // A standard error smaller than n samples can have is not believed.
    let bold = check("Accuracy > 85%", r#"{"accuracy": {"value": 0.9, "stderr": 0.0001, "n": 100}}"#);
    bold.refuses(&["impossible-rate", "a standard error of 0.0001", "100 samples"]);
}

#[test]
fn an_interval_speaks_at_its_own_confidence_only() {
    let f1 = |lower: &str, upper: &str| {
        format!(r#"{{"f1": {{"value": 0.81, "lower": {lower}, "upper": {upper}, "confidence": 0.95}}}}"#)
    };
    for (lower, upper, code) in [("0.801", "0.83", 0), ("0.799", "0.83", 3), ("0.80", "0.83", 3)] {
        let checked = check("F1 > 80%", &f1(lower, upper));
        assert_eq!(checked.code, code, "{lower} {upper}: {}", checked.stdout);
        assert_eq!(checked.gate("")["candidate"]["method"], "stated-interval");
    }
    assert_eq!(check("F1 > 85%", &f1("0.79", "0.849")).code, 1);
    assert_eq!(check("F1 > 85%", &f1("0.79", "0.851")).code, 3);
    let surer = "{ id: g, rule: 'F1 > 80%', confidence: 97.5% }";
    assert_eq!(check(surer, &f1("0.801", "0.83")).code, 3, "a 95 % limit says nothing at 97.5 %");
    assert_eq!(check(surer, &f1("0.801", "0.83").replace("0.95", "0.975")).code, 0);
    // A limit on one side only is silent about the other.
    let one =
        r#"{"f1": {"lower": 0.801, "confidence": 0.95}, "brevity": {"lower": 0.801, "confidence": 0.95}}"#;
    assert_eq!(check("F1 > 80%", one).code, 0);
    assert_eq!(check("brevity < 95%", one).code, 3);
}

#[test]
fn a_number_alone_is_refused_or_taken_at_face_value() {
    let accept = "policy: { point_estimates: accept }\n";
    for metrics in [r#"{"toxicity": {"value": 0.0004}}"#, r#"{"toxicity": {"value": 0.0004, "stderr": 0}}"#] {
        let refused = check("Toxicity < 0.1%", metrics);
        refused.ends(3, "inconclusive no-uncertainty");
        let gate = refused.gate("");
        assert_eq!(gate["candidate"]["method"], "point");
        assert!(
            gate["p_pass"].is_null()
                && gate["candidate"]["upper"].is_null()
                && gate["candidate"]["lower"].is_null()
        );
        let accepted = summed_up(&["Toxicity < 0.1%"], metrics).and(accept).check();
        accepted.ends(0, "pass face-value-holds");
        assert!(accepted.stdout.contains("unquantified"), "{}", accepted.stdout);
        assert!(accepted.gate("")["p_pass"].is_null());
    }
    for (value, code) in [("0.0009999", 0), ("0.001", 1), ("0.0010001", 1)] {
        let checked = summed_up(&["Toxicity < 0.1%"], &format!(r#"{{"toxicity": {{"value": {value}}}}}"#))
            .and(accept)
            .check();
        assert_eq!(checked.code, code, "{value}: {}", checked.stdout);
    }
    let required = "policy: { point_estimates: accept, require: [safety] }\n";
    let checked = summed_up(&["Toxicity < 0.1%"], r#"{"toxicity": {"value": 0.0}}"#).and(required).check();
    assert_eq!(checked.code, 2, "a point never stands for a category: {}", checked.stdout);
    assert_eq!(checked.report()["errors"][0]["code"], "category-not-covered");
}

#[test]
fn a_flat_file_holds_points_and_its_names_say_quantile_and_unit() {
    let flat = r#"{"toxicity": 0.0004, "p95_latency_ms": 1120}"#;
    let body = "evidence: { summary: { path: metrics.json } }\ngates: ['Toxicity < 0.1%', 'p95 latency < 1.2s', 'p95 latency <= 1119ms']\n";
    let two = body.replace("'p95 latency <= 1119ms'", "{ id: strict, rule: 'p95 latency <= 1119ms' }");
    let checked = project()
        .manifest(&(two + "policy: { point_estimates: accept }\n"))
        .file("metrics.json", flat)
        .check();
    assert_eq!(checked.code, 1, "{}{}", checked.stdout, checked.stderr);
    let outcomes = ["toxicity", "p95-latency", "strict"].map(|id| checked.outcome(id));
    assert_eq!(outcomes, ["pass face-value-holds", "pass face-value-holds", "fail face-value-broken"]);
}

#[test]
fn min_samples_holds_for_aggregates_too() {
    let gate = |min: u32| format!("{{ id: g, rule: 'Toxicity < 1%', min_samples: {min} }}");
    let metrics = r#"{"toxicity": {"events": 0, "n": 1000}}"#;
    check(&gate(1000), metrics).ends(0, "pass bound-clears-threshold");
    check(&gate(1001), metrics).ends(3, "inconclusive below-min-samples");
    let stated = r#"{"toxicity": {"upper": 0.001, "confidence": 0.95}}"#;
    check(&gate(1), stated).ends(3, "inconclusive below-min-samples");
}

#[test]
fn min_samples_is_not_met_by_a_number_without_samples() {
    let gate = "{ id: g, rule: 'Toxicity < 1%', min_samples: 1 }";
    let accept = "policy: { point_estimates: accept }\n";
    let point = summed_up(&[gate], r#"{"toxicity": {"value": 0.0}}"#).and(accept).check();
    assert_ne!(point.code, 0, "nobody knows how many samples stand behind it: {}", point.stdout);
}

/// What locust prints about one name.
fn locust(requests: u32, failed: u32) -> String {
    format!(
        r#"[{{"name": "/a", "method": "GET", "start_time": {failed}.5, "num_requests": {requests}, "num_none_requests": 0, "num_failures": {failed},
            "total_response_time": 1.0, "response_times": {{"7": {requests}}}}}]"#
    )
}

#[test]
fn failures_of_a_load_test_are_a_proportion_whatever_they_are_called() {
    for (failed, code) in [(13, 0), (400, 1)] {
        let body = format!(
            "evidence: {{ answers: {{ path: stats.json, unpaired: true }} }}\n{}",
            listed(&["failure rate increase < 2pp"])
        );
        let project = project().manifest(&body).file("stats.json", locust(4000, failed));
        let checked = project.after("", &locust(4000, 10)).check();
        assert_eq!(checked.code, code, "{}{}", checked.stdout, checked.stderr);
        let gate = checked.gate("");
        assert_eq!((&gate["candidate"]["events"], &gate["baseline"]["events"]), (&failed.into(), &10.into()));
    }
    let level = |rule: &str| {
        let body = format!("evidence: {{ answers: {{ path: stats.json }} }}\n{}", listed(&[rule]));
        project().manifest(&body).file("stats.json", locust(1000, 900)).check()
    };
    // Nine of ten fail in no time: that is no latency of 7 ms.
    let checked = level("p95 latency < 250ms");
    assert_eq!((checked.code, checked.gate("")["candidate"]["n"].as_u64()), (3, Some(100)));
    level("failure rate < 1%").ends(1, "fail bound-violates-threshold");
    let none = project().manifest(&format!(
        "evidence: {{ answers: {{ path: stats.json }} }}\n{}",
        listed(&["p95 latency < 250ms"])
    ));
    none.file("stats.json", "[]").check().refuses(&["empty-evidence"]);
}
