//! Text of other people as text in XML 1.0, which has no way to write a control character.

use crate::diagnostic::printable;

/// In an attribute between double quotes.
pub(super) fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;")
}

/// Between tags; line breaks stay.
pub(super) fn content(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            escaped.push('\n');
        }
        for c in printable(line).chars() {
            match c {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '\u{fffe}' | '\u{ffff}' => escaped.extend(c.escape_unicode()),
                c => escaped.push(c),
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{attribute, content};

    #[test]
    fn nothing_ends_an_element_or_an_attribute() {
        assert_eq!(content("a<b>&]]>\u{0}\u{ffff}"), "a&lt;b&gt;&amp;]]&gt;\\u{0}\\u{ffff}");
        assert_eq!(content("a\nb"), "a\nb");
        assert_eq!(attribute("\"\n'"), "&quot;&#10;'");
    }
}
