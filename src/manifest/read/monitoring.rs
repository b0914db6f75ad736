//! `monitoring`: which records are watched for what.

use std::collections::BTreeMap;

use super::deployment::action;
use super::evidence::{conditions, fields};
use super::gates::rule;
use super::reader::Reader;
use super::scalar::locator;
use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::manifest::fields::{MONITORING, SIGNAL};
use crate::manifest::lifecycle::{Lasting, MonitoringSpec, PerTime, SignalAsked, SignalSpec};
use crate::manifest::rows::FieldSource;
use crate::manifest::rule::{self, Aggregate, Locator, Rule, fold};
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::words::{Format, Shown};

/// What a rule about a distribution begins with.
const DRIFT: &str = "drift of ";

pub(super) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<MonitoringSpec> {
    let node = node?;
    let map = reader.open(node, &MONITORING)?;
    let log = reader.strings(map.get("log"), "`log`");
    if let Some(empty) = map.get("log").filter(|_| log.is_empty()) {
        reader.report(
            Diagnostic::error(Code::SignalSpec, "`log` names no file")
                .at(empty.span, "nothing would be watched")
                .help("for example `log: ['/var/log/assistant/*.jsonl']`"),
        );
    }
    let fields = map.get("fields").map(|node| fields(reader, node)).unwrap_or_default();
    two_to_one(reader, &fields);
    let lasting = |reader: &mut Reader<'_>, key: &str, default: Lasting| {
        reader.lasting(map.get(key), &format!("`{key}`")).map_or(default, |one| one.value)
    };
    let missing = reader.weight(map.get("missing"), "`missing`");
    if let Some(all) = missing.filter(|missing| missing.value.share() >= 1.0) {
        reader.expected(
            map.get("missing").unwrap_or(node),
            &format!("`missing` is below 100%, and this is {}", all.value),
            "for example `5%`",
        );
    }
    let usual = PerTime { count: 1, per: Lasting::hours(90 * 24) };
    Some(MonitoringSpec {
        log,
        format: reader.word(map.get("format"), "`format`", Format::WORDS, Format::from_word),
        conditions: conditions(reader, map.get("where")),
        fields,
        signals: map.get("signals").map(|node| signals(reader, node)).unwrap_or_default(),
        missing: missing.map_or(0.05, |missing| missing.value.share()),
        silence: lasting(reader, "silence", Lasting::hours(1)),
        mature: lasting(reader, "mature", Lasting::hours(24)),
        false_alarms: reader
            .per_time(map.get("false_alarms"), "`false_alarms`")
            .map_or(usual, |one| one.value),
        look_back: lasting(reader, "look_back", Lasting::hours(14 * 24)),
        public: reader.strings(map.get("public"), "`public`"),
        canary_tokens: reader.strings(map.get("canary_tokens"), "`canary_tokens`"),
        refusals: reader.strings(map.get("refusals"), "`refusals`"),
        span: node.span,
    })
}

/// One field of the records cannot be two of ours.
fn two_to_one(reader: &mut Reader<'_>, fields: &[FieldSource]) {
    let mut known: BTreeMap<&str, Span> = BTreeMap::new();
    for path in fields.iter().flat_map(|field| &field.paths) {
        if let Some(first) = known.insert(&path.value, path.span) {
            reader.report(
                Diagnostic::error(Code::SignalSpec, format!("two of our names stand for `{}`", path.value))
                    .at(path.span, "the second one")
                    .also(first, "the first one")
                    .help("name another field of the records for one of them"),
            );
        }
    }
}

fn signals(reader: &mut Reader<'_>, node: &Node) -> Vec<SignalSpec> {
    let Some(items) = reader.items(node, "`signals`") else { return Vec::new() };
    if items.is_empty() {
        reader.report(
            Diagnostic::error(Code::SignalSpec, "`signals` names none")
                .at(node.span, "nothing would be watched")
                .help("name some, such as `[user_flagged]`, or leave the key out"),
        );
    }
    let mut known: BTreeMap<String, Span> = BTreeMap::new();
    let mut signals = Vec::new();
    for item in items {
        let Some(signal) = signal(reader, item) else { continue };
        if let Some(first) = known.insert(signal.id.value.clone(), signal.id.span) {
            let text = format!("two signals have the id `{}`", signal.id.value);
            reader.report(
                Diagnostic::error(Code::SignalSpec, text)
                    .at(signal.id.span, "the second one")
                    .also(first, "the first one")
                    .help("give one of them an `id:` of its own"),
            );
        }
        signals.push(signal);
    }
    signals
}

fn signal(reader: &mut Reader<'_>, node: &Node) -> Option<SignalSpec> {
    match &node.kind {
        NodeKind::Scalar(_) => {
            let asked = asked(reader, node)?;
            Some(SignalSpec::bare(id_of(&asked), asked))
        }
        NodeKind::Mapping(_) => {
            let map = reader.open(node, &SIGNAL)?;
            let metric = reader.string(map.get("metric"), "`metric`");
            let given = map.get("id").and_then(|node| reader.name(node, "a signal's id"));
            let asked = match (map.get("rule"), &metric) {
                (Some(rule), _) => asked(reader, rule)?,
                (None, Some(metric)) => SignalAsked::NotWorse(metric.clone()),
                (None, None) => {
                    reader.expected(
                        node,
                        "a signal has neither `rule` nor `metric`",
                        "for example `{ id: safety, rule: 'safety match < 0.5%' }`",
                    );
                    return None;
                }
            };
            let shown = reader.word(map.get("shown"), "`shown`", Shown::WORDS, Shown::from_word);
            Some(SignalSpec {
                metric,
                detect: reader.quantity(map.get("detect"), "`detect`"),
                cap: reader.number(map.get("cap"), "`cap`"),
                shown: shown.is_some(),
                action: map.get("action").and_then(|node| action(reader, node)),
                conditions: conditions(reader, map.get("where")),
                ..SignalSpec::bare(given.unwrap_or_else(|| id_of(&asked)), asked)
            })
        }
        NodeKind::Sequence(_) => {
            reader.expected(node, "a signal is a name, a rule or a mapping", "for example `- user_flagged`");
            None
        }
    }
}

fn id_of(asked: &SignalAsked) -> Spanned<String> {
    match asked {
        SignalAsked::Rule(rule) => Spanned::new(rule.default_id(), rule.subject_span()),
        SignalAsked::Drift(rule) => Spanned::new(format!("drift-of-{}", rule.default_id()), rule.span),
        SignalAsked::NotWorse(name) => Spanned::new(fold(&name.value).replace('_', "-"), name.span),
    }
}

/// A bare name, a rule, or a rule about a distribution.
fn asked(reader: &mut Reader<'_>, node: &Node) -> Option<SignalAsked> {
    let scalar = reader.scalar(node, "a signal", "user_flagged")?;
    let text = scalar.text.trim();
    if let Some(rest) = text.strip_prefix(DRIFT) {
        // Its words stand behind two that the rule language does not know.
        return match rule::parse(rest, Locator { verbatim: None, ..locator(node) }) {
            Ok(rule) => Some(SignalAsked::Drift(rule)),
            Err(finding) => {
                reader.report(finding);
                None
            }
        };
    }
    if !text.contains(['<', '>', '=', '≤', '≥', ' ']) {
        return Some(SignalAsked::NotWorse(Spanned::new(text.to_owned(), node.span)));
    }
    let rule = rule(reader, Some(node))?;
    check(reader, &rule)?;
    Some(SignalAsked::Rule(rule))
}

/// What is no signal, whatever its metric turns out to be.
fn check(reader: &mut Reader<'_>, rule: &Rule) -> Option<()> {
    let readings = rule.readings();
    let every = |is: &dyn Fn(&rule::Reading) -> bool| readings.iter().any(is);
    let quantile =
        every(&|one| matches!(one.aggregate, Some(Aggregate::Quantile(_))) && one.change.is_some());
    if quantile {
        reader.report(
            Diagnostic::error(Code::SignalSpec, "a change of a quantile is no signal")
                .at(rule.subject_span(), "of single records nobody can tell it")
                .help("watch a level, such as 'p95 latency < 1200ms'; or how many are slow: `metrics: { slow: { field: latency_ms, above: 2000 } }` and the bare name `slow`"),
        );
        return None;
    }
    let observed =
        every(&|one| matches!(one.aggregate, Some(Aggregate::Sum | Aggregate::Min | Aggregate::Max)));
    if observed {
        reader.report(
            Diagnostic::error(Code::SignalSpec, "a sum, least or largest value only grows with the log")
                .at(rule.subject_span(), "no signal")
                .help("watch a mean, a quantile, a rate, or `count NAME == 0`"),
        );
        return None;
    }
    Some(())
}
