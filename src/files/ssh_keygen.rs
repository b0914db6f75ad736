//! `ssh-keygen -Y`: approvals and waivers signed and their signatures verified with the keys that people have for git anyway. No key is ever read here.

use std::ffi::OsStr;
use std::path::Path;

use super::program::{Program, kept};
use super::shown::shown;
use crate::diagnostic::{Code, Diagnostic, printable};

const SSH_KEYGEN: Program = Program {
    name: "ssh-keygen",
    need: "approvals and waivers are signed and verified",
    install: "OpenSSH 8.2 or newer",
};

/// What the signature of an approval is for, so that none of another kind passes for one.
pub const NAMESPACE: &str = "relgate-approval";
/// What the signature of a waiver is for.
pub const WAIVER_NAMESPACE: &str = "relgate-waiver";

/// The signature of an approval by the key in a file: a private one, or a public one whose private half an agent holds.
///
/// # Errors
/// `ssh-keygen` is missing, or cannot sign with it.
pub fn sign_approval(key: &Path, bytes: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    sign(key, NAMESPACE, bytes)
}

/// The signature of a waiver, likewise.
///
/// # Errors
/// As of [`sign_approval`].
pub fn sign_waiver(key: &Path, bytes: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    sign(key, WAIVER_NAMESPACE, bytes)
}

/// Nothing, where `signature` is one of an approval by a key that `signers` (the text of an `allowed_signers` file) has for `who`.
///
/// # Errors
/// It is not, or `ssh-keygen` is missing.
pub fn verify_approval(signers: &str, who: &str, bytes: &[u8], signature: &[u8]) -> Result<(), Diagnostic> {
    verify(NAMESPACE, signers, who, bytes, signature)
}

/// Nothing, where `signature` is one of a waiver, likewise.
///
/// # Errors
/// As of [`verify_approval`].
pub fn verify_waiver(signers: &str, who: &str, bytes: &[u8], signature: &[u8]) -> Result<(), Diagnostic> {
    verify(WAIVER_NAMESPACE, signers, who, bytes, signature)
}

fn sign(key: &Path, namespace: &str, bytes: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    let arguments =
        [OsStr::new("-Y"), "sign".as_ref(), "-n".as_ref(), namespace.as_ref(), "-f".as_ref(), key.as_ref()];
    let output = SSH_KEYGEN.run(&arguments, bytes)?;
    if output.status.success() && !output.stdout.is_empty() {
        return Ok(output.stdout);
    }
    let text = format!("it cannot be signed with `{}`", shown(key));
    Err(Diagnostic::error(Code::BadSignature, text)
        .note(SSH_KEYGEN.said(&output))
        .help("name a private key of ssh-keygen, or a public one whose private half the agent holds"))
}

fn verify(
    namespace: &str,
    signers: &str,
    who: &str,
    bytes: &[u8],
    signature: &[u8],
) -> Result<(), Diagnostic> {
    let (allowed, signed) = (kept(signers.as_bytes())?, kept(signature)?);
    let arguments = [
        OsStr::new("-Y"),
        "verify".as_ref(),
        "-n".as_ref(),
        namespace.as_ref(),
        "-f".as_ref(),
        allowed.path().as_ref(),
        "-I".as_ref(),
        who.as_ref(),
        "-s".as_ref(),
        signed.path().as_ref(),
    ];
    let output = SSH_KEYGEN.run(&arguments, bytes)?;
    if output.status.success() {
        return Ok(());
    }
    let text = format!("this is not a signature by `{}`", printable(who));
    Err(Diagnostic::error(Code::BadSignature, text).note(SSH_KEYGEN.said(&output)).help(
        "sign it with the key that the list of signers has for that name, or let the list be mended on the protected branch",
    ))
}
