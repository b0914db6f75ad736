use super::{read, read_bytes, reference, select};
use relgate::evidence::Format;

#[test]
fn a_record_without_an_output_is_an_error() {
    let Some(path) = reference("trulens/a.jsonl") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::TruLens);
    assert_eq!(select(read.run()), [("app_name", "gate"), ("app_version", "2026.11")].into());
    // One raised and one answered nothing: the file does not tell them apart.
    assert_eq!((read.run().rows, read.run().errored), (8, 2));
    assert_eq!(read.value("2+2?", "latency_s").as_deref(), Some("0.000391"));
    // 0 is unknown.
    assert_eq!((read.all("tokens").n, read.all("cost_usd").n), (0, 0));
    assert_eq!(read.run().created.unwrap().timestamp_millis(), 1_795_918_826_079);
    let cells = super::read(&path.with_file_name("a.csv"));
    assert_eq!(cells.ids(), read.ids());
    assert_eq!(cells.all("latency_s"), read.all("latency_s"));
    assert_eq!(cells.run().created.map(|time| time.timestamp_millis()), Some(1_795_918_826_079));
    assert_eq!(cells.run().errored, 2);
}

#[test]
fn feedback_is_a_score_and_versions_are_runs() {
    let Some(path) = reference("trulens/a.jsonl") else { return };
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| line.replacen('{', "{\"Groundedness\":0.5,\"Groundedness_calls\":[1],", 1))
        .collect();
    lines[0] = lines[0].replace("\"total_tokens\":0", "\"total_tokens\":14").replace("2026.11", "2026.12");
    let read = read_bytes("a.jsonl", lines.join("\n").as_bytes()).unwrap();
    assert_eq!((read.all("Groundedness").n, read.all("tokens").n), (6, 1));
    assert_eq!(read.catalog.told.runs.len(), 2);
}
