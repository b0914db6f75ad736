//! Which interactions and units were seen, and what of them was counted.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::stats::sequential::Arm;

/// Most signals that can be watched at once: a bit each.
pub(super) const MOST_SIGNALS: usize = 32;

/// Keys are hashes already.
#[derive(Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

type ByHash<T> = HashMap<u64, T, BuildHasherDefault<AsIs>>;

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

/// All of them.
#[derive(Default)]
pub(super) struct Population {
    interactions: ByHash<Interaction>,
    places: ByHash<u32>,
    units: Vec<Unit>,
}

impl Population {
    pub(super) fn interaction(&mut self, id: u64) -> Option<&mut Interaction> {
        self.interactions.get_mut(&id)
    }

    pub(super) fn insert(&mut self, id: u64, interaction: Interaction) {
        self.interactions.insert(id, interaction);
    }

    /// The place of a unit, and whether it is new.
    pub(super) fn place(&mut self, unit: u64, day: u16) -> (u32, bool) {
        let next = self.units.len() as u32;
        let place = *self.places.entry(unit).or_insert(next);
        let new = place == next;
        if new {
            let unit = Unit { counted: 0, on_day: 0, first_day: day, last_day: day, step: u8::MAX, arms: 0 };
            self.units.push(unit);
        }
        (place, new)
    }

    pub(super) fn unit(&mut self, place: u32) -> Option<&mut Unit> {
        self.units.get_mut(place as usize)
    }

    /// How many units each arm served, and how many both did.
    pub(super) fn by_arm(&self) -> (u64, u64, u64) {
        let many = |arms: u8| self.units.iter().filter(|unit| unit.arms & arms == arms).count() as u64;
        (many(1), many(2), many(3))
    }
}
