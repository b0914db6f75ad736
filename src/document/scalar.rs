//! Texts as YAML scalars that mean nothing else.

use std::fmt::Write as _;

/// Words that YAML or its readers take for something else than text.
const WORDS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "null", "none"];

/// A text as a scalar that reads back as that text: plain where it can be, else in single quotes, in double ones where it
/// holds what cannot be written otherwise.
#[must_use]
pub fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    if text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(plain) && !word {
        return text.to_owned();
    }
    quoted(text)
}

/// A text in quotes: single ones, unless it holds what cannot stand between them.
#[must_use]
pub fn quoted(text: &str) -> String {
    let visible = |c: char| !c.is_control() && !crate::diagnostic::is_invisible(c);
    if text.chars().all(visible) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if visible(c) => quoted.push(c),
            c => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_misread_stands_plain() {
        for (text, written) in [
            ("results/new.jsonl", "results/new.jsonl"),
            ("true", "'true'"),
            ("No", "'No'"),
            ("1.10", "'1.10'"),
            ("it's", "'it''s'"),
            ("a: b", "'a: b'"),
            ("a #b", "'a #b'"),
            ("../x", "'../x'"),
            ("a\nb", "\"a\\U0000000Ab\""),
            ("\u{202e}\"", "\"\\U0000202E\\\"\""),
            ("", "''"),
        ] {
            assert_eq!(scalar(text), written);
        }
    }
}
