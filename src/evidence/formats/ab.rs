//! ab (ApacheBench): the summary that it prints, the requests of `-g`, or the percentiles of `-e`.
//!
//! Times are in milliseconds, and are those of answers of every status. An answer of another length than the first counts as
//! failed unless `-l` says that lengths may differ, and one that is not 2xx is counted apart; whether the two are the same requests
//! nobody can tell, so that they are taken for different ones. The rows of `-g` are in the order of their times and say
//! nothing of failures, as little as the percentiles of `-e`, which do not say of how many requests they are.

use std::collections::BTreeSet;

use super::about::{About, Head, Holding};
use super::load::{Summary, cut_off, no_answer, run_mark, text};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::foreign::{Cut, ForeignFile, Halt, Retelling, Row, Select, rows_of_cells};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

const REQUESTS: &[u8] = b"starttime\tseconds\tctime\tdtime\tttime\twait";
const SUMMARY: &[u8] = b"This is ApacheBench, Version ";

fn shows(head: &Head<'_>) -> bool {
    head.text.starts_with(SUMMARY) || head.text.starts_with(REQUESTS) || is_percentiles(head)
}

fn is_percentiles(head: &Head<'_>) -> bool {
    head.columns() == ["Percentage served", "Time in ms"]
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    let head = Head::new(file.name(), &first, None);
    out.tool("ab", None);
    if first.starts_with(REQUESTS) {
        requests(file, out)
    } else if is_percentiles(&head) {
        percentiles(file, out)
    } else {
        summary(file, out)
    }
}

/// Warns that nothing in the file says how many requests failed.
fn failures_untold(out: &mut Retelling) {
    let text = "this file says nothing of failed requests, and its latencies are those of failed ones, too";
    out.doubt(
        Diagnostic::warning(Code::FailuresInFigures, text)
            .help("judge `failure rate` of the summary that ab prints beside it"),
    );
}

fn requests(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mark = run_mark(file)?;
    let mut number = 0_u64;
    rows_of_cells(file, Cut::Tabs, |_, cells| {
        number += 1;
        let mut row = Row::new(format!("#{number} of {mark}"));
        for (column, name) in [("ttime", "latency_ms"), ("ctime", "connect_ms"), ("wait", "wait_ms")] {
            let time = cells.get(column).unwrap_or_default();
            if time.parse::<u64>().is_err() {
                let text = format!("`{}` is no time of `{column}`", printable(time));
                return Err(out.unlike(&text));
            }
            row.written(name, time);
        }
        out.row(&Select::new(), row)
    })?;
    if number == 0 {
        return Err(no_answer(file.name(), "it lists no request"));
    }
    failures_untold(out);
    Ok(())
}

fn percentiles(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mut last = None;
    rows_of_cells(file, Cut::Commas, |_, cells| {
        let percent = cells.at(0).and_then(|cell| cell.parse::<u32>().ok());
        let (Some(percent), Some(time)) = (percent, cells.at(1)) else {
            return Err(out.unlike("a row is no percentage with its time"));
        };
        // A time has three digits behind the point, or the file ends in it.
        if time.split_once('.').is_none_or(|(_, behind)| behind.len() != 3) {
            return Err(cut_off(file.name(), &format!("`{}` is no whole time", printable(time))));
        }
        last = Some(percent);
        let name = match percent {
            0 => "min_latency_ms".to_owned(),
            100 => "max_latency_ms".to_owned(),
            _ => format!("p{percent}_latency_ms"),
        };
        Summary { out, before: String::new(), line: cells.line }.point(&name, time)
    })?;
    if last != Some(100) {
        return Err(cut_off(file.name(), "it does not come to 100 percent"));
    }
    failures_untold(out);
    Ok(())
}

/// What a summary says.
/// Lines that a summary has once.
const COUNTS: [&str; 3] = ["Complete requests", "Failed requests", "Non-2xx responses"];

#[derive(Default)]
struct Printed<'t> {
    /// Numbers by the name that they get.
    figures: Vec<(String, &'t str)>,
    concurrency: Option<&'t str>,
    complete: Option<u64>,
    failed: Option<u64>,
    /// Those among the failed that had another length only.
    other_length: u64,
    other_status: u64,
    times: bool,
    longest: bool,
    /// A count that stands there again.
    twice: Option<&'t str>,
}

fn summary(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let text = text(file, out)?;
    if text.matches("This is ApacheBench").count() > 1 {
        return Err(out.contradiction("it holds the summaries of several runs"));
    }
    let printed = Printed::of(&text);
    if let Some(line) = printed.twice {
        return Err(out.contradiction(&format!("it states `{line}` twice")));
    }
    let (Some(complete), Some(failed)) = (printed.complete, printed.failed) else {
        return Err(cut_off(file.name(), "it does not come to `Complete requests`"));
    };
    if complete == 0 {
        return Err(no_answer(file.name(), &format!("no request was answered, and {failed} failed")));
    }
    // One request has no percentiles.
    if !printed.times || complete > 1 && !printed.longest {
        return Err(cut_off(file.name(), "it does not come to the longest request"));
    }
    out.load(&Select::new(), "concurrency", printed.concurrency)?;
    let Printed { other_length, other_status, .. } = printed;
    if other_length > failed || failed > complete {
        let text = format!("{other_length} answers of another length, {failed} failed and {complete} in all");
        return Err(out.contradiction(&text));
    }
    if other_length > 0 {
        let text = if other_status > 0 {
            format!(
                "{other_length} answers of another length and {other_status} with another status are taken for different ones"
            )
        } else {
            format!(
                "{other_length} answers count as failed because their length differs from that of the first"
            )
        };
        let help = "run ab with `-l` where answers may differ in length";
        out.doubt(Diagnostic::warning(Code::FailuresInFigures, text).help(help));
    }
    let mut summary = Summary { out, before: String::new(), line: 1 };
    let failed = failed.saturating_add(other_status).min(complete);
    if summary.failures(failed, complete)? {
        summary.mixed(failed);
        for (name, text) in &printed.figures {
            summary.point(name, text)?;
        }
    }
    Ok(())
}

impl<'t> Printed<'t> {
    fn of(text: &'t str) -> Self {
        let mut printed = Self::default();
        let mut met = BTreeSet::new();
        for line in text.lines() {
            let title = line.split(':').next().unwrap_or_default();
            if COUNTS.contains(&title) && !met.insert(title) {
                printed.twice = Some(title);
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["Concurrency", "Level:", level] => printed.concurrency = Some(level),
                ["Complete", "requests:", count] => printed.complete = count.parse().ok(),
                ["Failed", "requests:", count] => printed.failed = count.parse().ok(),
                // `(Connect: 0, Receive: 0, Length: 20, Exceptions: 0)`
                ["(Connect:", .., "Length:", count, "Exceptions:", _] => {
                    printed.other_length = count.trim_end_matches(',').parse().unwrap_or(u64::MAX);
                }
                ["Non-2xx", "responses:", count] => {
                    printed.other_status = count.parse().unwrap_or(u64::MAX);
                }
                ["Requests", "per", "second:", rate, ..] => {
                    printed.figures.push(("requests_per_second".to_owned(), rate));
                }
                // With `-S` neither deviation nor median stand between them.
                ["Total:", min, mean, .., max] => {
                    printed.times = true;
                    for (name, text) in
                        [("min_latency_ms", min), ("latency_ms", mean), ("max_latency_ms", max)]
                    {
                        printed.figures.push((name.to_owned(), text));
                    }
                }
                [percent, time] => {
                    let percent = percent.strip_suffix('%').filter(|percent| percent.parse::<u8>().is_ok());
                    printed.figures.extend(percent.map(|percent| (format!("p{percent}_latency_ms"), *time)));
                }
                ["100%", _, "(longest", "request)"] => printed.longest = true,
                _ => {}
            }
        }
        printed
    }
}
