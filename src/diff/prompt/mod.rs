//! The words of two prompts.
//!
//! Any change of a character is worth a look: what it does to answers, nobody can tell from the words. `variables` finds what
//! is filled in; words and characters that nobody sees come from [`text`](super::text). What a release promises to say in
//! every version stands in `keep:`.

mod variables;

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{ChangeRule, Direction, Weight};
use super::files::FilePair;
use super::pair::Pair;
use super::plain;
use super::record::{Detail, LISTED, Record};
use super::text::invisible::{self, code_point};
use super::text::words::{Passages, details, passages};
use super::text::{Text, is_layout_only, plural};
use crate::artifact::{PinnedArtifact, PinnedFile};
use crate::diagnostic::Diagnostics;
use crate::secret::mask;

/// Passages of a prompt that are shown; the rest is counted.
const PASSAGES: usize = 20;
/// Growth from which a prompt's size is worth a look: it is paid for with every request.
const GROWTH: f64 = 0.20;
/// Shrinking from which on it is: what is gone may have held something back.
const SHRINKING: f64 = 0.30;

/// What two prompts say, file by file put together.
#[derive(Default)]
struct Compared {
    words: Passages,
    /// The passages that are shown, and how many they are.
    details: Vec<Detail>,
    passages: usize,
    respelled: BTreeSet<String>,
    /// Whether a file differs in more than spaces and line ends.
    more_than_layout: bool,
    sides: [PromptText; 2],
    not_text: Vec<String>,
}

/// What is counted of the prompt of one side.
#[derive(Default)]
struct PromptText {
    variables: BTreeSet<String>,
    invisible: BTreeMap<char, usize>,
    characters: u64,
}

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let compared = compare(pair)?;
    let mut records = Vec::new();
    records.extend(plain::not_text(pair, &compared.not_text));
    records.extend(variable_records(pair, &compared.sides));
    records.extend(invisible_record(pair, &compared.sides));
    records.extend(size(pair, &compared.sides));
    records.extend(words(pair, compared));
    Ok(records)
}

fn compare(pair: &Pair<'_>) -> Result<Compared, Diagnostics> {
    let changed = pair.files();
    let mut compared = Compared::default();
    let several = pair.before.1.files().len() > 1 || pair.after.1.files().len() > 1;
    // Files that did not change have a size too; their bytes are near enough to their characters.
    let unread = |artifact: &PinnedArtifact, of: fn(&FilePair<'_>) -> u64| {
        artifact.bytes().saturating_sub(changed.iter().map(of).sum())
    };
    let [before, after] = &mut compared.sides;
    before.characters = unread(pair.before.1, |file| file.before.map_or(0, |file| file.bytes));
    after.characters = unread(pair.after.1, |file| file.after.map_or(0, |file| file.bytes));
    for file in &changed {
        let texts = if file.renamed_from.is_none() { plain::texts(pair, file)? } else { None };
        match texts {
            Some((before, after)) => compared.file(file, &before, &after, several),
            None => {
                compared.unread(file);
                compared.not_text.extend(file.renamed_from.is_none().then(|| plain::described(file)));
            }
        }
    }
    Ok(compared)
}

impl Compared {
    /// Takes in the size of a file whose words are not compared.
    fn unread(&mut self, file: &FilePair<'_>) {
        let size = |side: Option<&PinnedFile>| side.map_or(0, |file| file.bytes);
        let [before, after] = &mut self.sides;
        before.characters += size(file.before);
        after.characters += size(file.after);
    }

    /// Takes in a file that is text on both sides.
    fn file(&mut self, file: &FilePair<'_>, before: &Text, after: &Text, several: bool) {
        self.more_than_layout |= !is_layout_only(before, after);
        let respelled = before.respelled(after);
        if before.body == after.body {
            let otherwise = || "the way it is written differs".to_owned();
            self.respelled.insert(respelled.clone().unwrap_or_else(otherwise));
        }
        self.respelled.extend(respelled);
        let most = PASSAGES.saturating_sub(self.passages);
        let mut found = passages(&before.body, &after.body, most);
        self.words.count(&found);
        if several && !found.shown.is_empty() {
            self.details.push(Detail::Line(format!("in {}:", file.name)));
        }
        let shown = std::mem::take(&mut found.shown);
        self.passages += shown.len();
        self.details.extend(details(shown));
        for (side, text) in self.sides.iter_mut().zip([before, after]) {
            variables::collect(&text.body, &mut side.variables);
            invisible::count(&text.body, &mut side.invisible);
            side.characters += text.body.chars().count() as u64;
        }
    }
}

fn words(pair: &Pair<'_>, mut compared: Compared) -> Option<Record> {
    let mut said = Vec::new();
    if compared.words.count > 0 {
        said.push(compared.words.words());
    }
    let only = said.is_empty();
    for respelled in &compared.respelled {
        said.push(if only && said.is_empty() { format!("only {respelled}") } else { respelled.clone() });
    }
    if said.is_empty() {
        return None;
    }
    if compared.sides.iter().any(|side| side.variables.len() >= variables::MOST) {
        said.push("not all of its template variables were compared, there are too many".to_owned());
        compared.more_than_layout = true;
    }
    let more = compared.words.count - compared.passages;
    if more > 0 {
        compared.details.push(Detail::Line(format!("and {}", plural(more, "more passage"))));
    }
    let digest =
        |artifact: &PinnedArtifact| artifact.digest().map(|digest| format!("sha256:{}", digest.hex()));
    let record = pair
        .record(ChangeRule::PromptWords, &said.join("; "))
        .from_to(digest(pair.before.1), digest(pair.after.1))
        .showing(compared.details);
    Some(if compared.more_than_layout {
        record
    } else {
        record.weighs(Weight::Info).goes(Direction::Neutral)
    })
}

/// Characters that nobody sees, of which one side has more.
fn invisible_record(pair: &Pair<'_>, [before, after]: &[PromptText; 2]) -> Option<Record> {
    let more = |here: &PromptText, there: &PromptText| -> Vec<String> {
        let more = here.invisible.iter().filter_map(|(letter, count)| {
            let more = count.saturating_sub(there.invisible.get(letter).copied().unwrap_or_default());
            (more > 0).then(|| match more {
                1 => code_point(*letter),
                more => format!("{} ({more} times)", code_point(*letter)),
            })
        });
        more.collect()
    };
    let (gone, new) = (more(before, after), more(after, before));
    let said = |verb: &str, letters: &[String]| {
        let first: Vec<&str> = letters.iter().take(LISTED).map(String::as_str).collect();
        let rest = letters.len() - first.len();
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        (!letters.is_empty())
            .then(|| format!("{verb} characters that nobody sees: {}{rest}", first.join(", ")))
    };
    let text: Vec<String> =
        [said("it now has", &new), said("it no longer has", &gone)].into_iter().flatten().collect();
    (!text.is_empty()).then(|| pair.record(ChangeRule::PromptInvisible, &text.join("; ")))
}

fn variable_records(pair: &Pair<'_>, [before, after]: &[PromptText; 2]) -> Vec<Record> {
    let (before, after) = (&before.variables, &after.variables);
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
    let removed = record(ChangeRule::PromptVariableRemoved, "it no longer has", only(before, after));
    let added = record(ChangeRule::PromptVariableAdded, "it now has", only(after, before));
    let removed = removed.map(|(record, names)| record.from_to(Some(names), None));
    removed.into_iter().chain(added.map(|(record, names)| record.from_to(None, Some(names)))).collect()
}

/// The sizes in tokens, guessed from the characters: every tokenizer counts in its own way.
fn size(pair: &Pair<'_>, [before, after]: &[PromptText; 2]) -> Option<Record> {
    let [before, after] = [before, after].map(|side| side.characters.div_ceil(4));
    if before == after {
        return None;
    }
    let share = (after as f64 - before as f64) / before.max(1) as f64;
    let word = if share > 0.0 { "longer" } else { "shorter" };
    let percent =
        if before == 0 { String::new() } else { format!(", {:.0} % {word}", (share * 100.0).abs()) };
    let text = format!("about {before} tokens -> about {after} tokens (characters / 4){percent}");
    let record = pair
        .record(ChangeRule::PromptSize, &text)
        .from_to(Some(format!("about {before} tokens")), Some(format!("about {after} tokens")));
    Some(match share {
        share if share > GROWTH => record.weighs(Weight::Review),
        share if share < -SHRINKING => record.weighs(Weight::Review).goes(Direction::Unknown),
        _ => record,
    })
}
