use super::{close, json, read, reference};
use relgate::evidence::Format;

#[test]
fn what_errored_is_a_case_and_a_scorer_that_raised_leaves_a_gap() {
    let Some(path) = reference("pydantic_evals/a_repeat1.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::PydanticEvals);
    let (cases, failures) = (own["cases"].as_array().unwrap(), own["failures"].as_array().unwrap());
    let run = read.run();
    assert_eq!((run.cases as usize, run.errored as usize), (cases.len() + failures.len(), failures.len()));
    assert_eq!(read.errors(), ["RuntimeError: simulated upstream 503 for a-006"]);
    for (kind, name) in
        [("assertions", "Exact"), ("assertions", "safe"), ("scores", "judge"), ("scores", "Overlap")]
    {
        let values: Vec<f64> = cases
            .iter()
            .filter_map(|case| {
                let value = &case[kind].get(name)?["value"];
                value.as_f64().or(value.as_bool().map(|value| f64::from(u8::from(value))))
            })
            .collect();
        let figures = read.all(name);
        assert_eq!(figures.n, values.len(), "{name}");
        close(figures.mean, values.iter().sum::<f64>() / values.len() as f64, 1e-12);
    }
    // judge is missing in the case whose scorer raised and in one that it did not apply to.
    assert_eq!(read.all("judge").n, 5);
    assert_eq!(read.value("a-007", "scorer_errors").as_deref(), Some("1"));
    assert_eq!(read.value("a-003", "metadata.lang").as_deref(), Some("de"));
    assert!(run.models.contains(&vec!["mock-1".to_owned()]));
}

#[test]
fn repeats_are_epochs_of_their_case() {
    let Some(path) = reference("pydantic_evals/a_repeat3.json") else { return };
    let read = read(&path);
    assert_eq!((read.run().cases, read.run().epochs), (8, 3));
    assert_eq!(read.epochs("a-001", "Exact").len(), 3);
    assert_eq!(read.run().errored, 3);
}

#[test]
fn a_report_of_an_old_version_is_read_too() {
    let Some(path) = reference("pydantic_evals/a_old.json") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::PydanticEvals);
    assert_eq!(read.run().rows as usize, json(&path)["cases"].as_array().unwrap().len());
}
