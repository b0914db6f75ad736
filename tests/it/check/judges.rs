//! Judges: a rate corrected by labels, by what is known of the judge, or by nothing; and what labels must be.

use std::fmt::Write as _;

use crate::check::support::{Checked, Project, listed, number, project, untouched_after};

/// How many cases a judge and people saw how.
#[derive(Clone, Copy)]
struct Cases {
    both: usize,
    missed: usize,
    made_up: usize,
    neither: usize,
    /// Cases without a label that the judge calls true, and false.
    others: (usize, usize),
}

const USUAL: Cases = Cases { both: 36, missed: 4, made_up: 14, neither: 346, others: (560, 4040) };

impl Cases {
    /// The rows, mixed so that no order tells them apart.
    fn rows(self) -> String {
        let kinds = [
            (self.both, r#""bad": true, "human": true"#),
            (self.missed, r#""bad": false, "human": true"#),
            (self.made_up, r#""bad": true, "human": false"#),
            (self.neither, r#""bad": false, "human": false"#),
            (self.others.0, r#""bad": true, "human": null"#),
            (self.others.1, r#""bad": false"#),
        ];
        let mut text = String::new();
        let mut number = 0;
        for (count, fields) in kinds {
            for _ in 0..count {
                let lang = if number * 7919 % 3 == 0 { "de" } else { "en" };
                let _ = writeln!(text, r#"{{"id": "c{number}", "lang": "{lang}", {fields}}}"#);
                number += 1;
            }
        }
        text
    }
}

const LABELS: &str = "model: gpt-5-mini, labels: human";

fn judged(judge: &str, gate: &str, rows: &str) -> Project {
    let body = format!(
        "evidence: {{ answers: {{ path: answers.jsonl }} }}\nmetrics: {{ bad_answers: {{ as: rate, field: bad, direction: lower, judge: {{ {judge} }} }} }}\n{}",
        listed(&[gate])
    );
    project().manifest(&body).file("answers.jsonl", rows)
}

fn figure(checked: &Checked, key: &str) -> f64 {
    number(&checked.gate("")["candidate"][key])
}

#[test]
fn labels_correct_a_judge_and_both_stand_side_by_side() {
    let checked = judged(LABELS, "bad answers < 13%", &USUAL.rows()).check();
    checked.ends(0, "pass bound-clears-threshold");
    let gate = checked.gate("");
    assert_eq!(gate["candidate"]["method"], "labelled-judge");
    let judge = &gate["judge"];
    assert_eq!((&judge["events"], &judge["n"], &judge["labels"]), (&610.into(), &5000.into(), &400.into()));
    assert_eq!(judge["corrected"], true);
    assert!((number(&judge["sensitivity"]["value"]) - 0.9).abs() < 1e-12);
    assert!((number(&judge["specificity"]["value"]) - 346.0 / 360.0).abs() < 1e-12);
    // lambda = cov / ((1 + n/N) var), value = lambda mean(others) + mean(Y - lambda f), by hand.
    let (n, rest): (f64, f64) = (400.0, 4600.0);
    let covariance = 36.0 / n - (50.0 / n) * (40.0 / n);
    let all: f64 = 610.0;
    let variance = all * (1.0 - all / 5000.0) / 4999.0;
    let lambda = covariance / ((1.0 + n / rest) * variance);
    let value = lambda * 560.0 / rest + (40.0 - lambda * 50.0) / n;
    assert!((figure(&checked, "value") - value).abs() < 1e-12, "{value}");
    let (lower, upper) = (figure(&checked, "lower"), figure(&checked, "upper"));
    // 40 of 400 labels alone are between 7.6 % and 12.9 %.
    assert!(lower > 0.0765 && upper < 0.1290 && upper - lower < 0.04, "{lower} {upper}");
    let text = gate["reason"]["text"].as_str().unwrap();
    assert!(text.contains("400 labels correct the judge") && text.contains("610 of 5,000"), "{text}");
    assert!(checked.warnings().contains(&"not-promised".to_owned()), "{:?}", checked.warnings());
    assert!(!checked.warnings().contains(&"labels-not-random".to_owned()), "{}", checked.flat());
    // A raw rate of 12.2 % says nothing of the truth: the same verdicts under other labels.
    let blind = Cases { both: 20, missed: 40, made_up: 30, neither: 310, ..USUAL };
    assert_ne!(judged(LABELS, "bad answers < 13%", &blind.rows()).check().code, 0);
}

#[test]
fn a_judge_alone_is_called_a_judge_rate_everywhere() {
    let project = judged("model: gpt-5-mini", "bad answers < 14%", &USUAL.rows());
    let checked = project.check();
    checked.ends(0, "pass bound-clears-threshold");
    let gate = checked.gate("");
    assert_eq!(gate["candidate"]["method"], "judge-rate");
    assert_eq!(gate["judge"]["corrected"], false);
    assert!(gate["reason"]["text"].as_str().unwrap().starts_with("judge rate"), "{gate:#}");
    for kind in ["terminal", "markdown", "html", "csv"] {
        let text = checked_as(&project, kind);
        assert!(text.to_lowercase().replace('-', " ").contains("judge rate"), "{kind}: {text}");
    }
}

fn checked_as(project: &Project, kind: &str) -> String {
    let output = project
        .relgate()
        .args(["check", "release.yaml", "--dry-run", "--as-of", "2026-11-20", "--format", kind])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn too_few_labels_of_a_kind_stand_alone_and_say_so() {
    let few = Cases { both: 4, missed: 0, made_up: 3, neither: 93, others: (560, 4040) };
    let checked = judged(LABELS, "bad answers < 13%", &few.rows()).check();
    let gate = checked.gate("");
    assert_eq!(gate["candidate"]["method"], "clopper-pearson");
    assert_eq!(gate["judge"]["labels_alone"], true);
    assert!((figure(&checked, "value") - 0.04).abs() < 1e-12);
    let text = gate["reason"]["text"].as_str().unwrap();
    assert!(text.contains("by the labels alone") && text.contains("fewer than 5"), "{text}");
    // Of 4 in 100 the upper limit of Clopper and Pearson.
    assert!((figure(&checked, "upper") - 0.089_196_5).abs() < 1e-6, "{}", figure(&checked, "upper"));
    let none = Cases { both: 0, missed: 0, made_up: 0, neither: 0, others: (560, 4040) };
    let checked = judged(LABELS, "bad answers < 13%", &none.rows()).check();
    checked.ends(3, "inconclusive no-labels");
    assert!(checked.gate("")["candidate"]["value"].is_null());
}

#[test]
fn what_is_known_of_a_judge_from_elsewhere_corrects_it() {
    let known =
        "model: gpt-5-mini, sensitivity: { events: 450, n: 500 }, specificity: { events: 970, n: 1000 }";
    let checked = judged(known, "bad answers < 13%", &USUAL.rows()).check();
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(checked.gate("")["candidate"]["method"], "rogan-gladen");
    let (se, sp) = (450.5 / 501.0, 970.5 / 1001.0);
    assert!((figure(&checked, "value") - (610.0 / 5000.0 + sp - 1.0) / (se + sp - 1.0)).abs() < 1e-12);
    let coin = "model: gpt-5-mini, sensitivity: { events: 55, n: 100 }, specificity: { events: 52, n: 100 }";
    judged(coin, "bad answers < 50%", &USUAL.rows()).check().ends(3, "inconclusive judge-tells-nothing");
}

#[test]
fn labels_that_are_no_random_part_are_told() {
    let rows = USUAL.rows();
    let of_one_language: String = rows
        .lines()
        .enumerate()
        .map(|(i, row)| {
            // The labelled rows are all German, most of the others are not.
            let lang = if i < 400 || i % 4 == 0 { "de" } else { "en" };
            let front = row.split_once(", \"lang\"").unwrap().0;
            let rest = row.split_once("\", ").map(|(_, rest)| rest.split_once("\", ").unwrap().1).unwrap();
            format!("{front}, \"lang\": \"{lang}\", {rest}\n")
        })
        .collect();
    let checked = judged(LABELS, "bad answers < 13%", &of_one_language).check();
    assert!(checked.warnings().contains(&"labels-not-random".to_owned()), "{}", checked.flat());
    assert!(checked.flat().contains("400 of 400 labelled rows"), "{}", checked.flat());
    // Labels for what the judge calls true: no other field is needed to see it.
    let picked = Cases { both: 100, missed: 5, made_up: 45, neither: 50, others: (300, 4500) };
    let checked = judged(LABELS, "bad answers < 60%", &picked.rows()).check();
    assert!(checked.warnings().contains(&"labels-not-random".to_owned()), "{}", checked.flat());
}

#[test]
fn judges_that_are_declared_wrongly_and_labels_of_other_rows_are_refused() {
    let rows = USUAL.rows();
    let stories: Vec<(&str, Project, &[&str])> = vec![
        (
            "a label without a verdict",
            judged(
                LABELS,
                "bad answers < 13%",
                &format!("{rows}{}\n", r#"{"id": "x", "lang": "de", "human": true}"#),
            ),
            &["label-without-verdict", "human", "bad"],
        ),
        (
            "corrected twice",
            judged(
                "model: m, labels: human, sensitivity: { events: 9, n: 10 }, specificity: { events: 9, n: 10 }",
                "bad answers < 13%",
                &rows,
            ),
            &["judge-misdeclared", "not by both"],
        ),
        (
            "half of it",
            judged("model: m, sensitivity: { events: 9, n: 10 }", "bad answers < 13%", &rows),
            &["judge-misdeclared", "belong together"],
        ),
        (
            "more than all",
            judged(
                "model: m, sensitivity: { events: 11, n: 10 }, specificity: { events: 9, n: 10 }",
                "bad answers < 13%",
                &rows,
            ),
            &["some of `n`"],
        ),
        ("no such labels", judged("model: m, labels: humna", "bad answers < 13%", &rows), &["humna"]),
        ("no model", judged("labels: human", "bad answers < 13%", &rows), &["model"]),
    ];
    let wrong: Vec<String> =
        stories.into_iter().filter_map(|(name, story, words)| untouched_after(name, story, words)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two releases that were judged, each with a prompt for its judge.
fn after(now: (&str, &str), before: (&str, &str)) -> Project {
    let manifest = |version: &str, model: &str| {
        format!(
            "relgate: 1\nname: helpdesk\nversion: {version}\ntype: prompt-release\n{}artifacts: {{ prompts: {{ judge: {{ version: v1, path: judge.md }} }} }}\nevidence: {{ answers: {{ path: answers.jsonl }} }}\nmetrics: {{ bad_answers: {{ as: rate, field: bad, direction: lower, judge: {{ model: {model}, prompt: prompts.judge, labels: human }} }} }}\ngates: ['bad answers increase < 9pp']\npolicy: {{ require: [] }}\n",
            if version == "1.0.0" { "baseline: none\n" } else { "baseline: before\n" },
        )
    };
    // Another run of the same cases: not every verdict is the same.
    let old = Cases { both: 36, missed: 4, made_up: 12, neither: 348, others: (540, 4060) };
    project()
        .file("release.yaml", manifest("1.1.0", now.0))
        .file("judge.md", now.1)
        .file("answers.jsonl", USUAL.rows())
        .file(
            "before/release.yaml",
            manifest("1.0.0", before.0)
                .replace("gates: ['bad answers increase < 9pp']", "gates: ['bad answers < 50%']"),
        )
        .file("before/judge.md", before.1)
        .file("before/answers.jsonl", old.rows())
}

#[test]
fn releases_judged_by_the_same_judge_are_compared_by_both_corrections() {
    let checked = after(("gpt-5-mini", "Be strict."), ("gpt-5-mini", "Be strict.")).check();
    checked.ends(0, "pass bound-clears-threshold");
    let gate = checked.gate("");
    assert_eq!(gate["change"]["method"], "two-limits");
    let width = |side: &str| number(&gate[side]["upper"]) - number(&gate[side]["lower"]);
    // Each side at half of the level: no narrower than either limit alone.
    let change = number(&gate["change"]["upper"]) - number(&gate["change"]["lower"]);
    assert!(change > width("candidate") + width("baseline"), "{gate:#}");
}

#[test]
fn another_judge_than_the_baselines_is_an_error_that_names_both() {
    after(("gpt-5-mini", "Be strict."), ("gpt-4o", "Be strict.")).check().refuses(&[
        "other-judge",
        "gpt-5-mini",
        "gpt-4o",
    ]);
    after(("gpt-5-mini", "Be strict."), ("gpt-5-mini", "Be kind."))
        .check()
        .refuses(&["other-judge", "prompts.judge v1"]);
}

#[test]
fn labels_are_judged_alone_where_cases_stand_in_clusters() {
    let rows: String = USUAL
        .rows()
        .lines()
        .enumerate()
        .map(|(i, row)| format!("{}, \"talk\": \"t{}\"}}\n", row.strip_suffix('}').unwrap(), i % 900))
        .collect();
    let project = judged(LABELS, "bad answers < 20%", &rows);
    let text = std::fs::read_to_string(project.path("release.yaml")).unwrap();
    let text = text.replace("path: answers.jsonl", "path: answers.jsonl, cluster: { by: talk, at_most: 6 }");
    let checked = project.file("release.yaml", text).check();
    let gate = checked.gate("");
    assert_eq!(
        (&gate["candidate"]["method"], &gate["judge"]["labels_alone"]),
        (&"gaffke".into(), &true.into())
    );
    assert!((figure(&checked, "value") - 0.1).abs() < 1e-12);
    assert!(gate["reason"]["text"].as_str().unwrap().contains("not independent"));
}

#[test]
fn cases_without_a_verdict_are_no_good_ones_in_clusters_either() {
    let half = |errored: bool| {
        let row = |i: usize, epoch: usize| match i {
            0..150 => format!(
                r#"{{"id": "c{i}", "epoch": {epoch}, "bad": {0}, "human": {0}}}"#,
                i.is_multiple_of(50)
            ),
            200.. if errored => format!(r#"{{"id": "c{i}", "epoch": {epoch}, "error": "crash"}}"#),
            _ => format!(r#"{{"id": "c{i}", "epoch": {epoch}, "bad": false}}"#),
        };
        (0..400).flat_map(|i| [row(i, 1), row(i, 2)]).map(|row| row + "\n").collect::<String>()
    };
    judged(LABELS, "bad answers < 10%", &half(false)).check().ends(0, "pass bound-clears-threshold");
    let checked = judged(LABELS, "bad answers < 10%", &half(true)).check();
    checked.ends(3, "inconclusive missing-samples-unbounded");
    assert_eq!(checked.gate("")["candidate"]["missing"], 400);
}
