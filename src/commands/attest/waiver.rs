//! A waiver signed by its approver, with the key that people have for git anyway.

use std::path::Path;

use crate::artifact::Trouble;
use crate::attest::waiver_bytes;
use crate::cli::AttestArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, list, printable};
use crate::files::{StagedFiles, Worktree, read_text, sign_waiver};
use crate::manifest::{Manifest, WaiverSpec};
use crate::release::{self, SharedPolicy};

/// How every signature of `ssh-keygen` begins.
const SIGNATURE: &str = "-----BEGIN SSH SIGNATURE-----";

/// What is printed: the bytes to sign, or what was signed.
pub(super) enum WaiverTold {
    /// The bytes that `ssh-keygen -Y sign -n relgate-waiver` signs.
    Bytes(Vec<u8>),
    /// The files that were written, for people.
    Written(String),
}

/// Signs the waivers of a gate with a key, or prints what one says.
pub(super) fn sign(gate: &str, args: &AttestArgs, sources: &mut Sources) -> Result<WaiverTold, Diagnostics> {
    let root = Worktree::find(&args.manifest, args.root.as_deref())?;
    let manifest = release::declare(&root, SharedPolicy::Whole, sources)?.manifest;
    let waivers: Vec<&WaiverSpec> =
        manifest.waivers.iter().filter(|waiver| waiver.gate.value == gate).collect();
    if waivers.is_empty() {
        return Err(unknown(gate, &manifest).into());
    }
    let Some(key) = &args.key else {
        let [waiver] = waivers.as_slice() else {
            let text = format!("`{}` has {} waivers", printable(gate), waivers.len());
            return Err(Diagnostic::error(Code::BadSignature, text)
                .help("with `--key FILE` all of them are signed, each into its own file")
                .into());
        };
        return Ok(WaiverTold::Bytes(waiver_bytes(&manifest, waiver)));
    };
    let mut staged = StagedFiles::default();
    let mut names = Vec::new();
    for waiver in waivers {
        let Some(declared) = &waiver.signature else {
            return Err(Diagnostic::error(
                Code::BadSignature,
                "this waiver does not say where its signature stands",
            )
            .at(waiver.span, "no `signature`")
            .help(format!("add `signature: waivers/{}.sig`", printable(gate)))
            .into());
        };
        let refused = |trouble: Trouble| {
            trouble.finding(&declared.value).at(declared.span, "the file of the signature")
        };
        let at = match root.target(&declared.value) {
            // Its folder is made.
            Err(Trouble::Missing { .. }) => root.absolute(&root.resolve(&declared.value).map_err(refused)?),
            found => found.map_err(refused)?,
        };
        is_replaceable(&at, &declared.value)?;
        let signature = sign_waiver(key, &waiver_bytes(&manifest, waiver))?;
        staged.add_with_folder(&at, &signature)?;
        names.push(printable(&declared.value));
    }
    staged.commit()?;
    let people: Vec<String> = manifest
        .waivers
        .iter()
        .filter(|waiver| waiver.gate.value == gate)
        .map(|waiver| printable(&waiver.approver.value))
        .collect();
    Ok(WaiverTold::Written(format!(
        "SIGNED  the waiver for `{}` of {} {}; it counts where the key is one of {}\nwrote {}\n",
        printable(gate),
        printable(&manifest.name.value),
        manifest.version.value,
        list(people.iter().map(String::as_str), 12),
        names.join(", ")
    )))
}

/// # Errors
/// Something else than a signature stands there.
fn is_replaceable(at: &Path, declared: &str) -> Result<(), Diagnostic> {
    let other =
        read_text(at, declared)?.is_some_and(|text| !text.trim().is_empty() && !text.starts_with(SIGNATURE));
    if !other {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::NotOurs,
        format!("`{}` is no signature, and would be written over", printable(declared)),
    )
    .help("let `signature` name a file of its own"))
}

fn unknown(gate: &str, manifest: &Manifest) -> Diagnostic {
    let gates = || manifest.waivers.iter().map(|waiver| waiver.gate.value.as_str());
    let finding = Diagnostic::error(
        Code::WaiverForUnknownGate,
        format!("this release has no waiver for `{}`", printable(gate)),
    )
    .suggest(gate, gates());
    if manifest.waivers.is_empty() {
        finding.note("it has none at all")
    } else {
        finding.note(format!("it has waivers for {}", list(gates(), 12)))
    }
}
