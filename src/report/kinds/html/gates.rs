//! The gates: a row of the forest plot each, which opens to its slices, its reason, its figures and its cases.

use maud::{Markup, html};

use super::said::{badge, shown};
use super::strip::Held;
use super::{curves, strip};
use crate::report::number::{Scale, count, p_value, percent};
use crate::report::v1::{Finite, Report, ReportCase, ReportEstimate, ReportGate};

/// The anchor of a gate.
pub(super) fn anchor(place: usize) -> String {
    format!("gate-{}", place + 1)
}

pub(super) fn section(report: &Report) -> Markup {
    let level = report.policy.as_ref().and_then(|policy| policy.confidence.get());
    html! {
        section id="gates" aria-labelledby="gates-title" {
            h2 id="gates-title" { "Gates" }
            p.note {
                "Each row shows the candidate's estimate between its limits, and what the rule asks for. "
                @if let Some(level) = level { "The limits are one-sided, each at " (percent(level)) " confidence or what the gate asks for. " }
                "A row opens to its slices, reason, figures and cases."
            }
            (strip::legend())
            @for (place, gate) in report.gates.iter().enumerate() { (row(report, gate, place)) }
        }
    }
}

fn row(report: &Report, gate: &ReportGate, place: usize) -> Markup {
    let held = Held::new(gate);
    html! {
        details.gate id=(anchor(place)) {
            summary {
                span.name { span.id { (shown(&gate.id)) } span.rule { (shown(&gate.rule)) } }
                span.outcome { (badge(gate.outcome.0)) span.effect { (gate.effect().trim_start_matches(", ").trim()) } }
                span.plot { @if !gate.is_risk() { (strip::of_gate(&held)) } }
                span.figures {
                    (shown(&gate.measured()))
                    @if let Some(slice) = strip::decisive(gate) {
                        br; span.slice { (shown(&slice.key.name())) ": " (shown(&gate.measured_in(slice))) }
                    }
                    span.asked { "asked: " (shown(&gate.asked())) }
                }
            }
            div.inside {
                (reason(report, gate))
                (slices(gate, &held))
                (cases(gate))
                div.charts {
                    (curves::operating(gate))
                    @if let Some(of) = gate.distribution.and_then(|place| report.distributions.get(place)) {
                        (curves::distribution(gate, of))
                    }
                }
                (figures(gate))
            }
        }
    }
}

fn reason(report: &Report, gate: &ReportGate) -> Markup {
    html! {
        dl.reason {
            dt { "Why" } dd { (shown(&gate.reason.text)) }
            @if let (Some(advice), true) = (&gate.reason.advice, gate.waived.is_none()) { dt { "What to do" } dd { (shown(advice)) } }
            @for waiver in report.waivers_of(gate) { dt { "Waived" } dd { (shown(&waiver.sentence())) } }
            @if let Some(rationale) = &gate.rationale { dt { "Rationale" } dd { (shown(rationale)) } }
        }
    }
}

fn slices(gate: &ReportGate, held: &Held<'_>) -> Markup {
    if gate.slices.is_empty() {
        return html! {};
    }
    let mut drawn: Vec<strip::Figure> = gate.slices.iter().map(strip::Figure::of).collect();
    drawn.push(held.whole());
    let axis = held.axis(&drawn);
    html! {
        h3 { "Slices" }
        div.scroll tabindex="0" role="region" aria-label={ "Slices of " (shown(&gate.id)) } {
            table.slices {
                thead { tr { th scope="col" { "slice" } th scope="col" { "outcome" } th scope="col" { "plot" } th scope="col" { "candidate [limits]" } } }
                tbody {
                    @for slice in &gate.slices {
                        tr {
                            th scope="row" { (shown(&slice.key.name())) }
                            td { (badge(slice.outcome.0)) }
                            td.plot { @if let Some(axis) = &axis { (strip::of_slice(held, axis, slice)) } }
                            td.number { (shown(&gate.measured_in(slice))) }
                        }
                    }
                    @if let Some(axis) = &axis {
                        tr.axis aria-hidden="true" { td {} td {} td.plot { (strip::of_axis(axis)) } td {} }
                    }
                }
            }
        }
    }
}

fn cases(gate: &ReportGate) -> Markup {
    let Some(cases) = gate.cases.as_ref().filter(|cases| !cases.is_empty()) else { return html! {} };
    let compared = cases.iter().any(|case| case.baseline.get().is_some());
    let marks = cases.iter().flat_map(|case| [case.value.get(), case.baseline.get()]).flatten().all(is_mark);
    let value = |value: Finite| {
        let show = |value: f64| match (marks, value > 0.5) {
            (true, true) => "true".to_owned(),
            (true, false) => "false".to_owned(),
            // Nobody wrote what is worked out of texts: no digits have to be kept.
            (false, _) if gate.signature.is_some() => {
                Scale::new(gate.unit, f64::NAN, (None, None)).show(value)
            }
            (false, _) => Scale::new(gate.unit, value, (None, None)).show(value),
        };
        value.get().map_or_else(|| "no score".to_owned(), show)
    };
    let id = |case: &ReportCase| match &case.epoch {
        Some(epoch) => format!("{} (epoch {epoch})", case.id),
        None => case.id.clone(),
    };
    let errors = cases.iter().any(|case| case.error.is_some());
    html! {
        h3 { "Cases that speak against it, worst first" }
        div.scroll tabindex="0" role="region" aria-label={ "Cases of " (shown(&gate.id)) } {
            table.cases {
                thead {
                    tr {
                        th scope="col" { "case" }
                        @if compared { th.number scope="col" { "before" } }
                        th.number scope="col" { "candidate" }
                        @if errors { th scope="col" { "error" } }
                    }
                }
                tbody {
                    @for case in cases {
                        tr {
                            th scope="row" { (shown(&id(case))) }
                            @if compared { td.number { @if case.baseline.get().is_some() { (value(case.baseline)) } @else { "-" } } }
                            td.number { (value(case.value)) }
                            @if errors { td { @if let Some(error) = &case.error { (shown(error)) } } }
                        }
                    }
                }
            }
        }
        @if let Some(more) = gate.cases_omitted.filter(|more| *more > 0) { p.note { "and " (count(more)) " more" } }
    }
}

#[allow(clippy::float_cmp, reason = "0 and 1 are exact")]
fn is_mark(value: f64) -> bool {
    value == 0.0 || value == 1.0
}

/// The figures for whoever wants to compute them again.
fn figures(gate: &ReportGate) -> Markup {
    let p = |p: Finite| p.get().map_or_else(|| "none".to_owned(), p_value);
    let method = gate.change.as_ref().map_or(gate.candidate.method, |change| change.method);
    html! {
        h3 { "Figures" }
        dl.figures {
            (pair("metric", &gate.metric))
            @if let Some(category) = gate.category { (pair("category", category.0.word())) }
            (pair("enforcement", gate.enforcement.0.word()))
            (pair("reason", &gate.reason.code))
            (pair("method", method.0.word()))
            @if let Some(signature) = &gate.signature { (pair("signature", signature)) }
            @if let Some(level) = gate.confidence() { (pair("confidence of each limit", &percent(level))) }
            @if let Some(change) = &gate.change {
                (pair("compared", if change.paired { "on the same ids" } else { "side by side" }))
                @if let Some(n) = change.n { (pair("samples of the change", &count(n))) }
            }
            (ledger("candidate", &gate.candidate))
            @if let Some(baseline) = &gate.baseline { (ledger("baseline", baseline)) }
            @for (name, text) in gate.beside() { (pair(name, &text)) }
            (pair("p-value of \"it holds\"", &p(gate.p_pass)))
            (pair("p-value of \"it is broken\"", &p(gate.p_fail)))
            (pair("adjusted for all blocking gates", &p(gate.p_fail_adjusted)))
        }
    }
}

/// How many samples a side rests on, and where the others are.
fn ledger(side: &str, of: &ReportEstimate) -> Markup {
    let counts = [
        (of.rows, "rows"),
        (of.selected, "selected"),
        (of.missing, "without a usable score"),
        (of.n, "scored"),
        (of.events, "of them events"),
        (of.clusters, "clusters"),
    ];
    let told: Vec<String> =
        counts.into_iter().filter_map(|(n, word)| Some(format!("{} {word}", count(n?)))).collect();
    html! { @if !told.is_empty() { (pair(side, &told.join(", "))) } }
}

fn pair(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (shown(value)) } } }
}
