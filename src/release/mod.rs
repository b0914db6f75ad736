//! LOADED: what somebody released or is about to: the manifest with what it extends, its artifacts pinned, its lock, over
//! any [`Tree`].
//!
//! [`load`] is the one way in, for the candidate and for whatever it is compared with, in a working tree, in a commit or
//! in a bundle. A candidate goes through [`declare`] and [`Declaration::hold`] itself, because its findings are told together
//! with those of its evidence.

pub mod bundle;
mod extends;
mod lock;

use std::collections::BTreeMap;

pub use extends::Inherited;
pub use lock::{ReadLock, read as read_lock};

use crate::artifact::{self, Pinned, Remembered, Tree, digest_bytes};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::manifest::{self, Digest, Manifest};

/// One release, whatever it stands on.
pub struct Release {
    /// What it declares, everything inherited included.
    pub manifest: Manifest,
    /// The digest of the manifest's bytes.
    pub sha256: Digest,
    /// The policy files that it extends, in the order in which they apply.
    pub inherited: Vec<Inherited>,
    /// Why the manifest is without what it extends; none where it has all of it.
    pub own_policy_only: Option<Diagnostic>,
    /// Its artifacts.
    pub pinned: Pinned,
    /// The digest of its lock; none where it has none.
    pub lock: Option<Digest>,
    /// What was found while it was pinned and held against its lock.
    pub findings: Diagnostics,
    /// What a bundle keeps instead of its evidence; none where its files are here.
    pub bundled: Option<Bundled>,
    /// Where its files are.
    pub tree: Box<dyn Tree>,
}

/// What only a bundle knows of its release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// Evidence entry -> digest, in hexadecimal digits, of the results that its numbers were made of.
    pub results: BTreeMap<String, String>,
    /// The word of the verdict on it.
    pub decision: String,
}

/// What becomes of a release whose shared policy cannot be found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedPolicy {
    /// It is not loaded.
    Whole,
    /// It is loaded without, and says so: it was judged long ago, and no gate of its own is judged again.
    OrOwn,
}

/// Loads the release that stands on a tree.
///
/// # Errors
/// Whatever keeps any part of it from being read or from being what it should be.
pub fn load(
    tree: Box<dyn Tree>,
    policy: SharedPolicy,
    sources: &mut Sources,
) -> Result<Release, Diagnostics> {
    let declared = declare(tree.as_ref(), policy, sources)?;
    let held = declared.pin(tree.as_ref());
    if held.findings.has_errors() {
        return Err(held.findings);
    }
    Ok(declared.release(held, tree))
}

/// What a release declares, before any artifact was looked at.
pub struct Declaration {
    /// With everything inherited.
    pub manifest: Manifest,
    sha256: Digest,
    inherited: Vec<Inherited>,
    own_policy_only: Option<Diagnostic>,
    remembered: Option<Remembered>,
}

/// The artifacts of a release and its lock.
pub struct Held {
    /// The artifacts.
    pub pinned: Pinned,
    /// The digest of the lock.
    pub lock: Option<Digest>,
    /// Whatever is not as it should be.
    pub findings: Diagnostics,
}

/// What a release declares, as far as it can be read.
pub struct Outline {
    /// Only for finding what else is wrong, where there are errors.
    pub declaration: Option<Declaration>,
    /// What is wrong with it.
    pub findings: Diagnostics,
}

/// Reads the manifest of a tree and the policy files that it extends.
///
/// # Errors
/// Everything that is wrong with them.
pub fn declare(
    tree: &dyn Tree,
    policy: SharedPolicy,
    sources: &mut Sources,
) -> Result<Declaration, Diagnostics> {
    match outline(tree, policy, sources) {
        Outline { declaration: Some(declaration), findings } if findings.is_empty() => Ok(declaration),
        Outline { findings, .. } => Err(findings),
    }
}

/// The same as far as that goes.
pub fn outline(tree: &dyn Tree, policy: SharedPolicy, sources: &mut Sources) -> Outline {
    let text = match tree.text(tree.manifest()) {
        Ok(text) => text,
        Err(finding) => return Outline { declaration: None, findings: finding.into() },
    };
    let file = sources.add(tree.name(tree.manifest()), text.text);
    let manifest::Sketch { manifest, mut findings } = manifest::sketch(sources, file);
    let Some(manifest) = manifest else { return Outline { declaration: None, findings } };
    let remembered = tree.remembered(&manifest).unwrap_or_else(|wrong| {
        findings.extend(wrong);
        None
    });
    let declared = |manifest, inherited, own_policy_only| Declaration {
        manifest,
        sha256: text.sha256,
        inherited,
        own_policy_only,
        remembered,
    };
    let declaration = match (policy, extends::apply(manifest.clone(), tree, sources)) {
        (_, Ok(whole)) => declared(whole.manifest, whole.files, None),
        (SharedPolicy::Whole, Err(wrong)) => {
            findings.extend(wrong);
            declared(manifest, Vec::new(), None)
        }
        (SharedPolicy::OrOwn, Err(wrong)) => {
            let why = without_policy(&manifest, &wrong);
            declared(manifest, Vec::new(), Some(why))
        }
    };
    Outline { declaration: Some(declaration), findings }
}

fn without_policy(manifest: &Manifest, findings: &Diagnostics) -> Diagnostic {
    let why = findings.iter().next().map_or("", |first| first.title.as_str());
    let text = format!(
        "{} {} is compared with, but not the policy that it extends: {why}",
        manifest.name.value, manifest.version.value
    );
    let finding = Diagnostic::warning(Code::EarlierPolicy, text);
    match manifest.policy.extends.first() {
        Some(path) => finding.at(path.span, "extended here"),
        None => finding,
    }
}

impl Declaration {
    /// The digest of the manifest's bytes.
    #[must_use]
    pub fn sha256(&self) -> &Digest {
        &self.sha256
    }

    /// The policy files that it extends, in the order in which they apply.
    #[must_use]
    pub fn inherited(&self) -> &[Inherited] {
        &self.inherited
    }

    /// Pins the artifacts. A lock is taken note of and nothing is held against it: it was for the day of its release.
    #[must_use]
    pub fn pin(&self, tree: &dyn Tree) -> Held {
        if let Some(kept) = &self.remembered {
            let (pinned, lock) = (kept.pinned.clone(), kept.lock.clone());
            return Held { pinned, lock, findings: Diagnostics::new() };
        }
        let (pinned, findings) = artifact::pin(&self.manifest, tree);
        let lock = tree.lock().ok().flatten().map(|lock| digest_bytes(lock.text.as_bytes()));
        Held { pinned, lock, findings }
    }

    /// Pins the artifacts and holds them against the lock, if there is one: every difference is an error.
    #[must_use]
    pub fn hold(&self, tree: &dyn Tree) -> Held {
        let (pinned, mut findings) = artifact::pin(&self.manifest, tree);
        let lock = lock::hold(&self.manifest, &pinned, tree, &mut findings);
        Held { pinned, lock, findings }
    }

    /// The whole release.
    #[must_use]
    pub fn release(self, held: Held, tree: Box<dyn Tree>) -> Release {
        Release {
            manifest: self.manifest,
            sha256: self.sha256,
            inherited: self.inherited,
            own_policy_only: self.own_policy_only,
            pinned: held.pinned,
            lock: held.lock,
            findings: held.findings,
            bundled: self.remembered.map(|kept| Bundled { results: kept.results, decision: kept.decision }),
            tree,
        }
    }
}

impl Release {
    /// The release as a checkout of it would have its files, where it stands in a commit and `here` in the working tree: line
    /// ends and the like that git converts are no change.
    #[must_use]
    pub fn as_checked_out(mut self, here: &Release) -> Self {
        if !here.tree.keeps_pointers() && here.bundled.is_none() {
            artifact::as_checked_out(&mut self.pinned, self.tree.as_ref(), &here.pinned);
        }
        self
    }

    /// Where it was read from, as outputs name it.
    #[must_use]
    pub fn source(&self) -> String {
        self.tree.source()
    }
}
