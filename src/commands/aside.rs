//! What a CI service reads beside the log: a file that the environment names and that other steps write as well.
#![allow(clippy::disallowed_methods, reason = "the environment is read in commands/")]

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

use super::console::{Console, tell_findings};
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::report::kinds::{Kind, SharedFile};
use crate::report::v1::Report;

/// Appends what the kind tells aside, where the environment names a file for it. One that cannot be written to is a warning: the
/// verdict does not hang on it.
pub(super) fn append(kind: &Kind, reports: &[Report], console: &mut Console<'_>) -> io::Result<()> {
    let Some(aside) = kind.shared else { return Ok(()) };
    let Some(path) = env::var_os(aside.variable).filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(());
    };
    let Err(error) = write(&aside, &path, reports) else { return Ok(()) };
    let (variable, name) = (aside.variable, path.display());
    let finding = Diagnostic::warning(
        Code::CannotWrite,
        format!("the summary could not be appended to `{name}`: {error}"),
    )
    .note(format!("`{variable}` names that file"));
    tell_findings(&finding.into(), &Sources::new(), console)
}

fn write(aside: &SharedFile, path: &PathBuf, reports: &[Report]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let about = file.metadata()?;
    let text = (aside.text)(reports);
    if about.is_file() && about.len().saturating_add(text.len() as u64) > aside.most_bytes {
        return Err(io::Error::other(format!(
            "it would grow past the {} bytes that are shown",
            aside.most_bytes
        )));
    }
    file.write_all(text.as_bytes())
}
