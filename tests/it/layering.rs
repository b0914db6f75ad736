//! The architecture of `src/lib.rs`, enforced: imports point up, printing and files stay at the edge.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Module name -> the number of its group in `src/lib.rs`.
fn groups() -> BTreeMap<String, usize> {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let mut groups = BTreeMap::new();
    let mut group = 0;
    for line in text.lines() {
        if line.trim().is_empty() {
            group += 1;
        }
        if let Some(name) = line.trim().strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
            groups.insert(name.to_owned(), group);
        }
    }
    groups
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    sources(Path::new("src"), &mut found);
    found.sort();
    assert!(found.len() > 40, "the sources were not found");
    found
}

/// The top-level module that a file belongs to; none for `lib.rs` and `main.rs`.
fn module_of(path: &Path) -> Option<String> {
    let rest = path.strip_prefix("src").unwrap();
    let first = rest.components().next().unwrap().as_os_str().to_str().unwrap();
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (name != "lib" && name != "main").then(|| name.to_owned())
}

/// The code of a file: no comments, no doc text.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// How many modules deep a file is: `src/a.rs` and `src/a/mod.rs` 1, `src/a/b.rs` 2.
fn depth(path: &Path) -> usize {
    let parts: Vec<_> = path.strip_prefix("src").unwrap().components().collect();
    if path.ends_with("mod.rs") { parts.len() - 1 } else { parts.len() }
}

/// Top-level modules named in a file, through `crate::` (also in braces) and through `super::` chains that reach the top.
fn imports(path: &Path) -> Vec<String> {
    let code = code(path);
    let mut found = Vec::new();
    let top = "super::".repeat(depth(path));
    for prefix in ["crate::", top.as_str()] {
        for (at, _) in code.match_indices(prefix) {
            let before = &code[..at];
            if prefix.starts_with("super") && before.ends_with("super::") {
                continue;
            }
            let rest = &code[at + prefix.len()..];
            if let Some(list) = rest.strip_prefix('{') {
                let mut level = 0;
                let mut name = String::new();
                for c in list.chars() {
                    match c {
                        '{' => level += 1,
                        '}' if level == 0 => break,
                        '}' => level -= 1,
                        ',' if level == 0 => found.push(std::mem::take(&mut name)),
                        _ if level == 0 => name.push(c),
                        _ => {}
                    }
                }
                found.push(name);
            } else {
                found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
    }
    found.into_iter().map(|name| name.trim().split("::").next().unwrap().trim().to_owned()).collect()
}

#[test]
fn imports_point_up() {
    let groups = groups();
    assert!(groups.len() >= 10, "{groups:?}");
    let mut checked = 0;
    for path in all_sources() {
        let Some(own) = module_of(&path) else { continue };
        let Some(own_group) = groups.get(&own) else { panic!("{} is not in lib.rs", path.display()) };
        for import in imports(&path) {
            let Some(group) = groups.get(&import) else { continue };
            checked += 1;
            assert!(
                import == own || group < own_group,
                "{} imports `{import}`, which does not stand above `{own}` in src/lib.rs",
                path.display()
            );
        }
    }
    assert!(checked > 100, "only {checked} imports were seen");
}

#[test]
fn no_module_is_a_drawer() {
    for path in all_sources() {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            !["utils", "util", "helpers", "common", "types", "imp", "manager", "misc"].contains(&stem),
            "{} says nothing about what it holds",
            path.display()
        );
    }
}

/// Clippy watches the same through `disallowed_methods`; this also sees what clippy is told to allow.
#[test]
fn files_clock_and_printing_stay_at_the_edge() {
    let edge = ["files", "commands"];
    for path in all_sources() {
        let Some(own) = module_of(&path) else { continue };
        let code = code(&path);
        let code = code.split("#[cfg(test)]").next().unwrap();
        for word in ["println!", "eprintln!", "print!(", "dbg!("] {
            assert!(!code.contains(word), "{} prints with {word}", path.display());
        }
        if edge.contains(&own.as_str()) {
            continue;
        }
        for word in ["std::fs", "SystemTime", "Instant::now", "Utc::now", "std::env::var", "process::Command"]
        {
            assert!(!code.contains(word), "{} uses {word}", path.display());
        }
    }
}
