//! What goes where: formats, files, levels that fail, text of others.

use std::fs;

use crate::support::{AFTER, ANSWERS, BEFORE, events, gates, ids, listed, measured};

const STRICT: &str = "{ id: toxicity, rule: 'Toxicity < 1%' }";
const LOOSE: &str = "{ id: toxicity, rule: 'Toxicity < 5%' }";

#[test]
fn nothing_fails_unless_it_was_asked_for() {
    let looser = || gates(&[STRICT], &[LOOSE]);
    looser().diff().ends(0, &["1 looser"]);
    for (level, code) in [("looser", 1), ("blocking", 1), ("review", 1), ("any", 1)] {
        looser().args(&["--fail-on", level]).diff().ends(code, &[]);
        let json = looser().args(&["--fail-on", level]).json();
        assert_eq!((&json["fail_on"], &json["exit_code"]), (&level.into(), &code.into()));
    }
    let tighter = || gates(&[STRICT], &[STRICT, "{ id: refusals, rule: 'accuracy >= 80%' }"]);
    for (level, code) in [("looser", 0), ("blocking", 0), ("review", 0), ("any", 1)] {
        tighter().args(&["--fail-on", level]).diff().ends(code, &["1 for information"]);
    }
    looser().args(&["--fail-on", "everything"]).diff().refuses(&["looser", "blocking", "review", "any"]);
}

/// A gate that keeps its name and asks something else leaves what it asked before unasked.
#[test]
fn what_may_be_looser_fails_as_well_where_it_weighs_enough() {
    let other = "{ id: toxicity, rule: 'refusals < 1%' }";
    let replaced = || gates(&[STRICT], &[other]).args(&["--no-evidence", "--fail-on", "looser"]);
    let diff = replaced().diff();
    diff.ends(1, &["1 blocking", "it asks something else"]);
    // Nothing is called looser, so the last line says why it fails.
    let why = "exit code 1 for `--fail-on looser`: 1 blocking of which nobody can tell that it is not";
    assert_eq!(diff.stdout.lines().last(), Some(why));
    let markdown = replaced().args(&["--format", "markdown"]).diff().stdout;
    assert!(markdown.contains("\nExit code 1 for `--fail-on looser`: 1 blocking of which"), "{markdown}");
    let warned = |gate: &str| gate.replace(" }", ", enforcement: warn }");
    let replaced =
        gates(&[&warned(STRICT)], &[&warned(other)]).args(&["--no-evidence", "--fail-on", "looser"]);
    replaced.diff().ends(0, &["it asks something else"]);
}

#[test]
fn every_format_goes_to_a_file_as_well() {
    let project = gates(&[STRICT], &[LOOSE]).file("out.md", "an older one");
    let written = project.run(&[
        "before",
        "after",
        "--report",
        "markdown=out.md",
        "--report",
        "json=out.json",
        "--report",
        "terminal=out.txt",
    ]);
    assert_eq!(fs::read_to_string(project.path("out.txt")).unwrap(), written.stdout);
    for (format, file) in [("markdown", "out.md"), ("json", "out.json")] {
        let shown = project.run(&["before", "after", "--format", format]).stdout;
        assert_eq!(fs::read_to_string(project.path(file)).unwrap(), shown);
    }
    // The same releases give the same bytes.
    assert_eq!(project.diff().stdout, project.diff().stdout);
}

#[test]
fn quiet_is_the_headline() {
    let quiet = gates(&[STRICT], &[LOOSE]).args(&["--quiet"]).diff();
    assert_eq!(quiet.stdout, "helpdesk 1.2.2 -> 1.2.3: 1 looser (blocking)\n");
}

#[test]
fn two_products_are_told_apart() {
    let other = gates(&[STRICT], &[STRICT]).file(
        "after/release.yaml",
        format!("{}{ANSWERS}{}", AFTER.replace("helpdesk", "shop"), listed(&[STRICT])),
    );
    other.diff().ends(0, &["helpdesk 1.2.2 -> shop 1.2.3", "releases of two things"]);
}

#[test]
fn hostile_text_steers_nothing() {
    let gate = "{ id: toxicity, rule: 'Toxicity < 1%' }\nwaivers:\n  - { gate: toxicity, reason: \"\\e[31m\\n::error::x <img src=x> @team | `c`\", owner: a, approver: b, expires: 2030-01-01, limit: 2% }";
    let hostile = gates(&[STRICT], &[gate]);
    let shown = hostile.diff();
    shown.ends(0, &["waiver-added"]);
    assert!(!shown.stdout.contains('\u{1b}'), "{}", shown.stdout);
    assert!(!shown.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", shown.stdout);
    let markdown = hostile.run(&["before", "after", "--format", "markdown"]).stdout;
    for bad in ["<img", "@team", "\u{1b}", "| `c`"] {
        assert!(!markdown.contains(bad), "{bad:?} in {markdown}");
    }
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.iter().all(|row| row.replace("\\|", "").matches('|').count() == 5), "{rows:#?}");
}

#[test]
fn a_bundle_is_a_release_with_its_small_texts() {
    let prompts = "artifacts: { prompts: { system: { version: v1, path: system.md } } }\n";
    let project = measured(STRICT, &events("toxic", 1, 1000), &events("toxic", 4, 1000))
        .file("before/release.yaml", format!("{BEFORE}{prompts}{ANSWERS}{}", listed(&[STRICT])))
        .file(
            "after/release.yaml",
            format!("{AFTER}{}{ANSWERS}{}", prompts.replace("v1", "v2"), listed(&[STRICT])),
        )
        .file("before/system.md", "Be kind.\n")
        .file("after/system.md", "Be very kind.\n");
    let made = crate::support::relgate(&project.path("before"))
        .args(["check", "--as-of", "2026-11-20"])
        .output()
        .unwrap();
    assert!(
        project.path("before/relgate-report/bundle").is_dir(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let bundle = project.run(&["before/relgate-report/bundle", "after", "--format", "json"]).json();
    let folder = project.json();
    assert_eq!(bundle["figures"], folder["figures"]);
    assert_eq!(bundle["figures"][0]["difference"]["paired"], true);
    assert!(ids(&bundle).contains(&"artifact-version".to_owned()), "{bundle:#}");
    assert_eq!(ids(&bundle), ids(&folder));
    assert!(ids(&bundle).contains(&"prompt-words".to_owned()), "{bundle:#}");
    assert_eq!(bundle["before"]["manifest_sha256"], folder["before"]["manifest_sha256"]);
    project
        .file("before/relgate-report/bundle/release.yaml", "edited")
        .run(&["before/relgate-report/bundle", "after"])
        .refuses(&["bundle-damaged"]);
}

#[test]
fn a_check_tells_the_same_changes_in_its_report_and_its_changelog() {
    let prompts = |version: &str| {
        format!("artifacts: {{ prompts: {{ system: {{ version: {version}, path: system.md }} }} }}\n")
    };
    let project = measured(STRICT, &events("toxic", 1, 1000), &events("toxic", 4, 1000))
        .file("before/release.yaml", format!("{BEFORE}{}{ANSWERS}{}", prompts("v1"), listed(&[STRICT])))
        .file("after/release.yaml", format!("{AFTER}{}{ANSWERS}{}", prompts("v2"), listed(&[LOOSE])))
        .file("before/system.md", "Be kind.\nNever lie.\n")
        .file("after/system.md", "Be very kind.\nNever lie.\n");
    let check = |more: &[&str]| {
        let mut command = crate::support::relgate(&project.path("after"));
        let output = command.args(["check", "--as-of", "2026-11-20"]).args(more).output().unwrap();
        let read = |file: &str| fs::read_to_string(project.path("after/relgate-report").join(file)).unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let report: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
        (told, report, read("report.md"), read("changelog.md"))
    };
    let (told, report, markdown, changelog) = check(&["--baseline", "../before", "--root", ".."]);
    assert_eq!(report["changes"], project.json()["records"]);
    assert!(ids(&serde_json::json!({ "records": report["changes"] })).contains(&"prompt-words".to_owned()));
    let looser = "gate toxicity: the limit rose from < 1% to < 5%";
    let prompt = "prompt system v1 -> v2: 1 passage changed";
    assert!(told.contains(&format!("\nlooser:  {looser}\nchanged: {prompt}")), "{told}");
    let escaped = looser.replace('<', "&lt;");
    assert!(markdown.contains(&format!("### What changed\n\n- **looser:** {escaped}\n")), "{markdown}");
    assert!(changelog.contains(&format!("### Changed\n\n- looser: {looser}\n- {prompt}")), "{changelog}");

    // Without a baseline nothing is said, which is not the same as no changes.
    let (_, report, _, changelog) = check(&[]);
    assert!(report["changes"].is_null());
    assert!(!changelog.contains("### Changed"), "{changelog}");
}
