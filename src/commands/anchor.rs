//! The anchor: every change that a gate limits since the baseline, it limits since an older release as well.
//!
//! Each such gate gets a twin, judged by the same rule and method against the anchor, so that a margin that is spent
//! at every release cannot add up unseen. Deliberately absent: `regressions`, which are about the listed cases of two
//! releases and not about a margin.

use super::examine;
use super::pieces::Opened;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{GateSpec, Manifest, Reference};
use crate::metric::{Bound, Measure};

/// The manifest and its bound gates with the twins, each behind its gate.
pub(super) fn twins(
    mut manifest: Manifest,
    bound: &[Bound],
    opened: &[Opened],
) -> Result<(Manifest, Vec<Bound>), Diagnostics> {
    let gates = manifest.gates.into_iter().zip(bound).flat_map(|(gate, bound)| {
        let twin = spends_a_margin(bound).then(|| twin(&gate));
        std::iter::once(gate).chain(twin)
    });
    manifest.gates = gates.collect();
    let bound = examine::bind_known(&manifest, opened)?;
    Ok((manifest, bound))
}

/// Whether a gate allows a change at every release.
fn spends_a_margin(bound: &Bound) -> bool {
    bound.change.is_some() && !matches!(bound.measure, Measure::Regressions { .. })
}

fn twin(gate: &GateSpec) -> GateSpec {
    let mut twin = gate.clone();
    twin.id.value = Reference::Anchor.id_of(&gate.id.value);
    twin.against = Reference::Anchor;
    twin
}

/// A margin that is spent at every release adds up, unless an absolute gate on the same metric stands still; asked where
/// no anchor does.
pub(super) fn drift(manifest: &Manifest, bound: &[Bound]) -> Vec<Diagnostic> {
    let held = |metric: &str| bound.iter().any(|other| other.change.is_none() && other.metric == metric);
    let drifts =
        bound.iter().zip(&manifest.gates).filter(|(one, _)| spends_a_margin(one) && !held(&one.metric));
    let warning = |(one, gate): (&Bound, &GateSpec)| {
        Diagnostic::warning(
            "drift",
            format!(
                "`{}` may get a little worse at every release: no gate limits `{}` itself",
                gate.id.value, one.metric
            ),
        )
        .at(gate.rule.subject_span(), "compared with the baseline only")
        .help("add an absolute gate on the same metric, or hold it to a fixed older release: `anchor: git:v2.0.0`")
    };
    drifts.map(warning).collect()
}
