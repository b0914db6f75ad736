//! What `relgate ledger` tells: events, the last good releases, waivers, the versions of an artifact (`relgate/ledger/v1`), as JSON
//! and for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::json::pretty;
use super::number;
use super::table::Table;
use super::v1::{ReportDetail, ReportWord};
use crate::diagnostic::printable;

/// The name of the format.
pub const REMEMBERED: &str = "relgate/ledger/v1";
/// So many of the newest events are told unless all are asked for.
const NEWEST: usize = 50;
/// Digits of a digest that people compare.
const DIGITS: usize = 8;

/// An answer of a ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RememberedLedger {
    /// `relgate/ledger/v1`.
    pub schema: &'static str,
    /// The ledger's folder as messages show it.
    pub ledger: String,
    /// How many events it holds.
    pub count: u64,
    /// The digests of the events that nothing follows yet.
    pub heads: Vec<String>,
    /// What was asked.
    #[serde(flatten)]
    pub answer: RememberedAnswer,
}

/// What was asked of a ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RememberedAnswer {
    /// Events, none before one that it follows.
    Events(Vec<RememberedEvent>),
    /// The last good release of each name.
    LastGood(Vec<RememberedRelease>),
    /// Waivers that were used.
    Waivers(Vec<RememberedWaiver>),
    /// The versions of an artifact.
    Artifact(Vec<RememberedVersion>),
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RememberedEvent {
    /// The name of its file.
    pub file: String,
    /// The digest of its bytes.
    pub sha256: String,
    /// The digests of the events that it follows.
    pub prev: Vec<String>,
    /// When, RFC 3339.
    pub time: String,
    /// Who wrote it, by their own word.
    pub actor: String,
    /// What kind of event.
    pub kind: String,
    /// The name of the release.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of its lock.
    pub lock: Option<String>,
    /// In a line.
    pub text: String,
    /// Everything that it says.
    pub data: Value,
}

/// A release that was promoted and is still good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RememberedRelease {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of its lock.
    pub lock: Option<String>,
    /// Since when everybody gets it, RFC 3339.
    pub promoted: String,
    /// The file of the event that says so.
    pub file: String,
}

/// A waiver that judgements used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RememberedWaiver {
    /// The name of the release.
    pub name: String,
    /// The gate, and the slice where it is limited to one.
    pub gate: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who asked.
    pub owner: String,
    /// Who accepted.
    pub approver: String,
    /// The last day on which it holds.
    pub expires: String,
    /// The worst value that it accepts.
    pub limit: Option<String>,
    /// The versions that it was used for.
    pub versions: Vec<String>,
    /// When it was used first, RFC 3339.
    pub first: String,
    /// When it was used last.
    pub last: String,
    /// How many judgements used it.
    pub times: u64,
}

/// A version of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RememberedVersion {
    /// The name of the release.
    pub name: String,
    /// Its declared version.
    pub version: String,
    /// The digest of its bytes.
    pub sha256: Option<String>,
    /// The versions of the release that had it.
    pub releases: Vec<String>,
    /// When it was judged first, RFC 3339.
    pub first: String,
    /// When it was judged last.
    pub last: String,
    /// When a release with it was promoted last; none where none was.
    pub promoted: Option<String>,
    /// Who approved releases with it.
    pub approved: Vec<RememberedApproval>,
    /// What the gates of its last judgement came to, with figures in words.
    pub figures: BTreeMap<String, String>,
    /// What its words say otherwise than those of the version before; none where one of both is not in git's history.
    pub changed: Option<Vec<ReportDetail>>,
}

/// Who approved a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RememberedApproval {
    /// The version of the release.
    pub version: String,
    /// Who.
    pub by: String,
    /// What for.
    pub what: String,
    /// Whether a signature stands beside the event; `relgate verify` says whether it is good.
    pub signed: bool,
}

/// For a program.
#[must_use]
pub fn remembered_json(remembered: &RememberedLedger) -> String {
    pretty(remembered)
}

/// For a person; all events, or the newest.
#[must_use]
pub fn remembered_terminal(remembered: &RememberedLedger, all: bool) -> String {
    let ledger = printable(&remembered.ledger);
    match &remembered.answer {
        RememberedAnswer::Events(events) if events.is_empty() => {
            format!("{ledger} holds no event yet: `relgate check --record` writes the first one\n")
        }
        RememberedAnswer::Events(events) => listed(remembered, events, all),
        RememberedAnswer::LastGood(good) => good.iter().fold(String::new(), |text, one| {
            let lock =
                one.lock.as_deref().map_or_else(|| "no lock".to_owned(), |lock| format!("lock {lock}"));
            let (name, version) = (printable(&one.name), printable(&one.version));
            text + &format!("{name} {version}  promoted {}, {lock}\n", shown(&one.promoted))
        }),
        RememberedAnswer::Waivers(waivers) if waivers.is_empty() => {
            format!("no judgement in {ledger} used a waiver\n")
        }
        RememberedAnswer::Waivers(waivers) => waived(waivers),
        RememberedAnswer::Artifact(versions) => versioned(versions),
    }
}

/// One event with everything that it says.
#[must_use]
pub fn remembered_event(event: &RememberedEvent) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(text, "{key:<8} {}", printable(value));
    };
    line("event", &event.file);
    line("sha256", &event.sha256);
    line("time", &shown(&event.time));
    line("actor", &event.actor);
    line("kind", &event.kind);
    line("release", &format!("{} {}", event.name, event.version));
    line("lock", event.lock.as_deref().unwrap_or("none"));
    line("says", &event.text);
    for prev in &event.prev {
        line("follows", prev);
    }
    text + "data     " + pretty(&event.data).trim_end() + "\n"
}

/// `2026-11-20 09:00:00` of `2026-11-20T09:00:00Z`.
fn shown(time: &str) -> String {
    time.replace('T', " ").trim_end_matches('Z').to_owned()
}

fn day(time: &str) -> String {
    time.split('T').next().unwrap_or(time).to_owned()
}

fn listed(remembered: &RememberedLedger, events: &[RememberedEvent], all: bool) -> String {
    let left_out = if all { 0 } else { events.len().saturating_sub(NEWEST) };
    let mut table = Table::new(["time", "event", "kind", "release", "what happened"], 0..0);
    for event in events.iter().skip(left_out) {
        table.row([
            shown(&event.time),
            event.sha256.get(..DIGITS).unwrap_or_default().to_owned(),
            event.kind.clone(),
            printable(&format!("{} {}", event.name, event.version)),
            printable(&event.text),
        ]);
    }
    let mut text = table.render();
    if left_out > 0 {
        let _ = writeln!(
            text,
            "\n{} earlier events are not shown: `--all` shows them",
            number::count(left_out as u64)
        );
    }
    if remembered.heads.len() > 1 {
        let heads = number::count(remembered.heads.len() as u64);
        let _ = writeln!(text, "\n{heads} branches were merged; the next event joins them");
    }
    text
}

fn waived(waivers: &[RememberedWaiver]) -> String {
    let mut table =
        Table::new(["gate", "release", "used", "until", "limit", "approver", "owner", "reason"], 0..0);
    for one in waivers {
        table.row([
            printable(&one.gate),
            printable(&format!("{} {}", one.name, one.versions.join(", "))),
            format!("{} to {}, {}x", day(&one.first), day(&one.last), one.times),
            printable(&one.expires),
            printable(one.limit.as_deref().unwrap_or("-")),
            printable(&one.approver),
            printable(&one.owner),
            printable(&one.reason),
        ]);
    }
    table.render()
}

fn versioned(versions: &[RememberedVersion]) -> String {
    let mut table =
        Table::new(["version", "digest", "first judged", "last judged", "promoted", "releases"], 0..0);
    for one in versions {
        let digest = one.sha256.as_deref().and_then(|hex| hex.get(..12));
        table.row([
            printable(&one.version),
            digest.map_or_else(|| "none".to_owned(), |digits| format!("{digits}…")),
            day(&one.first),
            day(&one.last),
            one.promoted.as_deref().map_or_else(|| "-".to_owned(), day),
            printable(&format!("{} {}", one.name, one.releases.join(", "))),
        ]);
    }
    let mut text = table.render();
    for (place, one) in versions.iter().enumerate() {
        text.push_str(&about(one, place == 0));
    }
    text
}

/// What changed in a version, who approved it, what it was measured at.
fn about(one: &RememberedVersion, is_first: bool) -> String {
    let mut text = format!("\n{}\n", printable(&one.version));
    match &one.changed {
        Some(details) if details.is_empty() => text.push_str("  changed   nothing that anybody reads\n"),
        Some(details) => details.iter().for_each(|detail| {
            let _ = writeln!(text, "  changed   {}", passage(detail));
        }),
        None if is_first => text.push_str("  changed   the first version that the ledger knows\n"),
        None => {
            text.push_str("  changed   not told: this version or the one before is not in git's history\n");
        }
    }
    for by in &one.approved {
        let signed = if by.signed { ", signed" } else { "" };
        let _ = writeln!(
            text,
            "  approved  {} for {} of {}{signed}",
            printable(&by.by),
            printable(&by.what),
            printable(&by.version)
        );
    }
    if one.approved.is_empty() {
        text.push_str("  approved  by nobody, as far as the ledger knows\n");
    }
    for (gate, figures) in &one.figures {
        let _ = writeln!(text, "  gate      {}: {}", printable(gate), printable(figures));
    }
    text
}

fn passage(detail: &ReportDetail) -> String {
    match detail {
        ReportDetail::Line { line } => printable(line),
        ReportDetail::Words { at, words } => {
            let piece = |word: &ReportWord| match word.op.as_str() {
                "removed" => format!("[-{}-]", printable(&word.text)),
                "added" => format!("{{+{}+}}", printable(&word.text)),
                _ => printable(&word.text),
            };
            let words: String = words.iter().map(piece).collect();
            // The end of the line itself is no word.
            format!("line {at}: {}", words.trim_end_matches("\\n"))
        }
    }
}
