//! The mean of bounded values by Gaffke's bound: what has not been seen may still be as bad as can be.
//!
//! Student's t and Hall's correction take the spread from the sample, and a sample without any of the rare bad values
//! that carry a mean says nothing of them. This bound adds one value at the bad end to the sample and asks how
//! likely a random weighing of all of them reaches the threshold: for 0 and 1 that is the exact binomial test, for
//! equal values the chance that the rest stayed unseen. It does not depend on the order of values, and a worse value
//! never makes it better. Deliberately absent: Monte Carlo; the integral is evaluated, so there is no seed.

use super::normal::normal_upper_quantile;
use super::tails::{Bounds, Tails, level};

/// More units than this are thinned out.
const MOST_POINTS: usize = 4096;
/// Pieces of the values' count, and of their range, that thinning leaves alone.
const PIECES: usize = 512;
/// Units of more different sizes than this are left as they are.
const MOST_SIZES: usize = 64;
/// Distance of two nodes of the integral; a quarter of it moves no p-value by more than 1e-10 of itself.
const STEP: f64 = 0.1;
/// A normal quantile that no level comes near.
const FAR: f64 = 40.0;
/// How far the curve of the integral may lean from the vertical.
const LEAN: f64 = 0.6;
/// Of a normal integrand with its peak at 1 the integral is 0.4; of an exponential alone 0.71, of all that was tried
/// between 0.37 and 0.58.
const SHARES: std::ops::Range<f64> = 0.3..0.75;
/// Nodes that are worked on together.
const NODES: usize = 8;
/// Batches of nodes at most; two values need 24.
const MOST_BATCHES: usize = 80;

/// One or more units that are independent of all others: a sample, a pair, a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// What their values add up to, each.
    pub sum: f64,
    /// How much each counts: the values of a cluster, or the baseline's value of a pair.
    pub size: f64,
    /// How many such units.
    pub count: f64,
}

/// The weight of the unit that was not seen, as it depends on the threshold: `at + per * t`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Room {
    at: f64,
    per: f64,
}

impl Room {
    fn of(self, t: f64) -> f64 {
        self.per.mul_add(t, self.at)
    }
}

/// Sums and sizes of independent units, ready to be tested: the parameter is the sum of all sums over that of all sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// In ascending order of size and sum, each pair once.
    terms: Vec<Term>,
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
        let terms = collected(units, fits)?;
        let above = Room { at: most * high, per: -most };
        let below = Room { at: -most * low, per: most };
        (low < high).then_some(Self { terms, above, below, ends: (low, high) })
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
        let terms = collected(units, |ours, theirs| inside(ours) && inside(theirs))?;
        let above = Room { at: most * high, per: -most * low };
        let below = Room { at: -most * low, per: most * high };
        let usable = low >= 0.0 && low < high && terms.iter().any(|term| term.size > 0.0);
        usable.then_some(Self { terms, above, below, ends: (0.0, f64::INFINITY) })
    }

    /// With further units.
    #[must_use]
    pub fn with(&self, term: Term) -> Self {
        let mut more = self.clone();
        if term.count > 0.0 {
            more.terms.push(term);
        }
        more
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
        let z = normal_upper_quantile(level(alpha)?)?;
        let (low, high) = self.ends;
        let value = self.value()?;
        let size = self.total(|term| term.size);
        let square = self.terms.iter().map(|term| (-value).mul_add(term.size, term.sum).powi(2) * term.count);
        let square: f64 = square.sum();
        let guess = |value: f64, room: f64| {
            let error = (square + room * room).sqrt() / size;
            Guess { at: value + room / size + z * error, error }
        };
        let upper = threshold(z, &guess(value, self.above.of(value)), (low, high), |t| self.less(t));
        let mirrored = guess(-value, self.below.of(value));
        let lower = threshold(z, &mirrored, (-high, -low), |t| self.greater(-t)).map(|limit| -limit);
        Some(Bounds { lower, upper })
            .filter(|bounds| lower.zip(bounds.upper).is_none_or(|(lower, upper)| lower < upper))
    }

    fn inside(&self, t: f64) -> bool {
        t >= self.ends.0 && t <= self.ends.1 && t.is_finite()
    }

    fn less(&self, t: f64) -> Option<f64> {
        self.inside(t).then(|| self.reaches(|term| (-t).mul_add(term.size, term.sum), self.above.of(t)))?
    }

    fn greater(&self, t: f64) -> Option<f64> {
        self.inside(t).then(|| self.reaches(|term| t.mul_add(term.size, -term.sum), self.below.of(t)))?
    }

    /// P(the weighted sum of gaps and of the unseen unit's `room` is at least 0).
    fn reaches(&self, gap: impl Fn(&Term) -> f64, room: f64) -> Option<f64> {
        let slack = 4.0 * f64::EPSILON;
        let gap = |term: &Term| {
            let exact = gap(term);
            // A sum that meets the threshold meets it: 0.1 + 0.2 is 0.3.
            if exact.abs() <= slack * term.sum.abs() { 0.0 } else { exact }
        };
        let room =
            if room.abs() <= slack * self.above.at.abs().max(self.below.at.abs()) { 0.0 } else { room };
        let (mut lowest, mut highest, mut mean) = (f64::INFINITY, f64::NEG_INFINITY, room);
        for term in &self.terms {
            let gap = gap(term);
            (lowest, highest) = (lowest.min(gap), highest.max(gap));
            mean += gap * term.count;
        }
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
        let terms = self.terms.iter().map(|term| (gap(term) / largest, term.count));
        let p = Sum { terms: terms.chain([(room / largest, 1.0)]).collect() }.reaches_zero()?;
        Some(if mean > 0.0 { 1.0 - p } else { p })
    }
}

/// The units in order, equal ones together and thinned where there are many; none unless all of them fit.
fn collected(
    units: impl IntoIterator<Item = (f64, f64)>,
    fits: impl Fn(f64, f64) -> bool,
) -> Option<Vec<Term>> {
    let mut sorted: Vec<(f64, f64)> = units.into_iter().collect();
    if sorted.is_empty() || !sorted.iter().all(|(sum, size)| fits(*sum, *size)) {
        return None;
    }
    let n = sorted.len();
    sorted.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
    let equal = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).is_eq() && a.1.total_cmp(&b.1).is_eq();
    let one = |run: &[(f64, f64)]| {
        let (sum, size) = *run.first()?;
        Some(Term { sum, size, count: run.len() as f64 })
    };
    let terms: Vec<Term> = sorted.chunk_by(equal).filter_map(one).collect();
    if n <= MOST_POINTS {
        return Some(terms);
    }
    let same_size = |a: &Term, b: &Term| a.size.total_cmp(&b.size).is_eq();
    let sizes = terms.chunk_by(same_size).count();
    if sizes > MOST_SIZES {
        return Some(terms);
    }
    let pieces = (PIECES / sizes).max(PIECES / MOST_SIZES) as f64;
    Some(terms.chunk_by(same_size).flat_map(|run| thinned(run, pieces)).collect())
}

/// Puts neighbours of one size onto the two ends of the piece that they lie in, keeping their mean: that spreads the
/// sums by no more than the pieces are wide, and never hides any spread.
fn thinned(terms: &[Term], pieces: f64) -> Vec<Term> {
    let n: f64 = terms.iter().map(|term| term.count).sum();
    let range = terms.last().map_or(0.0, |last| last.sum) - terms.first().map_or(0.0, |first| first.sum);
    let (width, most) = (range / pieces, n / pieces);
    let mut thin = Vec::new();
    let mut rest = terms;
    while let Some(first) = rest.first() {
        let mut count = 0.0;
        let fits = |term: &&Term| {
            count += term.count;
            term.sum - first.sum <= width && count <= most
        };
        let length = rest.iter().take_while(fits).count().max(1);
        let (piece, later) = rest.split_at(length);
        let low = first.sum;
        let high = piece.last().map_or(low, |last| last.sum);
        let count: f64 = piece.iter().map(|term| term.count).sum();
        let above: f64 = piece.iter().map(|term| (term.sum - low) * term.count).sum();
        let at_high = if high > low { (above / (high - low)).min(count) } else { 0.0 };
        let end = |sum: f64, count: f64| Term { sum, size: first.size, count };
        thin.extend([end(low, count - at_high), end(high, at_high)].iter().filter(|term| term.count > 0.0));
        rest = later;
    }
    thin
}

/// A sum of independent gamma variables with these scales, the largest being 1, and shapes.
struct Sum {
    terms: Vec<(f64, f64)>,
}

impl Sum {
    /// P(the sum >= 0), by the inversion integral of its moment generating function `M`,
    /// `1/(2 pi i) int M(s)/s ds` through the saddle point, along a curve that leaves it by steepest descent.
    /// `None` where the integral is not near the saddle point's estimate of it: a p-value that is not sure is none.
    fn reaches_zero(&self) -> Option<f64> {
        let (saddle, curvature) = self.saddle();
        let width = curvature.sqrt().recip();
        let mut height = -saddle.ln();
        let mut slopes = Vec::with_capacity(self.terms.len() + 1);
        for (scale, shape) in &self.terms {
            let rest = 1.0 - saddle * scale;
            height -= shape * rest.ln();
            slopes.push((width * scale / rest, *shape));
        }
        // A sixth of the third derivative. Many small terms together are nearly a constant, whose factor grows to the
        // side of its sign: the curve leans to the other.
        let sixth = slopes.iter().map(|(slope, shape)| shape * slope.powi(3)).sum::<f64>() / 3.0;
        let constant = |(slope, shape): &(f64, f64)| shape * slope / (1.0 + 100.0 * slope * slope);
        let drift: f64 = slopes.iter().map(constant).sum();
        let bend = -sixth.abs().copysign(drift);
        // The pole at 0 is one more factor: 1/(c + z) = 1/c (1 - z (-1/c))^-1.
        slopes.push((-width / saddle, 1.0));
        let share =
            [bend, 0.0].into_iter().map(|bend| integral(&slopes, bend)).find(|it| SHARES.contains(it))?;
        Some((height.exp() * width * share).min(1.0))
    }

    /// Where `ln M(c) - ln c` is least in `(0, 1)`, nearly, and its second derivative there. Any point gives the same
    /// integral; the saddle point gives the one that is quickly done.
    fn saddle(&self) -> (f64, f64) {
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        let (mean, square) = self.terms.iter().fold((0.0, 0.0), |(mean, square), (scale, shape)| {
            (mean + shape * scale, square + shape * scale * scale)
        });
        // Of a normal sum; the long way round where the difference would lose its digits.
        let root = mean.hypot(2.0 * square.sqrt());
        let guess = if mean > 0.0 { 2.0 / (mean + root) } else { (root - mean) / (2.0 * square) };
        let mut at = guess.clamp(1e-300, 0.9);
        let mut curvature = 1.0;
        for _ in 0..200 {
            let (slope, second) = self.derivatives(at);
            curvature = second;
            if slope > 0.0 {
                high = at;
            } else {
                low = at;
            }
            let step = -slope / second;
            if step * step * second < 1e-4 {
                break;
            }
            let next = at + step;
            at = if next > low && next < high { next } else { f64::midpoint(low, high) };
        }
        (at, curvature)
    }

    fn derivatives(&self, c: f64) -> (f64, f64) {
        let start = (-c.recip(), c.recip() * c.recip());
        self.terms.iter().fold(start, |(first, second), (scale, shape)| {
            let slope = scale / (1.0 - c * scale);
            (first + shape * slope, second + shape * slope * slope)
        })
    }
}

/// The integral of `prod (1 - b z)^-k` over the curve, by `pi`.
fn integral(slopes: &[(f64, f64)], bend: f64) -> f64 {
    let mut area = 0.0;
    for batch in 0..MOST_BATCHES {
        let (part, last) = batch_area(slopes, bend, batch);
        area += part;
        if last < 1e-17 {
            break;
        }
    }
    area * STEP / std::f64::consts::PI
}

/// The part of the integral that belongs to a batch of nodes `z = x + i y`, `y = sinh(tau)`, and the last magnitude.
/// `x` is `bend y^2` near the saddle and never more than `LEAN |y|`, beyond which a normal sum would not decay.
fn batch_area(slopes: &[(f64, f64)], bend: f64, batch: usize) -> (f64, f64) {
    let (mut x, mut y, mut weight) = ([0.0; NODES], [0.0; NODES], [0.0; NODES]);
    let mut lean = [0.0; NODES];
    for (j, (((x, y), weight), lean)) in x.iter_mut().zip(&mut y).zip(&mut weight).zip(&mut lean).enumerate()
    {
        let tau = STEP * (batch * NODES + j) as f64;
        *y = tau.sinh();
        let turned = (bend * *y / LEAN).powi(2);
        *x = bend * *y * *y / (1.0 + turned).sqrt();
        *lean = bend * *y * (2.0 + turned) / (1.0 + turned).powf(1.5);
        *weight = if batch + j == 0 { 0.5 } else { tau.cosh() };
    }
    // Factors that occur once are multiplied as they are; of the others, logarithms and angles are summed.
    let (mut real, mut imaginary) = ([1.0_f64; NODES], [0.0_f64; NODES]);
    let (mut size, mut angle) = ([0.0_f64; NODES], [0.0_f64; NODES]);
    for (slope, shape) in slopes {
        if (*shape - 1.0).abs() < f64::EPSILON {
            for ((re, im), (x, y)) in real.iter_mut().zip(&mut imaginary).zip(x.iter().zip(&y)) {
                let (along, turn) = (1.0 - slope * x, slope * y);
                (*re, *im) = (*re * along + turn * *im, *im * along - turn * *re);
            }
        } else {
            for ((size, angle), (x, y)) in size.iter_mut().zip(&mut angle).zip(x.iter().zip(&y)) {
                let (along, turn) = (1.0 - slope * x, slope * y);
                *size += 0.5 * shape * (along * along + turn * turn).ln();
                *angle += shape * turn.atan2(along);
            }
        }
    }
    let (mut area, mut last) = (0.0, 0.0);
    for j in 0..NODES {
        let at = |values: &[f64; NODES]| values.get(j).copied().unwrap_or(0.0);
        let (re, im) = (at(&real), at(&imaginary));
        let magnitude = (-at(&size)).exp() / re.hypot(im) * at(&weight);
        // A product beyond all bounds is a node that no longer counts.
        last = if magnitude.is_finite() { magnitude } else { 0.0 };
        let phase = at(&angle) - im.atan2(re);
        if last > 0.0 {
            area += last * (phase.cos() + at(&lean) * phase.sin());
        }
    }
    (area, last)
}

/// Where a limit is looked for first.
struct Guess {
    at: f64,
    error: f64,
}

/// The smallest threshold whose p-value clears the level with the normal quantile `z`, to 1e-8 of the
/// standard error; `p` falls from 1 at the lower end to 0 at the upper one. The search starts at the normal
/// approximation. `None` where nothing clears on a side without an end.
fn threshold(z: f64, guess: &Guess, ends: (f64, f64), p: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    // On the scale of normal quantiles p is nearly a straight line.
    let excess = |t: f64| {
        let at = p(t)?;
        let quantile = if at <= 0.0 { FAR } else { normal_upper_quantile(at).unwrap_or(-FAR) };
        Some(quantile.clamp(-FAR, FAR) - z)
    };
    let Guess { at: guess, error } = *guess;
    if !(guess.is_finite() && error > 0.0 && error.is_finite()) {
        return None;
    }
    let (mut low, mut high) = ((ends.0, -FAR - z), (ends.1, FAR - z));
    // Outwards from the guess until it is enclosed.
    let mut reach = 0.25 * error;
    for _ in 0..120 {
        for t in [guess - reach, guess + reach] {
            if t > low.0 && t < high.0 {
                let value = excess(t)?;
                if value >= 0.0 { high = (t, value) } else { low = (t, value) }
            }
        }
        let enclosed = low.0 >= guess - reach && high.0 <= guess + reach;
        let past = |end: f64| end.is_finite() && (end - guess).abs() <= reach;
        if enclosed || low.0 > guess + reach || (past(low.0) && past(high.0)) {
            break;
        }
        reach *= 4.0;
    }
    if !(low.0.is_finite() && high.0.is_finite()) {
        return None;
    }
    let mut kept = 0_i8;
    for round in 1..200 {
        let width = high.0 - low.0;
        if width <= 1e-8 * error + 1e-15 * high.0.abs() {
            break;
        }
        // The Illinois rule (an end that is kept again counts half), with a bisection now and then.
        let line = low.0 - low.1 * width / (high.1 - low.1);
        let t = if round % 8 == 0 || line <= low.0 || line >= high.0 { low.0.midpoint(high.0) } else { line };
        let value = excess(t)?;
        if value >= 0.0 {
            high = (t, value);
            low.1 *= if kept < 0 { 0.5 } else { 1.0 };
            kept = -1;
        } else {
            low = (t, value);
            high.1 *= if kept > 0 { 0.5 } else { 1.0 };
            kept = 1;
        }
    }
    Some(high.0)
}

#[cfg(test)]
mod tests;
