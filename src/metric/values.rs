//! The values of a gate's rows, what is missing of them, and the clusters that they stand in.

use std::sync::Arc;

use rayon::slice::ParallelSliceMut as _;

use super::clusters::Clusters;
use super::column::Column;
use super::pairs::{self, Source, Taken};
use super::settings::Settings;
use super::side::Side;
use crate::document::decimal;

/// The least and the most that a value can be, where there is such a thing.
pub(super) type Range = (Option<f64>, Option<f64>);

/// Some rows of a table as one gate sees them.
#[derive(Clone)]
pub(super) struct Values<'a> {
    pub(super) side: Side<'a>,
    scale: f64,
    range: Range,
    /// Rows without a usable score.
    missing: u64,
    /// Whether they stand in where they speak most against a claim; else the policy leaves them out.
    fills: bool,
    /// The stricter of the levels that they are judged at.
    alpha: f64,
    /// Where resampling starts.
    seed: u64,
    /// Clusters in which something was scored, where samples are not independent.
    scored_clusters: Option<u64>,
    /// What is there of a field in ascending order, for a measure that needs it so: sorted once, for whoever asks.
    ordered: Option<(String, Arc<Vec<f64>>)>,
}

impl<'a> Values<'a> {
    /// The rows of a side, of which everything that is taken has to be there.
    pub(super) fn new(
        side: Side<'a>,
        taken: &Taken<'_>,
        (scale, range): (f64, Range),
        settings: &Settings,
    ) -> Self {
        let source = Source::new(side.table, taken);
        let scored = |row: &&u32| source.has(**row as usize);
        let selected = side.rows.len() as u64;
        let missing = match &source {
            Source::Column(Some(column), _) if selected == side.table.selected() => column.missing(),
            _ => selected - side.rows.iter().filter(scored).count() as u64,
        };
        let fills = settings.fills(missing, selected);
        let clusters = clusters(side);
        let scored_clusters =
            clusters.map(|clusters| clusters.scored(side.rows.iter().map(|row| source.has(*row as usize))));
        let (alpha, seed) = (settings.strictest(), settings.seed);
        Self { side, scale, range, missing, fills, alpha, seed, scored_clusters, ordered: None }
    }

    /// With the values of a field in ascending order.
    pub(super) fn with_order(mut self, field: &str) -> Self {
        self.ordered = Some((field.to_owned(), self.sorted(field)));
        self
    }

    /// What is there of a field, in ascending order.
    pub(super) fn ordered(&self, field: &str) -> Arc<Vec<f64>> {
        match &self.ordered {
            Some((name, sorted)) if name == field => Arc::clone(sorted),
            _ => self.sorted(field),
        }
    }

    fn sorted(&self, field: &str) -> Arc<Vec<f64>> {
        let mut sorted = Vec::with_capacity(self.scored() as usize);
        sorted.extend(self.decimal(field).flatten());
        sorted.par_sort_unstable_by(f64::total_cmp);
        Arc::new(sorted)
    }

    /// Clusters in which something was scored; none where samples are independent.
    pub(super) fn scored_clusters(&self) -> Option<u64> {
        self.scored_clusters
    }

    /// Where resampling starts.
    pub(super) fn seed(&self) -> u64 {
        self.seed
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
    pub(super) fn with_lost(&self, lost: u64, settings: &Settings) -> Self {
        let missing = self.missing + lost;
        Self { missing, fills: settings.fills(missing, self.selected() + lost), ..self.clone() }
    }

    /// The same where a row without a value says nothing: one that nobody looked at is no lost one.
    pub(super) fn without_gaps(&self) -> Self {
        Self { missing: 0, fills: false, ..self.clone() }
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
        self.side.rows.iter().map(move |row| column.and_then(|column: &Column| column.get(*row as usize)))
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

    /// The counts of the rows that have some, one row after the other, and the clusters that those stand in.
    pub(super) fn counts(&self, name: &str) -> (Vec<f64>, Option<Vec<u64>>) {
        let table = self.side.table;
        let counts = table.counts(name);
        let of = |row: &u32| Some((counts?.get(*row as usize)?, table.cluster(*row as usize).unwrap_or(0)));
        let (rows, clusters): (Vec<&[f64]>, Vec<u64>) = self.side.rows.iter().filter_map(of).unzip();
        (rows.concat(), self.is_clustered().then_some(clusters))
    }

    /// One value of each row.
    pub(super) fn taken(&self, taken: &Taken<'_>) -> Vec<Option<f64>> {
        pairs::taken(self.side, taken)
    }

    /// Whether samples are not independent.
    pub(super) fn is_clustered(&self) -> bool {
        self.side.table.is_clustered()
    }

    /// The clusters of the rows; none where samples are independent.
    pub(super) fn clusters(&self) -> Option<Clusters> {
        clusters(self.side)
    }
}

/// The clusters of the rows of a side; none where samples are independent.
fn clusters(side: Side<'_>) -> Option<Clusters> {
    let table = side.table;
    if !table.is_clustered() {
        return None;
    }
    let keys: Vec<u64> = side.rows.iter().map(|row| table.cluster(*row as usize).unwrap_or(0)).collect();
    Some(Clusters::new(&keys, table.largest_cluster(), table.assumed_largest()))
}
