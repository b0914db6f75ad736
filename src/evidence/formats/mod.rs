//! The registry of formats: a file each, and a line each in [`about`].
//!
//! A format says how its files are told from others, where the rows of its runs stand, and what its tool calls the
//! fields. Reading itself is shared: rows of lines, of a list, of cells.

mod ab;
mod about;
mod aiperf;
mod alpaca_eval;
mod autocannon;
mod azure_ai_evaluation;
mod braintrust;
mod counts;
mod csv;
mod deepeval;
mod evalite;
mod evidently;
mod garak;
mod guidellm;
mod helm;
mod hey;
mod inspect;
mod json_list;
mod jsonl;
mod junit;
mod k6;
mod langfuse;
mod langsmith;
mod litellm;
mod lm_eval;
mod load;
mod locust;
mod metrics;
mod mlflow;
mod numbers;
mod openai_evals;
mod otlp;
mod phoenix;
mod promptfoo;
mod pydantic_evals;
mod pytest_json;
mod ragas;
mod stated;
mod swebench;
mod trulens;
mod vitest_evals;
mod vllm_bench;
mod weave;
mod wrk;

pub(super) use about::{Cells, Head, Holding, Layout};
pub use counts::{COUNTS, CountRow, CountTable};
pub(super) use csv::{Columns, NameCheck, header, header_of};
pub(super) use json_list::Elements;
pub use numbers::NUMBERS;
pub(super) use numbers::{Numbers, damaged};
pub use stated::{Aside, Figure, Measured, StatedAggregate};

use about::About;

use super::blocks::Outcome;
use super::feed::Block;
use super::row::Rows;
use crate::manifest::Format;

/// What a format says of itself: the registry.
pub(super) fn about(format: Format) -> &'static About {
    match format {
        Format::Junit => &junit::ABOUT,
        Format::PytestJson => &pytest_json::ABOUT,
        Format::Promptfoo => &promptfoo::ABOUT,
        Format::PydanticEvals => &pydantic_evals::ABOUT,
        Format::LangSmith => &langsmith::ABOUT,
        Format::Inspect => &inspect::ABOUT,
        Format::LmEval => &lm_eval::ABOUT,
        Format::DeepEval => &deepeval::ABOUT,
        Format::Ragas => &ragas::ABOUT,
        Format::Braintrust => &braintrust::ABOUT,
        Format::Phoenix => &phoenix::ABOUT,
        Format::Mlflow => &mlflow::ABOUT,
        Format::Langfuse => &langfuse::ABOUT,
        Format::Evidently => &evidently::ABOUT,
        Format::Evalite => &evalite::ABOUT,
        Format::VitestEvals => &vitest_evals::ABOUT,
        Format::AzureAiEvaluation => &azure_ai_evaluation::ABOUT,
        Format::Weave => &weave::ABOUT,
        Format::Helm => &helm::ABOUT,
        Format::OpenaiEvals => &openai_evals::ABOUT,
        Format::Garak => &garak::ABOUT,
        Format::SweBench => &swebench::ABOUT,
        Format::AlpacaEval => &alpaca_eval::ABOUT,
        Format::TruLens => &trulens::ABOUT,
        Format::Otlp => &otlp::ABOUT,
        Format::LiteLlm => &litellm::ABOUT,
        Format::Locust => &locust::ABOUT,
        Format::GuideLlm => &guidellm::ABOUT,
        Format::AiPerf => &aiperf::ABOUT,
        Format::Autocannon => &autocannon::ABOUT,
        Format::Hey => &hey::ABOUT,
        Format::Wrk => &wrk::ABOUT,
        Format::Ab => &ab::ABOUT,
        Format::K6 => &k6::ABOUT,
        Format::VllmBench => &vllm_bench::ABOUT,
        Format::Counts => &counts::ABOUT,
        Format::Jsonl => &jsonl::ABOUT,
        Format::JsonList => &json_list::ABOUT,
        Format::Csv => &csv::ABOUT,
        Format::Metrics => &metrics::ABOUT,
        Format::Numbers => &numbers::ABOUT,
    }
}

impl Format {
    /// Whether another tool writes it.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        matches!(about(self).content, Holding::Foreign(_))
    }

    /// Whether every label is text, so that `true` and `"true"` are one.
    #[must_use]
    pub fn labels_are_text(self) -> bool {
        about(self).text_labels
    }
}

/// The format whose files begin like this, the first of the list where several do; what the bytes say wins over the
/// ending.
pub(super) fn recognise(head: &Head<'_>) -> Option<Format> {
    let shown = |format: &Format| (about(*format).shows)(head);
    let named = |format: &Format| head.ending.is_some_and(|own| about(*format).endings.contains(&own));
    let all = || Format::ALL.iter().copied();
    all().find(shown).or_else(|| all().find(named))
}

/// How the rows of a block are read.
pub(super) enum Reading<'c> {
    /// As objects, a line each.
    Lines {
        /// Whether the first of the file may be a header.
        header: bool,
    },
    /// As cells of these columns.
    Cells(&'c Columns),
    /// As arrays of these columns.
    Arrays(&'c [String]),
}

impl Reading<'_> {
    /// Hands the rows of a block to `rows`.
    pub(super) fn read<'a, R: Rows<'a>>(&self, block: &'a Block, rows: &mut R) -> Outcome {
        match self {
            Self::Lines { header } => jsonl::read(block, *header && block.first, rows),
            Self::Cells(columns) => csv::read(block, columns, rows),
            Self::Arrays(columns) => numbers::read(block, columns, rows),
        }
    }
}
