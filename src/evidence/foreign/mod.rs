//! Results that other tools wrote, retold as rows of ours.
//!
//! A reader (a file each in `formats`) walks through a file once and hands over rows in our words and what the file says
//! besides them. It runs on a thread of its own; the rows go through the same projection, checks and sinks as those of our
//! own formats, so that nothing about a value is decided twice.

mod bounded;
mod case;
mod cells;
mod file;
mod halt;
mod json;
mod logged;
mod outline;
mod retelling;
mod row;
mod standing;
mod told;
mod zip;

pub(super) use bounded::Bounded;
pub(super) use case::case_of;
pub(super) use cells::{Cells as ForeignCells, Cut, rows as rows_of_cells};
pub(super) use file::{ForeignFile, Retell};
pub(super) use halt::Halt;
pub(super) use json::Json;
pub(super) use logged::Logged;
pub(crate) use logged::{is_object_line, is_of_object_lines};
pub(super) use outline::{Part, Way, parts, parts_of, worded};
pub(super) use retelling::{Retelling, Retold, Select, WAITING};
pub(super) use row::Row;
pub(super) use standing::Standing;
pub use told::{MeasuredWith, ScoreType, ToolFile, ToolRun};
pub(super) use zip::Archive;
