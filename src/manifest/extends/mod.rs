//! Merges shared policies into a release: it may tighten what they say, not loosen it.
//!
//! The files apply one after the other, each a layer on those before it: what a layer does not say it inherits,
//! what it says must be at least as strict, anything else is an error that names both lines. So nothing that the
//! merge lets through is weaker than any of the files alone. What `metrics:` of a release make of a shared gate's words is
//! checked where the words are bound.

mod gate;
mod policy;
mod stricter;

pub(crate) use policy::is_no_looser;
pub(crate) use stricter::{covers, left_out, no_easier, subject, thresholds};

use super::read::{self, agree};
use super::release::{GateSpec, Manifest, Policy, PolicyFile};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The release with everything that it inherits, `bases` being in the order in which they apply (a file stands
/// after those that it extends itself).
///
/// # Errors
/// Everything that loosens what an earlier file says, and what the parts of the merged release do not agree on.
pub fn merge(own: Manifest, bases: &[PolicyFile]) -> Result<Manifest, Diagnostics> {
    let mut layers = bases.iter();
    // The first file extends nothing, but its gates must agree with its policy all the same.
    let Some(first) = layers.next() else { return Ok(own) };
    let mut merged = Merged { policy: first.policy.clone(), gates: Vec::new(), findings: Diagnostics::new() };
    merged.add_gates(&first.gates, true);
    for layer in layers {
        merged.add(&layer.policy, &layer.gates, true);
    }
    merged.add(&own.policy, &own.gates, false);
    let Merged { mut policy, gates, mut findings } = merged;
    policy.extends.clone_from(&own.policy.extends);
    if gates.is_empty() {
        findings.push(no_gates(&own));
    }
    findings.extend(agree::references(
        &own.evidence,
        &own.metrics,
        &gates,
        &own.waivers,
        own.anchor.is_some(),
    ));
    findings.extend(read::risks::agree(&own.risks, &gates, own.monitoring.as_ref(), &policy));
    if findings.has_errors() {
        return Err(findings);
    }
    Ok(Manifest { gates, policy, ..own })
}

/// What the layers so far come to.
struct Merged {
    policy: Policy,
    gates: Vec<GateSpec>,
    findings: Diagnostics,
}

impl Merged {
    /// Puts one layer onto those before it; `shared` when it is a policy file and not the release.
    fn add(&mut self, layer: &Policy, gates: &[GateSpec], shared: bool) {
        let asked = policy::Shared {
            gate: self.gates.first().map(|gate| gate.rule.span),
            require: self.policy.stated.get("require").copied(),
        };
        self.findings.extend(policy::tighten(&mut self.policy, layer, asked));
        // A gate of an earlier file follows where the policy is raised above its own confidence.
        for gate in &mut self.gates {
            if gate.confidence.is_some_and(|own| own.value < self.policy.confidence) {
                gate.confidence = None;
            }
        }
        self.add_gates(gates, shared);
    }

    fn add_gates(&mut self, gates: &[GateSpec], shared: bool) {
        self.findings.extend(agree::confidence(&self.policy, gates));
        for gate in gates {
            let mut layer = gate.clone();
            layer.when_is_shared = shared && layer.when.is_some();
            layer.shared = shared.then_some(layer.rule.span);
            match self.gates.iter_mut().find(|base| base.id.value == layer.id.value) {
                Some(base) => self.findings.extend(gate::tighten(base, layer)),
                None => self.gates.push(layer),
            }
        }
    }
}

fn no_gates(own: &Manifest) -> Diagnostic {
    let finding = Diagnostic::error(Code::NoGates, "a release without gates cannot be judged")
        .help("for example `gates: ['Hallucination rate < 1.5%']`");
    match own.policy.extends.first() {
        Some(path) => finding.at(path.span, "neither this file nor the release has a gate"),
        None => finding,
    }
}
