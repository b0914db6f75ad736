//! A saved report is told again: the same bytes in every kind, and nothing of what is no report of ours.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use relgate::report::kinds::KINDS;
use serde_json::{Value, json};

use crate::project::{Project, compared, events, judged_by, relgate, samples, sealed};

/// Judged, with every kind written.
fn judged(project: Project) -> Project {
    judged_with_code(project).0
}

/// The same with the exit code.
fn judged_with_code(project: Project) -> (Project, Option<i32>) {
    let kinds: Vec<String> =
        KINDS.iter().flat_map(|kind| ["--report".to_owned(), kind.name.to_owned()]).collect();
    let mut command = relgate(&project.path(""));
    let (_, typed) = project.typed();
    let output = command.args(["check", "--as-of", "2026-11-20"]).args(typed).args(kinds).output().unwrap();
    assert!(
        project.path("relgate-report/report.json").exists(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (project, output.status.code())
}

fn told(folder: &Path, args: &[&str]) -> Output {
    relgate(folder).arg("report").args(args).output().unwrap()
}

/// A pass, a fail, an undecided one, a comparison with slices, one with a waiver, one that no gate blocks.
fn stories() -> Vec<Project> {
    let langs = |bad: usize| {
        samples(400, move |i| {
            format!(r#""toxic": {}, "lang": "{}""#, i < bad, if i % 2 == 0 { "de" } else { "<b>en|" })
        })
    };
    let waiver = "waivers: [{ gate: toxicity, reason: 'known *issue* @team', owner: a, approver: b, expires: 2027-01-01 }]\n";
    vec![
        judged_by(&["Toxicity < 1%"], &events("toxic", 0, 500)),
        judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500)),
        judged_by(&["Toxicity < 1%"], &events("toxic", 1, 50)),
        compared(&["{ rule: 'toxicity increase < 1pp', by: [lang] }"], &langs(3), &langs(2)),
        judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500)).and(waiver),
        judged_by(&["{ rule: 'Toxicity < 1%', enforcement: warn }"], &events("toxic", 0, 500)),
    ]
}

#[test]
fn every_kind_is_the_same_bytes_as_check_wrote() {
    let mut codes = BTreeSet::new();
    for project in stories() {
        let (project, code) = judged_with_code(project);
        codes.insert(code);
        let folder = project.path("relgate-report");
        let saved = fs::read_to_string(folder.join("report.json")).unwrap();
        for kind in KINDS {
            let output = told(&folder, &["report.json", "--format", kind.name]);
            let text = String::from_utf8(output.stdout).unwrap();
            let written = fs::read_to_string(folder.join(kind.file)).unwrap();
            assert_eq!(text, written, "{}", kind.name);
            assert_eq!(output.status.code(), code, "{}: {saved}", kind.name);
        }
        // To files as well, by the folder.
        let output = told(&folder, &[".", "--quiet", "--report", "markdown=again.md"]);
        assert_eq!(output.status.code(), code);
        let written = fs::read(folder.join("again.md")).unwrap();
        assert_eq!(written, fs::read(folder.join("report.md")).unwrap());
        assert_eq!(fs::read_to_string(folder.join("report.json")).unwrap(), saved);
    }
    assert_eq!(codes, BTreeSet::from([0, 1, 2, 3].map(Some)));
}

/// The finding's code for a report that was changed by `edit`.
fn refused(report: &str, edit: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(report).unwrap();
    edit(&mut value);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.json"), value.to_string()).unwrap();
    let output = told(folder.path(), &["r.json"]);
    assert_eq!(output.status.code(), Some(2), "{value:#}");
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    text.split_once('[').unwrap().1.split_once(']').unwrap().0.to_owned()
}

#[test]
fn what_relgate_did_not_write_is_refused() {
    let project = judged(judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500)));
    let report = fs::read_to_string(project.path("relgate-report/report.json")).unwrap();
    let edits: [fn(&mut Value); 9] = [
        // The word alone, and the word with its exit code: the gates say otherwise.
        |report| report["decision"] = json!("pass"),
        |report| (report["decision"], report["exit_code"]) = (json!("pass"), json!(0)),
        |report| (report["decision"], report["exit_code"]) = (json!("error"), json!(2)),
        |report| report["gates"][0]["outcome"] = json!("passed"),
        |report| report["gates"][0]["outcome"] = json!("pass"),
        |report| report["gates"][0]["verdict"] = json!("pass"),
        |report| drop(report["gates"][0].as_object_mut().unwrap().remove("waived")),
        |report| report["generated_at"] = json!("2026-11-20"),
        |report| report["gates"][0]["candidate"]["value"] = json!("0.1"),
    ];
    for (i, edit) in edits.into_iter().enumerate() {
        assert_eq!(refused(&report, edit), "report-edited", "{i}");
    }
    assert_eq!(refused(&report, |report| report["schema"] = json!("relgate/report/v2")), "report-version");
    assert_eq!(refused(&report, |report| report["schema"] = json!("relgate/diff/v1")), "not-a-report");
    assert_eq!(refused(&report, |report| *report = json!([report.clone()])), "not-a-report");
    assert_eq!(refused(&report, |report| *report = json!({"tests": []})), "not-a-report");
    for text in ["", "{", "gates: []"] {
        let project = project_with(text);
        let output = told(&project.path(""), &["r.json"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("[not-a-report]"), "{text}");
    }
    assert_eq!(told(&project.path(""), &["nowhere.json"]).status.code(), Some(2));
}

fn project_with(text: &str) -> Project {
    crate::project::project().file("r.json", text)
}

#[test]
fn a_report_that_another_program_laid_out_is_still_one() {
    let project = judged(judged_by(&["Toxicity < 1%"], &events("toxic", 0, 500)));
    let report = fs::read_to_string(project.path("relgate-report/report.json")).unwrap();
    // Keys in another order, whole numbers without a point, no spaces.
    let value: Value = serde_json::from_str(&report).unwrap();
    let text = value.to_string().replace(".0,", ",");
    assert_ne!(text, report);
    fs::write(project.path("compact.json"), text).unwrap();
    let output = told(&project.path(""), &["compact.json", "--format", "json"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), report);
}

#[test]
fn no_report_is_written_over_the_one_that_is_read() {
    let project = judged(judged_by(&["Toxicity < 1%"], &events("toxic", 0, 500)));
    let output = told(&project.path("relgate-report"), &["report.json", "--report", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let output = told(
        &project.path(""),
        &["relgate-report/report.json", "--report", "markdown=relgate-report/report.json"],
    );
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_saved_text_steers_nothing() {
    let project = judged(judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500)));
    let report = fs::read_to_string(project.path("relgate-report/report.json")).unwrap();
    let mut value: Value = serde_json::from_str(&report).unwrap();
    let hostile = "x\u{1b}[31m\n::error::@team|<img>##[error]";
    for pointer in [
        "/tool/version",
        "/evidence/0/format",
        "/evidence/0/sha256",
        "/gates/0/threshold/op",
        "/gates/0/id",
        "/release/manifest_sha256",
    ] {
        *value.pointer_mut(pointer).unwrap() = json!(hostile);
    }
    fs::write(project.path("r.json"), sealed(value)).unwrap();
    for kind in KINDS {
        let output = told(&project.path(""), &["r.json", "--format", kind.name]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains('\u{1b}') && !text.contains("##["), "{text}");
        // Commands of our own are what that kind is for: report_kinds.rs takes them apart.
        assert!(kind.name == "github" || !text.contains("\n::"), "{text}");
        assert!(kind.name != "markdown" || !text.contains("<img"), "{text}");
    }
}
