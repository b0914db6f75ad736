//! Several reports as one page: what each came to, then each as a page of its own would tell it.

use maud::{Markup, PreEscaped, html};

use super::said::{badge, outcome, shown};
use super::{frame, single};
use crate::report::v1::{Report, ReportTool};

/// The page.
pub(super) fn page(reports: &[Report]) -> String {
    if let [report] = reports {
        return single::page(report);
    }
    let title = format!("{} releases", reports.len());
    let body = html! {
        nav aria-label="Releases" {
            h1 { (title) }
            ul.why {
                @for (place, report) in reports.iter().enumerate() {
                    li { (badge(outcome(report.decision.0))) " " a href={ "#" (anchor(place)) } { (shown(&single::name(report))) } }
                }
            }
        }
        @for (place, report) in reports.iter().enumerate() { (article(report, place)) }
    };
    frame::page(&title, &ReportTool::own().version, &body)
}

fn anchor(place: usize) -> String {
    format!("release-{}", place + 1)
}

/// A report whose anchors are told apart from those of the others. Text has no bare quotation mark, so what is changed is markup.
fn article(report: &Report, place: usize) -> Markup {
    let own = anchor(place);
    let content = single::content(report)
        .into_string()
        .replace(" id=\"", &format!(" id=\"{own}-"))
        .replace(" aria-labelledby=\"", &format!(" aria-labelledby=\"{own}-"))
        .replace(" href=\"#", &format!(" href=\"#{own}-"))
        // A page has one main part.
        .replace("<main>", "<div>")
        .replace("</main>", "</div>");
    html! { article id=(own) { (PreEscaped(content)) } }
}
