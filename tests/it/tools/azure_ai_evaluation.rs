use super::{close, read, read_bytes, reference};
use relgate::evidence::Format;

#[test]
fn rows_give_the_means_that_are_stated_and_their_sizes() {
    let Some(path) = reference("azure_ai_evaluation/a.json") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::AzureAiEvaluation);
    let own = std::fs::read_to_string(&path).unwrap().replace("NaN", "null");
    let own: serde_json::Value = serde_json::from_str(&own).unwrap();
    for (name, mean) in own["metrics"].as_object().unwrap() {
        // A pass rate, rounded to two digits.
        if let Some(scorer) = name.strip_suffix(".binary_aggregate") {
            let result = if scorer == "f1" { "f1.f1_score_result" } else { "exact.exact_result" };
            close(read.all(result).mean, mean.as_f64().unwrap(), 0.005);
            continue;
        }
        close(read.all(name).mean, mean.as_f64().unwrap(), 1e-12);
        // 0.56 over 5 of 7, and the file has no word of it.
        assert_eq!(read.all(name).n, if name == "judge.judge" { 5 } else { 7 }, "{name}");
    }
    // The stated pass rate is rounded to 0.43.
    close(read.all("exact.exact_result").mean, 3.0 / 7.0, 1e-12);
    assert_eq!(read.value("a-001", "inputs.lang").as_deref(), Some("en"));
    assert_eq!(read.value("a-001", "usage.input_tokens").as_deref(), Some("13"));
    assert_eq!(read.value("a-001", "output").as_deref(), Some("Paris"));
    assert_eq!(read.value("a-004", "judge.judge"), None);
    assert_eq!(read.run().errored, 0, "a target that raises ends the run without a file");
}

#[test]
fn a_line_of_the_data_without_a_row_is_an_error() {
    let Some(path) = reference("azure_ai_evaluation/a.json") else { return };
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("\"inputs.line_number\": 6", "\"inputs.line_number\": 8");
    let read = read_bytes("a.json", text.as_bytes()).unwrap();
    assert_eq!((read.run().rows, read.run().unlisted), (7, 2));
    let unnamed = std::fs::read_to_string(&path).unwrap().replace("\"inputs.id\"", "\"inputs.case\"");
    let read = read_bytes("a.json", unnamed.as_bytes()).unwrap();
    assert_eq!(read.run().cases, 7, "what was asked tells the cases apart");
}
