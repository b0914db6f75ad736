//! Reads a manifest: a small UTF-8 text, or a finding that says what stands there instead.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::special;
use crate::artifact::{digest_bytes, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Digest, tree};

/// The text of a manifest and the digest of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestText {
    /// The text without a byte order mark, so that spans count from what an editor shows.
    pub text: String,
    /// The digest of the file's bytes, with the mark.
    pub sha256: Digest,
}

/// Reads the manifest at `path`; messages name it `name`.
///
/// # Errors
/// It is missing, a folder, not a regular file, unreadable, too large or not UTF-8.
pub fn read_manifest(path: &Path, name: &str) -> Result<ManifestText, Diagnostic> {
    let about = fs::metadata(path).map_err(|error| unreadable(name, &error))?;
    if about.is_dir() {
        let mut finding =
            Diagnostic::error(Code::ManifestIsFolder, format!("`{name}` is a folder, not a manifest"))
                .in_file(name);
        if path.join("release.yaml").is_file() {
            finding = finding.help(format!("did you mean `{}/release.yaml`?", name.trim_end_matches('/')));
        }
        return Err(finding.help("give the file itself, such as `path/to/release.yaml`"));
    }
    if !about.is_file() {
        let kind = special(about.file_type());
        return Err(Diagnostic::error(Code::ManifestNotFile, format!("`{name}` is {kind}, not a file"))
            .in_file(name)
            .help("a manifest is read twice and named in reports: write it to a file first"));
    }
    let length = usize::try_from(about.len()).unwrap_or(usize::MAX);
    if length > tree::MAX_BYTES {
        return Err(tree::too_large(name, length));
    }
    let mut bytes = Vec::with_capacity(length);
    // A file that grows while it is read is not read for ever.
    File::open(path)
        .and_then(|file| file.take(tree::MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(name, &error))?;
    if bytes.len() > tree::MAX_BYTES {
        return Err(tree::too_large(name, bytes.len()));
    }
    let sha256 = digest_bytes(&bytes);
    Ok(ManifestText { text: decode(name, &bytes)?, sha256 })
}

/// The text of the bytes, without a byte order mark.
fn decode(name: &str, bytes: &[u8]) -> Result<String, Diagnostic> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Diagnostic::error(Code::ManifestNotUtf8, format!("`{name}` is UTF-16, not UTF-8"))
            .at_line(name, 1)
            .help("save it as UTF-8 (in PowerShell: `Out-File -Encoding utf8`)"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()),
        Err(error) => {
            let at = error.valid_up_to();
            let before = bytes.get(..at).unwrap_or(bytes);
            let line = memchr::memchr_iter(b'\n', before).count() as u64 + 1;
            let byte = bytes.get(at).copied().unwrap_or(0);
            Err(Diagnostic::error(Code::ManifestNotUtf8, format!("`{name}` is not UTF-8 text"))
                .at_line(name, line)
                .note(format!("byte {at} (0x{byte:02x}) in line {line} belongs to no character"))
                .help("save the file as UTF-8"))
        }
    }
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
        return Diagnostic::error(Code::NoManifest, format!("there is no manifest `{name}`"))
            .in_file(name)
            .help("name the file, such as `path/to/release.yaml`");
    }
    Diagnostic::error(Code::ManifestUnreadable, format!("`{name}` cannot be read: {}", reason(error)))
        .in_file(name)
        .help("make it readable for the user who runs relgate")
}
