//! What changed since the baseline, in the words of a report: what got looser, what blocks and may be looser, then a line
//! an artifact, then what else the manifest declares in another way.
//!
//! The first two are told one by one, each in full, and never counted into a rest: nobody may read over them.
//! Which changes there are is for `diff` to say.

use super::v1::{ReportLine, Told, Word};
use crate::change::{ArtifactChange, Changes};
use crate::diff::{ChangeRule, Direction, Record, Weight};

/// A sentence is cut after so many characters.
const LONGEST: usize = 300;
/// What an artifact's line says of one change in it is cut after so many characters.
const LONGEST_PART: usize = 110;
/// So many changes stand in an artifact's line; the rest is counted.
const MOST_PARTS: usize = 6;

/// The lines. Without records the artifacts alone, as far as manifests and digests tell.
#[must_use]
pub fn lines(changes: &Changes, records: &[Record]) -> Vec<ReportLine> {
    let alone = records.iter().filter(|record| how_told(record) != Told::Changed);
    let mut lines: Vec<ReportLine> = alone.map(|record| line(record, sentence(record))).collect();
    let renamed: Vec<&Record> =
        records.iter().filter(|record| record.rule == ChangeRule::ArtifactRenamed).collect();
    let is_renamed = |key: &str| {
        renamed
            .iter()
            .any(|record| record.before.as_deref() == Some(key) || record.after.as_deref() == Some(key))
    };
    lines.extend(renamed.iter().map(|record| line(record, &record.text)));
    lines.extend(
        changes
            .artifacts
            .iter()
            .filter(|one| one.change.is_some() && one.changed() && !is_renamed(&one.key()))
            .map(|one| artifact(one, records)),
    );
    let declared = |record: &&Record| {
        // That results and the baseline lie elsewhere is nothing to tell, unless somebody should look at it.
        let tighter = record.direction == Direction::Tighter && record.rule < ChangeRule::EvidenceSelection;
        let matters = tighter || record.severity >= Weight::Review;
        record.artifact.is_none() && how_told(record) == Told::Changed && matters
    };
    lines.extend(records.iter().filter(declared).map(|record| line(record, &record.text)));
    lines
}

/// A record in a line of its own.
fn line(record: &Record, text: &str) -> ReportLine {
    ReportLine {
        told: Word(how_told(record)),
        artifact: record.artifact.clone(),
        before: record.before.clone(),
        after: record.after.clone(),
        text: cut(text, LONGEST),
    }
}

/// The sentence without the direction at its end, where that is said elsewhere.
#[must_use]
pub fn sentence(record: &Record) -> &str {
    let text = record.text.as_str();
    text.strip_suffix(&format!(" ({})", record.direction.word())).unwrap_or(text)
}

/// The lines that a report shows, and how many more there are: `most`, and all that must not be read over.
#[must_use]
pub fn shown(lines: &[ReportLine], most: usize) -> (&[ReportLine], usize) {
    let least = lines.iter().take_while(|line| line.told.0 != Told::Changed).count();
    let shown = lines.get(..most.max(least)).unwrap_or(lines);
    (shown, lines.len() - shown.len())
}

/// Whether a record must not be read over.
fn how_told(record: &Record) -> Told {
    match (record.direction, record.severity) {
        (Direction::Looser, _) => Told::Looser,
        // The artifact's own line says that it changed without a new version, and a gate of its own fails for it.
        (Direction::Unknown, Weight::Blocking) if record.rule != ChangeRule::ArtifactSilent => {
            Told::MayBeLooser
        }
        _ => Told::Changed,
    }
}

/// `prompt system v1.8 -> v1.9: 3 passages changed, 12 words added; 8 % longer`.
fn artifact(change: &ArtifactChange, records: &[Record]) -> ReportLine {
    let key = change.key();
    let mut inside: Vec<&Record> = records
        .iter()
        .filter(|record| record.artifact.as_ref() == Some(&key) && how_told(record) == Told::Changed)
        .collect();
    inside.sort_by_key(|record| record.rule);
    let mut told: Vec<String> = inside.into_iter().filter_map(|record| goes_on(change, record)).collect();
    // What fits says more than the beginnings of what does not.
    told.sort_by_key(|part| part.ends_with("..."));
    let left_out = told.len().saturating_sub(MOST_PARTS);
    if left_out > 0 {
        told.truncate(MOST_PARTS);
        told.push(format!("{left_out} more changes"));
    }
    let summary = change.summary();
    ReportLine {
        told: Word(Told::Changed),
        artifact: Some(key),
        before: change.before.as_ref().map(|seen| seen.version.clone()),
        after: change.after.as_ref().map(|seen| seen.version.clone()),
        text: if told.is_empty() { summary } else { format!("{summary}: {}", told.join("; ")) },
    }
}

/// What a record adds to the artifact's own line, which names it and its versions.
fn goes_on(change: &ArtifactChange, record: &Record) -> Option<String> {
    let said = matches!(
        record.rule,
        ChangeRule::ArtifactSilent
            | ChangeRule::ArtifactRemoved
            | ChangeRule::ArtifactAdded
            | ChangeRule::ArtifactVersion
            | ChangeRule::ArtifactRelabelled
            | ChangeRule::ArtifactUnknown
    );
    if said {
        return None;
    }
    let (subject, rest) = record.parts();
    let rest = rest.strip_suffix(&format!(" ({})", record.direction.word())).unwrap_or(rest);
    let what = format!("{} {}", change.kind.singular().replace('_', " "), change.name);
    let rest = if subject.is_empty() {
        rest.strip_prefix(&what).map_or(rest, |rest| rest.trim_start_matches([':', ' ']))
    } else {
        rest
    };
    Some(cut(rest, LONGEST_PART))
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
