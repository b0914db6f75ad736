//! Inline `values`: a node tree as JSON, each scalar as it [means](crate::document::Meaning) everywhere.

use serde_json::{Map, Number, Value};

use super::reader::{Reader, key_text};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::Meaning;
use crate::manifest::tree::{Node, NodeKind, Scalar};

impl Reader<'_> {
    /// The JSON value of a node.
    pub(super) fn json(&mut self, node: &Node) -> Option<Value> {
        match &node.kind {
            NodeKind::Scalar(scalar) => self.json_scalar(node, scalar),
            NodeKind::Sequence(items) => {
                let values: Vec<_> = items.iter().map(|item| self.json(item)).collect();
                values.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
            }
            NodeKind::Mapping(pairs) => {
                let values: Vec<_> = pairs
                    .iter()
                    .map(|(key, value)| Some((key_text(key).to_owned(), self.json(value)?)))
                    .collect();
                values.into_iter().collect::<Option<Map<_, _>>>().map(Value::Object)
            }
        }
    }

    fn json_scalar(&mut self, node: &Node, scalar: &Scalar) -> Option<Value> {
        let finite = "a value must be a finite number";
        let number = match scalar.meaning() {
            Meaning::Null => return Some(Value::Null),
            Meaning::Bool(value) => return Some(Value::Bool(value)),
            Meaning::NotFinite(_) if scalar.text.starts_with(['.', '+', '-']) => {
                self.expected(node, finite, "JSON has no infinity and no NaN");
                return None;
            }
            Meaning::Text(_) | Meaning::NotFinite(_) => return Some(Value::String(scalar.text.clone())),
            Meaning::Number(text) => text,
        };
        if number.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit()) {
            // Beyond 64 bits is beyond 2^53, too.
            return self.json_integer(node, number.parse().unwrap_or(i64::MAX));
        }
        let value = number.parse().ok().and_then(Number::from_f64);
        if value.is_none() {
            self.expected(node, finite, "this one is too large");
        }
        value.map(Value::Number)
    }

    /// JSON readers keep integers exactly up to 2^53; a digest over a larger one would not be portable.
    fn json_integer(&mut self, node: &Node, integer: i64) -> Option<Value> {
        if integer.unsigned_abs() > (1 << 53) {
            self.report(
                Diagnostic::error(
                    Code::IntegerTooLarge,
                    "an integer beyond 2^53 is not the same in every JSON reader",
                )
                .at(node.span, "too large")
                .help("put it in quotes"),
            );
            return None;
        }
        Some(Value::Number(integer.into()))
    }
}
