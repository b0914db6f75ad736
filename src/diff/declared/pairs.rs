//! Which gate of one manifest is which of the other: by id, or under another id with the same meaning.

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
        let mut gone: Vec<&GateSpec> = before.iter().collect();
        let mut pairs = Self { both: Vec::new(), gone: Vec::new(), new: Vec::new() };
        let mut unmatched = Vec::new();
        for new in after {
            match take(&mut gone, |old| old.id.value == new.id.value) {
                Some(old) => pairs.both.push((old, new)),
                None => unmatched.push(new),
            }
        }
        for new in unmatched {
            match take(&mut gone, |old| means_the_same(old, new)) {
                Some(old) => pairs.both.push((old, new)),
                None => pairs.new.push(new),
            }
        }
        pairs.gone = gone;
        pairs
    }

    /// The id that a gate of the manifest before has after; its own where it is gone.
    pub(super) fn id_after<'b>(&'b self, id: &'b str) -> &'b str {
        let renamed = self.both.iter().find(|(old, _)| old.id.value == id);
        renamed.map_or(id, |(_, new)| new.id.value.as_str())
    }
}

/// Removes the first element that fits.
fn take<'a>(from: &mut Vec<&'a GateSpec>, fits: impl Fn(&GateSpec) -> bool) -> Option<&'a GateSpec> {
    let place = from.iter().position(|gate| fits(gate))?;
    Some(from.remove(place))
}

/// Whether two gates ask the same question; how strictly it is judged may differ.
fn means_the_same(old: &GateSpec, new: &GateSpec) -> bool {
    let metric = |gate: &GateSpec| gate.metric.as_ref().map(|name| name.value.clone());
    subject(&old.rule) == subject(&new.rule)
        && metric(old) == metric(new)
        && no_easier(&old.rule, &new.rule) == Some(true)
        && no_easier(&new.rule, &old.rule) == Some(true)
}
