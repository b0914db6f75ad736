//! Walks the node tree by the field table, collects every finding, and goes on.

pub(super) mod agree;
mod artifacts;
mod deployment;
mod evidence;
mod gates;
mod json;
mod monitoring;
pub(super) mod people;
mod policy;
mod policy_file;
mod reader;
mod release;
pub(super) mod risks;
mod scalar;
mod spans;
mod texts;

pub use policy_file::parse_policy;

use self::reader::Reader;
use super::release::Manifest;
use super::tree;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources};

/// Reads a manifest.
///
/// # Errors
/// Every finding of the file, in the order of its lines; only YAML syntax errors stop at the first.
pub fn parse(sources: &Sources, file: FileId) -> Result<Manifest, Diagnostics> {
    match sketch(sources, file) {
        Sketch { manifest: Some(manifest), findings } if findings.is_empty() => Ok(manifest),
        Sketch { findings, .. } => Err(findings),
    }
}

/// A manifest as far as it can be read.
pub struct Sketch {
    /// The parts that are as they should be, with what stands for a name, version or type that is not. Only for finding what
    /// else is wrong: it is the manifest where there are no findings.
    pub manifest: Option<Manifest>,
    /// What is wrong with the others.
    pub findings: Diagnostics,
}

/// Reads a manifest as far as that goes.
#[must_use]
pub fn sketch(sources: &Sources, file: FileId) -> Sketch {
    let root = match tree::parse(sources, file) {
        Ok(Some(root)) => root,
        Ok(None) => {
            let finding = Diagnostic::error(Code::ManifestEmpty, "this file holds no manifest")
                .in_file(sources.name(file))
                .help("a manifest begins with `relgate: 1`, `name:` and `version:`");
            return Sketch { manifest: None, findings: finding.into() };
        }
        Err(findings) => return Sketch { manifest: None, findings },
    };
    let mut reader = Reader { text: sources.text(file), findings: Diagnostics::new() };
    let manifest = release::read(&mut reader, file, &root);
    Sketch { manifest, findings: reader.findings }
}
