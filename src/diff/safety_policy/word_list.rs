//! Policies that are a list of words or patterns, one a line of a plain text file.

use std::collections::BTreeSet;

use super::compare::reordered;
use crate::diff::catalogue::{ChangeRule, Direction, Weight};
use crate::diff::pair::Pair;
use crate::diff::record::{Detail, LISTED, Record};
use crate::diff::text::Text;
use crate::secret::mask;

/// The most words of an entry of a word list; longer lines are sentences.
const ENTRY_WORDS: usize = 4;

/// What is gone and what is new; none where a side is no such list.
pub(super) fn entries(
    pair: &Pair<'_>,
    name: &str,
    prefix: &str,
    (before, after): &(Text, Text),
) -> Option<Vec<Record>> {
    if !name.to_ascii_lowercase().ends_with(".txt") {
        return None;
    }
    let (old, new) = (list(&before.body)?, list(&after.body)?);
    if old.is_empty() && new.is_empty() {
        return None;
    }
    let of = |rule, lines: Vec<&str>, verb: &str| {
        let first = lines.first()?;
        let is = if lines.len() == 1 { "entry is" } else { "entries are" };
        let text = format!("{prefix}{} {is} {verb}, such as \"{}\"", lines.len(), mask(None, first));
        let longer = lines.iter().all(|line| line.split_whitespace().nth(1).is_some());
        let shown = lines.iter().map(|line| mask(None, line).into_owned());
        let record = pair.record(rule, &text).showing(Detail::lines(shown, LISTED));
        Some(if longer && rule == ChangeRule::SafetyRuleAdded {
            record.weighs(Weight::Review)
        } else {
            record
        })
    };
    let removed = of(ChangeRule::SafetyRuleRemoved, alone(&old, &new), "gone");
    let added = of(ChangeRule::SafetyRuleAdded, alone(&new, &old), "new");
    let mut records: Vec<Record> = removed.into_iter().chain(added).collect();
    if reordered(&old, &new) {
        let text = format!("{prefix}the entries stand in another order");
        records.push(pair.record(ChangeRule::SafetyRuleChanged, &text).weighs(Weight::Review));
    }
    if records.is_empty() {
        let comments = comments(&before.body) != comments(&after.body) || old.len() != new.len();
        let what = if comments { "comments, or how often an entry stands there," } else { "spaces" };
        let record =
            pair.record(ChangeRule::ArtifactText, &format!("{prefix}the same entries, only {what} differ"));
        records.push(if comments { record } else { record.weighs(Weight::Info).goes(Direction::Neutral) });
    }
    Some(records)
}

/// The entries that the other list has not, sorted, each once.
fn alone<'a>(here: &[&'a str], there: &[&str]) -> Vec<&'a str> {
    let there: BTreeSet<&str> = there.iter().copied().collect();
    let here: BTreeSet<&'a str> = here.iter().copied().filter(|line| !there.contains(line)).collect();
    here.into_iter().collect()
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn comments(text: &str) -> Vec<&str> {
    lines(text).filter(|line| line.starts_with('#')).collect()
}

/// The entries of a list of words; none where a line is more than that.
fn list(text: &str) -> Option<Vec<&str>> {
    let entry = |line: &str| {
        line.split_whitespace().count() <= ENTRY_WORDS
            && !line.ends_with(['.', ':', ';', '!', '?'])
            && !line.starts_with("- ")
    };
    lines(text).filter(|line| !line.starts_with('#')).map(|line| entry(line).then_some(line)).collect()
}
