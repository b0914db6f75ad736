//! SHA-256 of bytes, of folders and of inline values, each in a form that anybody can recompute.
//!
//! A folder's digest is what coreutils give, in that folder, for
//! `find -L . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum -- | sha256sum`
//! (`find -L` where links to files are among them).

use std::io::{self, ErrorKind, Read, Write};

use sha2::{Digest as _, Sha256};

use crate::manifest::Digest;

/// Bytes that are read at once; memory stays the same however large the file.
const BLOCK: u64 = 256 * 1024;

/// The digest of bytes in memory.
#[must_use]
pub fn digest_bytes(bytes: &[u8]) -> Digest {
    finish(Sha256::new_with_prefix(bytes))
}

/// The digest of a stream and its length; `expected` only sizes the buffer.
///
/// # Errors
/// Whatever reading reports.
pub fn digest_reader(reader: &mut dyn Read, expected: u64) -> io::Result<(Digest, u64)> {
    let mut hasher = Sha256::new();
    let length = for_each_block(reader, expected, |block| hasher.update(block))?;
    Ok((finish(hasher), length))
}

/// The digest of bytes as they come by.
#[derive(Debug, Default)]
pub struct Digesting {
    hasher: Sha256,
    length: u64,
}

impl Digesting {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// How many bytes came.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The digest of all of them.
    #[must_use]
    pub fn finish(self) -> Digest {
        finish(self.hasher)
    }
}

/// Hands on what is written to it, and knows the digest of it.
pub struct DigestWriter<W> {
    out: W,
    hasher: Sha256,
}

impl<W: Write> DigestWriter<W> {
    /// Nothing was written yet.
    pub fn new(out: W) -> Self {
        Self { out, hasher: Sha256::new() }
    }

    /// What it handed on to, and the digest of all that was written.
    pub fn finish(self) -> (W, Digest) {
        (self.out, finish(self.hasher))
    }
}

impl<W: Write> Write for DigestWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The digest of a folder, from the relative path and digest of each of its files; the order does not matter.
///
/// Names that `sha256sum` would escape (a backslash, a line end) must have been refused before.
pub fn digest_tree<'a>(files: impl IntoIterator<Item = (&'a str, &'a Digest)>) -> Digest {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_unstable_by_key(|(path, _)| path.as_bytes());
    let mut hasher = Sha256::new();
    for (path, digest) in files {
        hasher.update(digest.hex());
        hasher.update(b"  ");
        hasher.update(path);
        hasher.update(b"\n");
    }
    finish(hasher)
}

/// The digest of inline values: of their RFC 8785 canonical JSON; and that JSON's length.
///
/// # Errors
/// A number that JSON cannot spell.
pub fn digest_values(values: &serde_json::Value) -> Result<(Digest, u64), serde_json::Error> {
    let canonical = serde_json_canonicalizer::to_vec(values)?;
    Ok((digest_bytes(&canonical), canonical.len() as u64))
}

/// Calls `with` for each block up to the end of the stream; the number of bytes.
pub(super) fn for_each_block(
    reader: &mut dyn Read,
    expected: u64,
    mut with: impl FnMut(&[u8]),
) -> io::Result<u64> {
    // A small file gets a small buffer: 20,000 of them must not clear 20,000 large ones.
    let size = expected.saturating_add(1).clamp(4096, BLOCK) as usize;
    let mut buffer = vec![0; size];
    let mut length = 0;
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(length),
            Ok(count) => {
                with(buffer.get(..count).unwrap_or(&buffer));
                length += count as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The digest that a hasher holds.
pub(super) fn finish(hasher: Sha256) -> Digest {
    let hex = hex(&hasher.finalize());
    #[expect(clippy::expect_used, reason = "32 bytes are 64 lower-case digits, which is what a Digest is")]
    Digest::from_hex(&hex).expect("64 hexadecimal digits")
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
