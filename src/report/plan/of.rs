//! What the planning stage found, in the types of the plan.

use super::words::{Telling, unit_of, values_of};
use super::{
    PlanReport, PlannedEvidence, PlannedGate, PlannedJoint, PlannedPart, PlannedPoint, PlannedSize, SCHEMA,
};
use crate::judge::plan::{GateOutlook, Joint, PartOutlook};
use crate::manifest::Manifest;
use crate::metric::{MeasureKind, Method, Operating, Unreckoned};
use crate::report::exit::Exit;
use crate::report::v1::{Finite, ReportFinding, ReportTool, SliceKey, Word};

/// What a sample of an entry costs, where somebody says it or a pilot shows it.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlannedCosts {
    /// US dollars.
    pub price_usd: Option<f64>,
    /// Milliseconds.
    pub latency_ms: Option<f64>,
}

/// Everything that a plan is made of.
pub struct PlanFacts<'a> {
    /// The release.
    pub manifest: &'a Manifest,
    /// Its gates.
    pub outlooks: &'a [GateOutlook],
    /// All that blocks together.
    pub joint: &'a Joint,
    /// The chance that sizes are for.
    pub power: f64,
    /// What a sample of an entry costs.
    pub costs: &'a dyn Fn(&str) -> PlannedCosts,
    /// How many samples run at the same time.
    pub parallel: u64,
    /// Whether a gate that cannot pass keeps the release from shipping.
    pub blocks: bool,
    /// What is worth a look.
    pub warnings: Vec<ReportFinding>,
}

impl PlanReport {
    /// The finished view.
    #[must_use]
    pub fn of(facts: PlanFacts<'_>) -> Self {
        let never = |outlook: &&GateOutlook| outlook.blocks() && outlook.never_passes();
        let never_pass: Vec<String> =
            facts.outlooks.iter().filter(never).map(|outlook| outlook.gate.spec.id.value.clone()).collect();
        let exit = if never_pass.is_empty() || !facts.blocks { Exit::Pass } else { Exit::Inconclusive };
        let evidence: Vec<PlannedEvidence> = facts
            .manifest
            .evidence
            .iter()
            .filter_map(|entry| planned_evidence(&entry.name.value, &facts))
            .collect();
        let all = |of: fn(&PlannedEvidence) -> Finite| {
            evidence.iter().map(|entry| of(entry).get()).sum::<Option<f64>>().filter(|sum| *sum > 0.0)
        };
        let (cost_usd, seconds) = (all(|entry| entry.cost_usd), all(|entry| entry.seconds));
        let Joint { gates, parts, independent, at_least, at_most, unknown } = facts.joint.clone();
        Self {
            schema: SCHEMA,
            tool: ReportTool::own(),
            name: facts.manifest.name.value.clone(),
            version: facts.manifest.version.value.to_string(),
            power: facts.power.into(),
            exit_code: exit.code(),
            never_pass,
            gates: facts.outlooks.iter().map(|outlook| gate(outlook, &facts)).collect(),
            evidence,
            joint: PlannedJoint {
                gates,
                parts,
                independent: Some(independent).filter(|_| gates > 0).into(),
                at_least: Some(at_least).filter(|_| gates > 0).into(),
                at_most: Some(at_most).filter(|_| gates > 0).into(),
                unknown,
            },
            cost_usd: cost_usd.into(),
            seconds: seconds.into(),
            parallel: facts.parallel,
            warnings: facts.warnings,
        }
    }

    /// How the command ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.exit_code == Exit::Inconclusive.code() { Exit::Inconclusive } else { Exit::Pass }
    }
}

fn planned_evidence(name: &str, facts: &PlanFacts<'_>) -> Option<PlannedEvidence> {
    let own: Vec<&GateOutlook> =
        facts.outlooks.iter().filter(|outlook| outlook.gate.bound.evidence == name).collect();
    let first = own.first()?;
    let reckoned = own.iter().filter(|outlook| outlook.parts.iter().all(|part| part.operating.is_ok()));
    let needed: Option<Vec<u64>> = reckoned.map(|outlook| outlook.needed).collect();
    let (costs, n) = ((facts.costs)(name), first.sizes.n());
    let times = |each: Option<f64>| each.zip(n).map(|(each, n)| each * n as f64);
    let seconds = times(costs.latency_ms).map(|ms| ms / 1000.0 / facts.parallel.max(1) as f64);
    Some(PlannedEvidence {
        name: name.to_owned(),
        pilot: own.iter().any(|outlook| outlook.gate.assessed.is_some()),
        n,
        n_from: first.sizes.word(),
        needed: needed.and_then(|needed| needed.into_iter().max()),
        price_usd: costs.price_usd.into(),
        latency_ms: costs.latency_ms.into(),
        cost_usd: times(costs.price_usd).into(),
        seconds: seconds.into(),
    })
}

fn gate(outlook: &GateOutlook, facts: &PlanFacts<'_>) -> PlannedGate {
    let (spec, bound) = (&outlook.gate.spec, &outlook.gate.bound);
    let whole = outlook.parts.first().map(|part| &part.operating);
    let operating = whole.and_then(|whole| whole.as_ref().ok());
    let unknown = whole.and_then(|whole| whole.as_ref().err()).map(|why| match why {
        Unreckoned::Observed => "observed",
        Unreckoned::Stated => "stated",
        Unreckoned::NeedsPilot => "needs-pilot",
        Unreckoned::Method => "method",
    });
    let curve = operating.filter(|_| outlook.sizes.n().is_some()).map(Operating::curve).unwrap_or_default();
    let settings = crate::gate::settings(spec, &facts.manifest.policy);
    let measured = outlook.gate.assessed.as_ref().map(|assessed| assessed.whole.estimate.method);
    let usual = bound.change.is_none().then(|| bound.measure.usual_method());
    PlannedGate {
        id: spec.id.value.clone(),
        rule: spec.rule.to_string(),
        metric: bound.metric.clone(),
        category: bound.category.map(Word),
        enforcement: Word(spec.enforcement),
        evidence: bound.evidence.clone(),
        foreseen: outlook.foreseen,
        reads: reads(bound),
        values: values_of(bound),
        against: bound.against().map(Word),
        method: measured.or(usual.filter(|usual| *usual != Method::StudentT)).map(Word),
        confidence: (1.0 - settings.alpha).into(),
        by: bound.by.clone(),
        needed: outlook.needed,
        least: outlook.least,
        pilot_holds: pilot_holds(outlook),
        unknown,
        truth: if operating.is_some_and(|operating| operating.of_share) { "share" } else { "value" },
        threshold: operating.and_then(Operating::threshold).into(),
        exact: operating.is_some_and(Operating::is_exact),
        curve: curve
            .into_iter()
            .map(|point| PlannedPoint { truth: point.truth.into(), passes: point.passes.into() })
            .collect(),
        sizes: outlook
            .by_size()
            .into_iter()
            .map(|(n, passes)| PlannedSize { n, passes: passes.into() })
            .collect(),
        unit: unit_of(bound),
        parts: outlook.parts.iter().map(part).collect(),
        text: Telling { outlook, power: facts.power }.sentences(),
    }
}

/// Whether what the pilot measured meets the rule; a quantile is told by its own value.
fn pilot_holds(outlook: &GateOutlook) -> Option<bool> {
    let bound = &outlook.gate.bound;
    let value = outlook.gate.assessed.as_ref()?.whole.estimate.value?;
    Some(bound.comparator.holds(value, bound.threshold))
}

fn reads(bound: &crate::metric::Bound) -> Vec<String> {
    match bound.measure.kind() {
        MeasureKind::Stated { name, .. } => vec![name.to_owned()],
        _ => bound.measure.fields().into_iter().map(str::to_owned).collect(),
    }
}

fn part(part: &PartOutlook) -> PlannedPart {
    let key = part.key.iter().map(|(field, label)| (field.clone(), label.to_string())).collect();
    PlannedPart {
        key: SliceKey(key),
        n: part.n,
        assumed: part.assumed.map(|(truth, _)| truth).into(),
        assumed_from: part.assumed.map(|(_, from)| from.word()),
        needed: part.needed,
        passes: part.passes.into(),
        detects: part.detects.into(),
        can_pass: part.can_pass,
        can_fail: part.can_fail,
    }
}
