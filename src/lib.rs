//! relgate decides whether a generative-AI release may ship: **pass, fail or inconclusive, with known error rates**.
//!
//! # The story of the data is the list of modules
//!
//! | module | word | from -> to |
//! |---|---|---|
//! | [`manifest`] | DECLARED | `release.yaml` -> types that cannot be wrong |
//! | [`artifact`] | PINNED | files and folders -> digests |
//! | [`release`] | LOADED | the manifest and what it extends, pinned, over a working tree, a commit or a bundle |
//! | [`change`] | CHANGED | two pinned releases -> what differs and what it means |
//! | [`evidence`] | OBSERVED | results files -> a stream of samples, or aggregates |
//! | [`metric`] | ESTIMATED | samples -> estimates with limits and p-values |
//! | [`gate`] | JUDGED | each gate against its estimate |
//! | [`verdict`] | DECIDED | the gates together; the worst one wins |
//! | [`judge`] | RUN | release and evidence -> verdict |
//! | [`monitor`] | WATCHED | production records -> signals, whose outcomes hold however often one looks |
//! | [`propose`] | PROPOSED | what results files hold -> the lines of `release.yaml` that fit |
//! | [`diff`] | COMPARED | two releases -> records: what changed, how much it matters, what got looser |
//! | [`attest`] | ATTESTED | a judgement -> statements for people outside, and what a signature of one is worth here |
//! | [`report`] | TOLD | one finished view -> terminal, JSON, Markdown |
//! | [`changelog`] | TOLD | one entry of a changelog that people edit too |
//! | [`ledger`] | REMEMBERED | what happened to releases, one file an event, chained by digests |
//! | [`rollout`] | DELIVERED | where a rollout stands and what production shows -> the next step |
//! | [`target`] | DELIVERED | a split of traffic -> what an engine reads, and back |
//! | [`commands`] | JOINED | one file per subcommand, the only place where stages meet |
//!
//! [`stats`] (mathematics), [`text`] (BLEU, ROUGE and their like), [`secret`] (masks), [`diagnostic`] (findings) and
//! [`document`] (text to trees and rows) stand below all; [`cli`] and [`files`] beside the commands.
//!
//! # A release judged in five lines
//!
//! ```
//! # use relgate::{diagnostic::Sources, files::{self, Named, Worktree}, judge, manifest::Reference, release::{self, SharedPolicy}};
//! # fn main() -> Result<(), relgate::diagnostic::Diagnostics> {
//! # let (sources, as_of) = (&mut Sources::new(), chrono::NaiveDate::MIN);
//! let root = Worktree::find("release.yaml".as_ref(), None)?;
//! let candidate = release::load(Box::new(root.clone()), SharedPolicy::Whole, sources)?;
//! let before = Named::of(Reference::Baseline, None, &candidate.manifest, &root).unwrap();
//! let baseline = release::load(files::find(&before)?, SharedPolicy::OrOwn, sources)?;
//! let judgement = judge::release(&candidate, Some(&baseline), as_of)?;
//! assert_eq!(judgement.verdict.decision.word(), "pass");
//! # Ok(())
//! # }
//! ```
//!
//! # Invariants
//!
//! - **A module imports only from groups above its own** in this file. `tests/it/layering.rs` enforces it.
//! - Everything an author *writes* is declared in `manifest`; later stages *apply* it.
//! - Files, the clock, the environment and printing exist only in `files`, `commands` and `main.rs` (clippy enforces it).
//! - An outcome comes from p-values, in one place ([`gate::judge`]). Renderers decide nothing.
//! - Missing, NaN, empty, duplicated, unreadable or mismatched data never turns into a pass.
//! - No sample is kept as a map or a text; results do not depend on the order of rows or the number of threads.
//! - No network, and nothing that a manifest names is executed.

pub mod diagnostic;
pub mod secret;
pub mod stats;
pub mod text;

pub mod document;

pub mod manifest;

pub mod artifact;

pub mod release;

pub mod change;

pub mod evidence;

pub mod metric;

pub mod gate;

pub mod verdict;

pub mod judge;

pub mod monitor;

pub mod propose;

pub mod diff;

pub mod attest;

pub mod report;

pub mod changelog;

pub mod ledger;

pub mod rollout;

pub mod target;

pub mod cli;
pub mod files;

pub mod commands;
