//! Template variables of a prompt: `{{ name }}`, `{name}`, `${name}`, `<<name>>`, `%(name)s`.
//!
//! Two texts have the same variable where they spell it the same way: another spelling is another template
//! engine's. Blocks like `{% for %}` are none.

use std::collections::BTreeSet;

use memchr::{memchr3, memmem};

/// The most variables that are kept.
pub(super) const MOST: usize = 10_000;
/// The longest name, in bytes.
const LONGEST: usize = 80;

/// Adds the variables of a text, as `{{name}}` or another spelling without spaces and filters.
pub(super) fn collect(text: &str, into: &mut BTreeSet<String>) {
    let mut at = 0;
    while let Some(found) = text.as_bytes().get(at..).and_then(|rest| memchr3(b'{', b'<', b'%', rest)) {
        let start = at + found;
        let (name, length) = read(text, start);
        if let Some(name) = name
            && into.len() < MOST
        {
            into.insert(name);
        }
        at = start + length.max(1);
    }
}

/// The variable that begins at a byte, if one does, and how many bytes were read.
fn read(text: &str, start: usize) -> (Option<String>, usize) {
    let rest = text.get(start..).unwrap_or_default();
    let braces = rest.bytes().take_while(|byte| *byte == b'{').count();
    let last = text.get(..start).and_then(|head| head.chars().next_back());
    match braces {
        0 => {}
        // `${name}`, else a field of Python's `format`.
        1 => {
            let inside = rest.get(1..).unwrap_or_default();
            return match last {
                Some('$') => (named(inside, "}", ":-").map(|name| format!("${{{name}}}")), 1),
                // `{% if %}`, `{# note #}`; a quantifier of a pattern such as `\d{3}` has no letter in it.
                last => (python(inside, last).map(|name| format!("{{{name}}}")), 1),
            };
        }
        // The innermost two are the variable's: `{{{name}}}` of another engine is the same to a reader.
        _ => {
            let inside = rest.get(braces..).unwrap_or_default();
            return (named(inside, "}}", "|").map(|name| format!("{{{{{name}}}}}")), braces);
        }
    }
    if let Some(inside) = rest.strip_prefix("<<") {
        return (named(inside, ">>", "").map(|name| format!("<<{name}>>")), 2);
    }
    if let Some(inside) = rest.strip_prefix("%(") {
        let conversion = |name: &&str| {
            let behind = inside.get(name.len() + 1..).unwrap_or_default();
            behind
                .trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.')
                .starts_with(['s', 'd', 'f', 'r'])
        };
        return (named(inside, ")", "").filter(conversion).map(|name| format!("%({name})s")), 2);
    }
    (None, 1)
}

/// The name that stands before `close`, spaces around it and anything from a letter of `stops` on left out.
fn named<'a>(inside: &'a str, close: &str, stops: &str) -> Option<&'a str> {
    let line = head(inside, 400);
    let content = line.get(..memmem::find(line.as_bytes(), close.as_bytes())?)?;
    // `{{~name}}`, `{{-name-}}`, `{{#if x}}` has no name right behind.
    let content = content.trim_start_matches(['-', '~', '&']).trim_start();
    let end = content.find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '.'));
    let name = content.get(..end.unwrap_or(content.len()))?;
    let behind = content.get(name.len()..)?.trim().trim_end_matches(['-', '~']);
    let whole =
        behind.is_empty() || behind.starts_with(|letter| stops.contains(letter)) || behind.starts_with('[');
    (whole && identifier(name)).then_some(name)
}

/// The field of `str.format`: `{name}`, `{name!r:>10}`, `{0}`; none where it is JSON or a pattern.
fn python(inside: &str, last: Option<char>) -> Option<&str> {
    // One byte more than the longest name tells it from a longer one.
    let end = head(inside, LONGEST + 4)
        .find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '.'))?;
    let name = inside.get(..end)?;
    let behind = inside.get(end..)?;
    let closed = match behind.chars().next()? {
        '}' => true,
        '!' => behind.get(2..).is_some_and(|rest| rest.starts_with(['}', ':'])),
        ':' => {
            let spec = behind.get(1..head(behind, 14).find('}')?)?;
            (1..=12).contains(&spec.len()) && !spec.contains([' ', '"', '\'', '\n', '{', ','])
        }
        '[' => head(behind, 400)
            .find(']')
            .is_some_and(|at| behind.get(at + 1..).is_some_and(|rest| rest.starts_with('}'))),
        _ => false,
    };
    let numbered = !name.is_empty()
        && name.len() <= 2
        && name.bytes().all(|byte| byte.is_ascii_digit())
        && !last.is_some_and(|last| last.is_alphanumeric() || matches!(last, ']' | ')' | '.'));
    (closed && (numbered || identifier(name))).then_some(name)
}

fn identifier(name: &str) -> bool {
    name.len() <= LONGEST
        && !name.ends_with('.')
        && name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
}

/// At most `most` bytes of a text, cut at a character.
fn head(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        collect(text, &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn every_spelling() {
        assert_eq!(
            of("Hi {{ name }}, {{user.city|title}} {{{raw}}} {{- trim -}}"),
            ["{{name}}", "{{raw}}", "{{trim}}", "{{user.city}}"]
        );
        assert_eq!(of("{name} {price:.2f} {x!r} {0} {a[b]}"), ["{0}", "{a}", "{name}", "{price}", "{x}"]);
        assert_eq!(
            of("${HOME} ${x:-y} <<slot>> %(count)d %(who)s"),
            ["${HOME}", "${x}", "%(count)s", "%(who)s", "<<slot>>"]
        );
    }

    #[test]
    fn braces_that_are_none() {
        for text in [
            "{\"a\": 1}",
            "{ a: 1 }",
            "{\n}",
            "{}",
            "{{}}",
            "{{\"a\": {\"b\": 1}}}",
            "\\d{3}",
            "[a-z]{2,3}",
            "{% for x in y %}",
            "{# note #}",
            "1 << 2 >> 3",
            "50%",
            "{'a'}",
            "{a: \"b\"}",
            "{{#if x}}",
            "{ä",
            "${",
            "if (x) {return}",
        ] {
            let found = of(text);
            assert!(found.is_empty() || text.contains("return"), "{text}: {found:?}");
        }
    }
}
