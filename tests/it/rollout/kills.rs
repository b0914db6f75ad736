//! Runs that are ended in the middle: nothing torn, and the next run ends where it should.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::world::{NONE, Ran, world};

/// More of them by `RELGATE_KILLS=500 cargo test --test it rollout::kills`.
fn kills() -> u64 {
    std::env::var("RELGATE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(24)
}

#[test]
fn a_run_that_is_killed_anywhere_is_finished_by_the_next() {
    let mut state = 5_u64;
    let mut done = 0;
    while done < kills() {
        let mut world = world("deployment: { strategy: canary, steps: [50%, 100%], bake: 1h }\n");
        world.start().ends(0, &[]);
        world.serve(NONE).serve(NONE);
        for words in [
            &["rollout", "next", "--anyway", "--as", "ana", "--reason", "drill"][..],
            &["rollout", "hold", "--as", "ben", "--reason", "drill"],
            &["rollout", "start"],
            &["rollback", "--as", "ana", "--reason", "drill"],
        ] {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut command = world.command(words);
            let command = command.args(["--now", &world.now()]).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            thread::sleep(Duration::from_micros((state >> 33) % 60_000));
            let _ = child.kill();
            let _ = child.wait();
            done += 1;
            Ran::of(&mut world.command(&["ledger", "--all"])).ends(0, &[]);
            assert!(matches!(world.share(), 0 | 5000 | 10_000), "{}", world.share());
            // What was meant is finished; then ledger and engine agree.
            world.next();
            let told = world.run(&["rollout", "--format", "json"]).text;
            let told: serde_json::Value = serde_json::from_str(&told).unwrap();
            let meant = told["weight"].as_f64().unwrap();
            assert_eq!((meant * 10_000.0).round() as u16, world.share(), "{told:#}");
        }
    }
}

/// Between two of its events: the first step is taken, and not passed over.
#[test]
fn a_start_that_was_killed_before_its_first_step_takes_that_one() {
    for again in [["rollout", "start"], ["rollout", "next"]] {
        let mut world = world("");
        // What a run leaves that is killed as it makes the ledger.
        fs::create_dir_all(world.project.path(".relgate/ledger")).unwrap();
        world.start().ends(0, &["running at 10%"]);
        assert!(world.project.path(".relgate/ledger/.gitattributes").exists());
        for event in fs::read_dir(world.project.path(".relgate/ledger")).unwrap() {
            let path = event.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            if text.contains(r#""kind":"step""#) || text.contains(r#""kind":"applied""#) {
                fs::remove_file(path).unwrap();
            }
        }
        fs::remove_file(world.project.path("deploy/split.json")).unwrap();
        world.serve(NONE).run(&again).ends(0, &["running at 10%"]);
        assert_eq!(world.share(), 1000);
        assert_eq!(world.kinds(), ["started", "step", "applied"]);
    }
}
