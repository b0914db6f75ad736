//! `relgate attest` and `relgate verify --attestation`: what is signed, by which keys, and that nothing edited is believed.

mod flips;
mod keys;
mod refused;
mod said;
mod waivers;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::project::{ANSWERS, Project, events, listed, project};

/// What a command printed, and how it ended.
struct Ended {
    code: i32,
    text: String,
}

impl Ended {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Self { code: output.status.code().unwrap_or(-1), text: String::from_utf8_lossy(&text).into_owned() }
    }

    #[track_caller]
    fn ends(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}", self.text);
        let flat = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(flat.contains(word), "`{word}` is not in:\n{}", self.text);
        }
        self
    }
}

/// Runs a program in a folder.
#[track_caller]
fn program(folder: &Path, line: &str) {
    let mut words = line.split(' ');
    let output = Command::new(words.next().unwrap()).args(words).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes `NAME.pem` and `NAME.pub`.
fn key(project: &Project, name: &str) {
    let at = project.path("");
    program(&at, &format!("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.pem"));
    program(&at, &format!("openssl pkey -in {name}.pem -pubout -out {name}.pub"));
}

/// A release with one prompt, judged by gates on `toxic` (`bad` of 1,000), and a key.
fn story(gates: &[&str], bad: u64, more: &str) -> Project {
    let artifacts = "artifacts: { prompts: { system: { version: v1, path: prompts/system.md } } }\n";
    let project = project()
        .file("prompts/system.md", "Be kind.\n")
        .manifest(&format!("{artifacts}{ANSWERS}{}{more}", listed(gates)))
        .file("answers.jsonl", events("toxic", bad, 1000))
        .with_git();
    key(&project, "ci");
    project
}

/// Runs a command.
fn run(project: &Project, line: &str) -> Ended {
    Ended::of(project.relgate().args(line.split_whitespace()))
}

/// Locks, judges and attests for production; with what `check` ended.
#[track_caller]
fn attested(project: &Project) -> i32 {
    run(project, "lock -q").ends(0, &[]);
    let code = run(project, "check --as-of 2026-11-20 --no-changelog -q").code;
    run(project, "attest --key ci.pem --env production").ends(0, &["ATTESTED"]);
    code
}

fn document(project: &Project, path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(project.path(path)).unwrap()).unwrap()
}

const VERIFY: &str = "verify --attestation relgate-report/vsa.dsse.json --key ci.pub --env production";
