//! Approvals: of whom the protected branch names, and not of whoever made the commit alone.

use std::fs;
use std::process::Command;

use super::Ran;
use super::world::{World, world};

fn person(world: &World, name: &str) -> String {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name])
        .current_dir(world.project.path(""))
        .status();
    assert!(made.unwrap().success());
    fs::read_to_string(world.project.path(&format!("{name}.pub"))).unwrap()
}

/// A release whose first step asks for a signed approval, on the branch `main` that `ben` made.
fn story() -> World {
    let world = world(
        "deployment: { strategy: canary, bake: 1h, traffic: 48000/day, approvals: { start: 1, signers: deploy/signers } }\n",
    );
    fs::create_dir_all(world.project.path("deploy")).unwrap();
    let list = format!("ana {}ben {}", person(&world, "ana"), person(&world, "ben"));
    fs::write(world.project.path("deploy/signers"), list).unwrap();
    world.git("init -q");
    world.git("add -A");
    world.git("commit -qm first");
    assert!(world.command(&["ledger", "init"]).output().unwrap().status.success());
    Ran::of(
        world.command(&["check", "--no-changelog", "-q", "--record"]).env("SOURCE_DATE_EPOCH", world.now()),
    )
    .ends(0, &[]);
    world
}

fn approve(world: &World, name: &str, key: &str) -> Ran {
    world.run(&[
        "rollout",
        "approve",
        "--protected-ref",
        "main",
        "--as",
        name,
        "--reason",
        "read",
        "--key",
        key,
    ])
}

fn start(world: &World) -> Ran {
    world.run(&["rollout", "start", "--protected-ref", "main"])
}

#[test]
fn whoever_made_the_commit_does_not_approve_it_alone() {
    let world = story();
    start(&world).ends(3, &["0 of 1 approvals"]);
    approve(&world, "ben", "ben").ends(0, &["that person's own commit"]);
    start(&world).ends(3, &["0 of 1 approvals"]);
    approve(&world, "ana", "ana").ends(0, &["ana approved"]);
    start(&world).ends(0, &["START"]);
}

#[test]
fn what_somebody_else_wrote_in_a_name_outdoes_nothing() {
    let world = story();
    approve(&world, "ana", "ana").ends(0, &[]);
    // Later, in her name, with another key.
    let forged = world.run(&[
        "rollout",
        "approve",
        "--protected-ref",
        "main",
        "--as",
        "ana",
        "--reason",
        "x",
        "--key",
        "ben",
    ]);
    forged.ends(0, &[]);
    start(&world).ends(0, &["START"]);
}

#[test]
fn who_may_sign_is_read_from_the_protected_branch() {
    let world = story();
    let list = fs::read_to_string(world.project.path("deploy/signers")).unwrap();
    let eve = person(&world, "eve");
    // On a branch of its own, also committed.
    world.git("switch -qc change");
    fs::write(world.project.path("deploy/signers"), format!("{list}eve {eve}")).unwrap();
    world.git("commit -qam eve");
    approve(&world, "eve", "eve").ends(0, &[]);
    start(&world).ends(3, &["0 of 1 approvals"]);
    // Nor does a change that takes the question away.
    let text = fs::read_to_string(world.project.path("release.yaml")).unwrap();
    fs::write(world.project.path("release.yaml"), text.replace(", signers: deploy/signers", "")).unwrap();
    world
        .run(&["rollout", "approve", "--protected-ref", "main", "--as", "eve", "--reason", "x"])
        .ends(2, &["approvals of this release are signed"]);
    start(&world).ends(3, &["0 of 1 approvals"]);
    assert!(world.command(&["lock", "-q"]).output().unwrap().status.success());
    Ran::of(world.command(&["verify", "--against", "main"]).env("HOME", "/"))
        .ends(1, &["this is not a signature by `eve`"]);
    // Without the branch nobody can tell.
    fs::write(world.project.path("release.yaml"), text).unwrap();
    world.run(&["rollout", "start"]).ends(2, &["no-protected-ref", "origin/main"]);
    world.git("update-ref refs/remotes/origin/main main");
    world.run(&["rollout", "start"]).ends(3, &["0 of 1 approvals"]);
}
