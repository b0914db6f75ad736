//! The comparison as JSON, schema `relgate/diff/v1`: versioned wire structs, keys in this order.
//!
//! Absent is `null`; a number is finite by construction; nothing depends on when or where it was made.

use serde::Serialize;

use super::document::{ComparedFigure, ComparedRelease, Comparison};
use crate::diff::{Direction, Weight};
use crate::report::json::pretty;
use crate::report::v1::wire::unit;
use crate::report::v1::{ReportChange, ReportEstimate, ReportFinding, ReportRecord, ReportTool};

/// The name of the format.
pub(in crate::report) const SCHEMA: &str = "relgate/diff/v1";

#[derive(Serialize)]
struct Wire<'a> {
    schema: &'static str,
    tool: &'a ReportTool,
    fail_on: Option<&'static str>,
    exit_code: u8,
    before: WireRelease<'a>,
    after: WireRelease<'a>,
    counts: WireCounts,
    records: Vec<ReportRecord>,
    figures: Vec<WireFigure<'a>>,
    notes: &'a [String],
    warnings: &'a [ReportFinding],
}

#[derive(Serialize)]
struct WireRelease<'a> {
    name: &'a str,
    version: String,
    #[serde(rename = "type")]
    release_type: &'static str,
    source: &'a str,
    manifest_sha256: &'a str,
}

#[derive(Serialize)]
struct WireCounts {
    records: usize,
    severity: WireSeverities,
    direction: WireDirections,
}

#[derive(Serialize)]
struct WireSeverities {
    blocking: usize,
    review: usize,
    info: usize,
}

#[derive(Serialize)]
struct WireDirections {
    looser: usize,
    unknown: usize,
    neutral: usize,
    tighter: usize,
}

#[derive(Serialize)]
struct WireFigure<'a> {
    gates: &'a [String],
    metric: &'a str,
    unit: Option<String>,
    before: ReportEstimate,
    after: ReportEstimate,
    difference: Option<ReportChange>,
    note: Option<&'a str>,
}

/// The comparison as JSON text with a final newline.
pub(in crate::report) fn render(comparison: &Comparison) -> String {
    let weighing = |severity| comparison.weighing(severity);
    let going = |direction| comparison.going(direction);
    pretty(&Wire {
        schema: SCHEMA,
        tool: &comparison.tool,
        fail_on: comparison.fail_on,
        exit_code: comparison.exit_code,
        before: release(&comparison.before),
        after: release(&comparison.after),
        counts: WireCounts {
            records: comparison.records.len(),
            severity: WireSeverities {
                blocking: weighing(Weight::Blocking),
                review: weighing(Weight::Review),
                info: weighing(Weight::Info),
            },
            direction: WireDirections {
                looser: going(Direction::Looser),
                unknown: going(Direction::Unknown),
                neutral: going(Direction::Neutral),
                tighter: going(Direction::Tighter),
            },
        },
        records: comparison.records.iter().map(ReportRecord::from).collect(),
        figures: comparison.figures.iter().map(figure).collect(),
        notes: &comparison.notes,
        warnings: &comparison.warnings,
    })
}

fn release(release: &ComparedRelease) -> WireRelease<'_> {
    WireRelease {
        name: &release.name,
        version: release.version.to_string(),
        release_type: release.release_type.word(),
        source: &release.source,
        manifest_sha256: &release.manifest_sha256,
    }
}

fn figure(figure: &ComparedFigure) -> WireFigure<'_> {
    WireFigure {
        gates: &figure.gates,
        metric: &figure.metric,
        unit: unit::name(figure.unit),
        before: ReportEstimate::of(&figure.before, &figure.evidence),
        after: ReportEstimate::of(&figure.after, &figure.evidence),
        difference: figure
            .difference
            .as_ref()
            .map(|one| ReportChange::of(&one.estimate, one.relative, one.paired)),
        note: figure.note.as_deref(),
    }
}
