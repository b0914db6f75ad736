//! TOLD: one finished view ([`v1`]), several renderings ([`kinds`]). Renderers return text and decide nothing.

mod cells;
pub mod changes;
pub mod diff;
mod escape;
mod exit;
pub mod explain;
mod fingerprint;
mod headline;
pub mod history;
mod issues;
mod json;
pub mod kinds;
mod measured;
pub mod monitor;
mod next;
mod number;
mod page;
mod people;
pub mod pinning;
pub mod plan;
pub mod remembered;
pub mod rollout;
mod sections;
mod table;
mod understood;
pub mod v1;
mod waivers;
pub mod words;
mod xml;

pub use exit::Exit;
pub use kinds::Kind;
pub use measured::{MeasuredValue, measured};
pub use next::{NextFacts, next};
pub use page::Screen;
pub use understood::{UNDERSTOOD, Understood, UnderstoodFile, UnderstoodMetric, UnderstoodRun};
pub use waivers::{WaiverFacts, WaiverFinding, built_in_waiver_finding, waiver_finding};
