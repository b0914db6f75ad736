use super::{close, fixture, read, read_as, reference};
use relgate::evidence::Format;

/// The means that Ragas prints, rounded to four digits.
#[test]
fn every_way_of_writing_a_frame_gives_the_printed_means() {
    let Some(path) = reference("ragas/result.csv") else { return };
    for name in ["result.csv", "result.jsonl", "result_columns.json", "scores_python_json.json"] {
        let read = read(&path.with_file_name(name));
        assert_eq!(read.catalog.format, Format::Ragas, "{name}");
        assert_eq!((read.run().rows, read.run().errored), (5, 0), "{name}");
        for (metric, mean) in [
            ("exact_match", 0.4),
            ("string_present", 0.6),
            ("non_llm_string_similarity", 0.4511),
            ("rouge_score(mode=fmeasure)", 0.48),
        ] {
            let figures = read.all(metric);
            assert_eq!(figures.n, 5, "{name} {metric}");
            close(figures.mean, mean, 5e-5);
        }
        // 1.0 over 4 of 5: the tool prints the mean and not the 4.
        assert_eq!((read.all("boom").n, read.all("boom").mean), (4, 1.0), "{name}");
        assert!(!read.catalog.fields.contains_key("retrieved_contexts"), "an input is no metric");
    }
    let rows = read(&path);
    assert_eq!(rows.ids(), ["q0", "q1", "q2", "q3", "q4"]);
    assert_eq!(rows.value("q4", "output").as_deref(), Some("The answer, is \"4\""));
}

#[test]
fn bare_scores_have_no_case_and_say_so() {
    let Some(path) = reference("ragas/scores_python_json.json") else { return };
    assert_eq!(read(&path).catalog.told.problems[0].code.word(), "missing-id");
    let list = read_as(&fixture("ragas-0.2.15", "scores.json"), Format::Ragas).unwrap();
    assert_eq!((list.run().rows, list.all("own").n), (6, 4));
}

#[test]
fn an_older_version_gives_the_printed_means_too() {
    for name in
        ["result.csv", "result_with_index.csv", "result.jsonl", "result_columns.json", "result_records.json"]
    {
        let read = read(&fixture("ragas-0.2.15", name));
        assert_eq!(read.catalog.format, Format::Ragas, "{name}");
        assert_eq!(read.run().rows, 6);
        for (metric, n, mean) in [
            ("bleu_score", 6, 0.1667),
            ("non_llm_string_similarity", 6, 0.6498),
            ("own", 4, 0.5),
            ("has_answer", 6, 0.8333),
        ] {
            assert_eq!(read.all(metric).n, n, "{name} {metric}");
            close(read.all(metric).mean, mean, 5e-5);
        }
    }
}
