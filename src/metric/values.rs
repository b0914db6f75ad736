//! The values of a gate's rows, what is missing of them, and the clusters that they stand in.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::column::Column;
use super::estimate::{Assumed, LargestCluster};
use super::pairs::{self, Joined, Taken};
use super::selection::Side;
use super::settings::Settings;
use crate::document::decimal;
use crate::stats::melded::Against;

/// The least and the most that a value can be, where there is such a thing.
pub(super) type Range = (Option<f64>, Option<f64>);

/// Some rows of a table as one gate sees them.
#[derive(Clone)]
pub(super) struct Values<'a> {
    side: Side<'a>,
    rows: Cow<'a, [u32]>,
    scale: f64,
    range: Range,
    /// Rows without a usable score.
    missing: u64,
    /// Whether they stand in where they speak most against a claim; else the policy leaves them out.
    fills: bool,
    /// The stricter of the levels that they are judged at.
    alpha: f64,
}

impl<'a> Values<'a> {
    /// The rows of a side, of which `fields` have to be there.
    pub(super) fn new(
        side: Side<'a>,
        fields: &[&str],
        (scale, range): (f64, Range),
        settings: &Settings,
    ) -> Self {
        let columns: Vec<_> = fields.iter().map(|field| side.table.column(field)).collect();
        let scored = |row: &&u32| {
            columns.iter().all(|column| column.is_some_and(|column| column.get(**row as usize).is_some()))
        };
        let selected = side.rows.len() as u64;
        let missing = selected - side.rows.iter().filter(scored).count() as u64;
        let fills = settings.fills(missing, selected);
        Self {
            side,
            rows: Cow::Borrowed(side.rows),
            scale,
            range,
            missing,
            fills,
            alpha: settings.strictest(),
        }
    }

    /// The stricter of the levels that they are judged at.
    pub(super) fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Rows that count.
    pub(super) fn selected(&self) -> u64 {
        self.side.rows.len() as u64
    }

    /// With further rows of which nothing is there.
    fn with_lost(&self, lost: u64, settings: &Settings) -> Self {
        let missing = self.missing + lost;
        Self { missing, fills: settings.fills(missing, self.selected() + lost), ..self.clone() }
    }

    /// Rows of the evidence.
    pub(super) fn rows(&self) -> u64 {
        self.side.table.rows
    }

    /// Rows that count and have no usable score.
    pub(super) fn missing(&self) -> u64 {
        self.missing
    }

    /// Rows with a score.
    pub(super) fn scored(&self) -> u64 {
        self.selected() - self.missing
    }

    /// Missing rows that have to be reckoned with.
    pub(super) fn gaps(&self) -> u64 {
        if self.fills { self.missing } else { 0 }
    }

    /// The factor on what is written.
    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    /// What a scaled value can be.
    pub(super) fn range(&self) -> Range {
        self.range
    }

    /// Whether the field says true or false.
    pub(super) fn is_rate(&self, field: &str) -> bool {
        self.side.table.is_rate(field)
    }

    /// The values of a field as they are written, row by row.
    pub(super) fn written<'b>(&'b self, field: &str) -> impl Iterator<Item = Option<f64>> + Clone + 'b {
        let column = self.side.table.column(field);
        self.rows.iter().map(move |row| column.and_then(|column: &Column| column.get(*row as usize)))
    }

    /// The same, scaled.
    pub(super) fn scaled<'b>(&'b self, field: &str) -> impl Iterator<Item = Option<f64>> + Clone + 'b {
        let scale = self.scale;
        self.written(field).map(move |value| value.map(|value| value * scale))
    }

    /// The same as the decimal numbers that people would have written, to be compared one by one with a threshold.
    pub(super) fn decimal<'b>(&'b self, field: &str) -> impl Iterator<Item = Option<f64>> + Clone + 'b {
        let scale = self.scale;
        let scaled = move |value: f64| {
            if scale.to_bits() == 1.0_f64.to_bits() { value } else { decimal::product(value, scale) }
        };
        self.written(field).map(move |value| value.map(scaled))
    }

    /// One value of each row.
    pub(super) fn taken(&self, taken: &Taken<'_>) -> Vec<Option<f64>> {
        pairs::taken(Side { table: self.side.table, rows: &self.rows }, taken)
    }

    /// Whether samples are not independent.
    pub(super) fn is_clustered(&self) -> bool {
        self.side.table.is_clustered()
    }

    /// The clusters of the rows; none where samples are independent.
    pub(super) fn clusters(&self) -> Option<Clusters> {
        let table = self.side.table;
        if !table.is_clustered() {
            return None;
        }
        let keys: Vec<u64> = self.rows.iter().map(|row| table.cluster(*row as usize).unwrap_or(0)).collect();
        Some(Clusters::new(&keys, table.largest_cluster(), table.assumed_largest()))
    }
}

/// Two runs as one gate compares them.
pub(super) struct Compared<'a> {
    /// The candidate.
    pub(super) candidate: Values<'a>,
    /// The baseline.
    pub(super) baseline: Values<'a>,
    /// Whether most ids stand on both sides.
    pub(super) paired: bool,
    /// Whether the change is a share of the baseline.
    pub(super) relative: bool,
    /// Whether low values are good.
    pub(super) low_is_good: bool,
    /// The stricter of the levels that it is judged at.
    pub(super) alpha: f64,
    /// How it is judged.
    pub(super) settings: &'a Settings,
    /// What is compared, id by id.
    pub(super) taken: Taken<'a>,
    /// Both, once that is asked for.
    pub(super) joined: OnceCell<Joined>,
}

impl Compared<'_> {
    /// How the two are put against each other.
    pub(super) fn against(&self) -> Against {
        if self.relative { Against::Ratio } else { Against::Difference }
    }

    /// Both, id by id.
    pub(super) fn joined(&self) -> &Joined {
        self.joined.get_or_init(|| pairs::joined(self.candidate.side, self.baseline.side, &self.taken))
    }

    /// Whether ids without a value on one side are to be reckoned with.
    pub(super) fn fills(&self, joined: &Joined) -> bool {
        self.settings.fills(joined.missing(), joined.size())
    }

    /// Both, with the ids that only the other side has as missing rows.
    pub(super) fn with_lost_ids(&self) -> (Values<'_>, Values<'_>) {
        let (ours, theirs) = (pairs::ids(self.candidate.side), pairs::ids(self.baseline.side));
        let lacking = |own: &[u64], others: &[u64]| {
            others.iter().filter(|id| own.binary_search(id).is_err()).count() as u64
        };
        (
            self.candidate.with_lost(lacking(&ours, &theirs), self.settings),
            self.baseline.with_lost(lacking(&theirs, &ours), self.settings),
        )
    }
}

/// The place of each key among the different ones, in order, and how many those are.
fn numbered(keys: &[u64]) -> (Vec<u32>, usize) {
    let mut distinct = keys.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let place = |key: &u64| u32::try_from(distinct.partition_point(|other| other < key)).unwrap_or(u32::MAX);
    (keys.iter().map(place).collect(), distinct.len())
}

/// Which cluster each row, or pair, stands in.
#[derive(Debug, Clone)]
pub(super) struct Clusters {
    of: Vec<u32>,
    count: usize,
    most: u64,
    open: Option<LargestCluster>,
}

impl Clusters {
    /// From the cluster of each pair, of at most `most`.
    pub(super) fn new(keys: &[u64], most: u64, open: Option<LargestCluster>) -> Self {
        let (of, count) = numbered(keys);
        Self { of, count, most, open }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count as u64
    }

    /// How many values the largest can have.
    pub(super) fn most(&self) -> f64 {
        self.most as f64
    }

    /// What is taken for granted where the evidence does not say how large a cluster can be.
    pub(super) fn assumed(&self) -> Assumed {
        Assumed { largest_cluster: self.open.clone(), spread_seen: false }
    }

    /// Sum and size of each cluster; rows without anything to give are left out. A cluster in which nothing was scored is
    /// one of the largest, with `lost` for the sum and the size of each of its rows; without that it is left out.
    pub(super) fn sums(
        &self,
        given: impl Iterator<Item = Option<Given>>,
        lost: Option<(f64, f64)>,
    ) -> Vec<(f64, f64)> {
        let mut units = vec![Given::default(); self.count];
        for (given, cluster) in given.zip(&self.of) {
            if let (Some(given), Some(unit)) = (given, units.get_mut(*cluster as usize)) {
                unit.sum += given.sum;
                unit.size += given.size;
                unit.scored |= given.scored;
            }
        }
        let most = self.most();
        let unit = |unit: &Given| {
            if unit.scored {
                Some((unit.sum, unit.size))
            } else {
                lost.map(|(sum, size)| (sum * most, size * most))
            }
        };
        units.iter().filter_map(unit).collect()
    }
}

/// What a row, or a pair, adds to its cluster.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given {
    pub(super) sum: f64,
    pub(super) size: f64,
    /// Whether it has its own value; else something stands in for it.
    pub(super) scored: bool,
}

impl Given {
    /// One value.
    pub(super) fn value(sum: f64) -> Self {
        Self { sum, size: 1.0, scored: true }
    }

    /// What stands in for one value.
    pub(super) fn stand_in(sum: f64) -> Self {
        Self { sum, size: 1.0, scored: false }
    }
}
