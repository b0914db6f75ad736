//! The scanner against `serde_json`: the same rows accepted, the same values read.

use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Scanner;
use crate::document::keys::Keys;
use crate::document::number::Number;
use crate::document::token::{Cause, Fault, Fields, Token};

/// A value of a field that is read; numbers by their bits, so that `-0.0` is not `0.0`.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(bool),
    Map(bool),
}

/// Fields with these names are read; all others are skipped.
const READ: [&str; 3] = ["a", "b", "é"];

#[derive(Default)]
struct Collect(BTreeMap<String, Seen>);

impl<'a> Fields<'a> for Collect {
    fn slot(&mut self, name: &str) -> Option<u32> {
        READ.iter().position(|read| *read == name).map(|at| at as u32)
    }

    fn take(&mut self, slot: u32, token: Token<'a>) -> Result<(), Fault> {
        let seen = match token {
            Token::Null => Seen::Null,
            Token::Bool(value) => Seen::Bool(value),
            Token::Number(number) => match number.value() {
                Some(value) => Seen::Number(value.to_bits()),
                None => return Err(Fault::not_finite("", String::new())),
            },
            Token::Text(text) => Seen::Text(text.decode()?.into_owned()),
            Token::List { empty, .. } => Seen::List(empty),
            Token::Map { empty, .. } => Seen::Map(empty),
        };
        self.0.insert(READ[slot as usize].to_owned(), seen);
        Ok(())
    }
}

/// What `serde_json` makes of a row.
struct Reference(BTreeMap<String, Seen>);

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row;
        impl<'de> Visitor<'de> for Row {
            type Value = Reference;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Reference, M::Error> {
                let mut keys = std::collections::HashSet::new();
                let mut seen = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if READ.contains(&key.as_str()) {
                        seen.insert(key.clone(), map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                    if !keys.insert(key) {
                        return Err(M::Error::custom("duplicate"));
                    }
                }
                Ok(Reference(seen))
            }
        }
        deserializer.deserialize_map(Row)
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Seen;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Seen, E> {
                Ok(Seen::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Seen, E> {
                Ok(Seen::Bool(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Seen, E> {
                Ok(Seen::Number((value as f64).to_bits()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Seen, E> {
                Ok(Seen::Number((value as f64).to_bits()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Seen, E> {
                Ok(Seen::Number(value.to_bits()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Seen, E> {
                Ok(Seen::Text(value.to_owned()))
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Seen, S::Error> {
                let mut empty = true;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    empty = false;
                }
                Ok(Seen::List(empty))
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Seen, M::Error> {
                let mut empty = true;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    empty = false;
                }
                Ok(Seen::Map(empty))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Reads one row with both and compares.
fn same(row: &str) -> Result<(), TestCaseError> {
    let row = row.replace('\n', " ");
    let reference = serde_json::from_str::<Reference>(&row);
    let mut seen = Collect::default();
    let mut scanner = Scanner::<true>::new(&row);
    let result = scanner.row(&mut Keys::default(), &mut seen);
    match (reference, result) {
        (Ok(reference), Ok(())) => {
            prop_assert_eq!(reference.0, seen.0, "{}", row);
            prop_assert_eq!(scanner.position(), row.len());
        }
        (Err(_), Err(_)) => {}
        (Ok(_), Err(fault)) => prop_assert!(false, "only serde_json accepts {row:?}: {fault:?}"),
        (Err(error), Ok(())) => prop_assert!(false, "only the scanner accepts {row:?}: {error}"),
    }
    Ok(())
}

/// Pieces that rows are made of, and that nearly fit.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\t",
    "\r",
    "\"a\"",
    "\"b\"",
    "\"c\"",
    "\"é\"",
    "\"\\u0061\"",
    "\"\\u00e9\"",
    "\"\"",
    "\"x\\ny\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\ude00\"",
    "\"\\x\"",
    "\"\\u12",
    "\"\u{1}\"",
    "\"\t\"",
    "\"long text that does not fit into the short path\"",
    "\\",
    "\"",
    "1",
    "-1",
    "0",
    "-0",
    "01",
    "1.",
    ".5",
    "0.25",
    "1e5",
    "1E+5",
    "1e-400",
    "1e400",
    "-1e999",
    "1e",
    "2.5e-3",
    "123456789012345678901234567890",
    "0.1234567890123456789",
    "9007199254740993",
    "true",
    "false",
    "null",
    "tru",
    "nul",
    "NaN",
    "Infinity",
    "-Infinity",
    "nan",
    "{}",
    "[]",
    "[1,2]",
    "{\"a\":1}",
    "{\"a\":[{}]}",
    "[[]]",
    "\"a\":1",
    "\"a\": 0.5",
    "\"b\":\"t\"",
    "\"c\":[1]",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..14).prop_map(|pieces| pieces.concat())
}

/// A row that is nearly always valid.
fn row() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec!["a", "b", "é", "c", "\\u0061", "d", "a long key that is skipped"]);
    let value = prop_oneof![
        any::<f64>().prop_map(|value| format!("{value:e}").replace("inf", "7").replace("NaN", "8")),
        "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        prop::sample::select(vec![
            "true",
            "false",
            "null",
            "[]",
            "{}",
            "[1,{\"a\":[null]}]",
            "{\"x\":{}, \"y\" : [ ] }"
        ])
        .prop_map(str::to_owned),
    ];
    let space = prop::sample::select(vec!["", "", " ", "\t ", "\r"]);
    prop::collection::vec((key, space.clone(), value, space), 0..6).prop_map(|fields| {
        let fields: Vec<String> = fields
            .into_iter()
            .map(|(key, before, value, after)| format!("\"{key}\"{before}:{after}{value}{before}"))
            .collect();
        format!("{{{}}}", fields.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn soup_is_judged_like_serde_json(inside in soup(), wrap in any::<bool>()) {
        same(&if wrap { format!("{{{inside}}}") } else { inside })?;
    }

    #[test]
    fn rows_are_read_like_serde_json(row in row()) {
        same(&row)?;
    }

    #[test]
    fn damaged_rows_are_judged_like_serde_json(row in row(), at in any::<prop::sample::Index>(), piece in prop::sample::select(PIECES), cut in 0..3_usize) {
        let places: Vec<usize> = row.char_indices().map(|(place, _)| place).collect();
        let start = places[at.index(places.len())];
        let rest: String = row[start..].chars().skip(cut).collect();
        same(&format!("{}{piece}{rest}", &row[..start]))?;
        same(&row[..start])?;
    }

    #[test]
    fn numbers_are_read_to_the_last_bit(text in "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,18})?") {
        let number = Number::scan(&text, 0).unwrap();
        prop_assert_eq!(number.text, &text);
        prop_assert_eq!(number.value().unwrap().to_bits(), text.parse::<f64>().unwrap().to_bits());
    }
}

#[test]
fn rows_of_different_shapes_share_their_keys() {
    let text = "{\"a\":1,\"c\":2}\n{\"c\":2,\"a\":3}\n{\"a\" : 4}\n{\"b\":5,\"a\":6,\"c\":0}\n";
    let mut scanner = Scanner::<true>::new(text);
    let mut keys = Keys::default();
    let mut read = Vec::new();
    while scanner.position() < text.len() {
        let mut seen = Collect::default();
        scanner.row(&mut keys, &mut seen).unwrap();
        read.push(seen.0.get("a").cloned());
    }
    let numbers: Vec<_> =
        [1.0_f64, 3.0, 4.0, 6.0].iter().map(|value| Some(Seen::Number(value.to_bits()))).collect();
    assert_eq!(read, numbers);
}

#[test]
fn a_key_that_stands_twice_is_found_on_the_predicted_way_too() {
    // The second row makes `a` follow `c`; the third runs into it without looking anything up.
    let text = "{\"a\":1,\"c\":2}\n{\"c\":1,\"a\":2}\n{\"a\":1,\"c\":2,\"a\":3}\n";
    let mut scanner = Scanner::<true>::new(text);
    let mut keys = Keys::default();
    scanner.row(&mut keys, &mut Collect::default()).unwrap();
    scanner.row(&mut keys, &mut Collect::default()).unwrap();
    let fault = scanner.row(&mut keys, &mut Collect::default()).unwrap_err();
    assert!(matches!(fault.cause(), Cause::Repeated(key) if key == "a"));
}

#[test]
fn deep_nesting_needs_no_stack() {
    let deep = format!("{{\"c\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    Scanner::<true>::new(&deep).row(&mut Keys::default(), &mut Collect::default()).unwrap();
    let open = format!("{{\"c\":{}", "{\"x\":".repeat(100_000));
    let fault = Scanner::<true>::new(&open).row(&mut Keys::default(), &mut Collect::default()).unwrap_err();
    assert!(matches!(fault.cause(), Cause::CutOff));
}
