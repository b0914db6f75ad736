//! What an entry says, and how it is laid out.

use std::fmt::Write as _;

use chrono::NaiveDate;
use semver::Version;

use super::escape::plain;
use crate::manifest::{Manifest, ReleaseType};
use crate::report::v1::{Report, ReportGate, ReportLine, Told};

/// One release as its changelog tells it. The texts are plain; [`render`] escapes them, so that they can be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangelogEntry {
    /// The released version; the entry stands under its heading.
    pub version: Version,
    /// The day of a new entry; one that stands there keeps its own.
    pub date: NaiveDate,
    /// What is released.
    pub name: String,
    /// What kind of release it is, the first word of the entry.
    pub release_type: ReleaseType,
    /// What its author says of it; none where nothing.
    pub summary: Option<String>,
    /// What changed, artifact by artifact: `prompt system v1.8 -> v1.9`.
    pub changes: Vec<String>,
    /// What was shown, gate by gate, with limits.
    pub gates: Vec<String>,
    /// What was waived, by whom and until when.
    pub waivers: Vec<String>,
}

/// What the report on a release tells its changelog.
#[must_use]
pub fn entry(report: &Report, release: &Manifest) -> ChangelogEntry {
    let gate = |gate: &ReportGate| {
        format!("{}: {}; asked: {} ({})", gate.id, gate.measured(), gate.asked(), gate.came_to())
    };
    let waivers = report
        .gates
        .iter()
        .flat_map(|gate| report.waivers_of(gate).map(|waiver| format!("{}: {}", gate.id, waiver.sentence())));
    ChangelogEntry {
        version: release.version.value.clone(),
        date: report.generated_at.date_naive(),
        name: release.name.value.clone(),
        release_type: release.release_type.value,
        summary: release.summary.as_ref().map(|summary| summary.value.clone()),
        changes: report.changed.iter().map(entry_line).collect(),
        gates: report.gates.iter().map(gate).collect(),
        waivers: waivers.collect(),
    }
}

/// A line on what changed, with the word that it must be told with.
fn entry_line(line: &ReportLine) -> String {
    match line.told.0 {
        Told::Looser => format!("looser: {}", line.text),
        Told::MayBeLooser => format!("may be looser: {}", line.text),
        Told::Changed => line.text.clone(),
    }
}

/// The entry as Markdown with `\n` line ends, without markers; also the draft in the report folder.
#[must_use]
pub fn render(entry: &ChangelogEntry) -> String {
    render_dated(entry, entry.date)
}

/// [`render`] with the date of an earlier run.
pub(super) fn render_dated(entry: &ChangelogEntry, date: NaiveDate) -> String {
    let ChangelogEntry { version, name, release_type, .. } = entry;
    let mut text = format!("## [{version}] - {}\n\n", date.format(DATE));
    let about = match entry.summary.as_deref().map(str::trim) {
        Some(summary) if !summary.is_empty() => format!("{release_type} of {name}: {summary}"),
        _ => format!("{release_type} of {name}"),
    };
    let _ = writeln!(text, "{}", plain(&about));
    for (title, lines) in [("Changed", &entry.changes), ("Gates", &entry.gates), ("Waived", &entry.waivers)] {
        let items: Vec<String> =
            lines.iter().map(|line| plain(line)).filter(|line| !line.is_empty()).collect();
        if !items.is_empty() {
            let _ = writeln!(text, "\n### {title}\n");
        }
        for item in items {
            let _ = writeln!(text, "- {item}");
        }
    }
    text
}

/// How an entry's heading writes its day.
const DATE: &str = "%Y-%m-%d";

/// The day in an entry's first line, which has to be `## [version] - day`.
pub(super) fn date_of(line: &str, version: &Version) -> Option<NaiveDate> {
    let day = line.trim_end().strip_prefix(&format!("## [{version}] - "))?;
    let date = NaiveDate::parse_from_str(day, DATE).ok()?;
    // chrono also takes `2026-1-2`, which relgate never writes.
    (date.format(DATE).to_string() == day).then_some(date)
}
