//! A judged release on its way to its outputs.

use std::path::PathBuf;

use crate::changelog::ChangelogEntry;
use crate::cli::CheckArgs;
use crate::commands::changelog;
use crate::diagnostic::Diagnostics;
use crate::judge;
use crate::release::Release;
use crate::report::v1::Report;

/// A judgement with everything that is needed to tell it.
pub(super) struct Finished {
    pub(super) report: Report,
    pub(super) warnings: Diagnostics,
    /// What the changelog is told.
    pub(super) entry: ChangelogEntry,
    pub(super) changelog: Option<changelog::Target>,
    /// The manifest as it stands on the disk.
    pub(super) text: String,
    pub(super) candidate: Release,
    pub(super) entries: Vec<judge::Entry>,
}

/// Where the reports of a release go.
pub(super) fn out_folder(args: &CheckArgs, name: &str) -> PathBuf {
    if args.manifests.len() > 1 { args.out.join(name) } else { args.out.clone() }
}
