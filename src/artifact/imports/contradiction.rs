//! Where another tool's claims and the hashed bytes are not the same, and what to do about it.

use crate::diagnostic::{Code, Diagnostic, Nature, Span};

/// Nothing to say, or everything that is wrong.
pub(super) type Checked = Result<(), Vec<Diagnostic>>;

/// A file with claims that nobody can read.
pub(super) fn unreadable(path: &str, why: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::ImportUnreadable, format!("`{path}` cannot be held against the artifact: {why}"))
        .at(span, "it describes this artifact, or files in it")
        .help("repair it with the tool that wrote it, or remove it")
}

/// A contradiction: both sides, and which of them to mend.
pub(super) fn mismatch(
    target: &str,
    source: &str,
    what: &str,
    claimed: &str,
    found: &str,
    span: Span,
) -> Diagnostic {
    Diagnostic::error(Code::ImportMismatch, format!("`{target}` is not what `{source}` says it is"))
        .nature(Nature::Differs)
        .at(span, "hashed here")
        .note(format!("{what}: `{source}` says {claimed}, found {found}"))
}

/// Something that is described and not there.
pub(super) fn absent(target: &str, source: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::ImportMismatch, format!("`{source}` describes `{target}`, which is not there"))
        .nature(Nature::Differs)
        .at(span, "incomplete")
}
