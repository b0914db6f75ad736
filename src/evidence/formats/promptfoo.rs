//! promptfoo, as JSON, JSON Lines or CSV: a cell of its table is a sample, and a prompt with a provider a run.
//!
//! The id of a sample is a digest of its variables: `testIdx` is another for every repetition and every selection of tests.
//! What a provider answered from its cache has no latency and no cost of its own; a cost or a number of tokens of 0 means that
//! the provider told none.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::about::{About, Head, Holding};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::foreign::{
    Cut, ForeignCells, ForeignFile, Halt, Json, Part, Retelling, Row, ScoreType, Select, Way, parts,
    rows_of_cells,
};
use crate::secret::hide_secrets;

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    is_document(head) || is_line(head) || !answers(head.columns()).is_empty()
}

fn is_document(head: &Head<'_>) -> bool {
    head.has("evalId") && head.has("results")
}

fn is_line(head: &Head<'_>) -> bool {
    ["promptIdx", "testIdx", "namedScores", "provider"].into_iter().all(|key| head.has(key))
}

const WAYS: [Way; 6] = [
    &["results", "results", "*"],
    &["results", "prompts", "*"],
    &["results", "version"],
    &["results", "timestamp"],
    &["metadata", "promptfooVersion"],
    &["metadata", "evaluationCreatedAt"],
];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    let head = Head::new(file.name(), &first, None);
    let mut table = Table { out, columns: BTreeMap::new(), version: None, created: None, timestamp: None };
    if is_document(&head) {
        parts(file, &WAYS, |part| table.part(&part))?;
    } else if is_line(&head) {
        parts(file, &[&[]], |part| table.cell(&part))?;
    } else {
        return wide(file, out);
    }
    table.finish()
}

/// What is known of the cells that share a prompt and a provider.
#[derive(Default)]
struct Column {
    select: Select,
    /// How many the tool says that it attempted.
    attempts: Option<u64>,
    /// The prompt before its variables are filled in.
    prompt: Option<String>,
}

struct Table<'o> {
    out: &'o mut Retelling,
    /// By `promptIdx`.
    columns: BTreeMap<u64, Column>,
    version: Option<String>,
    created: Option<DateTime<Utc>>,
    timestamp: Option<DateTime<Utc>>,
}

impl Table<'_> {
    fn part(&mut self, part: &Part<'_>) -> Result<(), Halt> {
        if part.way == 0 {
            return self.cell(part);
        }
        let json = part.json(self.out.file())?;
        let time =
            || json.text().and_then(|text| DateTime::parse_from_rfc3339(text).ok()).map(|time| time.to_utc());
        match part.way {
            1 => {
                // Prompts stand in the order of their numbers.
                let number = self.columns.len() as u64;
                let column = self.columns.entry(number).or_default();
                let metrics = &json["metrics"];
                let counts =
                    ["testPassCount", "testFailCount", "testErrorCount"].map(|key| metrics[key].count());
                let total: Option<Vec<u64>> = counts.into_iter().collect();
                column.attempts = total.map(|counts| counts.iter().sum());
                column.prompt = json["raw"].words().map(str::to_owned);
                column.select =
                    select(&json["label"], &json["raw"], json["provider"].text().unwrap_or_default());
            }
            2 if json.count().is_none_or(|version| version < 3) => {
                return Err(self
                    .out
                    .unlike("this is an older layout of promptfoo's results: `results.version` is not 3"));
            }
            2 => {}
            3 => self.timestamp = time(),
            4 => self.version = json.text().map(str::to_owned),
            _ => self.created = time(),
        }
        Ok(())
    }

    fn cell(&mut self, part: &Part<'_>) -> Result<(), Halt> {
        let json = part.json(self.out.file())?;
        let Some(number) = json["promptIdx"].count() else {
            return Err(Diagnostic::error(
                Code::UnknownFormat,
                "this result of promptfoo has no `promptIdx`",
            )
            .at_line(self.out.file(), part.line)
            .help("let promptfoo write the file again")
            .into());
        };
        let provider = &json["provider"];
        let name =
            provider["label"].words().or(provider["id"].words()).or(provider.words()).unwrap_or_default();
        let select = select(&json["prompt"]["label"], &json["prompt"]["raw"], name);
        let column = self.columns.entry(number).or_default();
        if column.select.is_empty() || column.select != select && self.out.run(&column.select)?.rows == 0 {
            column.select.clone_from(&select);
        } else if column.select != select {
            let text = format!("prompt number {number} has two names");
            return Err(self.out.contradiction(&text));
        }
        let names = [&provider["label"], &provider["id"], provider];
        self.out.run(&select)?.model(names.into_iter().filter_map(Json::words));
        if let Some(raw) = json["prompt"]["raw"].words() {
            self.out.prompt(&select, raw)?;
        }
        judges(&json, &select, self.out)?;
        let row = row(&json, self.out);
        self.out.row(&select, row)
    }

    fn finish(self) -> Result<(), Halt> {
        let Self { out, columns, version, created, timestamp } = self;
        out.tool("promptfoo", version.as_deref());
        let mut seen: BTreeMap<&Select, u64> = BTreeMap::new();
        for (number, column) in &columns {
            if let Some(first) = seen.insert(&column.select, *number) {
                let text = format!(
                    "prompts number {first} and {number} have one name and one provider, so that nobody can tell their results apart"
                );
                return Err(Diagnostic::error(Code::Contradiction, text)
                    .in_file(out.file())
                    .help("give each prompt of promptfooconfig.yaml its own `label`")
                    .into());
            }
        }
        for column in columns.values() {
            out.run(&column.select)?.created = created.or(timestamp);
            if let Some(prompt) = &column.prompt {
                out.prompt(&column.select, prompt)?;
            }
            if let Some(attempts) = column.attempts {
                out.attempts(
                    &column.select,
                    attempts,
                    "counted by promptfoo and not in its list of results",
                )?;
            }
        }
        Ok(())
    }
}

/// The models that the assertions of a cell asked, as far as the file names them: an assertion's own, else that of its test.
fn judges(json: &Json<'_>, select: &Select, out: &mut Retelling) -> Result<(), Halt> {
    let name = |provider: &Json<'_>| {
        // There may be one for each kind of assertion.
        let kinds = ["text", "embedding", "classification", "moderation"].map(|kind| &provider[kind]);
        let inner = kinds.into_iter().find(|inner| !inner.is_null()).unwrap_or(provider);
        let id = inner["id"].words().or(inner["modelName"].words()).or(inner.words());
        // Two models may have one label, and one script may be two of them.
        match (inner["label"].words(), id) {
            (Some(label), Some(id)) if label != id => Some(format!("{label} ({id})")),
            (label, id) => label.or(id).map(str::to_owned),
        }
    };
    let of_test = name(&json["testCase"]["options"]["provider"]);
    for result in json["gradingResult"]["componentResults"].list() {
        let assertion = &result["assertion"];
        let kind = assertion["type"].text().unwrap_or_default();
        let kind = kind.strip_prefix("not-").unwrap_or(kind);
        if JUDGED.contains(&kind) {
            let own = name(&assertion["provider"]).or_else(|| of_test.clone());
            out.judged_by(select, own.as_deref())?;
        }
    }
    Ok(())
}

/// The assertions that a model decides.
const JUDGED: [&str; 17] = [
    "similar",
    "classifier",
    "moderation",
    "llm-rubric",
    "model-graded-closedqa",
    "model-graded-factuality",
    "factuality",
    "g-eval",
    "answer-relevance",
    "context-recall",
    "context-relevance",
    "context-faithfulness",
    "conversation-relevance",
    "pi",
    "select-best",
    "search-rubric",
    "agent-rubric",
];

/// The run of a prompt with a provider.
fn select(label: &Json<'_>, raw: &Json<'_>, provider: &str) -> Select {
    let prompt = label.words().or(raw.words()).unwrap_or_default();
    Select::from([("prompt".to_owned(), prompt.to_owned()), ("provider".to_owned(), provider.to_owned())])
}

/// The same for the same variables, whatever file they stand in.
fn id<'v>(vars: impl Iterator<Item = (&'v str, String)>) -> String {
    let mut vars: Vec<_> = vars.collect();
    vars.sort();
    let mut digest = Sha256::new();
    for (name, value) in &vars {
        for text in [*name, value.as_str()] {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
    }
    let digest =
        digest.finalize().iter().take(8).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    // The beginning of what was asked, for people; a key in it is hidden while it is still whole.
    let beginning =
        |value: &str| hide_secrets(value.get(..value.floor_char_boundary(400)).unwrap_or(value)).into_owned();
    let asked: Vec<String> = vars.iter().take(8).map(|(_, value)| beginning(value)).collect();
    let asked = asked.join(" | ");
    let short: String = asked.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(40).collect();
    format!("{digest} {}", short.trim())
}

/// A variable as the table of cells shows it.
fn shown(value: &Json<'_>) -> String {
    match (value, value.name()) {
        (_, Some(name)) => name.to_owned(),
        (Json::Null, _) => String::new(),
        (other, _) => other.to_text(),
    }
}

fn row<'a>(json: &Json<'a>, out: &mut Retelling) -> Row<'a> {
    let vars = json["vars"].entries();
    let mut row = Row::new(id(vars.iter().map(|(name, value)| (name.as_ref(), shown(value)))));
    let response = &json["response"];
    // `error` also repeats why an assertion failed; 2 is a provider or an assertion that crashed.
    let crashed = match json["failureReason"].count() {
        Some(reason) => reason == 2,
        None => json["gradingResult"].is_null() && json["error"].words().is_some(),
    };
    if crashed {
        let text = json["error"].text().or(response["error"].text()).unwrap_or_default();
        row.error(Some(text.to_owned()));
    }
    let asserted = !json["gradingResult"]["componentResults"].list().is_empty();
    if !asserted && !crashed {
        out.doubt(
            Diagnostic::warning(
                Code::NothingAsserted,
                "some tests assert nothing, and promptfoo counts them as passed",
            )
            .help("they have no score here; give each test an assertion"),
        );
    }
    row.truth("pass", Some(json["success"].is_true()).filter(|_| asserted));
    row.number("score", json["score"].number().filter(|_| asserted));
    out.score("score", ScoreType::Between(0.0, 1.0));
    out.high_is_good("score");
    for (name, value) in json["namedScores"].entries() {
        row.value(name.clone(), value);
        out.score(name, ScoreType::Between(0.0, 1.0));
        out.high_is_good(name);
    }
    let own = !response["cached"].is_true();
    let told = |value: &Json<'_>| value.number().filter(|value| own && *value > 0.0);
    row.number("latency_ms", json["latencyMs"].number().filter(|_| own && !crashed));
    row.number("cost_usd", told(&json["cost"]));
    let usage = &response["tokenUsage"];
    row.number("tokens", told(&usage["total"]));
    row.number("input_tokens", told(&usage["prompt"]));
    row.number("output_tokens", told(&usage["completion"]));
    if let Json::Bool(refused) = response["isRefusal"] {
        row.truth("refusal", Some(refused));
    }
    row.value("output", &response["output"]);
    row.value("description", &json["testCase"]["description"]);
    row.within("vars", &json["vars"]);
    row.within("metadata", &json["testCase"]["metadata"]);
    row
}

/// The columns that hold answers: their places, prompts and providers.
fn answers(columns: &[String]) -> Vec<(usize, Select)> {
    let is = |at: usize, name: &str| columns.get(at).is_some_and(|own| own == name);
    let answer = |(at, name): (usize, &String)| {
        let (provider, prompt) = name.strip_prefix('[')?.split_once("] ")?;
        let label = Json::Text(prompt.into());
        (is(at + 1, "Status") && is(at + 2, "Score")).then(|| (at, select(&label, &Json::Null, provider)))
    };
    columns.iter().enumerate().filter_map(answer).collect()
}

/// The columns between an answer and the next.
const BESIDE: [&str; 5] = ["Status", "Score", "Named Scores", "Grader Reason", "Comment"];

fn wide(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("promptfoo", None);
    let mut answers_of = None;
    rows_of_cells(file, Cut::Commas, |columns, cells| {
        let answers = answers_of.get_or_insert_with(|| answers(columns));
        let first = answers.first().map_or(0, |(at, _)| *at);
        for (at, select) in answers.iter() {
            let row = wide_row((columns, &cells), first, *at, out)?;
            out.row(select, row)?;
        }
        Ok(())
    })
}

fn wide_row<'c>(
    (columns, cells): (&[String], &ForeignCells<'c>),
    first: usize,
    at: usize,
    out: &mut Retelling,
) -> Result<Row<'c>, Halt> {
    let vars: Vec<(&str, &str)> =
        cells.iter().take(first).filter(|(name, _)| *name != "Description").collect();
    let mut row = Row::new(id(vars.iter().map(|(name, value)| (*name, (*value).to_owned()))));
    let pass = match cells.at(at + 1) {
        Some("PASS") => Some(true),
        Some("FAIL") => Some(false),
        Some("ERROR") => None,
        other => {
            let text = format!("a status is `{}`", printable(other.unwrap_or_default()));
            return Err(out.unlike(&text));
        }
    };
    row.truth("pass", pass);
    row.written("score", cells.at(at + 2).unwrap_or_default());
    out.score("score", ScoreType::Between(0.0, 1.0));
    out.high_is_good("score");
    let beside = columns.iter().enumerate().skip(at + 1);
    for (place, name) in
        beside.take_while(|(_, name)| BESIDE.contains(&name.as_str()) || name.starts_with("Metric: "))
    {
        match (name.strip_prefix("Metric: "), name.as_str()) {
            (Some(metric), _) => {
                row.written(metric.to_owned(), cells.at(place).unwrap_or_default());
                out.score(metric, ScoreType::Between(0.0, 1.0));
                out.high_is_good(metric);
            }
            (None, "Grader Reason") if pass.is_none() => row.error(Some(cells.at(place).unwrap_or_default())),
            _ => {}
        }
    }
    if pass.is_none() && !row.is_errored() {
        row.error(Some(""));
    }
    row.label("output", cells.at(at).unwrap_or_default());
    row.label("description", cells.get("Description").unwrap_or_default());
    for (name, value) in vars {
        row.label(format!("vars.{name}"), value);
    }
    Ok(row)
}
