//! `OUT/bundle/`: all that a later release needs of this one as its baseline, without its evidence.

use crate::artifact::digest_bytes;
use crate::diagnostic::Diagnostic;
use crate::judge::Entry;
use crate::release::Release;
use crate::release::bundle::{Draft, EVIDENCE, INDEX};

/// The files of a bundle by their path in it; `text` is the manifest as it stands on the disk.
///
/// # Errors
/// Aggregates that cannot be copied, an artifact that changed since it was hashed; a bundle never lacks anything in silence.
pub(super) fn files(
    release: &Release,
    text: &str,
    entries: &[Entry],
) -> Result<Vec<(String, Vec<u8>)>, Diagnostic> {
    let mut draft = Draft::of(release, text)?;
    let mut results = Vec::new();
    for entry in entries {
        let name = &entry.spec.name.value;
        draft.judged(name, &entry.sha256);
        if let Some(table) = &entry.table {
            results.push((format!("{EVIDENCE}/{name}.jsonl"), table.export().into_bytes()));
            continue;
        }
        for (i, (ending, bytes)) in entry.opened.copies()?.into_iter().enumerate() {
            results.push((format!("{EVIDENCE}/{name}.{i}.{ending}"), bytes));
        }
    }
    let mut files: Vec<(String, Vec<u8>)> =
        std::mem::take(&mut draft.files).into_iter().map(|copy| (copy.path, copy.bytes)).collect();
    for (path, bytes) in results {
        draft.results(path.clone(), &digest_bytes(&bytes));
        files.push((path, bytes));
    }
    files.push((INDEX.to_owned(), draft.index().into_bytes()));
    Ok(files)
}
