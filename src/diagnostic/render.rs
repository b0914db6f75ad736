//! Words a diagnostic the way rustc does. Returns text; somebody else prints it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Place, Severity, Sources};

/// The finding as text with the source line underlined; `color` adds ANSI styles.
#[must_use]
pub fn render(finding: &Diagnostic, sources: &Sources, color: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(printable(&finding.title)).id(finding.code.word());
    let mut group = match &finding.place {
        Place::Nowhere => Group::with_title(title),
        Place::File(file) => Group::with_title(title).element(Origin::path(printable(file))),
        Place::Line { file, line } => Group::with_title(title)
            .element(Origin::path(printable(file)).line(usize::try_from(*line).unwrap_or(0))),
        Place::Span(span) => {
            let mut group = Group::with_title(title);
            // One snippet a file, the primary one's first.
            let mut files = vec![span.file];
            for (other, _) in &finding.others {
                if !files.contains(&other.file) {
                    files.push(other.file);
                }
            }
            for file in files {
                let text = sources.text(file);
                let mut marks = Vec::new();
                if file == span.file {
                    let label = (!finding.label.is_empty()).then(|| printable(&finding.label));
                    marks.push((AnnotationKind::Primary, fit(text, span.start, span.end), label));
                }
                for (other, label) in finding.others.iter().filter(|(other, _)| other.file == file) {
                    let label = Some(printable(label));
                    marks.push((AnnotationKind::Context, fit(text, other.start, other.end), label));
                }
                let (window, line) = window(text, &marks);
                let shown = text.get(window.clone()).unwrap_or("");
                let mut snippet =
                    Snippet::source(visible(shown)).line_start(line).path(printable(sources.name(file)));
                for (kind, range, label) in marks {
                    let range = range.start - window.start..range.end - window.start;
                    snippet = snippet.annotation(kind.span(range).label(label));
                }
                group = group.element(snippet);
            }
            group
        }
    };
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(printable(note)));
    }
    for help in &finding.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// What is marked in a file, and what stands under it.
type Mark = (AnnotationKind, Range<usize>, Option<String>);

/// The whole lines of a text that hold all marks, and the number (from 1) of the first: a finding costs what it shows, not what
/// its file holds.
fn window(text: &str, marks: &[Mark]) -> (Range<usize>, usize) {
    let start = marks.iter().map(|(_, range, _)| range.start).min().unwrap_or(0);
    let end = marks.iter().map(|(_, range, _)| range.end).max().unwrap_or(0).max(start);
    let before = text.get(..start).unwrap_or("");
    let after = text.get(end..).unwrap_or("");
    let from = before.rfind('\n').map_or(0, |at| at + 1);
    let to = end + after.find('\n').unwrap_or(after.len());
    (from..to, before.bytes().filter(|byte| *byte == b'\n').count() + 1)
}

/// A range that lies inside `text` and on character boundaries, whatever the span says.
fn fit(text: &str, start: u32, end: u32) -> Range<usize> {
    let down = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = down(start);
    start..down(end).max(start)
}

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

/// Source text with invisible characters replaced by visible ones of the same length, so that spans still fit.
fn visible(text: &str) -> Cow<'_, str> {
    // Controls of the first kind are shown as pictures by the renderer; those of the second (U+0080 to U+009F) are not.
    let is_invisible = |c: char| is_invisible(c) || matches!(c, '\u{80}'..='\u{9f}');
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let stand_in = |c: char| match (is_invisible(c), c.len_utf8()) {
        (false, _) => c,
        (true, 2) => '\u{a4}',
        (true, 4) => '\u{1f6d1}',
        (true, _) => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(text.chars().map(stand_in).collect())
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
