//! JOINED: one file per subcommand, the only place where the stages meet.
//!
//! Here, and only here, are the clock and the environment read.

mod actor;
mod aside;
mod attest;
mod bundle;
mod changelog;
mod check;
mod clock;
mod command_line;
mod committed;
mod console;
mod diff;
mod earlier;
mod evidence;
mod explain;
mod frozen;
mod hashing;
mod init;
mod ledger;
mod lock;
mod measured;
mod monitor;
mod outside;
mod overwrites;
mod places;
mod plan;
mod progress;
mod protected;
mod report;
mod report_paths;
mod rollout;
mod since_baseline;
mod summarize;
mod tooling;
mod trial;
mod verify;
mod view;

use std::io::{self, Write as _};

pub use console::Console;

use crate::cli::{Cli, Color, Command};
use crate::files;
use crate::report::Exit;

/// Runs a command.
///
/// # Errors
/// Only what prevents results from being printed.
pub fn run(cli: &Cli, console: &mut Console<'_>) -> io::Result<Exit> {
    console.ascii |= cli.ascii;
    match cli.color {
        Color::Auto => {}
        Color::Always => (console.color_out, console.color_err) = (true, true),
        Color::Never => (console.color_out, console.color_err) = (false, false),
    }
    match &cli.command {
        Command::Try(args) => trial::run(args, console),
        Command::Init(args) => init::run(args, console),
        Command::Evidence(args) => evidence::run(args, console),
        Command::Plan(args) => plan::run(args, console),
        Command::Check(args) => check::run(args, console),
        Command::Rollout(args) => rollout::run(args, console),
        Command::Rollback(args) => rollout::rollback(args, console),
        Command::Monitor(args) => monitor::run(args, console),
        Command::Lock(args) => lock::run(args, console),
        Command::Verify(args) => verify::run(args, console),
        Command::Ledger(args) => ledger::run(args, console),
        Command::Attest(args) => attest::run(args, console),
        Command::Diff(args) => diff::run(args, console),
        Command::Report(args) => report::run(args, console),
        Command::Summarize(args) => summarize::run(args, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Schema(args) => tooling::schema(args, console),
        Command::Completions(args) => tooling::completions(args, console),
        Command::Man(args) => tooling::man(args, console),
    }
}

/// The end by Ctrl-C or a polite request: lets what is being put into place come there as a whole, removes what is not, and says so.
pub fn interrupted() {
    let written = files::end_in_the_middle();
    progress::clear();
    let told = if written {
        "what was written is whole"
    } else {
        "nothing was written, and what an earlier run wrote is still there"
    };
    // A terminal that is gone reads nothing.
    let _ = writeln!(io::stderr(), "interrupted: {told}");
}
