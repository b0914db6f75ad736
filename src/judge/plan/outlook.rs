//! What each gate needs and how likely it passes, at a planned size and an assumed true value.

use std::collections::BTreeMap;

use super::foreseen::ForeseenGate;
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::gate::{Gate, settings};
use crate::manifest::{Enforcement, Policy, Quantity, Unit};
use crate::metric::{Assessment, Bound, Label, MeasureKind, Operating, Unreckoned, unmeasured};

/// What is asked of a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanAsked {
    /// The chance that a size is for.
    pub power: f64,
    /// Samples of every entry, where somebody says how many.
    pub n: Option<u64>,
    /// Samples of single entries.
    pub n_of: BTreeMap<String, u64>,
    /// True values that somebody assumes, by gate, in the unit of what the gate judges.
    pub truths: BTreeMap<String, f64>,
}

/// Where an assumed true value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assumption {
    /// Somebody said it.
    Given,
    /// The pilot measured it.
    Pilot,
    /// Nothing changed.
    NoChange,
    /// A change twice as large as the one that is asked for.
    TwiceTheMargin,
    /// Halfway from the limit to the good end: of `rate < t` half of `t`.
    Halfway,
}

impl Assumption {
    /// The word of it in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Pilot => "pilot",
            Self::NoChange => "no-change",
            Self::TwiceTheMargin => "twice-the-margin",
            Self::Halfway => "halfway",
        }
    }
}

/// How many samples of an entry are planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizes {
    /// So many, as somebody says.
    Given(u64),
    /// As many as the pilot has.
    Pilot(u64),
    /// As many as its gates need.
    Needed(u64),
    /// Nobody knows.
    Unknown,
}

impl Sizes {
    /// The number, where there is one.
    #[must_use]
    pub fn n(self) -> Option<u64> {
        match self {
            Self::Given(n) | Self::Pilot(n) | Self::Needed(n) => Some(n),
            Self::Unknown => None,
        }
    }

    /// The word of where it comes from.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Given(_) => "given",
            Self::Pilot(_) => "pilot",
            Self::Needed(_) => "needed",
            Self::Unknown => "unknown",
        }
    }
}

/// What to expect of one gate.
pub struct GateOutlook {
    /// The gate.
    pub gate: Gate,
    /// Whether nothing was measured for it yet.
    pub foreseen: bool,
    /// How many samples of its evidence are planned.
    pub sizes: Sizes,
    /// Samples of its evidence from which on every part has the wanted chance; none where no practical number does, or that
    /// cannot be said.
    pub needed: Option<u64>,
    /// Samples of its evidence below which it can never pass.
    pub least: Option<u64>,
    /// The whole first, then the slices that the pilot has.
    pub parts: Vec<PartOutlook>,
}

/// What to expect of all samples of a gate, or of a slice of them.
pub struct PartOutlook {
    /// The slice; empty for the whole.
    pub key: Vec<(String, Label)>,
    /// The chances at the planned size; at the size of the pilot, or of one sample, where none is planned.
    pub operating: Result<Operating, Unreckoned>,
    /// Samples of it that are planned.
    pub n: Option<u64>,
    /// The true value that is assumed, and where it comes from.
    pub assumed: Option<(f64, Assumption)>,
    /// Samples that it needs; as of the gate.
    pub needed: Option<u64>,
    /// The chance that it passes at the planned size and the assumed value.
    pub passes: Option<f64>,
    /// The true value that is found out as a fail with the wanted chance.
    pub detects: Option<f64>,
    /// Whether it can pass at the planned size, whatever is true.
    pub can_pass: bool,
    /// Whether it can fail at the planned size, whatever is true.
    pub can_fail: bool,
}

/// So many sizes are tried for a curve.
const SIZES: u64 = 40;

impl PartOutlook {
    /// The chance that it passes where its gate has `n` samples instead of `planned` ones.
    fn passes_with(&self, n: u64, planned: u64) -> Option<f64> {
        let operating = self.operating.as_ref().ok()?;
        let (truth, _) = self.assumed?;
        operating.scaled(n as f64 / planned.max(1) as f64).at(truth)
    }
}

impl GateOutlook {
    /// Whether it can never pass at the planned size, or one of its slices cannot.
    #[must_use]
    pub fn never_passes(&self) -> bool {
        self.parts.iter().any(|part| !part.can_pass)
    }

    /// Whether it can never fail, whatever is true.
    #[must_use]
    pub fn never_fails(&self) -> bool {
        self.parts.first().is_some_and(|whole| !whole.can_fail)
    }

    /// The chance that its least likely part passes at the true value that is assumed of it, with so many samples of the gate; up to
    /// twice what it needs. Empty where that cannot be reckoned.
    #[must_use]
    pub fn by_size(&self) -> Vec<(u64, f64)> {
        let planned = self.parts.first().and_then(|whole| whole.n);
        let Some(most) = self.needed.or(planned) else { return Vec::new() };
        // Of few samples every number is one.
        let most = most.saturating_mul(2).max(10);
        let steps = most.min(SIZES);
        (1..=steps)
            .map(|step| most * step / steps)
            .filter_map(|n| {
                let passes = self.parts.iter().map(|part| part.passes_with(n, planned?));
                let passes = passes.collect::<Option<Vec<f64>>>()?;
                Some((n, passes.into_iter().min_by(f64::total_cmp)?))
            })
            .collect()
    }

    /// Whether what it comes to counts for the decision.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.gate.spec.enforcement == Enforcement::Block
    }
}

/// A true value as somebody writes it, in the unit of what the gate judges; of a quantile the share beyond its limit.
///
/// # Errors
/// A number that the gate cannot be compared with.
pub fn true_value(gate: &Gate, written: &Spanned<Quantity>) -> Result<f64, Diagnostic> {
    let quantile = matches!(gate.bound.measure.kind(), MeasureKind::Quantile(_));
    if gate.bound.change.is_none() && (quantile || gate.bound.unit == Unit::FRACTION) {
        return share_of(written);
    }
    Ok(gate.bound.with_threshold(written)?.threshold)
}

/// A share of samples, as a percentage or a fraction.
fn share_of(written: &Spanned<Quantity>) -> Result<f64, Diagnostic> {
    let Quantity { value, unit, .. } = &written.value;
    let share = if *unit == Unit::NUMBER { Some(*value) } else { unit.convert(*value, Unit::FRACTION) };
    share.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| {
        Diagnostic::error(Code::NotAProportion, "the true value of this gate is a share of samples")
            .at(written.span, "between 0% and 100%")
            .help("for example `toxicity=0.02%`; of a limit on p95 it is the share of samples beyond that limit: `p95-latency=3%`")
    })
}

/// What to expect of every gate.
#[must_use]
pub fn outlooks(gates: Vec<ForeseenGate>, policy: &Policy, asked: &PlanAsked) -> Vec<GateOutlook> {
    let selected = selected(&gates);
    let mut outlooks: Vec<GateOutlook> = gates
        .into_iter()
        .map(|ForeseenGate { gate, foreseen }| {
            let pilot = selected.get(&gate.bound.evidence).copied();
            let view = View { gate: &gate, policy, asked, pilot };
            let (parts, needed, least) = view.parts();
            let floor = |n: u64| gate.spec.min_samples.as_ref().map_or(n, |min| n.max(min.value));
            let needed = needed.map(floor);
            GateOutlook { gate, foreseen, sizes: Sizes::Unknown, needed, least, parts }
        })
        .collect();
    let planned = sizes(&outlooks, &selected, asked);
    for outlook in &mut outlooks {
        let evidence = &outlook.gate.bound.evidence;
        outlook.sizes = planned.get(evidence).copied().unwrap_or(Sizes::Unknown);
        let pilot = selected.get(evidence).copied();
        let min = outlook.gate.spec.min_samples.map(|min| min.value);
        for part in &mut outlook.parts {
            part.plan(outlook.sizes.n(), pilot, min, asked.power);
        }
    }
    outlooks
}

/// The rows that the pilot's gates were judged on, by entry.
fn selected(gates: &[ForeseenGate]) -> BTreeMap<String, u64> {
    let mut selected: BTreeMap<String, u64> = BTreeMap::new();
    for ForeseenGate { gate, .. } in gates {
        let rows =
            gate.assessed.as_ref().and_then(|assessed| rows_of(&assessed.whole)).filter(|rows| *rows > 0);
        if let Some(rows) = rows {
            let most = selected.entry(gate.bound.evidence.clone()).or_default();
            *most = rows.max(*most);
        }
    }
    selected
}

fn rows_of(assessment: &Assessment) -> Option<u64> {
    let levels = assessment.levels.as_ref().map(|levels| &levels.candidate);
    assessment.estimate.selected.or(assessment.estimate.n).or(levels.and_then(|level| level.selected))
}

/// How many samples of each entry are planned.
fn sizes(
    outlooks: &[GateOutlook],
    selected: &BTreeMap<String, u64>,
    asked: &PlanAsked,
) -> BTreeMap<String, Sizes> {
    let mut sizes = BTreeMap::new();
    for outlook in outlooks {
        let name = &outlook.gate.bound.evidence;
        let given = asked.n_of.get(name).copied().or(asked.n);
        let size = match (given, selected.get(name)) {
            (Some(n), _) => Sizes::Given(n),
            (None, Some(n)) => Sizes::Pilot(*n),
            (None, None) => {
                let own = outlooks.iter().filter(|other| other.gate.bound.evidence == *name);
                let floor = own.clone().filter_map(|other| other.gate.spec.min_samples.map(|min| min.value));
                own.filter_map(|other| other.needed).chain(floor).max().map_or(Sizes::Unknown, Sizes::Needed)
            }
        };
        sizes.insert(name.clone(), size);
    }
    sizes
}

/// One gate as it is planned.
struct View<'a> {
    gate: &'a Gate,
    policy: &'a Policy,
    asked: &'a PlanAsked,
    /// Rows of its evidence that the pilot's gates were judged on.
    pilot: Option<u64>,
}

impl View<'_> {
    /// Its parts before a size is known, the samples that all of them need, and the least that could do.
    fn parts(&self) -> (Vec<PartOutlook>, Option<u64>, Option<u64>) {
        let parts: Vec<PartOutlook> = match &self.gate.assessed {
            Some(assessed) => {
                let whole = self.part(Vec::new(), Some(&assessed.whole));
                let slices = assessed.slices.iter().map(|(labels, slice)| {
                    let key = self.gate.bound.by.iter().cloned().zip(labels.iter().cloned()).collect();
                    self.part(key, Some(slice))
                });
                std::iter::once(whole).chain(slices).collect()
            }
            None => vec![self.part(Vec::new(), None)],
        };
        let all = |of: fn(&PartOutlook) -> Option<u64>| {
            parts.iter().map(of).collect::<Option<Vec<u64>>>().and_then(|sizes| sizes.into_iter().max())
        };
        let least = parts.iter().filter_map(|part| {
            let least = part.operating.as_ref().ok()?.least()?;
            Some(part.in_samples(least as f64, self.pilot))
        });
        let (needed, least) = (all(|part| part.needed), least.max());
        (parts, needed, least)
    }

    fn part(&self, key: Vec<(String, Label)>, seen: Option<&Assessment>) -> PartOutlook {
        let operating = match seen {
            Some(seen) => of_pilot(seen, &self.gate.bound),
            None => unmeasured(&self.gate.bound, &settings(&self.gate.spec, self.policy)),
        };
        let assumed = operating.as_ref().ok().and_then(|operating| self.assumed(operating, seen.is_some()));
        let mut part = PartOutlook {
            key,
            n: seen.and_then(rows_of),
            assumed,
            needed: None,
            passes: None,
            detects: None,
            can_pass: true,
            can_fail: true,
            operating,
        };
        let size = part
            .operating
            .as_ref()
            .ok()
            .zip(assumed)
            .and_then(|(operating, (truth, _))| operating.size(truth, self.asked.power));
        part.needed = size.map(|size| part.in_samples(size as f64, self.pilot));
        part
    }

    /// The true value that is assumed of a part.
    fn assumed(&self, operating: &Operating, measured: bool) -> Option<(f64, Assumption)> {
        if let Some(truth) = self.asked.truths.get(&self.gate.spec.id.value) {
            return Some((*truth, Assumption::Given));
        }
        if self.gate.bound.change.is_some() {
            return Some(if operating.holds_at(0.0) {
                (0.0, Assumption::NoChange)
            } else {
                (2.0 * operating.threshold()?, Assumption::TwiceTheMargin)
            });
        }
        let pilot = operating.measured().filter(|_| measured);
        let halfway = || Some((operating.halfway()?, Assumption::Halfway));
        pilot.map(|value| (value, Assumption::Pilot)).or_else(halfway)
    }
}

/// The chances by what a pilot showed, or why there are none.
fn of_pilot(seen: &Assessment, bound: &Bound) -> Result<Operating, Unreckoned> {
    seen.operating.clone().ok_or(match bound.measure.kind() {
        _ if seen.fact.is_some() => Unreckoned::Observed,
        MeasureKind::Stated { .. } => Unreckoned::Stated,
        _ if seen.shortfall.is_some() => Unreckoned::NeedsPilot,
        _ => Unreckoned::Method,
    })
}

impl PartOutlook {
    /// Samples of the gate's evidence that hold so many units of this part, as they do in the pilot.
    fn in_samples(&self, units: f64, pilot: Option<u64>) -> u64 {
        let seen = self.n.zip(self.operating.as_ref().ok().and_then(Operating::units));
        let each = match seen.zip(pilot) {
            Some(((_, own), all)) if own > 0.0 => all as f64 / own,
            _ => 1.0,
        };
        (units * each).ceil() as u64
    }

    /// Plans it for so many samples of its evidence.
    fn plan(&mut self, n: Option<u64>, pilot: Option<u64>, min: Option<u64>, power: f64) {
        let seen = self.n.take();
        let Ok(operating) = &self.operating else {
            self.n = seen.zip(pilot).zip(n).map(|((own, all), n)| share(own, all, n)).or(n);
            return;
        };
        let Some(n) = n else { return };
        // Of what was seen so many times as much, of a single sample so many.
        let by = match pilot.filter(|_| seen.is_some()) {
            Some(all) => n as f64 / all as f64,
            None => n as f64 / operating.units().unwrap_or(1.0),
        };
        let planned = operating.scaled(by);
        let units = planned.units().unwrap_or(0.0);
        self.n = Some(seen.zip(pilot).map_or(n, |(own, all)| share(own, all, n)));
        self.can_pass = planned.can_pass() && min.is_none_or(|min| units.round() >= min as f64);
        self.can_fail = planned.can_fail();
        let passes = self.assumed.and_then(|(truth, _)| planned.at(truth));
        self.passes = passes.map(|chance| if self.can_pass { chance } else { 0.0 });
        self.detects = planned.detects(power);
        self.operating = Ok(planned);
    }
}

fn share(own: u64, all: u64, n: u64) -> u64 {
    (own as f64 / all.max(1) as f64 * n as f64).round() as u64
}

/// How likely everything that blocks passes together.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    /// Gates that are in it.
    pub gates: usize,
    /// Parts of them: each slice is one.
    pub parts: usize,
    /// If they had nothing to do with each other: the product.
    pub independent: f64,
    /// However they hang together it is no less (Fréchet 1935).
    pub at_least: f64,
    /// However they hang together it is no more.
    pub at_most: f64,
    /// Blocking gates whose chance nobody can reckon.
    pub unknown: Vec<String>,
}

/// The chances of all blocking gates together.
#[must_use]
pub fn joint(outlooks: &[GateOutlook]) -> Joint {
    let mut joint =
        Joint { gates: 0, parts: 0, independent: 1.0, at_least: 1.0, at_most: 1.0, unknown: Vec::new() };
    for outlook in outlooks.iter().filter(|outlook| outlook.blocks()) {
        let chances: Option<Vec<f64>> = outlook.parts.iter().map(|part| part.passes).collect();
        let Some(chances) = chances else {
            joint.unknown.push(outlook.gate.spec.id.value.clone());
            continue;
        };
        joint.gates += 1;
        for chance in chances {
            joint.parts += 1;
            joint.independent *= chance;
            joint.at_least -= 1.0 - chance;
            joint.at_most = joint.at_most.min(chance);
        }
    }
    joint.at_least = joint.at_least.clamp(0.0, 1.0);
    joint
}
