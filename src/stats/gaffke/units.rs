//! Independent units, in order and thinned out: what a mean is weighed of.

use std::cmp::Ordering;

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

/// A unit of size 1, by its sum: a sample or a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alone(f64);

impl From<Alone> for Term {
    fn from(Alone(sum): Alone) -> Self {
        Self { sum, size: 1.0, count: 1.0 }
    }
}

/// Units in ascending order of size and sum.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Units {
    /// Equal ones together.
    Merged(Vec<Term>),
    /// Each, where most are different and all are of size 1: that is a third of the memory.
    Alone(Vec<Alone>),
    /// Sum and size of each, where most are different.
    Sized(Vec<(f64, f64)>),
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
            let same =
                |term: &Term| term.sum.to_bits() == sum.to_bits() && term.size.to_bits() == size.to_bits();
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
            few.sort_unstable_by(order);
            return (!few.is_empty()).then_some(Self::Merged(few));
        };
        let seen: f64 = few.iter().map(|term| term.count).sum();
        let (least, most) = units.size_hint();
        let again = |term: &Term| std::iter::repeat_n((term.sum, term.size), term.count as usize);
        let mut many = Self::Alone(Vec::with_capacity(seen as usize + 1 + most.unwrap_or(least)));
        for (sum, size) in few.iter().flat_map(again).chain([first]).chain(units) {
            if !fits(sum, size) {
                return None;
            }
            many.push(sum, size);
        }
        Some(many.sorted())
    }

    fn push(&mut self, sum: f64, size: f64) {
        match self {
            Self::Sized(units) => units.push((sum, size)),
            Self::Alone(units) if size.to_bits() == 1.0_f64.to_bits() => units.push(Alone(sum)),
            Self::Alone(units) => {
                let mut sized = Vec::with_capacity(units.capacity());
                sized.extend(units.iter().map(|Alone(sum)| (*sum, 1.0)));
                sized.push((sum, size));
                *self = Self::Sized(sized);
            }
            Self::Merged(terms) => terms.push((sum, size).into()),
        }
    }

    /// In order; equal ones together where that takes less room.
    fn sorted(mut self) -> Self {
        let few = match &mut self {
            Self::Merged(terms) => return Self::Merged(std::mem::take(terms)),
            Self::Alone(units) => sort(units),
            Self::Sized(units) => sort(units),
        };
        if few { Self::Merged(self.merged()) } else { self }
    }

    pub(super) fn merged(&self) -> Vec<Term> {
        match self {
            Self::Merged(terms) => terms.clone(),
            Self::Alone(units) => merged(units),
            Self::Sized(units) => merged(units),
        }
    }

    /// Thinned out; none where they are few enough.
    pub(super) fn thinned(&self) -> Option<Vec<Term>> {
        match self {
            Self::Merged(terms) => thin(terms),
            Self::Alone(units) => thin(units),
            Self::Sized(units) => thin(units),
        }
    }
}

fn order(a: &Term, b: &Term) -> Ordering {
    a.size.total_cmp(&b.size).then(a.sum.total_cmp(&b.sum))
}

fn equal<T: Copy + Into<Term>>(a: &T, b: &T) -> bool {
    order(&(*a).into(), &(*b).into()).is_eq()
}

/// Puts units in order; says whether many of them are equal.
fn sort<T: Copy + Send + Into<Term>>(units: &mut [T]) -> bool {
    units.par_sort_unstable_by(|a, b| order(&(*a).into(), &(*b).into()));
    3 * units.chunk_by(equal).count() <= units.len()
}

fn merged<T: Copy + Into<Term>>(units: &[T]) -> Vec<Term> {
    let one = |run: &[T]| run.first().map(|unit| Term { count: run.len() as f64, ..(*unit).into() });
    units.chunk_by(equal).filter_map(one).collect()
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
