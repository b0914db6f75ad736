//! Settings files: TOML, and keys with values line by line (INI, `.env`).
//!
//! Strict: a line that is neither a key, a section nor a comment, and a key that stands twice, is no settings file,
//! and whoever asked compares it as text. INI has no types: every value is text.

use std::collections::BTreeMap;

use ::toml::de::{DeTable, DeValue};

use crate::document::Content;

/// A TOML document.
///
/// # Errors
/// Why it is none, in one line.
pub(super) fn toml(text: &str) -> Result<Content, String> {
    match DeTable::parse(text) {
        Ok(table) => Ok(map(table.get_ref())),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let line = memchr::memchr_iter(b'\n', text.as_bytes().get(..at).unwrap_or_default()).count() + 1;
            Err(format!("{} at line {line}", error.message()))
        }
    }
}

fn map(table: &DeTable<'_>) -> Content {
    Content::Map(
        table.iter().map(|(key, value)| (key.get_ref().to_string(), content(value.get_ref()))).collect(),
    )
}

fn content(value: &DeValue<'_>) -> Content {
    match value {
        DeValue::String(text) => Content::Text(text.to_string()),
        DeValue::Boolean(value) => Content::Bool(*value),
        DeValue::Integer(number) if number.radix() == 10 => Content::of_number(number.as_str()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Content::Number(number.to_string()),
            Err(_) => Content::Text(number.to_string()),
        },
        DeValue::Float(number) => Content::of_number(number.as_str()),
        DeValue::Datetime(date) => Content::Text(date.to_string()),
        DeValue::Array(items) => Content::List(items.iter().map(|item| content(item.get_ref())).collect()),
        DeValue::Table(table) => map(table),
    }
}

/// Keys with values, by section where there are any.
///
/// # Errors
/// Why it is none, in one line.
pub(super) fn ini(text: &str) -> Result<Content, String> {
    let mut sections: BTreeMap<Option<&str>, BTreeMap<String, Content>> = BTreeMap::new();
    let mut section = None;
    // The key of the line before, which an indented line goes on.
    let mut last: Option<String> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let twice = |name: &str| Err(format!("`{name}` stands here twice at line {number}"));
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = Some(name.trim());
            last = None;
            if sections.insert(section, BTreeMap::new()).is_some() {
                return twice(name.trim());
            }
            continue;
        }
        let map = sections.entry(section).or_default();
        match (trimmed.split_once(['=', ':']).filter(|(key, _)| is_key(key)), &last) {
            (Some((key, value)), _) => {
                let key = key.trim().trim_start_matches("export ").trim().to_owned();
                if map.insert(key.clone(), Content::Text(unquoted(value.trim()).to_owned())).is_some() {
                    return twice(&key);
                }
                last = Some(key);
            }
            (None, Some(key)) if line.starts_with([' ', '\t']) => {
                if let Some(Content::Text(value)) = map.get_mut(key) {
                    value.push('\n');
                    value.push_str(trimmed);
                }
            }
            (None, _) => return Err(format!("neither a key with a value nor a section at line {number}")),
        }
    }
    let mut top = sections.remove(&None).unwrap_or_default();
    for (name, map) in sections {
        let name = name.unwrap_or_default();
        if top.insert(name.to_owned(), Content::Map(map)).is_some() {
            return Err(format!("`{name}` is a key and a section"));
        }
    }
    Ok(Content::Map(top))
}

/// Whether what stands before `=` may be a key: at most three words.
fn is_key(text: &str) -> bool {
    (1..=3).contains(&text.split_whitespace().count()) && !text.contains(['"', '\'', '{', '}'])
}

/// A value without the quotes around all of it.
fn unquoted(value: &str) -> &str {
    let inside = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).filter(|inside| !inside.contains(['"', '\''])).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{ini, toml};

    #[test]
    fn keys_sections_and_comments() {
        let text =
            "# off\nA=1\nexport B = \"two words\" \n; x\n[filters]\nhate: block\n list\n  more\n[empty]\n";
        assert_eq!(
            ini(text).unwrap().to_string(),
            "{A: \"1\", B: \"two words\", empty: {}, filters: {hate: \"block\nlist\nmore\"}}"
        );
        for (text, why) in [
            ("A=1\nA=2\n", "`A` stands here twice at line 2"),
            ("[a]\n[a]\n", "`a` stands here twice at line 2"),
            ("bomb\n", "neither a key with a value nor a section at line 1"),
            ("A=1\n[b]\n go\n", "neither a key with a value nor a section at line 3"),
        ] {
            assert_eq!(ini(text), Err(why.to_owned()), "{text}");
        }
    }

    #[test]
    fn toml_says_what_json_would() {
        let text = "a = 0x10\nb = 1.50\nc = [true, 'x']\n[d]\ne = 2024-01-02\n[[f]]\nid = 'g'\n";
        assert_eq!(
            toml(text).unwrap().to_string(),
            "{a: 16, b: 1.5, c: [true, \"x\"], d: {e: \"2024-01-02\"}, f: [{id: \"g\"}]}"
        );
        assert!(toml("a = 1\na = 2\n").unwrap_err().ends_with("at line 2"));
    }
}
