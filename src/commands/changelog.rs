//! Brings the entry of a release into the changelog that its manifest names.

use std::path::{Path, PathBuf};

use crate::artifact::Trouble;
use crate::changelog::{self, Edit, Entry};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::files::{Root, read_text, replace_file};

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
    pub(super) fn new(declared: &Spanned<String>, root: &Root, adopt: bool) -> Result<Self, Diagnostic> {
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

    /// Where the file stands.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the entry; a file that already says the same is not touched.
    pub(super) fn write(&self, entry: &Entry) -> Result<Written, Diagnostic> {
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
