//! From the events of a ledger to the answer of a question.

use std::path::Path;

use super::wording;
use chrono::{DateTime, SecondsFormat, Utc};

use crate::cli::LedgerArgs;
use crate::diagnostic::{Code, Diagnostic, list};
use crate::ledger::{Chain, Link, history};
use crate::manifest::Digest;
use crate::report::remembered::{
    REMEMBERED, RememberedAnswer, RememberedApproval, RememberedEvent, RememberedLedger, RememberedRelease,
    RememberedVersion, RememberedWaiver, remembered_json,
};
use crate::report::v1::{ReportDetail, ReportEvent, ReportLedger};

/// The least of an id that says which event is meant.
const LEAST: usize = 4;

/// The answer.
pub(super) fn answer(chain: &Chain, args: &LedgerArgs, at: &Path) -> Result<RememberedLedger, Diagnostic> {
    let name = args.release.as_deref();
    if let Some(name) = name {
        known_name(chain, name)?;
    }
    let is_own = |other: &str| name.is_none_or(|name| name == other);
    let answer = if let Some(id) = &args.id {
        RememberedAnswer::Events(vec![event(one(chain, id)?)])
    } else if args.last_good {
        let good = history::last_good(chain, name);
        if good.is_empty() {
            return Err(Diagnostic::error(Code::UnknownEvent, "no release was promoted and is still good")
                .note("a release that was taken back or yanked is not good")
                .help("`relgate ledger` tells what happened"));
        }
        RememberedAnswer::LastGood(good.into_iter().map(release).collect())
    } else if args.waivers {
        let used = history::waivers(chain).into_iter().filter(|one| is_own(&one.name));
        RememberedAnswer::Waivers(used.map(waiver).collect())
    } else if let Some(key) = &args.artifact {
        let versions = history::artifact(chain, key).into_iter().filter(|one| is_own(&one.name));
        let versions: Vec<history::ArtifactVersion> = versions.collect();
        let changes = wording::changes(&versions, &wording::texts(key, &args.place));
        let versions: Vec<RememberedVersion> =
            versions.into_iter().zip(changes).map(|(found, changed)| version(found, changed)).collect();
        if versions.is_empty() {
            return Err(no_artifact(chain, key));
        }
        RememberedAnswer::Artifact(versions)
    } else {
        let own = chain.links().iter().filter(|link| is_own(&link.event.release.name));
        RememberedAnswer::Events(own.map(event).collect())
    };
    Ok(RememberedLedger {
        schema: REMEMBERED,
        ledger: at.to_string_lossy().into_owned(),
        count: chain.links().len() as u64,
        heads: chain.heads().iter().map(|head| head.hex().to_owned()).collect(),
        answer,
    })
}

/// All of a ledger, for reports to people outside.
pub(in crate::commands) fn told_outside(chain: &Chain, at: &Path) -> ReportLedger {
    let heads: Vec<String> = chain.heads().iter().map(|head| head.hex().to_owned()).collect();
    let events: Vec<RememberedEvent> = chain.links().iter().map(event).collect();
    let own = |event: &RememberedEvent| ReportEvent {
        time: event.time.clone(),
        actor: event.actor.clone(),
        kind: event.kind.clone(),
        name: event.name.clone(),
        version: event.version.clone(),
        text: event.text.clone(),
    };
    let short = events.iter().map(own).collect();
    let all = RememberedLedger {
        schema: REMEMBERED,
        ledger: at.to_string_lossy().into_owned(),
        count: events.len() as u64,
        heads: heads.clone(),
        answer: RememberedAnswer::Events(events),
    };
    ReportLedger { count: all.count, heads, events: short, json: remembered_json(&all) }
}

/// The event whose digest or file begins so.
fn one<'a>(chain: &'a Chain, id: &str) -> Result<&'a Link, Diagnostic> {
    let begins = |link: &&Link| {
        let short = link.name.split_once('-').map_or("", |(_, digits)| digits);
        id.len() >= LEAST
            && [link.name.as_str(), link.digest.hex(), short].iter().any(|own| own.starts_with(id))
    };
    let found: Vec<&Link> = chain.links().iter().filter(begins).take(3).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let finding = Diagnostic::error(Code::UnknownEvent, format!("no event is called `{id}`"));
            Err(finding.help(format!(
                "give the first digits of its digest (at least {LEAST}) or the name of its file: `relgate ledger` lists them"
            )))
        }
        several => {
            let names = list(several.iter().map(|link| link.name.as_str()), 2);
            let text = format!("`{id}` begins the names of several events: {names}");
            Err(Diagnostic::error(Code::UnknownEvent, text).help("give more digits"))
        }
    }
}

fn known_name(chain: &Chain, name: &str) -> Result<(), Diagnostic> {
    let mut names: Vec<&str> =
        history::releases(chain).into_iter().map(|release| release.name.as_str()).collect();
    names.dedup();
    if names.contains(&name) {
        return Ok(());
    }
    let finding = Diagnostic::error(Code::UnknownEvent, format!("the ledger knows no release `{name}`"));
    Err(if names.is_empty() {
        finding
    } else {
        finding.note(format!("it knows {}", list(names.iter().copied(), 5)))
    }
    .suggest(name, names))
}

fn no_artifact(chain: &Chain, key: &str) -> Diagnostic {
    let keys = history::artifact_keys(chain);
    let finding =
        Diagnostic::error(Code::UnknownEvent, format!("no judgement in the ledger had an artifact `{key}`"));
    let finding = finding.suggest(key, keys.iter().copied());
    if keys.is_empty() {
        finding.help("`relgate check --record` writes judgements there")
    } else {
        finding.note(format!("it knows {}", list(keys.into_iter(), 8)))
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn hex(digest: Option<&Digest>) -> Option<String> {
    digest.map(|digest| digest.hex().to_owned())
}

fn event(link: &Link) -> RememberedEvent {
    let event = &link.event;
    RememberedEvent {
        file: link.name.clone(),
        sha256: link.digest.hex().to_owned(),
        prev: event.prev.iter().map(|prev| prev.hex().to_owned()).collect(),
        time: time(event.time),
        actor: event.actor.clone(),
        kind: event.happening.kind().to_owned(),
        name: event.release.name.clone(),
        version: event.release.version.clone(),
        lock: hex(event.release.lock.as_ref()),
        text: event.happening.text(),
        data: event.happening.data(),
    }
}

fn release(link: &Link) -> RememberedRelease {
    let release = &link.event.release;
    RememberedRelease {
        name: release.name.clone(),
        version: release.version.clone(),
        lock: hex(release.lock.as_ref()),
        promoted: time(link.event.time),
        file: link.name.clone(),
    }
}

fn waiver(used: history::UsedWaiver) -> RememberedWaiver {
    let waiver = used.waiver;
    RememberedWaiver {
        name: used.name,
        gate: match &waiver.slice {
            Some(slice) => format!("{} [{slice}]", waiver.gate),
            None => waiver.gate,
        },
        reason: waiver.reason,
        owner: waiver.owner,
        approver: waiver.approver,
        expires: waiver.expires,
        limit: waiver.limit,
        versions: used.versions,
        first: time(used.first),
        last: time(used.last),
        times: used.times,
    }
}

fn version(found: history::ArtifactVersion, changed: Option<Vec<ReportDetail>>) -> RememberedVersion {
    RememberedVersion {
        name: found.name,
        version: found.version,
        sha256: hex(found.sha256.as_ref()),
        releases: found.releases,
        first: time(found.first),
        last: time(found.last),
        promoted: found.promoted.map(time),
        approved: found.approved.into_iter().map(approval).collect(),
        figures: found.figures,
        changed,
    }
}

fn approval(found: history::ApprovedRelease) -> RememberedApproval {
    RememberedApproval { version: found.version, by: found.by, what: found.what, signed: found.signed }
}
