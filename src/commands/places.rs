//! Where things stand, as a report names files: relative to the root, wherever the command was run.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Sources, Span};
use crate::files::Worktree;
use crate::report::v1::{ReportFinding, ReportPlace};

/// The texts that findings point into, and the root that their files are below.
pub(super) struct Places<'a> {
    root: Option<&'a Worktree>,
    sources: &'a Sources,
    known: RefCell<BTreeMap<String, String>>,
}

impl<'a> Places<'a> {
    /// Without a root, files are named as they were.
    pub(super) fn new(root: Option<&'a Worktree>, sources: &'a Sources) -> Self {
        Self { root, sources, known: RefCell::default() }
    }

    /// The manifest.
    pub(super) fn manifest(&self) -> String {
        self.root.map_or_else(String::new, |root| root.manifest_path().to_owned())
    }

    /// Where a span begins.
    pub(super) fn of(&self, span: Span) -> ReportPlace {
        let (line, column) = self.sources.line_column(span);
        ReportPlace {
            file: self.named(self.sources.name(span.file)),
            line: line as u64,
            column: column as u64,
        }
    }

    /// A finding with its place.
    pub(super) fn finding(&self, finding: &Diagnostic) -> ReportFinding {
        let told = ReportFinding::of(finding, self.sources);
        ReportFinding { file: told.file.map(|file| self.named(&file)), ..told }
    }

    fn named(&self, file: &str) -> String {
        let Some(root) = self.root else { return file.to_owned() };
        let mut known = self.known.borrow_mut();
        known.entry(file.to_owned()).or_insert_with(|| root.from_root(file)).clone()
    }
}
