//! Whether the waivers of a release are signed by somebody who may.

use crate::artifact::read_all;
use crate::attest::waiver_bytes;
use crate::commands::protected::{Protected, SignerList};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Spanned, printable};
use crate::files::{Worktree, verify_waiver};
use crate::manifest::WaiverSpec;
use crate::release::Release;

/// The largest signature that is read; they have some hundred bytes.
const MOST: u64 = 64 << 10;

/// Who may sign, where waivers have to be signed; nothing is asked of a release without waivers.
///
/// # Errors
/// Nobody can tell who may.
pub(super) fn signers(
    release: &Release,
    root: &Worktree,
    asked: Option<&str>,
    sources: &Sources,
) -> Result<Option<SignerList>, Diagnostics> {
    if release.manifest.waivers.is_empty() {
        return Ok(None);
    }
    let protected = Protected::of(root, asked)?;
    let standing = |declared: &Spanned<String>| root.from_root(sources.name(declared.span.file));
    Ok(protected.signers(&release.manifest, |manifest| manifest.policy.signers.as_ref(), &standing)?)
}

/// Why a waiver is not signed as it has to be, as in "it ..."; none where it is.
pub(super) fn why_not(waiver: &WaiverSpec, release: &Release, list: &SignerList) -> Option<String> {
    let (gate, approver) = (printable(&waiver.gate.value), printable(&waiver.approver.value));
    let Some(declared) = &waiver.signature else {
        return Some(format!(
            "is not signed by `{approver}`: declare `signature: waivers/{gate}.sig`, which `relgate attest --waiver {gate} --key FILE` makes"
        ));
    };
    let shown = printable(&declared.value);
    let bytes = match release
        .tree
        .look(&declared.value)
        .and_then(|found| read_all(release.tree.as_ref(), &found.path, MOST))
    {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Some(format!("has the signature `{shown}`, which is too large to be one")),
        Err(trouble) => {
            return Some(format!("is not signed: {}", printable(&trouble.finding(&declared.value).title)));
        }
    };
    let said = waiver_bytes(&release.manifest, waiver);
    let verify = |who: &str| verify_waiver(&list.text, who, &said, &bytes);
    if let Err(finding) = verify(&waiver.approver.value) {
        let why = reason(&finding);
        return Some(format!("is not signed by `{approver}` as it stands here (`{shown}`): {why}"));
    }
    // One key below two names is one person.
    verify(&waiver.owner.value).is_ok().then(|| {
        format!(
            "was signed with a key of `{}`, who asked for it: somebody else has to",
            printable(&waiver.owner.value)
        )
    })
}

fn reason(finding: &Diagnostic) -> String {
    finding.notes.first().map_or_else(|| finding.title.clone(), |note| printable(note))
}
