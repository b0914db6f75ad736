//! The README says what the program does: its commands are run, its outputs and tables compared.
//!
//! `RELGATE_BLESS=1 cargo test --test it documents` writes the outputs into the README instead of comparing them.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::project::project;

/// What `relgate` prints, findings after results.
fn output_of(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_relgate"))
        .args(arguments.split_whitespace())
        .env_clear()
        .env("SOURCE_DATE_EPOCH", "1764000000")
        .output()
        .unwrap();
    format!("{}{}", String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The README with the output below every `$ relgate ...` line as it is today, and how many such lines there are.
fn refreshed(readme: &str) -> (String, usize) {
    let mut fresh = String::new();
    let mut commands = 0;
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(fresh, "{line}");
        if line != "```console" {
            continue;
        }
        let command = lines.next().unwrap();
        let arguments = command.strip_prefix("$ relgate ").expect("a console block begins with `$ relgate`");
        let _ = writeln!(fresh, "{command}\n{}\n```", output_of(arguments).trim_end());
        commands += 1;
        assert!(lines.by_ref().any(|line| line == "```"), "the block of `{command}` is not closed");
    }
    (fresh, commands)
}

#[test]
fn every_command_of_the_readme_prints_what_it_says() {
    let readme = fs::read_to_string("README.md").unwrap();
    let (fresh, commands) = refreshed(&readme);
    assert!(commands >= 2);
    if crate::project::blesses() {
        fs::write("README.md", fresh).unwrap();
        return;
    }
    for (now, then) in fresh.lines().zip(readme.lines()) {
        assert_eq!(now, then, "README.md is stale: run RELGATE_BLESS=1 cargo test --test it documents");
    }
    assert_eq!(fresh.lines().count(), readme.lines().count(), "README.md is stale");
}

#[test]
fn the_first_manifest_of_the_readme_is_the_example() {
    let readme = fs::read_to_string("README.md").unwrap();
    let block = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let named = block.lines().next().unwrap().trim_start_matches("# ").split(',').next().unwrap();
    let example = fs::read_to_string(named).unwrap();
    let mut seen = 0;
    for line in block.lines().skip(1) {
        assert!(example.lines().any(|other| other == line), "{named} has no line `{line}`");
        seen += 1;
    }
    assert!(seen >= 8);
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let readme = fs::read_to_string("README.md").unwrap();
    let help = output_of("check --help");
    for (code, word) in [(0, "pass"), (1, "fail"), (2, "error"), (3, "inconclusive")] {
        assert!(readme.contains(&format!("| {code} | {word} |")), "README: {code}");
        assert!(help.contains(&format!("{code}  {word}")), "help: {code}");
    }
}

#[test]
fn every_example_is_in_the_table_with_its_exit_code() {
    let readme = fs::read_to_string("README.md").unwrap();
    let mut seen = 0;
    for entry in fs::read_dir("examples").unwrap() {
        let folder = entry.unwrap().path();
        let Ok(expected) = fs::read_to_string(folder.join("expected")) else { continue };
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let row = readme.lines().find(|line| line.starts_with(&format!("| [`examples/{name}`]")));
        let row = row.unwrap_or_else(|| panic!("README.md has no row for examples/{name}"));
        assert!(row.ends_with(&format!("| {} |", expected.trim())), "{row}");
        seen += 1;
    }
    assert!(seen >= 3);
}

/// A release whose files a page shows: judged, though three rows decide nothing.
fn shown_release_is_judged(files: &[(String, String)]) {
    let shown = files.iter().fold(project(), |project, (name, text)| project.file(name, text));
    let shown = shown.file("prompts/system.md", "Answer in two sentences.\n");
    let checked = shown.check();
    assert_eq!(checked.code, 3, "{}\n{}", checked.stdout, checked.stderr);
    let text = checked.json.unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["decision"], "inconclusive", "{text}");
    for gate in report["gates"].as_array().unwrap() {
        assert!(gate["candidate"]["n"].as_u64().unwrap() >= 1, "{gate}");
    }
}

#[test]
fn the_manifest_that_the_readme_writes_is_judged() {
    let readme = fs::read_to_string("README.md").unwrap();
    let section = readme.split("## Writing a manifest\n").nth(1).unwrap().split("\n## ").next().unwrap();
    // A file is named in backticks above the block that holds it.
    let mut blocks = section.split("\n```");
    let mut files = Vec::new();
    while let (Some(before), Some(block)) = (blocks.next(), blocks.next()) {
        let name = before.lines().rev().find_map(|line| line.strip_prefix('`')?.split('`').next()).unwrap();
        files.push((name.to_owned(), block.split_once('\n').unwrap().1.to_owned() + "\n"));
    }
    assert_eq!(files.len(), 4);
    shown_release_is_judged(&files);
}

#[test]
fn the_manifest_that_the_help_shows_is_judged() {
    let help = output_of("check --help");
    let mut files: Vec<(String, String)> = Vec::new();
    let shown =
        help.split("A manifest to begin with").nth(1).unwrap().split("A change since").next().unwrap();
    for line in shown.lines().skip(1) {
        if let Some(text) = line.strip_prefix("    ") {
            let (_, file) = files.last_mut().unwrap();
            *file += &format!("{text}\n");
        } else if let Some(name) = line.strip_prefix("  ") {
            files.push((name.split_whitespace().next().unwrap().to_owned(), String::new()));
        }
    }
    assert_eq!(files.len(), 3);
    shown_release_is_judged(&files);
    assert!(output_of("--help").contains("`relgate check --help` shows a manifest"));
}

/// Every public dependency has its reason beside it.
#[test]
fn every_dependency_has_a_reason() {
    let cargo = fs::read_to_string("Cargo.toml").unwrap();
    let section = cargo.split("[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let lines: Vec<&str> = section.lines().collect();
    let mut seen = 0;
    for (i, line) in
        lines.iter().enumerate().filter(|(_, line)| line.contains(" = ") && !line.starts_with('#'))
    {
        assert!(i > 0 && lines[i - 1].starts_with("# "), "no reason above `{line}`");
        seen += 1;
    }
    assert!(seen > 15);
}
