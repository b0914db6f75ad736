//! The policy: every key by its effective value, so that stating a default is no change.

use std::fmt::Write as _;

use super::spelled;
use super::weighed::{direction, record};
use crate::change;
use crate::diagnostic::Spanned;
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::extends::is_no_looser;
use crate::manifest::{
    Binding, Enforcement, LooserChanges, MissingSamples, PointEstimates, Policy, ReleaseType, RiskPolicy,
    UnpinnedModels,
};

/// How one key is told.
struct Key {
    /// Its name.
    name: &'static str,
    /// Its value as a manifest writes it; none where nothing is asked.
    spelled: fn(&Policy) -> Option<String>,
    /// What it means, as a clause.
    means: fn(&Policy) -> String,
}

/// Every key but `extends`, in the order of the documentation.
static KEYS: &[Key] = &[
    Key {
        name: "confidence",
        spelled: |policy| Some(policy.confidence.to_string()),
        means: |policy| format!("a pass needs {} confidence", policy.confidence),
    },
    Key {
        name: "fail_confidence",
        spelled: |policy| Some(policy.fail_confidence.to_string()),
        means: |policy| format!("a fail needs {} confidence", policy.fail_confidence),
    },
    Key {
        name: "looks",
        spelled: |policy| Some(policy.looks.to_string()),
        means: |policy| match policy.looks {
            1 => "the evidence may be judged once".to_owned(),
            looks => format!("the evidence may be judged {looks} times, and every time is stricter for it"),
        },
    },
    Key {
        name: "on_inconclusive",
        spelled: |policy| Some(policy.on_inconclusive.to_string()),
        means: |policy| match policy.on_inconclusive {
            Enforcement::Block => "an inconclusive gate blocks the release".to_owned(),
            Enforcement::Warn => "an inconclusive gate only warns".to_owned(),
        },
    },
    Key {
        name: "point_estimates",
        spelled: |policy| Some(policy.point_estimates.to_string()),
        means: |policy| match policy.point_estimates {
            PointEstimates::Refuse => "a number without its uncertainty shows nothing".to_owned(),
            PointEstimates::Accept => "a number without its uncertainty is taken at face value".to_owned(),
        },
    },
    Key {
        name: "missing_samples",
        spelled: |policy| {
            Some(match policy.missing_samples {
                MissingSamples::WorstCase => "worst-case".to_owned(),
                MissingSamples::ExcludeUpTo(share) => {
                    format!("{{ exclude_up_to: {} }}", spelled::percent(share))
                }
            })
        },
        means: |policy| match policy.missing_samples {
            MissingSamples::WorstCase => "a missing sample counts as the worst case".to_owned(),
            MissingSamples::ExcludeUpTo(share) => {
                format!("up to {} missing samples are left out", spelled::percent(share))
            }
        },
    },
    Key {
        name: "binding",
        spelled: |policy| Some(policy.binding.to_string()),
        means: |policy| match policy.binding {
            Binding::Warn => "evidence need not say which artifacts it was made with".to_owned(),
            Binding::Require => "evidence must say which artifacts it was made with".to_owned(),
        },
    },
    Key {
        name: "unpinned_models",
        spelled: |policy| Some(policy.unpinned_models.to_string()),
        means: |policy| match policy.unpinned_models {
            UnpinnedModels::Warn => "a model that may change behind its name only warns".to_owned(),
            UnpinnedModels::Refuse => "a model that may change behind its name is refused".to_owned(),
        },
    },
    Key {
        name: "max_evidence_age",
        spelled: |policy| policy.max_evidence_age.map(|age| age.value.to_string()),
        means: |policy| match policy.max_evidence_age {
            Some(age) => format!("evidence is at most {} old", age.value),
            None => "evidence may be of any age".to_owned(),
        },
    },
    Key {
        name: "require",
        spelled: |policy| (!policy.require.is_empty()).then(|| format!("[{}]", categories(policy))),
        means: |policy| match categories(policy).as_str() {
            "" => "no category needs a blocking gate".to_owned(),
            words => format!("these need a blocking gate: {words}"),
        },
    },
    Key {
        name: "observed_counts",
        spelled: |policy| Some(policy.observed_counts.to_string()),
        means: |policy| {
            let not = if policy.observed_counts { "" } else { "do not " };
            format!("facts about the listed cases alone {not}satisfy `require`")
        },
    },
    Key {
        name: "looser_changes",
        spelled: |policy| Some(policy.looser_changes.to_string()),
        means: |policy| match policy.looser_changes {
            LooserChanges::Warn => "blocking changes since the baseline only warn".to_owned(),
            LooserChanges::Block => "blocking changes since the baseline block the release".to_owned(),
        },
    },
    Key {
        name: "waiver_at_most",
        spelled: |policy| Some(policy.waiver_at_most.to_string()),
        means: |policy| format!("a waiver expires within {}", policy.waiver_at_most),
    },
    Key {
        name: "risks",
        spelled: |policy| Some(policy.risks.to_string()),
        means: |policy| match policy.risks {
            RiskPolicy::Warn => "the register of risks may be incomplete".to_owned(),
            RiskPolicy::Require => {
                "the register holds every risk of NIST AI 600-1, and no review is due".to_owned()
            }
        },
    },
    Key {
        name: "signers",
        spelled: |policy| policy.signers.as_ref().map(|signers| signers.value.clone()),
        means: |policy| match &policy.signers {
            Some(signers) => format!("waivers are signed by people of {}", signers.value),
            None => "waivers are not signed".to_owned(),
        },
    },
];

/// The required categories, each once, in one order.
fn categories(policy: &Policy) -> String {
    let mut required: Vec<_> = policy.require.iter().map(|category| category.value).collect();
    required.sort_unstable();
    required.dedup();
    required.iter().map(|category| category.word()).collect::<Vec<_>>().join(", ")
}

/// The changes of the policy, one record a key.
///
/// Where nothing is stated a release type requires its own categories. Both sides are held against the type of the release
/// after, so that another type is no change of the policy.
pub(super) fn records(before: &Policy, after: &Policy, kind: Spanned<ReleaseType>) -> Vec<Record> {
    let effective =
        |policy: &Policy| Policy { require: change::requirements(policy, kind).categories, ..policy.clone() };
    let (before, after) = (&effective(before), &effective(after));
    KEYS.iter()
        .filter_map(|key| {
            let way = moved(key.name, before, after)?;
            let mut text = format!("policy: {}; before: {}", (key.means)(after), (key.means)(before));
            if key.name == "fail_confidence" && way == Direction::Neutral {
                let _ = write!(text, "; an inconclusive gate blocks as well, so no more gets through");
            }
            let values = ((key.spelled)(before), (key.spelled)(after));
            let went = (way, Weight::Blocking);
            Some(record(ChangeRule::PolicyValue, format!("policy.{}", key.name), went, &text, values))
        })
        .collect()
}

/// Which way a key went; none where it means the same.
fn moved(name: &str, before: &Policy, after: &Policy) -> Option<Direction> {
    if name == "fail_confidence" {
        return fail_confidence(before, after);
    }
    // A key that `extends` does not know cannot be compared; the test below keeps the tables the same.
    let no_looser = is_no_looser(name, after, before).unwrap_or_default();
    direction(no_looser, is_no_looser(name, before, after).unwrap_or_default())
}

/// A gate that is no longer certain enough of its fail is inconclusive. That blocks too, unless `on_inconclusive` lets
/// it through: only there the confidence of a fail decides whether a release passes. (A shared policy refuses to have it
/// lowered all the same: it guards what the word `fail` may be said of.)
fn fail_confidence(before: &Policy, after: &Policy) -> Option<Direction> {
    let (was, is) = (before.fail_confidence, after.fail_confidence);
    let lets_through = |policy: &Policy| policy.on_inconclusive == Enforcement::Warn;
    if is > was {
        Some(if lets_through(after) { Direction::Looser } else { Direction::Neutral })
    } else if is < was {
        Some(if lets_through(before) { Direction::Tighter } else { Direction::Neutral })
    } else {
        None
    }
}

/// Other policy files; what came of it is told by the gates and keys that changed, if any did.
pub(super) fn extends(before: &Policy, after: &Policy, something_changed: bool) -> Option<Record> {
    let files = |policy: &Policy| {
        let paths: Vec<&str> = policy.extends.iter().map(|path| path.value.as_str()).collect();
        (!paths.is_empty()).then(|| format!("[{}]", paths.join(", ")))
    };
    let (was, is) = (files(before), files(after));
    if was == is {
        return None;
    }
    let said = |files: &Option<String>| files.clone().unwrap_or_else(|| "nothing".to_owned());
    let (way, effect) = if something_changed {
        (Direction::Unknown, "see the gates and the policy for what that changes")
    } else {
        (Direction::Neutral, "no gate and no policy value differs for it")
    };
    let text = format!("policy: it extends {}; before: {}; {effect}", said(&is), said(&was));
    let path = "policy.extends".to_owned();
    Some(record(ChangeRule::PolicyExtends, path, (way, Weight::Review), &text, (was, is)))
}

#[cfg(test)]
mod tests {
    use super::KEYS;
    use crate::manifest::fields::POLICY;

    #[test]
    fn every_key_of_the_policy_is_told() {
        let told: Vec<&str> = std::iter::once("extends").chain(KEYS.iter().map(|key| key.name)).collect();
        let table: Vec<&str> = POLICY.fields.iter().map(|field| field.name).collect();
        assert_eq!(told, table);
    }
}
