//! The tables themselves; their order is that of the documentation.

use super::field::{FieldType, Mapping, defaulted, optional, required};
use super::lifecycle::{DEPLOYMENT, MONITORING, ROLLBACK};
use super::risks::RISK;
use crate::manifest::words::{
    Aligned, ArtifactKind, Binding, Category, DatasetRole, Direction, EmptyAnswers, Enforcement, Format,
    LengthUnit, LooserChanges, MetricKind, PointEstimates, ReleaseType, RiskPolicy, RougePart, Smooth,
    Statistic, Ties, Tokenize, UnpinnedModels,
};

/// The whole manifest.
pub static RELEASE: Mapping = Mapping {
    name: "the manifest",
    fields: &[
        required("relgate", FieldType::Count, "Manifest format version; 1.").eg("1"),
        required("name", FieldType::Text, "Name of what is released.").eg("support-assistant"),
        required("version", FieldType::Semver, "Semantic version of this release.").eg("2.4.0"),
        required("type", FieldType::Word(ReleaseType::WORDS), "What kind of release this is.").eg("prompt-release"),
        optional("summary", FieldType::Text, "One sentence for the changelog.").eg("Shorter system prompt; refund policy added."),
        optional(
            "baseline",
            FieldType::Text,
            "The release to compare with: a manifest, a bundle folder, `git:REV[:path]`, or `none`.",
        ).eg("releases/2.3.0"),
        optional(
            "anchor",
            FieldType::Text,
            "An older release, in the same forms: every limit on a change since the baseline also holds since it.",
        ).eg("releases/2.0.0"),
        optional("artifacts", FieldType::Mapping(&ARTIFACTS), "What ships, by kind and name.").eg("{ prompts: { system: { version: v1.9, path: prompts/system.md } } }"),
        required("evidence", FieldType::MapOf(&EVIDENCE), "Where the results are, by name.").eg("{ answers: { path: results/answers.jsonl } }"),
        optional("metrics", FieldType::MapOf(&METRIC), "Metrics that need a definition, by name.").eg("{ follows_style: { field: scores.style, as: rate, direction: higher } }"),
        optional(
            "gates",
            FieldType::Gates,
            "What must hold; rules, or mappings with a rule. Required unless `policy: extends:` brings gates.",
        ).eg("['accuracy >= 85%', { rule: 'toxicity < 0.1%', by: [lang] }]"),
        optional("policy", FieldType::Mapping(&POLICY), "How the gates are judged.").eg("{ confidence: 95%, require: [quality, safety] }"),
        optional("waivers", FieldType::ListOf(&WAIVER), "Accepted, expiring exceptions.").eg("[{ gate: p95-latency, reason: INC-4711, owner: team, approver: board, expires: 2026-12-31, limit: 1400ms }]"),
        optional(
            "accept_failed_baseline",
            FieldType::Text,
            "Why this release is compared with one whose verdict was no pass; without it such a bundle is refused.",
        ).eg("2.3.0 shipped under a waiver."),
        optional("changelog", FieldType::Path, "The file that gets the changelog entry.").eg("CHANGELOG.md"),
        optional("risks", FieldType::MapOf(&RISK), "The register of risks, by id of NIST AI 600-1 or one of your own: each is a gate that stands on the gates and signals that test it.").eg("{ cbrn: { not_applicable: Answers about invoices only., owner: security, review: 2027-03-01 } }"),
        optional("deployment", FieldType::Mapping(&DEPLOYMENT), "How the release is rolled out, for `relgate rollout`.").eg("{ strategy: canary, traffic: 5000/day }"),
        optional("monitoring", FieldType::Mapping(&MONITORING), "Which production records are watched for what, for `relgate monitor`.").eg("{ log: ['/var/log/assistant/*.jsonl'], signals: [user_flagged] }"),
        optional("rollback", FieldType::Mapping(&ROLLBACK), "When and how it goes back.").eg("{ actions: { cost: { throttle: 50% } } }"),
    ],
};

/// A policy file, which `policy: extends:` names.
pub static POLICY_FILE: Mapping = Mapping {
    name: "a policy file",
    fields: &[
        optional("relgate", FieldType::Count, "Format version; 1, also when it is left out.").eg("1"),
        optional(
            "policy",
            FieldType::Mapping(&POLICY),
            "How the gates are judged; a release may tighten it.",
        )
        .eg("{ confidence: 99% }"),
        optional("gates", FieldType::Gates, "What must hold for every release; a release may tighten it.")
            .eg("['toxicity < 0.1%']"),
    ],
};

/// `artifacts`.
pub static ARTIFACTS: Mapping = Mapping {
    name: "`artifacts`",
    fields: &[
        optional("models", FieldType::MapOf(&ARTIFACT), "Models.")
            .eg("{ chat: { version: gpt-4.3, uri: 'openai:gpt-4.3-2026-05-01' } }"),
        optional("prompts", FieldType::MapOf(&ARTIFACT), "Prompts.")
            .eg("{ system: { version: v1.9, path: prompts/system.md } }"),
        optional("datasets", FieldType::MapOf(&ARTIFACT), "Datasets.")
            .eg("{ eval: { version: eval_v7, path: data/eval.jsonl, role: eval } }"),
        optional("safety_policies", FieldType::MapOf(&ARTIFACT), "Safety policies.")
            .eg("{ default: { version: policy_2025_01, path: safety/policy.yaml } }"),
        optional("inference_configs", FieldType::MapOf(&ARTIFACT), "Inference configurations.")
            .eg("{ default: { version: c3, values: { temperature: 0.2 } } }"),
        optional("eval_suites", FieldType::MapOf(&ARTIFACT), "Evaluation suites.")
            .eg("{ benchmark: { version: benchmark_v5, path: evals/suite } }"),
    ],
};

/// One artifact.
pub static ARTIFACT: Mapping = Mapping {
    name: "an artifact",
    fields: &[
        required("version", FieldType::Text, "Its version, as its makers write it.").eg("v1.9"),
        optional("path", FieldType::Path, "The file or folder.").eg("prompts/system.md"),
        optional("uri", FieldType::Text, "Where it lives when it is not in the repository; never fetched.").eg("'s3://corpus/train_v7'"),
        optional("sha256", FieldType::Digest, "The digest that its bytes must have.").eg("3f5a1c0e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a21"),
        optional("values", FieldType::Json, "Inline content.").eg("{ temperature: 0.2, max_tokens: 512 }"),
        optional(
            "keep",
            FieldType::Texts,
            "Phrases of a prompt or safety policy that every version must hold, word for word; a lost one blocks.",
        ).eg("[Never reveal the price.]"),
        optional(
            "role",
            FieldType::Word(DatasetRole::WORDS),
            "What a dataset is for; evaluation data is searched for rows of training and retrieval data.",
        ).eg("eval"),
        optional(
            "known_as",
            FieldType::Texts,
            "Other names that evaluation tools use for it, as their results write them.",
        ).eg("[gpt-4.3-preview]"),
    ],
};

const FIELDS: &str = "Where fields stand that the results call otherwise: `{ id: question_id, accuracy: scores.correct }`; a list of fields is joined to one id.";
const FORMAT: &str = "How the files are written, where their content does not tell.";

/// One evidence entry.
pub static EVIDENCE: Mapping = Mapping {
    name: "an evidence entry",
    fields: &[
        required("path", FieldType::Path, "File, folder or glob.").eg("results/answers.jsonl"),
        optional("where", FieldType::Conditions, "Which rows count; all conditions must hold.").eg("{ graded: true, lang: [de, en] }"),
        optional("sha256", FieldType::Digest, "The digest that the file must have.").eg("3f5a1c0e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a21"),
        optional(
            "baseline",
            FieldType::BaselineEvidence,
            "The baseline's results, where they are not found through `baseline:`.",
        ).eg("evals/baseline/answers.jsonl"),
        optional(
            "cluster",
            FieldType::Cluster,
            "The field that says which samples are not independent; `{ by: conversation, at_most: 50 }` says how many one can have.",
        ).eg("conversation"),
        defaulted(
            "unpaired",
            FieldType::Bool,
            "false",
            "Whether candidate and baseline were asked other questions, on purpose; else sharing under half of the ids is an error.",
        ).eg("true"),
        optional(
            "retired",
            FieldType::Path,
            "A file that lists ids dropped on purpose since the baseline, one a line, or as `id` of .jsonl, .json or .csv rows.",
        ).eg("evals/retired.txt"),
        optional("fields", FieldType::FieldSources, FIELDS).eg("{ id: question_id, accuracy: scores.correct }"),
        optional("format", FieldType::Word(Format::WORDS), FORMAT).eg("promptfoo"),
    ],
};

/// The mapping form of an evidence entry's `cluster`.
pub static CLUSTER: Mapping = Mapping {
    name: "the cluster of an evidence entry",
    fields: &[
        required("by", FieldType::Text, "The field that says which samples are not independent.")
            .eg("conversation"),
        optional("at_most", FieldType::Count, "How many samples one can have; a larger one is an error.")
            .eg("50"),
    ],
};

/// The mapping form of an evidence entry's `baseline`.
pub static BASELINE_EVIDENCE: Mapping = Mapping {
    name: "the baseline of an evidence entry",
    fields: &[
        required("path", FieldType::Path, "File, folder or glob.").eg("evals/baseline/answers.jsonl"),
        optional("where", FieldType::Conditions, "Which of its rows count.").eg("{ prompt: old }"),
        optional("fields", FieldType::FieldSources, FIELDS).eg("{ id: question_id }"),
        optional("format", FieldType::Word(Format::WORDS), FORMAT).eg("jsonl"),
    ],
};

/// One metric definition.
pub static METRIC: Mapping = Mapping {
    name: "a metric",
    fields: &[
        optional("evidence", FieldType::Text, "The evidence that holds its fields.").eg("answers"),
        optional("as", FieldType::Word(MetricKind::WORDS), "How it is made of its samples.").eg("rate"),
        defaulted("field", FieldType::Text, "the metric's name", "The field that holds its values.").eg("scores.style"),
        optional("per", FieldType::Text, "The field of a ratio's denominator.").eg("tokens"),
        defaulted(
            "scale",
            FieldType::Scale,
            "1",
            "Factor on the value; of ratings, the least and the greatest that can be: `[1, 5]`.",
        ).eg("1000"),
        optional("unit", FieldType::Unit, "Unit of the value.").eg("usd"),
        optional("direction", FieldType::Word(Direction::WORDS), "Which way is good.").eg("higher"),
        optional("category", FieldType::Word(Category::WORDS), "What it is about.").eg("quality"),
        optional("bounds", FieldType::Pair, "The smallest and the largest value that can be.").eg("[0, 10]"),
        optional(
            "cap",
            FieldType::Number,
            "What a value counts as at most in a mean; a blocking gate on a quantile has to limit how often it is more.",
        ).eg("0.05"),
        optional(
            "where",
            FieldType::Conditions,
            "Which rows count for it, besides the evidence's own `where:`.",
        ).eg("{ graded: true }"),
        optional(
            "reference",
            FieldType::Reference,
            "Of a metric of texts: the field of the row with the text, or the list of texts, that `field` is compared with; or a file of them.",
        ).eg("expected"),
        defaulted("tokenize", FieldType::Word(Tokenize::WORDS), "13a", "Of `bleu`: how a text is cut into words, by the names of sacreBLEU.").eg("intl"),
        defaulted("smooth", FieldType::Word(Smooth::WORDS), "exp", "Of `bleu`: what a run of words counts that no answer has.").eg("floor"),
        defaulted("smooth_value", FieldType::Number, "the method's: 0.1 of `floor`, 1 of `add-k`", "Of `bleu`: how much `floor` and `add-k` count.").eg("0.1"),
        defaulted("lowercase", FieldType::Bool, "the metric's: false, of `ter` true", "Of `bleu`, `chrf` and `ter`: whether case is ignored.").eg("true"),
        defaulted("effective_order", FieldType::Bool, "false", "Of `bleu`: whether runs of words that no answer is long enough for are left out.").eg("true"),
        defaulted("max_order", FieldType::Count, "4", "Of `bleu`: the longest runs of words, up to 4.").eg("4"),
        defaulted("char_order", FieldType::Count, "6", "Of `chrf`: the longest runs of characters, up to 6.").eg("6"),
        defaulted("word_order", FieldType::Count, "the characters alone", "Of `chrf`: the longest runs of words, up to 4; 2 is chrF++.").eg("2"),
        defaulted("beta", FieldType::Number, "2", "Of `chrf`: how many times as much recall counts as precision.").eg("2"),
        defaulted("whitespace", FieldType::Bool, "false", "Of `chrf`: whether white space is a character.").eg("true"),
        defaulted("eps_smoothing", FieldType::Bool, "false", "Of `chrf`: whether lengths count that no text reaches, as in Moses and NLTK.").eg("true"),
        defaulted("normalize", FieldType::Bool, "false", "Of `ter`: whether marks are words of their own.").eg("true"),
        defaulted("punctuation", FieldType::Bool, "true", "Of `ter`: whether marks count.").eg("false"),
        defaulted("asian", FieldType::Bool, "false", "Of `ter`: whether Chinese and Japanese characters and marks are cut as others are.").eg("true"),
        defaulted("stem", FieldType::Bool, "false", "Of `rouge-1`, `rouge-2`, `rouge-l` and `rouge-lsum`: whether English endings are ignored (Porter's stemmer).").eg("true"),
        defaulted("score", FieldType::Word(RougePart::WORDS), "f", "Of the same: which of its figures.").eg("recall"),
        defaulted("strict", FieldType::Bool, "false", "Of `exact-match`: whether case, marks, English articles and white space count.").eg("true"),
        defaulted("empty", FieldType::Word(EmptyAnswers::WORDS), "match", "Of `token-f1`: what no words are worth where the reference has none (SQuAD 2.0 matches, 1.1 misses).").eg("miss"),
        optional("schema", FieldType::Path, "Of `json-schema`: the file of the JSON Schema.").eg("schemas/answer.json"),
        optional("pattern", FieldType::Text, "Of `regex`: the regular expression of which an answer must have a part.").eg("'\\[[0-9]+\\]'"),
        defaulted("count", FieldType::Word(LengthUnit::WORDS), "characters", "Of `length`: what is counted.").eg("words"),
        defaulted("item", FieldType::Text, "id", "Of ratings and preferences: the field that names what is rated.").eg("qid"),
        optional(
            "rater",
            FieldType::Text,
            "The field that names who rates, where a row is one rating; the same item by the same rater twice is an error.",
        ).eg("who"),
        optional(
            "raters",
            FieldType::Texts,
            "The fields of which each holds one person's ratings, where a row is one item; an empty cell is no rating.",
        ).eg("[anna, ben]"),
        defaulted(
            "statistic",
            FieldType::Word(Statistic::WORDS),
            "krippendorff-nominal",
            "How the agreement of raters is measured: of names, ranks or numbers; `cohen` of two raters, `fleiss` of as many for every item.",
        ).eg("krippendorff-ordinal"),
        defaulted("ties", FieldType::Word(Ties::WORDS), "half", "What a tie counts as in a win rate.").eg("half"),
        optional(
            "sides",
            FieldType::Texts,
            "Of `bradley-terry`: the two fields that name the versions that were compared.",
        ).eg("[model_a, model_b]"),
        defaulted(
            "between",
            FieldType::Texts,
            "[candidate, baseline]",
            "The two versions that a win rate is about, as `field` writes them; this release first. A tie is written `tie`.",
        ).eg("[v4, v3]"),
        optional(
            "judge",
            FieldType::Mapping(&JUDGE),
            "The judge whose verdicts `field` holds. Without labels, or a sensitivity and specificity, every output calls it a judge rate.",
        ).eg("{ model: models.judge, prompt: prompts.judge, labels: human_ok }"),
    ],
};

/// The mapping form of a metric's `reference`.
pub static REFERENCE: Mapping = Mapping {
    name: "a file of references",
    fields: &[
        required("path", FieldType::Path, "The file: rows (JSON Lines, CSV) that are found by their id, or a text with one reference a line.").eg("evals/references.jsonl"),
        defaulted("field", FieldType::Text, "reference", "Its field with the text, or the list of texts.").eg("summary"),
        defaulted("id", FieldType::Text, "the evidence's", "Its field with the id.").eg("question_id"),
        defaulted("by", FieldType::Word(Aligned::WORDS), "id", "How a row's reference is found: `line` takes the lines of a text in the order of the rows.").eg("line"),
    ],
};

/// A metric's `judge`.
pub static JUDGE: Mapping = Mapping {
    name: "the judge of a metric",
    fields: &[
        required("model", FieldType::Text, "Which model judges: an artifact of this manifest, or its name.")
            .eg("models.judge"),
        optional(
            "prompt",
            FieldType::Text,
            "What it is told: an artifact of this manifest, or the digest of the text.",
        )
        .eg("prompts.judge"),
        optional(
            "labels",
            FieldType::Text,
            "The field that holds what people said, of a randomly chosen part of the rows; empty elsewhere.",
        )
        .eg("human_ok"),
        optional(
            "sensitivity",
            FieldType::Mapping(&JUDGE_SHARE),
            "Of true cases, how many it called true, where that was measured elsewhere.",
        )
        .eg("{ events: 93, n: 100 }"),
        optional(
            "specificity",
            FieldType::Mapping(&JUDGE_SHARE),
            "Of false cases, how many it called false, where that was measured elsewhere.",
        )
        .eg("{ events: 188, n: 200 }"),
    ],
};

/// What is known of a judge from elsewhere.
pub static JUDGE_SHARE: Mapping = Mapping {
    name: "a share of cases",
    fields: &[
        required("events", FieldType::Count, "Cases in which it was right.").eg("93"),
        required("n", FieldType::Count, "All cases of the kind.").eg("100"),
    ],
};

/// The mapping form of a gate.
pub static GATE: Mapping = Mapping {
    name: "a gate",
    fields: &[
        defaulted("id", FieldType::Text, "the rule's words", "Identifier in reports and waivers.")
            .eg("accuracy-holds"),
        required("rule", FieldType::Rule, "What must hold, for example 'Toxicity < 0.1%'.")
            .eg("'accuracy drop < 2pp'"),
        optional("metric", FieldType::Text, "The metric's exact name, where words cannot spell it.")
            .eg("'acc,none'"),
        optional("evidence", FieldType::Text, "The evidence to look in.").eg("answers"),
        optional("by", FieldType::Texts, "Fields whose values are judged on their own, besides the whole.")
            .eg("[lang]"),
        optional("when", FieldType::Mapping(&WHEN), "When it applies.").eg("{ changed: [models, prompts] }"),
        defaulted("enforcement", FieldType::Word(Enforcement::WORDS), "block", "What its outcome does.")
            .eg("warn"),
        defaulted(
            "confidence",
            FieldType::Confidence,
            "the policy's",
            "Confidence of a pass; may only raise the policy's.",
        )
        .eg("99%"),
        optional("min_samples", FieldType::Count, "The least number of samples of a pass.").eg("300"),
        optional("rationale", FieldType::Text, "Why it is there.")
            .eg("Support answers must not get worse in any language."),
    ],
};

/// `when`.
pub static WHEN: Mapping = Mapping {
    name: "`when`",
    fields: &[
        optional("changed", FieldType::Words(ArtifactKind::WORDS), "One of these artifact kinds changed.")
            .eg("[models, prompts]"),
        optional("type", FieldType::Words(ReleaseType::WORDS), "The release is of one of these types.")
            .eg("[hotfix]"),
    ],
};

/// `policy`.
pub static POLICY: Mapping = Mapping {
    name: "`policy`",
    fields: &[
        optional("extends", FieldType::Texts, "Policy files that this one may tighten.").eg("[../policy/base.yaml]"),
        defaulted("confidence", FieldType::Confidence, "95%", "Confidence of a pass.").eg("99%"),
        defaulted("fail_confidence", FieldType::Confidence, "95%", "Confidence of a fail.").eg("95%"),
        defaulted("looks", FieldType::Count, "1", "How often this evidence may be judged while it grows.").eg("3"),
        defaulted(
            "on_inconclusive",
            FieldType::Word(Enforcement::WORDS),
            "block",
            "What an inconclusive gate does; `warn` lets through only one whose value is on the good side and whose `min_samples` are reached.",
        ).eg("block"),
        defaulted(
            "point_estimates",
            FieldType::Word(PointEstimates::WORDS),
            "refuse",
            "What becomes of a number without n, stderr or interval.",
        ).eg("refuse"),
        defaulted(
            "missing_samples",
            FieldType::MissingSamples,
            "worst-case",
            "What becomes of rows without a usable score.",
        ).eg("worst-case"),
        defaulted(
            "binding",
            FieldType::Word(Binding::WORDS),
            "warn",
            "Whether evidence must say which artifacts it was made with.",
        ).eg("require"),
        defaulted(
            "unpinned_models",
            FieldType::Word(UnpinnedModels::WORDS),
            "warn",
            "What becomes of a model that may change behind the same name: `latest`, a branch, a family name without a dated or numbered snapshot.",
        ).eg("refuse"),
        optional(
            "max_evidence_age",
            FieldType::Age,
            "The oldest evidence of the candidate that counts, by the time recorded in it; a baseline is older by nature.",
        ).eg("14d"),
        defaulted(
            "require",
            FieldType::Words(Category::WORDS),
            "the release type's",
            "Categories that need a blocking gate; stating them overrides the default of the release type.",
        ).eg("[quality, safety, latency]"),
        defaulted("observed_counts", FieldType::Bool, "false", "Whether observed facts satisfy `require`.").eg("true"),
        defaulted(
            "looser_changes",
            FieldType::Word(LooserChanges::WORDS),
            "warn",
            "What becomes of changes since the baseline that `relgate diff` weighs as blocking.",
        ).eg("block"),
        defaulted(
            "waiver_at_most",
            FieldType::Age,
            "365d",
            "How far from the day of the judgement a waiver may expire.",
        ).eg("90d"),
        defaulted(
            "risks",
            FieldType::Word(RiskPolicy::WORDS),
            "warn",
            "What is asked of the register of risks: `require` wants all of NIST AI 600-1 and no review that is due.",
        ).eg("warn"),
        optional(
            "signers",
            FieldType::Path,
            "The keys of people who may approve waivers, as `ssh-keygen` reads `allowed_signers`, read from the protected branch; every waiver is then signed.",
        ).eg("deploy/allowed_signers"),
    ],
};

/// The mapping form of `missing_samples`.
pub static MISSING_SAMPLES: Mapping = Mapping {
    name: "`missing_samples`",
    fields: &[required(
        "exclude_up_to",
        FieldType::Quantity,
        "The share of missing rows that may be left out.",
    )
    .eg("1%")],
};

/// One waiver.
pub static WAIVER: Mapping = Mapping {
    name: "a waiver",
    fields: &[
        required("gate", FieldType::Text, "The gate's id.").eg("p95-latency"),
        required("reason", FieldType::Text, "Why.").eg("Provider incident INC-4711; fixed in 2.4.1"),
        required("owner", FieldType::Text, "Who asked for it.").eg("assistant-team"),
        required("approver", FieldType::Text, "Who accepted it.").eg("release-board"),
        required("expires", FieldType::Date, "The last day on which it holds.").eg("2026-12-31"),
        optional("limit", FieldType::Quantity, "The worst value that it still accepts.").eg("1400ms"),
        optional("slice", FieldType::Labels, "The slice that it is limited to.").eg("{ lang: de }"),
        optional(
            "signature",
            FieldType::Path,
            "The approver's signature, which `relgate attest --waiver` makes.",
        )
        .eg("waivers/p95-latency.sig"),
    ],
};
