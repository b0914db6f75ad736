//! Two releases in a folder of their own, `before/` and `after/`; `relgate diff` is the end of every story.
//!
//! The environment is scrubbed, so that a story ends the same way everywhere.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The first lines of the release before.
pub(crate) const BEFORE: &str = "relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\n";
/// The first lines of the release after.
pub(crate) const AFTER: &str = "relgate: 1\nname: helpdesk\nversion: 1.2.3\ntype: prompt-release\n";
/// Where most stories have their results.
pub(crate) const ANSWERS: &str = "evidence: { answers: { path: answers.jsonl } }\n";

/// The binary under test, without the environment of whoever runs the tests.
pub(crate) fn relgate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relgate"));
    command.env_clear().current_dir(folder);
    command
}

/// A folder with two releases in it.
#[must_use]
pub(crate) struct Project {
    folder: TempDir,
    args: Vec<String>,
    path: bool,
}

/// A folder without releases.
pub(crate) fn project() -> Project {
    let folder = tempfile::Builder::new().prefix("relgate-diff-").tempdir().unwrap();
    Project { folder, args: Vec::new(), path: false }
}

/// `before/release.yaml` and `after/release.yaml` with these gates, one a line, and no results.
pub(crate) fn gates(before: &[&str], after: &[&str]) -> Project {
    project()
        .file("before/release.yaml", format!("{BEFORE}{ANSWERS}{}", listed(before)))
        .file("after/release.yaml", format!("{AFTER}{ANSWERS}{}", listed(after)))
}

/// The same gate on both sides, and the results of each.
pub(crate) fn measured(gate: &str, before: &str, after: &str) -> Project {
    gates(&[gate], &[gate]).file("before/answers.jsonl", before).file("after/answers.jsonl", after)
}

/// `gates:` with one item a line; a rule is put in quotes, a mapping stays as it is.
pub(crate) fn listed(gates: &[&str]) -> String {
    let mut text = String::from("gates:\n");
    for gate in gates {
        let quote = if gate.starts_with('{') { "" } else { "'" };
        let _ = writeln!(text, "  - {quote}{gate}{quote}");
    }
    text
}

impl Project {
    /// Puts a file into the folder, over one that is there.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Adds flags to the end of the command line.
    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(ToString::to_string));
        self
    }

    /// Lets relgate find git.
    pub(crate) fn with_git(mut self) -> Self {
        self.path = true;
        self
    }

    /// Runs git here, as nobody in particular.
    pub(crate) fn git(self, arguments: &str) -> Self {
        let output = Command::new("git")
            .args(["-c", "user.name=x", "-c", "user.email=x@x", "-c", "init.defaultBranch=main"])
            .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
            .args(arguments.split(' '))
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        self
    }

    /// A path in the folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Runs `relgate diff` with these words.
    pub(crate) fn run(&self, words: &[&str]) -> Diffed {
        let mut command = relgate(self.folder.path());
        if self.path {
            command.env("PATH", std::env::var_os("PATH").unwrap());
        }
        let output = command.arg("diff").args(words).args(&self.args).output().unwrap();
        Diffed::new(&output)
    }

    /// Runs `relgate diff before after`.
    pub(crate) fn diff(&self) -> Diffed {
        self.run(&["before", "after"])
    }

    /// The comparison as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        self.run(&["before", "after", "--format", "json"]).json()
    }
}

/// How a story ended.
#[must_use]
#[derive(Debug)]
pub(crate) struct Diffed {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Diffed {
    /// Reads what a run printed.
    pub(crate) fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("relgate prints UTF-8");
        let code = output.status.code().expect("relgate is never killed");
        Self { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// The comparison.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("no JSON:\n{}{}", self.stdout, self.stderr))
    }

    /// Exit code 2, nothing on stdout, and every one of `words` in the errors.
    #[track_caller]
    pub(crate) fn refuses(&self, words: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (2, ""), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in:\n{}", self.stderr);
        }
    }

    /// A comparison was made and ended with this code.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        for word in words {
            assert!(self.stdout.contains(word), "{word:?} is not in:\n{}{}", self.stdout, self.stderr);
        }
    }
}

/// The ids of the records of a comparison.
pub(crate) fn ids(json: &Value) -> Vec<String> {
    let records = json["records"].as_array().unwrap().iter();
    records.map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

/// `n` samples; `fields` writes what follows the id of sample `i`.
pub(crate) fn samples(n: usize, fields: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, r#"{{"id": "q{i}", {}}}"#, fields(i));
        text
    })
}

/// `n` samples, of which `events` say that `field` happened.
pub(crate) fn events(field: &str, events: usize, n: usize) -> String {
    samples(n, |i| format!(r#""{field}": {}"#, i < events))
}
