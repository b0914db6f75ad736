//! Manifests, logs and ledgers that are not as they should be: nothing promotes, nothing is lost, the message names the next step.

use std::fs;

use super::world::{NONE, Ran, world};

#[test]
fn a_plan_that_no_rollout_could_follow_is_an_error_of_its_line() {
    for (more, words) in [
        ("deployment: { strategy: canary, steps: [50%, 10%, 100%] }\n", "do not rise"),
        ("deployment: { strategy: canary, steps: [10%, 50%] }\n", "is 100%"),
        ("deployment: { strategy: ab }\n", "no `goal`"),
        ("deployment: { strategy: canary, goal: user_flagged }\n", "for an A/B test"),
        ("deployment: { strategy: canary, bake: 24h, give_up: 1h }\n", "shorter than `bake`"),
        ("deployment: { strategy: canary, approvals: { full: 2, from: [ana] } }\n", "cannot come from"),
        ("deployment: { strategy: shadow, steps: [10%] }\n", "a shadow serves nobody"),
        ("deployment: { strategy: canary, target: { kind: nginx } }\n", "no `path`"),
        ("deployment: { strategy: canary, steps: [0.001%, 100%] }\n", "two decimals"),
        ("deployment: { strategy: canary, traffic: many }\n", "requests in a time"),
        ("rollback: { actions: { cost: { throttle: much } } }\n", "percentage"),
        ("rollback: { automatic: [speed] }\n", "cannot be `speed`"),
    ] {
        let ran = world(more).run(&["rollout", "plan"]).ends(2, &[words, "release.yaml:"]);
        assert!(!ran.text.contains("panicked"), "{}", ran.text);
    }
}

#[test]
fn signals_that_records_cannot_show_are_errors_of_their_lines() {
    for (signal, words) in [
        ("'p95 cost increase < 10%'", "change of a quantile"),
        ("'max cost < $1'", "only grows"),
        ("'count safety_match < 5'", "only grows"),
        ("'drift of cost < 60pp'", "below 50"),
        ("nothing_of_that_name", "nothing_of_that_name"),
        ("'safety_match < 0%'", "count safety_match == 0"),
        ("{ id: x }", "neither `rule` nor `metric`"),
        ("'cost change < 5%'", "looks one way"),
    ] {
        let world = world("");
        let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
        world
            .project
            .again("release.yaml", text.replace("    - user_flagged\n", &format!("    - {signal}\n")));
        world.run(&["monitor"]).ends(2, &[words, "release.yaml:"]);
    }
}

#[test]
fn a_plan_that_changed_under_way_is_not_followed() {
    let mut world = world("");
    world.start().ends(0, &[]);
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    world.project.again("release.yaml", text.replace("detect: 2%", "detect: 20%"));
    for asked in [["rollout", "next"].as_slice(), &["rollout"]] {
        world.serve(NONE).run(asked).ends(
            2,
            &["changed since the rollout began", "`monitoring: signals` was", "detect: 2%", "detect: 20%"],
        );
    }
    world.project.again("release.yaml", text);
    world.next().ends(0, &["WAIT"]);
}

#[test]
fn a_log_that_lost_its_beginning_is_blind() {
    let mut world = world("");
    world.start().ends(0, &[]);
    for _ in 0..5 {
        world.serve(NONE);
    }
    let log = fs::read_to_string(world.project.path("logs/a.jsonl")).unwrap();
    let lost = log.lines().count() * 3 / 4;
    let rest: String = log.lines().skip(lost).map(|line| line.to_owned() + "\n").collect();
    world.project.again("logs/a.jsonl", rest);
    world.next().ends(2, &["does not reach back"]);
    assert_eq!(world.share(), 1000);
    world.project.again("logs/a.jsonl", log);
    world.next().ends(0, &["WAIT"]);
}

#[test]
fn a_clock_that_is_wrong_hides_no_silence() {
    let mut world = world("");
    world.start().ends(0, &[]);
    world.serve(NONE).append(
        "{\"time\": 4102444800, \"id\": \"late\", \"user_id\": \"u\", \"release\": \"2.4.0\", \"cost_usd\": 1}\n",
    );
    world.next().ends(0, &["1 record dated after now: not counted"]);
    world.hour += 30;
    world.next().ends(2, &["the last record is 30.0 hours old"]);
}

#[test]
fn the_first_hours_of_a_log_are_no_error() {
    let mut world = world("");
    world.start().ends(0, &[]);
    world.project.again("logs/a.jsonl", "");
    world.next().ends(2, &["the log holds no record yet", "release.yaml:"]);
    world.project.again("logs/a.jsonl", "{\"time\": 1793520000, \"id\": \"half");
    world.next().ends(2, &["the log holds no record yet"]);
    // Nobody has flagged anything so far.
    world.project.again("logs/a.jsonl", "");
    world.serve(super::world::Harm { flags: 0.0, ..NONE });
    let log = fs::read_to_string(world.project.path("logs/a.jsonl")).unwrap();
    let rows = log.lines().filter(|row| !row.contains("user_flagged"));
    world.project.again("logs/a.jsonl", rows.map(|row| row.to_owned() + "\n").collect::<String>());
    world.next().ends(0, &["WAIT", "`user-flagged` has seen 0 of"]);
}

#[test]
fn a_damaged_ledger_moves_nothing() {
    let mut world = world("");
    world.start().ends(0, &[]);
    world.serve(NONE);
    let entries = fs::read_dir(world.project.path(".relgate/ledger")).unwrap();
    let mut events: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    events.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    let is_first = |path: &&std::path::PathBuf| fs::read_to_string(path).unwrap().contains("\"started\"");
    let first = events.iter().find(is_first).unwrap();
    let bytes = fs::read_to_string(first).unwrap();
    fs::write(first, bytes.replace("1000", "9000")).unwrap();
    let name = first.file_name().unwrap().to_string_lossy().into_owned();
    world.next().ends(2, &[&name]);
    world.run(&["rollout"]).ends(2, &[&name]);
    world.run(&["monitor"]).ends(2, &[&name]);
    assert_eq!(world.share(), 1000);
    fs::write(first, bytes).unwrap();
    world.next().ends(0, &[]);
    fs::remove_file(first).unwrap();
    world.next().ends(2, &["ledger"]);
}

#[test]
fn a_target_that_somebody_edited_is_left_alone() {
    let mut world = world("");
    world.start().ends(0, &[]);
    let mine = "// weights of the week\n{ \"candidate\": 20 }\n";
    world.serve(NONE).project.again("deploy/split.json", mine);
    world.next().ends(2, &["split.json", "move away"]);
    assert_eq!(fs::read_to_string(world.project.path("deploy/split.json")).unwrap(), mine);
}

#[test]
fn no_rollout_and_no_log_say_what_to_do() {
    let world = world("");
    world.next().ends(2, &["ledger"]);
    world.run(&["rollout"]).ends(0, &["relgate rollout plan", "relgate rollout start"]);
    fs::remove_dir_all(world.project.path("logs")).unwrap();
    world.run(&["monitor"]).ends(2, &["no file matches the log"]);
    world.run(&["rollout", "plan"]).ends(0, &["the log was not used: no file matches the log"]);
    Ran::of(world.command(&["monitor"]).arg(world.project.path("before/release.yaml")))
        .ends(2, &["no `monitoring`"]);
}

#[test]
fn a_target_that_is_gone_is_held_and_not_written_anew() {
    let mut world = world("");
    world.start().ends(0, &[]);
    fs::remove_file(world.project.path("deploy/split.json")).unwrap();
    world.serve(NONE).next().ends(3, &["nothing says what the engine serves", "10% was written"]);
    assert_eq!(world.split(), None);
}

#[test]
fn going_back_works_when_the_manifest_has_moved_on() {
    let mut world = world("");
    world.start().ends(0, &[]);
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    world.project.again("release.yaml", text.replace("version: 2.4.0", "version: 2.4.1"));
    world.serve(NONE).next().ends(2, &["assistant 2.4.0 is running at 10%, and the manifest is 2.4.1"]);
    let back = ["rollback", "--as", "ana", "--reason", "drill"];
    world.run(&[&back[..], &["--run", "exit 7"]].concat()).ends(2, &["ended with 7"]);
    // What an earlier run could not finish is finished, whatever the manifest is about by now.
    world.next().ends(0, &["2.4.0", "rolled-back at 0%"]);
    assert_eq!(world.share(), 0);
    world.run(&back).ends(0, &["2.4.0", "rolled-back at 0%"]);
}

/// Without a release that serves the rest, nobody could be compared with, and the application would have nothing to serve.
#[test]
fn a_first_rollout_needs_to_know_what_serves_the_rest() {
    let world = world("");
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    let alone = text.replace("baseline: before/release.yaml", "baseline: none");
    assert_ne!(alone, text);
    world.project.again("release.yaml", &alone);
    world.run(&["rollout", "start"]).ends(1, &["no stable release is known", "deployment: stable:"]);
    assert_eq!(world.split().map(|split| split.candidate_per_10000), None);
    assert!(!world.kinds().contains(&"started".to_owned()));
    let told = world
        .run(&["rollout", "plan"])
        .ends(3, &["no stable release is known", "has nothing to compare with"]);
    assert!(!told.text.contains("a stable rate of"), "{}", told.text);
}

/// The manifest went on to the next version while a rollout is under way: whoever asks is told of it, and nothing ends with 0.
#[test]
fn a_rollout_of_another_version_is_not_forgotten() {
    let world = world("");
    world.start().ends(0, &["running at 10%"]);
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    world.project.again("release.yaml", text.replacen("version: 2.4.0", "version: 2.5.0", 1));
    for command in [["rollout", "--quiet"].as_slice(), &["rollout", "next"]] {
        world.run(command).ends(2, &["2.4.0 is running at 10%", "relgate rollback"]);
    }
    // Nor is it watched as if it were a rollout of the next version.
    world.run(&["monitor"]).ends(2, &["2.4.0 is being rolled out", "nobody watches it from here"]);
    world.run(&["monitor", "--weight", "10%"]).ends(2, &["the ledger's rollout is of 2.4.0 (running)"]);
    assert_eq!(world.share(), 1000);
}

#[test]
fn a_log_of_nothing_but_damage_says_so() {
    let world = world("");
    fs::write(world.project.path("logs/a.jsonl"), "{\"time\": \nnot a record\n").unwrap();
    let words = ["error[empty-evidence]", "no line of this log can be read as a record", "logs/a.jsonl"];
    world.run(&["monitor", "--weight", "50%"]).ends(2, &words);
}
