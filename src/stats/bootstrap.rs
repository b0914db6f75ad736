//! Paired bootstrap: a statistic of summed counts (BLEU, a ratio of sums) against a number, by seeded resampling.
//!
//! Samples come as small rows of counts, one row a sample and side; both sides of a sample are drawn together, and
//! clusters are drawn whole. Every resample has a random stream of its own, so the answer does not depend on the
//! number of threads. `BCa` limits are worse here than percentiles (`research/stats.md`, section 2g).

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::tails::{Bounds, Tails, level};

/// Fewer samples, or clusters where there are any, than this are not resampled.
pub const LEAST_UNITS: usize = 100;
/// Resamples where the level does not ask for more.
pub const RESAMPLES: u64 = 10_000;
/// More resamples than this are not tried.
const MOST_RESAMPLES: u64 = 1_000_000;
/// Counts that are added up together; eight doubles fill a cache line.
const LANES: usize = 8;

type Lanes = [f64; LANES];

/// Why nothing can be resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// So few samples, or clusters where there are any: fewer than [`LEAST_UNITS`].
    TooFew(usize),
    /// Rows of different widths or numbers, or labels of clusters that do not match them.
    Mismatch,
    /// A count is NaN or infinite, or a sum of them is; or the samples themselves have no contrast.
    NotFinite,
    /// A level outside (0, 1), or one that asks for more than a million resamples.
    Level,
}

/// What is compared with the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contrast {
    /// The statistic of the candidate alone.
    Level,
    /// Candidate minus baseline.
    Difference,
    /// Candidate over baseline; unknown unless the baseline's statistic is positive.
    Ratio,
}

/// Rows of counts of both sides, ready to be resampled.
#[derive(Debug, Clone)]
pub struct Counts {
    width: usize,
    units: usize,
    samples: usize,
    /// Candidate, then baseline, then padding: block by block of lanes, unit by unit in each.
    blocks: Vec<Vec<Lanes>>,
    sides: usize,
}

impl Counts {
    /// From `width` counts a sample, row after row: the candidate's and, where there is a comparison, the baseline's
    /// of the same samples in the same order; and a cluster label of each sample, where there are any.
    ///
    /// # Errors
    ///
    /// See [`Refused`].
    pub fn new(
        width: usize,
        candidate: &[f64],
        baseline: Option<&[f64]>,
        clusters: Option<&[u64]>,
    ) -> Result<Self, Refused> {
        let samples = candidate.len().checked_div(width).ok_or(Refused::Mismatch)?;
        let sides: Vec<&[f64]> = std::iter::once(candidate).chain(baseline).collect();
        let uneven = sides.iter().any(|side| side.len() != samples * width);
        if uneven || clusters.is_some_and(|labels| labels.len() != samples) {
            return Err(Refused::Mismatch);
        }
        let (place, units) = places(samples, clusters);
        let lanes = width * sides.len();
        let mut blocks = vec![vec![[0.0; LANES]; units]; lanes.div_ceil(LANES)];
        for (i, side) in sides.iter().enumerate() {
            for (row, unit) in side.chunks_exact(width).zip(&place) {
                for (j, count) in row.iter().enumerate() {
                    let lane = i * width + j;
                    let kept = blocks.get_mut(lane / LANES).and_then(|block| block.get_mut(*unit));
                    if let Some(sum) = kept.and_then(|lanes| lanes.get_mut(lane % LANES)) {
                        *sum += count;
                    }
                }
            }
        }
        let counts = Self { width, units, samples, blocks, sides: sides.len() };
        let finite = counts.whole().iter().all(|sum| sum.is_finite());
        if finite { Ok(counts) } else { Err(Refused::NotFinite) }
    }

    /// How many samples.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// How many are drawn in a resample: clusters where there are any, else samples.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// The contrast of the samples as they are; none where it is not finite.
    #[must_use]
    pub fn value(&self, statistic: impl Fn(&[f64]) -> f64, contrast: Contrast) -> Option<f64> {
        let value = self.contrast(&self.whole(), &statistic, contrast);
        value.is_finite().then_some(value)
    }

    /// The contrast of the units drawn: each index below [`Counts::units`], others are left out. NaN where it is
    /// unknown.
    #[must_use]
    pub fn replicate(&self, drawn: &[u32], statistic: impl Fn(&[f64]) -> f64, contrast: Contrast) -> f64 {
        self.contrast(&self.sums(drawn), &statistic, contrast)
    }

    /// Resamples: 20/`alpha` of them or more, whatever is `asked`.
    ///
    /// # Errors
    ///
    /// See [`Refused`]; never a mismatch.
    pub fn resample(
        &self,
        statistic: impl Fn(&[f64]) -> f64 + Sync,
        contrast: Contrast,
        (asked, alpha): (u64, f64),
        seed: u64,
    ) -> Result<Replicates, Refused> {
        if self.units < LEAST_UNITS {
            return Err(Refused::TooFew(self.units));
        }
        let count = asked.max(least_resamples(alpha).ok_or(Refused::Level)?);
        if count > MOST_RESAMPLES {
            return Err(Refused::Level);
        }
        let value = self.value(&statistic, contrast).ok_or(Refused::NotFinite)?;
        let one = |drawn: &mut Vec<u32>, resample: u64| {
            let mut random = Random::new(seed, resample);
            random.fill(drawn, self.units);
            self.replicate(drawn, &statistic, contrast)
        };
        let values: Vec<f64> =
            (0..count).into_par_iter().map_init(|| Vec::with_capacity(self.units), one).collect();
        Ok(Replicates::new(value, values))
    }

    /// Sums of the units drawn, candidate first. The order of additions depends on the draw alone.
    fn sums(&self, drawn: &[u32]) -> Vec<f64> {
        let mut sums = Vec::with_capacity(self.blocks.len() * LANES);
        for block in &self.blocks {
            let (mut even, mut odd) = ([0.0; LANES], [0.0; LANES]);
            let at = |unit: &u32| block.get(*unit as usize).unwrap_or(&[0.0; LANES]);
            let (pairs, last) = drawn.as_chunks::<2>();
            // Two chains of additions, so that neither waits for the other.
            for [one, other] in pairs {
                add(&mut even, at(one));
                add(&mut odd, at(other));
            }
            for unit in last {
                add(&mut even, at(unit));
            }
            add(&mut even, &odd);
            sums.extend_from_slice(&even);
        }
        sums.truncate(self.width * self.sides);
        sums
    }

    /// Every unit once.
    fn whole(&self) -> Vec<f64> {
        self.sums(&(0..self.units as u32).collect::<Vec<_>>())
    }

    fn contrast(&self, sums: &[f64], statistic: &impl Fn(&[f64]) -> f64, contrast: Contrast) -> f64 {
        let (candidate, baseline) = sums.split_at(self.width.min(sums.len()));
        if baseline.is_empty() && contrast != Contrast::Level {
            return f64::NAN;
        }
        match contrast {
            Contrast::Level => statistic(candidate),
            Contrast::Difference => statistic(candidate) - statistic(baseline),
            Contrast::Ratio => match statistic(baseline) {
                below if below > 0.0 => statistic(candidate) / below,
                _ => f64::NAN,
            },
        }
    }
}

/// The unit that each sample belongs to, and how many there are; clusters in the order of their labels.
fn places(samples: usize, clusters: Option<&[u64]>) -> (Vec<usize>, usize) {
    let Some(labels) = clusters else { return ((0..samples).collect(), samples) };
    let mut distinct = labels.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let place = |label: &u64| distinct.partition_point(|other| other < label);
    (labels.iter().map(place).collect(), distinct.len())
}

fn add(sums: &mut Lanes, lanes: &Lanes) {
    for (sum, count) in sums.iter_mut().zip(lanes) {
        *sum += count;
    }
}

/// The contrast of every resample, in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicates {
    value: f64,
    sorted: Vec<f64>,
    /// Resamples whose contrast is not known; they count against every claim.
    unknown: usize,
}

impl Replicates {
    /// From the contrast of the samples and those of the resamples.
    #[must_use]
    pub fn new(value: f64, values: Vec<f64>) -> Self {
        let count = values.len();
        let mut sorted: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let unknown = count - sorted.len();
        Self { value, sorted, unknown }
    }

    /// The contrast of the samples.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// How many resamples.
    #[must_use]
    pub fn resamples(&self) -> usize {
        self.sorted.len() + self.unknown
    }

    /// The contrasts that are known, ascending.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// `less = (1 + #{contrast >= t}) / (B + 1)`, `greater = (1 + #{contrast <= t}) / (B + 1)`.
    ///
    /// Source: Davison & Hinkley, *Bootstrap Methods and their Application* (1997), section 4.2. None for a `t` that
    /// is NaN, and where all resamples have the same contrast: that says nothing about unseen samples.
    #[must_use]
    pub fn tails(&self, t: f64) -> Option<Tails> {
        if t.is_nan() || !self.spreads() {
            return None;
        }
        let share = |against: usize| (1 + against + self.unknown) as f64 / (self.resamples() + 1) as f64;
        let below = self.sorted.partition_point(|value| *value < t);
        let up_to = self.sorted.partition_point(|value| *value <= t);
        Tails::new(share(self.sorted.len() - below), share(up_to))
    }

    /// Percentile limits: beyond them every threshold clears `alpha` in [`Replicates::tails`]. None as there, or
    /// unless `0 < alpha < 1`; no limit on a side where too few resamples are known.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let allowed = level(alpha)? * (self.resamples() + 1) as f64 * (1.0 + 1e-12);
        if !self.spreads() {
            return None;
        }
        // So many contrasts may be on the wrong side; the next one is the limit.
        let rank = (allowed.floor() as usize).checked_sub(1 + self.unknown);
        let at = |i: Option<usize>| i.and_then(|i| self.sorted.get(i)).copied();
        let upper = at(rank.and_then(|rank| self.sorted.len().checked_sub(1 + rank)));
        Some(Bounds::new(at(rank).unwrap_or(f64::NEG_INFINITY), upper.unwrap_or(f64::INFINITY)))
    }

    fn spreads(&self) -> bool {
        let ends = self.sorted.first().zip(self.sorted.last());
        // Sums in another order differ in their last bits; that is no spread.
        ends.is_some_and(|(low, high)| high - low > 1e-12 * high.abs().max(low.abs()))
    }
}

/// The fewest resamples at the one-sided level `alpha`: 20/`alpha`. None unless `0 < alpha < 1`.
#[must_use]
pub fn least_resamples(alpha: f64) -> Option<u64> {
    // 20/0.05 is 400, not a hair more.
    Some((20.0 / level(alpha)? * (1.0 - 1e-12)).ceil() as u64)
}

/// The seed of a gate: the first eight bytes, big-endian, of the SHA-256 of `relgate/bootstrap/v1`, the gate's id and
/// the digests of its evidence (candidate first), each behind its length in bytes as eight big-endian bytes.
///
/// The same gate on the same evidence always draws the same resamples, and nobody can draw again until they fit.
#[must_use]
pub fn seed(gate: &str, digests: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for part in ["relgate/bootstrap/v1", gate].iter().chain(digests) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}

/// The random stream of one resample: `SplitMix64` (Steele, Lea & Flood, *Fast splittable pseudorandom number
/// generators*, OOPSLA 2014), started at a mix of the seed and the number of the resample.
struct Random(u64);

impl Random {
    fn new(seed: u64, resample: u64) -> Self {
        Self(mix(mix(seed).wrapping_add(resample)))
    }

    /// `units` numbers, uniform in `0..units` by the upper part of a product: two of every random number where the bias
    /// stays below `2^-16`, else one.
    fn fill(&mut self, drawn: &mut Vec<u32>, units: usize) {
        let limit = units as u64;
        drawn.clear();
        if limit > 1 << 16 {
            return drawn
                .extend((0..units).map(|_| ((u128::from(self.next()) * u128::from(limit)) >> 64) as u32));
        }
        let half = |part: u64| ((part * limit) >> 32) as u32;
        drawn.extend((0..units.div_ceil(2)).flat_map(|_| {
            let both = self.next();
            [half(both >> 32), half(both & 0xffff_ffff)]
        }));
        drawn.truncate(units);
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
