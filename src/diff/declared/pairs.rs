//! Which gate of one manifest is which of the other: by id, or under another id with the same meaning.

use std::collections::BTreeMap;

use crate::manifest::GateSpec;
use crate::manifest::extends::{no_easier, subject};

/// The gates of two manifests, matched.
pub(super) struct Pairs<'a> {
    /// Those that both have, as before and as after, in the order of the manifest after.
    pub(super) both: Vec<(&'a GateSpec, &'a GateSpec)>,
    /// Those that only the manifest before has.
    pub(super) gone: Vec<&'a GateSpec>,
    /// Those that only the manifest after has.
    pub(super) new: Vec<&'a GateSpec>,
}

impl<'a> Pairs<'a> {
    /// Matches the gates; a renamed one is the first that is left with the same meaning.
    pub(super) fn of(before: &'a [GateSpec], after: &'a [GateSpec]) -> Self {
        let mut by_id: BTreeMap<&str, &GateSpec> =
            before.iter().map(|gate| (gate.id.value.as_str(), gate)).collect();
        let mut pairs = Self { both: Vec::new(), gone: Vec::new(), new: Vec::new() };
        let mut unmatched = Vec::new();
        for new in after {
            match by_id.remove(new.id.value.as_str()) {
                Some(old) => pairs.both.push((old, new)),
                None => unmatched.push(new),
            }
        }
        let mut by_subject: BTreeMap<Subject<'_>, Vec<&GateSpec>> = BTreeMap::new();
        for old in before.iter().filter(|old| by_id.contains_key(old.id.value.as_str())) {
            by_subject.entry(subject_of(old)).or_default().push(old);
        }
        for new in unmatched {
            let left = by_subject.get_mut(&subject_of(new));
            match left.and_then(|left| take(left, |old| asks_as_much(old, new))) {
                Some(old) => pairs.both.push((old, new)),
                None => pairs.new.push(new),
            }
        }
        pairs.gone = by_subject.into_values().flatten().collect();
        pairs
    }

    /// The gates by the id that they have after.
    pub(super) fn by_id_after(&self) -> BTreeMap<&'a str, (&'a GateSpec, &'a GateSpec)> {
        self.both.iter().map(|(old, new)| (new.id.value.as_str(), (*old, *new))).collect()
    }

    /// The id after of each gate that has another one now, by the id before.
    pub(super) fn renamed(&self) -> BTreeMap<&'a str, &'a str> {
        let ids = self.both.iter().map(|(old, new)| (old.id.value.as_str(), new.id.value.as_str()));
        ids.filter(|(old, new)| old != new).collect()
    }
}

/// What a gate is about: the words of its rule, and the exact name of its metric.
type Subject<'a> = (String, Option<&'a str>);

fn subject_of(gate: &GateSpec) -> Subject<'_> {
    (subject(&gate.rule), gate.metric.as_ref().map(|name| name.value.as_str()))
}

/// Removes the first gate that fits.
fn take<'a>(from: &mut Vec<&'a GateSpec>, fits: impl Fn(&GateSpec) -> bool) -> Option<&'a GateSpec> {
    let place = from.iter().position(|gate| fits(gate))?;
    Some(from.remove(place))
}

/// Whether two gates of one subject compare with the same threshold; how strictly they are judged may differ.
fn asks_as_much(old: &GateSpec, new: &GateSpec) -> bool {
    no_easier(&old.rule, &new.rule) == Some(true) && no_easier(&new.rule, &old.rule) == Some(true)
}
