//! Stories of changelogs: the file before, the release, the file after, byte for byte; then the same for any file.

use std::fmt::Write as _;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use relgate::changelog::{Applied, ChangelogEntry, Edit, apply, render};
use relgate::diagnostic::{Diagnostic, Place, Severity};
use relgate::manifest::ReleaseType;
use semver::Version;

const FILE: &str = "CHANGELOG.md";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A small release of `version`.
fn entry(version: &str) -> ChangelogEntry {
    ChangelogEntry {
        version: Version::parse(version).unwrap(),
        date: day("2026-11-23"),
        name: "support-assistant".to_owned(),
        release_type: ReleaseType::PromptRelease,
        summary: Some("Answers in the customer's language".to_owned()),
        changes: vec!["prompt system v1.8 -> v1.9".to_owned()],
        gates: vec!["hallucination-rate: 0.460% [0.292%, 0.690%], n 5,000; < 1.5%".to_owned()],
        waivers: vec![],
    }
}

/// The same release with other results.
fn measured_again(version: &str) -> ChangelogEntry {
    ChangelogEntry {
        gates: vec!["hallucination-rate: 0.400% [0.244%, 0.618%], n 5,000; < 1.5%".to_owned()],
        ..entry(version)
    }
}

fn later(entry: &ChangelogEntry) -> ChangelogEntry {
    ChangelogEntry { date: day("2027-02-03"), ..entry.clone() }
}

fn put(existing: &str, entry: &ChangelogEntry) -> Applied {
    apply(FILE, Some(existing), entry, false).unwrap()
}

fn adopt(existing: &str, entry: &ChangelogEntry) -> Applied {
    apply(FILE, Some(existing), entry, true).unwrap()
}

/// The block of an entry as it stands in a file without anything else of that version.
fn block(entry: &ChangelogEntry) -> String {
    let text = apply(FILE, None, entry, false).unwrap().text;
    text[text.find("<!-- relgate:begin").unwrap()..].to_owned()
}

fn codes(applied: &Applied) -> Vec<&'static str> {
    applied.warnings.iter().map(|warning| warning.code.word()).collect()
}

fn line(finding: &Diagnostic) -> u64 {
    let Place::Line { file, line } = &finding.place else { panic!("{finding:?} has no line") };
    assert_eq!(file, FILE);
    *line
}

/// A new entry of `version` in `before`, where `@` marks the place with the empty lines that belong to it.
#[track_caller]
fn lands(version: &str, marked: &str) -> Applied {
    let entry = entry(version);
    let before = marked.replace("@\n\n", "").replace("\n@\n", "");
    assert_ne!(before, marked, "the place is marked");
    let end = if marked.contains("\r\n") { "\r\n" } else { "\n" };
    let after = marked.replace("@\n", &block(&entry)).replace("\r\n", "\n").replace('\n', end);
    let applied = put(&before.replace("\r\n", "\n").replace('\n', end), &entry);
    assert_eq!(applied.text, after);
    assert_eq!(applied.change, Edit::Inserted);
    applied
}

// --- The words of an entry ----------------------------------------------------------------------------------------

#[test]
fn an_entry_says_what_changed_what_was_shown_and_what_was_waived() {
    let entry = ChangelogEntry {
        waivers: vec!["toxicity until 2026-12-24 by @ada: see #12".to_owned()],
        ..entry("2.4.0")
    };
    assert_eq!(
        render(&entry),
        "## [2.4.0] - 2026-11-23\n\n\
         prompt-release of support-assistant: Answers in the customer's language\n\n\
         ### Changed\n\n- prompt system v1.8 -> v1.9\n\n\
         ### Gates\n\n- hallucination-rate: 0.460% \\[0.292%, 0.690%], n 5,000; < 1.5%\n\n\
         ### Waived\n\n- toxicity until 2026-12-24 by @&#8203;ada: see #&#8203;12\n"
    );
}

#[test]
fn an_entry_of_nothing_has_no_empty_sections() {
    let bare =
        ChangelogEntry { summary: None, changes: vec![" ".to_owned()], gates: vec![], ..entry("2.4.0") };
    assert_eq!(render(&bare), "## [2.4.0] - 2026-11-23\n\nprompt-release of support-assistant\n");
}

#[test]
fn no_text_can_end_the_entry_or_begin_another() {
    let hostile = "x\n<!-- relgate:end support-assistant 2.4.0 -->\r\n## [9.9.9]\n```";
    let entry = ChangelogEntry {
        name: hostile.to_owned(),
        summary: Some(hostile.to_owned()),
        changes: vec![hostile.to_owned()],
        ..entry("2.4.0")
    };
    let first = apply(FILE, None, &entry, false).unwrap();
    assert_eq!(first.text.matches("<!-- relgate:end").count(), 1);
    assert_eq!(put(&first.text, &entry).change, Edit::Unchanged);
    assert_eq!(put(&first.text, &self::entry("9.9.9")).change, Edit::Inserted);
}

// --- The place ----------------------------------------------------------------------------------------------------

#[test]
fn a_missing_or_empty_file_becomes_a_changelog() {
    let entry = entry("2.4.0");
    let new = apply(FILE, None, &entry, false).unwrap();
    assert!(new.text.starts_with(
        "# Changelog\n\nAll notable changes to support-assistant are documented in this file.\n\n\
         The format is based on [Keep a Changelog](https://keepachangelog.com/en/2.0.0/), and versions follow\n\
         [Semantic Versioning](https://semver.org/).\n\n## [Unreleased]\n\n<!-- relgate:begin support-assistant 2.4.0 sha256="
    ));
    assert!(
        new.text.ends_with(&format!(
            " -->\n\n{}\n<!-- relgate:end support-assistant 2.4.0 -->\n",
            render(&entry)
        ))
    );
    assert_eq!(put("", &entry).text, new.text);
    assert_eq!(put("\u{feff}", &entry).text, format!("\u{feff}{}", new.text));
    assert_eq!(put("\r\n", &entry).text, format!("\r\n{}", new.text.replace('\n', "\r\n")));
    assert_eq!(codes(&new), Vec::<&str>::new());
}

#[test]
fn below_unreleased_above_the_older_versions() {
    lands("2.4.0", "# Changelog\n\n## [Unreleased]\n\n- soon\n\n@\n\n## [2.3.0] - 2026-01-01\n\n- x\n");
}

#[test]
fn a_backport_and_a_prerelease_land_at_their_place() {
    let versions = "# C\n\n## [Unreleased]\n\n## [2.4.0] - d\n\n## [2.4.0-rc.2] - d\n\n## [2.3.0] - d\n";
    let at = |version: &str, before: &str| {
        lands(version, &versions.replace(before, &format!("@\n\n{before}")));
    };
    at("2.3.1", "## [2.3.0]");
    at("2.4.0-rc.10", "## [2.4.0-rc.2]");
    at("2.4.0-rc.1", "## [2.3.0]");
    at("3.0.0-alpha", "## [2.4.0]");
    lands("2.2.9", &format!("{versions}\n@\n"));
}

#[test]
fn headings_as_people_write_them() {
    for older in [
        "## 2.3.0",
        "## v2.3.0 (2025-01-01)",
        "## [2.3.0](https://example.com/a...b) - 2025-01-01",
        "## [v2.3.0] - 2025-01-01 [YANKED]",
        "# [2.3.0](https://example.com) (2025-01-01)",
        "### [2.3.0](https://example.com) (2025-01-01)",
        "## Version 2.3.0",
        "## support-assistant 2.3.0",
        "## support-assistant@2.3.0",
        "## **2.3.0** - 2025",
        "## 2.3 - 2025-01-01",
        "## 2.3.0 Bumblebee ##",
        "2.3.0 / 2025-01-01\n==================",
        "<a name=\"2.3.0\"></a>\n## 2.3.0",
        "## 2025-01-01 - 2.3.0",
        "## 2025/1/31: v2.3.0",
        "## 31.01.2025, 2.3.0",
        "## 🎉 2.3.0",
        "**2.3.0** (2025-01-01)",
        "<h2 align=\"left\"><b>2.3.0</b></h2>",
        "2.3.0 (2025-01-01)\n-",
    ] {
        lands("2.4.0", &format!("# Changelog\n\n@\n\n{older}\n\n- x\n"));
        lands("2.2.0", &format!("# Changelog\n\n{older}\n\n- x\n\n@\n"));
    }
}

#[test]
fn headings_that_are_none() {
    for no_heading in [
        "```md\n## [2.3.0]\n```",
        "~~~~\n```\n## [2.3.0]\n~~~\n## [2.2.0]\n~~~~",
        "<!--\n## [2.3.0] - template\n-->",
        "<!--\n\n2.3.0 -->\n-----",
        "```\n        ```\n## [2.3.0]\n```",
        "    ## [2.3.0]",
        "#2.3.0",
        "> ## 2.3.0",
        "- x\n- 2.3.0\n---",
        "### 2.3.0 of the tokenizer",
        "#### 2.3.0",
        "- run:\n  ## 2.3.0",
        "- ```\n  ## 2.3.0\n  ```",
        "<pre>\n\n## 2.3.0\n\n</pre>",
        "What to write: <!-- like this\n\n## 2.3.0\n-->",
        "<!-- a --> <!--\n## 2.3.0\n-->",
        "**2.3.0 was withdrawn**",
    ] {
        let before = format!("# Changelog\n\n## [2.5.0]\n\n{no_heading}\n\n- x\n");
        lands("2.4.0", &format!("{before}\n@\n"));
    }
}

#[test]
fn an_entry_is_never_put_where_nobody_sees_it() {
    let older = "## [2.3.0] - 2025-01-01\n\n- x\n";
    let folded = format!("<details><summary>Older releases</summary>\n\n{older}\n</details>\n");
    lands("2.4.0", &format!("# C\n\n## [Unreleased]\n\n@\n\n{folded}"));
    lands("2.4.0", &format!("# C\n\n@\n\n<DETAILS open>\n<summary>All</summary>\n\n{older}\n</DETAILS>\n"));
    lands("2.4.0", &format!("# C\n\n@\n\n<details>\n<details>\n</details>\n\n{older}\n</details>\n"));
    lands("2.4.0", &format!("# C\n\n@\n\n<blockquote>\n\n{older}\n</blockquote>\n"));
    lands("2.4.0", &format!("# C\n\n@\n\n<details> that nobody closes\n\n{older}"));
    lands("2.2.0", &format!("# C\n\n{folded}\nThe end.\n\n@\n"));
    lands("2.4.0", &format!("# C\n\n## [Unreleased]\n\n<details>\n\n- soon\n\n</details>\n\n@\n\n{older}"));
    lands("2.4.0", &format!("# C\n\n## [Unreleased]\n\n- `<details>` is a word here\n\n@\n\n{older}"));

    let template = "# Changelog\n\nAll notable changes. <!-- How an entry looks:\n\n## [1.0.0] - YYYY-MM-DD\n\n- thing\n-->\n";
    lands("2.4.0", &format!("{template}\n@\n"));
    lands("2.4.0", &format!("{template}\n@\n\n{older}"));
}

#[test]
fn a_comment_that_opens_in_a_line_and_never_ends_is_text() {
    lands("2.4.0", "# C\n\n- `<!--` and <!-- are read\n\n@\n\n## [2.3.0]\n\n- \\<!-- too\n");
    lands("2.4.0", "# C\n\n- reads <!-- now\n\n@\n\n## [2.3.0]\n\n<!-- one of its own -->\n");
}

/// `CommonMark` ends a fence with the list item that it stands in.
#[test]
fn a_fence_in_a_list_ends_with_its_item() {
    for list in [
        "- run:\n\n  ```sh\n  x\n\n- next",
        "1. run:\n   ~~~\n   x\n2. next",
        "- ```sh\n  x\n\nText.",
        "- a\n  - b\n\n    ```\n    x\n- next",
        "* ```\n  x\n  ```",
    ] {
        lands("2.4.0", &format!("# C\n\n## [Unreleased]\n\n@\n\n## [2.3.0]\n\n{list}\n\n## [2.2.0]\n"));
        lands("2.2.1", &format!("# C\n\n## [2.3.0]\n\n{list}\n\n@\n\n## [2.2.0]\n"));
    }
}

#[test]
fn two_releases_of_one_version_share_a_file() {
    let search = |version: &str| ChangelogEntry { name: "search".to_owned(), ..entry(version) };
    let first = put(HUMAN, &entry("2.4.0")).text;
    let both = put(&first, &search("2.4.0"));
    assert_eq!(both.change, Edit::Inserted);
    assert_eq!(codes(&both), Vec::<&str>::new());
    for name in ["support-assistant", "search"] {
        assert!(both.text.contains(&format!("prompt-release of {name}")), "{}", both.text);
    }
    for release in [entry("2.4.0"), search("2.4.0")] {
        let again = put(&both.text, &later(&release));
        assert_eq!((&again.text, again.change, again.warnings), (&both.text, Edit::Unchanged, vec![]));
    }
    let renewed = put(&both.text, &measured_again("2.4.0"));
    assert_eq!(renewed.change, Edit::Replaced);
    assert_eq!(renewed.text, both.text.replace(&block(&entry("2.4.0")), &block(&measured_again("2.4.0"))));
    // Neither the wording of a name nor its case makes two releases one.
    for name in ["Search", "search search", "search-->", "2.4.0"] {
        let other = ChangelogEntry { name: name.to_owned(), ..entry("2.4.0") };
        let third = put(&both.text, &other);
        assert_eq!(third.change, Edit::Inserted, "{name}");
        assert_eq!(put(&third.text, &other).change, Edit::Unchanged, "{name}");
        assert_eq!(put(&third.text, &entry("2.4.0")).change, Edit::Unchanged, "{name}");
    }
}

#[test]
fn a_file_in_another_format_is_refused() {
    let release = entry("2.4.0");
    for file in [
        "changes.json",
        "Cargo.toml",
        "CHANGELOG.rst",
        "docs/CHANGES.adoc",
        "app.py",
        ".gitattributes",
        "a/.md",
        "debian/changelog.xml",
        "NEWS.YAML",
        "CHANGELOG.org",
    ] {
        for existing in [None, Some(""), Some("# Changelog\n\n## 2.3.0\n")] {
            let finding = apply(file, existing, &release, false).unwrap_err();
            assert_eq!(finding.code.word(), "changelog-not-markdown", "{file}");
        }
    }
    for (file, existing) in [
        ("CHANGES", "Changelog\n=========\n\n.. _2.3.0:\n\n2.3.0\n-----\n\n* x\n"),
        ("CHANGES.txt", "=========\nChangelog\n=========\n\n2.3.0\n-----\n"),
        ("NEWS", "= News\n\n== 2.3.0\n\n* x\n"),
        ("Makefile", "# Build\n\nall: app\n"),
        ("HEAD", "ref: refs/heads/main\n"),
        ("data", "{\"versions\": [{\"v\": \"2.3.0\"}]}\n"),
    ] {
        let finding = apply(file, Some(existing), &release, false).unwrap_err();
        assert_eq!(finding.code.word(), "changelog-not-markdown", "{file}");
    }
    for file in ["CHANGELOG", "docs/History.markdown", "CHANGES.TXT", "news.mdx", "v1.2/CHANGES.md"] {
        let applied = apply(file, Some("# Changelog\n\n## 2.3.0\n"), &release, false).unwrap();
        assert_eq!(applied.change, Edit::Inserted, "{file}");
        assert!(apply(file, None, &release, false).is_ok(), "{file}");
    }
}

#[test]
fn links_at_the_end_stay_at_the_end() {
    let links = "<!-- links -->\n[Unreleased]: https://example.com/2.3.0...HEAD\n[2.3.0]: https://example.com/2.3.0\n";
    lands("2.4.0", &format!("# C\n\n## [Unreleased]\n\n@\n\n{links}"));
    lands("2.2.0", &format!("# C\n\n## [2.3.0]\n\n- x\n\n@\n\n{links}\n\n"));
    lands("2.2.0", &format!("# C\n\n## [2.3.0]\n\n- x\n\n@\n\n## Before 2.0\n\nLost.\n\n{links}"));
}

#[test]
fn a_file_that_rises_is_continued_at_its_end() {
    let file = "# C\n\n## 1.0.0\n\n- a\n\n## 1.1.0\n\n- b\n";
    lands("1.2.0", &format!("{file}\n@\n"));
    lands("1.0.1", &file.replace("## 1.1.0", "@\n\n## 1.1.0"));
}

#[test]
fn a_file_without_versions() {
    let only_title = lands("1.0.0", "# Changelog\n\nWhat happened.\n\n@\n");
    assert_eq!(codes(&only_title), Vec::<&str>::new());
    let notes = lands("1.0.0", "# Changelog\n\nWhat happened.\n\n@\n\n## Spring\n\n- x\n");
    assert_eq!((codes(&notes), line(&notes.warnings[0])), (vec!["changelog-no-versions"], 5));
    let no_title = lands("1.0.0", "- one\n- two\n\n@\n");
    assert_eq!(codes(&no_title), ["changelog-no-versions"]);
    assert_eq!(put(&no_title.text, &entry("1.0.0")).warnings, []);
}

#[test]
fn line_ends_mark_and_a_missing_last_end_are_kept() {
    lands("2.4.0", "\u{feff}# C\r\n\r\n@\n\n## 2.3.0\r\n");
    lands("2.4.0", "\u{feff}@\n\n## 2.3.0\n");
    let entry = entry("2.4.0");
    let mixed = "# C\r\n\n## 2.3.0\r\n- a\r\n";
    let windows = block(&entry).replace('\n', "\r\n");
    assert_eq!(put(mixed, &entry).text, format!("# C\r\n\n{windows}\r\n## 2.3.0\r\n- a\r\n"));
    assert_eq!(put("# C\n\n## 2.5.0", &entry).text, format!("# C\n\n## 2.5.0\n\n{}", block(&entry)));
    assert_eq!(put("# C\n## 2.3.0\r", &entry).text, format!("# C\n\n{}\n## 2.3.0\r", block(&entry)));
}

// --- The second run -----------------------------------------------------------------------------------------------

const HUMAN: &str = "# Changelog\n\n## [Unreleased]\n\n## [2.3.0] - 2026-01-01\n\n- x\n";

#[test]
fn a_second_run_at_another_time_changes_no_byte() {
    let entry = entry("2.4.0");
    let first = put(HUMAN, &entry).text;
    for text in [first.clone(), first.replace('\n', "\r\n"), first.trim_end().to_owned()] {
        let second = put(&text, &later(&entry));
        assert_eq!((second.text, second.change), (text, Edit::Unchanged));
        assert_eq!(second.warnings, []);
    }
}

#[test]
fn new_results_replace_an_unedited_entry_under_its_first_date() {
    let first = put(HUMAN, &entry("2.4.0")).text;
    let again = later(&measured_again("2.4.0"));
    for (text, end) in [(first.clone(), "\n"), (first.replace('\n', "\r\n"), "\r\n")] {
        let second = put(&text, &again);
        let expected = put(&HUMAN.replace('\n', end), &measured_again("2.4.0")).text;
        assert_eq!((second.text, second.change), (expected, Edit::Replaced));
    }
    let moved = first.replace("] - 2026-11-23", "] - 2026-11-30");
    assert_eq!(put(&moved, &later(&entry("2.4.0"))).text, moved, "a corrected day is no edit");
    assert!(put(&moved, &again).text.contains("## [2.4.0] - 2026-11-30\n"));
}

#[test]
fn an_edited_entry_is_left_alone() {
    let first = put(HUMAN, &entry("2.4.0")).text;
    for (from, to) in [
        ("v1.8 -> v1.9", "v1.8 -> v1.9, friendlier"),
        ("2026-11-23", "2026-11-23 [YANKED]"),
        (" - 2026-11-23", ""),
        ("- prompt system", "\n- prompt system"),
    ] {
        let edited = first.replace(from, to);
        assert_ne!(edited, first);
        for (release, note) in [(entry("2.4.0"), "are those"), (measured_again("2.4.0"), "are not those")] {
            let second = put(&edited, &release);
            assert_eq!((&second.text, second.change), (&edited, Edit::LeftAlone));
            assert_eq!((codes(&second), line(&second.warnings[0])), (vec!["changelog-edited"], 5));
            assert!(second.warnings[0].notes[0].contains(note), "{:?}", second.warnings);
            assert_eq!(second.warnings[0].severity, Severity::Warning);
        }
    }
}

#[test]
fn the_lines_that_a_warning_tells_to_delete_are_the_entry() {
    let edited = put(HUMAN, &entry("2.4.0")).text.replace("v1.9", "v1.9, friendlier");
    let warning = put(&edited, &entry("2.4.0")).warnings.remove(0);
    let last = edited.lines().position(|line| line.contains("relgate:end")).unwrap() + 1;
    assert!(warning.help[0].contains(&format!("lines 5 to {last} ")), "{warning:?}");
    let kept: Vec<&str> =
        edited.lines().enumerate().filter(|(at, _)| !(4..last).contains(at)).map(|(_, line)| line).collect();
    assert_eq!(put(&kept.join("\n"), &entry("2.4.0")).change, Edit::Inserted);
}

#[test]
fn an_adopted_text_is_the_entry_until_the_results_change() {
    let edited = put(HUMAN, &entry("2.4.0")).text.replace("v1.9", "v1.9, friendlier");
    let adopted = adopt(&edited, &later(&entry("2.4.0")));
    assert_eq!(adopted.change, Edit::Adopted);
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (before, after) = (lines(&edited), lines(&adopted.text));
    let changed: Vec<usize> = (0..before.len()).filter(|at| before[*at] != after[*at]).collect();
    assert_eq!((changed, before.len()), (vec![4], after.len()), "only the first comment changes");
    assert!(after[4].contains(" adopted="));

    for adopting in [false, true] {
        let rerun = apply(FILE, Some(&adopted.text), &entry("2.4.0"), adopting).unwrap();
        assert_eq!(
            (rerun.text, rerun.change, rerun.warnings),
            (adopted.text.clone(), Edit::Unchanged, vec![])
        );
    }
    let behind = put(&adopted.text, &measured_again("2.4.0"));
    assert_eq!((&behind.text, behind.change), (&adopted.text, Edit::LeftAlone));
    assert_eq!(codes(&behind), ["changelog-adopted-behind"]);

    let again = adopt(&adopted.text, &measured_again("2.4.0"));
    assert_eq!(again.change, Edit::Adopted);
    assert_eq!(put(&again.text, &measured_again("2.4.0")).change, Edit::Unchanged);
    assert_eq!(
        codes(&put(&again.text.replace("friendlier", "kinder"), &measured_again("2.4.0"))),
        ["changelog-edited"]
    );
}

#[test]
fn an_edit_that_is_taken_back_is_none() {
    let first = put(HUMAN, &entry("2.4.0")).text;
    let edited = first.replace("v1.9", "v1.9, friendlier");
    let adopted = adopt(&edited, &entry("2.4.0")).text;
    let back = put(&adopted.replace(", friendlier", ""), &entry("2.4.0"));
    assert_eq!((back.text, back.change), (first.clone(), Edit::Replaced));
    assert_eq!(adopt(&first, &entry("2.4.0")).change, Edit::Unchanged, "nothing to adopt");
}

#[test]
fn a_section_by_hand_gets_no_second_one() {
    let before = "# C\n\n## [Unreleased]\n\n## v2.4.0\n\n- mine\n\n## 2.3.0\n";
    let left = put(before, &entry("2.4.0"));
    assert_eq!((left.text.as_str(), left.change), (before, Edit::LeftAlone));
    assert_eq!((codes(&left), line(&left.warnings[0])), (vec!["changelog-by-hand"], 5));

    let adopted = adopt(before, &entry("2.4.0"));
    let (begin, rest) = adopted.text.split_once("\n\n## v2.4.0").unwrap();
    assert!(
        begin.starts_with("# C\n\n## [Unreleased]\n\n<!-- relgate:begin support-assistant 2.4.0 sha256=")
    );
    assert_eq!(rest, "\n\n- mine\n\n<!-- relgate:end support-assistant 2.4.0 -->\n\n## 2.3.0\n");
    assert_eq!(put(&adopted.text, &later(&entry("2.4.0"))).change, Edit::Unchanged);
    assert_eq!(codes(&put(&adopted.text, &measured_again("2.4.0"))), ["changelog-adopted-behind"]);
}

#[test]
fn a_section_by_hand_is_found_in_any_form() {
    for heading in [
        "## 2025-01-01 - 2.4.0",
        "## Release of 2.4.0",
        "## 🚀 v2.4.0: faster",
        "## parcels-v2.4.0",
        "## What is new in 2.4.0?",
        "## January 5, 2025: 2.4.0",
        "# support-assistant@2.4.0",
        "**2.4.0** - 2025-01-01",
        "__v2.4.0__",
        "<h2>2.4.0</h2>",
        "## <a id=\"v2.4.0\"></a>2.4.0",
        "Release 2.4.0\n--",
    ] {
        let before = format!("# C\n\n## [Unreleased]\n\n{heading}\n\n- mine\n\n## 2.3.0\n");
        let left = put(&before, &entry("2.4.0"));
        assert_eq!((&left.text, codes(&left)), (&before, vec!["changelog-by-hand"]), "{heading}");
    }
    for heading in
        ["## 2.5.0 (do not skip 2.4.0)", "### Since 2.4.0", "## 2.4.01", "## 12.4.0", "## 2.4.0-rc.1"]
    {
        let before = format!("# C\n\n{heading}\n\n- mine\n\n## 2.3.0\n");
        assert_eq!(put(&before, &entry("2.4.0")).change, Edit::Inserted, "{heading}");
    }
}

#[test]
fn a_section_by_hand_beside_the_entry_is_pointed_out() {
    let entry = entry("2.4.0");
    let before = format!("{}\n## 2.4.0\n\n- mine\n", put(HUMAN, &entry).text);
    let after = put(&before, &entry);
    assert_eq!(
        (&after.text, after.change, codes(&after)),
        (&before, Edit::Unchanged, vec!["changelog-second-section"])
    );
}

#[test]
fn a_version_written_into_another_entry_is_not_torn_out() {
    let first = put(HUMAN, &entry("2.4.0")).text;
    let before = first.replace("### Gates", "## [2.3.9]\n\n### Gates");
    for adopting in [false, true] {
        let left = apply(FILE, Some(&before), &entry("2.3.9"), adopting).unwrap();
        assert_eq!((&left.text, codes(&left)), (&before, vec!["changelog-by-hand"]));
    }
    let older = put(&before, &entry("2.3.8"));
    assert_eq!(older.change, Edit::Inserted);
    assert_eq!(codes(&put(&older.text, &entry("2.4.0"))), ["changelog-edited"]);
}

// --- Damage -------------------------------------------------------------------------------------------------------

#[track_caller]
fn refused(text: &str, code: &str, at: u64, names: &str) {
    for (version, adopting) in [("2.4.0", false), ("2.4.0", true), ("1.0.0", false)] {
        let finding = apply(FILE, Some(text), &entry(version), adopting).unwrap_err();
        assert_eq!(
            (finding.code.word(), line(&finding), finding.severity),
            (code, at, Severity::Error),
            "{text}"
        );
        let facts = format!("{} {}", finding.notes.join(" "), finding.help.join(" "));
        assert!(facts.contains(names) && !finding.help.is_empty(), "{finding:?}");
    }
}

#[test]
fn damaged_markers_are_refused() {
    let whole = put(HUMAN, &entry("2.4.0")).text;
    let end = "<!-- relgate:end support-assistant 2.4.0 -->\n";
    let begin_line = whole.lines().nth(4).unwrap().to_owned() + "\n";
    let end_at = whole.lines().position(|line| line == end.trim()).unwrap() as u64 + 1;
    refused(&whole.replace(end, ""), "changelog-marker", 5, "delete this line");
    refused(&whole.replace(&begin_line, ""), "changelog-marker", end_at - 1, "delete this line");
    refused(
        &whole.replace(end, "<!-- relgate:end support-assistant 2.4.1 -->\n"),
        "changelog-marker",
        end_at,
        "line 5",
    );
    refused(&whole.replace(&begin_line, &begin_line.repeat(2)), "changelog-marker", 6, "line 5");
    refused(
        &whole.replace("begin support-assistant 2.4.0", "begin 2.4.0"),
        "changelog-marker",
        5,
        "version control",
    );
    refused(&whole.replace(" -->\n\n## [2.4.0]", "\n\n## [2.4.0]"), "changelog-marker", 5, "version control");
    refused(&whole.replace("sha256=", "sha256=0"), "changelog-marker", 5, "version control");
    refused(&whole.replace("relgate:end", "relgate:stop"), "changelog-marker", end_at, "version control");
    refused(&whole.replace(&begin_line, &format!("```\n{begin_line}")), "changelog-marker", 6, "line 5");
    refused(&whole.replace(end, &format!("<!--\n{end}-->\n")), "changelog-marker", end_at + 1, "line");
}

#[test]
fn two_entries_of_one_version_are_refused() {
    let whole = put(HUMAN, &entry("2.4.0")).text;
    let block = block(&entry("2.4.0"));
    let twice = whole.replace(&block, &format!("{block}\n{block}"));
    refused(&twice, "changelog-two-blocks", 5 + block.lines().count() as u64 + 1, "line 5");
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_is_refused() {
    refused("# C\n\n```\n## 2.3.0\n", "changelog-never-closed", 3, "close it");
    refused("# C\n\n<!-- todo\n## 2.3.0\n", "changelog-never-closed", 3, "close it");
    refused("# C\n\n<<<<<<< HEAD\n## 2.3.0\n=======\n>>>>>>> b\n", "changelog-conflict", 3, "merge");
}

// --- Any file -----------------------------------------------------------------------------------------------------

/// Lines that mean something to a changelog.
const LINES: &[&str] = &[
    "",
    "",
    "",
    "  ",
    "# Changelog",
    "All notable changes.",
    "- item",
    "## [Unreleased]",
    "## [2.4.0] - 2026-01-01",
    "## [2.3.0] - 2025-01-01",
    "## v2.5.0",
    "### [2.4.1](https://example.com)",
    "### Changed",
    "## Notes",
    "1.0.0 / 2020-01-01",
    "------",
    "======",
    "<!-- note -->",
    "<a name=\"x\"></a>",
    "[2.3.0]: https://example.com",
    "    ## 2.2.0",
    "\u{feff}",
    "é ∞",
    "```\n## 2.4.0\n```",
    "<!--\n## 2.4.0\n-->",
];

/// Lines that damage most files they stand in.
const DAMAGE: &[&str] = &[
    "```",
    "  ~~~rust",
    "<!--",
    "-->",
    "<!-- relgate:end support-assistant 2.4.0 -->",
    "<!-- relgate:begin support-assistant 2.4.0 sha256=0 -->",
    "<<<<<<< HEAD",
];

/// A file of such lines, of whole blocks (some edited, some adopted), of any line ends.
fn files() -> impl Strategy<Value = String> {
    let blocks = ["2.4.0", "2.3.1", "2.4.0-rc.1", "1.0.0"].map(|version| {
        let block = block(&entry(version));
        let edited = block.replace("v1.9", "v1.9, friendlier");
        let adopted = adopt(&edited, &entry(version)).text;
        [block, edited, adopted]
    });
    let whole = proptest::sample::select(blocks.concat());
    let line = prop_oneof![
        20 => proptest::sample::select(LINES).prop_map(str::to_owned),
        1 => proptest::sample::select(DAMAGE).prop_map(str::to_owned),
        3 => whole.prop_map(|block| block.trim_end().to_owned()),
        1 => "[ -~]{0,12}",
    ];
    let ends = prop_oneof![Just(vec!["\n"]), Just(vec!["\r\n"]), Just(vec!["\n", "\r\n", "\r"])];
    (any::<bool>(), proptest::collection::vec(line, 0..14), ends, any::<bool>()).prop_map(
        |(bom, lines, ends, last)| {
            let mut text = String::from(if bom { "\u{feff}" } else { "" });
            for (at, line) in lines.iter().enumerate() {
                let end = ends[at % ends.len()];
                text.push_str(&line.replace('\n', end));
                if last || at + 1 < lines.len() {
                    text.push_str(end);
                }
            }
            text
        },
    )
}

fn releases() -> impl Strategy<Value = ChangelogEntry> {
    let versions = proptest::sample::select(vec!["2.4.0", "2.3.1", "2.4.0-rc.1", "1.0.0", "3.0.0"]);
    (versions, any::<bool>()).prop_map(
        |(version, again)| {
            if again { measured_again(version) } else { entry(version) }
        },
    )
}

/// What stands in `after` and not in `before`, where it stands in one piece.
fn added<'a>(before: &str, after: &'a str) -> Option<&'a str> {
    let start = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    // The piece may begin with what follows it; any start up to the first difference will do.
    (0..=start).rev().find_map(|start| {
        let rest = before.get(start..)?;
        after.get(start..)?.strip_suffix(rest)
    })
}

/// A text without the lines of relgate's comments and without empty lines.
fn words(text: &str) -> Vec<&str> {
    let lines = text.trim_start_matches('\u{feff}').split(['\n', '\r']);
    lines.filter(|line| !line.trim().is_empty() && !line.contains("<!-- relgate:")).collect()
}

/// What stands before and after the block of a version.
fn around<'a>(text: &'a str, version: &Version) -> (&'a str, &'a str) {
    let begin = text.find(&format!("<!-- relgate:begin support-assistant {version} ")).unwrap();
    let end = text.find(&format!("<!-- relgate:end support-assistant {version} ")).unwrap();
    (&text[..begin], &text[end..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, rng_seed: RngSeed::Fixed(20_261_123), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_people_wrote_is_kept_and_a_second_run_changes_no_byte(
        before in files(),
        release in releases(),
        adopting in any::<bool>(),
    ) {
        let Ok(first) = apply(FILE, Some(&before), &release, adopting) else { return Ok(()) };
        match first.change {
            Edit::Unchanged | Edit::LeftAlone => prop_assert_eq!(&first.text, &before),
            Edit::Adopted => prop_assert_eq!(words(&first.text), words(&before)),
            Edit::Replaced => {
                prop_assert_eq!(around(&first.text, &release.version), around(&before, &release.version));
            }
            Edit::Inserted => {
                let added = added(&before, &first.text);
                prop_assert!(added.is_some(), "one piece:\n{}", first.text);
                let piece = added.unwrap_or_default();
                prop_assert_eq!(piece.matches("relgate:begin").count(), 1);
                prop_assert_eq!(piece.matches("relgate:end").count(), 1);
            }
        }
        prop_assert_eq!(first.change == Edit::LeftAlone, first.text == before && !first.warnings.is_empty() && codes(&first) != ["changelog-second-section"]);
        for adopting in [adopting, false] {
            let second = apply(FILE, Some(&first.text), &later(&release), adopting);
            prop_assert!(second.is_ok(), "{second:?}\n{}", first.text);
            let second = second.unwrap();
            prop_assert_eq!(&second.text, &first.text);
            let quiet = first.change != Edit::LeftAlone;
            prop_assert_eq!(second.change, if quiet { Edit::Unchanged } else { Edit::LeftAlone });
        }
    }

    #[test]
    fn versions_stay_in_order(
        mut versions in proptest::collection::btree_set((0u64..3, 0u64..3, 0u64..3, 0u64..3), 0..8),
        new in (0u64..3, 0u64..3, 0u64..3, 0u64..3),
        unreleased in any::<bool>(),
        links in any::<bool>(),
    ) {
        // The last number 0..2 is a release candidate, 2 the release.
        let spell = |(major, minor, patch, candidate): &(u64, u64, u64, u64)| {
            let candidate = if *candidate < 2 { format!("-rc.{candidate}") } else { String::new() };
            format!("{major}.{minor}.{patch}{candidate}")
        };
        versions = versions.into_iter().map(|(a, b, c, d)| (a, b, c, d.min(2))).collect();
        let new = (new.0, new.1, new.2, new.3.min(2));
        versions.remove(&new);
        let mut file = String::from("# Changelog\n\n");
        if unreleased {
            file.push_str("## [Unreleased]\n\n- soon\n\n");
        }
        for version in versions.iter().rev() {
            let _ = write!(file, "## [{}] - 2026-01-01\n\n### Changed\n\n- x\n\n", spell(version));
        }
        if links {
            file.push_str("[1.0.0]: https://example.com\n");
        }
        let after = put(&file, &entry(&spell(&new))).text;
        versions.insert(new);
        let expected: Vec<String> = versions.iter().rev().map(spell).collect();
        let found: Vec<&str> = after
            .lines()
            .filter_map(|line| line.strip_prefix("## [")?.split(']').next())
            .filter(|version| *version != "Unreleased")
            .collect();
        prop_assert_eq!(found, expected);
        if unreleased {
            prop_assert!(after.find("- soon").unwrap() < after.find("relgate:begin").unwrap());
        }
        if links {
            prop_assert!(after.ends_with("\n\n[1.0.0]: https://example.com\n"));
        }
    }
}
