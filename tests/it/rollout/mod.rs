//! `relgate monitor`, `rollout` and `rollback` on a service that really splits its traffic and logs what it does.

mod approved;
mod attested;
mod bad_input;
mod counted;
mod frozen;
mod hotfix;
mod kills;
mod live;
mod shadow;
mod signals;
mod strategies;
mod targets;
mod unchanged;
mod world;

use std::fs;

use world::{Harm, NONE, Ran, World, world};

/// Serves and looks, until a look ends with this code.
fn until(world: &mut World, code: i32, harm: Harm) -> Ran {
    for _ in 0..16 {
        let ran = world.serve(harm).next();
        if ran.code == code {
            return ran;
        }
    }
    panic!("never ended with {code}");
}

#[test]
fn a_healthy_release_reaches_everybody_and_is_watched_alone_from_then_on() {
    let mut world = world("");
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    world.project.again("release.yaml", text.replace("  signals:", "  mature: 1h\n  signals:"));
    world.start().ends(0, &["START", "running at 10%", "beside 2.3.0"]);
    assert_eq!(world.share(), 1000);
    let mut seen = Vec::new();
    for _ in 0..40 {
        let ran = world.serve(NONE).next();
        assert_eq!(ran.code, 0, "{}", ran.text);
        seen.push(world.share());
        if ran.text.starts_with("PROMOTE") {
            break;
        }
    }
    assert!(seen.contains(&1000) && seen.contains(&5000) && seen.last() == Some(&10_000), "{seen:?}");
    let kinds = world.kinds();
    assert_eq!(kinds.first().map(String::as_str), Some("started"));
    assert!(kinds.iter().any(|kind| kind == "promoted"), "{kinds:?}");
    world.serve(NONE).next().ends(0, &["promoted at 100%", "nothing got worse"]);
    // Far more flags than it had when it was promoted: quality at full traffic is a person's decision.
    let worse = Harm { flags: 8.0, ..NONE };
    until(&mut world, 1, worse).ends(1, &["`user-flagged` fails", "relgate rollback --as NAME"]);
    assert_eq!(world.share(), 10_000);
    world
        .run(&["rollback", "--as", "ana", "--reason", "flags tripled"])
        .ends(0, &["ROLL-BACK", "rolled-back at 0%"]);
    assert_eq!(world.share(), 0);
}

#[test]
fn harm_goes_back_at_once_and_is_not_tried_again_by_accident() {
    for (harm, signal) in [
        (Harm { flags: 6.0, ..NONE }, "user-flagged"),
        (Harm { cost: 3.0, ..NONE }, "cost-increase"),
        (Harm { unsafe_rate: 0.05, ..NONE }, "safety"),
    ] {
        let mut world = world("");
        world.start().ends(0, &[]);
        until(&mut world, 1, harm).ends(1, &[&format!("`{signal}` fails"), "rolled-back at 0%"]);
        assert_eq!(world.share(), 0, "{signal}");
        // Nothing happens to it any more, and the same bytes are not started again.
        world
            .serve(NONE)
            .next()
            .ends(2, &["everybody has 2.3.0 again, and nobody watches it", "rollout start"]);
        world.hour += 2;
        world.start().ends(1, &["REFUSE", "--again --reason"]);
        world.run(&["rollout", "start", "--again", "--reason", "it was the cache"]).ends(0, &["START"]);
        assert_eq!(world.share(), 1000);
    }
}

#[test]
fn what_was_never_shown_is_never_started() {
    let mut world = world("");
    let answers = fs::read_to_string(world.project.path("answers.jsonl")).unwrap().replace("true", "false");
    world.project.again("answers.jsonl", answers);
    world.start().ends(1, &["REFUSE", "says fail"]);
    assert_eq!(world.split(), None);
    assert!(!world.project.path(".relgate").exists());
    world.project.again("answers.jsonl", "");
    world.serve(NONE).start().ends(2, &["answers.jsonl"]);
}

#[test]
fn full_traffic_waits_for_the_people_it_asks() {
    fn approve(world: &World, who: &str) -> Ran {
        world.run(&["rollout", "approve", "--as", who, "--reason", "read it"])
    }

    let mut world = world(
        "deployment: { strategy: canary, steps: [50%, 100%], bake: 1h, approvals: { start: 1, full: 2, from: [ana, ben, eve] } }\n",
    );
    world.start().ends(3, &["0 of 1 approvals"]);
    Ran::of(&mut world.command(&["check", "--record", "--no-changelog"])).ends(0, &[]);
    approve(&world, "mallory").ends(2, &["may not approve"]);
    approve(&world, "ana").ends(0, &["approved `start`"]);
    world.start().ends(0, &["running at 50%"]);
    until(&mut world, 3, NONE).ends(3, &["0 of 2 approvals"]);
    // The same person twice is one person.
    approve(&world, "ana").ends(0, &[]);
    approve(&world, "ana").ends(0, &[]);
    world.next().ends(3, &["1 of 2 approvals"]);
    approve(&world, "ben").ends(0, &[]);
    world.next().ends(0, &["ADVANCE", "running at 100%"]);
}

#[test]
fn a_person_holds_and_resumes() {
    let mut world = world("");
    world.start().ends(0, &[]);
    world.run(&["rollout", "hold", "--as", "ben", "--reason", "incident 4711"]).ends(0, &["held at 10%"]);
    world.serve(NONE).next().ends(3, &["incident 4711"]);
    world.start().ends(0, &["running at 10%"]);
    world.serve(NONE).next().ends(0, &["WAIT"]);
    assert_eq!(world.share(), 1000);
}

#[test]
fn a_weight_set_by_hand_is_not_written_over() {
    let mut world = world("");
    world.start().ends(0, &[]);
    let mut split = world.split().unwrap();
    split.candidate_per_10000 = 3000;
    world.project.again("deploy/split.json", serde_json::to_string(&split).unwrap());
    world.serve(NONE).next().ends(3, &["30%", "10% was written", "by hand"]);
    assert_eq!(world.share(), 3000);
    world.next().ends(3, &["held at 10%"]);
}

#[test]
fn commands_that_are_typed_tell_and_ask_an_engine() {
    let mut world =
        world("deployment: { strategy: canary, steps: [10%, 100%], bake: 1h, target: { kind: command } }\n");
    world.start().ends(2, &["--run"]);
    let ask = "echo \"{\\\"candidate_per_10000\\\": $(cat weight 2>/dev/null || echo 0)}\"";
    let engine = ["--run", "echo $RELGATE_CANDIDATE_PER_10000 > weight", "--read-back", ask];
    let served = |world: &World| fs::read_to_string(world.project.path("weight")).unwrap().trim().to_owned();
    world.run(&[&["rollout", "start"], &engine[..]].concat()).ends(0, &["running at 10%"]);
    assert_eq!(served(&world), "1000");
    // An engine that is down at the write, and one that lies.
    let down = ["--run", "exit 7", "--read-back", "echo 0%"];
    let back = ["rollback", "--as", "ana", "--reason", "drill"];
    world.run(&[&back[..], &down[..]].concat()).ends(2, &["ended with 7"]);
    let lies = ["--run", "true", "--read-back", "echo 10%"];
    world.run(&[&["rollout", "next"], &lies[..]].concat()).ends(2, &["does not serve what was written"]);
    // The next run finishes what was meant.
    world.serve(NONE).run(&[&["rollout", "next"], &engine[..]].concat()).ends(0, &[]);
    assert_eq!(served(&world), "0");
}

#[test]
fn too_little_traffic_is_said_before_anything_is_started() {
    let world = world("deployment: { strategy: canary, steps: [5%, 100%], traffic: 200/day }\n");
    world.run(&["rollout", "plan"]).ends(3, &["days: it gives up first", "steps: [50%, 100%]"]);
    assert_eq!(world.split(), None);
    assert!(!world.project.path(".relgate").exists());
}
