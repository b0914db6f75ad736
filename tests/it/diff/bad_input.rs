//! An error never reads as "no changes": exit code 2, nothing on stdout, the findings of both sides.

use crate::diff::support::{AFTER, ANSWERS, BEFORE, events, gates, listed, measured, project};

const TOXICITY: &str = "Toxicity < 1%";

#[test]
fn identical_sides_have_no_changes() {
    let same = gates(&[TOXICITY], &[TOXICITY]).args(&["--fail-on", "any"]);
    same.run(&["before", "before"]).ends(0, &["helpdesk 1.2.2 -> 1.2.2: no changes\n"]);
    let json = same.run(&["before", "before", "--format", "json"]).json();
    assert_eq!((&json["records"], &json["exit_code"]), (&serde_json::json!([]), &0.into()));
}

#[test]
fn a_release_is_not_compared_with_itself_by_omission() {
    let project = gates(&[TOXICITY], &[TOXICITY])
        .file("release.yaml", format!("{AFTER}{ANSWERS}{}", listed(&[TOXICITY])));
    for one in ["release.yaml", "./release.yaml", "."] {
        project.run(&[one]).refuses(&["would be compared with itself", "relgate diff git:main"]);
    }
    project.run(&["before"]).ends(0, &["1.2.2 -> 1.2.3"]);
}

#[test]
fn one_side_that_cannot_be_read_stops_the_comparison() {
    let project = gates(&[TOXICITY], &[TOXICITY]);
    project.run(&["before", "missing.yaml"]).refuses(&["there is no manifest `missing.yaml`"]);
    project.run(&["before", "missing"]).refuses(&["`git:missing`"]);
    let empty = project.file("empty/x", "");
    empty.run(&["empty", "before"]).refuses(&["empty/release.yaml"]);
}

#[test]
fn the_findings_of_both_sides_come_at_once() {
    let broken = project()
        .file("before/release.yaml", BEFORE.replace("relgate: 1", "relgate: 9"))
        .file("after/release.yaml", format!("{AFTER}gatez: []\n"));
    broken.diff().refuses(&["before/release.yaml:1", "after/release.yaml:5", "`gatez`"]);
}

#[test]
fn artifacts_that_are_not_what_they_should_be_are_no_release() {
    let prompt = |more: &str| {
        format!(
            "{AFTER}artifacts: {{ prompts: {{ system: {{ version: v1, path: system.md{more} }} }} }}\n{ANSWERS}{}",
            listed(&[TOXICITY])
        )
    };
    let base = || gates(&[TOXICITY], &[TOXICITY]);
    base()
        .file("after/release.yaml", prompt(""))
        .diff()
        .refuses(&["`system.md` does not exist", "after/release.yaml:5"]);
    let other = format!(", sha256: {}", "0".repeat(64));
    base()
        .file("after/release.yaml", prompt(&other))
        .file("after/system.md", "Be kind.\n")
        .diff()
        .refuses(&["digest-mismatch"]);
}

#[test]
fn results_that_are_there_and_damaged_are_an_error() {
    let damaged = || measured(TOXICITY, &events("toxic", 1, 200), "{\"id\": \"q1\", \"toxic\": tru\n");
    damaged().diff().refuses(&["answers.jsonl", "--no-evidence"]);
    damaged().args(&["--no-evidence"]).diff().ends(0, &["no changes"]);
    let other = format!(
        "{AFTER}evidence: {{ answers: {{ path: answers.jsonl, sha256: {} }} }}\n{}",
        "0".repeat(64),
        listed(&[TOXICITY])
    );
    measured(TOXICITY, &events("toxic", 1, 200), &events("toxic", 2, 200))
        .file("after/release.yaml", other)
        .diff()
        .refuses(&["evidence-digest", "after/release.yaml"]);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_and_leaves_nothing() {
    let project = gates(&[TOXICITY], &[TOXICITY]).file("taken/x", "").file("taken/no", "");
    project.run(&["before", "after", "--report", "json=taken"]).refuses(&["`taken` is not a file"]);
    project.run(&["before", "after", "--report", "json=taken/no/where.json"]).refuses(&["cannot be written"]);
    project.run(&["before", "after", "--report", "json"]).refuses(&["KIND=PATH"]);
    assert!(project.path("taken/no").is_file());
    project.run(&[]).refuses(&["BEFORE"]);
    project.run(&["before", "after", "before"]).refuses(&["before"]);
}

#[test]
fn two_reports_of_a_comparison_go_to_two_places() {
    let project = gates(&[TOXICITY], &[TOXICITY]);
    project
        .run(&["before", "after", "--report", "json=x.out", "--report", "markdown=./x.out"])
        .refuses(&["is named for two reports"]);
    assert!(!project.path("x.out").exists());
}
