use super::{close, json, read, read_bytes, reference};
use relgate::evidence::{Format, Measured};

#[test]
fn what_is_listed_is_read_and_what_is_left_out_is_warned_of() {
    let Some(path) = reference("langfuse/a.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Langfuse);
    let items = own["item_results"].as_array().unwrap();
    // The eighth item raised, and nothing in the file says so.
    assert_eq!((read.run().rows as usize, items.len(), read.run().attempts), (7, 7, None));
    assert_eq!(read.catalog.told.problems[0].code.word(), "errors-not-listed");
    let Measured::Point(rate) = &read.catalog.aggregates["run/exact_rate"].measured else { panic!() };
    close(read.all("exact").mean, rate.value, 1e-12);
    // As its own report prints them.
    for (name, mean, n) in [("overlap", 0.536, 7), ("judge", 0.560, 5), ("exact", 0.429, 7)] {
        assert_eq!(read.all(name).n, n, "{name}");
        close(read.all(name).mean, mean, 5e-4);
    }
    assert_eq!(read.value("Capital of France?", "exact").as_deref(), Some("true"));
    assert_eq!(read.value("Capital of France?", "tone").as_deref(), Some("polite"));
    assert_eq!(read.value("Hauptstadt von Österreich?", "metadata.lang").as_deref(), Some("de"));
    assert_eq!(read.run().created.unwrap().to_rfc3339(), "2026-11-29T01:51:43.244939+00:00");
}

#[test]
fn the_report_for_people_is_refused_and_says_what_to_name() {
    let Some(path) = reference("langfuse/a.txt") else { return };
    let text = std::fs::read_to_string(&path).unwrap();
    // Without its items it has the averages only.
    let averages = text.find('🧪').unwrap();
    for part in [text.as_str(), &text[averages..]] {
        let findings = read_bytes("a.txt", part.as_bytes()).err().unwrap();
        let finding = findings.iter().next().unwrap();
        assert_eq!(finding.code.word(), "unknown-format");
        assert!(finding.title.contains("Langfuse's report for people"), "{}", finding.title);
    }
}

#[test]
fn the_names_of_javascript_say_the_same() {
    let Some(path) = reference("langfuse/a.json") else { return };
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (python, javascript) in [
        ("item_results", "itemResults"),
        ("run_evaluations", "runEvaluations"),
        ("run_name", "runName"),
        ("expected_output", "expectedOutput"),
        ("data_type", "dataType"),
    ] {
        text = text.replace(python, javascript);
    }
    let (whole, other) = (read(&path), read_bytes("a.json", text.as_bytes()).unwrap());
    assert_eq!(whole.all("exact"), other.all("exact"));
    assert_eq!(whole.run().created, other.run().created);
    assert_eq!(other.value("2+2?", "expected").as_deref(), Some("4"));
    let numbers = text.replace("\"value\": true", "\"value\": 1").replace("\"value\": false", "\"value\": 0");
    let numbers = read_bytes("a.json", numbers.as_bytes()).unwrap();
    assert_eq!(numbers.value("2+2?", "exact").as_deref(), Some("false"), "BOOLEAN as a number");
}
