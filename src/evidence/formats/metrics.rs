//! The metrics file: numbers that another program already computed over its samples.
//!
//! Either `relgate/metrics/v1`, which holds metrics and nothing else, or without its line with the schema: metrics below
//! `metrics` or flat (`{"toxicity": 0.0004}`), and beside them whatever a program wrote (`"model": "gpt-4"`). JSON or YAML. All
//! findings of a file come in one go. What a file does not say (a size, an interval) is never made up.

mod entry;

use std::collections::BTreeMap;

use super::about::{About, Head, Holding};
use super::stated::{Aside, Metrics, StatedAggregate};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Nature, Span, printable};
use crate::document::{Node, NodeKind, by_line, json, yaml};
use crate::evidence::blocks::unreadable;
use crate::evidence::header::{self, Identity, LIMITS};
use crate::evidence::source::{Compression, Source};
use crate::evidence::unpack::{self, ending};

/// What the format says of itself.
pub(super) static ABOUT: About = About {
    endings: &["yaml", "yml", "json"],
    shows,
    content: Holding::Aggregates(read),
    text_labels: false,
    fields: &[],
};

/// One object that is not one of many lines, or YAML that names our schema.
fn shows(head: &Head<'_>) -> bool {
    head.text.starts_with(b"{") || head.text.starts_with(b"schema:")
}

/// The largest metrics file; ours are a few kilobytes.
const LARGEST: u64 = 16 << 20;

/// Reads a metrics file.
fn read(source: &dyn Source, compression: Compression) -> Result<Metrics, Diagnostics> {
    let text = text(source, compression)?;
    let node = document(source.name(), &text)
        .map_err(|findings| by_line(reworded(findings), &text, source.name()))?;
    let mut walk = Walk {
        lines: Lines::of(&text),
        findings: Diagnostics::new(),
        metrics: Metrics {
            aggregates: BTreeMap::new(),
            identity: Identity::default(),
            asides: BTreeMap::new(),
        },
    };
    walk.document(&node);
    let Walk { findings, metrics, .. } = walk;
    if findings.is_empty() { Ok(metrics) } else { Err(by_line(findings, &text, source.name())) }
}

/// JSON, except where the file is named as YAML; that one too where it is JSON, for the stricter reader.
fn document(name: &str, text: &str) -> Result<Node, Diagnostics> {
    let strict = json(text, FileId::ONLY, &LIMITS);
    if strict.is_ok() || !matches!(ending(name).as_deref(), Some("yaml" | "yml")) {
        return strict;
    }
    match yaml(text, FileId::ONLY, &LIMITS)? {
        Some(node) => Ok(node),
        None => Err(Diagnostic::error(Code::BadMetricsFile, "this is empty")
            .nature(Nature::Malformed)
            .at(Span::new(FileId::ONLY, 0, 0), "")
            .into()),
    }
}

/// Names what cannot be read a metrics file.
fn reworded(findings: Diagnostics) -> Diagnostics {
    let mut reworded = Diagnostics::new();
    for mut finding in findings {
        if matches!(finding.nature, Nature::CutOff | Nature::Malformed) {
            finding.code = Code::BadMetricsFile;
            finding.title = finding.title.replacen("this is", "this metrics file is", 1);
            finding.help = vec![
                "write it with a JSON or YAML library, as one object of metric names and numbers".to_owned(),
            ];
        }
        reworded.push(finding);
    }
    reworded
}

/// Where the lines of a text start.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    /// The line that a span starts on, from 1.
    fn number(&self, span: Span) -> u64 {
        self.0.partition_point(|feed| *feed < span.start as usize) as u64 + 1
    }
}

/// The whole text, without the byte order mark.
fn text(source: &dyn Source, compression: Compression) -> Result<String, Diagnostic> {
    use std::io::Read;
    let mut bytes = Vec::new();
    unpack::open(source, compression)
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(source.name(), &error))?;
    if bytes.len() as u64 > LARGEST {
        let title = format!("this metrics file is larger than {} MiB", LARGEST >> 20);
        return Err(Diagnostic::error(Code::TooLarge, title)
            .in_file(source.name())
            .help("keep samples in a JSON Lines file, and only their aggregates in a metrics file"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() as u64 + 1;
        Diagnostic::error(Code::NotUtf8, "this line is not UTF-8 text")
            .at_line(source.name(), line)
            .help("write the file as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Walks a document and notes every finding on the way.
struct Walk {
    lines: Lines,
    findings: Diagnostics,
    metrics: Metrics,
}

impl Walk {
    fn report(&mut self, span: Span, finding: Diagnostic) {
        self.findings.push(finding.at(span, ""));
    }

    fn document(&mut self, node: &Node) {
        let NodeKind::Mapping(entries) = &node.kind else {
            let title = format!("this metrics file is {} where an object belongs", header::describe(node));
            let help = "write {\"metric_name\": 0.5}, or the form with `schema: relgate/metrics/v1`";
            self.report(node.span, Diagnostic::error(Code::WrongType, title).help(help));
            return;
        };
        let has = |name: &str| entries.iter().any(|(key, _)| key.key() == name);
        if has("schema") {
            self.versioned(entries);
        } else if entries.iter().any(|(key, value)| key.key() == "metrics" && value.mapping().is_some()) {
            self.wrapped(entries);
        } else if let Some(finding) = entry::without_name(entries) {
            self.report(node.span, finding);
        } else {
            self.loose(entries);
        }
        if self.findings.is_empty() && self.metrics.aggregates.is_empty() {
            let finding = Diagnostic::error(Code::EmptyEvidence, "this metrics file holds no metric")
                .help("find out why the evaluation wrote none; nothing can be judged from it");
            let asides = self.metrics.asides.iter().take(6);
            let finding = asides.fold(finding, |finding, (name, aside)| {
                finding.note(format!("`{}` is {}", printable(name), aside.what))
            });
            self.report(node.span, finding);
        }
    }

    /// The form with a schema.
    fn versioned(&mut self, entries: &[(Node, Node)]) {
        const SCHEMA: &str = "relgate/metrics/v1";
        for (key, value) in entries {
            let Self { findings, metrics, .. } = self;
            let mut report = |span, finding: Diagnostic| findings.push(finding.at(span, ""));
            match (key.key(), &value.kind) {
                ("schema", _) => match header::text(value) {
                    Some(SCHEMA) => {}
                    Some(schema) => report(value.span, header::wrong_schema(schema, SCHEMA)),
                    None => report(value.span, header::wrong_schema(&header::describe(value), SCHEMA)),
                },
                ("created", _) => header::created(value, &mut metrics.identity, &mut report),
                ("artifacts", _) => header::artifacts(value, &mut metrics.identity, &mut report),
                ("metrics", NodeKind::Mapping(inner)) => self.metrics(inner),
                ("metrics", _) => {
                    let title = format!("`metrics` is {} where an object belongs", header::describe(value));
                    report(
                        value.span,
                        Diagnostic::error(Code::WrongType, title).help("write {\"name\": number}"),
                    );
                }
                (other, _) => report(
                    key.span,
                    Diagnostic::error(Code::UnknownKey, format!("unknown key `{}`", printable(other)))
                        .suggest(other, ["schema", "created", "artifacts", "metrics"])
                        .help("beside `schema` there may be `created`, `artifacts` and `metrics`"),
                ),
            }
        }
    }

    /// The same without the line with the schema, and with whatever else a program wrote.
    fn wrapped(&mut self, entries: &[(Node, Node)]) {
        for (key, value) in entries {
            let Self { findings, metrics, .. } = self;
            let mut report = |span, finding: Diagnostic| findings.push(finding.at(span, ""));
            match (key.key(), &value.kind) {
                ("created", _) => header::created(value, &mut metrics.identity, &mut report),
                ("artifacts", _) => header::artifacts(value, &mut metrics.identity, &mut report),
                ("metrics", NodeKind::Mapping(inner)) => self.loose(inner),
                _ => self.aside(key, format!("{}, beside `metrics`", entry::kind(value))),
            }
        }
    }

    /// Metrics, and nothing else.
    fn metrics(&mut self, entries: &[(Node, Node)]) {
        for (key, value) in entries {
            self.metric(key, value);
        }
    }

    /// Metrics, and whatever else a program wrote beside them.
    fn loose(&mut self, entries: &[(Node, Node)]) {
        let samples: Vec<&Node> =
            entries.iter().filter(|(_, value)| entry::holds_samples(value)).map(|(key, _)| key).collect();
        for key in &samples {
            self.report(key.span, samples_within(key.key()));
        }
        // What describes the samples is no mistake of a metric.
        for (key, value) in entries.iter().filter(|_| samples.is_empty()) {
            match entry::aside(value) {
                Some(what) => self.aside(key, what),
                None => self.metric(key, value),
            }
        }
    }

    fn metric(&mut self, key: &Node, value: &Node) {
        match entry::read(key.key(), value) {
            Ok(measured) => {
                let aggregate = StatedAggregate { line: self.lines.number(key.span), measured };
                self.metrics.aggregates.insert(key.key().to_owned(), aggregate);
            }
            Err(findings) => {
                for (span, finding) in findings {
                    self.report(span, finding);
                }
            }
        }
    }

    fn aside(&mut self, key: &Node, what: String) {
        let aside = Aside { line: self.lines.number(key.span), what };
        self.metrics.asides.insert(key.key().to_owned(), aside);
    }
}

/// The finding that the samples stand inside of an object, with what describes them.
fn samples_within(name: &str) -> Diagnostic {
    let name = printable(name);
    let title = format!("`{name}` is a list of objects: samples, where a metrics file holds numbers");
    Diagnostic::error(Code::WrongType, title)
        .note("samples are read as a list of their own, or an object a line")
        .help(format!("write the list alone: `jq '.[\"{name}\"]' FILE > samples.json`; or name the tool that wrote the file: `format: ...`"))
}
