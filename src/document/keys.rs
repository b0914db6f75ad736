//! The keys that the rows of one block have, and which one is likely to come next.
//!
//! Rows that one program wrote have the same keys in the same order, so comparing with the key that
//! followed last time replaces reading, decoding and looking up. It is a guess that is always checked:
//! any order and any set of keys is read, only slower. Also finds a key that stands twice in a row.

use std::collections::HashMap;

use super::token::Fault;

/// The keys met in one block.
#[derive(Default)]
pub(crate) struct Keys {
    known: Vec<Key>,
    numbers: HashMap<String, usize>,
    /// The key that came last, and the one that is expected next, as indexes into `known`.
    last: Option<usize>,
    next: Option<usize>,
    /// The key that the first row started with.
    first: Option<usize>,
    row: u64,
}

struct Key {
    name: String,
    /// The key as it was written last, from its opening quote to the first byte of the value.
    written: Box<[u8]>,
    slot: Option<u32>,
    /// What followed it last time.
    follower: Option<usize>,
    /// The row that it was last seen in.
    row: u64,
}

/// Whether two texts of one length are the same; most keys are short, and a call costs more than two words.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    match one.len() {
        4..8 => one.first_chunk::<4>() == other.first_chunk() && one.last_chunk::<4>() == other.last_chunk(),
        8..=16 => {
            one.first_chunk::<8>() == other.first_chunk() && one.last_chunk::<8>() == other.last_chunk()
        }
        _ => one == other,
    }
}

impl Keys {
    /// A new row begins.
    pub(super) fn next_row(&mut self) {
        self.row += 1;
        self.last = None;
        self.next = self.first;
    }

    /// The length of the expected key, where `rest` starts with it; [`Keys::seen`] then tells its slot.
    #[inline]
    pub(super) fn predicted(&self, rest: &[u8]) -> Option<usize> {
        let written = &*self.known.get(self.next?)?.written;
        let own = rest.get(..written.len())?;
        is_same(own, written).then_some(written.len())
    }

    /// Another key than the expected one stands here: makes it the expected one.
    pub(super) fn met(&mut self, name: &str, written: &str, slot: impl FnOnce(&str) -> Option<u32>) {
        let number = if let Some(number) = self.numbers.get(name) {
            *number
        } else {
            let number = self.known.len();
            self.numbers.insert(name.to_owned(), number);
            self.known.push(Key {
                name: name.to_owned(),
                written: Box::default(),
                slot: slot(name),
                follower: None,
                row: 0,
            });
            number
        };
        if let Some(key) = self.known.get_mut(number)
            && *key.written != *written.as_bytes()
        {
            key.written = written.as_bytes().into();
        }
        match self.last.and_then(|last| self.known.get_mut(last)) {
            Some(last) => last.follower = Some(number),
            None => self.first = Some(number),
        }
        self.next = Some(number);
    }

    /// The expected key was read: its slot, or that it stands twice.
    #[inline]
    pub(super) fn seen(&mut self) -> Result<Option<u32>, Fault> {
        let row = self.row;
        let Some(key) = self.next.and_then(|next| self.known.get_mut(next)) else { return Ok(None) };
        if key.row == row {
            return Err(Fault::repeated(&key.name));
        }
        key.row = row;
        self.last = self.next;
        self.next = key.follower;
        Ok(key.slot)
    }

    /// The key that was read last.
    pub(super) fn name(&self) -> &str {
        self.last.and_then(|last| self.known.get(last)).map_or("", |key| key.name.as_str())
    }
}
