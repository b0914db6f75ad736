//! OpenAI evals: the record file of `oaieval`, a line an event. The events of a sample are joined by its id.
//!
//! `final_report` may stand before the events, and is missing where the run was aborted. Its numbers are of the samples that
//! came to an end, so they have no size here. No latency and no cost are in the file.

use std::collections::BTreeMap;

use super::about::{About, Head, Holding};
use super::stated::Measured;
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("spec.eval_name") && head.has("spec.completion_fns")
        || head.has("final_report") && head.has("run_id")
        || ["run_id", "event_id", "sample_id", "type", "data"].iter().all(|key| head.has(key))
}

/// A sample as far as its events were read.
#[derive(Default)]
struct Joined {
    /// The values of its scores, in the order of their events, as JSON.
    scores: Vec<(String, String)>,
    error: Option<String>,
    output: Option<String>,
    expected: Option<String>,
    tokens: [Option<f64>; 3],
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    const WAYS: [Way; 1] = [&[]];
    let mut samples: BTreeMap<String, Joined> = BTreeMap::new();
    let mut reported = false;
    out.tool("openai-evals", None);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        if !json["spec"].is_null() {
            return spec(&json["spec"], out);
        }
        if !json["final_report"].is_null() {
            reported = true;
            for (name, value) in json["final_report"].entries() {
                if let Some(figure) = value.figure() {
                    out.aggregate(&format!("final_report/{name}"), part.line, Measured::Point(figure))?;
                }
            }
            return Ok(());
        }
        let Some(id) = json["sample_id"].name() else {
            // What concerns the whole run.
            return Ok(());
        };
        event(&json, samples.entry(id.to_owned()).or_default(), out)
    })?;
    if !reported {
        let text = "there is no `final_report`: the run did not come to its end";
        out.doubt(Diagnostic::warning(Code::UnfinishedRun, text).help("run the evaluation to its end"));
    }
    samples.into_iter().try_for_each(|(id, sample)| row(id, &sample, out))
}

fn spec(spec: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    for name in spec["completion_fns"].list() {
        out.evaluated(&select, name.words())?;
    }
    out.began(&select, spec["created_at"].time())?;
    out.run(&select)?.dataset = spec["eval_name"].words().map(str::to_owned);
    if !spec["run_config"]["max_samples"].is_null() {
        let text = "`--max_samples` left out samples of this run";
        out.doubt(Diagnostic::warning(Code::LimitedRun, text).help("evaluate all of them before a release"));
    }
    Ok(())
}

fn event(json: &Json<'_>, sample: &mut Joined, out: &mut Retelling) -> Result<(), Halt> {
    let data = &json["data"];
    let first =
        |value: &Json<'_>| value.text().or(value.list().first().and_then(Json::text)).map(str::to_owned);
    match json["type"].text().unwrap_or_default() {
        "sampling" => {
            let sampled = if data["sampled"].is_null() { &data["completion"] } else { &data["sampled"] };
            sample.output = sample.output.take().or_else(|| first(sampled));
            for (at, key) in ["prompt_tokens", "completion_tokens", "total_tokens"].iter().enumerate() {
                if let (Some(sum), Some(used)) = (sample.tokens.get_mut(at), data["usage"][*key].number()) {
                    *sum = Some(sum.unwrap_or(0.0) + used);
                }
            }
            out.evaluated(&Select::new(), data["model"].words())?;
            for message in
                data["prompt"].list().iter().filter(|message| message["role"].text() == Some("system"))
            {
                if let Some(text) = message["content"].words() {
                    out.prompt(&Select::new(), text)?;
                }
            }
        }
        "match" => {
            sample.scores.push(("correct".to_owned(), data["correct"].to_text()));
            sample.expected = sample.expected.take().or_else(|| first(&data["expected"]));
        }
        "metrics" => {
            let each = data
                .entries()
                .iter()
                .filter(|(_, value)| value.list().is_empty() && value.entries().is_empty());
            sample.scores.extend(each.map(|(name, value)| (name.to_string(), value.to_text())));
        }
        "error" => {
            let text = ["message", "error"].iter().find_map(|key| data[*key].words()).map(str::to_owned);
            sample.error = Some(text.unwrap_or_else(|| data.to_text()));
        }
        _ => {}
    }
    Ok(())
}

fn row(id: String, sample: &Joined, out: &mut Retelling) -> Result<(), Halt> {
    let mut row = Row::new(id);
    row.error(sample.error.clone());
    for (name, value) in &sample.scores {
        let json = Json::parse(value).map_err(|_| out.unlike("a score is not JSON"))?;
        row.value(name.clone(), &json);
    }
    let [input, output, all] = sample.tokens;
    row.number("input_tokens", input);
    row.number("output_tokens", output);
    row.number("tokens", all);
    for (name, text) in [("output", &sample.output), ("expected", &sample.expected)] {
        if let Some(text) = text {
            row.label(name, text.clone());
        }
    }
    out.row(&Select::new(), row)
}
