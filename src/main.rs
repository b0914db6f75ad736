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
    let mut out = io::BufWriter::new(UntilClosed::new(anstream::AutoStream::always(stdout.lock())));
    let mut console = Console {
        out: &mut out,
        err: &mut UntilClosed::new(anstream::AutoStream::always(stderr)),
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

/// A stream whose reader may leave, as `head` does: what it does not want to read is no error, and the verdict stays what it is.
struct UntilClosed<W> {
    to: W,
    closed: bool,
}

impl<W: Write> UntilClosed<W> {
    fn new(to: W) -> Self {
        Self { to, closed: false }
    }

    fn unless_closed<T>(&mut self, left: T, act: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.closed {
            return Ok(left);
        }
        match act(&mut self.to) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(left)
            }
            done => done,
        }
    }
}

impl<W: Write> Write for UntilClosed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |to| to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), Write::flush)
    }
}
