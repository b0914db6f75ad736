//! A number of each answer, such as ROUGE, judged as any other number or truth of a row.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::manifest::{MetricKind, TextMetric};
use crate::metric::answers::{ReferenceOf, Scorer, TextScore};
use crate::metric::compared::Compared;
use crate::metric::estimate::Method;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, LoadedFile, Measure, MeasureKind, Truth};
use crate::metric::pairs::Taken;
use crate::metric::plan::NumberField;
use crate::metric::values::{Range, Values};

use super::json_schema::FutureSchema;
use super::valid_json::ValidJson;

/// The number of each answer that a metric of texts is made of; none of a metric of all answers.
///
/// # Errors
/// The evidence has not the fields.
pub(in crate::metric) fn score(meaning: &Meaning<'_>) -> Result<Option<TextScore>, Diagnostic> {
    let Some(spec) = meaning.text() else { return Ok(None) };
    let scorer: Arc<dyn Scorer> = match &spec.metric {
        TextMetric::Bleu(_) | TextMetric::Chrf(_) | TextMetric::Ter(_) => return Ok(None),
        TextMetric::Rouge(rouge) => Arc::new(*rouge),
        TextMetric::ExactMatch(exact) => Arc::new(*exact),
        TextMetric::TokenF1(f1) => Arc::new(*f1),
        TextMetric::ValidJson => Arc::new(ValidJson),
        TextMetric::JsonSchema => Arc::new(FutureSchema),
        TextMetric::Regex(pattern) => Arc::new(pattern.clone()),
        TextMetric::Length(length) => Arc::new(*length),
    };
    let texts = meaning.text_fields()?;
    let mut field = format!("{} {}", scorer.name(), texts.name());
    field.extend(spec.schema.iter().map(|schema| format!(" {}", schema.value)));
    Ok(Some(TextScore { field, texts, scorer }))
}

/// A measure of a column that is made of texts while rows are read.
#[derive(Debug, Clone)]
pub(super) struct PerAnswer {
    score: TextScore,
    /// What is taken of the column.
    of_column: Arc<dyn Measure>,
    range: Range,
}

impl PerAnswer {
    pub(super) fn of(meaning: &Meaning<'_>, score: TextScore, of_column: Arc<dyn Measure>) -> Self {
        let is_length = meaning.declared() == Some(MetricKind::Length);
        Self { score, of_column, range: (Some(0.0), (!is_length).then_some(1.0)) }
    }
}

impl Measure for PerAnswer {
    fn kind(&self) -> MeasureKind<'_> {
        self.of_column.kind()
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        self.of_column.numbers()
    }

    fn text_score(&self) -> Option<&TextScore> {
        Some(&self.score)
    }

    fn truth(&self) -> Truth {
        self.of_column.truth()
    }

    fn case_field(&self) -> Option<&str> {
        self.of_column.case_field()
    }

    fn own_range(&self) -> Option<Range> {
        self.of_column.own_range().or(Some(self.range))
    }

    fn usual_method(&self) -> Method {
        self.of_column.usual_method()
    }

    fn taken(&self, scale: f64) -> Taken<'_> {
        self.of_column.taken(scale)
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        self.of_column.level(values)
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        self.of_column.change(runs)
    }

    fn signature(&self) -> Option<String> {
        Some(self.score.scorer.name())
    }

    fn with_file(&self, loaded: &LoadedFile) -> Option<Arc<dyn Measure>> {
        let mut own = self.clone();
        match (&self.score.texts.reference, loaded) {
            (ReferenceOf::File(file, _), LoadedFile::References(references)) => {
                own.score.texts.reference = ReferenceOf::File(file.clone(), Some(Arc::clone(references)));
            }
            (_, LoadedFile::Schema(schema)) => own.score.scorer = Arc::clone(schema) as Arc<dyn Scorer>,
            _ => return None,
        }
        Some(Arc::new(own))
    }
}
