//! A log that nobody wrote to since the last look is not read again, and what is said is the same to the letter.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::world::{NONE, World, world};

const SIGNALS: &str = "  signals:\n    - 'mean cost_usd < $0.01'\n    - 'drift of cost_usd < 20pp'\n    \
                       - 'p95 cost_usd < $0.02'\n    - 'count error == 0'\n";

/// The log was written to at a time.
fn written(world: &World, at: SystemTime) {
    let log = File::options().append(true).open(world.project.path("logs/a.jsonl")).unwrap();
    log.set_modified(at).unwrap();
}

/// The log was written to a while ago.
fn settle(world: &World) {
    // Another time than that of the change shows that the file system keeps both.
    written(world, SystemTime::now() - Duration::from_hours(1));
    std::thread::sleep(Duration::from_millis(2100));
}

fn look(world: &World, seconds: i64, words: &[&str]) -> String {
    let now = world.now().parse::<i64>().unwrap() + seconds;
    let mut command = world.command(&["monitor", "--format", "json", "--now", &now.to_string()]);
    command.args(words).env("XDG_CACHE_HOME", world.project.path("cache"));
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.stdout.is_empty(), "{told}");
    format!("{:?} {}{told}", output.status.code(), String::from_utf8_lossy(&output.stdout))
}

/// The file in which a look was kept.
fn kept(world: &World) -> Option<PathBuf> {
    let looks = fs::read_dir(world.project.path("cache/relgate/looks")).ok()?;
    looks.map(|entry| entry.unwrap().path()).next()
}

/// A look that reads the log, and whether one that may recall it says the same.
#[track_caller]
fn same(world: &World, seconds: i64) {
    assert_eq!(look(world, seconds, &[]), look(world, seconds, &["--no-cache"]));
}

/// Looks as of several times: the first one is kept, and the others write nothing, so that they took it from there.
#[track_caller]
fn recalled(world: &World) {
    settle(world);
    same(world, 0);
    let path = kept(world).expect("nothing was kept");
    let written = fs::metadata(&path).unwrap().ino();
    for seconds in [0, 1, 1800, 7 * 3600, 40 * 3600] {
        same(world, seconds);
        assert_eq!(fs::metadata(&path).unwrap().ino(), written, "it was written again");
    }
    // What was seen since then was not seen before then.
    same(world, -7200);
    same(world, 60);
}

#[test]
fn an_unchanged_log_is_recalled_to_the_letter_beside_and_alone() {
    let mut world = world("");
    world.edit("  signals:", &format!("  mature: 1h\n{SIGNALS}"));
    world.start().ends(0, &["START"]);
    world.serve(NONE).serve(NONE);
    recalled(&world);
    world.serve(NONE);
    same(&world, 0);
    recalled(&world);
    for _ in 0..60 {
        if world.serve(NONE).next().text.starts_with("PROMOTE") {
            break;
        }
    }
    world.serve(NONE).serve(NONE);
    let alone = look(&world, 0, &["--no-cache"]);
    assert!(alone.contains("\"phase\": \"alone\"") || alone.contains("\"phase\":\"alone\""), "{alone}");
    recalled(&world);
}

#[test]
fn whatever_it_depends_on_makes_a_new_look() {
    let mut world = world("");
    world.start().ends(0, &["START"]);
    world.serve(NONE).serve(NONE);
    settle(&world);
    same(&world, 0);
    let first = fs::read(kept(&world).unwrap()).unwrap();
    let changed = |world: &World| {
        let now = fs::read(kept(world).unwrap()).unwrap();
        now[..100] != first[..100]
    };
    assert!(!changed(&world));
    world.edit("detect: 2%", "detect: 3%");
    same(&world, 0);
    assert!(changed(&world), "the manifest");
    world.edit("detect: 3%", "detect: 2%");
    same(&world, 0);
    assert!(!changed(&world));
    // A step of the rollout is another plan.
    world.run(&["rollback", "--as", "ana", "--reason", "x"]).ends(0, &[]);
    same(&world, 0);
    assert!(changed(&world), "the rollout");
    let path = kept(&world).unwrap();
    let sound = fs::read(&path).unwrap();
    for broken in [&sound[..sound.len() - 1], b"", &[&sound[..200], &b"x"[..], &sound[201..]].concat()] {
        fs::write(&path, broken).unwrap();
        same(&world, 0);
        assert_eq!(fs::read(&path).unwrap(), sound, "it was not written anew");
    }
    // A log that is being written to is read, and not kept, however long the look takes.
    world.append("{\"id\": \"r1\", \"user_flagged\": true}\n");
    written(&world, SystemTime::now() + Duration::from_hours(1));
    same(&world, 0);
    assert_eq!(fs::read(&path).unwrap(), sound);
    settle(&world);
    same(&world, 0);
    assert_ne!(fs::read(&path).unwrap(), sound, "the log");
}

#[test]
fn nothing_is_recalled_in_ci_nor_of_what_is_dated_ahead() {
    let mut world = world("");
    world.start().ends(0, &["START"]);
    world.serve(NONE);
    settle(&world);
    let in_ci = world
        .command(&["monitor", "--now", &world.now()])
        .env("CI", "true")
        .env("XDG_CACHE_HOME", world.project.path("cache"))
        .output();
    assert!(in_ci.unwrap().status.success());
    assert_eq!(kept(&world), None);
    look(&world, -1800, &[]);
    assert_eq!(kept(&world), None, "half of the log is dated ahead by then");
    same(&world, 0);
    assert!(kept(&world).is_some());
}
