//! The mean of bounded values by Gaffke's bound: what has not been seen may still be as bad as can be.
//!
//! Student's t and Hall's correction take the spread from the sample, and a sample without any of the rare bad values
//! that carry a mean says nothing of them. This bound adds one value at the bad end to the sample and asks how
//! likely a random weighing of all of them reaches the threshold: for 0 and 1 that is the exact binomial test, for
//! equal values the chance that the rest stayed unseen. It does not depend on the order of values, and a worse value
//! never makes it better. Deliberately absent: Monte Carlo; the integral is evaluated, so there is no seed.

use super::normal::normal_upper_quantile;
use super::tails::{Bounds, Tails, level};

/// More different values than this are thinned out.
const MOST_POINTS: usize = 4096;
/// Pieces of the values' count, and of their range, that thinning leaves alone.
const PIECES: usize = 512;
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

/// A sample of values in `[0, 1]`, ready to be tested.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounded {
    /// Values in ascending order with how often each occurs.
    points: Vec<(f64, f64)>,
    n: u64,
}

impl Bounded {
    /// From values in any order. `None` without any, or if one is not in `[0, 1]`.
    #[must_use]
    pub fn new(values: &[f64]) -> Option<Self> {
        if values.is_empty() || !values.iter().all(|value| (0.0..=1.0).contains(value)) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let equal = |a: &f64, b: &f64| a.total_cmp(b).is_eq();
        let mut points: Vec<(f64, f64)> =
            sorted.chunk_by(equal).filter_map(|run| Some((*run.first()?, run.len() as f64))).collect();
        if points.len() > MOST_POINTS {
            points = thinned(&points, values.len() as f64);
        }
        Some(Self { points, n: values.len() as u64 })
    }

    /// How many values.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Adds `count` values at the end 1, or at 0.
    #[must_use]
    pub fn with_copies(&self, at_one: bool, count: u64) -> Self {
        let mut points = self.points.clone();
        if count > 0 {
            let copies = count as f64;
            if at_one { points.push((1.0, copies)) } else { points.insert(0, (0.0, copies)) }
        }
        Self { points, n: self.n.saturating_add(count) }
    }

    /// `less = P(sum_i E_i (x_i - t) + E_0 (1 - t) >= 0)` with independent standard exponentials `E`; `greater` by
    /// reflection.
    ///
    /// Source: Gaffke, *Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
    /// variable*, Math. Methods of Statistics 14 (2005); Learned-Miller & Thomas, *A new confidence interval for the
    /// mean of a bounded random variable*, arXiv:1905.06208 (2020). That it holds its level for every distribution is
    /// conjectured, proven for two-valued ones, and has withstood every simulation there and here. `None` unless
    /// `t` is in `[0, 1]`.
    #[must_use]
    pub fn tails(&self, t: f64) -> Option<Tails> {
        if !(0.0..=1.0).contains(&t) {
            return None;
        }
        Tails::new(self.less(t)?, self.greater(t)?)
    }

    /// The limits of [`Bounded::tails`]; inside `[0, 1]`. `None` unless `0 < alpha < 1`.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let z = normal_upper_quantile(level(alpha)?)?;
        let n = self.n as f64 + 1.0;
        let total: f64 = self.points.iter().map(|(x, count)| x * count).sum();
        let square: f64 = self.points.iter().map(|(x, count)| x * x * count).sum();
        // Mean and standard error with the unseen value added.
        let around = |total: f64, square: f64| {
            let mean = (total + 1.0) / n;
            (mean, (((square + 1.0) / n - mean * mean) / n).max(0.0).sqrt())
        };
        let upper = threshold(z, around(total, square), |t| self.less(t))?;
        let reflected = around(n - 1.0 - total, n - 1.0 - 2.0 * total + square);
        let lower = 1.0 - threshold(z, reflected, |t| self.greater(1.0 - t))?;
        Some(Bounds::new(lower, upper))
    }

    fn less(&self, t: f64) -> Option<f64> {
        self.reaches(|x| x - t, 1.0 - t)
    }

    fn greater(&self, t: f64) -> Option<f64> {
        self.reaches(|x| t - x, t)
    }

    /// P(the weighted sum of gaps and of the unseen value's `room` is at least 0).
    fn reaches(&self, gap: impl Fn(f64) -> f64, room: f64) -> Option<f64> {
        let ends = [self.points.first()?, self.points.last()?].map(|(x, _)| gap(*x));
        let (lowest, highest) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        if lowest >= 0.0 {
            return Some(1.0);
        }
        if room <= 0.0 && highest <= 0.0 {
            return Some(0.0);
        }
        let mean = self.points.iter().map(|(x, count)| gap(*x) * count).sum::<f64>() + room;
        // The smaller of the two chances is the one to compute; its sum has the largest scale 1.
        let largest = if mean > 0.0 { lowest } else { highest.max(room) };
        let terms = self.points.iter().map(|(x, count)| (gap(*x) / largest, *count));
        let p = Sum { terms: terms.chain([(room / largest, 1.0)]).collect() }.reaches_zero()?;
        Some(if mean > 0.0 { 1.0 - p } else { p })
    }
}

/// Puts neighbours onto the two ends of the piece that they lie in, keeping their mean: that spreads the values by
/// no more than the pieces are wide, and never hides any spread.
fn thinned(points: &[(f64, f64)], n: f64) -> Vec<(f64, f64)> {
    let range = points.last().map_or(0.0, |last| last.0) - points.first().map_or(0.0, |first| first.0);
    let (width, most) = (range / PIECES as f64, n / PIECES as f64);
    let mut thin = Vec::with_capacity(MOST_POINTS);
    let mut rest = points;
    while let Some(first) = rest.first() {
        let mut count = 0.0;
        let fits = |point: &&(f64, f64)| {
            count += point.1;
            point.0 - first.0 <= width && count <= most
        };
        let length = rest.iter().take_while(fits).count().max(1);
        let (piece, later) = rest.split_at(length);
        let low = first.0;
        let high = piece.last().map_or(low, |last| last.0);
        let count: f64 = piece.iter().map(|point| point.1).sum();
        let above: f64 = piece.iter().map(|point| (point.0 - low) * point.1).sum();
        let at_high = if high > low { (above / (high - low)).min(count) } else { 0.0 };
        thin.extend([(low, count - at_high), (high, at_high)].iter().filter(|point| point.1 > 0.0));
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

/// The smallest threshold whose p-value clears the level with the normal quantile `z`, to 1e-8 of the
/// standard error; `p` falls from 1 at 0 to 0 at 1. The search starts at the normal approximation.
fn threshold(z: f64, (mean, error): (f64, f64), p: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    // On the scale of normal quantiles p is nearly a straight line.
    let excess = |t: f64| {
        let at = p(t)?;
        let quantile = if at <= 0.0 { FAR } else { normal_upper_quantile(at).unwrap_or(-FAR) };
        Some(quantile.clamp(-FAR, FAR) - z)
    };
    let (mut low, mut high) = ((0.0, -FAR - z), (1.0, FAR - z));
    let guess = mean + z * error;
    // Outwards from the guess until it is enclosed.
    let mut reach = 0.25 * error;
    for _ in 0..60 {
        for t in [guess - reach, guess + reach] {
            if t > low.0 && t < high.0 {
                let value = excess(t)?;
                if value >= 0.0 { high = (t, value) } else { low = (t, value) }
            }
        }
        let enclosed = low.0 >= guess - reach && high.0 <= guess + reach;
        if enclosed || low.0 > guess + reach || reach > 1.0 {
            break;
        }
        reach *= 4.0;
    }
    let mut kept = 0_i8;
    for round in 1..200 {
        let width = high.0 - low.0;
        if width <= 1e-8 * error + 1e-15 {
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
