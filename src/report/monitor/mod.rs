//! What production shows, told: for a terminal, as `relgate/monitor/v1`, as text that Prometheus reads.

mod document;
mod prometheus;
mod terminal;

pub use document::{
    MonitorFacts, MonitorReport, MonitoredArm, MonitoredEvent, MonitoredSeen, MonitoredSignal,
};
