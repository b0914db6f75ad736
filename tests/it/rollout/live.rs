//! What everybody has is watched, or somebody is told that nobody watches: after a way back, and when the manifest went on.

use std::fs;

use super::world::{Harm, NONE, World, world};

/// 2.4.0 was promoted, and the manifest of each version is a commit.
fn promoted() -> World {
    let mut world = world("");
    world.edit("  signals:", "  mature: 1h\n  signals:");
    world.git("init -q");
    fs::write(world.project.path(".gitignore"), "logs\n.relgate\n").unwrap();
    commit(&world, "2.4.0");
    world.promote();
    world
}

fn commit(world: &World, message: &str) {
    world.git("add -A");
    world.git(&format!("commit -qm {message}"));
}

/// The next version was begun and taken back.
fn went_back() -> World {
    let mut world = promoted();
    next_version(&mut world);
    world.start().ends(0, &["running at 10%", "beside 2.4.0"]);
    world
        .serve(NONE)
        .run(&["rollback", "--as", "ana", "--reason", "incident"])
        .ends(0, &["rolled-back at 0%"]);
    world
}

fn next_version(world: &mut World) {
    world.edit("version: 2.4.0", "version: 2.5.0");
    commit(world, "2.5.0");
    world.versions = ("2.5.0", "2.4.0");
}

#[test]
fn what_everybody_has_again_after_a_way_back_is_watched() {
    let mut world = went_back();
    let told = ["2.5.0 was taken back, and everybody has 2.4.0 again", "nothing got worse", "of commit"];
    world.serve(NONE).next().ends(0, &told);
    world.run(&["rollout"]).ends(0, &told);
    // Also where the manifest has gone on, or back.
    world.edit("version: 2.5.0", "version: 2.6.0");
    world.next().ends(0, &["everybody has 2.4.0 again", "nothing got worse", "the manifest is of 2.6.0"]);
    world.edit("version: 2.6.0", "version: 2.4.0");
    world.next().ends(0, &["everybody has 2.4.0 again", "nothing got worse"]);
    world.run(&["monitor"]).ends(0, &["assistant 2.4.0 at 100%"]);
    world.edit("version: 2.4.0", "version: 2.5.0");
    // What gets worse is told, and nothing goes back further by itself.
    let split = world.split();
    for _ in 0..16 {
        world.beside = Harm { unsafe_rate: 0.05, ..NONE };
        let ran = world.serve(NONE).next();
        if ran.code == 1 {
            ran.ends(1, &["TELL", "`safety` fails", "a person decides", "everybody has 2.4.0 again"]);
            assert_eq!((world.share(), world.split() == split), (0, true));
            return;
        }
    }
    panic!("harm was never told");
}

#[test]
fn what_nobody_can_watch_any_more_is_told_and_never_a_silent_0() {
    let mut world = went_back();
    // Its manifest is nowhere.
    fs::remove_dir_all(world.project.path(".git")).unwrap();
    for command in [["rollout", "next"].as_slice(), &["rollout"]] {
        let told = [
            "assistant 2.4.0 is what everybody has",
            "nobody watches it from here",
            "put the `release.yaml` of 2.4.0 back",
        ];
        world.serve(NONE).run(command).ends(2, &told);
    }
    world.edit("version: 2.5.0", "version: 2.4.0");
    world.next().ends(0, &["everybody has 2.4.0 again", "nothing got worse"]);
    // It logs nothing any more, and somebody else's records do not make up for that.
    let silent = ["BLIND", "the last record is"];
    world.versions = ("2.5.0", "2.9.0");
    world.serve(NONE).serve(NONE).serve(NONE).next().ends(2, &silent);
    // A weight that is set by hand gives the candidate traffic again.
    world.versions = ("2.5.0", "2.4.0");
    let mut split = world.split().unwrap();
    split.candidate_per_10000 = 3000;
    world.project.again("deploy/split.json", serde_json::to_string(&split).unwrap());
    world.serve(NONE).next().ends(3, &["30%", "0% was written", "rolled-back"]);
    world.next().ends(3, &["0% was written"]);
}

#[test]
fn a_manifest_that_went_on_does_not_end_the_watch() {
    let mut world = promoted();
    next_version(&mut world);
    world.versions = ("2.4.0", "2.3.0");
    let told = ["2.4.0", "promoted at 100%", "nothing got worse", "the manifest is of 2.5.0"];
    world.serve(NONE).next().ends(0, &told);
    world.run(&["rollout"]).ends(0, &told);
    world.run(&["monitor"]).ends(0, &["assistant 2.4.0 at 100%"]);
    // What goes back at once still does.
    let harm = Harm { unsafe_rate: 0.05, ..NONE };
    super::until(&mut world, 1, harm).ends(1, &["`safety` fails", "2.4.0", "rolled-back at 0%"]);
    assert_eq!(world.share(), 0);
}

#[test]
fn a_rollout_under_way_is_watched_by_its_own_manifest() {
    let mut world = promoted();
    next_version(&mut world);
    world.start().ends(0, &[]);
    world.edit("version: 2.5.0", "version: 2.6.0");
    world
        .serve(NONE)
        .run(&["monitor"])
        .ends(0, &["assistant 2.5.0 beside 2.4.0 at 10%", "2.5.0 is watched by its"]);
}

#[test]
fn what_just_began_has_its_silence_to_log_something() {
    let mut world = world("");
    world.start().ends(0, &[]);
    // The same second: nobody has been served yet.
    for command in [["rollout", "next"].as_slice(), &["rollout"], &["monitor"]] {
        world.run(command).ends(0, &["logs nothing yet", "blind from 2026-11-01T09:00:00Z on"]);
    }
    assert!(world.next().text.starts_with("WAIT"));
    // The rest logs, and the candidate does not.
    world.versions = ("2.4.1", "2.3.0");
    world.serve(NONE).next().ends(2, &["the candidate logs nothing"]);
}

#[test]
fn silence_before_a_start_is_no_silence_of_the_candidate() {
    let mut world = world("");
    world.hour += 5;
    world.start().ends(0, &[]);
    world.next().ends(0, &["WAIT", "logs nothing yet"]);
    world.hour += 1;
    world.next().ends(2, &["BLIND"]);
}

#[test]
fn what_was_just_promoted_has_its_silence_too() {
    let mut world = promoted();
    world.next().ends(0, &["WAIT", "logs nothing yet", "blind from"]);
    world.hour += 1;
    world.next().ends(2, &["BLIND", "no record is of this release"]);
    world.serve(NONE).next().ends(0, &["nothing got worse"]);
}

#[test]
fn a_share_that_is_left_is_watched_and_asked_about() {
    let mut world = world("rollback: { actions: { cost: { throttle: 40% } }, automatic: [cost, safety] }\n");
    world.edit("  signals:", "  mature: 1h\n  signals:");
    world.promote();
    let dear = Harm { cost: 4.0, ..NONE };
    super::until(&mut world, 1, dear).ends(1, &["`cost-increase` fails", "rolled-back at 40%"]);
    assert_eq!(world.share(), 4000);
    world.serve(dear).next().ends(3, &["STAY", "taken back to 40%", "a person decides"]);
    assert_eq!(world.kinds().iter().filter(|kind| *kind == "rolled-back").count(), 1);
    // Something worse takes the rest, although the cost fails too.
    let harm = Harm { unsafe_rate: 0.05, ..dear };
    super::until(&mut world, 1, harm).ends(1, &["`safety` fails", "rolled-back at 0%"]);
    assert_eq!(world.share(), 0);
}

#[test]
fn of_several_that_fail_the_one_that_takes_most_away_decides() {
    let mut world = world("");
    world.edit("  signals:", "  mature: 1h\n  signals:");
    world.promote();
    // Flags are a person's decision and come first; unsafe answers go back at once.
    let harm = Harm { flags: 10.0, ..NONE };
    super::until(&mut world, 1, harm).ends(1, &["`user-flagged` fails", "relgate rollback --as NAME"]);
    for _ in 0..16 {
        let ran = world.serve(Harm { unsafe_rate: 0.2, ..harm }).next().ends(1, &[]);
        if ran.text.contains("rolled-back at 0%") {
            ran.ends(1, &["`safety` fails"]);
            return;
        }
    }
    panic!("it never went back");
}

/// What failed can still be looked at, and nothing is said to be watched that is not.
#[test]
fn a_rollout_that_was_taken_back_is_still_told() {
    let told = "it was taken back: this is its rollout";
    let mut first = world("");
    first.start().ends(0, &[]);
    first.serve(NONE).run(&["rollback", "--as", "ana", "--reason", "drill"]).ends(0, &[]);
    first.run(&["monitor"]).ends(0, &[told, "nobody watches what everybody has since"]);
    went_back().run(&["monitor"]).ends(0, &[told, "`relgate rollout next` watches what everybody has since"]);
}

#[test]
fn a_start_that_is_only_tried_says_what_a_start_would() {
    let mut world = world("");
    let tried = ["rollout", "start", "--dry-run"];
    world.run(&tried).ends(0, &["would be started"]);
    assert!(!world.project.path(".relgate").exists());
    world.start().ends(0, &[]);
    world.serve(NONE).run(&["rollback", "--as", "ana", "--reason", "drill"]).ends(0, &[]);
    world.run(&tried).ends(1, &["REFUSE", "--again"]);
    world.run(&[&tried[..], &["--again", "--reason", "x"]].concat()).ends(1, &["REFUSE", "cooldown"]);
}
