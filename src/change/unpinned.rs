//! Models that may change behind the same name: `latest`, a branch, a family name without a snapshot.
//!
//! A model is pinned by its bytes (a path, values, a declared digest), by a digest or a whole commit in its uri, or else,
//! depending on where it is:
//!
//! - on the Hugging Face hub: by a whole commit only, since branches, tags and short commits move;
//! - served under a name (`openai:gpt-4o`): by a snapshot in that name, whatever `version` says: a date
//!   (`gpt-4o-2024-08-06`, `gpt-4-0613`), a number (`gemini-1.5-pro-002`, `nova-pro-v1:0`), or a fine-tuned model's own id;
//! - at any other address, which somebody of the release keeps: by a number in the version or in the address.
//!
//! Reads only what the manifest says. Whether a provider keeps a snapshot, nobody can look up offline.

use crate::artifact::lock;
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::manifest::{Artifact, ArtifactKind, Manifest, UnpinnedModels};

mod snapshot;

use snapshot::snapshot;

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
/// Hosts of the hub, as people write them.
const HUB_HOSTS: &[&str] = &["huggingface.co", "www.huggingface.co", "hf.co"];

/// Domains of providers who serve models that they may change; others begin with `api.`.
const PROVIDERS: &[&str] = &[
    "openai.com",
    "openai.azure.com",
    "ai.azure.com",
    "anthropic.com",
    "generativelanguage.googleapis.com",
    "aiplatform.googleapis.com",
    "mistral.ai",
    "cohere.com",
    "cohere.ai",
    "groq.com",
    "together.xyz",
    "together.ai",
    "openrouter.ai",
    "fireworks.ai",
    "deepseek.com",
    "x.ai",
    "perplexity.ai",
    "replicate.com",
];
/// Parts of such an address behind which the model's name stands.
const MODELS: &[&str] = &["models", "model", "deployments", "engines"];

const PIN_A_COMMIT: &str = "name the whole commit, `hf:org/name@<40 hex digits>`, or declare `sha256`";
const PIN_A_SNAPSHOT: &str = "name a dated or numbered snapshot, such as `gpt-4o-2024-08-06` or `gemini-1.5-pro-002`, or declare `sha256`";
const PIN_A_REVISION: &str = "name an exact revision (a number, a commit), or declare `sha256`";

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
            let Loose { at, why, pin } = loose(model)?;
            let text =
                format!("the model `{}` is not pinned: it may change without a release", model.name.value);
            let finding = match manifest.policy.unpinned_models {
                // A report tells the first sentence of a warning only.
                UnpinnedModels::Warn => {
                    Diagnostic::warning(Code::UnpinnedModel, format!("{text}: {why}; {pin}"))
                }
                UnpinnedModels::Refuse => Diagnostic::error(Code::UnpinnedModel, text),
            };
            let finding = finding.at(at.span, why);
            let refused = manifest.policy.unpinned_models == UnpinnedModels::Refuse;
            let finding = match manifest.policy.stated.get("unpinned_models").filter(|_| refused) {
                Some(policy) => finding.also(*policy, "the policy refuses it"),
                None => finding,
            };
            Some(finding.help(pin))
        })
        .collect()
}

/// The part of a model that does not pin it.
struct Loose<'a> {
    at: &'a Spanned<String>,
    why: String,
    /// What would.
    pin: &'static str,
}

/// What does not pin a model, if nothing does.
fn loose(model: &Artifact) -> Option<Loose<'_>> {
    let version = model.version.value.trim();
    // The manifest reader refuses a model that has neither a uri nor content.
    let at = model.uri.as_ref()?;
    let spelled = spelled(at.value.trim());
    // A digest or a whole commit is a pin whatever the version is called.
    if lock::revision(Some(&spelled), version).is_some_and(|revision| exact(&revision)) {
        return None;
    }
    let place = place(&spelled);
    if let Some(why) = moving(version) {
        return Some(Loose { at: &model.version, why, pin: place.pin() });
    }
    let why = match place {
        Place::Hub => lock::loose_revision(&spelled, version),
        Place::Served(name) => loose_name(name),
        Place::Kept => loose_address(&spelled),
    };
    if let Some(why) = why {
        return Some(Loose { at, why, pin: place.pin() });
    }
    let numbered = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    // The `3` of `s3://` settles nothing.
    let settled = matches!(place, Place::Hub | Place::Served(_))
        || numbered(version)
        || spelled.rsplit(['/', ':', '=']).next().is_some_and(numbered);
    let why = "a family name without a version".to_owned();
    (!settled).then_some(Loose { at: &model.version, why, pin: place.pin() })
}

/// Where a model is, which says what pins it there.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// On the Hugging Face hub.
    Hub,
    /// With somebody who serves it under this name.
    Served(&'a str),
    /// At an address that somebody of the release keeps.
    Kept,
}

impl Place<'_> {
    /// What would pin a model there.
    fn pin(self) -> &'static str {
        match self {
            Self::Hub => PIN_A_COMMIT,
            Self::Served(_) => PIN_A_SNAPSHOT,
            Self::Kept => PIN_A_REVISION,
        }
    }
}

fn place(uri: &str) -> Place<'_> {
    // A bare name (`gpt-4o`, `meta-llama/Llama-3`) is what somebody serves under it.
    let Some((scheme, rest)) = uri.split_once(':') else { return Place::Served(uri) };
    if let Some(name) = rest.strip_prefix("//").filter(|_| scheme.starts_with("http")).and_then(called) {
        return Place::Served(name);
    }
    match (scheme, rest.strip_prefix("//")) {
        ("hf" | "huggingface", _) => Place::Hub,
        ("https", Some(rest)) if rest.starts_with("huggingface.co/") => Place::Hub,
        // `openai://gpt-4o` has a name and no path.
        (_, Some(name)) if !name.contains('/') => Place::Served(name),
        ("file", _) | (_, Some(_)) => Place::Kept,
        (_, None) if rest.starts_with('/') => Place::Kept,
        (_, None) => Place::Served(rest),
    }
}

/// The name under which a provider serves a model at an address without its scheme; none where the address is another one.
fn called(address: &str) -> Option<&str> {
    let (host, rest) = address.split_at(address.find(['/', '?']).unwrap_or(address.len()));
    let host = host.split(':').next().unwrap_or(host);
    let of =
        |domain: &&str| host.strip_suffix(*domain).is_some_and(|head| head.is_empty() || head.ends_with('.'));
    let serves = host.starts_with("api.") || host.starts_with("bedrock") || PROVIDERS.iter().any(of);
    if !serves {
        return None;
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("model="));
    let mut parts = path.split('/');
    let named = parts.find(|part| MODELS.contains(part)).and_then(|_| parts.next());
    // `models/gemini-1.5-pro:generateContent` is an action on it.
    let named = named.map(|name| name.split(':').next().unwrap_or(name));
    Some(asked.or(named).unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path)))
}

/// A uri with its scheme and host in small letters and one spelling of the hub's, which tell where it is in any case.
fn spelled(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once(':') else { return uri.to_owned() };
    let scheme = scheme.to_ascii_lowercase();
    let Some(rest) = rest.strip_prefix("//").filter(|_| matches!(scheme.as_str(), "http" | "https")) else {
        return format!("{scheme}:{rest}");
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.to_ascii_lowercase();
    if HUB_HOSTS.contains(&host.as_str()) {
        return format!("https://huggingface.co{path}");
    }
    format!("{scheme}://{host}{path}")
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

/// Whether a revision is one of bytes, which nobody can move: a digest or a whole commit.
fn exact(revision: &str) -> bool {
    let hex = revision.strip_prefix("sha256:").unwrap_or(revision);
    matches!(hex.len(), 40 | 64) && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Why a name under which a model is served does not pin it, if it does not. It decides whatever `version` says: it is
/// what is called.
fn loose_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', ':', '@', '#']).next().unwrap_or(name);
    if last.is_empty() {
        return Some("no revision after it".to_owned());
    }
    if let Some(why) = moving(last) {
        return Some(why);
    }
    (!snapshot(name)).then(|| "a family name without a dated or numbered snapshot".to_owned())
}

/// Why an address moves, if it does.
fn loose_address(uri: &str) -> Option<String> {
    // `user@host` stands before a `/`.
    let last = uri.rsplit('/').next().unwrap_or(uri);
    if let Some((_, revision)) = last.rsplit_once(['@', '#']) {
        return match revision {
            "" => Some("no revision after it".to_owned()),
            // A tag such as `v2` is a promise; a name without a number is a branch.
            _ if !revision.bytes().any(|byte| byte.is_ascii_digit()) => {
                moving(revision).or_else(|| Some(format!("`{revision}` is a name that can be moved")))
            }
            _ => moving(revision),
        };
    }
    // `https://.../tree/main/weights.bin` moves in the middle.
    let branch =
        uri.split('/').skip_while(|part| !matches!(*part, "tree" | "resolve" | "blob" | "raw")).nth(1);
    let tail = last.rsplit([':', '=']).next().unwrap_or(last);
    branch.and_then(moving).or_else(|| moving(tail))
}
