//! Ids of cases to which their tool gives none: what was asked, so that a case has the same id in every run.

use sha2::{Digest as _, Sha256};

use super::json::Json;

/// Texts up to so many characters are ids as they are.
const LONGEST: usize = 80;
/// Characters of a longer text that stand before its digest, for people.
const SHOWN: usize = 60;

/// The id of a case from its inputs: their text, or its beginning and a digest where it is long; none where nothing was
/// asked.
pub(in crate::evidence) fn case_of(inputs: &Json<'_>) -> Option<String> {
    let text = match inputs {
        Json::Null => return None,
        Json::Text(text) => text.to_string(),
        other => other.to_text(),
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
}
