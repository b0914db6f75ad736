use super::{close, json, read, reference};
use relgate::evidence::Format;

#[test]
fn what_an_evaluator_said_of_a_crash_is_no_score() {
    let Some(path) = reference("langsmith/a.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::LangSmith);
    let rows = own["results"].as_array().unwrap();
    assert_eq!((read.run().rows as usize, read.run().errored), (rows.len(), 1));
    // The judge gave 0.6 to the answer that was never there: 6 numbers in the file, 5 that count.
    let judged = |row: &&serde_json::Value| {
        let results = row["evaluation_results"]["results"].as_array().unwrap();
        results.iter().any(|result| result["key"] == "judge" && result["score"].is_number())
    };
    assert_eq!(rows.iter().filter(judged).count(), 6);
    let judge = read.all("judge");
    assert_eq!(judge.n, 5);
    close(judge.mean, (0.6 + 0.6 + 0.5 + 0.6 + 0.5) / 5.0, 1e-12);
    assert_eq!(read.all("exact_match").n, 7);
    let first = rows[0]["example"]["id"].as_str().unwrap();
    assert_eq!(read.value(first, "metadata.lang").as_deref(), Some("en"));
    assert_eq!(read.value(first, "tone").as_deref(), Some("polite"));
    close(read.value(first, "latency_s").unwrap().parse().unwrap(), 0.032_304, 1e-6);
    assert_eq!(read.value(first, "tokens").as_deref(), Some("14"));
    assert!(read.run().models.contains(&vec!["mock-1".to_owned()]));
}

#[test]
fn csv_and_lines_say_the_same() {
    let Some(path) = reference("langsmith/a.json") else { return };
    let whole = read(&path);
    for name in ["a.csv", "a.jsonl"] {
        let other = read(&path.with_file_name(name));
        assert_eq!(other.catalog.format, Format::LangSmith, "{name}");
        assert_eq!(other.ids(), whole.ids());
        for metric in ["exact_match", "overlap", "judge"] {
            assert_eq!(other.all(metric), whole.all(metric), "{name} {metric}");
        }
        assert_eq!(other.run().errored, 1);
    }
}

#[test]
fn repetitions_are_epochs_in_old_and_new_versions() {
    for (name, epochs) in [("a_rep2.json", 2), ("a_old.json", 2), ("a_old.csv", 2)] {
        let Some(path) = reference(&format!("langsmith/{name}")) else { return };
        let read = read(&path);
        assert_eq!((read.run().cases, read.run().epochs), (8, epochs), "{name}");
        assert_eq!(read.all("judge").n, 10, "{name}");
        assert_eq!(read.run().errored, 2);
    }
}

#[test]
fn true_and_false_of_a_table_are_truth_values_whatever_the_score_is_called() {
    let table = "inputs.q,feedback.on_brand,error,execution_time,example_id,id\r\na,True,,0.5,e1,r1\r\nb,FALSE,,0.5,e2,r2\r\nc,,,0.5,e3,r3\r\n";
    let read = super::read_bytes("rows.csv", table.as_bytes()).unwrap();
    assert_eq!(read.catalog.fields["on_brand"], relgate::evidence::FieldKind::Bool);
    assert_eq!((read.all("on_brand").n, read.value("e2", "on_brand").as_deref()), (2, Some("false")));
}
