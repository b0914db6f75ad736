use super::{close, read, read_bytes, reference};
use relgate::evidence::{Format, Measured};

#[test]
fn events_are_joined_by_their_sample() {
    let Some(path) = reference("openai_evals/toy.jsonl") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::OpenaiEvals);
    let Measured::Point(accuracy) = &read.catalog.aggregates["final_report/accuracy"].measured else {
        panic!()
    };
    assert_eq!((read.run().rows, read.all("correct").n), (6, 6));
    close(read.all("correct").mean, accuracy.value, 1e-12);
    let Measured::Point(tokens) = &read.catalog.aggregates["final_report/usage_total_tokens"].measured else {
        panic!()
    };
    close(read.all("tokens").mean * 6.0, tokens.value, 1e-9);
    assert_eq!(read.value("toy.dev.1", "output").as_deref(), Some("4"));
    assert_eq!(read.value("toy.dev.3", "expected").as_deref(), Some("☃"));
    assert_eq!(read.run().dataset.as_deref(), Some("toy.dev.v0"));
    let models = format!("{:?}", read.run().models);
    assert!(models.contains("stub/echo"), "{models}");
    assert_eq!(read.run().created.unwrap().to_rfc3339(), "2026-11-23T04:10:04.388746+00:00");
    assert!(read.catalog.told.problems.is_empty());
}

#[test]
fn an_aborted_run_says_so_and_a_sample_without_an_end_has_no_score() {
    let Some(path) = reference("openai_evals/toy.jsonl") else { return };
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> =
        text.lines().filter(|line| !line.contains("final_report") && !line.trim().is_empty()).collect();
    lines.pop();
    let error = r#"{"run_id": "x", "event_id": 99, "sample_id": "toy.dev.5", "type": "error", "data": {"type": "Timeout", "message": "no answer in 40 s"}, "created_by": "", "created_at": ""}"#;
    lines.push(error);
    let read = read_bytes("toy.jsonl", lines.join("\n").as_bytes()).unwrap();
    assert_eq!(read.catalog.told.problems[0].code.word(), "unfinished-run");
    assert_eq!(read.errors(), ["no answer in 40 s"]);
    // One has no match, and what the one that errored scored does not count.
    assert_eq!((read.run().rows, read.all("correct").n), (6, 4));
}
