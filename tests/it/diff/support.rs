//! Two releases, `before/` and `after/`; `relgate diff` is the end of every story.

use std::process::Output;

use serde_json::Value;

pub(crate) use crate::project::{ANSWERS, HEAD as AFTER, Project, events, listed, project, relgate, samples};

/// The first lines of the release before.
pub(crate) const BEFORE: &str = "relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\n";

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

impl Project {
    /// Runs `relgate diff` with these words.
    pub(crate) fn run(&self, words: &[&str]) -> Diffed {
        let (_, args) = self.typed();
        Diffed::new(&self.relgate().arg("diff").args(words).args(args).output().unwrap())
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
