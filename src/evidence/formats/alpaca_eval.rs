//! AlpacaEval: `annotations.json` with a row an instruction, and `leaderboard.csv`.
//!
//! A preference goes from 1 (the reference wins) to 2 (the model does); `win` is the same from 0 to 1. Two identical answers are
//! a draw, 1.5, of which no judge was asked. A judge that failed gives no preference. The leaderboard is in percent, and its
//! standard error in percentage points; here both are shares, as `win` is.

use super::about::{About, Head, Holding};
use super::stated::{Figure, Measured};
use crate::evidence::foreign::{
    Cut, ForeignFile, Halt, Json, Retelling, Row, ScoreType, Select, Way, case_of, parts, rows_of_cells,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    ["*.instruction", "*.generator_2", "*.preference"].iter().all(|way| head.has(way))
        || ["win_rate", "standard_error", "n_total"].iter().all(|column| head.column(column))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    const WAYS: [Way; 1] = [&["*"]];
    out.tool("alpaca-eval", None);
    if file.first_bytes()?.starts_with(b"[") {
        return parts(file, &WAYS, |part| row(&part.json(file.name())?, out));
    }
    leaderboard(file, out)
}

fn row(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(asked) = case_of(&json["instruction"]) else {
        return Err(out.unlike("a row has no `instruction`"));
    };
    let dataset = json["dataset"].words();
    let mut row = Row::new(dataset.map_or_else(|| asked.clone(), |dataset| format!("{dataset}: {asked}")));
    let preference = &json["preference"];
    row.value("preference", preference);
    row.number("win", preference.number().map(|preference| preference - 1.0));
    out.score("preference", ScoreType::Between(1.0, 2.0));
    out.score("win", ScoreType::Between(0.0, 1.0));
    let (reference, own) = (&json["output_1"], &json["output_2"]);
    let same = own.text().is_some() && own.text() == reference.text();
    row.truth("identical", Some(same));
    row.value("output", own);
    row.value("expected", reference);
    row.value("judge_s", &json["preference_time_per_example"]);
    row.value("judge_cost_usd", &json["preference_price_per_example"]);
    row.value("dataset", &json["dataset"]);
    let label = |key: &str| json[key].name().unwrap_or_default().to_owned();
    let select =
        Select::from(["generator_2", "generator_1", "annotator"].map(|key| (key.to_owned(), label(key))));
    out.evaluated(&select, json["generator_2"].words())?;
    if let Some(version) =
        json["preference_version"].words().and_then(|text| text.strip_prefix("alpaca_eval=="))
    {
        out.tool("alpaca-eval", Some(version));
    }
    out.row(&select, row)
}

fn leaderboard(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mut models = Vec::new();
    rows_of_cells(file, Cut::Commas, |_, cells| {
        let model = cells.at(0).unwrap_or_default().to_owned();
        let cell = |column: &str| cells.get(column).unwrap_or_default().to_owned();
        let [rate, stderr, n, discrete] =
            ["win_rate", "standard_error", "n_total", "discrete_win_rate"].map(cell);
        models.push((model, cells.line, [rate, stderr, n, discrete]));
        Ok(())
    })?;
    let several = models.len() > 1;
    for (model, line, cells) in models {
        out.evaluated(&Select::new(), Some(&model))?;
        let [rate, stderr, n, discrete] =
            cells.each_ref().map(|cell| Json::parse(cell).unwrap_or(Json::Null));
        let place = |name: &str| if several { format!("{model}/{name}") } else { name.to_owned() };
        let shares = ["win_rate", "discrete_win_rate"].map(place);
        for place in &shares {
            out.score(place, ScoreType::Between(0.0, 1.0));
        }
        let [win, discrete_win] = shares;
        if let (Some(value), Some(stderr)) = (share(&rate), stderr.number().filter(|stderr| *stderr >= 0.0)) {
            let n = n.count().filter(|n| *n > 0);
            let measured = Measured::Stderr { value, stderr: stderr / 100.0, n, clusters: None };
            out.aggregate(&win, line, measured)?;
        }
        if let Some(value) = share(&discrete) {
            out.aggregate(&discrete_win, line, Measured::Point(value))?;
        }
    }
    Ok(())
}

/// What stands in percent.
fn share(percent: &Json<'_>) -> Option<Figure> {
    let value = percent.number()? / 100.0;
    Some(Figure { value, text: value.to_string() })
}
