//! Which gates read a metric or an evidence entry, as far as their words tell, and so what it weighs to redefine it.
//!
//! The results alone decide what a name finally means; where the words leave it open, a gate counts as a reader.

use std::collections::BTreeSet;

use super::pairs::Pairs;
use crate::diff::Weight;
use crate::manifest::{Enforcement, GateSpec, fold};

/// The gates that both manifests have.
pub(super) struct Readers<'a>(Vec<Reader<'a>>);

/// One gate.
struct Reader<'a> {
    /// Its id in the manifest after.
    id: &'a str,
    /// Whether it stopped releases before.
    blocks: bool,
    /// Every metric that its words may mean, before or after.
    metrics: BTreeSet<String>,
    /// The evidence that it names, before and after; none where it reads whichever has its metric.
    evidence: [Option<&'a str>; 2],
    /// Whether it may be about a change.
    compares: bool,
}

impl<'a> Readers<'a> {
    pub(super) fn of(pairs: &Pairs<'a>) -> Self {
        let evidence = |gate: &'a GateSpec| gate.evidence.as_ref().map(|name| name.value.as_str());
        let one = |(old, new): &(&'a GateSpec, &'a GateSpec)| Reader {
            id: &new.id.value,
            blocks: old.enforcement == Enforcement::Block,
            metrics: metrics(old).into_iter().chain(metrics(new)).collect(),
            evidence: [evidence(old), evidence(new)],
            compares: [old, new]
                .into_iter()
                .any(|gate| gate.rule.readings().iter().any(|reading| reading.change.is_some())),
        };
        Self(pairs.both.iter().map(one).collect())
    }

    /// The gate that reads this metric, one that blocks before others, and what it weighs to redefine it.
    pub(super) fn of_metric(&self, folded: &str) -> (Option<&'a str>, Weight) {
        self.found(|reader| reader.metrics.contains(folded))
    }

    /// What it weighs to redefine this evidence.
    pub(super) fn of_evidence(&self, name: &str) -> Weight {
        self.found(|reader| reader.evidence.iter().any(|own| own.is_none_or(|own| own == name))).1
    }

    /// What it weighs to measure changes against something else.
    pub(super) fn of_changes(&self) -> Weight {
        self.found(|reader| reader.compares).1
    }

    fn found(&self, reads: impl Fn(&Reader<'_>) -> bool) -> (Option<&'a str>, Weight) {
        let all = || self.0.iter().filter(|reader| reads(reader));
        match (all().find(|reader| reader.blocks), all().next()) {
            (Some(blocks), _) => (Some(blocks.id), Weight::Blocking),
            (None, any) => (any.map(|reader| reader.id), Weight::Review),
        }
    }
}

/// Every metric that a gate may mean.
fn metrics(gate: &GateSpec) -> Vec<String> {
    match &gate.metric {
        Some(exact) => vec![fold(&exact.value)],
        None => gate.rule.readings().into_iter().map(|reading| reading.metric).collect(),
    }
}
