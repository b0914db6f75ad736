//! A root while its files are hashed: digests of files that did not change are remembered, bytes are counted.
//!
//! Deliberately absent: showing the count (`commands`), and where the cache is kept.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Root, StatCache};
use crate::artifact::{Contents, Found, Listing, Stamp, Sum, Trouble};

/// A [`Root`] with a memory and a counter.
#[derive(Debug)]
pub struct Hashing<'a> {
    root: &'a Root,
    cache: Option<StatCache>,
    total: AtomicU64,
    done: AtomicU64,
}

impl<'a> Hashing<'a> {
    /// A root whose files are hashed, with or without a memory.
    #[must_use]
    pub fn new(root: &'a Root, cache: Option<StatCache>) -> Self {
        Self { root, cache, total: AtomicU64::new(0), done: AtomicU64::new(0) }
    }

    /// Bytes that were read or remembered, and bytes that were announced.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Keeps what was learned for the next run.
    pub fn save(&self) {
        if let Some(cache) = &self.cache {
            cache.save();
        }
    }
}

impl Contents for Hashing<'_> {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        self.root.look(declared)
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        self.root.list(folder)
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        Ok(Box::new(Counted { reader: self.root.open(path)?, done: &self.done }))
    }

    fn stamp(&self, path: &str) -> Result<Option<Stamp>, Trouble> {
        self.root.stamp(path)
    }

    fn known(&self, stamp: &Stamp, sum: Sum) -> Option<String> {
        let known = self.cache.as_ref()?.known(stamp, sum);
        if known.is_some() {
            self.done.fetch_add(stamp.bytes, Ordering::Relaxed);
        }
        known
    }

    fn learned(&self, stamp: &Stamp, sum: Sum, hex: &str) {
        if let Some(cache) = &self.cache {
            cache.learned(stamp, sum, hex);
        }
    }

    fn ahead(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
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
        Ok(count)
    }
}
