//! Names of others in messages: the one that was meant, lists of them, cut where they are too long.

use super::inert::printable;

/// The known word that `word` is most likely a slip of; none where nothing is close.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` and `c` in backticks, for messages; at most `most` of them.
pub fn list<'a>(words: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let mut words = words.into_iter();
    let shown: Vec<String> =
        words.by_ref().take(most).map(|word| format!("`{}`", printable(shortened(word)))).collect();
    let shown = shown.join(", ");
    match words.count() {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The longest name that anybody means; a longer one is refused where it is given and cut where it is told.
pub const LONGEST_NAME: usize = 200;

/// The beginning of a foreign text, as far as a message has room for it.
#[must_use]
pub fn shortened(text: &str) -> &str {
    match text.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}
