//! `relgate init`: a manifest from what a folder holds, and the story of `--demo`.

use std::fs;

use crate::check::support::Checked;
use crate::project::{Project, TODAY, project, samples};

fn results(n: usize, wrong: usize) -> String {
    samples(n, |i| {
        format!(r#""accuracy": {}, "latency_ms": {}, "polite": true"#, i >= wrong, 500 + (i * 7 + wrong) % 40)
    })
}

fn init(project: &Project, words: &[&str]) -> Checked {
    Checked::new(&project.relgate().arg("init").args(words).output().unwrap(), None)
}

/// The manifest that was written, and the exit code of `relgate check --dry-run` on it.
fn written(project: &Project) -> (String, i32) {
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    let output = project.relgate().args(["check", "--dry-run", "--as-of", TODAY]).output().unwrap();
    let code = output.status.code().unwrap();
    assert!(code != 2, "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    (text, code)
}

#[test]
fn the_story_is_written_and_judged() {
    let project = project();
    let told = init(&project, &["--demo", "story"]);
    assert_eq!(told.code, 1, "{}", told.stderr);
    assert!(told.stdout.contains("FAIL  support-bot 1.1.0 must not ship: 1 of "), "{}", told.stdout);
    assert!(
        told.stdout.contains("accuracy-drop fail") && told.stdout.contains("prompt system v1 -> v2"),
        "{}",
        told.stdout
    );
    let files = project.snapshot();
    assert_eq!(files.keys().filter(|path| path.is_file()).count(), 6);
    // Whoever writes it again gets the same, byte for byte; whoever has it keeps it.
    let again = init(&project, &["--demo", "story"]);
    assert_eq!((again.code, project.snapshot() == files), (2, true), "{}", again.stdout);
    assert!(again.stderr.contains("error[already-there]"), "{}", again.stderr);
    let other = crate::project::project();
    let _ = init(&other, &["--demo", "story"]);
    for (path, bytes) in &files {
        let path = path.strip_prefix(project.path("")).unwrap();
        if !bytes.is_empty() {
            assert_eq!(&fs::read(other.path(path.to_str().unwrap())).unwrap(), bytes);
        }
    }
    let check = project.relgate().args(["check", "--dry-run", "story/release.yaml"]).output().unwrap();
    assert_eq!(check.status.code(), Some(1));
}

#[test]
fn the_story_replaces_nothing() {
    let project = project().file("full/mine", "x").file("file", "x");
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", project.path("link")).unwrap();
    let before = project.snapshot();
    for place in ["full", "file", "file/below", "link"] {
        assert_eq!(init(&project, &["--demo", place]).code, 2, "{place}");
    }
    assert_eq!(project.snapshot(), before);
}

#[test]
fn what_a_folder_holds_becomes_a_manifest_that_can_be_checked() {
    let project = project()
        .file("prompts/system.md", "Answer.")
        .file("prompts/README.md", "About the prompts.")
        .file("data/questions.jsonl", "{\"id\": \"q1\", \"question\": \"Why?\"}\n")
        .file("results/answers.jsonl", results(400, 30))
        .file("results/baseline/answers.jsonl", results(400, 20))
        .file("package.json", r#"{"name": "x", "version": "1.0.0"}"#);
    let told = init(&project, &["--yes"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(
        told.stdout.contains("1 prompt, 1 dataset, 1 file of results (400 rows seen), 2 gates"),
        "{}",
        told.stdout
    );
    let (text, code) = written(&project);
    assert_eq!(code, 3, "{text}");
    for line in [
        "    system: { version: v1, path: prompts/system.md }",
        "    questions: { version: v1, path: data/questions.jsonl, role: eval }",
        "    path: results/answers.jsonl",
        "    baseline: results/baseline/answers.jsonl",
        "  - 'accuracy drop < 2pp'",
        "  - 'latency_ms increase < 10%'",
        "  require: [quality, latency]",
    ] {
        assert!(text.lines().any(|other| other == line), "no `{line}` in\n{text}");
    }
    assert!(text.contains("# not judged: polite of answers") && !text.contains("README"), "{text}");
    assert!(!text.contains("package"), "{text}");
}

/// A limit that is made of the results which it will judge shows nothing, and says so.
#[test]
fn limits_made_of_results_are_marked() {
    let project = project().file("results.jsonl", results(400, 30));
    assert_eq!(init(&project, &["--yes"]).code, 0);
    let (text, _) = written(&project);
    let lines: Vec<&str> = text.lines().collect();
    let mut gates = 0;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("  - ")) {
        assert!(lines[at - 1].contains("PROPOSAL made of these very results"), "{line} in\n{text}");
        gates += 1;
    }
    assert_eq!(gates, 2);
    assert!(text.contains("  - 'accuracy >= 90%'") && text.contains("  - 'latency_ms <= 580ms'"), "{text}");
}

#[test]
fn nothing_is_written_over() {
    let project = project().file("release.yaml", "mine\n").file("results.jsonl", results(50, 1));
    let before = project.snapshot();
    let told = init(&project, &["--yes"]);
    assert_eq!((told.code, told.stdout.as_str()), (2, ""));
    assert!(told.stderr.contains("error[already-there]"), "{}", told.stderr);
    let printed = init(&project, &["--yes", "--dry-run"]);
    assert_eq!(printed.code, 0);
    assert!(printed.stdout.contains("accuracy >= "), "{}", printed.stdout);
    assert_eq!(project.snapshot(), before);
    #[cfg(unix)]
    {
        fs::remove_file(project.path("release.yaml")).unwrap();
        std::os::unix::fs::symlink("elsewhere.yaml", project.path("release.yaml")).unwrap();
        assert_eq!(init(&project, &["--yes"]).code, 2);
        assert!(!project.path("elsewhere.yaml").exists());
    }
}

#[test]
fn folders_of_tools_and_links_are_not_looked_into() {
    let project = project()
        .file("node_modules/x/results.jsonl", results(50, 1))
        .file(".cache/results.jsonl", results(50, 1))
        .file("mine/pyvenv.cfg", "")
        .file("mine/results.jsonl", results(50, 1))
        .file("relgate-report/answers.jsonl", results(50, 1))
        .file("a/b/c/d/e/f/g/h/i/results.jsonl", results(50, 1));
    #[cfg(unix)]
    {
        let outside = crate::project::project().file("results.jsonl", results(50, 1));
        std::os::unix::fs::symlink(outside.path(""), project.path("link")).unwrap();
        std::os::unix::fs::symlink(outside.path("results.jsonl"), project.path("results.jsonl")).unwrap();
        std::os::unix::fs::symlink("..", project.path("circle")).unwrap();
        let told = init(&project, &["--yes"]);
        assert_eq!(told.code, 0, "{}", told.stderr);
    }
    #[cfg(not(unix))]
    assert_eq!(init(&project, &["--yes"]).code, 0);
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    assert!(text.contains("no results were found") && text.contains("more than was looked at"), "{text}");
    assert!(!text.contains("results.jsonl"), "{text}");
}

#[test]
fn an_empty_folder_gets_a_manifest_that_says_what_is_missing() {
    let project = project();
    let told = init(&project, &["--yes", "--name", "bot"]);
    assert_eq!(told.code, 0);
    assert!(told.stdout.contains("no results were found"), "{}", told.stdout);
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    assert!(text.contains("name: bot\nversion: 0.1.0\n") && text.contains("PLACEHOLDER"), "{text}");
    // As soon as there are results, it judges.
    let project = project.file("results/answers.jsonl", results(400, 10));
    assert_eq!(written(&project).1, 0);
}

/// What cannot be judged is left out with its reason; the rest still makes a manifest.
#[test]
fn damaged_and_hostile_files_keep_nobody_from_a_manifest() {
    let project = project()
        .file("results/good.jsonl", results(400, 10))
        .file("results/cut.jsonl", "{\"id\": 1, \"accuracy\": tr")
        .file("results/twice.jsonl", results(50, 1) + &results(50, 1))
        .file("results/nan.jsonl", "{\"id\": 1, \"accuracy\": NaN}\n")
        .file("results/it's: #1\u{202e}.csv", "question_id,correct\nq1,yes\nq2,no\n")
        .file("results/metrics.json", r#"{"accuracy": 0.9, "p95_latency_ms": 900}"#)
        .file("prompts/big.md", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n");
    assert_eq!(init(&project, &["--yes"]).code, 0);
    let (text, _) = written(&project);
    for (file, told) in
        [("results/cut.jsonl", "cut off"), ("results/twice.jsonl", "twice"), ("prompts/big.md", "LFS")]
    {
        let line = text.lines().find(|line| line.contains(&format!("left out: {file}")));
        assert!(line.is_some_and(|line| line.contains(told)), "{file} in\n{text}");
    }
    assert!(text.contains("left out: results/nan.jsonl"), "{text}");
    assert!(text.contains("fields: { id: question_id }") && !text.contains('\u{202e}'), "{text}");
    // The same metric in several files: every gate names its own.
    assert!(
        text.contains("metric: accuracy, evidence: good")
            && text.contains("metric: accuracy, evidence: metrics"),
        "{text}"
    );
}

#[test]
fn flags_and_git_tags_answer_the_questions() {
    let project = project().file("results.jsonl", results(400, 10)).with_git();
    let project = project.git("init -q").git("add .").git("commit -qm x").git("tag v1.4.2").git("tag other");
    assert_eq!(init(&project, &[]).code, 0, "no terminal, no question");
    let (text, _) = written(&project);
    assert!(text.contains("version: 1.4.3  # the last tag is v1.4.2"), "{text}");
    assert!(text.contains("# baseline: git:v1.4.2"), "{text}");
    for (words, told) in [
        (&["--type", "hotfix"][..], "--summary TEXT"),
        (&["--type", "big"], "possible values"),
        (&["--version", "v1"], "bad-version"),
        (&["--name", "a b"], "bad-name"),
        (&["--name", "-x"], "unexpected argument"),
        (&["nowhere"], "no-folder"),
    ] {
        let told_here = init(&project, &[words, &["--dry-run", "--yes"]].concat());
        assert_eq!((told_here.code, told_here.stdout.as_str()), (2, ""), "{words:?}");
        assert!(told_here.stderr.contains(told), "{words:?}: {}", told_here.stderr);
    }
    let flags =
        ["--type", "hotfix", "--summary", "it's: #1", "--name", "bot", "--version", "3.0.0", "--dry-run"];
    let told = init(&project, &flags);
    assert_eq!(told.code, 0, "{}", told.stderr);
    fs::write(project.path("release.yaml"), &told.stdout).unwrap();
    let (text, _) = written(&project);
    assert!(text.contains("name: bot\nversion: 3.0.0") && text.contains("summary: 'it''s: #1'"), "{text}");
}

/// What other tools wrote is proposed as our own formats are: two prompts in one file, and the files of two versions.
#[test]
fn results_of_other_tools_are_proposed() {
    let two_prompts = fs::read("examples/promptfoo-ab/results.json.gz").unwrap();
    let project = project().file("results.json.gz", two_prompts);
    assert_eq!(init(&project, &["--yes"]).code, 0);
    let (text, _) = written(&project);
    for line in [
        "    where: { prompt: short, provider: shop-small-1 }",
        "      path: results.json.gz",
        "      where: { prompt: long, provider: shop-small-1 }",
        "  - 'correct drop < 2pp'",
    ] {
        assert!(text.lines().any(|other| other == line), "no `{line}` in\n{text}");
    }
    assert!(text.contains("PROPOSAL: the file holds 2 runs"), "{text}");

    let junit = |version: &str| fs::read(format!("examples/pytest-junit/results/{version}.xml")).unwrap();
    let project = crate::project::project()
        .file("results/2.0.0.xml", junit("2.0.0"))
        .file("results/2.0.1.xml", junit("2.0.1"))
        .file("results/1.9.0.xml", junit("2.0.0"));
    assert_eq!(init(&project, &["--yes"]).code, 0);
    let (text, _) = written(&project);
    assert!(text.contains("path: results/2.0.1.xml\n    baseline: results/2.0.0.xml\n"), "{text}");
    assert!(
        text.contains("  - 'pass drop < 2pp'\n") && text.contains("left out: results/1.9.0.xml (older"),
        "{text}"
    );
}
