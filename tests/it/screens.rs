//! Every screen as it is at 40, 60, 80, 120 and 200 columns, and what holds at any width.
//!
//! `RELGATE_BLESS=1 cargo test --test it screens` writes `tests/fixtures/screens` instead of comparing it: look at what changed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use unicode_width::UnicodeWidthStr;

use crate::project::relgate;

/// Name of the fixture -> what is typed. `{old}` and `{new}` are folders with the reports of two versions.
const SCREENS: [(&str, &str); 22] = [
    ("check-pass", "check --dry-run --as-of 2026-11-20"),
    ("check-fail", "check examples/failing/release.yaml --dry-run --as-of 2026-11-20"),
    ("check-inconclusive", "check examples/inconclusive/release.yaml --dry-run --as-of 2026-11-20"),
    ("check-waived", "check examples/waiver/release.yaml --dry-run --as-of 2026-10-01"),
    (
        "check-error",
        "check examples/failing/release.yaml --dry-run --evidence answers=README.md --as-of 2026-11-20",
    ),
    (
        "check-several",
        "check release.yaml examples/failing/release.yaml --dry-run --quiet --as-of 2026-11-20",
    ),
    ("diff", "diff examples/support-assistant/releases/2.3.0/release.yaml release.yaml"),
    ("explain-gate", "explain accuracy-holds --report {new}"),
    ("explain-undecided", "explain toxicity --manifest examples/inconclusive/release.yaml"),
    ("explain-code", "explain no-baseline"),
    ("explain-rules", "explain rules"),
    ("explain-metrics", "explain metrics"),
    ("explain-topics", "explain"),
    ("history", "report --history {old} {new}"),
    ("report", "report {old}"),
    ("plan", "plan examples/inconclusive/release.yaml"),
    ("plan-larger", "plan examples/inconclusive/release.yaml --n 30000"),
    ("evidence", "evidence examples/inspect/results"),
    ("try", "try examples/load-test/results/stats.json"),
    ("verify", "verify"),
    ("help", "--help"),
    ("help-check", "check --help"),
];
const WIDTHS: [usize; 5] = [40, 60, 80, 120, 200];

/// The reports of two versions of one release, by the names of their folders.
struct Reports(tempfile::TempDir);

impl Reports {
    fn of_two_versions() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, manifest) in
            [("old", "examples/support-assistant/releases/2.3.0/release.yaml"), ("new", "release.yaml")]
        {
            let out = folder.path().join(name);
            let args = ["check", manifest, "--no-changelog", "--quiet", "--as-of", "2026-11-20", "--out"];
            assert!(
                relgate(Path::new(".")).args(args).arg(&out).output().unwrap().status.code() != Some(2),
                "{manifest}"
            );
        }
        Self(folder)
    }

    fn typed(&self, command: &str, columns: usize, more: &[&str]) -> Output {
        let place = |name: &str| self.0.path().join(name).to_str().unwrap().to_owned();
        let command = command.replace("{old}", &place("old")).replace("{new}", &place("new"));
        relgate(Path::new("."))
            .args(more)
            .args(command.split(' '))
            .env("COLUMNS", columns.to_string())
            .output()
            .unwrap()
    }

    /// Results, then findings, then how it ends.
    fn screen(&self, command: &str, columns: usize) -> String {
        let output = self.typed(command, columns, &[]);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        format!("{}{}exit {}\n", text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
    }
}

#[test]
fn every_screen_is_as_it_was() {
    let reports = Reports::of_two_versions();
    let folder = Path::new("tests/fixtures/screens");
    for (name, command) in SCREENS {
        let mut whole = format!("$ relgate {command}\n");
        for columns in WIDTHS {
            let _ = write!(whole, "\n{}\n{}", "=".repeat(columns), reports.screen(command, columns));
        }
        let file = folder.join(name.to_owned() + ".txt");
        if crate::project::blesses() {
            fs::create_dir_all(folder).unwrap();
            fs::write(file, whole).unwrap();
            continue;
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        let differs = kept.lines().zip(whole.lines()).find(|(then, now)| then != now);
        assert!(
            kept == whole,
            "{name} is another screen than in {}: {differs:?}; look at it, then RELGATE_BLESS=1 cargo test --test it screens",
            file.display()
        );
    }
}

#[test]
fn prose_stays_in_its_columns_and_no_line_ends_in_a_space() {
    let reports = Reports::of_two_versions();
    let prose = |name: &&(&str, &str)| {
        !matches!(
            name.0,
            "diff"
                | "evidence"
                | "try"
                | "verify"
                | "check-error"
                | "plan"
                | "plan-larger"
                | "help"
                | "help-check"
        )
    };
    for (name, command) in SCREENS.iter().filter(prose) {
        for columns in (60..=200).step_by(20) {
            let output = reports.typed(command, columns, &[]);
            let text = String::from_utf8(output.stdout).unwrap();
            for line in text.lines() {
                assert_eq!(line.trim_end(), line, "{name} at {columns}");
                let to_paste = line.starts_with("    ") || line.split_whitespace().count() < 3;
                assert!(
                    to_paste || line.width() <= columns,
                    "{name} at {columns}: {line:?} takes {}",
                    line.width()
                );
            }
        }
    }
}

#[test]
fn ascii_is_all_that_a_plain_terminal_gets() {
    let reports = Reports::of_two_versions();
    for (name, command) in SCREENS {
        let output = reports.typed(command, 80, &["--ascii"]);
        assert!(output.stdout.is_ascii() && output.stderr.is_ascii(), "{name}");
    }
    let bars = reports.screen("report --history {old} {new}", 80);
    assert!(!bars.is_ascii(), "{bars}");
    // Documents for programs are what they are.
    let json = |more: &[&str]| reports.typed("report {new} --format html", 80, more).stdout;
    assert_eq!(json(&["--ascii"]), json(&[]));
}
