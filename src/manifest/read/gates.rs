//! `gates`: rules as plain texts, or mappings with a rule.

use std::collections::BTreeMap;

use super::reader::{Reader, key_text};
use super::scalar::locator;
use crate::diagnostic::{Code, Diagnostic, Span, Spanned};
use crate::manifest::fields::{GATE, WHEN};
use crate::manifest::release::{GateSpec, When};
use crate::manifest::rule::{self, Comparator, Rule};
use crate::manifest::tree::{Node, NodeKind};
use crate::manifest::words::{ArtifactKind, Enforcement, ReleaseType};

/// Identifiers that relgate's own gates use.
pub(super) const RESERVED: &[&str] = &[UNWAIVABLE, "kept-phrases", "looser-changes"];
/// The one of them that no waiver covers.
pub(super) const UNWAIVABLE: &str = "silent-change";

pub(super) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<GateSpec> {
    let Some(node) = node else { return Vec::new() };
    let Some(items) = reader.items(node, "`gates`") else {
        return Vec::new();
    };
    if items.is_empty() {
        reader.report(
            Diagnostic::error(Code::NoGates, "a release without gates cannot be judged")
                .at(node.span, "no gate stands here")
                .help("for example `- 'Hallucination rate < 1.5%'`"),
        );
    }
    let mut gates: Vec<GateSpec> = Vec::new();
    let mut ids: BTreeMap<String, Span> = BTreeMap::new();
    for item in items {
        let Some(gate) = one(reader, item) else { continue };
        if let Some(first) = ids.get(&gate.id.value) {
            reader.report(
                Diagnostic::error(Code::DuplicateGate, format!("two gates have the id `{}`", gate.id.value))
                    .at(gate.id.span, "the second one")
                    .also(*first, "the first one")
                    .help("give one of them an `id:` of its own"),
            );
        } else if RESERVED.contains(&gate.id.value.as_str()) {
            reader.report(
                Diagnostic::error(
                    Code::ReservedGate,
                    format!("the id `{}` belongs to a built-in gate", gate.id.value),
                )
                .at(gate.id.span, "reserved")
                .help("choose another id"),
            );
        }
        ids.entry(gate.id.value.clone()).or_insert(gate.id.span);
        gates.push(gate);
    }
    gates
}

fn one(reader: &mut Reader<'_>, node: &Node) -> Option<GateSpec> {
    match &node.kind {
        NodeKind::Scalar(_) => Some(GateSpec::of_rule(rule(reader, Some(node))?)),
        NodeKind::Mapping(pairs) if is_split_rule(pairs) => {
            reader.report(
                Diagnostic::error(Code::RuleReadAsMapping, "YAML reads `: ` in this rule as a mapping")
                    .at(node.span, "meant as a rule?")
                    .help("put the rule in single quotes: '...'"),
            );
            None
        }
        NodeKind::Mapping(_) => full(reader, node),
        NodeKind::Sequence(_) => {
            reader.expected(
                node,
                "a gate is a rule or a mapping with a rule",
                "for example `- 'Toxicity < 0.1%'`",
            );
            None
        }
    }
}

/// Whether a one-line mapping is a rule that contains `: `.
fn is_split_rule(pairs: &[(Node, Node)]) -> bool {
    match pairs {
        [(key, value)] => {
            let key = key_text(key);
            let compares = |text: &str| text.contains(['<', '>', '=']);
            let value = value.scalar().map_or("", |scalar| &scalar.text);
            !GATE.fields.iter().any(|field| field.name == key)
                && (key.contains(' ') || compares(key) || compares(value))
        }
        _ => false,
    }
}

fn full(reader: &mut Reader<'_>, node: &Node) -> Option<GateSpec> {
    let map = reader.open(node, &GATE)?;
    let rule = rule(reader, map.get("rule"));
    let given = map.get("id").and_then(|node| reader.name(node, "a gate's id"));
    let metric = reader.string(map.get("metric"), "`metric`");
    let evidence = reader.string(map.get("evidence"), "`evidence`");
    let by = reader.strings(map.get("by"), "`by`");
    let when = map.get("when").and_then(|node| when(reader, node));
    let enforcement =
        reader.word(map.get("enforcement"), "`enforcement`", Enforcement::WORDS, Enforcement::from_word);
    let confidence = reader.confidence(map.get("confidence"), "`confidence`");
    let min_samples = reader.count(map.get("min_samples"), "`min_samples`");
    let rationale = reader.string(map.get("rationale"), "`rationale`");
    let rule = rule?;
    let bare = GateSpec::of_rule(rule);
    Some(GateSpec {
        id: given.unwrap_or_else(|| bare.id.clone()),
        metric,
        evidence,
        by,
        when,
        enforcement: enforcement.map_or(Enforcement::Block, |word| word.value),
        enforcement_at: enforcement.map(|word| word.span),
        confidence,
        min_samples,
        rationale,
        ..bare
    })
}

pub(super) fn rule(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Rule> {
    let node = node?;
    let scalar = reader.scalar(node, "a rule", "'Toxicity < 0.1%'")?;
    if scalar.text.contains('\n') {
        reader.expected(node, "a rule stands on one line", "for example `- 'Toxicity < 0.1%'`");
        return None;
    }
    let cut = scalar.plain && reader.comment_follows(node);
    match rule::parse(&scalar.text, locator(node)) {
        Ok(rule) => check(reader, rule),
        Err(finding) if cut => {
            reader.report(
                Diagnostic { help: Vec::new(), ..finding }
                    .note("YAML ended the rule at ` #`, which starts a comment")
                    .help("put the whole rule in single quotes: '...'"),
            );
            None
        }
        Err(finding) => {
            reader.report(finding);
            None
        }
    }
}

/// What a rule may not say, whatever its metric turns out to be.
fn check(reader: &mut Reader<'_>, rule: Rule) -> Option<Rule> {
    let comparator = rule.comparator.value;
    let may_be_observed = rule.readings().iter().any(|reading| {
        reading.aggregate.is_some_and(super::super::rule::Aggregate::is_observed)
            || reading.metric.ends_with("regressions")
    });
    if matches!(comparator, Comparator::Equal | Comparator::NotEqual) && !may_be_observed {
        let words: Vec<&str> = rule.words.iter().map(|word| word.value.as_str()).collect();
        let fact = match words.as_slice() {
            [.., last] if last.eq_ignore_ascii_case("regression") => format!("{}s <= 0", words.join(" ")),
            _ => format!("count {} {} 0", words.join(" "), comparator.symbol()),
        };
        reader.report(
            Diagnostic::error(
                Code::EqualityOfEstimate,
                format!("`{}` compares facts, not estimates", comparator.symbol()),
            )
            .at(rule.comparator.span, "an estimate is never exactly equal to a number")
            .help(format!("write < <= > or >=; or take a fact: `{fact}`")),
        );
        return None;
    }
    Some(rule)
}

fn when(reader: &mut Reader<'_>, node: &Node) -> Option<Spanned<When>> {
    let map = reader.open(node, &WHEN)?;
    let changed = reader.words(map.get("changed"), "`changed`", ArtifactKind::WORDS, ArtifactKind::from_word);
    let types = reader.words(map.get("type"), "`type`", ReleaseType::WORDS, ReleaseType::from_word);
    if changed.is_empty() && types.is_empty() {
        reader.expected(
            node,
            "`when` needs `changed` or `type`",
            "for example `when: { changed: [models] }`",
        );
        return None;
    }
    let when = When {
        changed: changed.into_iter().map(|word| word.value).collect(),
        types: types.into_iter().map(|word| word.value).collect(),
    };
    Some(Spanned::new(when, node.span))
}

impl Reader<'_> {
    /// Whether ` #` follows a node on its line.
    fn comment_follows(&self, node: &Node) -> bool {
        let rest = self.text.get(node.span.end as usize..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("");
        line.trim_start().starts_with('#')
    }
}
