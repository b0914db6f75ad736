//! OBSERVED: what evaluation tools wrote, streamed as samples or read as aggregates.
//!
//! Bytes come from a [`Source`] (implemented in `files.rs`, faked in tests), one row at a time reaches a
//! [`Sink`] as a borrowed [`Sample`] that holds only the projected fields. Deliberately absent: opening
//! files, computing anything from the values, and keeping a row after it was folded.

mod sample;
mod source;

pub use sample::{Id, Projected, Projection, Role, RunSummary, Sample, Sink, Value};
pub use source::{Compression, Format, Source};
