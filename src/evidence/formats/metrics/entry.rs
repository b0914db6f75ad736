//! One entry of a metrics file: a bare number, or an object that says how sure it is.

use crate::diagnostic::{Code, Diagnostic, Span, list, printable};
use crate::document::{Meaning, Node, NodeKind, Scalar};
use crate::evidence::formats::stated::{Figure, Measured};
use crate::evidence::header::describe;

/// What is wrong with an entry, by place.
type Findings = Vec<(Span, Diagnostic)>;

/// Reads the entry of metric `name`.
pub(super) fn read(name: &str, node: &Node) -> Result<Measured, Findings> {
    if name.trim().is_empty() {
        let finding = Diagnostic::error(Code::BadMetric, "a metric has no name").help("name every metric");
        return Err(vec![(node.span, finding)]);
    }
    let shown = printable(name);
    match &node.kind {
        NodeKind::Mapping(entries) => Fields::collect(&shown, node.span, entries)?.measured(),
        _ => figure(&shown, node).map(Measured::Point).map_err(|finding| vec![(node.span, finding)]),
    }
}

/// What a value is that cannot be meant as a metric; none where it is one, or a mistake in one: a number as text, NaN.
pub(super) fn aside(node: &Node) -> Option<String> {
    let is_aside = match &node.kind {
        NodeKind::Mapping(entries) => !entries.iter().any(|(key, _)| KEYS.contains(&key.key())),
        NodeKind::Sequence(_) => true,
        NodeKind::Scalar(scalar) => match scalar.meaning() {
            Meaning::Null | Meaning::Bool(_) => true,
            Meaning::Text(text) => !is_nearly_a_number(text),
            Meaning::Number(_) | Meaning::NotFinite(_) => false,
        },
    };
    is_aside.then(|| kind(node))
}

/// The kind of a value that may be anything: no text is told.
pub(super) fn kind(node: &Node) -> String {
    let text = matches!(node.scalar().map(Scalar::meaning), Some(Meaning::Text(_)));
    if text { "text".to_owned() } else { describe(node) }
}

/// Whether a value is a list of objects.
pub(super) fn holds_samples(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Sequence(items) if items.first().is_some_and(|first| first.mapping().is_some()))
}

/// Whether somebody wrote a number that no JSON or YAML reader takes for one.
fn is_nearly_a_number(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '_' | ',' | '\'' | '%' | '$')).collect();
    bare.parse::<f64>().is_ok()
}

/// What is wrong with a file that is one entry itself, so that nothing says which metric it is of.
pub(super) fn without_name(entries: &[(Node, Node)]) -> Option<Diagnostic> {
    let known = |(key, value): &(Node, Node)| KEYS.contains(&key.key()) && value.scalar().is_some();
    (entries.len() > 1 && entries.iter().all(known)).then(|| {
        let keys = list(entries.iter().map(|(key, _)| key.key()), KEYS.len());
        Diagnostic::error(Code::BadMetric, format!("this file says {keys}, and not of which metric"))
            .help("put the name of the metric around it, as in {\"hallucination_rate\": {\"events\": 12, \"n\": 1000}}")
    })
}

/// The keys of an entry.
const KEYS: [&str; 8] = ["value", "events", "n", "stderr", "clusters", "lower", "upper", "confidence"];

/// The keys of an entry, read one by one.
struct Fields<'a> {
    name: &'a str,
    span: Span,
    value: Option<Figure>,
    events: Option<u64>,
    n: Option<u64>,
    stderr: Option<f64>,
    clusters: Option<u64>,
    lower: Option<f64>,
    upper: Option<f64>,
    confidence: Option<f64>,
}

impl<'a> Fields<'a> {
    fn collect(name: &'a str, span: Span, entries: &[(Node, Node)]) -> Result<Self, Findings> {
        let mut fields = Self {
            name,
            span,
            value: None,
            events: None,
            n: None,
            stderr: None,
            clusters: None,
            lower: None,
            upper: None,
            confidence: None,
        };
        let mut findings = Findings::new();
        for (key, node) in entries {
            if let Err(finding) = fields.take(key, node) {
                findings.push((key.span, finding));
            }
        }
        if findings.is_empty() { Ok(fields) } else { Err(findings) }
    }

    fn take(&mut self, key: &Node, node: &Node) -> Result<(), Diagnostic> {
        let path = format!("{}.{}", self.name, printable(key.key()));
        let number = || figure(&path, node).map(|figure| figure.value);
        match key.key() {
            "value" => self.value = Some(figure(&path, node)?),
            "events" => self.events = Some(count(&path, node)?),
            "n" => self.n = Some(at_least_one(&path, count(&path, node)?)?),
            "stderr" => self.stderr = Some(not_negative(&path, number()?)?),
            "clusters" => self.clusters = Some(at_least_one(&path, count(&path, node)?)?),
            "lower" => self.lower = Some(number()?),
            "upper" => self.upper = Some(number()?),
            "confidence" => self.confidence = Some(one_sided(&path, number()?)?),
            other => {
                let finding = Diagnostic::error(Code::UnknownKey, format!("unknown key `{path}`"));
                let spread = ["std", "stdev", "stddev", "std_dev", "sd", "variance", "var"];
                // How far samples lie apart is no error of their mean, however near the words are.
                let finding = if spread.contains(&other.to_lowercase().as_str()) {
                    finding.note(format!("`{}` is the spread of the samples; the error of their mean is it over the root of `n`", printable(other)))
                } else {
                    finding.suggest(other, KEYS)
                };
                return Err(finding.help(
                    "an entry holds `value`, `events`, `n`, `stderr`, `clusters`, `lower`, `upper`, `confidence`",
                ));
            }
        }
        Ok(())
    }

    /// What the keys say together.
    fn measured(self) -> Result<Measured, Findings> {
        let (name, span) = (self.name, self.span);
        self.combine().map_err(|what| {
            let code = Code::BadMetric;
            vec![(span, Diagnostic::error(code, format!("`{name}` {}", what.wrong)).help(what.help))]
        })
    }

    fn combine(self) -> Result<Measured, Wrong> {
        if self.clusters.is_some() && self.stderr.is_none() {
            let help = "a cluster count goes with the `stderr` that is made of the clusters";
            return Err(Wrong::new("has `clusters` but no `stderr`", help));
        }
        let interval = self.lower.is_some() || self.upper.is_some() || self.confidence.is_some();
        match (self.events, self.stderr) {
            (Some(_), Some(_)) => Err(Wrong::both("`events`", "`stderr`")),
            (Some(_), None) if interval => Err(Wrong::both("`events`", "an interval")),
            (None, Some(_)) if interval => Err(Wrong::both("`stderr`", "an interval")),
            (Some(events), None) => self.counted(events),
            (None, Some(stderr)) => match self.value {
                Some(value) => Ok(Measured::Stderr { value, stderr, n: self.n, clusters: self.clusters }),
                None => Err(Wrong::new("has a `stderr` but no `value`", "add the `value`")),
            },
            (None, None) if interval => self.interval(),
            (None, None) => match (self.value, self.n) {
                (Some(value), Some(n)) => Ok(Measured::Value { value, n }),
                (Some(value), None) => Ok(Measured::Point(value)),
                (None, _) => {
                    Err(Wrong::new("says no number", "add `events` and `n`, or `value` with `n` or `stderr`"))
                }
            },
        }
    }

    fn counted(self, events: u64) -> Result<Measured, Wrong> {
        let Some(n) = self.n else {
            return Err(Wrong::new(
                "has `events` but no `n`",
                "add `n`, the number of samples that were looked at",
            ));
        };
        if events > n {
            let wrong = format!("has more `events` ({events}) than samples (`n`: {n})");
            return Err(Wrong { wrong, help: "check which of the two is wrong" });
        }
        if let Some(value) = &self.value {
            let rate = events as f64 / n as f64;
            // The last term covers what a double cannot hold of a value with all its digits printed.
            if (value.value - rate).abs() > value.half_unit() * (1.0 + 1e-9) + 4.0 * f64::EPSILON {
                let wrong = format!("says {} but {events} of {n} is {rate}", value.text);
                return Err(Wrong { wrong, help: "find out which is right, and leave `value` out" });
            }
        }
        Ok(Measured::Events { events, n })
    }

    fn interval(self) -> Result<Measured, Wrong> {
        let Some(confidence) = self.confidence else {
            let help = "add `confidence`, the one-sided confidence of each bound: 0.975 for a two-sided 95 % interval";
            return Err(Wrong::new("has bounds but no `confidence`", help));
        };
        if self.lower.is_none() && self.upper.is_none() {
            return Err(Wrong::new("has a `confidence` but no bounds", "add `lower`, `upper` or both"));
        }
        let (low, high) = (self.lower.unwrap_or(f64::NEG_INFINITY), self.upper.unwrap_or(f64::INFINITY));
        if low > high {
            let wrong = format!("has a `lower` ({low}) above its `upper` ({high})");
            return Err(Wrong { wrong, help: "swap them, if that is the mistake" });
        }
        if let Some(value) = &self.value
            && !(low..=high).contains(&value.value)
        {
            let wrong = format!("has a `value` ({}) outside of its own bounds", value.text);
            return Err(Wrong { wrong, help: "check where the three numbers come from" });
        }
        let Self { value, lower, upper, n, .. } = self;
        Ok(Measured::Interval { value, lower, upper, confidence, n })
    }
}

/// What is wrong with the keys together.
struct Wrong {
    wrong: String,
    help: &'static str,
}

impl Wrong {
    fn new(wrong: &str, help: &'static str) -> Self {
        Self { wrong: wrong.to_owned(), help }
    }

    fn both(one: &str, other: &str) -> Self {
        Self { wrong: format!("has both {one} and {other}"), help: "keep the one that should be judged" }
    }
}

/// A finite number.
fn figure(path: &str, node: &Node) -> Result<Figure, Diagnostic> {
    match node.scalar().map(Scalar::meaning) {
        Some(Meaning::Number(text)) => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Figure { value, text: text.to_owned() }),
            _ => {
                let text: String = text.chars().take(40).collect();
                Err(Diagnostic::error(
                    Code::NotFinite,
                    format!("`{path}` is {text}, which is too large for a number"),
                )
                .help("find out why the evaluation produced it"))
            }
        },
        Some(Meaning::NotFinite(word)) => {
            Err(Diagnostic::error(Code::NotFinite, format!("`{path}` is {word}, which is no number")).help(
                "find out why the evaluation produced it; leave the metric out where it was not measured",
            ))
        }
        _ => Err(Diagnostic::error(
            Code::WrongType,
            format!("`{path}` is {} where a number belongs", describe(node)),
        )
        .help("write a bare number; leave the metric out where it was not measured")),
    }
}

/// A count that a double holds exactly.
fn count(path: &str, node: &Node) -> Result<u64, Diagnostic> {
    let figure = figure(path, node)?;
    figure.text.parse().ok().filter(|count| *count <= 1 << 53).ok_or_else(|| {
        Diagnostic::error(
            Code::BadCount,
            format!("`{path}` is {} where a whole number, 0 or more, belongs", figure.text),
        )
        .help("write it without a sign, a point or an exponent")
    })
}

fn at_least_one(path: &str, count: u64) -> Result<u64, Diagnostic> {
    if count > 0 {
        return Ok(count);
    }
    Err(Diagnostic::error(Code::BadCount, format!("`{path}` is 0: nothing was looked at"))
        .help("find out why the evaluation had no samples"))
}

fn not_negative(path: &str, value: f64) -> Result<f64, Diagnostic> {
    if value >= 0.0 {
        return Ok(value);
    }
    Err(Diagnostic::error(
        Code::BadMetric,
        format!("`{path}` is {value}; a standard error is never negative"),
    )
    .help("check how it was computed"))
}

fn one_sided(path: &str, value: f64) -> Result<f64, Diagnostic> {
    if value > 0.5 && value < 1.0 {
        return Ok(value);
    }
    Err(Diagnostic::error(Code::BadMetric, format!("`{path}` is {value}; it must lie between 0.5 and 1"))
        .help("write the one-sided confidence of each bound: 0.975 for a two-sided 95 % interval"))
}
