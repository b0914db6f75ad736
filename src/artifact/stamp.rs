//! What tells a file from every other one without reading it, and what is remembered of it.

/// What can be told of a file without reading it: as long as nobody writes to it, it stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The device that holds it; 0 where the system does not say.
    pub device: u64,
    /// Its number on that device; 0 where the system does not say.
    pub inode: u64,
    /// Its length.
    pub bytes: u64,
    /// When its content changed, in nanoseconds since 1970; programs can set it.
    pub modified: i64,
    /// When anything about it changed, in nanoseconds since 1970; programs cannot set it.
    pub changed: i64,
    /// Whether `changed` is what it says: not where a file system has no such time and shows the other one, nor where
    /// all of it can be replaced by another image with equal times.
    pub trusted: bool,
}

/// The checksums that are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    /// The digest of relgate.
    Sha256,
    /// The checksum of DVC.
    Md5,
}
