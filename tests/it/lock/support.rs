//! A small release in a folder of its own, and the real binary on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::{Project, project};

/// The digest of a folder, as the issue states it.
pub(crate) const RECIPE: &str =
    "find -L . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum -- | sha256sum | cut -c1-64";

/// A folder that disappears with the test.
pub(crate) struct Tree(Project);

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Exit code, and words that stand in one of the outputs.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, words: &[&str]) {
        let all = format!("{}{}", self.stdout, self.stderr);
        assert_eq!(self.code, code, "{all}");
        for word in words {
            assert!(all.contains(word), "{word:?} is not in:\n{all}");
        }
    }
}

impl Tree {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(project());
        for (path, text) in files {
            tree.put(path, text);
        }
        tree
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.0.path(path)
    }

    pub(crate) fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn sh(&self, script: &str) -> String {
        sh(&self.0.path(""), script)
    }

    pub(crate) fn command(&self, name: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relgate"));
        command.env_clear().current_dir(self.0.path("")).arg(name).args(args);
        command
    }

    /// Runs relgate in the folder, with an empty environment (and so without a cache).
    pub(crate) fn run(&self, name: &str, args: &[&str]) -> Ran {
        ran(&mut self.command(name, args))
    }

    /// `release.lock` as JSON.
    pub(crate) fn lock(&self) -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(self.at("release.lock")).unwrap()).unwrap()
    }
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().expect("relgate is never killed"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn sh(folder: &Path, script: &str) -> String {
    let output = Command::new("sh").arg("-c").arg(script).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Whether the tools of the recipe are here.
pub(crate) fn has_coreutils() -> bool {
    let script = "command -v sha256sum && find . -maxdepth 0 -printf x && printf 'a\\0' | sort -z";
    Command::new("sh").arg("-c").arg(script).output().is_ok_and(|output| output.status.success())
}

/// A release with every form of artifact, which passes `check`.
pub(crate) fn small() -> Tree {
    let manifest = format!(
        "relgate: 1\nname: small\nversion: 1.0.0\ntype: hotfix\nsummary: a story\nbaseline: none\nartifacts:\n  models:\n    \
         chat: {{ version: v1, uri: \"hf:org/chat@0123456789abcdef0123456789abcdef01234567\" }}\n    \
         local: {{ version: v1, path: model }}\n  prompts:\n    system: {{ version: v1.9, path: prompts/system.md }}\n  \
         datasets:\n    train: {{ version: train_v7, uri: \"s3://corpus/train_v7\", sha256: {} }}\n  \
         safety_policies:\n    words: {{ version: w1, path: safety/words.txt }}\n  inference_configs:\n    \
         default: {{ version: c3, values: {{ temperature: 0.2 }} }}\n\
         evidence: {{ answers: {{ path: answers.jsonl }} }}\ngates: ['toxicity < 5%']\n",
        "ab".repeat(32)
    );
    let rows: String =
        (0..200).fold(String::new(), |rows, i| rows + "{\"id\":" + &i.to_string() + ",\"toxicity\":false}\n");
    Tree::new(&[
        ("release.yaml", &manifest),
        ("answers.jsonl", &rows),
        ("model/config.json", "{\"layers\": 12}\n"),
        ("model/sub/tok.txt", "a b c\n"),
        ("model/weights.bin", "\u{0}\u{1}\u{2}"),
        ("prompts/system.md", "You are kind.\nBe so.\n"),
        ("safety/words.txt", "bad\n"),
    ])
}
