//! The `relgate` binary: parse, run, return the exit code.
#![allow(clippy::disallowed_methods, reason = "the environment is read here and in commands/")]

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use relgate::cli::{Cli, hint};
use relgate::commands::{self, Console};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are no failure.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
                && let Some(hint) = hint(word)
            {
                let _ = writeln!(io::stderr(), "\n  hint: {hint}");
            }
            return ExitCode::from(code);
        }
    };
    match run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<u8> {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    // Not locked: progress is drawn from another thread.
    let (color_out, color_err) = (!plain && stdout.is_terminal(), !plain && stderr.is_terminal());
    let width = stdout.is_terminal().then(terminal_size::terminal_size).flatten();
    let mut out = io::BufWriter::new(anstream::AutoStream::always(stdout.lock()));
    let mut console = Console {
        out: &mut out,
        err: &mut anstream::AutoStream::always(stderr),
        color_out,
        color_err,
        width: width.map(|(width, _)| usize::from(width.0)),
    };
    let exit = commands::run(cli, &mut console).and_then(|exit| out.flush().map(|()| exit));
    match exit {
        Ok(exit) => Ok(exit.code()),
        Err(error) => Err(error).context("the results could not be printed"),
    }
}
