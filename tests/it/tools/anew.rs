//! Files that the scripts of this repository made anew, with other versions and configurations: `FACTS.md` beside each of them
//! has the figures.

use super::{close, fixture, json, read};

/// Figures of a field: n, and how much they sum up to.
fn holds(read: &super::Read, select: &[(&str, &str)], field: &str, n: usize, sum: f64) {
    let figures = read.of(select, field);
    assert_eq!(figures.n, n, "{field} {select:?}");
    close(figures.mean * n as f64, sum, 1e-4);
}

#[test]
fn promptfoo_of_two_further_versions() {
    let read_all = read(&fixture("promptfoo-0.123.0", "results.json"));
    assert_eq!(read_all.catalog.told.tool.as_deref(), Some("promptfoo 0.123.0"));
    assert_eq!(read_all.catalog.told.runs.len(), 4);
    for run in &read_all.catalog.told.runs {
        assert_eq!((run.attempts, run.rows, run.errored), (Some(6), 6, 1));
    }
    let prompts: Vec<String> =
        read_all.catalog.told.runs.iter().map(|run| run.select["prompt"].clone()).collect();
    for prompt in &prompts {
        let small = [("prompt", prompt.as_str()), ("provider", "small")];
        holds(&read_all, &small, "pass", 5, 2.0);
        holds(&read_all, &small, "score", 5, 2.3067);
        holds(&read_all, &small, "correct", 3, 3.0);
        holds(&read_all, &small, "brief", 5, 3.0);
        // The sums of promptfoo are weighted; a row's own value is the mean.
        holds(&read_all, &small, "closeness", 1, 0.4);
        // A cost that the provider did not state is unknown.
        assert_eq!(read_all.of(&small, "cost_usd").n, 0);
        let large = [("prompt", prompt.as_str()), ("provider", "large")];
        holds(&read_all, &large, "pass", 5, 1.0);
        holds(&read_all, &large, "score", 5, 1.8333);
        holds(&read_all, &large, "correct", 3, 1.0);
        // A scorer that raised is a score of 0 in the file, and nothing tells it from one.
        holds(&read_all, &large, "judge", 1, 0.0);
    }
    for name in ["results.jsonl", "results.csv"] {
        let other = read(&fixture("promptfoo-0.123.0", name));
        assert_eq!(other.catalog.told.runs.len(), 4, "{name}");
        assert_eq!(other.all("pass"), read_all.all("pass"), "{name}");
    }
    let cached = read(&fixture("promptfoo-0.123.0", "cached.json"));
    let rows = json(&fixture("promptfoo-0.123.0", "cached.json"));
    let own = rows["results"]["results"].as_array().unwrap();
    let measured =
        own.iter().filter(|row| row["response"]["cached"] != true && row["failureReason"] != 2).count();
    assert_eq!(cached.all("latency_ms").n, measured, "what came from the cache was not measured");
    assert!(measured < own.len() - 1);
    let repeated = read(&fixture("promptfoo-0.123.0", "repeat.json"));
    for run in &repeated.catalog.told.runs {
        assert_eq!((run.rows, run.cases, run.epochs), (3, 1, 3));
    }
    let older = read(&fixture("promptfoo-0.122.2", "results.json"));
    assert_eq!(older.catalog.told.runs.len(), 2);
    for run in &older.catalog.told.runs {
        assert_eq!((run.attempts, run.errored), (Some(4), 1));
    }
}

#[test]
fn inspect_of_an_older_version() {
    let agent = read(&fixture("inspect-0.3.150", "agent.eval"));
    holds(&agent, &[], "includes", 4, 3.0);
    for (id, calls, errors, steps, tokens) in [
        ("paris", "1", "0", "2", "85"),
        ("both", "2", "1", "3", "124"),
        ("none", "0", "0", "1", "22"),
        ("wrong", "1", "1", "2", "99"),
    ] {
        let value = |field| agent.value(id, field).unwrap();
        assert_eq!(
            [value("tool_calls"), value("tool_errors"), value("steps"), value("tokens")],
            [calls, errors, steps, tokens],
            "{id}"
        );
    }
    for name in ["broken.json", "broken.eval"] {
        let broken = read(&fixture("inspect-0.3.150", name));
        assert_eq!(
            (broken.run().attempts, broken.run().rows, broken.run().errored),
            (Some(6), 6, 2),
            "{name}"
        );
        // The score of the sample whose second scorer raised does not count.
        holds(&broken, &[], "match", 4, 4.0);
        assert_eq!(broken.all("fragile").n, 2, "{name}");
    }
    let graded = read(&fixture("inspect-0.3.150", "graded.eval"));
    assert_eq!((graded.run().rows, graded.run().cases, graded.run().epochs), (12, 6, 2));
    close(graded.all("rubric.faithful").mean, 0.35, 1e-4);
    close(graded.all("rubric.polite").mean, 0.5, 1e-4);
    close(graded.all("grade").mean, 0.3333, 1e-4);
    close(graded.all("length").mean, 4.5, 1e-4);
    let limited = read(&fixture("inspect-0.3.150", "graded_limited.eval"));
    assert_eq!((limited.run().attempts, limited.run().limited), (Some(4), Some(4)));
    assert!(limited.catalog.told.problems.iter().any(|one| one.code.word() == "limited-run"));
    let stopped = read(&fixture("inspect-0.3.150", "stopped.eval"));
    assert_eq!((stopped.run().rows, stopped.run().unlisted), (2, 4));
    assert!(stopped.catalog.told.problems.iter().any(|one| one.code.word() == "unfinished-run"));
}

#[test]
fn lm_eval_of_an_older_version() {
    let folder = "whole/org__steady-3";
    let time = "2026-11-29T14-46-18.502692";
    let results = read(&fixture("lm-eval-0.4.8", &format!("{folder}/results_{time}.json")));
    assert!(results.catalog.aggregates.contains_key("choice/acc,none"));
    for (task, filter, field, n, mean) in [
        ("choice_first", "none", "acc", 5, 0.6),
        ("choice_second", "none", "acc", 7, 0.2857),
        ("sums", "first", "exact_match", 12, 0.3333),
        ("sums", "number", "exact_match", 12, 0.5833),
    ] {
        let samples = read(&fixture("lm-eval-0.4.8", &format!("{folder}/samples_{task}_{time}.jsonl")));
        let figures = samples.of(&[("filter", filter)], field);
        assert_eq!(figures.n, n, "{task} {filter}");
        close(figures.mean, mean, 1e-4);
    }
    let limited =
        read(&fixture("lm-eval-0.4.8", "limited/org__steady-2/results_2026-11-29T14-46-35.047346.json"));
    assert_eq!(limited.run().limited, Some(7));
}

#[test]
fn pydantic_evals_of_an_older_version() {
    let report = read(&fixture("pydantic-evals-1.107.10", "report.json"));
    assert_eq!((report.run().rows, report.run().errored), (9, 2));
    holds(&report, &[], "Exact", 7, 5.0);
    holds(&report, &[], "safe", 5, 4.0);
    holds(&report, &[], "relevance", 3, 0.75);
    // A counter that was raised by 0 is absent: nothing tells it from one that was lost.
    assert_eq!(report.all("tool_calls").n, 1);
    // Of a task whose spans were recorded the tool counts requests and tokens; calls of tools the task counted itself.
    let agent = read(&fixture("pydantic-evals-1.107.10", "agent.json"));
    for (id, steps, calls) in [("none", "1", None), ("one", "2", Some("1")), ("lost", "3", Some("2"))] {
        let value = |field| agent.value(id, field);
        assert_eq!((value("steps").as_deref(), value("tool_calls").as_deref()), (Some(steps), calls), "{id}");
    }
    holds(&agent, &[], "tokens", 3, 8.0 * 6.0);
    holds(&agent, &[], "tool_errors", 1, 1.0);
    let repeat = read(&fixture("pydantic-evals-1.107.10", "repeat.json"));
    assert_eq!(
        (repeat.run().rows, repeat.run().cases, repeat.run().epochs, repeat.run().errored),
        (9, 3, 3, 3)
    );
}

#[test]
fn pytest_of_an_older_version() {
    let report = read(&fixture("pytest-8.4.2", "report.json"));
    assert_eq!((report.run().cases, report.run().errored), (22, 3));
    // 5 passed, 1 xpassed, 1 that passed when it was run again; 9 failed, 1 xfailed, and the first attempt of that one.
    holds(&report, &[], "pass", 18, 7.0);
    for name in ["xunit1.xml", "xunit2.xml"] {
        let junit = read(&fixture("pytest-8.4.2", name));
        assert_eq!((junit.run().rows, junit.run().cases, junit.run().errored), (23, 22, 3), "{name}");
        holds(&junit, &[], "pass", 18, 7.0);
    }
    // Tests that were not asked for are none that were not run.
    let selected = read(&fixture("pytest-8.4.2", "selected.json"));
    assert_eq!((selected.run().cases, selected.run().unlisted, selected.run().limited), (2, 0, Some(20)));
    // A file that cannot be imported is an error in both forms.
    for name in ["unreadable.json", "unreadable.xml"] {
        let unreadable = read(&fixture("pytest-8.4.2", name));
        assert_eq!(unreadable.run().errored, 1, "{name}");
        holds(&unreadable, &[], "pass", 3, 1.0);
    }
}

#[test]
fn langsmith_of_an_older_version() {
    for name in ["results.json", "results.csv", "results.jsonl"] {
        let read = read(&fixture("langsmith-0.8.18", name));
        assert_eq!((read.run().rows, read.run().cases, read.run().errored), (14, 7, 2), "{name}");
        holds(&read, &[], "correct", 12, 8.0);
        holds(&read, &[], "relevance", 8, 6.0);
        // Nothing says what stood below the target.
        if name == "results.json" {
            assert!(!read.catalog.fields.contains_key("tool_calls"));
        }
    }
    let agent = read(&fixture("langsmith-0.8.18", "agent.json"));
    let rows = json(&fixture("langsmith-0.8.18", "agent.json"));
    for (row, (calls, errors, steps, tokens)) in
        rows.as_array().unwrap().iter().zip([(0, 0, 1, 8), (1, 0, 2, 15), (2, 1, 3, 22), (3, 2, 4, 29)])
    {
        let id = row["example"]["id"].as_str().unwrap();
        for (field, number) in
            [("tool_calls", calls), ("tool_errors", errors), ("steps", steps), ("tokens", tokens)]
        {
            assert_eq!(agent.value(id, field), Some(number.to_string()), "{id} {field}");
        }
    }
    holds(&agent, &[], "input_tokens", 4, 50.0);
    holds(&agent, &[], "output_tokens", 4, 24.0);
}

#[test]
fn mocha_counts_tests_that_it_does_not_list() {
    let read = read(&fixture("mocha-10.8.2", "junit.xml"));
    // 11 counted, 3 listed: one that is not written yet, and 7 behind the hook that failed.
    let run = read.run();
    assert_eq!((run.attempts, run.rows, run.unlisted), (Some(11), 3, 8));
    assert_eq!(read.all("pass").n, 3);
    close(read.all("pass").mean * 3.0, 1.0, 1e-9);
}
