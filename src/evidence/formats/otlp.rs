//! Spans of OpenTelemetry about generative AI: OTLP/JSON (a `TracesData` a line, or one), or what the console exporter prints.
//!
//! A sample is a case: the outermost span that holds evaluation events (`gen_ai.evaluation.result`), that names a case
//! (`case.id`), or whose name is that of a span with such events, so that a case whose scoring crashed is not lost. Without a
//! case above it a call of a model is a sample; a file with both kinds holds two runs, told apart by `span`. Its scores are the
//! events, its latency reaches from the first call of a model or tool below it to the end of the last, and it ended in an error
//! where it or a call of a model below it did.
//!
//! The spans of a trace may stand anywhere in the file. It is read twice: numbers first, of at most 1,000,000 spans; then the
//! attributes of the samples. An exporter appends to its file: a case in more than one trace is told.
//!
//! `relgate monitor` takes every call of a model as a record, in one reading and whatever stands above it: `time` and `latency_ms`
//! of the span, `release` the `service.version` of its own resource (an attribute `release` of the span wins), an error by its status
//! or `error.type`, `response` the text of the answer where that was kept, attributes of the span and of the resource under their own
//! names: `fields: { unit: user.id }`. Its id is `trace/span`; a call that two instrumentations tell, one span directly within the other, is
//! one record, and so is a span that stands twice. Evaluation events add scores; log records that are evaluations (`resourceLogs`) add them
//! later, to the span that they name, or by `fields: { id: gen_ai.response.id }`.

mod records;
mod span;
mod tree;

use std::collections::{HashMap, HashSet};

use super::about::{About, Head, Holding};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{ForeignFile, Halt, Retelling, Row, ScoreType, Select, Way, parts};
use span::{OTLP, Span, digest, is_console};
use tree::{Found, Sample, Score, Spans};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("resourceSpans") || head.has("resourceLogs") || is_console(head)
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    if file.logged.is_some() {
        return records::retell(file, out);
    }
    let first = file.first_bytes()?;
    let console = is_console(&Head::new(file.name(), &first, None));
    let ways: &[Way] = if console { &[&[]] } else { &OTLP };
    let mut spans = Spans::default();
    let mut version = None;
    parts(file, ways, |part| {
        let json = part.json(file.name())?;
        if part.way == 2 {
            version = version.take().or_else(|| span::sdk(&json));
            return Ok(());
        }
        let Some(span) = Span::of(&json) else { return Err(unlike(file, part.line)) };
        spans.add(&span, file.name(), part.line)
    })?;
    out.tool("OpenTelemetry", version.as_deref());
    let found = spans.samples(out)?;
    let mut told = Told { found, traces: HashMap::new(), repeated: HashSet::new() };
    parts(file, ways, |part| {
        if part.way == 2 {
            return Ok(());
        }
        let json = part.json(file.name())?;
        let Some(span) = Span::of(&json) else { return Err(unlike(file, part.line)) };
        told.row(&span, out)
    })?;
    told.appended(out);
    Ok(())
}

fn unlike(file: &ForeignFile<'_>, line: u64) -> Halt {
    Diagnostic::error(
        Code::UnknownFormat,
        "what starts on this line is no span: it has no id of a trace or a span",
    )
    .at_line(file.name(), line)
    .help("let the exporter write the file again")
    .into()
}

/// Hands over the samples.
struct Told {
    found: Found,
    /// The first trace of every case that was named.
    traces: HashMap<u64, u64>,
    /// Cases that stand in several traces.
    repeated: HashSet<u64>,
}

impl Told {
    fn row(&mut self, span: &Span<'_>, out: &mut Retelling) -> Result<(), Halt> {
        let (key, trace) = (span.key(), digest(&[span.trace]));
        let Some(sample) = self.found.samples.get(&key) else { return Ok(()) };
        let named = span.case();
        if let Some(id) = named.as_deref().filter(|_| sample.case) {
            let id = digest(&[id]);
            if *self.traces.entry(id).or_insert(trace) != trace {
                self.repeated.insert(id);
            }
        }
        let id = named
            .or_else(|| span.input().map(|input| format!("input {:016x}", digest(&[&input]))))
            .unwrap_or_else(|| format!("{}/{}", span.trace, span.id));
        let mut row = Row::new(id);
        row.error(sample.error.as_deref().map(str::to_owned));
        for (name, score) in &sample.scores {
            let name = self.found.name(*name).to_owned();
            match score {
                Score::Number(value) => row.number(name, Some(*value)),
                Score::Label(label) => row.label(name, self.found.name(*label).to_owned()),
                Score::Missing => row.number(name, None),
            }
        }
        numbers(sample, &mut row);
        for (name, value) in span.attributes() {
            row.value(name.to_owned(), &value);
        }
        // One call of a tool in every case is a number of calls and no rate.
        for count in COUNTS {
            out.score(count, ScoreType::Mean);
        }
        let select = self.select(sample);
        let run = out.run(&select)?;
        for model in &sample.models {
            run.model(self.found.name(*model).lines());
        }
        run.created = [run.created, sample.began()].into_iter().flatten().min();
        out.row(&select, row)
    }

    fn select(&self, sample: &Sample) -> Select {
        let kind = if sample.case { "case" } else { "model call" };
        let labels = [("span".to_owned(), kind.to_owned())];
        labels.into_iter().filter(|_| self.found.both).collect()
    }

    fn appended(&self, out: &mut Retelling) {
        let many = self.repeated.len();
        if many == 0 {
            return;
        }
        let text =
            format!("{many} cases stand in more than one trace of this file: it may hold several runs");
        out.doubt(
            Diagnostic::warning(Code::SeveralRuns, text)
                .note("they count as repetitions of one another; an exporter that finds its file there appends to it")
                .help("export every run into a new file, unless the cases were repeated on purpose"),
        );
    }
}

/// What is counted below a sample.
const COUNTS: [&str; 3] = ["tool_calls", "tool_errors", "steps"];

fn numbers(sample: &Sample, row: &mut Row<'_>) {
    row.number("latency_ms", sample.latency_ms());
    for (name, value) in
        ["input_tokens", "output_tokens", "tokens", "cost_usd"].into_iter().zip(sample.usage.all())
    {
        row.number(name, value);
    }
    for (name, count) in COUNTS.into_iter().zip([sample.tool_calls, sample.tool_errors, sample.steps]) {
        row.number(name, Some(f64::from(count)));
    }
}
