//! Words a diagnostic the way rustc does. Returns text; somebody else prints it.

use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Place, Severity, Sources};

/// The finding as text with the source line underlined; `color` adds ANSI styles.
#[must_use]
pub fn render(finding: &Diagnostic, sources: &Sources, color: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(printable(&finding.title)).id(finding.code);
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
                let mut snippet = Snippet::source(visible(text)).path(printable(sources.name(file)));
                if file == span.file {
                    let label = (!finding.label.is_empty()).then(|| printable(&finding.label));
                    snippet = snippet.annotation(
                        AnnotationKind::Primary.span(fit(text, span.start, span.end)).label(label),
                    );
                }
                for (other, label) in finding.others.iter().filter(|(other, _)| other.file == file) {
                    snippet = snippet.annotation(
                        AnnotationKind::Context
                            .span(fit(text, other.start, other.end))
                            .label(printable(label)),
                    );
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

/// A range that lies inside `text` and on character boundaries, whatever the span says.
fn fit(text: &str, start: u32, end: u32) -> std::ops::Range<usize> {
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
/// systems look for commands (`::error::`); `##[` is one anywhere.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '[' if shown.ends_with("##") => shown.push_str(" ["),
            c if c.is_control() || is_invisible(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
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

/// Characters that show nothing or reorder what stands beside them (bidirectional controls, tags, ...).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
