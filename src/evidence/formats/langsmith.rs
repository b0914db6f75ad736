//! LangSmith: the rows of `evaluate`, as JSON or as the data frame of `to_pandas` in CSV or JSON Lines.
//!
//! Its evaluators also score targets that crashed: a row with an `error` has no score. Every repetition of an example has its
//! id, and no number. Metadata to slice by stand in the JSON only.
//! What an agent did stands in the runs below that of the target (`child_runs`), which `model_dump` of the SDK leaves out: a row
//! whose run has that key counts the runs of tools, those of them that errored, and the runs of models as steps.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{
    Cut, ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts, rows_of_cells,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    within(head).is_some() || is_line(head) || is_table(head)
}

/// Where the rows stand in a document of them.
fn within(head: &Head<'_>) -> Option<&'static [Way]> {
    let is_row = |before: &str| {
        ["run", "example", "evaluation_results"].iter().all(|key| head.has(&format!("{before}{key}")))
    };
    if is_row("results.*.") {
        return Some(&[&["results", "*"]]);
    }
    is_row("*.").then_some(&[&["*"]])
}

fn is_line(head: &Head<'_>) -> bool {
    ["example_id", "execution_time", "error"].into_iter().all(|key| head.has(key))
}

fn is_table(head: &Head<'_>) -> bool {
    ["example_id", "execution_time", "error"].into_iter().all(|name| head.column(name))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    let head = Head::new(file.name(), &first, None);
    out.tool("langsmith", None);
    if let Some(ways) = within(&head) {
        return parts(file, ways, |part| row(&part.json(file.name())?, out));
    }
    if is_line(&head) {
        return parts(file, &[&[]], |part| line(&part.json(file.name())?, out));
    }
    rows_of_cells(file, Cut::Commas, |_, cells| {
        let Some(id) = cells.get("example_id") else { return Err(out.unlike("a row has no `example_id`")) };
        let mut row = Row::new(id.to_owned());
        row.error(cells.get("error").map(str::to_owned));
        for (name, cell) in cells.iter() {
            match name.strip_prefix("feedback.") {
                Some(key) => row.written(key.to_owned(), cell),
                None if name == "execution_time" => row.written("latency_s", cell),
                None if SPECIAL.contains(&name) => {}
                None => row.label(name.to_owned(), cell.to_owned()),
            }
        }
        out.row(&Select::new(), row)
    })
}

/// Columns that are no values of a row.
const SPECIAL: [&str; 3] = ["example_id", "id", "error"];

fn line(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = json["example_id"].name() else { return Err(out.unlike("a row has no `example_id`")) };
    let mut row = Row::new(id.to_owned());
    row.error(json["error"].words().map(str::to_owned));
    for (name, value) in json.entries() {
        match name.strip_prefix("feedback.") {
            Some(key) => row.value(key.to_owned(), value),
            None if name == "execution_time" => row.value("latency_s", value),
            None if name == "outputs.usage_metadata" => usage(&mut row, value),
            None if SPECIAL.contains(&name.as_ref()) => {}
            None => row.value(name.clone(), value),
        }
    }
    out.row(&Select::new(), row)
}

fn usage(row: &mut Row<'_>, usage: &Json<'_>) {
    row.number("input_tokens", usage["input_tokens"].number());
    row.number("output_tokens", usage["output_tokens"].number());
    row.number("tokens", usage["total_tokens"].number());
}

fn row(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let (run, example) = (&json["run"], &json["example"]);
    let Some(id) = example["id"].name().or(run["reference_example_id"].name()) else {
        return Err(out.unlike("a row has no `example.id`"));
    };
    let mut row = Row::new(id.to_owned());
    row.error(run["error"].words().map(str::to_owned));
    for result in json["evaluation_results"]["results"].list() {
        // What a scorer that raised is filed under differs from version to version; its scores are missing.
        if result["extra"]["error"].is_true() {
            continue;
        }
        let Some(key) = result["key"].words() else { continue };
        let value = if result["score"].is_null() { &result["value"] } else { &result["score"] };
        row.value(key.to_owned(), value);
    }
    let time = |key: &str| run[key].text().and_then(time_of);
    let (began, ended) = (time("start_time"), time("end_time"));
    row.number("latency_s", began.zip(ended).map(|(began, ended)| (ended - began).as_seconds_f64()));
    let about = &run["extra"]["metadata"];
    let told = &run["outputs"]["usage_metadata"];
    let own = if told.is_null() { &about["usage_metadata"] } else { told };
    let agent = (!run["child_runs"].is_null()).then(|| Agent::of(&run["child_runs"]));
    match &agent {
        Some(agent) if own.is_null() => agent.usage(&mut row),
        _ => usage(&mut row, own),
    }
    if let Some(agent) = agent {
        row.number("steps", Some(agent.steps));
        row.number("tool_calls", Some(agent.tool_calls));
        row.number("tool_errors", Some(agent.tool_errors));
    }
    row.within("metadata", &example["metadata"]);
    row.within("inputs", &example["inputs"]);
    row.within("outputs", &run["outputs"]);
    row.within("reference", &example["outputs"]);
    let target = out.run(&Select::new())?;
    for key in ["model", "ls_model_name"] {
        target.model(about[key].words());
    }
    target.dataset = target.dataset.take().or(example["dataset_id"].words().map(str::to_owned));
    let began = began.map(|time| time.to_utc());
    target.created = target.created.map_or(began, |known| began.map(|time| time.min(known)));
    out.row(&Select::new(), row)
}

/// What stands in the runs below that of a target.
#[derive(Default)]
struct Agent {
    steps: f64,
    tool_calls: f64,
    tool_errors: f64,
    /// Tokens sent, received and together, as far as its models state them.
    tokens: [Option<f64>; 3],
}

impl Agent {
    fn of(runs: &Json<'_>) -> Self {
        let mut agent = Self::default();
        agent.add(runs, 0);
        agent
    }

    fn add(&mut self, runs: &Json<'_>, depth: usize) {
        for run in runs.list() {
            match run["run_type"].text() {
                Some("tool") => {
                    self.tool_calls += 1.0;
                    self.tool_errors += f64::from(u8::from(run["error"].words().is_some()));
                }
                Some("llm") => {
                    self.steps += 1.0;
                    self.add_tokens(run);
                }
                _ => {}
            }
            if depth < 100 {
                self.add(&run["child_runs"], depth + 1);
            }
        }
    }

    /// Of what the model stated in its answer, else of what the platform counted.
    fn add_tokens(&mut self, run: &Json<'_>) {
        let said = [&run["outputs"]["usage_metadata"], &run["extra"]["metadata"]["usage_metadata"]];
        let said = said.into_iter().find(|usage| !usage.is_null()).unwrap_or(&Json::Null);
        let keys = [
            ("input_tokens", "prompt_tokens"),
            ("output_tokens", "completion_tokens"),
            ("total_tokens", "total_tokens"),
        ];
        for (sum, (key, counted)) in self.tokens.iter_mut().zip(keys) {
            if let Some(tokens) = said[key].number().or(run[counted].number()) {
                *sum = Some(sum.unwrap_or(0.0) + tokens);
            }
        }
    }

    fn usage(&self, row: &mut Row<'_>) {
        for (name, tokens) in ["input_tokens", "output_tokens", "tokens"].into_iter().zip(self.tokens) {
            row.number(name, tokens);
        }
    }
}

/// With its zone, or in UTC where it has none: so the SDK says.
fn time_of(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z"))).ok()
}
