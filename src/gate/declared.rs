//! One gate of a manifest on its way to the verdict.

use crate::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::manifest::{Digest, GateSpec, Manifest, Policy, Quantity};
use crate::metric::{self, Assessment, Bound, Label, Offer, Settings};
use crate::stats::bootstrap;

/// A gate: what its author wrote, what that measures, and what was measured.
///
/// Where its numbers are is said by `bound`: the evidence entry, and the earlier release that it compares with.
#[derive(Debug, Clone)]
pub struct Gate {
    /// What the author wrote.
    pub spec: GateSpec,
    /// What it measures and asks.
    pub bound: Bound,
    /// Whether its `when:` lets it apply to this release.
    pub applies: bool,
    /// What its numbers came to; none before they were looked at.
    pub assessed: Option<Assessed>,
}

/// The numbers of one gate.
#[derive(Debug, Clone)]
pub struct Assessed {
    /// Of all of its samples.
    pub whole: Assessment,
    /// Of each slice, by the values of the gate's `by:` fields.
    pub slices: Vec<(Vec<Label>, Assessment)>,
}

impl Gate {
    /// The gates of a manifest, each bound to what the evidence offers.
    ///
    /// # Errors
    /// Every gate whose metric, field or unit does not fit the evidence.
    pub fn bind(manifest: &Manifest, offers: &[Offer]) -> Result<Vec<Self>, Diagnostics> {
        let bound = metric::bind(manifest, offers)?;
        let gate = |bound: Bound| {
            let spec = manifest.gates.get(bound.gate)?.clone();
            Some(Self { spec, bound, applies: true, assessed: None })
        };
        Ok(bound.into_iter().filter_map(gate).collect())
    }

    /// The settings that it is assessed with, on evidence of that digest: looks share its level.
    #[must_use]
    pub fn settings(&self, policy: &Policy, evidence: Option<&Digest>) -> Settings {
        let digests: Vec<&str> = evidence.into_iter().map(Digest::hex).collect();
        Settings { seed: bootstrap::seed(&self.spec.id.value, &digests), ..settings(&self.spec, policy) }
    }

    /// The same gate, not yet assessed, with another limit.
    ///
    /// # Errors
    /// A limit that the metric cannot be compared with.
    pub fn with_threshold(&self, limit: &Spanned<Quantity>) -> Result<Self, Diagnostic> {
        let bound = self.bound.with_threshold(limit)?;
        let mut spec = self.spec.clone();
        spec.rule.threshold = limit.clone();
        Ok(Self { spec, bound, applies: self.applies, assessed: None })
    }
}

/// The settings that a gate is assessed with, whatever its evidence: looks share its level.
#[must_use]
pub fn settings(gate: &GateSpec, policy: &Policy) -> Settings {
    let confidence = gate.confidence.map_or(policy.confidence, |own| own.value);
    Settings {
        alpha: confidence.alpha() / f64::from(policy.looks),
        alpha_fail: policy.fail_confidence.alpha() / f64::from(policy.looks),
        missing_samples: policy.missing_samples,
        point_estimates: policy.point_estimates,
        seed: bootstrap::seed(&gate.id.value, &[]),
    }
}
