use super::{close, json, read, read_bytes, reference};
use relgate::evidence::Format;

#[test]
fn every_cell_is_counted_as_promptfoo_counts_it() {
    let Some(path) = reference("promptfoo/results.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Promptfoo);
    assert_eq!(read.catalog.told.tool.as_deref(), Some("promptfoo 0.121.20"));
    assert_eq!(read.catalog.told.runs.len(), 6);
    let mut attempts = 0;
    for (prompt, run) in own["results"]["prompts"].as_array().unwrap().iter().zip(0..) {
        let metrics = &prompt["metrics"];
        let label = prompt["label"].as_str().unwrap();
        let provider = prompt["provider"].as_str().unwrap();
        let pick = [("prompt", label), ("provider", provider)];
        let told = read.catalog.told.runs.iter().find(|run| super::select(run) == pick.into()).unwrap();
        let count = |key: &str| metrics[key].as_u64().unwrap();
        let (passed, failed, errors) =
            (count("testPassCount"), count("testFailCount"), count("testErrorCount"));
        assert_eq!(
            (told.attempts, told.rows, told.errored),
            (Some(passed + failed + errors), 8, errors),
            "{run}"
        );
        let pass = read.of(&pick, "pass");
        // A row that errored has no score; promptfoo leaves it out of both of its counts too.
        assert_eq!(pass.n as u64, passed + failed);
        close(pass.mean * pass.n as f64, passed as f64, 1e-9);
        // Its `score` is a sum in which errors are zeros.
        let score = read.of(&pick, "score");
        close(score.mean * score.n as f64, metrics["score"].as_f64().unwrap(), 1e-9);
        for (name, count) in metrics["namedScoresCount"].as_object().unwrap() {
            let figures = read.of(&pick, name);
            assert_eq!(figures.n as u64, count.as_u64().unwrap(), "{name}");
            close(figures.mean * figures.n as f64, metrics["namedScores"][name].as_f64().unwrap(), 1e-9);
        }
        attempts += told.attempts.unwrap();
        assert!(told.prompts.contains(prompt["raw"].as_str().unwrap()));
    }
    let stats = &own["results"]["stats"];
    let all: u64 = ["successes", "failures", "errors"].map(|key| stats[key].as_u64().unwrap()).iter().sum();
    assert_eq!(attempts, all);
    // A cost of 0 and tokens of 0 are unknown.
    assert_eq!(read.of(&[("provider", "echo")], "cost_usd").n, 0);
    assert_eq!(read.of(&[("provider", "echo")], "tokens").n, 0);
}

#[test]
fn lines_and_cells_say_the_same_of_the_same_cases() {
    let Some(path) = reference("promptfoo/results.json") else { return };
    let whole = read(&path);
    let lines = read(&path.with_file_name("results.jsonl"));
    let cells = read(&path.with_file_name("results.csv"));
    assert_eq!(whole.ids().len(), 8, "a case is its variables, whatever prompt and provider");
    assert_eq!(whole.ids(), lines.ids());
    assert_eq!(whole.ids(), cells.ids());
    for run in &whole.catalog.told.runs {
        let pick: Vec<(&str, &str)> = super::select(run).into_iter().collect();
        let pass = whole.of(&pick, "pass");
        assert_eq!(pass, lines.of(&pick, "pass"));
        assert_eq!(pass, cells.of(&pick, "pass"));
        close(whole.of(&pick, "score").mean, cells.of(&pick, "score").mean, 0.005);
    }
    assert_eq!(whole.errors().len(), cells.errors().len());
}

#[test]
fn results_that_are_counted_and_not_listed_are_errors() {
    let Some(path) = reference("promptfoo/results.json") else { return };
    let mut own = json(&path);
    let list = own["results"]["results"].as_array_mut().unwrap();
    let kept: Vec<_> = list.iter().filter(|row| row["testIdx"] != 3).cloned().collect();
    *list = kept;
    let shorter = read_bytes("results.json", own.to_string().as_bytes()).unwrap();
    for run in &shorter.catalog.told.runs {
        assert_eq!((run.attempts, run.rows, run.unlisted), (Some(8), 7, 1));
    }
    // And where more are listed than counted, nothing is judged.
    own["results"]["prompts"][0]["metrics"]["testPassCount"] = 0.into();
    own["results"]["prompts"][0]["metrics"]["testFailCount"] = 0.into();
    let findings = read_bytes("results.json", own.to_string().as_bytes()).err().unwrap();
    assert_eq!(findings.iter().next().unwrap().code.word(), "contradiction");
}

#[test]
fn what_came_from_a_cache_took_no_time() {
    let Some(path) = reference("promptfoo/results.json") else { return };
    let mut own = json(&path);
    for row in own["results"]["results"].as_array_mut().unwrap() {
        if row["provider"]["id"] == "echo" {
            row["response"]["cached"] = true.into();
            row["cost"] = 0.25.into();
        }
    }
    let read = read_bytes("r.json", own.to_string().as_bytes()).unwrap();
    for field in ["latency_ms", "cost_usd", "tokens"] {
        assert_eq!(read.of(&[("provider", "echo")], field).n, 0, "{field}");
    }
    assert!(read.of(&[("provider", "js-mock")], "latency_ms").n > 0);
}
