//! `openssl dgst`: statements signed, and their signatures verified, without a key ever being read here.
#![allow(clippy::disallowed_methods, reason = "looks at the kind of a key's file and at its first lines")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use super::program::{Program, kept};
use super::shown::{shown, special};
use super::text::read_text;
use crate::artifact::reason;
use crate::attest::{PublicKey, usable_private_key};
use crate::diagnostic::{Code, Diagnostic};

const OPENSSL: Program = Program {
    name: "openssl",
    need: "statements are signed and verified",
    install: "OpenSSL 1.1.1 or newer (Debian, Alpine: the package `openssl`)",
};
/// So much of a private key's file says what kind it is.
const BEGINNING: u64 = 96;

/// The public key in a file.
///
/// # Errors
/// It cannot be read, or is no ECDSA key on the curve P-256.
pub fn public_key(path: &Path) -> Result<PublicKey, Diagnostic> {
    let name = shown(path);
    let text = read_text(path, &name)?.ok_or_else(|| bad_key(path, "is not there"))?;
    PublicKey::read(&text).map_err(|why| bad_key(path, &why))
}

/// The public half of the private key in a file.
///
/// # Errors
/// There is no `openssl`, or the file holds no private ECDSA key on the curve P-256 that needs no password.
pub fn public_half(key: &Path) -> Result<PublicKey, Diagnostic> {
    usable_private_key(&beginning(key)?).map_err(|why| bad_key(key, &why))?;
    // An empty password, so that it never asks for one.
    let arguments: [&OsStr; 6] = [
        "pkey".as_ref(),
        "-in".as_ref(),
        key.as_ref(),
        "-pubout".as_ref(),
        "-passin".as_ref(),
        "pass:".as_ref(),
    ];
    let output = OPENSSL.run(&arguments, &[])?;
    if !output.status.success() {
        return Err(bad_key(key, "cannot be read by openssl").note(OPENSSL.said(&output)));
    }
    PublicKey::read(&String::from_utf8_lossy(&output.stdout)).map_err(|why| bad_key(key, &why))
}

/// The signature of bytes by the private key in a file, whose public half is `public`.
///
/// # Errors
/// `openssl` cannot make it, or the file holds another key by now.
pub fn signed_bytes(key: &Path, public: &PublicKey, bytes: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    let arguments: [&OsStr; 6] = [
        "dgst".as_ref(),
        "-sha256".as_ref(),
        "-passin".as_ref(),
        "pass:".as_ref(),
        "-sign".as_ref(),
        key.as_ref(),
    ];
    let output = OPENSSL.run(&arguments, bytes)?;
    if !output.status.success() || output.stdout.is_empty() {
        return Err(bad_key(key, "does not sign").note(OPENSSL.said(&output)));
    }
    if !is_signed_by(public, bytes, &output.stdout)? {
        return Err(bad_key(key, "is another one than a moment ago"));
    }
    Ok(output.stdout)
}

/// Whether a signature is one of these bytes by the other half of that key.
///
/// # Errors
/// There is no `openssl`, or no room for a temporary file.
pub fn is_signed_by(public: &PublicKey, bytes: &[u8], signature: &[u8]) -> Result<bool, Diagnostic> {
    let (key, signature) = (kept(public.pem().as_bytes())?, kept(signature)?);
    let arguments: [&OsStr; 6] = [
        "dgst".as_ref(),
        "-sha256".as_ref(),
        "-verify".as_ref(),
        key.path().as_ref(),
        "-signature".as_ref(),
        signature.path().as_ref(),
    ];
    let output = OPENSSL.run(&arguments, bytes)?;
    Ok(output.status.success() && output.stdout.trim_ascii() == b"Verified OK")
}

/// What is odd about a private key's file that everybody on the machine may read; none where nothing is.
#[must_use]
pub fn readable_by_all(key: &Path) -> Option<Diagnostic> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = fs::metadata(key).ok()?.permissions().mode();
        (mode & 0o004 != 0).then(|| {
            Diagnostic::warning(
                Code::BadKey,
                format!("everybody on this machine may read the key `{}`", shown(key)),
            )
            .help(format!("`chmod 600 {}`, and replace it where others work on the machine", shown(key)))
        })
    }
    #[cfg(not(unix))]
    {
        let _ = key;
        None
    }
}

/// The first bytes of a key's file.
fn beginning(key: &Path) -> Result<String, Diagnostic> {
    let about =
        fs::metadata(key).map_err(|error| bad_key(key, &format!("cannot be read: {}", reason(&error))))?;
    if !about.is_file() {
        let what = if about.is_dir() { "a folder" } else { special(about.file_type()) };
        return Err(bad_key(key, &format!("is {what}, and openssl reads the file twice: name a file")));
    }
    let mut bytes = Vec::new();
    File::open(key)
        .and_then(|file| file.take(BEGINNING).read_to_end(&mut bytes))
        .map_err(|error| bad_key(key, &format!("cannot be read: {}", reason(&error))))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn bad_key(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error(Code::BadKey, format!("the key `{}` {why}", shown(path))).help(
        "`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY` makes one, `openssl pkey -in KEY -pubout` its public half",
    )
}
