//! The tables themselves; their order is that of the documentation.

use super::field::{Field, FieldType, Mapping};
use crate::manifest::words::{
    ArtifactKind, Binding, Category, DatasetRole, Direction, Enforcement, Format, LooserChanges, MetricKind,
    PointEstimates, ReleaseType, UnpinnedModels,
};

const fn required(name: &'static str, kind: FieldType, doc: &'static str) -> Field {
    Field { name, kind, required: true, default: None, doc }
}

const fn optional(name: &'static str, kind: FieldType, doc: &'static str) -> Field {
    Field { name, kind, required: false, default: None, doc }
}

const fn defaulted(name: &'static str, kind: FieldType, default: &'static str, doc: &'static str) -> Field {
    Field { name, kind, required: false, default: Some(default), doc }
}

/// The whole manifest.
pub static RELEASE: Mapping = Mapping {
    name: "the manifest",
    fields: &[
        required("relgate", FieldType::Count, "Manifest format version; 1."),
        required("name", FieldType::Text, "Name of what is released."),
        required("version", FieldType::Semver, "Semantic version of this release."),
        required("type", FieldType::Word(ReleaseType::WORDS), "What kind of release this is."),
        optional("summary", FieldType::Text, "One sentence for the changelog."),
        optional(
            "baseline",
            FieldType::Text,
            "The release to compare with: a manifest, a bundle folder, `git:REV[:path]`, or `none`.",
        ),
        optional(
            "anchor",
            FieldType::Text,
            "An older release, in the same forms: every limit on a change since the baseline also holds since it.",
        ),
        optional("artifacts", FieldType::Mapping(&ARTIFACTS), "What ships, by kind and name."),
        required("evidence", FieldType::MapOf(&EVIDENCE), "Where the results are, by name."),
        optional("metrics", FieldType::MapOf(&METRIC), "Metrics that need a definition, by name."),
        optional(
            "gates",
            FieldType::Gates,
            "What must hold; rules, or mappings with a rule. Required unless `policy: extends:` brings gates.",
        ),
        optional("policy", FieldType::Mapping(&POLICY), "How the gates are judged."),
        optional("waivers", FieldType::ListOf(&WAIVER), "Accepted, expiring exceptions."),
        optional(
            "accept_failed_baseline",
            FieldType::Text,
            "Why this release is compared with one whose verdict was no pass; without it such a bundle is refused.",
        ),
        optional("changelog", FieldType::Path, "The file that gets the changelog entry."),
        optional("risks", FieldType::Reserved, "Reserved."),
        optional("deployment", FieldType::Reserved, "Reserved."),
        optional("monitoring", FieldType::Reserved, "Reserved."),
        optional("rollback", FieldType::Reserved, "Reserved."),
    ],
};

/// A policy file, which `policy: extends:` names.
pub static POLICY_FILE: Mapping = Mapping {
    name: "a policy file",
    fields: &[
        optional("relgate", FieldType::Count, "Format version; 1, also when it is left out."),
        optional(
            "policy",
            FieldType::Mapping(&POLICY),
            "How the gates are judged; a release may tighten it.",
        ),
        optional("gates", FieldType::Gates, "What must hold for every release; a release may tighten it."),
    ],
};

/// `artifacts`.
pub static ARTIFACTS: Mapping = Mapping {
    name: "`artifacts`",
    fields: &[
        optional("models", FieldType::MapOf(&ARTIFACT), "Models."),
        optional("prompts", FieldType::MapOf(&ARTIFACT), "Prompts."),
        optional("datasets", FieldType::MapOf(&ARTIFACT), "Datasets."),
        optional("safety_policies", FieldType::MapOf(&ARTIFACT), "Safety policies."),
        optional("inference_configs", FieldType::MapOf(&ARTIFACT), "Inference configurations."),
        optional("eval_suites", FieldType::MapOf(&ARTIFACT), "Evaluation suites."),
    ],
};

/// One artifact.
pub static ARTIFACT: Mapping = Mapping {
    name: "an artifact",
    fields: &[
        required("version", FieldType::Text, "Its version, as its makers write it."),
        optional("path", FieldType::Path, "The file or folder."),
        optional("uri", FieldType::Text, "Where it lives when it is not in the repository; never fetched."),
        optional("sha256", FieldType::Digest, "The digest that its bytes must have."),
        optional("values", FieldType::Json, "Inline content."),
        optional(
            "keep",
            FieldType::Texts,
            "Phrases of a prompt or safety policy that every version must hold, word for word; a lost one blocks.",
        ),
        optional(
            "role",
            FieldType::Word(DatasetRole::WORDS),
            "What a dataset is for; evaluation data is searched for rows of training and retrieval data.",
        ),
        optional(
            "known_as",
            FieldType::Texts,
            "Other names that evaluation tools use for it, as their results write them.",
        ),
    ],
};

const FIELDS: &str = "Where fields stand that the results call otherwise: `{ id: question_id, accuracy: scores.correct }`; a list of fields is joined to one id.";
const FORMAT: &str = "How the files are written, where their content does not tell.";

/// One evidence entry.
pub static EVIDENCE: Mapping = Mapping {
    name: "an evidence entry",
    fields: &[
        required("path", FieldType::Path, "File, folder or glob."),
        optional("where", FieldType::Conditions, "Which rows count; all conditions must hold."),
        optional("sha256", FieldType::Digest, "The digest that the file must have."),
        optional(
            "baseline",
            FieldType::BaselineEvidence,
            "The baseline's results, where they are not found through `baseline:`.",
        ),
        optional(
            "cluster",
            FieldType::Cluster,
            "The field that says which samples are not independent; `{ by: conversation, at_most: 50 }` says how many one can have.",
        ),
        defaulted(
            "unpaired",
            FieldType::Bool,
            "false",
            "Whether candidate and baseline were asked other questions, on purpose; else sharing under half of the ids is an error.",
        ),
        optional(
            "retired",
            FieldType::Path,
            "A file that lists ids dropped on purpose since the baseline, one a line, or as `id` of .jsonl, .json or .csv rows.",
        ),
        optional("fields", FieldType::FieldSources, FIELDS),
        optional("format", FieldType::Word(Format::WORDS), FORMAT),
    ],
};

/// The mapping form of an evidence entry's `cluster`.
pub static CLUSTER: Mapping = Mapping {
    name: "the cluster of an evidence entry",
    fields: &[
        required("by", FieldType::Text, "The field that says which samples are not independent."),
        optional("at_most", FieldType::Count, "How many samples one can have; a larger one is an error."),
    ],
};

/// The mapping form of an evidence entry's `baseline`.
pub static BASELINE_EVIDENCE: Mapping = Mapping {
    name: "the baseline of an evidence entry",
    fields: &[
        required("path", FieldType::Path, "File, folder or glob."),
        optional("where", FieldType::Conditions, "Which of its rows count."),
        optional("fields", FieldType::FieldSources, FIELDS),
        optional("format", FieldType::Word(Format::WORDS), FORMAT),
    ],
};

/// One metric definition.
pub static METRIC: Mapping = Mapping {
    name: "a metric",
    fields: &[
        optional("evidence", FieldType::Text, "The evidence that holds its fields."),
        optional("as", FieldType::Word(MetricKind::WORDS), "How it is made of its samples."),
        defaulted("field", FieldType::Text, "the metric's name", "The field that holds its values."),
        optional("per", FieldType::Text, "The field of a ratio's denominator."),
        defaulted("scale", FieldType::Number, "1", "Factor on the value."),
        optional("unit", FieldType::Unit, "Unit of the value."),
        optional("direction", FieldType::Word(Direction::WORDS), "Which way is good."),
        optional("category", FieldType::Word(Category::WORDS), "What it is about."),
        optional("bounds", FieldType::Pair, "The smallest and the largest value that can be."),
        optional(
            "cap",
            FieldType::Number,
            "What a value counts as at most in a mean; a blocking gate on a quantile has to limit how often it is more.",
        ),
        optional(
            "where",
            FieldType::Conditions,
            "Which rows count for it, besides the evidence's own `where:`.",
        ),
    ],
};

/// The mapping form of a gate.
pub static GATE: Mapping = Mapping {
    name: "a gate",
    fields: &[
        defaulted("id", FieldType::Text, "the rule's words", "Identifier in reports and waivers."),
        required("rule", FieldType::Rule, "What must hold, for example 'Toxicity < 0.1%'."),
        optional("metric", FieldType::Text, "The metric's exact name, where words cannot spell it."),
        optional("evidence", FieldType::Text, "The evidence to look in."),
        optional("by", FieldType::Texts, "Fields whose values are judged on their own, besides the whole."),
        optional("when", FieldType::Mapping(&WHEN), "When it applies."),
        defaulted("enforcement", FieldType::Word(Enforcement::WORDS), "block", "What its outcome does."),
        defaulted(
            "confidence",
            FieldType::Confidence,
            "the policy's",
            "Confidence of a pass; may only raise the policy's.",
        ),
        optional("min_samples", FieldType::Count, "The least number of samples of a pass."),
        optional("rationale", FieldType::Text, "Why it is there."),
    ],
};

/// `when`.
pub static WHEN: Mapping = Mapping {
    name: "`when`",
    fields: &[
        optional("changed", FieldType::Words(ArtifactKind::WORDS), "One of these artifact kinds changed."),
        optional("type", FieldType::Words(ReleaseType::WORDS), "The release is of one of these types."),
    ],
};

/// `policy`.
pub static POLICY: Mapping = Mapping {
    name: "`policy`",
    fields: &[
        optional("extends", FieldType::Texts, "Policy files that this one may tighten."),
        defaulted("confidence", FieldType::Confidence, "95%", "Confidence of a pass."),
        defaulted("fail_confidence", FieldType::Confidence, "95%", "Confidence of a fail."),
        defaulted("looks", FieldType::Count, "1", "How often this evidence may be judged while it grows."),
        defaulted(
            "on_inconclusive",
            FieldType::Word(Enforcement::WORDS),
            "block",
            "What an inconclusive gate does.",
        ),
        defaulted(
            "point_estimates",
            FieldType::Word(PointEstimates::WORDS),
            "refuse",
            "What becomes of a number without n, stderr or interval.",
        ),
        defaulted(
            "missing_samples",
            FieldType::MissingSamples,
            "worst-case",
            "What becomes of rows without a usable score.",
        ),
        defaulted(
            "binding",
            FieldType::Word(Binding::WORDS),
            "warn",
            "Whether evidence must say which artifacts it was made with.",
        ),
        defaulted(
            "unpinned_models",
            FieldType::Word(UnpinnedModels::WORDS),
            "warn",
            "What becomes of a model that may change behind the same name: `latest`, a branch, a family name without a dated or numbered snapshot.",
        ),
        optional(
            "max_evidence_age",
            FieldType::Age,
            "The oldest evidence of the candidate that counts, by the time recorded in it; a baseline is older by nature.",
        ),
        defaulted(
            "require",
            FieldType::Words(Category::WORDS),
            "the release type's",
            "Categories that need a blocking gate; stating them overrides the default of the release type.",
        ),
        defaulted("observed_counts", FieldType::Bool, "false", "Whether observed facts satisfy `require`."),
        defaulted(
            "looser_changes",
            FieldType::Word(LooserChanges::WORDS),
            "warn",
            "What becomes of changes since the baseline that `relgate diff` weighs as blocking.",
        ),
        defaulted(
            "waiver_at_most",
            FieldType::Age,
            "365d",
            "How far from the day of the judgement a waiver may expire.",
        ),
    ],
};

/// The mapping form of `missing_samples`.
pub static MISSING_SAMPLES: Mapping = Mapping {
    name: "`missing_samples`",
    fields: &[required(
        "exclude_up_to",
        FieldType::Quantity,
        "The share of missing rows that may be left out.",
    )],
};

/// One waiver.
pub static WAIVER: Mapping = Mapping {
    name: "a waiver",
    fields: &[
        required("gate", FieldType::Text, "The gate's id."),
        required("reason", FieldType::Text, "Why."),
        required("owner", FieldType::Text, "Who asked for it."),
        required("approver", FieldType::Text, "Who accepted it."),
        required("expires", FieldType::Date, "The last day on which it holds."),
        optional("limit", FieldType::Quantity, "The worst value that it still accepts."),
        optional("slice", FieldType::Labels, "The slice that it is limited to."),
    ],
};
