//! Loads the policy files that a release extends, and those that they extend themselves: in the working tree, in a
//! commit, or in a bundle.

use crate::artifact::{Contents as _, Found, Node, Trouble};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Spanned, list};
use crate::files::{GitTree, Root, read_manifest};
use crate::manifest::{self, Manifest, PolicyFile};

/// The most files in a chain in which each extends the next, the release not counted.
const MAX_DEPTH: usize = 8;

/// Where a release and the policy files that it extends stand. Paths are relative to the root.
pub(super) trait Shelf {
    /// What a path means that is declared in the file `standing`.
    fn find(&self, standing: &str, declared: &str) -> Result<Found, Trouble>;
    /// The text of a policy file.
    fn read(&self, path: &str) -> Result<String, Diagnostic>;
    /// The file as messages name it.
    fn name(&self, path: &str) -> String;
}

impl Shelf for Root {
    fn find(&self, standing: &str, declared: &str) -> Result<Found, Trouble> {
        self.for_file(standing).look(declared)
    }

    fn read(&self, path: &str) -> Result<String, Diagnostic> {
        read_manifest(&self.absolute(path), path).map(|read| read.text)
    }

    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}

impl Shelf for GitTree {
    fn find(&self, standing: &str, declared: &str) -> Result<Found, Trouble> {
        self.for_file(standing).look(declared)
    }

    fn read(&self, path: &str) -> Result<String, Diagnostic> {
        self.read_manifest(path).map(|read| read.text)
    }

    fn name(&self, path: &str) -> String {
        GitTree::name(self, path)
    }
}

/// A release with everything that it inherits.
pub(super) struct Inherited {
    /// The release.
    pub(super) manifest: Manifest,
    /// Every policy file that it extends: its path relative to the root, and its text.
    pub(super) files: Vec<(String, String)>,
}

/// The release that stands at `path` with everything that it inherits.
///
/// # Errors
/// A file that cannot be used, a circle, a chain that is too long, and everything that loosens a shared policy.
pub(super) fn apply(
    manifest: Manifest,
    path: &str,
    shelf: &dyn Shelf,
    sources: &mut Sources,
) -> Result<Inherited, Diagnostics> {
    let mut loader = Loader {
        shelf,
        sources,
        chain: vec![path.to_owned()],
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
    Ok(Inherited { manifest: manifest::extends::merge(manifest, &bases)?, files })
}

struct Loader<'a> {
    shelf: &'a dyn Shelf,
    sources: &'a mut Sources,
    /// From the release to the file whose `extends` is followed, relative to the root.
    chain: Vec<String>,
    /// Every file that was met, so that one that two others extend applies once.
    loaded: Vec<String>,
    /// What was read, in the order in which it applies.
    bases: Vec<PolicyFile>,
    /// Their paths and texts.
    files: Vec<(String, String)>,
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
        let text = self.shelf.read(&path).map_err(|finding| finding.at(declared.span, "named here"))?;
        let file = self.sources.add(self.shelf.name(&path), text.clone());
        let policy = manifest::parse_policy(self.sources, file)?;
        self.chain.push(path.clone());
        self.follow(&policy.policy.extends);
        self.chain.pop();
        self.bases.push(policy);
        self.files.push((path, text));
        Ok(())
    }

    /// The file, relative to the root; what is declared is relative to the file in which it stands.
    fn locate(&self, declared: &Spanned<String>) -> Result<String, Diagnostic> {
        let standing = self.chain.last().map_or("", String::as_str);
        let found = self
            .shelf
            .find(standing, &declared.value)
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
