//! Brings the entry of a release into the changelog that its manifest names.

use std::path::{Path, PathBuf};

use crate::artifact::Trouble;
use crate::changelog::{self, ChangelogEntry, Edit};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::files::{StagedFiles, Worktree, read_text};

/// Where the entry goes.
pub(super) struct Target {
    path: PathBuf,
    name: String,
    adopt: bool,
}

/// An entry that is on the disk and not in its place yet.
pub(super) struct Prepared<'a> {
    target: &'a Target,
    before: Option<String>,
    /// None where the file says the same already.
    staged: Option<StagedFiles>,
    /// What is worth a look.
    pub(super) warnings: Vec<Diagnostic>,
}

impl Target {
    /// The file that `changelog:` names; it may not exist yet.
    pub(super) fn new(declared: &Spanned<String>, root: &Worktree, adopt: bool) -> Result<Self, Diagnostic> {
        let path = root.target(&declared.value).map_err(|trouble| match trouble {
            // For an artifact it would do.
            Trouble::Special { kind: "a folder" } => {
                let text = format!("`changelog` names `{}`, which is a folder", declared.value);
                Diagnostic::error(Code::ChangelogIsFolder, text).at(declared.span, "not a file").help(
                    format!(
                        "name a file, for example `{}/CHANGELOG.md`",
                        declared.value.trim_end_matches('/')
                    ),
                )
            }
            trouble => trouble.at(&declared.value, declared.span),
        })?;
        Ok(Self { path, name: declared.value.clone(), adopt })
    }

    /// # Errors
    /// The name, or that of the file which a link leads to, is not one of a Markdown file.
    pub(super) fn check_name(&self, declared: &Spanned<String>) -> Result<(), Diagnostic> {
        let led_to = self.path.to_string_lossy();
        let checked = changelog::check_name(&self.name).and_then(|()| changelog::check_name(&led_to));
        checked.map_err(|finding| finding.at(declared.span, "not a Markdown file"))
    }

    /// Where the file stands.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the entry could be brought into the file as it is now; nothing is written.
    ///
    /// # Errors
    /// The file cannot be read, or nobody could write into it without guessing.
    pub(super) fn try_out(&self, entry: &ChangelogEntry) -> Result<(), Diagnostic> {
        let before = read_text(&self.path, &self.name)?;
        changelog::apply(&self.name, before.as_deref(), entry, self.adopt).map(drop)
    }

    /// An entry of the release that stands there from an earlier pass, where this run is none.
    pub(super) fn behind(&self, entry: &ChangelogEntry) -> Option<Diagnostic> {
        let text = read_text(&self.path, &self.name).ok()??;
        changelog::behind(&self.name, &text, entry)
    }

    /// Makes everything ready, so that nothing but putting it into place is left; a file that already says the same is not touched.
    ///
    /// # Errors
    /// The file cannot be read or written, or nobody could write into it without guessing.
    pub(super) fn prepare(&self, entry: &ChangelogEntry) -> Result<Prepared<'_>, Diagnostic> {
        let before = read_text(&self.path, &self.name)?;
        let applied = changelog::apply(&self.name, before.as_deref(), entry, self.adopt)?;
        let staged = match applied.change {
            Edit::Unchanged | Edit::LeftAlone => None,
            Edit::Inserted | Edit::Replaced | Edit::Adopted => {
                let mut staged = StagedFiles::default();
                staged.add(&self.path, applied.text.as_bytes())?;
                Some(staged)
            }
        };
        Ok(Prepared { target: self, before, staged, warnings: applied.warnings })
    }
}

impl Prepared<'_> {
    /// Puts the entry into its place; the file as the manifest names it, where it was written.
    ///
    /// # Errors
    /// Somebody wrote to the file in the meantime, or it cannot be replaced.
    pub(super) fn finish(self) -> Result<Option<String>, Diagnostic> {
        let Some(staged) = self.staged else { return Ok(None) };
        let Target { path, name, .. } = self.target;
        // Somebody may be editing: what was read must still be there.
        if read_text(path, name)? != self.before {
            return Err(Diagnostic::error(Code::ChangedWhileRead, format!("`{name}` is being edited"))
                .in_file(name)
                .help("run relgate again once it is saved"));
        }
        staged.commit()?;
        Ok(Some(name.clone()))
    }
}
