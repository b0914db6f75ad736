//! The earlier releases that a candidate is compared with: its baseline, and the anchor that drift is measured from.

use crate::artifact::Tree as _;
use crate::change::{self, Changes, Side};
use crate::cli::CheckArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Sources};
use crate::evidence::Declared;
use crate::files::{self, Named, Worktree, expand_given};
use crate::gate::{self, Claim};
use crate::judge::compare::{BaselineSource, same_conditions};
use crate::judge::opened::Opened;
use crate::manifest::{EvidenceSpec, Manifest, Reference};
use crate::release::{self, Release, SharedPolicy};

/// Both, where there are any.
pub(super) struct Earlier<'a> {
    pub(super) baseline: Option<Release>,
    pub(super) anchor: Option<Release>,
    args: &'a CheckArgs,
    root: &'a Worktree,
}

impl<'a> Earlier<'a> {
    /// Loads what the candidate at `root` and the command line name.
    pub(super) fn load(
        candidate: &Manifest,
        root: &'a Worktree,
        args: &'a CheckArgs,
        sources: &mut Sources,
    ) -> Result<Self, Diagnostics> {
        let mut load = |reference, given: &Option<String>| {
            let named = named(reference, given.as_deref(), candidate, root);
            let load = |named| release::load(files::find(&named)?, SharedPolicy::OrOwn, sources);
            named.map(load).transpose()
        };
        let baseline = load(Reference::Baseline, &args.baseline)?;
        let anchor = load(Reference::Anchor, &args.anchor)?;
        Ok(Self { baseline, anchor, args, root })
    }

    /// What changed since the baseline, with all that is odd about it.
    ///
    /// # Errors
    /// A type, version, anchor or model that cannot be; those findings only.
    pub(super) fn changes(&self, release: &Release) -> Result<(Changes, Vec<Diagnostic>), Diagnostics> {
        let candidate = &release.manifest;
        let base = self.baseline.as_ref().map(|base| &base.manifest);
        let before =
            self.baseline.as_ref().map(|base| Side { manifest: &base.manifest, pinned: &base.pinned });
        let changes =
            change::between(before.as_ref(), &Side { manifest: candidate, pinned: &release.pinned });
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
        if release.lock.is_none()
            && let Some(base) = self.baseline.as_ref().filter(|base| base.lock.is_some())
        {
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
        evidence(entry, &Lookup { reference, release, given, root: self.root })
    }
}

/// A lock that got lost protects nothing, and nothing else would say so.
fn lock_gone(before: &Manifest) -> Diagnostic {
    let release = format!("{} {}", before.name.value, before.version.value);
    Diagnostic::warning(Code::LockGone, format!("{release} was locked, this release is not"))
        .note("nothing holds its artifacts against what they were when somebody last looked")
        .help("`relgate lock` pins them; commit the file")
}

/// The release that the command line or the candidate names; none where it names none.
fn named<'a>(
    reference: Reference,
    given: Option<&'a str>,
    candidate: &'a Manifest,
    root: &'a Worktree,
) -> Option<Named<'a>> {
    let declared = match reference {
        Reference::Baseline => candidate.baseline.as_ref(),
        Reference::Anchor => candidate.anchor.as_ref(),
    };
    let text = given.or(declared.map(|declared| declared.value.as_str()))?;
    let span = declared.map(|declared| declared.span).filter(|_| given.is_none());
    (text != "none").then_some(Named { text, span, what: reference.word(), beside: root, bounded: false })
}

/// Where the results of an earlier release are looked for.
struct Lookup<'a> {
    /// Which one it is.
    reference: Reference,
    /// The release; none where the candidate names none.
    release: Option<&'a Release>,
    /// `--baseline-evidence`.
    given: &'a [(String, String)],
    /// The candidate's root.
    root: &'a Worktree,
}

/// An earlier release's results for one evidence entry of the candidate, and which of their rows count.
///
/// What the candidate and the command line say about the baseline's results says nothing about the anchor's.
fn evidence(entry: &EvidenceSpec, lookup: &Lookup<'_>) -> Result<BaselineSource, Diagnostics> {
    let name = &entry.name.value;
    let is_baseline = lookup.reference == Reference::Baseline;
    let given = lookup.given.iter().rev().filter(|_| is_baseline).find(|(other, _)| other == name);
    let declared = entry.baseline.as_ref().filter(|_| is_baseline);
    let own = lookup.release.and_then(|release| {
        let other = release.manifest.evidence.iter().find(|other| other.name.value == *name)?;
        Some((release, other))
    });
    let files = match (given, declared, own) {
        (Some((_, path)), _, _) => expand_given(path)?,
        (None, Some(declared), _) => lookup.root.expand(name, &declared.path)?,
        (None, None, Some((release, other))) => release.tree.expand(name, &other.path)?,
        (None, None, None) => return Err(nothing(entry, lookup).into()),
    };
    let overridden = given.is_some() || declared.is_some();
    let results = own
        .filter(|_| !overridden)
        .and_then(|(release, other)| Some((&release.bundled.as_ref()?.results, other)));
    let bundled = results.is_some();
    let conditions = declared
        .and_then(|declared| declared.conditions.clone())
        .or_else(|| own.map(|(_, other)| other.conditions.clone()))
        .unwrap_or_else(|| entry.conditions.clone());
    let bundled_from = results
        .filter(|(_, other)| same_conditions(&other.conditions, &entry.conditions))
        .and_then(|(results, _)| results.get(name).cloned());
    // A bundle keeps the selected rows only.
    let conditions = if bundled { Vec::new() } else { conditions };
    // Results that a release brings are read as it says; those that the candidate names, as the candidate's own.
    let said = match own.filter(|_| !overridden) {
        Some(_) if bundled => Declared::default(),
        Some((_, other)) => Declared::new(&other.fields, other.format),
        None => Declared::new(
            declared.and_then(|declared| declared.fields.as_ref()).unwrap_or(&entry.fields),
            declared.and_then(|declared| declared.format).or(entry.format),
        ),
    };
    let opened = Opened::open(name, files, said)?;
    if let Some(release) = lookup.release.filter(|_| !overridden && !bundled) {
        check_identity(name, &opened, release, lookup.reference)?;
    }
    Ok(BaselineSource { opened, conditions, bundled, bundled_from })
}

/// Results of an earlier release that were made with other artifacts than it declares are not its results.
fn check_identity(
    name: &str,
    opened: &Opened,
    release: &Release,
    reference: Reference,
) -> Result<(), Diagnostic> {
    let claims = gate::check_claims(&opened.identities(), &release.manifest, &release.pinned);
    let other = claims.into_iter().find_map(|claim| match claim {
        Claim::Differs(key, claimed, declared) => Some((key, claimed, declared)),
        _ => None,
    });
    let Some((key, claimed, declared)) = other else { return Ok(()) };
    let whose = reference.word();
    Err(Diagnostic::error(
        Code::BaselineEvidenceMismatch,
        format!("the {whose}'s `{name}` was made with {key} {claimed}; its manifest has {declared}"),
    )
    .in_file(opened.first_file())
    .help(format!(
        "evaluate the {whose} as it was released, or compare with the release that these results belong to"
    )))
}

fn nothing(entry: &EvidenceSpec, lookup: &Lookup<'_>) -> Diagnostic {
    let (name, whose) = (&entry.name.value, lookup.reference.word());
    let found = Diagnostic::error(
        Code::NoBaselineEvidence,
        format!("evidence `{name}` has no results of the {whose}"),
    )
    .at(entry.name.span, format!("compared with the {whose} by a gate"));
    match (lookup.release, lookup.reference) {
        (None, _) => found.help(format!(
            "name the release to compare with: `{whose}: releases/2.3.0`, or `{whose}: git:v2.3.0`; without one (`none`) there is no gate on a change"
        )),
        (Some(_), Reference::Baseline) => found.help(format!(
            "the baseline's manifest has no evidence `{name}`; name its results: `baseline: path/to/results`"
        )),
        (Some(_), Reference::Anchor) => found.help(format!(
            "the anchor's manifest has no evidence `{name}`; name a release as `anchor` that was evaluated with it"
        )),
    }
}
