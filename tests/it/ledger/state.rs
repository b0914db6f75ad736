//! What events come to: where a rollout stands, what was good last.

use std::fs;

use relgate::ledger::{RolloutStatus, history};

use super::*;

/// Writes `first`, then on two copies of the folder `one` and `other`, and merges the copies.
fn merged(first: Vec<NewEvent>, one: Vec<NewEvent>, other: Vec<NewEvent>) -> Chain {
    let (left, right) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in write(left.path(), first) {
        fs::copy(left.path().join(&name), right.path().join(&name)).unwrap();
    }
    write(left.path(), one);
    for name in write(right.path(), other) {
        fs::copy(right.path().join(&name), left.path().join(&name)).unwrap();
    }
    let chain = read(left.path());
    assert!(chain.is_sound(), "{:?}", chain.flaws());
    chain
}

#[test]
fn a_rollout_goes_through_its_steps() {
    let folder = tempfile::tempdir().unwrap();
    let state = || read(folder.path()).state("helpdesk");
    write(folder.path(), []);
    assert!(state().is_none());
    write(folder.path(), [new(0, "1.1.0", started()), new(1, "1.1.0", step(0, 1000))]);
    let begun = state().unwrap();
    assert_eq!((begun.weight, begun.intent.is_some(), begun.applied.is_some()), (1000, true, false));
    write(folder.path(), [new(2, "1.1.0", applied(0, 1000))]);
    let done = state().unwrap();
    assert_eq!((done.intent.is_none(), done.since), (true, at(2)));
    assert_eq!((done.candidate, done.plan.stable), (release("1.1.0"), Some(release("1.0.0"))));
    write(folder.path(), [new(3, "1.1.0", held("blind"))]);
    assert_eq!(state().unwrap().status, RolloutStatus::Held);
    assert_eq!(state().unwrap().why.as_deref(), Some("blind"));
    let Happening::Started(plan) = started() else { panic!() };
    let resumed = Happening::Started(StartedData { resumes: true, ..plan });
    write(folder.path(), [new(4, "1.1.0", resumed)]);
    let resumed = state().unwrap();
    assert_eq!((resumed.status, resumed.weight, resumed.step), (RolloutStatus::Running, 1000, 0));
    write(folder.path(), [new(5, "1.1.0", step(1, 5000)), new(6, "1.1.0", applied(1, 5000))]);
    write(folder.path(), [new(7, "1.1.0", rolled_back())]);
    let back = state().unwrap();
    assert_eq!(
        (back.status, back.weight, back.why.as_deref()),
        (RolloutStatus::RolledBack, 0, Some("three times the flags"))
    );
    let chain = read(folder.path());
    assert!(
        history::is_quarantined(&chain, &release("1.1.0"))
            && !history::is_quarantined(&chain, &release("1.0.0"))
    );
    assert!(chain.state("another").is_none());
}

#[test]
fn where_branches_disagree_the_more_careful_one_wins() {
    let first = || {
        vec![new(0, "1.1.0", started()), new(1, "1.1.0", step(0, 1000)), new(2, "1.1.0", applied(0, 1000))]
    };
    let on = |weight, n| vec![new(5, "1.1.0", step(n, weight)), new(6, "1.1.0", applied(n, weight))];
    // The lower weight, whichever is later.
    for later in [0, 100] {
        let mut low = on(2500, 1);
        for event in &mut low {
            event.time = at(later + 4);
        }
        let state = merged(first(), on(5000, 1), low).state("helpdesk").unwrap();
        assert_eq!((state.weight, state.applied.unwrap().weight, state.disputed), (2500, 2500, true));
    }
    // Held beats running, and keeps the lower weight.
    for (one, other) in [
        (on(5000, 1), vec![new(9, "1.1.0", held("look"))]),
        (vec![new(1, "1.1.0", held("look"))], on(5000, 1)),
    ] {
        let state = merged(first(), one, other).state("helpdesk").unwrap();
        assert_eq!((state.status, state.weight, state.disputed), (RolloutStatus::Held, 1000, true));
    }
    // Taken back beats promoted.
    let state = merged(first(), vec![new(20, "1.1.0", promoted())], vec![new(9, "1.1.0", rolled_back())]);
    let state = state.state("helpdesk").unwrap();
    assert_eq!((state.status, state.weight), (RolloutStatus::RolledBack, 0));
    // Who did nothing disagrees with nobody.
    let state = merged(first(), on(5000, 1), vec![new(9, "0.9.0", yanked())]).state("helpdesk").unwrap();
    assert_eq!((state.weight, state.disputed), (5000, false));
}

#[test]
fn the_last_good_release_is_neither_taken_back_nor_yanked() {
    let folder = tempfile::tempdir().unwrap();
    let good = || {
        let chain = read(folder.path());
        history::last_good(&chain, Some("helpdesk")).first().map(|link| link.event.release.version.clone())
    };
    let rollout = |version: &'static str, from: i64| {
        [new(from, version, started()), new(from + 1, version, promoted())]
    };
    write(folder.path(), rollout("1.0.0", 0));
    write(folder.path(), rollout("1.1.0", 10));
    assert_eq!(good().as_deref(), Some("1.1.0"));
    write(folder.path(), rollout("1.2.0", 20));
    write(folder.path(), [new(30, "1.2.0", rolled_back())]);
    assert_eq!(good().as_deref(), Some("1.1.0"), "what was taken back is not good");
    write(folder.path(), [new(40, "1.1.0", yanked())]);
    assert_eq!(good().as_deref(), Some("1.0.0"));
    write(folder.path(), [new(50, "1.0.0", yanked())]);
    assert_eq!(good(), None);
    let chain = read(folder.path());
    assert!(
        history::is_yanked(&chain, "helpdesk", "1.1.0") && !history::is_yanked(&chain, "helpdesk", "1.2.0")
    );
}
