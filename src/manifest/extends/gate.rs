//! A gate that is written again: the stricter of both, or a finding for each part that is not.

use crate::diagnostic::{Diagnostic, Diagnostics, Span, list};
use crate::manifest::release::{GateSpec, When};
use crate::manifest::rule::{Comparator, Rule, fold};
use crate::manifest::unit::Dimension;
use crate::manifest::words::Enforcement;

/// How far two spellings of one threshold may differ by rounding (`4.35s` and `4350ms`), relative to it.
const ROUNDING: f64 = 1e-12;

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
    if let Some(own_when) = &own.when {
        match &base.when {
            None => found.loosens("adds a `when`", (own_when.span, base_place)),
            Some(base_when) if !covers(&own_when.value, &base_when.value) => {
                found.loosens("narrows its `when`", (own_when.span, base_when.span));
            }
            Some(_) => {}
        }
    }
    if own.enforcement == Enforcement::Warn && base.enforcement == Enforcement::Block {
        found.loosens("only warns", (own.enforcement_at.unwrap_or(own.rule.span), base_place));
    }
    if found.findings.is_empty() {
        *base = GateSpec {
            when_is_shared: own.when.is_some() && base.when_is_shared,
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
            Diagnostic::error("gate-loosened", format!("gate `{}` {how}", self.id))
                .at(own, "looser than the shared gate")
                .also(base, "the shared gate"),
        );
    }

    /// A part that makes it another gate.
    fn differs(&mut self, what: &str, (own, base): (Span, Span)) {
        self.push(
            Diagnostic::error("gate-differs", format!("gate `{}` has {what} than the shared gate", self.id))
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
                "gate-differs",
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
    let missing: Vec<&str> = base
        .by
        .iter()
        .map(|field| field.value.as_str())
        .filter(|field| !own.by.iter().any(|other| other.value == *field))
        .collect();
    if let (Some(first), Some(shared)) = (own.by.first(), base.by.first())
        && !missing.is_empty()
    {
        let how = format!("is no longer judged by {}", list(missing, 12));
        found.loosens(&how, (first.span, shared.span));
    }
}

/// The words left of the comparator as one name.
fn subject(rule: &Rule) -> String {
    let words: Vec<&str> = rule.words.iter().map(|word| word.value.as_str()).collect();
    fold(&words.join(" "))
}

/// Whether the own threshold is at least as hard to meet; none where the units do not compare.
fn no_easier(own: &Rule, base: &Rule) -> Option<bool> {
    let wants_low = own.comparator.value.wants_low();
    let exact = matches!(own.comparator.value, Comparator::Equal | Comparator::NotEqual);
    let same_unit = own.threshold.value.unit == base.threshold.value.unit;
    let (mine, theirs, slack) = if same_unit {
        (own.threshold.value.value, base.threshold.value.value, 0.0)
    } else {
        let (mine, theirs) = comparable(own, base)?;
        (mine, theirs, theirs.abs() * ROUNDING)
    };
    let off = mine - theirs;
    Some(if exact {
        off.abs() <= slack
    } else if wants_low {
        off <= slack
    } else {
        off >= -slack
    })
}

/// Both thresholds in one unit.
fn comparable(own: &Rule, base: &Rule) -> Option<(f64, f64)> {
    let (mine, theirs) = (measure(own), measure(base));
    let level = !own.may_be_change();
    match (mine.0, theirs.0) {
        (a, b) if a == b => Some((mine.1, theirs.1)),
        // A level of a proportion is written either way, and `%` says that it is one.
        (Dimension::Number, Dimension::Fraction) | (Dimension::Fraction, Dimension::Number) if level => {
            Some((mine.1, theirs.1))
        }
        _ => None,
    }
}

/// What a threshold measures, in base units; a change in parts of the baseline is read as binding reads it.
fn measure(rule: &Rule) -> (Dimension, f64) {
    let (value, unit) = (rule.threshold.value.value, rule.threshold.value.unit);
    match unit.word {
        // "1.1 x" is an increase by a tenth.
        "x" => (Dimension::OfBaseline, value - 1.0),
        "%" if rule.may_be_change() => (Dimension::OfBaseline, unit.to_base(value)),
        _ => (unit.dimension, unit.to_base(value)),
    }
}

/// Whether `own` applies whenever `base` does.
fn covers(own: &When, base: &When) -> bool {
    fn wider<T: PartialEq>(own: &[T], base: &[T]) -> bool {
        own.is_empty() || (!base.is_empty() && base.iter().all(|word| own.contains(word)))
    }
    wider(&own.changed, &base.changed) && wider(&own.types, &base.types)
}
