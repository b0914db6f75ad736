//! `report.json`, schema `relgate/report/v1`: the one finished view of a judgement, written by `check` and read again.
//!
//! Every rendering is made of what stands here and of nothing else, so a saved report tells in another form what the
//! judgement told. These types are apart from those of the stages: a stage may change, this shape only grows. Keys
//! stand in the order of the fields; absent is `null`; a number is finite by its type.

mod changed;
mod gate;
mod ledger;
mod next;
mod of;
mod people;
mod read;
mod report;
mod risks;
mod seal;
mod step;
pub(super) mod wire;

pub use changed::{ReportDetail, ReportLine, ReportRecord, ReportWord};
pub use gate::{
    ReportAcceptance, ReportCase, ReportChange, ReportEstimate, ReportGate, ReportNeeded, ReportOperating,
    ReportPlace, ReportReason, ReportSlice, ReportThreshold,
};
pub use ledger::{ReportEvent, ReportLedger};
pub use next::{ReportNext, ReportStep};
pub use people::{ReportJudge, ReportRater, ReportRerun, ReportShare, ReportVersion};
pub use read::read;
pub use report::{
    Report, ReportArtifact, ReportDistribution, ReportEvidence, ReportFinding, ReportMissing, ReportPolicy,
    ReportRelease, ReportRetired, ReportTool, ReportWaiver,
};
pub use risks::{ReportRisk, ReportRiskAccepted, ReportRiskAssessment, ReportRiskTest};
pub use step::NextStep;
pub(super) use wire::SCHEMA;
pub(super) use wire::unit::name as unit_name;
pub use wire::{Finite, Schema, SliceKey, Told, Word};
