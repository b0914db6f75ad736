//! `relgate check` from the outside: stories on either side of, and at, every line that may not be crossed.
//!
//! Each module is one topic; `support` builds the stories, `oracle` knows the binomial distribution on its own.

mod aggregates;
mod anchor;
mod bad_evidence;
mod bad_manifest;
mod bad_output;
mod baseline_results;
mod cases;
mod changes;
mod checkouts;
mod clusters;
mod command_line;
mod comparisons;
mod comparisons_refused;
mod counted_once;
mod examples;
mod files_of_others;
mod first_tries;
mod hostile;
mod identity;
mod interrupted;
mod judges;
mod kept;
mod means;
mod next;
mod observed;
mod oracle;
mod other_tools;
mod people;
mod policy;
mod quantiles;
mod rates;
mod reasons;
mod regressions;
mod report;
mod require;
mod rerun;
mod retired;
mod risks;
mod shape;
mod slices;
pub(crate) mod support;
mod texts;
mod told;
mod units;
mod yardstick;
