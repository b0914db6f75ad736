//! A gate that is written again: the stricter of both, or a finding for each part that is not.

use super::stricter::{covers, left_out, no_easier, subject};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, list};
use crate::manifest::release::GateSpec;
use crate::manifest::rule::Comparator;
use crate::manifest::words::Enforcement;

/// Makes `base` the gate as `own` tightens it.
///
/// `by`, `confidence`, `min_samples`, `metric`, `evidence` and `rationale` are inherited where they are not written.
/// `when` and `enforcement` are not: a gate reads in the release as it is judged, always and blocking unless it says
/// otherwise.
pub(super) fn tighten(base: &mut GateSpec, own: GateSpec) -> Diagnostics {
    let mut found = Finder { id: own.id.value.clone(), findings: Diagnostics::new() };
    rule(&mut found, base, &own);
    names(&mut found, base, &own);
    let base_place = base.rule.span;
    if let (Some(own), Some(base)) = (own.confidence, base.confidence)
        && own.value < base.value
    {
        found.loosens("lowers its confidence", (own.span, base.span));
    }
    if let (Some(own), Some(base)) = (own.min_samples, base.min_samples)
        && own.value < base.value
    {
        found.loosens("needs fewer samples", (own.span, base.span));
    }
    if let Some(own_when) = own.when.as_ref()
        && !covers(Some(&own_when.value), base.when.as_ref().map(|when| &when.value))
    {
        match &base.when {
            None => found.loosens("adds a `when`", (own_when.span, base_place)),
            Some(base_when) => found.loosens("narrows its `when`", (own_when.span, base_when.span)),
        }
    }
    if own.enforcement == Enforcement::Warn && base.enforcement == Enforcement::Block {
        found.loosens("only warns", (own.enforcement_at.unwrap_or(own.rule.span), base_place));
    }
    if found.findings.is_empty() {
        *base = GateSpec {
            when_is_shared: own.when.is_some() && base.when_is_shared,
            shared: base.shared.or(own.shared),
            metric: own.metric.or_else(|| base.metric.take()),
            evidence: own.evidence.or_else(|| base.evidence.take()),
            by: if own.by.is_empty() { std::mem::take(&mut base.by) } else { own.by },
            confidence: own.confidence.or(base.confidence),
            min_samples: own.min_samples.or(base.min_samples),
            rationale: own.rationale.or_else(|| base.rationale.take()),
            ..own
        };
    }
    found.findings
}

struct Finder {
    id: String,
    findings: Diagnostics,
}

impl Finder {
    fn push(&mut self, finding: Diagnostic) {
        self.findings.push(finding.help(format!(
            "tighten `{}`, or remove it here to inherit it; a gate of another kind needs another `id:`",
            self.id
        )));
    }

    /// A part that is weaker than the same part of the shared gate.
    fn loosens(&mut self, how: &str, (own, base): (Span, Span)) {
        self.push(
            Diagnostic::error(Code::GateLoosened, format!("gate `{}` {how}", self.id))
                .at(own, "looser than the shared gate")
                .also(base, "the shared gate"),
        );
    }

    /// A part that makes it another gate.
    fn differs(&mut self, what: &str, (own, base): (Span, Span)) {
        self.push(
            Diagnostic::error(
                Code::GateDiffers,
                format!("gate `{}` has {what} than the shared gate", self.id),
            )
            .at(own, "this is another gate with the same id")
            .also(base, "the shared gate"),
        );
    }
}

/// The same words, the same comparator, a threshold no easier.
fn rule(found: &mut Finder, base: &GateSpec, own: &GateSpec) {
    if subject(&own.rule) != subject(&base.rule) {
        found.differs("another metric", (own.rule.subject_span(), base.rule.subject_span()));
    }
    let (own_is, base_is) = (own.rule.comparator, base.rule.comparator);
    let places = (own.rule.threshold.span, base.rule.threshold.span);
    if own_is.value != base_is.value {
        found.differs("another comparator", (own_is.span, base_is.span));
        return;
    }
    match (no_easier(&own.rule, &base.rule), own_is.value) {
        (Some(true), _) => {}
        (Some(false), Comparator::Equal | Comparator::NotEqual) => found.differs("another number", places),
        (Some(false), _) => found.loosens("has an easier threshold", places),
        (None, _) => found.push(
            Diagnostic::error(
                Code::GateDiffers,
                format!("the thresholds of gate `{}` are in units that cannot be compared", found.id),
            )
            .at(places.0, own.rule.threshold.value.unit.dimension.describe())
            .also(places.1, base.rule.threshold.value.unit.dimension.describe())
            .note("so nobody can say that the release does not loosen it"),
        ),
    }
}

/// The same exact metric and evidence, at least the same slices.
fn names(found: &mut Finder, base: &GateSpec, own: &GateSpec) {
    if let Some(name) = &own.metric
        && base.metric.as_ref().is_none_or(|shared| shared.value != name.value)
    {
        let shared = base.metric.as_ref().map_or(base.rule.subject_span(), |shared| shared.span);
        found.differs("another `metric`", (name.span, shared));
    }
    if let (Some(own), Some(base)) = (&own.evidence, &base.evidence)
        && own.value != base.value
    {
        found.differs("other `evidence`", (own.span, base.span));
    }
    let missing = left_out(&base.by, &own.by);
    if let (Some(first), Some(shared)) = (own.by.first(), base.by.first())
        && !missing.is_empty()
    {
        let how = format!("is no longer judged by {}", list(missing, 12));
        found.loosens(&how, (first.span, shared.span));
    }
}
