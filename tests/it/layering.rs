//! The architecture of `src/lib.rs`, enforced: imports point up, printing and files stay at the edge.

use std::collections::{BTreeMap, BTreeSet};
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

/// A file by the path of its module: `src/a/b.rs` and `src/a/b/mod.rs` are `["a", "b"]`.
type ModulePath = Vec<String>;

fn module_path(path: &Path) -> ModulePath {
    let path = path.strip_prefix("src").unwrap().with_extension("");
    let mut parts: Vec<String> =
        path.components().map(|part| part.as_os_str().to_str().unwrap().to_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The code of a file that is not only there for its tests.
fn tested_code(path: &Path) -> String {
    let code = code(path);
    code.split("#[cfg(test)]\nmod ").next().unwrap().replace("pub(in crate::", "pub(in ")
}

/// The paths of a `use` tree: `a::{b, c::{d}}` is `a::b` and `a::c::d`.
fn paths_of(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, list)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let (mut found, mut level, mut one) = (Vec::new(), 0, String::new());
    for letter in list.trim_end().trim_end_matches('}').chars().chain([',']) {
        match letter {
            ',' if level == 0 => found.push(std::mem::take(&mut one)),
            _ => {
                level += i32::from(letter == '{') - i32::from(letter == '}');
                one.push(letter);
            }
        }
    }
    let found = found.iter().filter(|one| !one.trim().is_empty());
    found.flat_map(|one| paths_of(one)).map(|rest| format!("{}{rest}", head.trim())).collect()
}

/// A path that a `use` line names, and whether the line passes it on to others.
#[derive(Debug, Clone)]
struct Use {
    path: Vec<String>,
    passed_on: bool,
}

/// What a file's `use` lines name, and its code without them.
fn uses_of(code: &str) -> (Vec<Use>, String) {
    let (mut uses, mut rest, mut inside) = (Vec::new(), String::new(), None::<(String, bool)>);
    for line in code.lines() {
        let (statement, passed_on) = match inside.take() {
            Some((begun, passed_on)) => (format!("{begun} {}", line.trim()), passed_on),
            None => {
                let words = line.trim().split_once("use ");
                match words {
                    Some((before, tree)) if before.is_empty() || before.starts_with("pub") => {
                        (tree.to_owned(), before.starts_with("pub"))
                    }
                    _ => {
                        rest.push_str(line);
                        rest.push('\n');
                        continue;
                    }
                }
            }
        };
        match statement.trim().strip_suffix(';') {
            Some(tree) => {
                uses.extend(
                    paths_of(tree)
                        .iter()
                        .map(|path| Use { path: path.split("::").map(str::to_owned).collect(), passed_on }),
                );
            }
            None => inside = Some((statement, passed_on)),
        }
    }
    (uses, rest)
}

/// The paths with `::` in code.
fn inline_paths(code: &str) -> Vec<Vec<String>> {
    let word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    code.split(|letter| !word(letter))
        .map(|path| path.trim_matches(':'))
        .filter(|path| path.contains("::"))
        .map(|path| path.split("::").map(str::to_owned).collect())
        .collect()
}

/// Whether a name stands in code as a word of its own.
fn names(code: &str, name: &str) -> bool {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name)
}

/// Every file with what its `use` lines bring into it.
struct Files(BTreeMap<ModulePath, Vec<Vec<String>>>);

impl Files {
    /// The file that holds what a path means in `own`: through what that file brings in, too.
    fn holding(&self, own: &[String], path: &[String], depth: usize) -> Option<ModulePath> {
        let mut base = own.to_vec();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => (base, rest) = (Vec::new(), &rest[1..]),
            "super" | "self" => {
                while let Some("super" | "self") = rest.first().map(String::as_str) {
                    if rest[0] == "super" {
                        base.pop();
                    }
                    rest = &rest[1..];
                }
            }
            first => {
                let child = [own, &[first.to_owned()]].concat();
                self.0.get(&child)?;
            }
        }
        while let Some(next) = rest.first() {
            let child = [base.as_slice(), std::slice::from_ref(next)].concat();
            if !self.0.contains_key(&child) {
                break;
            }
            (base, rest) = (child, &rest[1..]);
        }
        let own = self.0.get(&base)?;
        let brought = rest.first().and_then(|name| own.iter().find(|path| path.last() == Some(name)));
        let through = brought.filter(|_| depth < 5).and_then(|path| self.holding(&base, path, depth + 1));
        through.or(Some(base))
    }
}

/// Groups of files of one module of which each imports, directly or not, every other.
fn circles() -> Vec<Vec<ModulePath>> {
    let sources: Vec<PathBuf> = all_sources().into_iter().filter(|path| module_of(path).is_some()).collect();
    let code: BTreeMap<ModulePath, String> =
        sources.iter().map(|path| (module_path(path), tested_code(path))).collect();
    let files = Files(
        code.iter()
            .map(|(path, code)| (path.clone(), uses_of(code).0.into_iter().map(|one| one.path).collect()))
            .collect(),
    );
    let mut edges: BTreeMap<&ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
    for (own, code) in &code {
        let (uses, rest) = uses_of(code);
        // What a file only passes on is no step of its story.
        let used = |one: &Use| !one.passed_on || one.path.last().is_some_and(|name| names(&rest, name));
        let uses: Vec<Vec<String>> = uses.into_iter().filter(used).map(|one| one.path).collect();
        let all = uses.into_iter().chain(inline_paths(&rest));
        let inside = all.filter_map(|path| files.holding(own, &path, 0));
        edges.insert(own, inside.filter(|other| other != own && other[0] == own[0]).collect());
    }
    let reached = |from: &ModulePath| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(one) = next.pop() {
            next.extend(edges[one].iter().filter(|other| seen.insert((*other).clone())));
        }
        seen
    };
    let reached: BTreeMap<&ModulePath, BTreeSet<ModulePath>> =
        edges.keys().map(|own| (*own, reached(own))).collect();
    let mut groups: BTreeSet<Vec<ModulePath>> = BTreeSet::new();
    for (own, others) in &reached {
        let group: Vec<ModulePath> =
            others.iter().filter(|other| reached[*other].contains(*own)).cloned().collect();
        if group.len() > 1 {
            groups.insert(group);
        }
    }
    groups.into_iter().collect()
}

#[test]
fn no_files_of_a_module_import_each_other_in_a_circle() {
    let circles = circles();
    let told =
        |group: &Vec<ModulePath>| group.iter().map(|path| path.join("::")).collect::<Vec<_>>().join(", ");
    let circular: Vec<String> = circles.iter().map(told).collect();
    assert!(circular.is_empty(), "these files import each other: {circular:#?}");
}

/// The paths that the search for circles has to see.
#[test]
fn imports_are_seen_in_every_spelling() {
    assert_eq!(paths_of("a::{b, c::{d, e as f}, self}"), ["a::b", "a::c::d", "a::c::e", "a::self"]);
    let (uses, rest) =
        uses_of("use a::b;\npub(super) use c::{\n    d,\n    e,\n};\nfn x() { super::y::z() }");
    let joined = |paths: Vec<Vec<String>>| paths.iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(uses.iter().map(|one| one.passed_on).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(joined(uses.into_iter().map(|one| one.path).collect()), ["a::b", "c::d", "c::e"]);
    assert!(names("fn x(y: Thing) {}", "Thing") && !names("fn x(y: Things) {}", "Thing"));
    assert_eq!(joined(inline_paths(&rest)), ["super::y::z"]);
    let files = Files(
        [(vec!["m"], vec!["n::Thing"]), (vec!["m", "n"], vec![]), (vec!["m", "o"], vec![])]
            .into_iter()
            .map(|(path, uses): (Vec<&str>, Vec<&str>)| {
                let owned = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
                (path.iter().map(|part| (*part).to_owned()).collect(), uses.into_iter().map(owned).collect())
            })
            .collect(),
    );
    let holding = |own: &str, path: &str| {
        let split = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
        files.holding(&split(own), &split(path), 0).map(|found| found.join("::"))
    };
    assert_eq!(holding("m::o", "super::Thing").as_deref(), Some("m::n"), "where a module passes it on");
    assert_eq!(holding("m::o", "super::Own").as_deref(), Some("m"));
    assert_eq!(holding("m", "n::Thing").as_deref(), Some("m::n"));
    assert_eq!(holding("m::o", "crate::m::n::Thing").as_deref(), Some("m::n"));
    assert_eq!(holding("m::o", "std::mem"), None);
}
