//! Longest common subsequences, sixty-four words of one text at a time.
//!
//! Source: Hyyrö, *Bit-parallel LCS-length computation revisited* (2004): a row of the table as bits, unset where it grows.

/// Where each word of a text stands, as bits.
pub(super) struct Places {
    /// The blocks of each word, by its number.
    blocks: Vec<u64>,
    width: usize,
    words: usize,
}

impl Places {
    /// Of a text whose words have numbers up to `distinct`.
    pub(super) fn of(text: &[u32], distinct: u32) -> Self {
        let width = text.len().div_ceil(64).max(1);
        let mut blocks = vec![0_u64; width * (distinct as usize + 1)];
        for (place, word) in text.iter().enumerate() {
            if let Some(block) = blocks.get_mut(*word as usize * width + place / 64) {
                *block |= 1 << (place % 64);
            }
        }
        Self { blocks, width, words: text.len() }
    }

    /// The row after one more word of the other text.
    fn step(&self, row: &mut [u64], word: u32) {
        let places = self.blocks.get(word as usize * self.width..).unwrap_or_default();
        let mut carry = false;
        for (bits, places) in row.iter_mut().zip(places) {
            let met = *bits & places;
            let (sum, first) = bits.overflowing_add(met);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            carry = first || second;
            *bits = sum | (*bits & !met);
        }
    }

    fn start(&self) -> Vec<u64> {
        vec![u64::MAX; self.width]
    }

    /// How many of the first places of a row are where it grows.
    fn grown(row: &[u64], places: usize) -> usize {
        let whole = row.iter().take(places / 64).map(|bits| bits.count_zeros()).sum::<u32>();
        let rest =
            row.get(places / 64).map_or(0, |bits| (!bits & ((1_u64 << (places % 64)) - 1)).count_ones());
        (whole + rest) as usize
    }

    /// The length of a longest subsequence that the text shares with another.
    pub(super) fn longest(&self, other: &[u32]) -> usize {
        let mut row = self.start();
        for word in other {
            self.step(&mut row, *word);
        }
        Self::grown(&row, self.words)
    }

    /// The places in `other` of one such subsequence, in falling order: of several the one that rouge-score reads out, which
    /// goes back along this text only where the table is larger there.
    pub(super) fn shared(&self, own: &[u32], other: &[u32]) -> Vec<usize> {
        let mut rows = vec![self.start()];
        let mut row = self.start();
        for word in other {
            self.step(&mut row, *word);
            rows.push(row.clone());
        }
        let grows = |i: usize, j: usize| {
            rows.get(i)
                .and_then(|row| row.get((j - 1) / 64))
                .is_some_and(|bits| bits >> ((j - 1) % 64) & 1 == 0)
        };
        let value = |i: usize, j: usize| rows.get(i).map_or(0, |row| Self::grown(row, j));
        let (mut i, mut j, mut found) = (other.len(), own.len(), Vec::new());
        let mut here = value(i, j);
        while let (Some(above), Some(left)) = (i.checked_sub(1), j.checked_sub(1)) {
            if other.get(above) == own.get(left) {
                found.push(above);
                (i, j) = (above, left);
                here = value(i, j);
                continue;
            }
            let before = if grows(i, j) { here - 1 } else { here };
            let up = value(above, j);
            if before > up {
                (j, here) = (left, before);
            } else {
                (i, here) = (above, up);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table and the way back as rouge-score has them.
    fn plainly(reference: &[u32], answer: &[u32]) -> Vec<usize> {
        let mut t = vec![vec![0; answer.len() + 1]; reference.len() + 1];
        for i in 1..=reference.len() {
            for j in 1..=answer.len() {
                t[i][j] = if reference[i - 1] == answer[j - 1] {
                    t[i - 1][j - 1] + 1
                } else {
                    t[i - 1][j].max(t[i][j - 1])
                };
            }
        }
        let (mut i, mut j, mut found) = (reference.len(), answer.len(), Vec::new());
        while i > 0 && j > 0 {
            if reference[i - 1] == answer[j - 1] {
                found.push(i - 1);
                (i, j) = (i - 1, j - 1);
            } else if t[i][j - 1] > t[i - 1][j] {
                j -= 1;
            } else {
                i -= 1;
            }
        }
        found
    }

    #[test]
    fn as_by_the_table() {
        let mut state = 11_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..400 {
            let words = 1 + next(9);
            let mut text = || -> Vec<u32> { (0..next(150)).map(|_| 1 + next(words) as u32).collect() };
            let (answer, reference) = (text(), text());
            let places = Places::of(&answer, words as u32);
            let want = plainly(&reference, &answer);
            assert_eq!(places.shared(&answer, &reference), want, "{answer:?} {reference:?}");
            assert_eq!(places.longest(&reference), want.len());
        }
    }
}
