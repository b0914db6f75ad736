//! What a rollout began with, and what its manifest says by now: what is not taken is told, by key.

use super::world::{NONE, World, world};

fn resume(world: &World, words: &[&str]) {
    world.run(&["rollout", "hold", "--as", "ben", "--reason", "edit"]).ends(0, &[]);
    world.start().ends(0, words);
}

#[test]
fn a_key_that_is_kept_to_the_end_is_told_with_both_values() {
    for (from, to, words) in [
        (
            "steps: [10%, 50%, 100%]",
            "steps: [20%, 100%]",
            ["`deployment: steps`", "`[10%, 50%, 100%]`", "`[20%, 100%]`"],
        ),
        ("bake: 1h", "bake: 2h", ["`deployment: bake`", "`1h`", "`2h`"]),
        ("bake: 1h", "bake: 1h, give_up: 3d", ["`deployment: give_up`", "was absent", "`3d`"]),
        (
            "bake: 1h",
            "bake: 1h, stable: before/release.yaml",
            ["`deployment: stable`", "was absent", "`before/release.yaml`"],
        ),
        (
            "baseline: before/release.yaml",
            "baseline: before",
            ["`baseline`", "`before/release.yaml`", "is `before`"],
        ),
    ] {
        let mut world = world("");
        world.start().ends(0, &[]);
        world.serve(NONE);
        world.edit(from, to);
        if !from.starts_with("baseline") {
            // It is not passed over in silence before it is resumed either.
            world.next().ends(2, &words);
            world.run(&["monitor"]).ends(0, &words);
        }
        resume(&world, &words);
        // And for as long as it differs.
        for command in [["rollout", "next"].as_slice(), &["rollout"], &["monitor"]] {
            world.serve(NONE).run(command).ends(0, &words).ends(0, &["a rollout keeps this to its end"]);
        }
        world.edit(to, from);
        if from.starts_with("baseline") {
            let told = world.next().ends(0, &[]);
            assert!(!told.text.contains("when the rollout began"), "{}", told.text);
        }
    }
}

#[test]
fn criteria_are_taken_when_a_person_resumes_and_not_before() {
    let mut world = world("");
    world.start().ends(0, &[]);
    world.serve(NONE);
    world.edit("cost increase < 20%", "cost increase < 30%");
    let words = ["`monitoring: signals`", "cost increase < 20%", "cost increase < 30%", "hold"];
    world.start().ends(0, &["goes on already"]).ends(0, &words);
    world.next().ends(2, &words);
    resume(&world, &["running at 10%"]);
    let told = world.serve(NONE).next().ends(0, &["WAIT"]);
    assert!(!told.text.contains("when the rollout began"), "{}", told.text);
}

#[test]
fn an_approval_that_would_count_for_nothing_is_told() {
    let world = world(
        "deployment: { strategy: canary, steps: [10%, 100%], bake: 1h, approvals: { full: 1, from: [ana] } }\n",
    );
    world.start().ends(0, &[]);
    world.edit("from: [ana]", "from: [ana, eve]");
    let words = ["`deployment: approvals`", "`{ full: 1, from: [ana] }`", "`{ full: 1, from: [ana, eve] }`"];
    world.run(&["rollout", "approve", "--as", "eve", "--reason", "x"]).ends(0, &words);
}

#[test]
fn a_rollout_keeps_its_strategy() {
    let mut world = world("");
    world.start().ends(0, &[]);
    world.serve(NONE).run(&["rollout", "hold", "--as", "ben", "--reason", "edit"]).ends(0, &[]);
    world.edit("strategy: canary", "strategy: flag");
    world.start().ends(1, &["REFUSE", "keeps its strategy", "`canary`"]);
}

#[test]
fn what_looks_like_a_secret_is_in_no_event_and_in_no_message() {
    let world = world("");
    let log = "log: ['logs/*.jsonl']";
    let with = |token: &str| format!("{log}\n  canary_tokens: [{token}]");
    let (one, other) = ("sk-abcdefghijklmnopqrstuvwx1234567890", "sk-zzzzzzzzzzzzzzzzzzzzzzzzzz1234567890");
    world.edit(log, &with(one));
    world.start().ends(0, &[]);
    world.edit(&with(one), &with(other));
    let told = world.next().ends(2, &["`monitoring: canary_tokens` was `sha256:"]).text.clone();
    assert!(!told.contains("sk-abc") && !told.contains("sk-zzz"), "{told}");
    for entry in std::fs::read_dir(world.project.path(".relgate/ledger")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
        assert!(!text.contains("sk-abc"), "{text}");
    }
}
