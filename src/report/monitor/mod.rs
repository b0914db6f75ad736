//! What production shows, told: for a terminal, as `relgate/monitor/v1`, as text that Prometheus reads.

mod document;
mod prometheus;
mod terminal;

pub use document::{
    MonitorFacts, MonitorReport, MonitoredArm, MonitoredEvent, MonitoredSeen, MonitoredSignal,
};

/// What a list of ids for the next suite begins with.
pub const CASES_HEAD: &str = "# relgate: ids of records that were flagged or failed\n";

/// Whether a text is one that a look at production wrote: a document, a text for Prometheus or a terminal, ids of records.
#[must_use]
pub fn is_of_monitor(text: &str) -> bool {
    is_verdict(text) || text.starts_with(CASES_HEAD) || prometheus::is_own(text)
}

/// Whether it says what the signals came to, and not when that was.
#[must_use]
pub fn is_verdict(text: &str) -> bool {
    document::is_own(text) || terminal::is_own(text)
}
