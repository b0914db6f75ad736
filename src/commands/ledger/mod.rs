//! `relgate ledger`: what happened, asked and told; a ledger begun, written down, and a version taken out of use.

mod asked;
mod place;
mod recorded;
mod verified;
mod wording;

pub(super) use asked::told_outside;
pub(super) use place::folder;
pub(super) use place::{PATIENCE, folder_of};
pub(super) use recorded::{Look, record};
pub(super) use verified::{VerifiedFolder, verified_folder};

use std::io;
use std::path::Path;

use super::actor::actor;
use super::clock::Clock;
use super::console::{Console, tell_findings};
use crate::cli::{LedgerAct, LedgerArgs, LedgerFormat};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::files::{Appended, Ledger};
use crate::ledger::{EventRelease, Happening, NewEvent, YankedData, history};
use crate::report::Exit;
use crate::report::remembered::{RememberedAnswer, remembered_event, remembered_json, remembered_terminal};

/// Does what was asked.
pub(super) fn run(args: &LedgerArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let done = match &args.act {
        None => told(args),
        Some(LedgerAct::Init { place, .. }) => folder(place).and_then(|at| begin(&at)),
        Some(LedgerAct::Checkpoint { place }) => folder(place).and_then(|at| checkpoint(&at)),
        Some(LedgerAct::Yank { out_of_use, reason, by, release, place, .. }) => {
            folder(place).and_then(|at| {
                let data = YankedData { reason: reason.clone(), by: by.clone() };
                yank(&at, out_of_use, release.as_deref(), data)
            })
        }
    };
    match done {
        Ok(Told { is_for_people: true, .. }) if is_quiet(args) => {}
        Ok(Told { text, is_for_people: true }) => console.tell(&text)?,
        Ok(Told { text, .. }) => console.out.write_all(text.as_bytes())?,
        Err(findings) => {
            tell_findings(&findings, &Sources::new(), console)?;
            let what = if args.act.is_none() { "told" } else { "written" };
            writeln!(console.err, "ERROR  nothing was {what}")?;
            return Ok(Exit::Error);
        }
    }
    Ok(Exit::Pass)
}

/// Whether what was done is not told; what was asked for is.
fn is_quiet(args: &LedgerArgs) -> bool {
    match &args.act {
        Some(LedgerAct::Init { quiet, .. } | LedgerAct::Yank { quiet, .. }) => *quiet,
        Some(LedgerAct::Checkpoint { .. }) | None => false,
    }
}

/// What is printed.
struct Told {
    text: String,
    is_for_people: bool,
}

impl Told {
    fn people(text: String) -> Self {
        Self { text, is_for_people: true }
    }
}

/// Answers a question.
fn told(args: &LedgerArgs) -> Result<Told, Diagnostics> {
    let at = folder(&args.place)?;
    Ledger::must_be_at(&at)?;
    let chain = Ledger::read_sound(&at)?;
    let remembered = asked::answer(&chain, args, &at)?;
    Ok(match (args.format, &remembered.answer, &args.id) {
        (LedgerFormat::Json, ..) => Told { text: remembered_json(&remembered), is_for_people: false },
        (LedgerFormat::Terminal, RememberedAnswer::Events(events), Some(_)) => {
            Told::people(events.iter().map(remembered_event).collect())
        }
        (LedgerFormat::Terminal, ..) => Told::people(remembered_terminal(&remembered, args.all)),
    })
}

fn begin(at: &Path) -> Result<Told, Diagnostics> {
    let shown = printable(&at.to_string_lossy());
    let text = if Ledger::create(at)? {
        format!(
            "began the ledger {shown}; commit it, and `relgate check` records there in CI, or with `--record`\n"
        )
    } else {
        format!("the ledger {shown} is there already\n")
    };
    Ok(Told::people(text))
}

fn checkpoint(at: &Path) -> Result<Told, Diagnostics> {
    let ledger = Ledger::open(at, PATIENCE)?;
    let Some(checkpoint) = ledger.checkpoint()? else {
        return Err(Diagnostic::error(
            Code::NoLedger,
            "the ledger holds no event yet, so there is nothing to write down",
        )
        .help("`relgate check --record` writes the first one")
        .into());
    };
    let text = String::from_utf8_lossy(&checkpoint.bytes()).into_owned();
    Ok(Told { text, is_for_people: false })
}

fn yank(at: &Path, version: &str, name: Option<&str>, data: YankedData) -> Result<Told, Diagnostics> {
    let mut ledger = Ledger::open(at, PATIENCE)?;
    let release = known(&history::releases(ledger.chain()), version, name)?;
    let time = Clock::read(None)?.generated_at;
    let event =
        NewEvent { time, actor: actor(at), release: release.clone(), happening: Happening::Yanked(data) };
    let (name, version) = (printable(&release.name), printable(&release.version));
    Ok(Told::people(match ledger.append(event)? {
        Appended::Written(file) => {
            format!(
                "{name} {version} is out of use: nothing goes back to it, and nothing starts it ({file})\n"
            )
        }
        Appended::Already(file) => format!("{name} {version} was out of use already ({file})\n"),
    }))
}

/// The release of a version that the ledger has met.
fn known(releases: &[&EventRelease], version: &str, name: Option<&str>) -> Result<EventRelease, Diagnostic> {
    let of =
        |release: &&&EventRelease| release.version == version && name.is_none_or(|name| release.name == name);
    // The newest, where one version had several locks.
    let found: Vec<&&EventRelease> = releases.iter().rev().filter(of).collect();
    let Some(newest) = found.first() else {
        let versions = releases.iter().map(|release| release.version.as_str());
        return Err(Diagnostic::error(
            Code::UnknownEvent,
            format!("the ledger knows no version `{version}`"),
        )
        .suggest(version, versions)
        .help("`relgate ledger` lists what it knows"));
    };
    if let Some(other) = found.iter().find(|other| other.name != newest.name) {
        let text = format!("`{version}` is a version of `{}` and of `{}`", newest.name, other.name);
        return Err(Diagnostic::error(Code::UnknownEvent, text).help("say which with `--release NAME`"));
    }
    Ok((**newest).clone())
}
