//! Walks the node tree by the field table, collects every finding, and goes on.

pub(super) mod agree;
mod artifacts;
mod evidence;
mod gates;
mod json;
mod policy;
mod policy_file;
mod reader;
mod release;
mod scalar;

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
    let Some(root) = tree::parse(sources, file)? else {
        return Err(Diagnostic::error(Code::ManifestEmpty, "this file holds no manifest")
            .in_file(sources.name(file))
            .help("a manifest begins with `relgate: 1`, `name:` and `version:`")
            .into());
    };
    let mut reader = Reader { text: sources.text(file), findings: Diagnostics::new() };
    let manifest = release::read(&mut reader, file, &root);
    match manifest {
        Some(manifest) if reader.findings.is_empty() => Ok(manifest),
        _ => Err(reader.findings),
    }
}
