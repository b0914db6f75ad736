//! The anchor: every change that a gate limits since the baseline, it limits since an older release as well.
//!
//! Each such gate gets a twin, judged by the same rule and method against the anchor, so that a margin that is spent
//! at every release cannot add up unseen. `regressions` get none: they are about the listed cases of two releases and not
//! about a margin.

use crate::diagnostic::{Code, Diagnostic};
use crate::gate::Gate;
use crate::manifest::{Enforcement, Reference};
use crate::metric::{Bound, Change};

/// Puts a twin behind every gate that has one.
pub(super) fn add_twins(gates: &mut Vec<Gate>) {
    let both = |gate: Gate| {
        let twin = twin(&gate);
        std::iter::once(gate).chain(twin)
    };
    *gates = std::mem::take(gates).into_iter().flat_map(both).collect();
}

/// The same gate against the anchor; none for one that spends no margin.
fn twin(gate: &Gate) -> Option<Gate> {
    let change = gate.bound.change.filter(|_| spends_a_margin(&gate.bound))?;
    let mut twin = gate.clone();
    twin.spec.id.value = Reference::Anchor.id_of(&gate.spec.id.value);
    twin.spec.against = Reference::Anchor;
    twin.bound.change = Some(Change { against: Reference::Anchor, ..change });
    Some(twin)
}

/// Whether a gate allows a change at every release.
fn spends_a_margin(bound: &Bound) -> bool {
    bound.change.is_some() && !bound.measure.counts_regressions()
}

/// A margin that is spent at every release adds up, unless a gate on the same metric that blocks and applies stands still:
/// one on its level, or one against the anchor. A margin of a gate that does not apply is not spent.
pub(super) fn drift(gates: &[Gate]) -> Vec<Diagnostic> {
    let applying = || gates.iter().filter(|gate| gate.applies);
    let since_baseline = |gate: &Gate| gate.bound.against() == Some(Reference::Baseline);
    let on = |metric: &str| {
        let metric = metric.to_owned();
        applying().filter(move |other| other.bound.metric == metric && !since_baseline(other))
    };
    let blocks = |gate: &Gate| gate.spec.enforcement == Enforcement::Block;
    let warning = |one: &Gate| {
        let metric = &one.bound.metric;
        if !spends_a_margin(&one.bound) || !since_baseline(one) || on(metric).any(blocks) {
            return None;
        }
        let mend = match on(metric).next() {
            Some(other) => {
                let other = &other.spec.id.value;
                format!("let `{}` block", other.strip_suffix("@anchor").unwrap_or(other))
            }
            None => "add one, or hold it to a fixed older release: `anchor: git:v2.0.0`".to_owned(),
        };
        let text = format!(
            "`{}` may get a little worse at every release: no blocking gate that applies limits `{metric}` itself; {mend}",
            one.spec.id.value
        );
        Some(
            Diagnostic::warning(Code::Drift, text)
                .at(one.spec.rule.subject_span(), "compared with the baseline only"),
        )
    };
    applying().filter_map(warning).collect()
}
