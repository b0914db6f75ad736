//! What the rule, the metric's definition and the catalogue say of what a gate takes of its values.

use super::catalog::ValueType;
use super::names::{Match, Offer, Origin};
use crate::evidence::ScoreType;
use crate::manifest::{Aggregate, Direction, GateSpec, MetricKind};

/// What is said of the measure of a gate.
pub(super) struct Meaning<'a> {
    /// The gate.
    pub(super) gate: &'a GateSpec,
    /// What answers to its words.
    pub(super) found: &'a Match<'a>,
    /// What the evidence has.
    pub(super) offers: &'a [Offer],
}

impl Meaning<'_> {
    /// What the metric's definition says that it is.
    pub(super) fn declared(&self) -> Option<MetricKind> {
        self.found.spec.and_then(|spec| spec.kind).map(|kind| kind.value)
    }

    /// What the rule says that is taken of the values.
    pub(super) fn aggregate(&self) -> Option<Aggregate> {
        self.found.reading.aggregate
    }

    /// The field of the samples; none of a number that the evidence states.
    pub(super) fn field(&self) -> Option<&str> {
        match &self.found.origin {
            Origin::Field(field) => Some(field),
            Origin::Aggregate(_) => None,
        }
    }

    fn offer(&self) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.evidence == self.found.evidence)
    }

    /// What the tool that wrote the evidence says of it.
    pub(super) fn told(&self) -> Option<ScoreType> {
        self.offer()?.scores.get(self.found.origin.name()).copied()
    }

    /// Which way the tool that wrote the evidence says that the field is good.
    pub(super) fn told_direction(&self) -> Option<Direction> {
        let high = self.offer()?.high_is_good.contains(self.field()?);
        high.then_some(Direction::Higher)
    }

    /// Whether the values are a rate or a mean: the rule says it, else the definition, else the catalogue.
    pub(super) fn value_type(&self) -> ValueType {
        match (self.aggregate(), self.declared()) {
            (Some(Aggregate::Rate), _) | (None, Some(MetricKind::Rate)) => ValueType::Rate,
            (Some(Aggregate::Mean), _) | (None, Some(MetricKind::Mean)) => ValueType::Mean,
            _ => match self.told() {
                Some(ScoreType::Rate) => ValueType::Rate,
                Some(ScoreType::Mean | ScoreType::Between(..)) => ValueType::Mean,
                None => self.found.standard.map_or(ValueType::Auto, |standard| standard.value_type),
            },
        }
    }
}
