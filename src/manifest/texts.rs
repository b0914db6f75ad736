//! Metrics of texts, as their definitions say it and with the defaults of what they do not say.

use super::words::{Category, Direction};
use crate::diagnostic::Spanned;
use crate::text::bleu::{Bleu, Smoothing};
use crate::text::chrf::Chrf;
use crate::text::exact_match::ExactMatch;
use crate::text::length::Length;
use crate::text::regex::Pattern;
use crate::text::rouge::Rouge;
use crate::text::ter::Ter;
use crate::text::token_f1::{Empty, TokenF1};

/// A metric of texts.
#[derive(Debug, Clone)]
pub struct TextSpec {
    /// What is worked out.
    pub metric: TextMetric,
    /// What the texts are compared with; none where they stand for themselves.
    pub reference: Option<ReferenceSpec>,
    /// The file of the JSON Schema, of that metric.
    pub schema: Option<Spanned<String>>,
}

/// What is worked out of a text.
#[derive(Debug, Clone)]
pub enum TextMetric {
    /// BLEU over all rows.
    Bleu(Bleu),
    /// chrF over all rows.
    Chrf(Chrf),
    /// TER over all rows.
    Ter(Ter),
    /// One of ROUGE's figures of each row.
    Rouge(Rouge),
    /// Whether a text is one of its references.
    ExactMatch(ExactMatch),
    /// The words that it shares with one.
    TokenF1(TokenF1),
    /// Whether it is JSON.
    ValidJson,
    /// Whether it is JSON that a schema describes.
    JsonSchema,
    /// Whether a part of it fits an expression.
    Regex(Pattern),
    /// How long it is.
    Length(Length),
}

/// Where references stand.
#[derive(Debug, Clone)]
pub enum ReferenceSpec {
    /// In this field of the row: a text, or a list of them.
    Field(Spanned<String>),
    /// In a file of their own.
    File(ReferenceFile),
}

/// A file of references.
#[derive(Debug, Clone)]
pub struct ReferenceFile {
    /// Its path.
    pub path: Spanned<String>,
    /// Its field that holds a reference or a list of them; `reference` where it is not said.
    pub field: Option<Spanned<String>>,
    /// Its field that holds the id; that of the evidence where it is not said.
    pub id: Option<Spanned<String>>,
    /// Whether its lines are those of the evidence, in their order.
    pub by_line: bool,
}

impl TextMetric {
    /// Whether it is one figure of all rows, and none of a single one.
    #[must_use]
    pub fn is_of_corpus(&self) -> bool {
        matches!(self, Self::Bleu(_) | Self::Chrf(_) | Self::Ter(_))
    }

    /// Whether each row is true or false.
    #[must_use]
    pub fn is_truth(&self) -> bool {
        matches!(self, Self::ExactMatch(_) | Self::ValidJson | Self::JsonSchema | Self::Regex(_))
    }

    /// Which way it is good; none where that is for the author to say.
    #[must_use]
    pub fn direction(&self) -> Option<Direction> {
        match self {
            Self::Ter(_) => Some(Direction::Lower),
            Self::Regex(_) | Self::Length(_) => None,
            _ => Some(Direction::Higher),
        }
    }

    /// What it is about; none where that is for the author to say.
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        match self {
            Self::Regex(_) | Self::Length(_) => None,
            _ => Some(Category::Quality),
        }
    }

    /// The name that the catalogue of metrics has for it.
    #[must_use]
    pub fn standard(&self) -> Option<&'static str> {
        use crate::text::rouge::Shared;
        match self {
            Self::Bleu(_) => Some("bleu"),
            Self::Chrf(_) => Some("chrf"),
            Self::Ter(_) => Some("ter"),
            Self::Rouge(rouge) => match rouge.shared {
                Shared::Words => Some("rouge_1"),
                Shared::Pairs => Some("rouge_2"),
                Shared::Sequence => Some("rouge_l"),
                Shared::Lines => None,
            },
            Self::ExactMatch(_) => Some("exact_match"),
            Self::TokenF1(_) => Some("f1"),
            _ => None,
        }
    }

    /// The effective value of one of its options, as a manifest writes it; none of an option that it has not.
    #[must_use]
    pub fn option(&self, key: &str) -> Option<String> {
        let said = match (self, key) {
            (Self::Bleu(bleu), "tokenize") => bleu.tokenizer.name().to_owned(),
            (Self::Bleu(bleu), "smooth") => match bleu.smoothing {
                Smoothing::Exponential => "exp".to_owned(),
                Smoothing::Floor(_) => "floor".to_owned(),
                Smoothing::Add(_) => "add-k".to_owned(),
                Smoothing::None => "none".to_owned(),
            },
            (Self::Bleu(bleu), "smooth_value") => match bleu.smoothing {
                Smoothing::Floor(value) | Smoothing::Add(value) => value.to_string(),
                _ => return None,
            },
            (Self::Bleu(bleu), "lowercase") => bleu.lowercase.to_string(),
            (Self::Bleu(bleu), "effective_order") => bleu.effective_order.to_string(),
            (Self::Bleu(bleu), "max_order") => bleu.order.to_string(),
            (Self::Chrf(chrf), "lowercase") => chrf.lowercase.to_string(),
            (Self::Chrf(chrf), "char_order") => chrf.characters.to_string(),
            (Self::Chrf(chrf), "word_order") => chrf.words.to_string(),
            (Self::Chrf(chrf), "beta") => chrf.beta.to_string(),
            (Self::Chrf(chrf), "whitespace") => chrf.whitespace.to_string(),
            (Self::Chrf(chrf), "eps_smoothing") => chrf.every_order.to_string(),
            (Self::Ter(ter), "lowercase") => (!ter.case_sensitive).to_string(),
            (Self::Ter(ter), "normalize") => ter.normalized.to_string(),
            (Self::Ter(ter), "punctuation") => (!ter.without_marks).to_string(),
            (Self::Ter(ter), "asian") => ter.asian.to_string(),
            (Self::Rouge(rouge), "stem") => rouge.stem.to_string(),
            (Self::Rouge(rouge), "score") => rouge.part.name().to_owned(),
            (Self::ExactMatch(exact), "strict") => exact.strict.to_string(),
            (Self::TokenF1(f1), "empty") => {
                if f1.empty == Empty::Matches {
                    "match".to_owned()
                } else {
                    "miss".to_owned()
                }
            }
            (Self::Regex(pattern), "pattern") => pattern.expression().to_owned(),
            (Self::Length(length), "count") => length.name().to_owned(),
            _ => return None,
        };
        Some(said)
    }
}

impl ReferenceSpec {
    /// As a manifest writes it.
    #[must_use]
    pub fn spelled(&self) -> String {
        let file = match self {
            Self::Field(field) => return field.value.clone(),
            Self::File(file) => file,
        };
        let mut parts = vec![format!("path: {}", file.path.value)];
        parts.extend(file.field.iter().map(|field| format!("field: {}", field.value)));
        parts.extend(file.id.iter().map(|id| format!("id: {}", id.value)));
        parts.extend(file.by_line.then(|| "by: line".to_owned()));
        format!("{{ {} }}", parts.join(", "))
    }
}
