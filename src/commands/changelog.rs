//! Brings the entry of a release into the changelog that its manifest names.

use std::path::{Path, PathBuf};

use crate::artifact::Trouble;
use crate::changelog::{self, ChangelogEntry, Edit};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::files::{Worktree, read_text, replace_file};

/// Where the entry goes.
pub(super) struct Target {
    path: PathBuf,
    name: String,
    adopt: bool,
}

/// What was done to the file.
pub(super) struct Written {
    /// The file as the manifest names it, if it was written.
    pub(super) name: Option<String>,
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

    /// Writes the entry; a file that already says the same is not touched.
    pub(super) fn write(&self, entry: &ChangelogEntry) -> Result<Written, Diagnostic> {
        let before = read_text(&self.path, &self.name)?;
        let applied = changelog::apply(&self.name, before.as_deref(), entry, self.adopt)?;
        let name = match applied.change {
            Edit::Unchanged | Edit::LeftAlone => None,
            Edit::Inserted | Edit::Replaced | Edit::Adopted => {
                // Somebody may be editing: what was read must still be there.
                if read_text(&self.path, &self.name)? != before {
                    return Err(Diagnostic::error(
                        Code::ChangedWhileRead,
                        format!("`{}` is being edited", self.name),
                    )
                    .in_file(&self.name)
                    .help("run relgate again once it is saved"));
                }
                replace_file(&self.path, applied.text.as_bytes())?;
                Some(self.name.clone())
            }
        };
        Ok(Written { name, warnings: applied.warnings })
    }
}
