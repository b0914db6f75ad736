//! A root while its files are hashed: digests of files that did not change are remembered, bytes are counted.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{StatCache, activity};
use crate::artifact::{Found, Listing, NamedText, Stamp, Sum, Tree, Trouble};
use crate::diagnostic::Diagnostic;

/// A [`Tree`] with a memory and a counter.
pub struct Hashing<'a> {
    tree: &'a dyn Tree,
    cache: Option<Arc<StatCache>>,
    total: AtomicU64,
    done: AtomicU64,
}

impl<'a> Hashing<'a> {
    /// A tree whose files are hashed, with or without a memory.
    #[must_use]
    pub fn new(tree: &'a dyn Tree, cache: Option<Arc<StatCache>>) -> Self {
        Self { tree, cache, total: AtomicU64::new(0), done: AtomicU64::new(0) }
    }

    /// Bytes that were read or remembered, and bytes that were announced.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Keeps what was learned for the next run; nothing more is hashed.
    pub fn save(&self) {
        activity::hashing_ended();
        if let Some(cache) = &self.cache {
            cache.save();
        }
    }
}

impl Tree for Hashing<'_> {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        self.tree.look(declared)
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        self.tree.list(folder)
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        Ok(Box::new(Counted { reader: self.tree.open(path)?, done: &self.done }))
    }

    fn lock(&self) -> Result<Option<NamedText>, Diagnostic> {
        self.tree.lock()
    }

    fn stamp(&self, path: &str) -> Result<Option<Stamp>, Trouble> {
        self.tree.stamp(path)
    }

    fn known(&self, stamp: &Stamp, sum: Sum) -> Option<String> {
        let known = self.cache.as_ref()?.known(stamp, sum);
        if known.is_some() {
            self.done.fetch_add(stamp.bytes, Ordering::Relaxed);
            activity::hashed(stamp.bytes);
        }
        known
    }

    fn learned(&self, stamp: &Stamp, sum: Sum, hex: &str) {
        if let Some(cache) = &self.cache {
            cache.learned(stamp, sum, hex);
        }
    }

    fn below_root(&self, absolute: &str) -> Option<String> {
        self.tree.below_root(absolute)
    }

    fn ahead(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
        activity::announced(bytes);
    }
}

/// A reader that counts.
struct Counted<'a> {
    reader: Box<dyn Read + 'a>,
    done: &'a AtomicU64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.done.fetch_add(count as u64, Ordering::Relaxed);
        activity::hashed(count as u64);
        Ok(count)
    }
}
