//! Every story of `relgate check` a second time, by parts: `RELGATE_TEST_PARTS=1` makes numbers of the results with
//! `relgate summarize`, judges those, and compares the two reports byte by byte.

use std::fs;

use relgate::diagnostic::Sources;
use relgate::files::Worktree;
use relgate::release::{self, SharedPolicy};

use super::support::{Checked, Project};

impl Project {
    /// Judges the parts of the results of a story that was judged, and holds that it ends alike.
    pub(super) fn held_by_parts(&self, whole: &Checked) {
        let (as_of, args) = self.typed();
        let plain = args.chunks(2).all(|pair| matches!(pair[0].as_str(), "--baseline" | "--anchor"));
        let asked = std::env::var_os("RELGATE_TEST_PARTS").is_some_and(|value| !value.is_empty());
        let (true, true, false, Some(report)) = (asked, plain, whole.stdout.is_empty(), &whole.json) else {
            return;
        };
        let root = Worktree::find(&self.path("release.yaml"), None).unwrap();
        let Ok(declared) = release::declare(&root, SharedPolicy::Whole, &mut Sources::new()) else { return };
        let told: serde_json::Value = serde_json::from_str(report).unwrap();
        let rows = |name: &str| {
            told["evidence"].as_array().unwrap().iter().any(|one| one["name"] == name && one["rows"].is_u64())
        };
        let mut evidence = Vec::new();
        for entry in declared.manifest.evidence.iter().filter(|entry| rows(&entry.name.value)) {
            let (name, part) = (&entry.name.value, format!("{}.part.jsonl.gz", entry.name.value));
            let output = self
                .relgate()
                .args(["summarize", "--evidence", name, &entry.path.value, "-o", &part])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if said.contains("no gate of the release is about") {
                continue;
            }
            if said.contains("numbers-") || said.contains("no-samples") {
                println!("NOT BY PARTS: {said}");
                return;
            }
            assert!(output.status.success(), "{said}");
            evidence.extend(["--evidence".to_owned(), format!("{name}={part}")]);
        }
        let output = self
            .relgate()
            .args(["check", "--as-of", as_of, "--no-changelog", "--out", "by-parts"])
            .args(args)
            .args(&evidence)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let again = fs::read_to_string(self.path("by-parts/report.json")).unwrap_or_default();
        if again != *report {
            let (mut one, mut other) = (report.lines(), again.lines());
            let at = one.by_ref().zip(other.by_ref()).find(|(a, b)| a != b);
            panic!("by parts: {} instead of {}\n{at:?}\n{said}", output.status, whole.code);
        }
        fs::remove_dir_all(self.path("by-parts")).unwrap();
        for entry in &declared.manifest.evidence {
            let _ = fs::remove_file(self.path(&format!("{}.part.jsonl.gz", entry.name.value)));
        }
    }
}
