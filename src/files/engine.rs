//! What engines have: the files that they read, and the commands that stand on the command line (`--run` after a file was written,
//! `--read-back` to learn what is served).
#![allow(clippy::disallowed_methods, reason = "runs what the user typed, and nothing else")]

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use super::shown::shown;
use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic, printable, shortened};

/// Runs a command of the user's in a shell, with these variables besides its environment; what it printed.
///
/// # Errors
/// It cannot be started, or ends with another code than 0.
pub fn run_typed(command: &str, variables: &[(&str, String)]) -> Result<String, Diagnostic> {
    let failed = |why: String| {
        Diagnostic::error(Code::EngineFailed, format!("`{}` {why}", printable(shortened(command))))
            .help("run it by hand; run relgate again when it works: nothing was lost, the next run finishes what is meant")
    };
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let output = Command::new(shell)
        .args([flag, command])
        .envs(variables.iter().map(|(name, value)| (*name, value.as_str())))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(failed(match output.status.code() {
        Some(code) => format!("ended with {code}"),
        None => "was ended by a signal".to_owned(),
    }))
}

/// The text of an engine's file; none where nothing stands there.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub fn engine_text(path: &Path) -> Result<Option<String>, Diagnostic> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let text = format!("the target cannot be read: {}", reason(&error));
            Err(Diagnostic::error(Code::EngineFailed, text)
                .in_file(shown(path))
                .help("check what stands there, and that the user who runs relgate may read it"))
        }
    }
}
