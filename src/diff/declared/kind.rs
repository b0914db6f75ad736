//! The type of a release, and what another one does: gates that no longer apply, and categories that need none.

use super::gates::stakes;
use super::pairs::Pairs;
use super::weighed::record;
use crate::change;
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::{GateSpec, Manifest, ReleaseType};

/// The type before and after.
type Types = (ReleaseType, ReleaseType);

/// The type itself, and what comes of it, each with its own direction.
pub(super) fn records(pairs: &Pairs<'_>, before: &Manifest, after: &Manifest) -> Vec<Record> {
    let types = (before.release_type.value, after.release_type.value);
    if types.0 == types.1 {
        return Vec::new();
    }
    let text = format!("release: it is a {}; before: a {}", types.1, types.0);
    let went = (Direction::Neutral, Weight::Info);
    let mut records = vec![record(ChangeRule::ReleaseType, "type".to_owned(), went, &text, values(types))];
    records.extend(needs(before, after, types));
    records.extend(pairs.both.iter().filter_map(|(old, new)| applies(old, new, types)));
    records
}

fn values((was, is): Types) -> (Option<String>, Option<String>) {
    (Some(was.to_string()), Some(is.to_string()))
}

/// What a blocking gate must show by default of the type, and what none must show any more.
fn needs(before: &Manifest, after: &Manifest, types: Types) -> Vec<Record> {
    // Both by the policy before: what another policy requires is told with the policy.
    let needed = |manifest: &Manifest| -> Vec<&str> {
        let required = change::requirements(&before.policy, manifest.release_type);
        let categories = required.categories.iter().map(|category| category.value.word());
        categories.chain(required.no_regression.map(|_| "that quality is no worse")).collect()
    };
    let (was, is) = (needed(before), needed(after));
    let only = |here: &[&str], there: &[&str]| -> Vec<String> {
        here.iter().filter(|word| !there.contains(word)).map(ToString::to_string).collect()
    };
    let told = |words: Vec<String>, way, goes_on: &str| {
        let text = format!("release: a {} {goes_on}: {}", types.1, words.join(", "));
        let went = (way, Weight::Review);
        let path = "type.require".to_owned();
        (!words.is_empty()).then(|| record(ChangeRule::ReleaseType, path, went, &text, values(types)))
    };
    let lost = told(only(&was, &is), Direction::Looser, &format!("needs no gate on what a {} does", types.0));
    let got =
        told(only(&is, &was), Direction::Tighter, &format!("needs a gate on what a {} does not", types.0));
    lost.into_iter().chain(got).collect()
}

/// A gate that the type switches off or on.
fn applies(old: &GateSpec, new: &GateSpec, types: Types) -> Option<Record> {
    let applies = |gate: &GateSpec, kind| {
        gate.when.as_ref().is_none_or(|when| when.value.types.is_empty() || when.value.types.contains(&kind))
    };
    let (way, text) = match (applies(old, types.0), applies(new, types.1)) {
        (true, false) => (Direction::Looser, "does not apply any more"),
        (false, true) => (Direction::Tighter, "applies now"),
        _ => return None,
    };
    let text =
        format!("gate {}: it {text}, as the release is a {} and no {}", new.id.value, types.1, types.0);
    let path = format!("gates.{}.when.type", new.id.value);
    Some(record(ChangeRule::GateWhen, path, (way, stakes(old)), &text, values(types)))
}
