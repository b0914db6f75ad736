//! Text of others in outputs: nothing in it steers a terminal, a CI log or a reader's eye.

use std::fmt::Write as _;

/// `text` on one line, with every character that could steer a terminal, a CI log or a reader's eye written as an escape.
///
/// Model-written text reaches messages; nothing may act on it. A line feed would let it start a line of its own, where CI
/// systems look for commands (`::error::`); `##[` and `##vso[` are some anywhere.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '[' | 'v' | 'V' if shown.ends_with("##") => {
                shown.push(' ');
                shown.push(c);
            }
            c if c.is_control() || is_invisible(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// The same text for what shows ASCII only: signs of punctuation as those they resemble, every other character as its number.
#[must_use]
pub fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => plain.push(c),
            '\u{2026}' => plain.push_str("..."),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{201c}' | '\u{201d}' => plain.push('"'),
            '\u{a0}' => plain.push(' '),
            c => plain.extend(c.escape_unicode()),
        }
    }
    plain
}

/// A JSON document in which no text steers a terminal or a CI log: the same values, spelled with escapes.
#[must_use]
pub fn inert_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // Both stand in strings only, where every character may be written as its number.
            '[' | 'v' | 'V' if text.ends_with("##") => {
                text.pop();
                text.push_str("\\u0023");
                text.push(c);
            }
            '\u{7f}'..='\u{9f}' => escape_json(c, &mut text),
            c if is_invisible(c) => escape_json(c, &mut text),
            c => text.push(c),
        }
    }
    text
}

fn escape_json(c: char, text: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\\u{unit:04x}");
    }
}

/// Characters that show nothing or reorder what stands beside them: fillers, joiners, bidirectional controls, variation
/// selectors, tags, and every other one that Unicode lets programs leave out (`Default_Ignorable_Code_Point`); the blank of
/// Braille, which has no ink either.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_no_ascii_is_spelled_in_it() {
        let text = "ab\u{2026} \u{2013} \u{201c}Gr\u{f6}\u{df}e\u{201d}\u{a0}\u{1f600}\x1b[1m\n";
        let spelled = super::ascii(text);
        assert_eq!(spelled, "ab... - \"Gr\\u{f6}\\u{df}e\" \\u{1f600}\x1b[1m\n");
    }

    use super::{inert_json, printable};

    #[test]
    fn no_spelling_of_a_text_steers_anything() {
        let hostile = "a\u{9b}2J \u{202e}txt ##[error] ##vso[task.complete] ## Title \u{7f}\u{e0041}";
        let shown = printable(hostile);
        assert!(!shown.contains("##[") && !shown.contains("##v") && shown.contains("## Title"), "{shown}");
        let json = serde_json::to_string(&[hostile]).unwrap();
        let inert = inert_json(&json);
        assert!(!inert.contains("##[") && !inert.contains("##v"), "{inert}");
        assert!(inert.is_ascii(), "{inert}");
        // Letters that show nothing.
        for letter in
            "\u{3164}\u{115f}\u{ffa0}\u{34f}\u{fe0f}\u{e0100}\u{2800}\u{1d173}\u{200b}\u{2066}\u{85}".chars()
        {
            assert!(printable(&letter.to_string()).is_ascii(), "{letter:?}");
            assert!(inert_json(&letter.to_string()).is_ascii(), "{letter:?}");
        }
        assert_eq!(printable("Größe 日本 ☕ é"), "Größe 日本 ☕ é");
        // The same value.
        assert_eq!(serde_json::from_str::<Vec<String>>(&inert).unwrap(), [hostile]);
    }
}
