//! locust: the entries of `--json`, or the statistics of `--csv`.
//!
//! The JSON has no single requests but a histogram: each count of a bucket becomes a sample `POST /chat #7 of 3fa9c1d2`, with the
//! rounded time of its bucket (1 ms below 100 ms, 10 ms below 1 s, 100 ms above). Failed requests are in the histogram, and
//! nothing says in which bucket: the quickest are taken for them, which helps the release least. The numbers of samples are in
//! the order of the buckets, so that two runs must never be compared number by number; the mark of the run in the id sees to that.
//! The CSV has percentiles only; it is flushed before the last requests and counts a few less. Of what stands beside it, the
//! history says how many users there were; the lists of failures and exceptions count what the statistics count.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use super::load::{Summary, cut_off, run_mark};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::foreign::{
    Cut, ForeignCells, ForeignFile, Halt, Json, Retelling, Row, Select, parts, rows_of_cells,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

/// Requests of one file beyond these are not told one by one.
const MOST: u64 = 50_000_000;

fn shows(head: &Head<'_>) -> bool {
    let entry = ["num_requests", "num_failures", "response_times", "total_response_time"];
    entry.iter().all(|key| head.has(&format!("*.{key}")))
        || is_table(head)
        || is_history(head)
        || is_list_of_failures(head)
}

fn is_history(head: &Head<'_>) -> bool {
    ["Timestamp", "User Count", "Name", "Total Request Count"].into_iter().all(|name| head.column(name))
}

/// The failures of `--csv`, or the exceptions of its users.
fn is_list_of_failures(head: &Head<'_>) -> bool {
    head.columns().starts_with(&["Method", "Name", "Error", "Occurrences"].map(str::to_owned))
        || head.columns() == ["Count", "Message", "Traceback", "Nodes"]
}

fn is_table(head: &Head<'_>) -> bool {
    ["Type", "Name", "Request Count", "Failure Count", "Average Response Time"]
        .into_iter()
        .all(|name| head.column(name))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    out.tool("locust", None);
    let head = Head::new(file.name(), &first, None);
    if is_table(&head) {
        return table(file, out);
    }
    if is_history(&head) || is_list_of_failures(&head) {
        return beside(file, out);
    }
    let mark = run_mark(file)?;
    let (mut requests, mut failed) = (0, 0);
    parts(file, &[&["*"]], |part| {
        let json = part.json(file.name())?;
        let entry = Entry::of(&json, out)?;
        requests += entry.requests;
        failed += entry.failed;
        if requests > MOST {
            let text = format!("this file counts more than {MOST} requests");
            return Err(Diagnostic::error(Code::TooLarge, text)
                .at_line(file.name(), part.line)
                .help("measure for a shorter time, or keep one file a run")
                .into());
        }
        let run = out.run(&Select::new())?;
        run.created = [run.created, entry.began].into_iter().flatten().min();
        entry.retell(&mark, out)
    })?;
    let mut summary = Summary { out, before: String::new(), line: 1 };
    summary.failures(failed, requests).map(|_| ())
}

/// The requests of one name and method.
struct Entry<'j> {
    name: &'j str,
    method: &'j str,
    requests: u64,
    failed: u64,
    /// Times as written, and how many requests took them; the quickest first.
    buckets: Vec<Bucket<'j>>,
    began: Option<DateTime<chrono::Utc>>,
}

struct Bucket<'j> {
    text: &'j str,
    milliseconds: f64,
    requests: u64,
}

impl<'j> Entry<'j> {
    fn of(json: &'j Json<'_>, out: &Retelling) -> Result<Self, Halt> {
        let (Some(requests), Some(failed)) = (json["num_requests"].count(), json["num_failures"].count())
        else {
            return Err(out.unlike("an entry has no `num_requests` or no `num_failures`"));
        };
        let name = json["name"].text().unwrap_or_default();
        let mut buckets = Vec::new();
        for (text, count) in json["response_times"].entries() {
            let milliseconds = text.parse().ok().filter(|time: &f64| time.is_finite() && *time >= 0.0);
            let (Some(milliseconds), Some(requests)) = (milliseconds, count.count()) else {
                let text = format!("`{}` is no bucket of `response_times`", printable(text));
                return Err(out.unlike(&text));
            };
            buckets.push(Bucket { text, milliseconds, requests });
        }
        buckets.sort_by(|a, b| a.milliseconds.total_cmp(&b.milliseconds));
        let timed = buckets.iter().fold(0_u64, |sum, bucket| sum.saturating_add(bucket.requests));
        let untimed = json["num_none_requests"].count().unwrap_or(0);
        if timed.saturating_add(untimed) != requests || failed > requests {
            let text = format!(
                "`{}` had {requests} requests, {failed} of them failed, and its histogram holds {timed}",
                printable(name)
            );
            return Err(out.contradiction(&text));
        }
        let began = json["start_time"].number().map(|seconds| (seconds * 1000.0) as i64);
        Ok(Self {
            name,
            method: json["method"].text().unwrap_or_default(),
            requests,
            failed,
            buckets,
            began: began.and_then(DateTime::from_timestamp_millis),
        })
    }

    fn retell(&self, mark: &str, out: &mut Retelling) -> Result<(), Halt> {
        let timed = self.buckets.iter().flat_map(|bucket| (0..bucket.requests).map(|_| Some(bucket.text)));
        let times = timed.chain(std::iter::repeat(None));
        for (number, time) in (1..=self.requests).zip(times) {
            let mut row = Row::new(format!("{} {} #{number} of {mark}", self.method, self.name));
            row.label("name", self.name);
            row.label("method", self.method);
            if number <= self.failed {
                row.error(Some("the request failed"));
            } else if let Some(time) = time {
                row.written("latency_ms", time);
            }
            out.row(&Select::new(), row)?;
        }
        Ok(())
    }
}

/// What stands beside the statistics of `--csv`.
fn beside(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let own = file.name();
    let stem = ["_stats_history.csv", "_failures.csv", "_exceptions.csv"];
    let stats = stem.iter().find_map(|end| own.strip_suffix(end)).map_or_else(
        || "the statistics of `--csv` (`..._stats.csv`) or what `--json` printed".to_owned(),
        |stem| format!("`{}_stats.csv` or what `--json` printed", printable(stem)),
    );
    out.beside_results(&stats);
    let mut users = None;
    rows_of_cells(file, Cut::Commas, |_, cells| {
        users = users.max(cells.get("User Count").and_then(|cell| cell.parse::<u64>().ok()));
        Ok(())
    })?;
    out.load(&Select::new(), "users", users.map(|users| users.to_string()).as_deref())
}

/// Columns of the statistics, and what their numbers are called.
const FIGURES: [(&str, &str); 4] = [
    ("Average Response Time", "latency_ms"),
    ("Min Response Time", "min_latency_ms"),
    ("Max Response Time", "max_latency_ms"),
    ("Requests/s", "requests_per_second"),
];

fn table(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let (mut requests, mut failed, mut all) = (0_u64, 0_u64, None);
    rows_of_cells(file, Cut::Commas, |_, cells| {
        let count = |name: &str| cells.get(name).and_then(|cell| cell.parse::<u64>().ok());
        let (Some(own), Some(own_failed)) = (count("Request Count"), count("Failure Count")) else {
            return Err(out.unlike("a row counts no requests"));
        };
        let whole = cells.get("Type").is_none() && cells.get("Name") == Some("Aggregated");
        let before = if whole {
            all = Some((own, own_failed));
            String::new()
        } else {
            requests += own;
            failed += own_failed;
            format!("{} {}/", cells.get("Type").unwrap_or_default(), cells.get("Name").unwrap_or_default())
        };
        if own == 0 && !whole {
            return Ok(());
        }
        statistics(&mut Summary { out, before, line: cells.line }, &cells, own, own_failed)
    })?;
    match all {
        None => Err(cut_off(file.name(), "it has no row `Aggregated`")),
        Some(all) if all != (requests, failed) => {
            let (all, all_failed) = all;
            let text = format!(
                "`Aggregated` counts {all} requests and {all_failed} failures, and its rows {requests} and {failed}"
            );
            Err(out.contradiction(&text))
        }
        Some(_) => Ok(()),
    }
}

fn statistics(
    summary: &mut Summary<'_>,
    cells: &ForeignCells<'_>,
    requests: u64,
    failed: u64,
) -> Result<(), Halt> {
    if !summary.failures(failed, requests)? {
        return Ok(());
    }
    summary.mixed(failed);
    for (column, name) in FIGURES {
        summary.point(name, cells.get(column).unwrap_or_default())?;
    }
    for (column, cell) in cells.iter() {
        if let Some(percent) = column.strip_suffix('%').filter(|percent| *percent != "100") {
            summary.point(&format!("p{percent}_latency_ms"), cell)?;
        }
    }
    Ok(())
}
