//! Releases in git: revisions, ranges and paths, read without a checkout.

use crate::diff::support::{AFTER, ANSWERS, BEFORE, Project, events, listed, project, relgate};

const TOXICITY: &str = "{ id: toxicity, rule: 'Toxicity < 1%' }";
const LOOSER: &str = "{ id: toxicity, rule: 'Toxicity < 5%' }";

fn manifest(head: &str, gate: &str) -> String {
    format!("{head}{ANSWERS}{}", listed(&[gate]))
}

/// A repository with tag `v1` (1.2.2), branch `main` (1.2.3, as strict), and a looser gate in the working tree.
fn repository() -> Project {
    project()
        .with_git()
        .file("release.yaml", manifest(BEFORE, TOXICITY))
        .file("answers.jsonl", events("toxic", 1, 400))
        .git("init -q")
        .git("add .")
        .git("commit -q -m one")
        .git("tag v1")
        .file("release.yaml", manifest(AFTER, TOXICITY))
        .file("answers.jsonl", events("toxic", 2, 400))
        .git("commit -q -a -m two")
        .file("release.yaml", manifest(AFTER, LOOSER))
}

#[test]
fn a_threshold_that_was_raised_in_a_branch_fails_and_stands_first() {
    let repository = repository();
    let looser = repository.run(&["git:main", "release.yaml", "--fail-on", "looser"]);
    looser.ends(1, &["git:main:release.yaml with release.yaml"]);
    let lines: Vec<&str> = looser.stdout.lines().collect();
    assert!(lines[0].starts_with("helpdesk 1.2.3 -> 1.2.3: 1 looser (blocking)"), "{}", looser.stdout);
    assert!(lines[2].starts_with("LOOSER"), "{}", looser.stdout);
    assert!(lines[3].starts_with("  blocking  gate toxicity"), "{}", looser.stdout);
    assert!(lines[3].ends_with("[gate-threshold]"), "{}", looser.stdout);

    // The working tree's manifest is meant where only the release before is named.
    assert_eq!(repository.run(&["git:main", "--fail-on", "looser"]).stdout, looser.stdout);
    // The other way round it got tighter.
    repository.run(&["release.yaml", "git:main", "--fail-on", "looser"]).ends(0, &["tighter"]);
}

#[test]
fn a_range_is_one_manifest_in_two_revisions() {
    let repository = repository();
    for range in ["v1..main", "git:v1..main", "v1..", "v1..HEAD"] {
        let compared = repository.run(&[range, "--format", "json"]);
        let json = compared.json();
        assert_eq!(json["before"]["source"], "git:v1:release.yaml", "{range}");
        assert_eq!(
            (&json["before"]["version"], &json["after"]["version"]),
            (&"1.2.2".into(), &"1.2.3".into())
        );
        // Results are read from the commits as well.
        let figure = &json["figures"][0];
        assert_eq!(
            (&figure["before"]["events"], &figure["after"]["events"]),
            (&1.into(), &2.into()),
            "{range}"
        );
    }
    let refused = repository.run(&["v1...main"]);
    refused.refuses(&["three dots", "relgate diff v1..main", "merge-base v1 main"]);
    repository.run(&["v1..main", "release.yaml"]).refuses(&["give the range alone"]);
}

#[test]
fn a_path_after_the_revision_counts_from_the_root() {
    let service = project()
        .with_git()
        .file("services/chat/release.yaml", manifest(BEFORE, TOXICITY))
        .file("README", "x")
        .git("init -q")
        .git("add .")
        .git("commit -q -m one")
        .file("services/chat/release.yaml", manifest(AFTER, LOOSER));
    let chat = "services/chat/release.yaml";
    let compared = service.run(&[&format!("git:HEAD:{chat}"), chat, "--fail-on", "looser"]);
    compared.ends(1, &["1 looser"]);
    // The same file is meant where no path is named, and --manifest names it for a range.
    assert_eq!(service.run(&["git:HEAD", "services/chat", "--fail-on", "looser"]).stdout, compared.stdout);
    service.run(&["HEAD..HEAD", "--manifest", chat]).ends(0, &["no changes"]);
    service.run(&["HEAD..HEAD"]).refuses(&["git:HEAD:release.yaml"]);
}

#[test]
fn a_revision_that_is_not_there_is_an_error_and_no_comparison() {
    let repository = repository();
    repository
        .run(&["git:v9", "release.yaml"])
        .refuses(&["git knows no commit `v9` here", "could not be compared"]);
    repository.run(&["v1..v9"]).refuses(&["`v9`", "it is about the release after, `git:v9`"]);
    repository.run(&["git:v9", "release.yaml"]).refuses(&["it is about the release before, `git:v9`"]);
    // A word that is neither may have been meant as a revision.
    repository.run(&["v1", "release.yaml"]).refuses(&["there is no manifest `v1`", "written `git:v1`"]);
    project()
        .file("release.yaml", manifest(AFTER, TOXICITY))
        .with_git()
        .run(&["git:main", "release.yaml"])
        .refuses(&["is not in a git repository"]);
    // Without git on the PATH.
    let bare =
        relgate(&repository.path(".")).args(["diff", "git:v1"]).env("PATH", "/nowhere").output().unwrap();
    assert_eq!(bare.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&bare.stderr).contains("git-missing"));
}

/// The bytes that git stores for it are a pointer: what changed inside cannot be shown, and everything else is compared.
#[test]
fn data_that_git_keeps_a_pointer_for_is_no_damage() {
    let rows = "{\"id\":1,\"text\":\"a\"}\n";
    let hex = relgate::artifact::digest_bytes(rows.as_bytes());
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n",
        hex.hex(),
        rows.len()
    );
    for (kind, path) in [
        ("datasets", "d.jsonl"),
        ("prompts", "p.md"),
        ("safety_policies", "s.yaml"),
        ("eval_suites", "e.jsonl"),
    ] {
        let release = |head: &str, version: &str| {
            format!(
                "{head}artifacts: {{ {kind}: {{ x: {{ version: {version}, path: {path} }} }}, \
                 inference_configs: {{ c: {{ version: {version}, values: {{ t: {} }} }} }} }}\n{ANSWERS}{}",
                version.len(),
                listed(&[TOXICITY])
            )
        };
        let repository = project()
            .with_git()
            .file("release.yaml", release(BEFORE, "v1"))
            .file(path, &pointer)
            .git("init -q")
            .git("add .")
            .git("commit -q -m one")
            .file("release.yaml", release(AFTER, "v22"))
            .file(path, rows.replace('a', "b"));
        let diff = repository.run(&["git:HEAD", "--no-evidence"]);
        let told = "the bytes of v1 are not at hand (git keeps a Git LFS pointer for them)";
        let flat = diff.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(diff.code == 0 && flat.contains(told), "{kind}: {}{}", diff.stdout, diff.stderr);
        assert!(flat.contains("t 2 -> 3"), "{kind}: {flat}");
    }
}
