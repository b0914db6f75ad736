//! OBSERVED: what evaluation tools wrote, streamed as samples or read as aggregates.
//!
//! Bytes come from a [`Source`] (implemented in `files/`, faked in tests), one row at a time reaches a
//! [`Sink`] as a borrowed [`Sample`] that holds only the projected fields and is not kept after it was folded.
//!
//! From the outside in: [`detect`] names the kind of file; [`probe`] says what is in it; [`stream`] folds its samples.
//! `formats` is the registry, one file per format; `runs` reads the rows of a run, cut by `feed` (unpacked by `unpack`)
//! and worked on by every core (`blocks`); `paths` finds fields inside of others and `row` gives them a meaning, or says what is `wrong_value`; `candidates` names
//! the fields that could be the id, for messages. `table`
//! reads files of rows that are no samples.

mod blocks;
mod candidates;
mod census;
mod detect;
mod feed;
mod foreign;
mod formats;
mod header;
mod kept_findings;
mod listed;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod part_set;
mod paths;
mod probe;
mod restated;
mod retold;
mod row;
mod row_place;
mod row_value;
mod runs;
mod sample;
mod source;
mod stream;
pub(crate) mod table;
mod unpack;
mod wrong_value;

pub use crate::manifest::Format;
pub use census::{Census, census};
pub use detect::{detect, detect_as};
pub use foreign::{MeasuredWith, ScoreType, ToolFile, ToolRun};
pub(crate) use foreign::{is_object_line, is_of_object_lines};
pub use formats::{Aside, COUNTS, CountRow, CountTable, Figure, Measured, NUMBERS, StatedAggregate};
pub use header::Identity;
pub use listed::{listed_ids, whole_text};
pub use part::{MadeFor, NumbersPart, PartHeader, PartSource, part_line};
pub use part_set::{check_part_set, check_parts_against, check_parts_made_for};
pub use paths::Paths;
pub use probe::{Catalog, Declared, FieldKind, probe, probe_as};
pub use row_place::RowPlace;
pub use runs::Depth;
pub use sample::{Id, Projected, Projection, Role, RunSummary, Sample, Sink, TruthWords, Value};
pub use source::{Compression, ResultsFile, Source, digest_files, digest_of, digest_source};
pub use stream::{stream, stream_and_digest, stream_front};
