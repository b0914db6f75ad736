//! Gates to what they measure: names resolved, units compared, thresholds converted.
//!
//! Everything that can be wrong between a rule and the evidence's *shape* is found here, with the rule
//! underlined. Deliberately absent: values.

use super::catalog::{ValueType, split_unit};
use super::names::{self, Match, Offer, Origin};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::manifest::{
    Aggregate, Category, ChangeWord, Comparator, Condition, Dimension, Direction, EvidenceSpec, GateSpec,
    Manifest, MetricKind, Unit, fold,
};

/// What is taken of the samples or read from the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// The proportion of true samples.
    Rate {
        /// The field.
        field: String,
    },
    /// The mean.
    Mean {
        /// The field.
        field: String,
    },
    /// A rate if all values are true/false or 0/1, else a mean.
    RateOrMean {
        /// The field.
        field: String,
    },
    /// The sum of one field over the sum of another.
    Ratio {
        /// The numerator's field.
        field: String,
        /// The denominator's field.
        per: String,
    },
    /// A quantile.
    Quantile {
        /// The field.
        field: String,
        /// The level in (0, 1).
        level: f64,
    },
    /// A fact about the listed cases: count, sum, min or max.
    Observed {
        /// The field.
        field: String,
        /// Which fact.
        fact: Aggregate,
    },
    /// A number that the evidence states itself.
    Aggregate {
        /// Its name in the evidence.
        name: String,
        /// How its uncertainty is read.
        value_type: ValueType,
    },
}

/// A gate that knows what it measures.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Its place in `gates:`.
    pub gate: usize,
    /// The metric's folded name.
    pub metric: String,
    /// What the metric is about.
    pub category: Option<Category>,
    /// Which way it is good.
    pub direction: Option<Direction>,
    /// The evidence entry.
    pub evidence: String,
    /// What is measured there.
    pub measure: Measure,
    /// Rows that count besides the evidence's own selection.
    pub conditions: Vec<Condition>,
    /// Factor on the values.
    pub scale: f64,
    /// The unit of the values after scaling.
    pub unit: Unit,
    /// The smallest value that can be, before scaling.
    pub lower: Option<f64>,
    /// The largest value that can be, before scaling.
    pub upper: Option<f64>,
    /// The comparison.
    pub comparator: Comparator,
    /// The threshold in `unit`.
    pub threshold: f64,
    /// How it compares with the baseline.
    pub change: Option<ChangeWord>,
    /// The fields whose values are judged on their own.
    pub by: Vec<String>,
}

/// Binds every gate of a manifest.
///
/// # Errors
/// Every gate whose name or unit does not fit the evidence.
pub fn bind(manifest: &Manifest, offers: &[Offer]) -> Result<Vec<Bound>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut bound = Vec::new();
    for (index, gate) in manifest.gates.iter().enumerate() {
        match bind_one(index, gate, manifest, offers) {
            Ok(one) => bound.push(one),
            Err(finding) => findings.push(finding),
        }
    }
    check_condition_fields(manifest, offers, &bound, &mut findings);
    if findings.has_errors() { Err(findings) } else { Ok(bound) }
}

fn bind_one(
    index: usize,
    gate: &GateSpec,
    manifest: &Manifest,
    offers: &[Offer],
) -> Result<Bound, Diagnostic> {
    let found = names::find(gate, &manifest.metrics, offers)?;
    let unit_of_name = split_unit(&fold(found.origin.name())).1;
    let declared = found.spec.and_then(|spec| spec.unit).map(|unit| unit.value);
    let known = declared.or(unit_of_name).or(found.standard.map(|standard| standard.unit));
    let measure = measure(gate, &found, offers)?;
    let (unit, threshold) = threshold(gate, &found, &measure, known)?;
    let proportion = unit.dimension == Dimension::Fraction && !matches!(measure, Measure::Observed { .. });
    let bounds = found.spec.and_then(|spec| spec.bounds).map(|bounds| bounds.value);
    // A rescaled or divided quantity does not inherit the catalogue's bounds.
    let standard = found.standard.filter(|_| !matches!(measure, Measure::Ratio { .. }));
    let lower = bounds.map(|b| b.0).or(standard.and_then(|s| s.lower)).or(proportion.then_some(0.0));
    let upper = bounds.map(|b| b.1).or(standard.and_then(|s| s.upper)).or(proportion.then_some(1.0));
    Ok(Bound {
        gate: index,
        metric: found.spec.map_or_else(|| metric_name(&found), |spec| fold(&spec.name.value)),
        category: found.spec.and_then(|s| s.category).map(|c| c.value).or(found.standard.map(|s| s.category)),
        direction: found
            .spec
            .and_then(|s| s.direction)
            .map(|d| d.value)
            .or(found.standard.map(|s| s.direction)),
        evidence: found.evidence.clone(),
        measure,
        conditions: found.spec.map(|spec| spec.conditions.clone()).unwrap_or_default(),
        scale: found.spec.and_then(|spec| spec.scale).map_or(1.0, |scale| scale.value),
        unit,
        lower,
        upper,
        comparator: gate.rule.comparator.value,
        threshold,
        change: found.reading.change,
        by: gate.by.iter().map(|field| field.value.clone()).collect(),
    })
}

/// The name that reports show: the one of the rule, which the evidence may spell differently.
fn metric_name(found: &Match<'_>) -> String {
    found.reading.metric.clone()
}

fn measure(gate: &GateSpec, found: &Match<'_>, offers: &[Offer]) -> Result<Measure, Diagnostic> {
    let declared = found.spec.and_then(|spec| spec.kind).map(|kind| kind.value);
    let catalogued = found.standard.map(|standard| standard.value_type);
    let field = match &found.origin {
        Origin::Aggregate(name) => {
            let value_type = match (found.reading.aggregate, declared) {
                (Some(Aggregate::Rate), _) | (_, Some(MetricKind::Rate)) => ValueType::Rate,
                (Some(Aggregate::Mean), _) | (_, Some(MetricKind::Mean)) => ValueType::Mean,
                // A stated quantile of a rate-like metric is still a quantile: never counted as events.
                _ if names::split_quantile(&fold(name)).0.is_some() => ValueType::Mean,
                _ => catalogued.unwrap_or(ValueType::Auto),
            };
            return Ok(Measure::Aggregate { name: name.clone(), value_type });
        }
        Origin::Field(field) => field.clone(),
    };
    if declared == Some(MetricKind::Ratio) {
        return ratio(gate, found, field, offers);
    }
    Ok(match found.reading.aggregate {
        Some(Aggregate::Quantile(level)) => Measure::Quantile { field, level },
        Some(Aggregate::Mean) => Measure::Mean { field },
        Some(Aggregate::Rate) => Measure::Rate { field },
        Some(fact) => Measure::Observed { field, fact },
        None => match declared {
            Some(MetricKind::Rate) => Measure::Rate { field },
            Some(MetricKind::Mean) => Measure::Mean { field },
            _ => match catalogued {
                Some(ValueType::Rate) => Measure::Rate { field },
                Some(ValueType::Mean) => Measure::Mean { field },
                Some(ValueType::Auto) | None => Measure::RateOrMean { field },
            },
        },
    })
}

fn ratio(gate: &GateSpec, found: &Match<'_>, field: String, offers: &[Offer]) -> Result<Measure, Diagnostic> {
    if let Some(aggregate) = found.reading.aggregate {
        return Err(Diagnostic::error(
            "aggregate-of-ratio",
            format!("`{aggregate}` cannot be taken of a ratio of sums"),
        )
        .at(gate.rule.subject_span(), "a ratio has one value")
        .help("gate the ratio itself, or one of its fields"));
    }
    let per = found.spec.and_then(|spec| spec.per.as_ref());
    let offer = offers.iter().find(|offer| offer.evidence == found.evidence);
    match (per, offer) {
        (Some(per), Some(offer)) if offer.fields.contains(&per.value) => {
            Ok(Measure::Ratio { field, per: per.value.clone() })
        }
        (Some(per), offer) => {
            let names = offer.into_iter().flat_map(|offer| offer.fields.iter().map(String::as_str));
            Err(Diagnostic::error(
                "unknown-metric",
                format!("evidence `{}` has no field `{}`", found.evidence, per.value),
            )
            .at(per.span, "asked for here")
            .suggest(&per.value, names))
        }
        // The manifest reader refuses a ratio without `per`.
        (None, _) => Err(Diagnostic::error("ratio-without-per", "a ratio needs `per`")),
    }
}

/// The unit of the measured values and the threshold in it.
fn threshold(
    gate: &GateSpec,
    found: &Match<'_>,
    measure: &Measure,
    known: Option<Unit>,
) -> Result<(Unit, f64), Diagnostic> {
    let quantity = &gate.rule.threshold;
    let (value, written) = (quantity.value.value, quantity.value.unit);
    let span = quantity.span;
    if let Measure::Observed { fact: Aggregate::Count, .. } = measure {
        return count_threshold(value, written, span);
    }
    if found.reading.change.is_some() {
        // Changes are compared in their own units; the comparison is bound with the baseline.
        return Ok((known.unwrap_or(written), value));
    }
    let unit = match known {
        Some(unit) => unit,
        None if written.dimension == Dimension::Fraction => Unit::FRACTION,
        None if written == Unit::NUMBER => Unit::NUMBER,
        None => return Err(unknown_unit(found, written, span)),
    };
    let converted = match (unit.dimension, written.dimension) {
        (Dimension::Fraction, Dimension::Number) if (0.0..=1.0).contains(&value) => value,
        (Dimension::Fraction, Dimension::Number) => {
            return Err(not_a_proportion(&quantity.value.digits, span));
        }
        (Dimension::Tokens | Dimension::Number, Dimension::Number) => value,
        (_, Dimension::Number) => return Err(bare_number(&quantity.value.digits, unit, span)),
        (_, Dimension::Points | Dimension::OfBaseline) => {
            return Err(Diagnostic::error(
                "unit-of-a-change",
                format!("`{written}` measures a change, and this rule is a level"),
            )
            .at(span, "a change is meant?")
            .help("write `... drop < 2pp` to compare with the baseline, or `%` for a level"));
        }
        _ => written.convert(value, unit).ok_or_else(|| other_dimension(gate, unit, written, span))?,
    };
    if unit.dimension == Dimension::Fraction && !matches!(measure, Measure::Observed { .. }) {
        check_proportion(gate, converted, span)?;
    }
    Ok((unit, converted))
}

fn count_threshold(value: f64, written: Unit, span: Span) -> Result<(Unit, f64), Diagnostic> {
    if written == Unit::NUMBER && value >= 0.0 && value.fract() == 0.0 {
        return Ok((Unit::NUMBER, value));
    }
    Err(Diagnostic::error("not-a-count", "a count is compared with a whole number")
        .at(span, "not a whole number")
        .help("for example `count toxicity == 0`; a share is a rate: `toxicity < 0.1%`"))
}

/// A proportion's threshold must leave something to be shown.
fn check_proportion(gate: &GateSpec, value: f64, span: Span) -> Result<(), Diagnostic> {
    let comparator = gate.rule.comparator.value;
    if !(0.0..=1.0).contains(&value) {
        return Err(Diagnostic::error("not-a-proportion", "a proportion lies between 0% and 100%")
            .at(span, "outside"));
    }
    let hopeless = match comparator {
        Comparator::Less | Comparator::AtMost => value <= 0.0,
        Comparator::Greater | Comparator::AtLeast => value >= 1.0,
        Comparator::Equal | Comparator::NotEqual => false,
    };
    if hopeless {
        let word = if comparator.wants_low() { "== 0" } else { "with the number of cases" };
        return Err(Diagnostic::error("never-provable", "no number of samples can show this rate")
            .at(span, "a sample always leaves some uncertainty")
            .help(format!(
                "allow a small rate such as `{}`",
                if comparator.wants_low() { "< 0.1%" } else { ">= 99.9%" }
            ))
            .help(format!("or take a fact about the listed cases only: `count ... {word}`")));
    }
    Ok(())
}

fn unknown_unit(found: &Match<'_>, written: Unit, span: Span) -> Diagnostic {
    let name = found.origin.name();
    Diagnostic::error("unknown-unit-of-metric", format!("relgate does not know the unit of `{name}`"))
        .at(span, format!("compared with {}", written.dimension.describe()))
        .help(format!("define it: `metrics: {{ {name}: {{ unit: {written} }} }}`"))
}

fn not_a_proportion(digits: &str, span: Span) -> Diagnostic {
    Diagnostic::error("not-a-proportion", format!("{digits} is not a proportion"))
        .at(span, "between 0 and 1, or a percentage")
        .help(format!("did you mean `{digits}%`?"))
}

fn bare_number(digits: &str, unit: Unit, span: Span) -> Diagnostic {
    let spelled = match unit.word.strip_prefix('$') {
        Some(rest) => format!("${digits}{rest}"),
        None => format!("{digits}{unit}"),
    };
    Diagnostic::error("missing-unit", format!("{digits} of what?"))
        .at(span, "a unit is missing")
        .help(format!("did you mean `{spelled}`?"))
}

fn other_dimension(gate: &GateSpec, unit: Unit, written: Unit, span: Span) -> Diagnostic {
    Diagnostic::error(
        "wrong-unit",
        format!(
            "this metric is {}, and `{written}` is {}",
            unit.dimension.describe(),
            written.dimension.describe()
        ),
    )
    .at(span, "cannot be compared")
    .also(gate.rule.subject_span(), unit.dimension.describe())
    .help(match unit.dimension {
        Dimension::Fraction => "for example `1.5%`".to_owned(),
        Dimension::Time => "for example `1200ms` or `1.2s`".to_owned(),
        Dimension::Money => "for example `$0.02`".to_owned(),
        _ if unit == Unit::NUMBER => "write the number without a unit".to_owned(),
        _ => format!("for example `100 {unit}`"),
    })
}

/// Fields of `where:` must exist; a misspelt one would select nothing, or everything.
fn check_condition_fields(
    manifest: &Manifest,
    offers: &[Offer],
    bound: &[Bound],
    findings: &mut Diagnostics,
) {
    let of_evidence = manifest.evidence.iter().flat_map(|entry: &EvidenceSpec| {
        entry.conditions.iter().map(|condition| (entry.name.value.as_str(), condition))
    });
    let of_metrics = bound
        .iter()
        .flat_map(|one| one.conditions.iter().map(|condition| (one.evidence.as_str(), condition)));
    let mut seen = Vec::new();
    for (evidence, condition) in of_evidence.chain(of_metrics) {
        let Some(offer) = offers.iter().find(|offer| offer.evidence == evidence) else { continue };
        if offer.fields.contains(&condition.field.value) || seen.contains(&condition.field.span) {
            continue;
        }
        seen.push(condition.field.span);
        findings.push(
            Diagnostic::error(
                "unknown-metric",
                format!("evidence `{evidence}` has no field `{}`", condition.field.value),
            )
            .at(condition.field.span, "asked for here")
            .suggest(&condition.field.value, offer.fields.iter().map(String::as_str)),
        );
    }
}
