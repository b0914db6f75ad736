//! `relgate try`: a verdict on results without a manifest. The manifest that asks it is made here, judged as any other, and
//! printed.

mod asked;
mod operands;
mod unasked;

use std::io;
use std::path::Path;

use self::asked::{Asked, Sides, UNSAVED};
use self::operands::Operands;
use super::check::{self, Drafted, Question};
use super::command_line;
use super::console::{Console, tell_findings};
use crate::cli::{CheckArgs, TryArgs};
use crate::diagnostic::{Code, Diagnostics, Sources, printable};
use crate::report::Exit;

/// Judges results by rules, or by fixed margins against those from before.
pub(super) fn run(args: &TryArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let sides = match Operands::read(args).map_err(Diagnostics::from).and_then(|words| Sides::of(words, args))
    {
        Ok(sides) => sides,
        Err(findings) => return refuse(args, &findings, console),
    };
    if sides.old.is_none() && sides.rules.is_empty() {
        return match unasked::measure(&sides) {
            Ok(measured) => measured.tell(args, console),
            Err(findings) => refuse(args, &findings, console),
        };
    }
    match Asked::of(&sides) {
        Ok(asked) => judge(args, &sides, asked, console),
        Err(findings) => refuse(args, &findings, console),
    }
}

fn judge(args: &TryArgs, sides: &Sides, asked: Asked, console: &mut Console<'_>) -> io::Result<Exit> {
    let question = Question {
        path: Path::new(UNSAVED),
        draft: Some(&asked.text),
        odd: asked.odd,
        command: command_line::of_try(args),
        untold: &OF_RELEASES,
    };
    let exit = match check::drafted(&question, &check_args(args, sides), console)? {
        Drafted::Judged(exit) => exit,
        Drafted::Unjudged(findings) => {
            tell_flags(&findings, console)?;
            return Ok(Exit::Error);
        }
    };
    if !args.quiet && args.format.is_told() {
        console.tell(&format!("\nThe same is asked by this release.yaml{}:\n\n", sides.elsewhere()))?;
        console.out.write_all(asked.text.as_bytes())?;
    }
    Ok(exit)
}

/// Warnings about a release and those that come after it: a try is about none.
const OF_RELEASES: [Code; 2] = [Code::RequireNarrowed, Code::Drift];

/// What stands on the command line for the lines of a manifest that a finding speaks of.
const FLAGS: [(Code, &str); 3] = [
    (
        Code::SeveralRuns,
        "`--where KEY=VALUE` says to `try` which run of NEW counts, `--baseline-where KEY=VALUE` which of OLD; both may be one file",
    ),
    (
        Code::MissingId,
        "`--id FIELD` says to `try` which field is the id; several fields are joined: `--id lang,question`",
    ),
    (Code::UnknownUnitOfMetric, "`--field latency_ms=latency` says to `try` in which unit a field is"),
];

fn tell_flags(findings: &Diagnostics, console: &mut Console<'_>) -> io::Result<()> {
    let fits = |code: Code| findings.iter().any(|finding| finding.code == code);
    for (_, flag) in FLAGS.iter().filter(|(code, _)| fits(*code)) {
        writeln!(console.err, "note: {flag}")?;
    }
    Ok(())
}

/// Tells why nothing was judged; where the output is for programs, as a report.
fn refuse(args: &TryArgs, findings: &Diagnostics, console: &mut Console<'_>) -> io::Result<Exit> {
    tell_findings(findings, &Sources::new(), console)?;
    unasked::report(args, findings, console)?;
    writeln!(console.err, "ERROR  {} could not be judged", printable(&args.new))?;
    tell_flags(findings, console)?;
    Ok(Exit::Error)
}

fn check_args(args: &TryArgs, sides: &Sides) -> CheckArgs {
    CheckArgs {
        manifests: vec![UNSAVED.into()],
        out: args.out.clone().unwrap_or_default(),
        dry_run: args.out.is_none(),
        record: false,
        no_changelog: true,
        adopt: false,
        format: args.format,
        report: Vec::new(),
        evidence: sides.new.given().into_iter().collect(),
        baseline: None,
        anchor: None,
        baseline_evidence: sides.old.as_ref().and_then(asked::Side::given).into_iter().collect(),
        root: None,
        protected_ref: None,
        as_of: args.as_of,
        no_cache: false,
        quiet: args.quiet,
    }
}
