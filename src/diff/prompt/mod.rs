//! The words of two prompts: what they say, ask for and forbid.
//!
//! `variables` finds what is filled in; words and sentences come from [`text`](super::text). A prompt that does not fit
//! into memory is streamed, and then compared line by line. Deliberately absent: any opinion on what a prompt should say.

mod demands;
mod large;
mod unseen;
mod variables;

use std::collections::BTreeSet;

use super::artifacts::Pair;
use super::files::{self, FilePair};
use super::text::says::foreign;
use super::text::sentences::Sentences;
use super::text::words::{Passages, passages};
use super::text::{Text, decode, differing, plural};
use super::{Detail, Direction, Record, Rule, Severity};
use crate::artifact::{PinnedArtifact, PinnedFile};
use crate::diagnostic::Diagnostics;
use crate::secret::mask;

pub(super) use demands::{DemandRules, demand_records};
pub(super) use unseen::unseen;

/// Passages of a prompt that are shown; the rest is counted.
const PASSAGES: usize = 20;
/// Sentences, names and files that a record lists; the rest is counted.
const LISTED: usize = 20;
/// The rules for sentences that came, went or changed.
const DEMANDS: DemandRules = DemandRules {
    removed: Rule::PromptImperativeRemoved,
    added: Rule::PromptImperativeAdded,
    changed: Rule::PromptImperativeChanged,
    permission: Rule::PromptPermissionAdded,
};
/// Growth from which a prompt's size is worth a look: it is paid for with every request.
const GROWTH: f64 = 0.20;
/// Shrinking from which on it is: what is gone may have held something back.
const SHRINKING: f64 = 0.30;

/// What two prompts say, file by file put together.
#[derive(Default)]
struct Compared {
    words: Passages,
    details: Vec<Detail>,
    respelled: BTreeSet<String>,
    /// Lines added and removed in files that were streamed.
    lines: Option<(usize, usize)>,
    variables: [BTreeSet<String>; 2],
    sentences: [Sentences; 2],
    characters: [u64; 2],
    /// Whether what changed is in another language than English somewhere.
    foreign: bool,
    not_text: Vec<String>,
}

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let compared = compare(pair)?;
    let mut records = Vec::new();
    records.extend(not_text(pair, &compared.not_text));
    records.extend(variable_records(pair, &compared.variables));
    records.extend(demand_records(pair, &compared.sentences, DEMANDS));
    records.extend(size(pair, compared.characters));
    records.extend(words(pair, compared));
    Ok(records)
}

fn compare(pair: &Pair<'_>) -> Result<Compared, Diagnostics> {
    let changed = files::changed(pair);
    let mut compared = Compared::default();
    let several = pair.before.1.files().len() > 1 || pair.after.1.files().len() > 1;
    // Files that did not change have a size too; their bytes are near enough to their characters.
    let unread = |artifact: &PinnedArtifact, of: fn(&FilePair<'_>) -> u64| {
        artifact.bytes().saturating_sub(changed.iter().map(of).sum())
    };
    compared.characters = [
        unread(pair.before.1, |file| file.before.map_or(0, |file| file.bytes)),
        unread(pair.after.1, |file| file.after.map_or(0, |file| file.bytes)),
    ];
    for file in &changed {
        let size = |side: Option<&PinnedFile>| side.map_or(0, |file| file.bytes);
        if file.renamed_from.is_some() {
            for (characters, size) in
                compared.characters.iter_mut().zip([size(file.before), size(file.after)])
            {
                *characters += size;
            }
        } else if size(file.before).max(size(file.after)) > files::WHOLE {
            large::compare(pair, file, &mut compared)?;
        } else {
            compared.whole(pair, file, several)?;
        }
    }
    Ok(compared)
}

impl Compared {
    /// Takes in a file that fits into memory.
    fn whole(&mut self, pair: &Pair<'_>, file: &FilePair<'_>, several: bool) -> Result<(), Diagnostics> {
        let read = |side, file: Option<&PinnedFile>| match file {
            Some(file) => Ok(decode(files::whole(side, file)?.unwrap_or_default())),
            None => Ok::<_, Diagnostics>(Some(Text::empty())),
        };
        let (before, after) = (read(pair.before, file.before)?, read(pair.after, file.after)?);
        let (Some(before), Some(after)) = (before, after) else {
            self.not_text.push(described(file));
            return Ok(());
        };
        let respelled = before.respelled(&after);
        if before.body == after.body {
            let otherwise = || "the way it is written differs".to_owned();
            self.respelled.insert(respelled.clone().unwrap_or_else(otherwise));
        }
        self.respelled.extend(respelled);
        let most = PASSAGES.saturating_sub(self.words.shown.len());
        let mut found = passages(&before.body, &after.body, most);
        self.words.count(&found);
        if several && !found.shown.is_empty() {
            self.details.push(Detail::Line(format!("in {}:", file.name)));
        }
        let shown = std::mem::take(&mut found.shown);
        // The list of the whole artifact is bounded, so only the number of passages is kept with the details.
        self.words.shown.extend(shown.iter().cloned());
        self.details.extend(Passages { count: shown.len(), shown, ..Passages::default() }.details());
        let (old, new) = differing(&before.body, &after.body);
        for ((text, sentences), characters) in
            [(&old, &before), (&new, &after)].into_iter().zip(&mut self.sentences).zip(&mut self.characters)
        {
            sentences.text(text.0);
            *characters += text.1.body.chars().count() as u64;
        }
        self.foreign |= foreign([&old, &new]);
        self.collect_variables((&old, &before.body), (&new, &after.body));
        Ok(())
    }

    /// Variables of the whole texts, looked for only where the middles disagree: most changes touch none.
    fn collect_variables(&mut self, before: (&str, &str), after: (&str, &str)) {
        let mut found = [BTreeSet::new(), BTreeSet::new()];
        for (found, text) in found.iter_mut().zip([before.0, after.0]) {
            variables::collect(text, found);
        }
        if found[0] != found[1] {
            for (found, text) in found.iter_mut().zip([before.1, after.1]) {
                variables::collect(text, found);
            }
        }
        for (all, found) in self.variables.iter_mut().zip(found) {
            all.extend(found);
        }
    }
}

/// `system.bin is not UTF-8 text: 120 bytes (sha256:...) -> 130 bytes (sha256:...)`.
pub(super) fn described(file: &FilePair<'_>) -> String {
    let side = |file: Option<&PinnedFile>| match file {
        Some(file) => {
            format!("{} bytes (sha256:{})", file.bytes, file.digest.hex().get(..12).unwrap_or_default())
        }
        None => "not there".to_owned(),
    };
    let large = [file.before, file.after].into_iter().flatten().any(|file| file.bytes > files::WHOLE);
    let why = if large { "is too large or not UTF-8 text" } else { "is not UTF-8 text" };
    format!("{} {why}: {} -> {}", file.name, side(file.before), side(file.after))
}

/// Files that are no text, each with its sizes and digests.
pub(super) fn not_text(pair: &Pair<'_>, files: &[String]) -> Option<Record> {
    let first = files.first()?;
    let text = match files.len() {
        1 => format!("what it says cannot be compared, {first}"),
        count => format!("what {count} files say cannot be compared, such as {first}"),
    };
    Some(pair.record(Rule::NotText, &text).showing(Detail::lines(files.iter().cloned(), LISTED)))
}

fn words(pair: &Pair<'_>, mut compared: Compared) -> Option<Record> {
    let mut said = Vec::new();
    if compared.words.count > 0 {
        said.push(compared.words.words());
    }
    if let Some((added, removed)) = compared.lines {
        let added = plural(added, "line");
        said.push(format!("{added} added, {removed} removed (too large to compare word by word)"));
    }
    let only = said.is_empty();
    for respelled in &compared.respelled {
        said.push(if only && said.is_empty() { format!("only {respelled}") } else { respelled.clone() });
    }
    let unseen = unseen_parts(&compared);
    let incomplete = !unseen.is_empty();
    said.extend(unseen);
    if said.is_empty() {
        return None;
    }
    let more = compared.words.count - compared.words.shown.len();
    if more > 0 {
        compared.details.push(Detail::Line(format!("and {}", plural(more, "more passage"))));
    }
    let digest =
        |artifact: &PinnedArtifact| artifact.digest().map(|digest| format!("sha256:{}", digest.hex()));
    let record = pair
        .record(Rule::PromptWords, &said.join("; "))
        .from_to(digest(pair.before.1), digest(pair.after.1))
        .showing(compared.details);
    Some(if incomplete { record.weighs(Severity::Review).goes(Direction::Unknown) } else { record })
}

/// What nobody looked at although it changed, in words.
fn unseen_parts(compared: &Compared) -> Vec<String> {
    let mut said = Vec::new();
    if compared.sentences.iter().any(|side| side.overflowed) {
        said.push("not all of its sentences were searched for demands, there are too many".to_owned());
    }
    if compared.variables.iter().any(|names| names.len() >= variables::MOST) {
        said.push("not all of its template variables were compared, there are too many".to_owned());
    }
    if compared.foreign {
        let text = "demands are looked for in English only, and this does not look English";
        said.push(text.to_owned());
    }
    said
}

fn variable_records(pair: &Pair<'_>, [before, after]: &[BTreeSet<String>; 2]) -> Vec<Record> {
    let record = |rule, verb: &str, names: Vec<String>| {
        let first: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
        let more = names.len() - first.len();
        let mut shown = mask(None, &first.join(", ")).into_owned();
        if more > 0 {
            shown = format!("{shown} and {more} more");
        }
        let plural = if names.len() == 1 { "" } else { "s" };
        (!names.is_empty())
            .then(|| (pair.record(rule, &format!("{verb} the template variable{plural} {shown}")), shown))
    };
    let only = |here: &BTreeSet<String>, there: &BTreeSet<String>| here.difference(there).cloned().collect();
    let removed = record(Rule::PromptVariableRemoved, "it no longer has", only(before, after));
    let added = record(Rule::PromptVariableAdded, "it now has", only(after, before));
    let removed = removed.map(|(record, names)| record.from_to(Some(names), None));
    removed.into_iter().chain(added.map(|(record, names)| record.from_to(None, Some(names)))).collect()
}

/// The sizes in tokens, guessed from the characters: every tokenizer counts in its own way.
fn size(pair: &Pair<'_>, characters: [u64; 2]) -> Option<Record> {
    let [before, after] = characters.map(|count| count.div_ceil(4));
    if before == after {
        return None;
    }
    let share = (after as f64 - before as f64) / before.max(1) as f64;
    let word = if share > 0.0 { "longer" } else { "shorter" };
    let percent =
        if before == 0 { String::new() } else { format!(", {:.0} % {word}", (share * 100.0).abs()) };
    let text = format!("about {before} tokens -> about {after} tokens (characters / 4){percent}");
    let record = pair
        .record(Rule::PromptSize, &text)
        .from_to(Some(format!("about {before} tokens")), Some(format!("about {after} tokens")));
    Some(match share {
        share if share > GROWTH => record.weighs(Severity::Review),
        share if share < -SHRINKING => record.weighs(Severity::Review).goes(Direction::Unknown),
        _ => record,
    })
}
