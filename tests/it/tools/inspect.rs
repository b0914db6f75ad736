use super::{close, json, read, reference};
use relgate::evidence::{Format, Measured};
use std::fs;
use std::path::PathBuf;

/// The log whose name has this in it.
fn log(folder: &str, part: &str) -> Option<PathBuf> {
    let folder = reference(&format!("inspect/{folder}"))?;
    let mut names: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.to_string_lossy().contains(part));
    assert_eq!(names.len(), 1, "{part}");
    names.pop()
}

#[test]
fn scores_over_all_samples_are_those_that_inspect_states() {
    let Some(path) = log("logs_json", "basic") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Inspect);
    assert_eq!(read.catalog.told.tool.as_deref(), Some("inspect-ai 0.3.285"));
    let run = read.run();
    assert_eq!((run.attempts, run.rows, run.errored), (own["results"]["total_samples"].as_u64(), 8, 0));
    assert_eq!(run.dataset.as_deref(), Some("toy-qa"));
    assert!(run.models.contains(&vec!["mockllm/model".to_owned()]) && run.created.is_some());
    for score in own["results"]["scores"].as_array().unwrap() {
        let name = score["name"].as_str().unwrap();
        let stated =
            score["metrics"].as_object().unwrap().iter().find(|(metric, _)| *metric != "stderr").unwrap().1;
        let figures = read.all(name);
        assert_eq!(figures.n as u64, score["scored_samples"].as_u64().unwrap());
        close(figures.mean, stated["value"].as_f64().unwrap(), 1e-12);
    }
    assert_eq!(read.value("2", "tokens").as_deref(), Some("12"));
    assert_eq!(read.value("2", "latency_s").as_deref(), Some("0.046"));
    assert_eq!(read.value("2", "metadata.category").as_deref(), Some("fact"));
    assert_eq!(read.value("2", "steps").as_deref(), Some("1"));
}

#[test]
fn errored_samples_count_and_a_score_that_is_no_number_is_missing() {
    let Some(path) = log("logs_json", "with-errors") else { return };
    let read = read(&path);
    // Inspect states an accuracy of 0.667 over 6 of 8 and calls the run a success.
    assert_eq!((read.run().attempts, read.run().rows, read.run().errored), (Some(8), 8, 2));
    let matched = read.all("match");
    assert_eq!(matched.n, 6);
    close(matched.mean, 2.0 / 3.0, 1e-12);
    assert_eq!(read.all("length_nan").n, 5);
    close(read.all("length_nan").mean, 5.4, 1e-12);
    // What it computed over the survivors cannot be judged as if it were about all.
    assert!(matches!(read.catalog.aggregates["match/accuracy"].measured, Measured::Point(_)));
}

#[test]
fn a_run_that_was_aborted_did_not_come_to_the_rest() {
    let Some(path) = log("logs_json", "aborted") else { return };
    let read = read(&path);
    assert_eq!(
        (read.run().attempts, read.run().rows, read.run().unlisted, read.run().errored),
        (Some(8), 4, 4, 6)
    );
    assert_eq!(read.all("match").n, 2);
    assert_eq!(read.catalog.told.problems[0].code.word(), "unfinished-run");
}

#[test]
fn epochs_letters_and_scores_with_parts() {
    let Some(path) = log("logs_json", "multi-metric") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!((read.run().rows, read.run().cases, read.run().epochs), (24, 8, 3));
    for score in own["results"]["scores"].as_array().unwrap() {
        if score["reducer"] != "mean" {
            continue;
        }
        let (name, scorer) = (score["name"].as_str().unwrap(), score["scorer"].as_str().unwrap());
        let field = if name == scorer { name.to_owned() } else { format!("{scorer}.{name}") };
        let metrics = score["metrics"].as_object().unwrap();
        let stated = metrics.get("mean").or(metrics.get("accuracy"));
        // Every case has as many epochs, so the mean over all is the mean of the means.
        if let Some(stated) = stated {
            close(read.all(&field).mean, stated["value"].as_f64().unwrap(), 1e-4);
        }
    }
    // Two statements of one name and scorer are told apart by their reducer.
    assert!(read.catalog.aggregates.contains_key("letters/accuracy,pass_at_2"));
}

#[test]
fn zip_logs_say_the_same_as_json_logs_in_any_packing() {
    let Some(path) = log("logs_json", "basic") else { return };
    let plain = read(&path);
    for folder in ["logs_eval", "logs_multiframe"] {
        let packed = read(&log(folder, "basic").unwrap());
        assert_eq!(packed.ids(), plain.ids(), "{folder}");
        for metric in ["match", "includes", "f1", "exact"] {
            assert_eq!(packed.all(metric), plain.all(metric), "{folder} {metric}");
        }
        assert_eq!(packed.run().attempts, Some(8));
    }
    let epochs = read(&log("logs_eval", "multi-metric").unwrap());
    assert_eq!((epochs.run().rows, epochs.run().cases, epochs.run().epochs), (24, 8, 3));
}
