use super::{close, json, read, read_bytes, reference};
use relgate::evidence::Format;

#[test]
fn what_an_evaluator_said_of_a_crash_is_no_score() {
    let Some(path) = reference("phoenix/a.json") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Phoenix);
    let meta = json(&path.with_file_name("a_meta.json"));
    assert_eq!(read.run().rows, meta["data"]["example_count"].as_u64().unwrap());
    assert_eq!(read.run().errored, meta["data"]["failed_run_count"].as_u64().unwrap());
    // The judge gave 0.6 to the answer that was never there.
    assert_eq!(read.all("judge").n, 5);
    close(read.all("judge").mean, 0.56, 1e-12);
    assert_eq!(read.all("exact_match").n, 7);
    close(read.all("exact_match").mean, 3.0 / 7.0, 1e-12);
    let raised = "RGF0YXNldEV4YW1wbGU6Nw==";
    assert_eq!(read.value(raised, "scorer_errors").as_deref(), Some("1"));
    assert_eq!(read.value("RGF0YXNldEV4YW1wbGU6MQ==", "latency_ms").as_deref(), Some("5.382"));
    assert_eq!(read.value("RGF0YXNldEV4YW1wbGU6MQ==", "exact_match").as_deref(), Some("true"));
    assert_eq!(read.value("RGF0YXNldEV4YW1wbGU6NA==", "judge.label").as_deref(), Some("not applicable"));
}

#[test]
fn the_csv_says_the_same_and_has_the_labels() {
    let Some(path) = reference("phoenix/a.json") else { return };
    let (rows, cells) = (read(&path), read(&path.with_file_name("a.csv")));
    assert_eq!(rows.ids(), cells.ids());
    for metric in ["exact_match", "overlap", "judge", "latency_ms", "scorer_errors"] {
        assert_eq!(rows.all(metric), cells.all(metric), "{metric}");
    }
    assert_eq!(cells.run().errored, 1);
    assert_eq!(cells.value("RGF0YXNldEV4YW1wbGU6Mw==", "metadata.lang").as_deref(), Some("de"));
    assert!(!rows.catalog.fields.contains_key("metadata.lang"));
    for name in ["a_rep2.json", "a_rep2.csv"] {
        let twice = read(&path.with_file_name(name));
        assert_eq!((twice.run().cases, twice.run().epochs, twice.run().errored), (8, 2, 2), "{name}");
    }
}

#[test]
fn the_experiment_names_its_model_and_counts_what_is_missing() {
    let Some(path) = reference("phoenix/a_meta.json") else { return };
    let whole = read(&path);
    assert!(whole.catalog.told.beside_results.is_some() && !whole.catalog.has_samples());
    assert!(format!("{:?}", whole.run().models).contains("mock-1"));
    assert_eq!(whole.run().dataset.as_deref(), Some("RGF0YXNldDox"));
    let mut own = json(&path);
    own["data"]["missing_run_count"] = 2.into();
    let partly = read_bytes("a_meta.json", own.to_string().as_bytes()).unwrap();
    assert_eq!((partly.run().unlisted, partly.errors().len()), (2, 2));
}
