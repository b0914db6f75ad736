//! garak: the report of a run, JSON Lines. Every output of an attempt is a sample; what several detectors say of it are its
//! scores: high is bad, and `DETECTOR.hit` says whether the attack worked.
//!
//! An attempt is logged when it was generated (status 1) and when it was scored (status 2): the second counts, and one that was
//! never scored is an error. A target that answers nothing passes every detector in garak's own figures; here that is an error.
//! A report without its completion is cut off. The hit log beside it lists hits only and holds nothing to judge.

use std::collections::BTreeMap;

use super::about::{About, Head, Holding};
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::evidence::foreign::{
    ForeignFile, Halt, Json, Retelling, Row, ScoreType, Select, Way, case_of, parts,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    let entries = ["_config.version", "transient.run_id", "garak_version", "probe_classname", "probe"];
    head.has("entry_type") && entries.iter().any(|key| head.has(key)) || is_hit_log(head)
}

fn is_hit_log(head: &Head<'_>) -> bool {
    ["attempt_id", "attempt_idx", "detector", "generator"].iter().all(|key| head.has(key))
}

/// From this score on an attack has worked, unless the setup says otherwise.
const THRESHOLD: f64 = 0.5;

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    const WAYS: [Way; 1] = [&[]];
    out.tool("garak", None);
    if is_hit_log(&Head::new(file.name(), &file.first_bytes()?, None)) {
        out.beside_results("the `.report.jsonl` of the same run");
        return parts(file, &WAYS, |_| Ok(()));
    }
    let mut report = Report { threshold: THRESHOLD, ..Report::default() };
    parts(file, &WAYS, |part| report.entry(&part.json(file.name())?, out))?;
    report.finish(out)
}

#[derive(Default)]
struct Report {
    threshold: f64,
    /// Attempts that were generated and not scored so far, with their numbers of outputs.
    waiting: BTreeMap<String, u64>,
    /// By probe and detector: outputs below the threshold, and those that the report says.
    safe: BTreeMap<(String, String), [Option<u64>; 2]>,
    complete: bool,
}

impl Report {
    fn entry(&mut self, json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
        let select = Select::new();
        match json["entry_type"].text().unwrap_or_default() {
            "start_run setup" => {
                self.threshold = json["run.eval_threshold"].number().unwrap_or(THRESHOLD);
                let names = ["target_name", "target_type", "model_name", "model_type"];
                let named = names.iter().find_map(|key| json[format!("plugins.{key}").as_str()].words());
                out.evaluated(&select, named)?;
            }
            "init" => {
                out.tool("garak", json["garak_version"].words());
                out.began(&select, json["start_time"].time())?;
            }
            "attempt" => return self.attempt(json, out),
            "eval" => {
                let counted = self.safe.entry(key(&json["probe"], &json["detector"])).or_default();
                counted[1] = json["passed"].count();
            }
            "completion" | "digest" => self.complete = true,
            _ => {}
        }
        Ok(())
    }

    fn attempt(&mut self, json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
        let Some(uuid) = json["uuid"].words() else { return Err(out.unlike("an attempt has no `uuid`")) };
        let outputs = json["outputs"].list();
        match json["status"].count() {
            Some(1) => drop(self.waiting.insert(uuid.to_owned(), outputs.len() as u64)),
            Some(2) => {
                self.waiting.remove(uuid);
                self.scored(json, outputs, out)?;
            }
            // Not even generated.
            Some(0) => drop(self.waiting.insert(uuid.to_owned(), 1)),
            _ => return Err(out.unlike("the status of an attempt is neither 0, 1 nor 2")),
        }
        Ok(())
    }

    fn scored(&mut self, json: &Json<'_>, outputs: &[Json<'_>], out: &mut Retelling) -> Result<(), Halt> {
        let probe = json["probe_classname"].words().unwrap_or_default();
        let detectors = json["detector_results"].entries();
        for (detector, scores) in detectors {
            let scores = scores.list();
            let answered = outputs.iter().filter(|output| !output.is_null()).count();
            if scores.len() != outputs.len() && scores.len() != answered {
                let text = format!("an attempt has {} outputs and {} scores", outputs.len(), scores.len());
                return Err(out.contradiction(&text));
            }
            let safe = scores.iter().filter_map(Json::number).filter(|score| *score < self.threshold).count();
            let key = (probe.to_owned(), detector.to_string());
            let counted = self.safe.entry(key).or_default();
            counted[0] = Some(counted[0].unwrap_or(0) + safe as u64);
            out.score(detector, ScoreType::Between(0.0, 1.0));
        }
        let id = format!("{probe}: {}", case_of(&asked(&json["prompt"])).unwrap_or_default());
        let mut answers = 0;
        for (at, output) in outputs.iter().enumerate() {
            let mut row = Row::new(id.clone());
            if output.is_null() {
                row.error(Some("the target gave no answer"));
            }
            for (detector, scores) in detectors {
                let scores = scores.list();
                let place = if scores.len() == outputs.len() {
                    Some(at)
                } else {
                    (!output.is_null()).then_some(answers)
                };
                let score = place.and_then(|place| scores.get(place)).unwrap_or(&Json::Null);
                row.value(detector.clone(), score);
                row.truth(format!("{detector}.hit"), score.number().map(|score| score >= self.threshold));
            }
            answers += usize::from(!output.is_null());
            row.label("probe", probe.to_owned());
            row.value("goal", &json["goal"]);
            row.value("intent", &json["intent"]);
            row.value("output", if output.text().is_some() { output } else { &output["text"] });
            out.row(&Select::new(), row)?;
        }
        Ok(())
    }

    fn finish(self, out: &mut Retelling) -> Result<(), Halt> {
        if !self.complete {
            return Err(Diagnostic::error(
                Code::CutOff,
                "this report of garak is cut off: it has no `completion`",
            )
            .nature(Nature::CutOff)
            .in_file(out.file())
            .help("let the run come to its end; evidence that is not whole is never judged")
            .into());
        }
        for ((probe, detector), counted) in &self.safe {
            if let [Some(listed), Some(told)] = counted
                && listed != told
            {
                let text = format!(
                    "it says that {told} outputs of `{}` passed `{}`, and {listed} of their scores are below {}",
                    printable(probe),
                    printable(detector),
                    self.threshold
                );
                return Err(out.contradiction(&text));
            }
        }
        let unscored = self.waiting.values().sum();
        out.unlisted(&Select::new(), unscored, "this attempt was never scored")
    }
}

fn key(probe: &Json<'_>, detector: &Json<'_>) -> (String, String) {
    let text = |json: &Json<'_>| json.text().unwrap_or_default().to_owned();
    let detector = text(detector);
    // Before 0.9 the name of its package stood before it.
    (text(probe), detector.strip_prefix("detector.").map_or(detector.clone(), str::to_owned))
}

/// The text of a prompt: of its last turn, or as a bare text in older versions.
fn asked<'a>(prompt: &Json<'a>) -> Json<'a> {
    let turn = prompt["turns"].list().last().map(|turn| &turn["content"]["text"]);
    turn.unwrap_or(if prompt["text"].is_null() { prompt } else { &prompt["text"] }).clone()
}
