//! Whether a file is Markdown, by its name and, where the name does not tell, by what stands in it.

use super::findings;
use super::layout::Layout;
use super::lines::Text;
use crate::diagnostic::Diagnostic;

/// The endings that Markdown has.
const MARKDOWN: &[&str] = &["md", "markdown", "mdown", "mkd", "mkdn", "mdx"];

/// Refuses a name that is not one of a changelog in Markdown: `changes.json`, `CHANGELOG.rst`, `.gitattributes`.
///
/// # Errors
/// The ending is another one. A file without one, or with `.txt`, is judged by its content.
pub fn check_name(file: &str) -> Result<(), Diagnostic> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    if name.starts_with('.') {
        return Err(findings::not_markdown(file, "its name begins with a dot"));
    }
    match ending(file) {
        Some(ending) if MARKDOWN.contains(&ending.as_str()) || ending == "txt" => Ok(()),
        Some(ending) => Err(findings::not_markdown(file, &format!("its name ends in `.{ending}`"))),
        None => Ok(()),
    }
}

/// What follows the last dot of a file's name, in lower case.
fn ending(file: &str) -> Option<String> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())
}

/// Why a file whose name does not tell is no changelog in Markdown.
pub(super) fn other(file: &str, text: &Text<'_>, layout: &Layout) -> Option<&'static str> {
    if ending(file).is_some_and(|ending| MARKDOWN.contains(&ending.as_str())) {
        return None;
    }
    let lines = || text.lines().iter().map(|line| line.text.trim_end());
    if lines().any(|line| line.starts_with(".. ") || line.starts_with("|release|")) || has_overline(text) {
        return Some("it is reStructuredText");
    }
    if lines().any(|line| line.trim_start_matches('=').starts_with(' ') && line.starts_with('=')) {
        return Some("it is AsciiDoc");
    }
    (!layout.is_changelog()).then_some("nothing in it names a version under a heading")
}

/// Whether a title stands between two lines of the same marks.
fn has_overline(text: &Text<'_>) -> bool {
    let is_line =
        |line: &str| line.len() >= 3 && line.chars().all(|c| matches!(c, '=' | '-' | '*' | '~' | '#'));
    (2..text.len()).any(|at| {
        let (above, title, below) =
            (text.line(at - 2).trim_end(), text.line(at - 1), text.line(at).trim_end());
        is_line(below) && above == below && !title.trim().is_empty()
    })
}
