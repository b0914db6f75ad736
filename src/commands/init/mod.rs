//! `relgate init`: looks at a folder and starts a manifest of what is there; `--demo` writes a small story and judges it.

mod checked;
mod demo;
mod drafted;
mod found;
mod questions;
mod started;

use std::io::{self, IsTerminal as _};

use self::checked::manifest_in;
use self::found::Found;
use self::questions::{Answers, ask};
use self::started::Started;
use super::console::{Console, tell_findings};
use crate::cli::InitArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::files::create_file;
use crate::report::Exit;

/// Starts a manifest, or writes the story of `--demo` and judges it.
pub(super) fn run(args: &InitArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    if args.demo {
        return match demo::write(&args.folder) {
            Ok(files) => demo::judge(&args.folder, files, console),
            Err(finding) => refuse(&finding.into(), console),
        };
    }
    let started = match start(args, console)? {
        Ok(started) => started,
        Err(findings) => return refuse(&findings, console),
    };
    let path = manifest_in(&args.folder);
    if args.dry_run {
        console.out.write_all(started.text.as_bytes())?;
        return Ok(Exit::Pass);
    }
    if let Err(finding) = create_file(&path, started.text.as_bytes()) {
        return refuse(&finding.into(), console);
    }
    started.tell(&path, console)?;
    Ok(Exit::Pass)
}

fn refuse(findings: &Diagnostics, console: &mut Console<'_>) -> io::Result<Exit> {
    tell_findings(findings, &Sources::new(), console)?;
    writeln!(console.err, "ERROR  nothing was written")?;
    Ok(Exit::Error)
}

/// The manifest for what stands in the folder.
fn start(args: &InitArgs, console: &mut Console<'_>) -> io::Result<Result<Started, Diagnostics>> {
    let path = manifest_in(&args.folder);
    if path.symlink_metadata().is_ok() && !args.dry_run {
        let text = format!(
            "`{}` is there already, and nothing is written over it",
            printable(&path.to_string_lossy())
        );
        let finding = Diagnostic::error(Code::AlreadyThere, text)
            .help("edit it; or print what would be written here with `relgate init --dry-run`");
        return Ok(Err(finding.into()));
    }
    let found = match Found::of(&args.folder) {
        Ok(found) => found,
        Err(finding) => return Ok(Err(finding.into())),
    };
    let mut answers = match Answers::of(args, &found) {
        Ok(answers) => answers,
        Err(finding) => return Ok(Err(finding.into())),
    };
    if !args.yes && io::stdin().is_terminal() && io::stdout().is_terminal() {
        ask(&mut answers, &mut io::stdin().lock(), console.out)?;
    }
    Ok(answers
        .check()
        .map_err(Diagnostics::from)
        .and_then(|()| started::start(&args.folder, found, &answers)))
}
