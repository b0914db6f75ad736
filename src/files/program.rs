//! The programs by which others sign and verify: run on bytes, to their end. What they are asked is fixed; paths and names stand among
//! their arguments, never a text that a shell would read.
#![allow(
    clippy::disallowed_methods,
    reason = "signatures are made and verified by `openssl` and `ssh-keygen`"
)]

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Write as _};
use std::process::{Command, Output, Stdio};
use std::thread;

use tempfile::NamedTempFile;

use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic};

/// A program that signs and verifies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program {
    /// Its name on the PATH.
    pub(super) name: &'static str,
    /// What it is needed for.
    pub(super) need: &'static str,
    /// Where it comes from.
    pub(super) install: &'static str,
}

impl Program {
    /// Runs it on `input` to its end.
    pub(super) fn run(&self, arguments: &[&OsStr], input: &[u8]) -> Result<Output, Diagnostic> {
        fed(Command::new(self.name).args(arguments), input).map_err(|error: io::Error| match error.kind() {
            ErrorKind::NotFound => Diagnostic::error(
                Code::BadSignature,
                format!("{} with the program `{}`, which is not there", self.need, self.name),
            )
            .help(format!("install {}", self.install)),
            _ => Diagnostic::error(
                Code::BadSignature,
                format!("`{}` cannot be started: {}", self.name, reason(&error)),
            )
            .help(format!("see whether `{}` runs by hand", self.name)),
        })
    }

    /// What it said, in its first lines.
    pub(super) fn said(&self, output: &Output) -> String {
        let text = [output.stderr.as_slice(), output.stdout.as_slice()].concat();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect();
        if lines.is_empty() {
            format!("{} gave no reason", self.name)
        } else {
            format!("{} says: {}", self.name, lines.join("; "))
        }
    }
}

/// Runs a command on `input` to its end; what it says on both channels.
pub(super) fn fed(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    // From another thread: it answers while it is asked, both pipes hold only so much, and it may end before it has read everything.
    thread::scope(|scope| {
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    })
}

/// A temporary file of these bytes, for what a program reads from files only.
pub(super) fn kept(bytes: &[u8]) -> Result<NamedTempFile, Diagnostic> {
    let keep = || {
        let mut file = NamedTempFile::new()?;
        file.write_all(bytes)?;
        Ok(file)
    };
    keep().map_err(|error: io::Error| {
        let text = format!("a signature cannot be verified: no temporary file: {}", reason(&error));
        Diagnostic::error(Code::CannotWrite, text).help("make room in the folder of temporary files")
    })
}
