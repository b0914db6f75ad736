//! The committed examples end as they say.

use std::fs;
use std::path::Path;

use crate::check::support::{Checked, relgate};

/// Checks a manifest of the repository and writes nothing there.
pub(crate) fn check_in_repository(folder: &str, more: &[&str]) -> Checked {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let output =
        relgate(&folder).args(["check", "--dry-run", "--as-of", "2026-11-20"]).args(more).output().unwrap();
    Checked::new(&output, None)
}

#[test]
fn every_example_ends_as_it_says() {
    let mut seen = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(expected) = fs::read_to_string(folder.join("expected")) else { continue };
        let manifests = fs::read_to_string(folder.join("manifests")).unwrap_or_default();
        let manifests: Vec<&str> = manifests.split_whitespace().collect();
        let checked = check_in_repository(folder.to_str().unwrap(), &manifests);
        assert_eq!(
            checked.code.to_string(),
            expected.trim(),
            "{}\n{}{}",
            folder.display(),
            checked.stdout,
            checked.stderr
        );
        seen += 1;
    }
    assert!(seen >= 3, "pass, fail and inconclusive each have an example; {seen} found");
}

#[test]
fn the_release_in_the_root_passes() {
    let checked = check_in_repository(".", &[]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
}
