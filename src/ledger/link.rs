//! The parts of a chain: files before anybody knows what they are, and events in their place.

use super::event::Event;
use crate::manifest::Digest;

/// A file of a ledger's folder, before anybody knows what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerFile {
    /// Its name in the folder.
    pub name: String,
    /// What stands there.
    pub content: StoredContent,
}

/// What stands in the place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredContent {
    /// A file of these bytes.
    Bytes(Vec<u8>),
    /// Something that is no file, or none that could be an event: what it is, as in "is a folder".
    Other(String),
    /// A file that cannot be read: why.
    Unreadable(String),
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The name of its file.
    pub name: String,
    /// The digest of its bytes, by which others name it.
    pub digest: Digest,
    /// What happened.
    pub event: Event,
    /// The places in the chain of the events that it follows; without those that are missing.
    pub follows: Vec<usize>,
}
