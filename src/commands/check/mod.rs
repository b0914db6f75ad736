//! `relgate check`: the main job, in the order of the story.

mod finished;
mod output;
mod unjudged;

pub(super) use finished::{Question, judge};

use std::io;
use std::path::{Path, PathBuf};

use super::clock::Clock;
use super::console::{Console, tell_findings};
use crate::cli::CheckArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::report::Exit;
use crate::report::kinds::Several;

/// Judges every manifest; the worst decision wins.
pub(super) fn run(args: &CheckArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    if let Some(finding) = shared_report(args) {
        tell_findings(&finding.into(), &Sources::new(), console)?;
        writeln!(console.err, "ERROR  nothing was judged: 1 error; no report was written")?;
        return Ok(Exit::Error);
    }
    let mut worst = Exit::Pass;
    let mut names: Vec<String> = Vec::new();
    // Documents one after another are no JSON.
    let array = args.format.several == Several::Array && args.manifests.len() > 1;
    let mut lead = "";
    if array {
        console.out.write_all(b"[\n")?;
    }
    for path in &args.manifests {
        let mut sources = Sources::new();
        let judged = Clock::read(args.as_of).map_err(Diagnostics::from).and_then(|clock| {
            let finished = judge(&Question::of_file(path, args), args, clock, &mut sources)?;
            let name = &finished.candidate.manifest.name.value;
            if names.contains(name) && args.manifests.len() > 1 {
                return Err(same_name(path, name).into());
            }
            Ok(finished)
        });
        let exit = match judged {
            Ok(finished) => {
                names.push(finished.candidate.manifest.name.value.clone());
                tell_findings(&finished.warnings, &sources, console)?;
                let (exit, shown) = output::tell(&finished, args, lead, console)?;
                if array && shown {
                    lead = ",\n";
                }
                exit
            }
            Err(findings) => {
                if unjudged::tell(&Question::of_file(path, args), args, &findings, &sources, lead, console)?
                    && array
                {
                    lead = ",\n";
                }
                Exit::Error
            }
        };
        worst = worst.max(exit);
    }
    if array {
        console.out.write_all(b"]\n")?;
    }
    Ok(worst)
}

/// Judges one manifest that stands in no file, in the words and with the outputs of any other.
pub(super) fn drafted(
    question: &Question<'_>,
    args: &CheckArgs,
    console: &mut Console<'_>,
) -> io::Result<Drafted> {
    let mut sources = Sources::new();
    let clock = Clock::read(args.as_of).map_err(Diagnostics::from);
    match clock.and_then(|clock| judge(question, args, clock, &mut sources)) {
        Ok(finished) => {
            tell_findings(&finished.warnings, &sources, console)?;
            Ok(Drafted::Judged(output::tell(&finished, args, "", console)?.0))
        }
        Err(findings) => {
            unjudged::tell(question, args, &findings, &sources, "", console)?;
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

/// A path that more than one report would be written to, so that the last would stand for all of them.
fn shared_report(args: &CheckArgs) -> Option<Diagnostic> {
    let paths = || args.report.iter().filter_map(|(_, path)| path.as_ref());
    let shared =
        |path: &&PathBuf| args.manifests.len() > 1 || paths().filter(|other| other == path).count() > 1;
    let path = printable(&paths().find(shared)?.to_string_lossy());
    let finding = Diagnostic::error(
        Code::SharedReport,
        format!(
            "`--report` names `{path}` for more than one report, and each would overwrite the one before"
        ),
    );
    Some(if args.manifests.len() > 1 {
        finding
            .note(format!("{} manifests are checked, each with a report of its own", args.manifests.len()))
            .help("write `--report KIND` without a path: each report then goes to `OUT/<name>/`; or check them one by one")
    } else {
        finding.help("give every report a path of its own")
    })
}

fn same_name(path: &Path, name: &str) -> Diagnostic {
    Diagnostic::error(Code::SameName, format!("two of the manifests release `{}`", printable(name)))
        .in_file(path.to_string_lossy())
        .help("their reports would overwrite each other; check them one by one with `--out`")
}
