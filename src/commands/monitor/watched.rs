//! Which release a look is at: that of the rollout under way, or what everybody has, and the manifest that says how it is watched.

use super::times::{self, Known};
use crate::artifact::Pinned;
use crate::commands::committed::committed;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::files::Worktree;
use crate::ledger::{Chain, EventRelease, RolloutState, RolloutStatus};
use crate::release::{self, Held, Outline, Release, SharedPolicy};

/// What a look is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Subject {
    /// The release of the manifest, whatever else is under way.
    Own,
    /// The newest rollout; of another release than the manifest's that was taken back: what everybody has since.
    Newest,
    /// What is live: the newest rollout, or what everybody has since it was taken back.
    Live,
}

/// A release that is looked at.
pub(super) struct Watched {
    /// What it declares, and its files.
    pub(super) release: Release,
    /// As the ledger knows it; none without a rollout.
    pub(super) of: Option<EventRelease>,
    /// What the ledger says of its time; none without a rollout.
    pub(super) known: Option<Known>,
    /// What serves the rest, by the ledger.
    pub(super) stable: Option<String>,
    /// What a person should know of it.
    pub(super) note: Option<String>,
}

/// Finds it, from the release that the manifest is about.
///
/// # Errors
/// It is another one, and nothing says how that is watched.
pub(super) fn watched(
    (subject, weighed): (Subject, bool),
    chain: &Chain,
    (root, own): (&Worktree, Release),
    sources: &mut Sources,
) -> Result<Watched, Diagnostics> {
    let Some(state) = chain.state(&own.manifest.name.value) else { return Ok(alone_here(own, None)) };
    let version = own.manifest.version.value.to_string();
    let is_own = state.candidate.version == version;
    let went_back = state.status == RolloutStatus::RolledBack && state.weight == 0;
    let finder = Finder { root, chain, state: &state };
    match subject {
        Subject::Own if !is_own => Ok(alone_here(own, None)),
        Subject::Newest if !is_own && weighed => Ok(alone_here(own, Some(finder.elsewhere()))),
        Subject::Own => Ok(finder.rollout(own, None)),
        Subject::Newest if is_own && went_back => {
            let note = match finder.serving() {
                Ok(_) => {
                    "it was taken back: this is its rollout; `relgate rollout next` watches what everybody has since"
                }
                Err(_) => {
                    "it was taken back: this is its rollout; nobody watches what everybody has since, `relgate rollout` says why"
                }
            };
            Ok(finder.rollout(own, Some(note.to_owned())))
        }
        Subject::Newest | Subject::Live if went_back => match finder.serving() {
            Ok((serving, known)) => {
                let (release, note) = finder.kept(own, &serving, sources)?;
                Ok(Watched { release, of: Some(serving), known: Some(known), stable: None, note })
            }
            // Its levels can be looked at all the same.
            Err(_) if subject == Subject::Newest && finder.serves(&version) => {
                let note = "no rollout of it was promoted, so that nothing is known that comparisons could be held against";
                Ok(alone_here(own, Some(note.to_owned())))
            }
            Err(finding) => Err(finding.into()),
        },
        Subject::Newest | Subject::Live => {
            let (release, note) = finder.kept(own, &state.candidate, sources)?;
            Ok(finder.rollout(release, note))
        }
    }
}

/// The manifest's release, of which no rollout is known.
fn alone_here(release: Release, note: Option<String>) -> Watched {
    Watched { release, of: None, known: None, stable: None, note }
}

struct Finder<'a> {
    root: &'a Worktree,
    chain: &'a Chain,
    state: &'a RolloutState,
}

impl Finder<'_> {
    /// The newest rollout, watched by the manifest of its release.
    fn rollout(&self, release: Release, note: Option<String>) -> Watched {
        let stable = self.state.plan.stable.as_ref().map(|stable| stable.version.clone());
        let (of, known) = (self.state.candidate.clone(), times::of(self.chain, self.state));
        Watched { release, of: Some(of), known: Some(known), stable, note }
    }

    /// Who asks for one release while another one is rolled out.
    fn elsewhere(&self) -> String {
        let RolloutState { candidate, status, .. } = self.state;
        format!(
            "the ledger's rollout is of {} ({}): it is not what this is about",
            candidate.version,
            status.word()
        )
    }

    fn serves(&self, version: &str) -> bool {
        self.state.went_back_to.as_ref().is_some_and(|release| release.version == version)
    }

    /// What everybody has since the newest rollout was taken back, and what is known of it.
    fn serving(&self) -> Result<(EventRelease, Known), Diagnostic> {
        let back = printable(&self.state.candidate.version);
        let help = "let a release that passes `relgate check` be rolled out next: `relgate rollout start`; until then look at what is served by other means";
        let Some(serving) = &self.state.went_back_to else {
            let text = format!(
                "{back} was taken back, nothing says what everybody has since, and nobody watches it"
            );
            return Err(nobody(text).help(help));
        };
        let known = times::alone(self.chain, serving);
        known.map(|known| (serving.clone(), known)).ok_or_else(|| {
            let version = printable(&serving.version);
            nobody(format!("{back} was taken back, everybody has {version} again, and nobody watches it"))
                .note(format!("no rollout of {version} was promoted, so that nothing is known that it could be held against"))
                .help(help)
        })
    }

    /// The manifest and the files of a release, here or in the history of the current commit; and where they are from, where that is not here.
    fn kept(
        &self,
        own: Release,
        of: &EventRelease,
        sources: &mut Sources,
    ) -> Result<(Release, Option<String>), Diagnostics> {
        if own.manifest.version.value.to_string() == of.version {
            return Ok((own, None));
        }
        let path = self.root.manifest_path();
        if let Some(commit) = committed(self.root, self.chain, of)? {
            let Outline { declaration, findings } = release::outline(&commit, SharedPolicy::Whole, sources);
            let Some(declaration) = declaration.filter(|_| !findings.has_errors()) else {
                return Err(findings);
            };
            let held = Held { pinned: Pinned::default(), lock: None, findings: Diagnostics::new() };
            let note = format!(
                "{} is watched by its `{path}` of commit {}: the one here is of {}",
                of.version,
                commit.commit().get(..12).unwrap_or(commit.commit()),
                own.manifest.version.value
            );
            return Ok((declaration.release(held, Box::new(commit)), Some(note)));
        }
        let (name, version) = (printable(&of.name), printable(&of.version));
        let here = &own.manifest.version.value;
        let state = match self.state.status {
            RolloutStatus::Promoted | RolloutStatus::RolledBack => "is what everybody has",
            RolloutStatus::Running | RolloutStatus::Held => "is being rolled out",
        };
        Err(nobody(format!("{name} {version} {state}, `{path}` is of {here}, and nobody watches it from here"))
            .note(format!("no commit in the history of this one has the `{path}` that {version} was rolled out with"))
            .help(format!("put the `{path}` of {version} back until the next rollout begins; in a shallow clone fetch the history (`git fetch --unshallow`)"))
            .into())
    }
}

/// What is served and not watched is told, and never passed over in silence.
fn nobody(text: String) -> Diagnostic {
    Diagnostic::error(Code::NobodyWatches, text)
}
