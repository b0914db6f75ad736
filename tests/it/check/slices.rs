//! Slices: the whole and every language must hold, and nobody is judged by the average of the others.

use serde_json::{Value, json};

use crate::check::oracle::{at_least, at_most};
use crate::check::support::{Project, compared, judged_by, number, project, samples};

const BY_LANG: &str = "{ id: g, rule: 'accuracy >= 80%', by: [lang] }";

/// Answers of each language: how many, and how many of them wrong.
fn languages(of: &[(&str, usize, usize)]) -> String {
    of.iter().fold(String::new(), |text, (lang, n, wrong)| {
        let rows = samples(*n, |i| format!(r#""correct": {}, "lang": "{lang}""#, i >= *wrong));
        text + &rows.replace("\"q", &format!("\"{lang}-"))
    })
}

fn by_lang(of: &[(&str, usize, usize)]) -> Project {
    judged_by(&[BY_LANG], &languages(of))
}

/// The slices of the first gate as `key outcome`.
#[track_caller]
fn told(gate: &Value) -> Vec<(Value, String)> {
    let slices = gate["slices"].as_array().unwrap().iter();
    slices.map(|one| (one["key"].clone(), one["outcome"].as_str().unwrap().to_owned())).collect()
}

fn lang(value: &str, outcome: &str) -> (Value, String) {
    (json!({ "lang": value }), outcome.to_owned())
}

#[test]
fn a_language_that_fails_fails_the_gate_although_the_whole_passes() {
    let rows = [("en", 2000, 40), ("de", 100, 40)];
    judged_by(&["accuracy >= 80%"], &languages(&rows)).check().ends(0, "pass bound-clears-threshold");
    let checked = by_lang(&rows).check();
    checked.ends(1, "fail bound-violates-threshold");
    let gate = checked.gate("g");
    assert_eq!(told(&gate), [lang("de", "fail"), lang("en", "pass")]);
    let why = gate["reason"]["text"].as_str().unwrap();
    assert!(why.starts_with("lang = de: 60 of 100 samples (60%)"), "{why}");
    assert!(checked.stdout.contains("lang = de"), "{}", checked.stdout);
    // The candidate of the gate is the whole; p_pass is the worst slice's, and so is p_fail.
    assert_eq!((&gate["candidate"]["n"], &gate["candidate"]["events"]), (&2100.into(), &2020.into()));
    let (p_pass, p_fail) = (at_most(40, 100, 0.2), at_least(40, 100, 0.2));
    assert!((number(&gate["p_pass"]) - p_pass).abs() < 1e-9, "{gate:#}");
    assert!((number(&gate["p_fail"]) - p_fail).abs() < 1e-12, "{gate:#}");
    let de = &gate["slices"][0];
    assert!((number(&de["p_fail"]) - p_fail).abs() < 1e-12 && (number(&de["p_pass"]) - p_pass).abs() < 1e-9);
    assert_eq!((&de["candidate"]["n"], &de["candidate"]["method"]), (&100.into(), &"clopper-pearson".into()));
}

#[test]
fn all_languages_must_be_shown_to_hold() {
    by_lang(&[("en", 300, 20), ("de", 300, 20)]).check().ends(0, "pass bound-clears-threshold");
    // Ten good answers show nothing about German.
    let checked = by_lang(&[("en", 300, 20), ("de", 10, 0)]).check();
    assert_eq!(checked.code, 3, "{}", checked.stdout);
    assert_eq!(told(&checked.gate("g")), [lang("de", "inconclusive"), lang("en", "pass")]);
    assert!(checked.gate("g")["reason"]["text"].as_str().unwrap().starts_with("lang = de: "));
    // A language may not hide behind the others where the whole fails.
    let whole = by_lang(&[("en", 2000, 1000), ("de", 100, 0)]).check();
    assert_eq!((whole.code, told(&whole.gate("g"))), (1, vec![lang("de", "pass"), lang("en", "fail")]));
    // Where the policy lets an open gate through, a language with a bad value still blocks.
    let warn = "policy: { on_inconclusive: warn }\n";
    assert_eq!(by_lang(&[("en", 300, 20), ("de", 10, 0)]).and(warn).check().code, 0);
    assert_eq!(by_lang(&[("en", 300, 20), ("de", 10, 3)]).and(warn).check().code, 3);
}

#[test]
fn a_language_without_scores_is_open() {
    let rows = languages(&[("en", 1000, 0)]) + &samples(3, |_| r#""correct": null, "lang": "fr""#.to_owned());
    let checked = judged_by(&[BY_LANG], &rows).check();
    checked.ends(3, "inconclusive no-samples");
    assert_eq!(told(&checked.gate("g")), [lang("en", "pass"), lang("fr", "inconclusive")]);
    assert!(checked.gate("g")["p_pass"].is_null(), "no p of the whole gate where a slice has none");
    assert!(checked.stdout.contains("lang = fr"), "{}", checked.stdout);
    // Rows that `where:` leaves out make no slice.
    let only = "metrics: { accuracy: { field: correct, where: { lang: [en] } } }\n";
    let checked = judged_by(&[BY_LANG], &rows).and(only).check();
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(told(&checked.gate("g")), [lang("en", "pass")]);
}

#[test]
fn rows_without_the_key_are_a_slice_of_their_own() {
    let some = |more: &str, wrong: usize, from: &str| {
        samples(300, |i| format!(r#""correct": {}{more}"#, i >= wrong)).replace("\"q", &format!("\"{from}"))
    };
    let en = some(r#", "lang": "en""#, 0, "en");
    let absent = some("", 150, "no");
    let null = some(r#", "lang": null"#, 150, "null");
    for (rows, n) in [(en.clone() + &absent, 300), (en.clone() + &null, 300), (en + &absent + &null, 600)] {
        let checked = judged_by(&[BY_LANG], &rows).check();
        assert_eq!(checked.code, 1, "{}{}", checked.stdout, checked.stderr);
        let gate = checked.gate("g");
        assert_eq!(told(&gate), [lang("(none)", "fail"), lang("en", "pass")]);
        assert_eq!(gate["slices"][0]["candidate"]["n"], n);
    }
    // A field that no row has is a spelling mistake.
    by_lang(&[("en", 300, 0)])
        .manifest("evidence: { answers: { path: answers.jsonl } }\ngates: [{ id: g, rule: 'accuracy >= 80%', by: [lnag] }]\n")
        .check()
        .refuses(&["unknown-metric", "release.yaml:6", "did you mean `lang`?"]);
}

#[test]
fn a_key_may_not_be_a_number_here_and_a_text_there() {
    let rows = samples(400, |i| {
        format!(
            r#""correct": {}, "level": {}"#,
            i % 2 == 0 || i % 4 == 1,
            if i % 2 == 0 { "1" } else { "\"1\"" }
        )
    });
    let gate = "{ id: g, rule: 'accuracy >= 80%', by: [level] }";
    let checked = judged_by(&[gate], &rows).check();
    checked.refuses(&["field-changes-type", "answers.jsonl:2"]);
}

#[test]
fn two_keys_are_their_cross_product() {
    let gate = "{ id: g, rule: 'accuracy >= 80%', by: [lang, topic] }";
    // German refunds fail; German and refunds on their own do not.
    let rows = samples(4000, |i| {
        let (lang, topic) = (["de", "en"][i % 2], ["bills", "refunds"][usize::from(i % 20 < 2)]);
        format!(r#""correct": {}, "lang": "{lang}", "topic": "{topic}""#, i % 20 != 0 || i % 80 == 0)
    });
    let check = |gate: &str| judged_by(&[gate], &rows).check();
    for one in ["lang", "topic"] {
        let gate = format!("{{ id: g, rule: 'accuracy >= 50%', by: [{one}] }}");
        assert_eq!(check(&gate).code, 0);
    }
    let checked = check(gate);
    assert_eq!(checked.code, 1, "{}", checked.stdout);
    let slice =
        |lang: &str, topic: &str, outcome: &str| (json!({"lang": lang, "topic": topic}), outcome.to_owned());
    assert_eq!(
        told(&checked.gate("g")),
        [
            slice("de", "bills", "pass"),
            slice("de", "refunds", "fail"),
            slice("en", "bills", "pass"),
            slice("en", "refunds", "pass")
        ]
    );
    let why = checked.gate("g")["reason"]["text"].as_str().unwrap().to_owned();
    assert!(why.starts_with("lang = de, topic = refunds: "), "{why}");
}

#[test]
fn identifiers_are_no_slices() {
    let gate = "{ id: g, rule: 'accuracy >= 80%', by: [user] }";
    let rows = |users: usize| samples(20_000, |i| format!(r#""correct": true, "user": "u{}""#, i % users));
    let refused = judged_by(&[gate], &rows(20_000)).check();
    refused.refuses(&["too-many-slices", "`user`", "10000"]);
    assert_eq!(refused.stderr.matches("too-many-slices").count(), 1, "once is enough: {}", refused.stderr);
    judged_by(&[gate], &rows(10_001)).check().refuses(&["too-many-slices"]);
    assert_eq!(judged_by(&[gate], &rows(100)).check().gate("g")["slices"].as_array().unwrap().len(), 100);
}

#[test]
fn a_cross_product_of_too_many_slices_is_refused_too() {
    let gate = "{ id: g, rule: 'accuracy >= 80%', by: [user, day] }";
    let rows = samples(20_000, |i| format!(r#""correct": true, "user": {}, "day": {}"#, i % 200, i / 200));
    judged_by(&[gate], &rows).check().refuses(&["too-many-slices"]);
}

#[test]
fn fails_of_slices_are_counted_together() {
    // 28 of 100 wrong break `>= 80%` on their own (p = 0.034), but not as one of eleven.
    let p = at_least(28, 100, 0.2);
    assert!(p <= 0.05 && 11.0 * p > 0.05 && 2.0 * p > 0.05, "{p}");
    judged_by(&["accuracy >= 80%"], &languages(&[("de", 100, 28)]))
        .check()
        .ends(1, "fail bound-violates-threshold");
    let mut rows = vec![("de", 100, 28)];
    let others = ["bg", "cs", "da", "el", "en", "es", "fi", "fr", "hu"];
    rows.extend(others.map(|lang| (lang, 200, 10)));
    let checked = by_lang(&rows).check();
    checked.ends(3, "inconclusive fail-unadjusted");
    let gate = checked.gate("g");
    assert!(
        (number(&gate["p_fail"]) - p).abs() < 1e-9
            && (number(&gate["p_fail_adjusted"]) - 11.0 * p).abs() < 1e-9,
        "{gate:#}"
    );
    let why = gate["reason"]["text"].as_str().unwrap();
    assert!(why.starts_with("lang = de: ") && why.contains("looks broken on its own"), "{why}");
    // Neither does `warn` let it through.
    assert_eq!(by_lang(&rows).and("policy: { on_inconclusive: warn }\n").check().code, 3);
    // Beyond doubt it fails among eleven as well.
    rows[0] = ("de", 100, 40);
    by_lang(&rows).check().ends(1, "fail bound-violates-threshold");
}

#[test]
fn min_samples_holds_for_every_slice() {
    let gate = |min: u32| format!("{{ id: g, rule: 'accuracy >= 80%', by: [lang], min_samples: {min} }}");
    let rows = languages(&[("en", 1000, 0), ("de", 200, 0)]);
    judged_by(&[&gate(200)], &rows).check().ends(0, "pass bound-clears-threshold");
    let checked = judged_by(&[&gate(201)], &rows).check();
    checked.ends(3, "inconclusive below-min-samples");
    assert_eq!(told(&checked.gate("g")), [lang("de", "inconclusive"), lang("en", "pass")]);
}

#[test]
fn a_comparison_has_the_slices_of_both_sides() {
    let gate = "{ id: g, rule: 'accuracy drop < 5pp', by: [lang] }";
    let check = |now: &[(&str, usize, usize)], before: &[(&str, usize, usize)]| {
        compared(&[gate], &languages(now), &languages(before)).check()
    };
    let checked = check(&[("en", 1000, 10), ("de", 300, 3)], &[("en", 1000, 11), ("de", 300, 3)]);
    checked.ends(0, "pass bound-clears-threshold");
    // Wrong in German where it was right: the whole hides it.
    let worse = check(&[("en", 1000, 10), ("de", 300, 60)], &[("en", 1000, 11), ("de", 300, 3)]);
    assert_eq!((worse.code, told(&worse.gate("g"))), (1, vec![lang("de", "fail"), lang("en", "pass")]));
    // A language that only one side has cannot be compared, and is not forgotten.
    let lost = check(&[("en", 1000, 10)], &[("en", 1000, 11), ("fr", 5, 0)]);
    assert_eq!(
        (lost.code, told(&lost.gate("g"))),
        (3, vec![lang("en", "pass"), lang("fr", "inconclusive")]),
        "{}",
        lost.stdout
    );
    let gained = check(&[("en", 1000, 10), ("fr", 5, 0)], &[("en", 1000, 11)]);
    assert_eq!(
        (gained.code, told(&gained.gate("g"))),
        (3, vec![lang("en", "pass"), lang("fr", "inconclusive")]),
        "{}",
        gained.stdout
    );
}

#[test]
fn an_aggregate_has_no_slices() {
    let gate = "{ id: g, rule: 'Toxicity < 1%', by: [lang] }";
    let project = crate::check::support::summed_up(&[gate], r#"{"toxicity": {"events": 0, "n": 5000}}"#);
    project.check().refuses(&["slices-of-an-aggregate", "release.yaml:7"]);
}

#[test]
fn a_language_that_is_called_otherwise_now_is_not_forgotten() {
    let gate = "{ id: g, rule: 'accuracy drop < 5pp', by: [lang] }";
    let before = languages(&[("en", 1000, 50), ("fr", 1000, 50)]);
    let now = languages(&[("en", 1000, 50), ("fr", 1000, 49)]);
    assert_eq!(compared(&[gate], &now, &before).check().code, 0);
    // The same questions, and none of them is French any more.
    let relabelled = now.replace(r#""lang": "fr""#, r#""lang": "en""#);
    let checked = compared(&[gate], &relabelled, &before).check();
    assert_eq!(checked.code, 3, "{}", checked.stdout);
    assert_eq!(told(&checked.gate("g")), [lang("en", "pass"), lang("fr", "inconclusive")]);
}

#[test]
fn a_language_that_only_the_baseline_has_is_not_forgotten_by_a_level_either() {
    let gates = |level: &str| vec!["accuracy drop < 5pp".to_owned(), level.to_owned()];
    let before = languages(&[("en", 1000, 50), ("fr", 300, 10)]);
    let check = |now: &[(&str, usize, usize)]| {
        let gates = gates(BY_LANG);
        let gates: Vec<&str> = gates.iter().map(String::as_str).collect();
        compared(&gates, &languages(now), &before).check()
    };
    let kept = check(&[("en", 1000, 50), ("fr", 300, 9)]);
    assert_eq!((kept.code, told(&kept.gate("g"))), (0, vec![lang("en", "pass"), lang("fr", "pass")]));
    let lost = check(&[("en", 1000, 50)]);
    assert_eq!(
        (lost.code, told(&lost.gate("g"))),
        (3, vec![lang("en", "pass"), lang("fr", "inconclusive")]),
        "{}",
        lost.stdout
    );
    // A baseline whose results name no language says nothing about languages.
    let unnamed = before.replace(r#", "lang": "en""#, "").replace(r#", "lang": "fr""#, "");
    let gates = gates(BY_LANG);
    let gates: Vec<&str> = gates.iter().map(String::as_str).collect();
    let checked = compared(&gates, &languages(&[("en", 1000, 50), ("fr", 300, 9)]), &unnamed).check();
    assert_eq!(told(&checked.gate("g")), [lang("en", "pass"), lang("fr", "pass")], "{}", checked.stdout);
}

#[test]
fn a_label_written_as_text_and_as_number_or_truth_value_is_one_slice() {
    let rows = samples(400, |i| format!(r#""correct": true, "level": {}, "hard": {}"#, i % 2, i % 2 == 1));
    let table = (0..400).fold("id,correct,level,hard\n".to_owned(), |text, i| {
        text + &format!("q{i},true,{},{}\n", i % 2, if i % 2 == 1 { "True" } else { "False" })
    });
    let body = "evidence: { answers: { path: answers.csv } }\ngates:\n  - { id: g, rule: 'accuracy drop < 10pp', by: [level, hard] }\n";
    let project = project().manifest(body).file("answers.csv", table).after("", &rows);
    let checked = project.check();
    checked.ends(0, "pass bound-clears-threshold");
    let slices = checked.gate("g")["slices"].as_array().unwrap().clone();
    assert_eq!(slices.len(), 2, "{slices:#?}");
}

#[test]
fn a_label_keeps_its_last_zero() {
    let rows = samples(800, |i| format!(r#""correct": true, "version": {}"#, ["1.10", "1.1"][i % 2]));
    let gate = judged_by(&["{ id: g, rule: 'accuracy >= 80%', by: [version] }"], &rows).check().gate("g");
    let keys: Vec<Value> =
        gate["slices"].as_array().unwrap().iter().map(|one| one["key"]["version"].clone()).collect();
    assert_eq!(keys, [json!("1.1"), json!("1.10")]);
}
