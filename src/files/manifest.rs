//! Reads a manifest: a small UTF-8 text, or a finding that says what stands there instead.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::shown::special;
use crate::artifact::{Text, decode, join, reason};
use crate::diagnostic::{Code, Diagnostic, Nature};
use crate::manifest::tree;

/// Reads the manifest at `path`; messages name it `name`.
///
/// # Errors
/// It is missing, a folder, not a regular file, unreadable, too large or not UTF-8.
pub fn read_manifest(path: &Path, name: &str) -> Result<Text, Diagnostic> {
    let about = fs::metadata(path).map_err(|error| unreadable(name, &error))?;
    if about.is_dir() {
        let mut finding =
            Diagnostic::error(Code::ManifestIsFolder, format!("`{name}` is a folder, not a manifest"))
                .in_file(name);
        if path.join("release.yaml").is_file() {
            finding = finding.help(format!("did you mean `{}/release.yaml`?", name.trim_end_matches('/')));
        }
        return Err(finding.help("give the file itself, such as `path/to/release.yaml`"));
    }
    if !about.is_file() {
        let kind = special(about.file_type());
        return Err(Diagnostic::error(Code::ManifestNotFile, format!("`{name}` is {kind}, not a file"))
            .in_file(name)
            .help("a manifest is read twice and named in reports: write it to a file first"));
    }
    let length = usize::try_from(about.len()).unwrap_or(usize::MAX);
    if length > tree::MAX_BYTES {
        return Err(tree::too_large(name, length));
    }
    let mut bytes = Vec::with_capacity(length);
    // A file that grows while it is read is not read for ever.
    File::open(path)
        .and_then(|file| file.take(tree::MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(name, &error))?;
    if bytes.len() > tree::MAX_BYTES {
        return Err(tree::too_large(name, bytes.len()));
    }
    decode(name, &bytes)
}

/// Manifests that stand where one was looked for, as it was named.
fn near(name: &str) -> Vec<String> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let place = if folder.is_empty() { Path::new(".") } else { Path::new(folder) };
    let mut found: Vec<String> = fs::read_dir(place)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|file| [".yaml", ".yml"].iter().any(|ending| file.ends_with(ending)))
        .map(|file| join(folder, &file))
        .collect();
    found.sort();
    found
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
        let beside = near(name);
        return Diagnostic::error(Code::NoManifest, format!("there is no manifest `{name}`"))
            .nature(Nature::Absent)
            .in_file(name)
            .suggest(name, beside.iter().map(String::as_str))
            .help("name the file, such as `path/to/release.yaml`");
    }
    Diagnostic::error(Code::ManifestUnreadable, format!("`{name}` cannot be read: {}", reason(error)))
        .in_file(name)
        .help("make it readable for the user who runs relgate")
}
