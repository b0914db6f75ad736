//! `relgate schema`, `relgate completions` and `relgate man`: what editors, shells and `man` read.

use std::io;

use clap::CommandFactory as _;

use super::console::{Console, tell_findings};
use super::overwrites;
use crate::cli::{Cli, CompletionsArgs, ManArgs, SchemaArgs, SchemaName};
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::files::StagedFiles;
use crate::manifest::fields;
use crate::report::Exit;

/// Prints a schema.
pub(super) fn schema(args: &SchemaArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let generated = |schema: serde_json::Value| serde_json::to_string_pretty(&schema).map(|text| text + "\n");
    let text = match args.name {
        SchemaName::Manifest => generated(fields::manifest_schema()).map_err(io::Error::other)?,
        SchemaName::Policy => generated(fields::policy_schema()).map_err(io::Error::other)?,
        SchemaName::Report => include_str!("../../schema/report.json").to_owned(),
        SchemaName::Metrics => include_str!("../../schema/metrics.json").to_owned(),
        SchemaName::Samples => include_str!("../../schema/samples.json").to_owned(),
        SchemaName::Lock => include_str!("../../schema/lock.json").to_owned(),
        SchemaName::Diff => include_str!("../../schema/diff.json").to_owned(),
        SchemaName::Evidence => include_str!("../../schema/evidence.json").to_owned(),
        SchemaName::Plan => include_str!("../../schema/plan.json").to_owned(),
        SchemaName::Event => include_str!("../../schema/event.json").to_owned(),
        SchemaName::Monitor => include_str!("../../schema/monitor.json").to_owned(),
        SchemaName::Rollout => include_str!("../../schema/rollout.json").to_owned(),
        SchemaName::Split => include_str!("../../schema/split.json").to_owned(),
        SchemaName::Counts => include_str!("../../schema/counts.json").to_owned(),
        SchemaName::Numbers => include_str!("../../schema/numbers.json").to_owned(),
        SchemaName::Waiver => include_str!("../../schema/waiver.json").to_owned(),
    };
    console.out.write_all(text.as_bytes())?;
    Ok(Exit::Pass)
}

/// Prints the completions of a shell.
pub(super) fn completions(args: &CompletionsArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "relgate", &mut text);
    console.out.write_all(&text)?;
    Ok(Exit::Pass)
}

/// Prints a manual page, or writes all of them.
pub(super) fn man(args: &ManArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut root = Cli::command();
    // So that the usage of a command names relgate too.
    root.build();
    let page = |command: &clap::Command, name: &str| {
        let mut text = Vec::new();
        let title = name.replace(' ', "-");
        clap_mangen::Man::new(command.clone()).title(title).render(&mut text).map(|()| text)
    };
    let named = |command: &clap::Command| format!("relgate {}", command.get_name());
    let finding = match (&args.out, &args.command) {
        (None, None) => {
            console.out.write_all(&page(&root, "relgate")?)?;
            None
        }
        (None, Some(name)) => match root.find_subcommand(name) {
            Some(command) => {
                console.out.write_all(&page(command, &named(command))?)?;
                None
            }
            None => Some(unknown(name, &root)),
        },
        (Some(out), _) => {
            let commands = root.get_subcommands().map(|command| (command, named(command)));
            let mut staged = StagedFiles::default();
            let mut wrong = None;
            for (command, name) in std::iter::once((&root, "relgate".to_owned())).chain(commands) {
                let path = out.join(format!("{}.1", name.replace(' ', "-")));
                let page = page(command, &name)?;
                let added = overwrites::page(&path).and_then(|()| staged.add_with_folder(&path, &page));
                wrong = wrong.or(added.err());
            }
            wrong.or_else(|| staged.commit().err())
        }
    };
    match finding {
        None => Ok(Exit::Pass),
        Some(finding) => {
            tell_findings(&finding.into(), &Sources::new(), console)?;
            Ok(Exit::Error)
        }
    }
}

fn unknown(name: &str, root: &clap::Command) -> Diagnostic {
    Diagnostic::error(Code::UnknownWord, format!("relgate has no command `{name}`"))
        .suggest(name, root.get_subcommands().map(clap::Command::get_name))
}
