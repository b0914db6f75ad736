//! What changed since the baseline, in the words of a report: what got looser, then a line an artifact, then what else
//! the manifest declares in another way.
//!
//! Deliberately absent: which changes there are (`diff`), and any rendering.

use crate::change::{ArtifactChange, Changes};
use crate::diff::{Direction, Record, Rule, Severity};

/// A sentence is cut after so many characters.
const LONGEST: usize = 300;
/// What an artifact's line says of one change in it is cut after so many characters.
const LONGEST_PART: usize = 110;
/// So many changes stand in an artifact's line; the rest is counted.
const MOST_PARTS: usize = 6;

/// The lines, plain text. Without records the artifacts alone, as far as manifests and digests tell.
#[must_use]
pub fn lines(changes: &Changes, records: &[Record]) -> Vec<String> {
    let mut lines: Vec<String> = records
        .iter()
        .filter(|record| stands_alone(record))
        .map(|record| format!("looser: {}", cut(sentence(record), LONGEST)))
        .collect();
    let renamed: Vec<&Record> =
        records.iter().filter(|record| record.rule == Rule::ArtifactRenamed).collect();
    let is_renamed = |key: &str| {
        renamed
            .iter()
            .any(|record| record.before.as_deref() == Some(key) || record.after.as_deref() == Some(key))
    };
    lines.extend(renamed.iter().map(|record| cut(&record.text, LONGEST)));
    lines.extend(
        changes
            .artifacts
            .iter()
            .filter(|one| one.change.is_some() && one.changed() && !is_renamed(&one.key()))
            .map(|one| artifact(one, records)),
    );
    let declared = |record: &&Record| {
        let matters = record.direction == Direction::Tighter || record.severity >= Severity::Review;
        // Gates, policy, waivers and metrics; where results and the baseline lie is nothing to tell.
        let asked = record.artifact.is_none() && record.rule < Rule::EvidenceSelection;
        asked && record.direction != Direction::Looser && matters
    };
    lines.extend(records.iter().filter(declared).map(|record| cut(&record.text, LONGEST)));
    lines
}

/// The sentence without the direction at its end, where that is said elsewhere.
#[must_use]
pub fn sentence(record: &Record) -> &str {
    let text = record.text.as_str();
    text.strip_suffix(&format!(" ({})", record.direction.word())).unwrap_or(text)
}

/// What got looser and must not be read over: gates, policies, waivers, and whatever blocks.
fn stands_alone(record: &Record) -> bool {
    record.direction == Direction::Looser
        && (record.artifact.is_none() || record.severity == Severity::Blocking)
}

/// `prompt system v1.8 -> v1.9: 3 passages changed, 12 words added; 8 % longer`.
fn artifact(change: &ArtifactChange, records: &[Record]) -> String {
    let key = change.key();
    let mut inside: Vec<&Record> = records
        .iter()
        .filter(|record| record.artifact.as_ref() == Some(&key) && !stands_alone(record))
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
    if told.is_empty() { summary } else { format!("{summary}: {}", told.join("; ")) }
}

/// What a record adds to the artifact's own line, which names it and its versions.
fn goes_on(change: &ArtifactChange, record: &Record) -> Option<String> {
    let said = matches!(
        record.rule,
        Rule::ArtifactSilent
            | Rule::ArtifactRemoved
            | Rule::ArtifactAdded
            | Rule::ArtifactVersion
            | Rule::ArtifactRelabelled
            | Rule::ArtifactUnknown
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
