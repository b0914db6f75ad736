//! Charts of a gate: how its values lie.

use maud::{Markup, html};

use super::axis::Axis;
use super::said::shown;
use super::strip::px;
use crate::manifest::Unit;
use crate::report::number::{Scale, percent};
use crate::report::v1::{Finite, ReportDistribution, ReportGate};

pub(super) const WIDTH: f64 = 380.0;
pub(super) const HEIGHT: f64 = 190.0;
/// The stretch that is drawn on, inside the numbers of both axes.
pub(super) const LEFT: f64 = 42.0;
pub(super) const RIGHT: f64 = 372.0;
pub(super) const TOP: f64 = 8.0;
pub(super) const BOTTOM: f64 = 158.0;
/// What lies beyond this share of the values is told in words: a tail would press the rest together.
const SHOWN: f64 = 0.995;

/// The share of the samples up to each value, of the candidate over the baseline.
pub(super) fn distribution(gate: &ReportGate, of: &ReportDistribution) -> Markup {
    let shares: Vec<f64> = of.shares.iter().filter_map(|share| share.get()).collect();
    let numbers = |values: &[Finite]| values.iter().filter_map(|value| value.get()).collect::<Vec<f64>>();
    let candidate = numbers(&of.candidate);
    let baseline = of.baseline.as_deref().map(numbers);
    let threshold = gate.threshold.value.get().filter(|_| gate.change.is_none());
    let drawn = |values: &[f64]| -> Vec<f64> {
        shares.iter().zip(values).filter(|(share, _)| **share <= SHOWN).map(|(_, value)| *value).collect()
    };
    let mut core = drawn(&candidate);
    core.extend(baseline.as_deref().map(drawn).unwrap_or_default());
    // A limit far away would press the curve into a line.
    let span = |values: &[f64]| {
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            - values.iter().copied().fold(f64::INFINITY, f64::min)
    };
    let width = span(&core);
    let (near, far) = match threshold {
        Some(threshold) if span(&[core.as_slice(), &[threshold]].concat()) <= 3.0 * width => {
            (Some(threshold), None)
        }
        other => (None, other),
    };
    core.extend(near);
    let (Some(axis), Some(largest)) = (Axis::new(&core, &[], of.unit), candidate.last()) else {
        return html! {};
    };
    let axis = axis.on(LEFT, RIGHT);
    let most = Scale::new(of.unit, f64::NAN, (None, None)).show(rounded(*largest));
    let title =
        format!("Distribution of {}: candidate {}", of.field, quartiles(&shares, &candidate, of.unit));
    let before =
        baseline.as_deref().map(|values| format!("baseline {}", quartiles(&shares, values, of.unit)));
    html! {
        figure {
            figcaption { "How " (shown(&of.field)) " lies: the share of samples up to each value" }
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(shown(&title)) {
                (frame(&axis))
                @if let Some(threshold) = near {
                    line.threshold x1=(px(axis.x(threshold))) x2=(px(axis.x(threshold))) y1=(px(TOP)) y2=(px(BOTTOM)) {}
                }
                @if let Some(baseline) = &baseline { (curve(&axis, baseline, &shares, "curve before")) }
                (curve(&axis, &candidate, &shares, "curve"))
            }
            p.note {
                span.key.now aria-hidden="true" {} "candidate, " (quartiles(&shares, &candidate, of.unit)) "; largest " (most)
                @if far.is_some() { "; the limit " (shown(&gate.asked())) " lies outside the drawing" }
                @if let Some(before) = before { br; span.key.before aria-hidden="true" {} (before) }
            }
        }
    }
}

/// How likely the gate passes at any true value.
pub(super) fn operating(gate: &ReportGate) -> Markup {
    let Some(of) = &gate.operating else { return html! {} };
    let points: Vec<(f64, f64)> = of
        .truths
        .iter()
        .zip(&of.passes)
        .filter_map(|(truth, passes)| Some((truth.get()?, passes.get()?)))
        .collect();
    let truths: Vec<f64> = points.iter().map(|(truth, _)| *truth).collect();
    let passes: Vec<f64> = points.iter().map(|(_, passes)| *passes).collect();
    let unit = if of.of_share { Unit::FRACTION } else { gate.judged_unit() };
    let figure = gate.change.as_ref().map_or(gate.candidate.value, |change| change.value);
    let estimate = figure.get().filter(|_| !of.of_share);
    let threshold = gate.threshold.value.get().filter(|_| !of.of_share);
    let Some(axis) = Axis::new(&truths, &[], unit) else { return html! {} };
    let axis = axis.on(LEFT, RIGHT);
    let show = |value: f64| Scale::new(unit, f64::NAN, (None, None)).show(rounded(value));
    let title = if of.of_share { "the share of samples beyond the limit" } else { "the true value" };
    let about = if of.exact { "" } else { "about " };
    let told: Vec<String> = [0.95, 0.8, 0.5]
        .into_iter()
        .filter_map(|chance| {
            let near = |point: &&(f64, f64)| (point.1 - chance).abs();
            let (truth, passes) = points.iter().min_by(|a, b| near(a).total_cmp(&near(b)))?;
            ((passes - chance).abs() < 0.04).then(|| {
                format!("{about}{} if it is {}", percent((passes * 100.0).round() / 100.0), show(*truth))
            })
        })
        .collect();
    html! {
        figure {
            figcaption { "How likely this gate passes with samples like these, by " (title) @if !gate.slices.is_empty() { " (the whole, without its slices)" } }
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ "Chance to pass: " (told.join("; ")) } {
                (frame(&axis))
                @if let Some(threshold) = threshold.filter(|threshold| axis.holds(*threshold)) {
                    line.threshold x1=(px(axis.x(threshold))) x2=(px(axis.x(threshold))) y1=(px(TOP)) y2=(px(BOTTOM)) {}
                }
                (curve(&axis, &truths, &passes, "curve"))
                @if let Some(estimate) = estimate.filter(|estimate| axis.holds(*estimate)) {
                    line.estimate x1=(px(axis.x(estimate))) x2=(px(axis.x(estimate))) y1=(px(TOP)) y2=(px(BOTTOM)) {}
                }
            }
            p.note {
                "Passes " (told.join("; ")) "."
                @if let Some(threshold) = threshold { " " span.key.limit aria-hidden="true" {} "threshold " (show(threshold)) }
                @if let Some(estimate) = estimate {
                    @if axis.holds(estimate) { "; " span.key.estimate aria-hidden="true" {} "measured " (show(estimate)) }
                    @else { "; measured " (show(estimate)) ", outside the drawing" }
                }
            }
        }
    }
}

/// A value of a curve, to four digits.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// `half up to 812ms, 95% up to 1190ms`.
fn quartiles(shares: &[f64], values: &[f64], unit: Unit) -> String {
    let at = |wanted: f64| {
        let found = shares.iter().zip(values).find(|(share, _)| **share >= wanted)?;
        Some(Scale::new(unit, f64::NAN, (None, None)).show(rounded(*found.1)))
    };
    let told = [(0.5, "half"), (0.95, "95%")]
        .into_iter()
        .filter_map(|(share, word)| Some(format!("{word} up to {}", at(share)?)));
    told.collect::<Vec<_>>().join(", ")
}

pub(super) fn curve(axis: &Axis, values: &[f64], shares: &[f64], class: &str) -> Markup {
    let points = values.iter().zip(shares).filter(|(value, _)| axis.holds(**value));
    let points = points.map(|(value, share)| format!("{},{}", px(axis.x(*value)), px(height(*share))));
    html! { polyline class=(class) points=(points.collect::<Vec<_>>().join(" ")) {} }
}

fn height(share: f64) -> f64 {
    BOTTOM - share * (BOTTOM - TOP)
}

/// Both axes: shares from 0 % to 100 % upwards.
pub(super) fn frame(axis: &Axis) -> Markup {
    html! {
        @for (share, label) in [(0.0, "0%"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1.0, "100%")] {
            line.grid x1=(px(LEFT)) x2=(px(RIGHT)) y1=(px(height(share))) y2=(px(height(share))) {}
            text x=(px(LEFT - 5.0)) y=(px(height(share) + 4.0)) text-anchor="end" { (label) }
        }
        line.axis x1=(px(LEFT)) x2=(px(RIGHT)) y1=(px(BOTTOM)) y2=(px(BOTTOM)) {}
        @for tick in axis.ticks() {
            line.axis x1=(px(tick.x)) x2=(px(tick.x)) y1=(px(BOTTOM)) y2=(px(BOTTOM + 4.0)) {}
            text x=(px(tick.x)) y=(px(BOTTOM + 17.0)) text-anchor=(tick.anchor) { (tick.label) }
        }
    }
}
