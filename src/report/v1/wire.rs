//! How values stand in JSON and come back: finite numbers, words of closed lists, dates, units, slices in their order.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::step::NextStep;
use crate::gate::{Outcome, ReasonKind};
use crate::manifest::{Category, ChangeWord, Enforcement, Reference, ReleaseType, RiskLevel};
use crate::metric::Method;
use crate::verdict::Decision;

/// The name of the format.
pub(in crate::report) const SCHEMA: &str = "relgate/report/v1";

/// Stands in every document of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema;

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(SCHEMA)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let found = String::deserialize(from)?;
        if found == SCHEMA { Ok(Self) } else { Err(D::Error::custom(format!("`{found}` is not `{SCHEMA}`"))) }
    }
}

/// A number that JSON can hold; anything else is `null`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Finite(Option<f64>);

impl Finite {
    /// The number, where there is one.
    #[must_use]
    pub fn get(self) -> Option<f64> {
        self.0
    }
}

impl From<f64> for Finite {
    fn from(value: f64) -> Self {
        Self(value.is_finite().then_some(value))
    }
}

impl From<Option<f64>> for Finite {
    fn from(value: Option<f64>) -> Self {
        Self(value.filter(|value| value.is_finite()))
    }
}

/// A value that JSON names by a word of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word<T>(pub T);

/// A type with a word for every value.
pub trait ClosedList: Copy + 'static {
    /// Every value.
    const VALUES: &'static [Self];
    /// The word of a value.
    fn told(self) -> &'static str;
}

/// Every variant has to be named: one that is missing does not compile.
macro_rules! closed_lists {
    ($($list:ty { $($variant:ident),+ $(,)? })+) => {$(
        impl ClosedList for $list {
            const VALUES: &'static [Self] = &[$(<$list>::$variant),+];
            fn told(self) -> &'static str {
                match self { $(Self::$variant)|+ => <$list>::word(self) }
            }
        }
    )+};
}

closed_lists! {
    Decision { Pass, Inconclusive, Error, Fail }
    Outcome { Pass, NotApplicable, Inconclusive, Error, Fail }
    ReasonKind { DataProblem, TooFewSamples, Undecided }
    Enforcement { Block, Warn }
    Category { Quality, Safety, Robustness, Latency, Cost }
    RiskLevel { Low, Medium, High }
    ReleaseType { ModelUpgrade, PromptRelease, DataRelease, SafetyPatch, PerformancePatch, Hotfix }
    Reference { Baseline, Anchor }
    Told { Looser, MayBeLooser, Changed }
    NextStep { RepairInput, RepairData, Mend, MoreSamples, GoBack, Waive, Ship }
    ChangeWord { Increase, Drop, Change }
    crate::diff::Weight { Info, Review, Blocking }
    crate::diff::Direction { Looser, Unknown, Neutral, Tighter }
    Method {
        ClopperPearson, Gaffke, GaffkeOpen, StudentT, Cr2T, OrderStatistics, Melded, TwoLimits, QuantilePair, Fieller,
        PairedBootstrap, ItemBootstrap, BradleyTerry, LabelledJudge, RoganGladen, JudgeRate, RoundedCounts, StatedError, StatedInterval, Point, Observed,
    }
}

/// How a change must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// It lets more through than before; never counted into a rest.
    Looser,
    /// It blocks, and nobody can tell which way it goes; never counted into a rest.
    MayBeLooser,
    /// It changed.
    Changed,
}

impl Told {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Looser => "looser",
            Self::MayBeLooser => "may-be-looser",
            Self::Changed => "changed",
        }
    }
}

impl<T: ClosedList> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.told())
    }
}

impl<'de, T: ClosedList> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let found = String::deserialize(from)?;
        let known = T::VALUES.iter().find(|value| value.told() == found);
        known.map(|value| Self(*value)).ok_or_else(|| {
            let words: Vec<&str> = T::VALUES.iter().map(|value| value.told()).collect();
            D::Error::custom(format!("`{found}` is none of {}", words.join(", ")))
        })
    }
}

/// Field and label of a slice, in the order in which its gate names the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliceKey(pub Vec<(String, String)>);

impl SliceKey {
    /// As a person names it: `lang = de, topic = refunds`.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.iter().map(|(field, label)| format!("{field} = {label}")).collect::<Vec<_>>().join(", ")
    }
}

impl Serialize for SliceKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (field, label) in &self.0 {
            map.serialize_entry(field, label)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for SliceKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(InOrder(PhantomData))
    }
}

struct InOrder(PhantomData<()>);

impl<'de> Visitor<'de> for InOrder {
    type Value = SliceKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field and label of a slice")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<SliceKey, A::Error> {
        let mut key: Vec<(String, String)> = Vec::new();
        while let Some((field, label)) = entries.next_entry::<String, String>()? {
            if key.iter().any(|(known, _)| *known == field) {
                return Err(A::Error::custom(format!("the field `{field}` stands there twice")));
            }
            key.push((field, label));
        }
        Ok(SliceKey(key))
    }
}

/// Values that stand as the text that they print and parse: a version, a day.
pub(super) mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::report) fn serialize<T: Display, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(in crate::report) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let found = String::deserialize(from)?;
        found.parse().map_err(|error| D::Error::custom(format!("`{found}`: {error}")))
    }
}

/// A time in UTC to the second.
pub(super) mod second {
    use chrono::{DateTime, NaiveDateTime, Utc};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    const FORMAT: &str = "%Y-%m-%dT%H:%M:%SZ";

    pub(in crate::report) fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&at.format(FORMAT))
    }

    pub(in crate::report) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let found = String::deserialize(from)?;
        let at = NaiveDateTime::parse_from_str(&found, FORMAT);
        at.map(|at| at.and_utc()).map_err(|error| D::Error::custom(format!("`{found}`: {error}")))
    }
}

/// A unit's name; proportions and their differences are fractions, plain numbers have none.
pub(in crate::report) mod unit {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::manifest::{Dimension, Unit};

    /// The name; none for plain numbers.
    pub(in crate::report) fn name(unit: Unit) -> Option<String> {
        match unit.dimension {
            Dimension::Fraction | Dimension::Points => Some("fraction".to_owned()),
            _ if unit == Unit::NUMBER => None,
            _ => Some(unit.word.replace('$', "usd")),
        }
    }

    pub(in crate::report) fn serialize<S: Serializer>(unit: &Unit, to: S) -> Result<S::Ok, S::Error> {
        name(*unit).serialize(to)
    }

    pub(in crate::report) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Unit, D::Error> {
        let Some(found) = Option::<String>::deserialize(from)? else { return Ok(Unit::NUMBER) };
        let unit = Unit::from_spelling(&found).filter(|unit| name(*unit).as_ref() == Some(&found));
        unit.ok_or_else(|| D::Error::custom(format!("`{found}` is no unit")))
    }
}
