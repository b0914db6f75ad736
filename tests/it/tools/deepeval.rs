use super::{close, fixture, json, read, read_bytes, reference};
use relgate::evidence::Format;

/// Our figures of a metric beside its own list of scores.
#[test]
fn a_test_run_gives_the_figures_that_it_states() {
    let Some(path) = reference("deepeval/results/test_run_20261123_040426.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::DeepEval);
    for stated in own["metricsScores"].as_array().unwrap() {
        let name = stated["metric"].as_str().unwrap();
        let scores: Vec<f64> =
            stated["scores"].as_array().unwrap().iter().map(|score| score.as_f64().unwrap()).collect();
        let figures = read.all(name);
        assert_eq!(figures.n, scores.len(), "{name}");
        close(figures.mean, scores.iter().sum::<f64>() / scores.len() as f64, 1e-12);
        let passed = read.all(&format!("{name}.success"));
        assert_eq!(passed.n, scores.len());
        close(passed.mean * passed.n as f64, stated["passes"].as_f64().unwrap(), 1e-9);
        let raised = stated["errors"].as_u64().unwrap() as usize;
        assert_eq!(own["testCases"].as_array().unwrap().len(), figures.n + raised);
    }
    let success = read.all("success");
    close(success.mean * success.n as f64, own["testPassed"].as_f64().unwrap(), 1e-9);
    assert_eq!(read.value("case-4", "scorer_errors").as_deref(), Some("1"));
    assert_eq!(read.value("case-4", "Strict Overlap"), None);
    assert_eq!(read.value("case-1", "latency_s").as_deref(), Some("0.1"));
    assert_eq!(read.value("case-1", "tags").as_deref(), Some("t"));
    assert_eq!(read.run().errored, 0);
    assert!(format!("{:?}", read.run().models).contains("mock-1"));
}

#[test]
fn every_shape_says_the_same() {
    let Some(path) = reference("deepeval/20261129_021748") else { return };
    let (run, result) = (read(&path), read(&path.with_file_name("old_A_result.json")));
    assert_eq!(run.catalog.format, Format::DeepEval, "without an ending");
    assert_eq!(run.ids(), result.ids());
    for (metric, n) in [("Token Overlap", 8), ("Strict Overlap", 6)] {
        assert_eq!(run.all(metric).n, n);
        assert_eq!(run.all(metric), result.all(metric));
    }
    let Some(path) = reference("deepeval/evaluation_result.json") else { return };
    let test_run = read(&path.with_file_name("results").join("test_run_20261123_040426.json"));
    assert_eq!(read(&path).all("Strict Overlap"), test_run.all("Strict Overlap"));
}

#[test]
fn a_case_without_a_name_is_what_was_asked_and_nan_is_no_score() {
    for name in ["test_run.json", "evaluation_result.json"] {
        let read = read(&fixture("deepeval-3.7.9", name));
        for (metric, n, mean, passed) in
            [("Words", 6, 0.5556, 3.0), ("Strict words", 4, 0.3333, 1.0), ("Strange words", 6, 0.4444, 3.0)]
        {
            let figures = read.all(metric);
            assert_eq!(figures.n, n, "{name} {metric}");
            close(figures.mean, mean, 5e-5);
            // Where low is good, only `success` says so.
            let success = read.all(&format!("{metric}.success"));
            close(success.mean * success.n as f64, passed, 1e-9);
        }
        assert_eq!(read.value("Largest planet?", "metadata.lang").as_deref(), Some("en"), "{name}");
        assert!(!read.ids().contains(&"test_case_0"));
    }
}

#[test]
fn cases_that_are_counted_and_not_listed_are_errors() {
    let Some(path) = reference("deepeval/results/test_run_20261123_040426.json") else { return };
    let mut own = json(&path);
    own["testFailed"] = 6.into();
    let more = read_bytes("t.json", own.to_string().as_bytes()).unwrap();
    assert_eq!((more.run().rows, more.run().unlisted, more.errors().len()), (6, 2, 2));
    own["testFailed"] = 1.into();
    let findings = read_bytes("t.json", own.to_string().as_bytes()).err().unwrap();
    assert_eq!(findings.iter().next().unwrap().code.word(), "contradiction");
}
