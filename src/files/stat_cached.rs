//! Evidence files whose digests are remembered between runs.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::StatCache;
use crate::artifact::{ResultsFile, Source, Stamp, Sum};
use crate::diagnostic::Diagnostic;
use crate::manifest::Digest;

/// A [`Source`] with a memory.
struct StatCachedFile {
    file: Box<dyn Source + Send>,
    cache: Arc<StatCache>,
}

/// The same file, which is not hashed again where an earlier run did it and nobody wrote to it since.
#[must_use]
pub fn stat_cached(results: ResultsFile, cache: &Arc<StatCache>) -> ResultsFile {
    let ResultsFile { source: file, member } = results;
    ResultsFile { source: Box::new(StatCachedFile { file, cache: Arc::clone(cache) }), member }
}

impl Source for StatCachedFile {
    fn name(&self) -> &str {
        self.file.name()
    }

    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buf)
    }

    fn path(&self) -> Option<&Path> {
        self.file.path()
    }

    fn stamp(&self) -> Option<Stamp> {
        self.file.stamp()
    }

    fn known_digest(&self) -> Option<Digest> {
        Digest::from_hex(&self.cache.known(&self.file.stamp()?, Sum::Sha256)?)
    }

    fn learned_digest(&self, digest: &Digest) {
        if let Some(stamp) = self.file.stamp() {
            self.cache.learned(&stamp, Sum::Sha256, digest.hex());
        }
    }

    fn check_unchanged(&self) -> Result<(), Diagnostic> {
        self.file.check_unchanged()
    }
}
