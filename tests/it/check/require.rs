//! What a release of each type must show: the default of its type, and a policy that states something else.

use serde_json::json;

use crate::check::support::{ANSWERS, Checked, Project, listed, project, samples};

/// 5,000 answers on which every metric below is fine.
fn answers(cost: f64) -> String {
    samples(5000, |i| {
        format!(
            r#""toxic": false, "hallucinated": false, "correct": {}, "robust": true, "latency_ms": {}, "cost_usd": {}"#,
            i % 100 > 1,
            400 + i % if cost > 0.001 { 290 } else { 300 },
            cost + (i % 7) as f64 / 100_000.0
        )
    })
}

const SAFETY: &str = "Toxicity < 1%";
const QUALITY: &str = "Accuracy > 90%";
const COST: &str = "Cost < $0.01";
const LATENCY: &str = "p95 latency < 1200ms";
const ROBUSTNESS: &str = "Perturbation success >= 90%";
const HOLDS: &str = "accuracy drop < 2pp";

/// The first release of a type, judged by `gates`; `more` are further lines.
fn first(kind: &str, gates: &[&str], more: &str) -> Project {
    let rows = answers(0.001).replace("robust", "perturbation_success");
    let head = format!("relgate: 1\nname: helpdesk\nversion: 1.2.3\ntype: {kind}\nsummary: s\n");
    project()
        .file("release.yaml", format!("{head}{ANSWERS}{}{more}", listed(gates)))
        .file("answers.jsonl", rows)
}

/// The same after version 1.2.2.
fn second(kind: &str, gates: &[&str], more: &str) -> Project {
    first(kind, gates, more).after("", &answers(0.0011).replace("robust", "perturbation_success"))
}

/// The codes and texts of the errors.
fn errors(checked: &Checked) -> Vec<String> {
    let report = checked.report();
    let told = report["errors"].as_array().unwrap().iter();
    told.map(|one| format!("{} {}", one["code"].as_str().unwrap(), one["text"].as_str().unwrap())).collect()
}

/// Warnings besides those on what a mean takes for granted.
fn told(checked: &Checked) -> usize {
    let report = checked.report();
    report["warnings"].as_array().unwrap().iter().filter(|one| one["code"] != "not-promised").count()
}

#[test]
fn every_type_needs_its_categories() {
    let all = [QUALITY, SAFETY, ROBUSTNESS, LATENCY, COST];
    for (kind, needed) in [
        ("model-upgrade", &["quality", "safety", "robustness", "latency", "cost"][..]),
        ("prompt-release", &["quality", "safety", "cost"]),
        ("data-release", &["quality", "safety", "robustness"]),
        ("hotfix", &["safety"]),
    ] {
        let checked = first(kind, &all, "").check();
        assert_eq!(checked.code, 0, "{kind}: {}{}", checked.stdout, checked.stderr);
        let policy = &checked.report()["policy"];
        assert_eq!(policy["require"], json!(needed), "{kind}");
        assert_eq!(
            (&policy["require_stated"], &policy["no_regression_on_quality"]),
            (&json!(false), &json!(false))
        );
        // That a mean rests on what was seen is told whatever is required.
        assert_eq!(told(&checked), 0, "{}", checked.stdout);
        // One gate alone leaves the others open, each at the line of the type.
        let alone = first(kind, &[SAFETY], "").check();
        let open: Vec<_> = needed.iter().filter(|category| **category != "safety").collect();
        assert_eq!(errors(&alone).len(), open.len(), "{kind}: {}", alone.stdout);
        assert_eq!(alone.code, if open.is_empty() { 0 } else { 2 }, "{kind}");
        for (error, category) in errors(&alone).iter().zip(open) {
            let text = format!("category-not-covered a {kind} needs a blocking gate on {category}");
            assert!(
                error.starts_with(&text) && error.contains("`toxicity` is about safety; write one"),
                "{error}"
            );
            // Help never takes a requirement away.
            assert!(!error.contains("require:"), "{error}");
        }
        if kind != "hotfix" {
            assert_eq!(alone.report()["errors"][0]["line"], 4);
        }
    }
}

#[test]
fn what_does_not_stand_for_a_stated_category_does_not_stand_for_a_default_one() {
    let warns = "{ id: q, rule: 'Accuracy > 90%', enforcement: warn }";
    assert_eq!(first("prompt-release", &[SAFETY, COST, warns], "").check().code, 2);
    let observed = "max cost <= $9";
    assert_eq!(first("prompt-release", &[SAFETY, QUALITY, observed], "").check().code, 2);
    let counts = "policy: { observed_counts: true }\n";
    assert_eq!(first("prompt-release", &[SAFETY, QUALITY, observed], counts).check().code, 0);
    let off = "{ id: q, rule: 'Accuracy > 90%', when: { type: [hotfix] } }";
    assert_eq!(first("prompt-release", &[SAFETY, COST, off], "").check().code, 2);
}

#[test]
fn a_policy_that_asks_for_less_says_so_in_every_output() {
    let checked = first("prompt-release", &[SAFETY], "policy: { require: [safety] }\n").check();
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let text =
        "`require` leaves out quality, cost; by default a prompt-release needs [quality, safety, cost]";
    let report = checked.report();
    let warning = &report["warnings"][0];
    assert_eq!((&warning["code"], &warning["text"]), (&json!("require-narrowed"), &json!(text)));
    assert_eq!((&warning["file"], &warning["line"]), (&json!("release.yaml"), &json!(9)));
    assert_eq!(
        (&report["policy"]["require"], &report["policy"]["require_stated"]),
        (&json!(["safety"]), &json!(true))
    );
    assert!(checked.flat().contains(&format!("warning: {text} (release.yaml:9)")), "{}", checked.stdout);

    let story = first("prompt-release", &[SAFETY], "policy: { require: [safety] }\n");
    let _ = story.check();
    let markdown = std::fs::read_to_string(story.path("relgate-report/report.md")).unwrap();
    assert!(markdown.contains("leaves out quality, cost; by default a prompt-release"), "{markdown}");
    assert!(markdown.contains("required on safety \\(stated by the policy\\)"), "{markdown}");

    let nothing = first("hotfix", &[QUALITY], "policy: { require: [] }\n").check();
    assert_eq!(
        (nothing.code, nothing.report()["warnings"][0]["code"].as_str()),
        (0, Some("require-narrowed"))
    );
    // The same or more is no news.
    for stated in ["quality, safety, cost", "cost, latency, safety, quality"] {
        let more = first(
            "prompt-release",
            &[QUALITY, SAFETY, COST, LATENCY],
            &format!("policy: {{ require: [{stated}] }}\n"),
        );
        let more = more.check();
        assert_eq!((more.code, told(&more)), (0, 0), "{}", more.stdout);
    }
}

#[test]
fn a_patch_shows_that_quality_is_no_worse() {
    for (kind, own) in [("safety-patch", &[SAFETY][..]), ("performance-patch", &[LATENCY, COST])] {
        let with = |gate: &str| second(kind, &[own, &[gate]].concat(), "").check();
        let holds = with(HOLDS);
        assert_eq!(holds.code, 0, "{kind}: {}{}", holds.stdout, holds.stderr);
        let policy = &holds.report()["policy"];
        assert_eq!(
            (&policy["no_regression_on_quality"], &policy["require_stated"]),
            (&json!(true), &json!(false))
        );
        for gate in ["accuracy change < 2pp", "Accuracy increase > -2pp"] {
            let checked = with(gate);
            assert!(errors(&checked).is_empty(), "{kind}, {gate}: {}", checked.stdout);
        }
        // A level, another category, a gate that only warns, a fact: none of them shows it.
        for gate in [
            QUALITY,
            "Cost increase < 5%",
            "{ id: a, rule: 'accuracy drop < 2pp', enforcement: warn }",
            "accuracy regressions <= 100",
        ] {
            let checked = with(gate);
            assert_eq!(checked.code, 2, "{kind}, {gate}: {}", checked.stdout);
            let told = errors(&checked);
            assert!(
                told.len() == 1
                    && told[0].starts_with(&format!(
                        "quality-not-guarded a {kind} must show that quality is no worse"
                    ))
                    && told[0].contains("`accuracy drop < 2pp`"),
                "{told:?}"
            );
        }
    }
    let counts = second(
        "safety-patch",
        &[SAFETY, "accuracy regressions <= 100"],
        "policy: { observed_counts: true }\n",
    );
    assert_eq!(counts.check().code, 0);
    // A gate that fails still stands for what it is about.
    let worse = second("safety-patch", &[SAFETY, "accuracy drop < -3pp"], "").check();
    assert!(errors(&worse).is_empty() && worse.code != 0, "{}", worse.stdout);
}

#[test]
fn a_margin_that_allows_a_plain_loss_is_pointed_out() {
    let told = |gates: &[&str], more: &str| {
        let checked = second("safety-patch", &[&[SAFETY], gates].concat(), more).check();
        assert!(errors(&checked).is_empty(), "{}", checked.stdout);
        let report = checked.report();
        let warnings = report["warnings"].as_array().unwrap().iter();
        let found = warnings.filter(|one| one["code"] == "wide-margin").cloned().collect::<Vec<_>>();
        (found, checked)
    };
    for (gate, margin) in [
        ("accuracy drop < 50pp", "within 50pp (`accuracy-drop`)"),
        ("accuracy drop < 5.1pp", "within 5.1pp"),
        ("accuracy change < 6pp", "within 6pp"),
        ("accuracy increase > -50pp", "within 50pp"),
        ("accuracy drop < 11% of baseline", "within 11% of baseline"),
    ] {
        let (found, checked) = told(&[gate], "");
        let text = found.first().map_or("", |one| one["text"].as_str().unwrap());
        assert!(found.len() == 1 && text.contains(margin) && text.contains("at most 5pp"), "{gate}: {text}");
        assert_eq!((&found[0]["file"], &found[0]["line"]), (&json!("release.yaml"), &json!(9)), "{gate}");
        assert!(checked.flat().contains(margin), "{}", checked.stdout);
    }
    // Cases are counted against those that there are: 5 of 100 and not more.
    let counts = "policy: { observed_counts: true }\n";
    assert_eq!(told(&["accuracy regressions <= 251"], counts).0.len(), 1);
    assert_eq!(told(&["accuracy regressions <= 250"], counts).0.len(), 0);
    for gates in [
        &["accuracy drop < 5pp"][..],
        &["accuracy drop < 10% of baseline"],
        &["accuracy drop < -1pp"],
        // One that is near enough shows it.
        &["accuracy drop < 50pp", "{ id: near, rule: 'accuracy drop < 2pp' }"],
    ] {
        assert_eq!(told(gates, "").0.len(), 0, "{gates:?}");
    }
    // One that only warns shows nothing.
    let warns = "{ id: near, rule: 'accuracy drop < 2pp', enforcement: warn }";
    assert_eq!(told(&["accuracy drop < 50pp", warns], "").0.len(), 1);
    // Nobody asked it of a release whose policy states something else.
    assert_eq!(told(&["accuracy drop < 50pp"], "policy: { require: [safety] }\n").0.len(), 0);
}

#[test]
fn a_first_patch_is_told_to_name_a_baseline() {
    let alone = first("safety-patch", &[SAFETY], "").check();
    assert_eq!(alone.code, 2, "{}", alone.stdout);
    let told = errors(&alone);
    assert!(
        told.len() == 1 && told[0].contains("baseline: git:") && !told[0].contains("require:"),
        "{told:?}"
    );
}

#[test]
fn a_stated_list_overrides_that_quality_is_no_worse_and_says_so() {
    let stated = "policy: { require: [safety, quality] }\n";
    let dropped = second("safety-patch", &[SAFETY, QUALITY], stated).check();
    assert_eq!(dropped.code, 0, "{}", dropped.stdout);
    let report = dropped.report();
    let told = report["warnings"].as_array().unwrap().iter();
    let text = told.map(|one| one["text"].as_str().unwrap()).find(|text| text.contains("`require`")).unwrap();
    assert!(
        text.contains("leaves out that quality is no worse than the baseline's; by default a safety-patch needs [safety] and a gate"),
        "{text}"
    );
    // Where such a gate stands all the same, nothing was left out.
    let kept = second("safety-patch", &[SAFETY, QUALITY, HOLDS], stated).check();
    assert_eq!(kept.code, 0, "{}", kept.stdout);
    assert!(!kept.stdout.contains("`require`"), "{}", kept.stdout);
}

/// A gate that is there and does not stand for its category says why, and nothing is taken back.
#[test]
fn a_gate_that_does_not_stand_for_its_category_says_why() {
    let clustered = ANSWERS.replace("answers.jsonl }", "answers.jsonl, cluster: talk }");
    let rows = samples(3000, |i| format!(r#""talk": {}, "toxic": false"#, i / 2));
    let of = |evidence: &str, gate: &str| {
        let head = "relgate: 1\nname: helpdesk\nversion: 1.2.3\ntype: safety-patch\nsummary: s\n";
        let policy = "policy: { require: [safety] }\n";
        project()
            .file("release.yaml", format!("{head}{evidence}{}{policy}", listed(&[gate])))
            .file("answers.jsonl", rows.clone())
            .check()
    };
    for (evidence, gate, why) in [
        (ANSWERS, "{ rule: 'Toxicity < 1%', enforcement: warn }", "it only warns"),
        (ANSWERS, "{ rule: 'Toxicity < 1%', when: { type: [hotfix] } }", "it does not apply to this release"),
        (ANSWERS, "count toxicity <= 3", "it is a fact about the listed cases"),
        (&clustered, "Toxicity < 1%", "it rests on the largest `talk` that was seen"),
        (ANSWERS, "{ rule: 'mean talk < 9999', id: talks }", "nothing says what `talks` is about"),
    ] {
        let told = errors(&of(evidence, gate)).join("; ");
        assert!(told.contains("none stands for it: ") && told.contains(why), "{gate}: {told}");
        assert!(!told.contains("require:") && !told.contains("observed_counts"), "{told}");
    }
}
