//! A release in a folder of its own: files, flags and environment tell a story, `relgate check` is its end.
//!
//! The environment is scrubbed and both clocks stand still, so that a story ends the same way everywhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The first four lines of every manifest that a test does not write itself; its body starts in line 5.
pub(crate) const HEAD: &str = "relgate: 1\nname: helpdesk\nversion: 1.2.3\ntype: prompt-release\n";
/// The day on which every story is judged, unless it says another.
pub(crate) const TODAY: &str = "2026-11-20";
/// 2026-11-20T09:00:00Z.
const EPOCH: &str = "1795165200";

/// The binary under test, without the environment of whoever runs the tests.
pub(crate) fn relgate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relgate"));
    command.env_clear().env("SOURCE_DATE_EPOCH", EPOCH).current_dir(folder);
    command
}

/// A folder with a release in it.
#[must_use]
pub(crate) struct Project {
    folder: TempDir,
    args: Vec<String>,
    env: Vec<(String, String)>,
    as_of: String,
}

/// An empty folder.
pub(crate) fn project() -> Project {
    let folder = tempfile::Builder::new().prefix("relgate-check-").tempdir().unwrap();
    Project { folder, args: Vec::new(), env: Vec::new(), as_of: TODAY.to_owned() }
}

/// A release that is judged by `gates` (YAML list items, one a line) on the samples in `answers.jsonl`.
pub(crate) fn judged_by(gates: &[&str], answers: &str) -> Project {
    project().manifest(&(ANSWERS.to_owned() + &listed(gates))).file("answers.jsonl", answers)
}

/// A release that is judged by `gates` on the aggregates of `metrics.json`.
pub(crate) fn summed_up(gates: &[&str], metrics: &str) -> Project {
    let body = format!("evidence: {{ summary: {{ path: metrics.json }} }}\n{}", listed(gates));
    let text = format!(r#"{{"schema": "relgate/metrics/v1", "metrics": {metrics}}}"#);
    project().manifest(&body).file("metrics.json", text)
}

/// A release that is judged by `gates` on `answers` against an earlier one that was evaluated as `before`.
pub(crate) fn compared(gates: &[&str], answers: &str, before: &str) -> Project {
    judged_by(gates, answers).after("", before)
}

/// The evidence line of most stories.
pub(crate) const ANSWERS: &str = "evidence: { answers: { path: answers.jsonl } }\n";

/// `gates:` with one item a line; a rule is put in quotes, a mapping stays as it is.
pub(crate) fn listed(gates: &[&str]) -> String {
    let mut text = String::from("gates:\n");
    for gate in gates {
        let quote = if gate.starts_with('{') { "" } else { "'" };
        let _ = writeln!(text, "  - {quote}{gate}{quote}");
    }
    text
}

/// The last line of a manifest whose story is not about what its type requires.
const ASKS_FOR_NOTHING: &str = "policy: { require: [] }\n";

/// A manifest whose policy requires nothing unless it states something: a story is about the gates that it names, not
/// about those that a `prompt-release` needs as well. `require.rs` tells the stories of what a type requires.
pub(crate) fn undemanding(text: &str) -> String {
    let text = text.strip_suffix(ASKS_FOR_NOTHING).unwrap_or(text);
    if text.contains("require: ") {
        text.to_owned()
    } else if let Some((before, after)) = text.split_once("policy: { ") {
        format!("{before}policy: {{ require: [], {after}")
    } else {
        format!("{text}{}{ASKS_FOR_NOTHING}", if text.ends_with('\n') { "" } else { "\n" })
    }
}

impl Project {
    /// Puts a file into the folder, over one that is there.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Writes `release.yaml`: the usual head, then `body`; [`undemanding`].
    pub(crate) fn manifest(self, body: &str) -> Self {
        self.file("release.yaml", undemanding(&format!("{HEAD}{body}")))
    }

    /// Puts version 1.2.2 beside it, with `body` and `answers` of its own, and names it as `--baseline`.
    pub(crate) fn after(self, body: &str, answers: &str) -> Self {
        let head = HEAD.replace("1.2.3", "1.2.2");
        self.file("before/release.yaml", format!("{head}{body}{ANSWERS}{}", listed(&["Toxicity < 1%"])))
            .file("before/answers.jsonl", answers)
            .args(&["--baseline", "before"])
    }

    /// Adds lines to `release.yaml`.
    pub(crate) fn and(self, lines: &str) -> Self {
        let text = fs::read_to_string(self.path("release.yaml")).unwrap();
        let text = text.strip_suffix(ASKS_FOR_NOTHING).unwrap_or(&text);
        self.file("release.yaml", undemanding(&format!("{text}{lines}")))
    }

    /// Adds what is typed after `relgate check`.
    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(ToString::to_string));
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Judges on another day.
    pub(crate) fn on(mut self, day: &str) -> Self {
        day.clone_into(&mut self.as_of);
        self
    }

    /// A path in the folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Every file in the folder with its bytes; a link or a device counts by its name only.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut waiting = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let entry = entry.unwrap();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    waiting.push(entry.path());
                }
                let bytes = if kind.is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
                files.insert(entry.path(), bytes);
            }
        }
        files
    }

    /// Runs `relgate check`.
    pub(crate) fn check(&self) -> Checked {
        let mut command = relgate(self.folder.path());
        command.args(["check", "--as-of", &self.as_of]).args(&self.args);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let json = self.path("relgate-report/report.json");
        Checked::new(&command.output().unwrap(), fs::read_to_string(json).ok())
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

/// `n` samples; `fields` writes what follows the id of sample `i`.
pub(crate) fn samples(n: usize, fields: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, r#"{{"id": "q{i}", {}}}"#, fields(i));
        text
    })
}

/// `n` samples, of which `events` say that `field` happened.
pub(crate) fn events(field: &str, events: u64, n: u64) -> String {
    samples(n as usize, |i| format!(r#""{field}": {}"#, (i as u64) < events))
}

/// One sample for every value of `field`.
pub(crate) fn values(field: &str, values: &[f64]) -> String {
    samples(values.len(), |i| format!(r#""{field}": {}"#, values[i]))
}

/// `n` (even) values around `middle`, half of them `reach` below it, half above: no skew, sd = reach * sqrt(n/(n-1)).
pub(crate) fn balanced(middle: f64, reach: f64, n: usize) -> Vec<f64> {
    (0..n).map(|i| if i % 2 == 0 { middle - reach } else { middle + reach }).collect()
}

/// A story that must end with exit code 2, a message with all of `words`, and not one byte of the folder changed,
/// least of all the report of an earlier run. Returns what is wrong, so that a table tells all of it at once.
pub(crate) fn untouched_after(name: &str, project: Project, words: &[&str]) -> Option<String> {
    let project = project
        .file("relgate-report/report.json", "an older report")
        .file("relgate-report/report.md", "and its text");
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
