//! WATCHED: production records to signals, each with an outcome that holds however often one looks.
//!
//! `bind` makes signals of what a manifest asks and of the fields that the log has; `log` takes what they need of each row;
//! `watch` feeds it, in the order in which rows arrive, to one `state` a signal; `reading` is what comes out. A row's text is read
//! and never kept. Nothing here decides what is done: that is the rollout's.

mod above_cap;
mod answers;
mod arms;
mod bind;
pub mod derived;
mod log;
mod method;
mod reading;
mod row;
mod seen;
mod shown;
mod signal;
mod state;
mod stripped;
mod units;
mod watch;

pub use arms::{Frozen, Phase, Routing, StepSpan, StepTimes};
pub use bind::{Bindings, FEEDBACK, bind, is_known_rate, usual_signals};
pub use log::{LogField, LogPlan, LogSink};
pub use reading::{ArmReading, LogCounts, Readings, SignalOutcome, SignalReading, StepSeen};
pub use signal::{Asked, RecordEvent, Signal, SignalTail, tests_of};
pub use stripped::{LogStripping, StrippedLog, derived_column, strip_log};
pub use watch::{Watch, WatchPlan};
