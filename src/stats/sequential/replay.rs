//! What a fail of numbers will see: seen records again, with the harm added.

use rayon::prelude::*;

use super::{Arm, NumberProcess, PairProcess};

/// Records that are needed before they say anything about others.
const FEWEST: usize = 100;
/// Above this exponent ranks are at the very end.
const STEEPEST: f64 = 1e4;

/// What would have to be seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Harm {
    /// Every value so many times as large.
    Times(f64),
    /// Every value so much larger.
    Plus(f64),
    /// Every value of 0 becomes 1 with this chance.
    Events(f64),
    /// Ranks moved up until the candidate's value is the larger one with this chance (ties half), above .5.
    Larger(f64),
    /// Ranks moved down until the candidate's value is the smaller one with this chance (ties half), above .5.
    Smaller(f64),
}

/// When each replay failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replays {
    /// Records of both arms until the fail, in rising order; nothing for those that did not fail.
    failed: Vec<u64>,
}

impl Replays {
    /// How many there are.
    pub const RUNS: u64 = 400;

    /// Plays `stable` records, in the order of their time and from a place drawn at random (the first follows the last),
    /// through copies of `process`: each is the candidate's with chance `weight` and then has `harm`. A replay ends with
    /// evidence of `threshold` or after `most` records.
    ///
    /// The draws depend on `seed` alone. `None` for fewer than 100 records, a record that `process` refuses, a `weight`
    /// outside `[0, 1]`, or a harm that these records cannot have (ranks of values that are nearly all equal).
    #[must_use]
    pub fn new<P: NumberProcess + Sync>(
        process: &P,
        stable: &[f64],
        weight: f64,
        harm: Harm,
        threshold: f64,
        most: u64,
        seed: u64,
    ) -> Option<Self> {
        if stable.len() < FEWEST || !(0.0..=1.0).contains(&weight) {
            return None;
        }
        let harmed = Harmed::new(stable, harm)?;
        let one = |run: u64| {
            let mut random = Draws::new(seed, run);
            let mut process = process.clone();
            let from = (random.uniform() * stable.len() as f64) as usize;
            for (i, place) in (from..stable.len()).chain(0..from).cycle().take(most as usize).enumerate() {
                let arm = if random.uniform() < weight { Arm::Candidate } else { Arm::Stable };
                let value = match arm {
                    Arm::Candidate => harmed.value(place, &mut random)?,
                    Arm::Stable => *stable.get(place)?,
                };
                process.record(arm, value)?;
                if process.evidence() >= threshold {
                    return Some(Some(i as u64 + 1));
                }
            }
            Some(None)
        };
        Self::play(one)
    }

    /// Plays `pairs` of both releases' values, candidate first, in the order of their time and from a place drawn at random,
    /// through copies of `process`. The candidate's values get the harm: of a factor they are first brought to the stable
    /// release's mean, so that what a request does to both answers stays; of ranks a stable value of some request gets it.
    ///
    /// Otherwise as [`Replays::new`]: a pair is two records. `None` also where the candidate's values have no mean above 0 that a
    /// factor could bring anywhere, and for harms other than a factor and ranks.
    #[must_use]
    pub fn of_pairs<P: PairProcess + Sync>(
        process: &P,
        pairs: &[(f64, f64)],
        harm: Harm,
        threshold: f64,
        most: u64,
        seed: u64,
    ) -> Option<Self> {
        if pairs.len() < FEWEST {
            return None;
        }
        let stable: Vec<f64> = pairs.iter().map(|(_, stable)| *stable).collect();
        let harmed = Harmed::new(&stable, harm)?;
        let factor = match harm {
            Harm::Times(times) => {
                let (own, beside) =
                    pairs.iter().fold((0.0, 0.0), |(own, beside), (c, s)| (own + c, beside + s));
                Some(times * beside / own).filter(|factor| *factor > 0.0 && factor.is_finite())
            }
            Harm::Larger(_) | Harm::Smaller(_) => Some(1.0),
            Harm::Plus(_) | Harm::Events(_) => None,
        }?;
        let one = |run: u64| {
            let mut random = Draws::new(seed, run);
            let mut process = process.clone();
            let place = |random: &mut Draws| (random.uniform() * pairs.len() as f64) as usize;
            let from = place(&mut random);
            let course = pairs.iter().cycle().skip(from).take(most.div_ceil(2) as usize);
            for (i, (own, stable)) in course.enumerate() {
                let candidate = match harm {
                    Harm::Larger(_) | Harm::Smaller(_) => {
                        let place = place(&mut random);
                        harmed.value(place, &mut random)?
                    }
                    _ => own * factor,
                };
                process.record(candidate, *stable)?;
                if process.evidence() >= threshold {
                    return Some(Some(2 * (i as u64 + 1)));
                }
            }
            Some(None)
        };
        Self::play(one)
    }

    fn play(one: impl Fn(u64) -> Option<Option<u64>> + Sync + Send) -> Option<Self> {
        let ends: Option<Vec<Option<u64>>> = (0..Self::RUNS).into_par_iter().map(one).collect();
        let mut failed: Vec<u64> = ends?.into_iter().flatten().collect();
        failed.sort_unstable();
        Some(Self { failed })
    }

    /// The share of replays that failed within so many records of both arms.
    #[must_use]
    pub fn chance(&self, records: u64) -> f64 {
        self.failed.partition_point(|failed| *failed <= records) as f64 / Self::RUNS as f64
    }

    /// The records of both arms within which this share of the replays failed; `None` where fewer did.
    #[must_use]
    pub fn records(&self, chance: f64) -> Option<u64> {
        let needed = (chance * Self::RUNS as f64).ceil().max(1.0) as usize;
        self.failed.get(needed - 1).copied()
    }
}

/// A stream of random numbers: `SplitMix64` (Steele, Lea & Flood, OOPSLA 2014).
struct Draws(u64);

impl Draws {
    /// The stream of one run.
    fn new(seed: u64, run: u64) -> Self {
        let mut streams = Self(seed);
        let start = streams.next();
        Self(Self(start ^ run).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `[0, 1)`.
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The values of a candidate that has the harm.
struct Harmed<'a> {
    stable: &'a [f64],
    harm: Harm,
    /// Of every record its rank, and the values by rank; for harms of ranks.
    ranks: Vec<usize>,
    sorted: Vec<f64>,
    /// Ranks `r` in `(0, 1)` become `r^(1/k)`.
    k: f64,
}

impl<'a> Harmed<'a> {
    fn new(stable: &'a [f64], harm: Harm) -> Option<Self> {
        let auc = match harm {
            Harm::Larger(auc) | Harm::Smaller(auc) if (0.5..1.0).contains(&auc) => auc,
            Harm::Times(x) | Harm::Plus(x) if x.is_finite() => {
                return Some(Self { stable, harm, ranks: Vec::new(), sorted: Vec::new(), k: 1.0 });
            }
            Harm::Events(p) if (0.0..=1.0).contains(&p) => {
                return Some(Self { stable, harm, ranks: Vec::new(), sorted: Vec::new(), k: 1.0 });
            }
            _ => return None,
        };
        let mut order: Vec<usize> = (0..stable.len()).collect();
        order.sort_by(|a, b| {
            let value = |place: &usize| stable.get(*place).copied().unwrap_or(f64::NAN);
            value(a).total_cmp(&value(b))
        });
        let sorted: Vec<f64> = order.iter().filter_map(|place| stable.get(*place).copied()).collect();
        let mut ranks = vec![0; stable.len()];
        for (rank, place) in order.into_iter().enumerate() {
            *ranks.get_mut(place)? = rank;
        }
        let mut harmed = Self { stable, harm, ranks, sorted, k: STEEPEST };
        if harmed.auc() < auc {
            return None;
        }
        let (mut low, mut high) = (1.0, STEEPEST);
        for _ in 0..50 {
            harmed.k = f64::midpoint(low, high);
            if harmed.auc() < auc { low = harmed.k } else { high = harmed.k }
        }
        Some(harmed)
    }

    /// The chance that a value with the harm is on its side of a stable one, ties half.
    fn auc(&self) -> f64 {
        let n = self.sorted.len() as f64;
        let down = matches!(self.harm, Harm::Smaller(_));
        let mut sum = 0.0;
        for (i, value) in self.sorted.iter().enumerate() {
            let below = self.sorted.partition_point(|other| other < value) as f64;
            let within = self.sorted.partition_point(|other| other <= value) as f64;
            let (position, i) = ((below + within) / (2.0 * n), i as f64);
            let (position, i) = if down { (1.0 - position, n - 1.0 - i) } else { (position, i) };
            sum += position * (((i + 1.0) / n).powf(self.k) - (i / n).powf(self.k));
        }
        sum
    }

    fn value(&self, place: usize, random: &mut Draws) -> Option<f64> {
        let stable = *self.stable.get(place)?;
        Some(match self.harm {
            Harm::Times(factor) => stable * factor,
            Harm::Plus(more) => stable + more,
            Harm::Events(chance) => {
                if random.uniform() < chance {
                    stable.max(1.0)
                } else {
                    stable
                }
            }
            Harm::Larger(_) | Harm::Smaller(_) => {
                let (n, down) = (self.sorted.len() as f64, matches!(self.harm, Harm::Smaller(_)));
                let rank = (*self.ranks.get(place)? as f64 + random.uniform()) / n;
                let moved =
                    if down { 1.0 - (1.0 - rank).powf(1.0 / self.k) } else { rank.powf(1.0 / self.k) };
                *self.sorted.get(((moved * n) as usize).min(self.sorted.len() - 1))?
            }
        })
    }
}
