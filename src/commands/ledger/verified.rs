//! Whether a ledger is as it was written: for `relgate verify`.

use std::path::Path;

use super::place::folder_of;
use crate::cli::VerifyArgs;
use crate::commands::protected::{Protected, signers_of_approvals};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Spanned, printable};
use crate::files::{Commit, Ledger, Worktree, read_text};
use crate::ledger::{Chain, Checkpoint, Flaw};
use crate::manifest::Manifest;
use crate::report::pinning::{LedgerFlaw, VerifiedLedger};

/// A ledger that was looked at.
pub(in crate::commands) struct VerifiedFolder {
    pub(in crate::commands) told: VerifiedLedger,
    /// The same as findings, with what to do.
    pub(in crate::commands) findings: Diagnostics,
    /// Whether a part of it could not be looked at.
    pub(in crate::commands) is_unseen: bool,
}

/// Looks at the ledger of a release; none where there is none and nobody asked for one, or only a part is verified.
pub(in crate::commands) fn verified_folder(
    args: &VerifyArgs,
    manifest: &Manifest,
    root: &Worktree,
) -> Result<Option<VerifiedFolder>, Diagnostics> {
    let at = folder_of(args.ledger.as_deref(), Some(manifest), root)?;
    let is_asked = args.ledger.is_some() || args.checkpoint.is_some();
    if args.only.is_some() || (!Ledger::is_at(&at) && !is_asked && args.against.is_none()) {
        return Ok(None);
    }
    if is_asked {
        Ledger::must_be_at(&at)?;
    }
    let chain = Ledger::read(&at)?;
    let mut flaws = chain.flaws().to_vec();
    let mut checkpoints: Vec<String> =
        chain.last_checkpoint().map(Checkpoint::file_name).into_iter().collect();
    let mut unsigned = Vec::new();
    if let Some(kept) = &args.checkpoint {
        let name = kept.to_string_lossy().into_owned();
        flaws.extend(chain.against_checkpoint(&read_checkpoint(kept, &name)?, &name));
        checkpoints.push(name);
    }
    if let Some(reference) = &args.against {
        let commit = Commit::open(root.folder(), reference.strip_prefix("git:").unwrap_or(reference))?;
        flaws.extend(against(&chain, &commit, &at, root)?);
        unsigned = signatures(&chain, reference, &at, manifest, root)?;
    }
    let folder = at.to_string_lossy().into_owned();
    let is_unseen = flaws.iter().any(Flaw::is_unseen);
    let found = flaws.into_iter().map(|flaw| (flaw.finding(&folder), flaw.file));
    let findings: Vec<(Diagnostic, String)> = found.chain(unsigned).collect();
    let wrong = findings.iter().filter(|(finding, _)| finding.severity == Severity::Error);
    let told = wrong.map(|(finding, file)| LedgerFlaw {
        code: finding.code,
        file: file.clone(),
        text: finding.title.clone(),
    });
    Ok(Some(VerifiedFolder {
        told: VerifiedLedger {
            path: folder,
            events: chain.links().len() as u64,
            heads: chain.heads().len() as u64,
            against: args.against.clone(),
            checkpoints,
            flaws: told.collect(),
        },
        is_unseen,
        findings: findings.into_iter().map(|(finding, _)| finding).collect(),
    }))
}

/// What of a git revision is gone.
fn against(chain: &Chain, commit: &Commit, at: &Path, root: &Worktree) -> Result<Vec<Flaw>, Diagnostic> {
    let folder = root.from_root(&at.to_string_lossy());
    if Path::new(&folder).is_absolute() || folder.starts_with("..") {
        let text = format!("the ledger `{}` is outside the root, where git has nothing of it", at.display());
        return Err(Diagnostic::error(Code::UnknownEvent, text)
            .help("leave `--against` out, or name the root with `--root`"));
    }
    Ledger::against(chain, commit, &folder)
}

/// The approvals that say they were signed and were not, by the list of signers that the revision has, also where this release asks
/// for no signatures any more: a finding and its file each.
fn signatures(
    chain: &Chain,
    reference: &str,
    at: &Path,
    manifest: &Manifest,
    root: &Worktree,
) -> Result<Vec<(Diagnostic, String)>, Diagnostics> {
    let signed = || chain.approvals().filter(|approval| approval.data.signed);
    if signed().next().is_none() {
        return Ok(Vec::new());
    }
    let standing = |_: &Spanned<String>| root.manifest_path().to_owned();
    let protected = Protected::of(root, Some(reference))?;
    let Some(signers) = protected.signers(manifest, signers_of_approvals, &standing)? else {
        return Ok(Vec::new());
    };
    let wrong = signed().filter_map(|approval| {
        let finding = Ledger::is_signed(at, &approval, &signers.text).err()?;
        Some((finding, format!("{}.sig", approval.link.name)))
    });
    Ok(wrong.collect())
}

fn read_checkpoint(path: &Path, name: &str) -> Result<Checkpoint, Diagnostic> {
    let unusable = |why: String| {
        Diagnostic::error(Code::LedgerEdited, format!("the checkpoint `{}` {why}", printable(name)))
            .in_file(name)
            .help("give what `relgate ledger checkpoint` printed, as a file of its own")
    };
    let text = read_text(path, name)?.ok_or_else(|| unusable("is not there".to_owned()))?;
    Checkpoint::read(text.trim_end().as_bytes()).map_err(unusable)
}
