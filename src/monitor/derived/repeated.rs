//! Whether a text repeats a stretch of others, in time that is proportional to the text.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

/// Bytes of the stretches by which a repetition is first noticed.
const SEED: usize = 10;

/// Keys are mixed already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = mixed(bytes);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

pub(super) type MixedSet = HashSet<u64, BuildHasherDefault<Mixed>>;
type MixedMap = HashMap<u64, usize, BuildHasherDefault<Mixed>>;

/// A number for some bytes, by multiplication with the golden ratio.
pub(super) fn mixed(bytes: &[u8]) -> u64 {
    let add = |sum: u64, word: u64| (sum.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(bytes.len() as u64, |sum, word| add(sum, u64::from_le_bytes(*word)));
    let sum = rest.iter().fold(sum, |sum, byte| add(sum, u64::from(*byte)));
    sum ^ (sum >> 29)
}

/// Stretches of texts, by their length.
#[derive(Debug, Clone, Default)]
pub(super) struct Stretches {
    text: Vec<u8>,
    seeds: MixedSet,
    /// Of every length where in `text` its stretches begin.
    by_length: BTreeMap<usize, MixedMap>,
}

impl Stretches {
    /// Adds a text and those stretches of it that count, as places in it: each of at least 19 bytes, so that every place of a
    /// repetition that is a multiple of ten has a seed.
    pub(super) fn add(&mut self, text: &[u8], stretches: impl Iterator<Item = Range<usize>>) {
        let base = self.text.len();
        self.text.extend_from_slice(text);
        for stretch in stretches {
            let Some(bytes) = text.get(stretch.clone()).filter(|bytes| bytes.len() >= 2 * SEED - 1) else {
                continue;
            };
            self.seeds.extend(bytes.windows(SEED).map(mixed));
            self.by_length
                .entry(bytes.len())
                .or_default()
                .entry(mixed(bytes))
                .or_insert(base + stretch.start);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_length.is_empty()
    }

    /// Whether one of them is in `text`.
    pub(super) fn any_in(&self, text: &[u8]) -> bool {
        self.found(text).next().is_some()
    }

    /// Where they are in `text`; each place is looked at once for every length.
    pub(super) fn found<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        // Of the seeds at multiples of ten, so many in a row are in every stretch, the first of them at most nine bytes on.
        let shortest = self.by_length.first_key_value().map_or(SEED, |(length, _)| *length);
        let needed = 1 + (shortest + 1).saturating_sub(2 * SEED) / SEED;
        let is_seed = |seed: &&[u8]| self.seeds.contains(&mixed(seed));
        let mut in_a_row = 0;
        let firsts = text.chunks_exact(SEED).enumerate().filter_map(move |(i, seed)| {
            in_a_row = if is_seed(&seed) { in_a_row + 1 } else { 0 };
            (in_a_row >= needed).then(|| (i + 1 - needed) * SEED)
        });
        let starts = firsts.flat_map(|first| first.saturating_sub(SEED - 1)..=first);
        let places = starts.flat_map(|start| {
            self.by_length.iter().map(move |(length, known)| (start..start + length, known))
        });
        places.filter_map(|(range, known)| {
            let bytes = text.get(range.clone())?;
            let place = *known.get(&mixed(bytes))?;
            (self.text.get(place..place + bytes.len())? == bytes).then_some(range)
        })
    }
}
