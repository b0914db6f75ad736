//! Which rows of a file count, and where in them our fields stand.

use crate::diagnostic::Spanned;

/// One line of `fields:`: a name of ours and where its value stands in a row.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSource {
    /// The name that rules, `where:` and `by:` use; `id`, `epoch` and `error` among them.
    pub name: Spanned<String>,
    /// The field of that name exactly, else the way through nested objects, with points between the keys. Several are
    /// joined, for `id` only; never empty.
    pub paths: Vec<Spanned<String>>,
}

/// One line of a `where:`.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The field, exactly as the evidence spells it.
    pub field: Spanned<String>,
    /// The values that it may have; at least one.
    pub any_of: Vec<Literal>,
}

/// A scalar that a field is compared with; `1` is not `"1"`.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text.
    Text(String),
    /// A number, as written: `1.10` is not `1.1`.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
}
