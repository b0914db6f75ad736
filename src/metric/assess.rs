//! A measure against its threshold: limits, both tails, and what stands in the way of either.

use std::cell::OnceCell;

use super::beside;
use super::bound::Bound;
use super::compared::Compared;
use super::estimate::{Assessment, Estimate, Levels, LimitsAt, Method, Shortfall};
use super::fact::Fact;
use super::measure::{Answer, MeasureKind};
use super::needed;
use super::operating::{Lost, OneSided, Operating, Reach, Samples};
use super::quantity::{Claim, Quantity};
use super::settings::Settings;
use super::side::Side;
use super::values::{Range, Values};
use crate::manifest::{ChangeWord, Comparator, Direction, Unit};
use crate::stats::equivalence::tost;
use crate::stats::{Bounds, Tails};

/// What was looked at for an estimate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Looked {
    pub(super) rows: Option<u64>,
    pub(super) selected: Option<u64>,
    pub(super) missing: Option<u64>,
    pub(super) n: Option<u64>,
    pub(super) clusters: Option<u64>,
}

impl Looked {
    fn at(values: &Values<'_>) -> Self {
        Self {
            rows: Some(values.rows()),
            selected: Some(values.selected()),
            missing: Some(values.missing()),
            n: Some(values.scored()),
            clusters: values.scored_clusters(),
        }
    }

    pub(super) fn estimate(&self, value: Option<f64>, method: Method) -> Estimate {
        let Self { rows, selected, missing, n, clusters } = *self;
        Estimate { value, n, clusters, selected, rows, missing, ..Estimate::nothing(method) }
    }
}

/// Assesses the samples of one run against the gate's threshold.
#[must_use]
pub fn assess(bound: &Bound, side: Side<'_>, settings: &Settings) -> Assessment {
    assess_values(bound, &values(bound, side, settings), settings)
}

fn assess_values(bound: &Bound, values: &Values<'_>, settings: &Settings) -> Assessment {
    let case = Case { bound, settings, range: (bound.lower, bound.upper), looked: Looked::at(values) };
    if values.scored() == 0 {
        return case.nothing(Shortfall::NoSamples);
    }
    let mut assessed = case.answer(bound.measure.level(values));
    beside::complete(&mut assessed, bound, values);
    assessed
}

/// Assesses the change from the samples of one run to those of another.
#[must_use]
pub fn compare(
    bound: &Bound,
    candidate: Side<'_>,
    baseline: Side<'_>,
    paired: bool,
    settings: &Settings,
) -> Assessment {
    let relative = bound.change.is_some_and(|change| change.relative);
    let (ours, theirs) =
        rayon::join(|| values(bound, candidate, settings), || values(bound, baseline, settings));
    let level = level_of(bound);
    let level = |values: &Values<'_>| assess_values(&level, values, settings).estimate;
    let ((candidate, baseline), (looked, answer)) = rayon::join(
        || rayon::join(|| level(&ours), || level(&theirs)),
        || changed(bound, (&ours, &theirs), paired, settings),
    );
    let levels = Levels { candidate, baseline, relative, paired };
    let case = Case { bound, settings, range: (None, None), looked };
    let nothing =
        |shortfall| Assessment { levels: Some(Box::new(levels.clone())), ..case.nothing(shortfall) };
    let Some(answer) = answer else { return nothing(Shortfall::NoSamples) };
    let fact = bound.measure.counts_regressions();
    if relative && !fact && levels.baseline.value.is_none_or(|value| value <= 0.0) {
        return nothing(Shortfall::BaselineNotPositive);
    }
    // Both sides are finite, so it is the baseline of the pairs that nothing can be divided by.
    let divisible = levels.baseline.value.is_none() || levels.candidate.value.is_none();
    let shortfall = match answer.shortfall {
        Some(Shortfall::NotFinite) if relative && !divisible => Some(Shortfall::BaselineNotPositive),
        shortfall => shortfall,
    };
    Assessment { levels: Some(Box::new(levels)), shortfall, ..answer }
}

/// What was looked at for a change, and what it comes to, without the levels; none where a side has no samples.
fn changed(
    bound: &Bound,
    (ours, theirs): (&Values<'_>, &Values<'_>),
    paired: bool,
    settings: &Settings,
) -> (Looked, Option<Assessment>) {
    let is_rate = bound.measure.is_rate(ours) && bound.measure.is_rate(theirs);
    let runs = Compared {
        taken: bound.measure.taken(if is_rate { 1.0 } else { bound.scale }),
        candidate: ours.clone(),
        baseline: theirs.clone(),
        paired,
        relative: bound.change.is_some_and(|change| change.relative),
        low_is_good: bound.direction == Some(Direction::Lower),
        alpha: settings.strictest(),
        settings,
        joined: OnceCell::new(),
    };
    let looked = looked(&runs);
    if looked.n == Some(0) || ours.scored() == 0 || theirs.scored() == 0 {
        return (looked, None);
    }
    let case = Case { bound, settings, range: (None, None), looked };
    let mut answer = case.answer(bound.measure.change(&runs));
    beside::complete_change(&mut answer, bound, &runs);
    (looked, Some(answer))
}

/// The gate's own quantity, without a comparison; held against nothing that means anything.
#[must_use]
pub fn level_of(bound: &Bound) -> Bound {
    let unit = bound.change.map_or(Unit::NUMBER, |change| change.level_unit);
    Bound { change: None, unit, threshold: 0.5, ..bound.clone() }
}

fn values<'a>(bound: &Bound, side: Side<'a>, settings: &Settings) -> Values<'a> {
    let range = (bound.lower, bound.upper);
    let values = Values::new(side, &bound.measure.taken(1.0), (bound.scale, range), settings);
    match bound.measure.ordered() {
        Some(field) => values.with_order(field),
        None => values,
    }
}

/// Pairs, or the samples of the candidate.
fn looked(runs: &Compared<'_>) -> Looked {
    if !runs.paired {
        return Looked { rows: None, ..Looked::at(&runs.candidate) };
    }
    let joined = runs.joined();
    let missing = joined.missing();
    Looked {
        rows: None,
        selected: Some(joined.size()),
        missing: Some(missing),
        n: Some(joined.size() - missing),
        clusters: joined.scored_clusters(),
    }
}

/// One gate on the way to its assessment.
pub(super) struct Case<'a> {
    pub(super) bound: &'a Bound,
    pub(super) settings: &'a Settings,
    /// What the quantity can be.
    pub(super) range: Range,
    pub(super) looked: Looked,
}

impl Case<'_> {
    pub(super) fn nothing(&self, shortfall: Shortfall) -> Assessment {
        let estimate = self.looked.estimate(None, self.bound.measure.usual_method());
        Assessment::short(
            estimate.within(self.limits_at(self.settings.alpha, Bounds::UNBOUNDED), self.range),
            shortfall,
        )
    }

    #[allow(clippy::unused_self, reason = "of this case")]
    fn limits_at(&self, alpha: f64, limits: Bounds) -> LimitsAt {
        LimitsAt { confidence: 1.0 - alpha, limits }
    }

    fn word(&self) -> Option<ChangeWord> {
        self.bound.change.map(|change| change.word)
    }

    fn answer(&self, answer: Answer) -> Assessment {
        match answer {
            Answer::Quantity(quantity) => self.quantity(&*quantity),
            Answer::Fact(fact) => self.fact(&fact),
            Answer::Nothing => self.nothing(Shortfall::NotFinite),
        }
    }

    fn fact(&self, fact: &Fact) -> Assessment {
        if !fact.value.is_finite() {
            return self.nothing(Shortfall::NotFinite);
        }
        let mut estimate = self.looked.estimate(Some(fact.value), Method::Observed);
        (estimate.lower, estimate.upper) = (fact.lowest, fact.highest);
        (estimate.unbounded_below, estimate.unbounded_above) =
            (fact.lowest.is_none(), fact.highest.is_none());
        estimate.confidence = 1.0 - self.settings.alpha;
        estimate.events = fact.events;
        Assessment::of_fact(estimate, fact.holds(self.bound.comparator, self.bound.threshold))
    }

    /// Estimates and tests a quantity as the rule means it.
    pub(super) fn quantity(&self, quantity: &dyn Quantity) -> Assessment {
        let Some(value) = quantity.value() else {
            let nothing = self.nothing(self.why_no_value(quantity));
            return Assessment { beside: quantity.beside(), ..nothing };
        };
        let drop = self.word() == Some(ChangeWord::Drop);
        let Settings { alpha, alpha_fail, .. } = *self.settings;
        let limits = |alpha: f64| {
            let limits = quantity.limits(alpha);
            self.limits_at(alpha, if drop { limits.mirrored() } else { limits })
        };
        let claim = Claim {
            t: self.bound.threshold,
            inclusive: matches!(self.bound.comparator, Comparator::AtMost | Comparator::Greater),
        };
        let tails = self.tails(quantity, claim);
        let value = if drop { -value } else { value };
        let mut estimate =
            self.looked.estimate(Some(value), quantity.method()).within(limits(alpha), self.range);
        estimate.events = quantity.events(claim);
        estimate.n = quantity.size().or(estimate.n);
        // Either of two sides fails a change, so each is held at half of the level.
        let sided = if self.word() == Some(ChangeWord::Change) { alpha_fail / 2.0 } else { alpha_fail };
        let other = (sided - alpha).abs() > 1e-15;
        let shortfall = match tails {
            None => Some(quantity.shortfall().unwrap_or(Shortfall::TooFew)),
            Some(_) => quantity.shortfall(),
        };
        Assessment {
            at_fail: other.then(|| limits(sided)),
            tails,
            assumptions: if drop { quantity.assumptions().mirrored() } else { quantity.assumptions() },
            shortfall,
            fact: None,
            needed: self.needed(quantity, claim),
            operating: self.operating(quantity, claim),
            levels: None,
            beside: quantity.beside(),
            estimate,
        }
    }

    #[allow(clippy::unused_self, reason = "of this case")]
    fn why_no_value(&self, quantity: &dyn Quantity) -> Shortfall {
        match quantity.shortfall() {
            Some(shortfall) if shortfall == Shortfall::TooFew || shortfall.is_of_people() => shortfall,
            _ => Shortfall::NotFinite,
        }
    }

    /// p-values of the rule's own claims.
    fn tails(&self, quantity: &dyn Quantity, claim: Claim) -> Option<Tails> {
        match self.word() {
            None | Some(ChangeWord::Increase) => quantity.test(claim),
            Some(ChangeWord::Drop) => quantity.test(claim.mirrored()).map(Tails::mirrored),
            Some(ChangeWord::Change) => {
                let both = tost(quantity.test(claim)?, quantity.test(claim.mirrored())?);
                Tails::new(both.within, both.outside)
            }
        }
    }

    fn needed(&self, quantity: &dyn Quantity, claim: Claim) -> Option<super::Needed> {
        let low = self.bound.comparator.wants_low();
        let of = |claim: Claim, less: bool| {
            needed::of(&quantity.one_sided(claim, less, self.settings.alpha, Lost::LeftOut)?)
        };
        match self.word() {
            None | Some(ChangeWord::Increase) => of(claim, low),
            // `drop < m` is `change > -m`.
            Some(ChangeWord::Drop) => {
                let needed = of(claim.mirrored(), !low)?;
                Some(super::Needed { assumed: -needed.assumed, ..needed })
            }
            Some(ChangeWord::Change) => None,
        }
    }

    /// How far the limit that decides is from the value.
    fn reach(&self, quantity: &dyn Quantity, less: bool, alpha: f64, sd: f64) -> Option<Reach> {
        let value = quantity.value()?;
        let Bounds { lower, upper } = quantity.limits(alpha);
        let out = if less { upper? - value } else { value - lower? };
        let units = self.looked.n? as f64;
        let clusters = self.looked.clusters.map_or(units, |clusters| clusters as f64);
        let fewest = quantity.fewest_units().map(|fewest| (fewest as f64 * units / clusters).ceil() as u64);
        (out.is_finite() && units > 0.0).then_some(Reach { value, out, sd, units, fewest })
    }

    /// How likely such a run passes, whatever is true.
    fn operating(&self, quantity: &dyn Quantity, claim: Claim) -> Option<Operating> {
        let low = self.bound.comparator.wants_low();
        let Settings { alpha, alpha_fail, .. } = *self.settings;
        let error = quantity.standard_error().filter(|_| quantity.shortfall().is_none());
        let of = |claim: Claim, less: bool, alpha: f64| {
            quantity.one_sided(claim, less, alpha, Lost::Counted).or_else(|| {
                let samples = Samples::Reach(self.reach(quantity, less, alpha, error?)?);
                Some(OneSided { samples, t: claim.t, less, alpha })
            })
        };
        let (tests, breaks) = match self.word() {
            None | Some(ChangeWord::Increase) => {
                (vec![of(claim, low, alpha)?], vec![of(claim, !low, alpha_fail)?])
            }
            Some(ChangeWord::Drop) => {
                let claim = claim.mirrored();
                (vec![of(claim, !low, alpha)?], vec![of(claim, low, alpha_fail)?])
            }
            Some(ChangeWord::Change) => {
                let (other, half) = (claim.mirrored(), alpha_fail / 2.0);
                (
                    vec![of(claim, true, alpha)?, of(other, false, alpha)?],
                    vec![of(claim, false, half)?, of(other, true, half)?],
                )
            }
        };
        let of_share = self.word().is_none() && matches!(self.bound.measure.kind(), MeasureKind::Quantile(_));
        Some(Operating { tests, breaks, negated: self.word() == Some(ChangeWord::Drop), of_share })
    }
}
