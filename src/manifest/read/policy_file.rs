//! A policy file: `policy:` and `gates:` only, for several releases to inherit.

use super::reader::{Reader, key_text};
use super::release;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources};
use crate::manifest::fields::POLICY_FILE;
use crate::manifest::release::PolicyFile;
use crate::manifest::tree::{self, Node, NodeKind};

/// Reads a policy file.
///
/// # Errors
/// Every finding of the file, in the order of its lines; only YAML syntax errors stop at the first.
pub fn parse_policy(sources: &Sources, file: FileId) -> Result<PolicyFile, Diagnostics> {
    let Some(root) = tree::parse(sources, file)? else {
        return Err(Diagnostic::error(Code::PolicyEmpty, "this file holds no policy")
            .in_file(sources.name(file))
            .help("a policy file holds `policy:`, `gates:` or both")
            .into());
    };
    let mut reader = Reader { text: sources.text(file), findings: Diagnostics::new() };
    let read = read(&mut reader, file, &root);
    match read {
        Some(read) if reader.findings.is_empty() => Ok(read),
        _ => Err(reader.findings),
    }
}

fn read(reader: &mut Reader<'_>, file: FileId, root: &Node) -> Option<PolicyFile> {
    if let NodeKind::Mapping(pairs) = &root.kind {
        let value = |name| pairs.iter().find(|(key, _)| key_text(key) == name).map(|(_, value)| value);
        if let Some(version) = value("relgate") {
            release::check_format(reader, version)?;
        }
        if value("version").is_some() && value("evidence").is_some() {
            reader.report(
                Diagnostic::error(
                    Code::ExtendsRelease,
                    "`extends` names policy files, and this is a release",
                )
                .at(reader.first_line(root.span), "a whole manifest")
                .help("move what both releases share, `policy:` and `gates:`, into a file of its own"),
            );
            return None;
        }
    }
    let map = reader.open(root, &POLICY_FILE)?;
    let policy = super::policy::read(reader, map.get("policy"));
    let gates = super::gates::read(reader, map.get("gates"));
    Some(PolicyFile { file, policy, gates })
}
