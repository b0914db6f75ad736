//! What relgate can explain: a gate of a report, the standard metrics, the rule language, a finding's code.

mod code;
mod gate;
mod glossary;
mod metrics;
mod rules;
mod texts;

pub use code::code;
pub use gate::gate;
pub use glossary::{word, words};
pub use metrics::metrics;
pub use rules::{RULE_EXAMPLES, rules};

use super::page::{Screen, push_wrapped};

/// What there is to explain.
#[must_use]
pub fn topics(screen: Screen) -> String {
    let mut out = String::new();
    let width = screen.columns();
    push_wrapped(&mut out, "", "relgate explains:", width);
    for (topic, what) in [
        (
            "GATE",
            "how one gate came to its outcome, for people and in figures: `relgate explain p95-latency`",
        ),
        (
            "metrics",
            "the metrics that need no definition, with their other names: `relgate explain metrics latency`",
        ),
        ("rules", "how rules are written"),
        ("WORD", "a word of the reports or a method: `relgate explain inconclusive`, `relgate explain pp`"),
        (
            "CODE",
            "a finding, by the code in its brackets, with an example and the cure: `relgate explain bad-side`",
        ),
    ] {
        push_wrapped(&mut out, &format!("  {topic:<9}"), what, width);
    }
    out
}
