//! What makes a thing to look at the same thing in the next release: its release and rule, and neither line nor figure.

use super::issues::Issue;
use crate::artifact::digest_bytes;

/// 64 hexadecimal digits; `times` tells apart what would be the same.
pub(super) fn fingerprint(release: &str, issue: &Issue<'_>, times: usize) -> String {
    let kind = if issue.gate.is_some() { "gate" } else { "finding" };
    // No part can hold the zero byte that stands between them: names and codes are text on one line.
    let file = if issue.gate.is_some() { "" } else { issue.file.unwrap_or("") };
    let whole = [release, kind, issue.rule, file, &times.to_string()].join("\0");
    digest_bytes(whole.as_bytes()).hex().to_owned()
}
