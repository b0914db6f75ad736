//! Whether the candidate's results are those of the release that it is compared with: then every comparison shows nothing.
//!
//! Packed, put in another order or written with another line end, a run stays the same run. Times and prices are never
//! measured twice alike; marks of right and wrong may well be.

use std::cmp::Ordering;

use super::entry::{Entry, Past, numbers};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::{FieldKind, Projected, Role};
use crate::manifest::{Condition, Dimension, Reference};
use crate::metric::Table;
use crate::metric::catalog::unit_of_name;

/// Looks at one earlier release's results (`same_bytes`: the files are equal byte for byte) where the same rows of both count.
///
/// # Errors
/// They are the candidate's own.
pub(super) fn check(
    entry: &Entry,
    past: &Past,
    reference: Reference,
    same_bytes: bool,
) -> Result<Option<Diagnostic>, Diagnostics> {
    let (name, whose) = (&entry.spec.name.value, reference.word());
    let refuse = |how: &str| {
        Diagnostic::error(Code::BaselineIsCandidate, format!("evidence `{name}` is the {whose}'s own: {how}"))
            .at(entry.spec.path.span, "the same results on both sides")
            .help("evaluate the candidate; a release compared with itself shows nothing")
    };
    let time = |opened: &super::Opened, conditions: &[Condition]| {
        opened.identities(conditions).into_iter().find_map(|one| one.created)
    };
    let recorded = time(&entry.opened, &entry.spec.conditions)
        .filter(|time_of| Some(*time_of) == time(&past.opened, &past.conditions));
    let sameness = match (&entry.table, &past.table) {
        (Some(ours), Some(theirs)) => {
            let gated = equal(ours, theirs);
            // What no gate is about may still tell.
            match gated {
                Sameness::Marks => ungated(entry, past)?.unwrap_or(gated),
                gated => gated,
            }
        }
        _ if same_bytes => Sameness::Marks,
        _ => Sameness::Different,
    };
    match sameness {
        Sameness::Measured(field) => {
            Err(refuse(&format!("`{field}` is equal on every id, and nobody measures that twice")).into())
        }
        Sameness::Marks if recorded.is_some() => Err(refuse("it was recorded at the same time").into()),
        Sameness::Marks if same_bytes => {
            let text = format!(
                "evidence `{name}` and the {whose}'s are equal byte for byte: was the candidate evaluated?"
            );
            Ok(Some(
                Diagnostic::warning(Code::SameResults, text).at(entry.spec.path.span, "equal on both sides"),
            ))
        }
        _ => Ok(None),
    }
}

/// What is alike on the ids that both runs have.
enum Sameness {
    /// A time or a price that differs from case to case, by its field.
    Measured(String),
    /// All that was read, without any such field.
    Marks,
    /// Something is not.
    Different,
}

/// Compares the kept scores of two runs, id by id.
fn equal(ours: &Table, theirs: &Table) -> Sameness {
    if shared(ours, theirs).next().is_none() {
        return Sameness::Different;
    }
    let mut different = false;
    for field in ours.fields() {
        let (Some(a), Some(b)) = (ours.column(field), theirs.column(field)) else { continue };
        let mut values = shared(ours, theirs).map(|(x, y)| (a.get(x), b.get(y)));
        if !values.all(|(x, y)| x.map(f64::to_bits) == y.map(f64::to_bits)) {
            different = true;
            continue;
        }
        let mut own = shared(ours, theirs).filter_map(|(x, _)| a.get(x));
        let first = own.next();
        let varies = own.any(|value| Some(value.to_bits()) != first.map(f64::to_bits));
        if varies && is_measured(field) {
            return Sameness::Measured(field.to_owned());
        }
    }
    if different { Sameness::Different } else { Sameness::Marks }
}

/// The rows of the samples that both runs have, in the order of their ids.
fn shared<'a>(ours: &'a Table, theirs: &'a Table) -> impl Iterator<Item = (usize, usize)> + 'a {
    let rows = |table: &Table| 0..table.selected() as usize;
    let (mut left, mut right) = (rows(ours).peekable(), rows(theirs).peekable());
    let of = |table: &Table, row: usize| (table.id(row), table.key(row));
    std::iter::from_fn(move || {
        loop {
            let (x, y) = (*left.peek()?, *right.peek()?);
            match of(ours, x).cmp(&of(theirs, y)) {
                Ordering::Less => drop(left.next()),
                Ordering::Greater => drop(right.next()),
                Ordering::Equal => {
                    return left.next().zip(right.next());
                }
            }
        }
    })
}

/// Whether a field holds a time or a price.
fn is_measured(field: &str) -> bool {
    unit_of_name(field).is_some_and(|unit| matches!(unit.dimension, Dimension::Time | Dimension::Money))
}

/// Whether a field holds numbers, as far as its rows were looked at.
fn has(opened: &super::Opened, field: &str) -> bool {
    let kind = opened.files.iter().find_map(|file| file.catalog.fields.get(field));
    matches!(kind, Some(FieldKind::Number))
}

/// The fields of an entry that hold times and prices.
pub(super) fn measured_fields(opened: &super::Opened) -> Vec<&str> {
    opened.fields().filter(|field| is_measured(field) && has(opened, field)).collect()
}

/// The same of the times and prices that no gate is about; none where there are none on both sides.
fn ungated(entry: &Entry, past: &Past) -> Result<Option<Sameness>, Diagnostics> {
    let kept = |opened: &super::Opened, field: &str| {
        opened.keeps(&Projected { name: field.to_owned(), role: Role::Score })
    };
    let fields: Vec<&str> = measured_fields(&entry.opened)
        .into_iter()
        .filter(|field| has(&past.opened, field) && kept(&entry.opened, field) && kept(&past.opened, field))
        .collect();
    if fields.is_empty() {
        return Ok(None);
    }
    let ours = numbers(&entry.opened, &entry.spec.conditions, false, &fields)?;
    let theirs = numbers(&past.opened, &past.conditions, past.bundled, &fields)?;
    Ok(match equal(&ours, &theirs) {
        Sameness::Measured(field) => Some(Sameness::Measured(field)),
        _ => None,
    })
}
