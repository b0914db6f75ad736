use super::{close, json, read, read_bytes, reference, try_read};
use relgate::evidence::{Format, Measured};

#[test]
fn rows_give_the_means_of_the_summary_and_their_sizes() {
    let Some(path) = reference("braintrust/a_result.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Braintrust);
    assert_eq!((read.run().cases, read.run().errored), (8, 1));
    assert_eq!(read.errors(), ["simulated upstream 503"]);
    for (name, stated) in own["summary"]["scores"].as_object().unwrap() {
        close(read.all(name).mean, stated["score"].as_f64().unwrap(), 1e-12);
        assert_eq!(read.all(name).n, if name == "Judge" { 5 } else { 7 }, "{name}");
    }
    assert_eq!(read.value("水の化学式は?", "scorer_errors").as_deref(), Some("1"));
    assert_eq!(read.value("Capital of France?", "metadata.lang").as_deref(), Some("en"));
    assert_eq!(read.value("Capital of France?", "scorer_errors").as_deref(), Some("0"));
}

#[test]
fn trials_are_epochs() {
    let Some(path) = reference("braintrust/a_result_trials3.json") else { return };
    let read = read(&path);
    assert_eq!((read.run().cases, read.run().epochs, read.run().errored), (8, 3, 3));
    assert_eq!(read.all("Judge").n, 15);
}

#[test]
fn a_line_of_the_command_has_no_size_and_an_error_is_no_result() {
    let Some(path) = reference("braintrust/a_cli_ok.jsonl") else { return };
    let read = read(&path);
    assert!(!read.catalog.has_samples());
    let Measured::Point(judge) = &read.catalog.aggregates["Judge"].measured else { panic!() };
    close(judge.value, 0.56, 1e-12);
    let findings = try_read(&path.with_file_name("a_cli_error.jsonl")).err().unwrap();
    let finding = findings.iter().next().unwrap();
    assert_eq!(finding.code.word(), "unfinished-run");
    assert!(finding.notes.iter().any(|note| note.contains("simulated upstream 503")), "{finding:?}");
    // Nor does it hide behind a line that is well.
    let both =
        [std::fs::read(&path).unwrap(), std::fs::read(path.with_file_name("a_cli_error.jsonl")).unwrap()];
    assert!(read_bytes("both.jsonl", &both.concat()).is_err());
    let twice = [both[0].clone(), both[0].clone()].concat();
    assert!(read_bytes("twice.jsonl", &twice).is_err(), "one experiment twice");
}
