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
    /// A mapping whose shape is not settled yet.
    Reserved,
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
}

/// A mapping with known keys.
#[derive(Debug)]
pub struct Mapping {
    /// What messages call it.
    pub name: &'static str,
    /// Its keys.
    pub fields: &'static [Field],
}
