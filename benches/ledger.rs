//! A ledger of 100,000 events: written once, then read and verified as `relgate verify` does. Budget: 2 s.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a bench makes its own files and may stop where it stands"
)]

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta};
use divan::Bencher;
use relgate::artifact::digest_bytes;
use relgate::files::Ledger;
use relgate::ledger::{Event, EventRelease, Happening, NewEvent, SignalCounts, SignalData};

const EVENTS: u32 = 100_000;

fn main() {
    divan::main();
}

/// The folder, made once: `target/bench-data/ledger`.
fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench-data/ledger");
    if folder.join("done").exists() {
        return folder.join("events");
    }
    let events = folder.join("events");
    fs::create_dir_all(&events).unwrap();
    let mut before = Vec::new();
    for i in 0..EVENTS {
        let event = event(i).after(std::mem::take(&mut before));
        let bytes = event.bytes();
        let digest = digest_bytes(&bytes);
        fs::write(events.join(Event::name_of(event.time, &digest)), &bytes).unwrap();
        before.push(digest);
    }
    fs::write(folder.join("done"), "").unwrap();
    events
}

fn event(i: u32) -> NewEvent {
    let counted = |n: u32| SignalCounts {
        n: u64::from(n),
        events: Some(u64::from(n / 50)),
        units: Some(u64::from(n)),
        missing: 0,
    };
    NewEvent {
        time: DateTime::from_timestamp(1_795_165_200, 0).unwrap() + TimeDelta::minutes(i64::from(i)),
        actor: "ci".to_owned(),
        release: EventRelease {
            name: "assistant".to_owned(),
            version: "2.4.0".to_owned(),
            lock: Some(digest_bytes(b"lock")),
        },
        happening: Happening::Signal(SignalData {
            id: "user-flagged".to_owned(),
            outcome: if i.is_multiple_of(2) { "inconclusive" } else { "pass" }.to_owned(),
            reason: "the records do not decide yet".to_owned(),
            candidate: counted(i),
            stable: Some(counted(i * 9)),
        }),
    }
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn verify(bencher: Bencher<'_, '_>) {
    let folder = folder();
    bencher.bench_local(|| {
        let chain = Ledger::read(&folder).unwrap();
        assert!(chain.flaws().is_empty() && chain.links().len() == EVENTS as usize);
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn state(bencher: Bencher<'_, '_>) {
    let chain = Ledger::read(&folder()).unwrap();
    bencher.bench_local(|| assert!(chain.state("assistant").is_none()));
}
