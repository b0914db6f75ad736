//! Characters that nobody sees and a model reads: tags, zero width, direction marks, fillers, spaces of other widths.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostic::is_invisible;

/// Whether a reader sees nothing of a character, or takes it for another: it is no space, tab or line end of a keyboard.
fn unseen(letter: char) -> bool {
    let layout = matches!(letter, ' ' | '\t' | '\n' | '\r');
    !layout && (is_invisible(letter) || letter.is_whitespace() || letter.is_control())
}

/// A text in which such characters stand by their code points: `<U+200B>`.
pub(super) fn named(text: &str) -> Cow<'_, str> {
    if !text.contains(unseen) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 32);
    for letter in text.chars() {
        if unseen(letter) {
            // Writing to a `String` cannot fail.
            let _ = write!(shown, "<{}>", code_point(letter));
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// `U+200B`.
pub(in crate::diff) fn code_point(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}

/// How often each such character stands in a text.
pub(in crate::diff) fn count(text: &str, into: &mut BTreeMap<char, usize>) {
    for letter in text.chars().filter(|letter| !letter.is_ascii_graphic() && unseen(*letter)) {
        *into.entry(letter).or_default() += 1;
    }
}
