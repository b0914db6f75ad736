//! A file of relgate's own, which two short functions read in the application.

use super::refusal::Refusal;
use super::split::{SCHEMA, TrafficSplit};

/// The whole file: relgate writes it, and takes nothing over that it does not know.
pub(super) fn write(split: &TrafficSplit, existing: Option<&str>) -> Result<String, Refusal> {
    if let Some(existing) = existing {
        parsed(existing)?;
    }
    let text = serde_json::to_string_pretty(split)
        .map_err(|error| Refusal::new(format!("the split cannot be written: {error}"), "report this"))?;
    Ok(text + "\n")
}

pub(super) fn read(existing: &str) -> Result<u16, Refusal> {
    parsed(existing).map(|split| split.candidate_per_10000)
}

fn parsed(text: &str) -> Result<TrafficSplit, Refusal> {
    let refuse = |line: Option<usize>, text: String| Refusal {
        line,
        text,
        help: "relgate writes this file whole: move away what somebody else put there".to_owned(),
    };
    let split: TrafficSplit = serde_json::from_str(text)
        .map_err(|error| refuse(Some(error.line()), format!("it is no split: {error}")))?;
    if split.schema != SCHEMA {
        return Err(refuse(None, format!("it is of `{}`, not `{SCHEMA}`", split.schema)));
    }
    if split.candidate_per_10000 > 10_000 {
        return Err(refuse(None, format!("{} of 10,000 is no share", split.candidate_per_10000)));
    }
    Ok(split)
}
