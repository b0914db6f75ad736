//! Metrics of texts, worked out of answers and references while the results are read.

use std::fs;

use crate::check::support::{Project, number, project};

/// Metrics over the texts of `answers.jsonl`, and gates.
fn asked(metrics: &str, gates: &[&str], answers: &str) -> Project {
    let gates: String = gates.iter().map(|gate| format!("  - '{gate}'\n")).collect();
    let body =
        format!("evidence: {{ answers: {{ path: answers.jsonl }} }}\nmetrics:\n{metrics}gates:\n{gates}");
    project().manifest(&body).file("answers.jsonl", answers)
}

const WORDS: [&str; 12] =
    ["the", "river", "rose", "before", "noon", "and", "every", "bridge", "was", "closed", "by", "evening"];

/// A sentence of its own for every row.
fn sentence(row: usize) -> String {
    let word = |place: usize| WORDS[(row * 5 + place * place + row / 7) % WORDS.len()];
    (0..10).map(word).collect::<Vec<_>>().join(" ")
}

/// `rows` answers of which every `wrong`-th has lost words; 0 none of them.
fn answers(rows: usize, wrong: usize) -> String {
    (0..rows)
        .map(|row| {
            let reference = sentence(row);
            let spoilt = wrong > 0 && row % wrong == 0;
            let answer = if spoilt {
                reference.replace("the", "a").replace("bridge", "road")
            } else {
                reference.clone()
            };
            format!("{{\"id\": \"q{row}\", \"answer\": \"{answer}\", \"expected\": \"{reference}\"}}\n")
        })
        .collect()
}

const BLEU: &str = "  bleu_of: { as: bleu, field: answer, reference: expected }\n";

#[test]
fn bleu_of_all_answers_is_judged_with_limits_and_named_with_its_rules() {
    let checked = asked(BLEU, &["bleu of >= 70"], &answers(200, 3)).check();
    checked.ends(0, "pass bound-clears-threshold");
    let gate = checked.gate("");
    assert_eq!(gate["candidate"]["method"], "paired-bootstrap");
    assert_eq!(gate["signature"], "bleu|case:mixed|eff:no|tok:13a|smooth:exp|order:4|rules:1");
    assert_eq!((gate["category"].as_str(), gate["unit"].as_str()), (Some("quality"), None));
    let of = |name: &str| number(&gate["candidate"][name]);
    assert!(of("lower") < of("value") && of("value") < of("upper") && of("upper") <= 100.0, "{gate:#}");
    asked(BLEU, &["bleu of >= 99.9"], &answers(200, 3)).check().ends(1, "fail bound-violates-threshold");
    // 99 answers are too few to draw from.
    asked(BLEU, &["bleu of >= 10"], &answers(99, 3)).check().ends(3, "inconclusive too-few-for-a-variance");
}

#[test]
fn each_answer_has_its_own_number_where_the_metric_is_of_single_answers() {
    let metrics = "  rouge: { as: rouge-l, field: answer, reference: expected, stem: true }\n\
                   \x20 same: { as: exact-match, field: answer, reference: expected }\n\
                   \x20 shares: { as: token-f1, field: answer, reference: expected }\n\
                   \x20 size: { as: length, field: answer, count: words }\n\
                   \x20 road: { as: regex, field: answer, pattern: '\\broad\\b', direction: lower }\n";
    let gates = [
        "rouge >= 80%",
        "same >= 60%",
        "shares >= 80%",
        "size <= 11",
        "p95 size <= 10",
        "road < 40%",
        "min rouge >= 10%",
    ];
    let checked = asked(metrics, &gates, &answers(300, 3)).check();
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let method = |id: &str| checked.gate(id)["candidate"]["method"].as_str().unwrap().to_owned();
    assert_eq!(
        ["rouge", "same", "shares", "p95-size", "road", "min-rouge"].map(method),
        ["gaffke", "clopper-pearson", "gaffke", "order-statistics", "clopper-pearson", "observed"]
    );
    let same = checked.gate("same");
    // Articles do not count, so only the roads are wrong.
    let wrong = answers(300, 3).lines().filter(|line| line.contains("road")).count();
    assert_eq!(same["candidate"]["events"], 300 - wrong, "{same:#}");
    // The worst answers are named.
    let failed = asked(metrics, &["same >= 99%"], &answers(300, 3)).check();
    failed.ends(1, "fail bound-violates-threshold");
    assert!(
        failed.gate("")["cases"].as_array().unwrap().iter().any(|case| case["id"] == "q27"),
        "{}",
        failed.stdout
    );
}

#[test]
fn json_is_held_against_a_schema() {
    let rows: String = (0..400)
        .map(|row| {
            let answer = match row % 200 {
                0 => "{\\\"sum\\\": \\\"four\\\"}",
                1 => "{\\\"sum\\\": 4",
                _ => "{\\\"sum\\\": 4}",
            };
            format!("{{\"id\": {row}, \"answer\": \"{answer}\"}}\n")
        })
        .collect();
    let metrics = "  parses: { as: valid-json, field: answer }\n  fits: { as: json-schema, field: answer, schema: sum.json }\n";
    let schema = r#"{"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]}"#;
    let held = |schema: &str| {
        asked(metrics, &["parses >= 97%", "fits >= 97%"], &rows).file("sum.json", schema).check()
    };
    let checked = held(schema);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    assert_eq!(checked.gate("parses")["candidate"]["events"], 398);
    assert_eq!(checked.gate("fits")["candidate"]["events"], 396);
    let signature = checked.gate("fits")["signature"].as_str().unwrap().to_owned();
    assert!(signature.starts_with("json-schema|schema:"), "{signature}");
    let other = held(&schema.replace("integer", "number"));
    assert_ne!(other.gate("fits")["signature"], signature);
    held(r#"{"type": "strin"}"#).refuses(&["bad-schema", "sum.json"]);
    held(r#"{"$ref": "https://example.org/sum.json"}"#).refuses(&["bad-schema"]);
}

#[test]
fn references_stand_in_the_row_in_a_list_or_in_a_file() {
    let rows = answers(150, 4);
    let value = |project: Project| {
        let checked = project.check();
        assert!([0, 3].contains(&checked.code), "{}", checked.stderr);
        number(&checked.gate("")["candidate"]["value"])
    };
    let gates = ["score >= 50"];
    let of = |reference: &str| {
        asked(&format!("  score: {{ as: bleu, field: answer, reference: {reference} }}\n"), &gates, &rows)
    };
    let own = value(of("expected"));
    let by_id: String = (0..150)
        .rev()
        .map(|row| format!("{{\"id\": \"q{row}\", \"reference\": \"{}\"}}\n", sentence(row)))
        .collect();
    let lines: String = (0..150).map(|row| sentence(row) + "\n").collect();
    let csv: String = "qid,text\n".to_owned()
        + &(0..150).map(|row| format!("q{row},{}\n", sentence(row))).collect::<String>();
    assert_eq!(value(of("{ path: refs.jsonl }").file("refs.jsonl", &by_id)), own);
    assert_eq!(value(of("{ path: refs.csv, id: qid, field: text }").file("refs.csv", csv)), own);
    assert_eq!(value(of("{ path: refs.txt, by: line }").file("refs.txt", &lines)), own);
    // A second reference that is the answer itself.
    let listed: String = rows
        .lines()
        .map(|line| {
            let mut row: serde_json::Value = serde_json::from_str(line).unwrap();
            row["expected"] = serde_json::json!([row["expected"], row["answer"]]);
            format!("{row}\n")
        })
        .collect();
    let both = value(of("expected").file("answers.jsonl", listed));
    assert!((both - 100.0).abs() < 1e-9, "{both}");
    for (file, text, words) in [
        (
            "refs.jsonl",
            by_id.replace("\"q7\"", "\"other\""),
            "1 ids of the results have no reference here: `q7`",
        ),
        (
            "refs.jsonl",
            by_id.clone() + "{\"id\": \"q999\", \"reference\": \"x\"}\n",
            "1 ids have references here, and no answer: `q999`",
        ),
        ("refs.jsonl", by_id.clone() + "{\"id\": \"q1\", \"reference\": \"x\"}\n", "`q1` stands here twice"),
        ("refs.jsonl", by_id.replace("\"reference\"", "\"refrence\""), "has no reference here"),
    ] {
        of("{ path: refs.jsonl }").file(file, text).check().refuses(&["references-unmatched", words, file]);
    }
    let short = lines.strip_suffix('\n').unwrap().rsplit_once('\n').unwrap().0;
    of("{ path: refs.txt, by: line }")
        .file("refs.txt", short)
        .check()
        .refuses(&["references-unmatched", "the results have 150 rows, and this file 149 lines"]);
}

#[test]
fn a_change_is_that_of_the_same_answers_and_a_bundle_needs_no_text() {
    let old = asked(BLEU, &["bleu of >= 10"], &answers(200, 3));
    let text = fs::read_to_string(old.path("release.yaml")).unwrap();
    let old = old.file("release.yaml", text.replace("1.2.3", "1.2.2"));
    assert_eq!(old.check().code, 0);
    let bundle = old.path("relgate-report/bundle");
    let numbers = fs::read_to_string(bundle.join("evidence/answers.jsonl")).unwrap();
    assert!(!numbers.contains("river") && numbers.contains("tok:13a"), "{}", &numbers[..300]);
    let since = |metrics: &str, gate: &str, wrong: usize| {
        asked(metrics, &[gate], &answers(200, wrong)).args(&["--baseline", bundle.to_str().unwrap()]).check()
    };
    let better = since(BLEU, "bleu of drop < 1", 4);
    better.ends(0, "pass bound-clears-threshold");
    assert_eq!(better.gate("")["change"]["method"], "paired-bootstrap");
    since(BLEU, "bleu of drop < 1", 2).ends(1, "fail bound-violates-threshold");
    since(&BLEU.replace("expected }", "expected, tokenize: intl }"), "bleu of drop < 1", 3).refuses(&[
        "text-signature",
        "bleu|case:mixed|eff:no|tok:intl|smooth:exp|order:4|rules:1",
        "bleu|case:mixed|eff:no|tok:13a|smooth:exp|order:4|rules:1",
    ]);
    let chrf = "  bleu_of: { as: chrf, field: answer, reference: expected }\n";
    since(chrf, "bleu of drop < 1", 3).refuses(&["baseline-lacks-field", "chrf"]);
}

#[test]
fn a_missing_answer_is_no_pass_and_an_empty_one_is_an_answer() {
    let rows = answers(200, 0);
    let spoil = |text: &str| rows.replacen(&format!("\"answer\": \"{}\"", sentence(5)), text, 1);
    let alike = asked(BLEU, &["bleu of >= 50"], &rows).check();
    alike.ends(3, "inconclusive zero-variance");
    let advice = alike.gate("")["reason"]["advice"].as_str().unwrap().to_owned();
    assert!(advice.contains("exact-match") && !advice.contains("bounds"), "{advice}");
    asked(BLEU, &["bleu of >= 50"], &spoil("\"answer\": \"\""))
        .check()
        .ends(0, "pass bound-clears-threshold");
    for lost in ["\"answer\": null", "\"error\": \"timeout\"", "\"other\": 1"] {
        let checked = asked(BLEU, &["bleu of >= 50"], &spoil(lost)).check();
        assert_eq!((checked.code, &checked.gate("")["candidate"]["missing"]), (3, &1.into()), "{lost}");
    }
    // Of single answers the missing one is the worst that there is.
    let rouge = "  rouge: { as: rouge-1, field: answer, reference: expected }\n";
    let checked = asked(rouge, &["rouge >= 90%"], &spoil("\"answer\": null")).check();
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(checked.gate("")["candidate"]["missing"], 1);
}

#[test]
fn a_limit_is_in_points_and_what_mixes_is_refused_with_the_way_to_say_it() {
    let bad = |gate: &str, words: &[&str]| {
        asked(BLEU, &[gate], &answers(120, 3)).after("", &answers(120, 3)).check().refuses(words);
    };
    bad("bleu of >= 0.3", &["points from 0 to 100", "write `30`"]);
    bad("bleu of >= 30%", &["points from 0 to 100", "write `30`"]);
    bad("bleu of drop < 1pp", &["write `1` for points", "`1% of baseline`"]);
    bad("bleu of drop < 1%", &["write `1` for points", "`1% of baseline`"]);
    bad("bleu of < 30", &["bad"]);
    bad("mean bleu of >= 30", &["aggregate-of-ratio"]);
}

#[test]
fn an_option_of_another_metric_is_refused() {
    for (metric, words) in [
        (
            "{ as: rouge-l, field: answer, reference: expected, tokenize: intl }",
            "`tokenize` is an option of `bleu`",
        ),
        ("{ field: answer, stem: true }", "`stem` is an option of"),
        ("{ as: bleu, field: answer }", "`as: bleu` needs `reference`"),
        ("{ as: bleu, reference: expected }", "`as: bleu` needs `field`"),
        (
            "{ as: bleu, field: answer, reference: expected, scale: 2 }",
            "`scale` has no place beside `as: bleu`",
        ),
        (
            "{ as: bleu, field: answer, reference: expected, direction: lower }",
            "of `bleu` higher values are good",
        ),
        ("{ as: bleu, field: answer, reference: expected, max_order: 9 }", "`max_order` is at most 4"),
        ("{ as: bleu, field: answer, reference: expected, smooth_value: 1 }", "belongs to `smooth: floor`"),
        ("{ as: bleu, field: answer, reference: expectd }", "has no field `expectd`"),
        ("{ as: regex, field: answer, pattern: '[0-9' }", "`pattern` is no regular expression"),
        ("{ as: bleu, field: answer, reference: answer }", "a text is compared with itself"),
        ("{ as: regex, field: answer }", "`as: regex` needs `pattern`"),
        ("{ as: length, field: answer, reference: expected }", "`reference` is an option of"),
        ("{ as: json-schema, field: answer }", "`as: json-schema` needs `schema`"),
    ] {
        asked(&format!("  m: {metric}\n"), &["m >= 20"], &answers(120, 3)).check().refuses(&[words]);
    }
}

#[test]
fn odd_texts_are_answers_like_any_other() {
    let odd = [
        "\\u0000\\u0001",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{5e2}\u{5d5}\u{5dc}\u{5dd}",
        "e\u{301}\u{301}\u{301}",
        "\u{1f469}\u{200d}\u{1f467}",
        "\\ud83d\\ude00",
        "...,,,---",
        "\u{202e}desrever",
        "&amp;&lt;<skipped>-\\n",
        "   ",
        "\u{feff}",
        "\u{3000}\u{a0}",
    ];
    let rows: String = (0..220)
        .map(|row| {
            let (a, b) = (odd[row % odd.len()], odd[(row / odd.len()) % odd.len()]);
            format!("{{\"id\": {row}, \"answer\": \"{a} {b}\", \"expected\": [\"{b}\", \"{a}\", \"\"]}}\n")
        })
        .collect();
    let all =
        ["bleu", "chrf", "ter", "rouge-1", "rouge-2", "rouge-l", "rouge-lsum", "exact-match", "token-f1"];
    let metrics: String = all
        .iter()
        .enumerate()
        .map(|(at, kind)| format!("  m{at}: {{ as: {kind}, field: answer, reference: expected }}\n"))
        .collect();
    let gates: Vec<String> = (0..all.len())
        .map(|at| {
            if all[at] == "ter" {
                format!("m{at} <= 500")
            } else if at < 2 {
                format!("m{at} >= 1")
            } else {
                format!("m{at} >= 1%")
            }
        })
        .collect();
    let gates: Vec<&str> = gates.iter().map(String::as_str).collect();
    let checked = asked(&metrics, &gates, &rows).check();
    assert!([0, 1, 3].contains(&checked.code), "{}", checked.stderr);
    assert_eq!(checked.report()["gates"].as_array().unwrap().len(), all.len());
}

#[test]
fn a_text_that_nobody_should_wait_for_is_an_error_in_words() {
    let long = "word ".repeat(30_000);
    let rows = answers(120, 3)
        + &format!("{{\"id\": \"long\", \"answer\": \"{long}\", \"expected\": \"{long}\"}}\n");
    for (kind, most) in [("ter", "2000"), ("rouge-l", "20000")] {
        let metric = format!("  m: {{ as: {kind}, field: answer, reference: expected }}\n");
        let gate = if kind == "ter" { "m <= 50" } else { "m >= 50%" };
        asked(&metric, &[gate], &rows).check().refuses(&[
            "text-too-long",
            "30000 words",
            most,
            "answers.jsonl:121",
        ]);
    }
    let metric = "  m: { as: chrf, field: answer, reference: expected }\n";
    assert_eq!(asked(metric, &["m >= 10"], &rows).check().code, 0);
}
