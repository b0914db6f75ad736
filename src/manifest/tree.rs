//! The manifest as a tree, within the limits of what people write by hand.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources};
use crate::document::{Limits, yaml};
pub use crate::document::{Node, NodeKind, Scalar};

/// The largest manifest, in bytes.
pub const MAX_BYTES: usize = 1_000_000;

/// What a manifest may hold.
const LIMITS: Limits = Limits {
    called: "a manifest",
    nodes: 100_000,
    depth: 64,
    too_large: Code::ManifestTooLarge,
    bare_words: false,
};

/// Reads the text of a manifest or a policy file; none where it holds nothing.
///
/// # Errors
/// The first syntax error in YAML's own terms, or every refused construct that was met.
pub fn parse(sources: &Sources, file: FileId) -> Result<Option<Node>, Diagnostics> {
    let text = sources.text(file);
    if text.len() > MAX_BYTES {
        return Err(too_large(sources.name(file), text.len()).into());
    }
    let root = yaml(text, file, &LIMITS)?;
    Ok(root.filter(|root| !root.scalar().is_some_and(Scalar::is_null)))
}

/// The finding for a file over [`MAX_BYTES`]; also used before such a file is read at all.
#[must_use]
pub fn too_large(name: &str, bytes: usize) -> Diagnostic {
    Diagnostic::error(
        Code::ManifestTooLarge,
        format!(
            "a manifest of {} MB; at most {} MB is read",
            bytes.div_ceil(1_000_000),
            MAX_BYTES / 1_000_000
        ),
    )
    .in_file(name)
    .help("results belong into files named under `evidence:`, data and prompts under `artifacts:`")
}
