//! Releases in a folder of their own: files, flags and environment tell a story, a command of relgate is its end.
//!
//! The environment is scrubbed and both clocks stand still, so that a story ends the same way everywhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// A report that a test changed, as relgate would have written it.
pub(crate) fn sealed(report: serde_json::Value) -> String {
    let report: relgate::report::v1::Report = serde_json::from_value(report).unwrap();
    serde_json::to_string(&report.sealed()).unwrap()
}

/// Whether what tests compare is to be written anew: `RELGATE_BLESS=1`.
pub(crate) fn blesses() -> bool {
    std::env::var_os("RELGATE_BLESS").is_some_and(|value| !value.is_empty())
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
    let folder = tempfile::Builder::new().prefix("relgate-").tempdir().unwrap();
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

/// The same where both were asked other questions, on purpose.
pub(crate) fn side_by_side(gates: &[&str], answers: &str, before: &str) -> Project {
    let unpaired = ANSWERS.replace("answers.jsonl }", "answers.jsonl, unpaired: true }");
    compared(gates, answers, before).manifest(&(unpaired + &listed(gates)))
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

    /// Writes another content over a file between two runs.
    pub(crate) fn again(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(path), content).unwrap();
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

    /// Adds what is typed after the command.
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

    /// Lets relgate find git.
    pub(crate) fn with_git(mut self) -> Self {
        self.env.push(("PATH".to_owned(), std::env::var("PATH").unwrap()));
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

    /// A command of relgate in the folder, with the story's environment.
    pub(crate) fn relgate(&self) -> Command {
        let mut command = relgate(self.folder.path());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The day of the judgement, and what is typed after the command's own words.
    pub(crate) fn typed(&self) -> (&str, &[String]) {
        (&self.as_of, &self.args)
    }
}

/// `n` samples; `fields` writes what follows the id of sample `i`.
pub(crate) fn samples(n: usize, fields: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, r#"{{"id": "q{i}", {}}}"#, fields(i));
        text
    })
}

/// `n` samples, of which `events` say that `field` happened.
pub(crate) fn events(field: &str, events: impl TryInto<u64>, n: impl TryInto<usize>) -> String {
    let (Ok(events), Ok(n)) = (events.try_into(), n.try_into()) else { panic!("a count is below zero") };
    samples(n, |i| format!(r#""{field}": {}"#, (i as u64) < events))
}

/// One sample for every value of `field`.
pub(crate) fn values(field: &str, values: &[f64]) -> String {
    samples(values.len(), |i| format!(r#""{field}": {}"#, values[i]))
}

/// `n` (even) values around `middle`, half of them `reach` below it, half above: no skew, sd = reach * sqrt(n/(n-1)).
pub(crate) fn balanced(middle: f64, reach: f64, n: usize) -> Vec<f64> {
    (0..n).map(|i| if i % 2 == 0 { middle - reach } else { middle + reach }).collect()
}
