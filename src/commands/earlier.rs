//! The earlier releases that a candidate is compared with: its baseline, and the anchor that drift is measured from.

use crate::artifact::ResultsFile;
use crate::change::{self, Changes, ComparedSide};
use crate::cli::CheckArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Sources, list};
use crate::files::{self, Named, Worktree, expand_given};
use crate::judge::{Earlier, Given};
use crate::manifest::{Manifest, Reference};
use crate::release::{self, Release, SharedPolicy};
use crate::verdict::Decision;

/// Both, where there are any.
pub(super) struct Releases {
    pub(super) baseline: Option<Release>,
    pub(super) anchor: Option<Release>,
}

/// Results that the command line names (`given`: entry and path), the last of an entry counting.
pub(super) fn named_results(
    given: &[(String, String)],
) -> impl Fn(&str) -> Option<Result<Vec<ResultsFile>, Diagnostic>> + Sync {
    |name| {
        let path = given.iter().rev().find(|(other, _)| other == name);
        path.map(|(_, path)| expand_given(path))
    }
}

impl Releases {
    /// Loads what the candidate at `root` and the command line name.
    pub(super) fn load(
        release: &Release,
        root: &Worktree,
        args: &CheckArgs,
        sources: &mut Sources,
    ) -> Result<Self, Diagnostics> {
        let candidate = &release.manifest;
        let mut load = |reference, given: &Option<String>| {
            let named = Named::of(reference, given.as_deref(), candidate, root);
            let load = |named| {
                let earlier = release::load(files::find(&named)?, SharedPolicy::OrOwn, sources)?;
                Ok::<_, Diagnostics>(earlier.as_checked_out(release))
            };
            named.map(load).transpose()
        };
        let (baseline, anchor) =
            match (load(Reference::Baseline, &args.baseline), load(Reference::Anchor, &args.anchor)) {
                (Ok(baseline), Ok(anchor)) => (baseline, anchor),
                (baseline, anchor) => {
                    return Err(baseline.err().into_iter().chain(anchor.err()).flatten().collect());
                }
            };
        for (reference, release) in [(Reference::Baseline, &baseline), (Reference::Anchor, &anchor)] {
            if let Some(release) = release {
                passed(release, reference, candidate)?;
            }
        }
        Ok(Self { baseline, anchor })
    }

    /// For the stage that judges: `given` has results of the baseline that the command line names.
    pub(super) fn beside<'a>(&'a self, root: &'a Worktree, given: &'a Given<'a>) -> Earlier<'a> {
        Earlier { baseline: self.baseline.as_ref(), anchor: self.anchor.as_ref(), tree: root, given }
    }

    /// What changed since the baseline, with all that is odd about it; `anchor_given` says that the command line names the
    /// anchor.
    ///
    /// # Errors
    /// A type, version, anchor or model that cannot be; those findings only.
    pub(super) fn changes(
        &self,
        release: &Release,
        anchor_given: bool,
    ) -> Result<(Changes, Vec<Diagnostic>), Diagnostics> {
        let candidate = &release.manifest;
        let base = self.baseline.as_ref().map(|base| &base.manifest);
        let before = self
            .baseline
            .as_ref()
            .map(|base| ComparedSide { manifest: &base.manifest, pinned: &base.pinned });
        let changes =
            change::between(before.as_ref(), &ComparedSide { manifest: candidate, pinned: &release.pinned });
        let mut found = change::release_type::check(base, candidate, &changes);
        found.extend(change::unpinned(candidate));
        if let Some(anchor) = &self.anchor {
            let at = candidate.anchor.as_ref().filter(|_| !anchor_given).map(|anchor| anchor.span);
            found.extend(change::check_anchor(&anchor.manifest, base, candidate, at));
        }
        let (wrong, mut odd): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|found| found.severity == Severity::Error);
        if !wrong.is_empty() {
            let mut findings = Diagnostics::new();
            findings.extend(wrong);
            return Err(findings);
        }
        odd.extend(change::warnings(&changes, candidate));
        odd.extend(change::undeclared_roles(candidate));
        if release.lock.is_none()
            && let Some(base) = self.baseline.as_ref().filter(|base| base.lock.is_some())
        {
            odd.push(lock_gone(&base.manifest));
        }
        let both = [&self.baseline, &self.anchor].into_iter().flatten();
        odd.extend(both.filter_map(|earlier| earlier.own_policy_only.clone()));
        Ok((changes, odd))
    }
}

/// A release that did not pass is no measure for the next one, unless somebody says why it is.
fn passed(release: &Release, reference: Reference, candidate: &Manifest) -> Result<(), Diagnostic> {
    let decision = release.bundled.as_ref().map_or("pass", |bundled| bundled.decision.as_str());
    if decision == Decision::Pass.word() || candidate.accept_failed_baseline.is_some() {
        return Ok(());
    }
    let Manifest { name, version, .. } = &release.manifest;
    let text = format!(
        "the {}, {} {}, did not pass: its verdict is {decision}",
        reference.word(),
        name.value,
        version.value
    );
    Err(Diagnostic::error(Code::BaselineFailed, text)
        .in_file(release.source())
        .note("what is worse than it by the allowed margin may be far worse than the last release that passed")
        .help("name the bundle of a release that passed; or, if it shipped all the same, say why: `accept_failed_baseline: REASON`"))
}

/// A lock that got lost protects nothing, and nothing else would say so.
fn lock_gone(before: &Manifest) -> Diagnostic {
    let release = format!("{} {}", before.name.value, before.version.value);
    Diagnostic::warning(Code::LockGone, format!("{release} was locked, this release is not"))
        .note("nothing holds its artifacts against what they were when somebody last looked")
        .help("`relgate lock` pins them; commit the file")
}

/// Names given on the command line that no evidence entry has.
pub(super) fn unknown_names(manifest: &Manifest, flag: &str, given: &[(String, String)]) -> Diagnostics {
    let known = || manifest.evidence.iter().map(|entry| entry.name.value.as_str());
    let unknown = given.iter().filter(|(name, _)| !known().any(|known| known == name));
    unknown
        .map(|(name, _)| {
            Diagnostic::error(
                Code::UnknownEvidence,
                format!("`{flag} {name}=...`: the manifest has no evidence of that name"),
            )
            .suggest(name, known())
            .note(format!("it has {}", list(known(), 12)))
        })
        .collect()
}
