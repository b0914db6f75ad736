//! `evidence` and `metrics`: where results are, which rows count, and how a metric is made of them.

use super::people;
use super::reader::{Map, Reader, key_text};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::document::Meaning;
use crate::manifest::fields::{BASELINE_EVIDENCE, CLUSTER, EVIDENCE, METRIC};
use crate::manifest::release::{BaselineEvidence, EvidenceSpec, MetricSpec};
use crate::manifest::rows::{Condition, FieldSource, Literal};
use crate::manifest::rule::fold;
use crate::manifest::tree::{Node, NodeKind, Scalar};
use crate::manifest::words::{Category, Direction, Format, MetricKind};

pub(super) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<EvidenceSpec> {
    let Some(node) = node else { return Vec::new() };
    let Some(pairs) = reader.mapping(node, "`evidence`") else {
        return Vec::new();
    };
    if pairs.is_empty() {
        reader.expected(
            node,
            "`evidence` names no results",
            "for example `answers: { path: results/answers.jsonl }`",
        );
    }
    pairs.into_iter().filter_map(|(key, value)| entry(reader, key, value)).collect()
}

fn entry(reader: &mut Reader<'_>, key: &Node, value: &Node) -> Option<EvidenceSpec> {
    let name = reader.name(key, "an evidence name");
    let map = reader.open(value, &EVIDENCE)?;
    let path = reader.string(map.get("path"), "the path of evidence");
    let conditions = conditions(reader, map.get("where"));
    let sha256 = reader.digest(map.get("sha256"), "`sha256`");
    let baseline = map.get("baseline").and_then(|node| baseline(reader, node));
    let (cluster, cluster_at_most) = map.get("cluster").map(|node| cluster(reader, node)).unwrap_or_default();
    let fields = map.get("fields").map(|node| fields(reader, node)).unwrap_or_default();
    let format = reader.word(map.get("format"), "`format`", Format::WORDS, Format::from_word);
    let retired = reader.string(map.get("retired"), "`retired`");
    let unpaired = reader.boolean(map.get("unpaired"), "`unpaired`").is_some_and(|unpaired| unpaired.value);
    Some(EvidenceSpec {
        name: name?,
        path: path?,
        conditions,
        sha256,
        baseline,
        cluster,
        cluster_at_most,
        unpaired,
        retired,
        fields,
        format,
        row_key: None,
    })
}

/// A field, or a field with the size of the largest cluster.
fn cluster(reader: &mut Reader<'_>, node: &Node) -> (Option<Spanned<String>>, Option<Spanned<u64>>) {
    if !matches!(node.kind, NodeKind::Mapping(_)) {
        return (reader.string(Some(node), "`cluster`"), None);
    }
    match reader.open(node, &CLUSTER) {
        Some(map) => (reader.string(map.get("by"), "`by`"), reader.count(map.get("at_most"), "`at_most`")),
        None => (None, None),
    }
}

fn baseline(reader: &mut Reader<'_>, node: &Node) -> Option<BaselineEvidence> {
    if !matches!(node.kind, NodeKind::Mapping(_)) {
        let path = reader.string(Some(node), "the baseline of an evidence entry")?;
        return Some(BaselineEvidence { path, conditions: None, fields: None, format: None });
    }
    let map = reader.open(node, &BASELINE_EVIDENCE)?;
    let path = reader.string(map.get("path"), "the path of evidence");
    let own = map.get("where").map(|node| conditions(reader, Some(node)));
    let fields = map.get("fields").map(|node| fields(reader, node));
    let format = reader.word(map.get("format"), "`format`", Format::WORDS, Format::from_word);
    Some(BaselineEvidence { path: path?, conditions: own, fields, format })
}

/// `{ accuracy: scores.correct, id: [lang, qid] }`.
pub(super) fn fields(reader: &mut Reader<'_>, node: &Node) -> Vec<FieldSource> {
    let pairs = reader.mapping(node, "`fields`").unwrap_or_default();
    let mut sources = Vec::new();
    for (key, value) in pairs {
        let name = reader.string(Some(key), "the name of a field");
        let paths: Vec<_> = match &value.kind {
            NodeKind::Sequence(items) if key_text(key) == "id" && !items.is_empty() => {
                items.iter().filter_map(|item| reader.string(Some(item), "a field of the results")).collect()
            }
            NodeKind::Sequence(_) => {
                reader.expected(
                    value,
                    "only `id` is joined of several fields",
                    "for example `{ id: [lang, qid] }`; name one field of the results for every other",
                );
                Vec::new()
            }
            _ => reader.string(Some(value), "a field of the results").into_iter().collect(),
        };
        if let (Some(name), false) = (name, paths.is_empty()) {
            sources.push(FieldSource { name, paths });
        }
    }
    sources
}

/// `{ field: value }` or `{ field: [value, value] }`.
pub(super) fn conditions(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<Condition> {
    let Some(node) = node else { return Vec::new() };
    let Some(pairs) = reader.mapping(node, "`where`") else {
        return Vec::new();
    };
    let mut conditions = Vec::new();
    for (key, value) in pairs {
        let items = match &value.kind {
            NodeKind::Sequence(items) => items.iter().collect(),
            _ => vec![value],
        };
        if items.is_empty() {
            reader.expected(
                value,
                "a condition needs a value",
                "for example `{ graded: true }` or `{ lang: [de, en] }`",
            );
        }
        let any_of: Vec<Literal> = items.into_iter().filter_map(|item| literal(reader, item)).collect();
        if !any_of.is_empty() {
            conditions.push(Condition { field: Spanned::new(key_text(key).to_owned(), key.span), any_of });
        }
    }
    conditions
}

fn literal(reader: &mut Reader<'_>, node: &Node) -> Option<Literal> {
    let scalar = reader.scalar(node, "a condition", "true")?;
    Some(literal_of(scalar))
}

fn literal_of(scalar: &Scalar) -> Literal {
    match scalar.meaning() {
        Meaning::Bool(value) => Literal::Bool(value),
        Meaning::Number(text) => Literal::Number(text.to_owned()),
        // `0042` is no number in YAML, and one of a CSV file's cells.
        Meaning::Text(text)
            if scalar.plain
                && text.starts_with(|c: char| c.is_ascii_digit())
                && text.parse::<f64>().is_ok() =>
        {
            Literal::Number(text.to_owned())
        }
        _ => Literal::Text(scalar.text.clone()),
    }
}

pub(super) fn metrics(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<MetricSpec> {
    let Some(pairs) = node.and_then(|node| reader.mapping(node, "`metrics`")) else {
        return Vec::new();
    };
    let mut metrics: Vec<MetricSpec> = Vec::new();
    for (key, value) in pairs {
        let Some(metric) = metric(reader, key, value) else {
            continue;
        };
        let folded = fold(&metric.name.value);
        if let Some(first) = metrics.iter().find(|first| fold(&first.name.value) == folded) {
            reader.report(
                Diagnostic::error(
                    Code::DuplicateMetric,
                    format!("`{}` and `{}` are one name", first.name.value, metric.name.value),
                )
                .at(metric.name.span, "the second one")
                .also(first.name.span, "the first one")
                .help("case and punctuation do not count in a metric's name; rename one"),
            );
        }
        metrics.push(metric);
    }
    metrics
}

fn metric(reader: &mut Reader<'_>, key: &Node, value: &Node) -> Option<MetricSpec> {
    let name = reader.string(Some(key), "a metric's name")?;
    reader.short(&name, "a metric's name")?;
    if fold(&name.value).is_empty() {
        reader.expected(key, "a metric's name needs letters or digits", "for example `cost_per_1k_tokens`");
        return None;
    }
    let map = reader.open(value, &METRIC)?;
    let kind = reader.word(map.get("as"), "`as`", MetricKind::WORDS, MetricKind::from_word);
    let spec = MetricSpec {
        name,
        evidence: reader.string(map.get("evidence"), "`evidence`"),
        kind,
        text: super::texts::read(reader, &map, kind),
        field: reader.string(map.get("field"), "`field`"),
        per: reader.string(map.get("per"), "`per`"),
        scale: people::factor(reader, map.get("scale")),
        unit: reader.unit(map.get("unit"), "`unit`"),
        direction: reader.word(map.get("direction"), "`direction`", Direction::WORDS, Direction::from_word),
        category: reader.word(map.get("category"), "`category`", Category::WORDS, Category::from_word),
        bounds: bounds(reader, map.get("bounds")),
        cap: reader.number(map.get("cap"), "`cap`"),
        conditions: conditions(reader, map.get("where")),
        people: people::read(reader, &map),
        judge: people::judge(reader, map.get("judge")),
    };
    check_metric(reader, &map, &spec);
    people::check(reader, &spec);
    Some(spec)
}

fn check_metric(reader: &mut Reader<'_>, map: &Map<'_>, spec: &MetricSpec) {
    let kind = spec.kind.map(|kind| kind.value);
    if kind == Some(MetricKind::Ratio) && spec.per.is_none() && map.get("per").is_none() {
        reader.report(
            Diagnostic::error(Code::RatioWithoutPer, "a ratio needs `per`, the field of its denominator")
                .at(spec.name.span, "this metric")
                .help("for example `as: ratio, field: cost_usd, per: tokens`"),
        );
    }
    if let (Some(per), false) = (&spec.per, kind == Some(MetricKind::Ratio)) {
        reader.report(
            Diagnostic::error(Code::PerWithoutRatio, "`per` belongs to a ratio")
                .at(per.span, "no ratio is asked for")
                .help("add `as: ratio`, or remove `per`"),
        );
    }
    if let Some(cap) = &spec.cap {
        let why = match kind {
            _ if cap.value <= 0.0 => Some("it must be greater than 0"),
            Some(MetricKind::Ratio | MetricKind::Rate) => Some("it belongs to a mean"),
            _ if spec.bounds.is_some() => Some("`bounds` say already where the values end"),
            _ => None,
        };
        if let Some(why) = why {
            reader.report(
                Diagnostic::error(Code::CapMisplaced, format!("`cap` has no place here: {why}"))
                    .at(cap.span, "a cap")
                    .help("a cap is for a mean of values that are not negative and have no upper end, such as costs"),
            );
        }
    }
    if let Some(scale) = spec.scale.filter(|scale| scale.value <= 0.0) {
        reader.report(
            Diagnostic::error(Code::ScaleNotPositive, "`scale` must be greater than 0")
                .at(scale.span, "not positive")
                .help("a negative or zero scale would turn the rule around; use `direction`"),
        );
    }
}

fn bounds(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Spanned<(f64, f64)>> {
    let node = node?;
    let items = reader.items(node, "`bounds`")?;
    let [low, high] = items else {
        reader.expected(node, "`bounds` are two numbers", "for example `[0, 1]`");
        return None;
    };
    let low = reader.number(Some(low), "the lower bound")?.value;
    let high = reader.number(Some(high), "the upper bound")?.value;
    if low < high {
        return Some(Spanned::new((low, high), node.span));
    }
    reader.expected(node, "the lower bound must be below the upper one", "for example `[0, 1]`");
    None
}
