//! Ragas: the data frame of a result as CSV, JSON Lines or JSON (by rows or by columns), or its bare scores.
//!
//! A metric that raised and one that has nothing to say are both `NaN`, an empty cell or `null`: a missing score, which the
//! means that Ragas prints leave out without a word. Which columns are metrics stands nowhere: all that are no inputs of its
//! datasets are. A row has no id; what was asked is.

use super::about::{About, Head, Holding};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{
    Cut, ForeignFile, Halt, Json, Retelling, Row, Select, Way, case_of, parts, rows_of_cells,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    is_written(|column| head.column(column)) || layout(head).is_some()
}

/// Whether these are the columns of its data frame, of this version or before 0.2.
fn is_written(has: impl Fn(&str) -> bool) -> bool {
    let now = has("user_input") && (has("response") || has("retrieved_contexts"));
    let before = has("question") && has("answer") && has("contexts");
    !has("id") && (now || before)
}

/// How the rows of a document of JSON are written.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    Lines,
    List,
    Columns,
    Scores,
}

fn layout(head: &Head<'_>) -> Option<Rows> {
    let written = |before: &str, after: &str| is_written(|key| head.has(&format!("{before}{key}{after}")));
    if written("", ".0") {
        Some(Rows::Columns)
    } else if written("", "") {
        Some(Rows::Lines)
    } else if written("*.", "") {
        Some(Rows::List)
    } else {
        (head.has("repr") && head.has("scores.*")).then_some(Rows::Scores)
    }
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    let head = Head::new(file.name(), &first, None);
    out.tool("ragas", None);
    // Bare scores say nothing of themselves: somebody named the format.
    let rows = layout(&head).or(match first.first() {
        Some(b'[') => Some(Rows::List),
        Some(b'{') => Some(if head.has("scores.*") { Rows::Scores } else { Rows::Lines }),
        _ => None,
    });
    let ways: &[Way] = match rows {
        None => return table(file, out),
        Some(Rows::Lines | Rows::Columns) => &[&[]],
        Some(Rows::List) => &[&["*"]],
        Some(Rows::Scores) => &[&["scores", "*"]],
    };
    parts(file, ways, |part| {
        let json = part.json(file.name())?;
        if rows == Some(Rows::Columns) {
            return columns(&json, out);
        }
        row(json.entries().iter().map(|(name, value)| (name.as_ref(), value)), out)
    })
}

/// Columns of its datasets, which are no metrics.
const INPUTS: [&str; 24] = [
    "",
    "user_input",
    "retrieved_contexts",
    "reference_contexts",
    "retrieved_context_ids",
    "reference_context_ids",
    "response",
    "multi_responses",
    "reference",
    "reference_tool_calls",
    "reference_topics",
    "rubric",
    "rubrics",
    "persona_name",
    "query_style",
    "query_length",
    "synthesizer_name",
    "question",
    "answer",
    "contexts",
    "ground_truth",
    "ground_truths",
    "evolution_type",
    "episode_done",
];

fn row<'j, 'a: 'j>(
    entries: impl Iterator<Item = (&'j str, &'j Json<'a>)>,
    out: &mut Retelling,
) -> Result<(), Halt> {
    let entries: Vec<(&str, &Json<'a>)> = entries.collect();
    let get = |keys: [&str; 2]| {
        let found = entries.iter().find(|(name, value)| keys.contains(name) && !value.is_null());
        found.map(|(_, value)| *value)
    };
    let asked = get(["user_input", "question"]).and_then(case_of);
    let mut row = Row::new(asked_or_numbered(asked, out)?);
    for (name, value) in entries.iter().filter(|(name, _)| !INPUTS.contains(name)) {
        row.value((*name).to_owned(), value);
    }
    for (name, keys) in TEXTS {
        if let Some(value) = get(keys) {
            row.value(name, value);
        }
    }
    out.row(&Select::new(), row)
}

/// Our names of its texts and labels.
const TEXTS: [(&str, [&str; 2]); 7] = [
    // Under its own name too: `fields: { id: question }` may ask for it.
    ("user_input", ["user_input", ""]),
    ("question", ["question", ""]),
    ("output", ["response", "answer"]),
    ("expected", ["reference", "ground_truth"]),
    ("persona_name", ["persona_name", ""]),
    ("query_style", ["query_style", ""]),
    ("synthesizer_name", ["synthesizer_name", "evolution_type"]),
];

fn asked_or_numbered(asked: Option<String>, out: &mut Retelling) -> Result<String, Halt> {
    if let Some(asked) = asked {
        return Ok(asked);
    }
    let text = "rows say nothing of what was asked, so that their place in the file is their only id";
    out.doubt(
        Diagnostic::warning(Code::MissingId, text)
            .help("write the data frame of the result (`to_pandas`) instead of its scores"),
    );
    Ok(format!("row {}", out.run(&Select::new())?.rows + 1))
}

/// `{column: {row: value}}`, as pandas writes it unless told otherwise.
fn columns(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let columns = json.entries();
    let rows = columns.first().map(|(_, cells)| cells.entries()).unwrap_or_default();
    for (at, (number, _)) in rows.iter().enumerate() {
        let mut cells = Vec::new();
        for (name, column) in columns {
            match column.entries().get(at) {
                Some((own, value)) if own == number => cells.push((name.as_ref(), value)),
                _ => return Err(out.contradiction("its columns do not have the same rows")),
            }
        }
        row(cells.into_iter(), out)?;
    }
    if columns.iter().any(|(_, column)| column.entries().len() != rows.len()) {
        return Err(out.contradiction("its columns do not have the same number of rows"));
    }
    Ok(())
}

fn table(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    rows_of_cells(file, Cut::Commas, |_, cells| {
        let get =
            |keys: [&str; 2]| keys.into_iter().filter(|key| !key.is_empty()).find_map(|key| cells.get(key));
        let asked = get(["user_input", "question"]).map(|text| Json::Text(text.into()));
        let mut row = Row::new(asked_or_numbered(asked.as_ref().and_then(case_of), out)?);
        for (name, cell) in cells.iter().filter(|(name, _)| !INPUTS.contains(name)) {
            row.written(name.to_owned(), cell);
        }
        for (name, keys) in TEXTS {
            if let Some(text) = get(keys) {
                row.label(name, text);
            }
        }
        out.row(&Select::new(), row)
    })
}
