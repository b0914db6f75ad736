//! The keys of `policy:` and what makes each of them stricter.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::manifest::release::{MissingSamples, Policy};
use crate::manifest::words::{
    Binding, Enforcement, LooserChanges, PointEstimates, RiskPolicy, UnpinnedModels,
};

/// How one key is merged.
struct Key {
    /// Its name.
    name: &'static str,
    /// Whether the second policy is at least as strict as the first.
    holds: fn(&Policy, &Policy) -> bool,
    /// Puts the second policy's value into the first.
    take: fn(&mut Policy, &Policy),
    /// What is stricter, for the message.
    stricter: &'static str,
    /// What depends on it, so that its default binds where that is shared.
    bears: Bears,
}

/// What a key bears upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bears {
    /// How gates are judged.
    Gates,
    /// Which gates stand for a category.
    Require,
    /// Neither, or its default is the loosest value there is.
    Nothing,
}

/// What the files so far ask of a release, by the places that do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shared {
    /// Their first gate.
    pub(super) gate: Option<Span>,
    /// Their `require`.
    pub(super) require: Option<Span>,
}

impl Key {
    /// The place that depends on the default of a key which no file states.
    fn depends(&self, shared: Shared) -> Option<Span> {
        match self.bears {
            Bears::Gates => shared.gate,
            Bears::Require => shared.require,
            Bears::Nothing => None,
        }
    }
}

/// Every key but `extends`, in the order of the documentation.
static KEYS: &[Key] = &[
    Key {
        name: "confidence",
        holds: |base, own| own.confidence >= base.confidence,
        take: |into, own| into.confidence = own.confidence,
        stricter: "a higher confidence is stricter",
        bears: Bears::Gates,
    },
    Key {
        name: "fail_confidence",
        holds: |base, own| own.fail_confidence >= base.fail_confidence,
        take: |into, own| into.fail_confidence = own.fail_confidence,
        stricter: "a fail may be asked to be more certain, not less",
        bears: Bears::Gates,
    },
    Key {
        name: "looks",
        holds: |base, own| own.looks >= base.looks,
        take: |into, own| into.looks = own.looks,
        stricter: "looks share the error rate, so more of them are stricter",
        bears: Bears::Gates,
    },
    Key {
        name: "on_inconclusive",
        holds: |base, own| {
            own.on_inconclusive == Enforcement::Block || base.on_inconclusive == Enforcement::Warn
        },
        take: |into, own| into.on_inconclusive = own.on_inconclusive,
        stricter: "`block` is stricter than `warn`",
        bears: Bears::Gates,
    },
    Key {
        name: "point_estimates",
        holds: |base, own| {
            own.point_estimates == PointEstimates::Refuse || base.point_estimates == PointEstimates::Accept
        },
        take: |into, own| into.point_estimates = own.point_estimates,
        stricter: "`refuse` is stricter than `accept`",
        bears: Bears::Gates,
    },
    Key {
        name: "missing_samples",
        holds: |base, own| left_out(own.missing_samples) <= left_out(base.missing_samples),
        take: |into, own| into.missing_samples = own.missing_samples,
        stricter: "a smaller share is stricter, and `worst-case` is the strictest",
        bears: Bears::Gates,
    },
    Key {
        name: "binding",
        holds: |base, own| own.binding == Binding::Require || base.binding == Binding::Warn,
        take: |into, own| into.binding = own.binding,
        stricter: "`require` is stricter than `warn`",
        bears: Bears::Nothing,
    },
    Key {
        name: "unpinned_models",
        holds: |base, own| {
            own.unpinned_models == UnpinnedModels::Refuse || base.unpinned_models == UnpinnedModels::Warn
        },
        take: |into, own| into.unpinned_models = own.unpinned_models,
        stricter: "`refuse` is stricter than `warn`",
        bears: Bears::Nothing,
    },
    Key {
        name: "max_evidence_age",
        holds: |base, own| match (base.max_evidence_age, own.max_evidence_age) {
            (Some(base), Some(own)) => own.value <= base.value,
            (base, _) => base.is_none(),
        },
        take: |into, own| into.max_evidence_age = own.max_evidence_age,
        stricter: "a shorter age is stricter",
        bears: Bears::Nothing,
    },
    Key {
        name: "require",
        holds: |base, own| missing_categories(base, own).is_empty(),
        take: |into, own| into.require.clone_from(&own.require),
        stricter: "categories may be added, not left out",
        bears: Bears::Nothing,
    },
    Key {
        name: "observed_counts",
        holds: |base, own| !own.observed_counts || base.observed_counts,
        take: |into, own| into.observed_counts = own.observed_counts,
        stricter: "`false` is stricter than `true`",
        bears: Bears::Require,
    },
    Key {
        name: "looser_changes",
        holds: |base, own| {
            own.looser_changes == LooserChanges::Block || base.looser_changes == LooserChanges::Warn
        },
        take: |into, own| into.looser_changes = own.looser_changes,
        stricter: "`block` is stricter than `warn`",
        bears: Bears::Nothing,
    },
    Key {
        name: "waiver_at_most",
        holds: |base, own| own.waiver_at_most <= base.waiver_at_most,
        take: |into, own| into.waiver_at_most = own.waiver_at_most,
        stricter: "a shorter time is stricter",
        bears: Bears::Gates,
    },
    Key {
        name: "risks",
        holds: |base, own| own.risks == RiskPolicy::Require || base.risks == RiskPolicy::Warn,
        take: |into, own| into.risks = own.risks,
        stricter: "`require` is stricter than `warn`",
        bears: Bears::Nothing,
    },
    Key {
        name: "signers",
        // Who else may sign is not for the release to say.
        holds: |base, own| {
            base.signers
                .as_ref()
                .is_none_or(|base| own.signers.as_ref().is_some_and(|own| own.value == base.value))
        },
        // The same words in another folder would be another file.
        take: |into, own| into.signers = into.signers.take().or_else(|| own.signers.clone()),
        stricter: "the list of who may approve waivers is that of the shared policy",
        bears: Bears::Nothing,
    },
];

/// The share of rows that may be left out.
fn left_out(missing: MissingSamples) -> f64 {
    match missing {
        // Excluding up to 0 % still is not the same word, but leaves out as little.
        MissingSamples::WorstCase => 0.0,
        MissingSamples::ExcludeUpTo(share) => share,
    }
}

/// Categories that the first policy requires and the second does not.
fn missing_categories(base: &Policy, own: &Policy) -> Vec<&'static str> {
    let required = |category| own.require.iter().any(|other| other.value == category);
    base.require
        .iter()
        .filter(|category| !required(category.value))
        .map(|category| category.value.word())
        .collect()
}

/// Whether `own` is at least as strict as `base` in one key, stated or not; none for a key that is no key.
pub(crate) fn is_no_looser(name: &str, own: &Policy, base: &Policy) -> Option<bool> {
    KEYS.iter().find(|key| key.name == name).map(|key| (key.holds)(base, own))
}

/// Puts what `layer` states into `base`; what would loosen it is a finding and is left out.
///
/// A key that no file before states is free, unless what they share depends on its default.
pub(super) fn tighten(base: &mut Policy, layer: &Policy, shared: Shared) -> Diagnostics {
    let mut findings = Diagnostics::new();
    for key in KEYS {
        let Some(own) = layer.stated.get(key.name) else { continue };
        let line = base.stated.get(key.name).map(|line| (*line, "the line that it extends"));
        let bound = line.or_else(|| Some((key.depends(shared)?, "depends on the default")));
        match bound {
            Some((at, what)) if !(key.holds)(base, layer) => {
                findings.push(loosened(key, base, layer, (*own, at, what)));
            }
            _ => {
                (key.take)(base, layer);
                base.stated.insert(key.name, *own);
            }
        }
    }
    findings
}

fn loosened(key: &Key, base: &Policy, layer: &Policy, (own, at, what): (Span, Span, &str)) -> Diagnostic {
    let title = format!("`{}` loosens the policy that this file extends", key.name);
    let finding =
        Diagnostic::error(Code::PolicyLoosened, title).at(own, "looser than what it extends").also(at, what);
    let left_out = if key.name == "require" { missing_categories(base, layer) } else { Vec::new() };
    let finding = if left_out.is_empty() {
        finding
    } else {
        finding.note(format!("left out: {}", left_out.join(", ")))
    };
    finding.note(key.stricter).help("tighten it, or remove it to inherit it")
}

#[cfg(test)]
mod tests {
    use super::KEYS;
    use crate::manifest::fields::POLICY;

    #[test]
    fn every_key_of_the_table_knows_what_is_stricter() {
        let known: Vec<&str> = std::iter::once("extends").chain(KEYS.iter().map(|key| key.name)).collect();
        let table: Vec<&str> = POLICY.fields.iter().map(|field| field.name).collect();
        assert_eq!(known, table);
    }
}
