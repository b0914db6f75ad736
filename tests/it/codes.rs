//! The catalogue of finding codes: every code is raised somewhere, says what it means, and stands in docs/codes.md.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use relgate::diagnostic::Code;

const PAGE: &str = "docs/codes.md";

/// The page as the enum has it.
fn page() -> String {
    let mut text = "# Finding codes\n\nEvery error and warning of relgate has a code: in brackets on the terminal, as `code` in \
                    `report.json`.\nThis page is made of the list in `src/diagnostic/code.rs`.\n\n| code | what happened, and what to do | example | instead |\n|---|---|---|---|\n"
        .to_owned();
    for code in Code::ALL {
        let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;");
        let (cause, cure) = code.example().map_or(("", ""), |example| (example.cause, example.cure));
        let _ = writeln!(text, "| `{code}` | {} | {} | {} |", cell(code.doc()), cell(cause), cell(cure));
    }
    text
}

#[test]
fn the_page_of_codes_is_the_list_of_codes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if crate::project::blesses() {
        fs::write(&path, page()).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(written == page(), "{PAGE} is stale: RELGATE_BLESS=1 cargo test --test it codes");
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains(&format!("]({PAGE})")), "README.md does not lead to {PAGE}");
}

#[test]
fn every_code_stands_in_its_place_and_says_what_happened() {
    let words: Vec<&str> = Code::ALL.iter().map(|code| code.word()).collect();
    let sorted: BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(words, sorted.iter().copied().collect::<Vec<_>>(), "in the order of the alphabet, once each");
    let docs: BTreeSet<&str> = Code::ALL.iter().map(|code| code.doc()).collect();
    assert_eq!(docs.len(), Code::ALL.len(), "two codes say the same");
    for code in Code::ALL {
        let doc = code.doc();
        assert!(
            doc.ends_with('.') && doc.len() > 30 && !doc.contains("TODO") && !doc.contains("  "),
            "{code}: {doc}"
        );
        assert!(
            code.word().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{code}"
        );
    }
}

#[test]
fn every_code_has_an_example_and_a_cure() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnostic/examples.txt"))
        .unwrap();
    let listed: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split(" | ").next().unwrap())
        .collect();
    assert_eq!(
        listed,
        Code::ALL.iter().map(|code| code.word()).collect::<Vec<_>>(),
        "one line for every code, in its place"
    );
    for code in Code::ALL {
        let example = code.example().unwrap_or_else(|| panic!("{code} has no example"));
        assert!(
            example.cause.len() > 5 && example.cure.len() > 4 && example.cause != example.cure,
            "{code}: {example:?}"
        );
        assert_eq!(Code::from_word(code.word()), Some(*code));
    }
    assert_eq!(Code::from_word("no-such-code"), None);
}

#[test]
fn every_code_is_raised() {
    fn sources(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, text);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("diagnostic/code.rs")
            {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let unused: Vec<&Code> = Code::ALL
        .iter()
        .filter(|code| {
            let name = format!("Code::{code:?}");
            !text.match_indices(&name).any(|(at, _)| {
                !text[at + name.len()..].starts_with(|next: char| next.is_ascii_alphanumeric())
            })
        })
        .collect();
    assert_eq!(unused, Vec::<&Code>::new(), "raised nowhere");
}
