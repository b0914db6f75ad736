//! Whether the declared release type and version fit what changed since the baseline.
//!
//! A type is a promise about what changed, and it sets which categories must be shown, so a type that is too small
//! would switch gates off. The types stand in one order: each may change its own kind and every smaller one.

use std::cmp::Ordering;

use super::changes::{ArtifactChange, Changes, Seen};
use super::findings::version_span;
use crate::diagnostic::{Code, Diagnostic, list};
use crate::manifest::{ArtifactKind, DatasetRole, Manifest, ReleaseType};

/// Changes that a finding underlines; the rest is counted.
const SHOWN: usize = 4;

/// Every way in which type, name and version do not fit; errors and warnings.
#[must_use]
pub fn check(baseline: Option<&Manifest>, candidate: &Manifest, changes: &Changes) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(baseline) = baseline {
        if baseline.name.value == candidate.name.value {
            found.extend(version_step(baseline, candidate));
        } else {
            found.push(other_release(baseline, candidate));
        }
        found.extend(fits(candidate, changes));
    }
    found.extend(hotfix_without_reason(candidate));
    found
}

/// The kinds that a release of this type may change; evaluation material is not among them, it never ships.
#[must_use]
pub fn may_change(release_type: ReleaseType) -> &'static [ArtifactKind] {
    use ArtifactKind::{Datasets, InferenceConfigs, Models, Prompts, SafetyPolicies};
    match release_type {
        // A new model comes with the data it was trained on and prompts and settings tuned for it; all five
        // categories are shown anyway. A hotfix may put back whatever broke.
        ReleaseType::ModelUpgrade | ReleaseType::Hotfix => {
            &[Models, Prompts, Datasets, SafetyPolicies, InferenceConfigs]
        }
        // Not the model: one that was trained again on the new data is another model.
        ReleaseType::DataRelease => &[Prompts, Datasets, SafetyPolicies, InferenceConfigs],
        // Temperature and token limits belong to a prompt, and so does the policy that it quotes.
        ReleaseType::PromptRelease => &[Prompts, SafetyPolicies, InferenceConfigs],
        // Not the prompt, even where it only adds a guard: it changes every answer and its cost.
        ReleaseType::SafetyPatch => &[SafetyPolicies],
        // Not the model: a smaller or quantized one answers differently.
        ReleaseType::PerformancePatch => &[InferenceConfigs],
    }
}

/// The kinds of which a release of this type is expected to change one.
fn own(release_type: ReleaseType) -> &'static [ArtifactKind] {
    match release_type {
        ReleaseType::ModelUpgrade => &[ArtifactKind::Models],
        ReleaseType::PromptRelease => &[ArtifactKind::Prompts],
        ReleaseType::DataRelease => &[ArtifactKind::Datasets],
        ReleaseType::SafetyPatch => &[ArtifactKind::SafetyPolicies],
        ReleaseType::PerformancePatch => &[ArtifactKind::InferenceConfigs],
        ReleaseType::Hotfix => may_change(ReleaseType::Hotfix),
    }
}

/// The smallest type that may change everything that changed; none where nothing that ships changed.
#[must_use]
pub fn implied(changes: &Changes) -> Option<ReleaseType> {
    // From the smallest promise to the largest; a hotfix is never implied.
    const BY_SIZE: [ReleaseType; 5] = [
        ReleaseType::SafetyPatch,
        ReleaseType::PerformancePatch,
        ReleaseType::PromptRelease,
        ReleaseType::DataRelease,
        ReleaseType::ModelUpgrade,
    ];
    let shipped: Vec<_> = shipped(changes).collect();
    if shipped.is_empty() {
        return None;
    }
    BY_SIZE.into_iter().find(|kind| shipped.iter().all(|change| may_change(*kind).contains(&change.kind)))
}

/// The changes of what ships: not of evaluation suites and data, not those with proven equal bytes.
fn shipped(changes: &Changes) -> impl Iterator<Item = &ArtifactChange> {
    changes.artifacts.iter().filter(|change| change.another() && !evaluates(change))
}

/// Whether an artifact measures the release and is no part of it: by its kind or its declared role, never by its name.
///
/// Data that the baseline trained or looked answers up in does not stop to ship by another word.
fn evaluates(change: &ArtifactChange) -> bool {
    let role = |seen: &Option<Seen>| seen.as_ref().map(|seen| seen.role);
    match (change.kind, role(&change.before), role(&change.after)) {
        (ArtifactKind::EvalSuites, ..) => true,
        (ArtifactKind::Datasets, before, Some(after)) => {
            after == Some(DatasetRole::Eval) && matches!(before.flatten(), None | Some(DatasetRole::Eval))
        }
        (ArtifactKind::Datasets, Some(before), None) => before == Some(DatasetRole::Eval),
        _ => false,
    }
}

/// Whether the declared type may change what changed, and changes what it is named after.
fn fits(candidate: &Manifest, changes: &Changes) -> Option<Diagnostic> {
    let declared = candidate.release_type;
    let shipped: Vec<_> = shipped(changes).collect();
    let Some(implied) = implied(changes) else {
        return Some(
            Diagnostic::warning(Code::NothingChanged, "nothing that ships changed since the baseline")
                .at(declared.span, format!("declared as {}", article(declared.value)))
                .note(
                    "evaluation suites and data do not ship, and the same bytes under a new version are no change",
                )
                .help("if something did change, check that the manifest names it and that `baseline` is the release before"),
        );
    };
    if let Some(finding) = too_small(candidate, changes) {
        return Some(finding);
    }
    if shipped.iter().any(|change| own(declared.value).contains(&change.kind)) {
        return None;
    }
    let summaries: Vec<String> = shipped.iter().map(|change| change.summary()).collect();
    let own = list(own(declared.value).iter().map(|kind| kind.word()), own(declared.value).len());
    Some(
        Diagnostic::warning(
            Code::UnusualReleaseType,
            format!("this is declared as {} and changes none of its {own}", article(declared.value)),
        )
        .at(declared.span, "declared here")
        .note(format!("changed: {}", list(summaries.iter().map(String::as_str), SHOWN)))
        .help(format!("`type: {implied}` fits what changed")),
    )
}

/// The error that the declared type promises less than what changed.
#[must_use]
pub fn too_small(candidate: &Manifest, changes: &Changes) -> Option<Diagnostic> {
    let declared = candidate.release_type;
    let implied = implied(changes)?;
    let outside: Vec<_> =
        shipped(changes).filter(|change| !may_change(declared.value).contains(&change.kind)).collect();
    if outside.is_empty() {
        return None;
    }
    let mut kinds: Vec<&str> = outside.iter().map(|change| change.kind.word()).collect();
    kinds.dedup();
    let mut finding = Diagnostic::error(
        Code::ReleaseTypeMismatch,
        format!("{} may not change {}", article(declared.value), list(kinds.iter().copied(), kinds.len())),
    )
    .at(declared.span, "declared here");
    for change in outside.iter().take(SHOWN) {
        finding = match version_span(change, candidate) {
            Some(span) => finding.also(span, change.summary()),
            // What was removed has no line any more.
            None => finding.note(change.summary()),
        };
    }
    if outside.len() > SHOWN {
        finding = finding.note(format!("and {} more", outside.len() - SHOWN));
    }
    let undeclared = |change: &&&ArtifactChange| {
        change.kind == ArtifactKind::Datasets && change.after.as_ref().is_some_and(|seen| seen.role.is_none())
    };
    if let Some(dataset) = outside.iter().find(undeclared) {
        finding = finding
            .help(format!("if `{}` only evaluates and does not ship, say so: `role: eval`", dataset.key()));
    }
    let finding = finding
        .note("the type sets which categories must be shown, so it may not promise less than what changed")
        .help(format!(
            "declare `type: {implied}` and show what it requires, or release the other changes on their own"
        ));
    Some(finding)
}

/// The baseline is another product.
fn other_release(baseline: &Manifest, candidate: &Manifest) -> Diagnostic {
    Diagnostic::error(
        Code::OtherRelease,
        format!("the baseline is a release of `{}`, not of `{}`", baseline.name.value, candidate.name.value),
    )
    .at(candidate.name.span, format!("the baseline's name is `{}`", baseline.name.value))
    .help("let `baseline` name an earlier release of the same product; after renaming it, write `baseline: none` once")
}

/// A hotfix is judged by the fewest categories, so it has to say why it exists.
fn hotfix_without_reason(candidate: &Manifest) -> Option<Diagnostic> {
    let declared = candidate.release_type;
    let named = candidate.summary.as_ref().is_some_and(|summary| !summary.value.trim().is_empty());
    (declared.value == ReleaseType::Hotfix && !named).then(|| {
        Diagnostic::error(Code::HotfixWithoutReason, "a hotfix must name what it fixes or reverts")
            .at(declared.span, "`summary` is missing or empty")
            .help("for example `summary: Reverts the system prompt of 2.4.0, which leaked order numbers (INC-4711)`")
    })
}

/// How far the version went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Major,
    Minor,
    Patch,
    /// From one pre-release to another or to the release itself; says nothing about its size.
    PreRelease,
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
            Self::PreRelease => "pre-release",
        }
    }
}

/// Whether the version is higher than the baseline's by a step that fits the type.
fn version_step(baseline: &Manifest, candidate: &Manifest) -> Option<Diagnostic> {
    let (old, new) = (&baseline.version.value, &candidate.version.value);
    let span = candidate.version.span;
    // Build metadata has no rank: 2.4.0+a and 2.4.0+b are one version.
    match new.cmp_precedence(old) {
        Ordering::Greater => {}
        Ordering::Equal => {
            let finding =
                Diagnostic::error(Code::SameVersion, format!("the baseline is version {old} as well"))
                    .at(span, format!("must be higher than {old}"));
            return Some(finding.help("raise `version`, or let `baseline` name the release before"));
        }
        Ordering::Less => {
            let finding =
                Diagnostic::error(Code::LowerVersion, format!("the baseline has the higher version {old}"))
                    .at(span, format!("must be higher than {old}"));
            return Some(finding.help("a release that goes back gets a new version too: raise `version`"));
        }
    }
    let step = if new.major != old.major {
        Step::Major
    } else if new.minor != old.minor {
        Step::Minor
    } else if new.patch != old.patch {
        Step::Patch
    } else {
        Step::PreRelease
    };
    let declared = candidate.release_type.value;
    let expected = match (declared, step) {
        (
            ReleaseType::Hotfix | ReleaseType::SafetyPatch | ReleaseType::PerformancePatch,
            Step::Major | Step::Minor,
        ) => {
            format!("a patch step, such as {}.{}.{}", old.major, old.minor, old.patch.saturating_add(1))
        }
        (ReleaseType::ModelUpgrade, Step::Patch) => {
            format!("at least a minor step, such as {}.{}.0", old.major, old.minor.saturating_add(1))
        }
        _ => return None,
    };
    Some(
        Diagnostic::warning(
            Code::VersionStep,
            format!(
                "{old} -> {new} is a {} step, and {} is expected to be {expected}",
                step.word(),
                article(declared)
            ),
        )
        .at(span, format!("a {} step", step.word()))
        .help("change `version` or `type`, so that users of the release can tell what to expect"),
    )
}

/// "a hotfix": the type as a sentence needs it; no type starts with a vowel.
fn article(release_type: ReleaseType) -> String {
    format!("a {release_type}")
}
