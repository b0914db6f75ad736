//! Whether the values of a field are true/false, numbers or text: one of them in every row.

use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::{TruthWords, Value};

/// What a field's values are; a field that changes it cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    Bool,
    Words(TruthWords),
    Number,
    Text,
}

impl ValueKind {
    pub(super) fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Absent | Value::Null => None,
            Value::Bool(_) => Some(Self::Bool),
            Value::Truth(words, _) => Some(Self::Words(*words)),
            Value::Number(_) | Value::Written(_) => Some(Self::Number),
            Value::Text(_) | Value::Texts(_) => Some(Self::Text),
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bool => "true/false",
            Self::Words(words) => words.words(),
            Self::Number => "a number",
            Self::Text => "text",
        }
    }
}

/// The finding of such a field.
pub(super) fn type_changed(
    field: &str,
    before: ValueKind,
    now: ValueKind,
    value: Option<&Value<'_>>,
) -> Diagnostic {
    let now = match value {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Written(number)) => (*number).to_owned(),
        Some(Value::Bool(value)) => value.to_string(),
        _ => now.word().to_owned(),
    };
    let title = format!("`{}` is {now} here and {} in earlier rows", printable(field), before.word());
    Diagnostic::error(Code::FieldChangesType, title)
        .help("write the field the same way in every row; a missing score is `null`")
}
