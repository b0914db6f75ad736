//! Why rows have no score: counted by what their errors say, in every output; and words that say true or false.

use std::fs;

use super::support::*;

/// 100 rows, the first of which carry `errors`.
fn errored(errors: &[&str]) -> Project {
    judged_by(
        &["accuracy >= 50%"],
        &samples(100, |i| match errors.get(i) {
            Some(error) => format!(r#""error": {error}"#),
            None => r#""correct": true"#.to_owned(),
        }),
    )
}

#[test]
fn errors_are_counted_by_their_text() {
    let project = errored(&[
        r#""timeout""#,
        r#""rate limit""#,
        r#""timeout""#,
        r#"{"code": 500}"#,
        "true",
        "17",
        r#""none""#,
        "0",
    ]);
    let checked = project.check();
    let words =
        "evidence: 6 rows of `answers` errored: 2 timeout, 1 17, 1 rate limit, 1 true, 1 {\"code\": 500}";
    assert!(checked.flat().contains(words), "{}", checked.stdout);
    let entry = checked.report()["evidence"][0].clone();
    assert_eq!(
        (&entry["errored"], &entry["errors"]["timeout"], &entry["errors_omitted"]),
        (&6.into(), &2.into(), &0.into())
    );
    assert!(["attempts", "refused", "filtered", "limited"].iter().all(|key| entry[key].is_null()), "{entry}");
    let page = fs::read_to_string(project.path("relgate-report/report.md")).unwrap();
    assert!(page.contains("errored: 2 timeout"), "{page}");
    // Of a CSV file too.
    let rows: String =
        (0..50).map(|i| format!("q{i},true,{}\n", if i < 3 { "timeout" } else { "" })).collect();
    let csv = judged_by(&["accuracy >= 50%"], "").file("answers.csv", format!("id,correct,error\n{rows}"));
    let csv = csv.manifest(&(ANSWERS.replace("jsonl", "csv") + &listed(&["accuracy >= 50%"])));
    assert_eq!(csv.check().report()["evidence"][0]["errors"]["timeout"], 3);
    // Where none did there is no line.
    assert!(!errored(&[]).check().stdout.contains("errored"));
}

#[test]
fn errors_are_bounded_masked_and_escaped() {
    let many: Vec<String> = (0..60).map(|i| format!("\"failed {i}: {}\"", "x".repeat(3000))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let entry = errored(&many).check().report()["evidence"][0].clone();
    let texts = entry["errors"].as_object().unwrap();
    assert_eq!((texts.len(), entry["errors_omitted"].as_u64().unwrap()), (20, 40));
    assert!(texts.keys().all(|text| text.chars().count() <= 200));
    let secret = format!("sk-proj-{}", "aB3dE5".repeat(8));
    let hostile = format!("\"401 for {secret} \\u001b[2J\\n::error::x <b>&\"");
    let project = errored(&[&hostile, &hostile]).and("policy: { missing_samples: worst-case }\n");
    let strict = project.manifest(&(ANSWERS.to_owned() + &listed(&["accuracy >= 99.9%"])));
    let checked = strict.check();
    let page = fs::read_to_string(strict.path("relgate-report/report.md")).unwrap();
    for text in [&checked.stdout, &page, checked.json.as_ref().unwrap()] {
        assert!(!text.contains(&secret) && !text.contains('\u{1b}'), "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
    assert!(!page.contains("<b>"), "{page}");
    let case = checked.report()["gates"][0]["cases"][0].clone();
    assert!(case["error"].as_str().unwrap().starts_with("401 for "), "{case}");
    assert!(checked.flat().contains("q0 (401 for"), "{}", checked.stdout);
}

/// A gate on 40 samples whose field `field` is written as these values in turn.
fn written(gate: &str, field: &str, values: &[&str]) -> Project {
    judged_by(&[gate], &samples(40, |i| format!(r#""{field}": {}"#, values[i % values.len()])))
}

#[test]
fn words_of_one_pair_are_true_and_false() {
    for values in [
        [r#""yes""#, r#""No""#],
        [r#""PASS""#, r#""fail""#],
        [r#""correct""#, r#""Incorrect""#],
        [r#""True""#, r#""false""#],
    ] {
        let checked = written("rate solved >= 20%", "solved", &values).check();
        let candidate = checked.report()["gates"][0]["candidate"].clone();
        assert_eq!(
            (&candidate["events"], &candidate["n"]),
            (&20.into(), &40.into()),
            "{values:?}: {}",
            checked.stdout
        );
        // In a rule without an aggregate they are a rate, as true and false are.
        assert_eq!(written("solved >= 20%", "solved", &values).check().code, 0, "{values:?}");
        // A cell of CSV is the same text.
        let cells: String = (0..40).map(|i| format!("q{i},{}\n", values[i % 2].trim_matches('"'))).collect();
        let csv = judged_by(&["rate solved >= 20%"], "").file("answers.csv", format!("id,solved\n{cells}"));
        let csv = csv.manifest(&(ANSWERS.replace("jsonl", "csv") + &listed(&["rate solved >= 20%"])));
        assert_eq!(csv.check().report()["gates"][0]["candidate"]["events"], 20, "{values:?}");
    }
}

#[test]
fn words_of_two_pairs_or_of_none_are_refused() {
    for values in [
        &[r#""yes""#, r#""false""#][..],
        &[r#""yes""#, "true"],
        &[r#""true""#, "true"],
        &[r#""pass""#, r#""incorrect""#],
        &[r#""no""#, "0"],
    ] {
        written("rate solved >= 20%", "solved", values).check().refuses(&["field-changes-type", "`solved`"]);
    }
    written("rate solved >= 20%", "solved", &[r#""yes""#, r#""maybe""#])
        .check()
        .refuses(&["wrong-type", "maybe"]);
    written("rate solved >= 20%", "solved", &[r#""y""#, r#""n""#]).check().refuses(&["wrong-type"]);
}

#[test]
fn praise_says_nothing_where_low_is_good() {
    for words in [[r#""pass""#, r#""fail""#], [r#""correct""#, r#""incorrect""#]] {
        written("toxicity < 90%", "toxicity", &words).check().refuses(&[
            "not-a-number",
            "`toxicity`",
            "true and false",
        ]);
        written("rate oddity < 90%", "oddity", &words)
            .check()
            .refuses(&["not-a-number", "direction: higher"]);
    }
    assert_eq!(written("toxicity < 90%", "toxicity", &[r#""yes""#, r#""no""#]).check().code, 0);
}
