//! Ids of cases to which their tool gives none: what was asked, so that a case has the same id in every run.

use sha2::{Digest as _, Sha256};

use super::json::Json;

/// Texts up to so many characters are ids as they are.
const LONGEST: usize = 80;
/// Characters of a longer text that stand before its digest, for people.
const SHOWN: usize = 60;

/// The id of a case from its inputs: their own `id`, or their text, or its beginning and a digest where it is long; none where
/// nothing was asked.
pub(in crate::evidence) fn case_of(inputs: &Json<'_>) -> Option<String> {
    if let Some(id) = inputs["id"].name().filter(|id| !id.trim().is_empty()) {
        return Some(id.to_owned());
    }
    let text = match inputs {
        Json::Null => return None,
        Json::Text(text) => text.to_string(),
        other => in_order(other).to_text(),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.is_empty() {
        return None;
    }
    if line == text && line.chars().count() <= LONGEST {
        return Some(text);
    }
    let shown: String = line.chars().take(SHOWN).collect();
    let digest = Sha256::digest(text.as_bytes());
    Some(digest.iter().take(8).fold(format!("{shown} #"), |id, byte| id + &format!("{byte:02x}")))
}

/// The same with the keys of every object in the order of the alphabet, which programs write as they like.
fn in_order<'a>(json: &Json<'a>) -> Json<'a> {
    match json {
        Json::Object(entries) => {
            let mut entries: Vec<_> =
                entries.iter().map(|(key, value)| (key.clone(), in_order(value))).collect();
            entries.sort_by(|one, two| one.0.cmp(&two.0));
            Json::Object(entries)
        }
        Json::List(list) => Json::List(list.iter().map(in_order).collect()),
        leaf => leaf.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_anywhere_are_different_cases() {
        let id = |text: &str| case_of(&Json::Text(text.to_owned().into()));
        assert_eq!(id("2+2?").as_deref(), Some("2+2?"));
        assert_eq!(id(" \n"), None);
        assert_ne!(id("a b"), id("a  b"));
        let long = "why ".repeat(200);
        assert_ne!(id(&long), id(&format!("{long}not")));
        assert_eq!(id(&long).unwrap().chars().count(), 60 + 2 + 16);
    }

    #[test]
    fn objects_are_their_id_or_what_is_in_them_in_any_order() {
        let id = |text: &str| case_of(&Json::parse(text).unwrap());
        assert_eq!(id(r#"[{"b": 1, "a": {"d": 2, "c": 3}}]"#), id(r#"[{"a": {"c": 3, "d": 2}, "b": 1}]"#));
        assert_ne!(id("[1, 2]"), id("[2, 1]"), "the order of a list says something");
        assert_eq!(id(r#"{"q": "2+2?", "id": 7}"#).as_deref(), Some("7"));
    }
}
