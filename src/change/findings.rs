//! Words what single changes mean, at the artifact's line in the candidate.

use super::changes::{ArtifactChange, Changes, Seen};
use crate::diagnostic::{Code, Diagnostic, Span, list};
use crate::manifest::{Artifact, ArtifactKind, Digest, Manifest};

/// What is odd about the changes and does not stop the release.
#[must_use]
pub fn warnings(changes: &Changes, candidate: &Manifest) -> Vec<Diagnostic> {
    let odd = changes.artifacts.iter().filter_map(|change| {
        let version = version_span(change, candidate)?;
        if change.is_relabelled() {
            return Some(
                Diagnostic::warning(
                    Code::Relabelled,
                    format!("`{}` has a new version and the same bytes", change.key()),
                )
                .at(version, format!("was `{}`", old_version(change)))
                .help("keep the old version, or put the new content there if it was forgotten"),
            );
        }
        change.is_relocated().then(|| {
            let uri = Seen::shown_uri;
            Diagnostic::warning(
                Code::Relocated,
                format!("`{}` has another uri under the same version", change.key()),
            )
            .at(version, "the same as in the baseline")
            .note(format!(
                "the uri was {} and is {}",
                uri(change.before.as_ref()),
                uri(change.after.as_ref())
            ))
            .note("without `sha256` on both sides nobody can tell whether the content is the same")
            .help("raise the version, or declare `sha256` in both releases")
        })
    });
    odd.collect()
}

/// Says once that rows which datasets share were not looked for, where there are two to compare and not all say what they are
/// for: a name tells nobody.
#[must_use]
pub fn undeclared_roles(candidate: &Manifest) -> Option<Diagnostic> {
    let of = |kind: ArtifactKind| candidate.artifacts.iter().filter(move |one| one.kind == kind);
    let silent: Vec<&Artifact> =
        of(ArtifactKind::Datasets).filter(|dataset| dataset.role.is_none()).collect();
    let first = silent.first()?;
    // One alone shares its rows with nothing.
    of(ArtifactKind::Datasets).chain(of(ArtifactKind::EvalSuites)).nth(1)?;
    let names: Vec<String> = silent.iter().map(|dataset| dataset.key()).collect();
    let says = if silent.len() == 1 { "declares" } else { "declare" };
    let text = format!(
        "rows that datasets share were not looked for: {} {says} no `role:`; add `role: train`, `eval` or `retrieval`",
        list(names.iter().map(String::as_str), 4)
    );
    Some(Diagnostic::warning(Code::UndeclaredRole, text).at(first.name.span, "no `role`"))
}

/// Why the gate `silent-change` fails for one artifact of [`Changes::silent`].
#[must_use]
pub fn silent_change(change: &ArtifactChange, candidate: &Manifest) -> Diagnostic {
    let what = if change.aspects.values { "values" } else { "bytes" };
    let digest = |digest: Option<&Digest>| digest.map_or("unknown", Digest::hex).to_owned();
    let before = digest(change.before.as_ref().and_then(|seen| seen.digest.as_ref()));
    let after = digest(change.after.as_ref().and_then(|seen| seen.digest.as_ref()));
    let finding = Diagnostic::error(
        Code::SilentChange,
        format!("the {what} of `{}` changed and its version did not", change.key()),
    )
    .note(format!("baseline sha256:{before}"))
    .note(format!("candidate sha256:{after}"))
    .help("give it a new version, so that whoever reads the release can see the change; or restore it");
    // A baseline in git has the stored bytes, the candidate those of the checkout.
    let finding = if change.aspects.values {
        finding
    } else {
        finding.help("if nobody touched it, git converted its line ends at checkout: a line `PATH -text` in `.gitattributes` keeps its bytes the same everywhere")
    };
    match version_span(change, candidate) {
        Some(span) => finding.at(span, "the same as in the baseline"),
        None => finding,
    }
}

/// Where the candidate writes the version of a changed artifact.
pub(super) fn version_span(change: &ArtifactChange, candidate: &Manifest) -> Option<Span> {
    candidate
        .artifacts
        .iter()
        .find(|artifact| artifact.kind == change.kind && artifact.name.value == change.name)
        .map(|artifact| artifact.version.span)
}

fn old_version(change: &ArtifactChange) -> &str {
    change.before.as_ref().map_or("", |seen| seen.version.as_str())
}
