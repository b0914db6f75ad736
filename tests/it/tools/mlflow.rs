use super::{close, json, read, reference, try_read};
use relgate::evidence::{Format, Measured};

#[test]
fn rows_give_the_means_that_the_metrics_state() {
    let Some(path) = reference("mlflow/genai_eval_results.json") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Mlflow);
    for (name, stated) in json(&path.with_file_name("genai_metrics.json")).as_object().unwrap() {
        let name = name.strip_suffix("/mean").unwrap();
        close(read.all(name).mean, stated.as_f64().unwrap(), 1e-12);
        // The crashed scorer drops out of the mean: 1.0 over 3 of 4.
        assert_eq!(read.all(name).n, if name == "boom" { 3 } else { 4 });
    }
    assert_eq!(read.value(r#"{"q":"capital"}"#, "exact").as_deref(), Some("true"));
    assert_eq!(read.value(r#"{"q":"capital"}"#, "expected.answer").as_deref(), Some("Paris"));
    close(read.all("scorer_errors").mean * 4.0, 1.0, 1e-12);
    assert!(read.run().created.is_some());
}

#[test]
fn rows_on_lines_say_the_same_and_a_trace_that_failed_has_no_score() {
    let Some(path) = reference("mlflow/genai_eval_results.json") else { return };
    let mut own = json(&path);
    own[0]["state"] = "ERROR".into();
    let lines: Vec<String> = own.as_array().unwrap().iter().map(ToString::to_string).collect();
    let read = super::read_bytes("rows.jsonl", lines.join("\n").as_bytes()).unwrap();
    assert_eq!(read.catalog.format, Format::Mlflow);
    assert_eq!((read.run().rows, read.run().errored, read.all("exact").n), (4, 1, 3));
}

#[test]
fn a_run_states_numbers_and_an_infinite_one_is_left_out() {
    let Some(path) = reference("mlflow/run_classifier.json") else { return };
    let own = json(&path);
    let read = read(&path);
    let aggregates = &read.catalog.aggregates;
    assert!(!aggregates.contains_key("loss"));
    assert_eq!(read.catalog.told.problems[0].code.word(), "not-finite");
    assert_eq!(
        aggregates["accuracy_score"].measured,
        Measured::Value {
            value: relgate::evidence::Figure { value: 0.75, text: "0.75".to_owned() },
            n: own["data"]["metrics"]["example_count"].as_f64().unwrap() as u64,
        }
    );
    assert!(matches!(aggregates["f1_score"].measured, Measured::Point(_)));
    assert!(format!("{:?}", read.run().models).contains("mock-1"));
    assert_eq!(read.run().created.unwrap().timestamp_millis(), 1_795_406_804_175);
}

#[test]
fn metrics_are_numbers_and_a_broken_file_is_none() {
    let Some(path) = reference("mlflow/genai_metrics.json") else { return };
    let flat = read(&path);
    assert_eq!(flat.catalog.format, Format::Metrics);
    assert!(matches!(flat.catalog.aggregates["boom/mean"].measured, Measured::Point(_)));
    let classifier = read(&path.with_file_name("eval_result_classifier").join("metrics.json"));
    assert_eq!(classifier.catalog.format, Format::Mlflow);
    assert!(matches!(classifier.catalog.aggregates["accuracy_score"].measured, Measured::Value { n: 4, .. }));
    assert!(try_read(&path.with_file_name("metrics_classifier.json")).is_err(), "it breaks off");
}
