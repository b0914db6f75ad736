//! DECLARED: `release.yaml` to types that cannot be wrong; every finding names its line.
//!
//! `tree` turns text into nodes with places, `fields` says which keys there are, `read` walks the one by the
//! other and goes on after a finding, `rule` and `unit` read the rule language, `extends` merges shared policies
//! into a release, `edited` makes another manifest of one.

mod edited;
pub mod extends;
pub mod fields;
mod lifecycle;
mod people;
mod read;
mod release;
mod risks;
mod rows;
pub mod rule;
mod texts;
pub mod tree;
mod unit;
mod words;

pub use edited::{ManifestEdit, edited, text_node};
pub use lifecycle::{
    ActionSpec, ApprovalsSpec, DeploymentSpec, Lasting, MonitoringSpec, PerTime, RollbackSpec, SignalAsked,
    SignalSpec, StepSpec, TargetSpec, TrafficWeight, USUAL_SIGNALS, signal_id,
};
pub use people::{JudgeSpec, People, RowKey};
pub use read::{Sketch, parse, parse_policy, sketch};
pub use release::{
    Age, Artifact, BaselineEvidence, Confidence, Digest, EvidenceSpec, GateSpec, Manifest, MetricSpec,
    MissingSamples, Policy, PolicyFile, Reference, WaiverSpec, When,
};
pub use risks::{NIST_RISKS, RiskAccepted, RiskAssessment, RiskSpec, RiskStanding};
pub use rows::{Condition, FieldSource, Literal};
pub use rule::{Aggregate, ChangeWord, Comparator, Quantity, Reading, Rule, fold};
pub use texts::{ReferenceFile, ReferenceSpec, TextMetric, TextSpec};
pub use unit::{Dimension, Unit};
pub use words::{
    Aligned, ArtifactKind, Binding, Category, DatasetRole, Direction, EmptyAnswers, Enforcement, Format,
    LengthUnit, LooserChanges, MetricKind, PointEstimates, ReleaseType, RiskLevel, RiskPolicy, RougePart,
    Shown, Smooth, Statistic, Strategy, TargetKind, Ties, Tokenize, UnpinnedModels,
};
