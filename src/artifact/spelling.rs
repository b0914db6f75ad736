//! The usual reason for an unexpected digest: the same text with other line ends or a byte order mark.
//!
//! Computes what a file's digest would be in its other spellings, in one pass. Which spelling is right is not
//! known: a digest is of bytes, and a match here is a hint and never a pass.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::digest::{finish, for_each_block};
use crate::manifest::Digest;

/// A way in which the same text is written as other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// CRLF became LF.
    Lf,
    /// LF became CRLF.
    Crlf,
    /// The byte order mark is gone.
    NoBom,
    /// Both.
    NoBomLf,
    /// A byte order mark came.
    Bom,
    /// It came, and LF became CRLF.
    BomCrlf,
}

impl Spelling {
    /// Every spelling, in the order in which they are tried.
    pub(super) const ALL: [Self; 6] =
        [Self::Lf, Self::Crlf, Self::NoBom, Self::NoBomLf, Self::Bom, Self::BomCrlf];

    /// How the bytes of a digest (the "declared" or the "locked" one) differ from those that are here.
    pub(super) fn words(self, which: &str) -> String {
        let how = match self {
            Self::Lf => "with LF line ends; here they are CRLF",
            Self::Crlf => "with CRLF line ends; here they are LF",
            Self::NoBom => "without the byte order mark that is here",
            Self::NoBomLf => "with LF line ends and without a byte order mark; here are CRLF and the mark",
            Self::Bom => "with a byte order mark; here is none",
            Self::BomCrlf => "with CRLF line ends and a byte order mark; here are LF and no mark",
        };
        format!("the {which} digest is that of the same text {how}")
    }

    /// Whether git may have converted the one to the other: it never touches a byte order mark.
    pub(super) fn by_git(self) -> bool {
        matches!(self, Self::Lf | Self::Crlf)
    }
}

/// Up to this many bytes a digest that does not fit is explained by a second look at line ends.
pub(super) const EXPLAINED: u64 = 64 * 1024 * 1024;
/// How far git looks for a NUL to tell that a file is not text.
const LOOK: usize = 8000;

/// The digests of a stream in every spelling of [`Spelling::ALL`]; none for what git takes for binary.
pub(super) fn spellings(reader: &mut dyn Read, expected: u64) -> io::Result<Option<[Digest; 6]>> {
    let mut writers = Spelling::ALL.map(Respelled::new);
    let mut seen = 0;
    let mut binary = false;
    for_each_block(reader, expected, |block| {
        let looked = block.get(..LOOK.saturating_sub(seen)).unwrap_or(block);
        binary |= memchr::memchr(0, looked).is_some();
        seen = seen.saturating_add(block.len());
        for writer in writers.iter_mut().filter(|_| !binary) {
            writer.update(block);
        }
    })?;
    Ok((!binary).then(|| writers.map(Respelled::finish)))
}

/// A hasher that sees the bytes in another spelling.
struct Respelled {
    spelling: Spelling,
    hasher: Sha256,
    /// How many bytes of the byte order mark were seen at the start; `None` once that is settled.
    bom: Option<usize>,
    /// Whether the last byte was a CR that waits for its LF.
    pending_cr: bool,
}

const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];

impl Respelled {
    fn new(spelling: Spelling) -> Self {
        let drops_bom = !matches!(spelling, Spelling::Lf | Spelling::Crlf);
        let mut hasher = Sha256::new();
        if matches!(spelling, Spelling::Bom | Spelling::BomCrlf) {
            // The one that may be there is dropped, so that there is never more than one.
            hasher.update(BOM);
        }
        Self { spelling, hasher, bom: drops_bom.then_some(0), pending_cr: false }
    }

    fn update(&mut self, mut block: &[u8]) {
        while let (Some(seen), Some((first, rest))) = (self.bom, block.split_first()) {
            if BOM.get(seen) == Some(first) {
                self.bom = Some(seen + 1).filter(|seen| *seen < BOM.len());
                block = rest;
            } else {
                self.settle_bom(seen);
            }
        }
        match self.spelling {
            Spelling::NoBom | Spelling::Bom => self.hasher.update(block),
            Spelling::Crlf | Spelling::BomCrlf => self.update_crlf(block),
            Spelling::Lf | Spelling::NoBomLf => self.update_lf(block),
        }
    }

    /// What looked like a mark was text.
    fn settle_bom(&mut self, seen: usize) {
        self.hasher.update(BOM.get(..seen).unwrap_or(&[]));
        self.bom = None;
    }

    fn update_lf(&mut self, block: &[u8]) {
        let mut start = 0;
        if self.pending_cr && !block.is_empty() {
            if block.first() != Some(&b'\n') {
                self.hasher.update(b"\r");
            }
            self.pending_cr = false;
        }
        for at in memchr::memchr_iter(b'\r', block) {
            match block.get(at + 1) {
                Some(b'\n') => {
                    self.hasher.update(block.get(start..at).unwrap_or(&[]));
                    start = at + 1;
                }
                Some(_) => {}
                None => {
                    self.hasher.update(block.get(start..at).unwrap_or(&[]));
                    start = at + 1;
                    self.pending_cr = true;
                }
            }
        }
        self.hasher.update(block.get(start..).unwrap_or(&[]));
    }

    fn update_crlf(&mut self, block: &[u8]) {
        let mut start = 0;
        for at in memchr::memchr_iter(b'\n', block) {
            let after_cr = match at.checked_sub(1) {
                Some(before) => block.get(before) == Some(&b'\r'),
                None => self.pending_cr,
            };
            if !after_cr {
                self.hasher.update(block.get(start..at).unwrap_or(&[]));
                self.hasher.update(b"\r");
                start = at;
            }
        }
        self.hasher.update(block.get(start..).unwrap_or(&[]));
        if let Some(last) = block.last() {
            self.pending_cr = *last == b'\r';
        }
    }

    fn finish(mut self) -> Digest {
        if let Some(seen) = self.bom {
            self.settle_bom(seen);
        }
        if self.pending_cr && matches!(self.spelling, Spelling::Lf | Spelling::NoBomLf) {
            self.hasher.update(b"\r");
        }
        finish(self.hasher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::digest_bytes;

    /// A reader that gives one byte at a time, so that every boundary falls between two blocks.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn check(bytes: &[u8], lf: &[u8], crlf: &[u8], no_bom: &[u8], both: &[u8]) {
        let with = |text: &[u8]| [&BOM, text.strip_prefix(&BOM).unwrap_or(text)].concat();
        let (bom, bom_crlf) = (with(bytes), with(crlf));
        let expected = [lf, crlf, no_bom, both, &bom, &bom_crlf].map(digest_bytes);
        let mut whole = bytes;
        assert_eq!(spellings(&mut whole, 10).unwrap().unwrap(), expected, "{bytes:?} at once");
        assert_eq!(spellings(&mut Drip(bytes), 10).unwrap().unwrap(), expected, "{bytes:?} byte by byte");
    }

    #[test]
    fn binary_files_have_one_spelling() {
        assert_eq!(spellings(&mut &b"a\0\r\n"[..], 4).unwrap(), None);
    }

    #[test]
    fn every_spelling_whatever_the_blocks() {
        check(b"", b"", b"", b"", b"");
        check(b"a\r\nb\n", b"a\nb\n", b"a\r\nb\r\n", b"a\r\nb\n", b"a\nb\n");
        check(b"a\r\r\n\rb\r", b"a\r\n\rb\r", b"a\r\r\n\rb\r", b"a\r\r\n\rb\r", b"a\r\n\rb\r");
        check(b"\xef\xbb\xbfx\r\n", b"\xef\xbb\xbfx\n", b"\xef\xbb\xbfx\r\n", b"x\r\n", b"x\n");
        check(b"\xef\xbb", b"\xef\xbb", b"\xef\xbb", b"\xef\xbb", b"\xef\xbb");
        check(b"\xef\xbbz", b"\xef\xbbz", b"\xef\xbbz", b"\xef\xbbz", b"\xef\xbbz");
        check(b"\xef\xbb\xbf", b"\xef\xbb\xbf", b"\xef\xbb\xbf", b"", b"");
        check(b"\n\n", b"\n\n", b"\r\n\r\n", b"\n\n", b"\n\n");
    }
}
