//! `relgate ledger`, `check --record` and `verify` on the ledger, from the outside.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::project::{Project, events, judged_by};

/// What a command did.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn ends(&self, code: i32, words: &[&str]) -> &Self {
        let text = format!("{}{}", self.out, self.err);
        assert_eq!(self.code, code, "{text}");
        for word in words {
            assert!(text.contains(word), "`{word}` is not in:\n{text}");
        }
        self
    }
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    Ran::of(project.relgate().args(arguments))
}

/// A release that passes, with a ledger.
fn recorded() -> Project {
    let project =
        judged_by(&["Toxicity < 5%"], &events("toxicity", 0, 400)).file("prompts/system.md", "Be kind.\n");
    let project =
        project.and("artifacts: { prompts: { system: { version: v1, path: prompts/system.md } } }\n");
    run(&project, &["ledger", "init"]).ends(0, &["began the ledger", ".relgate/ledger"]);
    project
}

fn check(project: &Project, more: &[&str]) -> Ran {
    run(project, &[&["check", "--as-of", "2026-11-20", "--record"], more].concat())
}

fn names(project: &Project) -> Vec<PathBuf> {
    let entries = fs::read_dir(project.path(".relgate/ledger")).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<PathBuf> =
        entries.filter(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.')).collect();
    names.sort();
    names
}

fn told(project: &Project, more: &[&str]) -> Value {
    let ran = run(project, &[&["ledger", "--format", "json"], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn every_judgement_is_remembered_once() {
    let project = recorded();
    check(&project, &[]).ends(0, &["PASS", "20261120T090000Z-", ".json in .relgate/ledger"]);
    check(&project, &[]).ends(0, &["PASS"]);
    assert_eq!(names(&project).len(), 1, "the same again is not written again");
    let event = &told(&project, &[])["events"][0];
    assert_eq!((&event["kind"], &event["version"]), (&"checked".into(), &"1.2.3".into()));
    let data = &event["data"];
    assert_eq!((&data["decision"], &data["look"], &data["looks"]), (&"pass".into(), &1.into(), &1.into()));
    let report = fs::read(project.path("relgate-report/report.json")).unwrap();
    assert_eq!(
        data["report"],
        super::digest_bytes(&report).hex(),
        "anybody recomputes it: sha256sum report.json"
    );
    let text = fs::read_to_string(&names(&project)[0]).unwrap();
    let schema: Value = serde_json::from_str(&run(&project, &["schema", "event"]).out).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    assert!(schema.is_valid(&document), "{:?}", schema.iter_errors(&document).next());
    document["data"]["look"] = 0.into();
    assert!(!schema.is_valid(&document));
    // Without being asked to: only in CI, and never in a dry run.
    project.again("answers.jsonl", events("toxicity", 1, 401));
    run(&project, &["check", "--as-of", "2026-11-20"]).ends(0, &[]);
    run(&project, &["check", "--as-of", "2026-11-20", "--dry-run"]).ends(0, &["this is look 2"]);
    assert_eq!(names(&project).len(), 1);
    Ran::of(project.relgate().env("CI", "true").args(["check", "--as-of", "2026-11-20"])).ends(0, &[]);
    assert_eq!(names(&project).len(), 2);
    let none = judged_by(&["Toxicity < 5%"], &events("toxicity", 0, 400));
    check(&none, &[]).ends(2, &["no-ledger", "relgate ledger init"]);
    Ran::of(none.relgate().env("CI", "true").args(["check", "--as-of", "2026-11-20"])).ends(0, &[]);
    assert!(!none.path(".relgate").exists());
}

#[test]
fn looks_that_nobody_declared_and_criteria_that_changed_are_said_in_every_output() {
    let project = recorded();
    let looks =
        |n: usize| format!("this is look {n} at growing results of helpdesk 1.2.3, and `looks` declares 1");
    check(&project, &[]).ends(0, &[]);
    project.again("answers.jsonl", events("toxicity", 0, 500));
    check(&project, &[]).ends(0, &[&looks(2)]);
    let report: Value =
        serde_json::from_str(&fs::read_to_string(project.path("relgate-report/report.json")).unwrap())
            .unwrap();
    let codes = |report: &Value| {
        let all =
            report["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned());
        all.collect::<Vec<_>>()
    };
    assert!(codes(&report).contains(&"undeclared-look".to_owned()));
    let markdown = fs::read_to_string(project.path("relgate-report/report.md")).unwrap();
    assert!(markdown.contains("look 2 at growing results"), "{markdown}");
    // What was looked at before is no further look.
    project.again("answers.jsonl", events("toxicity", 0, 400));
    let first = check(&project, &[]);
    assert!(!first.out.contains("this is look"), "{}", first.out);
    project.again("answers.jsonl", events("toxicity", 0, 600));
    check(&project, &[]).ends(0, &[&looks(3)]);
    // A gate that is fitted to known results.
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    project.again("release.yaml", text.replace("Toxicity < 5%", "Toxicity < 6%"));
    let changed = check(&project, &[]);
    changed.ends(0, &["the criteria changed", "under other gates, metrics or policy"]);
    assert!(!changed.out.contains("this is look"), "other criteria ask another question");
    assert_eq!(
        told(&project, &[])["events"].as_array().unwrap().last().unwrap()["data"]["criteria_changed"],
        true
    );
    // More looks are stricter, and no other criteria.
    project.again("release.yaml", text.replace("policy: { ", "policy: { looks: 3, "));
    project.again("answers.jsonl", events("toxicity", 0, 700));
    check(&project, &[]).ends(0, &["this is look 4", "`looks` declares 3"]);
    // Another release is another question.
    project.again("release.yaml", text.replace("1.2.3", "1.2.4"));
    let other = check(&project, &[]);
    assert!(!other.out.contains("this is look"), "{}", other.out);
}

#[test]
fn questions_about_the_past_are_answered() {
    let project = recorded();
    run(&project, &["ledger"]).ends(0, &["holds no event yet", "check --record"]);
    run(&project, &["ledger", "--last-good"]).ends(2, &["unknown-event", "no release was promoted"]);
    run(&project, &["ledger", "checkpoint"]).ends(2, &["holds no event yet"]);
    check(&project, &[]).ends(0, &[]);
    run(&project, &["ledger"])
        .ends(0, &["2026-11-20 09:00:00", "checked", "helpdesk 1.2.3", "judged pass, look 1 of 1"]);
    let id = told(&project, &[])["events"][0]["sha256"].as_str().unwrap().to_owned();
    run(&project, &["ledger", &id[..6]]).ends(0, &[&id, "says     judged pass", "\"artifacts\""]);
    run(&project, &["ledger", "20261120T"]).ends(0, &[&id]);
    run(&project, &["ledger", "ffffffffffff"]).ends(2, &["no event is called `ffffffffffff`"]);
    run(&project, &["ledger", &id[..2]]).ends(2, &["at least 4"]);
    run(&project, &["ledger", "--release", "helpdsk"]).ends(2, &["did you mean `helpdesk`?"]);
    run(&project, &["ledger", "--artifact", "prompts.systm"]).ends(2, &["did you mean `prompts.system`?"]);
    project.again("prompts/system.md", "Be brief.\n");
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    project.again("release.yaml", text.replace("1.2.3", "1.2.4").replace("version: v1", "version: v2"));
    check(&project, &[]).ends(0, &[]);
    run(&project, &["ledger", "--artifact", "prompts.system"]).ends(0, &["v1", "v2", "1.2.3", "1.2.4"]);
    let versions = told(&project, &["--artifact", "prompts.system"]);
    assert_eq!(versions["artifact"][0]["releases"], serde_json::json!(["1.2.3"]));
    run(&project, &["ledger", "yank", "1.2.5", "--as", "ana", "--reason", "x"])
        .ends(2, &["knows no version `1.2.5`", "did you mean `1.2."]);
    let yank = ["ledger", "yank", "1.2.4", "--as", "ana", "--reason", "leaks \u{1b}[2J ##[error] it"];
    run(&project, &yank).ends(0, &["helpdesk 1.2.4 is out of use"]);
    run(&project, &yank).ends(0, &["was out of use already"]);
    let shown = run(&project, &["ledger"]);
    shown.ends(0, &["out of use for good, says ana"]);
    assert!(!shown.out.contains('\u{1b}') && !shown.out.contains("##["), "{}", shown.out);
    let shown = run(&project, &["ledger", "--format", "json"]);
    assert!(!shown.out.contains('\u{1b}') && !shown.out.contains("##["), "{}", shown.out);
}

#[test]
fn waivers_are_listed_over_all_judgements() {
    let project = recorded().file("answers.jsonl", events("toxicity", 40, 400)).and(
        "waivers:\n  - { gate: toxicity, reason: INC-7, owner: team, approver: board, expires: 2026-12-01, limit: 20% }\n",
    );
    check(&project, &[]).ends(0, &["PASS"]);
    run(&project, &["ledger", "--waivers"])
        .ends(0, &["toxicity", "INC-7", "board", "20%", "2026-12-01", "helpdesk 1.2.3"]);
    let waivers = told(&project, &["--waivers"]);
    assert_eq!(
        (&waivers["waivers"][0]["times"], &waivers["waivers"][0]["approver"]),
        (&1.into(), &"board".into())
    );
}

#[test]
fn verify_finds_what_is_not_as_it_was_written() {
    let project = recorded();
    check(&project, &[]).ends(0, &[]);
    run(&project, &["lock"]).ends(0, &[]);
    run(&project, &["verify"]).ends(0, &["VERIFIED  1 event in", "each as it was written"]);
    let name = names(&project)[0].clone();
    let whole = fs::read_to_string(&name).unwrap();
    fs::write(&name, whole.replace("\"pass\"", "\"fail\"")).unwrap();
    run(&project, &["verify"])
        .ends(1, &["ledger-edited", name.file_name().unwrap().to_str().unwrap(), "git"]);
    let json: Value = serde_json::from_str(&run(&project, &["verify", "--format", "json"]).out).unwrap();
    assert_eq!(
        (&json["verified"], &json["ledger"]["flaws"][0]["code"]),
        (&false.into(), &"ledger-edited".into())
    );
    // Nothing is concluded from it, and nothing written behind it.
    run(&project, &["ledger"]).ends(2, &["ledger-edited"]);
    check(&project, &[]).ends(2, &["ledger-edited"]);
    run(&project, &["check", "--as-of", "2026-11-20", "--dry-run"]).ends(0, &["was edited"]);
    // What only a part asks for has nothing to do with it.
    run(&project, &["verify", "--only", "prompts.*"]).ends(0, &["PARTIAL"]);
    fs::write(&name, &whole[..20]).unwrap();
    run(&project, &["verify"]).ends(1, &["ledger-torn"]);
    fs::write(&name, &whole).unwrap();
    let kept = run(&project, &["ledger", "checkpoint"]);
    kept.ends(0, &["relgate/checkpoint/v1", "\"count\":1"]);
    fs::write(project.path("kept.json"), &kept.out).unwrap();
    run(&project, &["verify", "--checkpoint", "kept.json"])
        .ends(0, &["whole since checkpoint-00000001-", "kept.json"]);
    for name in names(&project) {
        fs::remove_file(name).unwrap();
    }
    run(&project, &["verify"]).ends(0, &["VERIFIED  0 events"]);
    run(&project, &["verify", "--checkpoint", "kept.json"]).ends(1, &["ledger-missing", "is gone"]);
    run(&project, &["verify", "--checkpoint", "release.yaml"])
        .ends(2, &["the checkpoint `release.yaml` cannot be read"]);
    run(&project, &["verify", "--ledger", "elsewhere"]).ends(2, &["no-ledger"]);
}

#[test]
fn nothing_of_a_git_revision_may_be_gone() {
    let project = recorded().with_git();
    check(&project, &[]).ends(0, &[]);
    run(&project, &["lock"]).ends(0, &[]);
    let project = project.git("init -q").git("add -A").git("commit -qm first");
    run(&project, &["verify", "--against", "main"]).ends(0, &["nothing of main is gone"]);
    let name = names(&project)[0].clone();
    fs::remove_file(&name).unwrap();
    run(&project, &["verify"]).ends(0, &["VERIFIED  0 events"]);
    let gone = run(&project, &["verify", "--against", "main"]);
    gone.ends(1, &["ledger-missing", "stood in `main` and is gone", "git checkout main --"]);
    fs::remove_dir_all(project.path(".relgate")).unwrap();
    run(&project, &["verify", "--against", "main"]).ends(1, &["ledger-missing"]);
    run(&project, &["verify", "--against", "no-such-branch"]).ends(2, &["no-such-branch"]);
    // Put back as the message says.
    let project = project.git("checkout main -- .relgate/ledger");
    run(&project, &["verify", "--against", "git:main"]).ends(0, &["nothing of git:main is gone"]);
}

#[test]
fn a_manifest_that_cannot_be_read_is_named_with_its_line() {
    let project = recorded();
    check(&project, &[]).ends(0, &["PASS"]);
    for (broken, line) in
        [("relgate: 1\nname: helpdesk\nversion: [1\n", ":3"), ("relgate: 1\ntyp: hotfix\n", ":2")]
    {
        fs::write(project.path("release.yaml"), broken).unwrap();
        let place = format!("--> release.yaml{line}");
        run(&project, &["ledger"]).ends(2, &[&place]);
        run(&project, &["report", "relgate-report", "--report", "audit=audit"]).ends(2, &[&place]);
    }
    let outside = "relgate: 1\nname: a\nversion: 1.0.0\ntype: hotfix\ngates: ['a < 1%']\nevidence: { a: { path: a } }\n\
                   deployment:\n  strategy: canary\n  ledger: ../elsewhere\n";
    fs::write(project.path("release.yaml"), outside).unwrap();
    run(&project, &["ledger"]).ends(2, &["--> release.yaml:9", "the ledger"]);
}

#[test]
fn quiet_says_nothing_of_what_was_done() {
    let project = judged_by(&["Toxicity < 5%"], &events("toxicity", 0, 400));
    for _ in 0..2 {
        let ran = run(&project, &["ledger", "init", "-q"]);
        assert_eq!((ran.ends(0, &[]).out.as_str(), ran.err.as_str()), ("", ""));
    }
    assert!(project.path(".relgate/ledger").is_dir());
    run(&project, &["ledger", "yank", "9.9.9", "--as", "ana", "--reason", "x", "--quiet"])
        .ends(2, &["the ledger knows no version `9.9.9`"]);
}

/// Where the environment names nobody, git does.
#[test]
fn who_wrote_an_event_is_known_from_git() {
    let project = recorded();
    let git = |line: &[&str]| {
        let status = Command::new("git").args(line).current_dir(project.path("")).status().unwrap();
        assert!(status.success());
    };
    let actor = || {
        let mut check = project.relgate();
        let check = check.args(["check", "--as-of", "2026-11-20", "--record"]);
        let path = std::env::var_os("PATH").unwrap();
        // What a user of this computer is called by git is nobody's business here.
        Ran::of(
            check.env("PATH", path).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1"),
        )
        .ends(0, &[]);
        let told = run(&project, &["ledger", "--format", "json", "--all"]).out;
        let told: Value = serde_json::from_str(&told).unwrap();
        told["events"].as_array().unwrap().last().unwrap()["actor"].as_str().unwrap().to_owned()
    };
    assert_eq!(actor(), "unknown");
    git(&["init", "-q"]);
    git(&["config", "user.name", "Ana Lopez"]);
    assert_eq!(actor(), "Ana Lopez");
}
