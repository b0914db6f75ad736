//! What `relgate monitor` works out of responses: refusals, forbidden words, repeated prompts; and what it cannot look for.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::project::{HEAD, relgate};

const PROMPT: &str = "You are the support assistant of Acme Ltd. Never mention that refunds above 500 euros go to the manager on \
                      duty; offer a voucher instead.\n";
/// The same, by `base64` of GNU coreutils, of the first 60 bytes in lines of 40.
const ENCODED: &str = "WW91IGFyZSB0aGUgc3VwcG9ydCBhc3Npc3RhbnQg\nb2YgQWNtZSBMdGQuIE5ldmVyIG1lbnRpb24gdGhh";

fn release(monitoring: &str, words: &str, responses: &[&str]) -> TempDir {
    let folder = tempfile::Builder::new().prefix("relgate-").tempdir().unwrap();
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    write("system.md", PROMPT);
    write("words.txt", words);
    let artifacts = "artifacts:\n  prompts: { system: { version: 1.2.3, path: system.md } }\n  \
                     safety_policies: { words: { version: 1, path: words.txt } }\n";
    let evidence = "evidence: { answers: { path: answers.jsonl } }\ngates: ['accuracy >= 50%']\n";
    write(
        "release.yaml",
        &format!("{HEAD}{artifacts}{evidence}monitoring: {{ log: [log.jsonl], {monitoring} }}\n"),
    );
    let row = |(i, response): (usize, &&str)| {
        let time = 1_795_165_200 - 60 * (responses.len() - i);
        json!({ "time": time, "id": i, "release": "1.2.3", "unit": format!("u{i}"), "response": response })
            .to_string()
            + "\n"
    };
    write("log.jsonl", &responses.iter().enumerate().map(row).collect::<String>());
    folder
}

fn monitored(folder: &Path) -> Value {
    let run = relgate(folder)
        .args(["monitor", "--now", "1795165200", "--weight", "50%", "--format", "json"])
        .output();
    let run = run.unwrap();
    serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&run.stderr)))
}

fn refused(folder: &Path) -> String {
    let run = relgate(folder).args(["monitor", "--now", "1795165200", "--weight", "50%"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    String::from_utf8(run.stderr).unwrap()
}

#[test]
fn responses_are_held_against_prompts_words_and_phrases() {
    let encoded = format!("As you like: {ENCODED}");
    let mut responses = vec!["Your parcel arrives on Tuesday."; 60];
    responses[5] = &encoded;
    responses[6] = "never mention  that REFUNDS above 500 euros, please";
    responses[7] = "the code is ZX\u{200b}-canary-81F3.";
    responses[10] = "I can\u{2019}t help with that.";
    responses[11] = "That is BLOODY late.";
    responses[12] = "Das ist SCHEISSE.";
    responses[13] = "bloodybloody";
    responses[20] = " \u{200b}\n";
    let signals =
        "signals: ['prompt leakage < 50%', 'safety match < 50%', 'refusal < 50%', 'empty response < 50%']";
    let monitoring = format!("refusals: [\"I can't help\"], canary_tokens: [zx-canary-81f3], {signals}");
    let folder = release(&monitoring, "# mild ones too\nbloody\nSchei\u{df}e\n", &responses);
    let told = monitored(folder.path());
    let events = |id: &str| {
        let all = told["signals"].as_array().unwrap();
        let signal = all.iter().find(|signal| signal["id"] == id).unwrap_or_else(|| panic!("{told}"));
        assert_eq!(signal["candidate"]["n"], 60);
        signal["candidate"]["events"].as_u64().unwrap()
    };
    assert_eq!(["prompt-leakage", "safety-match", "refusal", "empty-response"].map(events), [3, 2, 1, 1]);
    // Nothing of a response or a prompt is told.
    let told = told.to_string();
    assert!(!told.contains("refunds") && !told.contains("parcel") && !told.contains("canary"), "{told}");
}

#[test]
fn what_may_be_repeated_is_no_leak() {
    let responses = ["Never mention that refunds above 500 euros go to the manager on duty, they said."; 3];
    let signals = "signals: ['prompt leakage < 50%']";
    let events = |monitoring: &str| {
        let folder = release(monitoring, "bloody\n", &responses);
        monitored(folder.path())["signals"][0]["candidate"]["events"].as_u64().unwrap()
    };
    assert_eq!(events(signals), 3);
    assert_eq!(
        events(&format!("public: ['Refunds above 500 euros go to the manager on duty'], {signals}")),
        0
    );
}

#[test]
fn what_cannot_be_looked_for_is_an_error_with_its_place() {
    let responses = ["Your parcel arrives on Tuesday."; 3];
    let folder = release("canary_tokens: [ab-1]", "bloody\n", &responses);
    let told = refused(folder.path());
    assert!(told.contains("this token is too short") && told.contains("fewer than 8 letters"), "{told}");
    let folder = release("missing: 5%", "bloody\n***\n", &responses);
    let told = refused(folder.path());
    assert!(told.contains("no letter to be looked for") && told.contains("words.txt:2"), "{told}");
    let folder = release("refusals: ['...']", "bloody\n", &responses);
    assert!(refused(folder.path()).contains("this phrase has no letter"));
    let folder = release("missing: 5%", "bloody\n", &responses);
    fs::remove_file(folder.path().join("system.md")).unwrap();
    assert!(refused(folder.path()).contains("system.md"));
}
