//! Independent units, in order and thinned out: what a mean is weighed of.

use rayon::slice::ParallelSliceMut as _;

/// More units than this are thinned out.
const MOST_POINTS: f64 = 4096.0;
/// Pieces of the values' count, and of their range, that thinning leaves alone.
pub(super) const PIECES: usize = 512;
/// So few different units are told apart without sorting.
const FEW: usize = 16;
/// Units of more different sizes than this are left as they are.
const MOST_SIZES: usize = 64;

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

impl From<(f64, f64)> for Term {
    /// One unit, of sum and size.
    fn from((sum, size): (f64, f64)) -> Self {
        Self { sum, size, count: 1.0 }
    }
}

/// Units in ascending order of size and sum.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Units {
    /// Equal ones together.
    Merged(Vec<Term>),
    /// Sum and size of each: where most are different, that is two thirds of the memory.
    Single(Vec<(f64, f64)>),
}

impl Units {
    /// None unless there are some and all of them fit.
    pub(super) fn collected(
        units: impl IntoIterator<Item = (f64, f64)>,
        fits: impl Fn(f64, f64) -> bool,
    ) -> Option<Self> {
        let mut few: Vec<Term> = Vec::new();
        let mut units = units.into_iter();
        // Rates and their differences have few different values, which need no sorting.
        let first_of_many = loop {
            let Some((sum, size)) = units.next() else { break None };
            if !fits(sum, size) {
                return None;
            }
            let same = |term: &Term| term.sum.total_cmp(&sum).is_eq() && term.size.total_cmp(&size).is_eq();
            let room = few.len() < FEW;
            if let Some(term) = few.iter().position(same).and_then(|at| few.get_mut(at)) {
                term.count += 1.0;
            } else if room {
                few.push(Term { sum, size, count: 1.0 });
            } else {
                break Some((sum, size));
            }
        };
        let Some(first) = first_of_many else {
            few.sort_unstable_by(|a, b| a.size.total_cmp(&b.size).then(a.sum.total_cmp(&b.sum)));
            return (!few.is_empty()).then_some(Self::Merged(few));
        };
        let seen: f64 = few.iter().map(|term| term.count).sum();
        let (least, most) = units.size_hint();
        let mut sorted = Vec::with_capacity(seen as usize + 1 + most.unwrap_or(least));
        let again = |term: &Term| std::iter::repeat_n((term.sum, term.size), term.count as usize);
        sorted.extend(few.iter().flat_map(again).chain([first]));
        for (sum, size) in units {
            if !fits(sum, size) {
                return None;
            }
            sorted.push((sum, size));
        }
        sorted.par_sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
        let units = Self::Single(sorted);
        let Self::Single(sorted) = &units else { return None };
        let different = sorted.chunk_by(equal).count();
        Some(if 3 * different > 2 * sorted.len() { units } else { Self::Merged(units.merged()) })
    }

    pub(super) fn merged(&self) -> Vec<Term> {
        match self {
            Self::Merged(terms) => terms.clone(),
            Self::Single(units) => {
                let one = |run: &[(f64, f64)]| {
                    run.first().map(|unit| Term { count: run.len() as f64, ..Term::from(*unit) })
                };
                units.chunk_by(equal).filter_map(one).collect()
            }
        }
    }

    /// Thinned out; none where they are few enough.
    pub(super) fn thinned(&self) -> Option<Vec<Term>> {
        match self {
            Self::Merged(terms) => thin(terms),
            Self::Single(units) => thin(units),
        }
    }
}

fn equal(a: &(f64, f64), b: &(f64, f64)) -> bool {
    a.0.total_cmp(&b.0).is_eq() && a.1.total_cmp(&b.1).is_eq()
}

/// The units thinned out; none where they are few enough.
fn thin<T: Copy>(units: &[T]) -> Option<Vec<Term>>
where
    Term: From<T>,
{
    let n: f64 = units.iter().map(|unit| Term::from(*unit).count).sum();
    if n <= MOST_POINTS {
        return None;
    }
    let same_size = |a: &T, b: &T| Term::from(*a).size.total_cmp(&Term::from(*b).size).is_eq();
    let sizes = units.chunk_by(same_size).count();
    if sizes > MOST_SIZES {
        return None;
    }
    let pieces = (PIECES / sizes).max(PIECES / MOST_SIZES) as f64;
    Some(units.chunk_by(same_size).flat_map(|run| thinned(run, pieces)).collect())
}

/// Puts neighbours of one size onto the two ends of the piece that they lie in, keeping their mean: that spreads the
/// sums by no more than the pieces are wide, and never hides any spread.
fn thinned<T: Copy>(units: &[T], pieces: f64) -> Vec<Term>
where
    Term: From<T>,
{
    let (Some(first), Some(last)) = (units.first(), units.last()) else { return Vec::new() };
    let n: f64 = units.iter().map(|unit| Term::from(*unit).count).sum();
    let (width, most) = ((Term::from(*last).sum - Term::from(*first).sum) / pieces, n / pieces);
    let mut thin = Vec::new();
    let mut rest = units;
    while let Some(first) = rest.first().map(|first| Term::from(*first)) {
        let mut count = 0.0;
        let fits = |unit: &&T| {
            let term = Term::from(**unit);
            count += term.count;
            term.sum - first.sum <= width && count <= most
        };
        let length = rest.iter().take_while(fits).count().max(1);
        let (piece, later) = rest.split_at(length);
        let low = first.sum;
        let high = piece.last().map_or(low, |last| Term::from(*last).sum);
        let terms = || piece.iter().map(|unit| Term::from(*unit));
        let count: f64 = terms().map(|term| term.count).sum();
        let above: f64 = terms().map(|term| (term.sum - low) * term.count).sum();
        let at_high = if high > low { (above / (high - low)).min(count) } else { 0.0 };
        let end = |sum: f64, count: f64| Term { sum, size: first.size, count };
        thin.extend([end(low, count - at_high), end(high, at_high)].iter().filter(|term| term.count > 0.0));
        rest = later;
    }
    thin
}
