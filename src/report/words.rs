//! Why a gate came to its outcome and what to do about it, in plain sentences.

use super::number::{Scale, count, p_value, percent, samples};
use crate::gate::{Outcome, Part, Reason};
use crate::manifest::{ChangeWord, Comparator, Dimension};
use crate::metric::{Bound, Estimate, Label, MeasureKind, Needed, Operating, POWER, Shortfall};
use crate::verdict::GateResult;

/// Everything that a sentence may need.
pub struct Facts<'a> {
    /// The judged gate.
    pub result: &'a GateResult,
    /// The part of it that the sentence is about.
    pub part: &'a Part,
    /// What it measures.
    pub bound: &'a Bound,
    /// The threshold as its author wrote it, with the comparison: `< 1.5%`.
    pub target: String,
}

impl Facts<'_> {
    /// A barred gate has one reason for all of its parts.
    fn reason(&self) -> Reason {
        self.result.judged.barred.map_or(self.part.reason, |(_, reason)| reason)
    }

    fn outcome(&self) -> Outcome {
        self.result.judged.barred.map_or(self.part.outcome, |(outcome, _)| outcome)
    }

    fn estimate(&self) -> &Estimate {
        &self.part.assessment.estimate
    }

    fn show(&self, value: f64) -> String {
        let limits = (self.estimate().lower, self.estimate().upper);
        Scale::new(self.bound.unit, self.bound.threshold, limits).show(value)
    }

    fn value(&self) -> String {
        self.estimate().value.map_or_else(|| "unknown".to_owned(), |value| self.show(value))
    }

    fn confidence(&self) -> String {
        percent(self.estimate().confidence)
    }

    /// The side on which the rule is broken: its limit and the word for it.
    fn worst(&self) -> (Option<f64>, &'static str) {
        if self.bound.comparator.wants_low() {
            (self.estimate().upper, "high")
        } else {
            (self.estimate().lower, "low")
        }
    }

    /// Whether the rule limits a change either way.
    fn either_way(&self) -> bool {
        self.bound.change.is_some_and(|change| change.word == ChangeWord::Change)
            && !self.bound.measure.counts_regressions()
    }

    /// Both limits in words, for a rule that has two sides.
    fn between(&self) -> String {
        let side = |limit: Option<f64>| limit.map_or_else(|| "anything".to_owned(), |limit| self.show(limit));
        format!("between {} and {}", side(self.estimate().lower), side(self.estimate().upper))
    }

    fn best(&self) -> (Option<f64>, &'static str) {
        if self.bound.comparator.wants_low() {
            (self.estimate().lower, "low")
        } else {
            (self.estimate().upper, "high")
        }
    }

    /// What a limit is about, where a sentence goes on.
    fn it(&self) -> String {
        match self.bound.change {
            Some(change) if !self.bound.measure.counts_regressions() => format!("the {}", change.word.word()),
            _ => "it".to_owned(),
        }
    }

    fn samples(&self) -> String {
        self.estimate().n.map_or_else(|| "an unknown number of samples".to_owned(), samples)
    }

    /// What was measured: "23 of 5,000 samples (0.460%)".
    fn measured(&self) -> String {
        let estimate = self.estimate();
        if let Some(told) = super::people::measured(self.bound, self.part, &self.value()) {
            return told;
        }
        if let (Some(change), Some(n)) = (self.bound.change, estimate.n)
            && !self.bound.measure.counts_regressions()
        {
            let value = estimate.value;
            let turned = value.is_some_and(|value| value < 0.0);
            let word = match (change.word, turned) {
                (ChangeWord::Increase, false) | (ChangeWord::Drop, true) => "more than",
                (ChangeWord::Drop, false) | (ChangeWord::Increase, true) => "less than",
                (ChangeWord::Change, _) => "away from",
            };
            let size = if change.word == ChangeWord::Change { value } else { value.map(f64::abs) };
            let size = size.map_or_else(|| "unknown".to_owned(), |size| self.show(size));
            let reference = change.against.word();
            let side_by_side = self.part.assessment.levels.as_ref().filter(|levels| !levels.paired);
            let others = side_by_side.and_then(|levels| levels.baseline.n);
            let others = others.map_or_else(String::new, |n| format!(" against {}", count(n)));
            return format!("{size} {word} the {reference}, over {}{others}", samples(n));
        }
        match (self.bound.measure.kind(), estimate.events, estimate.n) {
            (MeasureKind::Quantile(_), Some(events), Some(n)) => {
                let (value, above) = (self.value(), self.above());
                format!("{value} measured; {} of {} are {above}", count(events), samples(n))
            }
            (_, Some(events), Some(n)) if self.bound.unit.dimension == Dimension::Fraction => {
                format!("{} of {} ({})", count(events), samples(n), self.value())
            }
            (_, _, Some(n)) => format!("{} over {}", self.value(), samples(n)),
            _ => format!("{} measured", self.value()),
        }
    }

    /// Which values exceed the threshold, as a quantile counts them.
    fn above(&self) -> String {
        let strictly = matches!(self.bound.comparator, Comparator::AtMost | Comparator::Greater);
        let threshold = self.target.split_once(' ').map_or(self.target.as_str(), |(_, threshold)| threshold);
        if strictly { format!("above {threshold}") } else { format!("at or above {threshold}") }
    }

    /// The clusters that `min_samples` counts where there are any: those of both sides, where other questions were asked.
    fn clusters(&self) -> Option<String> {
        let levels = self.part.assessment.levels.as_ref().filter(|levels| !levels.paired);
        let sides = levels.map(|levels| (levels.candidate.clusters, levels.baseline.clusters));
        match sides {
            Some((Some(ours), Some(theirs))) => {
                Some(format!("{} clusters against {}", count(ours), count(theirs)))
            }
            _ => self.estimate().clusters.map(|clusters| format!("{} clusters", count(clusters))),
        }
    }

    /// What is assumed of a fresh run: of a quantile, how many samples exceed the threshold.
    fn quantity(&self) -> String {
        match self.bound.measure.kind() {
            MeasureKind::Quantile(_) if self.bound.change.is_none() => {
                format!("share of samples {}", self.above())
            }
            _ => "value".to_owned(),
        }
    }

    /// Whether the power of a fresh run is computed exactly: that of counts is, that of means is nearly normal.
    fn power_is_exact(&self) -> bool {
        self.part.assessment.operating.as_ref().is_some_and(Operating::is_exact)
    }

    /// Whether ids are compared, rather than rows.
    fn is_paired(&self) -> bool {
        self.part.assessment.levels.as_ref().is_some_and(|levels| levels.paired)
    }

    /// Selected rows without a score, which may be anything.
    fn gaps(&self) -> u64 {
        self.estimate().missing.unwrap_or(0)
    }
}

/// Why, in a sentence; a slice says which it is.
#[must_use]
pub fn why(facts: &Facts<'_>) -> String {
    let reason = because(facts);
    if facts.part.key.is_empty() { reason } else { format!("{}: {reason}", slice(&facts.part.key)) }
}

/// A slice as a person names it: `lang = de, topic = refunds`.
#[must_use]
pub fn slice(key: &[(String, Label)]) -> String {
    key.iter().map(|(field, label)| format!("{field} = {label}")).collect::<Vec<_>>().join(", ")
}

fn because(facts: &Facts<'_>) -> String {
    let (measured, confidence, target) = (facts.measured(), facts.confidence(), &facts.target);
    match facts.reason() {
        Reason::BoundClearsThreshold if facts.either_way() => {
            format!("{measured}; at {confidence} confidence on either side it is {}", facts.between())
        }
        Reason::BoundViolatesThreshold if facts.either_way() => format!(
            "{measured}; at {confidence} confidence on either side it is {}, so {target} is broken",
            facts.between()
        ),
        Reason::BoundClearsThreshold => match facts.worst() {
            (Some(limit), side) => {
                format!(
                    "{measured}; at {confidence} confidence {} is no {}er than {}",
                    facts.it(),
                    side,
                    facts.show(limit)
                )
            }
            (None, _) => format!("{measured}; the rule holds at {confidence} confidence"),
        },
        Reason::BoundViolatesThreshold => match facts.best() {
            (Some(limit), side) => {
                format!(
                    "{measured}; at {confidence} confidence {} is no {}er than {}, so {target} is broken",
                    facts.it(),
                    side,
                    facts.show(limit)
                )
            }
            (None, _) => format!("{measured}; {target} is broken at {confidence} confidence"),
        },
        Reason::ThresholdInsideInterval | Reason::TooFewSamples(_) => {
            let gaps = match facts.gaps() {
                0 => String::new(),
                gaps => format!(", and {} without a score", count(gaps)),
            };
            match facts.worst() {
                _ if facts.either_way() => {
                    format!("{measured}{gaps}; it may still be {}, so {target} is not shown", facts.between())
                }
                (Some(limit), side) => format!(
                    "{measured}{gaps}; {} may still be as {side} as {}, so {target} is not shown",
                    facts.it(),
                    facts.show(limit)
                ),
                (None, side) => {
                    format!("{measured}{gaps}; nothing limits how {side} it may be, so {target} is not shown")
                }
            }
        }
        Reason::BelowMinSamples(min) => match facts.clusters() {
            Some(clusters) => {
                format!("{measured}, of {clusters}; the gate asks for at least {} clusters", count(min))
            }
            None => format!("{measured}; the gate asks for at least {}", samples(min)),
        },
        Reason::Shortfall(shortfall) => shortfall_why(facts, shortfall),
        Reason::FailUnadjusted => format!(
            "{measured}; {target} looks broken on its own (p = {}), but not once all gates are counted (p = {})",
            facts.part.p_fail.map_or_else(String::new, p_value),
            facts.part.p_fail_adjusted.map_or_else(String::new, p_value)
        ),
        Reason::FactHolds => format!(
            "{} over the {} that are listed; a fact about these cases only",
            facts.value(),
            facts.samples()
        ),
        Reason::FactBroken => {
            format!("{} over the {} that are listed, so {target} is broken", facts.value(), facts.samples())
        }
        Reason::FactOpen => format!(
            "{} over the scored cases, but {} missing ones could turn it",
            facts.value(),
            count(facts.estimate().missing.unwrap_or(0))
        ),
        Reason::FaceValueHolds => {
            format!("{} taken at face value; its uncertainty is unquantified", facts.value())
        }
        Reason::FaceValueBroken => {
            format!("{} taken at face value breaks {target}; its uncertainty is unquantified", facts.value())
        }
        Reason::SwitchedOff => "its `when` does not hold for this release".to_owned(),
        Reason::EvidenceMismatch => {
            format!("evidence `{}` was made with other artifacts", facts.bound.evidence)
        }
        Reason::EvidenceUnbound => {
            format!(
                "evidence `{}` does not say which artifacts it was made with, or when",
                facts.bound.evidence
            )
        }
        Reason::EvidenceTooOld => format!(
            "evidence `{}` is older than the policy allows, or from after the day of this judgement",
            facts.bound.evidence
        ),
        reason => of_own(reason).to_owned(),
    }
}

fn shortfall_why(facts: &Facts<'_>, shortfall: Shortfall) -> String {
    let estimate = facts.estimate();
    match shortfall {
        Shortfall::NoSamples => match (estimate.rows, estimate.selected) {
            (Some(rows), Some(0)) => format!("none of {} rows is selected", count(rows)),
            (_, Some(selected)) => format!("none of {} selected rows has a usable score", count(selected)),
            _ => "there is no sample".to_owned(),
        },
        Shortfall::TooFew => format!("{} cannot show how much the values vary", facts.samples()),
        Shortfall::ZeroVariance => {
            format!(
                "all {} have the same value, and nothing says how far an unseen one may be",
                facts.samples()
            )
        }
        Shortfall::NoUncertainty if estimate.n.is_some() => {
            format!(
                "{} over {} comes without a standard error or an interval",
                facts.value(),
                facts.samples()
            )
        }
        Shortfall::NoUncertainty => {
            format!("{} comes without a number of samples, a standard error or an interval", facts.value())
        }
        Shortfall::MissingUnbounded => {
            let (missing, all) = (estimate.missing.unwrap_or(0), estimate.selected.unwrap_or(0));
            let what = if facts.is_paired() {
                "ids lack a usable score on one side or the other (errored, refused or empty)"
            } else {
                "selected rows have no usable score (errored, refused or empty)"
            };
            format!(
                "{}; {} of {} {what}, and a missing value could be anything",
                facts.measured(),
                count(missing),
                count(all)
            )
        }
        Shortfall::Rounded => format!(
            "{} over {} may be anything from {} to {} once its last digit is taken off, so {} is not shown",
            facts.value(),
            facts.samples(),
            estimate.lower.map_or_else(|| "0".to_owned(), |limit| facts.show(limit)),
            estimate.upper.map_or_else(|| "1".to_owned(), |limit| facts.show(limit)),
            facts.target
        ),
        Shortfall::BaselineNotPositive => {
            let reference = facts.bound.against().unwrap_or_default().word();
            format!("the {reference} is zero or below, so a change in parts of it says nothing")
        }
        Shortfall::NoDifference => {
            format!("no pair of {} differs, and nothing says how far an unseen one may", facts.samples())
        }
        Shortfall::NotFinite => {
            "a sum or a mean of the values is no finite number, so nothing can be compared with it".to_owned()
        }
        shortfall => super::people::why(facts.part, shortfall, &facts.measured()),
    }
}

/// What to do, in a sentence; none for a pass.
#[must_use]
pub fn advice(facts: &Facts<'_>) -> Option<String> {
    if matches!(facts.outcome(), Outcome::Pass | Outcome::NotApplicable) {
        return None;
    }
    Some(match facts.reason() {
        Reason::BoundViolatesThreshold | Reason::FactBroken | Reason::FaceValueBroken => {
            "mend the release and evaluate it anew; more samples of this one will not help".to_owned()
        }
        Reason::TooFewSamples(least) => {
            let never = format!(
                "{} can never show {}: {}{} are the least",
                facts.samples(),
                facts.target,
                count(least),
                if is_rate(facts) { " without a single bad one" } else { ", all as good as can be," }
            );
            match fresh_run(facts) {
                Some(run) => format!("{never}; {run}"),
                None => never,
            }
        }
        Reason::FailUnadjusted => {
            "a fresh run would most likely fail; mend the release, or evaluate a larger fresh run to be sure".to_owned()
        }
        Reason::ThresholdInsideInterval => {
            let run = fresh_run(facts).unwrap_or_else(|| {
                "evaluate a larger fresh run; do not add samples to this one and judge again".to_owned()
            });
            match (facts.gaps(), facts.is_paired()) {
                (0, _) => run,
                (1, false) => format!("find out why one selected row has no usable score; then {run}"),
                (gaps, false) => {
                    format!("find out why {} selected rows have no usable score; then {run}", count(gaps))
                }
                (1, true) => format!("find out why one id lacks a score on one side or the other; then {run}"),
                (gaps, true) => {
                    format!("find out why {} ids lack a score on one side or the other; then {run}", count(gaps))
                }
            }
        }
        Reason::BelowMinSamples(min) => {
            let what = if facts.estimate().clusters.is_some() { "clusters" } else { "samples" };
            format!("evaluate a fresh run of at least {} {what}", count(min))
        }
        Reason::Shortfall(Shortfall::NoSamples) if selects_nothing_away(facts) => {
            "find out why the evaluation graded nothing: no row has a usable score".to_owned()
        }
        Reason::Shortfall(shortfall) if facts.bound.measure.is_in_points() => {
            shortfall_of_texts(shortfall).to_owned()
        }
        Reason::Shortfall(shortfall) => shortfall_advice(shortfall).to_owned(),
        Reason::FactOpen => "repair the rows without a score and judge again".to_owned(),
        Reason::SilentChange => "give what changed a new version, or restore it; no waiver covers this".to_owned(),
        Reason::KeptPhraseLost => "put the phrase back word for word".to_owned(),
        Reason::LooserChanges => "take the changes back, or accept them with a waiver".to_owned(),
        Reason::RiskGateFails | Reason::RiskUntested => "see to the gates that test it".to_owned(),
        Reason::RiskReviewDue => "look at the risk again, and write the next day into `review`".to_owned(),
        Reason::EvidenceMismatch => {
            "evaluate again with the artifacts that this manifest declares".to_owned()
        }
        Reason::EvidenceUnbound => {
            "let the evaluation write `created` and `artifacts` into its results (see README, Evidence)"
                .to_owned()
        }
        Reason::EvidenceTooOld => {
            "evaluate again; where the evidence is from the future, check the clock of the evaluation, or `--as-of`".to_owned()
        }
        Reason::SwitchedOff
        | Reason::BoundClearsThreshold
        | Reason::FactHolds
        | Reason::FaceValueHolds
        | Reason::RiskTested
        | Reason::RiskOnSignals
        | Reason::RiskAccepted
        | Reason::RiskNotApplicable => return None,
    })
}

/// What a gate says that no rule declares.
fn of_own(reason: Reason) -> &'static str {
    match reason {
        Reason::SilentChange => "bytes changed without a new version",
        Reason::KeptPhraseLost => "a phrase that every version must hold is lost",
        Reason::LooserChanges => "something got looser since the baseline",
        Reason::RiskTested => "every gate that tests it holds",
        Reason::RiskGateFails => "a gate that tests it fails",
        Reason::RiskUntested => "a gate that tests it has no answer",
        Reason::RiskOnSignals => "tested in production only",
        Reason::RiskAccepted => "accepted without a test",
        Reason::RiskNotApplicable => "it cannot come up",
        Reason::RiskReviewDue => "its review is due",
        _ => "it could not be judged",
    }
}

/// Whether samples are counted, rather than averaged.
fn is_rate(facts: &Facts<'_>) -> bool {
    facts.estimate().events.is_some()
}

/// The same of a figure of all answers, whose bounds are known and do not help.
fn shortfall_of_texts(shortfall: Shortfall) -> &'static str {
    match shortfall {
        Shortfall::TooFew => "evaluate 100 cases or more: fewer are not drawn from",
        Shortfall::ZeroVariance | Shortfall::NoDifference => {
            "gate a metric of single answers beside it, such as `as: rouge-l` or `as: exact-match`, which can show it"
        }
        Shortfall::MissingUnbounded => "repair the rows without an answer or a reference",
        other => shortfall_advice(other),
    }
}

fn shortfall_advice(shortfall: Shortfall) -> &'static str {
    match shortfall {
        Shortfall::NoSamples => {
            "look at the `where:` of the evidence, and whether the evaluation graded anything"
        }
        Shortfall::TooFew => "evaluate more cases",
        Shortfall::ZeroVariance => {
            "declare the metric's `bounds:`, if there are any; else gate a quantile or a rate"
        }
        Shortfall::Rounded => "let the evaluation write `events` and `n`, or more digits of the value",
        Shortfall::NoUncertainty => {
            "let the evaluation write `n` (or `events` and `n`, or `stderr`) beside the value, or give relgate its samples"
        }
        Shortfall::MissingUnbounded => {
            "repair the rows without a score; or declare the metric's `bounds:`, if there are any"
        }
        Shortfall::BaselineNotPositive => {
            "write the margin in the metric's own unit, for example `increase < 0.5pp` or `increase < $0.001`"
        }
        Shortfall::NoDifference => {
            "declare the metric's `bounds:`, if there are any; or gate the level itself"
        }
        Shortfall::NotFinite => {
            "look for values near the largest that a double can hold; the evaluation went wrong"
        }
        shortfall => super::people::advice(shortfall),
    }
}

/// Whether every row counted, so that no selection is to blame.
fn selects_nothing_away(facts: &Facts<'_>) -> bool {
    let estimate = facts.estimate();
    estimate.selected.is_some_and(|selected| selected > 0 && estimate.rows == Some(selected))
}

/// What a fresh run would need, and at which assumed value.
fn fresh_run(facts: &Facts<'_>) -> Option<String> {
    let needed = facts.part.assessment.needed?;
    let assumed = assumed(facts, &needed);
    let both = if facts.bound.change.is_some() { " of both releases" } else { "" };
    let key = &facts.part.key;
    let within = if key.is_empty() { String::new() } else { format!(" of {}", slice(key)) };
    Some(match needed.samples {
        Some(size) => format!(
            "a fresh run{both} of {}{within} would decide it {} {} times in 10, if the true value is {assumed}",
            samples(size),
            if facts.power_is_exact() { "at least" } else { "about" },
            (POWER * 10.0).round() as u64
        ),
        None if needed.attainable => {
            format!("if the true value is {assumed}, no practical number of samples shows {}", facts.target)
        }
        None => {
            format!(
                "if the true {} is what was measured, no number of samples will show {}",
                facts.quantity(),
                facts.target
            )
        }
    })
}

/// The assumed true value; of a quantile it is the share of samples beyond the threshold.
fn assumed(facts: &Facts<'_>, needed: &Needed) -> String {
    match facts.bound.measure.kind() {
        MeasureKind::Quantile(_) if facts.bound.change.is_none() => {
            format!("{} of samples {}", percent(needed.assumed), facts.above())
        }
        _ => Scale::new(facts.bound.unit, facts.bound.threshold, (None, None)).show(needed.assumed),
    }
}
