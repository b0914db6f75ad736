//! A mean of values that have no upper end, with larger ones counted as a `cap:`, and only together with a gate on how often values are above it.
//!
//! Each of the two is tested at the gates' own level; that both have to hold needs no correction.

use super::bound::Bound;
use super::measure::MeasureKind;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::manifest::{Enforcement, GateSpec, Manifest};

/// A cap of values that may be negative, or that end somewhere anyway.
pub(super) fn misplaced(cap: Span) -> Diagnostic {
    Diagnostic::error(
        Code::CapMisplaced,
        "`cap` has no place here: these values may be negative, or have an upper end",
    )
    .at(cap, "a cap")
    .help("a cap is for a mean of values that are not negative and have no upper end, such as costs")
}

/// A capped mean says nothing of how often and how far values are above the cap: that has to be asked too.
pub(super) fn without_tail(manifest: &Manifest, one: &Bound, all: &[Bound]) -> Option<Diagnostic> {
    let cap = one.cap?;
    let own = manifest.gates.get(one.gate)?;
    let limits = |other: &&Bound| {
        let gate = manifest.gates.get(other.gate);
        let stands = gate.is_some_and(|gate| {
            let everywhere = gate.when.is_none() || same_when(gate, own);
            gate.enforcement == Enforcement::Block && everywhere
        });
        let tail = matches!(other.measure.kind(), MeasureKind::Quantile(level) if level > 0.5);
        stands
            && tail
            && other.change.is_none()
            && other.comparator.wants_low()
            && other.threshold <= cap
            && other.evidence == one.evidence
            && other.measure.fields() == one.measure.fields()
    };
    if all.iter().find(limits).is_some() {
        return None;
    }
    let text = format!(
        "values of `{}` above {cap} count as {cap}, and no blocking gate limits how often they are",
        one.metric
    );
    Some(
        Diagnostic::error(Code::CapWithoutTail, text).at(own.rule.subject_span(), "its mean is capped").help(
            format!("add a gate on a quantile, for example `p99 {} < {cap}` with its unit", one.metric),
        ),
    )
}

/// Whether two gates apply to the same releases.
fn same_when(one: &GateSpec, other: &GateSpec) -> bool {
    let when = |gate: &GateSpec| gate.when.as_ref().map(|when| when.value.clone());
    when(one) == when(other)
}
