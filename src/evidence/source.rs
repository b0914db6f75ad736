//! What kind of file evidence is, and how it is packed.

pub(super) use crate::artifact::Digesting;
pub use crate::artifact::{ResultsFile, Source, digest_files, digest_of, digest_source};

/// How the bytes of an evidence file are packed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// gzip (RFC 1952), possibly several members.
    Gzip,
    /// Zstandard (RFC 8878), possibly several frames.
    Zstd,
    /// Apache Parquet, read as JSON Lines: an object a row, by the names of the columns.
    #[cfg(feature = "parquet")]
    Parquet,
}
