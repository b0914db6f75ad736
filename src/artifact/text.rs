//! The text of a manifest or a policy file: UTF-8, or a finding that says where it is not.

use super::digest::digest_bytes;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Digest;

/// A text and the digest of the bytes that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text without a byte order mark, so that spans count from what an editor shows.
    pub text: String,
    /// The digest of the file's bytes, with the mark.
    pub sha256: Digest,
}

/// The text of a file's bytes; messages name the file `name`.
///
/// # Errors
/// They are not UTF-8.
pub fn decode(name: &str, bytes: &[u8]) -> Result<Text, Diagnostic> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Diagnostic::error(Code::ManifestNotUtf8, format!("`{name}` is UTF-16, not UTF-8"))
            .at_line(name, 1)
            .help("save it as UTF-8 (in PowerShell: `Out-File -Encoding utf8`)"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text {
            text: text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
            sha256: digest_bytes(bytes),
        }),
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
