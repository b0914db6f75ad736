//! How a rule names a field so that it means that field and nothing else.

use super::holding::known;
use crate::diagnostic::{LONGEST_NAME, Sources};
use crate::manifest::rule::{Locator, parse};
use crate::manifest::{Reading, fold};
use crate::metric::Offer;
use crate::metric::catalog::{split_unit, standard};

/// The words that name a field, and what a gate has to say besides.
pub(super) struct Spelled {
    /// The words.
    pub(super) words: String,
    /// The exact `metric:`, where the words could mean something else too.
    pub(super) exact: bool,
}

/// Letters that a rule has room for beside the name.
const ROOM: usize = 40;

/// How a rule spells a name of `evidence`, with `lead` before it (`rate `) and a word of change behind it; none where no rule
/// can.
pub(super) fn spell(
    name: &str,
    (lead, word): (&str, &str),
    evidence: &str,
    offers: &[Offer],
) -> Option<Spelled> {
    let folded = fold(name);
    if folded.is_empty() || folded.chars().count() + ROOM > LONGEST_NAME {
        return None;
    }
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let words = format!("{lead}{}", if plain { name } else { &folded });
    let mut sources = Sources::new();
    let file = sources.add("", "");
    let rule = parse(&format!("{words} {word} < 1%"), Locator::whole_file(file, "")).ok()?;
    let readings = rule.readings();
    let others = offers.iter().flat_map(|offer| {
        let names = offer.fields.iter().chain(&offer.aggregates);
        names.filter(move |other| offer.evidence != evidence || **other != name)
    });
    let exact = others.into_iter().any(|other| readings.iter().any(|reading| means(reading, other)));
    Some(Spelled { words, exact })
}

/// Whether a reading of a rule may mean a name.
fn means(reading: &Reading, name: &str) -> bool {
    let folded = fold(name);
    let same = folded == reading.metric || split_unit(&folded).0 == reading.metric;
    let metric = known(&reading.metric).or_else(|| standard(&reading.metric));
    same || metric.is_some_and(|metric| known(name).is_some_and(|other| other.name == metric.name))
}

/// A name as manifests allow one, made of the name of a file without its ending; `release` where nothing is left of it.
#[must_use]
pub fn name_of(file: &str) -> String {
    let packed = [".gz", ".zst", ".zstd"].iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file);
    let stem = packed.rsplit_once('.').map_or(packed, |(stem, _)| stem);
    let fits = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '-' };
    let name: String = stem.chars().map(fits).take(60).collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() {
        "release".to_owned()
    } else if name.contains(char::is_alphabetic) {
        name.to_owned()
    } else {
        format!("results-{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn files_give_names_that_manifests_allow() {
        for (file, name) in [
            ("answers.jsonl", "answers"),
            ("answers.v2.json.gz", "answers.v2"),
            ("2.0.1.xml", "results-2.0.1"),
            ("it's: #1.csv", "it-s---1"),
            (".csv", "release"),
            ("", "release"),
            ("...", "release"),
            ("plain", "plain"),
        ] {
            assert_eq!(name_of(file), name, "{file}");
        }
    }
}
