//! What the verdict stands on: what changed, the artifacts, the waivers, the evidence, the policy, and how to judge again.

use maud::{Markup, html};

use super::said::{badge, shown};
use crate::report::number::{count, percent};
use crate::report::v1::{Report, ReportDetail, ReportEvidence, ReportPolicy, ReportRecord, Told};

/// So many changes are shown in detail.
const MOST_RECORDS: usize = 200;

/// A part of the page below the gates: it opens, and says in its title how much is in it.
fn part(id: &str, title: &str, open: bool, content: &Markup) -> Markup {
    html! {
        section id=(id) {
            details open[open] {
                summary { h2 { (title) } }
                div.inside { (content) }
            }
        }
    }
}

pub(super) fn changes(report: &Report) -> Markup {
    let Some(since) = &report.changes_since else { return html! {} };
    let records = report.changes.as_deref().unwrap_or_default();
    let content = html! {
        @if report.changed.is_empty() { p { "Nothing that relgate can tell." } }
        ul.changed {
            @for line in &report.changed {
                li {
                    @match line.told.0 {
                        Told::Looser => strong { "looser: " },
                        Told::MayBeLooser => strong { "may be looser: " },
                        Told::Changed => "",
                    }
                    (shown(&line.text))
                }
            }
        }
        @let detailed: Vec<&ReportRecord> = records.iter().filter(|record| !record.details.is_empty()).collect();
        @for record in detailed.iter().take(MOST_RECORDS) {
            h3 { (shown(record.artifact.as_deref().unwrap_or(&record.path))) ": " (shown(&record.text)) }
            @for detail in &record.details { (passage(detail)) }
        }
        @if detailed.len() > MOST_RECORDS { p.note { "and " (detailed.len() - MOST_RECORDS) " more (report.json has all)" } }
    };
    part("changes", &format!("What changed since {since}"), true, &content)
}

fn passage(detail: &ReportDetail) -> Markup {
    html! {
        @match detail {
            ReportDetail::Line { line } => p.passage { (shown(line)) },
            ReportDetail::Words { at, words } => p.passage {
                span.at { "line " (at) ": " }
                @for word in words {
                    @match word.op.as_str() {
                        "removed" => del { (shown(&word.text)) },
                        "added" => ins { (shown(&word.text)) },
                        _ => (shown(&word.text)),
                    }
                }
            },
        }
    }
}

pub(super) fn artifacts(report: &Report) -> Markup {
    if report.artifacts.is_empty() {
        return html! {};
    }
    let lock = report.release.as_ref().and_then(|release| release.lock_sha256.as_deref());
    let content = html! {
        (table(&format!("Artifacts of this release ({})", report.artifacts.len()), &["artifact", "version", "since the baseline", "sha256"], &html! {
            @for artifact in &report.artifacts {
                tr {
                    th scope="row" { (shown(&artifact.kind)) " " (shown(&artifact.name)) }
                    td { (shown(&artifact.version)) }
                    td { (shown(artifact.changed.as_deref().unwrap_or("-"))) }
                    td { @match &artifact.sha256 { Some(hex) => (digest(hex)), None => "unknown" } }
                }
            }
        }))
        p {
            @match lock {
                Some(hex) => { "As locked; the lock has sha256 " (digest(hex)) "." },
                None => { "Not locked: " code { "relgate lock" } " writes down what each artifact is." },
            }
        }
    };
    part("artifacts", &format!("Artifacts ({})", report.artifacts.len()), false, &content)
}

pub(super) fn waivers(report: &Report) -> Markup {
    if report.waivers.is_empty() {
        return html! {};
    }
    let content = table(
        "Waivers",
        &["gate", "state", "reason", "asked for by", "accepted by", "until", "limit"],
        &html! {
            @for waiver in &report.waivers {
                tr {
                    th scope="row" {
                        (shown(&waiver.gate))
                        @if let Some(slice) = &waiver.slice { ", " (shown(&slice.name())) }
                    }
                    td { (shown(&waiver.state)) }
                    td { (shown(&waiver.reason)) }
                    td { (shown(&waiver.owner)) }
                    td { (shown(&waiver.approver)) }
                    td { (waiver.expires.to_string()) }
                    td { (shown(waiver.limit.as_deref().unwrap_or("-"))) }
                }
            }
        },
    );
    part("waivers", &format!("Waivers ({})", report.waivers.len()), true, &content)
}

pub(super) fn risks(report: &Report) -> Markup {
    let Some(words) = report.risks_in_words() else { return html! {} };
    let content = table(
        "Risks",
        &["risk", "likelihood", "impact", "residual", "mitigation", "shown by", "outcome", "owner", "review"],
        &html! {
            @for risk in &report.risks {
                tr {
                    th scope="row" { (shown(&risk.id)) br; (shown(&risk.title)) }
                    @match &risk.assessment {
                        Some(it) => {
                            @for level in [it.likelihood, it.impact, it.residual] { td { (level.0.word()) } }
                            td { (shown(&it.mitigation)) }
                        },
                        None => { @for _ in 0..4 { td { "-" } } },
                    }
                    td { (shown(&risk.shown_by())) }
                    td { (badge(risk.outcome.0)) }
                    td { (shown(&risk.owner)) }
                    td { (risk.review.to_string()) @if risk.review_due { " (due)" } }
                }
            }
        },
    );
    part("risks", &format!("Risks ({words})"), true, &content)
}

pub(super) fn evidence(report: &Report) -> Markup {
    if report.evidence.is_empty() {
        return html! {};
    }
    let content = html! {
        (table("Evidence", &["evidence", "format", "rows", "selected", "scored", "errored", "sha256"], &html! {
            @for one in &report.evidence { (entry(one)) }
        }))
        @for line in report.evidence.iter().filter_map(ReportEvidence::errors_in_a_line) { p { (shown(&line)) "." } }
        @for line in report.evidence.iter().filter_map(told_by_tool) { p { (shown(&line)) "." } }
    };
    part("evidence", &format!("Evidence ({})", report.evidence.len()), false, &content)
}

fn entry(of: &ReportEvidence) -> Markup {
    let rows = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), count);
    html! {
        tr {
            th scope="row" { (shown(&of.name)) }
            td { (shown(&of.format)) }
            td.number { (rows(of.rows)) }
            td.number { (rows(of.selected)) }
            td.number { (rows(of.scored)) }
            td.number { (rows(of.errored)) }
            td { @match &of.sha256 { Some(hex) => (digest(hex)), None => "unknown" } @if of.declared.is_some() { " as declared" } }
        }
    }
}

/// What the tool that wrote the results says of its calls.
fn told_by_tool(of: &ReportEvidence) -> Option<String> {
    let counts = [
        (of.attempts, "attempted"),
        (of.refused, "refused"),
        (of.filtered, "filtered"),
        (of.limited, "limited"),
    ];
    let told: Vec<String> =
        counts.into_iter().filter_map(|(n, word)| Some(format!("{} {word}", count(n?)))).collect();
    (!told.is_empty()).then(|| format!("`{}` by its own tool: {}", of.name, told.join(", ")))
}

pub(super) fn policy(report: &Report) -> Markup {
    let Some(policy) = &report.policy else { return html! {} };
    let content = html! {
        dl.figures { @for (key, value) in lines(policy) { div { dt { code { (key) } } dd { (shown(&value)) } } } }
        p { "Blocking gates are required on " (shown(&report.requirement())) "." }
    };
    part("policy", "Policy in force", false, &content)
}

fn lines(policy: &ReportPolicy) -> Vec<(&'static str, String)> {
    let level = |level: Option<f64>| level.map_or_else(|| "unknown".to_owned(), percent);
    let share = policy.missing_samples.exclude_up_to.get();
    let missing = match share {
        Some(share) if share > 0.0 => format!("left out up to {}", percent(share)),
        _ => "worst-case".to_owned(),
    };
    vec![
        ("confidence", level(policy.confidence.get())),
        ("fail_confidence", level(policy.fail_confidence.get())),
        ("looks", policy.looks.to_string()),
        ("on_inconclusive", policy.on_inconclusive.clone()),
        ("point_estimates", policy.point_estimates.clone()),
        ("missing_samples", missing),
        ("binding", policy.binding.clone()),
        ("unpinned_models", policy.unpinned_models.clone()),
        ("looser_changes", policy.looser_changes.clone()),
        ("waiver_at_most", policy.waiver_at_most.clone()),
        ("risks", policy.risks.clone()),
        ("max_evidence_age", policy.max_evidence_age.clone().unwrap_or_else(|| "no limit".to_owned())),
    ]
}

pub(super) fn again(report: &Report) -> Markup {
    let content = html! {
        @if let Some(command) = &report.command {
            p { "The same files and this command give the same verdict:" }
            pre tabindex="0" { code { (shown(command)) } }
        }
        p {
            "Judged as of " (report.as_of.to_string()) " by relgate " (shown(&report.tool.version))
            @if let Some(release) = &report.release { "; the manifest has sha256 " (digest(&release.manifest_sha256)) }
            ". This page says what " code { "report.json" } " says."
        }
    };
    part("again", "Judge it again", false, &content)
}

fn table(caption: &str, header: &[&str], rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                thead { tr { @for name in header { th scope="col" { (name) } } } }
                tbody { (rows) }
            }
        }
    }
}

fn digest(hex: &str) -> Markup {
    html! { code.digest { (shown(hex)) } }
}
