//! What a history shows that no single report does.

use super::gate::{GateHistory, Point};
use super::judged::JudgedRelease;

/// A drift is told from so many versions in a row on.
const LEAST_STEPS: usize = 3;

/// The sentences, gate by gate.
pub(super) fn of(releases: &[JudgedRelease], gates: &[GateHistory]) -> Vec<String> {
    let mut told = Vec::new();
    for gate in gates {
        told.extend(gate.points.windows(2).filter_map(|pair| match pair {
            [before, after] => asked_anew(releases, gate, before, after),
            _ => None,
        }));
        told.extend(worse_each_time(releases, gate));
        told.extend(gone(releases, gate, gates));
    }
    told
}

fn version(releases: &[JudgedRelease], point: &Point) -> String {
    releases.get(point.release).map_or_else(String::new, |release| release.version.to_string())
}

/// The rule changed from one version to the next.
fn asked_anew(
    releases: &[JudgedRelease],
    gate: &GateHistory,
    before: &Point,
    after: &Point,
) -> Option<String> {
    (before.rule != after.rule).then(|| {
        format!(
            "the rule of `{}` is `{}` since {}, before it was `{}`",
            gate.id,
            after.rule,
            version(releases, after),
            before.rule
        )
    })
}

/// Each version was worse than the one before, however little: what no gate on a single step sees.
fn worse_each_time(releases: &[JudgedRelease], gate: &GateHistory) -> Option<String> {
    let low_is_good = gate.newest()?.wants_low()?;
    let worse = |pair: &[Point]| match pair {
        [Point { value: Some(before), .. }, Point { value: Some(after), .. }] => {
            if low_is_good {
                after > before
            } else {
                after < before
            }
        }
        _ => false,
    };
    let steps = gate.points.windows(2).rev().take_while(|pair| worse(pair)).count();
    let first = gate.points.get(gate.points.len().checked_sub(steps + 1)?)?;
    let last = gate.newest()?;
    (steps >= LEAST_STEPS).then(|| {
        format!(
            "`{}` got worse in each of the last {steps} versions: {} in {}, {} in {}",
            gate.id,
            first.told,
            version(releases, first),
            last.told,
            version(releases, last)
        )
    })
}

/// A gate that stood once and stands no more, or is about something else since.
fn gone(releases: &[JudgedRelease], gate: &GateHistory, gates: &[GateHistory]) -> Option<String> {
    let last = gate.newest()?;
    let since = gates.iter().filter(|other| other.id == gate.id).flat_map(|other| &other.points);
    match since.filter(|point| point.release > last.release).min_by_key(|point| point.release) {
        Some(next) => Some(format!(
            "`{}` is measured in another unit since {}: `{}`, before `{}`",
            gate.id,
            version(releases, next),
            next.rule,
            last.rule
        )),
        None if last.release + 1 < releases.len() => {
            Some(format!("`{}` was judged last in {}", gate.id, version(releases, last)))
        }
        None => None,
    }
}
