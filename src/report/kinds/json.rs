//! For programs: the finished view itself, schema `relgate/report/v1`.

use super::kind::{Kind, Several};
use crate::report::diff;
use crate::report::history;
use crate::report::json::pretty;

pub(super) const KIND: Kind = Kind {
    name: "json",
    about: "for programs, with a versioned schema",
    file: "report.json",
    media: "application/json",
    always: true,
    several: Several::Array,
    report: |report, _| pretty(report),
    ending: None,
    comparison: Some(|comparison, _| diff::json(comparison)),
    history: Some(|history, _| history::json(history)),
};
