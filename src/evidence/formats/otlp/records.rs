//! Spans as records of production: every call of a model is one, with what its resource says of who made it.
//!
//! Nothing is joined but what stands close together: a log grows, and what was told of its front stays so.

use std::collections::{HashMap, VecDeque};

use super::span::{self, Kind, OTLP, Span, Told, is_console};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Part, Retelling, Row, Select, Way, parts};
use crate::evidence::formats::about::Head;

/// Bytes of spans that wait for their resource, which exporters write before them.
const MOST_WAITING: usize = 64 << 20;
/// Calls that are remembered, so that another telling of one of them is known. What tells a call twice does so at once.
const REMEMBERED: usize = 1 << 16;

/// Where spans, their resources and evaluations stand.
const WAYS: [Way; 5] = {
    let [spans, old, resource] = OTLP;
    [
        spans,
        old,
        resource,
        &["resourceLogs", "*", "resource"],
        &["resourceLogs", "*", "scopeLogs", "*", "logRecords", "*"],
    ]
};

/// Tells the records.
pub(super) fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    let console = is_console(&Head::new(file.name(), &first, None));
    let ways: &[Way] = if console { &[&[]] } else { &WAYS };
    let mut records = Records::default();
    parts(file, ways, |part| records.take(file, &part, console, out))?;
    records.end_element(out)
}

#[derive(Default)]
struct Records {
    /// The element of `resourceSpans` or `resourceLogs` that is being read, and its resource.
    element: u64,
    resource: Option<Resource>,
    /// What of it came before its resource: whether it is a span, and its text.
    waiting: Vec<(bool, String)>,
    waiting_bytes: usize,
    calls: Calls,
}

impl Records {
    fn take(
        &mut self,
        file: &ForeignFile<'_>,
        part: &Part<'_>,
        console: bool,
        out: &mut Retelling,
    ) -> Result<(), Halt> {
        if console {
            let json = part.json(file.name())?;
            let resource = Resource::of(&json["resource"]);
            return self.calls.span(&json, &resource, out);
        }
        if part.element != self.element {
            self.end_element(out)?;
            self.element = part.element;
        }
        match part.way {
            2 | 3 => {
                let resource = Json::parse(part.text).map(|json| Resource::of(&json));
                out.torn(u64::from(resource.is_err()))?;
                self.resource = Some(resource.unwrap_or_default());
                self.hand_over(out)
            }
            way => match &self.resource {
                Some(resource) => self.calls.piece(way < 2, part.text, resource, out),
                None => {
                    self.waiting_bytes += part.text.len();
                    if self.waiting_bytes > MOST_WAITING {
                        return Err(too_large(file, part.line));
                    }
                    self.waiting.push((way < 2, part.text.to_owned()));
                    Ok(())
                }
            },
        }
    }

    /// What waited has a resource, or will have none.
    fn hand_over(&mut self, out: &mut Retelling) -> Result<(), Halt> {
        let nobody = Resource::default();
        let resource = self.resource.as_ref().unwrap_or(&nobody);
        self.waiting_bytes = 0;
        for (is_span, text) in std::mem::take(&mut self.waiting) {
            self.calls.piece(is_span, &text, resource, out)?;
        }
        Ok(())
    }

    fn end_element(&mut self, out: &mut Retelling) -> Result<(), Halt> {
        self.hand_over(out)?;
        self.resource = None;
        Ok(())
    }
}

fn too_large(file: &ForeignFile<'_>, line: u64) -> Halt {
    let text = format!("more than {} MiB of spans stand before their resource", MOST_WAITING >> 20);
    Diagnostic::error(Code::TooLarge, text)
        .at_line(file.name(), line)
        .help("let the exporter write smaller batches, or the resource first")
        .into()
}

/// Who made spans.
#[derive(Default)]
struct Resource {
    version: Option<String>,
    /// Its attributes, under their own names.
    row: Option<Row<'static>>,
}

impl Resource {
    fn of(json: &Json<'_>) -> Self {
        let (mut row, mut version) = (Row::new(""), None);
        for (name, value) in span::pairs(&json["attributes"]) {
            if name == "service.version" {
                version = value.name().filter(|name| !name.trim().is_empty()).map(str::to_owned);
            }
            row.value(name, &value);
        }
        Self { version, row: Some(row.into_owned()) }
    }

    /// Its release, where the row names none itself, and its attributes.
    fn add_to<'r>(&'r self, row: &mut Row<'r>, release: bool) {
        if let Some(version) = self.version.as_deref().filter(|_| release && !row.has("release")) {
            row.label("release", version);
        }
        if let Some(own) = &self.row {
            row.fill_in(own);
        }
    }
}

/// The calls so far, as far as they are remembered.
#[derive(Default)]
struct Calls {
    /// By span, the span that opened the record of its call.
    of_span: HashMap<u64, Box<str>>,
    /// By the span above a call, the same.
    of_parent: HashMap<u64, Box<str>>,
    /// In their order: a span, and the span above it.
    order: VecDeque<(u64, Option<u64>)>,
}

impl Calls {
    /// A span or an evaluation, as text; one that says a thing twice cannot be read.
    fn piece(
        &mut self,
        is_span: bool,
        text: &str,
        resource: &Resource,
        out: &mut Retelling,
    ) -> Result<(), Halt> {
        match Json::parse(text) {
            Ok(json) if is_span => self.span(&json, resource, out),
            Ok(json) => evaluation(&json, resource, out),
            Err(_) => out.torn(1),
        }
    }

    fn span(&mut self, json: &Json<'_>, resource: &Resource, out: &mut Retelling) -> Result<(), Halt> {
        // What has no ids is no span.
        let Some(span) = Span::of(json) else { return out.torn(1) };
        if span.kind() != Kind::Model {
            return Ok(());
        }
        let opened = self.opened(&span);
        let mut row = Row::new(format!("{}/{opened}", span.trace));
        row.error(span.error());
        let [began, ended] = span.times();
        row.number("time", began.map(seconds));
        let took = began.zip(ended).and_then(|(began, ended)| ended.checked_sub(began));
        row.number("latency_ms", took.filter(|took| *took >= 0).map(|took| took as f64 / 1e6));
        row.label("span", span.name);
        for (name, value) in span.attributes() {
            row.value(name, &value);
        }
        for result in span.results() {
            score(&mut row, result.name, result.value, result.label);
        }
        let [input, output, all, cost] = span.usage();
        let all = all.or(input.zip(output).map(|(input, output)| input + output));
        for (name, value) in
            [("input_tokens", input), ("output_tokens", output), ("tokens", all), ("cost_usd", cost)]
        {
            if let (Some(value), false) = (value, row.has(name)) {
                row.number(name, Some(value));
            }
        }
        if let Some(answer) = span.answer().filter(|_| !row.has("response")) {
            row.label("response", answer);
        }
        resource.add_to(&mut row, true);
        out.row(&Select::new(), row)
    }

    /// The span that opened the record of this call: another one where two instrumentations tell it, one within the other.
    fn opened(&mut self, span: &Span<'_>) -> Box<str> {
        let (key, parent) = (span.key(), span.parent_key());
        let above = parent.and_then(|parent| self.of_span.get(&parent));
        let known = self.of_span.get(&key).or_else(|| self.of_parent.get(&key)).or(above);
        let opened: Box<str> = known.map_or_else(|| span.id.into(), Clone::clone);
        self.of_span.insert(key, opened.clone());
        if let Some(parent) = parent {
            self.of_parent.entry(parent).or_insert_with(|| opened.clone());
        }
        self.order.push_back((key, parent));
        if self.order.len() > REMEMBERED
            && let Some((key, parent)) = self.order.pop_front()
        {
            self.of_span.remove(&key);
            parent.map(|parent| self.of_parent.remove(&parent));
        }
        opened
    }
}

/// A log record that is an evaluation adds to the record of its span; any other says nothing.
fn evaluation(json: &Json<'_>, resource: &Resource, out: &mut Retelling) -> Result<(), Halt> {
    let Some(told) = Told::of(json) else { return Ok(()) };
    let id = match told.span {
        Some((trace, span)) => format!("{trace}/{span}"),
        // `fields: { id: gen_ai.response.id }` says what it is about; else it adds to nothing.
        None => "an evaluation of no span".to_owned(),
    };
    let mut row = Row::new(id);
    row.number("time", told.time.map(seconds));
    score(&mut row, told.result.name, told.result.value, told.result.label);
    for (name, value) in span::pairs(&json["attributes"]) {
        row.value(name, &value);
    }
    resource.add_to(&mut row, false);
    out.row(&Select::new(), row)
}

/// The value of a score, and its label beside it or alone.
fn score<'r>(row: &mut Row<'r>, name: &'r str, value: Option<f64>, label: Option<&'r str>) {
    match (value, label) {
        (Some(_), Some(label)) => {
            row.number(name, value);
            row.label(format!("{name}.label"), label);
        }
        (None, Some(label)) => row.label(name, label),
        (value, None) => row.number(name, value),
    }
}

/// Seconds since 1970.
fn seconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 / 1e9
}
