//! Samples that come in groups: what many answers of one conversation, or many runs of one question, are worth.

use serde_json::Value;

use crate::check::support::{Checked, Project, events, listed, number, project, samples, values};

const PASS: &str = "pass bound-clears-threshold";
const FAIL: &str = "fail bound-violates-threshold";
const OPEN: &str = "inconclusive threshold-inside-interval";
const CLUSTERED: &str = "evidence: { answers: { path: answers.jsonl, cluster: talk } }\n";

/// A release that is judged by `gate` on answers clustered by their `talk`.
fn by_talk(gate: &str, answers: &str) -> Project {
    project().manifest(&(CLUSTERED.to_owned() + &listed(&[gate]))).file("answers.jsonl", answers)
}

/// The same answers, each taken for independent.
fn each(gate: &str, answers: &str) -> Checked {
    crate::check::support::judged_by(&[gate], answers).check()
}

#[track_caller]
fn is(checked: &Checked, method: &str, clusters: u64) -> Value {
    let candidate = checked.gate("")["candidate"].clone();
    assert_eq!(
        (&candidate["method"], &candidate["clusters"]),
        (&method.into(), &clusters.into()),
        "{candidate:#}"
    );
    candidate
}

#[track_caller]
fn near(value: &Value, expected: f64, tolerance: f64) {
    assert!((number(value) - expected).abs() <= tolerance, "{value} and not {expected}");
}

/// `talks` conversations of `size(talk)` answers, the first `bad(talk)` of each toxic.
fn talks(talks: usize, size: impl Fn(usize) -> usize, bad: impl Fn(usize) -> usize) -> String {
    (0..talks).fold(String::new(), |text, talk| {
        let rows = samples(size(talk), |i| format!(r#""toxic": {}, "talk": "t{talk}""#, i < bad(talk)));
        text + &rows.replace("\"q", &format!("\"{talk}-"))
    })
}

#[test]
fn a_clustered_rate_shows_the_same_limits_whatever_is_asked() {
    // 12 of 60 conversations hold all 48 toxic ones of 600 answers.
    let rows = talks(60, |talk| 9 + talk % 2 * 2, |talk| if talk % 5 == 0 { 4 } else { 0 });
    // P(sum of E (k - n T) + E0 11 (1 - T) >= 0) by Gil-Pelaez inversion of its characteristic function.
    let mut shown = Vec::new();
    for (limit, p_pass, code, outcome) in [
        ("15%", 0.032_032_219_8, 0, PASS),
        ("14%", 0.058_359_315_6, 3, OPEN),
        ("12%", 0.172_807_451_5, 3, OPEN),
    ] {
        let rule = format!("Toxicity < {limit}");
        let checked = by_talk(&rule, &rows).check();
        checked.ends(code, outcome);
        let candidate = is(&checked, "gaffke", 60);
        near(&checked.gate("")["p_pass"], p_pass, 1e-7);
        assert_eq!((&candidate["n"], &candidate["events"]), (&600.into(), &48.into()));
        shown.push((candidate["lower"].to_string(), candidate["upper"].to_string()));
        assert!((0.14..0.15).contains(&number(&candidate["upper"])), "{candidate:#}");
    }
    shown.dedup();
    assert_eq!(shown.len(), 1, "{shown:?}");
    each("Toxicity < 12%", &rows).ends(0, PASS);
    let fail = talks(60, |talk| 9 + talk % 2 * 2, |talk| if talk % 2 == 0 { 8 } else { 0 });
    by_talk("Toxicity < 12%", &fail).check().ends(1, FAIL);
}

#[test]
fn conversations_are_counted_and_not_answers() {
    // 24 toxic answers of 600 in 3 of 60 conversations: P(3 terms 8 - 10 T, 57 terms -10 T and the unseen 10 (1 - T)).
    let rows = talks(60, |_| 10, |talk| if talk % 20 == 0 { 8 } else { 0 });
    for (limit, p_pass, code, outcome) in [
        ("13%", 0.013_343_653_9, 0, PASS),
        ("12%", 0.023_471_398_9, 0, PASS),
        ("10%", 0.067_427_762_1, 3, OPEN),
    ] {
        let checked = by_talk(&format!("Toxicity < {limit}"), &rows).check();
        checked.ends(code, outcome);
        is(&checked, "gaffke", 60);
        near(&checked.gate("")["p_pass"], p_pass, 1e-7);
    }
    each("Toxicity < 10%", &rows).ends(0, PASS);
    let p_fail = number(&by_talk("Toxicity < 10%", &rows).check().gate("")["p_fail"]);
    assert!(p_fail > 0.5, "{p_fail}");
    // No method switches at the tenth bad conversation, so one more, or a row lost without a trace, never helps.
    let p_pass = |rows: &str| {
        let checked = by_talk("Toxicity < 13%", rows).check();
        is(&checked, "gaffke", 60);
        number(&checked.gate("")["p_pass"])
    };
    let nine = p_pass(&talks(60, |_| 10, |talk| usize::from(talk < 9)));
    let ten = p_pass(&talks(60, |_| 10, |talk| usize::from(talk < 10)));
    let uneven = p_pass(&talks(60, |talk| if talk == 59 { 9 } else { 10 }, |talk| usize::from(talk < 9)));
    assert!(nine < ten && nine < uneven, "{nine} {ten} {uneven}");
    // Without any, conversations count and not answers: 0.95^n <= 5 % takes 59.
    by_talk("Toxicity < 5%", &talks(59, |_| 10, |_| 0)).check().ends(0, PASS);
    by_talk("Toxicity < 5%", &talks(58, |_| 10, |_| 0)).check().ends(3, OPEN);
    each("Toxicity < 5%", &talks(58, |_| 10, |_| 0)).ends(0, PASS);
}

#[test]
fn means_of_clusters_of_one_size_are_those_of_statsmodels() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stats/clustered_mean.json");
    let fixture: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = fixture["cases"].as_array().unwrap();
    for case in [15, 21].map(|at| &cases[at]) {
        let (y, groups) = (case["y"].as_array().unwrap(), case["groups"].as_array().unwrap());
        let rows = samples(y.len(), |i| format!(r#""rating": {}, "talk": {}"#, y[i], groups[i]));
        let (mean, lower, upper) = (number(&case["mean"]), number(&case["lower"]), number(&case["upper"]));
        let check = |t: f64| by_talk(&format!("mean rating > {t:.9}"), &rows).check();
        let checked = check(lower - 1e-6);
        checked.ends(0, PASS);
        let candidate = is(&checked, "cr2-t", case["G"].as_u64().unwrap());
        near(&candidate["value"], mean, 1e-12);
        near(&candidate["lower"], lower, 1e-9);
        near(&candidate["upper"], upper, 1e-9);
        check(lower + 1e-6).ends(3, OPEN);
        check(upper - 1e-6).ends(3, OPEN);
        check(upper + 1e-6).ends(1, FAIL);
    }
    // 105 values of 23 groups: t on the values would have been sure of 0.17 (0.2444 - 1.66 * 0.0329), the groups are not.
    let case = &cases[10];
    let rows = samples(105, |i| format!(r#""rating": {}, "talk": {}"#, case["y"][i], case["groups"][i]));
    each("mean rating > 0.17", &rows).ends(0, PASS);
    by_talk("mean rating > 0.17", &rows).check().ends(3, OPEN);
}

#[test]
fn several_runs_of_a_question_are_one_cluster() {
    // 60 questions, ten epochs each: three of them are toxic eight times out of ten.
    let rows = samples(600, |i| {
        let (question, epoch) = (i / 10, i % 10);
        format!(r#""question": {question}, "epoch": {epoch}, "toxic": {}"#, question % 20 == 0 && epoch < 8)
    });
    let epochs =
        (0..600).fold(rows, |text, i| text.replace(&format!("\"q{i}\","), &format!("\"p{}\",", i / 10)));
    for (limit, p_pass, code, outcome) in
        [("13%", 0.013_343_653_9, 0, PASS), ("10%", 0.067_427_762_1, 3, OPEN)]
    {
        let checked = crate::check::support::judged_by(&[&format!("Toxicity < {limit}")], &epochs).check();
        checked.ends(code, outcome);
        let candidate = is(&checked, "gaffke", 60);
        assert_eq!((&candidate["n"], &candidate["events"]), (&600.into(), &24.into()));
        near(&checked.gate("")["p_pass"], p_pass, 1e-7);
    }
    // One epoch each is no cluster.
    let single = events("toxic", 3, 600).replace("\"toxic\"", "\"epoch\": 1, \"toxic\"");
    let checked = crate::check::support::judged_by(&["Toxicity < 13%"], &single).check();
    assert_eq!(checked.gate("")["candidate"]["method"], "clopper-pearson");
    assert!(checked.gate("")["candidate"]["clusters"].is_null());
}

#[test]
fn a_cluster_that_is_not_told_is_an_error() {
    let rows = talks(60, |_| 10, |_| 0);
    by_talk("Toxicity < 10%", &rows).check().ends(0, PASS);
    for hole in ["", r#", "talk": null"#] {
        let rows = rows.replacen(r#", "talk": "t59""#, hole, 1);
        by_talk("Toxicity < 10%", &rows).check().refuses(&["answers.jsonl:591", "`talk`"]);
    }
    by_talk("Toxicity < 10%", &events("toxic", 0, 600)).check().refuses(&["release.yaml:5", "`talk`"]);
    // All epochs of a question belong to one conversation.
    let epochs = |talk: &str| {
        let row = |epoch: usize, talk: &str| {
            format!("{{\"id\": 1, \"epoch\": {epoch}, \"toxic\": false, \"talk\": \"{talk}\"}}\n")
        };
        rows.clone() + &row(1, "t1") + &row(2, talk)
    };
    by_talk("Toxicity < 20%", &epochs("t1")).check().ends(0, PASS);
    by_talk("Toxicity < 20%", &epochs("t2")).check().refuses(&[
        "clusters-disagree",
        "answers.jsonl:602",
        "the id 1 stands in more than one cluster: `talk` is \"t2\" here",
        "it is \"t1\" in answers.jsonl:601",
        "mend `talk`, or let `cluster:` name another field",
    ]);
}

#[test]
fn min_samples_counts_clusters() {
    let gate = |min: u32| format!("{{ id: g, rule: 'Toxicity < 10%', min_samples: {min} }}");
    let rows = talks(60, |_| 10, |_| 0);
    by_talk(&gate(60), &rows).check().ends(0, PASS);
    by_talk(&gate(61), &rows).check().ends(3, "inconclusive below-min-samples");
    each(&gate(600), &rows).ends(0, PASS);
    // Of one nothing was scored: it is a conversation that nobody looked at.
    let unscored = samples(600, |i| {
        let toxic = if i < 10 { "null" } else { "false" };
        format!(r#""toxic": {toxic}, "talk": {}"#, i / 10)
    });
    let checked = by_talk(&gate(60), &unscored).check();
    checked.ends(3, "inconclusive below-min-samples");
    assert_eq!(checked.gate("g")["candidate"]["clusters"], 59);
    by_talk(&gate(59), &unscored).check().ends(0, PASS);
}

#[test]
fn a_clustered_quantile_counts_the_conversations_with_slow_answers() {
    // One slow answer of twenty in every conversation of 20, or all of them in one conversation in twenty.
    let rows = |slow: &dyn Fn(usize, usize) -> bool| {
        samples(2000, |i| {
            let (talk, turn) = (i / 20, i % 20);
            format!(r#""latency_ms": {}, "talk": {talk}"#, if slow(talk, turn) { 2000 } else { 500 + i % 50 })
        })
    };
    let together = rows(&|talk, _| talk < 3);
    each("p95 latency < 1200ms", &together).ends(0, PASS);
    let checked = by_talk("p95 latency < 1200ms", &together).check();
    checked.ends(3, OPEN);
    near(&is(&checked, "gaffke", 100)["value"], 548.0, 0.0);
    near(&checked.gate("")["p_pass"], 0.257_838_659_3, 1e-7);
    let apart = rows(&|talk, turn| talk % 4 == 0 && turn == 0);
    by_talk("p95 latency < 1200ms", &apart).check().ends(0, PASS);
}

#[test]
fn a_comparison_is_clustered_too() {
    // In 5 of 40 conversations three of five answers get worse, in 5 others the one wrong answer gets right.
    let before = |i: usize| !i.is_multiple_of(10);
    let now = |i: usize| {
        let (talk, turn) = (i / 5, i % 5);
        (before(i) && !(talk % 8 == 0 && turn < 3)) || (talk % 8 == 4 && i.is_multiple_of(10))
    };
    let rows = |right: &dyn Fn(usize) -> bool| {
        samples(200, |i| format!(r#""correct": {}, "talk": {}"#, right(i), i / 5))
    };
    let check = |rule: &str| by_talk(rule, &rows(&now)).after("", &rows(&before)).check();
    // 5 conversations lose two answers or more, 5 win one, 30 stay: inverted as above.
    for (rule, p_pass, code, outcome) in [
        ("accuracy drop < 15pp", 0.007_749_155_6, 0, PASS),
        ("accuracy drop < 10pp", 0.072_774_610_8, 3, OPEN),
        ("accuracy drop < 5pp", 0.438_349_632_0, 3, OPEN),
    ] {
        let checked = check(rule);
        checked.ends(code, outcome);
        let change = checked.gate("")["change"].clone();
        assert_eq!(change["method"], "gaffke");
        near(&checked.gate("")["p_pass"], p_pass, 1e-7);
        assert!((0.10..0.15).contains(&number(&change["upper"])), "{change:#}");
    }
    // On other questions each side has its own limit, at half of the level.
    let other = rows(&before).replace("\"q", "\"p");
    let side_by_side = |rule: &str| {
        let meant = CLUSTERED.replace("cluster: talk", "cluster: talk, unpaired: true") + &listed(&[rule]);
        by_talk(rule, &rows(&now)).manifest(&meant).after("", &other).check()
    };
    let checked = side_by_side("accuracy drop < 50pp");
    checked.ends(0, PASS);
    assert_eq!(checked.gate("")["change"]["method"], "two-limits");
    let upper = number(&checked.gate("")["change"]["upper"]);
    let alone = |rule: &str, rows: &str| {
        let gate =
            by_talk(&format!("{{ id: g, rule: '{rule}', confidence: 97.5% }}"), rows).check().gate("g");
        (number(&gate["candidate"]["lower"]), number(&gate["candidate"]["upper"]))
    };
    let (lowest, highest) =
        (alone("accuracy >= 80%", &rows(&now)).0, alone("accuracy >= 80%", &rows(&before)).1);
    assert!((upper - (highest - lowest)).abs() < 1e-6, "{upper} {highest} {lowest}");
    for (margin, code) in [(upper + 0.001, 0), (upper - 0.001, 3)] {
        assert_eq!(side_by_side(&format!("accuracy drop < {:.4}pp", 100.0 * margin)).code, code);
    }
}

#[test]
fn slices_of_clustered_samples_are_clustered() {
    let rows = talks(120, |_| 10, |talk| if talk % 40 == 0 { 8 } else { 0 });
    let rows = rows.lines().fold(String::new(), |text, row| {
        let lang = if row.contains("\"id\": \"0-") || row.contains('4') { "de" } else { "en" };
        text + &row.replace('}', &format!(", \"lang\": \"{lang}\"}}")) + "\n"
    });
    let checked = by_talk("{ id: g, rule: 'Toxicity < 30%', by: [lang] }", &rows).check();
    for slice in checked.gate("g")["slices"].as_array().unwrap() {
        assert!(slice["candidate"]["clusters"].as_u64() > Some(0), "{slice:#}");
        assert_eq!(slice["candidate"]["method"], "gaffke");
    }
}

#[test]
fn equal_means_of_all_clusters_are_no_proof() {
    let rows = values("rating", &[3.0; 100]).replace('}', ", \"talk\": 1}");
    assert_eq!(by_talk("mean rating > 1", &rows).check().code, 3, "one conversation shows nothing");
    let rows = samples(100, |i| format!(r#""rating": {}, "talk": {}"#, 2 + i % 2 * 2, i / 2));
    by_talk("mean rating > 1", &rows).check().ends(3, "inconclusive zero-variance");
}
