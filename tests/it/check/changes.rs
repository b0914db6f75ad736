//! What differs from the baseline: silent changes, types and versions that do not fit, `when:`, and baselines in git.

use std::path::Path;
use std::process::Command;

use crate::check::support::{
    ANSWERS, Checked, HEAD, Project, TODAY, events, listed, project, relgate, undemanding,
};

const PASS: &str = "pass bound-clears-threshold";
/// Artifacts of the release before; `PROMPT` is its prompt.
const BEFORE: &str = "artifacts:\n  models: { chat: { version: gpt-4.3, uri: 'vendor:gpt-4.3-2026-01-15' } }\n  prompts: { system: { version: v1, path: prompts/system.md } }\n";

/// A release with `artifacts` and `gates` after one with [`BEFORE`]; both prompts say "Be kind." unless changed later.
fn release(artifacts: &str, gates: &[&str]) -> Project {
    project()
        .manifest(&format!("{artifacts}{ANSWERS}{}", listed(gates)))
        .file("prompts/system.md", "Be kind.\n")
        .file("answers.jsonl", events("toxic", 0, 5000))
        .after(BEFORE, &events("toxic", 1, 5000))
        .file("before/prompts/system.md", "Be kind.\n")
}

const TOXICITY: [&str; 1] = ["Toxicity < 0.1%"];

/// The codes of the report's warnings.
fn warnings(checked: &Checked) -> Vec<String> {
    checked.warnings().into_iter().filter(|code| code != "evidence-unbound").collect()
}

/// `changed` of every artifact of the report, by `kind.name`.
fn changed(checked: &Checked) -> Vec<String> {
    let report = checked.report();
    let told = report["artifacts"].as_array().unwrap().iter();
    told.map(|one| format!("{}.{} {}", one["kind"], one["name"], one["changed"]).replace('"', "")).collect()
}

#[test]
fn one_byte_without_a_new_version_fails_the_release() {
    let silent = release(BEFORE, &TOXICITY).file("prompts/system.md", "Be kind!\n").check();
    assert_eq!((silent.code, silent.outcome("toxicity").as_str()), (1, PASS), "{}", silent.stdout);
    assert_eq!(silent.outcome("silent-change"), "fail silent-change");
    let gate = silent.gate("silent-change");
    let why = gate["reason"]["text"].as_str().unwrap();
    assert!(why.contains("prompt system v1") && why.contains("prompts/system.md"), "{why}");
    assert_eq!(
        (&gate["candidate"]["value"], &gate["candidate"]["method"]),
        (&1.0.into(), &"observed".into())
    );
    assert_eq!((&gate["enforcement"], &gate["candidate"]["n"]), (&"block".into(), &2.into()));
    assert!(silent.stdout.contains("prompts/system.md"), "{}", silent.stdout);
    assert_eq!(changed(&silent), ["model.chat unchanged", "prompt.system modified"]);

    let newer = release(&BEFORE.replace("version: v1,", "version: v2,"), &TOXICITY)
        .file("prompts/system.md", "Be kind!\n")
        .check();
    assert_eq!(
        (newer.code, newer.outcome("silent-change").as_str()),
        (0, "pass fact-holds"),
        "{}",
        newer.stdout
    );
    assert_eq!(changed(&newer), ["model.chat unchanged", "prompt.system modified"]);
    assert_eq!(warnings(&newer), [""; 0]);

    // Values in the manifest are bytes as well.
    let config = |values: &str| {
        format!("artifacts: {{ inference_configs: {{ c: {{ version: c1, values: {{ {values} }} }} }} }}\n")
    };
    let story = |now: &str| {
        project()
            .manifest(&format!("{}{ANSWERS}{}", config(now), listed(&TOXICITY)))
            .file("answers.jsonl", events("toxic", 0, 5000))
            .after(&config("temperature: 0.2"), &events("toxic", 1, 5000))
            .check()
    };
    assert_eq!(story("temperature: 0.2").code, 0);
    let hotter = story("temperature: 0.3");
    assert_eq!(
        (hotter.code, hotter.outcome("silent-change").as_str()),
        (1, "fail silent-change"),
        "{}",
        hotter.stdout
    );
}

#[test]
fn without_a_baseline_nothing_is_compared() {
    let alone = project()
        .manifest(&format!("{BEFORE}{ANSWERS}{}", listed(&TOXICITY)))
        .file("prompts/system.md", "Be kind.\n")
        .file("answers.jsonl", events("toxic", 0, 5000))
        .check();
    assert_eq!(alone.code, 0, "{}", alone.stdout);
    assert_eq!(changed(&alone), ["model.chat null", "prompt.system null"]);
    assert_eq!(alone.report()["gates"].as_array().unwrap().len(), 1, "no built-in gate without a baseline");
}

#[test]
fn what_came_and_went_is_told() {
    let more = BEFORE.replace("prompts: {", "safety_policies: { words: { version: w1, values: { a: 1 } } }\n  prompts: { greeting: { version: v1, values: { a: 1 } },");
    let checked = release(&more, &TOXICITY).check();
    assert_eq!(
        changed(&checked),
        [
            "model.chat unchanged",
            "prompt.greeting added",
            "prompt.system unchanged",
            "safety_policy.words added"
        ]
    );
}

#[test]
fn a_new_version_of_the_same_bytes_is_pointed_out() {
    let checked = release(&BEFORE.replace("version: v1,", "version: v2,"), &TOXICITY).check();
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    assert!(warnings(&checked).contains(&"relabelled".to_owned()), "{:?}", warnings(&checked));
    assert!(checked.stdout.contains("new version and the same bytes"), "{}", checked.stdout);
}

#[test]
fn a_model_that_may_change_by_itself_is_pointed_out() {
    for (version, uri, pin) in [
        ("latest", "vendor:gpt-4.3-2026-01-15", "gpt-4o-2024-08-06"),
        ("v1", "vendor:gpt", "gpt-4o-2024-08-06"),
        ("gpt-4o", "openai:gpt-4o", "dated or numbered snapshot"),
        ("v1", "HF:team/chat@v1.0", "`hf:org/name@<40 hex digits>`"),
    ] {
        let story = |baseline: bool| {
            let text =
                format!("artifacts: {{ models: {{ chat: {{ version: {version}, uri: '{uri}' }} }} }}\n");
            let story = project()
                .manifest(&format!("{text}{ANSWERS}{}", listed(&TOXICITY)))
                .file("answers.jsonl", events("toxic", 0, 5000));
            if baseline { story.after(&text, &events("toxic", 1, 5000)) } else { story }
        };
        for baseline in [false, true] {
            let checked = story(baseline).check();
            assert_eq!(checked.code, 0, "{}", checked.stdout);
            assert!(warnings(&checked).contains(&"unpinned-model".to_owned()), "{version} {uri}");
            assert!(checked.flat().contains(pin), "{}", checked.stdout);
            assert_eq!(checked.report()["policy"]["unpinned_models"], "warn");
            let refused = story(baseline).and("policy: { unpinned_models: refuse }\n").check();
            refused.refuses(&["error[unpinned-model]", "release.yaml:5", "the policy refuses it", pin]);
            assert_eq!(refused.json, None);
        }
    }
}

#[test]
fn a_policy_that_refuses_unpinned_models_is_kept_by_a_pinned_one() {
    let checked = release(BEFORE, &TOXICITY).and("policy: { unpinned_models: refuse }\n").check();
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert_eq!(checked.report()["policy"]["unpinned_models"], "refuse");
}

#[test]
fn a_type_may_not_promise_less_than_what_changed() {
    let swapped = BEFORE.replace(
        "version: gpt-4.3, uri: 'vendor:gpt-4.3-2026-01-15'",
        "version: gpt-5.0, uri: 'vendor:gpt-5.0-2026-10-01'",
    );
    let checked = release(&swapped, &TOXICITY).check();
    checked.refuses(&[
        "release-type-mismatch",
        "release.yaml:4",
        "a prompt-release may not change `models`",
        "gpt-4.3 -> gpt-5.0",
        "type: model-upgrade",
    ]);
    assert_eq!(checked.json, None);
    let upgrade = release(&swapped, &TOXICITY);
    let text = std::fs::read_to_string(upgrade.path("release.yaml")).unwrap();
    let upgrade = upgrade.file("release.yaml", text.replace("prompt-release", "model-upgrade"));
    let checked = upgrade.check();
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert!(warnings(&checked).contains(&"version-step".to_owned()), "{:?}", warnings(&checked));
}

#[test]
fn a_version_only_goes_up() {
    for (version, code) in [
        ("1.2.1", "lower-version"),
        ("1.2.2", "same-version"),
        ("1.2.2+build.7", "same-version"),
        ("1.2.2-rc.1", "lower-version"),
    ] {
        let story = release(BEFORE, &TOXICITY);
        let text = std::fs::read_to_string(story.path("release.yaml")).unwrap();
        let checked = story.file("release.yaml", text.replace("1.2.3", version)).check();
        checked.refuses(&[code, "release.yaml:3"]);
    }
}

#[test]
fn a_gate_that_does_not_apply_is_listed_and_helps_nobody() {
    let always = "{ id: always, rule: 'Toxicity < 1%' }";
    let gate = |when: &str| format!("{{ id: g, rule: 'Toxicity < 0.1%', when: {{ {when} }} }}");
    let newer = BEFORE.replace("version: v1,", "version: v2,");
    let check =
        |when: &str| release(&newer, &[always, &gate(when)]).file("prompts/system.md", "Be brief.\n").check();
    for (when, applies) in [
        ("changed: [prompts]", true),
        ("changed: [models]", false),
        ("changed: [models, prompts]", true),
        ("type: [prompt-release]", true),
        ("type: [model-upgrade, hotfix]", false),
        ("type: [prompt-release], changed: [datasets]", false),
    ] {
        let checked = check(when);
        let outcome = if applies { PASS } else { "not-applicable switched-off" };
        assert_eq!((checked.code, checked.outcome("g").as_str()), (0, outcome), "{when}: {}", checked.stdout);
        assert!(
            checked.stdout.contains("g  ") && (applies || checked.stdout.contains("not-applicable")),
            "{}",
            checked.stdout
        );
    }
    // Switched off, it stands for no category.
    let quality = |when: &str| {
        let gates = [always.to_owned(), format!("{{ id: g, rule: 'accuracy > 10%', when: {{ {when} }} }}")];
        let rows = events("toxic", 0, 5000).replace('}', r#", "correct": true}"#);
        release(&newer, &[gates[0].as_str(), gates[1].as_str()])
            .file("prompts/system.md", "Be brief.\n")
            .file("answers.jsonl", rows)
            .and("policy: { require: [safety, quality] }\n")
            .check()
    };
    assert_eq!(quality("changed: [prompts]").code, 0);
    let off = quality("changed: [models]");
    assert_eq!(
        (off.code, &off.report()["errors"][0]["code"]),
        (2, &"category-not-covered".into()),
        "{}",
        off.stdout
    );
    // A gate whose evidence is bad fails nothing while it is off, and everything once it is on.
    let toxic = |when: &str| {
        release(&newer, &[always, &format!("{{ id: g, rule: 'Toxicity < 0.001%', when: {{ {when} }} }}")])
            .file("prompts/system.md", "Be brief.\n")
            .check()
            .code
    };
    assert_eq!((toxic("changed: [models]"), toxic("changed: [prompts]")), (0, 3));
    // Without a baseline nothing is switched off.
    let alone = project()
        .manifest(&format!("{BEFORE}{ANSWERS}{}", listed(&[&gate("changed: [models]")])))
        .file("prompts/system.md", "Be kind.\n")
        .file("answers.jsonl", events("toxic", 0, 5000))
        .check();
    alone.ends(0, PASS);
}

#[test]
fn a_release_of_which_no_gate_applies_is_not_judged() {
    let newer = BEFORE.replace("version: v1,", "version: v2,");
    let gate = "{ id: g, rule: 'Toxicity < 0.1%', when: { changed: [models] } }";
    let checked = release(&newer, &[gate]).file("prompts/system.md", "Be brief.\n").check();
    assert_eq!(checked.outcome("g"), "not-applicable switched-off");
    assert_eq!(checked.code, 2, "nothing was judged: {}", checked.stdout);
    // Nor without a baseline, where only the type switches it off.
    let typed = "{ id: g, rule: 'Toxicity < 0.1%', when: { type: [hotfix] } }";
    let alone = project()
        .manifest(&format!("{ANSWERS}{}", listed(&[typed])))
        .file("answers.jsonl", events("toxic", 4000, 5000))
        .check();
    assert_eq!(alone.code, 2, "nothing was judged: {}", alone.stdout);
}

#[test]
fn the_built_in_gate_does_not_stand_for_a_judgement() {
    let warns = "{ id: g, rule: 'Toxicity < 0.1%', enforcement: warn }";
    let checked = release(BEFORE, &[warns]).file("answers.jsonl", events("toxic", 4000, 5000)).check();
    assert_eq!(
        checked.code, 2,
        "without a blocking gate of the manifest nothing is judged: {}",
        checked.stdout
    );
}

/// Runs git in a folder as nobody in particular.
fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .envs(
            ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]
                .map(|name| (name, "t@example.com")),
        )
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with release 1.2.2 at tag `v1.2.2`, and 1.2.3 with another prompt in its working tree.
fn repository(version: &str) -> Project {
    let gates = listed(&["Toxicity < 0.1%", "toxicity increase < 1pp"]);
    let old = format!("{}{BEFORE}{ANSWERS}{gates}", HEAD.replace("1.2.3", "1.2.2"));
    let project = project()
        .file("release.yaml", old)
        .file("prompts/system.md", "Be kind.\n")
        .file("answers.jsonl", events("toxic", 2, 5000));
    let root = project.path("");
    git(&root, &["init", "-q", "-b", "main"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "-qm", "1.2.2"]);
    git(&root, &["tag", "v1.2.2"]);
    let artifacts = BEFORE.replace("version: v1,", &format!("version: {version},"));
    project
        .manifest(&format!("{artifacts}{ANSWERS}{gates}"))
        .file("prompts/system.md", "Be brief.\n")
        .file("answers.jsonl", events("toxic", 1, 5000))
}

#[test]
fn a_baseline_in_git_is_the_manifest_its_artifacts_and_its_results_of_that_commit() {
    for baseline in ["git:v1.2.2", "git:HEAD", "git:v1.2.2:release.yaml"] {
        let checked = repository("v2").and(&format!("baseline: '{baseline}'\n")).check();
        assert_eq!(checked.code, 0, "{baseline}: {}{}", checked.stdout, checked.stderr);
        let gate = checked.gate("toxicity-increase");
        assert_eq!((&gate["baseline"]["events"], &gate["candidate"]["events"]), (&2.into(), &1.into()));
        assert_eq!(gate["change"]["method"], "gaffke");
        assert_eq!(changed(&checked), ["model.chat unchanged", "prompt.system modified"]);
    }
    let silent = repository("v1").and("baseline: 'git:v1.2.2'\n").check();
    assert_eq!((silent.code, silent.outcome("silent-change").as_str()), (1, "fail silent-change"));
    // The flag is the same.
    let flag = repository("v1").args(&["--baseline", "git:v1.2.2"]).check();
    assert_eq!((flag.code, flag.outcome("silent-change").as_str()), (1, "fail silent-change"));
}

/// A model of 100 kB that git-lfs keeps: the commit has its pointer, the working tree the bytes of `now`.
fn large(now: u8) -> Project {
    let model = "artifacts: { models: { chat: { version: m1, path: model } } }\n";
    let gates = listed(&["Toxicity < 0.1%", "toxicity increase < 1pp"]);
    // sha256sum of 100,000 bytes 7.
    let head = HEAD.replace("prompt-release", "model-upgrade");
    let pointer = "version https://git-lfs.github.com/spec/v1\n\
        oid sha256:2c4b101169bf328cd4a882e640a8b57eb3acf76518b3d105869905cf629e791c\nsize 100000\n";
    let project = project()
        .file("release.yaml", format!("{}{model}{ANSWERS}{gates}", head.replace("1.2.3", "1.2.2")))
        .file("model/weights.bin", pointer)
        .file("model/config.json", "{}")
        .file("answers.jsonl", events("toxic", 2, 5000));
    let root = project.path("");
    git(&root, &["init", "-q", "-b", "main"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "-qm", "1.2.2"]);
    project
        .file("release.yaml", undemanding(&format!("{head}{model}{ANSWERS}{gates}")))
        .file("model/weights.bin", vec![now; 100_000])
        .file("answers.jsonl", events("toxic", 1, 5000))
        .and("baseline: 'git:HEAD'\n")
}

#[test]
fn a_model_that_git_lfs_keeps_is_compared_by_its_own_digest() {
    let same = large(7).check();
    assert_eq!(same.code, 0, "{}{}", same.stdout, same.stderr);
    assert_eq!(changed(&same), ["model.chat unchanged"]);
    let other = large(8).check();
    assert_eq!((other.code, other.outcome("silent-change").as_str()), (1, "fail silent-change"));
    // A pointer in the working tree is a model that nobody downloaded.
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:2c4b101169bf328cd4a882e640a8b57eb3acf76518b3d105869905cf629e791c\nsize 100000\n";
    large(7).file("model/weights.bin", pointer).check().refuses(&["lfs-pointer", "git lfs pull"]);
}

#[test]
fn results_of_the_baseline_that_git_lfs_keeps_are_an_error() {
    let project = repository("v2").and("baseline: 'git:v1.2.3'\n");
    let (root, now) = (project.path(""), std::fs::read(project.path("answers.jsonl")).unwrap());
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:2c4b101169bf328cd4a882e640a8b57eb3acf76518b3d105869905cf629e791c\nsize 100000\n";
    let project = project.file("answers.jsonl", pointer);
    let text = std::fs::read_to_string(project.path("release.yaml")).unwrap();
    let project = project.file("release.yaml", text.replace("version: 1.2.3", "version: 1.2.2"));
    git(&root, &["add", "."]);
    git(&root, &["commit", "-qm", "pointers"]);
    git(&root, &["tag", "v1.2.3"]);
    let checked = project.file("release.yaml", text).file("answers.jsonl", now).check();
    checked.refuses(&[
        "lfs-pointer",
        "git:v1.2.3:answers.jsonl",
        "not the results themselves",
        "git lfs pull",
    ]);
}

#[test]
fn a_revision_that_is_not_there_is_an_error() {
    for (baseline, words) in [
        ("git:v1.2.1", &["git-revision", "`v1.2.1`", "did you mean `v1.2.2`?"][..]),
        ("git:v1.2.2:releases/release.yaml", &["releases/release.yaml"]),
        ("git:", &["git-revision"]),
        ("git:--all", &["git-revision", "starts with `-`"]),
    ] {
        let checked = repository("v2").args(&["--baseline", baseline]).check();
        checked.refuses(words);
        assert_eq!(checked.json, None);
    }
    let nowhere = release(BEFORE, &TOXICITY).args(&["--baseline", "git:v1.2.2"]).check();
    assert_eq!(nowhere.code, 2, "`--baseline` twice, or no repository: {}", nowhere.stdout);
}

#[test]
fn a_shallow_clone_says_how_to_get_the_whole_history() {
    let origin = repository("v2");
    let root = origin.path("");
    git(&root, &["add", "."]);
    git(&root, &["commit", "-qm", "1.2.3"]);
    let clones = tempfile::tempdir().unwrap();
    let url = format!("file://{}", root.display());
    git(clones.path(), &["clone", "-q", "--depth", "1", "--no-tags", &url, "clone"]);
    let check = || {
        let arguments = ["check", "--as-of", TODAY, "--baseline", "git:v1.2.2"];
        let output = relgate(&clones.path().join("clone")).args(arguments).output().unwrap();
        Checked::new(&output, None)
    };
    check().refuses(&["git-shallow", "`v1.2.2`", "fetch-depth: 0", "git fetch --unshallow --tags"]);
    git(&clones.path().join("clone"), &["fetch", "-q", "--unshallow", "--tags"]);
    let whole = check();
    assert_eq!(whole.code, 0, "{}{}", whole.stdout, whole.stderr);
}
