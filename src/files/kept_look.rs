//! Keeps in the user's cache folder what a look at a log came to, so that a log that nobody wrote to is not read again.
//!
//! One file for each thing that is looked at; the key, kept with it, is the digest of everything that the look depends on. A damaged
//! file, or one of another key, is ignored and written anew; one that cannot be written costs time and nothing else.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::interrupt;
use crate::artifact::digest_bytes;
use crate::manifest::Digest;

/// How the file begins; then the key and the digest of what is kept, both in digits.
const MAGIC: &[u8] = b"relgate look v1\n";
/// More is not read.
const MOST: u64 = 32 << 20;

/// A place for what one look came to.
#[derive(Debug)]
pub struct KeptLook {
    path: PathBuf,
    key: Digest,
}

impl KeptLook {
    /// In `folder`, which need not exist: of this subject, with what the look depends on.
    #[must_use]
    pub fn of(folder: &Path, subject: &str, depends_on: &str) -> Self {
        let name = digest_bytes(subject.as_bytes());
        let path = folder.join("looks").join(name.hex().get(..32).unwrap_or_default());
        Self { path, key: digest_bytes(depends_on.as_bytes()) }
    }

    /// What was kept under the same key.
    #[must_use]
    pub fn recall(&self) -> Option<Vec<u8>> {
        if !fs::metadata(&self.path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(&self.path).ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
        let rest = bytes.strip_prefix(MAGIC)?.strip_prefix(self.key.hex().as_bytes())?;
        let (digest, kept) = rest.split_at_checked(64)?;
        (digest_bytes(kept).hex().as_bytes() == digest).then(|| kept.to_vec())
    }

    /// Keeps something in its place. A failure is nobody's trouble: the next look reads the log again.
    pub fn keep(&self, kept: &[u8]) {
        let _ = self.write(kept);
    }

    fn write(&self, kept: &[u8]) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder)?;
        let mut file = interrupt::stage(|| tempfile::NamedTempFile::new_in(folder))?;
        file.write_all(MAGIC)?;
        file.write_all(self.key.hex().as_bytes())?;
        file.write_all(digest_bytes(kept).hex().as_bytes())?;
        file.write_all(kept)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_or_of_another_key_is_not_recalled() {
        let folder = tempfile::tempdir().unwrap();
        let look = |key: &str| KeptLook::of(folder.path(), "a", key);
        assert_eq!(look("one").recall(), None);
        look("one").keep(b"state");
        assert_eq!(look("one").recall().as_deref(), Some(&b"state"[..]));
        assert_eq!(look("two").recall(), None);
        assert_eq!(KeptLook::of(folder.path(), "b", "one").recall(), None);
        let path = look("one").path;
        let sound = fs::read(&path).unwrap();
        for at in 0..sound.len() {
            let mut other = sound.clone();
            other[at] ^= 1;
            fs::write(&path, &other).unwrap();
            assert_eq!(look("one").recall(), None, "byte {at}");
            fs::write(&path, &sound[..at]).unwrap();
            assert_eq!(look("one").recall(), None, "cut at {at}");
        }
        fs::write(&path, &sound).unwrap();
        look("two").keep(b"");
        assert_eq!((look("one").recall(), look("two").recall()), (None, Some(Vec::new())));
    }
}
