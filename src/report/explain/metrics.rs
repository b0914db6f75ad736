//! The standard metrics as a catalogue.

use std::fmt::Write as _;

use crate::manifest::{Direction, MetricKind, Unit, fold};
use crate::metric::catalog::{Standard, ValueType, standard_metrics};
use crate::report::number::plain;
use crate::report::page::{Screen, push_wrapped};

/// All of them by category and the ways to work one out, or those that a word is in; none where it is in none.
#[must_use]
pub fn metrics(word: Option<&str>, screen: Screen) -> Option<String> {
    let folded = word.map(fold);
    let wanted = |metric: &&Standard| {
        folded.as_ref().is_none_or(|word| {
            metric.names().any(|name| name.contains(word.as_str())) || metric.category.word() == word
        })
    };
    let found: Vec<&Standard> = standard_metrics().iter().filter(wanted).collect();
    let kind_wanted =
        |kind: &&MetricKind| folded.as_ref().is_none_or(|word| fold(kind.word()).contains(word));
    let kinds: Vec<MetricKind> = MetricKind::ALL.iter().filter(kind_wanted).copied().collect();
    if found.is_empty() && kinds.is_empty() {
        return None;
    }
    let mut out = String::new();
    let width = screen.columns();
    if !found.is_empty() {
        let text = "Metrics that relgate knows by name: a field or aggregate of one of these names needs no definition in `metrics:`. Case and punctuation do not matter.";
        push_wrapped(&mut out, "", text, width);
    }
    let mut category = None;
    for metric in found {
        if category != Some(metric.category) {
            category = Some(metric.category);
            let _ = write!(out, "\n{}\n", metric.category);
        }
        push_wrapped(&mut out, &format!("  {:<24}", metric.name), &about(metric), width);
        if !metric.synonyms.is_empty() {
            push_wrapped(
                &mut out,
                &format!("  {:<24}", ""),
                &format!("also {}", metric.synonyms.join(", ")),
                width,
            );
        }
    }
    if !kinds.is_empty() {
        let text = "Ways to work a metric out that relgate knows: `as:` of a definition in `metrics:`, such as `quality: { as: bleu, field: answer, reference: expected }`.";
        if !out.is_empty() {
            out.push('\n');
        }
        push_wrapped(&mut out, "", text, width);
        out.push('\n');
    }
    for kind in kinds {
        let meaning = kind.meaning().trim_end_matches('.').replace('`', "");
        push_wrapped(&mut out, &format!("  {:<24}", kind.word()), &meaning, width);
    }
    Some(out)
}

/// `low is good; a rate (true/false); 0 to 1`.
fn about(metric: &Standard) -> String {
    let values = match metric.value_type {
        ValueType::Rate => "a rate of true/false",
        ValueType::Mean => "a mean of numbers",
        ValueType::Auto => "a rate of true/false, or a mean of numbers",
    };
    let unit = match metric.unit {
        Unit::NUMBER => String::new(),
        Unit::FRACTION => ", in %".to_owned(),
        unit => format!(", in {}", unit.word),
    };
    let ends = match (metric.lower, metric.upper) {
        (Some(low), Some(high)) => format!(", from {} to {}", plain(low), plain(high)),
        (Some(low), None) => format!(", {} or more", plain(low)),
        _ => String::new(),
    };
    format!(
        "{} is good; {values}{unit}{ends}",
        if metric.direction == Direction::Lower { "low" } else { "high" }
    )
}
