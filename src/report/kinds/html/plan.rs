//! A plan as a page: what each gate needs, and how likely it passes by the number of samples and by the true value.

use maud::{Markup, html};

use super::axis::Axis;
use super::curves::{BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, curve, frame as axes, rounded};
use super::frame;
use super::said::shown;
use super::strip::px;
use crate::manifest::{Enforcement, Unit};
use crate::report::number::{Scale, count};
use crate::report::plan::{PlanReport, PlannedGate, chance};

/// The page.
#[must_use]
pub fn page(plan: &PlanReport) -> String {
    let title = format!("Plan: {} {}", plan.name, plan.version);
    let body = html! {
        header { h1 { (shown(&title)) } p.headline { (shown(&plan.headline())) "." } }
        main {
            (together(plan))
            section id="gates" {
                h2 { "Gates" }
                @for gate in &plan.gates { (of_gate(gate)) }
            }
            @if !plan.warnings.is_empty() {
                section id="warnings" { h2 { "Warnings" } ul.findings { @for finding in &plan.warnings { li { (shown(&finding.in_a_line())) } } } }
            }
        }
    };
    frame::page(&title, &plan.tool.version, &body)
}

/// What the evaluation comes to, and a row a gate.
fn together(plan: &PlanReport) -> Markup {
    let number = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), count);
    html! {
        section id="together" {
            h2 { "All gates together" }
            ul.findings { @for line in plan.together() { li { (shown(&line)) } } }
            ul.findings { @for entry in &plan.evidence { li { "Evidence " (shown(&entry.in_a_line().replace('`', ""))) "." } } }
            p { strong { "Next: " } (shown(&plan.next().replace('`', ""))) "." }
            div.scroll tabindex="0" role="region" aria-label="What each gate needs" {
                table {
                    thead { tr { th scope="col" { "gate" } th scope="col" { "samples it needs" } th scope="col" { "fewest that could pass" } th scope="col" { "samples planned" } th scope="col" { "passes" } } }
                    tbody {
                        @for gate in &plan.gates {
                            tr {
                                th scope="row" { (shown(&gate.id)) }
                                td.number { (number(gate.needed)) }
                                td.number { (number(gate.least)) }
                                td.number { (number(gate.parts.first().and_then(|whole| whole.n))) }
                                td.number { (gate.passes().map_or_else(|| "-".to_owned(), chance)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn of_gate(gate: &PlannedGate) -> Markup {
    html! {
        h3 { (shown(&gate.id)) @if gate.enforcement.0 == Enforcement::Warn { " (warns only)" } }
        p.rule { (shown(&gate.rule)) }
        ul { @for sentence in &gate.text { li { (shown(&sentence.replace('`', ""))) } } }
        div.charts { (by_size(gate)) (by_truth(gate)) }
    }
}

/// A curve of chances over numbers of one kind.
struct Curve<'a> {
    caption: &'a str,
    points: Vec<(f64, f64)>,
    unit: Unit,
    /// Whether they are numbers of samples.
    counts: bool,
    /// Where the rule's limit lies.
    threshold: Option<f64>,
    /// What is marked, and what it is.
    marked: Option<(f64, &'a str)>,
}

impl Curve<'_> {
    fn drawn(&self, gate: &str) -> Markup {
        let (values, chances): (Vec<f64>, Vec<f64>) = self.points.iter().copied().unzip();
        let Some(axis) = Axis::new(&values, &[], self.unit) else { return html! {} };
        let axis = axis.on(LEFT, RIGHT);
        let show = |value: f64| match self.unit {
            _ if self.counts => count(value as u64),
            unit => Scale::new(unit, f64::NAN, (None, None)).show(rounded(value)),
        };
        let outside = |at: f64| if axis.holds(at) { "" } else { ", outside the drawing" };
        let told: Vec<String> = [0.5, 0.8, 0.95]
            .into_iter()
            .filter_map(|wanted| {
                let off = |point: &&(f64, f64)| (point.1 - wanted).abs();
                let nearest = self.points.iter().min_by(|one, other| off(one).total_cmp(&off(other)))?;
                (off(&nearest) < 0.05).then(|| format!("{} at {}", chance(nearest.1), show(nearest.0)))
            })
            .collect();
        let line = |x: f64, class: &str| {
            let x = px(axis.x(x));
            html! { line class=(class) x1=(x) x2=(x) y1=(px(TOP)) y2=(px(BOTTOM)) {} }
        };
        html! {
            figure {
                figcaption { (self.caption) }
                svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (shown(gate)) ": " (self.caption) ": " (told.join(", ")) } {
                    (axes(&axis))
                    @if let Some(threshold) = self.threshold.filter(|at| axis.holds(*at)) { (line(threshold, "threshold")) }
                    (curve(&axis, &values, &chances, "curve"))
                    @if let Some((at, _)) = self.marked.filter(|(at, _)| axis.holds(*at)) { (line(at, "estimate")) }
                }
                p.note {
                    @if !told.is_empty() { "Passes " (told.join(", ")) ". " }
                    @if let Some(threshold) = self.threshold { span.key.limit aria-hidden="true" {} "threshold " (show(threshold)) (outside(threshold)) "; " }
                    @if let Some((at, what)) = self.marked { span.key.estimate aria-hidden="true" {} (what) " " (show(at)) (outside(at)) }
                }
            }
        }
    }
}

fn by_size(gate: &PlannedGate) -> Markup {
    let points = gate.sizes.iter().filter_map(|size| Some((size.n as f64, size.passes.get()?))).collect();
    let caption = if gate.parts.len() > 1 {
        "How likely its least likely slice passes, by the number of samples"
    } else {
        "How likely it passes, by the number of samples"
    };
    let planned = gate.parts.first().and_then(|whole| whole.n);
    let marked = planned.map(|n| (n as f64, "planned"));
    Curve { caption, points, unit: Unit::NUMBER, counts: true, threshold: None, marked }.drawn(&gate.id)
}

fn by_truth(gate: &PlannedGate) -> Markup {
    let points =
        gate.curve.iter().filter_map(|point| Some((point.truth.get()?, point.passes.get()?))).collect();
    let is_share = gate.truth == "share";
    let caption = if is_share {
        "How likely it passes with the planned samples, by the true share of samples beyond the limit"
    } else {
        "How likely it passes with the planned samples, by the true value"
    };
    let assumed = gate.parts.first().and_then(|whole| whole.assumed.get());
    let marked = assumed.map(|truth| (truth, "assumed"));
    let threshold = gate.threshold.get().filter(|_| !is_share);
    Curve { caption, points, unit: gate.unit, counts: false, threshold, marked }.drawn(&gate.id)
}
