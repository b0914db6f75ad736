//! The report as one HTML file: it needs no network and no script, so it opens from a disk and as a CI artifact alike.
//!
//! Everything stands in the page as text; the drawings repeat it. Text of other people is escaped by the templates, made
//! visible where it would be invisible, and cut where it is long.

mod axis;
mod curves;
mod frame;
mod gates;
mod ground;
mod history;
mod plan;
mod said;
mod several;
mod single;
mod strip;

use super::kind::{Kind, Several};

pub use plan::page as plan;

pub(super) const KIND: Kind = Kind {
    name: "html",
    about: "a page for a browser, in one file",
    file: "report.html",
    media: "text/html",
    always: false,
    report: |report, _| single::page(report),
    ending: None,
    several: Several::Whole(|reports, _| several::page(reports)),
    comparison: None,
    history: Some(|history, _| history::page(history)),
    is_own: |text| {
        text.starts_with("<!DOCTYPE html>") && text.contains("<meta name=\"generator\" content=\"relgate ")
    },
    shared: None,
};
