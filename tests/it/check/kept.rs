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
    "waivers:\n  - { gate: GATE, reason: r, owner: a-team, approver: b-board, expires: 2099-01-01 }\n";

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
