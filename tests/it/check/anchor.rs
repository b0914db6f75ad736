//! Drift over releases: the warning about margins that add up, and `anchor:`, which holds them.

use serde_json::json;

use crate::check::support::{ANSWERS, HEAD, Project, compared, listed, samples};

const HOLDS: &str = "accuracy drop < 2pp";

/// 5,000 answers of which `wrong` in 1,000 are wrong, always the same ones first.
fn answers(wrong: usize) -> String {
    samples(5000, |i| {
        let lang = if (i / 1000) % 2 == 0 { "de" } else { "en" };
        format!(
            r#""correct": {}, "latency_ms": {}, "lang": "{lang}""#,
            i % 1000 >= wrong,
            400 + i % (300 - wrong)
        )
    })
}

/// Every release loses 1.4 points: 1.0.0 had 4 % wrong, 1.2.2 has 5.4 %, 1.2.3 has 6.8 %.
fn creeping(gates: &[&str]) -> Project {
    compared(gates, &answers(68), &answers(54)).file("old/answers.jsonl", answers(40)).file(
        "old/release.yaml",
        format!("{}{ANSWERS}{}", HEAD.replace("1.2.3", "1.0.0"), listed(&["Accuracy > 90%"])),
    )
}

#[test]
fn a_loss_that_creeps_from_release_to_release_fails_against_the_anchor() {
    let without = creeping(&[HOLDS]).check();
    assert_eq!((without.code, without.outcome("")), (0, "pass bound-clears-threshold".to_owned()));
    assert_eq!(without.gate("")["against"], "baseline");
    assert!(without.warnings().contains(&"drift".to_owned()), "{}", without.stdout);

    for story in [creeping(&[HOLDS]).and("anchor: old\n"), creeping(&[HOLDS]).args(&["--anchor", "old"])] {
        let anchored = story.check();
        assert_eq!(anchored.code, 1, "{}{}", anchored.stdout, anchored.stderr);
        let told = anchored.report();
        let gates: Vec<_> = told["gates"].as_array().unwrap().iter().map(|gate| &gate["id"]).collect();
        assert_eq!(gates, ["accuracy-drop", "accuracy-drop@anchor", "silent-change"]);
        assert_eq!(anchored.outcome("accuracy-drop"), "pass bound-clears-threshold");
        assert_eq!(anchored.outcome("accuracy-drop@anchor"), "fail bound-violates-threshold");
        let gate = anchored.gate("accuracy-drop@anchor");
        assert_eq!(gate["against"], "anchor");
        assert_eq!((&gate["rule"], &gate["enforcement"]), (&json!(HOLDS), &json!("block")));
        assert_eq!(
            (&gate["baseline"]["events"], &gate["change"]["method"]),
            (&json!(4800), &json!("gaffke"))
        );
        assert_eq!(anchored.gate("accuracy-drop")["baseline"]["events"], 4730);
        let why = gate["reason"]["text"].as_str().unwrap();
        assert!(why.contains("less than the anchor, over 5,000 samples"), "{why}");
        assert!(!anchored.warnings().contains(&"drift".to_owned()), "{}", anchored.stdout);
    }
    // A level stands still by itself; it needs no anchor and gets none.
    let level = creeping(&["Accuracy > 90%", HOLDS]).check();
    assert!(!level.warnings().contains(&"drift".to_owned()), "{}", level.stdout);
    assert_eq!(level.gate("accuracy")["against"], json!(null));
    let off = creeping(&[HOLDS]).and("anchor: old\n").args(&["--anchor", "none"]).check();
    assert_eq!((off.code, off.warnings().contains(&"drift".to_owned())), (0, true), "{}", off.stdout);
}

#[test]
fn only_a_gate_that_blocks_and_applies_stops_the_drift() {
    let drifts = |story: Project| {
        let checked = story.check();
        let report = checked.report();
        let told = report["warnings"].as_array().unwrap().iter();
        let told: Vec<_> =
            told.filter(|one| one["code"] == "drift").map(|one| one["text"].to_string()).collect();
        told.join(" ")
    };
    let warns = "{ id: level, rule: 'Accuracy > 90%', enforcement: warn }";
    let off = "{ id: level, rule: 'Accuracy > 90%', when: { type: [hotfix] } }";
    assert!(drifts(creeping(&[HOLDS, warns])).contains("let `level` block"));
    assert!(drifts(creeping(&[HOLDS, off])).contains("anchor: git:v2.0.0"));
    assert_eq!(drifts(creeping(&[HOLDS, "Accuracy > 90%", warns])), "");
    // A gate against the anchor stops it as its own gate would: not where that only warns.
    let unblocked = "{ id: a, rule: 'accuracy drop < 2pp', enforcement: warn }";
    let anchored = |gates: &[&str]| creeping(gates).and("anchor: old\n");
    assert!(drifts(anchored(&[unblocked, "Latency < 1200ms"])).contains("let `a` block"));
    assert_eq!(drifts(anchored(&[HOLDS])), "");
}

#[test]
fn a_twin_has_all_that_its_gate_has() {
    let gate = "{ id: a, rule: 'accuracy drop < 2pp', by: [lang], enforcement: warn, min_samples: 6000 }";
    let checked = creeping(&["Accuracy > 90%", gate]).and("anchor: old\n").check();
    assert_eq!(checked.code, 0, "a twin of a gate that warns only warns: {}", checked.stdout);
    assert_eq!(checked.outcome("a"), "inconclusive below-min-samples");
    assert_eq!(checked.outcome("a@anchor"), "fail bound-violates-threshold");
    assert_eq!(checked.gate("a@anchor")["slices"].as_array().unwrap().len(), 2);
    let off = "{ id: a, rule: 'accuracy drop < 2pp', when: { type: [hotfix] } }";
    let off = creeping(&["Accuracy > 90%", off]).and("anchor: old\n").check();
    assert_eq!((off.code, off.outcome("a@anchor").as_str()), (0, "not-applicable switched-off"));
    // Cases that regressed are counted since the release before.
    let counted = creeping(&["Accuracy > 90%", "accuracy regressions <= 100"]).and("anchor: old\n").check();
    assert_eq!(counted.report()["gates"].as_array().unwrap().len(), 3, "{}", counted.stdout);
    let relative = creeping(&["p95 latency increase < 5%"]).and("anchor: old\n").check();
    assert_eq!(relative.outcome("p95-latency-increase@anchor"), "pass bound-clears-threshold");
}

#[test]
fn the_fails_against_the_anchor_are_counted_with_all_others() {
    let alone = creeping(&[HOLDS]).check().gate("accuracy-drop");
    let gate = creeping(&[HOLDS]).and("anchor: old\n").check().gate("accuracy-drop@anchor");
    assert!(gate["p_fail_adjusted"].as_f64().unwrap() > gate["p_fail"].as_f64().unwrap(), "{gate:#}");
    assert_eq!(alone["p_fail_adjusted"], alone["p_fail"]);
}

#[test]
fn an_anchor_that_cannot_be_used_is_an_error() {
    let text = |version: &str, name: &str, evidence: &str| {
        let head = HEAD.replace("1.2.3", version).replace("helpdesk", name);
        format!("{head}evidence: {{ {evidence}: {{ path: answers.jsonl }} }}\ngates: ['Accuracy > 90%']\n")
    };
    let anchored =
        |text: String| creeping(&[HOLDS]).and("anchor: old\n").file("old/release.yaml", text).check();
    anchored(text("1.0.0", "helpdesk", "other")).refuses(&[
        "no-baseline-evidence",
        "`answers` has no results of the anchor",
        "the anchor's manifest has no evidence `answers`",
    ]);
    anchored(text("1.0.0", "other", "answers"))
        .refuses(&["the anchor is a release of `other`", "release.yaml:"]);
    for version in ["1.2.3", "1.3.0"] {
        anchored(text(version, "helpdesk", "answers")).refuses(&["anchor-not-older", "is not before 1.2.3"]);
    }
    creeping(&[HOLDS]).and("anchor: older\n").check().refuses(&["the anchor `older` does not exist"]);
    creeping(&[HOLDS]).and("anchor: 'git:v1'\n").check().refuses(&["git"]);
    let same = creeping(&[HOLDS]).and("anchor: old\n").file("old/answers.jsonl", answers(68)).check();
    same.refuses(&["evidence `answers` is the anchor's own: `latency_ms` is equal on every id"]);
    // The results that the candidate names for its baseline are not those of an anchor without results.
    let borrowed = creeping(&[HOLDS])
        .and("anchor: old\n")
        .args(&["--baseline-evidence", "answers=before/answers.jsonl"])
        .file("old/release.yaml", text("1.0.0", "helpdesk", "other"))
        .check();
    borrowed.refuses(&["`answers` has no results of the anchor"]);
}

#[test]
fn an_anchor_that_shows_no_drift_is_pointed_out() {
    let same = creeping(&[HOLDS]).and("anchor: before\n").check();
    assert_eq!(same.code, 0, "{}{}", same.stdout, same.stderr);
    assert!(same.warnings().contains(&"anchor-is-baseline".to_owned()), "{}", same.stdout);
    let newer = HEAD.replace("1.2.3", "1.2.3-rc.1");
    let newer = creeping(&[HOLDS])
        .and("anchor: old\n")
        .file("old/release.yaml", format!("{newer}{ANSWERS}{}", listed(&["Accuracy > 90%"])))
        .check();
    assert!(
        newer.stdout.contains("the anchor 1.2.3-rc.1 is newer than the baseline 1.2.2"),
        "{}",
        newer.stdout
    );
}

#[test]
fn a_bundle_is_an_anchor() {
    let alone = format!("policy: {{ require: [quality] }}\n{ANSWERS}{}", listed(&["Accuracy > 90%"]));
    let old = creeping(&[HOLDS]).file("old/release.yaml", HEAD.replace("1.2.3", "1.0.0") + &alone);
    let output = crate::check::support::relgate(&old.path(""))
        .args(["check", "--as-of", "2026-11-20", "old/release.yaml", "--out", "kept"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::remove_dir_all(old.path("old")).unwrap();
    let checked = old.and("anchor: kept/bundle\n").check();
    assert_eq!(
        (checked.code, checked.outcome("accuracy-drop@anchor")),
        (1, "fail bound-violates-threshold".to_owned())
    );
    assert_eq!(checked.gate("accuracy-drop@anchor")["change"]["paired"], true);
}

#[test]
fn a_waiver_may_name_a_gate_against_the_anchor() {
    let waiver = |gate: &str, limit: &str| {
        format!(
            "waivers:\n  - {{ gate: '{gate}', reason: r, owner: a, approver: b, expires: 2026-12-31, limit: {limit} }}\n"
        )
    };
    let anchored =
        |waiver: &str| creeping(&[HOLDS, "Accuracy > 90%"]).and(&format!("anchor: old\n{waiver}")).check();
    let waived = anchored(&waiver("accuracy-drop@anchor", "4pp"));
    assert_eq!(waived.code, 0, "{}{}", waived.stdout, waived.stderr);
    assert_eq!(waived.gate("accuracy-drop@anchor")["waived"]["limit"], "4pp");
    assert_eq!(
        anchored(&waiver("accuracy-drop@anchor", "2.5pp")).code,
        1,
        "judged against the anchor, not the baseline"
    );
    let gate_only = anchored(&waiver("accuracy-drop", "4pp"));
    assert_eq!(gate_only.code, 1, "a waiver of the gate is none of its twin");
    let words = "`accuracy-drop@anchor`, the same rule against the anchor, did not pass and needs a waiver of its own: `gate: 'accuracy-drop@anchor'`";
    assert!(gate_only.flat().contains(words), "{}", gate_only.stdout);
    let both = format!(
        "{}{}",
        waiver("accuracy-drop@anchor", "4pp"),
        waiver("accuracy-drop", "4pp").replace("waivers:\n", "")
    );
    let both = anchored(&both);
    assert!(both.code == 0 && !both.stdout.contains("the same rule against"), "{}", both.stdout);
    anchored(&waiver("accuracy@anchor", "80%")).refuses(&["waiver-for-unknown-gate"]);
    let without = creeping(&[HOLDS]).and(&waiver("accuracy-drop@anchor", "4pp")).check();
    without.refuses(&["waiver-for-unknown-gate"]);
}
