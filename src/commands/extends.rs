//! Loads the policy files that a release extends, and those that they extend themselves.

use std::path::Path;

use crate::artifact::{self, Contents as _, Node, Trouble};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Spanned, list};
use crate::files::{Root, read_manifest};
use crate::manifest::{self, Manifest, PolicyFile};

/// The most files in a chain in which each extends the next, the release not counted.
const MAX_DEPTH: usize = 8;

/// The release of the file `path` with everything that it inherits.
///
/// # Errors
/// A file that cannot be used, a circle, a chain that is too long, and everything that loosens a shared policy.
pub(super) fn apply(
    manifest: Manifest,
    path: &Path,
    root: &Root,
    sources: &mut Sources,
) -> Result<Manifest, Diagnostics> {
    if manifest.policy.extends.is_empty() {
        return Ok(manifest);
    }
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let own = artifact::join(root.base(), &name);
    let mut loader = Loader {
        root,
        sources,
        chain: vec![own],
        loaded: Vec::new(),
        bases: Vec::new(),
        findings: Diagnostics::new(),
    };
    loader.follow(&manifest.policy.extends);
    let Loader { bases, findings, .. } = loader;
    if findings.has_errors() {
        return Err(findings);
    }
    manifest::extends::merge(manifest, &bases)
}

struct Loader<'a> {
    root: &'a Root,
    sources: &'a mut Sources,
    /// From the release to the file whose `extends` is followed, relative to the root.
    chain: Vec<String>,
    /// Every file that was met, so that one that two others extend applies once.
    loaded: Vec<String>,
    /// What was read, in the order in which it applies.
    bases: Vec<PolicyFile>,
    findings: Diagnostics,
}

impl Loader<'_> {
    /// Reads the files that the last one of the chain extends.
    fn follow(&mut self, extends: &[Spanned<String>]) {
        for declared in extends {
            if let Err(findings) = self.one(declared) {
                self.findings.extend(findings);
            }
        }
    }

    fn one(&mut self, declared: &Spanned<String>) -> Result<(), Diagnostics> {
        let path = self.locate(declared)?;
        if let Some(from) = self.chain.iter().position(|earlier| *earlier == path) {
            return Err(self.circle(declared, from, &path).into());
        }
        if self.chain.len() > MAX_DEPTH {
            return Err(self.too_deep(declared, &path).into());
        }
        if self.loaded.contains(&path) {
            return Ok(());
        }
        self.loaded.push(path.clone());
        let text = read_manifest(&self.root.absolute(&path), &path)
            .map_err(|finding| finding.at(declared.span, "named here"))?;
        let file = self.sources.add(path.clone(), text.text);
        let policy = manifest::parse_policy(self.sources, file)?;
        self.chain.push(path);
        self.follow(&policy.policy.extends);
        self.chain.pop();
        self.bases.push(policy);
        Ok(())
    }

    /// The file, relative to the root; what is declared is relative to the file in which it stands.
    fn locate(&self, declared: &Spanned<String>) -> Result<String, Diagnostic> {
        let standing = self.chain.last().map_or("", String::as_str);
        let found = self
            .root
            .for_file(standing)
            .look(&declared.value)
            .map_err(|trouble| trouble.at(&declared.value, declared.span))?;
        match found.node {
            Node::File { .. } => Ok(found.path),
            Node::Folder => Err(Trouble::Special { kind: "a folder" }
                .finding(&declared.value)
                .at(declared.span, "a folder")
                .help("name the policy file in it")),
        }
    }

    fn circle(&self, declared: &Spanned<String>, from: usize, path: &str) -> Diagnostic {
        let circle = self.chain.iter().skip(from).map(String::as_str).chain([path]);
        Diagnostic::error("extends-circle", format!("`{path}` extends itself"))
            .at(declared.span, "closes the circle")
            .note(format!("each extends the next: {}", list(circle, MAX_DEPTH + 2)))
            .help("remove one of the links")
    }

    fn too_deep(&self, declared: &Spanned<String>, path: &str) -> Diagnostic {
        let chain = self.chain.iter().map(String::as_str).chain([path]);
        Diagnostic::error("extends-too-deep", format!("more than {MAX_DEPTH} policy files extend each other"))
            .at(declared.span, "one too many")
            .note(format!("each extends the next: {}", list(chain, MAX_DEPTH + 2)))
            .help("let the release name the files that it needs itself")
    }
}
