//! The earlier releases that a candidate is compared with: its baseline, and the anchor that drift is measured from.

use std::path::Path;

use super::baseline::{self, Asked, Baseline, Lookup};
use super::compare::BaselineSource;
use crate::artifact::Pinned;
use crate::change::{self, Changes, Side};
use crate::cli::CheckArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Sources};
use crate::files::Root;
use crate::manifest::{EvidenceSpec, Manifest, Reference};

/// Both, where there are any.
pub(super) struct Earlier<'a> {
    pub(super) baseline: Option<Baseline>,
    pub(super) anchor: Option<Baseline>,
    args: &'a CheckArgs,
    root: &'a Root,
}

impl<'a> Earlier<'a> {
    /// Loads what the candidate at `path` and the command line name.
    pub(super) fn load(
        candidate: &Manifest,
        path: &Path,
        root: &'a Root,
        args: &'a CheckArgs,
        sources: &mut Sources,
    ) -> Result<Self, Diagnostics> {
        let mut load = |reference, given: &Option<String>| {
            let given = given.as_deref();
            baseline::load(&Asked { reference, given, candidate, path, root }, sources)
        };
        let baseline = load(Reference::Baseline, &args.baseline)?;
        let anchor = load(Reference::Anchor, &args.anchor)?;
        Ok(Self { baseline, anchor, args, root })
    }

    /// What changed since the baseline, with all that is odd about it.
    ///
    /// # Errors
    /// A type, version, anchor or model that cannot be; those findings only.
    pub(super) fn changes(
        &self,
        candidate: &Manifest,
        pinned: &Pinned,
        locked: bool,
    ) -> Result<(Changes, Vec<Diagnostic>), Diagnostics> {
        let base = self.baseline.as_ref().map(|base| &base.manifest);
        let before =
            self.baseline.as_ref().map(|base| Side { manifest: &base.manifest, pinned: &base.pinned });
        let changes = change::between(before.as_ref(), &Side { manifest: candidate, pinned });
        let mut found = change::release_type::check(base, candidate, &changes);
        found.extend(change::unpinned(candidate));
        if let Some(anchor) = &self.anchor {
            let at = candidate.anchor.as_ref().filter(|_| self.args.anchor.is_none());
            let at = at.map(|anchor| anchor.span);
            found.extend(change::check_anchor(&anchor.manifest, base, candidate, at));
        }
        let (wrong, mut odd): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|found| found.severity == Severity::Error);
        if !wrong.is_empty() {
            let mut findings = Diagnostics::new();
            for finding in wrong {
                findings.push(finding);
            }
            return Err(findings);
        }
        odd.extend(change::warnings(&changes, candidate));
        if !locked && let Some(base) = self.baseline.as_ref().filter(|base| base.locked) {
            odd.push(lock_gone(&base.manifest));
        }
        let both = [&self.baseline, &self.anchor].into_iter().flatten();
        odd.extend(both.filter_map(|earlier| earlier.own_policy_only.clone()));
        Ok((changes, odd))
    }

    /// The results of one of them for an evidence entry of the candidate.
    pub(super) fn evidence(
        &self,
        reference: Reference,
        entry: &EvidenceSpec,
    ) -> Result<BaselineSource, Diagnostics> {
        let release = match reference {
            Reference::Baseline => self.baseline.as_ref(),
            Reference::Anchor => self.anchor.as_ref(),
        };
        let given = &self.args.baseline_evidence;
        baseline::evidence(entry, &Lookup { reference, release, given, root: self.root })
    }
}

/// A lock that got lost protects nothing, and nothing else would say so.
fn lock_gone(before: &Manifest) -> Diagnostic {
    let release = format!("{} {}", before.name.value, before.version.value);
    Diagnostic::warning(Code::LockGone, format!("{release} was locked, this release is not"))
        .note("nothing holds its artifacts against what they were when somebody last looked")
        .help("`relgate lock` pins them; commit the file")
}
