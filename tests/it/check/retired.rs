//! Cases that were dropped on purpose: told, and not missed; nothing else is hidden by them.

use std::fs;

use serde_json::Value;

use super::support::*;

const RETIRING: &str = "evidence: { answers: { path: answers.jsonl, retired: dropped.txt } }\n";

/// `n` samples from `from` on, of which the first `wrong` of the numbering are wrong.
fn cases(from: usize, n: usize, wrong: usize) -> String {
    samples(from + n, |i| format!(r#""correct": {}"#, i >= wrong))
        .lines()
        .skip(from)
        .map(|line| line.to_owned() + "\n")
        .collect()
}

fn ids(range: std::ops::Range<usize>) -> String {
    range.map(|i| format!("q{i}\n")).collect()
}

/// The candidate lacks the first 20 of the baseline's 1,000 cases; `list` retires some.
fn dropped(gate: &str, list: impl AsRef<[u8]>) -> Project {
    judged_by(&[gate], &cases(20, 980, 0))
        .after("", &cases(0, 1000, 0))
        .manifest(&(RETIRING.to_owned() + &listed(&[gate])))
        .file("dropped.txt", list)
}

fn texts(report: &Value) -> String {
    report["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["text"].as_str().unwrap().to_owned() + "\n")
        .collect()
}

#[test]
fn ids_that_are_retired_are_not_missed_and_are_told() {
    let gate = "accuracy drop < 1pp";
    let missed = dropped(gate, ids(0..0) + "other\n").check();
    assert_eq!(missed.code, 3, "{}", missed.stdout);
    let project = dropped(gate, ids(0..20));
    let told = project.check();
    assert_eq!(told.code, 0, "{}", told.stdout);
    assert_eq!(
        told.warnings().iter().filter(|code| code.starts_with("retired") || *code == "lost-cases").count(),
        1
    );
    let words = "20 of the baseline's ids of `answers` are retired by dropped.txt";
    assert!(told.flat().contains(words), "{}", told.stdout);
    let page = fs::read_to_string(project.path("relgate-report/report.md")).unwrap();
    assert!(
        page.contains("ids of `answers` are retired by") || page.contains("are retired by dropped"),
        "{page}"
    );
    let entry = told.report()["evidence"][0]["retired"].clone();
    assert_eq!((&entry["listed"], &entry["left_out"]), (&20.into(), &20.into()));
    assert_eq!(entry["sha256"].as_str().unwrap().len(), 64);
    // Of rows with an id, packed or not, and of numbers too.
    for (file, text) in [
        ("d.jsonl", "{\"id\": \"q0\"}\n{\"id\": \"q1\"}\n"),
        ("d.csv", "id,why\nq0,gone\nq1,gone\n"),
        ("d.list", "\u{feff}q0\r\n\r\n q1 \r\n"),
    ] {
        let body = RETIRING.replace("dropped.txt", file) + &listed(&[gate]);
        let project = dropped(gate, "").manifest(&body).file(file, text);
        let report = project.check().report();
        assert_eq!(report["evidence"][0]["retired"]["left_out"], 2, "{file}");
    }
}

#[test]
fn what_is_evaluated_is_never_retired() {
    // q20 and q21 got worse, and the list retires them.
    let gate = "regressions <= 0";
    let worse = cases(0, 1000, 0)
        .replace("{\"id\": \"q20\", \"correct\": true}", "{\"id\": \"q20\", \"correct\": false}");
    let project = dropped(gate, ids(20..22)).file("answers.jsonl", worse);
    let checked = project.check();
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let text = texts(&checked.report());
    assert!(
        text.contains("2 ids that dropped.txt retires are in the candidate's results")
            && text.contains("`q20`, `q21`"),
        "{text}"
    );
}

#[test]
fn ids_that_nobody_had_and_lists_that_say_nothing() {
    let gate = "accuracy drop < 5pp";
    let text = texts(&dropped(gate, ids(0..20) + "q5000\nquestion 7\n").check().report());
    assert!(
        text.contains("2 ids that dropped.txt retires are none of the baseline's: `q5000`, `question 7`"),
        "{text}"
    );
    dropped(gate, "\n \n").check().refuses(&["empty-evidence", "dropped.txt"]);
    dropped(gate, b"q1\xff\n").check().refuses(&["not-utf8", "dropped.txt"]);
    let gone = dropped(gate, "");
    fs::remove_file(gone.path("dropped.txt")).unwrap();
    gone.check().refuses(&["dropped.txt"]);
    let outside =
        dropped(gate, "x").manifest(&(RETIRING.replace("dropped.txt", "../x.txt") + &listed(&[gate])));
    outside.check().refuses(&["leaves"]);
}

#[test]
fn half_of_the_cases_are_not_dropped_by_a_list() {
    let gate = "accuracy drop < 5pp";
    let project = dropped(gate, ids(0..600)).file("answers.jsonl", cases(600, 400, 0));
    project.check().refuses(&["other-case-sets", "1000", "400"]);
}

#[test]
fn a_list_is_never_written_over_and_a_longer_one_is_looser() {
    let gate = "accuracy drop < 5pp";
    let project = dropped(gate, ids(0..20)).args(&["--report", "markdown=dropped.txt"]);
    project.check().refuses(&["output-is-taken", "retired ids"]);
    let story = |old: Option<&str>, new: Option<&str>| {
        let body = |list: Option<&str>| match list {
            Some(_) => RETIRING.to_owned(),
            None => ANSWERS.to_owned(),
        };
        let project = dropped(gate, "").manifest(&(body(new) + &listed(&[gate])));
        let before = format!("{}{}{}", HEAD.replace("1.2.3", "1.2.2"), body(old), listed(&[gate]));
        let project = project.file("before/release.yaml", before);
        for (place, list) in [("before/dropped.txt", old), ("dropped.txt", new)] {
            if let Some(list) = list {
                project.again(place, list);
            }
        }
        let args = ["diff", "before", "release.yaml", "--root", ".", "--no-evidence", "--format", "json"];
        let output = project.relgate().args(args).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let changes = report["records"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["path"] == "evidence.answers.retired")
            .cloned();
        changes.map(|one| {
            format!(
                "{} {} {}",
                one["direction"].as_str().unwrap(),
                one["severity"].as_str().unwrap(),
                one["text"].as_str().unwrap()
            )
        })
    };
    for (old, new, words) in [
        (None, Some("a\nb\n"), Some("looser review evidence answers: 2 more ids are dropped")),
        (Some("a\n"), Some("b\na\n"), Some("looser review evidence answers: 1 more id is dropped")),
        (Some("a\nb\n"), Some("b\n"), Some("tighter info evidence answers: 1 id is no longer")),
        (Some("a\n"), None, Some("tighter info")),
        (Some("a\nb\n"), Some("b\n\na\n"), None),
    ] {
        let told = story(old, new);
        assert!(
            told.as_deref().unwrap_or("").starts_with(words.unwrap_or(""))
                && told.is_some() == words.is_some(),
            "{old:?} {new:?}: {told:?}"
        );
    }
}

#[test]
fn numbers_without_samples_have_no_cases_to_drop() {
    let gates = listed(&["Toxicity < 1%"]);
    let body = format!("evidence: {{ summary: {{ path: metrics.json, retired: dropped.txt }} }}\n{gates}");
    let project = summed_up(&["Toxicity < 1%"], r#"{"toxicity": {"events": 0, "n": 5000}}"#).manifest(&body);
    let metrics = fs::read_to_string(project.path("metrics.json")).unwrap().replace("5000", "4000");
    let before = HEAD.replace("1.2.3", "1.2.2") + &body.replace(", retired: dropped.txt", "");
    let project = project
        .file("dropped.txt", "q1\n")
        .file("before/release.yaml", before)
        .file("before/metrics.json", metrics)
        .args(&["--baseline", "before"]);
    let text = texts(&project.check().report());
    assert!(text.contains("dropped.txt retires 1 ids, and `summary` has no samples on both sides"), "{text}");
}
