//! Phrases that every version must hold, and changes that got looser: the built-in gates `kept-phrases` and `looser-changes`.

use crate::check::support::{ANSWERS, Project, events, listed, project};

const KEEP: &str = ", keep: ['Never reveal the price.']";

/// A release whose prompt says `text` and keeps what `keep` says, after one that said and kept `before`.
fn release(keep: &str, text: &str, before: Option<(&str, &str)>) -> Project {
    let artifacts = |version: &str, keep: &str| {
        format!(
            "artifacts:\n  prompts: {{ system: {{ version: {version}, path: prompts/system.md{keep} }} }}\n"
        )
    };
    let story = project()
        .manifest(&format!("{}{ANSWERS}{}", artifacts("v2", keep), listed(&["Toxicity < 0.1%"])))
        .file("prompts/system.md", text)
        .file("answers.jsonl", events("toxic", 0, 5000));
    match before {
        Some((keep, text)) => story
            .after(&artifacts("v1", keep), &events("toxic", 1, 5000))
            .file("before/prompts/system.md", text),
        None => story,
    }
}

const WAIVER: &str =
    "waivers:\n  - { gate: GATE, reason: r, owner: a-team, approver: b-board, expires: 2027-01-01 }\n";

#[test]
fn a_kept_phrase_that_is_lost_fails_with_and_without_a_baseline() {
    for (text, outcome, code) in [
        ("Be kind.\nNever reveal\nthe price.\n", "pass fact-holds", 0),
        ("Be kind.\nNever reveal the prices.\n", "fail kept-phrase-lost", 1),
        ("Be kind.\n<!-- Never reveal the price. -->\n", "fail kept-phrase-lost", 1),
    ] {
        for before in [None, Some((KEEP, "Never reveal the price.\n"))] {
            let checked = release(KEEP, text, before).check();
            assert_eq!(checked.outcome("kept-phrases"), outcome, "{text}{}", checked.stderr);
            assert_eq!(checked.code, code, "{}", checked.stdout);
        }
    }
    // Without the entry the baseline's still holds.
    let checked = release("", "Be kind.\n", Some((KEEP, "Never reveal the price.\n"))).check();
    assert_eq!((checked.code, checked.outcome("kept-phrases").as_str()), (1, "fail kept-phrase-lost"));
    let why = checked.gate("kept-phrases")["reason"]["text"].as_str().unwrap().to_owned();
    assert_eq!(why, "prompt system: \"Never reveal the price.\"");
}

/// What held it is gone, and with it the phrase; a new prompt may say it under another name.
#[test]
fn phrases_of_a_prompt_that_is_gone_are_asked_of_what_is_new() {
    let story = |text: &str| {
        let before = format!(
            "artifacts:\n  prompts: {{ system: {{ version: v1, path: prompts/system.md{KEEP} }} }}\n"
        );
        let after = "artifacts:\n  prompts: { main: { version: v2, path: prompts/main.md } }\n";
        project()
            .manifest(&format!("{after}{ANSWERS}{}", listed(&["Toxicity < 0.1%"])))
            .file("prompts/main.md", text)
            .file("answers.jsonl", events("toxic", 0, 5000))
            .after(&before, &events("toxic", 1, 5000))
            .file("before/prompts/system.md", "Never reveal the price.\n")
            .check()
    };
    let lost = story("Be kind.\n");
    assert_eq!(
        (lost.code, lost.outcome("kept-phrases").as_str()),
        (1, "fail kept-phrase-lost"),
        "{}",
        lost.stderr
    );
    let why = lost.gate("kept-phrases")["reason"]["text"].as_str().unwrap().to_owned();
    assert_eq!(why, "prompt system: \"Never reveal the price.\"");
    let held = story("Be kind. Never reveal the price.\n");
    assert_eq!(held.outcome("kept-phrases"), "pass fact-holds", "{}", held.stderr);
}

#[test]
fn a_waiver_of_a_built_in_gate_that_does_not_help_is_told() {
    let waived = |text: &str, expires: &str, gate: &str| {
        let waiver = WAIVER.replace("GATE", gate).replace("2027-01-01", expires);
        release(KEEP, text, None).and(&waiver).on("2026-11-20").check()
    };
    let expired = waived("Be kind.\n", "2026-11-19", "kept-phrases");
    assert_eq!(expired.code, 1, "{}", expired.stdout);
    assert!(
        expired.flat().contains("the waiver for `kept-phrases` expired on 2026-11-19 and has no effect"),
        "{}",
        expired.stdout
    );
    for (gate, why) in [
        ("kept-phrases", "its gate passes without it, so remove it"),
        ("looser-changes", "its gate is not judged here"),
    ] {
        let unused = waived("Never reveal the price.\n", "2027-01-01", gate);
        let told = format!("the waiver for `{gate}` is not needed: {why}");
        assert!(unused.flat().contains(&told), "{}", unused.stdout);
        assert_eq!(unused.code, 0, "{}", unused.stdout);
    }
}

/// What `diff` weighs as blocking stands in the headline, and in that of the saved report.
#[test]
fn the_headline_counts_blocking_changes() {
    let before = Some((KEEP, "Never reveal the price.\n"));
    let story = release("", "Never reveal the price.\nBe kind.\n", before);
    let checked = story.check();
    let tail = "; 2 changes since 1.2.2 weigh as blocking (the policy warns), see below";
    let first = checked.flat();
    assert!(first.contains(tail), "{first}");
    let again = story.relgate().args(["report", "relgate-report/report.json"]).output().unwrap();
    assert!(
        String::from_utf8_lossy(&again.stdout)
            .replace('\n', " ")
            .contains("2 changes since 1.2.2 weigh as blocking")
    );
    let none = release(KEEP, "Never reveal the price.\nBe kind.\n", before).check();
    assert!(
        none.flat().contains("; 1 change since 1.2.2 weighs as blocking (the policy warns), see below"),
        "{}",
        none.stdout
    );
    let first = release(KEEP, "Never reveal the price.\n", None).check();
    assert!(!first.flat().contains("blocking change"), "{}", first.stdout);
}

/// Said once, however many datasets there are, and with or without a baseline.
#[test]
fn datasets_without_a_role_are_told_once() {
    let check = |datasets: &str, suites: &str| {
        let story = release(KEEP, "Never reveal the price.\n", None);
        let text = std::fs::read_to_string(story.path("release.yaml")).unwrap();
        let more = format!("artifacts:\n  datasets: {{ {datasets} }}\n  eval_suites: {{ {suites} }}\n");
        let checked = story
            .file("d.jsonl", "{\"id\":1}\n")
            .file("release.yaml", text.replace("artifacts:\n", &more))
            .check();
        assert_eq!(checked.code, 0, "{}", checked.stdout);
        let report = checked.report();
        let all = report["warnings"].as_array().unwrap().iter();
        let ours = all.filter(|one| one["code"] == "undeclared-role");
        ours.map(|one| one["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let dataset = |name: &str, role: &str| format!("{name}: {{ version: v1, path: d.jsonl{role} }}");
    for name in ["test", "testset", "train", "corpus"] {
        let all = format!("{}, {}, {}", dataset(name, ""), dataset("b", ""), dataset("c", ", role: eval"));
        let found = check(&all, "");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains(&format!("datasets.{name}")) && found[0].contains("datasets.b"),
            "{found:?}"
        );
        assert!(found[0].contains("add `role: train`, `eval` or `retrieval`"), "{found:?}");
        assert_eq!(check(&dataset(name, ""), "").len(), 0, "nothing to compare with");
        assert_eq!(check(&dataset(name, ""), "s: { version: v1, path: d.jsonl }").len(), 1);
        let roles = format!("{}, {}", dataset(name, ", role: train"), dataset("b", ", role: retrieval"));
        assert_eq!(check(&roles, "s: { version: v1, path: d.jsonl }").len(), 0);
    }
}

#[test]
fn a_lost_phrase_can_be_waived_and_a_silent_change_cannot() {
    let story = release(KEEP, "Be kind.\n", None).and(&WAIVER.replace("GATE", "kept-phrases"));
    let checked = story.check();
    assert_eq!((checked.code, checked.outcome("kept-phrases").as_str()), (0, "fail kept-phrase-lost"));
    let waiver = WAIVER.replace("GATE", "kept-phrases").replace(" }\n", ", limit: 3 }\n");
    release(KEEP, "Be kind.\n", None).and(&waiver).check().refuses(&["error[waiver-for-built-in-gate]"]);
    let story = release(KEEP, "Be kind.\n", None).and(&WAIVER.replace("GATE", "silent-change"));
    story.check().refuses(&["error[waiver-for-built-in-gate]"]);
}

#[test]
fn a_policy_may_refuse_what_got_looser() {
    let before = Some((KEEP, "Never reveal the price.\n"));
    let same = "Never reveal the price.\nBe kind.\n";
    let warned = release("", same, before).check();
    assert_eq!(warned.code, 0, "{}{}", warned.stdout, warned.stderr);
    let block = "policy: { looser_changes: block }\n";
    let blocked = release("", same, before).and(block).check();
    assert_eq!((blocked.code, blocked.outcome("looser-changes").as_str()), (1, "fail looser-changes"));
    let why = blocked.gate("looser-changes")["reason"]["text"].as_str().unwrap().to_owned();
    assert!(why.contains("need not be kept any more"), "{why}");
    let waived = release("", same, before).and(block).and(&WAIVER.replace("GATE", "looser-changes")).check();
    assert_eq!(waived.code, 0, "{}{}", waived.stdout, waived.stderr);
}

#[test]
fn keys_that_mean_nothing_on_this_kind_are_refused() {
    for (artifact, words) in [
        ("models: { m: { version: v1, uri: 'x:m', keep: [a] } }", "misplaced-key"),
        ("prompts: { p: { version: v1, path: prompts/system.md, role: eval } }", "misplaced-key"),
        ("prompts: { p: { version: v1, path: prompts/system.md, keep: [' '] } }", "wrong-type"),
        ("datasets: { d: { version: v1, uri: 'x:d', role: training } }", "unknown-word"),
    ] {
        let story = release("", "Be kind.\n", None);
        let text = std::fs::read_to_string(story.path("release.yaml")).unwrap();
        let prompts = "prompts: { system: { version: v2, path: prompts/system.md } }";
        assert!(text.contains(prompts), "{text}");
        story.file("release.yaml", text.replace(prompts, artifact)).check().refuses(&[words]);
    }
}
