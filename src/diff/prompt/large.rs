//! Prompts that do not fit into memory: streamed line by line, sixteen bytes kept of each.
//!
//! Deliberately absent: which lines they are; of texts this large the numbers are what can be read.

use std::collections::HashMap;

use siphasher::sip::SipHasher13;

use super::{Compared, described, variables};
use crate::diagnostic::Diagnostics;
use crate::diff::artifacts::Pair;
use crate::diff::files::{self, FilePair};
use crate::diff::text::sentences::Sentences;

/// How often each line stands in the file before and after, by its hash.
type Counts = HashMap<u64, [u32; 2]>;

/// Takes in a file of which a side is large.
pub(super) fn compare(
    pair: &Pair<'_>,
    file: &FilePair<'_>,
    compared: &mut Compared,
) -> Result<(), Diagnostics> {
    let mut counts = Counts::new();
    let mut text = true;
    for (at, (side, file)) in [(pair.before, file.before), (pair.after, file.after)].into_iter().enumerate() {
        let Some(file) = file else { continue };
        let (Some(sentences), Some(names), Some(characters)) =
            (compared.sentences.get_mut(at), compared.variables.get_mut(at), compared.characters.get_mut(at))
        else {
            continue;
        };
        let kept = std::mem::take(sentences);
        let mut own = Sentences::of_demands();
        files::lines(side, file, &mut |line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match std::str::from_utf8(line) {
                Ok(line) if !line.contains('\0') => {
                    own.line(line);
                    variables::collect(line, names);
                    *characters += line.chars().count() as u64 + 1;
                }
                _ => text = false,
            }
            if let Some(count) = counts.entry(SipHasher13::new().hash(line)).or_default().get_mut(at) {
                *count = count.saturating_add(1);
            }
        })?;
        own.end();
        *sentences = kept.with(own);
    }
    if !text {
        compared.not_text.push(described(file));
        return Ok(());
    }
    let sum = |more: fn(&[u32; 2]) -> u32| counts.values().map(|count| more(count) as usize).sum::<usize>();
    let (added, removed) = compared.lines.unwrap_or_default();
    compared.lines = Some((
        added + sum(|[before, after]| after.saturating_sub(*before)),
        removed + sum(|[before, after]| before.saturating_sub(*after)),
    ));
    Ok(())
}
