//! The `relgate` binary: parse, run, return the exit code.
#![allow(clippy::disallowed_methods, reason = "the environment is read here and in commands/")]

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use relgate::cli::{Cli, hint};
use relgate::commands::{self, Console};
use relgate::diagnostic::ascii;

/// The exit code of an interrupted run, as shells number it.
const INTERRUPTED: i32 = 130;

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
    // Where it cannot be set, an interrupted run ends at once, and the next one removes what it left.
    let _ = ctrlc::set_handler(|| {
        commands::interrupted();
        std::process::exit(INTERRUPTED);
    });
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
    // Only what somebody exported gets here: shells keep their own to themselves.
    let told = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
    let utf8 = utf8_locale(|name| std::env::var(name).ok());
    let (ascii_out, ascii_err) = (!utf8 && stdout.is_terminal(), !utf8 && stderr.is_terminal());
    let mut out = io::BufWriter::new(UntilClosed::new(anstream::AutoStream::always(stdout.lock())));
    let mut console = Console {
        out: &mut out,
        err: &mut Spelled {
            to: UntilClosed::new(anstream::AutoStream::always(stderr)),
            ascii: cli.ascii || ascii_err,
        },
        color_out,
        color_err,
        width: width.map(|(width, _)| usize::from(width.0)).or_else(told),
        ascii: cli.ascii || ascii_out,
    };
    let exit = commands::run(cli, &mut console).and_then(|exit| out.flush().map(|()| exit));
    match exit {
        Ok(exit) => Ok(exit.code()),
        Err(error) => Err(error).context("the results could not be printed"),
    }
}

/// Whether the terminal shows UTF-8, as far as the locale says; where it says nothing, it does.
fn utf8_locale(variable: impl Fn(&str) -> Option<String>) -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    said.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// A stream for people, spelled in ASCII where that is all that it shows.
struct Spelled<W> {
    to: W,
    ascii: bool,
}

impl<W: Write> Write for Spelled<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) if self.ascii => self.to.write_all(ascii(text).as_bytes()).map(|()| bytes.len()),
            _ => self.to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_something_says_the_charset() {
        let of = |set: &[(&str, &str)]| {
            utf8_locale(|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(of(&[]) && of(&[("LANG", "de_DE.UTF-8")]) && of(&[("LC_ALL", ""), ("LANG", "C.utf8")]));
        assert!(!of(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]) && !of(&[("LC_CTYPE", "de_DE.ISO-8859-1")]));
    }
}
