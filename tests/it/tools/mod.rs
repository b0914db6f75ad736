//! Results that real tools wrote: what relgate reads in them is what the tools themselves say, or the difference is told why.
//!
//! The files stand in `../shared/reference/formats`, and those that the scripts of this repository made in
//! `tests/fixtures/tools`. Every figure that is expected here is read from the file by other code, or stands in the FORMAT.md
//! beside it.

mod ab;
mod alpaca_eval;
mod anew;
mod archives;
mod azure_ai_evaluation;
mod bad_rows;
mod braintrust;
mod deepeval;
mod evalite;
mod evidently;
mod garak;
mod helm;
mod hostile;
mod http_load;
mod inspect;
mod langfuse;
mod langsmith;
mod litellm;
mod llm_load;
mod lm_eval;
mod locust;
mod mlflow;
mod openai_evals;
mod otlp;
mod otlp_records;
mod phoenix;
mod promptfoo;
mod pydantic_evals;
mod pytest;
mod ragas;
mod recognised;
mod swebench;
mod trulens;
mod vitest_evals;
mod weave;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use relgate::diagnostic::{Diagnostic, Diagnostics};
use relgate::evidence::{
    self, Catalog, Declared, Depth, FieldKind, Format, Projected, Projection, Role, Sample, Sink, ToolRun,
    Value,
};
use relgate::files::EvidenceFile;

/// What was read of a file.
pub(super) struct Read {
    pub(super) catalog: Catalog,
    rows: Vec<Row>,
    fields: Vec<String>,
}

struct Row {
    id: String,
    epoch: Option<i64>,
    error: Option<String>,
    values: Vec<Option<String>>,
}

/// Figures of one field over the rows that have it and did not end in an error.
#[derive(Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) n: usize,
    pub(super) mean: f64,
}

impl Read {
    /// The only run.
    pub(super) fn run(&self) -> &ToolRun {
        assert_eq!(self.catalog.told.runs.len(), 1, "{:?}", self.catalog.told.runs);
        &self.catalog.told.runs[0]
    }

    fn selected(&self, select: &[(&str, &str)]) -> impl Iterator<Item = &Row> {
        let tests: Vec<(usize, String)> =
            select.iter().map(|(label, value)| (self.place(label), (*value).to_owned())).collect();
        self.rows
            .iter()
            .filter(move |row| tests.iter().all(|(at, value)| row.values[*at].as_ref() == Some(value)))
    }

    fn place(&self, field: &str) -> usize {
        let place = self.fields.iter().position(|own| own == field);
        place.unwrap_or_else(|| panic!("there is no {field} among {:?}", self.fields))
    }

    /// The figures of a field over the rows of a selection.
    pub(super) fn of(&self, select: &[(&str, &str)], field: &str) -> Figures {
        let at = self.place(field);
        let rows = self.selected(select).filter(|row| row.error.is_none());
        let number = |text: &String| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "pass" => 1.0,
            "false" | "no" | "fail" => 0.0,
            text => text.parse().unwrap_or_else(|_| panic!("{field} is {text}")),
        };
        let values: Vec<f64> = rows.filter_map(|row| row.values[at].as_ref().map(number)).collect();
        let n = values.len();
        Figures { n, mean: if n == 0 { 0.0 } else { values.iter().sum::<f64>() / n as f64 } }
    }

    /// The figures of a field over all rows.
    pub(super) fn all(&self, field: &str) -> Figures {
        self.of(&[], field)
    }

    /// The value of a field in the row of an id, its only one.
    pub(super) fn value(&self, id: &str, field: &str) -> Option<String> {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| row.id == id).collect();
        assert_eq!(rows.len(), 1, "{id} among {:?}", self.ids());
        rows[0].values[self.place(field)].clone()
    }

    /// The epochs of an id and the values of a field in them.
    pub(super) fn epochs(&self, id: &str, field: &str) -> Vec<(i64, Option<String>)> {
        let at = self.place(field);
        let rows = self.rows.iter().filter(|row| row.id == id);
        rows.map(|row| (row.epoch.unwrap_or(0), row.values[at].clone())).collect()
    }

    /// Different ids, in order.
    pub(super) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.rows.iter().map(|row| row.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The texts of errors, in the order of the rows.
    pub(super) fn errors(&self) -> Vec<&str> {
        self.rows.iter().filter_map(|row| row.error.as_deref()).collect()
    }
}

/// The sum of what both have, for comparisons with figures that were rounded.
pub(super) fn close(a: f64, b: f64, most: f64) {
    assert!((a - b).abs() <= most, "{a} is not {b}");
}

/// A file of `../shared/reference/formats`; none where that is not here, which is told.
pub(super) fn reference(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/formats").join(path);
    if file.exists() {
        return Some(file);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/formats");
    assert!(!root.exists(), "{} is missing", file.display());
    // Past the capture of the test runner: who reads the log must see it.
    let _ = writeln!(std::io::stderr(), "skipped: ../shared is not here, so {path} was not read");
    None
}

/// What a file says, as JSON, read by other code.
pub(super) fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Reads a file as relgate does.
pub(super) fn read(path: &Path) -> Read {
    try_read(path).unwrap_or_else(|findings| panic!("{}: {findings:?}", path.display()))
}

/// Reads bytes under a name.
pub(super) fn read_bytes(name: &str, bytes: &[u8]) -> Result<Read, Diagnostics> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    try_read(&path)
}

/// Reads a file as relgate does, or says why not.
pub(super) fn try_read(path: &Path) -> Result<Read, Diagnostics> {
    read_declared(path, &Declared::default())
}

/// Reads a file of which somebody said the format.
pub(super) fn read_as(path: &Path, format: Format) -> Result<Read, Diagnostics> {
    read_declared(path, &Declared { format: Some(format), ..Declared::default() })
}

/// A file that a script of this repository made with a tool.
pub(super) fn fixture(tool: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tools").join(tool).join(name)
}

fn read_declared(path: &Path, declared: &Declared) -> Result<Read, Diagnostics> {
    let file = EvidenceFile::open(path, &path.file_name().unwrap().to_string_lossy()).unwrap();
    let catalog = evidence::probe_as(&file, Depth::Whole, declared)?;
    let fields: Vec<String> = catalog.fields.keys().cloned().collect();
    let projected = |(name, kind): (&String, &FieldKind)| Projected {
        name: name.clone(),
        role: if matches!(kind, FieldKind::Nested) { Role::Text } else { Role::Label },
    };
    let projection = Projection {
        fields: catalog.fields.iter().map(projected).collect(),
        records: false,
        paths: catalog.paths.clone(),
    };
    let mut sink = Recorder(Vec::new());
    if catalog.has_samples() {
        evidence::stream(&file, catalog.format, catalog.compression, &projection, &mut sink)?;
    }
    Ok(Read { catalog, rows: sink.0, fields })
}

struct Recorder(Vec<Row>);

impl Sink for Recorder {
    fn fork(&self) -> Self {
        Self(Vec::new())
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let text = |value: &Value<'_>| match value {
            Value::Absent | Value::Null => None,
            Value::Bool(value) | Value::Truth(_, value) => Some(value.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Written(text) => Some((*text).to_owned()),
            Value::Text(text) => Some(text.to_string()),
            Value::Texts(texts) => Some(texts.join("\n")),
        };
        self.0.push(Row {
            id: match &sample.id {
                evidence::Id::Text(text) => text.to_string(),
                evidence::Id::Integer(number) => number.to_string(),
            },
            epoch: sample.epoch,
            error: sample.error.as_ref().map(ToString::to_string),
            values: sample.values.iter().map(text).collect(),
        });
        Ok(())
    }

    fn absorb(&mut self, later: Self, _: u64) -> Result<(), Diagnostic> {
        self.0.extend(later.0);
        Ok(())
    }
}

/// How a file is recognised; none where no reader takes it.
pub(super) fn format_of(path: &Path) -> Option<Format> {
    let file = EvidenceFile::open(path, &path.file_name().unwrap().to_string_lossy()).unwrap();
    evidence::detect(&file).ok().map(|(format, _)| format)
}

/// The labels and values of a run, for comparing.
pub(super) fn select(run: &ToolRun) -> BTreeMap<&str, &str> {
    run.select.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect()
}

/// Every file that a tool wrote, with the folder that says which.
fn all_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Folders of tools that send requests or write spans.
const LOAD: [&str; 9] =
    ["otel_genai", "locust", "guidellm", "aiperf", "autocannon", "hey", "wrk", "ab-", "http_tools"];

#[test]
fn no_file_is_taken_for_that_of_another_tool() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for folder in [root.join("../shared/reference/formats"), root.join("tests/fixtures/tools")] {
        let mut files = Vec::new();
        if folder.exists() {
            all_files(&folder, &mut files);
        }
        for path in files {
            let tool =
                path.strip_prefix(&folder).unwrap().iter().next().unwrap().to_str().unwrap().to_owned();
            let file = EvidenceFile::open(&path, "x").unwrap();
            let Ok((format, _)) = evidence::detect(&file) else { continue };
            let whose: &[&str] = match format {
                Format::Otlp => &["otel_genai"],
                Format::Locust => &["locust"],
                Format::GuideLlm => &["guidellm"],
                Format::AiPerf => &["aiperf"],
                Format::Autocannon => &["autocannon"],
                Format::Hey => &["hey", "http_tools"],
                Format::Wrk => &["wrk", "http_tools"],
                Format::Ab => &["ab-", "http_tools"],
                Format::K6 => &["k6"],
                Format::VllmBench => &["vllm_bench"],
                Format::Jsonl | Format::JsonList | Format::Csv | Format::Metrics => continue,
                _ => {
                    assert!(!LOAD.iter().any(|load| tool.starts_with(load)), "{}: {format}", path.display());
                    continue;
                }
            };
            assert!(whose.iter().any(|whose| tool.starts_with(whose)), "{}: {format}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}

/// What `relgate try` says of files and a rule: its exit code and its output.
pub(super) fn tried(files: &[&Path], rule: &str) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_relgate"));
    let out = command.arg("try").args(files).arg(rule).output().unwrap();
    (out.status.code(), String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap())
}
