//! Which interactions and units were seen, and what of them was counted.

use std::collections::HashMap;

use hashbrown::HashTable;

use crate::stats::sequential::Arm;

/// Most signals that can be watched at once: a bit each.
pub(super) const MOST_SIGNALS: usize = 32;

/// One interaction: all rows of one id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interaction {
    pub(super) unit: u32,
    /// Signals that have its value, or its event, a bit each.
    pub(super) told: u32,
    /// Its place in the order of records.
    pub(super) sequence: u32,
    pub(super) day: u16,
    pub(super) step: u8,
    pub(super) served: Served,
}

/// Who served a record, and at which hour of the day: in one byte, as every record of a log has one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Served(u8);

impl Served {
    pub(super) fn new(arm: Arm, hour: u8) -> Self {
        Self(2 * hour + u8::from(arm == Arm::Candidate))
    }

    pub(super) fn arm(self) -> Arm {
        if self.0 % 2 == 1 { Arm::Candidate } else { Arm::Stable }
    }

    pub(super) fn hour(self) -> u8 {
        self.0 / 2
    }
}

/// One unit: what is routed together, such as a user.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// Signals that have counted it, whichever arm or step, a bit each.
    pub(super) counted: u32,
    /// Signals that have counted it on its last day.
    pub(super) on_day: u32,
    pub(super) first_day: u16,
    pub(super) last_day: u16,
    /// The last step that it was seen in; 255 before the first.
    pub(super) step: u8,
    /// The arms that served it: 1 the candidate, 2 the stable release.
    pub(super) arms: u8,
}

/// Rows of a table in blocks, so that it grows without being copied.
struct Blocks<T>(Vec<Vec<T>>);

/// Rows of a block.
const BLOCK: usize = 1 << 14;

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Blocks<T> {
    fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * BLOCK + last.len())
    }

    fn push(&mut self, row: T) {
        match self.0.last_mut().filter(|last| last.len() < BLOCK) {
            Some(last) => last.push(row),
            None => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(row);
                self.0.push(block);
            }
        }
    }

    fn get(&self, place: u32) -> Option<&T> {
        self.0.get(place as usize / BLOCK)?.get(place as usize % BLOCK)
    }

    fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        self.0.get_mut(place as usize / BLOCK)?.get_mut(place as usize % BLOCK)
    }
}

/// Rows found by a key that is a hash already.
struct Keyed<T> {
    places: HashTable<u32>,
    rows: Blocks<(u64, T)>,
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self { places: HashTable::new(), rows: Blocks::default() }
    }
}

impl<T> Keyed<T> {
    fn place(&self, key: u64) -> Option<u32> {
        let is = |place: &u32| self.rows.get(*place).is_some_and(|(own, _)| *own == key);
        self.places.find(key, is).copied()
    }

    /// Adds a row whose key is new; its place.
    fn add(&mut self, key: u64, row: T) -> u32 {
        let place = self.rows.len() as u32;
        self.rows.push((key, row));
        let rows = &self.rows;
        self.places.insert_unique(key, place, |place| rows.get(*place).map_or(0, |(own, _)| *own));
        place
    }

    fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        self.rows.get_mut(place).map(|(_, row)| row)
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct Population {
    interactions: Keyed<Interaction>,
    units: Keyed<Unit>,
    /// Of interactions that lack values, the signals that wait for one, a bit each.
    lacking: HashMap<u64, u32>,
    /// How many units there were, where none is known any more.
    recalled: Option<(u64, u64, u64)>,
}

impl Population {
    pub(super) fn interaction(&mut self, id: u64) -> Option<&mut Interaction> {
        let place = self.interactions.place(id)?;
        self.interactions.get_mut(place)
    }

    /// Adds an interaction whose id is new.
    pub(super) fn insert(&mut self, id: u64, interaction: Interaction) {
        self.interactions.add(id, interaction);
    }

    /// Notes that an interaction lacks the values of these signals, a bit each.
    pub(super) fn lacks(&mut self, id: u64, signals: u32) {
        if signals != 0 {
            self.lacking.insert(id, signals);
        }
    }

    /// What was noted of an interaction's lacks, which is forgotten.
    pub(super) fn take_lacking(&mut self, id: u64) -> u32 {
        self.lacking.remove(&id).unwrap_or(0)
    }

    /// The place of a unit, and whether it is new.
    pub(super) fn place(&mut self, unit: u64, day: u16) -> (u32, bool) {
        if let Some(place) = self.units.place(unit) {
            return (place, false);
        }
        let row = Unit { counted: 0, on_day: 0, first_day: day, last_day: day, step: u8::MAX, arms: 0 };
        (self.units.add(unit, row), true)
    }

    pub(super) fn unit(&mut self, place: u32) -> Option<&mut Unit> {
        self.units.get_mut(place)
    }

    /// One of which only the numbers of [`Self::by_arm`] are known.
    pub(super) fn recalled(by_arm: (u64, u64, u64)) -> Self {
        Self { recalled: Some(by_arm), ..Self::default() }
    }

    /// How many units each arm served, and how many both did.
    pub(super) fn by_arm(&self) -> (u64, u64, u64) {
        if let Some(known) = self.recalled {
            return known;
        }
        let all = || self.units.rows.0.iter().flatten();
        let many = |arms: u8| all().filter(|(_, unit)| unit.arms & arms == arms).count() as u64;
        (many(1), many(2), many(3))
    }
}
