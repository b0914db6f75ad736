//! What a manifest may declare and this relgate does not apply yet: an error, never a silent pass.

use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::manifest::Manifest;

/// Everything in the manifest that would be judged differently if it were applied.
pub(super) fn check(manifest: &Manifest) -> Diagnostics {
    let mut findings = Diagnostics::new();
    let mut refuse = |span: Span, what: &str| {
        findings.push(
            Diagnostic::error(
                "not-applied-yet",
                format!("{what} is read, but not applied yet by this relgate"),
            )
            .at(span, "this would be judged wrongly, so it is not judged")
            .help("remove it, or use a relgate that applies it"),
        );
    };
    if let Some(anchor) = &manifest.anchor {
        refuse(anchor.span, "`anchor`");
    }
    findings
}
