//! The tables of `deployment`, `monitoring` and `rollback`.

use super::field::{FieldType, Mapping, defaulted, optional, required};
use crate::manifest::words::{Category, Format, Shown, Strategy, TargetKind};

/// `deployment`.
pub static DEPLOYMENT: Mapping = Mapping {
    name: "`deployment`",
    fields: &[
        required("strategy", FieldType::Word(Strategy::WORDS), "How traffic moves to the candidate.").eg("canary"),
        defaulted("target", FieldType::OneOrMore(&TARGET), "{ kind: file, path: deploy/split.json }", "What the weights are written to; one, or a list.").eg("{ kind: nginx, path: deploy/split.conf }"),
        defaulted("steps", FieldType::Steps, "the strategy's: canary and flag 10%, 50%, 100%; ab 50%; blue-green 100%; shadow 0%", "The candidate's share, step by step: weights, or mappings with a weight.").eg("[10%, 50%, 100%]"),
        defaulted("bake", FieldType::Lasting, "24h", "The least time in a step; a whole day sees every hour.").eg("24h"),
        defaulted("give_up", FieldType::Lasting, "14d", "The longest time in a step; then it is held, and a person is asked.").eg("14d"),
        defaulted("unit", FieldType::Text, "unit", "The field that routing is sticky on, such as a user; `request` where every request is routed on its own.").eg("unit"),
        optional("traffic", FieldType::Traffic, "Requests in a time; measured in the log where it is left out.").eg("5000/day"),
        optional("approvals", FieldType::Mapping(&APPROVALS), "Who has to approve before the first step and before all traffic.").eg("{ full: 1, from: [release-board] }"),
        optional("goal", FieldType::Text, "Of `ab`, the metric that has to be shown better.").eg("user_flagged"),
        optional("stable", FieldType::Text, "The release that serves the rest, in the forms of `baseline`; the live one by the ledger, else the baseline, where it is left out.").eg("releases/2.3.0"),
        defaulted("ledger", FieldType::Path, ".relgate/ledger", "The folder that remembers what was decided.").eg(".relgate/ledger"),
    ],
};

/// A target.
pub static TARGET: Mapping = Mapping {
    name: "a target",
    fields: &[
        required("kind", FieldType::Word(TargetKind::WORDS), "Which engine reads it.").eg("file"),
        optional("path", FieldType::Path, "The file; left out for a `command`, whose weights `--run` writes and `--read-back` reads.").eg("deploy/split.json"),
        optional("name", FieldType::Text, "What is split there: a variable, a flag, a backend, a group of models, a route; the release's name where it is left out.").eg("assistant"),
        defaulted("stable", FieldType::Text, "stable", "What the stable release is called there.").eg("stable"),
        defaulted("candidate", FieldType::Text, "candidate", "What the candidate is called there.").eg("candidate"),
    ],
};

/// A step as a mapping.
pub static STEP: Mapping = Mapping {
    name: "a step",
    fields: &[
        required("weight", FieldType::Weight, "The candidate's share.").eg("10%"),
        defaulted("bake", FieldType::Lasting, "the deployment's", "The least time in this step.").eg("48h"),
        optional("cohort", FieldType::Text, "Who gets it in this step, of a `flag`.").eg("staff"),
    ],
};

/// `approvals`.
pub static APPROVALS: Mapping = Mapping {
    name: "`approvals`",
    fields: &[
        optional("start", FieldType::Count, "How many before the first step.").eg("1"),
        optional("full", FieldType::Count, "How many before all traffic.").eg("1"),
        optional("from", FieldType::Texts, "Who may approve.").eg("[release-board]"),
        optional(
            "signers",
            FieldType::Path,
            "Their keys, as `ssh-keygen` reads `allowed_signers`; approvals are then signed.",
        )
        .eg("deploy/allowed_signers"),
    ],
};

/// `monitoring`.
pub static MONITORING: Mapping = Mapping {
    name: "`monitoring`",
    fields: &[
        required("log", FieldType::Texts, "Files of production records, as paths or globs; also outside the root.").eg("[/var/log/assistant/*.jsonl]"),
        optional("format", FieldType::Word(Format::WORDS), "How they are written, where that is not to be told from their content.").eg("jsonl"),
        optional("where", FieldType::Conditions, "Records that count.").eg("{ env: production }"),
        optional("fields", FieldType::FieldSources, "Our names, each with the field of the records.").eg("{ unit: user_id }"),
        defaulted("signals", FieldType::Signals, "the usual ones, as far as they are logged: user_flagged, error, safety_match, prompt_leakage, latency_ms, cost_usd", "What is watched: names (not shown worse than the stable release), rules, or mappings.").eg("[user_flagged, 'p95 latency < 1200ms', 'cost increase < 20%']"),
        defaulted("missing", FieldType::Weight, "5%", "The share of records without a signal's field from which on it is blind.").eg("5%"),
        defaulted("silence", FieldType::Lasting, "1h", "The time without a record from which on every signal is blind; never less than that of 20 requests.").eg("1h"),
        defaulted("mature", FieldType::Lasting, "24h", "How long feedback may take: the age at which a record counts for a level of it.").eg("24h"),
        defaulted("false_alarms", FieldType::PerTime, "1 per 90d", "False alarms after full rollout, of all signals together.").eg("1 per 90d"),
        defaulted("look_back", FieldType::Lasting, "14d", "How far back a change after full rollout is looked for.").eg("14d"),
        optional("public", FieldType::Texts, "Texts that answers may repeat.").eg("[You can return anything within 30 days.]"),
        optional("canary_tokens", FieldType::Texts, "Texts that stand in prompts only to be found in answers.").eg("[cnry-7f3a91]"),
        optional("refusals", FieldType::Texts, "Phrases by which answers refuse, for `refusal`.").eg("[I cannot help with that]"),
    ],
};

/// A signal as a mapping.
pub static SIGNAL: Mapping = Mapping {
    name: "a signal",
    fields: &[
        defaulted("id", FieldType::Text, "the rule's words", "Identifier in reports.").eg("safety"),
        optional(
            "rule",
            FieldType::Rule,
            "What must hold; or `metric` alone: not shown worse than the stable release.",
        )
        .eg("'safety match < 0.5%'"),
        optional("metric", FieldType::Text, "The metric's exact name.").eg("user_flagged"),
        optional("detect", FieldType::Quantity, "The harm that a step has to be able to see, 8 times in 10.")
            .eg("1%"),
        optional(
            "cap",
            FieldType::Number,
            "What a value counts as at most; larger ones are counted as a rate of their own.",
        )
        .eg("60000"),
        optional("shown", FieldType::Word(Shown::WORDS), "Whether a step ends only when this passed.")
            .eg("required"),
        optional("action", FieldType::Action, "What is done when it fails.").eg("hold"),
        optional("where", FieldType::Conditions, "Records that count for it.").eg("{ lang: de }"),
    ],
};

/// `rollback`.
pub static ROLLBACK: Mapping = Mapping {
    name: "`rollback`",
    fields: &[
        defaulted("to", FieldType::Text, "last-good", "The version to go back to.").eg("last-good"),
        defaulted(
            "automatic",
            FieldType::Words(Category::WORDS),
            "the usual: all below 100%, `[safety]` at 100%",
            "Categories that need no person.",
        )
        .eg("[safety, latency]"),
        optional("actions", FieldType::Mapping(&ACTIONS), "What is done when a signal of a category fails.")
            .eg("{ cost: { throttle: 50% } }"),
        defaulted("cooldown", FieldType::Lasting, "1h", "How long nothing starts again after going back.")
            .eg("1h"),
        defaulted("most", FieldType::PerTime, "2 per 24h", "So many ways back, and then a person is asked.")
            .eg("2 per 24h"),
    ],
};

/// `rollback: actions`.
pub static ACTIONS: Mapping = Mapping {
    name: "`actions`",
    fields: &[
        optional("quality", FieldType::Action, "When answers got worse.").eg("{ restore: [prompts] }"),
        optional("safety", FieldType::Action, "When they do harm or give prompts away.").eg("roll-back"),
        optional("robustness", FieldType::Action, "When they break on disturbed input.").eg("roll-back"),
        optional("latency", FieldType::Action, "When they take longer.").eg("{ restore: [models] }"),
        optional("cost", FieldType::Action, "When they cost more.").eg("{ throttle: 50% }"),
    ],
};
