//! What the field tables are made of.

/// The type of a field's value.
#[derive(Debug, Clone, Copy)]
pub enum FieldType {
    /// A text.
    Text,
    /// A semantic version.
    Semver,
    /// One of a closed list of words.
    Word(&'static [&'static str]),
    /// A list of words of a closed list.
    Words(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A path relative to the file it stands in.
    Path,
    /// `true` or `false`.
    Bool,
    /// A whole number of at least 1.
    Count,
    /// A finite number.
    Number,
    /// A finite number, or the two ends of a scale.
    Scale,
    /// `95%` or 0.95, in (50%, 100%).
    Confidence,
    /// A length of time such as `14d`.
    Age,
    /// A calendar date.
    Date,
    /// 64 hexadecimal digits.
    Digest,
    /// A rule.
    Rule,
    /// A number with a unit.
    Quantity,
    /// A unit.
    Unit,
    /// Two numbers.
    Pair,
    /// Field names and the values they must have.
    Conditions,
    /// Field names and the one text they must have.
    Labels,
    /// Names of fields and where they stand in a row.
    FieldSources,
    /// `worst-case` or a mapping.
    MissingSamples,
    /// Any JSON value.
    Json,
    /// A mapping with known fields.
    Mapping(&'static Mapping),
    /// A mapping whose keys are names.
    MapOf(&'static Mapping),
    /// A list of mappings.
    ListOf(&'static Mapping),
    /// A list whose items are rules or mappings.
    Gates,
    /// A path, or a mapping with a path of its own.
    BaselineEvidence,
    /// The name of a field, or a mapping that names it.
    Cluster,
    /// The name of a field, or a mapping that names a file.
    Reference,
    /// A mapping, or a list of such.
    OneOrMore(&'static Mapping),
    /// A length of time from seconds to weeks, such as `90s` or `14d`.
    Lasting,
    /// A share such as `10%`.
    Weight,
    /// A number of requests in a time, such as `5000/day`.
    Traffic,
    /// So many in a time, such as `2 per 24h`.
    PerTime,
    /// A list of weights or mappings.
    Steps,
    /// A list of names, rules or mappings.
    Signals,
    /// What is done when a signal fails.
    Action,
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// The type of its value.
    pub kind: FieldType,
    /// Whether it must be there.
    pub required: bool,
    /// What holds when it is absent.
    pub default: Option<&'static str>,
    /// What it is for.
    pub doc: &'static str,
    /// A value of it, as YAML on one line.
    pub example: &'static str,
}

impl Field {
    /// With a value of it, as YAML on one line.
    pub(super) const fn eg(self, example: &'static str) -> Self {
        Self { example, ..self }
    }
}

pub(super) const fn required(name: &'static str, kind: FieldType, doc: &'static str) -> Field {
    Field { name, kind, required: true, default: None, doc, example: "" }
}

pub(super) const fn optional(name: &'static str, kind: FieldType, doc: &'static str) -> Field {
    Field { name, kind, required: false, default: None, doc, example: "" }
}

pub(super) const fn defaulted(
    name: &'static str,
    kind: FieldType,
    default: &'static str,
    doc: &'static str,
) -> Field {
    Field { name, kind, required: false, default: Some(default), doc, example: "" }
}

/// A mapping with known keys.
#[derive(Debug)]
pub struct Mapping {
    /// What messages call it.
    pub name: &'static str,
    /// Its keys.
    pub fields: &'static [Field],
}

impl FieldType {
    /// What may stand there, with its unit, in words.
    #[must_use]
    pub fn describe(self) -> String {
        let words =
            |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Text => "text".to_owned(),
            Self::Semver => "semantic version".to_owned(),
            Self::Word(list) => format!("one of {}", words(list)),
            Self::Words(list) => format!("list of {}", words(list)),
            Self::Texts => "list of texts".to_owned(),
            Self::Path => "path, relative to the file it stands in".to_owned(),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Count => "whole number, 1 or more".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Scale => "number; of ratings, the two ends of their scale".to_owned(),
            Self::Confidence => "percentage above 50% and below 100%, or such a fraction".to_owned(),
            Self::Age => "days or hours: `14d`, `12h`".to_owned(),
            Self::Date => "date: year-month-day".to_owned(),
            Self::Digest => "64 hexadecimal digits".to_owned(),
            Self::Rule => "rule, in single quotes".to_owned(),
            Self::Quantity => "number with the unit of the metric".to_owned(),
            Self::Unit => "unit: `ms`, `s`, `usd`, `tokens`, `%` ...".to_owned(),
            Self::Pair => "two numbers".to_owned(),
            Self::Conditions => "fields, each with the value or list of values that it may have".to_owned(),
            Self::Labels => "fields, each with the one value that it must have".to_owned(),
            Self::FieldSources => {
                "our names, each with the field or list of fields of the results".to_owned()
            }
            Self::MissingSamples => "`worst-case`, or a mapping with `exclude_up_to`".to_owned(),
            Self::Json => "anything".to_owned(),
            Self::Mapping(of) => format!("mapping: {}", of.name),
            Self::MapOf(of) => format!("names, each with {}", of.name),
            Self::ListOf(of) => format!("list, each {}", of.name),
            Self::Gates => "list of rules, or of mappings: a gate".to_owned(),
            Self::BaselineEvidence => "path, or mapping: the baseline of an evidence entry".to_owned(),
            Self::Cluster => "field, or mapping: the cluster of an evidence entry".to_owned(),
            Self::Reference => "field, or mapping: a file of references".to_owned(),
            Self::OneOrMore(of) => format!("mapping, or list of such: {}", of.name),
            Self::Lasting => "length of time: `90s`, `30m`, `12h`, `14d`, `2w`".to_owned(),
            Self::Weight => "percentage from 0% to 100%".to_owned(),
            Self::Traffic => "requests in a time: `5000/day`, `200/hour`".to_owned(),
            Self::PerTime => "so many in a time: `2 per 24h`".to_owned(),
            Self::Steps => "list of percentages, or of mappings: a step".to_owned(),
            Self::Signals => "list of names, of rules, or of mappings: a signal".to_owned(),
            Self::Action => "`roll-back`, `hold`, or one of `{ restore: [kinds] }`, `{ throttle: 50% }`, `{ switch: VERSION }`".to_owned(),
        }
    }
}
