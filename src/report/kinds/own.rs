//! Which texts a report kind has written: what somebody else wrote is not replaced by a report.

use crate::report::diff;
use crate::report::history::HISTORY;
use crate::report::v1;
use crate::verdict::Decision;

/// What JSON documents of reports say that they are.
const SCHEMAS: [&str; 3] = [v1::SCHEMA, diff::SCHEMA, HISTORY];

/// Whether a text is one that some kind writes, of a judgement or of a comparison; an empty file holds nothing that anybody could
/// miss.
#[must_use]
pub fn is_own(text: &str) -> bool {
    let first = text.lines().next().unwrap_or("");
    let json = text.starts_with('{')
        && SCHEMAS.iter().any(|schema| text.contains(&format!("\"schema\": \"{schema}\"")));
    let page =
        first.starts_with("## ") && (first.contains(" relgate: ") || first.contains(" relgate diff: "));
    let decisions = [Decision::Pass, Decision::Inconclusive, Decision::Error, Decision::Fail];
    let judged = decisions.iter().any(|one| first.starts_with(&(one.word().to_uppercase() + "  ")));
    let compared = first.contains(" -> ") && text.contains("\ncompared ");
    let browsed =
        text.starts_with("<!DOCTYPE html>") && text.contains("<meta name=\"generator\" content=\"relgate ");
    text.trim().is_empty() || json || page || judged || compared || browsed
}
