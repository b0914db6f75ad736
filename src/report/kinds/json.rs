//! For programs: the finished view itself, schema `relgate/report/v1`.

use super::kind::{Kind, Several};
use crate::report::diff;
use crate::report::history;
use crate::report::json::pretty;
use crate::report::plan;
use crate::report::v1;

pub(super) const KIND: Kind = Kind {
    name: "json",
    about: "for programs, with a versioned schema",
    file: "report.json",
    media: "application/json",
    always: true,
    report: |report, _| pretty(&report.sealed()),
    ending: None,
    several: Several::Whole(|reports, _| {
        // Documents one after another are no JSON.
        let documents: Vec<String> = reports.iter().map(|report| pretty(&report.sealed())).collect();
        format!("[\n{}]\n", documents.join(",\n"))
    }),
    comparison: Some(|comparison, _| diff::json(comparison)),
    history: Some(|history, _| history::json(history)),
    is_own: |text| {
        let says = |schema: &str| text.contains(&format!("\"schema\": \"{schema}\""));
        text.starts_with('{')
            && [v1::SCHEMA, diff::SCHEMA, history::HISTORY, plan::SCHEMA].into_iter().any(says)
    },
    shared: None,
};
