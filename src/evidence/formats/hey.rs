//! hey: the rows of `-o csv`, a request each, or the summary that it prints.
//!
//! Times are in seconds, and are those of answers of every status. The CSV lists answers only: requests without one (refused,
//! timed out) stand nowhere in it, and in the summary only under `Error distribution`.

use super::about::{About, Head, Holding};
use super::load::{Summary, cut_off, no_answer, run_mark, text};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::foreign::{Cut, ForeignFile, Halt, Retelling, Row, Select, rows_of_cells};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    is_table(head) || is_summary(head.text)
}

fn is_table(head: &Head<'_>) -> bool {
    ["response-time", "DNS+dialup", "status-code"].into_iter().all(|name| head.column(name))
}

fn is_summary(text: &[u8]) -> bool {
    text.starts_with(b"Summary:") && memchr::memmem::find(text, b"Slowest:").is_some()
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    out.tool("hey", None);
    if is_table(&Head::new(file.name(), &first, None)) { requests(file, out) } else { summary(file, out) }
}

fn requests(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mark = run_mark(file)?;
    let (mut number, mut failed) = (0_u64, 0_u64);
    rows_of_cells(file, Cut::Commas, |_, cells| {
        number += 1;
        let Some(status) = cells.get("status-code").and_then(|cell| cell.parse::<u16>().ok()) else {
            return Err(out.unlike(&format!("request {number} has no `status-code`")));
        };
        let mut row = Row::new(format!("#{number} of {mark}"));
        if !(200..300).contains(&status) {
            failed += 1;
            row.error(Some(format!("status {status}")));
        }
        row.label("status", status.to_string());
        let times = [
            ("response-time", "latency_s"),
            ("DNS+dialup", "connect_s"),
            ("Response-delay", "response_delay_s"),
            ("Response-read", "response_read_s"),
        ];
        for (column, name) in times {
            row.written(name, cells.get(column).unwrap_or_default());
        }
        out.row(&Select::new(), row)
    })?;
    if number == 0 {
        return Err(no_answer(file.name(), "it lists no request, and hey lists those with an answer"));
    }
    let title = "this file lists requests with an answer only";
    out.doubt(
        Diagnostic::warning(Code::FailuresInFigures, title)
            .help("compare their number with `-n`: refused and timed-out requests stand in the summary that hey prints without `-o csv`"),
    );
    Summary { out, before: String::new(), line: 1 }.failures(failed, number).map(|_| ())
}

/// What a summary says.
#[derive(Default)]
struct Printed<'t> {
    /// Numbers by the name that they get.
    figures: Vec<(String, &'t str)>,
    total: Option<f64>,
    answered: u64,
    failed: u64,
    errors: u64,
    statuses: bool,
}

fn summary(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let text = text(file, out)?;
    let printed = Printed::of(&text, out)?;
    if !printed.statuses {
        return Err(cut_off(file.name(), "it has no `Status code distribution`"));
    }
    printed.is_whole(file.name())?;
    let Printed { answered, failed, errors, .. } = printed;
    if answered == 0 {
        return Err(no_answer(file.name(), &format!("no request was answered, and {errors} failed")));
    }
    let mut summary = Summary { out, before: String::new(), line: 1 };
    if summary.failures(failed.saturating_add(errors), answered.saturating_add(errors))? {
        summary.mixed(failed);
        for (name, text) in &printed.figures {
            summary.point(name, text)?;
        }
    }
    Ok(())
}

impl<'t> Printed<'t> {
    fn of(text: &'t str, out: &Retelling) -> Result<Self, Halt> {
        let mut printed = Self::default();
        let mut section = "";
        for line in text.lines() {
            let line = line.trim_end();
            if let Some(title) = line.strip_suffix(':').filter(|title| !title.starts_with(' ')) {
                section = title;
                printed.statuses |= section == "Status code distribution";
                continue;
            }
            printed.line(section, line.trim_start(), out)?;
        }
        Ok(printed)
    }

    fn line(&mut self, section: &str, line: &'t str, out: &Retelling) -> Result<(), Halt> {
        let mut words = line.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let counted = |word: &str| word.strip_prefix('[')?.strip_suffix(']')?.parse::<u64>().ok();
        match section {
            "Summary" => match first {
                "Total:" => self.total = second.parse().ok(),
                "Slowest:" => self.figures.push(("max_latency_s".to_owned(), second)),
                "Fastest:" => self.figures.push(("min_latency_s".to_owned(), second)),
                "Average:" => self.figures.push(("latency_s".to_owned(), second)),
                "Requests/sec:" => self.figures.push(("requests_per_second".to_owned(), second)),
                _ => {}
            },
            // `0% in 0.0000 secs` stands for a percentile that too few requests have.
            "Latency distribution" => {
                let third = words.next().unwrap_or_default();
                if let Some(percent) = first.strip_suffix('%').filter(|percent| *percent != "0") {
                    self.figures.push((format!("p{percent}_latency_s"), third));
                }
            }
            "Status code distribution" if !line.is_empty() => {
                let (Some(status), Ok(answers)) = (counted(first), second.parse::<u64>()) else {
                    return Err(out.unlike(&format!("`{}` is no status code", printable(line))));
                };
                self.answered = self.answered.saturating_add(answers);
                if !(200..300).contains(&status) {
                    self.failed = self.failed.saturating_add(answers);
                }
            }
            // A message may go on over several lines.
            "Error distribution" => self.errors = self.errors.saturating_add(counted(first).unwrap_or(0)),
            _ => {}
        }
        Ok(())
    }

    /// Requests a second times the seconds is the number of requests: a list of errors that was cut off tells less.
    fn is_whole(&self, file: &str) -> Result<(), Halt> {
        let rate = self.figures.iter().find(|(name, _)| name == "requests_per_second");
        let rate: Option<f64> = rate.and_then(|(_, text)| text.parse().ok());
        let Some((rate, total)) = rate.zip(self.total) else {
            return Err(cut_off(file, "its summary is not whole"));
        };
        let told = self.answered.saturating_add(self.errors) as f64;
        // The seconds are rounded to four digits behind the point.
        if told + 0.5 < rate * (total - 0.000_051) {
            return Err(cut_off(
                file,
                &format!("it was of about {:.0} requests, and lists {told}", rate * total),
            ));
        }
        Ok(())
    }
}
