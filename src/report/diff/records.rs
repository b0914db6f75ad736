//! Records as JSON: `{id, path, artifact, severity, direction, text, before, after, details}`.
//!
//! The same in `relgate diff` and in the `changes` of `report.json`.

use serde::Serialize;

use crate::diff::{Detail, Piece, Record};

#[derive(Serialize)]
pub(in crate::report) struct WireRecord<'a> {
    id: &'static str,
    path: &'a str,
    artifact: Option<&'a str>,
    severity: &'static str,
    direction: &'static str,
    text: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    details: Vec<WireDetail<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireDetail<'a> {
    Line {
        line: &'a str,
    },
    Words {
        /// The line on which the passage starts, from 1.
        at: usize,
        words: Vec<WireWord<'a>>,
    },
}

#[derive(Serialize)]
struct WireWord<'a> {
    op: &'static str,
    text: &'a str,
}

/// A record for JSON.
pub(in crate::report) fn record(record: &Record) -> WireRecord<'_> {
    WireRecord {
        id: record.rule.id(),
        path: &record.path,
        artifact: record.artifact.as_deref(),
        severity: record.severity.word(),
        direction: record.direction.word(),
        text: &record.text,
        before: record.before.as_deref(),
        after: record.after.as_deref(),
        details: record.details.iter().map(detail).collect(),
    }
}

fn detail(detail: &Detail) -> WireDetail<'_> {
    match detail {
        Detail::Line(line) => WireDetail::Line { line },
        Detail::Words { line, pieces } => WireDetail::Words {
            at: *line,
            words: pieces.iter().map(|(piece, text)| WireWord { op: op(*piece), text }).collect(),
        },
    }
}

fn op(piece: Piece) -> &'static str {
    match piece {
        Piece::Same => "same",
        Piece::Removed => "removed",
        Piece::Added => "added",
    }
}
