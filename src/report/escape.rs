//! Text of other people as text in Markdown.

use std::borrow::Cow;

use super::page::begins_line;
use crate::diagnostic::printable;

/// Breaks up a mention, a reference or an address without showing. Code hosts look for those in the rendered text, where
/// an entity for `@` would be an `@` again.
pub(super) const BREAK: &str = "&#8203;";

/// Text as text: Markdown's own characters, HTML, mentions and references lose their meaning.
pub(super) fn escape(text: &str) -> String {
    let plain = printable(text);
    let mut escaped = String::with_capacity(plain.len());
    for (at, c) in plain.char_indices() {
        let rest = plain.get(at..).unwrap_or_default();
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            // A CI log reads a line that begins with two of them as a command.
            ':' if rest.starts_with("::")
                && plain.get(..at).is_some_and(|before| before.trim().is_empty()) =>
            {
                escaped.push_str("&#58;");
            }
            '#' => {
                escaped.push_str("\\#");
                escaped.push_str(BREAK);
            }
            _ => escaped.push(c),
        }
        if c == '@' || rest.starts_with("://") || rest.starts_with("w.") {
            escaped.push_str(BREAK);
        }
    }
    escaped
}

/// The first so many characters of a text, and a sign where there were more.
pub(super) fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// Lines as they are, between fences that none of them closes.
pub(super) fn fenced(lines: &[String], language: &str) -> String {
    let longest = |line: &String| line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(lines.iter().map(longest).max().unwrap_or(0).max(2) + 1);
    let lines: String = lines.iter().map(|line| begins_line(line) + "\n").collect();
    format!("{fence}{language}\n{lines}{fence}")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_is_smuggled_in() {
        assert_eq!(escape("a|b"), "a\\|b");
        assert_eq!(escape("<img src=x>"), "&lt;img src=x&gt;");
        assert_eq!(escape("@team #12 https://x"), "@&#8203;team \\#&#8203;12 https:&#8203;//x");
        assert_eq!(escape(" ::error::x"), " &#58;:error::x");
        assert_eq!(escape("www.x.y"), "www&#8203;.x.y");
        assert_eq!(escape("[x](y)\n# h"), "\\[x\\]\\(y\\)\\\\n\\#&#8203; h");
        assert_eq!(escape("\u{1b}[31m"), "\\\\u\\{1b\\}\\[31m");
    }
}
