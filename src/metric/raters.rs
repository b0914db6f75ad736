//! Who rated, and what their ratings came to.

use std::collections::BTreeMap;

use super::label::Label;
use super::side::Side;
use super::told::Rater;

/// The raters of a side by name, with their ratings in a column of numbers, or of names; none where nobody is named.
pub(super) fn raters(side: Side<'_>, field: &str) -> Vec<Rater> {
    let table = side.table;
    let Some(names) = table.plan().rater.as_ref().and_then(|rater| table.labels(rater)) else {
        return Vec::new();
    };
    let (column, labels) = (table.column(field), table.labels(field));
    // Ratings, their sum, the first of them as it is compared, and whether another differs.
    let mut found: BTreeMap<usize, (u64, f64, f64, bool)> = BTreeMap::new();
    for row in side.rows {
        let row = *row as usize;
        let number = column.and_then(|column| column.get(row));
        let named = || {
            Some(labels?.at(row)? as f64)
                .filter(|_| labels.and_then(|labels| labels.get(row)) != Some(&Label::None))
        };
        let (Some(rater), Some(rating)) = (names.at(row), number.or_else(named)) else { continue };
        let of = found.entry(rater).or_insert((0, 0.0, rating, false));
        of.0 += 1;
        of.1 += rating;
        of.3 |= (rating - of.2).abs() > 0.0;
    }
    let name = |at: usize| names.names().get(at).filter(|name| **name != Label::None);
    let mut raters: Vec<Rater> = found
        .into_iter()
        .filter_map(|(at, (ratings, sum, _, differs))| {
            Some(Rater {
                name: name(at)?.to_string(),
                ratings,
                mean: column.map(|_| sum / ratings as f64),
                constant: ratings > 1 && !differs,
            })
        })
        .collect();
    raters.sort_by(|a, b| a.name.cmp(&b.name));
    raters
}
