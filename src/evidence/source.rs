//! Where evidence bytes come from, and what kind of file they are.

use std::io;

/// Random access to the bytes of one evidence file.
///
/// `Sync`, because blocks of one file are read by several threads at once.
pub trait Source: Sync {
    /// The file as messages show it (a path relative to the root).
    fn name(&self) -> &str;

    /// Bytes in the file.
    fn len(&self) -> u64;

    /// Whether the file holds nothing.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads into `buf` from byte `offset`; 0 at the end. May return fewer bytes than asked for.
    ///
    /// # Errors
    /// Whatever the medium reports; never a silent short file.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}

/// How the bytes of an evidence file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// As they are.
    None,
    /// gzip (RFC 1952), possibly several members.
    Gzip,
    /// Zstandard (RFC 8878), possibly several frames.
    Zstd,
}
