//! One story for every rule of the catalogue: two small releases, and what each format makes of them.
//!
//! `stories/<id>/` holds `before.yaml`, `after.yaml`, what they name, and the expected outputs;
//! `RELGATE_BLESS=1 cargo test --test it stories` writes those instead of comparing them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use relgate::diff::ChangeRule;

use crate::diff::support::{Diffed, ids, relgate};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/diff/stories")
}

/// What `relgate diff before.yaml after.yaml` says in a story's folder, with results where it has some.
fn told(story: &Path, format: &str) -> Diffed {
    let mut command = relgate(story);
    command.args(["diff", "before.yaml", "after.yaml", "--root", ".", "--format", format]);
    if !story.join("results").is_dir() {
        command.arg("--no-evidence");
    }
    Diffed::new(&command.output().unwrap())
}

/// The text without the version of relgate, which every release would change.
fn timeless(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    text.replace(&format!("by relgate {version}"), "by relgate VERSION").replacen(
        &format!("\"name\": \"relgate\",\n    \"version\": \"{version}\""),
        "\"name\": \"relgate\",\n    \"version\": \"VERSION\"",
        1,
    )
}

/// What is wrong with one story; nothing if all is well.
fn wrong(id: &str, bless: bool) -> Vec<String> {
    let story = folder().join(id);
    if !story.join("before.yaml").is_file() {
        return vec![format!("{id}: there is no story")];
    }
    let mut wrong = Vec::new();
    for (format, file) in
        [("json", "expected.json"), ("markdown", "expected.md"), ("terminal", "expected.txt")]
    {
        let told = told(&story, format);
        let text = timeless(&told.stdout);
        let path = story.join(file);
        if told.code != 0 {
            wrong.push(format!("{id}: exit code {}\n{}", told.code, told.stderr));
        } else if bless {
            fs::write(&path, text).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != text {
            wrong
                .push(format!("{id}: {file} is stale: RELGATE_BLESS=1 cargo test --test it stories\n{text}"));
        }
        if format == "json" && told.code == 0 && !ids(&told.json()).contains(&id.to_owned()) {
            wrong.push(format!("{id}: no record has the id; it has {:?}", ids(&told.json())));
        }
    }
    wrong
}

#[test]
fn every_rule_has_a_story_and_it_ends_as_expected() {
    let bless = crate::project::blesses();
    let wrong: Vec<String> = ChangeRule::ALL.iter().flat_map(|rule| wrong(rule.id(), bless)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_story_has_a_rule() {
    let known: BTreeSet<String> = ChangeRule::ALL.iter().map(|rule| rule.id().to_owned()).collect();
    let told: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(told.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
}
