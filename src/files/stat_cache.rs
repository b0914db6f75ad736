//! Remembers checksums between runs, so that a file that nobody wrote to is not read again.
//!
//! A file is the same as long as device, inode, length, modification time and change time are. What was written
//! shortly before it was hashed is not kept: a second write in the same tick of the clock could go unnoticed (git
//! calls this "racy"). The cache is one file of fixed records behind their digest; a damaged one is ignored and
//! written anew, one that cannot be written costs time and nothing else. On systems that do not tell inodes and
//! change times nothing is remembered.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use super::interrupt;
use super::stamped::{is_settled, nanoseconds};
use crate::artifact::{Stamp, Sum, digest_bytes};

/// The name of the cache in its folder, and its format.
const NAME: &str = "checksums-v1";
/// How the file begins; then the digest of the records in digits.
const MAGIC: &[u8] = b"relgate checksums v1\n";
/// Bytes before the records.
const HEAD: usize = MAGIC.len() + 64;
/// Bytes of the key: device, inode, which checksum.
const KEY: usize = 24;
/// Bytes of a record: key, length, two times, when it was learned, 32 bytes of checksum.
const RECORD: usize = KEY + 32 + 32;
/// Most records that are kept (18 MB); beyond it the oldest are dropped.
const MOST: usize = 200_000;

/// Device, inode and which checksum, in an order that can be searched.
type Key = [u8; KEY];

/// The checksums of earlier runs, and those of this one.
#[derive(Debug)]
pub struct StatCache {
    folder: PathBuf,
    /// When the run began, in nanoseconds since 1970.
    now: i64,
    /// Records that were read, sorted by key.
    old: Vec<u8>,
    fresh: Mutex<Fresh>,
}

/// What this run learned.
#[derive(Debug, Default)]
struct Fresh {
    records: BTreeMap<Key, [u8; RECORD]>,
    /// Whether some of it is not on the disk yet.
    unsaved: bool,
}

impl StatCache {
    /// The cache in a folder, which need not exist; `now` is when this run began.
    #[must_use]
    pub fn open(folder: &Path, now: SystemTime) -> Self {
        Self {
            folder: folder.to_path_buf(),
            now: nanoseconds(now),
            old: load(&folder.join(NAME)).unwrap_or_default(),
            fresh: Mutex::default(),
        }
    }

    /// The checksum of the file with this stamp.
    pub(super) fn known(&self, stamp: &Stamp, sum: Sum) -> Option<String> {
        if !is_settled(stamp, self.now) {
            return None;
        }
        let key = key(stamp, sum);
        let (mut low, mut high) = (0, self.old.len() / RECORD);
        while low < high {
            let middle = usize::midpoint(low, high);
            let record = self.record(middle)?;
            match record.get(..KEY)?.cmp(&key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let same = record.get(KEY..KEY + 24)? == about(stamp);
                    return same.then(|| hex(record.get(KEY + 32..KEY + 32 + length(sum))?)).flatten();
                }
            }
        }
        None
    }

    /// Takes note of a checksum of this run.
    pub(super) fn learned(&self, stamp: &Stamp, sum: Sum, hex: &str) {
        let Some(bytes) =
            unhex(hex).filter(|bytes| bytes.len() == length(sum) && is_settled(stamp, self.now))
        else {
            return;
        };
        let mut record = [0; RECORD];
        let parts =
            key(stamp, sum).into_iter().chain(about(stamp)).chain(self.now.to_le_bytes()).chain(bytes);
        for (to, from) in record.iter_mut().zip(parts) {
            *to = from;
        }
        if let Ok(mut fresh) = self.fresh.lock() {
            fresh.records.insert(key(stamp, sum), record);
            fresh.unsaved = true;
        }
    }

    /// Writes the cache, if anything was learned since it was written. A failure is nobody's trouble: the next run reads the files again.
    pub fn save(&self) {
        let Ok(mut fresh) = self.fresh.lock() else { return };
        if std::mem::take(&mut fresh.unsaved) {
            let _ = self.write(&fresh.records);
        }
    }

    fn write(&self, fresh: &BTreeMap<Key, [u8; RECORD]>) -> std::io::Result<()> {
        let old = self
            .old
            .chunks_exact(RECORD)
            .filter(|record| record.first_chunk::<KEY>().is_some_and(|key| !fresh.contains_key(key)));
        let mut records: Vec<&[u8]> = old.chain(fresh.values().map(|record| &record[..])).collect();
        if records.len() > MOST {
            records.sort_by_key(|record| std::cmp::Reverse(learned_at(record)));
            records.truncate(MOST);
        }
        records.sort_unstable();
        let records = records.concat();
        fs::create_dir_all(&self.folder)?;
        let mut file = interrupt::stage(|| tempfile::NamedTempFile::new_in(&self.folder))?;
        file.write_all(MAGIC)?;
        file.write_all(digest_bytes(&records).hex().as_bytes())?;
        file.write_all(&records)?;
        file.persist(self.folder.join(NAME))?;
        Ok(())
    }

    fn record(&self, at: usize) -> Option<&[u8]> {
        self.old.get(at * RECORD..(at + 1) * RECORD)
    }
}

/// The records of a cache file; none where it is damaged, of another version or too large.
fn load(path: &Path) -> Option<Vec<u8>> {
    let most = HEAD + MOST * RECORD;
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most as u64 + 1).read_to_end(&mut bytes).ok()?;
    let rest = bytes.strip_prefix(MAGIC)?;
    let (digest, records) = rest.split_at_checked(64)?;
    let sound = bytes.len() <= most
        && records.len() % RECORD == 0
        && digest_bytes(records).hex().as_bytes() == digest;
    sound.then(|| records.to_vec())
}

fn key(stamp: &Stamp, sum: Sum) -> Key {
    let which: u64 = match sum {
        Sum::Sha256 => 0,
        Sum::Md5 => 1,
    };
    let mut key = [0; KEY];
    let parts = [stamp.device, stamp.inode, which].map(u64::to_be_bytes);
    for (to, from) in key.iter_mut().zip(parts.iter().flatten()) {
        *to = *from;
    }
    key
}

/// What must still be so.
fn about(stamp: &Stamp) -> [u8; 24] {
    let mut about = [0; 24];
    let parts = [stamp.bytes.to_le_bytes(), stamp.modified.to_le_bytes(), stamp.changed.to_le_bytes()];
    for (to, from) in about.iter_mut().zip(parts.iter().flatten()) {
        *to = *from;
    }
    about
}

fn learned_at(record: &[u8]) -> i64 {
    let bytes = record.get(KEY + 24..).and_then(|rest| rest.first_chunk::<8>());
    bytes.map_or(0, |bytes| i64::from_le_bytes(*bytes))
}

fn length(sum: Sum) -> usize {
    match sum {
        Sum::Sha256 => 32,
        Sum::Md5 => 16,
    }
}

fn hex(bytes: &[u8]) -> Option<String> {
    let digit = |value: u8| char::from_digit(u32::from(value), 16);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pairs = digits?;
    Some(
        pairs
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit) as u8)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn stamp(inode: u64) -> Stamp {
        let time = 100_000_000_000;
        Stamp { device: 1, inode, bytes: 7, modified: time, changed: time, trusted: true }
    }

    fn kept(folder: &Path, stamp: &Stamp) -> Option<String> {
        StatCache::open(folder, at(1000)).known(stamp, Sum::Sha256)
    }

    #[test]
    fn remembers_what_did_not_change_and_only_that() {
        let folder = tempfile::tempdir().unwrap();
        let cache = StatCache::open(folder.path(), at(200));
        for inode in [5, 3, 9] {
            cache.learned(&stamp(inode), Sum::Sha256, HEX);
        }
        cache.learned(&stamp(3), Sum::Md5, &HEX[..32]);
        assert_eq!(cache.known(&stamp(3), Sum::Sha256), None, "a run reads a file once anyway");
        cache.save();
        for inode in [3, 5, 9] {
            assert_eq!(kept(folder.path(), &stamp(inode)).as_deref(), Some(HEX));
        }
        let again = StatCache::open(folder.path(), at(1000));
        assert_eq!(again.known(&stamp(3), Sum::Md5).as_deref(), Some(&HEX[..32]));
        assert_eq!(again.known(&stamp(5), Sum::Md5), None);
        let base = stamp(3);
        for other in [
            Stamp { device: 2, ..base },
            Stamp { inode: 4, ..base },
            Stamp { bytes: 8, ..base },
            Stamp { modified: base.modified + 1, ..base },
            Stamp { changed: base.changed + 1, ..base },
            Stamp { inode: 0, ..base },
            Stamp { trusted: false, ..base },
        ] {
            assert_eq!(kept(folder.path(), &other), None, "{other:?}");
        }
    }

    #[test]
    fn what_was_written_just_before_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        // Hashed one second after it was written.
        let cache = StatCache::open(folder.path(), at(101));
        cache.learned(&stamp(3), Sum::Sha256, HEX);
        let touched = Stamp { modified: 0, ..stamp(4) };
        cache.learned(&touched, Sum::Sha256, HEX);
        cache.save();
        assert_eq!(kept(folder.path(), &stamp(3)), None);
        assert_eq!(kept(folder.path(), &touched), None, "a time that a program set does not help");
    }

    #[test]
    fn a_damaged_cache_is_ignored_and_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let cache = StatCache::open(folder.path(), at(200));
        cache.learned(&stamp(3), Sum::Sha256, HEX);
        cache.save();
        let path = folder.path().join(NAME);
        let sound = fs::read(&path).unwrap();
        for at in 0..sound.len() {
            let mut damaged = sound.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert_eq!(kept(folder.path(), &stamp(3)), None, "byte {at}");
        }
        fs::write(&path, &sound[..sound.len() - 1]).unwrap();
        assert_eq!(kept(folder.path(), &stamp(3)), None);
        let cache = StatCache::open(folder.path(), at(200));
        cache.learned(&stamp(3), Sum::Sha256, HEX);
        cache.save();
        assert_eq!(kept(folder.path(), &stamp(3)).as_deref(), Some(HEX));
    }

    #[test]
    fn a_folder_that_cannot_be_written_costs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "x").unwrap();
        let cache = StatCache::open(&folder.path().join("file/below"), at(200));
        cache.learned(&stamp(3), Sum::Sha256, HEX);
        cache.save();
        assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"x");
    }
}
