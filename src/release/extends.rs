//! The policy files that a release extends, and those that they extend themselves.

use crate::artifact::{Standing, Tree, Trouble};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Spanned, list};
use crate::manifest::{self, Manifest, PolicyFile};

/// The most files in a chain in which each extends the next, the release not counted.
const MAX_DEPTH: usize = 8;

/// A policy file that a release extends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    /// Its path relative to the root.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// A release with everything that it inherits.
pub(super) struct Whole {
    pub(super) manifest: Manifest,
    /// Every policy file that it extends, in the order in which they apply.
    pub(super) files: Vec<Inherited>,
}

/// The release with everything that it inherits.
///
/// # Errors
/// A file that cannot be used, a circle, a chain that is too long, and everything that loosens a shared policy.
pub(super) fn apply(
    manifest: Manifest,
    tree: &dyn Tree,
    sources: &mut Sources,
) -> Result<Whole, Diagnostics> {
    let mut loader = Loader {
        tree,
        sources,
        chain: vec![tree.manifest().to_owned()],
        loaded: Vec::new(),
        bases: Vec::new(),
        files: Vec::new(),
        findings: Diagnostics::new(),
    };
    loader.follow(&manifest.policy.extends);
    let Loader { bases, files, findings, .. } = loader;
    if findings.has_errors() {
        return Err(findings);
    }
    Ok(Whole { manifest: manifest::extends::merge(manifest, &bases)?, files })
}

struct Loader<'a> {
    tree: &'a dyn Tree,
    sources: &'a mut Sources,
    /// From the release to the file whose `extends` is followed, relative to the root.
    chain: Vec<String>,
    /// Every file that was met, so that one that two others extend applies once.
    loaded: Vec<String>,
    /// What was read, in the order in which it applies.
    bases: Vec<PolicyFile>,
    files: Vec<Inherited>,
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
        let text = self.tree.text(&path).map_err(|finding| finding.at(declared.span, "named here"))?.text;
        let file = self.sources.add(self.tree.name(&path), text.clone());
        let policy = manifest::parse_policy(self.sources, file)?;
        self.chain.push(path.clone());
        self.follow(&policy.policy.extends);
        self.chain.pop();
        self.bases.push(policy);
        self.files.push(Inherited { path, text });
        Ok(())
    }

    /// The file, relative to the root; what is declared is relative to the file in which it stands.
    fn locate(&self, declared: &Spanned<String>) -> Result<String, Diagnostic> {
        let standing = self.chain.last().map_or("", String::as_str);
        let found = self
            .tree
            .beside(standing, &declared.value)
            .map_err(|trouble| trouble.at(&declared.value, declared.span))?;
        match found.node {
            Standing::File { .. } => Ok(found.path),
            Standing::Folder => Err(Trouble::Special { kind: "a folder" }
                .finding(&declared.value)
                .at(declared.span, "a folder")
                .help("name the policy file in it")),
        }
    }

    fn circle(&self, declared: &Spanned<String>, from: usize, path: &str) -> Diagnostic {
        let circle = self.chain.iter().skip(from).map(String::as_str).chain([path]);
        Diagnostic::error(Code::ExtendsCircle, format!("`{path}` extends itself"))
            .at(declared.span, "closes the circle")
            .note(format!("each extends the next: {}", list(circle, MAX_DEPTH + 2)))
            .help("remove one of the links")
    }

    fn too_deep(&self, declared: &Spanned<String>, path: &str) -> Diagnostic {
        let chain = self.chain.iter().map(String::as_str).chain([path]);
        Diagnostic::error(
            Code::ExtendsTooDeep,
            format!("more than {MAX_DEPTH} policy files extend each other"),
        )
        .at(declared.span, "one too many")
        .note(format!("each extends the next: {}", list(chain, MAX_DEPTH + 2)))
        .help("let the release name the files that it needs itself")
    }
}
