//! Which spans are samples, and what the spans below each of them add up to.

use std::collections::{HashMap, HashSet};
use std::num::{NonZeroI64, NonZeroU64};

use chrono::{DateTime, Utc};

use super::span::{Kind, Span, digest};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::foreign::{Halt, Retelling};

/// Spans of one file; each takes some hundred bytes, and a sample a few hundred.
const MOST_SPANS: usize = 1_000_000;
/// Scores of one file.
const MOST_SCORES: usize = 4_000_000;
/// Different names of scores, labels and models, and texts of errors.
const MOST_NAMES: usize = 100_000;
/// Spans above one another.
const DEEPEST: usize = 1_000;
/// Letters of the text of an error that are kept.
const LONGEST_ERROR: usize = 500;

/// The numbers of all spans of a file.
#[derive(Default)]
pub(super) struct Spans {
    nodes: HashMap<u64, Node>,
    /// In the order of the file.
    scores: Vec<(u64, u32, Score)>,
    /// Texts of spans that ended in an error.
    errors: HashMap<u64, u32>,
    /// Names of spans that hold evaluation events.
    scored: HashSet<u64>,
    names: Names,
}

/// What is kept of a span.
struct Node {
    parent: Option<NonZeroU64>,
    remote: bool,
    kind: Kind,
    /// Whether it names a case.
    case: bool,
    /// A digest of its name.
    name: u64,
    model: Option<u32>,
    began: Option<NonZeroI64>,
    ended: Option<NonZeroI64>,
    usage: Usage,
}

impl Node {
    fn parent(&self) -> Option<u64> {
        self.parent.map(NonZeroU64::get)
    }

    /// When it began and ended.
    fn times(&self) -> [Option<i64>; 2] {
        [self.began, self.ended].map(|time| time.map(NonZeroI64::get))
    }
}

/// Tokens and cost; what is unknown is no number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage([f64; 4]);

impl Default for Usage {
    fn default() -> Self {
        Self([f64::NAN; 4])
    }
}

impl Usage {
    /// Input tokens, output tokens, all tokens, cost in US dollars.
    pub(super) fn all(&self) -> [Option<f64>; 4] {
        let [input, output, all, cost] = self.0.map(|value| Some(value).filter(|value| !value.is_nan()));
        [input, output, all.or(input.zip(output).map(|(input, output)| input + output)), cost]
    }

    fn of(told: [Option<f64>; 4]) -> Self {
        Self(told.map(|value| value.unwrap_or(f64::NAN)))
    }

    fn add(&mut self, other: Self) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            if own.is_nan() {
                *own = other;
            } else if !other.is_nan() {
                *own += other;
            }
        }
    }

    /// What a span says itself and what those below it say is the same usage, told twice: the larger one counts.
    fn or_below(self, below: Self) -> Self {
        let mut most = self;
        for (own, below) in most.0.iter_mut().zip(below.0) {
            // The larger one of a number and none is the number.
            *own = own.max(below);
        }
        most
    }
}

/// The value of a score.
#[derive(Debug, Clone, Copy)]
pub(super) enum Score {
    Number(f64),
    /// A word, as a name.
    Label(u32),
    Missing,
}

/// Names that stand in many spans.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
    texts: Vec<String>,
}

impl Names {
    fn number(&mut self, text: &str, file: &str) -> Result<u32, Halt> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(*number);
        }
        if self.texts.len() >= MOST_NAMES {
            return Err(too_large(
                file,
                &format!("it has more than {MOST_NAMES} names of scores, labels, models and errors"),
            ));
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        Ok(number)
    }
}

fn too_large(file: &str, what: &str) -> Halt {
    Diagnostic::error(Code::TooLarge, format!("this file is too large to join its spans: {what}"))
        .in_file(file)
        .help("keep one file a run, and export the spans of the evaluation only")
        .into()
}

/// The samples of a file.
pub(super) struct Found {
    pub(super) samples: HashMap<u64, Sample>,
    /// Whether there are cases and calls of a model without one.
    pub(super) both: bool,
    names: Names,
}

impl Found {
    pub(super) fn name(&self, number: u32) -> &str {
        self.names.texts.get(number as usize).map_or("", String::as_str)
    }
}

/// A sample: a span with all below it.
#[derive(Default)]
pub(super) struct Sample {
    /// Whether it is a case; else it is a call of a model.
    pub(super) case: bool,
    /// What went wrong, where something did.
    pub(super) error: Option<String>,
    pub(super) scores: Vec<(u32, Score)>,
    pub(super) models: Vec<u32>,
    pub(super) usage: Usage,
    pub(super) tool_calls: u32,
    pub(super) tool_errors: u32,
    /// Calls of a model.
    pub(super) steps: u32,
    /// Its own beginning and end.
    own: [Option<i64>; 2],
    /// The beginning of the first call below it, and the end of the last.
    calls: Option<[i64; 2]>,
}

impl Sample {
    /// How long the calls of models and tools took, from the first to the last.
    pub(super) fn latency_ms(&self) -> Option<f64> {
        let [began, ended] = self.calls.map_or(self.own, |calls| calls.map(Some));
        began
            .zip(ended)
            .filter(|(began, ended)| ended >= began)
            .map(|(began, ended)| (ended - began) as f64 / 1e6)
    }

    pub(super) fn began(&self) -> Option<DateTime<Utc>> {
        self.own.first().copied().flatten().map(DateTime::from_timestamp_nanos)
    }
}

impl Spans {
    /// Takes a span.
    pub(super) fn add(&mut self, span: &Span<'_>, file: &str, line: u64) -> Result<(), Halt> {
        if self.nodes.len() >= MOST_SPANS {
            return Err(too_large(file, &format!("it has more than {MOST_SPANS}")));
        }
        let key = span.key();
        let [began, ended] = span.times().map(|time| time.and_then(NonZeroI64::new));
        let node = Node {
            parent: span.parent_key().and_then(NonZeroU64::new),
            remote: span.has_remote_parent(),
            kind: span.kind(),
            case: span.case().is_some(),
            name: digest(&[span.name]),
            model: span.model().map(|model| self.names.number(&model, file)).transpose()?,
            began,
            ended,
            usage: Usage::of(span.usage()),
        };
        for result in span.results() {
            self.scored.insert(node.name);
            let name = self.names.number(result.name, file)?;
            let label = result.label.map(|label| self.names.number(label, file)).transpose()?;
            let label = label.map(Score::Label);
            match (result.value.map(Score::Number), label) {
                (Some(value), Some(label)) => {
                    self.scores.push((key, name, value));
                    let name = self.names.number(&format!("{}.label", result.name), file)?;
                    self.scores.push((key, name, label));
                }
                (one, other) => self.scores.push((key, name, one.or(other).unwrap_or(Score::Missing))),
            }
        }
        if self.scores.len() > MOST_SCORES {
            return Err(too_large(file, &format!("it has more than {MOST_SCORES} scores")));
        }
        if let Some(error) = span.error() {
            // Texts with ids and times in them may be many; that there was an error is what counts.
            let many = self.names.texts.len() > MOST_NAMES / 2;
            let text = if many { String::new() } else { error.chars().take(LONGEST_ERROR).collect() };
            let number = self.names.number(&text, file)?;
            self.errors.insert(key, number);
        }
        if self.nodes.insert(key, node).is_some() {
            let text = format!("the span `{}` stands twice in this file", printable(span.id));
            return Err(Diagnostic::error(Code::DuplicateId, text)
                .at_line(file, line)
                .note("its tokens and scores would count twice")
                .help("let the exporter write every span once, into a new file")
                .into());
        }
        Ok(())
    }

    /// Finds the samples.
    pub(super) fn samples(mut self, out: &Retelling) -> Result<Found, Halt> {
        let scored: HashSet<u64> = self.scores.iter().map(|(key, ..)| *key).collect();
        for (key, node) in &mut self.nodes {
            node.case |=
                scored.contains(key) || (node.kind != Kind::Tool && self.scored.contains(&node.name));
        }
        let cases = self.nodes.values().any(|node| node.case);
        let mut samples: HashMap<u64, Sample> = HashMap::new();
        let mut places = HashMap::new();
        for key in self.nodes.keys() {
            let place = self.place(*key, out)?;
            let Some((sample, own)) =
                place.sample.and_then(|sample| Some((sample, self.nodes.get(&sample)?)))
            else {
                continue;
            };
            let known = samples.entry(sample).or_insert_with(|| Sample {
                case: own.case,
                own: own.times(),
                ..Sample::default()
            });
            if place.cut && cases && !own.case {
                known.case = true;
                known.error = Some("the span above it is not in this file".to_owned());
            }
            places.insert(*key, place);
        }
        self.add_up(&places, &mut samples);
        self.score(&places, &mut samples, out)?;
        let kinds: HashSet<bool> = samples.values().map(|sample| sample.case).collect();
        Ok(Found { samples, both: kinds.len() > 1, names: self.names })
    }

    /// Gives the samples their scores. Events on spans within one another may be about other things (a conversation and its
    /// turns), and which of two scores is that of the case is not guessed.
    fn score(
        &self,
        places: &HashMap<u64, Place>,
        samples: &mut HashMap<u64, Sample>,
        out: &Retelling,
    ) -> Result<(), Halt> {
        let mut given: HashMap<(u64, u32), u64> = HashMap::new();
        for (key, name, score) in &self.scores {
            let Some(own) = places.get(key).and_then(|place| place.sample) else { continue };
            if *given.entry((own, *name)).or_insert(*key) != *key {
                let name = self.names.texts.get(*name as usize).map_or("", String::as_str);
                return Err(out.contradiction(&format!(
                    "several spans of one case, one within the other or side by side, have a score `{}`",
                    printable(name)
                )));
            }
            if let Some(sample) = samples.get_mut(&own) {
                sample.scores.push((*name, *score));
            }
        }
        Ok(())
    }

    /// Where a span stands: the outermost case above it or itself, or else the outermost call of a model.
    fn place(&self, key: u64, out: &Retelling) -> Result<Place, Halt> {
        let (mut case, mut model, mut depth) = (None, None, 0);
        let mut at = Some(key);
        let mut cut = false;
        while let Some(key) = at {
            let Some(node) = self.nodes.get(&key) else {
                cut = true;
                break;
            };
            case = if node.case { Some(key) } else { case };
            model = if node.kind == Kind::Model { Some(key) } else { model };
            depth += 1;
            if depth > DEEPEST {
                return Err(out.contradiction(&format!(
                    "more than {DEEPEST} spans stand above one another, or a span stands above itself"
                )));
            }
            at = if node.remote { None } else { node.parent() };
        }
        Ok(Place { sample: case.or(model), depth, cut })
    }

    /// Adds up what is below each sample, the lowest spans first.
    fn add_up(&self, places: &HashMap<u64, Place>, samples: &mut HashMap<u64, Sample>) {
        let mut order: Vec<(std::cmp::Reverse<usize>, u64)> =
            places.iter().map(|(key, place)| (std::cmp::Reverse(place.depth), *key)).collect();
        order.sort_unstable();
        let mut below: HashMap<u64, Below> = HashMap::new();
        for (_, key) in order {
            let place = places.get(&key).and_then(|place| place.sample);
            let Some((own, node)) = place.zip(self.nodes.get(&key)) else { continue };
            let Some(sample) = samples.get_mut(&own) else { continue };
            let inner = below.remove(&key).unwrap_or_default();
            let usage = node.usage.or_below(inner.usage);
            self.count(key, node, &inner, sample);
            if key == own {
                sample.usage = usage;
            } else if let Some(parent) = node.parent() {
                let outer = below.entry(parent).or_default();
                outer.usage.add(usage);
                outer.model |= inner.model || node.kind == Kind::Model;
            }
            let [began, ended] = node.times();
            let call = began.zip(ended).filter(|_| key != own && node.kind != Kind::Other);
            if let Some((began, ended)) = call {
                let [first, last] = sample.calls.unwrap_or([began, ended]);
                sample.calls = Some([first.min(began), last.max(ended)]);
            }
            let failed = self.errors.get(&key).filter(|_| key == own || node.kind == Kind::Model);
            if let (Some(error), None) = (failed, &sample.error) {
                sample.error = self.names.texts.get(*error as usize).cloned();
            }
        }
    }

    /// Counts a call. Two instrumentations tell one call twice, one span within the other.
    fn count(&self, key: u64, node: &Node, inner: &Below, sample: &mut Sample) {
        match node.kind {
            Kind::Model => {
                sample.steps += u32::from(!inner.model);
                if let Some(model) = node.model.filter(|model| !sample.models.contains(model)) {
                    sample.models.push(model);
                }
            }
            Kind::Tool => {
                let outer = node.parent().and_then(|parent| self.nodes.get(&parent));
                if !outer.is_some_and(|outer| outer.kind == Kind::Tool && outer.name == node.name) {
                    sample.tool_calls += 1;
                    sample.tool_errors += u32::from(self.errors.contains_key(&key));
                }
            }
            Kind::Other => {}
        }
    }
}

/// Where a span stands.
struct Place {
    /// The sample that it belongs to.
    sample: Option<u64>,
    /// Spans from it to the outermost one.
    depth: usize,
    /// Whether the span above the outermost one is not in the file, though it should be.
    cut: bool,
}

/// What is known of the spans below one.
#[derive(Default)]
struct Below {
    usage: Usage,
    /// Whether one of them calls a model.
    model: bool,
}
