//! The records on labels that are distributed in another way: fields with few values whose shares moved further than
//! chance would move them.

use super::fields::{Field, Fields, Label, MOST_LABELS, both};
use super::rows::Compared;
use super::words::{open, percent};
use crate::diff::{ChangeRule, Detail, Record};

/// Fields that are reported, those that moved furthest.
const MOST_FIELDS: usize = 5;
/// Values that are listed of a field, those that moved furthest.
const MOST_VALUES: usize = 10;
/// The smallest difference of shares that is worth a record.
const SMALLEST: f64 = 0.05;
/// Standard errors that a difference must exceed; a thousandth of labels without any change would.
const ERRORS: f64 = 3.0;

/// How far one value moved.
struct Move<'a> {
    label: &'a Label,
    before: u64,
    after: u64,
    by: f64,
    /// Whether chance is no explanation.
    clear: bool,
}

/// The labels that are distributed in another way.
pub(super) fn records(set: &Compared<'_>, before: &Fields, after: &Fields, key: Option<&str>) -> Vec<Record> {
    let mut moved: Vec<(f64, &str, Record)> = Vec::new();
    for (name, old) in before.known.iter().filter(|(name, _)| Some(name.as_str()) != key) {
        let Some(new) = after.known.get(name) else { continue };
        if is_label(old, before.rows) && is_label(new, after.rows) {
            moved.extend(field(set, name, old, new).map(|(by, record)| (by, name.as_str(), record)));
        }
    }
    moved.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    moved.into_iter().take(MOST_FIELDS).map(|(.., record)| record).collect()
}

/// Whether most rows have a value of few.
fn is_label(field: &Field, rows: u64) -> bool {
    field.labels.is_some() && field.labelled() * 2 > rows
}

fn field(set: &Compared<'_>, name: &str, old: &Field, new: &Field) -> Option<(f64, Record)> {
    let (rows_before, rows_after) = (old.labelled(), new.labelled());
    let labels = both(old, new);
    // In a short dataset every text has few values; a label stands on several rows.
    if labels.len() > MOST_LABELS || labels.len() as u64 * 4 > rows_before + rows_after {
        return None;
    }
    let mut moves: Vec<Move<'_>> = labels
        .into_iter()
        .map(|label| a_move(label, (old.count(label), rows_before), (new.count(label), rows_after)))
        .collect();
    moves.sort_by(|a, b| b.by.abs().total_cmp(&a.by.abs()).then_with(|| a.label.value.cmp(&b.label.value)));
    let furthest = moves.iter().find(|one| one.clear && one.by.abs() >= SMALLEST)?;
    let text = format!(
        "{}: {name} is distributed in another way: {}",
        set.title,
        line(name, furthest, rows_before, rows_after)
    );
    let mut lines: Vec<String> =
        moves.iter().take(MOST_VALUES).map(|one| line(name, one, rows_before, rows_after)).collect();
    let more = moves.len().saturating_sub(MOST_VALUES);
    if more > 0 {
        lines.push(format!("{more} more"));
    }
    let record = set.record(ChangeRule::DatasetLabels, text).showing(lines.into_iter().map(Detail::Line));
    Some((furthest.by.abs(), record))
}

fn a_move(label: &Label, before: (u64, u64), after: (u64, u64)) -> Move<'_> {
    let ((hits_before, rows_before), (hits_after, rows_after)) = (before, after);
    let (n, m) = (rows_before as f64, rows_after as f64);
    let by = hits_after as f64 / m - hits_before as f64 / n;
    let pooled = (hits_before + hits_after) as f64 / (n + m);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    Move { label, before: hits_before, after: hits_after, by, clear: by.abs() > ERRORS * error }
}

/// `refund` 12.0 % (48) -> 20.1 % (81).
fn line(name: &str, one: &Move<'_>, rows_before: u64, rows_after: u64) -> String {
    format!(
        "`{}` {} ({}) -> {} ({})",
        open(name, &one.label.value),
        percent(one.before, rows_before),
        one.before,
        percent(one.after, rows_after),
        one.after
    )
}
