//! A history as a page: a small drawing a gate, its estimates with their limits over the versions, thresholds as they were then.

use maud::{Markup, html};

use super::axis::Axis;
use super::frame;
use super::said::{badge, outcome, shown};
use super::strip::px;
use crate::gate::Outcome;
use crate::report::history::{GateHistory, History, Point};

const WIDTH: f64 = 340.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 330.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 130.0;
/// About so wide is a letter of a version below the axis.
const LETTER: f64 = 6.2;

/// The page.
pub(super) fn page(history: &History) -> String {
    let title = format!("{}: the gates over its versions ({})", history.name, history.releases.len());
    let body = html! {
        header { h1 { (shown(&title)) } }
        main {
            (releases(history))
            @if !history.notices.is_empty() {
                section id="notices" { h2 { "Worth knowing" } ul.findings { @for notice in &history.notices { li { (shown(notice)) } } } }
            }
            section id="gates" {
                h2 { "Gates" }
                p.note { "Each drawing has one mark a version, between its one-sided limits; the thick line is the threshold as it was then." }
                div.charts { @for gate in &history.gates { (drawing(history, gate)) } }
            }
        }
    };
    frame::page(&title, env!("CARGO_PKG_VERSION"), &body)
}

fn releases(history: &History) -> Markup {
    html! {
        section id="releases" {
            h2 { "Versions" }
            div.scroll tabindex="0" role="region" aria-label="Versions" {
                table {
                    thead { tr { th scope="col" { "version" } th scope="col" { "judged" } th scope="col" { "decision" } } }
                    tbody {
                        @for release in &history.releases {
                            tr {
                                th scope="row" { (shown(&release.version.to_string())) }
                                td { (release.as_of.to_string()) }
                                td { (badge(outcome(release.decision))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn drawing(history: &History, gate: &GateHistory) -> Markup {
    let version = |point: &Point| {
        history.releases.get(point.release).map_or_else(String::new, |one| one.version.to_string())
    };
    html! {
        figure.history {
            figcaption { (shown(&gate.id)) @if let Some(last) = gate.newest() { span.rule { " " (shown(&last.rule)) } } }
            (chart(history, gate))
            details {
                summary { "Figures" }
                div.scroll tabindex="0" role="region" aria-label={ "Figures of " (shown(&gate.id)) } {
                    table {
                        thead { tr { th scope="col" { "version" } th scope="col" { "value [limits]" } th scope="col" { "asked" } th scope="col" { "outcome" } } }
                        tbody {
                            @for point in &gate.points {
                                tr {
                                    th scope="row" { (shown(&version(point))) }
                                    td.number { (shown(&point.told)) }
                                    td { (shown(&point.asked)) }
                                    td { (badge(point.outcome)) (shown(&point.effect)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Values upwards, versions to the right. The table below says the same.
fn chart(history: &History, gate: &GateHistory) -> Markup {
    let core: Vec<f64> = gate
        .points
        .iter()
        .flat_map(|point| point.value.into_iter().chain(point.thresholds.iter().copied()))
        .collect();
    let limits: Vec<f64> =
        gate.points.iter().flat_map(|point| [point.lower, point.upper]).flatten().collect();
    let Some(axis) = Axis::new(&core, &limits, gate.unit)
        .filter(|_| gate.points.iter().any(|point| point.value.is_some()))
    else {
        return html! { p.note { "nothing to draw" } };
    };
    // An axis lies; this one stands, its low end at the bottom.
    let axis = axis.on(BOTTOM, TOP);
    let versions = history.releases.len();
    let step = (RIGHT - LEFT) / versions.max(1) as f64;
    let x = |release: usize| LEFT + step * (release as f64 + 0.5);
    let line: Vec<String> = gate
        .points
        .iter()
        .filter_map(|point| Some(format!("{},{}", px(x(point.release)), px(axis.x(point.value?)))))
        .collect();
    html! {
        svg.strip viewBox={ "0 0 " (WIDTH) " 152" } width=(WIDTH) height="152" aria-hidden="true" focusable="false" {
            @for tick in axis.upright_ticks() {
                line.grid x1=(px(LEFT)) x2=(px(RIGHT)) y1=(px(tick.x)) y2=(px(tick.x)) {}
                text x=(px(LEFT - 5.0)) y=(px(tick.x + 4.0)) text-anchor="end" { (tick.label) }
            }
            @for point in &gate.points {
                @for threshold in &point.thresholds {
                    line.threshold x1=(px(x(point.release) - step / 2.0)) x2=(px(x(point.release) + step / 2.0)) y1=(px(axis.x(*threshold))) y2=(px(axis.x(*threshold))) {}
                }
            }
            polyline.way points=(line.join(" ")) {}
            @for point in &gate.points { (mark(point, &axis, x(point.release))) }
            (names(history, step))
        }
    }
}

fn mark(point: &Point, axis: &Axis, x: f64) -> Markup {
    let Some(value) = point.value else { return html! {} };
    let y = axis.x(value);
    let end = |limit: Option<f64>, open: f64| axis.x(limit.unwrap_or(open));
    let quantified = point.lower.is_some() || point.upper.is_some();
    html! {
        g class=(point.outcome.word()) {
            @if quantified {
                line x1=(px(x)) x2=(px(x)) y1=(px(end(point.lower, f64::NEG_INFINITY))) y2=(px(end(point.upper, f64::INFINITY))) {}
            }
            @match point.outcome {
                Outcome::Pass | Outcome::NotApplicable => circle cx=(px(x)) cy=(px(y)) r="3.5" {},
                Outcome::Inconclusive => polygon points={ (px(x)) "," (px(y - 5.0)) " " (px(x + 5.0)) "," (px(y)) " " (px(x)) "," (px(y + 5.0)) " " (px(x - 5.0)) "," (px(y)) } {},
                Outcome::Fail => rect x=(px(x - 3.5)) y=(px(y - 3.5)) width="7" height="7" {},
                Outcome::Error => polygon points={ (px(x)) "," (px(y - 5.0)) " " (px(x + 5.0)) "," (px(y + 4.0)) " " (px(x - 5.0)) "," (px(y + 4.0)) } {},
            }
        }
    }
}

/// The versions below the axis, as many as find room; the last one always.
fn names(history: &History, step: f64) -> Markup {
    let longest =
        history.releases.iter().map(|release| release.version.to_string().chars().count()).max().unwrap_or(1);
    let most = ((RIGHT - LEFT) / (LETTER * (longest as f64 + 2.0))).floor().max(1.0) as usize;
    let every = history.releases.len().div_ceil(most).max(1);
    let last = history.releases.len().saturating_sub(1);
    let shown_at = |place: usize| (last - place).is_multiple_of(every);
    let half = LETTER * longest as f64 / 2.0;
    html! {
        line.axis x1=(px(LEFT)) x2=(px(RIGHT)) y1=(px(BOTTOM)) y2=(px(BOTTOM)) {}
        @for (place, release) in history.releases.iter().enumerate().filter(|(place, _)| shown_at(*place)) {
            @let x = (LEFT + step * (place as f64 + 0.5)).clamp(half, WIDTH - half);
            text x=(px(x)) y=(px(BOTTOM + 15.0)) text-anchor="middle" { (shown(&release.version.to_string())) }
        }
    }
}
