//! What people write who try relgate for the first time: it works, or the message holds the line that does.

use std::fmt::Write as _;

use super::support::*;

/// A release on one evidence entry, whose mapping is `entry`.
fn on(entry: &str, name: &str, content: &str, gates: &[&str]) -> Project {
    let body = format!("evidence: {{ answers: {{ path: {name}{entry} }} }}\n{}", listed(gates));
    project().manifest(&body).file(name, content)
}

/// Cells in rows: forty cases, of which four are wrong.
fn cells(header: &[&str], separator: &str) -> String {
    let mut text = header.join(separator) + "\n";
    for i in 0..40 {
        let cells = header.iter().map(|name| match *name {
            "correct" => (i % 10 != 0).to_string(),
            "lang" => ["de", "en"][i % 2].to_owned(),
            _ => format!("q{i}"),
        });
        text += &(cells.collect::<Vec<_>>().join(separator) + "\n");
    }
    text
}

/// The same as objects, with the id in `key`.
fn objects(key: &str) -> Vec<String> {
    (0..40)
        .map(|i| {
            format!(
                r#"{{{key}: "q{i}"{}, "correct": {}}}"#,
                if key.contains('{') { "}" } else { "" },
                i % 10 != 0
            )
        })
        .collect()
}

/// The text in backticks that starts with `start`.
fn quoted_line(checked: &Checked, start: &str) -> String {
    let from = checked
        .stderr
        .find(&format!("`{start}"))
        .unwrap_or_else(|| panic!("no `{start} in\n{}", checked.stderr));
    let line = &checked.stderr[from + 1..];
    line[..line.find('`').unwrap()].to_owned()
}

#[test]
fn an_id_under_another_name_is_never_guessed_and_the_line_to_paste_is_told() {
    let lines = |key: &str| objects(key).join("\n");
    let list = |key: &str| format!("[{}]", objects(key).join(",\n"));
    let stories = [
        ("a.jsonl", lines(r#""question_id""#), "question_id"),
        ("a.jsonl", lines(r#""ID""#), "ID"),
        ("a.jsonl", lines(r#""Id""#), "Id"),
        ("a.jsonl", lines(r#""meta": {"id""#), "meta.id"),
        ("a.jsonl", lines(r#""case's id""#), "'case''s id'"),
        ("a.json", list(r#""sampleId""#), "sampleId"),
        ("a.csv", cells(&["lang", "question_id", "correct"], ","), "question_id"),
        ("a.csv", cells(&["ID", "correct"], ";"), "ID"),
        ("a.tsv", cells(&["test_id", "correct"], "\t"), "test_id"),
        ("a.csv", cells(&["question", "correct"], ","), "question"),
    ];
    for (file, text, name) in &stories {
        let checked = on("", file, text, &["accuracy >= 50%"]).check();
        checked.refuses(&["missing-id", "no row has an `id`", "only you know"]);
        assert_eq!(checked.stderr.matches("error[").count(), 1, "{}", checked.stderr);
        let line = quoted_line(&checked, "fields:");
        assert_eq!(line, format!("fields: {{ id: {name} }}"), "{}", checked.stderr);
        on(&format!(", {line}"), file, text, &["accuracy >= 50%"])
            .check()
            .ends(0, "pass bound-clears-threshold");
    }
}

#[test]
fn fields_that_could_be_ids_are_all_named_and_others_are_not() {
    let rows = |row: &dyn Fn(usize) -> String| (0..40).map(|i| row(i) + "\n").collect::<String>();
    let refused = |rows: &str, words: &[&str], never: &[&str]| {
        let checked = on("", "a.jsonl", rows, &["accuracy >= 50%"]).check();
        checked.refuses(words);
        for word in never {
            assert!(!checked.stderr.contains(word), "{word} is in\n{}", checked.stderr);
        }
    };
    let two = rows(&|i| {
        format!(r#"{{"case_id": "c{i}", "run_id": "r{i}", "score": 0.{i}, "ms": {i}, "correct": true}}"#)
    });
    refused(
        &two,
        &["`fields: { id: case_id }` or `fields: { id: run_id }`", "each of `case_id`, `run_id`"],
        &["id: score", "id: ms"],
    );
    let repeated = rows(&|i| format!(r#"{{"question_id": {}, "correct": true}}"#, i % 8));
    refused(&repeated, &["values of `question_id` repeat", "`fields: { id: [question_id, OTHER] }`"], &[]);
    let none = rows(&|i| format!(r#"{{"score": 0.{i}, "correct": true}}"#));
    refused(&none, &["no row has an `id`", "give every row an `id`"], &["fields:"]);
    // Where some rows have an id, the others are what is wrong.
    let some = rows(&|i| {
        if i == 0 {
            r#"{"key": "k0", "correct": true}"#.to_owned()
        } else {
            format!(r#"{{"id": {i}, "key": "k{i}", "correct": true}}"#)
        }
    });
    refused(&some, &["a.jsonl:1", "this row has no `id`"], &["fields:"]);
    // The name that `fields:` says is not there either.
    let named = rows(&|i| format!(r#"{{"question_id": "q{i}", "correct": true}}"#));
    on(", fields: { id: questoin_id }", "a.jsonl", &named, &["accuracy >= 50%"]).check().refuses(&[
        "no row has `questoin_id`, which `fields:` names as the id",
        "`fields: { id: question_id }`",
    ]);
}

#[test]
fn a_space_beside_a_comma_is_named() {
    let spaced = cells(&["id", "correct"], ", ");
    let checked = on("", "a.csv", &spaced, &["accuracy >= 50%"]).check();
    checked.refuses(&["a.csv:2", "text (\" false\")", "a space stands beside \"false\""]);
    let spaced = cells(&["lang", "id", "correct"], ", ");
    on("", "a.csv", &spaced, &["accuracy >= 50%"]).check().refuses(&[
        "a.csv:1",
        "the name of the field is \" id\"",
        "without spaces",
    ]);
}

#[test]
fn what_a_spreadsheet_leaves_behind_the_cells_is_nothing() {
    let tail = |text: &str, rows: usize| {
        let text: String = text.lines().map(|line| format!("{line},,,\n")).collect();
        text + &",,,,\n".repeat(rows)
    };
    let plain = cells(&["id", "correct"], ",");
    // More than one block of them, too.
    for rows in [0, 1, 3, 300_000] {
        let checked = on("", "a.csv", &tail(&plain, rows), &["accuracy >= 50%"]).check();
        checked.ends(0, "pass bound-clears-threshold");
        assert_eq!(number(&checked.gate("")["candidate"]["n"]), 40.0);
    }
    // Nothing of it hides a sample that was lost.
    let lost = tail(&plain, 1) + "q99,true,,,\n";
    on("", "a.csv", &lost, &["accuracy >= 50%"]).check().refuses(&[
        "missing-id",
        "a.csv:42",
        "others follow it",
    ]);
    let lost = tail(&plain, 300_000) + "q99,true,,,\n";
    on("", "a.csv", &lost, &["accuracy >= 50%"]).check().refuses(&[
        "missing-id",
        "a.csv:42",
        "others follow it",
    ]);
    let below_no_name = tail(&plain, 0).replace("q7,true,,,", "q7,true,,x,");
    on("", "a.csv", &below_no_name, &["accuracy >= 50%"]).check().refuses(&[
        "bad-header",
        "a.csv:9",
        "column 4 has no name",
        "\"x\"",
    ]);
    let semicolons = plain.replace(',', ";").replace('\n', ";;\n") + ";;;\n";
    on("", "a.csv", &semicolons, &["accuracy >= 50%"]).check().ends(0, "pass bound-clears-threshold");
}

#[test]
fn a_score_that_is_written_otherwise_says_how_to_write_it() {
    let cell = |value: &str| format!("id;f1\nq1;{value}\nq2;0.5\n");
    for (value, help) in [
        ("0,93", "write a decimal point: 0.93"),
        ("93%", "write the fraction: 0.93"),
        ("93 %", "write the fraction: 0.93"),
        (" 0.93", "a space stands beside \"0.93\""),
        ("good", "yes/no; where high is good also pass/fail"),
    ] {
        on("", "a.csv", &cell(value), &["f1 >= 50%"]).check().refuses(&["wrong-type", "a.csv:2", help]);
    }
    for (value, help) in [
        (r#""0.93""#, "write the number without quotes: 0.93"),
        (r#""0,93""#, "write a decimal point: 0.93"),
        (r#""true ""#, "a space stands beside \"true\""),
        (r#""passed""#, "pass/fail or correct/incorrect"),
        ("[1]", "`null` where a sample has no score"),
    ] {
        let rows = format!("{{\"id\": 1, \"f1\": {value}}}\n{{\"id\": 2, \"f1\": 0.5}}\n");
        on("", "a.jsonl", &rows, &["f1 >= 50%"]).check().refuses(&["wrong-type", "a.jsonl:1", help]);
    }
}

#[test]
fn words_for_true_and_false_count_alike_however_they_are_written_and_packed() {
    for (yes, no) in [
        ("yes", "no"),
        ("YES", "No"),
        ("PASS", "FAIL"),
        ("Pass", "fail"),
        ("Correct", "incorrect"),
        ("TRUE", "False"),
    ] {
        let word = |i: usize| if i.is_multiple_of(10) { no } else { yes };
        let json: String =
            (0..40).map(|i| format!("{{\"id\": {i}, \"correct\": \"{}\"}}\n", word(i))).collect();
        let csv: String =
            "id\tcorrect\n".to_owned() + &(0..40).map(|i| format!("{i}\t{}\n", word(i))).collect::<String>();
        for (name, text) in [("a.jsonl", &json), ("a.tsv", &csv)] {
            let checked = on("", name, text, &["accuracy >= 50%"]).check();
            checked.ends(0, "pass bound-clears-threshold");
            assert_eq!(number(&checked.gate("")["candidate"]["value"]), 0.9, "{name} {yes}/{no}");
        }
    }
    for (name, text) in [
        ("a.csv", "id,correct\n1,yes\n2,PASS\n"),
        ("a.jsonl", "{\"id\":1,\"correct\":\"yes\"}\n{\"id\":2,\"correct\":\"PASS\"}\n"),
    ] {
        on("", name, text, &["accuracy >= 50%"])
            .check()
            .refuses(&["field-changes-type", "pass/fail here and yes/no in earlier rows"]);
    }
}

#[test]
fn metrics_stand_beside_whatever_else_a_program_wrote() {
    let counted = r#"{"events": 930, "n": 1000}"#;
    let read = |name: &str, text: &str| on("", name, text, &["accuracy >= 50%"]).check();
    for (name, text, aside) in [
        ("m.json", format!(r#"{{"accuracy": {counted}}}"#), ""),
        ("m.json", format!(r#"{{"metrics": {{"accuracy": {counted}}}}}"#), ""),
        ("m.json", format!(r#"{{"model": "gpt-4", "accuracy": {counted}}}"#), "`model` is no number"),
        (
            "m.json",
            format!(
                r#"{{"at": "2026-11-20T09:00:00Z", "day": "2026-11-20", "tags": ["x"], "dry": false, "f1": null, "accuracy": {counted}}}"#
            ),
            "`at`, `day`, `dry`, `f1`, `tags` are no numbers",
        ),
        (
            "m.json",
            format!(
                r#"{{"model": "gpt-4", "seed": 7, "metrics": {{"judge": "gpt-5", "accuracy": {counted}}}}}"#
            ),
            "`judge`, `model`, `seed` are no numbers",
        ),
        (
            "m.json",
            format!(r#"{{"config": {{"temperature": 0.2}}, "accuracy": {counted}}}"#),
            "`config` is no number",
        ),
        ("m.yaml", "model: gpt-4\naccuracy: { events: 930, n: 1000 }\n".to_owned(), "`model` is no number"),
    ] {
        let checked = read(name, &text);
        checked.ends(0, "pass bound-clears-threshold");
        let told = checked.warnings().contains(&"no-metric".to_owned());
        assert_eq!(told, !aside.is_empty(), "{text}\n{}", checked.stdout);
        assert!(checked.flat().contains(aside), "{aside} is not in\n{}", checked.stdout);
    }
}

#[test]
fn what_is_no_metric_is_never_judged() {
    let refused =
        |text: &str, gate: &str, words: &[&str]| on("", "m.json", text, &[gate]).check().refuses(words);
    refused(
        r#"{"model": "gpt-4", "accuracy": 0.9}"#,
        "model >= 50%",
        &["unknown-metric", "`model` in evidence `answers` is text, and no number"],
    );
    refused(r#"{"f1": null, "accuracy": 0.9}"#, "f1 >= 50%", &["`f1` in evidence `answers` is null"]);
    refused(
        r#"{"seed": 7, "metrics": {"accuracy": 0.9}}"#,
        "seed >= 5",
        &["`seed` in evidence `answers` is 7, beside `metrics`"],
    );
    refused(r#"{"model": "gpt-4"}"#, "accuracy >= 50%", &["holds no metric"]);
    // What is nearly a number is a mistake, whoever asks for it.
    for nearly in [r#""0.93""#, r#""93%""#, r#""1_000""#, "NaN", r#"{"value": "0.9", "n": 5}"#, r#"{"n": 5}"#]
    {
        refused(&format!("{{\"f1\": {nearly}, \"accuracy\": 0.9}}"), "accuracy >= 50%", &["m.json:1", "`f1"]);
    }
    refused(
        r#"{"events": 12, "n": 1000}"#,
        "accuracy >= 50%",
        &["bad-metric", "`events`, `n`, and not of which metric", "put the name"],
    );
    // With the line of the schema nothing but metrics stands there.
    refused(
        r#"{"schema": "relgate/metrics/v1", "model": "x", "metrics": {"accuracy": 0.9}}"#,
        "accuracy >= 50%",
        &["unknown-key", "`model`"],
    );
    refused(
        r#"{"schema": "relgate/metrics/v1", "metrics": {"judge": "x", "accuracy": 0.9}}"#,
        "accuracy >= 50%",
        &["wrong-type", "`judge`"],
    );
}

#[test]
fn what_stands_beside_metrics_goes_nowhere() {
    let key = "sk-proj-0123456789abcdefghijklmnop";
    for (name, text) in [
        (
            "m.json",
            format!(r#"{{"api_key": "{key}", "accuracy": {{"value": 0.930, "n": 1000}}, "f1": 0.5}}"#),
        ),
        (
            "m.yaml",
            format!("api_key: {key}\nmetrics: {{ accuracy: {{ value: .930, n: 1000 }}, f1: 5.0e-1 }}\n"),
        ),
    ] {
        let before = undemanding(&format!(
            "{}evidence: {{ answers: {{ path: {name} }} }}\n{}",
            HEAD.replace("1.2.3", "1.2.2"),
            listed(&["accuracy >= 50%"])
        ));
        let first = project().file("release.yaml", &before).file(name, &text);
        first.check().ends(0, "pass bound-clears-threshold");
        for (path, bytes) in
            first.snapshot().iter().filter(|(path, _)| path.to_string_lossy().contains("relgate-report"))
        {
            assert!(!String::from_utf8_lossy(bytes).contains(key), "{}", path.display());
        }
        let checked = on("", name, &text, &["api_key >= 50%"]).check();
        checked.refuses(&["`api_key`"]);
        assert!(!checked.stderr.contains(key), "{}", checked.stderr);
        // What is kept is as good as the file itself.
        let gates = ["accuracy drop < 5pp", "accuracy >= 50%"];
        let later = text.replace("930", "925");
        let bundle = first.path("relgate-report/bundle");
        let of_bundle = on("", name, &later, &gates).args(&["--baseline", bundle.to_str().unwrap()]).check();
        let of_file = on("", name, &later, &gates);
        let of_file = of_file.file("before/release.yaml", &before);
        let of_file = of_file.file(&format!("before/{name}"), &text).args(&["--baseline", "before"]).check();
        of_bundle.ends(0, "pass bound-clears-threshold");
        assert_eq!(of_bundle.gate("accuracy-drop")["change"], of_file.gate("accuracy-drop")["change"]);
    }
}

#[test]
fn samples_inside_of_an_object_are_no_metrics() {
    let text = r#"{"model": "gpt-4", "seed": "7", "results": [{"id": "q1", "correct": true}]}"#;
    let checked = on("", "m.json", text, &["accuracy >= 50%"]).check();
    checked.refuses(&["wrong-type", "`results` is a list of objects", "jq '.[\"results\"]'"]);
    assert_eq!(checked.stderr.matches("error[").count(), 1, "{}", checked.stderr);
}

/// Rows with everything that the rules below ask for.
fn everything(shift: usize) -> String {
    samples(300, |i| {
        let mut row = format!(
            r#""correct": {}, "won": {}, "refused": false"#,
            !(i + shift).is_multiple_of(20),
            i % 3 != 0
        );
        let _ = write!(
            row,
            r#", "latency_ms": {}, "cost_usd": 0.00{}"#,
            100 + (i * 7 + shift) % 300,
            1 + (i + shift) % 9
        );
        let _ = write!(
            row,
            r#", "jailbroken": false, "total_tokens": {}, "checks": {{"format_ok": true}}"#,
            50 + i + shift
        );
        row
    })
}

#[test]
fn a_rule_in_other_words_gets_the_rule_to_paste_and_that_one_works() {
    let (now, before) = (everything(0), everything(3));
    for (said, meant) in [
        ("latency p95 < 1s", "p95 latency < 1s"),
        ("p95(latency) < 1s", "p95 latency < 1s"),
        ("latency.p95 < 1s", "p95 latency < 1s"),
        ("latency_p95 < 1s", "p95 latency < 1s"),
        ("p95 of latency < 1s", "p95 latency < 1s"),
        ("95th percentile latency < 1s", "p95 latency < 1s"),
        ("99% latency < 1s", "p99 latency < 1s"),
        ("avg latency < 1s", "mean latency < 1s"),
        ("average of cost < $0.1", "mean cost < $0.1"),
        ("median latency < 1s", "p50 latency < 1s"),
        ("P95 latency <= 2 seconds", "P95 latency <= 2s"),
        ("max latency under 2s", "max latency < 2s"),
        ("latency must be below 2 seconds", "latency < 2s"),
        ("cost < 0.1 dollars", "cost < $0.1"),
        ("accurcy >= 50%", "accuracy >= 50%"),
        ("p95 latncy < 1s", "p95 latency < 1s"),
        ("accuracy at least 50%", "accuracy >= 50%"),
        ("accuracy is at least 50 percent", "accuracy >= 50%"),
        ("accuracy should not be less than 50%", "accuracy >= 50%"),
        ("accuracy ≥ 50%", "accuracy >= 50%"),
        ("accuracy => 50%", "accuracy >= 50%"),
        ("accuracy = 50%", "accuracy >= 50%"),
        ("50% <= accuracy", "accuracy >= 50%"),
        ("error rate < 20%", "accuracy > 80%"),
        ("failure rate <= 0.2", "accuracy >= 0.8"),
        ("refusals < 10%", "refusal < 10%"),
        ("format_ok >= 50%", "checks.format_ok >= 50%"),
        ("no regressions", "regressions <= 0"),
        ("zero accuracy regressions", "accuracy regressions <= 0"),
        ("regression == 0", "regressions <= 0"),
        ("accuracy must not drop", "accuracy drop < 2pp"),
        ("no drop in accuracy", "accuracy drop < 2pp"),
        ("accuracy no worse than baseline", "accuracy drop < 2pp"),
        ("accuracy >= baseline", "accuracy drop < 2pp"),
        ("accuracy >= baseline - 2pp", "accuracy drop <= 2pp"),
        ("accuracy > baseline", "accuracy increase > 0% of baseline"),
        ("accuracy must not fall by more than 2pp", "accuracy drop <= 2pp"),
        ("cost must not increase by more than 5%", "cost increase <= 5%"),
        ("cost does not increase", "cost increase < 2% of baseline"),
        ("accuracy decrease < 2pp", "accuracy drop < 2pp"),
        ("accuracy regression < 2pp", "accuracy drop < 2pp"),
        ("latency regression < 10%", "latency increase < 10%"),
        ("increase in cost < 5%", "cost increase < 5%"),
        ("hallucinations == 0", "count hallucinations == 0"),
    ] {
        let checked = compared(&[said], &now, &before).check();
        checked.refuses(&[&format!("`{meant}`")]);
        if meant.contains("hallucinations") {
            continue;
        }
        let pasted = compared(&[meant], &now, &before).check();
        assert_ne!(pasted.code, 2, "{said} -> {meant}\n{}", pasted.stderr);
    }
    // The unit alone is what was forgotten.
    compared(&["win rate > 50"], &now, &before).check().refuses(&["did you mean `50%`?"]);
    for right in [
        "pass rate >= 0.5",
        "jailbreak success rate < 5%",
        "accuracy >= 50 percent",
        "cost per request < $0.1",
        "win rate > 50%",
        "tokens per request < 900",
    ] {
        let rows = now.replace("\"won\"", "\"passed\": true, \"won\"");
        assert_ne!(judged_by(&[right], &rows).check().code, 2, "{right}");
    }
}

#[test]
fn what_nobody_can_guess_is_not_guessed() {
    let rows = everything(0);
    for rule in [
        "helpfulness >= 90%",
        "std latency < 5ms",
        "regressions of nothing",
        "accuracy improves",
        "error rate < 20ms",
    ] {
        let checked = judged_by(&[rule], &rows).check();
        checked.refuses(&["release.yaml:7"]);
        for word in ["did you mean", "help: write `", "say it of"] {
            assert!(!checked.stderr.contains(word), "{rule}: {word} is in\n{}", checked.stderr);
        }
    }
}

#[test]
fn everything_that_is_wrong_is_told_in_one_run() {
    let manifest = "relgate: 1\nname: helpdesk\nversion: v1.2\ntype: prompt-release\nbaseline: releases/none\n\
        artifacts:\n  prompts:\n    system: { version: v1, path: prompts/sytem.md }\n\
        evidence:\n  answers: { path: answers.jsonl }\n  load: { path: load.jsonl }\n\
        gates:\n  - 'accurcy >= 90%'\n  - 'p95 latency under 2s'\n  - 'max latency < 2s'\n\
        policy: { confidense: 90% }\n";
    let project = project()
        .file("release.yaml", manifest)
        .file("answers.jsonl", samples(100, |_| r#""correct": true"#.to_owned()));
    let project = project.file("latency.jsonl", samples(100, |i| format!("\"latency_ms\": {i}")));
    let mistakes = [
        ("bad-version", "release.yaml:3", "v1.2", "1.2.0"),
        ("no-baseline", "release.yaml:5", "releases/none", "none"),
        ("missing-file", "release.yaml:8", "prompts/sytem.md", "answers.jsonl"),
        ("missing-file", "release.yaml:11", "load.jsonl", "latency.jsonl"),
        ("unknown-metric", "release.yaml:13", "accurcy", "accuracy"),
        ("rule-syntax", "release.yaml:14", "latency under", "latency <"),
        ("unknown-key", "release.yaml:16", "confidense", "confidence"),
    ];
    let mut text = manifest.to_owned();
    for (number, (_, _, wrong, right)) in mistakes.iter().enumerate() {
        let checked = project.check();
        // Every mistake that was not mended yet is told, and no other.
        for (code, line, ..) in &mistakes[number..] {
            for word in [format!("error[{code}]"), format!("{line}:")] {
                assert!(checked.stderr.contains(&word), "{word} is not in\n{}", checked.stderr);
            }
        }
        assert_eq!(checked.stderr.matches("error[").count(), mistakes.len() - number, "{}", checked.stderr);
        text = text.replace(wrong, right);
        project.again("release.yaml", &text);
    }
}

#[test]
fn a_name_that_evidence_may_have_which_was_not_read_is_not_called_unknown() {
    let body = "evidence:\n  answers: { path: answers.jsonl }\n  load: { path: load.jsonl }\n";
    let project = project().manifest(&format!("{body}{}", listed(&["p95 latency < 2s", "accuracy >= 50%"])));
    let project = project.file("answers.jsonl", samples(100, |_| r#""correct": true"#.to_owned()));
    let checked = project.check();
    checked.refuses(&["release.yaml:7"]);
    assert_eq!(checked.stderr.matches("error[").count(), 1, "{}", checked.stderr);
}
