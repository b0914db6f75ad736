//! `relgate check`: the main job, in the order of the story.

mod ended;
mod finished;
mod output;
mod paths;
mod signed;
mod unjudged;

pub(super) use finished::{Question, judge};

use std::io;

use self::ended::Ended;
use super::aside;
use super::clock::Clock;
use super::console::{Console, tell_findings};
use super::progress::watched;
use crate::cli::CheckArgs;
use crate::diagnostic::{Diagnostics, Sources};
use crate::report::Exit;
use crate::report::kinds::Several;
use crate::report::v1::Report;

/// Judges every manifest; the worst decision wins.
pub(super) fn run(args: &CheckArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    if let Err(finding) = paths::distinct(args) {
        tell_findings(&finding.into(), &Sources::new(), console)?;
        writeln!(console.err, "ERROR  nothing was judged: 1 error; no report was written")?;
        return Ok(Exit::Error);
    }
    let mut all = Vec::new();
    for path in &args.manifests {
        let mut sources = Sources::new();
        let question = Question::of_file(path, args);
        let judged = Clock::read(args.as_of)
            .map_err(Diagnostics::from)
            .and_then(|clock| watched(args.quiet, || judge(&question, args, clock, &mut sources)));
        all.push(match judged {
            Ok(finished) => {
                tell_findings(&finished.warnings, &sources, console)?;
                output::tell(finished, args, console)?
            }
            Err(findings) => unjudged::tell(&question, args, &findings, &sources, console)?,
        });
    }
    let worst = all.iter().map(|ended| ended.exit).max().unwrap_or(Exit::Error);
    tell_together(all, args, console)?;
    Ok(worst)
}

/// Prints what is told of all manifests at once.
fn tell_together(all: Vec<Ended>, args: &CheckArgs, console: &mut Console<'_>) -> io::Result<()> {
    let (screen, several) = (console.screen(args.quiet), args.manifests.len() > 1);
    let text = match args.format.several {
        Several::Told(_) if !several => return Ok(()),
        Several::Whole(_) if all.iter().all(|ended| !ended.counts) && !several => return Ok(()),
        Several::Told(together) => together(&told(all), screen),
        Several::Whole(whole) => {
            let reports = told(all);
            let text = match reports.as_slice() {
                [report] if !several => args.format.whole(report, screen),
                reports => whole(reports, screen),
            };
            if !args.dry_run {
                aside::append(args.format, &reports, console)?;
            }
            text
        }
    };
    console.print(args.format, &text)
}

/// The reports, an error in the place of each that counts for nothing.
fn told(all: Vec<Ended>) -> Vec<Report> {
    let told = |ended: Ended| if ended.counts { ended.report } else { ended.report.uncounted() };
    all.into_iter().map(told).collect()
}

/// Judges one manifest that stands in no file, in the words and with the outputs of any other.
pub(super) fn drafted(
    question: &Question<'_>,
    args: &CheckArgs,
    console: &mut Console<'_>,
) -> io::Result<Drafted> {
    let mut sources = Sources::new();
    let clock = Clock::read(args.as_of).map_err(Diagnostics::from);
    let judged = clock.and_then(|clock| watched(args.quiet, || judge(question, args, clock, &mut sources)));
    match judged {
        Ok(finished) => {
            tell_findings(&finished.warnings, &sources, console)?;
            let ended = output::tell(finished, args, console)?;
            let exit = ended.exit;
            tell_together(vec![ended], args, console)?;
            Ok(Drafted::Judged(exit))
        }
        Err(findings) => {
            let ended = unjudged::tell(question, args, &findings, &sources, console)?;
            tell_together(vec![ended], args, console)?;
            Ok(Drafted::Unjudged(findings))
        }
    }
}

/// How the judgement of a draft ended.
pub(super) enum Drafted {
    /// With a verdict.
    Judged(Exit),
    /// With these findings.
    Unjudged(Diagnostics),
}
