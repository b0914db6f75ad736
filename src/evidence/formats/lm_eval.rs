//! lm-evaluation-harness: `samples_TASK_TIME.jsonl` with a line for each document and filter, and `results_TIME.json` with what it
//! computed of them.
//!
//! The id of a sample is its task and number with the beginning of the document's digest, so that a dataset which changed
//! makes other cases. Filters of one task are runs. Metrics of a whole corpus (BLEU, perplexity) have no value a sample; the
//! results file states them.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use super::stated::{Figure, Measured};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, ScoreType, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    is_sample(head) || is_results(head)
}

fn is_sample(head: &Head<'_>) -> bool {
    ["doc_id", "doc", "resps", "filtered_resps"].into_iter().all(|key| head.has(key))
}

fn is_results(head: &Head<'_>) -> bool {
    head.has("results") && ["configs", "versions", "n-shot", "n-samples"].into_iter().any(|key| head.has(key))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    out.tool("lm-eval", None);
    if is_sample(&Head::new(file.name(), &first, None)) {
        let task = task_of(file.name());
        return parts(file, &[&[]], |part| sample(&part.json(file.name())?, task, out));
    }
    results(file, out)
}

/// The task that a file of samples is named after: nothing in it says so.
fn task_of(name: &str) -> Option<&str> {
    let name = name.rsplit(['/', '\\']).next()?;
    Some(name.strip_prefix("samples_")?.split_once(".json")?.0.rsplit_once('_')?.0)
}

/// Keys of a sample that are no metrics, in versions that do not list their metrics.
const NO_METRICS: [&str; 10] = [
    "doc_id",
    "doc",
    "target",
    "arguments",
    "resps",
    "filtered_resps",
    "filter",
    "metrics",
    "doc_hash",
    "prompt_hash",
];

/// Metrics that are true or false of every sample, in the harness's own registry.
const RATES: [&str; 5] = ["acc", "acc_norm", "acc_mutual_info", "acc_bytes", "exact_match"];

fn sample(json: &Json<'_>, task: Option<&str>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(number) = json["doc_id"].name() else { return Err(out.unlike("a sample has no `doc_id`")) };
    let hash = json["doc_hash"].text().and_then(|hash| hash.get(..8));
    let mut id = task.map_or_else(String::new, |task| format!("{task}/"));
    id.push_str(number);
    if let Some(hash) = hash {
        id.push('@');
        id.push_str(hash);
    }
    let mut row = Row::new(id);
    row.label("task", task.unwrap_or_default().to_owned());
    let listed: Vec<&str> = json["metrics"].list().iter().filter_map(Json::text).collect();
    for (name, value) in json.entries() {
        let is_metric = if listed.is_empty() {
            !NO_METRICS.contains(&name.as_ref())
        } else {
            listed.contains(&name.as_ref())
        };
        if is_metric && name != "target_hash" {
            row.value(name.clone(), value);
            if RATES.contains(&name.as_ref()) {
                out.score(name, ScoreType::Rate);
                out.high_is_good(name);
            }
        }
    }
    row.value("expected", &json["target"]);
    if let Some(answer) = json["filtered_resps"].list().first() {
        row.value("output", answer);
    }
    row.within("doc", &json["doc"]);
    let select = Select::from([("filter".to_owned(), json["filter"].text().unwrap_or("none").to_owned())]);
    let arguments = &json["arguments"];
    let first = arguments.list().first().map_or(&arguments["gen_args_0"], |first| first);
    if let Some(prompt) = first["arg_0"].words().or(first.list().first().and_then(Json::words)) {
        out.prompt(&select, prompt)?;
    }
    out.row(&select, row)
}

const WAYS: [Way; 7] = [
    &["results"],
    &["groups"],
    &["n-samples"],
    &["config", "model_args"],
    &["model_name"],
    &["date"],
    &["lm_eval_version"],
];

fn results(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    // The numbers of samples stand behind the results that they belong to.
    let mut texts = [const { String::new() }; 3];
    let (mut line, mut names) = (1, Vec::new());
    parts(file, &WAYS, |part| {
        if let Some(text) = texts.get_mut(part.way) {
            part.text.clone_into(text);
            line = if part.way == 0 { part.line } else { line };
            return Ok(());
        }
        let json = part.json(file.name())?;
        let run = out.run(&select)?;
        match part.way {
            3 => names.extend(json["pretrained"].words().or(json["model"].words()).map(str::to_owned)),
            4 => names.extend(json.words().map(str::to_owned)),
            5 => {
                run.created =
                    json.number().and_then(|time| DateTime::from_timestamp_millis((time * 1000.0) as i64));
            }
            _ => out.tool("lm-eval", json.text()),
        }
        Ok(())
    })?;
    let [tasks, groups, numbers] = &texts;
    let (tasks, groups, numbers) = (tree(tasks, out)?, tree(groups, out)?, tree(numbers, out)?);
    if tasks.entries().is_empty() {
        return Err(out.unlike("its `results` name no task"));
    }
    let mut left_out = 0;
    // A group stands among the tasks too, in most versions.
    let more = groups.entries().iter().filter(|(group, _)| tasks[group.as_ref()].is_null());
    for (task, result) in tasks.entries().iter().chain(more) {
        let count = &numbers[task.as_ref()];
        left_out +=
            count["original"].count().unwrap_or(0).saturating_sub(count["effective"].count().unwrap_or(0));
        let n = count["effective"].count().or(result["sample_len"].count()).filter(|n| *n > 0);
        let before = if tasks.entries().len() == 1 { String::new() } else { format!("{task}/") };
        of_task(result, &before, n, line, out)?;
    }
    let tasks: Vec<&str> = tasks.entries().iter().map(|(task, _)| task.as_ref()).collect();
    let dataset = tasks.join(", ");
    let run = out.run(&select)?;
    run.model(names.iter().map(String::as_str));
    run.dataset = Some(dataset);
    if left_out > 0 {
        run.limited = Some(left_out);
        let text = format!("`--limit` left out {left_out} samples of these tasks");
        out.doubt(Diagnostic::warning(Code::LimitedRun, text).help("evaluate all of them before a release"));
    }
    Ok(())
}

/// A part of the results; an empty object where it is not there.
fn tree<'t>(text: &'t str, out: &Retelling) -> Result<Json<'t>, Halt> {
    Json::parse(if text.is_empty() { "{}" } else { text }).map_err(|_| out.unlike("its results are not JSON"))
}

/// The metrics of a task: `acc,none` beside `acc_stderr,none`.
fn of_task(
    result: &Json<'_>,
    before: &str,
    n: Option<u64>,
    line: u64,
    out: &mut Retelling,
) -> Result<(), Halt> {
    for (key, value) in result.entries() {
        let (metric, filter) = key.rsplit_once(',').unwrap_or((key, ""));
        let Json::Number(text) = value else { continue };
        if metric.ends_with("_stderr") || ["sample_len", "alias", "name"].contains(&metric) {
            continue;
        }
        let Some(number) = value.number() else { continue };
        let figure = Figure { value: number, text: (*text).to_owned() };
        let beside =
            if filter.is_empty() { format!("{metric}_stderr") } else { format!("{metric}_stderr,{filter}") };
        let stderr = result[beside.as_str()].number().filter(|stderr| *stderr >= 0.0);
        let measured = match (stderr, n) {
            // A rate over n samples says all there is to know.
            (_, Some(n)) if RATES.contains(&metric) => Measured::Value { value: figure, n },
            (Some(stderr), n) => Measured::Stderr { value: figure, stderr, n, clusters: None },
            (None, _) => Measured::Point(figure),
        };
        out.aggregate(&format!("{before}{key}"), line, measured)?;
    }
    Ok(())
}
