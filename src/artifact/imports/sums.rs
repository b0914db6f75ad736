//! `SHA256SUMS` as `sha256sum` writes it, with `*` for binary or in the BSD form of `--tag`.

use super::contradiction::{Checked, absent, mismatch, unreadable};
use super::known::{Known, parent};
use crate::artifact::tree::{Tree, resolve};
use crate::diagnostic::Span;

pub(super) fn check(known: &Known<'_>, path: &str, text: &str, span: Span, contents: &dyn Tree) -> Checked {
    let mut findings = Vec::new();
    for (i, line) in lines(text) {
        let Some((hex, name)) = entry(line) else {
            let why = format!("line {} is not of the form `<64 digits>  <path>`", i + 1);
            return Err(vec![unreadable(path, &why, span)]);
        };
        // Lists often name files outside the release.
        let target = resolve(parent(path), name).ok().or_else(|| contents.below_root(name));
        let Some(target) = target else { continue };
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

/// The lines that name a file, numbered from 0: without comments, without checksums of other kinds, and without what a
/// signature around them (`-----BEGIN PGP SIGNED MESSAGE-----`) or below them adds.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    let signed = text.starts_with("-----BEGIN PGP SIGNED MESSAGE-----");
    // Up to the first empty line the armour says how it was signed.
    let armour = if signed { text.lines().take_while(|line| !line.trim().is_empty()).count() } else { 0 };
    text.lines()
        .enumerate()
        .skip(armour)
        .take_while(|(_, line)| !line.starts_with("-----BEGIN "))
        .map(move |(i, line)| (i, if signed { line.strip_prefix("- ").unwrap_or(line) } else { line }))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with(['#', ';']) && !other_kind(line))
}

/// Whether a line of the form of `--tag` holds another checksum than SHA-256.
fn other_kind(line: &str) -> bool {
    let kind = line.split_once(" (").filter(|_| line.contains(") = ")).map(|(kind, _)| kind);
    kind.is_some_and(|kind| {
        kind != "SHA256" && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
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
