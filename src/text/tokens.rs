//! Words as small numbers, so that they are compared and sorted without their letters.

/// Numbers distinct words from 1 on, in the order in which they are met.
pub(super) struct Numbering {
    /// The number of the word that a hash leads to; 0 where there is none.
    slots: Vec<u32>,
    words: Vec<Word>,
    letters: Vec<u8>,
}

struct Word {
    hash: u64,
    start: usize,
    end: usize,
}

/// Slots at the start; a power of two.
const SLOTS: usize = 256;

impl Numbering {
    pub(super) fn new() -> Self {
        Self { slots: vec![0; SLOTS], words: Vec::with_capacity(64), letters: Vec::with_capacity(512) }
    }

    /// How many words it knows.
    pub(super) fn distinct(&self) -> u32 {
        self.words.len() as u32
    }

    /// The number of a word.
    pub(super) fn number(&mut self, word: &[u8]) -> u32 {
        let hash = hash(word);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.slots.get(at).copied() {
                None | Some(0) => break,
                Some(number) => {
                    if self.is(number, hash, word) {
                        return number;
                    }
                }
            }
            at = (at + 1) & mask;
        }
        let start = self.letters.len();
        self.letters.extend_from_slice(word);
        self.words.push(Word { hash, start, end: self.letters.len() });
        let number = self.words.len() as u32;
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = number;
        }
        if self.words.len() * 2 > self.slots.len() {
            self.grow();
        }
        number
    }

    fn is(&self, number: u32, hash: u64, word: &[u8]) -> bool {
        self.words
            .get(number as usize - 1)
            .is_some_and(|known| known.hash == hash && self.letters.get(known.start..known.end) == Some(word))
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![0; mask + 1];
        for (word, number) in self.words.iter().zip(1..) {
            let mut at = word.hash as usize & mask;
            while self.slots.get(at).is_some_and(|slot| *slot != 0) {
                at = (at + 1) & mask;
            }
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = number;
            }
        }
    }
}

/// Eight letters at a time; it only has to spread, since words of one hash are told apart by their letters.
fn hash(word: &[u8]) -> u64 {
    let (eights, rest) = word.as_chunks::<8>();
    let mut last = [0_u8; 8];
    for (place, letter) in last.iter_mut().zip(rest) {
        *place = *letter;
    }
    let step = |hash: u64, chunk: [u8; 8]| {
        let product = u128::from(hash ^ u64::from_le_bytes(chunk)) * 0x9e37_79b9_7f4a_7c15;
        (product as u64) ^ (product >> 64) as u64
    };
    let start = 0x2545_f491_4f6c_dd1d ^ word.len() as u64;
    let mixed = eights.iter().fold(start, |hash, chunk| step(hash, *chunk));
    step(mixed, last)
}
