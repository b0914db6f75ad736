//! Every number once: no sample through two files or two spellings, no stated number beside the samples it was made of, no
//! selection by the outcome.

use std::fmt::Write as _;

use crate::check::support::{ANSWERS, Project, judged_by, listed, project, samples};

const GATE: &str = "accuracy >= 99%";

fn json_lines(ids: impl Iterator<Item = String>, more: &str) -> String {
    ids.fold(String::new(), |mut text, id| {
        let _ = writeln!(text, r#"{{"id": {id}{more}, "accuracy": true}}"#);
        text
    })
}

fn csv(ids: impl Iterator<Item = String>) -> String {
    ids.fold("id,accuracy\n".to_owned(), |text, id| text + &id + ",true\n")
}

fn numbers(n: usize) -> impl Iterator<Item = String> {
    (0..n).map(|i| i.to_string())
}

fn results(files: &[(&str, String)]) -> Project {
    let body = "evidence: { answers: { path: results } }\n".to_owned() + &listed(&[GATE]);
    let project = project().manifest(&body);
    files.iter().fold(project, |project, (name, text)| project.file(&format!("results/{name}"), text))
}

#[test]
fn a_run_in_two_files_is_one_run() {
    let (rows, table) = (json_lines(numbers(180), ""), csv(numbers(180)));
    results(&[("a.jsonl", rows.clone())]).check().ends(3, "inconclusive too-few-samples");
    let checked = results(&[("a.csv", table), ("a.jsonl", rows.clone())]).check();
    checked.refuses(&["duplicate-id", "the id 0 stands here twice", "results/a.csv:2", "180 samples repeat"]);
    // With another spelling of its ids, and with the number of an epoch on one side only.
    let text = json_lines(numbers(180).map(|id| format!("\"{id}\"")), "");
    results(&[("a.jsonl", rows.clone()), ("b.jsonl", text)]).check().refuses(&["180 samples repeat"]);
    let epochs = json_lines(numbers(180), ", \"epoch\": 1");
    let checked = results(&[("a.jsonl", rows), ("b.jsonl", epochs)]).check();
    checked.refuses(&[
        "the id 0 with epoch 1 stands here twice",
        "180 samples repeat",
        "no epoch of its own",
    ]);
}

#[test]
fn two_spellings_within_one_file_are_one_id() {
    let rows = json_lines(numbers(400).chain(["\"7\"".to_owned()]), "");
    judged_by(&[GATE], &rows)
        .check()
        .refuses(&["the id \"7\" stands here twice", "the id 7 is answers.jsonl:8"]);
    // `07` is another name.
    judged_by(&[GATE], &json_lines(numbers(400).chain(["\"07\"".to_owned()]), ""))
        .check()
        .ends(0, "pass bound-clears-threshold");
}

#[test]
fn numbers_and_texts_are_the_same_ids_on_both_sides() {
    let body = format!("{ANSWERS}{}", listed(&["accuracy drop < 5pp"]));
    let project = project().manifest(&body.replace("answers.jsonl", "answers.csv"));
    let project = project.file("answers.csv", csv(numbers(400))).after("", &json_lines(numbers(400), ""));
    let checked = project.check();
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(checked.gate("")["change"]["paired"], true, "{}", checked.stdout);
}

const STATED: &str =
    r#"{"schema": "relgate/metrics/v1", "metrics": {"accuracy": {"events": 485, "n": 500}}}"#;

fn bad_samples() -> String {
    samples(500, |i| format!(r#""correct": {}"#, i % 5 < 2))
}

#[test]
fn a_stated_number_does_not_stand_for_the_samples_beside_it() {
    let gates = listed(&["accuracy >= 90%"]);
    let one = project().manifest(&format!("evidence: {{ a: {{ path: results }} }}\n{gates}"));
    let one = one.file("results/answers.jsonl", bad_samples()).file("results/summary.json", STATED);
    one.check().refuses(&[
        "ambiguous-metric",
        "the stated `accuracy`",
        "`correct` of the samples",
        "`metric:`",
    ]);
    let two = |gates: &str| {
        let body = format!("evidence: {{ a: {{ path: a.jsonl }}, b: {{ path: b.json }} }}\n{gates}");
        project().manifest(&body).file("a.jsonl", bad_samples()).file("b.json", STATED)
    };
    two(&gates).check().refuses(&["in evidence `a`", "in evidence `b`", "`evidence:`"]);
    // A definition that names neither a field nor an evidence settles nothing; naming one of the two does.
    let defined = format!("metrics: {{ accuracy: {{ category: quality }} }}\n{gates}");
    two(&defined).check().refuses(&["ambiguous-metric"]);
    let named = |what| two(&listed(&[&format!("{{ rule: 'accuracy >= 90%', {what} }}")])).check();
    named("evidence: a").ends(1, "fail bound-violates-threshold");
    named("evidence: b").ends(0, "pass bound-clears-threshold");
    named("metric: correct").ends(1, "fail bound-violates-threshold");
    let defined = format!("metrics: {{ accuracy: {{ field: correct }} }}\n{gates}");
    two(&defined).check().ends(1, "fail bound-violates-threshold");
}

#[test]
fn a_number_that_two_files_of_one_entry_state_is_refused() {
    let worse = STATED.replace("485", "5");
    for (a, b) in [(STATED, worse.as_str()), (&worse, STATED)] {
        let body = format!("evidence: {{ a: {{ path: results }} }}\n{}", listed(&["accuracy >= 90%"]));
        let project = project().manifest(&body).file("results/a.json", a).file("results/b.json", b);
        project.check().refuses(&["ambiguous-metric", "results/a.json", "results/b.json", "two files"]);
    }
}

#[test]
fn a_stated_quantile_does_not_stand_for_the_samples_either() {
    let body = format!("evidence: {{ a: {{ path: results }} }}\n{}", listed(&["p95 latency < 500ms"]));
    let project = project().manifest(&body);
    let project = project.file("results/a.jsonl", samples(500, |i| format!(r#""latency_ms": {}"#, 900 + i)));
    let project = project.file("results/s.json", r#"{"p95_latency_ms": 120}"#);
    project.check().refuses(&[
        "ambiguous-metric",
        "the stated `p95_latency_ms`",
        "`latency_ms` of the samples",
    ]);
}

#[test]
fn the_same_field_in_two_evidences_needs_a_name() {
    let body = format!(
        "evidence: {{ a: {{ path: a.jsonl }}, b: {{ path: b.jsonl }} }}\n{}",
        listed(&["accuracy >= 90%"])
    );
    let project = project().manifest(&body);
    // One answers by the exact name, the other by a synonym.
    let good = samples(500, |_| r#""accuracy": true"#.to_owned());
    let project = project.file("a.jsonl", good).file("b.jsonl", bad_samples());
    project
        .check()
        .refuses(&["`accuracy` of the samples in evidence `a`", "`correct` of the samples in evidence `b`"]);
}

#[test]
fn rows_are_not_selected_by_what_is_judged() {
    let rows = samples(1000, |i| format!(r#""bad": {}, "lang": "de""#, i < 30));
    let gates = listed(&["bad < 1.5%"]);
    let of = |evidence: &str, gates: &str| {
        let body = format!("evidence: {{ answers: {{ path: answers.jsonl{evidence} }} }}\n{gates}");
        project().manifest(&body).file("answers.jsonl", &rows).check()
    };
    of(", where: { lang: de }", &gates).ends(1, "fail bound-violates-threshold");
    of(", where: { bad: false }", &gates).refuses(&["selected-by-outcome", "`bad`, which gate `bad` judges"]);
    of(", where: { error: none }", &gates).refuses(&["selects rows by their `error`"]);
    // Under another name, and by a selection of the metric's own.
    let renamed = ", where: { kind: false }, fields: { kind: bad, fault: bad }";
    let faults = listed(&["rate fault < 1.5%"]);
    of(renamed, &faults).refuses(&["selected-by-outcome", "`fault`"]);
    let own = format!(
        "metrics: {{ faults: {{ field: bad, as: rate, direction: lower, where: {{ bad: false }} }} }}\n{}",
        listed(&["faults < 1.5%"])
    );
    of("", &own).refuses(&["selected-by-outcome"]);
}

#[test]
fn nor_is_the_baseline() {
    let body = "evidence: { answers: { path: answers.jsonl, baseline: { path: old.jsonl, where: { correct: false } } } }\n";
    let project = project().manifest(&(body.to_owned() + &listed(&["accuracy drop < 2pp"])));
    let project = project.file("answers.jsonl", bad_samples()).file("old.jsonl", bad_samples() + "\n");
    project.check().refuses(&["selected-by-outcome", "`correct`"]);
}
