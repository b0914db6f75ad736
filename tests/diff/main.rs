//! `relgate diff` from the outside: where releases come from, what is said of them, and when it fails.
//!
//! Each module is one topic; `support` builds the stories. `stories` has one folder for every rule of the catalogue.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a story makes its own files and may stop where it stands"
)]

mod bad_input;
mod figures;
mod outputs;
mod revisions;
mod stories;
mod support;
