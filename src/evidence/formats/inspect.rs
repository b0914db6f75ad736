//! Inspect AI: a log as `.eval` (a ZIP of JSON) or `.json`.
//!
//! A sample with an error has no score, whatever stands beside it; samples that a run did not come to are counted from what it
//! set out to do. Letters are grades: C is 1, P one half, I and N are 0. A score with parts is a field for each of them. A task is
//! a run: of a folder with the logs of several tasks `where: { task: ... }` selects one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;

use super::about::{About, Head, Holding};
use super::stated::{Figure, Measured};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::foreign::{
    Archive, ForeignFile, Halt, Json, Part, Retelling, Row, ScoreType, Select, Way, parts, parts_of,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &["eval"], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

/// How a ZIP archive begins.
const ZIP: &[u8] = b"PK\x03\x04";

/// What the first member of a log may be.
const FIRST: [&[u8]; 5] = [b"_journal/", b"samples/", b"header.json", b"summaries.json", b"reductions.json"];

fn shows(head: &Head<'_>) -> bool {
    // The name of a member stands at byte 30 of its header.
    let packed = head.text.starts_with(ZIP)
        && head.text.get(30..).is_some_and(|name| FIRST.iter().any(|first| name.starts_with(first)));
    packed || (head.has("eval.task") && head.has("status") && head.has("version"))
}

const WAYS: [Way; 7] =
    [&["samples", "*"], &["eval"], &["results"], &["status"], &["reductions"], &["error"], &["version"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mut log = Log::default();
    if file.first_bytes()?.starts_with(ZIP) {
        packed(file, &mut log, out)?;
    } else {
        parts(file, &WAYS, |part| log.part(&part, out))?;
    }
    log.finish(out)
}

fn packed(file: &ForeignFile<'_>, log: &mut Log, out: &mut Retelling) -> Result<(), Halt> {
    let archive = Archive::open(file)?;
    // The header is written last; a run that was killed has the beginning of its journal only.
    let header = ["header.json", "_journal/start.json"];
    let mut found = false;
    for name in header {
        if let Some(text) = archive.text(name)? {
            parts_of(file.name(), text.as_bytes(), &WAYS, |part| log.part(&part, out))?;
            found = true;
            break;
        }
    }
    if !found {
        return Err(
            out.unlike("this ZIP archive is no log of Inspect: it has neither `header.json` nor a journal")
        );
    }
    for name in archive.names().filter(|name| name.starts_with("samples/")) {
        let text = archive.text(name)?.unwrap_or_default();
        let json =
            Json::parse(&text).map_err(|_| out.unlike(&format!("`{}` is not JSON", printable(name))))?;
        log.sample(&json, out)?;
    }
    Ok(())
}

/// What a log says besides its samples.
#[derive(Default)]
struct Log {
    status: String,
    /// What the run set out to do, from its plan.
    planned: Option<u64>,
    /// What its results say that it attempted.
    attempted: Option<u64>,
    task: String,
    model: String,
    judges: BTreeSet<String>,
}

impl Log {
    fn part(&mut self, part: &Part<'_>, out: &mut Retelling) -> Result<(), Halt> {
        let json = part.json(out.file())?;
        match part.way {
            0 => self.sample(&json, out)?,
            1 => self.eval(&json, out)?,
            2 => self.results(&json, part.line, out)?,
            3 => json.text().unwrap_or_default().clone_into(&mut self.status),
            _ => {}
        }
        Ok(())
    }

    fn eval(&mut self, eval: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
        out.tool("inspect-ai", eval["packages"]["inspect_ai"].text());
        eval["task"].text().unwrap_or_default().clone_into(&mut self.task);
        let dataset = &eval["dataset"];
        let ids = dataset["sample_ids"].list().len() as u64;
        let cases = Some(ids).filter(|ids| *ids > 0).or(dataset["samples"].count());
        let epochs = eval["config"]["epochs"].count().unwrap_or(1).max(1);
        self.planned = cases.map(|cases| cases.saturating_mul(epochs));
        eval["model"].text().unwrap_or_default().clone_into(&mut self.model);
        let select = self.select();
        self.judges = judges(eval);
        for judge in &self.judges {
            out.judged_by(&select, Some(judge))?;
        }
        let run = out.run(&select)?;
        run.model(eval["model"].words());
        run.dataset = dataset["name"].words().or(dataset["location"].words()).map(str::to_owned);
        run.created = eval["created"]
            .text()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
            .map(|time| time.to_utc());
        if !eval["config"]["limit"].is_null() {
            run.limited = dataset["samples"].count().zip(cases).map(|(all, cases)| all.saturating_sub(cases));
            let text = "`--limit` left out samples of this run";
            out.doubt(
                Diagnostic::warning(Code::LimitedRun, text).help("evaluate all of them before a release"),
            );
        }
        Ok(())
    }

    /// The run of this log.
    fn select(&self) -> Select {
        Select::from([("task".to_owned(), self.task.clone())])
    }

    fn results(&mut self, results: &Json<'_>, line: u64, out: &mut Retelling) -> Result<(), Halt> {
        let (total, completed) = (results["total_samples"].count(), results["completed_samples"].count());
        self.attempted = total;
        for score in results["scores"].list() {
            let Some(name) = score["name"].words() else { continue };
            let scorer = score["scorer"].words().filter(|scorer| *scorer != name);
            let place = scorer.map_or_else(|| name.to_owned(), |scorer| format!("{scorer}.{name}"));
            let reducer = score["reducer"].words().map_or_else(String::new, |reducer| format!(",{reducer}"));
            // What is taken of the survivors only says nothing of the run.
            let whole = total == completed && score["unscored_samples"].count() == Some(0);
            let n = score["scored_samples"].count().filter(|n| whole && *n > 0);
            let metrics = &score["metrics"];
            let stderr = metrics["stderr"]["value"].number().filter(|stderr| *stderr > 0.0);
            for (metric, told) in metrics
                .entries()
                .iter()
                .filter(|(metric, _)| !["stderr", "std", "var"].contains(&metric.as_ref()))
            {
                let (Json::Number(text), Some(value)) = (&told["value"], told["value"].number()) else {
                    continue;
                };
                let figure = Figure { value, text: (*text).to_owned() };
                let measured = match (stderr, n) {
                    (Some(stderr), Some(n)) => {
                        Measured::Stderr { value: figure, stderr, n: Some(n), clusters: None }
                    }
                    _ => Measured::Point(figure),
                };
                out.aggregate(&format!("{place}/{metric}{reducer}"), line, measured)?;
            }
        }
        Ok(())
    }

    fn sample(&mut self, json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
        let Some(id) = json["id"].name() else { return Err(out.unlike("a sample has no `id`")) };
        if self.task.is_empty() {
            return Err(out.unlike("this log names no task before its samples"));
        }
        let mut row = Row::new(id.to_owned());
        row.epoch(json["epoch"].count());
        if !json["error"].is_null() {
            row.error(Some(
                json["error"]["message"].text().or(json["error"].text()).unwrap_or_default().to_owned(),
            ));
        }
        for (scorer, score) in json["scores"].entries() {
            graded(&mut row, scorer, &score["value"], out);
        }
        row.value("latency_s", &json["total_time"]);
        row.value("working_s", &json["working_time"]);
        let used = |key: &str| {
            // What a judge used is no part of the answer.
            let own = |model: &str| model == self.model || !self.judges.contains(model);
            let usage = json["model_usage"].entries().iter().filter(|(model, _)| own(model));
            let each: Vec<f64> = usage.filter_map(|(_, usage)| usage[key].number()).collect();
            (!each.is_empty()).then(|| each.iter().sum())
        };
        row.number("tokens", used("total_tokens"));
        row.number("input_tokens", used("input_tokens"));
        row.number("output_tokens", used("output_tokens"));
        steps(&mut row, &json["messages"]);
        let select = self.select();
        let stopped =
            json["output"]["choices"].list().first().and_then(|choice| choice["stop_reason"].text());
        if let Some(reason) = stopped {
            row.truth("filtered", Some(reason == "content_filter"));
            let run = out.run(&select)?;
            run.filtered = Some(run.filtered.unwrap_or(0) + u64::from(reason == "content_filter"));
        }
        if let Some(limit) = json["limit"]["type"].words() {
            row.label("limit", limit.to_owned());
        }
        row.value("output", &json["output"]["completion"]);
        row.value("expected", &json["target"]);
        row.label("model", self.model.clone());
        row.within("metadata", &json["metadata"]);
        for message in
            json["messages"].list().iter().filter(|message| message["role"].text() == Some("system"))
        {
            if let Some(text) = message["content"].words() {
                out.prompt(&select, text)?;
            }
        }
        out.row(&select, row)
    }

    fn finish(self, out: &mut Retelling) -> Result<(), Halt> {
        if self.status.is_empty() {
            return Err(out.unlike("this log of Inspect has no `status`"));
        }
        if self.status != "success" {
            let text =
                format!("the run did not come to its end: its status is `{}`", printable(&self.status));
            out.doubt(Diagnostic::warning(Code::UnfinishedRun, text).help("run the evaluation to its end"));
        }
        let select = self.select();
        let listed = out.run(&select)?.rows;
        if listed == 0 {
            // A log without samples states what was computed of them.
            out.run(&select)?.attempts = self.attempted;
            return Ok(());
        }
        let attempts = self.attempted.max(self.planned).unwrap_or(listed);
        out.attempts(&select, attempts, "the run did not come to this sample")
    }
}

/// The models that score: those that a scorer was given, and those of the roles that it asks; without a word of it that of
/// the role `grader`.
fn judges(eval: &Json<'_>) -> BTreeSet<String> {
    let mut roles = BTreeSet::from(["grader"]);
    let mut judges = BTreeSet::new();
    for scorer in eval["scorers"].list() {
        let options = &scorer["options"];
        roles.extend(options["model_role"].words());
        let given = std::iter::once(&options["model"]).chain(options["model"].list());
        judges.extend(given.filter_map(Json::words).map(str::to_owned));
    }
    for role in roles {
        let model = &eval["model_roles"][role];
        judges.extend(model["model"].words().or(model.words()).map(str::to_owned));
    }
    judges
}

/// The value of a score, with its type where the value says it.
fn graded<'a>(row: &mut Row<'a>, name: &str, value: &Json<'a>, out: &mut Retelling) {
    let grade = match value {
        Json::Text(text) => match text.as_ref() {
            "C" => Some((1.0, ScoreType::Rate)),
            "I" | "N" => Some((0.0, ScoreType::Rate)),
            "P" => Some((0.5, ScoreType::Between(0.0, 1.0))),
            _ => None,
        },
        Json::Object(parts) => {
            for (part, value) in parts {
                graded(row, &format!("{name}.{part}"), value, out);
            }
            return;
        }
        _ => None,
    };
    match grade {
        Some((number, kind)) => {
            row.number(name.to_owned(), Some(number));
            out.score(name, kind);
            out.high_is_good(name);
        }
        None => row.value(name.to_owned(), value),
    }
}

/// What an agent did: its answers, the tools that it called, and those that failed.
fn steps(row: &mut Row<'_>, messages: &Json<'_>) {
    let mut counts: BTreeMap<&str, u64> = [("steps", 0), ("tool_calls", 0), ("tool_errors", 0)].into();
    let mut add = |name: &'static str, count: usize| *counts.entry(name).or_default() += count as u64;
    for message in messages.list() {
        match message["role"].text() {
            Some("assistant") => {
                add("steps", 1);
                add("tool_calls", message["tool_calls"].list().len());
            }
            Some("tool") => add("tool_errors", usize::from(!message["error"].is_null())),
            _ => {}
        }
    }
    for (name, count) in counts {
        row.number(name, (!messages.list().is_empty()).then_some(count as f64));
    }
}
