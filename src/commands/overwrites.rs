//! What a run would write over although it reads it or somebody else wrote it: refused before anything is judged.
//!
//! Deliberately absent: writing, and what stands in the files.

use std::path::{Path, PathBuf};

use super::changelog;
use super::earlier::Releases;
use crate::artifact::Pinned;
use crate::cli::CheckArgs;
use crate::diagnostic::{Code, Diagnostic};
use crate::files::{Worktree, inside, lock_of};
use crate::judge::Opened;
use crate::manifest::Manifest;
use crate::report::kinds::KINDS;

/// What is read and written by one run.
pub(super) struct Files<'a> {
    pub(super) manifest: &'a Path,
    pub(super) root: &'a Worktree,
    pub(super) pinned: &'a Pinned,
    pub(super) opened: &'a [Opened],
    pub(super) earlier: &'a Releases,
    /// The folder of the reports.
    pub(super) out: PathBuf,
}

impl Files<'_> {
    /// # Errors
    /// The new bundle would replace the one that the release is compared with.
    fn check_out(&self) -> Result<(), Diagnostic> {
        let new = self.out.join("bundle");
        let both = [(&self.earlier.baseline, "baseline"), (&self.earlier.anchor, "anchor")];
        let read = both.into_iter().find_map(|(release, what)| {
            let folder = release.as_ref().filter(|release| release.bundled.is_some())?.tree.on_disk("")?;
            (inside(&folder, &new) || inside(&new, &folder)).then_some((folder, what))
        });
        let Some((folder, what)) = read else { return Ok(()) };
        Err(Diagnostic::error(
            Code::OutputIsBaseline,
            format!("`{}` is the {what}, and this run would write its own bundle there", folder.display()),
        )
        .note("a release that fails would become what the next one is compared with")
        .help("keep the bundle of a shipped release in a folder of its own, or write elsewhere: `--out`"))
    }

    /// # Errors
    /// The changelog is a file that this run reads, or one of its outputs.
    fn check_changelog(&self, manifest: &Manifest, changelog: &Path) -> Result<(), Diagnostic> {
        let Some(what) = self.taken(changelog) else { return Ok(()) };
        let declared = manifest.changelog.as_ref();
        let name = declared.map_or("", |declared| declared.value.as_str());
        let finding =
            Diagnostic::error(Code::ChangelogIsTaken, format!("`{name}` is {what}, and no changelog"))
                .help("name a file of its own, such as `CHANGELOG.md`");
        Err(match declared {
            Some(declared) => finding.at(declared.span, "an entry would be written into it"),
            None => finding,
        })
    }

    /// What stands at a path already.
    fn taken(&self, file: &Path) -> Option<String> {
        let lock = lock_of(self.manifest).ok();
        if inside(file, self.manifest) {
            return Some("the manifest".to_owned());
        }
        if lock.is_some_and(|lock| inside(file, &lock)) {
            return Some("the lock".to_owned());
        }
        let artifact = self.pinned.iter().find(|artifact| {
            let path = artifact.path.as_deref().filter(|_| artifact.hashed());
            path.is_some_and(|path| inside(file, &self.root.absolute(path)))
        });
        if let Some(artifact) = artifact {
            return Some(format!("part of `{}`", artifact.key()));
        }
        if let Some(entry) = self.opened.iter().find(|entry| entry.paths().any(|path| inside(file, path))) {
            return Some(format!("evidence `{}`", entry.name));
        }
        let reports = KINDS.iter().map(|kind| kind.file);
        reports
            .chain(["changelog.md", "bundle"])
            .find(|name| inside(file, &self.out.join(name)))
            .map(|name| format!("written anew by every run (`{name}` of the output folder)"))
    }
}

/// The changelog that an entry goes into; nothing that the run writes may be what it reads.
pub(super) fn outputs(
    manifest: &Manifest,
    args: &CheckArgs,
    files: &Files<'_>,
) -> Result<Option<changelog::Target>, Diagnostic> {
    let wanted = manifest.changelog.as_ref().filter(|_| !args.no_changelog);
    let target =
        wanted.map(|declared| changelog::Target::new(declared, files.root, args.adopt)).transpose()?;
    if !args.dry_run {
        files.check_out()?;
        if let Some(target) = &target {
            files.check_changelog(manifest, target.path())?;
        }
    }
    if let (Some(target), Some(declared)) = (&target, wanted) {
        target.check_name(declared)?;
    }
    Ok(target)
}
