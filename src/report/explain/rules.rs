//! The rule language, with examples that a test reads.

use std::fmt::Write as _;

use crate::report::page::{Screen, push_wrapped};

/// Rules with what they ask for.
pub const RULE_EXAMPLES: &[(&str, &str)] = &[
    ("Accuracy >= 90%", "a rate of true samples, of all cases that could be asked and not only of these"),
    (
        "Hallucination rate < 1.5%",
        "words in any case; `hallucination` and `hallucination_rate` are one metric",
    ),
    ("p95 latency < 1200ms", "a quantile: 95 of 100 are faster"),
    ("mean cost_usd < $0.002", "a mean, with its unit"),
    ("rate follows_style >= 90%", "a metric that relgate does not know: the rule says that it is a rate"),
    ("cost per 1k tokens < $0.003", "a ratio that `metrics:` defines"),
    ("Cost increase < 5%", "a change since the baseline, relative to it"),
    ("accuracy drop < 2pp", "a change of a proportion, in points"),
    ("f1 drop < 3% of baseline", "a change of a proportion, relative to the baseline"),
    ("latency change < 10%", "either way"),
    ("regressions <= 0", "no case that the baseline passed may fail now: about these cases only"),
    ("count pii == 0", "how many of the listed cases: about these cases only"),
    ("max latency_ms < 5000ms", "the largest of the listed cases"),
];

/// How rules are written.
#[must_use]
pub fn rules(screen: Screen) -> String {
    let width = screen.columns();
    let mut out = String::new();
    let mut line = |lead: &str, text: &str| push_wrapped(&mut out, lead, text, width);
    line("", "A rule is one line of plain words, in single quotes:");
    line("", "");
    line("  ", "[aggregate] metric [increase|drop|change] comparator number [unit]");
    line(
        "\n  aggregate   ",
        "p50, p95, p99.9 (a quantile), mean, rate; count, sum, min, max are facts about the listed cases",
    );
    line(
        "  metric      ",
        "a name of `metrics:`, of an aggregate, of a field, or of the catalogue (`relgate explain metrics`); case and punctuation do not matter",
    );
    line(
        "  change      ",
        "increase: candidate less baseline; drop: baseline less candidate; change: either way",
    );
    line("  comparator  ", "< <= > >=; for facts about the listed cases also == and !=");
    line(
        "  unit        ",
        "% pp `% of baseline` x; ms s min us; $ usd and $/1k tokens and the like; tokens, tokens/s, requests/s",
    );
    line("", "");
    line("", "Examples:");
    for (rule, meaning) in RULE_EXAMPLES {
        let _ = writeln!(out, "\n  '{rule}'");
        push_wrapped(&mut out, "      ", meaning, width);
    }
    let mut line = |lead: &str, text: &str| push_wrapped(&mut out, lead, text, width);
    line("", "");
    line("", "Units are typed, and what could mean two things is an error that shows the ways to say it:");
    line(
        "  - ",
        "a level of a proportion takes % or a fraction from 0 to 1; a bare number such as 5 is refused;",
    );
    line("  - ", "a change of a proportion takes points (2pp) or `2% of baseline`; a bare % is refused;");
    line("  - ", "a change of anything else in % is relative to the baseline;");
    line("  - ", "1.2s compares with a field in ms; a unit of another kind is refused.");
    line(
        "\n",
        "A rule that is met by getting worse (toxicity > 10%) or always (accuracy >= 0%) is an error.",
    );
    out
}
