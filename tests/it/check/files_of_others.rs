//! What a run reads, or did not make itself, it never writes over or deletes.

use std::fs;

use crate::check::support::{ANSWERS, Project, events, judged_by, listed, relgate};

const GATE: &str = "Toxicity < 1%";

fn passing_rows() -> String {
    events("toxicity", 0, 1000)
}

fn passing() -> Project {
    judged_by(&[GATE], &passing_rows())
}

/// The run ends with an error that says so, and every file of the folder is what it was.
#[track_caller]
fn refused(project: &Project, words: &[&str]) {
    let before = project.snapshot();
    project.check().refuses(words);
    assert!(project.snapshot() == before, "files changed");
}

#[test]
fn a_report_is_not_written_over_what_is_read() {
    let rich = || {
        passing()
            .and("artifacts: { prompts: { system: { version: v1, path: prompts/system.md } } }\nbaseline: old\npolicy: { extends: [policy/base.yaml], require: [] }\n")
            .file("prompts/system.md", "Be kind.\n")
            .file("policy/base.yaml", "gates: ['Toxicity < 2%']\n")
            .file("old/release.yaml", format!("relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\nartifacts: {{ prompts: {{ system: {{ version: v0, path: old/p.md }} }} }}\nevidence: {{ answers: {{ path: results.jsonl }} }}\n{}", listed(&[GATE])))
            .file("old/results.jsonl", passing_rows())
    };
    let rich = || rich().file("old/old/p.md", "Be.\n").file("p.md", "");
    for (path, what) in [
        ("release.yaml", "the manifest"),
        ("answers.jsonl", "evidence `answers`"),
        ("prompts/system.md", "part of `prompts.system`"),
        ("prompts/../release.yaml", "the manifest"),
        ("policy/base.yaml", "a policy file that the manifest extends"),
        ("old/release.yaml", "the baseline's manifest"),
        ("old/results.jsonl", "the baseline's evidence `answers`"),
    ] {
        let project = rich().args(&["--report", &format!("markdown={path}")]);
        refused(&project, &["output-is-taken", what]);
    }
}

#[test]
fn a_report_is_not_written_over_what_somebody_else_made() {
    refused(
        &passing().file("notes.md", "my notes\n").args(&["--report", "markdown=notes.md"]),
        &["somebody else"],
    );
    refused(
        &passing().file("x/.git/HEAD", "ref\n").args(&["--report", "markdown=x/.git/HEAD"]),
        &["git's own"],
    );
    refused(&passing().file("x/.git/HEAD", "").args(&["--report", "markdown=x/.git/new"]), &["git's own"]);
    // An empty file and one of its own are replaced, as CI does with its summaries.
    let project = passing().file("summary.md", "").args(&[
        "--report",
        "markdown=summary.md",
        "--report",
        "terminal=told.txt",
        "--report",
        "json=r.json",
    ]);
    assert_eq!(project.check().code, 0);
    assert_eq!(project.check().code, 0, "again");
}

#[test]
fn an_output_folder_of_somebody_else_stays_as_it_is() {
    for (file, text) in
        [("report.md", "minutes of a meeting\n"), ("changelog.md", "# Changes\n"), ("report.json", "{}")]
    {
        refused(&passing().file(file, text).args(&["--out", "."]), &["output-is-taken", file, "--out"]);
    }
    let model = "bundle/artifacts/build/model.bin";
    refused(&passing().file(model, "weeks of work").args(&["--out", "."]), &["output-is-taken", "bundle"]);
    // Beside a bundle of its own too.
    let project = passing().args(&["--out", "."]);
    assert_eq!((project.check().code, project.check().code), (0, 0));
    let project = project.file(model, "weeks of work");
    project.check().refuses(&["output-is-taken", "model.bin"]);
    assert_eq!(fs::read_to_string(project.path(model)).unwrap(), "weeks of work");
    fs::remove_file(project.path(model)).unwrap();
    assert_eq!(project.check().code, 0);
}

#[test]
fn results_in_the_folder_of_the_bundle_stay_what_they_are() {
    let body = ANSWERS.replace("answers.jsonl", "relgate-report/bundle/evidence/answers.jsonl");
    let project = passing().manifest(&(body + &listed(&[GATE])));
    let project = project.file("relgate-report/bundle/evidence/answers.jsonl", passing_rows());
    refused(&project, &["output-is-baseline", "evidence `answers`"]);
    let body = "evidence: { answers: { path: answers.jsonl, baseline: relgate-report/report.md } }\n";
    let project = passing().manifest(&(body.to_owned() + &listed(&["toxicity increase < 2pp"])));
    let project = project.file("relgate-report/report.md", passing_rows() + "\n");
    refused(&project, &["output-is-taken", "the baseline's evidence `answers`"]);
}

#[test]
fn an_entry_goes_into_no_file_of_the_baseline() {
    let old = format!(
        "relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\nartifacts: {{ prompts: {{ system: {{ version: v0, path: system.md }} }} }}\n{ANSWERS}{}",
        listed(&[GATE])
    );
    let project = passing()
        .and("baseline: old\nchangelog: old/system.md\n")
        .file("old/release.yaml", old)
        .file("old/system.md", "Be kind.\n")
        .file("old/answers.jsonl", passing_rows());
    refused(&project, &["changelog-is-taken", "the baseline's `prompts.system`"]);
}

#[test]
fn a_comparison_is_not_written_over_what_it_reads() {
    let project = passing().after("", &passing_rows()).file("notes.md", "mine\n");
    let before = project.snapshot();
    for path in ["release.yaml", "before/release.yaml", "answers.jsonl", "before/answers.jsonl", "notes.md"] {
        let output = relgate(&project.path(""))
            .args(["diff", "before", "release.yaml", "--report", &format!("markdown={path}")])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{path}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("output-is-taken"), "{path}");
    }
    assert!(project.snapshot() == before, "files changed");
    for _ in 0..2 {
        let args = [
            "diff",
            "before",
            "release.yaml",
            "--report",
            "markdown=diff.md",
            "--report",
            "terminal=diff.txt",
            "--report",
            "json=diff.json",
        ];
        let output = relgate(&project.path("")).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_report_with_a_path_goes_over_nothing_that_the_run_writes() {
    let fresh = || judged_by(&["Toxicity < 1%"], &events("toxic", 0, 500)).and("changelog: CHANGELOG.md\n");
    for (args, words) in [
        (&["--report", "sarif=relgate-report/report.json"][..], "`report.json` of the output folder"),
        (&["--report", "html=relgate-report/bundle/release.yaml"], "`bundle` of the output folder"),
        (&["--report", "junit=./x.out", "--report", "sarif=x.out"], "named for two reports"),
        (&["--report", "csv=CHANGELOG.md"], "is the changelog"),
    ] {
        let project = fresh().args(args);
        let checked = project.check();
        assert_eq!(checked.code, 2, "{args:?} {}", checked.stdout);
        assert!(checked.stderr.contains(words), "{args:?} {}", checked.stderr);
        assert!(!project.path("CHANGELOG.md").exists() && !project.path("x.out").exists(), "{args:?}");
    }
    assert_eq!(fresh().args(&["--report", "json=relgate-report/report.json"]).check().code, 0);
    // Nor does a report that is told again.
    let project = fresh();
    assert_eq!(project.check().code, 0);
    let before = project.snapshot();
    for args in [&["html=relgate-report/report.md"][..], &["junit=dup", "sarif=./dup"]] {
        let reports = args.iter().flat_map(|report| ["--report", report]);
        let output =
            relgate(&project.path("")).args(["report", "relgate-report"]).args(reports).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(project.snapshot() == before, "{args:?}");
    }
}

#[test]
fn a_release_that_cannot_be_judged_leaves_the_one_it_is_compared_with_alone() {
    let old = judged_by(&["Toxicity < 1%"], &events("toxic", 0, 500));
    assert_eq!(old.check().code, 0);
    let mut new = judged_by(&["Toxicity <"], &events("toxic", 0, 500)).and("baseline: shipped/bundle\n");
    for (path, bytes) in old.snapshot() {
        if let (Ok(inner), true) = (path.strip_prefix(old.path("relgate-report")), path.is_file()) {
            new = new.file(&format!("shipped/{}", inner.display()), bytes);
        }
    }
    let before = new.snapshot();
    assert!(before.keys().any(|path| path.ends_with("shipped/report.json")), "{:?}", before.keys());
    for report in ["html=shipped/bundle/new.html", "json=shipped/report.json"] {
        let output = relgate(&new.path("")).args(["check", "--report", report]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let kept = |path: &std::path::Path| new.snapshot().get(path) == before.get(path);
        assert!(
            before.keys().all(|path| kept(path)) && !new.path("shipped/bundle/new.html").exists(),
            "{report}"
        );
    }
}
