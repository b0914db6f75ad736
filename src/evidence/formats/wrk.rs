//! wrk: the summary that it prints.
//!
//! Every time has a unit of its own, which ends its name here; percentiles are there with `--latency` only. The line of answers
//! that are not 2xx or 3xx, and that of socket errors, are there only where there were some; latencies are those of such
//! answers, too.

use super::about::{About, Head, Holding};
use super::load::{Summary, cut_off, no_answer, text};
use crate::evidence::foreign::{ForeignFile, Halt, Retelling, Select};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    let first = head.text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    first.starts_with(b"Running ") && memchr::memmem::find(first, b" test @ ").is_some()
}

#[derive(Default)]
struct Printed<'t> {
    /// Numbers by the name that they get.
    figures: Vec<(String, &'t str)>,
    connections: Option<&'t str>,
    /// Whether the number of requests stands there again.
    again: bool,
    answered: Option<u64>,
    other_status: u64,
    errors: u64,
    whole: bool,
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("wrk", None);
    let text = text(file, out)?;
    let mut printed = Printed::default();
    let mut runs = 0;
    for line in text.lines() {
        runs += u32::from(line.starts_with("Running "));
        printed.line(line.trim());
    }
    if runs > 1 || printed.again {
        return Err(out.contradiction("it holds the summaries of several runs"));
    }
    let Some(answered) = printed.answered.filter(|_| printed.whole) else {
        return Err(cut_off(file.name(), "the summary does not come to `Transfer/sec`"));
    };
    let Printed { other_status, errors, .. } = printed;
    if answered == 0 {
        return Err(no_answer(file.name(), &format!("no request was answered, and {errors} failed")));
    }
    out.load(&Select::new(), "connections", printed.connections)?;
    let mut summary = Summary { out, before: String::new(), line: 1 };
    if summary.failures(other_status.saturating_add(errors), answered.saturating_add(errors))? {
        summary.mixed(other_status);
        for (name, text) in &printed.figures {
            summary.point(name, text)?;
        }
    }
    Ok(())
}

impl<'t> Printed<'t> {
    fn line(&mut self, line: &'t str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["Latency", average, _, most, ..] if *average != "Distribution" => {
                self.time("latency", average);
                self.time("max_latency", most);
            }
            [percent, time] if percent.ends_with('%') => {
                self.time(&format!("p{}_latency", short(percent.trim_end_matches('%'))), time);
            }
            [_, "threads", "and", count, "connections"] => self.connections = Some(count),
            [count, "requests", "in", ..] => {
                self.again |= self.answered.is_some();
                self.answered = count.parse().ok();
            }
            ["Non-2xx", .., count] => self.other_status = count.parse().unwrap_or(u64::MAX),
            // `Socket errors: connect 0, read 12, write 0, timeout 3`
            ["Socket", "errors:", counts @ ..] => {
                let counts = counts.iter().filter_map(|word| word.trim_end_matches(',').parse::<u64>().ok());
                self.errors = counts.fold(0, u64::saturating_add);
            }
            ["Requests/sec:", rate] => self.figures.push(("requests_per_second".to_owned(), rate)),
            ["Transfer/sec:", _] => self.whole = true,
            _ => {}
        }
    }

    /// A time with its unit; minutes and hours, in which wrk never prints the time of a request, are none.
    fn time(&mut self, name: &str, text: &'t str) {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if matches!(unit, "us" | "ms" | "s") {
            self.figures.push((format!("{name}_{unit}"), text.strip_suffix(unit).unwrap_or(text)));
        }
    }
}

/// `99.000` is 99.
fn short(percent: &str) -> &str {
    if percent.contains('.') { percent.trim_end_matches('0').trim_end_matches('.') } else { percent }
}
