//! What the files of one evidence entry hold.

use std::collections::BTreeMap;

use super::values::FieldValues;
use crate::evidence::{Catalog, FieldKind, Measured, ScoreType};
use crate::manifest::{Dimension, fold};
use crate::metric::catalog::{Standard, ValueType, split_unit, standard};
use crate::metric::split_quantile;

/// What the files of one evidence entry hold, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Holding {
    fields: BTreeMap<String, HeldField>,
}

/// What is known of one name.
#[derive(Debug, Clone, PartialEq)]
pub enum HeldField {
    /// A field of samples.
    Field {
        /// What its values are.
        kind: FieldKind,
        /// The same in more detail, where somebody looked.
        seen: Option<FieldValues>,
        /// What its unit or the tool that wrote it says of them: of numbers 0 and 1 are no rate.
        told: Option<ScoreType>,
    },
    /// A number that somebody else computed.
    Stated(Measured),
}

/// What is taken of the values of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// How many are true.
    Rate,
    /// The mean of values from 0 to 1.
    Proportion,
    /// The mean of other numbers, or a number that somebody computed.
    Mean,
}

impl Holding {
    /// What the files of these catalogues hold together.
    #[must_use]
    pub fn of<'a>(catalogs: impl IntoIterator<Item = &'a Catalog>) -> Self {
        let mut fields: BTreeMap<String, HeldField> = BTreeMap::new();
        for catalog in catalogs {
            for (name, kind) in &catalog.fields {
                let kind = match fields.get(name) {
                    Some(HeldField::Field { kind: known, .. }) => kind.and(*known),
                    _ => *kind,
                };
                let told = catalog.told.scores.get(name).copied();
                let unit = split_unit(&fold(name)).1.map(|_| ScoreType::Mean);
                fields.insert(name.clone(), HeldField::Field { kind, seen: None, told: told.or(unit) });
            }
            for (name, stated) in &catalog.aggregates {
                fields.entry(name.clone()).or_insert_with(|| HeldField::Stated(stated.measured.clone()));
            }
        }
        Self { fields }
    }

    /// Everything, in the order of the names.
    pub fn all(&self) -> impl Iterator<Item = (&str, &HeldField)> {
        self.fields.iter().map(|(name, held)| (name.as_str(), held))
    }

    /// What is known of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&HeldField> {
        self.fields.get(name)
    }

    /// The fields whose values a proposal depends on.
    pub(super) fn open_fields(&self) -> impl Iterator<Item = &str> {
        let open = |name: &str, held: &HeldField| match held {
            HeldField::Field { kind: FieldKind::Bool | FieldKind::Number, .. } => true,
            HeldField::Field { kind: FieldKind::Text | FieldKind::Mixed, .. } => known(name).is_some(),
            _ => false,
        };
        self.all().filter(move |(name, held)| open(name, held)).map(|(name, _)| name)
    }

    /// Notes what the values of a field are in one more file.
    pub(super) fn note(&mut self, name: &str, more: FieldValues) {
        if let Some(HeldField::Field { seen, .. }) = self.fields.get_mut(name) {
            *seen = Some(seen.map_or(more, |seen| seen.and(more)));
        }
    }
}

/// The standard metric that a field or an aggregate is, by its name: `latency_ms` and `p95_latency_ms` are latencies.
#[must_use]
pub fn known(name: &str) -> Option<&'static Standard> {
    let folded = fold(name);
    standard(split_quantile(split_unit(&folded).0).1)
}

impl HeldField {
    /// What is taken of the values, by the catalogue and by what they are.
    ///
    /// # Errors
    /// Why nothing can be.
    pub(super) fn taken(&self, standard: Option<&Standard>) -> Result<Taken, String> {
        let (kind, seen, told) = match self {
            Self::Stated(measured) => return Ok(stated(measured, standard)),
            Self::Field { kind, seen, told } => (*kind, *seen, *told),
        };
        match kind {
            FieldKind::Null => return Err("it is null in every row".to_owned()),
            FieldKind::Nested => return Err("it holds lists or objects".to_owned()),
            _ => {}
        }
        let Some(seen) = seen.filter(|seen| seen.values > 0) else {
            return Err(match kind {
                FieldKind::Bool | FieldKind::Number => "nobody looked at its values".to_owned(),
                _ => LABEL.to_owned(),
            });
        };
        if seen.texts > 0 {
            return Err("some of its values are text".to_owned());
        }
        let number = told == Some(ScoreType::Mean);
        let proportion = told == Some(ScoreType::Between(0.0, 1.0))
            || standard.is_some_and(|standard| standard.unit.dimension == Dimension::Fraction);
        match standard.map(|standard| standard.value_type) {
            Some(ValueType::Rate | ValueType::Auto) | None if seen.two_valued && !number => Ok(Taken::Rate),
            _ if proportion && (seen.least < 0.0 || seen.most > 1.0) => Err(format!(
                "its values lie between {} and {}, which are no proportions",
                seen.least, seen.most
            )),
            _ if proportion => Ok(Taken::Proportion),
            _ => Ok(Taken::Mean),
        }
    }

    /// Whether a share of its mean is something; none where nobody looked.
    pub(super) fn is_positive(&self) -> Option<bool> {
        match self {
            Self::Field { seen, .. } => seen.map(|seen| seen.sum > 0.0),
            Self::Stated(measured) => value(measured).map(|value| value > 0.0),
        }
    }
}

/// Why a field of texts is not judged.
pub(super) const LABEL: &str = "its values are texts";

fn stated(measured: &Measured, standard: Option<&Standard>) -> Taken {
    let fraction = |standard: &Standard| standard.unit.dimension == Dimension::Fraction;
    match measured {
        Measured::Events { .. } => Taken::Rate,
        _ if standard.is_some_and(fraction) => Taken::Proportion,
        _ => Taken::Mean,
    }
}

fn value(measured: &Measured) -> Option<f64> {
    match measured {
        Measured::Events { events, n } => Some(*events as f64 / *n as f64),
        Measured::Value { value, .. } | Measured::Stderr { value, .. } | Measured::Point(value) => {
            Some(value.value)
        }
        Measured::Interval { value, .. } => value.as_ref().map(|value| value.value),
    }
}
