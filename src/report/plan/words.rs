//! A planned gate in sentences.

use std::fmt::Write as _;

use crate::judge::plan::{Assumption, GateOutlook, PartOutlook};
use crate::manifest::{Comparator, Unit};
use crate::metric::{Bound, MeasureKind, Truth, Unreckoned};
use crate::report::number::{Scale, count, percent};

/// A gate and the chance that sizes are for.
pub(super) struct Telling<'a> {
    pub(super) outlook: &'a GateOutlook,
    pub(super) power: f64,
}

/// What the values of a gate are, as its evidence has to write them.
pub(super) fn values_of(bound: &Bound) -> String {
    if bound.measure.truth() == Truth::Always {
        return "true/false".to_owned();
    }
    let unit =
        bound.known_unit.unwrap_or_else(|| bound.change.map_or(bound.unit, |change| change.level_unit));
    match unit {
        Unit::NUMBER => "number".to_owned(),
        Unit::FRACTION => "0 to 1".to_owned(),
        unit => unit.word.to_owned(),
    }
}

/// A chance as people read it; what is not quite sure is not told as sure.
pub(in crate::report) fn chance(p: f64) -> String {
    match p {
        p if p <= 0.0 => "0%".to_owned(),
        p if p < 0.01 => "< 1%".to_owned(),
        p if p > 0.99 => "> 99%".to_owned(),
        p => format!("{:.0}%", p * 100.0),
    }
}

impl Telling<'_> {
    fn bound(&self) -> &Bound {
        &self.outlook.gate.bound
    }

    /// A true value with its unit.
    fn show(&self, truth: f64) -> String {
        let bound = self.bound();
        let unit = unit_of(bound);
        if is_share(bound) {
            let share = Scale::new(unit, f64::NAN, (None, None)).show(truth);
            return format!("{share} of samples {}", self.beyond());
        }
        Scale::new(unit, bound.threshold, (None, None)).show(truth)
    }

    /// Which values exceed the limit of a quantile.
    fn beyond(&self) -> String {
        let rule = &self.bound().rule;
        let strictly = matches!(self.bound().comparator, Comparator::AtMost | Comparator::Greater);
        let limit = &rule.threshold.value;
        if strictly { format!("above {limit}") } else { format!("at or above {limit}") }
    }

    /// All there is to say of it.
    pub(super) fn sentences(&self) -> Vec<String> {
        let mut told = vec![self.reads()];
        let Some(whole) = self.outlook.parts.first() else { return told };
        match &whole.operating {
            Err(why) => told.push(self.unreckoned(*why)),
            Ok(_) => {
                told.push(self.needs(whole));
                told.extend(self.planned(whole));
                told.extend(self.slices());
            }
        }
        told.extend(never_passes(self.outlook));
        if self.outlook.never_fails() {
            told.push("it can never fail, whatever is true: it stops no bad release".to_owned());
        }
        told
    }

    fn reads(&self) -> String {
        let bound = self.bound();
        let names: Vec<String> = match bound.measure.kind() {
            MeasureKind::Stated { name, .. } => vec![format!("`{name}`")],
            _ => bound.measure.fields().iter().map(|name| format!("`{name}`")).collect(),
        };
        let values = values_of(bound);
        let there = if self.outlook.foreseen { ", of which nothing is there yet" } else { "" };
        let both = bound.change.map_or_else(String::new, |change| {
            format!(", of the same ids as the {}'s", change.against.word())
        });
        format!("reads {} ({values}) of evidence `{}`{both}{there}", names.join(", "), bound.evidence)
    }

    fn needs(&self, whole: &PartOutlook) -> String {
        let Some((truth, from)) = whole.assumed else {
            return "nothing says which true value to assume: say one with `--true`".to_owned();
        };
        let assumed = format!("{} ({})", self.show(truth), self.why(truth, from));
        let quantity = if self.bound().change.is_some() { "change" } else { "value" };
        let times = percent(self.power);
        let least = self.outlook.least.map_or_else(String::new, |least| {
            format!("; with fewer than {} it can never pass", count(least))
        });
        let holds = whole.operating.as_ref().is_ok_and(|operating| operating.holds_at(truth));
        match self.outlook.needed {
            Some(needed) => format!(
                "needs {} samples to pass {} {times} of the time if the true {quantity} is {assumed}{least}",
                count(needed),
                if whole.operating.as_ref().is_ok_and(crate::metric::Operating::is_exact) {
                    "at least"
                } else {
                    "about"
                }
            ),
            None if holds => {
                format!("no practical number of samples passes it if the true {quantity} is {assumed}{least}")
            }
            None => format!("if the true {quantity} is {assumed}, no number of samples passes it{least}"),
        }
    }

    /// What the pilot measured, where that is not what is assumed.
    fn piloted(&self, truth: f64) -> Option<String> {
        let estimate = &self.outlook.gate.assessed.as_ref()?.whole.estimate;
        let value = estimate.value.filter(|value| (value - truth).abs() > 1e-9 * truth.abs().max(1e-9))?;
        // Of a quantile the truth is a share, and its value is none.
        (!is_share(self.bound())).then(|| self.show(value))
    }

    fn why(&self, truth: f64, from: Assumption) -> String {
        let piloted = self.piloted(truth);
        match (from, piloted) {
            (Assumption::Pilot, Some(value)) => {
                format!("the pilot's {value}, with half a sample added either way")
            }
            (Assumption::NoChange, Some(value)) => format!("no change; the pilot measured {value}"),
            _ => self.said(from).to_owned(),
        }
    }

    fn said(&self, from: Assumption) -> &'static str {
        match from {
            Assumption::Given => "as given",
            Assumption::Pilot => "as the pilot measured",
            Assumption::NoChange => "no change",
            Assumption::TwiceTheMargin => "twice the change that is asked for",
            Assumption::Halfway if self.bound().comparator.wants_low() && self.bound().lower == Some(0.0) => {
                "half of the limit, an assumption"
            }
            Assumption::Halfway => "halfway from the limit to the good end, an assumption",
        }
    }

    fn planned(&self, whole: &PartOutlook) -> Option<String> {
        let (n, passes) = whole.n.zip(whole.passes)?;
        let found = whole.detects.map_or_else(String::new, |truth| {
            let (truth, power) = (self.show(truth), percent(self.power));
            if self.bound().change.is_some() {
                format!("; the smallest regression that it sees is a true change of {truth}, which fails {power} of the time")
            } else {
                format!("; a true value of {truth} fails {power} of the time")
            }
        });
        let mut told = format!("with {} samples it passes {} of the time{found}", count(n), chance(passes));
        if self.bound().change.is_some() && self.outlook.foreseen {
            told.push_str("; all this if every pair differed, the worst there is");
            let (truth, _) = whole.assumed?;
            let tenth = whole.operating.as_ref().ok().and_then(|operating| operating.with_discordant(0.1));
            if let Some(size) = tenth.and_then(|operating| operating.size(truth, self.power)) {
                let _ = write!(
                    told,
                    ": if one pair in ten did, {} samples would do, and a pilot shows how many do",
                    count(size)
                );
            }
        }
        Some(told)
    }

    /// The slices that the pilot has, the worst of them by name.
    fn slices(&self) -> Option<String> {
        let by = &self.bound().by;
        let slices = self.outlook.parts.get(1..).unwrap_or_default();
        if by.is_empty() {
            return None;
        }
        if self.outlook.foreseen || slices.is_empty() {
            return Some(format!(
                "each slice by {} has to pass too, with its own samples: how many there are is not known yet",
                by.join(", ")
            ));
        }
        let worst =
            slices.iter().filter_map(|part| Some((part.passes?, part))).min_by(|a, b| a.0.total_cmp(&b.0));
        let (passes, part) = worst?;
        let key: Vec<String> = part.key.iter().map(|(field, label)| format!("{field} = {label}")).collect();
        let n = part.n.map_or_else(String::new, |n| format!(", {} samples", count(n)));
        Some(format!(
            "of its {} slices the least likely is {} ({} of the time{n})",
            slices.len(),
            key.join(", "),
            chance(passes)
        ))
    }

    #[allow(clippy::unused_self, reason = "of this gate")]
    fn unreckoned(&self, why: Unreckoned) -> String {
        match why {
            Unreckoned::Observed => "a fact about the listed cases: no sample size makes it likelier",
            Unreckoned::Stated => "a number that the results state: relgate cannot know how likely it passes",
            Unreckoned::NeedsPilot => {
                "nothing says how far its values spread: run a pilot of 50 samples or so, and plan again with its results in place"
            }
            Unreckoned::Method => "how likely it passes cannot be reckoned: its two sides are compared on other ids",
        }
        .to_owned()
    }
}

/// Whether true values of a gate are shares of samples beyond its limit.
fn is_share(bound: &Bound) -> bool {
    matches!(bound.measure.kind(), MeasureKind::Quantile(_)) && bound.change.is_none()
}

/// The unit that true values of a gate are told in: a difference of proportions in points.
pub(super) fn unit_of(bound: &Bound) -> Unit {
    match bound.change {
        _ if is_share(bound) => Unit::FRACTION,
        Some(change) if !change.relative && bound.unit == Unit::FRACTION => Unit::POINTS,
        _ => bound.unit,
    }
}

/// Why a gate can never pass at the planned size; none where it can.
#[must_use]
pub fn never_passes(outlook: &GateOutlook) -> Option<String> {
    let part = outlook.parts.iter().find(|part| !part.can_pass)?;
    let key: Vec<String> = part.key.iter().map(|(field, label)| format!("{field} = {label}")).collect();
    let whose = if key.is_empty() { String::new() } else { format!("the slice {} ", key.join(", ")) };
    let n = count(part.n.unwrap_or(0));
    let operating = part.operating.as_ref().ok();
    let clusters = outlook.gate.assessed.as_ref().and_then(|assessed| assessed.whole.estimate.clusters);
    let least = operating.and_then(crate::metric::Operating::least);
    let min = outlook.gate.spec.min_samples.map(|min| min.value);
    let possible = operating.is_some_and(crate::metric::Operating::can_pass);
    Some(match (possible, clusters, least, min) {
        (true, _, _, Some(min)) => format!(
            "{whose}can never pass: its `min_samples` asks for {}, and {n} samples are planned",
            count(min)
        ),
        (_, Some(clusters), _, _) => format!(
            "{whose}can never pass with {n} samples in {} clusters like these: the largest is so large that one more like it, all of it bad, could be unseen",
            count(clusters)
        ),
        (_, None, Some(least), _) if part.n.is_some_and(|n| n < least) => format!(
            "{whose}can never pass with {n} samples: {}{} are the least that could",
            count(least),
            if operating.is_some_and(crate::metric::Operating::is_exact) {
                " without a single bad one"
            } else {
                ""
            }
        ),
        _ => format!(
            "{whose}can never pass with {n} samples, of which as many have no score as in the pilot: each counts as bad"
        ),
    })
}
