//! `benchmarks.csv`: a row a benchmark, under three rows of headers.

use super::load_settings::Load;
use crate::evidence::foreign::{
    Cut, ForeignCells, ForeignFile, Halt, Json, Retelling, Select, rows_of_cells,
};
use crate::evidence::formats::Head;
use crate::evidence::formats::load::{Summary, cut_off};

pub(super) fn shows(head: &Head<'_>) -> bool {
    ["Run Info", "Benchmark", "Request Counts", "Request Latency"].into_iter().all(|name| head.column(name))
}

/// What is read of a row: the first two headers of its columns, what is in front of the second, and what it is called.
const METRICS: [(&str, &str, &str); 12] = [
    ("Request Latency", "Successful Sec", "latency_s"),
    ("Time to First Token", "Successful ms", "time_to_first_token_ms"),
    ("Time to First Output Token", "Successful ms", "time_to_first_output_token_ms"),
    ("Time per Output Token", "Successful ms", "time_per_output_token_ms"),
    ("Inter Token Latency", "Successful ms", "inter_token_latency_ms"),
    ("Server Throughput", "Successful Requests/Sec", "requests_per_second"),
    ("Server Throughput", "Successful Concurrency", "concurrency"),
    ("Token Metrics", "Successful Input Tokens", "prompt_tokens"),
    ("Token Metrics", "Successful Output Tokens", "output_tokens"),
    ("Token Metrics", "Successful Total Tokens", "total_tokens"),
    ("Token Throughput", "Successful Output Tokens/Sec", "output_tokens_per_second"),
    ("Token Throughput", "Successful Total Tokens/Sec", "tokens_per_second"),
];

/// What the numbers in a cell of percentiles are; the median is not among them.
const PERCENTILES: [&str; 11] =
    ["min_", "p0.1_", "p1_", "p5_", "p10_", "p25_", "p75_", "p90_", "p95_", "p99_", "max_"];

/// The three headers of a column.
type Column = [String; 3];

/// A row, by the headers of its columns.
struct Named<'r> {
    columns: &'r [Column],
    cells: &'r ForeignCells<'r>,
}

impl<'r> Named<'r> {
    fn cell(&self, group: &str, name: &str, statistic: &str) -> Option<&'r str> {
        let at = self.columns.iter().position(|column| *column == [group, name, statistic])?;
        self.cells.at(at)
    }

    fn json(&self, group: &str, name: &str) -> Json<'r> {
        self.cell(group, name, "").and_then(|text| Json::parse(text).ok()).unwrap_or(Json::Null)
    }

    fn count(&self, name: &str) -> Option<u64> {
        self.cell("Request Counts", name, "")?.parse().ok()
    }
}

/// Hands over the figures of every benchmark.
pub(super) fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mut columns: Vec<Column> = Vec::new();
    let (mut headers, mut benchmarks) = (1, Vec::new());
    rows_of_cells(file, Cut::Commas, |first, cells| {
        if columns.is_empty() {
            columns = first.iter().map(|name| [name.clone(), String::new(), String::new()]).collect();
        }
        if headers < 3 {
            for (at, column) in columns.iter_mut().enumerate() {
                if let Some(header) = column.get_mut(headers) {
                    cells.at(at).unwrap_or_default().clone_into(header);
                }
            }
            headers += 1;
            return Ok(());
        }
        benchmarks.push(Benchmark::of(&Named { columns: &columns, cells: &cells }, out)?);
        Ok(())
    })?;
    let one = benchmarks.len() == 1;
    for benchmark in &benchmarks {
        benchmark.tell(one, out)?;
    }
    if benchmarks.is_empty() { Err(cut_off(file.name(), "it has headers and no benchmark")) } else { Ok(()) }
}

/// What is said of a benchmark.
struct Benchmark {
    /// Its number and strategy.
    name: String,
    successful: u64,
    errored: u64,
    /// Numbers as written, by the name that they get.
    figures: Vec<(String, String)>,
    line: u64,
}

impl Benchmark {
    fn of(row: &Named<'_>, out: &mut Retelling) -> Result<Self, Halt> {
        let counts = ["Successful", "Errored"].map(|name| row.count(name));
        let [Some(successful), Some(errored)] = counts else {
            return Err(out.unlike("a benchmark does not count its requests"));
        };
        let number = row.cell("Run Info", "Run Index", "").unwrap_or_default();
        let strategy = row.cell("Benchmark", "Strategy", "").unwrap_or_default().replace('@', " ");
        let name = format!("{number} {strategy}");
        let select = Select::from([("benchmark".to_owned(), name.clone())]);
        out.tool("guidellm", row.json("Runtime Info", "Metadata")["guidellm_version"].text());
        let began = row.cell("Timings", "Start Time", "").and_then(|time| Json::Text(time.into()).time());
        let run = out.run(&select)?;
        run.model(row.json("Run Info", "Backend")["model"].words());
        run.created = began;
        let profile = row.json("Run Info", "Profile");
        let mut load = Load::planned(profile["kind"].text().unwrap_or_default());
        row.json("Runtime Info", "Arguments")["spec"]["data"].list().iter().for_each(|data| load.data(data));
        load.tell(&select, &strategy, out)?;
        Ok(Self { name, successful, errored, figures: figures(row), line: row.cells.line })
    }

    fn tell(&self, only: bool, out: &mut Retelling) -> Result<(), Halt> {
        let before = if only { String::new() } else { format!("{}/", self.name) };
        let mut summary = Summary { out, before, line: self.line };
        if summary.failures(self.errored, self.successful.saturating_add(self.errored))? {
            for (name, text) in &self.figures {
                summary.point(name, text)?;
            }
        }
        Ok(())
    }
}

fn figures(row: &Named<'_>) -> Vec<(String, String)> {
    let mut figures = Vec::new();
    for (group, column, name) in METRICS {
        let single = [("Mean", ""), ("Median", "p50_")].map(|(statistic, before)| {
            row.cell(group, column, statistic).map(|text| (format!("{before}{name}"), text.to_owned()))
        });
        figures.extend(single.into_iter().flatten());
        let list = row.cell(group, column, "Percentiles").and_then(|text| Json::parse(text).ok());
        let list = list.as_ref().map(Json::list).unwrap_or_default();
        // A list of another length says other things.
        if list.len() == PERCENTILES.len() {
            let named = PERCENTILES.iter().zip(list);
            figures.extend(
                named.filter_map(|(before, value)| Some((format!("{before}{name}"), value.figure()?.text))),
            );
        }
    }
    figures
}
