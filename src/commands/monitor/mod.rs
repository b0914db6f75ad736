//! `relgate monitor`: what production shows.

mod derived;
mod log_files;
mod looked;
mod stable;
mod texts;
mod times;
mod watched;

use std::io;

use chrono::{DateTime, Utc};

pub(super) use self::looked::{Look, Looked, look};
pub(super) use self::watched::Subject;
use super::clock::Clock;
use super::console::{Console, tell_findings, tell_unjudged};
use super::progress::watched;
use crate::cli::{MonitorArgs, MonitorFormat};
use crate::diagnostic::{Diagnostics, Sources, printable};
use crate::files::{StagedFiles, Worktree};
use crate::report::monitor::MonitorReport;
use crate::report::{Exit, Screen};

/// Looks, once or until it is interrupted.
pub(super) fn run(args: &MonitorArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    loop {
        let exit = once(args, console)?;
        let Some(wait) = args.follow else { return Ok(exit) };
        console.out.flush()?;
        std::thread::sleep(wait);
    }
}

fn once(args: &MonitorArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    let now = args.now.unwrap_or_else(|| Clock::now(None).generated_at);
    match watched(args.quiet, || looked(args, now, &mut sources)) {
        Ok((report, warnings)) => {
            tell_findings(&warnings, &sources, console)?;
            let text = told(&report, args.format, now, console.screen(args.quiet));
            match args.format {
                MonitorFormat::Terminal => console.tell(&text)?,
                MonitorFormat::Json | MonitorFormat::Prometheus => console.out.write_all(text.as_bytes())?,
            }
            Ok(report.exit(args.require.is_some()))
        }
        Err(findings) => {
            tell_findings(&findings, &sources, console)?;
            tell_unjudged(&args.manifest, &findings, "watched", "nothing was written", console)?;
            Ok(Exit::Error)
        }
    }
}

fn told(report: &MonitorReport, format: MonitorFormat, now: DateTime<Utc>, screen: Screen) -> String {
    match format {
        MonitorFormat::Terminal => report.text(screen),
        MonitorFormat::Json => report.json(),
        MonitorFormat::Prometheus => report.prometheus(now.timestamp()),
    }
}

fn looked(
    args: &MonitorArgs,
    now: DateTime<Utc>,
    sources: &mut Sources,
) -> Result<(MonitorReport, Diagnostics), Diagnostics> {
    let root = Worktree::find(&args.manifest, args.root.as_deref())?;
    let asked = Look {
        root: &root,
        subject: Subject::Newest,
        log: &args.log,
        now,
        weight: args.weight,
        stable: args.stable.as_deref(),
        ledger: args.ledger.as_deref(),
        cases: args.cases.is_some(),
    };
    let Looked { report, cases, warnings, .. } = look(&asked, sources)?;
    let mut staged = StagedFiles::default();
    for (format, path) in &args.report {
        staged.add_with_folder(path, told(&report, *format, now, Screen::default()).as_bytes())?;
    }
    if let Some(path) = &args.cases {
        staged.add_with_folder(path, lines(&cases).as_bytes())?;
    }
    staged.commit()?;
    Ok((report, warnings))
}

fn lines(ids: &[String]) -> String {
    // An id that a client made up holds whatever it likes.
    ids.iter().fold(String::new(), |text, id| text + &printable(id) + "\n")
}
