//! `relgate diff` from the outside: where releases come from, what is said of them, and when it fails.
//!
//! Each module is one topic; `support` builds the stories. `stories` has one folder for every rule of the catalogue.

mod bad_input;
mod figures;
mod outputs;
mod revisions;
mod stories;
mod support;
