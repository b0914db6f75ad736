//! What a release declares: the types that `read` fills and every later stage applies.
//!
//! Everything its author *writes* is declared here, so that no later stage needs to import another to learn
//! what it should do.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::lifecycle::{DeploymentSpec, MonitoringSpec, RollbackSpec};
use super::people::{JudgeSpec, People, RowKey};
use super::risks::RiskSpec;
use super::rows::{Condition, FieldSource};
use super::rule::{Quantity, Rule};
use super::texts::TextSpec;
use super::tree::Node;
use super::unit::Unit;
use super::words::{
    ArtifactKind, Binding, Category, DatasetRole, Direction, Enforcement, Format, LooserChanges, MetricKind,
    PointEstimates, ReleaseType, RiskPolicy, UnpinnedModels,
};
use crate::diagnostic::{FileId, Span, Spanned};

/// A whole `release.yaml`.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The file it was read from.
    pub file: FileId,
    /// `name`.
    pub name: Spanned<String>,
    /// `version`.
    pub version: Spanned<semver::Version>,
    /// `type`.
    pub release_type: Spanned<ReleaseType>,
    /// `summary`.
    pub summary: Option<Spanned<String>>,
    /// `baseline`: a manifest, a bundle folder, `git:REV[:path]` or `none`.
    pub baseline: Option<Spanned<String>>,
    /// `anchor`: an older release that drift is measured against, in the same forms.
    pub anchor: Option<Spanned<String>>,
    /// `artifacts`, by kind and name.
    pub artifacts: Vec<Artifact>,
    /// `evidence`, in the order of the file.
    pub evidence: Vec<EvidenceSpec>,
    /// `metrics`, in the order of the file.
    pub metrics: Vec<MetricSpec>,
    /// `gates`, in the order of the file; at least one, unless the policy extends files that may hold them.
    pub gates: Vec<GateSpec>,
    /// `policy`, with its defaults filled in.
    pub policy: Policy,
    /// `waivers`.
    pub waivers: Vec<WaiverSpec>,
    /// `accept_failed_baseline`: why it is compared with a release whose verdict was no pass.
    pub accept_failed_baseline: Option<Spanned<String>>,
    /// `changelog`: the file that gets the entry.
    pub changelog: Option<Spanned<String>>,
    /// `deployment`.
    pub deployment: Option<DeploymentSpec>,
    /// `monitoring`.
    pub monitoring: Option<MonitoringSpec>,
    /// `rollback`, with its defaults filled in.
    pub rollback: RollbackSpec,
    /// `risks`, in the order of the file.
    pub risks: Vec<RiskSpec>,
    /// The keys about the time after `check`, as written, so that a change in them shows.
    pub beyond_check: Vec<(String, Node)>,
}

/// A policy file: what releases that name it in `extends` inherit and may tighten.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// The file it was read from.
    pub file: FileId,
    /// `policy`; [`Policy::stated`] tells what it says from the defaults.
    pub policy: Policy,
    /// `gates`, in the order of the file.
    pub gates: Vec<GateSpec>,
}

/// One versioned part of the release.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// Which of the six kinds.
    pub kind: ArtifactKind,
    /// Its name within the kind.
    pub name: Spanned<String>,
    /// Its version, exactly as written.
    pub version: Spanned<String>,
    /// A file or folder, relative to the manifest.
    pub path: Option<Spanned<String>>,
    /// Where it lives when it is not in the repository.
    pub uri: Option<Spanned<String>>,
    /// The declared digest.
    pub sha256: Option<Spanned<Digest>>,
    /// Inline content.
    pub values: Option<Spanned<serde_json::Value>>,
    /// Phrases that every version must hold word for word; of prompts and safety policies only.
    pub keep: Vec<Spanned<String>>,
    /// What a dataset is for; none where nothing is declared, and of every other kind.
    pub role: Option<Spanned<DatasetRole>>,
    /// Names that evaluation tools use for it.
    pub known_as: Vec<Spanned<String>>,
}

impl Artifact {
    /// `kind.name`, the key that evidence uses.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}.{}", self.kind, self.name.value)
    }
}

/// A SHA-256 digest: 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// The digest that a text spells; a leading `sha256:` is allowed, upper case is not.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        let valid = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        valid.then(|| Self(hex.to_owned()))
    }

    /// The 64 digits.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.0
    }
}

/// Where results are and which of their rows count.
#[derive(Debug, Clone)]
pub struct EvidenceSpec {
    /// Its name in the manifest.
    pub name: Spanned<String>,
    /// File, folder or glob, relative to the manifest.
    pub path: Spanned<String>,
    /// Rows that count; all conditions must hold.
    pub conditions: Vec<Condition>,
    /// The declared digest of the file.
    pub sha256: Option<Spanned<Digest>>,
    /// The baseline's results, where they are not found through the baseline.
    pub baseline: Option<BaselineEvidence>,
    /// The field that says which samples are not independent.
    pub cluster: Option<Spanned<String>>,
    /// How many samples one cluster can have.
    pub cluster_at_most: Option<Spanned<u64>>,
    /// Whether candidate and baseline were asked other questions, on purpose.
    pub unpaired: bool,
    /// The list of ids that were dropped on purpose since the baseline.
    pub retired: Option<Spanned<String>>,
    /// Where fields stand that the results call otherwise; the baseline's too, unless it carries its own.
    pub fields: Vec<FieldSource>,
    /// How the files are written, where it is not to be told from their content.
    pub format: Option<Spanned<Format>>,
    /// What tells its rows apart, where a metric that reads it is about people; no key of its own.
    pub row_key: Option<RowKey>,
}

/// The baseline's side of an evidence entry.
#[derive(Debug, Clone)]
pub struct BaselineEvidence {
    /// File, folder or glob, relative to the manifest.
    pub path: Spanned<String>,
    /// Its own selection, where it has one.
    pub conditions: Option<Vec<Condition>>,
    /// Its own names of fields, where it has some.
    pub fields: Option<Vec<FieldSource>>,
    /// How its files are written, where that is not to be told from their content.
    pub format: Option<Spanned<Format>>,
}

/// A metric that the manifest defines itself.
#[derive(Debug, Clone)]
pub struct MetricSpec {
    /// Its name.
    pub name: Spanned<String>,
    /// The evidence that holds its fields; found by the field when absent.
    pub evidence: Option<Spanned<String>>,
    /// `as`.
    pub kind: Option<Spanned<MetricKind>>,
    /// The field; the metric's own name when absent.
    pub field: Option<Spanned<String>>,
    /// What is worked out of texts, where it is made of them.
    pub text: Option<TextSpec>,
    /// The denominator's field, of a ratio.
    pub per: Option<Spanned<String>>,
    /// Factor on the value; 1 when absent.
    pub scale: Option<Spanned<f64>>,
    /// The unit of the value.
    pub unit: Option<Spanned<Unit>>,
    /// Which way is good.
    pub direction: Option<Spanned<Direction>>,
    /// What it is about.
    pub category: Option<Spanned<Category>>,
    /// The smallest and largest value that can be.
    pub bounds: Option<Spanned<(f64, f64)>>,
    /// What a value counts as at most in a mean: larger ones count as this.
    pub cap: Option<Spanned<f64>>,
    /// Rows that count for this metric, besides the evidence's own conditions.
    pub conditions: Vec<Condition>,
    /// What it says of people who rate.
    pub people: People,
    /// The judge whose verdicts it is made of.
    pub judge: Option<Spanned<JudgeSpec>>,
}

/// One named check.
#[derive(Debug, Clone)]
pub struct GateSpec {
    /// Its identifier: given, or made of the rule's words.
    pub id: Spanned<String>,
    /// What must hold.
    pub rule: Rule,
    /// The metric's exact name, where the rule's words cannot spell it.
    pub metric: Option<Spanned<String>>,
    /// The evidence to look in.
    pub evidence: Option<Spanned<String>>,
    /// The fields whose values are judged on their own.
    pub by: Vec<Spanned<String>>,
    /// When it applies; always when absent.
    pub when: Option<Spanned<When>>,
    /// Whether a shared policy declares a `when` at least as narrow, so that a gate that it switches off still
    /// stands for its category.
    pub when_is_shared: bool,
    /// Where a shared policy asks for it; nowhere where only the release does.
    pub shared: Option<Span>,
    /// What its outcome does.
    pub enforcement: Enforcement,
    /// Where `enforcement` is written; nowhere when it is the default.
    pub enforcement_at: Option<Span>,
    /// Its own confidence of a pass; the policy's when absent.
    pub confidence: Option<Spanned<Confidence>>,
    /// The least number of samples of a pass.
    pub min_samples: Option<Spanned<u64>>,
    /// Why it is there.
    pub rationale: Option<Spanned<String>>,
    /// What it compares with, if it compares.
    pub against: Reference,
}

impl GateSpec {
    /// A gate of which nothing is said but its rule.
    #[must_use]
    pub fn of_rule(rule: Rule) -> Self {
        Self {
            id: Spanned::new(rule.default_id(), rule.subject_span()),
            rule,
            metric: None,
            evidence: None,
            by: Vec::new(),
            when: None,
            when_is_shared: false,
            shared: None,
            enforcement: Enforcement::Block,
            enforcement_at: None,
            confidence: None,
            min_samples: None,
            rationale: None,
            against: Reference::Baseline,
        }
    }
}

/// The earlier release that a comparison is with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// The release before.
    #[default]
    Baseline,
    /// A fixed older one.
    Anchor,
}

impl Reference {
    /// The word that messages and reports use; also the key of the manifest.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Anchor => "anchor",
        }
    }

    /// The id of a gate that compares with it; no author can write `@` into one.
    #[must_use]
    pub fn id_of(self, gate: &str) -> String {
        match self {
            Self::Baseline => gate.to_owned(),
            Self::Anchor => format!("{gate}@anchor"),
        }
    }
}

/// When a gate applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// Artifact kinds of which one must have changed.
    pub changed: Vec<ArtifactKind>,
    /// Release types of which one must be this release's.
    pub types: Vec<ReleaseType>,
}

/// A one-sided confidence level in (50 %, 100 %).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence {
    percent: f64,
}

impl Confidence {
    /// The level of a percentage in (50, 100).
    #[must_use]
    pub fn from_percent(percent: f64) -> Option<Self> {
        (percent > 50.0 && percent < 100.0).then_some(Self { percent })
    }

    /// The level as a fraction in (0.5, 1).
    #[must_use]
    pub fn level(self) -> f64 {
        self.percent / 100.0
    }

    /// 1 - level, rounded once: 0.05 for 95 %.
    #[must_use]
    pub fn alpha(self) -> f64 {
        (100.0 - self.percent) / 100.0
    }
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", self.percent)
    }
}

/// What becomes of selected rows without a usable score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MissingSamples {
    /// They count as bad for a pass and as good for a fail.
    WorstCase,
    /// They are left out while they are at most this share of the selected rows; worst case above it.
    ExcludeUpTo(f64),
}

/// The rules of judging; every default is documented in the field table.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `extends`; a command loads the files, [`extends::merge`](crate::manifest::extends::merge) follows them.
    pub extends: Vec<Spanned<String>>,
    /// Confidence of a pass.
    pub confidence: Confidence,
    /// Confidence of a fail.
    pub fail_confidence: Confidence,
    /// How often the evidence may be judged while it grows.
    pub looks: u32,
    /// What an inconclusive blocking gate does.
    pub on_inconclusive: Enforcement,
    /// What becomes of a number without uncertainty.
    pub point_estimates: PointEstimates,
    /// What becomes of missing samples.
    pub missing_samples: MissingSamples,
    /// Whether evidence must be bound to artifacts.
    pub binding: Binding,
    /// What becomes of models that may change behind the same name.
    pub unpinned_models: UnpinnedModels,
    /// The oldest evidence of the candidate that counts, with its spelling. A baseline is older by nature: its evidence
    /// has no age limit.
    pub max_evidence_age: Option<Spanned<Age>>,
    /// Categories that need a blocking gate, where it states them; else the release type's stand (`stated` tells).
    pub require: Vec<Spanned<Category>>,
    /// Whether observed facts satisfy `require`.
    pub observed_counts: bool,
    /// What becomes of changes since the baseline that `diff` weighs as blocking.
    pub looser_changes: LooserChanges,
    /// How far from the day of the judgement a waiver may expire.
    pub waiver_at_most: Age,
    /// What is asked of the register of risks.
    pub risks: RiskPolicy,
    /// The file of keys that waivers are signed with (`allowed_signers` of `ssh-keygen`), relative to the file in which it stands;
    /// it is read from the protected branch. Waivers are not signed where none.
    pub signers: Option<Spanned<String>>,
    /// Where each key stands that is written and not a default, by its name.
    pub stated: BTreeMap<&'static str, Span>,
}

impl Default for Policy {
    fn default() -> Self {
        let confidence = Confidence { percent: 95.0 };
        Self {
            extends: Vec::new(),
            confidence,
            fail_confidence: confidence,
            looks: 1,
            on_inconclusive: Enforcement::Block,
            point_estimates: PointEstimates::Refuse,
            missing_samples: MissingSamples::WorstCase,
            binding: Binding::Warn,
            unpinned_models: UnpinnedModels::Warn,
            max_evidence_age: None,
            require: Vec::new(),
            observed_counts: false,
            looser_changes: LooserChanges::Warn,
            waiver_at_most: Age { hours: 365 * 24 },
            risks: RiskPolicy::Warn,
            signers: None,
            stated: BTreeMap::new(),
        }
    }
}

/// A length of time in whole hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// Hours.
    pub hours: u32,
}

impl std::fmt::Display for Age {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.hours.is_multiple_of(24) {
            write!(f, "{}d", self.hours / 24)
        } else {
            write!(f, "{}h", self.hours)
        }
    }
}

/// An accepted, expiring exception.
#[derive(Debug, Clone)]
pub struct WaiverSpec {
    /// The gate it is for.
    pub gate: Spanned<String>,
    /// Why.
    pub reason: Spanned<String>,
    /// Who asked for it.
    pub owner: Spanned<String>,
    /// Who accepted it.
    pub approver: Spanned<String>,
    /// The last day on which it holds.
    pub expires: Spanned<NaiveDate>,
    /// The worst value that it still accepts.
    pub limit: Option<Spanned<Quantity>>,
    /// The slice that it is limited to.
    pub slice: Option<Spanned<BTreeMap<String, String>>>,
    /// The file of the approver's signature.
    pub signature: Option<Spanned<String>>,
    /// The whole entry.
    pub span: Span,
}
