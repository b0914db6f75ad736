//! A piece of another tool's JSON as a tree. `NaN` and its kin, which Python writes, are values here.

use std::borrow::Cow;
use std::ops::Index;

use chrono::{DateTime, Utc};

use crate::document::{Fault, Step, Token, steps};
use crate::evidence::formats::Figure;

/// A value of JSON; borrows from its text what has no escapes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::evidence) enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// `NaN`, `Infinity` or another bare word.
    Word(&'a str),
    /// Text, as meant.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object; no key stands in it twice.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// What an object has under a key that it does not have.
static NULL: Json<'static> = Json::Null;

impl<'a> Json<'a> {
    /// Reads one value and nothing behind it.
    ///
    /// # Errors
    /// It is not JSON, or a key stands twice in one object.
    pub(in crate::evidence) fn parse(text: &'a str) -> Result<Self, Fault> {
        let mut open: Vec<Open<'a>> = Vec::new();
        let mut root = None;
        steps(text, |step| {
            let done = match step {
                Step::List => {
                    open.push(Open { key: None, value: Json::List(Vec::new()) });
                    return Ok(());
                }
                Step::Object => {
                    open.push(Open { key: None, value: Json::Object(Vec::new()) });
                    return Ok(());
                }
                Step::Key(key) => {
                    if let Some(inner) = open.last_mut() {
                        inner.key = Some(key.decode()?);
                    }
                    return Ok(());
                }
                Step::End => {
                    let Some(inner) = open.pop() else { return Ok(()) };
                    inner.value.keys_are_distinct()?;
                    inner.value
                }
                Step::Leaf(token) => Self::leaf(token)?,
                Step::Word(word) => Json::Word(word),
            };
            match open.last_mut() {
                Some(Open { value: Json::List(list), .. }) => list.push(done),
                Some(Open { key, value: Json::Object(entries) }) => {
                    entries.push((key.take().unwrap_or_default(), done));
                }
                _ => root = Some(done),
            }
            Ok(())
        })?;
        root.ok_or_else(Fault::cut_off)
    }

    fn leaf(token: Token<'a>) -> Result<Self, Fault> {
        Ok(match token {
            Token::Bool(value) => Json::Bool(value),
            Token::Number(number) => Json::Number(number.text),
            Token::Text(text) => Json::Text(text.decode()?),
            // Lists and objects come in steps.
            Token::Null | Token::List { .. } | Token::Map { .. } => Json::Null,
        })
    }

    /// As text again, in one line.
    pub(in crate::evidence) fn to_text(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Json::Null => "null".to_owned(),
            Json::Bool(value) => value.to_string(),
            Json::Number(text) | Json::Word(text) => (*text).to_owned(),
            Json::Text(text) => quoted(text),
            Json::List(list) => {
                let items: Vec<String> = list.iter().map(Json::to_text).collect();
                format!("[{}]", items.join(","))
            }
            Json::Object(entries) => {
                let items: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}:{}", quoted(key), value.to_text()))
                    .collect();
                format!("{{{}}}", items.join(","))
            }
        }
    }

    /// Hands over every text that stands in it.
    pub(in crate::evidence) fn texts(&self, take: &mut impl FnMut(&str)) {
        match self {
            Json::Text(text) => take(text),
            Json::List(list) => list.iter().for_each(|item| item.texts(take)),
            Json::Object(entries) => entries.iter().for_each(|(_, value)| value.texts(take)),
            _ => {}
        }
    }

    fn keys_are_distinct(&self) -> Result<(), Fault> {
        let mut keys: Vec<&str> = self.entries().iter().map(|(key, _)| key.as_ref()).collect();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first()) {
            Some(key) => Err(Fault::repeated(key)),
            None => Ok(()),
        }
    }

    /// The entries of an object; none of anything else.
    pub(in crate::evidence) fn entries(&self) -> &[(Cow<'a, str>, Json<'a>)] {
        if let Json::Object(entries) = self { entries } else { &[] }
    }

    /// The values of a list; none of anything else.
    pub(in crate::evidence) fn list(&self) -> &[Json<'a>] {
        if let Json::List(list) = self { list } else { &[] }
    }

    /// Text; none of anything else.
    pub(in crate::evidence) fn text(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// Text that says something.
    pub(in crate::evidence) fn words(&self) -> Option<&str> {
        self.text().filter(|text| !text.trim().is_empty())
    }

    /// Text, or a number or truth value as written: what names something.
    pub(in crate::evidence) fn name(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            Json::Number(text) => Some(text),
            Json::Bool(true) => Some("true"),
            Json::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// A finite number.
    pub(in crate::evidence) fn number(&self) -> Option<f64> {
        let Json::Number(text) = self else { return None };
        text.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// A number that counts something.
    pub(in crate::evidence) fn count(&self) -> Option<u64> {
        let Json::Number(text) = self else { return None };
        text.parse().ok()
    }

    /// A finite number with the way in which it is written.
    pub(in crate::evidence) fn figure(&self) -> Option<Figure> {
        let Json::Number(text) = self else { return None };
        Some(Figure { value: self.number()?, text: (*text).to_owned() })
    }

    /// A point in time: in UTC where the text names no zone.
    pub(in crate::evidence) fn time(&self) -> Option<DateTime<Utc>> {
        let text = self.text()?.replacen(' ', "T", 1);
        let time = DateTime::parse_from_rfc3339(&text)
            .or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
        time.ok().map(|time| time.to_utc())
    }

    /// Whether it is `true`.
    pub(in crate::evidence) fn is_true(&self) -> bool {
        matches!(self, Json::Bool(true))
    }

    /// Whether it is `null`, which is also what an object has under a key that it does not have.
    pub(in crate::evidence) fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }
}

impl<'a> Index<&str> for Json<'a> {
    type Output = Json<'a>;

    fn index(&self, key: &str) -> &Json<'a> {
        self.entries().iter().find(|(own, _)| own == key).map_or(&NULL, |(_, value)| value)
    }
}

/// A list or an object that is being read.
struct Open<'a> {
    /// The key whose value comes next.
    key: Option<Cow<'a, str>>,
    value: Json<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_holds_what_the_text_says() {
        let json = Json::parse(r#"{"a": [1.50, NaN, "x\ny"], "b": {"c": true}, "d": null}"#).unwrap();
        assert_eq!(json["a"].list(), [Json::Number("1.50"), Json::Word("NaN"), Json::Text("x\ny".into())]);
        assert!(json["b"]["c"].is_true() && json["d"].is_null());
        assert!(json["e"]["f"].is_null());
    }

    #[test]
    fn a_repeated_key_is_refused_wherever_it_stands() {
        assert!(Json::parse(r#"[{"a": 1, "b": 2, "a": 3}]"#).is_err());
        assert!(Json::parse(r#"{"a": {"a": 1}}"#).is_ok());
    }
}
