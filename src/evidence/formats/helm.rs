//! HELM: the folder of a run, file by file.
//!
//! `per_instance_stats.json` has a row for each instance and train trial: trials are epochs, splits and perturbations are runs.
//! `stats.json` has means over the trials; its `count` is of trials and its `stddev` across them, so that they have no size
//! here. `run_spec.json` and `scenario_state.json` name the model and the scenario; a request that failed is an error.
//! What else stands in the folder (`instances.json`, `scenario.json`, `display_*.json`) holds nothing to judge and is passed over.

use super::about::{About, Head, Holding};
use super::stated::Measured;
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    file_of(head).is_some()
}

/// Which file of the folder it is.
#[derive(Clone, Copy)]
enum Kind {
    PerInstance,
    Stats,
    Spec,
    State,
    Other,
}

fn file_of(head: &Head<'_>) -> Option<Kind> {
    let all = |keys: &[&str]| keys.iter().all(|key| head.has(key));
    if all(&["*.instance_id", "*.train_trial_index", "*.stats"]) && !head.has("*.predicted_text") {
        return Some(Kind::PerInstance);
    }
    if all(&["*.name.name", "*.count", "*.sum_squared"]) {
        return Some(Kind::Stats);
    }
    if all(&["adapter_spec", "request_states"]) {
        return Some(Kind::State);
    }
    if all(&["adapter_spec", "scenario_spec", "metric_specs"]) {
        return Some(Kind::Spec);
    }
    let instances = all(&["*.input.text", "*.references", "*.split", "*.id"]);
    let displayed = all(&["*.instance_id", "*.train_trial_index"])
        && (head.has("*.predicted_text") || head.has("*.request"));
    let scenario = all(&["name", "description", "tags", "definition_path"]);
    let suite = all(&["*.adapter_spec", "*.scenario_spec"]) || all(&["*.run_spec", "*.run_path"]);
    (instances || displayed || scenario || suite).then_some(Kind::Other)
}

/// Where the results of a run are.
const RESULTS: &str = "`per_instance_stats.json` of the same run, or its folder";
const LIST: [Way; 1] = [&["*"]];
const STATE: [Way; 2] = [&["adapter_spec"], &["request_states", "*"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    let Some(kind) = file_of(&Head::new(file.name(), &first, None)) else {
        return Err(out.unlike("this is no file of a run of HELM"));
    };
    out.tool("helm", None);
    match kind {
        Kind::PerInstance => parts(file, &LIST, |part| instance(&part.json(file.name())?, out)),
        Kind::Stats => parts(file, &LIST, |part| {
            let json = part.json(file.name())?;
            // What is missing in every trial has no mean.
            let Some(mean) = json["mean"].figure() else { return Ok(()) };
            let name = format!("{}/mean", Metric::of(&json["name"]).whole());
            out.aggregate(&name, part.line, Measured::Point(mean))
        }),
        Kind::Spec => parts(file, &[&[]], |part| {
            let json = part.json(file.name())?;
            out.beside_results(RESULTS);
            out.evaluated(&Select::new(), json["adapter_spec"]["model"].words())?;
            out.run(&Select::new())?.dataset = json["name"].words().map(str::to_owned);
            Ok(())
        }),
        Kind::State => parts(file, &STATE, |part| {
            let json = part.json(file.name())?;
            out.beside_results(RESULTS);
            if part.way == 0 {
                return out.evaluated(&Select::new(), json["model"].words());
            }
            request(&json, out)
        }),
        Kind::Other => {
            out.beside_results(RESULTS);
            // Read to its end all the same: a file that was cut off is told.
            parts(file, &[&["*", "none of it"]], |_| Ok(()))
        }
    }
}

/// A request that failed; one that was answered is scored in `per_instance_stats.json`.
fn request(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let result = &json["result"];
    if result["success"].is_true() {
        return Ok(());
    }
    let mut row = Row::new(json["instance"]["id"].name().unwrap_or_default().to_owned());
    row.epoch(json["train_trial_index"].count().map(|trial| trial + 1));
    row.error(Some(result["error"].text().unwrap_or_default().to_owned()));
    out.row(&Select::new(), row)
}

/// What HELM calls a metric.
struct Metric<'j> {
    name: &'j str,
    split: &'j str,
    sub_split: &'j str,
    perturbation: String,
}

impl<'j> Metric<'j> {
    fn of(json: &'j Json<'_>) -> Self {
        let text = |key: &str| json[key].text().unwrap_or_default();
        let perturbed = &json["perturbation"];
        let words = ["name", "computed_on"].iter().filter_map(|key| perturbed[*key].words());
        let perturbation = words.collect::<Vec<_>>().join(",");
        Self { name: text("name"), split: text("split"), sub_split: text("sub_split"), perturbation }
    }

    /// The metric; with its part of the split, where it has one.
    fn short(&self) -> String {
        let Self { name, sub_split, .. } = self;
        if sub_split.is_empty() { (*name).to_owned() } else { format!("{name}/{sub_split}") }
    }

    /// The metric as one of all: what is of the test split and not perturbed is meant where nothing is said.
    fn whole(&self) -> String {
        let mut name = self.short();
        for more in [if self.split == "test" { "" } else { self.split }, &self.perturbation] {
            if !more.is_empty() {
                name = format!("{name}/{more}");
            }
        }
        name
    }
}

/// Our names of what it calls otherwise; the runtime is in seconds.
const OURS: [(&str, &str); 3] = [
    ("inference_runtime", "latency_s"),
    ("num_prompt_tokens", "input_tokens"),
    ("num_output_tokens", "output_tokens"),
];

fn instance(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = json["instance_id"].name() else { return Err(out.unlike("a row has no `instance_id`")) };
    let mut row = Row::new(id.to_owned());
    row.epoch(json["train_trial_index"].count().map(|trial| trial + 1));
    let mut split = "";
    for stat in json["stats"].list() {
        let name = Metric::of(&stat["name"]);
        if split.is_empty() {
            split = stat["name"]["split"].text().unwrap_or_default();
        } else if split != name.split {
            return Err(out.contradiction("one row has metrics of two splits"));
        }
        let short = name.short();
        let ours = OURS.iter().find(|(own, _)| *own == short).map_or(short.as_str(), |(_, ours)| ours);
        let counted = stat["count"].number().is_some_and(|count| count > 0.0);
        row.value(ours.to_owned(), if counted { &stat["mean"] } else { &Json::Null });
    }
    let perturbed = json["perturbation"]["name"].words().unwrap_or("none").to_owned();
    let split = split.to_owned();
    let select = Select::from([("split".to_owned(), split), ("perturbation".to_owned(), perturbed)]);
    out.row(&select, row)
}
