//! What several parts of a manifest must agree on, once the shared policies are merged into it.

use super::gates::{RESERVED, UNWAIVABLE};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list};
use crate::manifest::release::{EvidenceSpec, GateSpec, MetricSpec, Policy, Reference, WaiverSpec};

/// Names that must exist: evidence of metrics and gates, gates of waivers.
pub(in crate::manifest) fn references(
    evidence: &[EvidenceSpec],
    metrics: &[MetricSpec],
    gates: &[GateSpec],
    waivers: &[WaiverSpec],
    anchored: bool,
) -> Diagnostics {
    let mut findings = Diagnostics::new();
    let known: Vec<&str> = evidence.iter().map(|entry| entry.name.value.as_str()).collect();
    let named = metrics.iter().filter_map(|metric| metric.evidence.as_ref());
    for name in named.chain(gates.iter().filter_map(|gate| gate.evidence.as_ref())) {
        if !known.contains(&name.value.as_str()) {
            findings.push(
                Diagnostic::error(Code::UnknownEvidence, format!("no evidence is named `{}`", name.value))
                    .at(name.span, "unknown")
                    .suggest(&name.value, known.iter().copied())
                    .help(format!("`evidence:` names {}", list(known.iter().copied(), 12))),
            );
        }
    }
    let ids: Vec<&str> = gates.iter().map(|gate| gate.id.value.as_str()).collect();
    // Whether a rule that may be a change is one shows only in the evidence.
    let of_anchor = |waiver: &WaiverSpec| {
        let compares = |gate: &&GateSpec| anchored && gate.rule.may_be_change();
        gates.iter().filter(compares).any(|gate| Reference::Anchor.id_of(&gate.id.value) == waiver.gate.value)
    };
    for waiver in waivers {
        let name = waiver.gate.value.as_str();
        if name == UNWAIVABLE {
            findings.push(
                Diagnostic::error(
                    Code::WaiverForBuiltInGate,
                    format!("`{}` is a gate of relgate's own and cannot be waived", waiver.gate.value),
                )
                .at(waiver.gate.span, "built in")
                .note("a version that stands for two contents makes every later comparison wrong")
                .help("remove the waiver, and give what changed a new version or restore its bytes"),
            );
        } else if RESERVED.contains(&name) {
            if let Some(span) =
                waiver.limit.as_ref().map(|limit| limit.span).or(waiver.slice.as_ref().map(|s| s.span))
            {
                findings.push(
                    Diagnostic::error(
                        Code::WaiverForBuiltInGate,
                        format!("a waiver for `{name}` has no limit and no slice"),
                    )
                    .at(span, "nothing is measured here")
                    .help("remove it; the waiver covers what the gate lists until it expires"),
                );
            }
        } else if !ids.contains(&name) && !of_anchor(waiver) {
            findings.push(
                Diagnostic::error(
                    Code::WaiverForUnknownGate,
                    format!("no gate has the id `{}`", waiver.gate.value),
                )
                .at(waiver.gate.span, "unknown")
                .suggest(&waiver.gate.value, ids.iter().copied())
                .help(format!("the gates are {}", list(ids.iter().copied(), 12))),
            );
        }
    }
    findings
}

/// A gate may raise the policy's confidence, never lower it.
pub(in crate::manifest) fn confidence(policy: &Policy, gates: &[GateSpec]) -> Diagnostics {
    let mut findings = Diagnostics::new();
    for gate in gates {
        if let Some(own) = gate.confidence.filter(|own| own.value < policy.confidence) {
            let finding = Diagnostic::error(
                Code::ConfidenceLowered,
                "a gate may raise the policy's confidence, not lower it",
            )
            .at(own.span, format!("the policy asks for {}", policy.confidence))
            .help(format!("write {} or more, or remove the line", policy.confidence));
            findings.push(match policy.stated.get("confidence") {
                Some(span) => finding.also(*span, "the policy"),
                None => finding,
            });
        }
    }
    findings
}
