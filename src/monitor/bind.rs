//! What a manifest asks of production, and the fields that the log has, to signals.

use std::collections::{BTreeMap, BTreeSet};

use super::signal::{Asked, RecordEvent, Signal, SignalTail};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, Spanned, printable};
use crate::evidence::FieldKind;
use crate::manifest::rule::{self, Locator};
use crate::manifest::{
    self, ChangeWord, Comparator, Direction, GateSpec, Manifest, MetricKind, MonitoringSpec, Rule,
    SignalAsked, SignalSpec, USUAL_SIGNALS,
};
use crate::metric::catalog::{ValueType, standard};
use crate::metric::{self, Bound, MeasureKind, Offer};
use crate::stats::sequential::ChangeLimit;

/// The name of the log where results have one.
const LOG: &str = "log";
/// What fields of production are that no catalogue of metrics knows.
const USUAL: &str = "\
relgate: 1
name: usual
version: 1.0.0
type: hotfix
evidence: { log: { path: log } }
gates: ['x < 1']
metrics:
  user_flagged: { as: rate, direction: lower, category: quality }
  error: { as: rate, direction: lower, category: quality }
  refusal: { as: rate, direction: lower, category: quality }
  empty_response: { as: rate, direction: lower, category: quality }
  safety_match: { as: rate, direction: lower, category: safety }
  prompt_leakage: { as: rate, direction: lower, category: safety }
  response_chars: { as: mean, direction: lower, category: quality }
";

/// What most people never say: a record without it says no.
pub const FEEDBACK: &str = "user_flagged";

/// The signals that are watched where a manifest names none, as far as the log has their fields.
#[must_use]
pub fn usual_signals(fields: &BTreeMap<String, FieldKind>, span: Span) -> Vec<SignalSpec> {
    let known = USUAL_SIGNALS.iter().copied().filter(|name| fields.contains_key(*name));
    known.map(|name| SignalSpec::usual(name, span)).collect()
}

/// Whether a bare name is known to be a rate before anything is logged: declared as one, else a known field of production or a
/// standard metric that is one.
#[must_use]
pub fn is_known_rate(manifest: &Manifest, name: &str) -> bool {
    let folded = manifest::fold(name);
    let mut sources = Sources::new();
    let usual = sources.add("", USUAL);
    let usual = manifest::parse(&sources, usual).map(|usual| usual.metrics).unwrap_or_default();
    let mut known = manifest.metrics.iter().chain(&usual);
    match known.find(|metric| manifest::fold(&metric.name.value) == folded) {
        Some(metric) => metric.kind.as_ref().is_some_and(|kind| kind.value == MetricKind::Rate),
        None => standard(&folded).is_some_and(|standard| standard.value_type == ValueType::Rate),
    }
}

/// What signals are bound to.
pub struct Bindings<'a> {
    /// The release.
    pub manifest: &'a Manifest,
    /// What it asks of production.
    pub monitoring: &'a MonitoringSpec,
    /// The fields of the log, with those that are worked out of responses.
    pub fields: &'a BTreeMap<String, FieldKind>,
    /// Those of them that a query counted.
    pub counted: &'a BTreeSet<String>,
}

/// Makes signals of what is asked.
///
/// # Errors
/// Every signal whose metric, field or unit does not fit the log, or that no single record can tell.
pub fn bind(bindings: &Bindings<'_>, specs: &[SignalSpec]) -> Result<Vec<Signal>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut signals = Vec::new();
    for spec in specs {
        match one(bindings, spec).and_then(|signal| counted(bindings, spec, signal)) {
            Ok(signal) => signals.push(signal),
            Err(found) => findings.extend(found),
        }
    }
    if signals.len() > super::units::MOST_SIGNALS {
        findings.push(
            Diagnostic::error(
                Code::SignalSpec,
                format!("{} signals are too many: 32 at most", signals.len()),
            )
            .at(bindings.monitoring.span, "here")
            .help("every one makes the others slower to show; keep those that somebody would act on"),
        );
    }
    if findings.has_errors() { Err(findings) } else { Ok(signals) }
}

fn one(bindings: &Bindings<'_>, spec: &SignalSpec) -> Result<Signal, Diagnostics> {
    match &spec.asked {
        SignalAsked::Rule(rule) => {
            let bound = bound(bindings, rule.clone(), spec.metric.clone())?;
            let asked = asked(bindings, spec, &bound, rule)?;
            Ok(signal(bindings, spec, &bound, asked, rule.text.clone()))
        }
        SignalAsked::NotWorse(name) => {
            let bound = bare(bindings, name)?;
            let Some(direction) = bound.direction else { return Err(undirected(name)) };
            let low = direction == Direction::Lower;
            let asked = if is_rate(bindings, &bound) {
                Asked::Ratio { ratio: 1.0, event: if low { RecordEvent::True } else { RecordEvent::False } }
            } else {
                Asked::NotShifted { low }
            };
            let text = format!("{} not worse than the stable release", name.value);
            Ok(signal(bindings, spec, &bound, asked, text))
        }
        SignalAsked::Drift(rule) => {
            let name: Vec<&str> = rule.words.iter().map(|word| word.value.as_str()).collect();
            let name = Spanned::new(manifest::fold(&name.join(" ")), rule.span);
            let bound = bare(bindings, spec.metric.as_ref().unwrap_or(&name))?;
            let threshold = &rule.threshold.value;
            let d = threshold.unit.to_base(threshold.value);
            let low = rule.comparator.value.wants_low();
            if !(low && d > 0.0 && d < 0.5) {
                return Err(wrong(
                    "a drift is less than a number of points below 50",
                    rule.threshold.span,
                    "for example 'drift of response chars < 6pp': a candidate's value is the larger one in 44% to 56% of pairs",
                ));
            }
            Ok(signal(bindings, spec, &bound, Asked::Drift { d }, format!("drift of {}", rule.text)))
        }
    }
}

fn signal(bindings: &Bindings<'_>, spec: &SignalSpec, bound: &Bound, asked: Asked, rule: String) -> Signal {
    let field = field(bound);
    let ends = bound.upper.filter(|_| bound.cap.is_none());
    let bounded = is_rate(bindings, bound)
        || ends.is_some_and(|upper| spec.cap.as_ref().is_none_or(|cap| cap.value >= upper));
    let detect = spec.detect.as_ref().map(|detect| {
        let value = detect.value.unit.to_base(detect.value.value);
        // Of a comparison "20%" is so much more, and is kept as so many times.
        match asked {
            Asked::Ratio { ratio, .. } if value < ratio => 1.0 + value,
            Asked::Change { .. } | Asked::NotShifted { .. } if value < 1.0 => 1.0 + value,
            _ => value,
        }
    });
    Signal {
        id: spec.id.value.clone(),
        rule,
        category: bound.category.unwrap_or(manifest::Category::Quality),
        scale: bound.scale,
        unit: bound.change.map_or(bound.unit, |change| change.level_unit),
        asked,
        detect,
        shown: spec.shown,
        action: spec.action.as_ref().map(|action| action.value.clone()),
        absent_is_no: field == FEEDBACK,
        counted: false,
        tail: if bounded { SignalTail::Bounded } else { SignalTail::Open },
        field,
    }
}

fn field(bound: &Bound) -> String {
    bound.measure.case_field().unwrap_or_default().to_owned()
}

/// A signal whose field is only known as counts: how often something is true they say, and nothing else.
fn counted(bindings: &Bindings<'_>, spec: &SignalSpec, mut signal: Signal) -> Result<Signal, Diagnostics> {
    signal.counted = bindings.counted.contains(&signal.field);
    if !signal.counted {
        return Ok(signal);
    }
    if let Some(condition) = spec.conditions.first() {
        return Err(wrong(
            "counts have no fields that `where` could select by",
            condition.field.span,
            "let the query count what is meant, under a name of its own",
        ));
    }
    let is_rate = matches!(signal.asked, Asked::Rate { .. } | Asked::Ratio { .. } | Asked::Never { .. });
    let is_truth = matches!(signal.asked.event(), Some(RecordEvent::True | RecordEvent::False));
    if is_rate && is_truth {
        return Ok(signal);
    }
    let text = format!("`{}` is only known as counts, which say how often it is true", signal.field);
    let help = "watch it as a rate (a bare name, 'NAME < 2%', 'NAME increase < 20%', `count NAME == 0`), or log the records themselves";
    Err(wrong(&text, spec.id.span, help))
}

/// Whether the values say true or false.
fn is_rate(bindings: &Bindings<'_>, bound: &Bound) -> bool {
    use metric::Truth;
    match bound.measure.truth() {
        Truth::Always => true,
        Truth::IfSaid => bindings.fields.get(&field(bound)) == Some(&FieldKind::Bool),
        Truth::Never => false,
    }
}

/// A name alone, bound as a change, whichever way that is good.
fn bare(bindings: &Bindings<'_>, name: &Spanned<String>) -> Result<Bound, Diagnostics> {
    let place = Locator { whole: name.span, verbatim: None };
    let mut first: Option<Diagnostics> = None;
    // By its words, else by its exact name.
    for (words, metric) in [(name.value.as_str(), None), ("x", Some(name.clone()))] {
        let mut known: Option<Bound> = None;
        for word in ["increase", "drop"] {
            let Ok(rule) = rule::parse(&format!("{words} {word} < 1% of baseline"), place) else { continue };
            match bound(bindings, rule, metric.clone()) {
                // Where both words fit, nothing says which of them is the harm.
                Ok(bound) => {
                    let direction = if known.is_some() { None } else { bound.direction };
                    known = Some(Bound { direction, ..bound });
                }
                Err(found) => drop(first.get_or_insert(found)),
            }
        }
        if let Some(known) = known {
            return Ok(known);
        }
    }
    Err(first.unwrap_or_default())
}

/// The finding that nothing says which values of a bare name are the worse ones.
fn undirected(name: &Spanned<String>) -> Diagnostics {
    let shown = printable(&name.value);
    wrong(
        &format!("nothing says whether small or large values of `{shown}` are good"),
        name.span,
        &format!("declare it: `metrics: {{ {shown}: {{ direction: higher }} }}`, or `lower`"),
    )
}

/// One rule, bound to the log as a gate is to results.
fn bound(bindings: &Bindings<'_>, rule: Rule, metric: Option<Spanned<String>>) -> Result<Bound, Diagnostics> {
    let mut manifest = bindings.manifest.clone();
    let mut sources = Sources::new();
    let usual = sources.add("", USUAL);
    let usual = manifest::parse(&sources, usual)?;
    manifest.evidence = usual.evidence;
    manifest.metrics.retain(|own| own.evidence.is_none() && own.judge.is_none() && own.text.is_none());
    for known in usual.metrics {
        let logged = bindings.fields.contains_key(&known.name.value) || known.name.value == FEEDBACK;
        if logged && !manifest.metrics.iter().any(|own| manifest::fold(&own.name.value) == known.name.value) {
            manifest.metrics.push(known);
        }
    }
    let evidence = Some(Spanned::new(LOG.to_owned(), bindings.monitoring.span));
    manifest.gates = vec![GateSpec { metric, evidence, ..GateSpec::of_rule(rule) }];
    let offer = Offer {
        evidence: LOG.to_owned(),
        fields: bindings.fields.keys().cloned().collect(),
        ..Offer::default()
    };
    let bound = metric::bind(&manifest, &[offer])?;
    bound.into_iter().next().ok_or_else(Diagnostics::new)
}

fn wrong(text: &str, span: Span, help: &str) -> Diagnostics {
    Diagnostic::error(Code::SignalSpec, text.to_owned()).at(span, "no signal").help(help.to_owned()).into()
}

/// What a rule asks of single records.
fn asked(
    bindings: &Bindings<'_>,
    spec: &SignalSpec,
    bound: &Bound,
    rule: &Rule,
) -> Result<Asked, Diagnostics> {
    let span = rule.subject_span();
    match (bound.measure.kind(), bound.change) {
        (MeasureKind::Observed(manifest::Aggregate::Count), None) => {
            let zero = match bound.comparator {
                Comparator::Equal | Comparator::AtMost => bound.threshold.abs() < f64::EPSILON,
                Comparator::Less => bound.threshold > 0.0 && bound.threshold <= 1.0,
                _ => false,
            };
            if zero {
                return Ok(Asked::Never { event: RecordEvent::True });
            }
            Err(wrong(
                "a count only grows with the log",
                rule.threshold.span,
                "watch a rate, or `count NAME == 0`",
            ))
        }
        (MeasureKind::Quantile(level), None) => {
            let event = match bound.comparator {
                Comparator::Less => RecordEvent::AtLeast(bound.threshold),
                Comparator::AtMost => RecordEvent::Above(bound.threshold),
                Comparator::Greater => RecordEvent::AtMost(bound.threshold),
                _ => RecordEvent::Below(bound.threshold),
            };
            let limit = if bound.comparator.wants_low() { 1.0 - level } else { level };
            Ok(Asked::Rate { limit, event })
        }
        (MeasureKind::Estimated, None) if is_rate(bindings, bound) => rate(bound, rule),
        (MeasureKind::Estimated, None) => mean(spec, bound, rule),
        (MeasureKind::Estimated, Some(change)) => {
            let word = change.word;
            if word == ChangeWord::Change {
                let help = "write `increase` or `drop`, or watch its `drift of`";
                return Err(wrong("a signal looks one way", span, help));
            }
            change_of(bindings, spec, bound, change.relative, word == ChangeWord::Increase).ok_or_else(|| {
                wrong("no such change can be", rule.threshold.span, "for example 'cost increase < 20%'")
            })
        }
        _ => Err(wrong(
            "single records cannot tell this",
            span,
            "watch a rate, a mean, a quantile, `count NAME == 0`, a change of a rate or mean, or a drift",
        )),
    }
}

fn rate(bound: &Bound, rule: &Rule) -> Result<Asked, Diagnostics> {
    let share = bound.unit.to_base(bound.threshold);
    let (limit, event) = if bound.comparator.wants_low() {
        (share, RecordEvent::True)
    } else {
        (1.0 - share, RecordEvent::False)
    };
    if limit > 0.0 && limit < 1.0 {
        return Ok(Asked::Rate { limit, event });
    }
    let help = "of what may never happen write `count NAME == 0`; else a limit between 0% and 100%";
    Err(wrong("no number of records shows this", rule.threshold.span, help))
}

fn mean(spec: &SignalSpec, bound: &Bound, rule: &Rule) -> Result<Asked, Diagnostics> {
    let (limit, low) = (bound.threshold, bound.comparator.wants_low());
    let declared = spec.cap.as_ref().map(|cap| cap.value).or(bound.cap).or(bound.upper);
    let cap = match declared {
        Some(cap) => cap,
        None if low => 10.0 * limit,
        None => {
            let help = "write the mapping form with `cap:`, the largest value that counts";
            return Err(wrong("nothing says how large a value can be", rule.subject_span(), help));
        }
    };
    if limit > 0.0 && limit < cap && cap.is_finite() {
        return Ok(Asked::Mean { limit, cap, low });
    }
    Err(wrong(
        "the limit is not between 0 and the largest value that counts",
        rule.threshold.span,
        "see `cap`",
    ))
}

fn change_of(
    bindings: &Bindings<'_>,
    spec: &SignalSpec,
    bound: &Bound,
    relative: bool,
    increase: bool,
) -> Option<Asked> {
    let m = bound.unit.to_base(bound.threshold);
    let is_rate = is_rate(bindings, bound);
    if is_rate && relative && increase && m > -1.0 {
        return Some(Asked::Ratio { ratio: 1.0 + m, event: RecordEvent::True });
    }
    let cap = if is_rate {
        Some(1.0)
    } else {
        spec.cap.as_ref().map(|cap| cap.value).or(bound.cap).or(bound.upper)
    };
    let limit = match (relative, increase) {
        (true, true) if m > -1.0 => ChangeLimit::Increase(m),
        (true, false) if (0.0..1.0).contains(&m) => ChangeLimit::Decrease(m),
        (false, true) if m >= 0.0 => ChangeLimit::IncreaseBy(if is_rate { m } else { bound.threshold }),
        (false, false) if m >= 0.0 => ChangeLimit::DecreaseBy(if is_rate { m } else { bound.threshold }),
        _ => return None,
    };
    Some(Asked::Change { limit, cap })
}
