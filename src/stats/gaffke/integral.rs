//! The chance that a weighted sum of exponentials is not negative, by an inversion integral.

/// Distance of two nodes of the integral; a quarter of it moves no p-value by more than 1e-10 of itself.
const STEP: f64 = 0.1;
/// How far the curve of the integral may lean from the vertical.
const LEAN: f64 = 0.6;
/// Of a normal integrand with its peak at 1 the integral is 0.4; of an exponential alone 0.71, of all that was tried
/// between 0.37 and 0.58.
const SHARES: std::ops::Range<f64> = 0.3..0.75;
/// Nodes that are worked on together.
const NODES: usize = 8;
/// Batches of nodes at most; two values need 24.
const MOST_BATCHES: usize = 80;
/// A factor that occurs no more often than this is raised to its power, unless it is so large at some node that a power might
/// be beyond all bounds.
const MOST_REPEATS: f64 = 64.0;
/// A factor below it is at most 101 there, and its power 1e129.
const FAR: f64 = 100.0;

/// A sum of independent gamma variables with these scales, the largest being 1, and shapes.
pub(super) struct Sum {
    pub(super) terms: Vec<(f64, f64)>,
}

impl Sum {
    /// P(the sum >= 0), by the inversion integral of its moment generating function `M`,
    /// `1/(2 pi i) int M(s)/s ds` through the saddle point, along a curve that leaves it by steepest descent.
    /// `None` where the integral is not near the saddle point's estimate of it: a p-value that is not sure is none.
    pub(super) fn reaches_zero(&self) -> Option<f64> {
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

/// Real and imaginary part at each node.
type Complex = ([f64; NODES], [f64; NODES]);

/// The factors of the integrand at some nodes.
struct Factors {
    /// What was multiplied as it is.
    product: Complex,
    /// Of the others the logarithms of their absolute values, added up.
    size: [f64; NODES],
    /// And their angles, which turn the other way.
    angle: [f64; NODES],
}

impl Factors {
    const ONE: Self = Self { product: ([1.0; NODES], [0.0; NODES]), size: [0.0; NODES], angle: [0.0; NODES] };

    fn times(&mut self, (along, turn): &Complex) {
        let (real, imaginary) = (&mut self.product.0, &mut self.product.1);
        for ((re, im), (along, turn)) in real.iter_mut().zip(imaginary).zip(along.iter().zip(turn)) {
            (*re, *im) = (*re * along - turn * *im, *im * along + turn * *re);
        }
    }

    /// A factor that occurs a few times, by squaring: logarithm and angle cost several times as much.
    fn times_power(&mut self, mut base: Complex, mut times: u32) {
        while times > 0 {
            if times & 1 == 1 {
                self.times(&base);
            }
            times >>= 1;
            for (re, im) in base.0.iter_mut().zip(&mut base.1) {
                (*re, *im) = (*re * *re - *im * *im, 2.0 * *re * *im);
            }
        }
        let squares = self.product.0.iter().zip(&self.product.1).map(|(re, im)| re * re + im * im);
        let (least, most) = squares.fold((f64::INFINITY, 0.0_f64), |(a, b), it| (a.min(it), b.max(it)));
        if least < 1e-120 || most > 1e120 {
            let product = std::mem::replace(&mut self.product, Self::ONE.product);
            self.times_logarithms(&product, 1.0);
        }
    }

    fn times_logarithms(&mut self, (along, turn): &Complex, shape: f64) {
        for ((size, angle), (along, turn)) in
            self.size.iter_mut().zip(&mut self.angle).zip(along.iter().zip(turn))
        {
            *size += 0.5 * shape * (along * along + turn * turn).ln();
            *angle -= shape * turn.atan2(*along);
        }
    }
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
    let reach = x.iter().zip(&y).map(|(x, y)| x.abs() + y.abs()).fold(0.0, f64::max);
    let mut factors = Factors::ONE;
    for (slope, shape) in slopes {
        let base = (x.map(|x| 1.0 - slope * x), y.map(|y| -slope * y));
        if (*shape - 1.0).abs() < f64::EPSILON {
            factors.times(&base);
        } else if slope.abs() * reach < FAR && *shape <= MOST_REPEATS && shape.fract() == 0.0 {
            factors.times_power(base, *shape as u32);
        } else {
            factors.times_logarithms(&base, *shape);
        }
    }
    let Factors { product: (real, imaginary), size, angle } = factors;
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
