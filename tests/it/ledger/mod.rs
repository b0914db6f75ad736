//! The ledger: events that chain, merge and come to a state; what is wrong with a folder, file by file; kills.

mod approvals;
mod chain;
mod commands;
mod hostile;
mod kills;
mod state;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use relgate::artifact::digest_bytes;
use relgate::files::{Appended, Ledger};
use relgate::ledger::{
    AppliedData, Chain, EventRelease, Happening, HeldData, NewEvent, PromotedData, RollbackCause,
    RolledBackData, StartedData, StepData, StepPlan, YankedData,
};
use relgate::manifest::Digest;

/// More than any other test needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// 2026-11-20T09:00:00Z, and so many seconds.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_165_200, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn digest(text: &str) -> Digest {
    digest_bytes(text.as_bytes())
}

fn release(version: &str) -> EventRelease {
    EventRelease {
        name: "helpdesk".to_owned(),
        version: version.to_owned(),
        lock: Some(digest(&format!("lock of {version}"))),
    }
}

fn new(seconds: i64, version: &str, happening: Happening) -> NewEvent {
    NewEvent { time: at(seconds), actor: "ci".to_owned(), release: release(version), happening }
}

fn started() -> Happening {
    let step = |weight| StepPlan { weight, bake_s: 86_400, cohort: None };
    Happening::Started(StartedData {
        plan: digest("plan"),
        strategy: "canary".to_owned(),
        stable: Some(release("1.0.0")),
        steps: vec![step(1000), step(5000), step(10_000)],
        give_up_s: 14 * 86_400,
        signals: Vec::new(),
        resumes: false,
        again: None,
        attestation: None,
        declared: BTreeMap::new(),
    })
}

fn step(step: u32, weight: u32) -> Happening {
    let why = "every signal was seen enough of".to_owned();
    Happening::Step(StepData { step, weight, cohort: None, why, overruled: None })
}

fn applied(step: u32, weight: u32) -> Happening {
    Happening::Applied(AppliedData { step, weight, targets: vec!["file".to_owned()], read_back: true })
}

fn held(reason: &str) -> Happening {
    Happening::Held(HeldData { code: "person".to_owned(), reason: reason.to_owned(), by: None })
}

fn rolled_back() -> Happening {
    Happening::RolledBack(RolledBackData {
        from: 5000,
        weight: 0,
        to: Some(release("1.0.0")),
        action: "roll-back".to_owned(),
        cause: RollbackCause {
            signal: Some("user-flagged".to_owned()),
            category: Some("quality".to_owned()),
            text: "three times the flags".to_owned(),
        },
        by: None,
        hotfix: None,
    })
}

fn promoted() -> Happening {
    Happening::Promoted(PromotedData {
        from: Some(release("1.0.0")),
        requests: 450_000,
        references: std::collections::BTreeMap::new(),
    })
}

fn yanked() -> Happening {
    Happening::Yanked(YankedData { reason: "leaks the prompt".to_owned(), by: "ana".to_owned() })
}

/// Writes events one after the other; the names of their files.
fn write(folder: &Path, events: impl IntoIterator<Item = NewEvent>) -> Vec<String> {
    Ledger::create(folder).unwrap();
    // A process that another test starts keeps the lock until it is another program.
    let mut ledger = Ledger::open(folder, PATIENCE).unwrap();
    events.into_iter().map(|event| ledger.append(event).unwrap().name().to_owned()).collect()
}

fn read(folder: &Path) -> Chain {
    Ledger::read(folder).unwrap()
}

/// The flaws of a folder: file and what.
fn flaws(folder: &Path) -> Vec<String> {
    read(folder).flaws().iter().map(|flaw| format!("{} {:?}", flaw.file, flaw.kind)).collect()
}

fn is_written(appended: &Appended) -> bool {
    matches!(appended, Appended::Written(_))
}
