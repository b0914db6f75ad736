//! What a sample costs and how long it takes: as somebody says, or as the pilot measured.

use crate::cli::PlanArgs;
use crate::judge::plan::GateOutlook;
use crate::manifest::{Dimension, Unit};
use crate::metric::{Estimate, MeasureKind};
use crate::report::plan::PlannedCosts;

/// Of a sample of an evidence entry.
pub(super) fn of(name: &str, args: &PlanArgs, outlooks: &[GateOutlook]) -> PlannedCosts {
    let own = |outlook: &&GateOutlook| outlook.gate.bound.evidence == name;
    let mean = |dimension: Dimension, target: Unit| {
        outlooks.iter().filter(own).find_map(|outlook| {
            let (value, unit) = mean_of(outlook)?;
            unit.convert(value, target).filter(|_| unit.dimension == dimension)
        })
    };
    PlannedCosts {
        price_usd: args.price.or_else(|| mean(Dimension::Money, Unit::USD)),
        latency_ms: args.latency.or_else(|| mean(Dimension::Time, Unit::MILLISECONDS)),
    }
}

/// The mean of a pilot's samples that a gate is about, with its unit.
fn mean_of(outlook: &GateOutlook) -> Option<(f64, Unit)> {
    let bound = &outlook.gate.bound;
    let whole = &outlook.gate.assessed.as_ref()?.whole;
    let is_mean = bound.measure.kind() == MeasureKind::Estimated && bound.measure.numbers().len() == 1;
    let level: &Estimate = whole.levels.as_ref().map_or(&whole.estimate, |levels| &levels.candidate);
    let unit = bound.change.map_or(bound.unit, |change| change.level_unit);
    level.value.filter(|_| is_mean).map(|value| (value, unit))
}
