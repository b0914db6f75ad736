//! `relgate monitor`: what production shows.

mod derived;
mod log_files;
mod log_front;
mod log_parts;
mod log_rows;
mod looked;
mod recalled;
mod stable;
mod summarized;
mod texts;
mod times;
mod watched;

use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};

pub(super) use self::looked::{Look, Looked, declared, look};
pub(super) use self::summarized::summarize as summarize_log;
pub(super) use self::watched::Subject;
use super::clock::Clock;
use super::console::{Console, tell_findings, tell_unjudged};
use super::overwrites;
use super::progress::watched;
use crate::cli::{MonitorArgs, MonitorFormat};
use crate::diagnostic::{Diagnostics, Sources, printable};
use crate::files::{StagedFiles, Worktree, read_text, withdraw};
use crate::report::monitor::{CASES_HEAD, MonitorReport, is_verdict};
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
            let gone = args.report.iter().filter(|(_, path)| withdrawn(path)).count() > 0;
            let told = if gone { "an older report is gone" } else { "nothing was written" };
            tell_unjudged(&args.manifest, &findings, "watched", told, console)?;
            Ok(Exit::Error)
        }
    }
}

/// Removes what an earlier look came to, which would still read as a verdict. What Prometheus reads says when it was made, and
/// stays: without it nobody is alarmed.
fn withdrawn(path: &Path) -> bool {
    let older = read_text(path, "").ok().flatten();
    older.is_some_and(|text| is_verdict(&text)) && withdraw(path)
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
        no_cache: args.no_cache,
    };
    let Looked { report, cases, warnings, read, .. } = look(&asked, sources)?;
    let paths: Vec<&Path> =
        args.report.iter().map(|(_, path)| path.as_path()).chain(args.cases.as_deref()).collect();
    overwrites::outputs_of_monitor(&paths, &read)?;
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
    ids.iter().fold(CASES_HEAD.to_owned(), |text, id| text + &printable(id) + "\n")
}
