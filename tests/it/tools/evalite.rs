use super::{close, json, read, reference, select};
use relgate::evidence::Format;

#[test]
fn a_row_of_which_anything_raised_is_an_error() {
    let Some(path) = reference("evalite/a.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Evalite);
    let runs: Vec<_> = read
        .catalog
        .told
        .runs
        .iter()
        .map(|run| (select(run)["eval"], run.rows, run.errored, run.created.unwrap().to_rfc3339()))
        .collect();
    let at = "2026-11-29T02:06:55+00:00".to_owned();
    assert_eq!(runs, [("toy A", 8, 3, at.clone()), ("clean A", 5, 0, at)]);
    assert!(read.errors().contains(&"simulated upstream 503"));
    assert!(read.errors().contains(&"judge returned no JSON"));
    for eval in own["evals"].as_array().unwrap() {
        let pick = [("eval", eval["name"].as_str().unwrap())];
        // Its average is over the rows that are left, each the mean of its three scores.
        let means = ["Exact", "Overlap", "Judge"].map(|name| {
            assert_eq!(read.of(&pick, name).n, 5);
            read.of(&pick, name).mean
        });
        close(means.iter().sum::<f64>() / 3.0, eval["averageScore"].as_f64().unwrap(), 1e-9);
    }
    let both = read.epochs("a-001", "latency_ms");
    assert_eq!(both.len(), 2, "in each of the evals");
    assert_eq!(both[0].1.as_deref(), Some("40"));
    assert_eq!(read.epochs("a-001", "tokens")[0].1.as_deref(), Some("14"));
    assert_eq!(read.epochs("a-001", "input.lang")[0].1.as_deref(), Some("en"));
}

#[test]
fn trials_are_epochs() {
    let Some(path) = reference("evalite/a_trials3.json") else { return };
    let read = read(&path);
    let run = &read.catalog.told.runs[0];
    assert_eq!((run.rows, run.cases, run.epochs, run.errored), (24, 8, 3, 9));
}
