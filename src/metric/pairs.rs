//! Two runs joined on their ids.

use rayon::prelude::*;

use super::clusters::Clusters;
use super::column::Column;
use super::counts::Counts;
use super::label::{Label, Labels};
use super::side::Side;
use super::table::Table;
use crate::stats::moments;

/// So many rows are worth the work of another core.
const MANY: usize = 16 << 10;

/// The values of two runs, id by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Joined {
    /// The candidate's value of each id; NaN where it has none.
    candidate: Vec<f64>,
    /// The baseline's, in the same order.
    baseline: Vec<f64>,
    /// The cluster of each pair, where pairs are not independent.
    pub(super) clusters: Option<Clusters>,
}

/// The counts of two runs on the ids that have some on both sides.
#[derive(Debug, Clone, Default)]
pub(super) struct JoinedCounts {
    /// The candidate's, one row of them an id.
    pub(super) candidate: Vec<f64>,
    /// The baseline's of the same ids.
    pub(super) baseline: Vec<f64>,
    /// The cluster of each id, where ids are not independent.
    pub(super) clusters: Option<Vec<u64>>,
}

/// What is taken of a row.
#[derive(Debug, Clone)]
pub(super) enum Taken<'a> {
    /// The value of a field, times a factor.
    Field {
        /// The field.
        name: &'a str,
        /// The factor.
        scale: f64,
    },
    /// What it adds to a ratio of sums.
    Ratio {
        /// The numerator's field.
        field: &'a str,
        /// The denominator's.
        per: &'a str,
        /// The factor on the numerator.
        scale: f64,
    },
    /// Whether it has labels of all of these names.
    Labels {
        /// The names.
        names: Vec<&'a str>,
    },
    /// Whether its texts are counted.
    Counts {
        /// What the counts are known by.
        name: String,
    },
}

/// Where what is taken of a row stands in a table.
pub(super) enum Source<'a> {
    /// In a column, times a factor.
    Column(Option<&'a Column>, f64),
    /// In two, the first times a factor.
    Ratio(Option<&'a Column>, Option<&'a Column>, f64),
    /// Among the counts.
    Counts(Option<&'a Counts>),
    /// Among the labels, all of them.
    Labels(Vec<Option<&'a Labels>>),
}

impl<'a> Source<'a> {
    /// Of a table.
    pub(super) fn new(table: &'a Table, taken: &Taken<'_>) -> Self {
        match taken {
            Taken::Field { name, scale } => Self::Column(table.column(name), *scale),
            Taken::Ratio { field, per, scale } => Self::Ratio(table.column(field), table.column(per), *scale),
            Taken::Counts { name } => Self::Counts(table.counts(name)),
            Taken::Labels { names } => Self::Labels(names.iter().map(|name| table.labels(name)).collect()),
        }
    }

    /// Whether a row has all of it.
    pub(super) fn has(&self, row: usize) -> bool {
        match self {
            Self::Column(column, _) => column.is_some_and(|column| column.get(row).is_some()),
            Self::Ratio(..) => self.parts(row).is_some(),
            Self::Counts(counts) => counts.is_some_and(|counts| counts.get(row).is_some()),
            Self::Labels(labels) => labels.iter().all(|labels| {
                labels.and_then(|labels| labels.get(row)).is_some_and(|label| *label != Label::None)
            }),
        }
    }

    /// Numerator and denominator of a row.
    fn parts(&self, row: usize) -> Option<(f64, f64)> {
        let Self::Ratio(y, x, scale) = self else { return None };
        Some(((*y)?.get(row)? * scale, (*x)?.get(row)?))
    }
}

/// The rows of each id on both sides, in the order of the ids; empty where a side does not have it.
fn merged<'a>(candidate: Side<'a>, baseline: Side<'a>) -> impl Iterator<Item = (&'a [u32], &'a [u32])> + 'a {
    let rows = |side: Side<'a>| {
        let id = move |row: &u32| side.table.id(*row as usize);
        side.rows.chunk_by(move |a, b| id(a) == id(b)).peekable()
    };
    let id = |side: Side<'a>, rows: Option<&&'a [u32]>| Some(side.table.id(*rows?.first()? as usize));
    let (mut left, mut right) = (rows(candidate), rows(baseline));
    std::iter::from_fn(move || {
        let (ours, theirs) = (id(candidate, left.peek()), id(baseline, right.peek()));
        // An id that is not there comes after all others.
        let takes = |own: Option<u64>, other: Option<u64>| {
            own.is_some_and(|own| other.is_none_or(|other| own <= other))
        };
        let own = takes(ours, theirs).then(|| left.next()).flatten().unwrap_or_default();
        let other = takes(theirs, ours).then(|| right.next()).flatten().unwrap_or_default();
        (ours.is_some() || theirs.is_some()).then_some((own, other))
    })
}

/// Whether both sides have the same ids, each once: then their rows stand side by side.
pub(super) fn are_side_by_side(candidate: Side<'_>, baseline: Side<'_>) -> bool {
    let single = !(candidate.table.repeats_ids() || baseline.table.repeats_ids());
    let same =
        |(own, other): (&u32, &u32)| candidate.table.id(*own as usize) == baseline.table.id(*other as usize);
    single
        && candidate.rows.len() == baseline.rows.len()
        && candidate.rows.par_iter().with_min_len(MANY).zip(baseline.rows).all(same)
}

/// How many ids of the other side the candidate lacks, and how many the baseline.
#[must_use]
pub fn lacking(candidate: Side<'_>, baseline: Side<'_>) -> (u64, u64) {
    if are_side_by_side(candidate, baseline) {
        return (0, 0);
    }
    merged(candidate, baseline).fold((0, 0), |(ours, theirs), (own, other)| {
        (ours + u64::from(own.is_empty()), theirs + u64::from(other.is_empty()))
    })
}

/// Joins two runs on their ids; an id on one side only is missing on the other.
pub(super) fn joined(candidate: Side<'_>, baseline: Side<'_>, taken: &Taken<'_>) -> Joined {
    let (ours, theirs) = (Taker::new(candidate, taken), Taker::new(baseline, taken));
    let clustered = candidate.table.plan().cluster.is_some();
    if !clustered && are_side_by_side(candidate, baseline) {
        // A side at a time reads memory from front to back.
        let of = |side: Side<'_>, taker: &Taker<'_>| match taker.source {
            Source::Column(Some(column), scale) => column.scaled(side.rows, scale),
            _ => side.rows.iter().map(|row| missing(taker.of(*row as usize))).collect(),
        };
        let (candidate, baseline) = rayon::join(|| of(candidate, &ours), || of(baseline, &theirs));
        return Joined { candidate, baseline, clusters: None };
    }
    let most = candidate.rows.len().max(baseline.rows.len());
    let mut joined =
        Joined { candidate: Vec::with_capacity(most), baseline: Vec::with_capacity(most), clusters: None };
    let mut clusters = Vec::new();
    for (own, other) in merged(candidate, baseline) {
        if clustered {
            clusters.push(cluster((candidate, own), (baseline, other)));
        }
        joined.candidate.push(missing(ours.of_id(own)));
        joined.baseline.push(missing(theirs.of_id(other)));
    }
    joined.clusters = clustered.then(|| {
        let most = candidate.table.largest_cluster().max(baseline.table.largest_cluster());
        let open = [candidate.table, baseline.table].map(Table::assumed_largest).into_iter().flatten();
        Clusters::new(&clusters, most, open.max_by_key(|largest| largest.samples))
    });
    joined
}

/// NaN for what is not there: half the memory of an option.
fn missing(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// The cluster of an id: the candidate's, else the baseline's.
fn cluster((ours, own): (Side<'_>, &[u32]), (theirs, other): (Side<'_>, &[u32])) -> u64 {
    let of = |side: Side<'_>, rows: &[u32]| side.table.cluster(*rows.first()? as usize);
    of(ours, own).or(of(theirs, other)).unwrap_or(0)
}

/// Joins the counts of two runs on their ids; those of all epochs of an id together, of which none may be missing.
pub(super) fn joined_counts(candidate: Side<'_>, baseline: Side<'_>, name: &str) -> JoinedCounts {
    let clustered = candidate.table.plan().cluster.is_some();
    let (mut joined, mut clusters) = (JoinedCounts::default(), Vec::new());
    for (own, other) in merged(candidate, baseline) {
        let both = summed(candidate.table, own, name).zip(summed(baseline.table, other, name));
        let Some((ours, theirs)) = both else { continue };
        joined.candidate.extend(ours);
        joined.baseline.extend(theirs);
        clusters.push(cluster((candidate, own), (baseline, other)));
    }
    joined.clusters = clustered.then_some(clusters);
    joined
}

/// The counts of some rows together; none where one of them has none.
fn summed(table: &Table, rows: &[u32], name: &str) -> Option<Vec<f64>> {
    let counts = table.counts(name)?;
    let (first, later) = rows.split_first()?;
    let mut sums = counts.get(*first as usize)?.to_vec();
    for row in later {
        for (sum, count) in sums.iter_mut().zip(counts.get(*row as usize)?) {
            *sum += count;
        }
    }
    Some(sums)
}

/// Takes one value of each row of a run.
struct Taker<'a> {
    source: Source<'a>,
    /// Of a ratio of sums: the ratio, and the mean that it is divided by.
    ratio: f64,
    mean: f64,
}

impl<'a> Taker<'a> {
    fn new(side: Side<'a>, taken: &Taken<'_>) -> Self {
        let source = Source::new(side.table, taken);
        let Source::Ratio(..) = source else { return Self { source, ratio: 0.0, mean: 1.0 } };
        let parts = || side.rows.iter().filter_map(|row| source.parts(*row as usize));
        let sum_y = moments::sum(parts().map(|pair| pair.0));
        let sum_x = moments::sum(parts().map(|pair| pair.1));
        let (ratio, mean) = (sum_y / sum_x, sum_x / parts().count() as f64);
        Self { source, ratio, mean }
    }

    /// The value of a row. Of a ratio of sums it is `r + (y - r x) / mean(x)`, whose mean is the ratio `r`; of counts, that
    /// they are there.
    fn of(&self, row: usize) -> Option<f64> {
        match &self.source {
            Source::Column(column, scale) => Some((*column)?.get(row)? * scale),
            Source::Ratio(..) => {
                let (y, x) = self.source.parts(row)?;
                let value = self.ratio + (-self.ratio).mul_add(x, y) / self.mean;
                value.is_finite().then_some(value)
            }
            Source::Counts(_) | Source::Labels(_) => self.source.has(row).then_some(1.0),
        }
    }

    /// The value of an id over all epochs; one epoch without a value leaves the question without one.
    fn of_id(&self, rows: &[u32]) -> Option<f64> {
        match rows {
            [] => None,
            [one] => self.of(*one as usize),
            several => {
                let sum = several.iter().try_fold(0.0, |sum, row| Some(sum + self.of(*row as usize)?));
                sum.map(|sum| sum / several.len() as f64)
            }
        }
    }
}

/// One value of each row.
pub(super) fn taken(side: Side<'_>, taken: &Taken<'_>) -> Vec<Option<f64>> {
    let taker = Taker::new(side, taken);
    side.rows.iter().map(|row| taker.of(*row as usize)).collect()
}

/// The ids of a run, in order, each once.
pub(super) fn ids(side: Side<'_>) -> Vec<u64> {
    let mut ids: Vec<u64> = side.rows.iter().map(|row| side.table.id(*row as usize)).collect();
    ids.dedup();
    ids
}

impl Joined {
    /// The values of each id, candidate first.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Option<f64>, Option<f64>)> + Clone + '_ {
        let there = |value: &f64| Some(*value).filter(|value| !value.is_nan());
        self.candidate.iter().map(there).zip(self.baseline.iter().map(there))
    }

    /// Pairs without a value on one side.
    pub(super) fn missing(&self) -> u64 {
        self.pairs().filter(|(ours, theirs)| ours.is_none() || theirs.is_none()).count() as u64
    }

    /// Clusters in which some pair has both values; none where pairs are independent.
    pub(super) fn scored_clusters(&self) -> Option<u64> {
        let scored = self.pairs().map(|(ours, theirs)| ours.is_some() && theirs.is_some());
        Some(self.clusters.as_ref()?.scored(scored))
    }

    /// Pairs.
    pub(super) fn size(&self) -> u64 {
        self.candidate.len() as u64
    }

    /// The differences of the pairs that have both values.
    pub(super) fn differences(&self) -> Vec<f64> {
        self.pairs().filter_map(|(ours, theirs)| Some(difference(ours?, theirs?))).collect()
    }

    /// The pairs that have both values, side by side.
    pub(super) fn scored(&self) -> (Vec<f64>, Vec<f64>) {
        self.pairs().filter_map(|(ours, theirs)| ours.zip(theirs)).unzip()
    }
}

/// Candidate minus baseline; what is no more than rounding is no difference.
pub(super) fn difference(candidate: f64, baseline: f64) -> f64 {
    let difference = candidate - baseline;
    if difference.abs() <= 4.0 * f64::EPSILON * candidate.abs() { 0.0 } else { difference }
}
