//! JOINED: one file per subcommand, the only place where the stages meet.
//!
//! Here, and only here, are the clock and the environment read.

mod aside;
mod bundle;
mod changelog;
mod check;
mod clock;
mod command_line;
mod console;
mod diff;
mod earlier;
mod evidence;
mod explain;
mod hashing;
mod init;
mod lock;
mod measured;
mod overwrites;
mod places;
mod plan;
mod report;
mod report_paths;
mod since_baseline;
mod tooling;
mod trial;
mod verify;
mod view;

use std::io;

pub use console::Console;

use crate::cli::{Cli, Color, Command};
use crate::report::Exit;

/// Runs a command.
///
/// # Errors
/// Only what prevents results from being printed.
pub fn run(cli: &Cli, console: &mut Console<'_>) -> io::Result<Exit> {
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
        Command::Lock(args) => lock::run(args, console),
        Command::Verify(args) => verify::run(args, console),
        Command::Diff(args) => diff::run(args, console),
        Command::Report(args) => report::run(args, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Schema(args) => tooling::schema(args, console),
        Command::Completions(args) => tooling::completions(args, console),
        Command::Man(args) => tooling::man(args, console),
    }
}
