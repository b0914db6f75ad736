//! What the rule, the metric's definition and the catalogue say of what a gate takes of its values.

use super::answers::{ReferenceOf, TextFields};
use super::catalog::ValueType;
use super::names::{Match, Offer, Origin};
use crate::diagnostic::{Code, Diagnostic, Nature, Spanned};
use crate::evidence::ScoreType;
use crate::manifest::{Aggregate, Direction, GateSpec, MetricKind, People, ReferenceSpec, TextSpec};

/// What is said of the measure of a gate.
pub(super) struct Meaning<'a> {
    /// The gate.
    pub(super) gate: &'a GateSpec,
    /// What answers to its words.
    pub(super) found: &'a Match<'a>,
    /// What the evidence has.
    pub(super) offers: &'a [Offer],
    /// The column that a metric of texts makes for each answer.
    pub(super) column: Option<String>,
}

impl Meaning<'_> {
    /// What the metric's definition says that it is.
    pub(super) fn declared(&self) -> Option<MetricKind> {
        self.found.spec.and_then(|spec| spec.kind).map(|kind| kind.value)
    }

    /// What the metric's definition says of the texts that it is made of.
    pub(super) fn text(&self) -> Option<&TextSpec> {
        self.found.spec.and_then(|spec| spec.text.as_ref())
    }

    /// The texts that it is made of.
    ///
    /// # Errors
    /// The evidence has no such field.
    pub(super) fn text_fields(&self) -> Result<TextFields, Diagnostic> {
        let reference = match self.text().and_then(|text| text.reference.as_ref()) {
            None => ReferenceOf::Nothing,
            Some(ReferenceSpec::Field(field)) => ReferenceOf::Field(self.known_field(field)?),
            Some(ReferenceSpec::File(file)) => ReferenceOf::File(file.clone(), None),
        };
        Ok(TextFields { answer: self.found.origin.name().to_owned(), reference })
    }

    /// A further field of the evidence that a definition names.
    ///
    /// # Errors
    /// It has none of that name.
    pub(super) fn known_field(&self, field: &Spanned<String>) -> Result<String, Diagnostic> {
        if self.offer().is_some_and(|offer| offer.fields.contains(&field.value)) {
            return Ok(field.value.clone());
        }
        let names = self.offer().into_iter().flat_map(|offer| offer.fields.iter().map(String::as_str));
        let text = format!("evidence `{}` has no field `{}`", self.found.evidence, field.value);
        Err(Diagnostic::error(Code::UnknownMetric, text)
            .nature(Nature::Unseen)
            .at(field.span, "asked for here")
            .suggest(&field.value, names))
    }

    /// What the rule says that is taken of the values.
    pub(super) fn aggregate(&self) -> Option<Aggregate> {
        self.found.reading.aggregate
    }

    /// The field of the samples; none of a number that the evidence states.
    pub(super) fn field(&self) -> Option<&str> {
        if self.text().is_some() {
            return self.column.as_deref();
        }
        match &self.found.origin {
            Origin::Field(field) => Some(field),
            Origin::Aggregate(_) => None,
        }
    }

    /// The field of the samples; of several raters, what their fields are called together.
    pub(super) fn ratings(&self) -> Option<String> {
        let field = self.field()?;
        let people = self.found.spec.map(|spec| &spec.people).filter(|people| !people.raters.is_empty());
        Some(people.map_or_else(|| field.to_owned(), People::ratings))
    }

    fn offer(&self) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.evidence == self.found.evidence)
    }

    /// What the tool that wrote the evidence says of it.
    pub(super) fn told(&self) -> Option<ScoreType> {
        self.offer()?.scores.get(self.found.origin.name()).copied().filter(|_| self.text().is_none())
    }

    /// Which way the tool that wrote the evidence says that the field is good.
    pub(super) fn told_direction(&self) -> Option<Direction> {
        let high = self.offer()?.high_is_good.contains(self.field()?);
        high.then_some(Direction::Higher)
    }

    /// Whether it is how often one version is preferred, which is a proportion.
    pub(super) fn is_share(&self) -> bool {
        matches!(self.declared(), Some(MetricKind::WinRate | MetricKind::BradleyTerry))
    }

    /// What one number is made of names: nothing else can be taken of them.
    ///
    /// # Errors
    /// The rule takes a quantile, a sum or something of that kind.
    pub(super) fn has_no_aggregate(&self) -> Result<(), Diagnostic> {
        let aggregate = self.aggregate().filter(|aggregate| {
            !matches!((aggregate, self.declared()), (Aggregate::Rate, Some(MetricKind::Rate)))
        });
        let Some(aggregate) = aggregate else { return Ok(()) };
        let kind = self.declared().map_or("metric", MetricKind::word);
        Err(Diagnostic::error(
            Code::AggregateOfRatio,
            format!("`{aggregate}` cannot be taken of `as: {kind}`: it has one value"),
        )
        .at(self.gate.rule.subject_span(), "one value")
        .help("gate the metric itself"))
    }

    /// The same of what is no number that two releases could be compared by.
    ///
    /// # Errors
    /// The rule is about a change.
    pub(super) fn is_plain_level(&self) -> Result<(), Diagnostic> {
        self.has_no_aggregate()?;
        let Some(change) = self.found.reading.change else { return Ok(()) };
        let kind = self.declared().map_or("metric", MetricKind::word);
        Err(Diagnostic::error(
            Code::UnitOfAChange,
            format!("a metric with `as: {kind}` has a level and no {}", change.word()),
        )
        .at(self.gate.rule.subject_span(), "compared with another release")
        .help("gate its level: what it is about lies in one study"))
    }

    /// Whether the values are a rate or a mean: the rule says it, else the definition, else the catalogue.
    pub(super) fn value_type(&self) -> ValueType {
        match (self.aggregate(), self.declared()) {
            (Some(Aggregate::Rate), _) | (None, Some(MetricKind::Rate)) => ValueType::Rate,
            (Some(Aggregate::Mean), _) | (None, Some(MetricKind::Mean | MetricKind::Rating)) => {
                ValueType::Mean
            }
            _ if self.text().is_some_and(|text| text.metric.is_truth()) => ValueType::Rate,
            _ if self.text().is_some() => ValueType::Mean,
            _ => match self.told() {
                Some(ScoreType::Rate) => ValueType::Rate,
                Some(ScoreType::Mean | ScoreType::Between(..)) => ValueType::Mean,
                None => self.found.standard.map_or(ValueType::Auto, |standard| standard.value_type),
            },
        }
    }
}
