//! The command that judges the same again, as a line for a POSIX shell.

use std::path::Path;

use crate::cli::{CheckArgs, TryArgs};

/// Words of a command.
struct Line(String);

impl Line {
    fn word(mut self, word: &str) -> Self {
        self.0.push(' ');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
        if !word.is_empty() && word.chars().all(is_plain) {
            self.0.push_str(word);
        } else {
            self.0.push('\'');
            self.0.push_str(&word.replace('\'', "'\\''"));
            self.0.push('\'');
        }
        self
    }

    fn path(self, path: &Path) -> Self {
        self.word(&path.to_string_lossy())
    }

    fn flag(self, flag: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.word(flag).word(value),
            None => self,
        }
    }

    fn pairs(self, flag: &str, pairs: &[(String, String)]) -> Self {
        pairs.iter().fold(self, |line, (key, value)| line.flag(flag, Some(&format!("{key}={value}"))))
    }
}

/// Judges the manifest at `manifest`: everything that decides the verdict but the day, nothing about its outputs. Parts of the
/// evidence `summarized` stand for the files that the manifest names, and judging those comes to the same.
pub(super) fn check(manifest: &Path, args: &CheckArgs, summarized: &[String]) -> String {
    let named: Vec<(String, String)> =
        args.evidence.iter().filter(|(name, _)| !summarized.contains(name)).cloned().collect();
    let line = Line("relgate check".to_owned()).path(manifest);
    let root = args.root.as_ref().map(|root| root.to_string_lossy());
    line.flag("--root", root.as_deref())
        .flag("--baseline", args.baseline.as_deref())
        .flag("--anchor", args.anchor.as_deref())
        .flag("--protected-ref", args.protected_ref.as_deref())
        .pairs("--evidence", &named)
        .pairs("--baseline-evidence", &args.baseline_evidence)
        .0
}

/// Tries the same results by the same rules.
pub(super) fn of_try(args: &TryArgs) -> String {
    let line =
        args.rest.iter().fold(Line("relgate try".to_owned()).word(&args.new), |line, word| line.word(word));
    line.pairs("--where", &args.conditions)
        .pairs("--baseline-where", &args.baseline_conditions)
        .flag("--id", args.id.as_deref())
        .pairs("--field", &args.fields)
        .0
}
