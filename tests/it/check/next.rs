//! The last line is the next step: which of the kinds it is, what to do, and the lines of a waiver where one is possible.

use serde_json::Value;

use crate::check::support::{ANSWERS, Checked, Project, events, judged_by, listed, project, samples};

/// What the report says to do, after it was looked at as the last line of the terminal.
#[track_caller]
fn next(checked: &Checked, step: &str, words: &[&str]) -> Value {
    let next = checked.report()["next"].clone();
    assert_eq!(next["step"], step, "{next:#}");
    let text = next["text"].as_str().unwrap();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in\n{text}");
    }
    let flat = checked.flat();
    assert!(flat.ends_with(&format!("next: {text}")), "{text}\nis not the end of\n{flat}");
    next
}

/// The kinds of what could be done besides.
fn otherwise(next: &Value) -> Vec<&str> {
    next["otherwise"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect()
}

/// The lines of the waiver.
#[track_caller]
fn lines(next: &Value) -> String {
    let step = next["otherwise"].as_array().unwrap().iter().find(|step| step["step"] == "waive");
    let lines = step.unwrap_or_else(|| panic!("no waiver in {next:#}"))["lines"].as_array().unwrap();
    lines.iter().map(|line| format!("{}\n", line.as_str().unwrap())).collect()
}

/// The lines with what people have to fill in.
fn signed(lines: &str) -> String {
    let answers = [("reason", "known"), ("owner", "ann"), ("approver", "bo"), ("expires", "2027-01-01")];
    answers.iter().fold(lines.to_owned(), |text, (key, said)| {
        text.replace(&format!("{key}: \"\""), &format!("{key}: {said}"))
    })
}

#[test]
fn a_release_that_fails_is_mended_or_signed_for() {
    let project = judged_by(&["Toxicity < 1%", "p95 latency < 2s"], &slow(50, 500));
    let checked = project.check();
    assert_eq!(checked.code, 1);
    let told =
        next(&checked, "mend", &["mend the release", "more samples of this one will not help", "toxicity"]);
    assert_eq!(told["gates"], serde_json::json!(["toxicity"]));
    assert_eq!(otherwise(&told), ["waive"]);
    let lines = lines(&told);
    assert!(
        checked.stdout.contains("\n    waivers:\n      - gate: toxicity\n        limit: 13%"),
        "{}",
        checked.stdout
    );
    // Whoever pastes them without an answer has signed for nothing.
    assert_eq!(judged_by(&["Toxicity < 1%"], &slow(50, 500)).and(&lines).check().code, 2);
    // Answered, they do what they say.
    let waived = project.and(&signed(&lines)).check();
    assert_eq!(waived.code, 0, "{}{}", waived.stdout, waived.stderr);
    next(&waived, "ship", &["under a waiver until 2027-01-01", "mend toxicity"]);
}

/// Answers with a latency, the first `bad` of them toxic.
fn slow(bad: usize, n: usize) -> String {
    samples(n, |i| format!(r#""toxic": {}, "latency_ms": {}"#, i < bad, 700 + i % 50))
}

#[test]
fn lines_go_below_waivers_that_are_there() {
    let waiver = "waivers:\n  - { gate: toxicity, reason: r, owner: a, approver: b, expires: 2027-01-01, limit: 2% }\n";
    let project = judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500)).and(waiver);
    let told = next(&project.check(), "mend", &[]);
    let lines = lines(&told);
    assert!(!lines.contains("waivers:"), "{lines}");
    let waived = project.and(&signed(&lines)).check();
    assert_eq!(waived.code, 0, "{}{}", waived.stdout, waived.stderr);
}

#[test]
fn what_cannot_be_waived_gets_no_lines() {
    // A gate that could not be judged.
    let unpaired = judged_by(&["Toxicity < 1%"], &samples(100, |_| r#""error": "timeout""#.to_owned()));
    let checked = unpaired.check();
    assert_eq!(checked.code, 2);
    // A silent change, beside a gate that could be waived.
    let prompts = "artifacts: { prompts: { system: { version: v1, path: prompt.md } } }\n";
    let project = judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500))
        .and(prompts)
        .file("prompt.md", "Be kind.")
        .after(prompts, &events("toxic", 0, 500))
        .file("before/prompt.md", "Be nice.");
    let checked = project.check();
    assert_eq!(checked.code, 1);
    let told = next(&checked, "mend", &["give what changed a new version", "(silent-change)"]);
    assert_eq!(otherwise(&told), Vec::<&str>::new());
    // More gates than anybody should accept.
    let rules = ["a < 1%", "b < 1%", "c < 1%", "d < 1%"];
    let metrics = "metrics: { a: { as: rate, direction: lower, category: quality }, b: { as: rate, direction: lower, category: quality }, c: { as: rate, direction: lower, category: quality }, d: { as: rate, direction: lower, category: quality } }\n";
    let rows = samples(500, |i| {
        let bad = i < 100;
        format!(r#""a": {bad}, "b": {bad}, "c": {bad}, "d": {bad}"#)
    });
    let told = next(&judged_by(&rules, &rows).and(metrics).check(), "mend", &["(a, b, c and d)"]);
    assert_eq!(otherwise(&told), Vec::<&str>::new());
}

#[test]
fn too_few_samples_and_a_data_problem_are_told_apart() {
    let few = judged_by(
        &["Toxicity < 1%", "hallucination rate < 2%"],
        &samples(50, |_| r#""toxic": false, "hallucinated": false"#.to_owned()),
    );
    let checked = few.check();
    assert_eq!(checked.code, 3);
    let told = next(
        &checked,
        "more-samples",
        &["too few samples to decide", "a fresh run of", "not this one with samples added"],
    );
    assert_eq!(told["gates"].as_array().unwrap().len(), 2);
    // The figure of the gate that needs most comes first.
    let needed: Vec<u64> = checked.report()["gates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gate| gate["needed"]["samples"].as_u64().unwrap())
        .collect();
    let most = needed.iter().max().unwrap();
    let text = told["text"].as_str().unwrap().replace(',', "");
    assert!(text.contains(&format!("a fresh run of {most} samples (toxicity")), "{text}");
    assert!(checked.flat().contains("toxicity inconclusive, too few samples"), "{}", checked.stdout);

    // Rows without a score: a larger run would have as many.
    let gaps = judged_by(
        &["Toxicity < 1%"],
        &samples(2000, |i| {
            if i < 60 { r#""error": "timeout""#.to_owned() } else { r#""toxic": false"#.to_owned() }
        }),
    );
    let checked = gaps.check();
    assert_eq!(checked.code, 3);
    next(
        &checked,
        "repair-data",
        &["a data problem first: ", "60 selected rows have no usable score; then a fresh run"],
    );
}

#[test]
fn looks_that_are_declared_let_a_run_grow() {
    let rows = events("toxic", 0, 50);
    let grown = judged_by(&["Toxicity < 1%"], &rows).and("policy: { looks: 3 }\n").check();
    next(&grown, "more-samples", &["let this one grow within the 3 looks"]);
}

#[test]
fn a_value_that_no_run_will_show_is_mended() {
    let rows = events("toxic", 11, 1000);
    let checked = judged_by(&["Toxicity < 1.1%"], &rows).check();
    assert_eq!(checked.code, 3);
    let needed = &checked.report()["gates"][0]["needed"];
    let step = if needed["samples"].is_null() { "mend" } else { "more-samples" };
    next(&checked, step, &[]);
}

#[test]
fn the_samples_of_a_slice_are_those_of_the_slice() {
    let rows =
        samples(1100, |i| format!(r#""toxic": false, "lang": "{}""#, if i < 1000 { "en" } else { "de" }));
    let checked = judged_by(&["{ rule: 'Toxicity < 1%', by: [lang] }"], &rows).check();
    assert_eq!(checked.code, 3);
    next(&checked, "more-samples", &["samples of lang = de (toxicity)"]);
    assert_eq!(checked.report()["gates"][0]["needed"]["slice"], serde_json::json!({ "lang": "de" }));
}

#[test]
fn a_baseline_that_is_known_to_have_passed_may_serve_on() {
    let before = judged_by(&["Toxicity < 1%"], &events("toxic", 0, 500));
    assert_eq!(before.check().code, 0);
    let bundle = before.path("relgate-report/bundle").to_str().unwrap().to_owned();
    let after = |bad: usize| {
        let release = judged_by(&["Toxicity < 1%"], &events("toxic", bad, 500));
        let text = std::fs::read_to_string(release.path("release.yaml")).unwrap().replace("1.2.3", "1.2.4");
        release.file("release.yaml", text).args(&["--baseline", &bundle])
    };
    let told = next(&after(50).check(), "mend", &[]);
    assert_eq!(otherwise(&told), ["go-back", "waive"]);
    assert!(told["otherwise"][0]["text"].as_str().unwrap().contains("let 1.2.3"), "{told:#}");
    // Of a manifest that somebody put beside it nobody knows whether it passed.
    let unknown =
        judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500)).after("", &events("toxic", 0, 500));
    assert_eq!(otherwise(&next(&unknown.check(), "mend", &[])), ["waive"]);
    next(&after(0).check(), "ship", &["keep the bundle"]);
}

#[test]
fn what_was_not_judged_says_which_input_to_repair() {
    let of = |body: &str, rows: &str| -> Project {
        project().manifest(&format!("{body}{}", listed(&["Toxicity < 1%"]))).file("answers.jsonl", rows)
    };
    let rows = events("toxic", 0, 500);
    // An older report stands there, so that the error report takes its place.
    let told = |project: &Project, body: &str, rows: &str| {
        assert_eq!(project.check().code, 0);
        let broken = of(body, rows);
        for file in ["release.yaml", "answers.jsonl"] {
            project.again(file, std::fs::read(broken.path(file)).unwrap());
        }
        let checked = project.check();
        assert_eq!(checked.code, 2);
        checked.report()["next"].clone()
    };
    let project = of(ANSWERS, &rows);
    let declared = told(&project, "evidence: { answers: { path: answer.jsonl } }\n", &rows);
    assert_eq!(declared["step"], "repair-input", "{declared:#}");
    let project = of(ANSWERS, &rows);
    let cut =
        told(&project, ANSWERS, "{\"id\": \"a\", \"toxic\": false}\n{\"id\": \"a\", \"toxic\": true}\n");
    assert_eq!(cut["step"], "repair-data", "{cut:#}");
    assert!(cut["text"].as_str().unwrap().contains("answers.jsonl:2"), "{cut:#}");
}
