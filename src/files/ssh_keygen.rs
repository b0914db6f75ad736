//! `ssh-keygen -Y`: approvals signed and their signatures verified with the keys that people have for git anyway. No key is ever read here.
#![allow(clippy::disallowed_methods, reason = "signatures are made and verified by the program `ssh-keygen`")]

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use tempfile::NamedTempFile;

use super::shown::shown;
use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic, printable};

/// What a signature is for, so that none of another kind passes for an approval.
pub const NAMESPACE: &str = "relgate-approval";

/// The signature of `bytes` by the key in a file: a private one, or a public one whose private half an agent holds.
///
/// # Errors
/// `ssh-keygen` is missing, or cannot sign with it.
pub fn sign_approval(key: &Path, bytes: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    let arguments =
        [OsStr::new("-Y"), "sign".as_ref(), "-n".as_ref(), NAMESPACE.as_ref(), "-f".as_ref(), key.as_ref()];
    let output = run(&arguments, bytes)?;
    if output.status.success() && !output.stdout.is_empty() {
        return Ok(output.stdout);
    }
    let text = format!("the approval cannot be signed with `{}`", shown(key));
    Err(Diagnostic::error(Code::BadSignature, text)
        .note(said(&output))
        .help("name a private key of ssh-keygen, or a public one whose private half the agent holds"))
}

/// Nothing, where `signature` is one of `bytes` by a key that `signers` (the text of an `allowed_signers` file) has for `who`.
///
/// # Errors
/// It is not, or `ssh-keygen` is missing.
pub fn verify_approval(signers: &str, who: &str, bytes: &[u8], signature: &[u8]) -> Result<(), Diagnostic> {
    let failed = |error: &io::Error| {
        let text = format!("a signature cannot be verified: no temporary file: {}", reason(error));
        Diagnostic::error(Code::CannotWrite, text).help("make room in the folder of temporary files")
    };
    let (allowed, signed) = (kept(signers.as_bytes()), kept(signature));
    let (allowed, signed) =
        (allowed.map_err(|error| failed(&error))?, signed.map_err(|error| failed(&error))?);
    let arguments = [
        OsStr::new("-Y"),
        "verify".as_ref(),
        "-n".as_ref(),
        NAMESPACE.as_ref(),
        "-f".as_ref(),
        allowed.path().as_ref(),
        "-I".as_ref(),
        who.as_ref(),
        "-s".as_ref(),
        signed.path().as_ref(),
    ];
    let output = run(&arguments, bytes)?;
    if output.status.success() {
        return Ok(());
    }
    let text = format!("this is not a signature by `{}`", printable(who));
    Err(Diagnostic::error(Code::BadSignature, text).note(said(&output)).help(
        "sign it with the key that the list of signers has for that name, or let the list be mended on the protected branch",
    ))
}

/// A temporary file of these bytes.
fn kept(bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Runs it on `input` to its end.
fn run(arguments: &[&OsStr], input: &[u8]) -> Result<Output, Diagnostic> {
    let run = || {
        let mut child = Command::new("ssh-keygen")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        // It may end before it has read everything.
        thread::scope(|scope| {
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
            child.wait_with_output()
        })
    };
    run().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Diagnostic::error(
            Code::BadSignature,
            "approvals are signed and verified with the program `ssh-keygen`, which is not there",
        )
        .help("install OpenSSH 8.2 or newer"),
        _ => Diagnostic::error(
            Code::BadSignature,
            format!("`ssh-keygen` cannot be started: {}", reason(&error)),
        ),
    })
}

/// What it said, in its first lines.
fn said(output: &Output) -> String {
    let text = [output.stderr.as_slice(), output.stdout.as_slice()].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect();
    if lines.is_empty() {
        "ssh-keygen gave no reason".to_owned()
    } else {
        format!("ssh-keygen says: {}", lines.join("; "))
    }
}
