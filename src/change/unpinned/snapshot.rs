//! Whether a name carries a snapshot: a date, a number, or an id that stands for one model only.
//!
//! There is no list of models, which would age; a number that only tells families apart (`gpt-4`, `llama-3.1-8b`)
//! is no snapshot.

/// Whether a name carries a snapshot.
pub(super) fn snapshot(name: &str) -> bool {
    let parts: Vec<&str> =
        name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    parts.iter().any(|part| dated(part) || numbered(part))
        || parts.windows(2).any(|pair| matches!(pair, [first, second] if month_written(first, second)))
        || tagged(name)
        || fine_tuned(name)
}

/// Whether a text is a number and nothing else: `v7`, `1.2.0`.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['v', 'V']).unwrap_or(text);
    digits.split('.').all(|part| number(part).is_some())
}

fn number(text: &str) -> Option<u64> {
    // `parse` would take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn is_month(number: u64) -> bool {
    (1..=12).contains(&number)
}

fn is_day(number: u64) -> bool {
    (1..=31).contains(&number)
}

fn is_year(number: u64) -> bool {
    (2015..2100).contains(&number)
}

/// A date in one part: `20240806`, `240806`, `202408`, `0613` (month and day), `2407` (year and month).
fn dated(part: &str) -> bool {
    let Some(all) = number(part) else { return false };
    let (front, last) = (all / 100, all % 100);
    match part.len() {
        8 => is_year(front / 100) && is_month(front % 100) && is_day(last),
        6 => (is_year(front) && is_month(last)) || (is_month(front % 100) && is_day(last)),
        4 => (is_month(front) && is_day(last)) || (front > 20 && is_month(last)),
        _ => false,
    }
}

/// A number that counts snapshots: `002`.
fn numbered(part: &str) -> bool {
    part.len() == 3 && part.starts_with('0') && number(part).is_some()
}

/// Two parts of a date beside each other: `2024-08`, `08-2024`, `05-06`.
fn month_written(first: &str, second: &str) -> bool {
    let (Some(one), Some(two)) = (number(first), number(second)) else { return false };
    match (first.len(), second.len()) {
        (4, 2) => is_year(one) && is_month(two),
        (2, 4) => is_month(one) && is_year(two),
        (2, 2) => is_month(one) && is_day(two),
        _ => false,
    }
}

/// A version of its own behind a separator: `amazon.nova-pro-v1:0`, `team/model:v3`, `gemini@v2`.
fn tagged(name: &str) -> bool {
    let version = |text: &str| text.starts_with(['v', 'V']) && is_number(text);
    match name.rsplit_once([':', '@']) {
        Some((front, tag)) => {
            version(tag) || (number(tag).is_some() && front.rsplit('-').next().is_some_and(version))
        }
        None => false,
    }
}

/// The id of a fine-tuned model: `ft:gpt-4o:team::7p4lURel`.
fn fine_tuned(name: &str) -> bool {
    let id = name.strip_prefix("ft:").and_then(|rest| rest.rsplit_once(':'));
    id.is_some_and(|(model, id)| !model.is_empty() && id.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_or_a_counted_snapshot_is_one() {
        for name in [
            "gpt-4o-2024-08-06",
            "gpt-4-0613",
            "gpt-3.5-turbo-0125",
            "claude-sonnet-4-20250514",
            "gemini-1.5-pro-002",
            "gemini-2.5-pro-preview-05-06",
            "mistral-large-2407",
            "command-r-08-2024",
            "grok-2-1212",
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            "amazon.nova-pro-v1:0",
            "claude-3-5-sonnet@20240620",
            "ft:gpt-4o:team::7p4lURel",
            "team/project/model:v3",
        ] {
            assert!(snapshot(name), "{name}");
        }
    }

    #[test]
    fn a_number_that_tells_families_apart_is_none() {
        for name in [
            "gpt-4o",
            "gpt-4",
            "gpt-4.1-mini",
            "o3",
            "claude-sonnet-4",
            "claude-3-5-sonnet",
            "gemini-1.5-pro",
            "deepseek-v3",
            "llama-3.1-405b",
            "gpt-4-32k",
            "model-2024",
            "model-9999",
            "ft:gpt-4o",
            "",
        ] {
            assert!(!snapshot(name), "{name}");
        }
    }

    #[test]
    fn a_number_alone_is_a_version() {
        assert!(["v7", "V7", "7", "1.2.0", "v1.10"].iter().all(|text| is_number(text)));
        assert!(!["", "v", "1.", "v7-rc", "chat-7", "+1"].iter().any(|text| is_number(text)));
    }
}
