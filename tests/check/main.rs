//! `relgate check` from the outside: stories on either side of, and at, every line that may not be crossed.
//!
//! Each module is one topic; `support` builds the stories, `oracle` knows the binomial distribution on its own.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a story makes its own files, may stop where it stands, and says what it skips"
)]

mod aggregates;
mod anchor;
mod bad_evidence;
mod bad_manifest;
mod bad_output;
mod changes;
mod clusters;
mod command_line;
mod comparisons;
mod comparisons_refused;
mod examples;
mod hostile;
mod identity;
mod means;
mod observed;
mod oracle;
mod policy;
mod quantiles;
mod rates;
mod regressions;
mod report;
mod require;
mod shape;
mod slices;
mod support;
