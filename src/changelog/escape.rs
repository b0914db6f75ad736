//! Text of others as plain text in a changelog: one line, no HTML, no link, no mention, no marker.
//!
//! A changelog is read as a file as often as it is rendered, so only what would mean something in its place is
//! escaped: `hallucination_rate < 1.5%` stays as it is. Mentions, references and addresses are recognised in the
//! *rendered* text by code hosts, where an entity for `@` is an `@` again; a zero-width space after the character
//! is what holds (Renovate does the same). References of hosts other than GitHub are left as they are.

use crate::diagnostic::printable;

/// Breaks up a mention, a reference or an address without showing.
const BREAK: &str = "&#8203;";

/// `text` as one line that means nothing to Markdown.
pub(super) fn plain(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars: Vec<char> = printable(&one_line).chars().collect();
    let mut escaped = String::with_capacity(one_line.len());
    let list_number = list_number(&chars);
    for (at, &c) in chars.iter().enumerate() {
        let before = chars.get(..at).unwrap_or_default();
        let next = chars.get(at + 1).copied();
        let starts_list = at == 0 && matches!(c, '-' | '+' | '=' | '>') || list_number == Some(at);
        match c {
            '\\' | '`' | '*' | '[' | '~' | '$' => escaped.push('\\'),
            '_' if !is_inside_word(before, next) => escaped.push('\\'),
            // An entity needs a letter or `#` after the `&`.
            '&' if next.is_some_and(|n| n == '#' || n.is_alphabetic()) => escaped.push('\\'),
            '#' if at == 0 => escaped.push('\\'),
            _ if starts_list => escaped.push('\\'),
            _ => {}
        }
        match c {
            // A tag or a comment starts with a letter, `/`, `!` or `?`.
            '<' if !next.is_some_and(|n| n == ' ' || n == '=' || n.is_ascii_digit()) => {
                escaped.push_str("&lt;");
            }
            _ => escaped.push(c),
        }
        if starts_reference(c, before, chars.get(at + 1..).unwrap_or_default()) {
            escaped.push_str(BREAK);
        }
    }
    escaped
}

/// Where the mark of `1.` or `1)` stands, if the text starts with one.
fn list_number(chars: &[char]) -> Option<usize> {
    let at = chars.iter().position(|c| !c.is_ascii_digit())?;
    let marks = matches!(chars.get(at), Some('.' | ')')) && matches!(chars.get(at + 1), None | Some(' '));
    (at > 0 && marks).then_some(at)
}

/// An `_` between letters or digits emphasises nothing.
fn is_inside_word(before: &[char], next: Option<char>) -> bool {
    before.last().is_some_and(|c| c.is_alphanumeric()) && next.is_some_and(char::is_alphanumeric)
}

/// Whether a mention, a reference or an address goes on after `c`.
fn starts_reference(c: char, before: &[char], after: &[char]) -> bool {
    let ends_with = |word: &str| {
        let start = before.len().saturating_sub(word.len());
        before.get(start..).is_some_and(|end| end.iter().collect::<String>().eq_ignore_ascii_case(word))
    };
    let digit = after.first().is_some_and(char::is_ascii_digit);
    match c {
        '@' => true,
        '#' => digit,
        '-' => digit && ends_with("gh"),
        ':' => after.starts_with(&['/', '/']),
        'w' | 'W' => ends_with("ww") && after.starts_with(&['.']),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn figures_and_names_stay_readable() {
        for text in [
            "prompt system v1.8 -> v1.9",
            "hallucination_rate < 1.5%",
            "R & D (x|y) 50% {z}!",
            "2.4.0 -> 2.5.0",
        ] {
            assert_eq!(plain(text), text);
        }
        assert_eq!(plain("0.460% [0.29%, 0.69%]"), "0.460% \\[0.29%, 0.69%]");
    }

    #[test]
    fn nothing_is_smuggled_in() {
        for (text, expected) in [
            ("<!-- relgate:end 2.4.0 -->", "&lt;!-- relgate:end 2.4.0 -->"),
            ("<img src=x>", "&lt;img src=x>"),
            ("</details>", "&lt;/details>"),
            ("a\n## [9.9.9]\r\n\t- b", "a ## \\[9.9.9] - b"),
            ("# h", "\\# h"),
            ("- item", "\\- item"),
            ("+ item", "\\+ item"),
            ("1. item", "1\\. item"),
            ("12) item", "12\\) item"),
            ("> quote", "\\> quote"),
            ("```", "\\`\\`\\`"),
            ("~~~", "\\~\\~\\~"),
            ("[x](y) ![z](w)", "\\[x](y) !\\[z](w)"),
            ("**b** _i_ __s__", "\\*\\*b\\*\\* \\_i\\_ \\_\\_s\\_\\_"),
            ("&lt;b&gt; &#64;", "\\&lt;b\\&gt; \\&#&#8203;64;"),
            ("@team a@b.c", "@&#8203;team a@&#8203;b.c"),
            ("fixes #12, GH-7", "fixes #&#8203;12, GH-&#8203;7"),
            ("https://x www.y.z", "https:&#8203;//x www&#8203;.y.z"),
            ("$a$ \\<b", "\\$a\\$ \\\\&lt;b"),
            ("\u{202e}\u{1b}[31m", "\\\\u{202e}\\\\u{1b}\\[31m"),
            ("end <", "end &lt;"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }
}
