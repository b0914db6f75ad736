//! DeepEval: a test run as its folder of results keeps it (`testCases`), or `EvaluationResult` as JSON (`test_results`).
//!
//! A metric that raised has no score; DeepEval counts its case as failed. Whether low scores are good stands nowhere but in
//! `success`, which is a field of its own for every metric. A case without a name is called by its place in the list, which
//! is no id: its input is.

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, case_of, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    let run = ["testCases.*.metricsData", "testCases.*.actualOutput", "metricsScores", "hyperparameters"];
    let result = ["test_results.*.metrics_data", "test_results.*.actual_output", "confident_link"];
    let has = |ways: &[&str]| ways.iter().any(|way| head.has(way));
    has(&["testCases", "conversationalTestCases"]) && has(&run) || head.has("test_results") && has(&result)
}

const WAYS: [Way; 8] = [
    &["testCases", "*"],
    &["conversationalTestCases", "*"],
    &["test_results", "*"],
    &["hyperparameters"],
    &["datasetAlias"],
    &["prompts", "*"],
    &["testPassed"],
    &["testFailed"],
];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    out.tool("deepeval", None);
    let (mut judged, mut counted) = (0, [None, None]);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        match part.way {
            0..=2 => {
                judged += u64::from(matches!(json["success"], Json::Bool(_)));
                case(&json, out)
            }
            3 => out.evaluated(&select, json["model"].words()),
            4 => {
                out.run(&select)?.dataset = json.words().map(str::to_owned);
                Ok(())
            }
            5 => ["textTemplate", "text_template", "template"]
                .iter()
                .filter_map(|key| json[*key].words())
                .try_for_each(|text| out.prompt(&select, text)),
            way => {
                if let Some(count) = counted.get_mut(way - 6) {
                    *count = json.count();
                }
                Ok(())
            }
        }
    })?;
    let [Some(passed), Some(failed)] = counted else { return Ok(()) };
    match (passed + failed).checked_sub(judged) {
        Some(unlisted) => out.unlisted(&select, unlisted, "counted by DeepEval and not in its list of cases"),
        None => Err(out.contradiction(&format!("it counts {} cases, and lists {judged}", passed + failed))),
    }
}

/// What stands under one key in a test run, and under another in an `EvaluationResult`.
fn of<'j, 'a>(json: &'j Json<'a>, camel: &str, snake: &str) -> &'j Json<'a> {
    if json[camel].is_null() { &json[snake] } else { &json[camel] }
}

fn id(json: &Json<'_>) -> Option<String> {
    let name = json["name"].words();
    let numbered = |name: &str| {
        let rest = name.strip_prefix("conversational_").unwrap_or(name).strip_prefix("test_case_");
        rest.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if let Some(name) = name.filter(|name| !numbered(name)) {
        return Some(name.to_owned());
    }
    case_of(&json["input"]).or_else(|| case_of(&json["turns"])).or(name.map(str::to_owned))
}

fn case(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = id(json) else { return Err(out.unlike("a test case has neither a name nor an input")) };
    let mut row = Row::new(id);
    row.value("success", &json["success"]);
    let mut raised = 0.0;
    for metric in of(json, "metricsData", "metrics_data").list() {
        let Some(name) = metric["name"].words() else { continue };
        let failed = metric["error"].words().is_some();
        let score = if failed { &Json::Null } else { &metric["score"] };
        row.value(name.to_owned(), score);
        let success = matches!(metric["success"], Json::Bool(true));
        out.judged_by(&Select::new(), of(metric, "evaluationModel", "evaluation_model").words())?;
        row.truth(format!("{name}.success"), score.number().map(|_| success));
        raised += f64::from(u8::from(failed));
    }
    row.number("scorer_errors", Some(raised));
    row.value("latency_s", &json["completionTime"]);
    row.value("cost_usd", &json["tokenCost"]);
    row.value("judge_cost_usd", &json["evaluationCost"]);
    row.value("output", of(json, "actualOutput", "actual_output"));
    row.value("expected", of(json, "expectedOutput", "expected_output"));
    row.joined("tags", &json["tags"]);
    row.within("metadata", of(json, "additionalMetadata", "additional_metadata"));
    row.within("metadata", &json["metadata"]);
    out.row(&Select::new(), row)
}
