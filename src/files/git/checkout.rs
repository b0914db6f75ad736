//! Which files of the working tree are the checkouts of files in a commit.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::PoisonError;

use super::objects::Objects;
use super::tree::At;
use crate::artifact::{Checkout, digest_bytes};
use crate::manifest::Digest;

/// The largest file that is looked at: git converts text, and for what is larger it has a pointer.
const MOST: u64 = 64 << 20;
/// What `ident` expands when a file is checked out.
const IDENT: &[u8] = b"$Id:";

impl Objects {
    /// The digest of each file of the working tree that git would store as the commit has it; [`Objects::checkouts`] knows it
    /// from then on.
    pub(super) fn checked_out(&self, pairs: &[Checkout]) -> Vec<Option<Digest>> {
        let here = |pair: &Checkout| self.git.folder().join(&pair.here);
        // git reads the files after this and before the next look, so both looks see what it saw.
        let before: Vec<Option<Digest>> =
            pairs.iter().map(|pair| Some(digest_bytes(&read(&here(pair))?))).collect();
        let asked: Vec<String> = pairs.iter().map(|pair| format!("{}{}", self.prefix, pair.here)).collect();
        let cleaned = self.git.cleaned(&asked);
        let mut found = Vec::new();
        for ((pair, before), cleaned) in pairs.iter().zip(before).zip(cleaned) {
            let place = here(pair);
            let same = before.zip(cleaned).and_then(|(before, cleaned)| {
                let Ok(At::File(id)) = self.find(&pair.committed) else { return None };
                let bytes = if id == cleaned { read(&place)? } else { return None };
                (digest_bytes(&bytes) == before && self.is_own_ident(&id, &bytes)).then_some(before)
            });
            if same.is_some() {
                let mut checkouts = self.checkouts.write().unwrap_or_else(PoisonError::into_inner);
                checkouts.insert(pair.committed.clone(), place);
            }
            found.push(same);
        }
        found
    }

    /// Whether every `$Id: ... $` is what a checkout writes there: git drops whatever stands in it, which must not hide a text.
    fn is_own_ident(&self, id: &str, bytes: &[u8]) -> bool {
        let expanded = idents(bytes);
        if expanded.iter().all(|one| *one == id.as_bytes()) {
            return true;
        }
        // Where the commit has them too, nothing was dropped.
        let mut stored = Vec::new();
        let read = self.git.blob(id).ok().and_then(|blob| blob.take(MOST).read_to_end(&mut stored).ok());
        read.is_some() && idents(&stored) == expanded
    }
}

/// The bytes of a regular file, unless it is large.
fn read(place: &PathBuf) -> Option<Vec<u8>> {
    let about = fs::metadata(place).ok().filter(|about| about.is_file() && about.len() <= MOST)?;
    let mut bytes = Vec::with_capacity(about.len() as usize);
    fs::File::open(place).ok()?.take(MOST + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MOST).then_some(bytes)
}

/// What stands in each `$Id: ... $` that is closed on its line.
fn idents(bytes: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut rest = line;
        while let Some(at) = memchr::memmem::find(rest, IDENT) {
            rest = rest.get(at + IDENT.len()..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'$', rest) else { break };
            found.push(rest.get(..end).unwrap_or_default().trim_ascii());
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }
    found
}
