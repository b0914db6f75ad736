//! DECLARED: `release.yaml` to types that cannot be wrong; every finding names its line.
//!
//! `tree` turns text into nodes with places, `fields` says which keys there are, `read` walks the one by the
//! other and goes on after a finding, `rule` and `unit` read the rule language, `extends` merges shared policies
//! into a release.

pub mod extends;
pub mod fields;
mod people;
mod read;
mod release;
pub mod rule;
mod texts;
pub mod tree;
mod unit;
mod words;

pub use people::{JudgeSpec, People, RowKey};
pub use read::{Sketch, parse, parse_policy, sketch};
pub use release::{
    Age, Artifact, BaselineEvidence, Condition, Confidence, Digest, EvidenceSpec, FieldSource, GateSpec,
    Literal, Manifest, MetricSpec, MissingSamples, Policy, PolicyFile, Reference, WaiverSpec, When,
};
pub use rule::{Aggregate, ChangeWord, Comparator, Quantity, Reading, Rule, fold};
pub use texts::{ReferenceFile, ReferenceSpec, TextMetric, TextSpec};
pub use unit::{Dimension, Unit};
pub use words::{
    Aligned, ArtifactKind, Binding, Category, DatasetRole, Direction, EmptyAnswers, Enforcement, Format,
    LengthUnit, LooserChanges, MetricKind, PointEstimates, ReleaseType, RougePart, Smooth, Statistic, Ties,
    Tokenize, UnpinnedModels,
};
