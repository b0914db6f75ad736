//! The release itself: its name, version and type, and what it is measured against.

use super::pairs::Pairs;
use super::readers::Readers;
use super::weighed::record;
use super::{kind, lifecycle};
use crate::diagnostic::Spanned;
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::Manifest;

/// The changes of the top level. Its parts are named one by one, so that a new one does not compile without its line here.
pub(super) fn records(
    pairs: &Pairs<'_>,
    readers: &Readers<'_>,
    before: &Manifest,
    after: &Manifest,
) -> Vec<Record> {
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
        accept_failed_baseline: _,
        changelog: _,
        deployment: _,
        monitoring: _,
        rollback: _,
        // Has a module of its own.
        risks: _,
        beyond_check: _,
    } = after;
    let mut records = Vec::new();
    if before.name.value != name.value {
        let (was, is) = (before.name.value.clone(), name.value.clone());
        let text = format!("release: it is called {is}; before: {was}");
        let went = (Direction::Neutral, Weight::Review);
        let told = record(ChangeRule::ReleaseName, "name".to_owned(), went, &text, (Some(was), Some(is)));
        records.push(told.weighs(ChangeRule::ReleaseName.severity()));
    }
    records.extend(version(before, after));
    records.extend(kind::records(pairs, before, after));
    records.extend(baseline(before, after));
    records.extend(failed_baseline(before, after));
    records.extend(anchor(before, after, readers.of_changes()));
    records.extend(lifecycle::records(before, after));
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
    let went = (Direction::Unknown, Weight::Review);
    Some(record(ChangeRule::ReleaseVersion, "version".to_owned(), went, &text, values))
}

/// What a text of the manifest says, `none` being nothing.
fn stated(text: Option<&Spanned<String>>) -> Option<String> {
    text.map(|text| text.value.clone()).filter(|text| text != "none")
}

/// Another baseline is what every release has, unless its version stays; none at all leaves nothing to compare with.
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
        _ if before.version.value == after.version.value => Direction::Unknown,
        _ => Direction::Neutral,
    };
    Some(record(ChangeRule::ReleaseBaseline, "baseline".to_owned(), (way, Weight::Review), &text, (was, is)))
}

/// A baseline that did not pass is a lower bar.
fn failed_baseline(before: &Manifest, after: &Manifest) -> Option<Record> {
    let reason =
        |manifest: &Manifest| manifest.accept_failed_baseline.as_ref().map(|text| text.value.clone());
    let (was, is) = (reason(before), reason(after));
    let (went, text) = match (&was, &is) {
        (_, Some(is)) if was != Some(is.clone()) => (
            (Direction::Looser, Weight::Blocking),
            format!("release: a baseline whose verdict was no pass is accepted: {is}"),
        ),
        (Some(_), None) => (
            (Direction::Tighter, Weight::Info),
            "release: a baseline whose verdict was no pass is no longer accepted".to_owned(),
        ),
        _ => return None,
    };
    Some(record(ChangeRule::ReleaseBaseline, "accept_failed_baseline".to_owned(), went, &text, (was, is)))
}

/// `stakes` where it is another release: every limit on a change means something else then.
fn anchor(before: &Manifest, after: &Manifest, stakes: Weight) -> Option<Record> {
    let (was, is) = (stated(before.anchor.as_ref()), stated(after.anchor.as_ref()));
    let (went, text) = match (&was, &is) {
        (Some(was), None) => {
            ((Direction::Looser, Weight::Review), format!("drift is no longer measured against {was}"))
        }
        (None, Some(is)) => ((Direction::Tighter, Weight::Info), format!("drift is measured against {is}")),
        (Some(was), Some(is)) if was != is => {
            ((Direction::Unknown, stakes), format!("drift is measured against {is}; before: {was}"))
        }
        _ => return None,
    };
    let text = format!("release: {text}");
    Some(record(ChangeRule::ReleaseAnchor, "anchor".to_owned(), went, &text, (was, is)))
}
