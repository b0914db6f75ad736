//! Comparisons of numbers that the evidence states, of sides that do not fit together, and of nothing at all.

use crate::check::support::{
    ANSWERS, Checked, Project, compared, events, judged_by, listed, number, project, samples, side_by_side,
    summed_up, untouched_after,
};

const PASS: &str = "pass bound-clears-threshold";
const FAIL: &str = "fail bound-violates-threshold";
const OPEN: &str = "inconclusive threshold-inside-interval";

/// A rule on what the evidence states of a metric now and before.
fn stated(rule: &str, now: &str, before: &str) -> Project {
    let manifest = "relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\nevidence: { summary: { path: metrics.json } }\ngates: ['Toxicity < 1%']\n";
    summed_up(&[rule], now)
        .file("before/release.yaml", manifest)
        .file("before/metrics.json", format!(r#"{{"schema": "relgate/metrics/v1", "metrics": {before}}}"#))
        .args(&["--baseline", "before"])
}

#[track_caller]
fn ends_by(checked: &Checked, code: i32, outcome: &str, method: &str, p_pass: f64) {
    checked.ends(code, outcome);
    let gate = checked.gate("");
    assert_eq!(gate["change"]["method"], method, "{gate:#}");
    assert!((number(&gate["p_pass"]) - p_pass).abs() < 1e-8, "{p_pass}: {gate:#}");
}

#[test]
fn counts_on_both_sides_meld_their_confidence() {
    // Beta(k + 1, 2000 - k) above Beta(10, 991) by a point or more: Simpson's rule in Python.
    let check = |now: &str| {
        stated("toxicity increase < 1pp", now, r#"{"toxicity": {"events": 10, "n": 1000}}"#).check()
    };
    let now = |events: u64| format!(r#"{{"toxicity": {{"events": {events}, "n": 2000}}}}"#);
    ends_by(&check(&now(12)), 0, PASS, "melded", 2.252_218_7e-5);
    ends_by(&check(&now(30)), 3, OPEN, "melded", 0.136_502_426_0);
    assert_eq!(check(&now(90)).outcome(""), FAIL);
}

#[test]
fn standard_errors_on_both_sides_are_joined() {
    let before = r#"{"latency_ms": {"value": 1000, "stderr": 8, "n": 180}}"#;
    let now = |value: u32| format!(r#"{{"latency_ms": {{"value": {value}, "stderr": 6, "n": 200}}}}"#);
    let check = |rule: &str, value| stated(rule, &now(value), before).check();
    // t.cdf((1010 - 1000 - m) / hypot(6, 8), 10000 / (6^4/199 + 8^4/179))
    ends_by(&check("mean latency increase < 26.6ms", 1010), 0, PASS, "stated-error", 0.048_917_949_98);
    ends_by(&check("mean latency increase < 25ms", 1010), 3, OPEN, "stated-error", 0.067_270_931_90);
    assert_eq!(check("mean latency increase < 25ms", 1045).outcome(""), FAIL);
    // t.cdf((1020 - R 1000) / hypot(6, R 8), df) with the df of 6 and 1.02 * 8
    ends_by(&check("mean latency increase < 5%", 1020), 0, PASS, "fieller", 0.001_950_527_5);
    ends_by(&check("mean latency increase < 3%", 1020), 3, OPEN, "fieller", 0.163_633_136_9);
    assert_eq!(check("mean latency increase < 5%", 1100).outcome(""), FAIL);
}

#[test]
fn a_side_without_n_shows_nothing() {
    let with = r#"{"latency_ms": {"value": 1000, "stderr": 8, "n": 180}}"#;
    let without = r#"{"latency_ms": {"value": 900}}"#;
    for (now, before) in [(with, without), (without, with), (without, without)] {
        let now = now.replace("900", "500");
        for rule in ["mean latency increase < 50%", "mean latency increase < 1000ms"] {
            let checked = stated(rule, &now, before).check();
            checked.ends(3, "inconclusive no-uncertainty");
            assert!(checked.gate("")["p_pass"].is_null() && checked.gate("")["change"]["upper"].is_null());
        }
    }
    let toxicity = stated(
        "toxicity increase < 50pp",
        r#"{"toxicity": {"events": 0, "n": 5000}}"#,
        r#"{"toxicity": {"value": 0.01}}"#,
    );
    toxicity.check().ends(3, "inconclusive no-uncertainty");
}

#[test]
fn a_side_without_n_is_taken_at_face_value_where_the_policy_accepts_that() {
    let accept = "policy: { point_estimates: accept }\n";
    let point = |value: &str| format!(r#"{{"toxicity": {{"value": {value}}}}}"#);
    let counted = r#"{"toxicity": {"events": 100, "n": 5000}}"#;
    for (rule, now, before, code, outcome) in [
        ("toxicity increase < 1pp", point("0.029"), point("0.02"), 0, "pass face-value-holds"),
        // 0.03 - 0.02 is less than 0.01 in binary, and 1pp is not less than 1pp.
        ("toxicity increase < 1pp", point("0.03"), point("0.02"), 1, "fail face-value-broken"),
        ("toxicity increase <= 1pp", point("0.03"), point("0.02"), 0, "pass face-value-holds"),
        ("toxicity drop > 1pp", point("0.01"), point("0.03"), 0, "pass face-value-holds"),
        ("toxicity drop > 1pp", point("0.03"), point("0.01"), 1, "fail face-value-broken"),
        ("toxicity change < 1pp", point("0.01"), point("0.03"), 1, "fail face-value-broken"),
        ("toxicity increase < 5% of baseline", point("0.0208"), point("0.02"), 0, "pass face-value-holds"),
        ("toxicity increase < 5% of baseline", point("0.021"), point("0.02"), 1, "fail face-value-broken"),
        // One side that knows its n does not make the other one sure.
        ("toxicity increase < 1pp", counted.to_owned(), point("0.015"), 0, "pass face-value-holds"),
        ("toxicity increase < 1pp", point("0.025"), counted.to_owned(), 0, "pass face-value-holds"),
    ] {
        let project = stated(rule, &now, &before).and(accept);
        let checked = project.check();
        assert_eq!(
            (checked.code, checked.outcome("").as_str()),
            (code, outcome),
            "{rule} {now} {before}: {}",
            checked.stdout
        );
        let gate = checked.gate("");
        assert_eq!(gate["change"]["method"], "point");
        assert!(
            gate["p_pass"].is_null() && gate["p_fail"].is_null() && gate["change"]["upper"].is_null(),
            "{gate:#}"
        );
        let markdown = std::fs::read_to_string(project.path("relgate-report/report.md")).unwrap();
        let changelog = std::fs::read_to_string(project.path("relgate-report/changelog.md")).unwrap();
        for text in [&checked.stdout, &markdown, &changelog, gate["reason"]["text"].as_str().unwrap()] {
            assert!(text.contains("unquantified"), "{text}");
        }
    }
    // Refused, it says what it would have been, and what is missing.
    let refused = stated("toxicity increase < 1pp", &point("0.021"), &point("0.02")).check();
    refused.ends(3, "inconclusive no-uncertainty");
    assert!(refused.stdout.contains("(unquantified)"), "{}", refused.stdout);
    // Counts on both sides are judged as ever.
    let counts =
        stated("toxicity increase < 1pp", counted, &counted.replace("100", "101")).and(accept).check();
    assert_eq!(counts.gate("")["change"]["method"], "melded");
    // A part of zero says nothing, at face value neither.
    let zero =
        stated("toxicity increase < 5% of baseline", &point("0.02"), &point("0.0")).and(accept).check();
    zero.ends(2, "error baseline-not-positive");
    // It stands for no category.
    let required = "policy: { point_estimates: accept, require: [safety] }\n";
    let checked = stated("toxicity increase < 1pp", &point("0.021"), &point("0.02")).and(required).check();
    assert_eq!((checked.code, &checked.report()["errors"][0]["code"]), (2, &"category-not-covered".into()));
}

/// `n` answers from question `from` on, the first `wrong` of them wrong.
fn correct(from: usize, n: usize, wrong: usize) -> String {
    (from..from + n).fold(String::new(), |text, i| {
        text + &format!("{{\"id\": \"q{i}\", \"correct\": {}}}\n", i - from >= wrong)
    })
}

#[test]
fn an_id_on_one_side_only_is_missing_on_the_other_at_its_worst() {
    let rule = "accuracy drop < 2pp";
    let checked = compared(&[rule], &correct(0, 1000, 0), &(correct(0, 1000, 0) + "\n")).check();
    checked.ends(0, PASS);
    // 40 questions of the baseline are not answered any more: they count as lost.
    let gone = compared(&[rule], &correct(0, 960, 0), &correct(0, 1000, 0)).check();
    gone.ends(3, OPEN);
    let gate = gone.gate("");
    assert_eq!(gate["change"]["paired"], true);
    assert!((number(&gate["change"]["value"])).abs() < 1e-12, "what is there did not change: {gate:#}");
    assert!(number(&gate["change"]["upper"]) > 0.04, "{gate:#}");
    assert!(
        gone.stdout.contains("40 of the baseline's 1000 ids are not in the candidate's"),
        "{}",
        gone.stdout
    );
    // As many that only the candidate answers are new: there is nothing to compare them with.
    for wrong in [0, 40] {
        let now = correct(0, 960, 0) + &correct(960, 40, wrong);
        let come = compared(&[rule], &now, &correct(0, 960, 0)).check();
        come.ends(0, PASS);
        assert_eq!(come.gate("")["change"]["n"], 960);
        assert!(come.warnings().contains(&"new-cases".to_owned()), "{}", come.stdout);
    }
    // For a fail they count as won: 60 are lost, and 100 that were wrong may be right now.
    let fail = |wrong: usize| {
        let before = correct(0, 900, 0) + &correct(900, 100, wrong);
        compared(&[rule], &correct(0, 900, 60), &before).check()
    };
    fail(0).ends(1, FAIL);
    fail(100).ends(3, OPEN);
    // A small share may be left out where the policy says so; without a bound nothing is imputed.
    let policy = "policy: { missing_samples: { exclude_up_to: 5% } }\n";
    compared(&[rule], &correct(0, 960, 0), &correct(0, 1000, 0)).and(policy).check().ends(0, PASS);
    let latency =
        |n: usize, more: usize| samples(n, |i| format!(r#""latency_ms": {}"#, 500 + i % 10 + more * (i % 3)));
    let slower = |n| compared(&["mean latency increase < 5%"], &latency(n, 1), &latency(500, 0)).check();
    slower(500).ends(0, PASS);
    slower(499).ends(3, "inconclusive missing-samples-unbounded");
}

#[test]
fn other_case_sets_are_no_comparison() {
    let asked =
        |from: usize| compared(&["accuracy drop < 50pp"], &correct(from, 1000, 1), &correct(0, 1000, 0));
    // Half of what the baseline was asked is enough, however much is new.
    assert_eq!(asked(500).check().gate("")["change"]["paired"], true);
    for from in [501, 999, 1000] {
        let checked = asked(from).check();
        checked.refuses(&["other-case-sets", "release.yaml:7", "less than half"]);
        // Cases that are lost are no other questions, and nobody is told how to make them so.
        assert_eq!(checked.stderr.contains("unpaired: true"), from == 1000, "{}", checked.stderr);
    }
    for from in [501, 1000] {
        let meant = side_by_side(&["accuracy drop < 50pp"], &correct(from, 1000, 1), &correct(0, 1000, 0));
        let meant = meant.check();
        assert_eq!(meant.gate("")["change"]["paired"], false);
        let lost = meant.warnings().contains(&"lost-cases".to_owned());
        assert_eq!(lost, from == 501, "what is lost is told all the same: {}", meant.stdout);
    }
}

#[test]
fn a_release_compared_with_itself_shows_nothing() {
    let rows = correct(0, 1000, 10);
    // Marks alone may be equal, and say nothing about when they were made.
    let marks = compared(&["accuracy drop < 2pp"], &rows, &rows).check();
    marks.ends(0, PASS);
    assert!(marks.warnings().contains(&"same-results".to_owned()), "{}", marks.stdout);
    // A time is never measured twice alike: whatever the file looks like, and whatever the gates are about.
    let timed: Vec<String> = rows
        .lines()
        .enumerate()
        .map(|(i, row)| row.replace('}', &format!(", \"latency_ms\": {}}}", 300 + i)))
        .collect();
    let turned: Vec<String> = timed.iter().rev().cloned().collect();
    for now in [timed.join("\n"), turned.join("\r\n"), timed.join("\n\n"), timed[..600].join("\n")] {
        let copied = compared(&["accuracy drop < 2pp"], &now, &timed.join("\n")).check();
        copied.refuses(&["baseline-is-candidate", "release.yaml:5", "`latency_ms` is equal on every id"]);
    }
    // One that was graded anew is caught by a gate on the time.
    let graded = timed.join("\n").replacen("false", "true", 3);
    compared(&["accuracy drop < 2pp", "mean latency increase < 5%"], &graded, &timed.join("\n"))
        .check()
        .refuses(&["baseline-is-candidate"]);
    let again = timed.join("\n").replace("\"latency_ms\": 3", "\"latency_ms\": 4");
    compared(&["accuracy drop < 2pp"], &again, &timed.join("\n")).check().ends(0, PASS);
    // The same file with the run of either side in it is another selection.
    let runs = rows.replace('}', r#", "run": "old"}"#)
        + &rows.replace("\"q", "\"p").replace('}', r#", "run": "new"}"#);
    let runs_of = |run: &str| {
        format!(
            "evidence: {{ answers: {{ path: answers.jsonl, unpaired: true, where: {{ run: {run} }} }} }}\n"
        )
    };
    let project = |run: &str| {
        project()
            .manifest(&(runs_of("new") + &listed(&["accuracy drop < 2pp"])))
            .file("answers.jsonl", &runs)
            .after("", &runs)
            .file(
                "before/release.yaml",
                format!("relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\n{}gates: ['Toxicity < 1%']\n", runs_of(run)),
            )
    };
    assert!(project("new").check().warnings().contains(&"same-results".to_owned()));
    project("old").check().ends(0, PASS);
}

#[test]
fn a_share_of_nothing_is_an_error_that_says_what_to_write() {
    for rule in ["toxicity increase < 5% of baseline", "toxicity increase < 1.05x"] {
        let checked = compared(&[rule], &events("toxic", 1, 5000), &events("toxic", 0, 5000)).check();
        checked.ends(2, "error baseline-not-positive");
        assert!(checked.stdout.contains("increase < 0.5pp"), "{}", checked.stdout);
        assert!(checked.gate("")["p_pass"].is_null());
    }
    compared(&["toxicity increase < 1pp"], &events("toxic", 1, 5000), &events("toxic", 0, 5000))
        .check()
        .ends(0, PASS);
    let free = |cost: &str| samples(100, |i| format!(r#""cost_usd": {cost}, "i": {i}"#));
    compared(&["Cost increase < 5%"], &free("0.01"), &free("0"))
        .check()
        .ends(2, "error baseline-not-positive");
    let none = r#"{"latency_ms": {"value": 0, "stderr": 1, "n": 100}}"#;
    let some = r#"{"latency_ms": {"value": 1, "stderr": 1, "n": 100}}"#;
    stated("mean latency increase < 5%", some, none).check().ends(2, "error baseline-not-positive");
}

#[test]
fn a_baseline_that_cannot_be_compared_with_is_an_error() {
    let rule = ["accuracy drop < 2pp"];
    let good = || judged_by(&rule, &correct(0, 1000, 0));
    let before = |body: &str| {
        good().after("", &correct(0, 1000, 1)).file(
            "before/release.yaml",
            format!("relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\n{body}gates: ['Toxicity < 1%']\n"),
        )
    };
    good().after("", &correct(0, 1000, 1)).check().ends(0, PASS);
    let other_name = good().after("", &correct(0, 1000, 1));
    let text = std::fs::read_to_string(other_name.path("before/release.yaml"))
        .unwrap()
        .replace("helpdesk", "search");
    let mut wrong = Vec::new();
    for (name, story, words) in [
        ("no baseline", good(), &["no-baseline-evidence", "release.yaml:5", "baseline: releases/"][..]),
        ("none", good().and("baseline: none\n"), &["no-baseline-evidence", "release.yaml:5"]),
        ("no manifest", good().args(&["--baseline", "releases/1.2.2"]), &["`releases/1.2.2` does not exist"]),
        (
            "no manifest, declared",
            good().and("baseline: releases/1.2.2\n"),
            &["release.yaml:8", "releases/1.2.2"],
        ),
        ("out of the root", good().and("baseline: ../1.2.2\n"), &["release.yaml:8"]),
        (
            "a broken manifest",
            good().after("polcy: {}\n", ""),
            &["before/release.yaml:5", "did you mean `policy`?"],
        ),
        (
            "another name",
            other_name.file("before/release.yaml", text),
            &["other-release", "release.yaml:2", "`search`"],
        ),
        (
            "no such evidence",
            before("evidence: { probes: { path: answers.jsonl } }\n"),
            &["no-baseline-evidence", "`answers`"],
        ),
        (
            "no such file",
            before("evidence: { answers: { path: gone.jsonl } }\n"),
            &["before/release.yaml:5", "gone.jsonl"],
        ),
        (
            "no such field",
            good().after("", &events("toxic", 0, 1000)),
            &["baseline-lacks-field", "`correct`", "answers.jsonl"],
        ),
        (
            "another type",
            good().after("", &samples(1000, |_| r#""correct": "perhaps""#.to_owned())),
            &["answers.jsonl"],
        ),
        ("empty", good().after("", ""), &["answers.jsonl", "empty"]),
        ("an id twice", good().after("", &correct(0, 10, 1).repeat(2)), &["answers.jsonl"]),
        ("cut off", good().after("", r#"{"id": 1, "corr"#), &["answers.jsonl:1"]),
    ] {
        wrong.extend(untouched_after(name, story, words));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_baselines_results_may_be_anywhere() {
    let rule = ["accuracy drop < 2pp"];
    let (rows, old) = (correct(0, 1000, 0), correct(0, 1000, 1));
    // In the manifest of the baseline, by flag over it, and by `baseline:` of the evidence, which beats the baseline's own.
    compared(&rule, &rows, &old).check().ends(0, PASS);
    let better = correct(0, 1000, 0) + "\n";
    let flag = compared(&rule, &correct(0, 1000, 60), &correct(0, 1000, 59))
        .file("elsewhere.jsonl", &better)
        .args(&["--baseline-evidence", "answers=elsewhere.jsonl"]);
    flag.check().ends(1, FAIL);
    let body = "evidence: { answers: { path: answers.jsonl, baseline: elsewhere.jsonl } }\n";
    let alone = project()
        .manifest(&(body.to_owned() + &listed(&rule)))
        .file("answers.jsonl", correct(0, 1000, 60))
        .file("elsewhere.jsonl", &better);
    alone.check().ends(1, FAIL);
    // `baseline:` of the manifest is relative to it.
    let declared = judged_by(&rule, &rows).and("baseline: old\n").file("old/answers.jsonl", &old).file(
        "old/release.yaml",
        format!("relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\n{ANSWERS}gates: ['Toxicity < 1%']\n"),
    );
    declared.check().ends(0, PASS);
}

#[test]
fn a_flag_for_evidence_that_is_not_there() {
    let project = compared(&["accuracy drop < 2pp"], &correct(0, 1000, 0), &correct(0, 1000, 1))
        .file("elsewhere.jsonl", correct(0, 1000, 2))
        .args(&["--baseline-evidence", "anwsers=elsewhere.jsonl"]);
    project.check().refuses(&["unknown-evidence", "--baseline-evidence", "did you mean `answers`?"]);
}

#[test]
fn a_margin_whose_unit_is_not_clear() {
    let story = |rule: &str| {
        let rows = |more: usize| samples(100, |i| format!(r#""correct": true, "latency_ms": {}"#, i + more));
        compared(&[rule], &rows(1), &rows(2))
    };
    let at = "release.yaml:7";
    let mut wrong = Vec::new();
    for (rule, words) in [
        ("accuracy drop < 2%", &["ambiguous-change", at, "`2pp`", "`2% of baseline`"][..]),
        ("accuracy drop < 0.02", &["ambiguous-change", at, "of baseline"]),
        ("latency drop < 2pp", &["wrong-unit", at, "2pp"]),
        ("latency increase < 5", &["missing-unit", at, "`5ms`"]),
        ("latency increase < $5", &["wrong-unit", at]),
        ("accuracy drop < 5ms", &["wrong-unit", at]),
        ("latency drop < 1.1x", &["bad-comparison", at, "`increase`"]),
        ("p95 latency increase < 50ms", &["bad-comparison", at, "`p95 latency increase < 10%`"]),
        ("latency change > 5ms", &["bad-comparison", at, "`change < m`"]),
        ("latency change == 0ms", &["equality-of-estimate", at]),
        ("max latency increase < 5ms", &["change-of-a-fact", at]),
        ("accuracy < 2pp", &["unit-of-a-change", at]),
    ] {
        wrong.extend(untouched_after(rule, story(rule), words));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
