//! `SHA256SUMS` as `sha256sum` writes it, with `*` for binary or in the BSD form of `--tag`.

use super::{Checked, Known, absent, mismatch, parent, unreadable};
use crate::artifact::tree::resolve;
use crate::diagnostic::Span;

pub(super) fn check(known: &Known<'_>, path: &str, text: &str, span: Span) -> Checked {
    let mut findings = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((hex, name)) = entry(line) else {
            let why = format!("line {} is not of the form `<64 digits>  <path>`", i + 1);
            return Err(vec![unreadable(path, &why, span)]);
        };
        // Lists often name files outside the release.
        let Ok(target) = resolve(parent(path), name) else { continue };
        match known.files.get(&target) {
            Some(file) if file.digest.hex() == hex => {}
            Some(file) => findings.push(
                mismatch(&target, path, "sha256", &hex, file.digest.hex(), span)
                    .help("take the file again from where the list came from, or write the list anew"),
            ),
            None if known.covers(&target) => {
                findings.push(absent(&target, path, span).help("download it, or write the list anew"));
            }
            None => {}
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Digest (in lower case) and path of a line.
fn entry(line: &str) -> Option<(String, &str)> {
    let (hex, name) = if let Some(rest) = line.strip_prefix("SHA256 (") {
        let (name, hex) = rest.rsplit_once(") = ")?;
        (hex, name)
    } else {
        let (hex, rest) = line.split_at_checked(64)?;
        (hex, rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *"))?)
    };
    let valid = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && !name.is_empty();
    valid.then(|| (hex.to_lowercase(), name))
}
