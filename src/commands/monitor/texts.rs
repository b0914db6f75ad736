//! Texts of artifacts that responses are held against.

use crate::artifact::{Standing, Tree, decode, join, read_all};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Artifact, ArtifactKind, Manifest};

/// A larger file is no prompt and no list of words.
const MOST: u64 = 4 << 20;

/// A file of an artifact.
pub(super) struct ArtifactText {
    /// As messages name it.
    pub(super) name: String,
    /// Below the root.
    pub(super) path: String,
    pub(super) text: String,
}

/// The texts of all artifacts of a kind that stand in the repository, in the order of the manifest.
///
/// # Errors
/// A file that is missing, too large or not UTF-8: what cannot be read cannot be looked for.
pub(super) fn of(
    manifest: &Manifest,
    kind: ArtifactKind,
    tree: &dyn Tree,
) -> Result<Vec<ArtifactText>, Diagnostic> {
    let mut texts = Vec::new();
    for artifact in manifest.artifacts.iter().filter(|artifact| artifact.kind == kind) {
        texts.extend(files(artifact, tree)?);
    }
    Ok(texts)
}

fn files(artifact: &Artifact, tree: &dyn Tree) -> Result<Vec<ArtifactText>, Diagnostic> {
    let Some(declared) = &artifact.path else { return Ok(Vec::new()) };
    let found = tree.look(&declared.value).map_err(|trouble| trouble.at(&declared.value, declared.span))?;
    let paths = match found.node {
        Standing::File { .. } => vec![found.path],
        Standing::Folder => {
            let listed =
                tree.list(&found.path).map_err(|trouble| trouble.at(&declared.value, declared.span))?;
            listed.files.iter().map(|file| join(&found.path, &file.path)).collect()
        }
    };
    paths.iter().map(|path| text(path, tree)).collect()
}

fn text(path: &str, tree: &dyn Tree) -> Result<ArtifactText, Diagnostic> {
    let name = tree.name(path);
    let bytes = read_all(tree, path, MOST).map_err(|trouble| trouble.finding(&name))?;
    let Some(bytes) = bytes else {
        return Err(Diagnostic::error(
            Code::SignalSpec,
            format!("`{name}` is too large to be looked for in responses"),
        )
        .note(format!("it has more than {} MiB", MOST >> 20)));
    };
    let text = decode(&name, &bytes)?.text;
    Ok(ArtifactText { name, path: path.to_owned(), text })
}
