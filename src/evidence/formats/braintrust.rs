//! Braintrust: the result of `Eval` as JSON (`summary` and `results`), or the lines of `braintrust eval --jsonl`.
//!
//! A line of the command has means over the rows that were scored and no number of them: they are numbers without a size.
//! Where a single row errored it has no scores at all, which is an error here: nothing failed in it because nothing was told.
//! A scorer that raised leaves no score and its traceback in the row's metadata.

use super::about::{About, Head, Holding};
use super::stated::{Figure, Measured};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::foreign::{
    ForeignFile, Halt, Json, Part, Retelling, Row, ScoreType, Select, Way, case_of, parts,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    is_result(head)
        || (head.has("project_name") || head.has("projectName"))
            && (head.has("experiment_name") || head.has("experimentName"))
            && head.has("scores")
        || (head.has("eval_name") || head.has("evalName")) && head.has("errors")
}

fn is_result(head: &Head<'_>) -> bool {
    // The results of JavaScript have no `exc_info`; both may stand before the summary.
    let row = ["input", "output", "scores", "error", "metadata"];
    head.has("results") && head.has("summary.scores")
        || row.iter().all(|key| head.has(&format!("results.*.{key}")))
}

const WAYS: [Way; 1] = [&["results", "*"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    out.tool("braintrust", None);
    if is_result(&Head::new(file.name(), &first, None)) {
        return parts(file, &WAYS, |part| row(&part.json(file.name())?, out));
    }
    let mut evals = Vec::new();
    parts(file, &[&[]], |part| {
        evals.push(eval(&part, out)?);
        Ok(())
    })?;
    let several = evals.len() > 1;
    for Eval { name, line, scores } in evals {
        for (score, figure) in scores {
            let place = if several { format!("{name}/{score}") } else { score };
            out.aggregate(&place, line, Measured::Point(figure))?;
        }
    }
    Ok(())
}

fn row(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let own = json["id"].words().map(str::to_owned);
    let Some(id) = own.or_else(|| case_of(&json["input"])) else {
        return Err(out.unlike("a result has no `input`"));
    };
    let mut row = Row::new(id);
    row.error(match &json["error"] {
        Json::Null => None,
        error => Some(error.text().map_or_else(|| error.to_text(), str::to_owned)),
    });
    for (name, score) in json["scores"].entries() {
        row.value(name.clone(), score);
        out.score(name, ScoreType::Between(0.0, 1.0));
    }
    let metadata = &json["metadata"];
    row.number("scorer_errors", Some(metadata["scorer_errors"].entries().len() as f64));
    for (name, value) in metadata.entries().iter().filter(|(name, _)| name != "scorer_errors") {
        let name = format!("metadata.{name}");
        row.within(&name, value);
        row.value(name, value);
    }
    row.within("metrics", &json["metrics"]);
    row.joined("tags", &json["tags"]);
    row.within("input", &json["input"]);
    row.value("output", &json["output"]);
    row.value("expected", &json["expected"]);
    out.row(&Select::new(), row)
}

/// One line of the command.
struct Eval {
    name: String,
    line: u64,
    scores: Vec<(String, Figure)>,
}

fn eval(part: &Part<'_>, out: &Retelling) -> Result<Eval, Halt> {
    let json = part.json(out.file())?;
    let named = |keys: [&str; 2]| keys.iter().find_map(|key| json[*key].words()).unwrap_or_default();
    let errors = json["errors"].list();
    if !json["errors"].is_null() {
        let name = printable(named(["eval_name", "evalName"]));
        let text = format!("`{name}` has no scores: {} of its rows ended in an error", errors.len().max(1));
        let last = errors.first().and_then(Json::words).and_then(|text| text.trim_end().lines().next_back());
        return Err(Diagnostic::error(Code::UnfinishedRun, text)
            .at_line(out.file(), part.line)
            .note(format!("the first of them: {}", printable(last.unwrap_or_default())))
            .help("mend what raised and run it again, or write the result of `Eval` itself, which lists every row")
            .into());
    }
    if json["scores"].entries().is_empty() {
        return Err(out.unlike("a line has no `scores`"));
    }
    let figures = |key: &str, value: &'static str| {
        let each = json[key].entries().iter();
        each.filter_map(|(name, told)| Some((name.to_string(), told[value].figure()?))).collect::<Vec<_>>()
    };
    let mut scores = figures("scores", "score");
    scores.extend(figures("metrics", "metric"));
    let name = named(["experiment_name", "experimentName"]).to_owned();
    Ok(Eval { name, line: part.line, scores })
}
