//! `docs/formats.md` says of every format what its reader's own source says; `RELGATE_BLESS=1` writes it anew.

use std::fmt::Write as _;
use std::fs;

use relgate::evidence::Format;

/// The text of comments that start with `mark`, paragraphs kept.
fn comments(source: &str, mark: &str) -> String {
    let lines = source.lines().map(str::trim).filter_map(|line| line.strip_prefix(mark));
    lines.map(str::trim).collect::<Vec<_>>().join("\n")
}

/// The variants of `Format` with their words and what is said of them, in the order in which files are recognised.
fn words() -> Vec<(String, String, String)> {
    let source = fs::read_to_string("src/manifest/words.rs").unwrap();
    let body = source.split("    Format {\n").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let mut found = Vec::new();
    let mut said = String::new();
    for line in body.lines().map(str::trim) {
        if line.starts_with("///") {
            said = said + " " + line.trim_start_matches('/').trim();
        } else if let Some((variant, word)) = line.split_once(" = \"") {
            found.push((variant.to_owned(), word.trim_end_matches("\",").to_owned(), said.trim().to_owned()));
            said.clear();
        }
    }
    found
}

fn page() -> String {
    let registry = fs::read_to_string("src/evidence/formats/mod.rs").unwrap();
    let mut page = String::from(
        "# Formats\n\nWhat `relgate` reads, found by content; `format: WORD` of an evidence entry says it where the content does not. \
         `relgate evidence FILE` prints what it understands of a file. Each may be packed once, as `.gz` or `.zst`.\n\n\
         Of every tool: a row that errored has no score, whatever the tool scored; rows that it counts and does not list are missing; a repeat of a \
         case is an epoch of it; a number over survivors, or without the number of samples, is unquantified.\n",
    );
    for (variant, word, said) in words() {
        let file = registry
            .split(&format!("Format::{variant} => &"))
            .nth(1)
            .and_then(|rest| rest.split("::ABOUT").next());
        let file = file.unwrap_or_else(|| panic!("{variant} has no reader"));
        let source = fs::read_to_string(format!("src/evidence/formats/{file}.rs")).unwrap();
        let _ = write!(page, "\n## {word}\n\n{said}\n\n{}\n", comments(&source, "//!").trim());
    }
    page
}

/// Those of cargo-fuzz, which finds them in its manifest.
#[test]
fn every_reader_has_a_fuzz_target() {
    let manifest = fs::read_to_string("fuzz/Cargo.toml").unwrap();
    for (variant, word, _) in words() {
        let target = fs::read_to_string(format!("fuzz/fuzz_targets/{word}.rs")).unwrap();
        assert!(target.contains(&format!("reader!({variant})")), "{word}: {target}");
        assert!(
            manifest.contains(&format!("name = \"{word}\"\npath = \"fuzz_targets/{word}.rs\"")),
            "{word}"
        );
    }
}

#[test]
fn the_page_of_formats_says_what_the_readers_say() {
    let page = page();
    if crate::project::blesses() {
        fs::write("docs/formats.md", &page).unwrap();
    }
    assert_eq!(
        fs::read_to_string("docs/formats.md").unwrap(),
        page,
        "RELGATE_BLESS=1 writes docs/formats.md anew"
    );
    for format in Format::ALL {
        assert!(page.contains(&format!("\n## {}\n", format.word())), "{format}");
    }
    for unverified in ["k6", "vllm-bench"] {
        let part = page.split(&format!("\n## {unverified}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
        assert!(part.contains("nverified"), "{unverified} was never held against a real file: {part}");
    }
}
