//! OBSERVED: what evaluation tools wrote, streamed as samples or read as aggregates.
//!
//! Bytes come from a [`Source`] (implemented in `files.rs`, faked in tests), one row at a time reaches a
//! [`Sink`] as a borrowed [`Sample`] that holds only the projected fields. Deliberately absent: opening
//! files, computing anything from the values, and keeping a row after it was folded.
//!
//! From the outside in: [`detect`] names the kind of file; [`probe`] says what is in it; [`stream`] cuts it
//! (`feed`, `unpack`), works on the parts on every core (`blocks`), reads the rows of a format (`jsonl` over
//! `scan`, `csv`) and gives their fields a meaning (`row`). `table` reads files of rows that are no samples.

mod blocks;
mod csv;
mod detect;
mod feed;
mod header;
mod jsonl;
mod metrics;
mod probe;
mod row;
mod sample;
mod source;
mod stream;
pub(crate) mod table;
mod unpack;

pub use detect::detect;
pub use header::Identity;
pub use metrics::{Aggregate, Figure, Measured};
pub use probe::{Catalog, Depth, FieldKind, probe};
pub use sample::{Id, Projected, Projection, Role, RunSummary, Sample, Sink, Value};
pub use source::{Compression, Format, Source};
pub use stream::stream;
