//! One figure of all answers, such as BLEU: a statistic of sums of counts, with limits by resampling.

use std::sync::Arc;

use super::{bleu, chrf, ter};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::TextMetric;
use crate::metric::answers::ReferenceOf;
use crate::metric::counts::{Counter, Texts};
use crate::metric::estimate::Method;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{LoadedFile, Measure, MeasureKind};
use crate::metric::values::Range;

#[derive(Debug, Clone)]
struct Corpus {
    texts: Texts,
    range: Range,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let (counter, range): (Arc<dyn Counter>, Range) = match &meaning.text()?.metric {
        TextMetric::Bleu(bleu) => (Arc::new(*bleu), bleu::RANGE),
        TextMetric::Chrf(chrf) => (Arc::new(*chrf), chrf::RANGE),
        TextMetric::Ter(ter) => (Arc::new(*ter), ter::RANGE),
        _ => return None,
    };
    Some(texts(meaning, counter).map(|texts| Arc::new(Corpus { texts, range }) as _))
}

fn texts(meaning: &Meaning<'_>, counter: Arc<dyn Counter>) -> Result<Texts, Diagnostic> {
    if let Some(aggregate) = meaning.aggregate() {
        return Err(Diagnostic::error(
            Code::AggregateOfRatio,
            format!("`{aggregate}` cannot be taken of a figure of all answers"),
        )
        .at(meaning.gate.rule.subject_span(), "it has one value")
        .help("gate the figure itself; of single answers there is `as: rouge-l` or `as: token-f1`"));
    }
    Ok(Texts { fields: meaning.text_fields()?, counter })
}

impl Measure for Corpus {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Estimated
    }

    fn texts(&self) -> Option<&Texts> {
        Some(&self.texts)
    }

    fn case_field(&self) -> Option<&str> {
        None
    }

    fn own_range(&self) -> Option<Range> {
        Some(self.range)
    }

    fn usual_method(&self) -> Method {
        Method::PairedBootstrap
    }

    fn signature(&self) -> Option<String> {
        Some(self.texts.counter.name())
    }

    fn is_in_points(&self) -> bool {
        true
    }

    fn with_file(&self, loaded: &LoadedFile) -> Option<Arc<dyn Measure>> {
        let (ReferenceOf::File(file, _), LoadedFile::References(references)) =
            (&self.texts.fields.reference, loaded)
        else {
            return None;
        };
        let mut own = self.clone();
        own.texts.fields.reference = ReferenceOf::File(file.clone(), Some(Arc::clone(references)));
        Some(Arc::new(own))
    }
}
