//! The anchor: every change that a gate limits since the baseline, it limits since an older release as well.
//!
//! Each such gate gets a twin, judged by the same rule and method against the anchor, so that a margin that is spent
//! at every release cannot add up unseen. Deliberately absent: `regressions`, which are about the listed cases of two
//! releases and not about a margin.

use super::examine;
use super::opened::Opened;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::manifest::{Enforcement, GateSpec, Manifest, Reference};
use crate::metric::{Bound, Measure};

/// The manifest and its bound gates with the twins, each behind its gate.
pub(crate) fn twins(
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

/// A margin that is spent at every release adds up, unless a gate on the same metric that blocks and applies stands still:
/// one on its level, or one against the anchor. A margin of a gate that does not apply is not spent.
pub(crate) fn drift(manifest: &Manifest, asked: &[(&Bound, bool)]) -> Vec<Diagnostic> {
    let gates = || asked.iter().zip(&manifest.gates).filter(|((_, applies), _)| *applies);
    let since_baseline = |bound: &Bound| bound.against() == Some(Reference::Baseline);
    let on = |metric: &str| {
        let metric = metric.to_owned();
        gates().filter(move |((other, _), _)| other.metric == metric && !since_baseline(other))
    };
    let blocks = |gate: &GateSpec| gate.enforcement == Enforcement::Block;
    let warning = |((one, _), gate): (&(&Bound, bool), &GateSpec)| {
        let mut still = on(&one.metric).map(|(_, gate)| gate);
        if !spends_a_margin(one) || !since_baseline(one) || still.any(blocks) {
            return None;
        }
        let mend = match on(&one.metric).next() {
            Some((_, other)) => {
                let other = &other.id.value;
                format!("let `{}` block", other.strip_suffix("@anchor").unwrap_or(other))
            }
            None => "add one, or hold it to a fixed older release: `anchor: git:v2.0.0`".to_owned(),
        };
        let text = format!(
            "`{}` may get a little worse at every release: no blocking gate that applies limits `{}` itself; {mend}",
            gate.id.value, one.metric
        );
        Some(
            Diagnostic::warning(Code::Drift, text)
                .at(gate.rule.subject_span(), "compared with the baseline only"),
        )
    };
    gates().filter_map(warning).collect()
}
