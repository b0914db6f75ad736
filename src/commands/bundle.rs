//! `OUT/bundle/`: all that a later release needs of this one as its baseline, without its evidence.

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::files::{Made, Output};
use crate::judge::Entry;
use crate::release::Release;
use crate::release::bundle::{Draft, EVIDENCE, FOLDERS, INDEX};
use crate::verdict::Decision;

/// Where a bundle stands in the output folder.
pub(super) const FOLDER: &str = "bundle";

/// The index of a bundle, by its place in the output folder.
pub(super) fn index() -> String {
    format!("{FOLDER}/{INDEX}")
}

/// Adds the bundle of a release to a set; `text` is its manifest as it stands on the disk.
///
/// # Errors
/// Aggregates that cannot be copied, an artifact that changed since it was hashed; a bundle never lacks anything in silence.
/// What cannot be written.
pub(super) fn add(
    output: &mut Output,
    release: &Release,
    text: &str,
    entries: &[Entry],
    decision: Decision,
) -> Result<(), Diagnostic> {
    for own in FOLDERS {
        output.own(&in_bundle(own))?;
    }
    let mut draft = Draft::of(release, text, decision.word())?;
    for copy in std::mem::take(&mut draft.files) {
        output.add(&format!("{FOLDER}/{}", copy.path), &copy.bytes)?;
    }
    for entry in entries {
        let name = &entry.spec.name.value;
        draft.judged(name, &entry.digest()?);
        if let Some(table) = &entry.table {
            let path = format!("{EVIDENCE}/{name}.jsonl");
            let digest = output.add_written(&in_bundle(&path), &mut |out| table.write_numbers(out))?;
            draft.results(path, &digest);
            continue;
        }
        for (i, (ending, bytes)) in entry.opened.copies()?.into_iter().enumerate() {
            let path = format!("{EVIDENCE}/{name}.{i}.{ending}");
            let digest = output.add_written(&in_bundle(&path), &mut |out| out.write_all(&bytes))?;
            draft.results(path, &digest);
        }
    }
    output.add(&index(), draft.index().as_bytes())
}

fn in_bundle(path: &str) -> String {
    format!("{FOLDER}/{path}")
}

/// A file in the bundle's folder that no run made: all of it is the bundle's, also what a reader would find by its name.
pub(super) fn foreign(made: &Made) -> Option<PathBuf> {
    if made.has(&index()) {
        return FOLDERS.iter().find_map(|own| made.foreign_below(&in_bundle(own)));
    }
    made.foreign_below(FOLDER)
}

/// Leaves the bundle as one among the paths of a set.
pub(super) fn as_one(mut written: Vec<PathBuf>, folder: PathBuf) -> Vec<PathBuf> {
    written.retain(|path| !path.starts_with(&folder));
    written.push(folder);
    written
}
