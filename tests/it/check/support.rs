//! How a story of `relgate check` ended.

use std::fs;
use std::process::Output;

use serde_json::Value;

pub(crate) use crate::project::{
    ANSWERS, HEAD, Project, TODAY, balanced, compared, events, judged_by, listed, project, relgate, samples,
    side_by_side, summed_up, undemanding, values,
};

impl Project {
    /// Runs `relgate check`.
    pub(crate) fn check(&self) -> Checked {
        let (as_of, args) = self.typed();
        let output = self.relgate().args(["check", "--as-of", as_of]).args(args).output().unwrap();
        let json = self.path("relgate-report/report.json");
        let checked = Checked::new(&output, fs::read_to_string(json).ok());
        self.held_by_parts(&checked);
        checked
    }
}

/// How a story ended.
#[must_use]
pub(crate) struct Checked {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The text of `relgate-report/report.json`.
    pub(crate) json: Option<String>,
}

impl Checked {
    /// Reads what a run left behind.
    pub(crate) fn new(output: &Output, json: Option<String>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("relgate prints UTF-8");
        let code = output.status.code().expect("relgate is never killed");
        Self { code, stdout: text(&output.stdout), stderr: text(&output.stderr), json }
    }

    /// The report.
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        let text = self.json.as_deref().unwrap_or_else(|| panic!("no report; stderr:\n{}", self.stderr));
        serde_json::from_str(text).unwrap()
    }

    /// The codes of the report's warnings but for the one that [`undemanding`] asks for.
    #[track_caller]
    pub(crate) fn warnings(&self) -> Vec<String> {
        let report = self.report();
        let codes = report["warnings"].as_array().unwrap().iter();
        let codes = codes.map(|one| one["code"].as_str().unwrap().to_owned());
        codes.filter(|code| code != "require-narrowed").collect()
    }

    /// What was printed, with every line break and indent as one space.
    pub(crate) fn flat(&self) -> String {
        self.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// One gate of the report; the first where `id` is empty.
    #[track_caller]
    pub(crate) fn gate(&self, id: &str) -> Value {
        let report = self.report();
        let gates = report["gates"].as_array().unwrap();
        let found = gates.iter().find(|gate| id.is_empty() || gate["id"] == id);
        found.unwrap_or_else(|| panic!("no gate `{id}` in {gates:#?}")).clone()
    }

    /// `outcome reason-code` of a gate.
    #[track_caller]
    pub(crate) fn outcome(&self, id: &str) -> String {
        let gate = self.gate(id);
        format!("{} {}", gate["outcome"].as_str().unwrap(), gate["reason"]["code"].as_str().unwrap())
    }

    /// Exit code and `outcome reason-code` of the first gate, in one assertion with the whole story.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, outcome: &str) {
        assert_eq!(
            (self.code, self.outcome("").as_str()),
            (code, outcome),
            "{}\n{}",
            self.stdout,
            self.stderr
        );
    }

    /// Every one of `words` stands somewhere in the errors.
    #[track_caller]
    pub(crate) fn refuses(&self, words: &[&str]) {
        assert_eq!(self.code, 2, "expected an error\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in:\n{}", self.stderr);
        }
    }
}

/// Numbers of the first gate's report.
#[track_caller]
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

/// A story that must end with exit code 2, a message with all of `words`, and not one byte of the folder changed,
/// least of all the report of an earlier run. Returns what is wrong, so that a table tells all of it at once.
pub(crate) fn untouched_after(name: &str, project: Project, words: &[&str]) -> Option<String> {
    let project = project
        .file("relgate-report/notes.json", "a file of somebody else")
        .file("relgate-report/notes.md", "and its text");
    let before = project.snapshot();
    let checked = project.check();
    let missing: Vec<_> = words.iter().filter(|word| !checked.stderr.contains(**word)).collect();
    let changed = project.snapshot() != before;
    let fine = checked.code == 2 && missing.is_empty() && !changed && checked.stdout.is_empty();
    (!fine).then(|| {
        let files = if changed { "; files changed" } else { "" };
        format!(
            "== {name}: code {}{files}; not said: {missing:?}\n{}{}",
            checked.code, checked.stdout, checked.stderr
        )
    })
}
