//! A `restore`: everybody has the last good release again, and the manifest of a hotfix waits to be judged, whose results nobody made yet.

use std::fs;

use serde_json::Value;

use super::world::{Harm, NONE, Ran, World, world};

const SLOW: Harm = Harm { wait: 4.0, ..NONE };
const FLAGGED: Harm = Harm { flags: 6.0, ..NONE };
const OLD: &str = "Answer politely.\n";
const NEW: &str = "Answer at once.\n";

/// 2.4.0 has model m1 and prompt p1 and is what everybody has; 2.5.0 has m2 and p2, in the same files, and half of the traffic.
fn halfway() -> World {
    let mut world = world(
        "deployment: { strategy: canary, steps: [50%, 100%], bake: 1h }\n\
         artifacts:\n  # Both are chosen by the team.\n  models:\n    chat: { version: m1, uri: 'openai:m1-2026-01-01' }\n  \
         prompts:\n    system: { version: p1, path: prompts/system.md } # short\n\
         rollback:\n  actions:\n    latency: { restore: [models] }\n    quality: { restore: [prompts] }\n",
    );
    world.edit("    - user_flagged\n", "    - user_flagged\n    - 'p95 latency < 1200ms'\n");
    world.edit("  signals:", "  mature: 1h\n  signals:");
    world.edit(
        "gates: ['accuracy >= 85%']",
        "gates:\n  - 'accuracy >= 85%' # of all answers\n  - 'accuracy drop < 5pp'",
    );
    world.edit("type: prompt-release", "type: model-upgrade");
    fs::create_dir_all(world.project.path("prompts")).unwrap();
    fs::write(world.project.path("prompts/system.md"), OLD).unwrap();
    fs::write(world.project.path(".gitignore"), "logs\ndeploy\n.relgate\nrelgate-report\n").unwrap();
    world.git("init -q");
    release(&world, "2.4.0");
    world.start().ends(0, &["running at 50%"]);
    for word in ["running at 100%", "promoted"] {
        anyway(world.serve(NONE)).ends(0, &[word]);
    }
    world.edit("version: 2.4.0", "version: 2.5.0");
    world.edit("version: m1, uri: 'openai:m1-2026-01-01'", "version: m2, uri: 'openai:m2-2026-06-01'");
    world.edit("system: { version: p1", "system: { version: p2");
    fs::write(world.project.path("prompts/system.md"), NEW).unwrap();
    release(&world, "2.5.0");
    world.versions = ("2.5.0", "2.4.0");
    world.start().ends(0, &["running at 50%", "beside 2.4.0"]);
    world
}

/// Locks and commits what is there.
fn release(world: &World, version: &str) {
    Ran::of(&mut world.command(&["lock", "--quiet"])).ends(0, &[]);
    world.git("add -A");
    world.git(&format!("commit -qm {version}"));
}

fn anyway(world: &World) -> Ran {
    world.run(&["rollout", "next", "--anyway", "--as", "ana", "--reason", "test"])
}

fn text(world: &World, path: &str) -> String {
    fs::read_to_string(world.project.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn is_there(world: &World, path: &str) -> bool {
    world.project.path(path).symlink_metadata().is_ok()
}

fn check(world: &World) -> Ran {
    Ran::of(&mut world.command(&["check", "release-2.5.1.yaml", "--no-changelog"]))
}

/// Where it stands, for machines.
fn told(world: &World) -> Value {
    let told = world.run(&["rollout", "--format", "json"]);
    let told: Value = serde_json::from_str(&told.text).unwrap_or_else(|_| panic!("{}", told.text));
    crate::schemas::fits_schema("rollout", &told).unwrap();
    told
}

/// Files of the hotfix and what they hold.
fn written(world: &World) -> Vec<String> {
    ["release-2.5.1.yaml", "release-2.5.1.lock"].iter().map(|path| text(world, path)).collect()
}

#[test]
fn a_slow_model_is_restored_and_the_rest_of_the_release_is_kept() {
    let mut world = halfway();
    let tried = super::until(&mut world, 1, SLOW);
    let told_now = [
        "`p95-latency` fails",
        "rolled-back at 0%",
        "release-2.5.1.yaml is 2.5.1: models of 2.4.0, all else of 2.5.0",
    ];
    let tried = tried.ends(1, &told_now);
    let flat = tried.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains(
            "evaluate 2.5.1 into `releases/2.5.1/answers.jsonl`, then `relgate check release-2.5.1.yaml`"
        ),
        "{flat}"
    );
    assert!(!tried.text.contains("hotfix-not-written"), "{}", tried.text);
    assert_eq!(world.share(), 0);

    let (was, is) = (text(&world, "release.yaml"), text(&world, "release-2.5.1.yaml"));
    // Nothing is written anew but what has to be: comments stay.
    let mut lines: Vec<&str> = is.lines().collect();
    let summary = lines.remove(4);
    let changed: Vec<(&str, &str)> = was.lines().zip(lines).filter(|(was, is)| was != is).collect();
    let meant = [
        ("version: 2.5.0", "version: 2.5.1"),
        ("type: model-upgrade", "type: hotfix"),
        (
            "evidence: { answers: { path: answers.jsonl } }",
            "evidence: { answers: { path: releases/2.5.1/answers.jsonl } }",
        ),
    ];
    for pair in meant {
        assert!(changed.contains(&pair), "{pair:?}\n{is}");
    }
    assert!(summary.starts_with("summary: '`p95-latency` failed on 2026-11-01 at "), "{summary}");
    assert!(summary.ends_with(" UTC: the models of 2.4.0 again, and all else of 2.5.0.'"), "{summary}");
    assert!(is.contains("    chat: { version: m1, uri: 'openai:m1-2026-01-01' }\n  prompts:\n    system: { version: p2, path: prompts/system.md } # short\n"), "{is}");
    assert!(is.contains("  # Both are chosen by the team.\n") && is.contains("# of all answers"), "{is}");
    // It is compared with what everybody has, which is not what 2.5.0 was compared with.
    let baseline = is.lines().find(|line| line.starts_with("baseline:")).unwrap();
    assert!(baseline.starts_with("baseline: 'git:") && baseline.ends_with(":release.yaml'"), "{baseline}");
    assert_eq!(changed.len(), 5, "{changed:#?}");
    Ran::of(&mut world.command(&["verify", "release-2.5.1.yaml"])).ends(0, &[]);

    // No results are its own: neither those of 2.5.0 nor those of 2.4.0 are taken for them.
    check(&world).ends(2, &["releases/2.5.1/answers.jsonl"]);
    fs::create_dir_all(world.project.path("releases/2.5.1")).unwrap();
    fs::copy(world.project.path("answers.jsonl"), world.project.path("releases/2.5.1/answers.jsonl"))
        .unwrap();
    check(&world).ends(0, &["may ship", "2.5.1"]);

    let hotfix = &told(&world)["hotfix"];
    assert_eq!(
        *hotfix,
        serde_json::json!({"manifest": "release-2.5.1.yaml", "version": "2.5.1", "restores": ["models"], "from": "2.4.0"})
    );
    // Once, and the same for ever.
    let first = written(&world);
    world.serve(NONE).next().ends(0, &["everybody has 2.4.0 again"]);
    assert_eq!(written(&world), first);
    fs::remove_file(world.project.path("release-2.5.1.yaml")).unwrap();
    world.serve(NONE).next().ends(0, &[]);
    assert!(!is_there(&world, "release-2.5.1.yaml"));
    assert_eq!(told(&world)["hotfix"], Value::Null);
}

#[test]
fn it_can_be_rolled_out_in_the_place_of_the_manifest() {
    let mut world = halfway();
    super::until(&mut world, 1, SLOW).ends(1, &["release-2.5.1.yaml"]);
    fs::create_dir_all(world.project.path("releases/2.5.1")).unwrap();
    fs::copy(world.project.path("answers.jsonl"), world.project.path("releases/2.5.1/answers.jsonl"))
        .unwrap();
    for ending in ["yaml", "lock"] {
        let path = |name: &str| world.project.path(&format!("{name}.{ending}"));
        fs::rename(path("release-2.5.1"), path("release")).unwrap();
    }
    world.hour += 2;
    world.versions = ("2.5.1", "2.4.0");
    world.serve(NONE).start().ends(0, &["START", "2.5.1 beside 2.4.0", "running at 50%"]);
}

#[test]
fn a_prompt_that_was_edited_in_place_comes_back_out_of_git() {
    let mut world = halfway();
    super::until(&mut world, 1, FLAGGED).ends(1, &["`user-flagged` fails", "prompts of 2.4.0"]);
    let is = text(&world, "release-2.5.1.yaml");
    assert!(is.contains("system: { version: p1, path: releases/2.5.1/prompts/system.md }"), "{is}");
    assert!(is.contains("chat: { version: m2, uri: 'openai:m2-2026-06-01' }"), "{is}");
    assert_eq!(text(&world, "releases/2.5.1/prompts/system.md"), OLD);
    assert_eq!(text(&world, "prompts/system.md"), NEW);
    Ran::of(&mut world.command(&["verify", "release-2.5.1.yaml"])).ends(0, &[]);
    // Another byte of it, and it is not that release any more.
    fs::write(world.project.path("releases/2.5.1/prompts/system.md"), NEW).unwrap();
    Ran::of(&mut world.command(&["verify", "release-2.5.1.yaml"])).ends(1, &["prompts.system"]);
}

#[test]
fn what_is_kept_of_the_failed_release_comes_out_of_git_too_where_it_was_edited() {
    let mut world = halfway();
    fs::write(world.project.path("prompts/system.md"), "Something new, for 2.6.0.\n").unwrap();
    super::until(&mut world, 1, SLOW).ends(1, &["models of 2.4.0"]);
    let is = text(&world, "release-2.5.1.yaml");
    assert!(is.contains("system: { version: p2, path: releases/2.5.1/prompts/system.md } # short"), "{is}");
    assert_eq!(text(&world, "releases/2.5.1/prompts/system.md"), NEW);
    Ran::of(&mut world.command(&["verify", "release-2.5.1.yaml"])).ends(0, &[]);
}

#[test]
fn nothing_is_written_where_something_stands() {
    for (path, word) in [
        ("release-2.5.1.yaml", "is there already, with other content"),
        ("release-2.5.1.lock", "is there already, with other content"),
        ("releases/2.5.1/answers.jsonl", "stands there already"),
        ("releases/2.5.1", "stands there already"),
    ] {
        let mut world = halfway();
        let place = world.project.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, "somebody's\n").unwrap();
        let ran = super::until(&mut world, 1, FLAGGED);
        ran.ends(1, &["ROLL-BACK", "rolled-back at 0%", "warning[hotfix-not-written]", word]);
        assert_eq!((world.share(), text(&world, path).as_str()), (0, "somebody's\n"), "{path}");
        let made = ["release-2.5.1.yaml", "release-2.5.1.lock", "releases/2.5.1/prompts"];
        assert!(made.iter().all(|made| *made == path || !is_there(&world, made)), "{path}");
        assert_eq!(told(&world)["hotfix"], Value::Null, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_it_out_of_the_root() {
    let mut world = halfway();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), world.project.path("releases")).unwrap();
    let ran = super::until(&mut world, 1, FLAGGED);
    ran.ends(1, &["rolled-back at 0%", "warning[hotfix-not-written]", "is not in the root"]);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    assert!(!is_there(&world, "release-2.5.1.yaml"));
}

#[test]
fn without_git_or_a_lock_it_says_what_could_not_be_made() {
    let mut world = halfway();
    fs::remove_dir_all(world.project.path(".git")).unwrap();
    let words = [
        "rolled-back at 0%",
        "warning[hotfix-not-written]",
        "2.4.0 is neither here nor in git",
        "commit manifest, lock and artifacts",
    ];
    super::until(&mut world, 1, SLOW).ends(1, &words);
    assert!(!is_there(&world, "release-2.5.1.yaml"));
    assert_eq!(world.share(), 0);
    // The first rollout, beside what only the baseline knows.
    let mut first = super::world::world("rollback: { actions: { cost: { restore: [models] } } }\n");
    first.start().ends(0, &[]);
    let words = ["rolled-back at 0%", "warning[hotfix-not-written]", "2.3.0 has no lock", "relgate lock"];
    super::until(&mut first, 1, Harm { cost: 4.0, ..NONE }).ends(1, &words);
}

#[test]
fn bytes_that_git_has_otherwise_are_not_taken() {
    let mut world = halfway();
    // History is written anew with another prompt under the old lock.
    let lock = text(&world, "release.lock");
    world.git("checkout -q HEAD~1");
    fs::write(world.project.path("prompts/system.md"), "Other words.\n").unwrap();
    world.git("commit -qam again --amend");
    world.git("checkout -q main -- release.yaml release.lock prompts");
    world.git("commit -qam 2.5.0");
    assert_eq!(text(&world, "release.lock"), lock);
    let ran = super::until(&mut world, 1, FLAGGED);
    ran.ends(1, &["rolled-back at 0%", "is not what the lock of its release says of `prompts.system`"]);
    assert!(!is_there(&world, "release-2.5.1.yaml") && !is_there(&world, "releases"));
}

#[test]
fn a_person_who_goes_back_restores_too() {
    let mut world = halfway();
    anyway(world.serve(NONE)).ends(0, &["running at 100%"]);
    // At full traffic a person gets the command.
    let ran = super::until(&mut world, 1, SLOW);
    ran.ends(1, &["`relgate rollback --as NAME --reason 'p95-latency' --restore models`"]);
    assert_eq!(world.share(), 10_000);
    let back = ["rollback", "--as", "ana", "--reason", "slow: 'p95'", "--restore", "models"];
    world.run(&[&back[..], &["--dry-run"]].concat()).ends(0, &["would go back to 2.4.0"]);
    assert!(!is_there(&world, "release-2.5.1.yaml"));
    world.run(&back).ends(0, &["ROLL-BACK", "release-2.5.1.yaml is 2.5.1: models of 2.4.0"]);
    let is = text(&world, "release-2.5.1.yaml");
    assert!(is.contains("summary: 'ana went back (slow: ''p95'') on 2026-11-01 at "), "{is}");
    check(&world).ends(2, &["releases/2.5.1/answers.jsonl"]);
    world.run(&["rollback", "--as", "a", "--reason", "b", "--restore", "model"]).ends(2, &["models"]);
}

#[test]
fn a_judged_release_of_that_combination_is_taken_instead() {
    let mut world = halfway();
    let record =
        |world: &World| Ran::of(&mut world.command(&["check", "--record", "--no-changelog"])).ends(0, &[]);
    record(&world);
    // 2.4.9 had the old model and the new prompt.
    let own = text(&world, "release.yaml");
    world.edit("version: 2.5.0", "version: 2.4.9");
    world.edit("version: m2, uri: 'openai:m2-2026-06-01'", "version: m1, uri: 'openai:m1-2026-01-01'");
    release(&world, "2.4.9");
    record(&world);
    world.git("checkout -q HEAD~2 -- release.yaml release.lock prompts");
    record(&world);
    world.git("checkout -q HEAD~1 -- release.yaml release.lock prompts");
    assert_eq!(text(&world, "release.yaml"), own);
    let ran = super::until(&mut world, 1, SLOW);
    ran.ends(1, &["rolled-back at 0%", "2.4.9 was judged with what is restored and all else of 2.5.0"]);
    assert_eq!(world.split().unwrap().stable.as_deref(), Some("2.4.9"));
    assert!(!is_there(&world, "release-2.5.1.yaml"));
}

#[test]
fn where_nothing_differs_nothing_is_written() {
    // Only the prompt is another one: what serves again is all that a hotfix could be.
    let mut world = halfway();
    world.edit("quality: { restore: [prompts] }", "quality: { restore: [models, prompts] }");
    world.run(&["rollout", "hold", "--as", "ana", "--reason", "edit"]).ends(0, &[]);
    world.start().ends(0, &["running at 50%"]);
    let ran = super::until(&mut world, 1, FLAGGED);
    ran.ends(1, &["all that differs between 2.5.0 and 2.4.0 is what is restored: no hotfix is needed"]);
    assert!(!is_there(&world, "release-2.5.1.yaml"));
}

/// Between the engine and the ledger: the next run makes what is missing, and the same.
#[test]
fn what_a_killed_run_left_is_completed() {
    let mut world = halfway();
    super::until(&mut world, 1, FLAGGED).ends(1, &[]);
    let (whole, prompt) = (written(&world), "releases/2.5.1/prompts/system.md");
    let mut events: Vec<_> =
        fs::read_dir(world.project.path(".relgate/ledger")).unwrap().map(|one| one.unwrap().path()).collect();
    events.retain(|path| {
        fs::read_to_string(path)
            .is_ok_and(|text| text.contains(r#""kind":"applied""#) && text.contains(r#""weight":0}"#))
    });
    let [applied] = events.as_slice() else { panic!("{events:?}") };
    let applied = applied.clone();
    for gone in [
        &["release-2.5.1.yaml"][..],
        &["release-2.5.1.yaml", "release-2.5.1.lock"],
        &["release-2.5.1.yaml", prompt],
        &[],
    ] {
        let again: Vec<_> = fs::read_dir(world.project.path(".relgate/ledger"))
            .unwrap()
            .map(|one| one.unwrap().path())
            .collect();
        let newest = again.iter().find(|path| {
            fs::read_to_string(path)
                .is_ok_and(|text| text.contains(r#""kind":"applied""#) && text.contains(r#""weight":0}"#))
        });
        fs::remove_file(newest.unwrap_or(&applied)).unwrap();
        for path in gone {
            fs::remove_file(world.project.path(path)).unwrap();
        }
        world.next().ends(0, &["release-2.5.1.yaml is 2.5.1"]);
        assert_eq!(written(&world), whole, "{gone:?}");
        assert_eq!(text(&world, prompt), OLD);
        assert_eq!(world.share(), 0);
    }
}
