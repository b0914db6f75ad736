//! The tables themselves; their order is that of the documentation.

use super::field::{Field, Kind, Shape};
use crate::manifest::words::{
    ArtifactKind, Binding, Category, DatasetRole, Direction, Enforcement, Format, LooserChanges, MetricKind,
    PointEstimates, ReleaseType, UnpinnedModels,
};

const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field { name, kind, required: true, default: None, doc }
}

const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field { name, kind, required: false, default: None, doc }
}

const fn defaulted(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Field {
    Field { name, kind, required: false, default: Some(default), doc }
}

/// The whole manifest.
pub static RELEASE: Shape = Shape {
    name: "the manifest",
    fields: &[
        required("relgate", Kind::Count, "Manifest format version; 1."),
        required("name", Kind::Text, "Name of what is released."),
        required("version", Kind::Semver, "Semantic version of this release."),
        required("type", Kind::Word(ReleaseType::WORDS), "What kind of release this is."),
        optional("summary", Kind::Text, "One sentence for the changelog."),
        optional(
            "baseline",
            Kind::Text,
            "The release to compare with: a manifest, a bundle folder, `git:REV[:path]`, or `none`.",
        ),
        optional(
            "anchor",
            Kind::Text,
            "An older release, in the same forms: every limit on a change since the baseline also holds since it.",
        ),
        optional("artifacts", Kind::Mapping(&ARTIFACTS), "What ships, by kind and name."),
        required("evidence", Kind::MapOf(&EVIDENCE), "Where the results are, by name."),
        optional("metrics", Kind::MapOf(&METRIC), "Metrics that need a definition, by name."),
        optional(
            "gates",
            Kind::Gates,
            "What must hold; rules, or mappings with a rule. Required unless `policy: extends:` brings gates.",
        ),
        optional("policy", Kind::Mapping(&POLICY), "How the gates are judged."),
        optional("waivers", Kind::ListOf(&WAIVER), "Accepted, expiring exceptions."),
        optional(
            "accept_failed_baseline",
            Kind::Text,
            "Why this release is compared with one whose verdict was no pass; without it such a bundle is refused.",
        ),
        optional("changelog", Kind::Path, "The file that gets the changelog entry."),
        optional("risks", Kind::Reserved, "Reserved."),
        optional("deployment", Kind::Reserved, "Reserved."),
        optional("monitoring", Kind::Reserved, "Reserved."),
        optional("rollback", Kind::Reserved, "Reserved."),
    ],
};

/// A policy file, which `policy: extends:` names.
pub static POLICY_FILE: Shape = Shape {
    name: "a policy file",
    fields: &[
        optional("relgate", Kind::Count, "Format version; 1, also when it is left out."),
        optional("policy", Kind::Mapping(&POLICY), "How the gates are judged; a release may tighten it."),
        optional("gates", Kind::Gates, "What must hold for every release; a release may tighten it."),
    ],
};

/// `artifacts`.
pub static ARTIFACTS: Shape = Shape {
    name: "`artifacts`",
    fields: &[
        optional("models", Kind::MapOf(&ARTIFACT), "Models."),
        optional("prompts", Kind::MapOf(&ARTIFACT), "Prompts."),
        optional("datasets", Kind::MapOf(&ARTIFACT), "Datasets."),
        optional("safety_policies", Kind::MapOf(&ARTIFACT), "Safety policies."),
        optional("inference_configs", Kind::MapOf(&ARTIFACT), "Inference configurations."),
        optional("eval_suites", Kind::MapOf(&ARTIFACT), "Evaluation suites."),
    ],
};

/// One artifact.
pub static ARTIFACT: Shape = Shape {
    name: "an artifact",
    fields: &[
        required("version", Kind::Text, "Its version, as its makers write it."),
        optional("path", Kind::Path, "The file or folder."),
        optional("uri", Kind::Text, "Where it lives when it is not in the repository; never fetched."),
        optional("sha256", Kind::Digest, "The digest that its bytes must have."),
        optional("values", Kind::Json, "Inline content."),
        optional(
            "keep",
            Kind::Texts,
            "Phrases of a prompt or safety policy that every version must hold, word for word; a lost one blocks.",
        ),
        optional(
            "role",
            Kind::Word(DatasetRole::WORDS),
            "What a dataset is for; evaluation data is searched for rows of training and retrieval data.",
        ),
    ],
};

const FIELDS: &str = "Where fields stand that the results call otherwise: `{ id: question_id, accuracy: scores.correct }`; a list of fields is joined to one id.";
const FORMAT: &str = "How the files are written, where their content does not tell.";

/// One evidence entry.
pub static EVIDENCE: Shape = Shape {
    name: "an evidence entry",
    fields: &[
        required("path", Kind::Path, "File, folder or glob."),
        optional("where", Kind::Conditions, "Which rows count; all conditions must hold."),
        optional("sha256", Kind::Digest, "The digest that the file must have."),
        optional(
            "baseline",
            Kind::BaselineEvidence,
            "The baseline's results, where they are not found through `baseline:`.",
        ),
        optional(
            "cluster",
            Kind::Cluster,
            "The field that says which samples are not independent; `{ by: conversation, at_most: 50 }` says how many one can have.",
        ),
        defaulted(
            "unpaired",
            Kind::Bool,
            "false",
            "Whether candidate and baseline were asked other questions, on purpose; else sharing under half of the ids is an error.",
        ),
        optional("fields", Kind::FieldSources, FIELDS),
        optional("format", Kind::Word(Format::WORDS), FORMAT),
    ],
};

/// The mapping form of an evidence entry's `cluster`.
pub static CLUSTER: Shape = Shape {
    name: "the cluster of an evidence entry",
    fields: &[
        required("by", Kind::Text, "The field that says which samples are not independent."),
        optional("at_most", Kind::Count, "How many samples one can have; a larger one is an error."),
    ],
};

/// The mapping form of an evidence entry's `baseline`.
pub static BASELINE_EVIDENCE: Shape = Shape {
    name: "the baseline of an evidence entry",
    fields: &[
        required("path", Kind::Path, "File, folder or glob."),
        optional("where", Kind::Conditions, "Which of its rows count."),
        optional("fields", Kind::FieldSources, FIELDS),
        optional("format", Kind::Word(Format::WORDS), FORMAT),
    ],
};

/// One metric definition.
pub static METRIC: Shape = Shape {
    name: "a metric",
    fields: &[
        optional("evidence", Kind::Text, "The evidence that holds its fields."),
        optional("as", Kind::Word(MetricKind::WORDS), "How it is made of its samples."),
        defaulted("field", Kind::Text, "the metric's name", "The field that holds its values."),
        optional("per", Kind::Text, "The field of a ratio's denominator."),
        defaulted("scale", Kind::Number, "1", "Factor on the value."),
        optional("unit", Kind::Unit, "Unit of the value."),
        optional("direction", Kind::Word(Direction::WORDS), "Which way is good."),
        optional("category", Kind::Word(Category::WORDS), "What it is about."),
        optional("bounds", Kind::Pair, "The smallest and the largest value that can be."),
        optional("where", Kind::Conditions, "Which rows count for it, besides the evidence's own `where:`."),
    ],
};

/// The mapping form of a gate.
pub static GATE: Shape = Shape {
    name: "a gate",
    fields: &[
        defaulted("id", Kind::Text, "the rule's words", "Identifier in reports and waivers."),
        required("rule", Kind::Rule, "What must hold, for example 'Toxicity < 0.1%'."),
        optional("metric", Kind::Text, "The metric's exact name, where words cannot spell it."),
        optional("evidence", Kind::Text, "The evidence to look in."),
        optional("by", Kind::Texts, "Fields whose values are judged on their own, besides the whole."),
        optional("when", Kind::Mapping(&WHEN), "When it applies."),
        defaulted("enforcement", Kind::Word(Enforcement::WORDS), "block", "What its outcome does."),
        defaulted(
            "confidence",
            Kind::Confidence,
            "the policy's",
            "Confidence of a pass; may only raise the policy's.",
        ),
        optional("min_samples", Kind::Count, "The least number of samples of a pass."),
        optional("rationale", Kind::Text, "Why it is there."),
    ],
};

/// `when`.
pub static WHEN: Shape = Shape {
    name: "`when`",
    fields: &[
        optional("changed", Kind::Words(ArtifactKind::WORDS), "One of these artifact kinds changed."),
        optional("type", Kind::Words(ReleaseType::WORDS), "The release is of one of these types."),
    ],
};

/// `policy`.
pub static POLICY: Shape = Shape {
    name: "`policy`",
    fields: &[
        optional("extends", Kind::Texts, "Policy files that this one may tighten."),
        defaulted("confidence", Kind::Confidence, "95%", "Confidence of a pass."),
        defaulted("fail_confidence", Kind::Confidence, "95%", "Confidence of a fail."),
        defaulted("looks", Kind::Count, "1", "How often this evidence may be judged while it grows."),
        defaulted(
            "on_inconclusive",
            Kind::Word(Enforcement::WORDS),
            "block",
            "What an inconclusive gate does.",
        ),
        defaulted(
            "point_estimates",
            Kind::Word(PointEstimates::WORDS),
            "refuse",
            "What becomes of a number without n, stderr or interval.",
        ),
        defaulted(
            "missing_samples",
            Kind::MissingSamples,
            "worst-case",
            "What becomes of rows without a usable score.",
        ),
        defaulted(
            "binding",
            Kind::Word(Binding::WORDS),
            "warn",
            "Whether evidence must say which artifacts it was made with.",
        ),
        defaulted(
            "unpinned_models",
            Kind::Word(UnpinnedModels::WORDS),
            "warn",
            "What becomes of a model that may change behind the same name: `latest`, a branch, a family name without a dated or numbered snapshot.",
        ),
        optional(
            "max_evidence_age",
            Kind::Age,
            "The oldest evidence of the candidate that counts, by the time recorded in it; a baseline is older by nature.",
        ),
        defaulted(
            "require",
            Kind::Words(Category::WORDS),
            "the release type's",
            "Categories that need a blocking gate; stating them overrides the default of the release type.",
        ),
        defaulted("observed_counts", Kind::Bool, "false", "Whether observed facts satisfy `require`."),
        defaulted(
            "looser_changes",
            Kind::Word(LooserChanges::WORDS),
            "warn",
            "What becomes of changes since the baseline that `relgate diff` weighs as blocking.",
        ),
        defaulted(
            "waiver_at_most",
            Kind::Age,
            "365d",
            "How far from the day of the judgement a waiver may expire.",
        ),
    ],
};

/// The mapping form of `missing_samples`.
pub static MISSING_SAMPLES: Shape = Shape {
    name: "`missing_samples`",
    fields: &[required("exclude_up_to", Kind::Quantity, "The share of missing rows that may be left out.")],
};

/// One waiver.
pub static WAIVER: Shape = Shape {
    name: "a waiver",
    fields: &[
        required("gate", Kind::Text, "The gate's id."),
        required("reason", Kind::Text, "Why."),
        required("owner", Kind::Text, "Who asked for it."),
        required("approver", Kind::Text, "Who accepted it."),
        required("expires", Kind::Date, "The last day on which it holds."),
        optional("limit", Kind::Quantity, "The worst value that it still accepts."),
        optional("slice", Kind::Labels, "The slice that it is limited to."),
    ],
};
