//! `relgate try` without anything that could be missed: values with their limits, and no verdict.

use std::io;
use std::path::Path;

use super::asked::{ENTRY, Sides, holding};
use crate::cli::TryArgs;
use crate::commands::clock::Clock;
use crate::commands::console::{Console, tell_findings};
use crate::commands::measured::levels;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::judge::Level;
use crate::manifest::Direction;
use crate::propose::{self, ProposedGate};
use crate::report::v1::{Report, ReportFinding};
use crate::report::{Exit, MeasuredValue, measured};

/// What results show, and that nothing was asked.
pub(super) struct Measured {
    values: Vec<MeasuredValue>,
    finding: Diagnostic,
}

/// Measures everything in the results that can be measured.
pub(super) fn measure(sides: &Sides) -> Result<Measured, Diagnostics> {
    let (new, opened) = holding(sides, &sides.new)?;
    let proposals = propose::measurable(ENTRY, &new, &[opened.offer()]);
    let fields: Vec<String> = proposals.gates.iter().map(|gate| gate.field.clone()).collect();
    let finding = nothing_asked(sides, proposals.gates.first());
    if proposals.gates.is_empty() {
        return Err(finding.note("the results hold no numbers and no truth values").into());
    }
    let levels = levels(&sides.draft(Vec::new(), proposals.gates), &mut [opened])?;
    let value =
        |(level, name): (Level, String)| MeasuredValue { name, estimate: level.estimate, unit: level.unit };
    Ok(Measured { values: levels.into_iter().zip(fields).map(value).collect(), finding })
}

fn nothing_asked(sides: &Sides, first: Option<&ProposedGate>) -> Diagnostic {
    let name = Path::new(&sides.new.typed).display().to_string();
    let finding = Diagnostic::error(
        Code::NothingAsked,
        "nothing was asked: there is no rule, and there are no results from before to compare with",
    )
    .note("a limit that is taken from the results which it judges shows nothing")
    .help(format!("compare with results from before: `relgate try {} old.jsonl`", printable(&name)));
    match first {
        Some(gate) => {
            let words = gate.rule.split(" change <").next().unwrap_or_default();
            let comparator = if gate.direction == Some(Direction::Lower) { "<=" } else { ">=" };
            finding.help(format!("or say what must hold: '{} {comparator} ...'", printable(words)))
        }
        None => finding,
    }
}

impl Measured {
    /// Prints the values, then why that is no verdict.
    pub(super) fn tell(self, args: &TryArgs, console: &mut Console<'_>) -> io::Result<Exit> {
        let told = args.format.is_told();
        if told && !args.quiet {
            let confidence = self.values.first().map_or(0.95, |value| value.estimate.confidence) * 100.0;
            let text = measured(&self.values, console.screen(false));
            console.tell(&format!(
                "{}: each limit holds at {confidence}% confidence (one-sided)\n\n{text}",
                printable(&args.new)
            ))?;
        }
        let mut findings = Diagnostics::from(self.finding);
        tell_findings(&findings, &Sources::new(), console)?;
        if !told {
            findings.extend(self.values.iter().map(|value| {
                let text =
                    format!("measured {}: {} (one-sided limits)", printable(&value.name), value.cell());
                Diagnostic::warning(Code::NothingAsked, text)
            }));
        }
        report(args, &findings, console)?;
        writeln!(console.err, "ERROR  {} was measured, and not judged", printable(&args.new))?;
        Ok(Exit::Error)
    }
}

/// Prints the report of what could not be judged, where the output is for programs.
pub(super) fn report(args: &TryArgs, findings: &Diagnostics, console: &mut Console<'_>) -> io::Result<()> {
    use crate::diagnostic::Severity;

    if args.format.is_told() {
        return Ok(());
    }
    let clock = Clock::read(args.as_of).unwrap_or_else(|_| Clock::now(args.as_of));
    let sources = Sources::new();
    let of = |severity: Severity| {
        let own = findings.iter().filter(move |finding| finding.severity == severity);
        own.map(|finding| ReportFinding::of(finding, &sources)).collect()
    };
    let report = Report::unjudged(
        None,
        None,
        clock.generated_at,
        clock.as_of,
        of(Severity::Error),
        of(Severity::Warning),
    );
    console.print(args.format, &args.format.whole(&report, console.screen(args.quiet)))
}
