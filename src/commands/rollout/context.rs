//! One rollout with all that belongs to it.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::artifact::Pinned;
use crate::cli::RolloutOf;
use crate::commands::actor::actor;
use crate::commands::clock::Clock;
use crate::commands::frozen;
use crate::commands::ledger::folder_of;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::files::{Appended, Ledger, Worktree};
use crate::ledger::{EventRelease, Happening, NewEvent, RolloutState, RolloutStatus};
use crate::manifest::{DeploymentSpec, Digest};
use crate::release::{self, Held, Outline, Release, SharedPolicy};

/// A declared rollout.
pub(super) struct Context {
    pub(super) root: Worktree,
    pub(super) folder: PathBuf,
    pub(super) release: Release,
    pub(super) deployment: DeploymentSpec,
    pub(super) now: DateTime<Utc>,
    /// The branch that says who may sign, where one was named.
    pub(super) protected_ref: Option<String>,
    /// The digest of what the manifest says of rollout, signals and going back.
    pub(super) plan: Digest,
}

impl Context {
    /// Reads the manifest.
    ///
    /// # Errors
    /// It cannot be read, or says nothing of a rollout.
    pub(super) fn of(of: &RolloutOf, sources: &mut Sources) -> Result<Self, Diagnostics> {
        let root = Worktree::find(&of.manifest, of.root.as_deref())?;
        let Outline { declaration, findings } = release::outline(&root, SharedPolicy::Whole, sources);
        let Some(declaration) = declaration.filter(|_| !findings.has_errors()) else { return Err(findings) };
        let held = Held { pinned: Pinned::default(), lock: None, findings: Diagnostics::new() };
        let release = declaration.release(held, Box::new(root.clone()));
        let manifest = &release.manifest;
        let Some(deployment) = manifest.deployment.clone() else {
            return Err(Diagnostic::error(Code::RolloutPlan, "this manifest has no `deployment`")
                .in_file(sources.name(manifest.file))
                .help("add `deployment: { strategy: canary }`, and `monitoring:` with the log to look at")
                .into());
        };
        let folder = folder_of(of.ledger.as_deref(), Some(manifest), &root)?;
        let now = match of.now {
            Some(now) => now,
            None => Clock::read(None)?.generated_at,
        };
        let plan = frozen::plan_digest(manifest, sources);
        let protected_ref = of.protected_ref.clone();
        Ok(Self { root, folder, release, deployment, now, protected_ref, plan })
    }

    pub(super) fn name(&self) -> &str {
        &self.release.manifest.name.value
    }

    pub(super) fn version(&self) -> String {
        self.release.manifest.version.value.to_string()
    }

    /// Where the newest rollout of the release stands, whatever version the manifest has by now.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn rollout(&self, ledger: &Ledger) -> Result<RolloutState, Diagnostic> {
        let none = || Self::none(format!("no rollout of `{}` was started", self.name()));
        ledger.chain().state(self.name()).ok_or_else(none)
    }

    /// Where the rollout of this version stands.
    ///
    /// # Errors
    /// There is none, or it is one of another version.
    pub(super) fn state(&self, ledger: &Ledger) -> Result<RolloutState, Diagnostic> {
        let state = self.rollout(ledger)?;
        if state.candidate.version == self.version() {
            return Ok(state);
        }
        Err(self.of_another(&state).unwrap_or_else(|| {
            Self::none(format!(
                "the rollout that the ledger knows is of {} {}, and the manifest is {}",
                self.name(),
                state.candidate.version,
                self.version()
            ))
        }))
    }

    /// A rollout that is under way and of another version than the manifest: nobody can look at it with these signals.
    pub(super) fn of_another(&self, state: &RolloutState) -> Option<Diagnostic> {
        let other = printable(&state.candidate.version);
        let under_way = matches!(state.status, RolloutStatus::Running | RolloutStatus::Held);
        (under_way && state.candidate.version != self.version()).then(|| {
            Diagnostic::error(
                Code::RolloutPlan,
                format!(
                    "{} {other} is {} at {}%, and the manifest is {}: nobody watches it from here",
                    printable(self.name()),
                    state.status.word(),
                    f64::from(state.weight) / 100.0,
                    self.version()
                ),
            )
            .help(format!("finish it with the release.yaml of {other}, or take it back: `relgate rollback`"))
        })
    }

    fn none(text: String) -> Diagnostic {
        Diagnostic::error(Code::RolloutPlan, text).help(
            "`relgate rollout start` begins one; `relgate rollout plan` says first what its steps can see",
        )
    }

    /// Writes an event.
    pub(super) fn append(
        &self,
        ledger: &mut Ledger,
        release: &EventRelease,
        happening: Happening,
    ) -> Result<Appended, Diagnostic> {
        ledger.append(self.event(release, happening))
    }

    pub(super) fn event(&self, release: &EventRelease, happening: Happening) -> NewEvent {
        NewEvent { time: self.now, actor: actor(&self.folder), release: release.clone(), happening }
    }

    /// Whether the ledger is there.
    pub(super) fn has_ledger(&self) -> bool {
        Ledger::is_at(Path::new(&self.folder))
    }
}
