//! How the gates of a release came along over its versions: the figures of saved reports, gate by gate.

mod document;
mod gate;
mod judged;
mod noticed;
mod terminal;
mod whole;

pub use document::{
    HISTORY, HistoryDocument, HistoryEstimate, HistoryGateDocument, HistoryPointDocument,
    HistoryReleaseDocument, json,
};
pub use gate::{GateHistory, Point};
pub use judged::JudgedRelease;
pub use terminal::terminal;
pub use whole::{History, NoHistory};
