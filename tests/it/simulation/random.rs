//! Seeded numbers, the same on every machine.

use std::f64::consts::TAU;

/// A small generator (`SplitMix64`; Steele, Lea and Flood 2014).
pub(crate) struct Random(u64);

impl Random {
    /// The generator of one of the streams of a seed.
    #[must_use]
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let start = Self(seed).next();
        Self(Self(start ^ stream).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(crate) fn happens(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Poisson with this mean, by the waiting times between events; above 40 the normal approximation.
    #[allow(dead_code, reason = "not every simulation counts")]
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 40.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let (mut count, mut time) = (0, -(1.0 - self.uniform()).ln());
        while time < mean {
            count += 1;
            time -= (1.0 - self.uniform()).ln();
        }
        count
    }

    /// Standard normal (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }
}
