//! How a gate's values lie: the quantiles that a curve is drawn from.

use super::bound::Bound;
use super::column::Column;
use super::side::Side;

/// The shares of the samples at or below each value of a [`spread`], ascending: close together where the tails are.
pub const SHARES: [f64; 33] = [
    0.0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7,
    0.75, 0.8, 0.85, 0.875, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.999, 1.0,
];

/// The quantiles at [`SHARES`] by nearest rank (the inverse of the empirical distribution function) of the values that a
/// gate is about, in its unit and not capped. None where it is not about numbers of single samples, or has none.
#[must_use]
pub fn spread(bound: &Bound, side: Side<'_>) -> Option<Vec<f64>> {
    let column = side.table.column(bound.measure.case_field()?)?;
    let Column::Reals(reals) = column else { return None };
    let number = |row: &u32| reals.get(*row as usize).copied().filter(|value| !value.is_nan());
    let mut values: Vec<f64> = side.rows.iter().filter_map(number).collect();
    let size = values.len();
    let ranks = SHARES.map(|share| ((share * size as f64).ceil() as usize).max(1) - 1);
    let found: Vec<f64> = pick(&mut values, 0, &ranks).into_iter().map(|value| value * bound.scale).collect();
    (found.len() == SHARES.len() && found.iter().all(|value| value.is_finite())).then_some(found)
}

/// The values at ascending ranks, of which the first value's is `first`, without sorting them all.
fn pick(values: &mut [f64], first: usize, ranks: &[usize]) -> Vec<f64> {
    let (below, rest) = ranks.split_at(ranks.len() / 2);
    let Some((rank, above)) = rest.split_first() else { return Vec::new() };
    let at = rank - first;
    if at >= values.len() {
        return Vec::new();
    }
    let (left, middle, right) = values.select_nth_unstable_by(at, f64::total_cmp);
    // A rank may be asked for several times: those that stand at this one as well.
    let same_below = below.iter().rev().take_while(|other| *other == rank).count();
    let same_above = above.iter().take_while(|other| *other == rank).count();
    let (mut found, larger) = rayon::join(
        || pick(left, first, below.get(..below.len() - same_below).unwrap_or_default()),
        || pick(right, rank + 1, above.get(same_above..).unwrap_or_default()),
    );
    found.extend(std::iter::repeat_n(*middle, 1 + same_below + same_above));
    found.extend(larger);
    found
}

#[cfg(test)]
mod tests {
    use super::pick;

    #[test]
    fn ranks_are_those_of_the_sorted_values() {
        for size in 1..60_usize {
            let values: Vec<f64> = (0..size).map(|i| ((i * 37) % 23) as f64).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let ranks: Vec<usize> = (0..33).map(|i| (i * size / 32).min(size - 1)).collect();
            let found = pick(&mut values.clone(), 0, &ranks);
            assert_eq!(found, ranks.iter().map(|rank| sorted[*rank]).collect::<Vec<_>>(), "{size}");
        }
    }
}
