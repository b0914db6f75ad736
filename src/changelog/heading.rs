//! Headings as changelogs spell them: `## [2.3.0] - 2025-01-01`, `## v2.3.0 (2025-01-01)`, `### [2.3.0](url)`,
//! `2.3.0 / 2025-01-01` over a line of dashes, `## 2025-01-01 - 2.3.0`, `**2.3.0** (2025-01-01)`, `<h2>2.3.0</h2>`.

use semver::Version;

/// What a heading is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// What is not released yet.
    Unreleased,
    /// A version.
    Version(Version),
    /// Anything else.
    Other,
}

/// Level and text of a `#` heading.
pub(super) fn atx(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start_matches(' ');
    let level = text.len() - text.trim_start_matches('#').len();
    let rest = text.get(level..)?;
    // Four spaces make it code; `#12` is a reference.
    let is_heading = line.len() - text.len() < 4
        && (1..=6).contains(&level)
        && (rest.is_empty() || rest.starts_with([' ', '\t']));
    is_heading.then(|| (level, rest.trim().trim_end_matches('#').trim_end()))
}

/// Level of the heading that a line of `=` or `-` makes of the line above it.
pub(super) fn underline(line: &str) -> Option<usize> {
    let text = line.trim_end();
    let all = |c: char| !text.is_empty() && text.chars().all(|other| other == c);
    if all('=') {
        Some(1)
    } else if all('-') {
        Some(2)
    } else {
        None
    }
}

/// Level and text of a heading that is written in HTML, on one line.
pub(super) fn html(line: &str) -> Option<(usize, &str)> {
    let rest = line.strip_prefix("<h").or_else(|| line.strip_prefix("<H"))?;
    let level = rest.chars().next()?.to_digit(10).filter(|level| (1..=6).contains(level))?;
    let (_, text) = rest.split_once('>')?;
    let mut parts = text.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text).trim());
    Some((level as usize, parts.find(|part| !part.is_empty())?))
}

/// The text of a line that begins in bold, which some write for a heading.
pub(super) fn bold(line: &str) -> Option<&str> {
    (line.starts_with("**") || line.starts_with("__")).then_some(line.trim())
}

/// What a heading is about; `name` is that of the release, which may stand before the version.
pub(super) fn subject(level: usize, text: &str, name: &str) -> Subject {
    let plain = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    if level <= 3 && plain.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("unreleased")) {
        return Subject::Unreleased;
    }
    let found = after_date(plain).and_then(|rest| version_of(level, rest, name));
    match found.or_else(|| version_of(level, plain, name)) {
        Some(version) => Subject::Version(version),
        None => Subject::Other,
    }
}

/// The first version that a heading of a section names, wherever and however: `## Release of parcels-v2.4.0`.
pub(super) fn mentioned(level: usize, text: &str) -> Option<Version> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".+-".contains(c);
    let version = |word: &str| {
        let digits = word.get(word.find(|c: char| c.is_ascii_digit())?..)?;
        lenient(digits.trim_end_matches(['.', '-', '+'])).filter(|_| after_date(digits).is_none())
    };
    (level <= 2).then(|| text.split(|c: char| !is_part(c)).find_map(version)).flatten()
}

/// What follows a day at the start of the text: `2025-01-31`, `2025/1/31`, `31.01.2025`.
fn after_date(text: &str) -> Option<&str> {
    let stop = text.find(|c: char| !(c.is_ascii_digit() || "-/.".contains(c))).unwrap_or(text.len());
    let (day, rest) = text.split_at(stop);
    let day = day.trim_end_matches(['-', '/', '.']);
    let mark = day.find(['-', '/', '.']).and_then(|at| day.get(at..=at))?;
    let parts: Vec<u32> = day.split(mark).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let is_day = |year: u32, month: u32, day: u32| {
        (1900..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
    };
    let fits = match parts.as_slice() {
        [a, b, c] => is_day(*a, *b, *c) || is_day(*c, *b, *a) || is_day(*c, *a, *b),
        _ => false,
    };
    fits.then(|| rest.trim_start_matches(|c: char| !c.is_alphanumeric()))
}

/// What may stand around a version.
const DECORATION: [char; 6] = ['[', ']', '*', '`', '\\', '_'];

fn version_of(level: usize, text: &str, name: &str) -> Option<Version> {
    if level > 3 {
        return None;
    }
    let text = ["version", "release", name]
        .iter()
        .find_map(|word| after_word(text, word))
        .unwrap_or(text)
        .trim_start_matches(DECORATION);
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let stop = text.find(|c: char| !(c.is_ascii_alphanumeric() || ".+-".contains(c))).unwrap_or(text.len());
    let (token, rest) = text.split_at(stop);
    let version = lenient(token.trim_end_matches(['.', '-', '+']))?;
    let rest = rest.trim_start_matches(DECORATION);
    let trimmed = rest.trim_start();
    // `## 2.3.0 A name` is a version; `### 1.2.0 of the tokenizer` inside of one is not.
    let dated = trimmed.is_empty()
        || trimmed.starts_with(['-', '–', '—', '(', '/', ':', ',', '['])
        || trimmed.starts_with(|c: char| c.is_ascii_digit());
    let named = level == 2 && trimmed.len() < rest.len();
    (dated || named).then_some(version)
}

/// What follows `word` and a separator.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = (text.get(..word.len())?, text.get(word.len()..)?);
    let separated = rest.trim_start_matches([' ', '@', '/', '-', ':']);
    (start.eq_ignore_ascii_case(word) && separated.len() < rest.len()).then_some(separated)
}

/// A version as changelogs write them: `2.3` and `2024.01.15` too.
fn lenient(token: &str) -> Option<Version> {
    if let Ok(version) = Version::parse(token) {
        return Some(version);
    }
    let (numbers, rest) = token.split_at(token.find(['-', '+']).unwrap_or(token.len()));
    let numbers: Vec<u64> = numbers.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match numbers.as_slice() {
        [major, minor] => Version::parse(&format!("{major}.{minor}.0{rest}")).ok(),
        [major, minor, patch] => Version::parse(&format!("{major}.{minor}.{patch}{rest}")).ok(),
        _ => None,
    }
}
