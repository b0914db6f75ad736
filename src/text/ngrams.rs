//! How many n-grams of one text stand in another, for all orders at once.
//!
//! Every place of every text becomes one key: the numbers of the next few words, the first in the highest bits. Sorted, equal
//! n-grams of every order stand side by side, so one pass counts them all, every order in a lane of its own and without a
//! branch: which orders a key ends is as good as random.

/// The highest order that is counted.
pub(super) const MOST: usize = 6;

/// As many as fill registers.
const LANES: usize = 8;

/// Per order, how many n-grams of the first text stand in the others, each counted at most as often as it stands in the one
/// that has it most often. `distinct` is the highest number of a word; numbers start at 1. None where the keys
/// do not fit: of more than four million words.
pub(super) fn clipped(order: usize, distinct: u32, texts: &[&[u32]]) -> Option<[u64; MOST]> {
    let bits = 32 - distinct.leading_zeros();
    let source_bits = usize::BITS - texts.len().leading_zeros();
    let needed = bits * order as u32 + source_bits;
    let layout = Layout { order: order.min(MOST), bits, source_bits };
    match needed {
        0..=64 => Some(layout.count::<u64>(texts)),
        65..=128 => Some(layout.count::<u128>(texts)),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Layout {
    order: usize,
    /// Of one word.
    bits: u32,
    /// Of the text that it is of.
    source_bits: u32,
}

/// An integer that holds an n-gram and the text that it is of.
trait Key: Copy + Ord {
    /// The word `number` before the words of `later`, which has none of a source.
    fn before(later: Self, number: u32, layout: Layout) -> Self;
    fn of(self, source: usize, layout: Layout) -> Self;
    fn source(self, layout: Layout) -> usize;
    /// The highest bit in which the words of two keys differ.
    fn differs_at(self, other: Self, layout: Layout) -> Option<u32>;
    /// The lowest bit that is set, the words' lowest being 0.
    fn lowest_bit(self, layout: Layout) -> u32;
    const NONE: Self;
}

macro_rules! key {
    ($integer:ty) => {
        impl Key for $integer {
            fn before(later: Self, number: u32, layout: Layout) -> Self {
                (later >> layout.bits)
                    | (<$integer>::from(number) << (layout.bits * (layout.order as u32 - 1)))
            }

            fn of(self, source: usize, layout: Layout) -> Self {
                (self << layout.source_bits) | source as $integer
            }

            fn source(self, layout: Layout) -> usize {
                (self & ((1 << layout.source_bits) - 1)) as usize
            }

            fn differs_at(self, other: Self, layout: Layout) -> Option<u32> {
                ((self ^ other) >> layout.source_bits).checked_ilog2()
            }

            fn lowest_bit(self, layout: Layout) -> u32 {
                (self >> layout.source_bits).trailing_zeros()
            }

            const NONE: Self = 0;
        }
    };
}

key!(u64);
key!(u128);

impl Layout {
    fn count<K: Key>(self, texts: &[&[u32]]) -> [u64; MOST] {
        let mut keys: Vec<K> = Vec::with_capacity(texts.iter().map(|text| text.len()).sum());
        for (source, text) in texts.iter().enumerate() {
            let mut key = K::NONE;
            for number in text.iter().rev() {
                key = K::before(key, *number, self);
                keys.push(key.of(source, self));
            }
        }
        keys.sort_unstable();
        match texts.len() {
            0..=2 => self.runs::<K, 2>(&keys),
            3..=8 => self.runs::<K, 8>(&keys),
            _ => self.many(&keys, texts.len()),
        }
    }

    /// How many words each place of the highest differing bit leaves equal.
    fn equal_words(self) -> [u8; 128] {
        let mut table = [0; 128];
        for (equal, bit) in table.iter_mut().zip(0_u32..) {
            *equal = self.order.saturating_sub(1 + (bit / self.bits.max(1)) as usize) as u8;
        }
        table
    }

    /// How many words there are at each place of the lowest bit: those that a text ends before are 0.
    fn held_words(self) -> [u8; 129] {
        let mut table = [0; 129];
        for (held, bit) in table.iter_mut().zip(0_u32..) {
            *held = self.order.saturating_sub((bit / self.bits.max(1)) as usize) as u8;
        }
        table
    }

    fn runs<K: Key, const TEXTS: usize>(self, keys: &[K]) -> [u64; MOST] {
        const ORDERS: [u8; LANES] = [1, 2, 3, 4, 5, 6, 7, 8];
        let (equal_words, held_words) = (self.equal_words(), self.held_words());
        let look = |table: &[u8], bit: u32| table.get(bit as usize).copied().unwrap_or(0);
        let mut found = [0_u32; LANES];
        // The n-grams of the run that is open, a lane an order.
        let mut open = [[0_u32; LANES]; TEXTS];
        let mut before = K::NONE;
        // The last key differs from all in its first word, and so ends every run.
        for key in keys.iter().copied().chain([K::NONE]) {
            let equal = key.differs_at(before, self).map_or(u8::MAX, |bit| look(&equal_words, bit));
            let (held, source) = (look(&held_words, key.lowest_bit(self)), key.source(self));
            let stays: [u32; LANES] = ORDERS.map(|order| if order <= equal { u32::MAX } else { 0 });
            let more: [u32; LANES] = ORDERS.map(|order| u32::from(order <= held));
            let (own, others) = open.split_first().unwrap_or((&[0; LANES], &[]));
            let mut most = [0; LANES];
            for other in others {
                most.iter_mut().zip(other).for_each(|(most, count)| *most = (*most).max(*count));
            }
            for (((found, own), most), stays) in found.iter_mut().zip(own).zip(most).zip(stays) {
                *found += (*own).min(most) & !stays;
            }
            for (text, counts) in open.iter_mut().enumerate() {
                let here = if text == source { u32::MAX } else { 0 };
                for ((count, stays), more) in counts.iter_mut().zip(stays).zip(more) {
                    *count = (*count & stays) + (more & here);
                }
            }
            before = key;
        }
        std::array::from_fn(|order| found.get(order).copied().map_or(0, u64::from))
    }

    /// The same for any number of texts, run by run.
    fn many<K: Key>(self, keys: &[K], texts: usize) -> [u64; MOST] {
        let mut found = [0_u64; MOST];
        let held_words = self.held_words();
        let held =
            |key: &K| held_words.get(key.lowest_bit(self) as usize).map_or(0, |held| usize::from(*held));
        for (order, found) in (1..=self.order).zip(&mut found) {
            let equal = |a: &K, b: &K| {
                b.differs_at(*a, self).is_none_or(|bit| self.order - 1 - (bit / self.bits) as usize >= order)
            };
            for run in keys.chunk_by(equal) {
                let mut counts = vec![0_u32; texts];
                for key in run.iter().filter(|key| held(key) >= order) {
                    if let Some(count) = counts.get_mut(key.source(self)) {
                        *count += 1;
                    }
                }
                let (own, others) = counts.split_first().unwrap_or((&0, &[]));
                *found += u64::from((*own).min(others.iter().copied().max().unwrap_or(0)));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn counts(text: &[u32], order: usize) -> HashMap<&[u32], u64> {
        let mut counts = HashMap::new();
        for gram in text.windows(order) {
            *counts.entry(gram).or_default() += 1;
        }
        counts
    }

    #[test]
    fn as_counted_one_by_one() {
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for round in 0..600 {
            let words = 1 + next(if round % 2 == 0 { 3 } else { 40 });
            let texts: Vec<Vec<u32>> =
                (0..2 + next(11)).map(|_| (0..next(30)).map(|_| 1 + next(words) as u32).collect()).collect();
            let slices: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
            // Few bits a word, and so many that a key takes 128.
            for distinct in [words as u32, 1 << 18] {
                let found = clipped(MOST, distinct, &slices).unwrap();
                for order in 1..=MOST {
                    let own = counts(slices[0], order);
                    let others: Vec<_> = slices[1..].iter().map(|text| counts(text, order)).collect();
                    let most = |gram: &&[u32]| others.iter().filter_map(|one| one.get(gram)).max().copied();
                    let want: u64 = own.iter().map(|(gram, n)| (*n).min(most(gram).unwrap_or(0))).sum();
                    assert_eq!(found[order - 1], want, "{order} {texts:?}");
                }
            }
        }
        assert_eq!(clipped(6, u32::MAX, &[&[1], &[1]]), None);
    }
}
