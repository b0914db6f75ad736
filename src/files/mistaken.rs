//! Folders that somebody took for a release or for a bundle, and what they are instead.
//!
//! Read as a plain release, the rest of a bundle would be compared without its pairs and without a check of its bytes.

use std::path::Path;

use super::names_in;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Manifest;
use crate::release::bundle::{EVIDENCE, INDEX, MANIFEST};

/// What a path is that is neither a release nor a bundle although it stands beside one; none where nothing tells.
pub(super) fn beside(path: &Path) -> Option<Diagnostic> {
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    if path.is_dir() {
        let bundle = path.join("bundle");
        if path.join(MANIFEST).is_file() || !bundle.join(INDEX).is_file() {
            return None;
        }
        return Some(
            Diagnostic::error(
                Code::ReportFolder,
                format!("`{}` is the report folder of a check, not a release", shown(path)),
            )
            .in_file(shown(path))
            .help(format!("name the bundle in it: `{}`", shown(&bundle))),
        );
    }
    let folder = path.parent().filter(|folder| folder.join(INDEX).is_file() && path.is_file())?;
    Some(
        Diagnostic::error(Code::FileInBundle, format!("`{}` is one file of a bundle", shown(path)))
            .in_file(shown(path))
            .note("on its own it has neither the digests nor the results of its release")
            .help(format!("name the bundle: `{}`", shown(folder))),
    )
}

/// A folder without an index that has what a bundle has besides: for every evidence entry of its manifest a file under
/// the name that only a bundle gives it, while what the manifest names is somewhere else.
pub(super) fn headless(folder: &Path, manifest: &Manifest) -> Option<Diagnostic> {
    if folder.join(INDEX).is_file() || manifest.evidence.is_empty() {
        return None;
    }
    // What cannot be listed is no sign; its files are opened by name later, with an error of their own.
    let names = names_in(&folder.join(EVIDENCE)).unwrap_or_default();
    let kept = |name: &str| {
        names.iter().any(|file| {
            let rest = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            rest.is_some_and(|rest| rest == "jsonl" || rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    let elsewhere = manifest.evidence.iter().any(|entry| !folder.join(&entry.path.value).exists());
    if !elsewhere || !manifest.evidence.iter().all(|entry| kept(&entry.name.value)) {
        return None;
    }
    let index = folder.join(INDEX).to_string_lossy().into_owned();
    Some(
        damaged(index, &format!("`{INDEX}` is missing"))
            .note(format!(
                "the folder has a `{MANIFEST}` and the results of every evidence entry, as a bundle has them"
            ))
            .note("without its index nobody can tell whether they are what relgate wrote"),
    )
}

/// A bundle that relgate did not leave as it is; `file` is the one that shows it.
pub(super) fn damaged(file: String, why: &str) -> Diagnostic {
    Diagnostic::error(Code::BundleDamaged, format!("this bundle is not as relgate wrote it: {why}"))
        .in_file(file)
        .help("take the bundle again from the run that made it; it is not meant to be edited")
}

/// Results in the place of the release, called `what`, that they belong to.
pub(super) fn results(path: &Path, what: &str) -> Option<Diagnostic> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    if !path.is_file() || !matches!(ending.as_str(), "jsonl" | "ndjson" | "csv" | "gz" | "zst") {
        return None;
    }
    let text = format!("the {what} `{}` is a file of results, not a release", path.to_string_lossy());
    Some(
        Diagnostic::error(Code::BaselineIsResults, text)
            .in_file(path.to_string_lossy())
            .help("name the manifest of the release, its folder, a bundle, or `git:REV`")
            .help(
                "results of the baseline that stand elsewhere are named with `--baseline-evidence NAME=PATH`",
            ),
    )
}
