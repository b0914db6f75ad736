//! Files that are cut off, mangled or made to hurt: a finding or honest rows, and never a panic.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use relgate::evidence::Format;

use super::{format_of, read_bytes, reference};

/// The real files, and whose each is. Where there is none, it is a plain table or a text that no reader takes.
fn files() -> Vec<(PathBuf, Option<Format>)> {
    let mut found = Vec::new();
    for root in [reference("."), Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tools"))] {
        walk(&root.unwrap_or_default(), &mut found);
    }
    found.sort();
    found.into_iter().map(|path| (path.clone(), format_of(&path))).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            walk(&path, found);
        } else if !["md", "sh", "py", "ts", "js", "yaml", "png"].iter().any(|end| name.ends_with(end)) {
            found.push(path);
        }
    }
}

/// Whether a part of a file's beginning may be a whole file: rows that follow one another have no end of their own.
fn may_end_anywhere(path: &Path, bytes: &[u8]) -> bool {
    let name = path.to_string_lossy();
    name.contains("jsonl")
        || name.contains("console")
        || !(matches!(bytes.first(), Some(b'{' | b'[' | b'<')) || bytes.starts_with(b"PK"))
}

#[test]
fn what_is_cut_off_is_an_error() {
    let mut tried = 0;
    for (path, format) in files() {
        let bytes = fs::read(&path).unwrap();
        if format.is_none_or(|format| !format.is_foreign()) || may_end_anywhere(&path, &bytes) {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let end = bytes.trim_ascii_end().len();
        for part in [end / 7, end / 3, end / 2, end * 9 / 10, end - 1] {
            let read = read_bytes(&name, &bytes[..part]);
            assert!(
                read.is_err(),
                "{}: the first {part} of {end} bytes pass for a whole file",
                path.display()
            );
            tried += 1;
        }
    }
    assert!(tried > 50 || reference(".").is_none(), "only {tried} were tried");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mangled_files_are_answered(seed in any::<u64>(), cut in 0.0..1.0_f64, words in prop::collection::vec(0..WORDS.len(), 1..6)) {
        let mut state = seed | 1;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below.max(1) as u64) as usize
        };
        for (path, _) in files() {
            let mut bytes = fs::read(&path).unwrap();
            if bytes.is_empty() || bytes.len() > 100_000 {
                continue;
            }
            for word in &words {
                let at = random(bytes.len());
                let behind = (at + random(12)).min(bytes.len());
                bytes.splice(at..behind, WORDS[*word].iter().copied());
            }
            if seed % 3 == 0 {
                bytes.truncate((bytes.len() as f64 * cut) as usize);
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // An answer is enough: what a random change means is not known.
            let _ = read_bytes(&name, &bytes);
        }
    }
}

/// What is written over parts of files.
const WORDS: [&[u8]; 14] = [
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"null",
    b"\"",
    b"{",
    b"]",
    b",",
    b"\x1b[31m",
    b"\xff\xfe",
    "\u{202e}".as_bytes(),
    b"-1",
    b"\\ud800",
    b"99999999999999999999",
];
