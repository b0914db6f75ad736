//! Raters, versions, judges and further runs in sentences, for a person who never heard of kappa.

use super::number::{Scale, count, samples};
use super::v1::{ReportGate, ReportJudge};
use crate::gate::Part;
use crate::manifest::Unit;
use crate::metric::{Bound, JudgeFigures, MeasureKind, Shortfall};
use crate::stats::corrected::{Alone, LEAST_LABELS, Unlabelled};

/// So many raters are named in a sentence.
const FEW: usize = 4;

/// What was measured, where it is about people or a judge; `value` is the value as it is shown. None where it is about neither.
pub(super) fn measured(bound: &Bound, part: &Part, value: &str) -> Option<String> {
    let (estimate, beside) = (&part.assessment.estimate, &part.assessment.beside);
    if bound.change.is_some() {
        return None;
    }
    let n = estimate.n.unwrap_or(0);
    let raters: Vec<&str> = beside.raters.iter().map(|rater| rater.name.as_str()).collect();
    let by = if raters.is_empty() { String::new() } else { format!(" by {}", named(&raters)) };
    match bound.measure.kind() {
        MeasureKind::Judged => Some(judged(beside.judge.as_ref()?, value)),
        MeasureKind::Agreement(_) => Some(format!(
            "raters agree {value} of the way from chance (0) to always (1), over {} that two or more people rated{by}",
            items(n)
        )),
        MeasureKind::Strength => {
            let versions = beside.versions.len();
            let of = if versions == 0 { String::new() } else { format!(" of {versions} versions") };
            let theirs = bound.measure.duel().map_or("the other", |duel| duel.between[1].as_str());
            Some(format!(
                "preferred to {theirs} {value} of the time, by the strengths{of} over {} compared",
                items(n)
            ))
        }
        _ if raters.is_empty() => None,
        _ => {
            let of =
                estimate.clusters.map_or_else(String::new, |clusters| format!(" of {}", items(clusters)));
            let what = if bound.measure.preference().is_some() { "preferences" } else { "ratings" };
            Some(format!("{value} over {} {what}{of}{by}", count(n)))
        }
    }
}

fn items(n: u64) -> String {
    if n == 1 { "1 item".to_owned() } else { format!("{} items", count(n)) }
}

fn named(raters: &[&str]) -> String {
    match raters {
        [] => "nobody".to_owned(),
        [one] => format!("{one} alone"),
        [first @ .., last] if raters.len() <= FEW => format!("{} and {last}", first.join(", ")),
        _ => {
            let first = raters.get(..FEW).unwrap_or_default().join(", ");
            format!("{first} and {} more", raters.len() - FEW)
        }
    }
}

fn share(of: Unlabelled) -> String {
    let rate = of.events as f64 / (of.n.max(1)) as f64;
    format!("{} of {} ({})", count(of.events), count(of.n), fraction(rate))
}

fn fraction(rate: f64) -> String {
    Scale::new(Unit::FRACTION, rate, (None, None)).show(rate)
}

/// What a judge's verdicts come to, and how they were corrected.
fn judged(judge: &JudgeFigures, value: &str) -> String {
    if judge.is_uncorrected() {
        return format!(
            "judge rate {value}: what the judge alone says of {}; nobody knows how often it is wrong",
            samples(judge.raw.n)
        );
    }
    let raw = format!("the judge alone says {}", share(judge.raw));
    let errs = format!(
        "it calls true {} of what is true, and false {} of what is false",
        share(judge.sensitivity),
        share(judge.specificity)
    );
    match (judge.labels, judge.alone) {
        (Some(labels), None) => {
            format!("{value} once {} labels correct the judge ({raw}; {errs})", count(labels))
        }
        (Some(labels), Some(alone)) => format!(
            "{} of {} labelled cases ({value}), by the labels alone because {}; {raw}",
            count(judge.sensitivity.n),
            count(labels),
            because(alone)
        ),
        (None, _) => format!("{value} once what is known of the judge corrects it ({raw}; {errs})"),
    }
}

/// Why labels stand alone.
fn because(alone: Alone) -> String {
    match alone {
        Alone::AllLabelled => "every case has a label".to_owned(),
        Alone::FewOfAKind => {
            format!(
                "they hold fewer than {LEAST_LABELS} true or fewer than {LEAST_LABELS} false cases, which say too little of the judge"
            )
        }
        Alone::FewTogether => {
            "judge and people agree on too few cases of one kind to tell how often it errs".to_owned()
        }
        Alone::Useless => "the judge's verdicts say nothing of the labels".to_owned(),
        Alone::Dependent => {
            "cases of one cluster are not independent, which the correction takes for granted".to_owned()
        }
    }
}

/// Why a gate on people or a judge has no answer.
pub(super) fn why(part: &Part, shortfall: Shortfall, measured: &str) -> String {
    let apart = &part.assessment.beside.apart;
    let versions = apart.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    match shortfall {
        Shortfall::FewRatedTwice => format!(
            "{} rated by two or more people; with fewer than 100 the agreement of a few cases is mostly luck",
            match part.assessment.estimate.n.unwrap_or(0) {
                1 => "1 item was".to_owned(),
                n => format!("{} items were", count(n)),
            }
        ),
        Shortfall::AgreementUndefined => {
            "all ratings are the same, so nobody can tell whether raters agree or have one answer for everything".to_owned()
        }
        Shortfall::NotTwoRaters => {
            let raters = part.assessment.beside.raters.len();
            format!("this statistic compares two raters, and {raters} gave ratings")
        }
        Shortfall::UnevenRatings => {
            "this statistic needs as many ratings for every item, and some items have more than others".to_owned()
        }
        Shortfall::TooManyRatings => "there are so many different ratings that they are no categories".to_owned(),
        Shortfall::Disconnected => {
            format!("nothing leads from {versions} to the other versions: they were never compared, not even through a third")
        }
        Shortfall::Undefeated => format!(
            "between {versions} and the other versions one side won every comparison, so how much stronger it is has no end"
        ),
        Shortfall::NoLabels => "no case has a label, so nothing says how often the judge is wrong".to_owned(),
        Shortfall::JudgeUseless => format!(
            "{measured}; as far as anybody knows the judge tells true from false hardly better than a coin"
        ),
        Shortfall::JudgeInClusters => {
            "cases of one cluster are not independent, and the correction takes for granted that they are".to_owned()
        }
        _ => measured.to_owned(),
    }
}

/// What to do about it.
pub(super) fn advice(shortfall: Shortfall) -> &'static str {
    match shortfall {
        Shortfall::FewRatedTwice => "let two people rate the same items, 100 of them or more",
        Shortfall::AgreementUndefined => {
            "let people rate cases that differ; a scale on which all is one answer measures nothing"
        }
        Shortfall::NotTwoRaters => {
            "use a statistic of any number of raters: `statistic: krippendorff-nominal`, or `krippendorff-ordinal` for ranks"
        }
        Shortfall::UnevenRatings => {
            "use a statistic that allows missing ratings: `statistic: krippendorff-nominal`"
        }
        Shortfall::TooManyRatings => "use `statistic: krippendorff-interval` for numbers",
        Shortfall::Disconnected => "compare some version of the one group with some of the other",
        Shortfall::Undefeated => {
            "compare them on more items; or gate the win rate of the two versions, which has limits also where one always wins"
        }
        Shortfall::NoLabels => "let people label a random part of the cases",
        Shortfall::JudgeUseless => "use a better judge, or let people label a random part of these cases",
        Shortfall::JudgeInClusters => {
            "let people label a random part of these cases: labels are judged in clusters too"
        }
        _ => "look at the evidence",
    }
}

impl ReportJudge {
    fn raw(&self) -> Unlabelled {
        Unlabelled { events: self.events, n: self.n }
    }

    /// Raw and corrected side by side: `judge rate 2.1% (105 of 5,000), corrected 1.4%`.
    fn line(&self, corrected: Option<f64>) -> String {
        let raw = format!("judge rate {}", share(self.raw()));
        if !self.corrected {
            return format!("{raw}; corrected by nothing");
        }
        let corrected = corrected.map_or_else(|| "unknown".to_owned(), fraction);
        let by = match self.labels {
            Some(labels) if self.labels_alone => format!("by {} labels alone", count(labels)),
            Some(labels) => format!("by {} labels", count(labels)),
            None => "by what is known of the judge".to_owned(),
        };
        format!(
            "{raw}, corrected {corrected} {by}; sensitivity {}, specificity {}",
            share(Unlabelled { events: self.sensitivity.events, n: self.sensitivity.n }),
            share(Unlabelled { events: self.specificity.events, n: self.specificity.n })
        )
    }
}

impl ReportGate {
    /// What stands beside its figures: the judge raw and corrected, the raters, the versions, a further run. Each with its name.
    pub(super) fn beside(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        if let Some(judge) = &self.judge {
            let level = if self.change.is_some() { None } else { self.candidate.value.get() };
            lines.push(("judge", judge.line(level.or(self.candidate.value.get()))));
        }
        for rater in &self.raters {
            let mean = rater.mean.get().map_or_else(String::new, |mean| format!(", mean {}", number(mean)));
            let constant = if rater.constant { ", all of them the same" } else { "" };
            lines
                .push(("rater", format!("{}: {} ratings{mean}{constant}", rater.name, count(rater.ratings))));
        }
        for version in &self.versions {
            let side = |limit: Option<f64>, open: &str| limit.map_or_else(|| open.to_owned(), number);
            lines.push((
                "version",
                format!(
                    "{}: strength {} [{}, {}] against the average, {} comparisons",
                    version.name,
                    version.strength.get().map_or_else(|| "unknown".to_owned(), number),
                    side(version.lower.get(), "-inf"),
                    side(version.upper.get(), "inf"),
                    count(version.comparisons)
                ),
            ));
        }
        lines.extend(self.rerun_line().map(|line| ("re-run", line)));
        lines
    }

    /// What an identical run would change, in a sentence.
    pub(super) fn rerun_line(&self) -> Option<String> {
        let rerun = self.rerun.as_ref()?;
        let other = if rerun.of_raters { "other raters of the same items" } else { "an identical run" };
        let mut parts = Vec::new();
        if let Some(flips) = rerun.flips.get() {
            parts.push(format!("{} of verdicts would be another one", fraction(flips)));
        }
        if let Some(crosses) = rerun.crosses.get() {
            parts.push(format!(
                "the value would lie on the other side of {} {} of the time",
                self.threshold.text,
                fraction(crosses)
            ));
        }
        if let Some(changes) = rerun.changes.get() {
            parts.push(format!("this gate would end otherwise {} of the time", fraction(changes)));
        }
        if parts.is_empty() {
            return None;
        }
        Some(format!("in {other} {}; by {} with two results or more", parts.join(", "), cases(rerun.cases)))
    }
}

fn cases(n: u64) -> String {
    if n == 1 { "1 case".to_owned() } else { format!("{} cases", count(n)) }
}

fn number(value: f64) -> String {
    Scale::new(Unit::NUMBER, value, (None, None)).show(value)
}
