//! JSON text to a tree, from the steps of the scanner.

use super::build::Builder;
use super::scan::{Scanner, Step};
use super::token::{Cause, Fault, Token};
use super::tree::{Limits, Node};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Nature, Span};

/// Reads one JSON document, and nothing behind it; a byte order mark before it is not read.
///
/// # Errors
/// Where it stops being JSON, or every key that stands twice in one object.
pub fn json(text: &str, file: FileId, limits: &Limits) -> Result<Node, Diagnostics> {
    let mut builder = Builder::new(file, text, limits);
    let mut scanner = Scanner::<false>::new(text);
    let read = scanner.document(|start, end, step| take(&mut builder, start, end, step));
    let at = scanner.position();
    // A document that holds too much has its finding already.
    if let (Err(fault), true) = (read, builder.findings.is_empty()) {
        builder.findings.push(worded(fault.cause(), text, at, file));
    }
    match builder.finish()? {
        Some(root) => Ok(root),
        None => Err(worded(Cause::CutOff, text, text.len(), file).into()),
    }
}

fn take(builder: &mut Builder<'_>, start: usize, end: usize, step: Step<'_>) -> Result<(), Fault> {
    let span = Span::new(builder.file, start, end);
    let goes_on = match step {
        Step::List | Step::Object if builder.depth() >= builder.limits.depth => {
            return Err(Fault::syntax(start, "the document is nested too deeply"));
        }
        Step::List | Step::Object => {
            builder.open(step == Step::Object, span);
            true
        }
        Step::End => builder.close(span),
        Step::Key(text) | Step::Leaf(Token::Text(text)) => {
            builder.scalar(text.decode()?.into_owned(), false, start + 1, span)
        }
        Step::Leaf(Token::Null) => builder.plain("null", span),
        Step::Leaf(Token::Bool(value)) => builder.plain(if value { "true" } else { "false" }, span),
        Step::Leaf(Token::Number(number)) => builder.plain(number.text, span),
        Step::Word(word) if builder.limits.bare_words => builder.plain(word, span),
        // Lists and objects come in steps.
        Step::Word(_) | Step::Leaf(_) => return Err(Fault::syntax(start, "a value was expected here")),
    };
    if goes_on { Ok(()) } else { Err(Fault::cut_off()) }
}

fn worded(cause: Cause, text: &str, at: usize, file: FileId) -> Diagnostic {
    let here = |at: usize| Span::new(file, at, text.len().min(at + 1));
    match cause {
        Cause::Syntax(at, what) => Diagnostic::error(Code::NotJson, format!("this is not JSON: {what}"))
            .nature(Nature::Malformed)
            .at(here(at), "the reading stopped here"),
        Cause::CutOff | Cause::NotFinite { .. } | Cause::Repeated(_) if at < text.len() => {
            Diagnostic::error(Code::CutOff, "this is cut off: text on this line does not end")
                .nature(Nature::CutOff)
                .at(here(at), "it starts here")
        }
        Cause::CutOff | Cause::NotFinite { .. } | Cause::Repeated(_) => {
            Diagnostic::error(Code::CutOff, "this is cut off: the document does not end")
                .nature(Nature::CutOff)
                .at(here(at), "nothing more stands here")
        }
        Cause::Finding(finding) => finding,
    }
}
