//! Evidence that cannot be judged: a clear sentence with file and line, exit code 2, and nothing written or lost.

#[cfg(unix)]
use std::fs;
use std::process::Command;

use crate::check::support::{
    ANSWERS, HEAD, Project, events, judged_by, listed, project, samples, summed_up, untouched_after,
};

const RULE: &str = "Hallucination rate < 1.5%";

/// Asserts that a whole table had nothing to say.
#[track_caller]
fn all_refused(stories: Vec<(&str, Project, &[&str])>) {
    let wrong: Vec<String> = stories
        .into_iter()
        .filter_map(|(name, project, words)| untouched_after(name, project, words))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// 1,499 good rows and `bad` as line 1,200.
fn in_line_1200(bad: &str) -> String {
    let mut rows: Vec<String> = events("hallucinated", 3, 1499).lines().map(str::to_owned).collect();
    rows.insert(1199, bad.to_owned());
    rows.join("\n") + "\n"
}

#[test]
fn rows_that_cannot_be_read() {
    let row = |value: &str| in_line_1200(&format!(r#"{{"id": "x", "hallucinated": {value}}}"#));
    let jsonl = |name, text: String, words| (name, judged_by(&[RULE], &text), words);
    all_refused(vec![
        jsonl("NaN", row("NaN"), &["answers.jsonl:1200", "NaN"][..]),
        jsonl("Infinity", row("Infinity"), &["answers.jsonl:1200", "Infinity"]),
        jsonl("-Infinity", row("-Infinity"), &["answers.jsonl:1200", "Infinity"]),
        jsonl("too large", row("1e999"), &["answers.jsonl:1200"]),
        jsonl(
            "text",
            row(r#""maybe""#),
            &["answers.jsonl:1200", "`hallucinated`", "\"maybe\"", "number or true/false"],
        ),
        jsonl(
            "a rate of 0.5",
            events("hallucinated", 3, 99).replace("true", "1").replace("false", "0")
                + r#"{"id": "x", "hallucinated": 0.5}"#,
            &["answers.jsonl:100", "not-binary", "0.5"],
        ),
        jsonl("a rate of 2", row("2"), &["answers.jsonl:1200"]),
        jsonl("a list", row("[true]"), &["answers.jsonl:1200"]),
        jsonl("an object", row("{}"), &["answers.jsonl:1200"]),
        jsonl(
            "type changes",
            row("1"),
            &[
                "answers.jsonl:1200",
                "field-changes-type",
                "`hallucinated` is 1 here",
                "true/false in earlier rows",
            ],
        ),
        jsonl("key twice", row("true, \"hallucinated\": false"), &["answers.jsonl:1200", "hallucinated"]),
        jsonl("not an object", in_line_1200("42"), &["answers.jsonl:1200"]),
        jsonl("no id", in_line_1200(r#"{"hallucinated": true}"#), &["answers.jsonl:1200", "id"]),
        jsonl(
            "id twice",
            in_line_1200(r#"{"id": "q7", "hallucinated": false}"#),
            &["duplicate-id", "answers.jsonl:1200", "answers.jsonl:8", "\"q7\""],
        ),
        jsonl(
            "text after the row",
            in_line_1200(r#"{"id": "x", "hallucinated": true} oops"#),
            &["answers.jsonl:1200"],
        ),
        jsonl(
            "cut off in the middle",
            events("hallucinated", 0, 300)[..5000].to_owned(),
            &["answers.jsonl:135"],
        ),
        jsonl("empty", String::new(), &["answers.jsonl", "empty"]),
        jsonl("blank lines only", "\n\n  \n".to_owned(), &["answers.jsonl"]),
    ]);
}

#[test]
fn the_last_line_may_lack_its_line_feed_but_not_its_end() {
    let whole = events("hallucinated", 0, 300);
    judged_by(&[RULE], whole.trim_end()).check().ends(0, "pass bound-clears-threshold");
    for cut in 2..38 {
        let text = &whole[..whole.len() - cut];
        let wrong =
            untouched_after(&format!("{cut} bytes short"), judged_by(&[RULE], text), &["answers.jsonl:300"]);
        assert_eq!(wrong, None);
    }
}

#[test]
fn null_is_a_missing_sample_and_not_an_error() {
    let rows = samples(1000, |i| format!(r#""hallucinated": {}"#, if i == 999 { "null" } else { "false" }));
    let checked = judged_by(&[RULE], &rows).check();
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(checked.gate("")["candidate"]["missing"], 1);
}

#[test]
fn rows_of_tables_that_cannot_be_read() {
    let csv = |name, text: &str, words| {
        let body = ANSWERS.replace("jsonl", "csv") + &listed(&[RULE]);
        (name, project().manifest(&body).file("answers.csv", text), words)
    };
    all_refused(vec![
        csv("too few columns", "id,lang,hallucinated\n1,de,0\n2,de\n3,de,0\n", &["answers.csv:3"][..]),
        csv("too many columns", "id,hallucinated\n1,0\n2,0,1\n", &["answers.csv:3"]),
        csv("text", "id,hallucinated\n1,0\n2,maybe\n", &["answers.csv:3", "maybe"]),
        csv("NaN", "id,hallucinated\n1,0\n2,NaN\n", &["answers.csv:3"]),
        csv(
            "id twice",
            "id,hallucinated\n1,0\n2,0\n1,1\n",
            &["duplicate-id", "answers.csv:4", "answers.csv:2"],
        ),
        csv("column twice", "id,hallucinated,hallucinated\n1,0,1\n", &["answers.csv:1", "hallucinated"]),
        csv("no id", "lang,hallucinated\nde,0\n", &["answers.csv", "id"]),
        csv("header only", "id,hallucinated\n", &["answers.csv"]),
        csv("open quote", "id,hallucinated\n1,0\n\"2,0\n", &["answers.csv:"]),
    ]);
}

#[test]
fn metrics_files_that_cannot_be_read() {
    let metrics = |name, entry: &str, words| {
        (name, summed_up(&["Toxicity < 1%"], &format!("{{\n\"toxicity\": {entry}}}")), words)
    };
    all_refused(vec![
        metrics("NaN", "NaN", &["metrics.json:2"][..]),
        metrics("Infinity", r#"{"value": Infinity, "n": 5}"#, &["metrics.json:2"]),
        metrics("null", "null", &["metrics.json:2", "null"]),
        metrics("text", r#""0.1%""#, &["metrics.json:2", "text"]),
        metrics("yes", "true", &["metrics.json:2"]),
        metrics("a percentage", r#"{"value": 87, "n": 100}"#, &["out-of-bounds", "metrics.json:2", "0.87"]),
        metrics("negative", r#"{"value": -0.1, "n": 100}"#, &["metrics.json:2"]),
        metrics("limit outside", r#"{"value": 0.5, "upper": 1.5, "confidence": 0.95}"#, &["metrics.json:2"]),
        metrics(
            "more events than samples",
            r#"{"events": 5, "n": 4}"#,
            &["metrics.json:2", "(5)", "(`n`: 4)"],
        ),
        metrics("no n", r#"{"events": 5}"#, &["metrics.json:2", "no `n`"]),
        metrics("n of 0", r#"{"events": 0, "n": 0}"#, &["metrics.json:2"]),
        metrics("half an event", r#"{"events": 0.5, "n": 9}"#, &["metrics.json:2"]),
        metrics(
            "impossible rate",
            r#"{"value": 0.345, "n": 10}"#,
            &["impossible-rate", "metrics.json:2", "0.345"],
        ),
        metrics(
            "limits swapped",
            r#"{"lower": 0.5, "upper": 0.4, "confidence": 0.95}"#,
            &["metrics.json:2", "`lower`"],
        ),
        metrics("no confidence", r#"{"lower": 0.4, "upper": 0.5}"#, &["metrics.json:2", "`confidence`"]),
        metrics("negative error", r#"{"value": 0.5, "stderr": -1}"#, &["metrics.json:2"]),
        metrics(
            "unknown key",
            r#"{"value": 0.5, "sderr": 0.1}"#,
            &["metrics.json:2", "did you mean `stderr`?"],
        ),
        metrics("key twice", r#"{"value": 0.5, "value": 0.1, "n": 4}"#, &["metrics.json:2"]),
        metrics("metric twice", "0.1,\n\"toxicity\": 0.2", &["metrics.json:3", "toxicity"]),
        metrics("cut off", r#"{"value": 0.5, "#, &["metrics.json:2"]),
    ]);
    let other = summed_up(&["Toxicity < 1%"], "{}");
    let other = other.file("metrics.json", r#"{"schema": "relgate/metrics/v9", "metrics": {"toxicity": 0}}"#);
    assert_eq!(untouched_after("other schema", other, &["metrics.json:1", "v9"]), None);
}

#[test]
fn evidence_that_is_not_there_or_not_what_its_name_says() {
    let at = |name, path: &str, words| {
        let body = format!("evidence: {{ answers: {{ path: '{path}' }} }}\n{}", listed(&[RULE]));
        let files = project()
            .manifest(&body)
            .file("answers.jsonl", events("hallucinated", 0, 300))
            .file("folder/notes.txt", "nothing");
        (name, files.file("broken.jsonl.gz", b"\x1f\x8b\x08\x00garbage"), words)
    };
    let packed = |name, bytes: &[u8], words: &'static [&str]| {
        let body = format!("evidence: {{ answers: {{ path: a.jsonl.gz }} }}\n{}", listed(&[RULE]));
        (name, project().manifest(&body).file("a.jsonl.gz", bytes), words)
    };
    all_refused(vec![
        at("missing", "anwsers.jsonl", &["release.yaml:5", "anwsers.jsonl", "answers.jsonl"][..]),
        at("folder without results", "folder", &["release.yaml:5", "folder"]),
        at("glob without results", "none*.jsonl", &["release.yaml:5", "none*.jsonl"]),
        at("corrupt gz", "broken.jsonl.gz", &["broken.jsonl.gz"]),
        at("out of the root", "../answers.jsonl", &["release.yaml:5", ".."]),
        at("absolute", "/etc/passwd", &["release.yaml:5", "/etc/passwd"]),
        at("unknown kind", "folder/notes.txt", &["folder/notes.txt"]),
        packed("gz of 0 bytes", b"", &["a.jsonl.gz"]),
        packed("not UTF-8", b"{\"id\": \"\xff\"}\n", &["a.jsonl.gz"]),
        ("UTF-16", judged_by(&[RULE], "").file("answers.jsonl", b"\xff\xfe{\x00}\x00"), &["answers.jsonl"]),
        (
            "bad bytes",
            judged_by(&[RULE], "").file(
                "answers.jsonl",
                b"{\"id\": 1, \"hallucinated\": false}\n{\"id\": \"\xff\", \"hallucinated\": false}\n",
            ),
            &["answers.jsonl:2"],
        ),
    ]);
}

/// A gzip file of `text`, made by the system's gzip; none where there is none.
fn gzip(text: &str) -> Option<Vec<u8>> {
    let folder = project().file("text", text);
    let output = Command::new("gzip").arg("-c").arg(folder.path("text")).output().ok()?;
    output.status.success().then_some(output.stdout)
}

#[test]
fn a_packed_file_that_was_cut_off_or_changed_is_noticed() {
    let Some(bytes) = gzip(&events("hallucinated", 0, 3000)) else {
        println!("skipped: there is no gzip here");
        return;
    };
    let body = format!("evidence: {{ answers: {{ path: a.jsonl.gz }} }}\n{}", listed(&[RULE]));
    let with = |bytes: &[u8]| project().manifest(&body).file("a.jsonl.gz", bytes);
    with(&bytes).check().ends(0, "pass bound-clears-threshold");
    for cut in [1, 4, 8, 9, 100, bytes.len() / 2, bytes.len() - 11] {
        assert_eq!(
            untouched_after(
                &format!("{cut} bytes short"),
                with(&bytes[..bytes.len() - cut]),
                &["a.jsonl.gz"]
            ),
            None
        );
    }
    let mut changed = bytes.clone();
    let checksum = changed.len() - 6;
    changed[checksum] ^= 1;
    assert_eq!(untouched_after("wrong checksum", with(&changed), &["a.jsonl.gz"]), None);
}

#[cfg(unix)]
#[test]
fn evidence_that_may_not_be_read() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let project = || judged_by(&[RULE], "");
    let gone = project();
    fs::remove_file(gone.path("answers.jsonl")).unwrap();
    symlink("nowhere.jsonl", gone.path("answers.jsonl")).unwrap();
    assert_eq!(untouched_after("a link to nothing", gone, &["release.yaml:5", "answers.jsonl"]), None);

    let device = project();
    fs::remove_file(device.path("answers.jsonl")).unwrap();
    symlink("/dev/zero", device.path("answers.jsonl")).unwrap();
    assert_eq!(untouched_after("a link out of the root", device, &["release.yaml:5", "answers.jsonl"]), None);

    let pipe = project();
    fs::remove_file(pipe.path("answers.jsonl")).unwrap();
    if Command::new("mkfifo").arg(pipe.path("answers.jsonl")).status().is_ok_and(|status| status.success()) {
        assert_eq!(untouched_after("a pipe", pipe, &["answers.jsonl", "pipe"]), None);
    } else {
        println!("skipped: no named pipe can be made here");
    }

    let secret = project().file("answers.jsonl", events("hallucinated", 0, 300));
    fs::set_permissions(secret.path("answers.jsonl"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(secret.path("answers.jsonl")).is_ok() {
        println!("skipped: this user may read everything");
    } else {
        let checked = secret.check();
        checked.refuses(&["answers.jsonl", "cannot be read"]);
    }
}

#[test]
fn a_gate_that_the_evidence_cannot_answer() {
    let rows = samples(300, |i| format!(r#""hallucinated": false, "latency_ms": {i}"#));
    let story = |name, rule: &str, words| (name, judged_by(&[rule], &rows), words);
    all_refused(vec![
        story(
            "unknown metric",
            "Halucinated < 1%",
            &["unknown-metric", "release.yaml:7", "did you mean `hallucinated < 1%`?"][..],
        ),
        story(
            "unknown word",
            "Helpfulness > 90%",
            &["unknown-metric", "release.yaml:7", "the evidence has `hallucinated`, `latency_ms`"],
        ),
        story("regressions", "regressions <= 0", &["release.yaml:7"]),
        story(
            "wrong dimension",
            "hallucination rate < 5ms",
            &["wrong-unit", "release.yaml:7", "a proportion", "a time"],
        ),
        story("no unit", "p95 latency < 1200", &["missing-unit", "release.yaml:7", "did you mean `1200ms`?"]),
        story("percent of a time", "p95 latency < 5%", &["wrong-unit", "release.yaml:7"]),
        story(
            "not a proportion",
            "hallucination rate < 5",
            &["not-a-proportion", "release.yaml:7", "did you mean `5%`?"],
        ),
        story("over 100 %", "hallucination rate < 120%", &["not-a-proportion", "release.yaml:7"]),
        story("points of a level", "hallucination rate < 2pp", &["unit-of-a-change", "release.yaml:7"]),
        story(
            "0 can never be shown",
            "hallucination rate <= 0%",
            &["never-provable", "release.yaml:7", "count"],
        ),
        story("half a case", "count hallucinated <= 0.5", &["not-a-count", "release.yaml:7"]),
        (
            "where a field is not",
            project()
                .manifest(&format!(
                    "evidence: {{ answers: {{ path: answers.jsonl, where: {{ grated: true }} }} }}\n{}",
                    listed(&[RULE])
                ))
                .file("answers.jsonl", &rows),
            &["release.yaml:5", "`grated`"],
        ),
        (
            "two of one name",
            project()
                .file(
                    "release.yaml",
                    format!(
                        "{HEAD}evidence: {{ a: {{ path: a.jsonl }}, b: {{ path: b.jsonl }} }}\n{}",
                        listed(&[RULE])
                    ),
                )
                .file("a.jsonl", &rows)
                .file("b.jsonl", &rows),
            &["ambiguous-metric", "release.yaml:7", "evidence `a`", "evidence `b`"],
        ),
    ]);
}
