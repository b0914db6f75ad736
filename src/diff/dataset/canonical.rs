//! What a value is, as a number: equal for equal content, whatever the order of keys, white space and escapes.
//!
//! Numbers count by their spelling, so that no digit of a long one is lost. Keyed with fixed keys, so that the same
//! rows give the same numbers everywhere.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::evidence::table::{Piece, RowValue, walk};

/// Chosen once; a change makes no difference to any output.
const KEYS: (u64, u64) = (0x7265_6c67_6174_6521, 0x726f_7773_6f66_6974);

/// The number of some bytes of a kind.
pub(super) fn of_bytes(kind: u8, bytes: &[u8]) -> u128 {
    let mut hasher = SipHasher13::new_with_keys(KEYS.0, KEYS.1);
    hasher.write(&[kind]);
    hasher.write(bytes);
    hasher.finish128().as_u128()
}

/// The number of a value.
pub(super) fn of_value(value: &RowValue<'_>) -> u128 {
    match value {
        RowValue::Null => of_bytes(b'n', b""),
        RowValue::Bool(value) => of_bytes(b'b', &[u8::from(*value)]),
        RowValue::Integer(text) | RowValue::Decimal(text) => of_bytes(b'#', text.as_bytes()),
        RowValue::Text(text) => of_bytes(b't', text.as_bytes()),
        RowValue::List(text) | RowValue::Object(text) => nested(text),
    }
}

/// The number of a key.
pub(super) fn of_name(name: &str) -> u128 {
    of_bytes(b'k', name.as_bytes())
}

/// The number of a key with its value.
pub(super) fn of_member(name: u128, value: u128) -> u128 {
    many(b'm', &[name, value])
}

/// The number of an object with these members, in any order.
pub(super) fn of_members(members: &mut [u128]) -> u128 {
    members.sort_unstable();
    many(b'o', members)
}

fn many(kind: u8, numbers: &[u128]) -> u128 {
    let mut hasher = SipHasher13::new_with_keys(KEYS.0, KEYS.1);
    hasher.write(&[kind]);
    for number in numbers {
        hasher.write(&number.to_le_bytes());
    }
    hasher.finish128().as_u128()
}

/// A list or an object that is open.
struct Open {
    object: bool,
    /// Where its members start among the pending.
    start: usize,
    /// The key of the next value.
    key: u128,
}

fn nested(text: &str) -> u128 {
    let mut pending: Vec<u128> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    walk(text, |piece| {
        let done = match piece {
            Piece::List | Piece::Object => {
                open.push(Open { object: piece == Piece::Object, start: pending.len(), key: 0 });
                return;
            }
            Piece::Key(name) => {
                if let Some(open) = open.last_mut() {
                    open.key = of_name(&name);
                }
                return;
            }
            Piece::Leaf(value) => of_value(&value),
            Piece::End => {
                let Some(closed) = open.pop() else { return };
                let members = pending.get_mut(closed.start..).unwrap_or_default();
                let number = if closed.object { of_members(members) } else { many(b'l', members) };
                pending.truncate(closed.start);
                number
            }
        };
        pending.push(match open.last() {
            Some(Open { object: true, key, .. }) => of_member(*key, done),
            _ => done,
        });
    });
    pending.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{nested, of_value};
    use crate::evidence::table::RowValue;

    #[test]
    fn order_of_keys_spaces_and_escapes_do_not_count() {
        let same = [
            (r#"{"a":1,"b":[true,null,"x"]}"#, r#"{ "b" : [ true, null, "\u0078" ], "a" : 1 }"#),
            (r#"[{"a":{},"b":[]}]"#, r#"[ { "b":[ ], "\u0061" : { } } ]"#),
        ];
        for (one, other) in same {
            assert_eq!(nested(one), nested(other), "{one}");
        }
    }

    #[test]
    fn other_content_has_another_number() {
        let texts = [
            "[]",
            "{}",
            "[[]]",
            "[[],[]]",
            "[{}]",
            "[null]",
            "[0]",
            "[false]",
            r#"["0"]"#,
            r#"["null"]"#,
            "[1,2]",
            "[2,1]",
            "[[1],2]",
            "[1,[2]]",
            "[[1,2]]",
            "[1.0,2]",
            "[12]",
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"1":"a"}"#,
            r#"{"a":{"b":1},"c":2}"#,
            r#"{"a":{"c":2},"b":1}"#,
            r#"{"a":{"b":1,"c":2}}"#,
            r#"["a","b"]"#,
            r#"["ab"]"#,
            r#"{"a":1,"b":2}"#,
            r#"{"a":2,"b":1}"#,
            r#"["]"]"#,
            r#"["\\"]"#,
            r#"["\""]"#,
            "[10000000000000000001]",
            "[10000000000000000002]",
        ];
        let mut numbers: Vec<u128> = texts.iter().map(|text| nested(text)).collect();
        numbers.extend([
            of_value(&RowValue::Null),
            of_value(&RowValue::Bool(false)),
            of_value(&RowValue::Integer("0")),
        ]);
        numbers.push(of_value(&RowValue::Text("0".into())));
        let all = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), all);
    }
}
