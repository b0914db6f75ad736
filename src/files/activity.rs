//! What this process reads at the moment, for a person who waits for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What is being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    /// Artifacts.
    Hashing {
        /// Bytes that were read or remembered.
        done: u64,
        /// Bytes that were announced.
        total: u64,
    },
    /// A results file.
    Reading {
        /// As messages name it.
        name: String,
        /// How far it was read, in bytes.
        at: u64,
        /// Its length.
        length: u64,
    },
}

/// What was read last, and how much in all.
struct Read {
    last: Option<Activity>,
    bytes: u64,
}

static READ: Mutex<Read> = Mutex::new(Read { last: None, bytes: 0 });
static HASHED: AtomicU64 = AtomicU64::new(0);
static ANNOUNCED: AtomicU64 = AtomicU64::new(0);

/// What was read last, and the bytes that were read until now: where they stay the same, nothing is being read.
#[must_use]
pub fn activity() -> (Option<Activity>, u64) {
    let hashed = (HASHED.load(Ordering::Relaxed), ANNOUNCED.load(Ordering::Relaxed));
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let last = match hashed {
        (done, total) if done < total => Some(Activity::Hashing { done, total }),
        _ => read.last.clone(),
    };
    (last, read.bytes + hashed.0)
}

/// So many bytes are to be hashed.
pub(super) fn announced(bytes: u64) {
    ANNOUNCED.fetch_add(bytes, Ordering::Relaxed);
}

/// So many bytes were hashed, or were known.
pub(super) fn hashed(bytes: u64) {
    HASHED.fetch_add(bytes, Ordering::Relaxed);
}

/// No more of what was announced comes.
pub(super) fn hashing_ended() {
    ANNOUNCED.store(HASHED.load(Ordering::Relaxed), Ordering::Relaxed);
}

/// `count` bytes of a results file were read, up to `at`.
pub(super) fn read(file: &str, count: u64, at: u64, of: u64) {
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.bytes += count;
    match &mut read.last {
        Some(Activity::Reading { name, at: last, length }) if name == file => (*last, *length) = (at, of),
        last => *last = Some(Activity::Reading { name: file.to_owned(), at, length: of }),
    }
}
