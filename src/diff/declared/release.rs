//! The release itself: its name, version and type, and what it is measured against.

use super::record;
use crate::diagnostic::Spanned;
use crate::diff::{Direction, Record, Rule, Severity};
use crate::manifest::Manifest;

/// The changes of the top level. Its parts are named one by one, so that a new one does not compile without its line here.
pub(super) fn records(before: &Manifest, after: &Manifest) -> Vec<Record> {
    let Manifest {
        file: _,
        name,
        version: _,
        release_type: _,
        summary: _,
        baseline: _,
        anchor: _,
        artifacts: _,
        evidence: _,
        metrics: _,
        gates: _,
        policy: _,
        waivers: _,
        changelog: _,
    } = after;
    let mut records = Vec::new();
    if before.name.value != name.value {
        let (was, is) = (before.name.value.clone(), name.value.clone());
        let text = format!("release: it is called {is}; before: {was}");
        let went = (Direction::Neutral, Severity::Review);
        let told = record(Rule::ReleaseName, "name".to_owned(), went, &text, (Some(was), Some(is)));
        records.push(told.weighs(Rule::ReleaseName.severity()));
    }
    records.extend(version(before, after));
    records.extend(release_type(before, after));
    records.extend(baseline(before, after));
    records.extend(anchor(before, after));
    records
}

/// A version that goes down; one that goes up is what releases do.
fn version(before: &Manifest, after: &Manifest) -> Option<Record> {
    let (was, is) = (&before.version.value, &after.version.value);
    if is.cmp_precedence(was).is_ge() {
        return None;
    }
    let text = format!("release: its version went down from {was} to {is}");
    let values = (Some(was.to_string()), Some(is.to_string()));
    let went = (Direction::Unknown, Severity::Review);
    Some(record(Rule::ReleaseVersion, "version".to_owned(), went, &text, values))
}

/// The type; it decides whether the gates with a `when: type:` apply.
fn release_type(before: &Manifest, after: &Manifest) -> Option<Record> {
    let (was, is) = (before.release_type.value, after.release_type.value);
    if was == is {
        return None;
    }
    let mut affected: Vec<&str> = before
        .gates
        .iter()
        .chain(&after.gates)
        .filter(|gate| {
            let types = gate.when.as_ref().map(|when| when.value.types.as_slice()).unwrap_or_default();
            types.contains(&was) != types.contains(&is)
        })
        .map(|gate| gate.id.value.as_str())
        .collect();
    affected.sort_unstable();
    affected.dedup();
    let text = format!("release: it is a {is}; before: a {was}");
    let values = (Some(was.to_string()), Some(is.to_string()));
    let (text, way) = if affected.is_empty() {
        (text, Direction::Neutral)
    } else {
        (
            format!("{text}; that decides whether these gates apply: {}", affected.join(", ")),
            Direction::Unknown,
        )
    };
    Some(record(Rule::ReleaseType, "type".to_owned(), (way, Severity::Review), &text, values))
}

/// What a text of the manifest says, `none` being nothing.
fn stated(text: Option<&Spanned<String>>) -> Option<String> {
    text.map(|text| text.value.clone()).filter(|text| text != "none")
}

/// Another baseline is what every release has; none at all leaves nothing to compare with.
fn baseline(before: &Manifest, after: &Manifest) -> Option<Record> {
    let (was, is) = (stated(before.baseline.as_ref()), stated(after.baseline.as_ref()));
    if was == is {
        return None;
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
    let text = format!("release: it is compared with {}; before: with {}", said(&is), said(&was));
    // Without a baseline no change is limited, and no artifact can change in silence.
    let way = match (&was, &is) {
        (None, _) => Direction::Tighter,
        (_, None) => Direction::Looser,
        _ => Direction::Neutral,
    };
    Some(record(Rule::ReleaseBaseline, "baseline".to_owned(), (way, Severity::Review), &text, (was, is)))
}

fn anchor(before: &Manifest, after: &Manifest) -> Option<Record> {
    let (was, is) = (stated(before.anchor.as_ref()), stated(after.anchor.as_ref()));
    let (way, text) = match (&was, &is) {
        (Some(was), None) => (Direction::Looser, format!("drift is no longer measured against {was}")),
        (None, Some(is)) => (Direction::Tighter, format!("drift is measured against {is}")),
        (Some(was), Some(is)) if was != is => {
            (Direction::Unknown, format!("drift is measured against {is}; before: {was}"))
        }
        _ => return None,
    };
    let text = format!("release: {text}");
    Some(record(Rule::ReleaseAnchor, "anchor".to_owned(), (way, Severity::Review), &text, (was, is)))
}
