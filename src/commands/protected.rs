//! The protected branch: who may sign is read from there and never from what is to be released, so that nobody adds himself or takes the
//! question away.

use crate::artifact::{Standing, Tree as _, resolve};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Sources, Spanned, printable};
use crate::files::{Commit, Worktree};
use crate::manifest::Manifest;
use crate::release::{self, Outline, SharedPolicy};

/// The branch that is meant where none is named and this one is there.
const USUAL: &str = "origin/main";

/// Where a manifest says who may sign.
pub(super) type SignersOf = fn(&Manifest) -> Option<&Spanned<String>>;

/// Where it says who may sign approvals.
pub(super) fn signers_of_approvals(manifest: &Manifest) -> Option<&Spanned<String>> {
    manifest.deployment.as_ref()?.approvals.as_ref()?.signers.as_ref()
}

/// The protected branch, as far as it is here.
pub(super) struct Protected {
    revision: String,
    commit: Result<Commit, Diagnostic>,
    /// The same release there; none where there is no such branch, or it has no such manifest.
    manifest: Option<Manifest>,
    sources: Sources,
}

/// The people who may sign.
pub(super) struct SignerList {
    /// As `ssh-keygen` reads it.
    pub(super) text: String,
    /// What is odd about where it stands; none where nothing is.
    pub(super) odd: Option<Diagnostic>,
}

impl Protected {
    /// Opens the branch that was named, or the usual one where it is there.
    ///
    /// # Errors
    /// The one that was named is not there, or the release there cannot be read.
    pub(super) fn of(root: &Worktree, asked: Option<&str>) -> Result<Self, Diagnostics> {
        let revision = asked.map_or(USUAL, |asked| asked.strip_prefix("git:").unwrap_or(asked)).to_owned();
        let commit = Commit::open(root.folder(), &revision);
        let mut sources = Sources::new();
        let mut manifest = None;
        match (&commit, asked) {
            (Err(finding), Some(_)) => return Err(finding.clone().into()),
            (Err(_), None) => {}
            (Ok(commit), _) => {
                let commit = commit.for_file(root.manifest_path());
                let found = commit.for_file("").look(root.manifest_path());
                if found.is_ok_and(|found| matches!(found.node, Standing::File { .. })) {
                    let Outline { declaration, findings } =
                        release::outline(&commit, SharedPolicy::Whole, &mut sources);
                    let Some(declaration) = declaration.filter(|_| !findings.has_errors()) else {
                        return Err(unreadable(&revision, &findings).into());
                    };
                    manifest = Some(declaration.manifest);
                }
            }
        }
        Ok(Self { revision, commit, manifest, sources })
    }

    /// The list of who may sign: where the release on the protected branch says, else where this one does; none where neither asks
    /// for signatures. `standing` tells in which file of this release, relative to the root, something is declared.
    ///
    /// # Errors
    /// This release asks for signatures, and nobody can tell whose.
    pub(super) fn signers(
        &self,
        own: &Manifest,
        of: SignersOf,
        standing: &dyn Fn(&Spanned<String>) -> String,
    ) -> Result<Option<SignerList>, Diagnostic> {
        let (there, here) = (self.manifest.as_ref().and_then(of), of(own));
        let Some(declared) = there.or(here) else { return Ok(None) };
        let at = |finding: Diagnostic| match here {
            Some(here) => finding.at(here.span, "the list of signers"),
            None => finding,
        };
        let commit = self.commit.as_ref().map_err(|finding| at(self.not_here(finding)))?;
        let standing = if there.is_some() {
            let name = self.sources.name(declared.span.file);
            name.strip_prefix(&format!("git:{}:", commit.revision())).unwrap_or(name).to_owned()
        } else {
            standing(declared)
        };
        let folder = standing.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path =
            resolve(folder, &declared.value).map_err(|trouble| at(trouble.finding(&declared.value)))?;
        let text = commit.text_of(&path).map_err(|finding| {
            at(finding).help(format!(
                "bring the list to `{}` by a change of its own, which those who protect that branch approve",
                printable(&self.revision)
            ))
        })?;
        let odd = there.filter(|there| here.is_none_or(|here| here.value != there.value)).map(|there| {
            let says = here.map_or("nothing".to_owned(), |here| format!("`{}`", printable(&here.value)));
            let text = format!(
                "who may sign is `{}` on `{}`, and {says} here: the protected branch counts",
                printable(&there.value),
                printable(&self.revision)
            );
            at(Diagnostic::warning(Code::SignersChanged, text))
                .help("leave `signers` as it is; another list goes to the protected branch first")
        });
        Ok(Some(SignerList { text, odd }))
    }

    fn not_here(&self, finding: &Diagnostic) -> Diagnostic {
        let revision = printable(&self.revision);
        let title = format!("signatures are asked for, and `{revision}`, which says whose, is not here");
        Diagnostic::error(Code::NoProtectedRef, title)
            .note(finding.title.clone())
            .help("who may sign is read from the protected branch, so that nobody adds himself: `git fetch origin main`, or name the branch with `--protected-ref REF`")
    }
}

fn unreadable(revision: &str, findings: &Diagnostics) -> Diagnostic {
    let first = findings.iter().find(|finding| finding.severity == Severity::Error);
    let title = format!(
        "the release on the protected branch `{}` cannot be read, so nobody knows whether signatures are asked for",
        printable(revision)
    );
    let finding = Diagnostic::error(Code::NoProtectedRef, title);
    match first {
        Some(first) => finding.note(first.title.clone()),
        None => finding,
    }
    .help("mend it there, or name another branch with `--protected-ref REF`")
}
