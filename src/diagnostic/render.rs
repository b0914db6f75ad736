//! Words a diagnostic the way rustc does. Returns text; somebody else prints it.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::finding::{Diagnostic, Place, Severity};
use super::inert::{is_invisible, printable};
use super::source::Sources;

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
