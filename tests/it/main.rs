//! Every integration test in one binary: a module is a topic, a folder a topic with stories of its own.
#![allow(
    clippy::cast_possible_wrap,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::match_same_arms,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test makes its own files, may stop where it stands, asserts exact values, says what it skips; a table is long"
)]

#[cfg(unix)]
mod artifacts;
#[cfg(unix)]
mod attest;
#[cfg(unix)]
mod change;
mod changelog;
mod check;
mod codes;
mod corruptions;
mod diff;
mod diff_artifacts;
mod diff_dataset;
mod diff_declared;
mod documents;
mod evidence_command;
mod evidence_readers;
mod explain;
mod extends;
mod extends_cases;
mod flow;
mod formats;
mod fresh_runs;
mod history;
mod honesty;
mod html_report;
mod init;
mod layering;
mod ledger;
#[cfg(unix)]
mod lock;
mod manifest_page;
mod names;
mod operating;
mod outside;
mod plan;
mod project;
mod properties;
mod rater_reference;
mod reference_cases;
mod report_again;
mod report_kinds;
#[cfg(unix)]
mod rollout;
mod schemas;
mod screens;
mod sentences;
mod sequential_power;
mod sequential_reference;
mod simulation;
mod split;
mod stats_reference;
mod summarize;
mod summarize_log;
mod text_measures;
mod text_reference;
mod tooling;
mod tools;
mod trees;
mod trial;
mod watched_levels;
mod watched_texts;
mod watching;
mod worse_data;
