//! Whether an anchor can show drift: an older release of the same product than the baseline.

use std::cmp::Ordering;

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::manifest::Manifest;

/// What is wrong or odd about an anchor; `at` is where it is declared.
#[must_use]
pub fn check_anchor(
    anchor: &Manifest,
    baseline: Option<&Manifest>,
    candidate: &Manifest,
    at: Option<Span>,
) -> Option<Diagnostic> {
    let place = |finding: Diagnostic| match at {
        Some(span) => finding.at(span, "the anchor"),
        None => finding,
    };
    let (name, version) = (&anchor.name.value, &anchor.version.value);
    if *name != candidate.name.value {
        let text = format!("the anchor is a release of `{name}`, not of `{}`", candidate.name.value);
        return Some(
            place(Diagnostic::error(Code::OtherRelease, text))
                .help("let `anchor` name an earlier release of the same product"),
        );
    }
    if version.cmp_precedence(&candidate.version.value) != Ordering::Less {
        let text =
            format!("the anchor is version {version}, which is not before {}", candidate.version.value);
        return Some(
            place(Diagnostic::error(Code::AnchorNotOlder, text)).help("let `anchor` name an older release"),
        );
    }
    let help = "keep the anchor at the release that later ones are held to";
    match version.cmp_precedence(&baseline?.version.value) {
        Ordering::Less => None,
        Ordering::Equal => Some(
            place(Diagnostic::warning(
                Code::AnchorIsBaseline,
                format!("anchor and baseline are both {version}, so no drift over releases shows yet"),
            ))
            .help(help),
        ),
        Ordering::Greater => Some(
            place(Diagnostic::warning(
                Code::AnchorNotOlder,
                format!("the anchor {version} is newer than the baseline {}", baseline?.version.value),
            ))
            .help(help),
        ),
    }
}
