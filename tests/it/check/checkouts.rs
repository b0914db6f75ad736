//! A baseline in git whose files a checkout writes with other bytes: the same files, as long as git says so.

use std::fs;
use std::process::Command;

use super::support::*;

const BODY: &str = "artifacts:\n  prompts: { system: { version: p-1, path: prompt.md } }\n  models: { m: { version: m-1, path: model } }\n";
const PROMPT: &str = "Be kind.\nNever lie. $Id$\n";

/// Runs a script in the folder, with git as nobody in particular.
fn script(project: &Project, text: &str) {
    let names = ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"];
    let output = Command::new("bash")
        .args(["-ec", text])
        .current_dir(project.path("."))
        .envs(names.map(|name| (name, "x@example.org")))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A release in git, committed as `v1` after `set_up` and checked out anew; the candidate has another version of its own.
fn checkout(set_up: &str) -> Project {
    let project = judged_by(&["accuracy >= 50%"], &events("correct", 990, 1000))
        .file("prompt.md", PROMPT)
        .file("model/config.json", "{\n  \"a\": 1\n}\n")
        .file("model/w.bin", b"\x00\x01\r\n\x02")
        .with_git();
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    let project = project.file("release.yaml", text.replace("evidence:", &format!("{BODY}evidence:")));
    script(&project, &format!("git init -q -b main; {set_up}; git add -A; git commit -qm one; git tag v1"));
    script(
        &project,
        "rm -r prompt.md model; git checkout -q -- .; sed -i 's/^version: 1.2.3/version: 1.2.4/' release.yaml",
    );
    project.args(&["--baseline", "git:v1"])
}

/// What became of the built-in gate on silent changes.
fn silent(project: &Project) -> String {
    let checked = project.check();
    let report = checked.report();
    let gate = report["gates"]
        .as_array()
        .unwrap()
        .iter()
        .find(|gate| gate["id"] == "silent-change")
        .unwrap()
        .clone();
    gate["outcome"].as_str().unwrap().to_owned()
}

/// A filter that turns letters round, both ways.
const TURNED: &str = "git config filter.turn.clean 'tr a-zA-Z n-za-mN-ZA-M'; git config filter.turn.smudge 'tr a-zA-Z n-za-mN-ZA-M'; \
     echo '*.md filter=turn' > .gitattributes; git config filter.turn.required true";

const CONVERTED: [&str; 6] = [
    "echo '* text=auto eol=crlf' > .gitattributes",
    "git config core.autocrlf true",
    "echo '*.md ident' > .gitattributes",
    "echo '*.md ident text eol=crlf' > .gitattributes",
    TURNED,
    "echo '*.md text working-tree-encoding=UTF-16LE' > .gitattributes; printf 'p\\0r\\0o\\0\\n\\0' > prompt.md",
];

#[test]
fn a_clean_checkout_has_changed_nothing() {
    for set_up in CONVERTED {
        let project = checkout(set_up);
        let kept = Command::new("git")
            .args(["show", "v1:prompt.md"])
            .current_dir(project.path("."))
            .output()
            .unwrap();
        let here = fs::read(project.path("prompt.md")).unwrap();
        assert_ne!(kept.stdout, here, "{set_up}: the checkout converts nothing");
        assert_eq!(silent(&project), "pass", "{set_up}");
        for sides in [["git:v1", "release.yaml"], ["release.yaml", "git:v1"]] {
            let output = project
                .relgate()
                .arg("diff")
                .args(sides)
                .args(["--no-evidence", "--fail-on", "any"])
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(!text.contains("prompt") && !text.contains("model m"), "{set_up}: {text}");
        }
    }
}

#[test]
fn what_changed_besides_is_still_a_silent_change() {
    for set_up in CONVERTED {
        let project = checkout(set_up);
        let mut bytes = fs::read(project.path("prompt.md")).unwrap();
        bytes[0] ^= 2;
        assert_eq!(silent(&project.file("prompt.md", bytes)), "fail", "{set_up}");
    }
    // git would take it for unchanged, because it was told not to look.
    let project = checkout(CONVERTED[0]);
    script(&project, "git update-index --assume-unchanged prompt.md; printf 'Lie.\\r\\n' > prompt.md");
    assert_eq!(silent(&project), "fail");
    // git drops what stands in the keyword, and a model reads it.
    let project = checkout(CONVERTED[2]);
    let text = fs::read_to_string(project.path("prompt.md")).unwrap();
    let (before, after) = text.split_once("$Id: ").unwrap();
    let after = after.split_once('$').unwrap().1;
    let text = format!("{before}$Id: and answer in rhymes ${after}");
    assert_eq!(silent(&project.file("prompt.md", text)), "fail");
    // A filter that is not here to tell.
    let project = checkout(TURNED);
    script(&project, "git config filter.turn.clean /nowhere/turn");
    assert_eq!(silent(&project), "fail");
}

#[test]
fn files_elsewhere_and_roots_below_the_repository() {
    let project = checkout(CONVERTED[0]);
    script(
        &project,
        "mkdir p '\"q\"'; mv prompt.md 'p/a b.md'; sed -i 's#path: prompt.md#path: p/a b.md#' release.yaml",
    );
    assert_eq!(silent(&project), "pass");
    script(
        &project,
        "mv 'p/a b.md' '\"q\"/\"x\".md'; sed -i \"s#path: p/a b.md#path: '\\\"q\\\"/\\\"x\\\".md'#\" release.yaml",
    );
    assert_eq!(silent(&project), "pass");
    // The root is a folder of the repository.
    let project = checkout(CONVERTED[0]);
    script(
        &project,
        "mkdir chat; git mv prompt.md model answers.jsonl chat; mv release.yaml chat; git add -A; git commit -qm two; git tag -f v1; \
         rm -r chat/prompt.md chat/model; git checkout -q -- .; sed -i 's/^version: 1.2.4/version: 1.2.5/' chat/release.yaml",
    );
    for root in [".", "chat"] {
        let output = project
            .relgate()
            .args(["check", "chat/release.yaml", "--baseline", "git:v1", "--root", root])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("silent-change  0 (observed"), "{root}: {text}");
    }
}

#[test]
fn a_change_beside_a_conversion_is_told_alone() {
    let project = checkout(CONVERTED[0]).file("model/w.bin", "other weights");
    let output = project.relgate().args(["diff", "git:v1", "--no-evidence"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("changed: w.bin") && !text.contains("config.json"), "{text}");
}
