//! A line on the terminal that says what is being done, where it takes long.
#![allow(clippy::disallowed_methods, reason = "the clock is read in commands/")]

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthChar as _;

use crate::diagnostic::printable;
use crate::files::{Activity, activity};

/// Shorter work is not shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn.
const REDRAW: Duration = Duration::from_millis(200);
/// Clears the line.
const CLEAR: &str = "\r\x1b[K";

/// Whether somebody draws already: there is one line.
static DRAWN: AtomicBool = AtomicBool::new(false);

/// Does something that may take long and prints nothing itself; a person at the terminal sees what is being read, unless `quiet`.
pub(super) fn watched<T>(quiet: bool, work: impl FnOnce() -> T) -> T {
    if quiet || !io::stderr().is_terminal() || DRAWN.swap(true, Ordering::AcqRel) {
        return work();
    }
    let done = thread::scope(|scope| {
        // Dropped when the work is done, or when it panics.
        let (working, waiting) = mpsc::channel::<()>();
        scope.spawn(move || draw(&waiting));
        let done = work();
        drop(working);
        done
    });
    DRAWN.store(false, Ordering::Release);
    done
}

/// Takes the line off the terminal.
pub(super) fn clear() {
    if DRAWN.load(Ordering::Acquire) {
        let _ = write!(io::stderr(), "{CLEAR}");
    }
}

/// Draws one line over itself until the work is done; a terminal that cannot be written to is left alone.
fn draw(waiting: &Receiver<()>) {
    let start = Instant::now();
    let (_, at_start) = activity();
    let (mut before, mut idle) = (at_start, Instant::now());
    let mut pause = PATIENCE;
    while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(pause) {
        pause = REDRAW;
        let (last, bytes) = activity();
        if bytes != before {
            (before, idle) = (bytes, Instant::now());
        }
        let reading = last.filter(|_| idle.elapsed() < PATIENCE);
        let line = line(reading.as_ref(), bytes - at_start, start.elapsed());
        let columns = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0));
        // A line that wraps could not be drawn over.
        let line = columns.map_or_else(|| line.clone(), |columns| cut_to(&line, columns.saturating_sub(1)));
        let _ = write!(io::stderr(), "\r{line}\x1b[K");
    }
    if pause == REDRAW {
        let _ = write!(io::stderr(), "{CLEAR}");
    }
}

/// "reading answers.jsonl: 1.2 GiB of 2.0 GiB, 512.0 MiB/s"; how fast is over all that was read since the start, in `bytes`.
fn line(activity: Option<&Activity>, bytes: u64, elapsed: Duration) -> String {
    let rate = bytes as f64 / elapsed.as_secs_f64().max(0.001);
    let speed = format!("{}/s", size(rate));
    match activity {
        Some(Activity::Hashing { done, total }) => {
            let mut line = format!("hashing {} of {}, {speed}", size(*done as f64), size(*total as f64));
            if *done > 0 && total > done && rate > 0.0 {
                let _ = write!(line, ", {:.0} s left", ((total - done) as f64 / rate).ceil());
            }
            line
        }
        Some(Activity::Reading { name, at, length }) => {
            let (at, length) = (size(*at as f64), size(*length as f64));
            format!("reading {}: {at} of {length}, {speed}", printable(name))
        }
        None => format!("computing, {:.0} s since the start", elapsed.as_secs_f64().floor()),
    }
}

/// As much of a line as fits into so many columns.
fn cut_to(line: &str, columns: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= columns
    };
    line.chars().take_while(fits).collect()
}

fn size(bytes: f64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    let word = units.get(unit).unwrap_or(&"");
    if unit == 0 { format!("{value:.0} {word}") } else { format!("{value:.1} {word}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Duration = Duration::from_secs(2);

    #[test]
    fn a_line_never_wraps() {
        assert_eq!(
            (cut_to("abc", 2), cut_to("\u{65e5}\u{672c}x", 3), cut_to("abc", 9)),
            ("ab".into(), "\u{65e5}".into(), "abc".into())
        );
    }

    #[test]
    fn hashing_tells_bytes_rate_and_time_left() {
        let of = |done, total| line(Some(&Activity::Hashing { done, total }), done, TWO);
        assert_eq!(of(1 << 30, 2 << 30), "hashing 1.0 GiB of 2.0 GiB, 512.0 MiB/s, 2 s left");
        assert_eq!(of(0, 100), "hashing 0 bytes of 100 bytes, 0 bytes/s");
        assert_eq!(of(100, 100), "hashing 100 bytes of 100 bytes, 50 bytes/s");
    }

    #[test]
    fn reading_names_the_file_and_steers_no_terminal() {
        let activity = Activity::Reading { name: "a\x1b[2J.jsonl".to_owned(), at: 1 << 20, length: 4 << 20 };
        assert_eq!(
            line(Some(&activity), 3 << 20, TWO),
            format!("reading {}: 1.0 MiB of 4.0 MiB, 1.5 MiB/s", printable("a\x1b[2J.jsonl"))
        );
        assert!(!line(Some(&activity), 0, TWO).contains('\x1b'));
        assert_eq!(line(None, 3 << 20, TWO), "computing, 2 s since the start");
    }
}
