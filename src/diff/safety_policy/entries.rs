//! Policies that are a list of words or patterns, one a line.
//!
//! Deliberately absent: which words belong on it.

use std::collections::BTreeSet;

use super::lists::turned;
use super::strict::{Exemption, exempts};
use super::way::{Way, reordered};
use super::{LISTED, moved};
use crate::diff::artifacts::Pair;
use crate::diff::text::Text;
use crate::diff::{Detail, Record, Rule};
use crate::secret::mask;

/// The most words of an entry of a word list; longer lines are sentences.
const ENTRY_WORDS: usize = 4;

/// What is gone and what is new; none where a side is no such list.
pub(super) fn entries(pair: &Pair<'_>, name: &str, (before, after): &(Text, Text)) -> Option<Vec<Record>> {
    let (old, new) = (list(&before.body)?, list(&after.body)?);
    if old.is_empty() && new.is_empty() {
        return None;
    }
    let exempt = exempts(&[name.rsplit('/').next().unwrap_or(name).to_owned()]);
    let of = |rule, lines: Vec<&str>, verb: &str, way: Way| {
        let first = lines.first()?;
        let plural =
            if lines.len() == 1 { "1 entry is".to_owned() } else { format!("{} entries are", lines.len()) };
        let means = match exempt {
            Exemption::No => "",
            Exemption::Yes => " (what is let through)",
            Exemption::Either => " (what is let through, or what is stopped)",
        };
        let text = format!("{plural} {verb}{means}, such as \"{}\"", mask(None, first));
        let turned = lines.iter().any(|line| turned(line));
        let shown = lines.iter().map(|line| mask(None, line).into_owned());
        let way = if turned && way == Way::TIGHTER { Way::DOUBT } else { way };
        Some(moved(pair.record(rule, &text), way).showing(Detail::lines(shown, LISTED)))
    };
    let (lost, gained) = match exempt {
        Exemption::No => (Way::LOOSER, Way::TIGHTER),
        Exemption::Yes => (Way::TIGHTER, Way::LOOSER),
        Exemption::Either => (Way::DOUBT, Way::DOUBT),
    };
    let removed = of(Rule::SafetyRuleRemoved, alone(&old, &new), "gone", lost);
    let added = of(Rule::SafetyRuleAdded, alone(&new, &old), "new", gained);
    let mut records: Vec<Record> = removed.into_iter().chain(added).collect();
    // Where an entry can take back others, the last one that fits decides.
    if reordered(&old, &new) && new.iter().any(|line| turned(line)) {
        let text = format!("{name}: its entries stand in another order, and some take back others");
        records.push(moved(pair.record(Rule::SafetyRuleChanged, &text), Way::UNKNOWN));
    }
    if records.is_empty() {
        let text = format!("{name}: the same entries, only comments, order or spaces differ");
        records.push(moved(pair.record(Rule::ArtifactText, &text), Way::NEUTRAL));
    }
    Some(records)
}

/// The entries that the other list has not, sorted, each once.
fn alone<'a>(here: &[&'a str], there: &[&str]) -> Vec<&'a str> {
    let there: BTreeSet<&str> = there.iter().copied().collect();
    let here: BTreeSet<&'a str> = here.iter().copied().filter(|line| !there.contains(line)).collect();
    here.into_iter().collect()
}

/// The entries of a list of words; none where a line is more than that.
fn list(text: &str) -> Option<Vec<&str>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entry = |line: &str| {
        line.split_whitespace().count() <= ENTRY_WORDS
            && !line.ends_with(['.', ':', ';', '!', '?'])
            && !line.starts_with("- ")
    };
    lines.map(|line| entry(line).then_some(line)).collect()
}
