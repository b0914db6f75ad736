//! Units and decimals: a limit is the number that was written, in the unit that something states.

use crate::check::support::{Project, judged_by, listed, project, samples, summed_up};

fn latencies(field: &str, value: &str) -> String {
    samples(300, |_| format!(r#""{field}": {value}"#))
}

#[test]
fn a_limit_is_the_number_that_was_written() {
    let broken = |gate: &str, rows: &str| judged_by(&[gate], rows).check();
    let of = |value| latencies("latency_ms", value);
    broken("max latency < 2.039s", &of("2039")).ends(1, "fail fact-broken");
    broken("max latency <= 2.039s", &of("2039")).ends(0, "pass fact-holds");
    broken("p95 latency < 2.039s", &of("2039")).ends(1, "fail bound-violates-threshold");
    broken("p95 latency < 4350ms", &latencies("latency_s", "4.35")).ends(1, "fail bound-violates-threshold");
    broken("min f1 >= 57%", &samples(40, |_| r#""f1": 0.57"#.to_owned())).ends(0, "pass fact-holds");
    let stdout = broken("max latency < 2.039s", &of("2039")).stdout;
    assert!(stdout.contains("2039ms") && !stdout.contains("2039.0"), "{stdout}");
}

#[test]
fn a_sum_is_the_sum_of_the_numbers_that_were_written() {
    let rows = |values: &[&str]| {
        values
            .iter()
            .enumerate()
            .map(|(i, value)| format!("{{\"id\": {i}, \"cost\": {value}}}\n"))
            .collect::<String>()
    };
    let ends = |gate: &str, values: &[&str], code: i32| {
        let checked = judged_by(&[gate], &rows(values)).check();
        assert_eq!(checked.code, code, "{gate} {values:?}\n{}", checked.stdout);
    };
    ends("sum cost < $0.9", &["0.2", "0.7"], 1);
    ends("sum cost <= $0.9", &["0.7", "0.2"], 0);
    ends("sum cost <= $0.3", &["0.1", "0.2"], 0);
    ends("sum cost < $1.1", &["0.1"; 11], 1);
    ends("sum cost < $0.9000001", &["0.2", "0.7"], 0);
}

#[test]
fn a_scaled_value_is_the_decimal_number_too() {
    let metric = "metrics: { grade: { as: mean, scale: 0.01, unit: fraction, direction: higher } }\n";
    let check = |rule: &str, value: &str| {
        let gates = listed(&[rule]);
        judged_by(&[], &samples(40, |_| format!(r#""grade": {value}"#)))
            .manifest(&format!("evidence: {{ answers: {{ path: answers.jsonl }} }}\n{metric}{gates}"))
            .check()
    };
    let checked = check("min grade >= 57%", "57");
    checked.ends(0, "pass fact-holds");
    assert!(checked.stdout.contains(" 57% (observed"), "{}", checked.stdout);
    check("min grade > 57%", "57").ends(1, "fail fact-broken");
    check("min grade >= 7%", "7").ends(0, "pass fact-holds");
}

/// A field whose name does not say what it is counted in.
#[test]
fn a_time_without_a_unit_is_compared_with_no_limit_that_has_one() {
    for field in ["latency", "duration", "response_time", "time_to_first_token"] {
        let checked = judged_by(&[&format!("p95 {field} < 1.5s")], &latencies(field, "3.1")).check();
        let line = format!("`metrics: {{ {field}: {{ unit: s }} }}`");
        checked.refuses(&["unknown-unit-of-metric", "1.5s", &line, "unit: ms", &format!("`{field}_ms`")]);
        let checked =
            summed_up(&[&format!("p95 {field} < 1.5s")], &format!(r#"{{"p95_{field}": 3.1}}"#)).check();
        checked.refuses(&["unknown-unit-of-metric"]);
    }
    let plain = judged_by(&["latency < 500"], &latencies("latency", "3.1")).check();
    plain.refuses(&["unknown-unit-of-metric", "`metrics: { latency: { unit: s } }`"]);
    judged_by(&["latency < 5%"], &latencies("latency", "3.1")).check().refuses(&["wrong-unit", "1200ms"]);
}

#[test]
fn the_unit_is_stated_by_the_manifest_by_the_name_or_not_needed() {
    let seconds = |body: &str| {
        let body = format!("{body}{}", listed(&["max latency < 3s"]));
        project().manifest(&body).file("answers.jsonl", latencies("latency", "3.1")).check()
    };
    let answers = "evidence: { answers: { path: answers.jsonl } }\n";
    seconds(&format!("{answers}metrics: {{ latency: {{ unit: s }} }}\n")).ends(1, "fail fact-broken");
    seconds(&format!("{answers}metrics: {{ latency: {{ unit: ms }} }}\n")).ends(0, "pass fact-holds");
    let renamed = "evidence: { answers: { path: answers.jsonl, fields: { latency_s: latency } } }\n";
    seconds(renamed).ends(1, "fail fact-broken");
    let slow =
        |factor: f64| samples(300, |i| format!(r#""latency": {}"#, factor * (3.0 + (i % 50) as f64 / 50.0)));
    let relative = |by: f64| -> Project {
        crate::check::support::compared(&["latency increase < 10%"], &slow(by), &slow(1.0))
    };
    relative(1.001).check().ends(0, "pass bound-clears-threshold");
    let checked = relative(1.5).check();
    checked.ends(1, "fail bound-violates-threshold");
    assert!(!checked.stdout.contains("ms"), "nobody said milliseconds:\n{}", checked.stdout);
}
