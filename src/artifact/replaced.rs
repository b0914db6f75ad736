//! Results that somebody names in the place of those that a release declares itself.

use super::source::{ResultsFile, digest_files};
use super::tree::Tree;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::Manifest;

/// The own results of a release, in whose place others are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Their file, or the first of several, as messages name it.
    pub own: String,
    /// Why nobody can tell whether the others are the same; none where they have other bytes.
    pub untold: Option<String>,
}

impl Replaced {
    /// Which results are not read, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.untold {
            None => format!("instead of its own in {}, which have other bytes", self.own),
            Some(why) => format!("instead of its own in {}, which cannot be compared: {why}", self.own),
        }
    }
}

/// The results that a release (`tree` and `manifest`) has itself for the evidence entry `name`, where `named` are others;
/// none where they are the same bytes, and where its own are not there.
#[must_use]
pub fn replaced(
    tree: &dyn Tree,
    manifest: &Manifest,
    name: &str,
    named: Result<&[&ResultsFile], &Diagnostic>,
) -> Option<Replaced> {
    let entry = manifest.evidence.iter().find(|entry| entry.name.value == name)?;
    let untold = |own: &str, why: &str| Some(Replaced { own: own.to_owned(), untold: Some(why.to_owned()) });
    // A bundle keeps the digest of what its numbers were made of.
    let kept = match tree.remembered(manifest) {
        Ok(kept) => kept,
        Err(found) => return untold(&tree.source(), &first(&found)),
    };
    if let Some(kept) = kept {
        let own = kept.results.get(name)?;
        return match named.map(digest_files) {
            Ok(Ok(digest)) if digest.hex() == own => None,
            Ok(Ok(_)) => Some(Replaced { own: tree.source(), untold: None }),
            Ok(Err(found)) => untold(&tree.source(), &found.title),
            Err(found) => untold(&tree.source(), &found.title),
        };
    }
    let own = match tree.expand(name, &entry.path) {
        Ok(own) => own,
        Err(found) if found.nature.is_absence() => return None,
        Err(found) => return untold(&tree.name(&entry.path.value), &found.title),
    };
    let own: Vec<&ResultsFile> = own.iter().collect();
    let file = own.first()?.source.name();
    match named.map(|named| same(&own, named)) {
        Ok(Ok(true)) => None,
        Ok(Ok(false)) => Some(Replaced { own: file.to_owned(), untold: None }),
        Ok(Err(found)) => untold(file, &found.title),
        Err(found) => untold(file, &found.title),
    }
}

fn first(found: &Diagnostics) -> String {
    found.iter().next().map(|first| first.title.clone()).unwrap_or_default()
}

/// Whether two entries have the same bytes; files of other lengths are not hashed.
fn same(own: &[&ResultsFile], named: &[&ResultsFile]) -> Result<bool, Diagnostic> {
    let place = |file: &&ResultsFile| file.source.path().map(std::path::Path::to_path_buf);
    let places = |files: &[&ResultsFile]| files.iter().map(place).collect::<Option<Vec<_>>>();
    let lengths =
        |files: &[&ResultsFile]| -> Vec<u64> { files.iter().map(|file| file.source.len()).collect() };
    if places(own).is_some_and(|own| places(named) == Some(own)) {
        return Ok(true);
    }
    Ok(lengths(own) == lengths(named) && digest_files(own)? == digest_files(named)?)
}
