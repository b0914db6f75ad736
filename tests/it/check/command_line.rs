//! Exit codes and flags: what CI relies on.

use std::fs;

use crate::check::support::{
    HEAD, Project, TODAY, events, judged_by, listed, project, relgate, undemanding, untouched_after,
};

const RULE: &str = "Hallucination rate < 1.5%";

/// A release that passes, stays open or fails.
fn spotless() -> Project {
    judged_by(&[RULE], &events("hallucinated", 0, 1000))
}

#[test]
fn the_exit_code_is_the_decision() {
    for (count, code, word) in [(0, 0, "PASS"), (900, 1, "FAIL"), (15, 3, "INCONCLUSIVE")] {
        let checked = judged_by(&[RULE], &events("hallucinated", count, 1000)).check();
        assert_eq!(checked.code, code);
        assert!(checked.stdout.starts_with(&format!("{word}  helpdesk 1.2.3 ")), "{}", checked.stdout);
        assert_eq!(checked.stderr, "", "results go to stdout alone");
    }
    let error = project().check();
    assert_eq!((error.code, error.stdout.as_str()), (2, ""), "errors go to stderr alone");
}

#[test]
fn usage_errors_are_2_and_help_is_0() {
    let folder = project();
    let code = |args: &[&str]| relgate(&folder.path("")).args(args).output().unwrap();
    for args in [
        &["check", "--no-such-flag"][..],
        &["no-such-command"],
        &[],
        &["check", "--as-of", "yesterday"],
        &["check", "--evidence", "answers"],
        &["check", "--report", "pdf"],
        &["check", "--report", "markdown="],
        &["check", "--format", "xml"],
    ] {
        let output = code(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
    for args in [&["--help"][..], &["--version"], &["check", "--help"], &["-h"]] {
        let output = code(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(output.stderr.is_empty() && !output.stdout.is_empty(), "{args:?}");
    }
    for args in [&["--help"][..], &["check", "--help"]] {
        let help = String::from_utf8(code(args).stdout).unwrap();
        for line in ["0  pass", "1  fail", "2  error", "3  inconclusive"] {
            assert!(help.contains(line), "{help}");
        }
    }
}

#[test]
fn of_several_manifests_the_worst_decides_and_each_has_its_folder() {
    let release = |name: &str, limit: &str| {
        let gates = listed(&[&format!("Hallucination rate < {limit}")]);
        undemanding(&(HEAD.replace("helpdesk", name) + crate::check::support::ANSWERS + &gates))
    };
    let files = project()
        .file("answers.jsonl", events("hallucinated", 15, 1000))
        .file("pass.yaml", release("lenient", "5%"))
        .file("open.yaml", release("undecided", "1.5%"))
        .file("fail.yaml", release("strict", "0.1%"))
        .file("broken.yaml", "relgate: 1\n");
    for (manifests, code) in [
        (&["pass.yaml", "pass.yaml"][..1], 0),
        (&["pass.yaml", "open.yaml"], 3),
        (&["open.yaml", "fail.yaml", "pass.yaml"], 1),
        (&["broken.yaml", "pass.yaml"], 2),
        (&["open.yaml", "broken.yaml"], 2),
        (&["fail.yaml", "broken.yaml"], 1),
        (&["pass.yaml", "pass.yaml"], 2),
    ] {
        let output = relgate(&files.path(""))
            .args(["check", "--as-of", TODAY, "--out", "all"])
            .args(manifests)
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{manifests:?}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    for name in ["lenient", "undecided", "strict"] {
        let report = fs::read_to_string(files.path(&format!("all/{name}/report.json"))).unwrap();
        assert!(report.contains(&format!("\"name\": \"{name}\"")));
    }
    let one = fs::read_to_string(files.path("all/report.json")).unwrap();
    assert!(one.contains("\"name\": \"lenient\""), "a single manifest needs no folder of its own");
}

/// Two manifests that can be judged and one that cannot, beside their evidence.
fn several() -> crate::check::support::Project {
    let release = |name: &str| {
        undemanding(&(HEAD.replace("helpdesk", name) + crate::check::support::ANSWERS + &listed(&[RULE])))
    };
    project()
        .file("answers.jsonl", events("hallucinated", 0, 1000))
        .file("one.yaml", release("one"))
        .file("two.yaml", release("two"))
        .file("broken.yaml", "relgate: 1\n")
}

#[test]
fn json_of_several_manifests_is_one_array() {
    for (manifests, names) in [
        (&["one.yaml", "two.yaml"][..], &["one", "two"][..]),
        (&["broken.yaml", "one.yaml", "two.yaml"], &["?", "one", "two"]),
        (&["one.yaml", "broken.yaml"], &["one", "?"]),
        (&["broken.yaml", "broken.yaml"], &["?", "?"]),
    ] {
        let checked = several().args(&["--format", "json"]).args(manifests).check();
        let told: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
        // A release that nobody could read has no name, and its report says why.
        let name = |one: &serde_json::Value| match one["release"]["name"].as_str() {
            Some(name) => name.to_owned(),
            None if one["decision"] == "error" && one["errors"][0]["code"].is_string() => "?".to_owned(),
            None => panic!("{one}"),
        };
        let told: Vec<String> = told.as_array().unwrap().iter().map(name).collect();
        assert_eq!(told, names, "{manifests:?}");
    }
    // A report that cannot be written is an error in its place.
    for (taken, left) in [("one", "two"), ("two", "one")] {
        let out = format!("relgate-report/{taken}");
        let checked =
            several().file(&out, "mine").args(&["--format", "json", "one.yaml", "two.yaml"]).check();
        assert_eq!(checked.code, 2, "{}", checked.stderr);
        let told: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
        for one in told.as_array().unwrap() {
            let (decision, code) = (&one["decision"], &one["errors"][0]["code"]);
            if one["release"]["name"] == left {
                assert_eq!(decision, "pass", "{told}");
            } else {
                assert_eq!(
                    (decision.as_str(), code.as_str()),
                    (Some("error"), Some("cannot-write")),
                    "{told}"
                );
            }
        }
        assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
        for kind in ["markdown", "junit", "metrics", "sarif", "csv", "github", "html"] {
            let all = several().file(&out, "mine").args(&["--format", kind, "one.yaml", "two.yaml"]).check();
            assert_eq!(all.code, 2, "{}", all.stderr);
            assert!(all.stdout.contains(taken), "{kind}: {}", all.stdout);
        }
    }
}

#[test]
fn one_path_takes_one_report() {
    for (args, words) in [
        (
            &["one.yaml", "two.yaml", "--report", "markdown=all.md"][..],
            &["shared-report", "`all.md`", "2 manifests", "`OUT/<name>/`", "nothing was judged"][..],
        ),
        (
            &["one.yaml", "--report", "markdown=all", "--report", "json=all"],
            &["shared-report", "`all`", "a path of its own"],
        ),
    ] {
        assert_eq!(untouched_after("shared", several().args(args), words), None);
    }
    let unknown = several().args(&["one.yaml", "--report", "pdf=x"]).check();
    unknown.refuses(&["`pdf` is no kind of report", "terminal, json, markdown, html, junit"]);
    let named = several().args(&["one.yaml", "two.yaml", "--report", "terminal"]);
    assert_eq!(named.check().code, 0);
    assert!(named.path("relgate-report/one/report.txt").is_file());
    let paths = ["--report", "markdown=a.md", "--report", "json=b.json"];
    assert_eq!(several().args(&["one.yaml"]).args(&paths).check().code, 0);
}

#[test]
fn quiet_prints_the_verdict_and_the_gates_behind_it() {
    let checked = judged_by(&[RULE], &events("hallucinated", 15, 1000)).args(&["--quiet"]).check();
    assert_eq!(checked.code, 3);
    assert_eq!(
        checked.stdout,
        "INCONCLUSIVE  helpdesk 1.2.3 may not ship yet: 1 of 1 blocking gate could not be decided\ngates: hallucination-rate\n"
    );
    assert!(checked.json.is_some(), "quiet is no dry run");
}

#[test]
fn quiet_still_says_why_nothing_was_judged() {
    let told = |project: crate::check::support::Project| {
        let checked = project.args(&["-q"]).check();
        assert_eq!(checked.code, 2, "{}{}", checked.stdout, checked.stderr);
        checked.stdout
    };
    let uncovered =
        judged_by(&[RULE], &events("hallucinated", 0, 1000)).and("policy: { require: [quality, cost] }\n");
    assert_eq!(
        told(uncovered),
        "ERROR  helpdesk 1.2.3 could not be judged\nerror: the policy requires a blocking gate on quality, and none stands \
         for it: `hallucination-rate` is about safety; write one, such as `accuracy >= 90%` (release.yaml:8)\n"
    );
    let zero = crate::check::support::compared(
        &["Cost increase < 5%"],
        &crate::check::support::samples(100, |_| r#""cost": 1.0"#.to_owned()),
        &crate::check::support::samples(100, |_| r#""cost": 0.0"#.to_owned()),
    );
    let told = told(zero);
    assert!(told.lines().count() == 2 && told.contains("\nerror: cost-increase: "), "{told}");
}

#[test]
fn json_on_stdout_is_report_json() {
    let checked = spotless().args(&["--format", "json"]).check();
    assert_eq!(checked.stdout, checked.json.unwrap());
    let project = spotless().args(&["--format", "markdown"]);
    let checked = project.check();
    assert_eq!(checked.stdout, fs::read_to_string(project.path("relgate-report/report.md")).unwrap());
}

#[test]
fn a_dry_run_writes_nothing() {
    for count in [0, 15, 900] {
        let project = judged_by(&[RULE], &events("hallucinated", count, 1000)).args(&[
            "--dry-run",
            "--report",
            "markdown=summary.md",
        ]);
        let before = project.snapshot();
        let checked = project.check();
        assert_eq!(project.snapshot(), before);
        let wet = judged_by(&[RULE], &events("hallucinated", count, 1000)).check();
        assert_eq!(checked.code, wet.code);
        let (told, next) = checked.stdout.split_once("\nnext: ").unwrap();
        assert!(wet.stdout.starts_with(told) && wet.stdout.ends_with(next), "{}", checked.stdout);
    }
}

#[test]
fn a_check_writes_its_folder_and_nothing_else() {
    let project = spotless();
    let before = project.snapshot();
    project.check().ends(0, "pass bound-clears-threshold");
    let new: Vec<_> = project.snapshot().into_keys().filter(|path| !before.contains_key(path)).collect();
    let expected = [
        "relgate-report",
        "relgate-report/.relgate-files",
        "relgate-report/bundle",
        "relgate-report/bundle/bundle.json",
        "relgate-report/bundle/evidence",
        "relgate-report/bundle/evidence/answers.jsonl",
        "relgate-report/bundle/release.yaml",
        "relgate-report/changelog.md",
        "relgate-report/report.json",
        "relgate-report/report.md",
    ]
    .map(|path| project.path(path));
    assert_eq!(new, expected);
    assert!(before.iter().all(|(path, bytes)| project.snapshot()[path] == *bytes));
}

#[test]
fn further_reports_go_where_they_are_asked_to() {
    let project =
        spotless().args(&["--report", "markdown=summary.md", "--report", "terminal", "--out", "out"]);
    let checked = project.check();
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let read = |path: &str| fs::read_to_string(project.path(path)).unwrap();
    assert_eq!(read("summary.md"), read("out/report.md"));
    assert!(read("out/report.txt").starts_with("PASS  helpdesk 1.2.3"));
    assert!(read("out/report.json").ends_with("}\n"));
    let wrote = "\nwrote report.md, changelog.md, report.txt, report.json, bundle in out; summary.md\n";
    assert!(checked.stdout.contains(wrote), "{}", checked.stdout);
}

#[test]
fn evidence_may_be_given_from_anywhere() {
    let elsewhere = project().file("run.jsonl", events("hallucinated", 900, 1000));
    let given = format!("answers={}", elsewhere.path("run.jsonl").display());
    let checked = spotless().args(&["--evidence", &given]).check();
    checked.ends(1, "fail bound-violates-threshold");
    // Relative to the current folder; the last one counts.
    let checked = spotless()
        .file("b.jsonl", events("hallucinated", 15, 1000))
        .args(&["--evidence", &given, "--evidence", "answers=b.jsonl"])
        .check();
    checked.ends(3, "inconclusive threshold-inside-interval");
    spotless()
        .args(&["--evidence", "anwsers=b.jsonl"])
        .check()
        .refuses(&["unknown-evidence", "did you mean `answers`?"]);
    spotless()
        .args(&["--evidence", "answers=none.jsonl"])
        .check()
        .refuses(&["none.jsonl", "relative to the current folder"]);
}

#[test]
fn colour_is_for_terminals_and_for_whoever_insists() {
    let esc = |text: &str| text.contains('\u{1b}');
    let plain = spotless().check();
    assert!(!esc(&plain.stdout), "a pipe is no terminal");
    let always = spotless().args(&["--color", "always"]).check();
    assert!(esc(&always.stdout));
    let stripped = always
        .stdout
        .split('\u{1b}')
        .map(|part| {
            part.split_once('m').filter(|(code, _)| code.starts_with('[')).map_or(part, |(_, rest)| rest)
        })
        .collect::<String>();
    assert_eq!(stripped, plain.stdout, "colour stands on top of words, never instead");
    assert!(!esc(&spotless().args(&["--color", "never"]).check().stdout));
    assert!(!esc(&spotless().env("NO_COLOR", "1").check().stdout));
    assert!(esc(&project().args(&["--color", "always"]).check().stderr));
    assert!(!esc(&project().check().stderr));
    let report = spotless().args(&["--color", "always", "--format", "json"]).check();
    assert!(!esc(&report.stdout), "json is never coloured");
}

#[test]
fn the_clock_comes_from_outside() {
    let checked = spotless().on("2027-01-31").check();
    let report = checked.report();
    assert_eq!(
        (&report["generated_at"], &report["as_of"]),
        (&"2026-11-20T09:00:00Z".into(), &"2027-01-31".into())
    );
    spotless()
        .env("SOURCE_DATE_EPOCH", "yesterday")
        .check()
        .refuses(&["SOURCE_DATE_EPOCH is not a number of seconds"]);
}

#[test]
fn of_several_manifests_one_that_is_no_longer_read_leaves_no_pass() {
    for broken in ["relgate: 1\nname: [two\n", "relgate: 1\nname: two\nverzion: 1.2.3\n", "\u{0}"] {
        let files = several();
        let check = || {
            let mut command = relgate(&files.path(""));
            command
                .args(["check", "--as-of", TODAY, "--out", "all", "one.yaml", "two.yaml"])
                .output()
                .unwrap()
        };
        let decision = |name: &str| -> String {
            let report = fs::read_to_string(files.path(&format!("all/{name}/report.json"))).unwrap();
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            report["decision"].as_str().unwrap().to_owned()
        };
        assert_eq!(check().status.code(), Some(0));
        assert_eq!((decision("one"), decision("two")), ("pass".to_owned(), "pass".to_owned()));
        // As another version of relgate may have written it.
        let older = fs::read_to_string(files.path("all/two/report.json")).unwrap();
        fs::write(files.path("all/two/report.json"), older.replacen('{', "{\n  \"since\": 1,", 1)).unwrap();
        fs::write(files.path("two.yaml"), broken).unwrap();
        let output = check();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!((decision("one"), decision("two")), ("pass".to_owned(), "error".to_owned()), "{broken:?}");
    }
}
