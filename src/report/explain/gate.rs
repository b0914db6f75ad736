//! How one gate came to its outcome: first for a person who is no statistician, then the figures.

use super::texts;
use crate::diagnostic::printable;
use crate::gate::Outcome;
use crate::manifest::{Enforcement, Unit};
use crate::metric::Method;
use crate::report::cells::cell;
use crate::report::number::{Scale, count, p_value, percent, plain};
use crate::report::page::{Screen, push_wrapped};
use crate::report::v1::{Report, ReportEstimate, ReportGate};

/// The gate retold.
#[must_use]
pub fn gate(report: &Report, gate: &ReportGate, screen: Screen) -> String {
    let told = Told { report, gate };
    let width = screen.columns();
    let mut out = String::new();
    push_wrapped(&mut out, "", &format!("{}: {}", gate.id, gate.rule), width);
    push_wrapped(&mut out, "", &format!("{}{}", gate.outcome.0.word(), told.effect()), width);
    out.push_str("\nIn plain words\n");
    for sentence in told.plainly() {
        push_wrapped(&mut out, "  ", &sentence, width);
    }
    out.push_str("\nThe figures\n");
    for (name, text) in told.figures() {
        push_wrapped(&mut out, &format!("  {name:<12}"), &text, width);
    }
    out
}

struct Told<'a> {
    report: &'a Report,
    gate: &'a ReportGate,
}

impl Told<'_> {
    fn effect(&self) -> String {
        match (self.gate.enforcement.0, self.gate.outcome.0) {
            (Enforcement::Warn, _) => ", and it only warns".to_owned(),
            (Enforcement::Block, Outcome::Pass) => {
                ", and it would have blocked the release otherwise".to_owned()
            }
            (Enforcement::Block, _) if self.gate.waived.is_some() => ", and waived".to_owned(),
            (Enforcement::Block, Outcome::NotApplicable) => String::new(),
            (Enforcement::Block, Outcome::Inconclusive) if !self.gate.stops => {
                ", and the policy lets an inconclusive gate through where nothing speaks for a fail"
                    .to_owned()
            }
            (Enforcement::Block, Outcome::Inconclusive) if self.policy_warns() => {
                ", and it blocks the release: the policy lets through only what nothing speaks against"
                    .to_owned()
            }
            (Enforcement::Block, _) => ", and it blocks the release".to_owned(),
        }
    }

    fn policy_warns(&self) -> bool {
        self.report.policy.as_ref().is_some_and(|policy| policy.on_inconclusive == Enforcement::Warn.word())
    }

    /// How the number that decides was found.
    fn method(&self) -> Method {
        self.gate.change.as_ref().map_or(self.gate.candidate.method.0, |change| change.method.0)
    }

    fn observed(&self) -> bool {
        self.method() == Method::Observed
    }

    /// For a person who is no statistician.
    fn plainly(&self) -> Vec<String> {
        let gate = self.gate;
        let mut told = Vec::new();
        if let Some(rationale) = &gate.rationale {
            told.push(format!("It is there because: {rationale}"));
        }
        told.extend(gate.signature.as_deref().and_then(texts::about).map(str::to_owned));
        if self.observed() {
            told.push(format!(
                "It counts the listed cases only, and says nothing about others: {}.",
                gate.reason.text
            ));
        } else {
            told.push(format!("What was measured: {}.", gate.measured()));
            told.push(
                "The cases are a sample of what users will ask, so the true value may lie on either side of what was measured; \
                 the limits in brackets say how far."
                    .to_owned(),
            );
            told.push(format!("Why: {}.", gate.reason.text));
        }
        told.extend(self.means());
        if let Some(advice) = &gate.reason.advice {
            told.push(format!("What to do: {advice}."));
        }
        if let Some(cases) = gate.named_cases() {
            told.push(format!("The cases behind it, worst first: {cases}."));
        }
        told
    }

    /// What the outcome says, and what it does not.
    fn means(&self) -> Option<String> {
        if self.observed() {
            return None;
        }
        let sure = self.gate.confidence().map(|level| 1.0 - level);
        let often = sure.map(|alpha| format!("at most {} of the time", percent(alpha)));
        let often = often.unwrap_or_else(|| "seldom".to_owned());
        Some(match self.gate.outcome.0 {
            Outcome::Pass => format!(
                "A pass means: had the true value been on the wrong side of {}, results as good as these would come {often}.",
                self.gate.asked()
            ),
            Outcome::Fail => format!(
                "A fail means: had the rule held, results as bad as these would come {often}. It is no bad luck."
            ),
            Outcome::Inconclusive => format!(
                "Inconclusive means: neither is shown. The release may well be good enough; these results do not say whether {} holds.",
                self.gate.asked()
            ),
            Outcome::Error => "An error means: it could not be judged, which is no pass.".to_owned(),
            Outcome::NotApplicable => {
                "It does not apply to this release, so it says nothing about it.".to_owned()
            }
        })
    }

    /// For one who is.
    fn figures(&self) -> Vec<(&'static str, String)> {
        let gate = self.gate;
        let mut told = vec![("method", method(self.method()))];
        told.extend(gate.signature.iter().map(|signature| ("signature", printable(signature))));
        told.push(("limit", gate.asked()));
        let level = |figure: &ReportEstimate| cell(figure, f64::NAN, gate.unit);
        told.push(("candidate", format!("{}{}", level(&gate.candidate), self.denominator(&gate.candidate))));
        if let Some(baseline) = &gate.baseline {
            told.push(("baseline", format!("{}{}", level(baseline), self.denominator(baseline))));
        }
        if let Some(change) = &gate.change {
            let threshold = gate.threshold.value.get().unwrap_or(f64::NAN);
            let paired = if change.paired { "on the same ids" } else { "on other ids" };
            told.push(("change", format!("{}, {paired}", cell(change, threshold, gate.judged_unit()))));
        }
        told.extend(gate.beside());
        told.extend(self.tests());
        if let Some(needed) = &gate.needed {
            let assumed = needed.assumed.get().map_or_else(String::new, |value| {
                format!(
                    " if the true value is {}",
                    Scale::new(self.needed_unit(), f64::NAN, (None, None)).show(value)
                )
            });
            let samples = needed.samples.map_or_else(|| "no practical number of".to_owned(), count);
            let slice =
                needed.slice.as_ref().map_or_else(String::new, |slice| format!(" of {}", slice.name()));
            let least = needed
                .least
                .map_or_else(String::new, |least| format!("; fewer than {} never can", count(least)));
            let power = needed.power.get().map_or_else(String::new, percent);
            told.push((
                "fresh run",
                format!("{samples} samples{slice} decide it with a chance of {power}{assumed}{least}"),
            ));
        }
        for slice in &gate.slices {
            told.push((
                "slice",
                format!("{}: {}, {}", slice.key.name(), gate.measured_in(slice), slice.outcome.0.word()),
            ));
        }
        told
    }

    fn needed_unit(&self) -> Unit {
        if self.gate.operating.as_ref().is_some_and(|operating| operating.of_share) {
            Unit::FRACTION
        } else {
            self.gate.judged_unit()
        }
    }

    /// What was looked at, and what stands for what is missing.
    #[allow(clippy::unused_self, reason = "of this gate")]
    fn denominator(&self, estimate: &ReportEstimate) -> String {
        let mut parts = Vec::new();
        let mut add = |n: Option<u64>, what: &str| {
            if let Some(n) = n {
                parts.push(format!("{} {what}", count(n)));
            }
        };
        add(estimate.events, "events");
        add(estimate.clusters, "clusters");
        add(estimate.selected, "selected");
        add(estimate.rows, "rows");
        if let Some(missing) = estimate.missing.filter(|missing| *missing > 0) {
            parts.push(format!(
                "{} without a score, each counted as bad for a pass and as good for a fail unless the policy leaves them out",
                count(missing)
            ));
        }
        if let Some(level) = estimate.confidence.get() {
            parts.push(format!("each limit one-sided at {}", percent(level)));
        }
        if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) }
    }

    fn tests(&self) -> Vec<(&'static str, String)> {
        let gate = self.gate;
        let Some(policy) = &self.report.policy else { return Vec::new() };
        let looks = f64::from(policy.looks.max(1));
        let shared =
            if policy.looks > 1 { format!(", shared by {} looks", policy.looks) } else { String::new() };
        let fail = policy.fail_confidence.get().map(|level| (1.0 - level) / looks);
        let level = |alpha: Option<f64>| {
            alpha.map_or_else(String::new, |alpha| format!("; the level is {}{shared}", plain(alpha)))
        };
        let pass =
            if gate.outcome.0 == Outcome::Fail { None } else { gate.confidence().map(|level| 1.0 - level) };
        let mut told = Vec::new();
        let worst = if gate.slices.is_empty() { "" } else { " (of the whole and its slices the largest)" };
        if let Some(p) = gate.p_pass.get() {
            told.push((
                "p of a pass",
                format!(
                    "{}{worst}: how often results as good would come were the true value at the limit{}",
                    p_value(p),
                    level(pass)
                ),
            ));
        }
        if let Some(p) = gate.p_fail.get() {
            told.push((
                "p of a fail",
                format!("{}: how often results as bad would come were it there{}", p_value(p), level(fail)),
            ));
        }
        if let Some(p) =
            gate.p_fail_adjusted.get().filter(|p| gate.p_fail.get().is_some_and(|own| own < 0.2 && own < *p))
        {
            told.push(("adjusted", format!("{} after Holm, over all blocking gates and slices: a fail has to clear the level with this one", p_value(p))));
        }
        told
    }
}

/// Every method.
pub(super) const METHODS: [Method; 21] = [
    Method::ClopperPearson,
    Method::Gaffke,
    Method::GaffkeOpen,
    Method::StudentT,
    Method::Cr2T,
    Method::OrderStatistics,
    Method::Melded,
    Method::TwoLimits,
    Method::QuantilePair,
    Method::Fieller,
    Method::PairedBootstrap,
    Method::ItemBootstrap,
    Method::BradleyTerry,
    Method::LabelledJudge,
    Method::RoganGladen,
    Method::JudgeRate,
    Method::RoundedCounts,
    Method::StatedError,
    Method::StatedInterval,
    Method::Point,
    Method::Observed,
];

/// The method by its word and in a few more.
fn method(method: Method) -> String {
    format!("{}: {}", method.word(), about(method))
}

/// A method in a few words.
pub(super) fn about(method: Method) -> &'static str {
    match method {
        Method::ClopperPearson => "exact binomial test of a rate (Clopper and Pearson 1934)",
        Method::Gaffke => {
            "Gaffke's bound for a mean of bounded values; exact for true/false, no normal approximation"
        }
        Method::GaffkeOpen => {
            "Gaffke's bound for values of 0 or more without an upper end; takes for granted that values as far out as matter have been seen"
        }
        Method::StudentT => "Student's t; takes for granted that the spread is in the sample",
        Method::Cr2T => {
            "t on clusters with Bell and McCaffrey's degrees of freedom; takes for granted that the spread is in the sample"
        }
        Method::OrderStatistics => {
            "exact binomial test of how many values exceed the limit; order statistics as limits"
        }
        Method::Melded => {
            "melded confidence distributions of two independent samples (Fay, Proschan and Brittain 2015)"
        }
        Method::TwoLimits => "each side's own limit, at half of the level",
        Method::QuantilePair => "exact tests of both quantiles, worst over every value of the baseline",
        Method::Fieller => {
            "Fieller's test of a ratio of means; takes for granted that the spread is in the sample"
        }
        Method::PairedBootstrap => {
            "seeded bootstrap of summed counts; takes for granted that the spread is in the sample"
        }
        Method::ItemBootstrap => {
            "seeded bootstrap of the items that two or more people rated; takes for granted that the spread is in the sample"
        }
        Method::BradleyTerry => {
            "Bradley and Terry's model of strengths, error between items, Student's t; takes for granted that the spread is in the sample"
        }
        Method::LabelledJudge => {
            "the judge's verdicts corrected by the labels (PPI++), exact binomial test at the size of a sample that sure; its error rates are known by simulation (docs/judges.md)"
        }
        Method::RoganGladen => {
            "the judge's verdicts corrected by its known sensitivity and specificity (Rogan and Gladen 1978), normal approximation"
        }
        Method::JudgeRate => {
            "limits on what the judge would say of other cases; how often it is wrong is not reckoned with"
        }
        Method::RoundedCounts => "exact binomial test, worst over every count that rounds to the stated rate",
        Method::StatedError => "t on a stated standard error, never narrower than the data allow",
        Method::StatedInterval => "the limits that the evidence states, at their own confidence only",
        Method::Point => "none: a number of which nobody says how sure it is",
        Method::Observed => "none: a fact about the listed cases",
    }
}
