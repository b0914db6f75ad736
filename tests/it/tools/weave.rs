use super::{read, read_bytes, reference, tried};
use relgate::evidence::{Format, Measured};

#[test]
fn truth_values_have_a_size_and_means_have_none() {
    let Some(path) = reference("weave/a_summary.json") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Weave);
    let aggregates = &read.catalog.aggregates;
    // Over all 8, the crash counts as false.
    assert_eq!(aggregates["scores.exact"].measured, Measured::Events { events: 3, n: 8 });
    for (name, value) in
        [("scores.overlap", 0.541_666_666_666_666_6), ("judge_s.judge", 0.559_999_999_999_999_9)]
    {
        let Measured::Point(figure) = &aggregates[name].measured else { panic!("{name}") };
        assert_eq!(figure.value, value);
    }
    assert!(matches!(aggregates["latency_s"].measured, Measured::Point(_)));
}

#[test]
fn a_stated_count_is_a_rate_and_changes_by_points() {
    let Some(path) = reference("weave/a_summary.json") else { return };
    let (code, text) = tried(&[&path, &path], "scores.exact change < 2pp");
    assert!(code == Some(3) && text.contains("38% -> 38%"), "{text}");
    let (code, text) = tried(&[&path, &path], "judge_s.judge change < 2pp");
    assert!(code == Some(2) && text.contains("wrong-unit"), "a mean is no proportion: {text}");
}

#[test]
fn what_does_not_add_up_is_refused_and_what_is_unknown_is_not_made_up() {
    let summary = |exact: &str| format!(r#"{{"a": {exact}, "model_latency": {{"mean": 0.1}}}}"#);
    let none = summary(r#"{"true_count": 0, "true_fraction": 0.0}"#);
    let read = read_bytes("s.json", none.as_bytes()).unwrap();
    assert!(matches!(read.catalog.aggregates["a"].measured, Measured::Point(_)), "of how many?");
    let nan = summary(r#"{"mean": NaN}"#);
    assert!(!read_bytes("s.json", nan.as_bytes()).unwrap().catalog.aggregates.contains_key("a"));
    for wrong in [
        r#"{"true_count": 3, "true_fraction": 0.4}"#,
        r#"{"x": {"true_count": 3, "true_fraction": 0.375}, "y": {"true_count": 1, "true_fraction": 0.2}}"#,
    ] {
        let findings = read_bytes("s.json", summary(wrong).as_bytes()).err().unwrap();
        assert_eq!(findings.iter().next().unwrap().code.word(), "contradiction", "{wrong}");
    }
}
