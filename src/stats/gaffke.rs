//! The mean of bounded values by Gaffke's bound: what has not been seen may still be as bad as can be.
//!
//! Student's t takes the spread from the sample, and a sample without any of the rare bad values that carry a mean
//! says nothing of them. This bound adds one value at the bad end to the sample and asks how likely a random
//! weighing of all of them reaches the threshold: for 0 and 1 that is the exact binomial test, for equal values the
//! chance that the rest stayed unseen. It does not depend on the order of values, and a worse value never makes it
//! better. The integral is evaluated and not sampled, so there is no seed.

mod integral;
mod units;

use super::beta::beta_quantile;
use super::inverse::{Guess, threshold};
use super::normal::normal_upper_quantile;
use super::proportion::exact_tails;
use super::tails::{Bounds, Tails, level};
use integral::Sum;
use units::Units;

pub use units::Term;

/// Rounding that makes no difference.
const SLACK: f64 = 4.0 * f64::EPSILON;
/// Above this level what was thinned out is put back: thinning was seen to be on the safe side up to 0.53.
const THIN_LEVEL: f64 = 0.3;
/// No level is above one half, so a p-value further up need not be exact.
const HIGHEST_LEVEL: f64 = 0.55;

/// How units stand to a threshold: negative where they speak for the claim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaps {
    /// How far their mean is on the side of the claim.
    pub distance: f64,
    /// Their standard deviation; NaN of one alone.
    pub sd: f64,
    /// The gap of the unit that was not seen.
    pub room: f64,
    /// The gap of the best unit that can be; minus infinity where there is none.
    pub best: f64,
    /// How many they are.
    pub units: f64,
    /// Their mean size: what `distance` grows by where the parameter moves by 1 away from the threshold.
    pub size: f64,
}

impl Gaps {
    /// The least number of units that could show the claim at `alpha`: all of them the best that can be. `None` where one
    /// is enough, or none.
    #[must_use]
    pub fn least(&self, alpha: f64) -> Option<u64> {
        // P(room E_0 >= -best (E_1 + ... + E_n)) = (room / (room - best))^n
        let each = self.room / (self.room - self.best);
        let n = alpha.ln() / each.ln();
        (each > 0.0 && each < 1.0 && n.is_finite() && n < 1e15)
            .then(|| (n * (1.0 - 1e-12)).ceil().max(1.0) as u64)
    }
}

/// The weight of the unit that was not seen.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Room {
    /// Of values with an end: `at + per * t`.
    Closed { at: f64, per: f64 },
    /// Of values without one: twice the largest gap that was seen, and at least three times the threshold in each value of
    /// a unit of `most`.
    Open { most: f64 },
}

impl Room {
    fn of(self, t: f64, largest_gap: f64) -> f64 {
        match self {
            Self::Closed { at, per } => {
                let room = per.mul_add(t, at);
                if room.abs() <= SLACK * at.abs().max((per * t).abs()) { 0.0 } else { room }
            }
            Self::Open { most } => (2.0 * largest_gap).max(3.0 * t * most),
        }
    }
}

/// Sums and sizes of independent units, ready to be tested: the parameter is the sum of all sums over that of all sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// In ascending order of size and sum, each pair once.
    terms: Vec<Term>,
    /// The same before thinning; none where nothing was thinned out.
    whole: Option<Units>,
    /// Of the worst unit for the claim "less".
    above: Room,
    /// Of the worst unit for the claim "greater".
    below: Room,
    /// The least and the largest that the parameter can be.
    ends: (f64, f64),
}

impl Weighed {
    /// A mean of values between `low` and `high` that come in units of at most `most` values; `sum` and `size` are those
    /// of a unit. `None` without units, for a unit larger than `most`, or one whose mean is out of bounds.
    #[must_use]
    pub fn mean(
        units: impl IntoIterator<Item = (f64, f64)>,
        most: f64,
        (low, high): (f64, f64),
    ) -> Option<Self> {
        let slack = 1e-9 * (high - low);
        let fits = |sum: f64, size: f64| {
            size > 0.0 && size <= most && sum >= (low - slack) * size && sum <= (high + slack) * size
        };
        let above = Room::Closed { at: most * high, per: -most };
        let below = Room::Closed { at: -most * low, per: most };
        let weighed = Self::collected(units, fits, (above, below), (low, high))?;
        (low < high).then_some(weighed)
    }

    /// The ratio of a candidate's to a baseline's sum over the same units of at most `most` pairs, all values between
    /// `low >= 0` and `high`. `None` without units, for a value out of bounds, or without anything in the baseline.
    #[must_use]
    pub fn ratio(
        units: impl IntoIterator<Item = (f64, f64)>,
        most: f64,
        (low, high): (f64, f64),
    ) -> Option<Self> {
        let largest = most * high * (1.0 + 1e-9);
        let inside = |value: f64| value >= 0.0 && value <= largest;
        let fits = |ours, theirs| inside(ours) && inside(theirs);
        let above = Room::Closed { at: most * high, per: -most * low };
        let below = Room::Closed { at: -most * low, per: most * high };
        let weighed = Self::collected(units, fits, (above, below), (0.0, f64::INFINITY))?;
        let usable = low >= 0.0 && low < high && weighed.terms.iter().any(|term| term.size > 0.0);
        usable.then_some(weighed)
    }

    /// A mean, or a ratio of sums, of values that are not negative and have no upper end, in units of a size of at most
    /// `most`: values, or what the sum is divided by.
    ///
    /// "Greater" is as sure as for bounded values, because the far end of its unseen unit is 0. "Less" reckons with an unseen
    /// unit twice as far above the threshold as the largest that was seen, and no less than three times the threshold: an
    /// assumption, which a population whose spread lies outside the sample breaks. It shows nothing with fewer than
    /// `ln(level)/ln(3/4)` units, 11 at 5 %. `None` without units, for a negative sum, or a size outside `0..=most`.
    #[must_use]
    pub fn open(units: impl IntoIterator<Item = (f64, f64)>, most: f64) -> Option<Self> {
        let fits = |sum: f64, size: f64| sum >= 0.0 && sum.is_finite() && size >= 0.0 && size <= most;
        let (above, below) = (Room::Open { most }, Room::Closed { at: 0.0, per: most });
        let weighed = Self::collected(units, fits, (above, below), (0.0, f64::INFINITY))?;
        weighed.terms.iter().any(|term| term.size > 0.0).then_some(weighed)
    }

    fn collected(
        units: impl IntoIterator<Item = (f64, f64)>,
        fits: impl Fn(f64, f64) -> bool,
        (above, below): (Room, Room),
        ends: (f64, f64),
    ) -> Option<Self> {
        let whole = Units::collected(units, fits)?;
        let (terms, whole) = match whole.thinned() {
            Some(terms) => (terms, Some(whole)),
            None => (whole.merged(), None),
        };
        Some(Self { terms, whole, above, below, ends })
    }

    /// With further units.
    #[must_use]
    pub fn with(&self, term: Term) -> Self {
        let mut more = self.clone();
        if term.count > 0.0 {
            more.terms.push(term);
            if let Some(whole) = &mut more.whole {
                let mut terms = whole.merged();
                terms.push(term);
                *whole = Units::Merged(terms);
            }
        }
        more
    }

    /// So many events among so many independent samples. `None` without samples, or for more events than those.
    #[must_use]
    pub fn rate(events: u64, n: u64) -> Option<Self> {
        let none = n.checked_sub(events)?;
        let (above, below) = (Room::Closed { at: 1.0, per: -1.0 }, Room::Closed { at: 0.0, per: 1.0 });
        let term = |sum: f64, count: u64| Term { sum, size: 1.0, count: count as f64 };
        let terms: Vec<Term> =
            [term(0.0, none), term(1.0, events)].into_iter().filter(|term| term.count > 0.0).collect();
        (n > 0).then_some(Self { terms, whole: None, above, below, ends: (0.0, 1.0) })
    }

    /// How the units stand to a threshold, as the claim "less" (or "greater") sees them. `None` where the parameter cannot be
    /// `t`.
    #[must_use]
    pub fn gaps(&self, t: f64, less: bool) -> Option<Gaps> {
        let sign = if less { 1.0 } else { -1.0 };
        let gap = |term: &Term| sign * (-t).mul_add(term.size, term.sum);
        let n = self.total(|_| 1.0);
        let mean = self.total(gap) / n;
        let variance =
            self.terms.iter().map(|term| (gap(term) - mean).powi(2) * term.count).sum::<f64>() / (n - 1.0);
        let largest = self.terms.iter().map(gap).fold(f64::NEG_INFINITY, f64::max);
        let (own, other) = if less { (self.above, self.below) } else { (self.below, self.above) };
        // The best unit for a claim is the worst for the other.
        let best = if let Room::Closed { .. } = other { -other.of(t, 0.0) } else { f64::NEG_INFINITY };
        let room = own.of(t, largest);
        (self.inside(t) && mean.is_finite()).then_some(Gaps {
            distance: -mean,
            sd: variance.sqrt(),
            room,
            best,
            units: n,
            size: self.total(|term| term.size) / n,
        })
    }

    /// The sum of sums over the sum of sizes; none where that is no number.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let value = self.total(|term| term.sum) / self.total(|term| term.size);
        value.is_finite().then_some(value)
    }

    fn total(&self, of: impl Fn(&Term) -> f64) -> f64 {
        self.terms.iter().map(|term| of(term) * term.count).sum()
    }

    /// `less = P(sum_i E_i (S_i - t n_i) + E_0 room >= 0)` with independent standard exponentials `E` and the room of the
    /// worst unit that can be; `greater` by reflection.
    ///
    /// Source: Gaffke, *Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
    /// variable*, Math. Methods of Statistics 14 (2005); Learned-Miller & Thomas, *A new confidence interval for the
    /// mean of a bounded random variable*, arXiv:1905.06208 (2020). That it holds its level for every distribution is
    /// conjectured, proven for two-valued ones, and has withstood every simulation there and here. `None` where the
    /// parameter cannot be `t`.
    #[must_use]
    pub fn tails(&self, t: f64) -> Option<Tails> {
        Tails::new(self.less(t)?, self.greater(t)?)
    }

    /// The limits of [`Weighed::tails`]. `None` unless `0 < alpha < 1`; a side without a limit is none.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let (lower, upper) = (self.lower(alpha), self.upper(alpha));
        level(alpha)?;
        Some(Bounds { lower, upper })
            .filter(|bounds| bounds.lower.zip(bounds.upper).is_none_or(|(lower, upper)| lower < upper))
    }

    /// The least and the largest that the parameter can be; infinite where it has no end.
    #[must_use]
    pub fn ends(&self) -> (f64, f64) {
        self.ends
    }

    /// The p-value of a claim about a mean if every unit were as good as can be, with so many units of each size for one that
    /// was seen: whether units of these sizes can show the claim at all. `None` where there is no good end.
    #[must_use]
    pub fn at_best(&self, t: f64, less: bool, copies: f64) -> Option<f64> {
        let end = if less { self.ends.0 } else { self.ends.1 };
        let best = |term: &Term| Term { sum: end * term.size, size: term.size, count: term.count * copies };
        let is_mean = matches!(self.above, Room::Closed { per, .. } if per < 0.0) && self.ends.1.is_finite();
        if !(is_mean && end.is_finite()) {
            return None;
        }
        let best = Self { terms: self.terms.iter().map(best).collect(), whole: None, ..self.clone() };
        if less { best.less(t) } else { best.greater(t) }
    }

    /// The share of pairs that differ, where each differs by all that it can: pairs of truth values. Gaps are those of such
    /// pairs alone.
    #[must_use]
    pub fn discordant(&self) -> Option<f64> {
        let (low, high) = self.ends;
        let whole = |term: &&Term| [low, high].iter().any(|end| end.to_bits() == term.sum.to_bits());
        let known = |term: &Term| whole(&term) || term.sum == 0.0;
        let signs = low < 0.0
            && self.terms.iter().all(|term| term.size.to_bits() == 1.0_f64.to_bits() && known(term));
        let differ: f64 = self.terms.iter().filter(whole).map(|term| term.count).sum();
        signs.then(|| differ / self.total(|_| 1.0))
    }

    /// Events and number of independent samples whose values are nothing but the two ends.
    pub(crate) fn events(&self) -> Option<(f64, f64)> {
        let (low, high) = self.ends;
        let Room::Closed { per, .. } = self.above else { return None };
        let at = |term: &Term, end: f64| term.sum.to_bits() == end.to_bits();
        let two = per.to_bits() == (-1.0_f64).to_bits()
            && self.terms.len() <= 4
            && self
                .terms
                .iter()
                .all(|term| term.size.to_bits() == 1.0_f64.to_bits() && (at(term, low) || at(term, high)));
        let count =
            |end: f64| self.terms.iter().filter(|term| at(term, end)).map(|term| term.count).sum::<f64>();
        two.then(|| (count(high), count(low) + count(high)))
    }

    /// The exact binomial tails, which the bound is for values of only two kinds.
    fn binomial(&self, t: f64) -> Option<Tails> {
        let (low, high) = self.ends;
        let (events, n) = self.events()?;
        exact_tails(events, n, ((t - low) / (high - low)).clamp(0.0, 1.0))
    }

    /// The threshold at which "less" has the p-value `alpha`. `None` unless `0 < alpha < 1`, or where there is none.
    #[must_use]
    pub fn upper(&self, alpha: f64) -> Option<f64> {
        let (low, high) = self.ends;
        if let Some((events, n)) = self.events() {
            let none = n - events;
            let limit = if none <= 0.0 { 1.0 } else { beta_quantile(none, events + 1.0, level(alpha)?)?.y };
            return Some((high - low).mul_add(limit, low));
        }
        let z = normal_upper_quantile(level(alpha)?)?;
        if let Room::Open { .. } = self.above {
            // As the threshold grows only so much is shown, whatever was measured.
            let far = 1e9 * self.terms.iter().map(|term| term.sum).sum::<f64>().max(f64::MIN_POSITIVE);
            let least = self
                .terms
                .iter()
                .filter(|term| term.size > 0.0)
                .map(|term| term.size)
                .fold(f64::INFINITY, f64::min);
            if self.less(far / least)? > alpha {
                return None;
            }
        }
        let guess = self.guess(z, |value, largest_gap| self.above.of(value, largest_gap))?;
        if guess.error <= 0.0 {
            // Everything is at the far end, and so is what was not seen.
            return Some(self.ends.1).filter(|end| end.is_finite());
        }
        threshold(z, &guess, self.ends, |t| self.less(t))
    }

    /// The threshold at which "greater" has the p-value `alpha`. `None` as in [`Weighed::upper`].
    #[must_use]
    pub fn lower(&self, alpha: f64) -> Option<f64> {
        let (low, high) = self.ends;
        if let Some((events, n)) = self.events() {
            let limit =
                if events <= 0.0 { 0.0 } else { beta_quantile(events, n - events + 1.0, level(alpha)?)?.x };
            return Some((high - low).mul_add(limit, low));
        }
        let z = normal_upper_quantile(level(alpha)?)?;
        let guess = self.guess(z, |value, largest_gap| self.below.of(value, largest_gap))?;
        if guess.error <= 0.0 {
            return Some(low).filter(|end| end.is_finite());
        }
        let mirrored = Guess { at: guess.at - 2.0 * self.value()?, ..guess };
        threshold(z, &mirrored, (-high, -low), |t| self.greater(-t)).map(|limit| -limit)
    }

    fn guess(&self, z: f64, room: impl Fn(f64, f64) -> f64) -> Option<Guess> {
        let value = self.value()?;
        let size = self.total(|term| term.size);
        let gap = |term: &Term| (-value).mul_add(term.size, term.sum);
        let square: f64 = self.terms.iter().map(|term| gap(term).powi(2) * term.count).sum();
        let room = room(value, self.terms.iter().map(gap).fold(0.0, f64::max));
        let error = (square + room * room).sqrt() / size;
        Some(Guess { at: value + room / size + z * error, error })
    }

    fn inside(&self, t: f64) -> bool {
        t >= self.ends.0 && t <= self.ends.1 && t.is_finite()
    }

    /// The p-value of "less than `t`". `None` where the parameter cannot be `t`.
    #[must_use]
    pub fn less(&self, t: f64) -> Option<f64> {
        if let Some(tails) = self.binomial(t).filter(|_| self.inside(t)) {
            return Some(tails.less);
        }
        self.inside(t).then(|| self.reaches(|term| (-t).mul_add(term.size, term.sum), self.above, t))?
    }

    /// The p-value of "greater than `t`". `None` where the parameter cannot be `t`.
    #[must_use]
    pub fn greater(&self, t: f64) -> Option<f64> {
        if let Some(tails) = self.binomial(t).filter(|_| self.inside(t)) {
            return Some(tails.greater);
        }
        self.inside(t).then(|| self.reaches(|term| t.mul_add(term.size, -term.sum), self.below, t))?
    }

    fn reaches(&self, gap: impl Fn(&Term) -> f64, room: Room, t: f64) -> Option<f64> {
        let p = reaches(&self.terms, &gap, room, t)?;
        match &self.whole {
            Some(whole) if p > THIN_LEVEL && p < HIGHEST_LEVEL => reaches(&whole.merged(), &gap, room, t),
            _ => Some(p),
        }
    }
}

/// P(the weighted sum of gaps and of the unseen unit's room is at least 0).
fn reaches(terms: &[Term], gap: &impl Fn(&Term) -> f64, room: Room, t: f64) -> Option<f64> {
    let gap = |term: &Term| {
        let exact = gap(term);
        // A sum that meets the threshold meets it: 0.1 + 0.2 is 0.3.
        if exact.abs() <= SLACK * term.sum.abs() { 0.0 } else { exact }
    };
    let (mut lowest, mut highest, mut mean) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
    for term in terms {
        let gap = gap(term);
        (lowest, highest) = (lowest.min(gap), highest.max(gap));
        mean += gap * term.count;
    }
    let room = room.of(t, highest);
    mean += room;
    if !mean.is_finite() {
        return None;
    }
    if lowest >= 0.0 && room >= 0.0 {
        return Some(1.0);
    }
    if room <= 0.0 && highest <= 0.0 {
        return Some(0.0);
    }
    // The smaller of the two chances is the one to compute; its sum has the largest scale 1.
    let largest = if mean > 0.0 { lowest.min(room) } else { highest.max(room) };
    let scaled = terms.iter().map(|term| (gap(term) / largest, term.count));
    let p = Sum { terms: scaled.chain([(room / largest, 1.0)]).collect() }.reaches_zero()?;
    Some(if mean > 0.0 { 1.0 - p } else { p })
}

#[cfg(test)]
mod tests;
