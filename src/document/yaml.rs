//! YAML text to a tree.
//!
//! Built from parser events. Anchors, aliases, merge keys, tags, tabs, several documents and duplicate keys are refused,
//! and size and nesting are bounded before anything is kept.

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle};

use super::build::Builder;
use super::tree::{Limits, Node};
use super::yaml_traps;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Span};

/// Reads one YAML document; none where `text` holds nothing.
///
/// # Errors
/// The first syntax error in YAML's own terms, or every refused construct that was met.
pub fn yaml(text: &str, file: FileId, limits: &Limits) -> Result<Option<Node>, Diagnostics> {
    let mut reader = Reader { builder: Builder::new(file, text, limits) };
    let depth = limits.depth;
    let options = granit_parser::options! { flow_nesting_limit: depth, block_nesting_limit: depth };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                if !reader.take(event, span) {
                    break;
                }
            }
            Err(error) => {
                reader.builder.findings.push(yaml_traps::explain(&error, text, file));
                break;
            }
        }
    }
    reader.builder.finish()
}

struct Reader<'a> {
    builder: Builder<'a>,
}

impl Reader<'_> {
    /// Takes one event in; `false` stops the reading.
    fn take(&mut self, event: Event<'_>, span: granit_parser::Span) -> bool {
        let range = span.byte_range().unwrap_or(0..0);
        let here = Span::new(self.builder.file, range.start, range.end);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), here);
                let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
                let inner = range.start + usize::from(quoted);
                return self.builder.scalar(text.into_owned(), style == ScalarStyle::Plain, inner, here);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), here);
                self.builder.open(false, here);
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), here);
                self.builder.open(true, here);
            }
            Event::SequenceEnd | Event::MappingEnd => return self.builder.close(here),
            Event::Alias(_) => {
                let finding = self
                    .refused(Code::YamlAlias, "anchors and aliases are not read in")
                    .at(here, "an alias")
                    .help("write the value out; if this is a rule or a text, put it in single quotes");
                self.builder.findings.push(finding);
                return false;
            }
            Event::DocumentStart(..) if self.builder.root.is_some() => {
                let title = format!("{} is one YAML document", self.builder.limits.called);
                let finding = Diagnostic::error(Code::YamlDocuments, title)
                    .at(here, "a second document starts here")
                    .help("put the second one into a file of its own");
                self.builder.findings.push(finding);
                return false;
            }
            _ => {}
        }
        true
    }

    fn refuse_properties(&mut self, anchor: usize, tagged: bool, here: Span) {
        if anchor != 0 {
            let finding = self
                .refused(Code::YamlAnchor, "anchors and aliases are not read in")
                .at(here, "this value has an anchor")
                .help("write the value out where it is needed");
            self.builder.findings.push(finding);
        }
        if tagged {
            let finding = self
                .refused(Code::YamlTag, "YAML tags are not read in")
                .at(here, "this value has a tag")
                .help("remove the `!...`; put a text that begins with `!` in single quotes");
            self.builder.findings.push(finding);
        }
    }

    fn refused(&self, code: Code, what: &str) -> Diagnostic {
        Diagnostic::error(code, format!("{what} {}", self.builder.limits.called))
    }
}
