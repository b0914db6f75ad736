//! Models that may change behind the same name: `latest`, a branch, a bare family name.
//!
//! Reads only what the manifest says. Deliberately absent: whether a provider keeps a name stable, which nobody can
//! look up offline.

use crate::diagnostic::{Diagnostic, Spanned};
use crate::manifest::{Artifact, ArtifactKind, Manifest, UnpinnedModels};

/// Names that follow whatever is newest or deployed, as the whole of a revision.
const MOVING: &[&str] = &[
    "latest",
    "main",
    "master",
    "stable",
    "head",
    "trunk",
    "develop",
    "dev",
    "default",
    "current",
    "newest",
    "nightly",
    "edge",
    "prod",
    "production",
];
/// The same inside a longer name, as in `claude-3-5-sonnet-latest`; "stable" is not here: `stable-diffusion-3`.
const MOVING_PART: &[&str] = &["latest", "newest", "nightly"];
/// Where a name without a revision means the newest commit.
const HUBS: &[&str] = &["hf:", "huggingface:", "https://huggingface.co/", "https://hf.co/"];

/// One finding for each model without a pinned revision: a warning, or an error where the policy refuses them. A declared
/// digest or hashed content is a pin.
#[must_use]
pub fn unpinned(manifest: &Manifest) -> Vec<Diagnostic> {
    manifest
        .artifacts
        .iter()
        .filter(|artifact| artifact.kind == ArtifactKind::Models)
        .filter(|model| model.sha256.is_none() && model.path.is_none() && model.values.is_none())
        .filter_map(|model| {
            let (at, why) = loose(model)?;
            let text =
                format!("the model `{}` is not pinned: it may change without a release", model.name.value);
            let finding = match manifest.policy.unpinned_models {
                UnpinnedModels::Warn => Diagnostic::warning("unpinned-model", text),
                UnpinnedModels::Refuse => Diagnostic::error("unpinned-model", text),
            };
            let finding = finding.at(at.span, why);
            let refused = manifest.policy.unpinned_models == UnpinnedModels::Refuse;
            let finding = match manifest.policy.stated.get("unpinned_models").filter(|_| refused) {
                Some(policy) => finding.also(*policy, "the policy refuses it"),
                None => finding,
            };
            Some(finding.help("name an exact revision (a dated version, a commit), or declare `sha256`"))
        })
        .collect()
}

/// The part of a model that does not pin it, and why not.
fn loose(model: &Artifact) -> Option<(&Spanned<String>, String)> {
    let version = &model.version;
    if let Some(why) = moving(version.value.trim()) {
        return Some((version, why));
    }
    let uri = model.uri.as_ref();
    if let Some(uri) = uri
        && let Some(why) = loose_uri(uri.value.trim(), version.value.trim())
    {
        return Some((uri, why));
    }
    // "gpt", "claude": every member of the family has that name. A uri that ends in digits settles which one.
    let exact = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    // The `3` of `s3://` settles nothing.
    let settled = exact(&version.value) || uri.is_some_and(|uri| exact(last_part(&uri.value)));
    (!settled).then(|| (version, "a family name without a version".to_owned()))
}

/// Why a version or revision moves, if it does.
fn moving(revision: &str) -> Option<String> {
    let lower = revision.to_lowercase();
    let part = || {
        lower
            .split(|letter: char| !letter.is_alphanumeric())
            .find(|part| MOVING_PART.contains(part))
            .map(str::to_owned)
    };
    let whole = MOVING.contains(&lower.as_str()).then(|| lower.clone());
    whole.or_else(part).map(|word| format!("`{word}` means another model tomorrow"))
}

/// Why a uri does not pin a model that has this version, if it does not.
fn loose_uri(uri: &str, version: &str) -> Option<String> {
    // The revision is what follows the last `@` or `#`, or a `:` that is not the one of a scheme or port.
    let (name, revision) = match uri.rfind(['@', '#']) {
        Some(at) => (uri.get(..at).unwrap_or(""), uri.get(at + 1..)),
        None => (uri, None),
    };
    if let Some(revision) = revision {
        return if revision.is_empty() { Some("no revision after it".to_owned()) } else { moving(revision) };
    }
    let last = last_part(name);
    if last.is_empty() && name.ends_with([':', '=']) {
        return Some("no revision after it".to_owned());
    }
    // `https://.../tree/main/weights.bin` moves in the middle.
    let branch =
        name.split('/').skip_while(|part| !matches!(*part, "tree" | "resolve" | "blob" | "raw")).nth(1);
    if let Some(why) = branch.and_then(moving).or_else(|| moving(last)) {
        return Some(why);
    }
    if branch.is_none() && HUBS.iter().any(|hub| uri.starts_with(hub)) && !commit(version) {
        return Some("without a revision it means the newest commit".to_owned());
    }
    // `provider:family`, which is what is served whatever `version` says.
    let family = !name.contains('/') && name.contains(':') && !last.bytes().any(|byte| byte.is_ascii_digit());
    family.then(|| "a family name without a version".to_owned())
}

/// What stands after the last separator of a uri.
fn last_part(uri: &str) -> &str {
    uri.rsplit(['/', ':', '=']).next().unwrap_or(uri)
}

/// Whether a version is a commit of a hub.
fn commit(version: &str) -> bool {
    version.len() >= 7
        && version.bytes().all(|byte| byte.is_ascii_hexdigit())
        && version.bytes().any(|byte| byte.is_ascii_digit())
}
