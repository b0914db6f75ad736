//! A rate of a judge's verdicts: corrected by labels, by what is known of the judge, or by nothing and called a judge rate.

use std::sync::Arc;

use super::rate;
use crate::diagnostic::Diagnostic;
use crate::metric::catalog::ValueType;
use crate::metric::compared::Compared;
use crate::metric::estimate::{Assumed, Assumptions, Method, Shortfall};
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind, Truth};
use crate::metric::operating::{Lost, OneSided};
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::quantity::{Claim, Quantity};
use crate::metric::told::{Beside, JudgeFigures};
use crate::metric::two_limits::TwoLimits;
use crate::metric::values::Values;
use crate::stats::corrected::{Alone, Corrected, Known, Labelled, RoganGladen, Unlabelled, rogan_gladen};
use crate::stats::{Bounds, SampleMean, Tails};

/// A judge whose sensitivity and specificity may add up to little more than 1 tells nothing apart.
const LEAST_YOUDEN: f64 = 0.1;

/// What corrects the verdicts.
#[derive(Debug)]
enum By {
    /// The field that holds what people said.
    Labels(String),
    /// What is known of the judge from elsewhere.
    Known(Known),
    /// Nothing: it is the judge's own rate, and called so.
    Nothing,
}

#[derive(Debug)]
struct Judged {
    field: String,
    by: By,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let judge = &meaning.found.spec?.judge.as_ref()?.value;
    if meaning.found.regressions || meaning.value_type() != ValueType::Rate {
        return None;
    }
    let field = meaning.field()?.to_owned();
    let share = |share: (u64, u64)| Unlabelled { events: share.0, n: share.1 };
    let by = match (&judge.labels, judge.sensitivity.zip(judge.specificity)) {
        (Some(labels), _) => By::Labels(labels.value.clone()),
        (None, Some((sensitivity, specificity))) => {
            By::Known(Known { sensitivity: share(sensitivity.value), specificity: share(specificity.value) })
        }
        (None, None) => By::Nothing,
    };
    Some(meaning.has_no_aggregate().map(|()| Arc::new(Judged { field, by }) as _))
}

impl Measure for Judged {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Judged
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        let one = |field| NumberField { field, kind: NumberKind::Truth };
        match &self.by {
            By::Labels(labels) => vec![one(&self.field), one(labels)],
            By::Known(_) | By::Nothing => vec![one(&self.field)],
        }
    }

    fn labelled(&self) -> Option<[&str; 2]> {
        match &self.by {
            By::Labels(labels) => Some([labels, &self.field]),
            By::Known(_) | By::Nothing => None,
        }
    }

    fn truth(&self) -> Truth {
        Truth::Always
    }

    fn usual_method(&self) -> Method {
        match self.by {
            By::Labels(_) => Method::LabelledJudge,
            By::Known(_) => Method::RoganGladen,
            By::Nothing => Method::JudgeRate,
        }
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        match &self.by {
            By::Labels(labels) => {
                let counted = counted(values, &self.field, labels);
                if values.is_clustered() {
                    return alone_in_clusters(values, labels, counted);
                }
                Answer::of(Some(by_labels(counted, values.gaps() > 0)))
            }
            By::Known(known) => Answer::of(Some(by_known(values, &self.field, known))),
            By::Nothing => {
                let figures = JudgeFigures::uncorrected(verdicts(values, &self.field));
                told(rate::level(values, &self.field), figures)
            }
        }
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        if matches!(self.by, By::Nothing) {
            let figures = JudgeFigures::uncorrected(verdicts(&runs.candidate, &self.field));
            return told(rate::change(runs, &self.field), figures);
        }
        let of = |values: &Values<'_>| match self.level(values) {
            Answer::Quantity(quantity) => Some(quantity),
            _ => None,
        };
        let sides = of(&runs.candidate).zip(of(&runs.baseline));
        // Nothing says how the errors of the two corrections hang together.
        Answer::of(sides.map(|(ours, theirs)| TwoLimits::new(ours, theirs, runs.against(), (0.0, 1.0))))
    }
}

/// The rows of a side by what people and the judge said of them.
fn counted(values: &Values<'_>, field: &str, labels: &str) -> (Labelled, Unlabelled) {
    let (mut labelled, mut others) = (Labelled::default(), Unlabelled::default());
    for (verdict, label) in values.written(field).zip(values.written(labels)) {
        let Some(verdict) = verdict.map(|verdict| verdict > 0.5) else { continue };
        match (label.map(|label| label > 0.5), verdict) {
            (Some(true), true) => labelled.both += 1,
            (Some(true), false) => labelled.missed += 1,
            (Some(false), true) => labelled.made_up += 1,
            (Some(false), false) => labelled.neither += 1,
            (None, verdict) => {
                others.n += 1;
                others.events += u64::from(verdict);
            }
        }
    }
    (labelled, others)
}

fn figures(labelled: Labelled, others: Unlabelled, alone: Option<Alone>) -> JudgeFigures {
    JudgeFigures {
        raw: Unlabelled {
            events: others.events + labelled.both + labelled.made_up,
            n: others.n + labelled.all(),
        },
        labels: Some(labelled.all()),
        sensitivity: Unlabelled { events: labelled.both, n: labelled.positives() },
        specificity: Unlabelled { events: labelled.neither, n: labelled.negatives() },
        alone,
    }
}

/// Cases in clusters are not independent, and nobody has looked at what that does to the correction: the labels stand alone, by
/// the bound for rates in clusters.
fn alone_in_clusters(
    values: &Values<'_>,
    labels: &str,
    (labelled, others): (Labelled, Unlabelled),
) -> Answer {
    let figures = figures(labelled, others, Some(Alone::Dependent));
    match rate::level(&values.without_gaps(), labels) {
        Answer::Quantity(quantity) => {
            Answer::of(Some(Beneath { quantity, figures, gaps: values.gaps() > 0 }))
        }
        other => other,
    }
}

/// A quantity with the judge's figures beside it.
fn told(answer: Answer, figures: JudgeFigures) -> Answer {
    match answer {
        Answer::Quantity(quantity) => Answer::of(Some(Beneath { quantity, figures, gaps: false })),
        other => other,
    }
}

/// What the judge says of the cases that it looked at.
fn verdicts(values: &Values<'_>, field: &str) -> Unlabelled {
    let mut raw = Unlabelled::default();
    for verdict in values.written(field).flatten() {
        raw.n += 1;
        raw.events += u64::from(verdict > 0.5);
    }
    raw
}

fn by_labels((labelled, others): (Labelled, Unlabelled), gaps: bool) -> ByLabels {
    let by_judge = Corrected::by_judge(labelled, others);
    let (corrected, alone) = match by_judge {
        Ok(corrected) => (corrected, None),
        Err(alone) => (Corrected::by_labels(labelled), Some(alone)),
    };
    ByLabels { corrected, alone, figures: figures(labelled, others, alone), gaps }
}

/// A rate by labels and, where they say enough of it, by the judge.
struct ByLabels {
    corrected: Corrected,
    alone: Option<Alone>,
    figures: JudgeFigures,
    /// Whether cases lack a verdict.
    gaps: bool,
}

impl Quantity for ByLabels {
    fn method(&self) -> Method {
        if self.alone.is_some() { Method::ClopperPearson } else { Method::LabelledJudge }
    }

    fn value(&self) -> Option<f64> {
        self.corrected.value()
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let bounds = self.corrected.bounds(alpha).filter(|_| !self.gaps);
        bounds.unwrap_or(Bounds::UNBOUNDED)
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        self.corrected.tails(claim.t.clamp(0.0, 1.0)).filter(|_| !self.gaps)
    }

    fn assumptions(&self) -> Assumptions {
        // What the judge gets wrong is taken from the labels.
        Assumptions::both(Assumed { spread_seen: self.alone.is_none(), ..Assumed::default() })
    }

    fn shortfall(&self) -> Option<Shortfall> {
        match self.value() {
            None => Some(Shortfall::NoLabels),
            Some(_) => self.gaps.then_some(Shortfall::MissingUnbounded),
        }
    }

    fn beside(&self) -> Beside {
        Beside { judge: Some(self.figures), ..Beside::default() }
    }
}

/// A quantity with the judge's figures beside it.
struct Beneath {
    quantity: Box<dyn Quantity>,
    figures: JudgeFigures,
    /// Whether cases lack a verdict that the quantity does not reckon with.
    gaps: bool,
}

impl Quantity for Beneath {
    fn method(&self) -> Method {
        if self.figures.is_uncorrected() { Method::JudgeRate } else { self.quantity.method() }
    }

    fn value(&self) -> Option<f64> {
        self.quantity.value()
    }

    fn limits(&self, alpha: f64) -> Bounds {
        if self.gaps { Bounds::UNBOUNDED } else { self.quantity.limits(alpha) }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        self.quantity.test(claim).filter(|_| !self.gaps)
    }

    fn assumptions(&self) -> Assumptions {
        self.quantity.assumptions()
    }

    fn shortfall(&self) -> Option<Shortfall> {
        match self.figures.labels {
            Some(0) => Some(Shortfall::NoLabels),
            _ if self.gaps => Some(Shortfall::MissingUnbounded),
            _ => self.quantity.shortfall(),
        }
    }

    fn events(&self, claim: Claim) -> Option<u64> {
        self.quantity.events(claim)
    }

    fn one_sided(&self, claim: Claim, less: bool, alpha: f64, lost: Lost) -> Option<OneSided> {
        self.quantity.one_sided(claim, less, alpha, lost).filter(|_| !self.gaps)
    }

    fn size(&self) -> Option<u64> {
        self.figures.labels
    }

    fn beside(&self) -> Beside {
        Beside { judge: Some(self.figures), ..Beside::default() }
    }
}

fn by_known(values: &Values<'_>, field: &str, known: &Known) -> ByKnown {
    let raw = verdicts(values, field);
    let corrected = rogan_gladen(raw, known);
    let figures = JudgeFigures {
        raw,
        labels: None,
        sensitivity: known.sensitivity,
        specificity: known.specificity,
        alone: None,
    };
    let shortfall = match corrected {
        _ if values.gaps() > 0 => Some(Shortfall::MissingUnbounded),
        // A cluster's cases count as many only where they are independent.
        _ if values.is_clustered() => Some(Shortfall::JudgeInClusters),
        Some(corrected) if corrected.youden_lower > LEAST_YOUDEN => None,
        _ => Some(Shortfall::JudgeUseless),
    };
    ByKnown { corrected, figures, shortfall }
}

/// A rate by the verdicts and what is known of the judge.
struct ByKnown {
    corrected: Option<RoganGladen>,
    figures: JudgeFigures,
    shortfall: Option<Shortfall>,
}

impl ByKnown {
    fn usable(&self) -> Option<SampleMean> {
        let corrected = self.corrected.filter(|_| self.shortfall.is_none())?;
        let variance = corrected.standard_error.powi(2);
        // So many degrees of freedom are the normal distribution.
        Some(SampleMean { value: corrected.value, variance, df: 1e9 })
    }
}

impl Quantity for ByKnown {
    fn method(&self) -> Method {
        Method::RoganGladen
    }

    fn value(&self) -> Option<f64> {
        self.corrected.map(|corrected| corrected.value.clamp(0.0, 1.0))
    }

    fn limits(&self, alpha: f64) -> Bounds {
        self.usable().and_then(|mean| mean.bounds(alpha)).unwrap_or(Bounds::UNBOUNDED)
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        self.usable()?.tails(claim.t)
    }

    fn assumptions(&self) -> Assumptions {
        Assumptions::both(Assumed { spread_seen: true, ..Assumed::default() })
    }

    fn shortfall(&self) -> Option<Shortfall> {
        self.shortfall
    }

    fn beside(&self) -> Beside {
        Beside { judge: Some(self.figures), ..Beside::default() }
    }
}
