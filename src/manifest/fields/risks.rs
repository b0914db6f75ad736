//! The tables of `risks`.

use super::field::{FieldType, Mapping, optional, required};
use crate::manifest::words::RiskLevel;

/// One risk.
pub static RISK: Mapping = Mapping {
    name: "a risk",
    fields: &[
        optional(
            "title",
            FieldType::Text,
            "What it is called; of a risk of your own, whose id is none of NIST AI 600-1.",
        )
        .eg("Prices quoted to resellers"),
        optional(
            "likelihood",
            FieldType::Word(RiskLevel::WORDS),
            "How likely it is without mitigation; required unless `not_applicable`.",
        )
        .eg("medium"),
        optional(
            "impact",
            FieldType::Word(RiskLevel::WORDS),
            "How bad it would be; required unless `not_applicable`.",
        )
        .eg("high"),
        optional(
            "residual",
            FieldType::Word(RiskLevel::WORDS),
            "What is left of it; `high` has to be `accepted`; required unless `not_applicable`.",
        )
        .eg("low"),
        optional("mitigation", FieldType::Text, "What is done about it; required unless `not_applicable`.")
            .eg("Answers only from retrieved passages."),
        optional(
            "tested_by",
            FieldType::Texts,
            "The ids of the gates and signals that show whether it works; required unless `accepted`.",
        )
        .eg("[hallucination-rate, user-flagged]"),
        optional("accepted", FieldType::Mapping(&RISK_ACCEPTED), "Who accepted what is left of it.")
            .eg("{ by: release-board, reason: Pilot with ten customers. }"),
        optional(
            "not_applicable",
            FieldType::Text,
            "Why it cannot come up; alone beside `owner`, `review` and `refs`.",
        )
        .eg("Answers about invoices only."),
        required("owner", FieldType::Text, "Who looks after it.").eg("assistant-team"),
        required("review", FieldType::Date, "The day on which somebody looks at it again.").eg("2027-03-01"),
        optional("refs", FieldType::Texts, "Where more about it stands, such as ids of other catalogues.")
            .eg("[OWASP LLM09]"),
    ],
};

/// `accepted`.
pub static RISK_ACCEPTED: Mapping = Mapping {
    name: "`accepted`",
    fields: &[
        required("by", FieldType::Text, "Somebody else than the owner.").eg("release-board"),
        required("reason", FieldType::Text, "Why.").eg("Pilot with ten customers."),
    ],
};
