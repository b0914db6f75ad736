//! The field table of `release.yaml`: every key, its type, its default, and what it is for.
//!
//! One table for the reader, for "did you mean" and for the JSON Schema, so that they cannot disagree.

mod field;
mod lifecycle;
mod risks;
mod schema;
mod tables;

pub use field::{Field, FieldType, Mapping};
pub use lifecycle::{ACTIONS, APPROVALS, DEPLOYMENT, MONITORING, ROLLBACK, SIGNAL, STEP, TARGET};
pub use risks::{RISK, RISK_ACCEPTED};
pub use schema::{manifest_schema, policy_schema};
pub use tables::{
    ARTIFACT, ARTIFACTS, BASELINE_EVIDENCE, CLUSTER, EVIDENCE, GATE, JUDGE, JUDGE_SHARE, METRIC,
    MISSING_SAMPLES, POLICY, POLICY_FILE, REFERENCE, RELEASE, WAIVER, WHEN,
};
