//! A row of the forest plot: an estimate between its limits, what it is held against, the baseline below it.

use maud::{Markup, html};

use super::axis::Axis;
use crate::gate::Outcome;
use crate::manifest::{ChangeWord, Unit};
use crate::report::v1::{ReportChange, ReportEstimate, ReportGate, ReportSlice};

/// A row is so wide.
pub(super) const WIDTH: f64 = 320.0;
/// The stretch for axes, so that the letters of the outermost numbers stay inside.
const ENDS: (f64, f64) = (6.0, 314.0);

/// A value with its limits; one that is missing is open.
#[derive(Clone, Copy)]
pub(super) struct Figure {
    value: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

impl From<&ReportEstimate> for Figure {
    fn from(of: &ReportEstimate) -> Self {
        Self { value: of.value.get(), lower: of.lower.get(), upper: of.upper.get() }
    }
}

impl From<&ReportChange> for Figure {
    fn from(of: &ReportChange) -> Self {
        Self { value: of.value.get(), lower: of.lower.get(), upper: of.upper.get() }
    }
}

impl Figure {
    /// What is judged of a slice.
    pub(super) fn of(slice: &ReportSlice) -> Self {
        figure(&slice.candidate, slice.change.as_ref())
    }

    fn numbers(self) -> impl Iterator<Item = f64> {
        [self.value, self.lower, self.upper].into_iter().flatten()
    }
}

/// What a gate holds its figures against.
pub(super) struct Held<'a> {
    gate: &'a ReportGate,
    unit: Unit,
    /// One number, or two for a change either way.
    thresholds: Vec<f64>,
}

impl<'a> Held<'a> {
    pub(super) fn new(gate: &'a ReportGate) -> Self {
        let either_way = gate.threshold.change.is_some_and(|word| word.0 == ChangeWord::Change);
        let thresholds = gate.threshold.value.get().map_or_else(Vec::new, |threshold| {
            if either_way { vec![-threshold, threshold] } else { vec![threshold] }
        });
        Self { gate, unit: gate.judged_unit(), thresholds }
    }

    /// What is judged of the whole.
    pub(super) fn whole(&self) -> Figure {
        figure(&self.gate.candidate, self.gate.change.as_ref())
    }

    /// The baseline's figure on the same axis: of a change, none at all is 0.
    fn baseline(&self) -> Option<Figure> {
        match &self.gate.change {
            Some(_) => None,
            None => self.gate.baseline.as_ref().map(Figure::from),
        }
    }

    /// An axis that shows all of `figures`; none where there is nothing to draw.
    pub(super) fn axis(&self, figures: &[Figure]) -> Option<Axis> {
        let mut core = self.thresholds.clone();
        core.extend(figures.iter().filter_map(|figure| figure.value));
        core.extend(self.baseline().and_then(|baseline| baseline.value));
        core.extend(self.gate.change.as_ref().map(|_| 0.0));
        figures.iter().find_map(|figure| figure.value)?;
        let all: Vec<f64> =
            figures.iter().copied().chain(self.baseline()).flat_map(Figure::numbers).collect();
        Some(Axis::new(&core, &all, self.unit)?.on(ENDS.0, ENDS.1))
    }

    /// The stretches in which the rule is broken.
    fn broken(&self, axis: &Axis) -> Vec<(f64, f64)> {
        let (left, right) = ENDS;
        match (self.gate.threshold.op.as_str(), self.thresholds.as_slice()) {
            (_, [low, high]) => vec![(left, axis.x(*low)), (axis.x(*high), right)],
            ("<" | "<=", [threshold]) => vec![(axis.x(*threshold), right)],
            (">" | ">=", [threshold]) => vec![(left, axis.x(*threshold))],
            _ => Vec::new(),
        }
    }
}

fn figure(candidate: &ReportEstimate, change: Option<&ReportChange>) -> Figure {
    change.map_or_else(|| candidate.into(), Figure::from)
}

/// The slice that a gate failed or stayed open for, where one did.
pub(super) fn decisive(gate: &ReportGate) -> Option<&ReportSlice> {
    let open = !matches!(gate.outcome.0, Outcome::Pass | Outcome::NotApplicable);
    gate.slices.iter().filter(|slice| open && slice.outcome.0 == gate.outcome.0).max_by(|one, other| {
        let p = |slice: &ReportSlice| slice.p_pass.get().unwrap_or(2.0);
        p(one).total_cmp(&p(other))
    })
}

/// The row of a gate, its axis below it: the whole, the slice that decided, the baseline. The same is said in words beside it, so
/// it is hidden from screen readers.
pub(super) fn of_gate(held: &Held<'_>) -> Markup {
    let (gate, figure) = (held.gate, held.whole());
    let slice = decisive(gate).map(Figure::of);
    let drawn: Vec<Figure> = std::iter::once(figure).chain(slice).collect();
    let Some(axis) = held.axis(&drawn) else { return nothing() };
    let outcome = gate.outcome.0;
    let own = if slice.is_some() { "whole" } else { outcome.word() };
    let baseline = held.baseline();
    let lanes = drawn.len() + usize::from(baseline.is_some());
    let lane = |number: usize| 10.0 + 12.0 * number as f64;
    let floor = lane(lanes.max(2) - 1) + 8.0;
    let ring = |figure: Figure, y: f64| html! { circle cx=(px(axis.x(figure.value.unwrap_or_default()))) cy=(px(y)) r="3.5" {} };
    html! {
        svg.strip viewBox={ "0 0 " (WIDTH) " " (px(floor + 17.0)) } width=(WIDTH) height=(px(floor + 17.0)) aria-hidden="true" focusable="false" {
            (ground(held, &axis, floor))
            @let whole = if slice.is_some() { Outcome::NotApplicable } else { outcome };
            (whisker(&axis, figure, lane(0), own, &marker(&axis, figure, lane(0), whole)))
            @if let Some(slice) = slice { (whisker(&axis, slice, lane(1), outcome.word(), &marker(&axis, slice, lane(1), outcome))) }
            @if let Some(baseline) = baseline { (whisker(&axis, baseline, lane(lanes - 1), "base", &ring(baseline, lane(lanes - 1)))) }
            (scale(&axis, floor))
        }
    }
}

/// The row of a slice on an axis that it shares with others.
pub(super) fn of_slice(held: &Held<'_>, axis: &Axis, slice: &ReportSlice) -> Markup {
    let (figure, outcome) = (Figure::of(slice), slice.outcome.0);
    html! {
        svg.strip viewBox={ "0 0 " (WIDTH) " 20" } width=(WIDTH) height="20" aria-hidden="true" focusable="false" {
            (ground(held, axis, 20.0))
            (whisker(axis, figure, 10.0, outcome.word(), &marker(axis, figure, 10.0, outcome)))
        }
    }
}

/// The axis of the slices, alone.
pub(super) fn of_axis(axis: &Axis) -> Markup {
    html! {
        svg.strip viewBox={ "0 0 " (WIDTH) " 18" } width=(WIDTH) height="18" aria-hidden="true" focusable="false" { (scale(axis, 1.0)) }
    }
}

fn nothing() -> Markup {
    html! { span.nothing { "nothing to draw" } }
}

/// The thresholds, where the rule is broken, and no change.
fn ground(held: &Held<'_>, axis: &Axis, height: f64) -> Markup {
    html! {
        @for (from, to) in held.broken(axis) {
            @if to > from { rect.broken x=(px(from)) y="0" width=(px(to - from)) height=(px(height)) {} }
        }
        @if held.gate.change.is_some() && axis.holds(0.0) {
            line.zero x1=(px(axis.x(0.0))) x2=(px(axis.x(0.0))) y1="0" y2=(px(height)) {}
        }
        @for threshold in &held.thresholds {
            line.threshold x1=(px(axis.x(*threshold))) x2=(px(axis.x(*threshold))) y1="0" y2=(px(height)) {}
        }
    }
}

/// The limits around a marker; an arrow where one is open or lies outside.
fn whisker(axis: &Axis, figure: Figure, y: f64, class: &str, marker: &Markup) -> Markup {
    let Some(value) = figure.value else { return html! {} };
    let quantified = figure.lower.is_some() || figure.upper.is_some();
    let end = |limit: Option<f64>, open: f64| {
        (axis.x(limit.unwrap_or(open)), limit.is_some_and(|limit| axis.holds(limit)))
    };
    let ((left, left_ends), (right, right_ends)) = if quantified {
        (end(figure.lower, f64::NEG_INFINITY), end(figure.upper, f64::INFINITY))
    } else {
        ((axis.x(value), false), (axis.x(value), false))
    };
    html! {
        g class=(class) {
            @if quantified {
                line x1=(px(left)) x2=(px(right)) y1=(px(y)) y2=(px(y)) {}
                (cap(left, y, left_ends, -1.0))
                (cap(right, y, right_ends, 1.0))
            }
            (marker)
        }
    }
}

/// The end of a limit: a bar, or an arrow that goes on.
fn cap(x: f64, y: f64, ends: bool, way: f64) -> Markup {
    let d = if ends {
        format!("M{} {}V{}", px(x), px(y - 4.0), px(y + 4.0))
    } else {
        format!(
            "M{} {}L{} {}L{} {}",
            px(x - 5.0 * way),
            px(y - 4.0),
            px(x),
            px(y),
            px(x - 5.0 * way),
            px(y + 4.0)
        )
    };
    html! { path d=(d) fill="none" {} }
}

/// The estimate: its form says the outcome, as its colour does.
fn marker(axis: &Axis, figure: Figure, y: f64, outcome: Outcome) -> Markup {
    let x = axis.x(figure.value.unwrap_or_default());
    let points = |points: &[(f64, f64)]| {
        points.iter().map(|(dx, dy)| format!("{},{}", px(x + dx), px(y + dy))).collect::<Vec<_>>().join(" ")
    };
    html! {
        @match outcome {
            Outcome::Pass => circle cx=(px(x)) cy=(px(y)) r="4.5" {},
            Outcome::Inconclusive => polygon points=(points(&[(0.0, -6.0), (6.0, 0.0), (0.0, 6.0), (-6.0, 0.0)])) {},
            Outcome::Fail => rect x=(px(x - 4.5)) y=(px(y - 4.5)) width="9" height="9" {},
            Outcome::Error => polygon points=(points(&[(0.0, -6.0), (6.0, 5.0), (-6.0, 5.0)])) {},
            Outcome::NotApplicable => circle cx=(px(x)) cy=(px(y)) r="3.5" {},
        }
    }
}

fn scale(axis: &Axis, y: f64) -> Markup {
    html! {
        line.axis x1=(px(ENDS.0)) x2=(px(ENDS.1)) y1=(px(y)) y2=(px(y)) {}
        @for tick in axis.ticks() {
            line.axis x1=(px(tick.x)) x2=(px(tick.x)) y1=(px(y)) y2=(px(y + 4.0)) {}
            text x=(px(tick.x)) y=(px(y + 14.0)) text-anchor=(tick.anchor) { (tick.label) }
        }
    }
}

/// A place in a drawing, to a tenth of a pixel.
pub(super) fn px(place: f64) -> String {
    let text = format!("{place:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The marks of the plot and what they say.
pub(super) fn legend() -> Markup {
    let value =
        |value: f64| Figure { value: Some(value), lower: Some(value - 0.4), upper: Some(value + 0.4) };
    let Some(axis) = Axis::new(&[0.0, 2.0], &[], Unit::NUMBER) else { return html! {} };
    let axis = axis.on(0.0, 60.0);
    let shown = |outcome: Outcome| {
        html! {
            svg.strip viewBox="16 0 28 20" width="28" height="20" aria-hidden="true" focusable="false" {
                (whisker(&axis, value(1.0), 10.0, outcome.word(), &marker(&axis, value(1.0), 10.0, outcome)))
            }
        }
    };
    html! {
        ul.legend {
            @for outcome in [Outcome::Pass, Outcome::Inconclusive, Outcome::Fail, Outcome::Error] {
                li { (shown(outcome)) (outcome.word()) }
            }
            li {
                svg.strip viewBox="0 0 28 20" width="28" height="20" aria-hidden="true" focusable="false" {
                    g.base { line x1="2" x2="26" y1="10" y2="10" {} circle cx="14" cy="10" r="3.5" {} }
                }
                "baseline"
            }
            li {
                svg.strip viewBox="0 0 28 20" width="28" height="20" aria-hidden="true" focusable="false" {
                    rect.broken x="14" y="0" width="14" height="20" {}
                    line.threshold x1="14" x2="14" y1="0" y2="20" {}
                }
                "threshold, hatched where the rule is broken"
            }
            li {
                svg.strip viewBox="0 0 28 20" width="28" height="20" aria-hidden="true" focusable="false" { line.zero x1="14" x2="14" y1="0" y2="20" {} }
                "no change"
            }
        }
    }
}

/// The pattern that hatches, once a page.
pub(super) fn hatching() -> Markup {
    html! {
        svg.hidden width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    line x1="0" y1="0" x2="0" y2="6" {}
                }
            }
        }
    }
}
