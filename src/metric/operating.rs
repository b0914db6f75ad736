//! The operating characteristic: how likely a gate passes at any true value, with so many samples.
//!
//! Of counted samples it is exact. Of means it is the normal approximation that `needed` is made of, with the spread that was
//! measured, so that it says "about"; of two sides on other ids and of resampled statistics one of the estimate, with its limits as
//! far out as they were measured.

mod test;

pub(super) use test::{Counted, LEAST_UNITS, Lost, OneSided, Reach, Samples, Spread, Unseen};

/// Values of a curve besides the threshold.
const POINTS: u32 = 60;
/// A curve goes from nearly sure to hardly ever.
const ENDS: (f64, f64) = (0.995, 0.002);
/// Units from which on no practical run is large enough.
const MOST: f64 = 1e8;

/// How likely a gate's rule is shown, as a function of the true value.
#[derive(Debug, Clone, PartialEq)]
pub struct Operating {
    /// The tests that all have to show their claim: one, or two where a change may go neither way.
    pub(super) tests: Vec<OneSided>,
    /// The tests of which one is enough to show that the rule is broken.
    pub(super) breaks: Vec<OneSided>,
    /// Whether the rule is about the negative of what is tested: a drop.
    pub(super) negated: bool,
    /// Whether the true value is a share of samples beyond the threshold, as it is of a quantile.
    pub of_share: bool,
}

/// One point of an operating characteristic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The true value, in the unit of the rule; of a quantile the true share of samples beyond the threshold.
    pub truth: f64,
    /// How likely the rule is shown, in `[0, 1]`.
    pub passes: f64,
}

impl Operating {
    /// How likely the rule is shown if `truth` is the true value; none where it cannot be that.
    #[must_use]
    pub fn at(&self, truth: f64) -> Option<f64> {
        let truth = self.turned(truth);
        // Both limits come of one sample: it breaks at most one of two claims, unless its interval is wider than both allow.
        let mut broken = 0.0;
        for test in &self.tests {
            broken += 1.0 - test.at(truth)?;
        }
        Some((1.0 - broken).clamp(0.0, 1.0))
    }

    /// How likely the rule is shown to be broken if `truth` is the true value, in the light of this gate alone.
    #[must_use]
    pub fn breaks_at(&self, truth: f64) -> Option<f64> {
        let truth = self.turned(truth);
        self.breaks.iter().map(|test| test.at(truth)).sum::<Option<f64>>().map(|chance| chance.min(1.0))
    }

    /// The same with so many times as many samples, of which as large a share is missing.
    #[must_use]
    pub fn scaled(&self, by: f64) -> Self {
        let scaled = |tests: &[OneSided]| tests.iter().map(|test| test.scaled(by)).collect();
        Self { tests: scaled(&self.tests), breaks: scaled(&self.breaks), ..self.clone() }
    }

    /// The same if that share of pairs differed; none where it is not about pairs of truth values.
    #[must_use]
    pub fn with_discordant(&self, share: f64) -> Option<Self> {
        let other = |test: &OneSided| match &test.samples {
            Samples::Spread(spread) if spread.discordant.is_some() => {
                let spread = Spread { discordant: Some(share), ..spread.clone() };
                Some(OneSided { samples: Samples::Spread(spread), ..*test })
            }
            _ => None,
        };
        let all = |tests: &[OneSided]| tests.iter().map(other).collect::<Option<Vec<OneSided>>>();
        Some(Self { tests: all(&self.tests)?, breaks: all(&self.breaks)?, ..self.clone() })
    }

    /// Whether so many samples can show the rule at all, were all of them as good as can be.
    #[must_use]
    pub fn can_pass(&self) -> bool {
        self.tests.iter().all(OneSided::can_show)
    }

    /// Whether so many samples can show that the rule is broken, were all of them as bad as can be.
    #[must_use]
    pub fn can_fail(&self) -> bool {
        self.breaks.iter().any(OneSided::can_show)
    }

    /// The true value beyond the threshold at which the rule is shown to be broken with probability `power`; none where no
    /// value is.
    #[must_use]
    pub fn detects(&self, power: f64) -> Option<f64> {
        let test = self.breaks.first()?;
        let truth = test.where_it_is(power);
        test.at(truth).filter(|chance| *chance >= power).map(|_| self.turned(truth))
    }

    /// Halfway from the threshold to the good end; none where there is no end, or two thresholds.
    #[must_use]
    pub fn halfway(&self) -> Option<f64> {
        if let [test] = self.tests.as_slice() { test.halfway().map(|value| self.turned(value)) } else { None }
    }

    /// Whether the rule holds of a true value.
    #[must_use]
    pub fn holds_at(&self, truth: f64) -> bool {
        let truth = self.turned(truth);
        self.tests.iter().all(|test| if test.less { truth < test.t } else { truth > test.t })
    }

    /// What was measured, and stands for the truth where nothing better is known; none where nothing was, or of too few samples
    /// to stand for anything.
    #[must_use]
    pub fn measured(&self) -> Option<f64> {
        let test = self.tests.first()?;
        let value = match &test.samples {
            Samples::Counted(counted) => test.stands_for(counted)?,
            Samples::Spread(spread) => spread.value,
            Samples::Reach(reach) => reach.value,
        };
        value.is_finite().then(|| self.turned(value))
    }

    /// The true value at which the rule begins to be broken.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        Some(self.turned(self.tests.first()?.t))
    }

    /// Whether the chances are exact, so that they are no "about".
    #[must_use]
    pub fn is_exact(&self) -> bool {
        matches!(self.tests.as_slice(), [OneSided { samples: Samples::Counted(_), .. }])
    }

    /// Samples, pairs or clusters that it reckons with.
    #[must_use]
    pub fn units(&self) -> Option<f64> {
        self.tests.first().map(OneSided::units)
    }

    /// How many units a run needs that shows the rule with probability `power` if `truth` is the true value; none where no
    /// practical number does.
    #[must_use]
    pub fn size(&self, truth: f64, power: f64) -> Option<u64> {
        match self.tests.as_slice() {
            [test] if test.is_single() => test.size(self.turned(truth), power),
            _ => self.searched_size(truth, power),
        }
    }

    /// The same by search, where more than one claim or the sizes of clusters count.
    fn searched_size(&self, truth: f64, power: f64) -> Option<u64> {
        let units = self.units().filter(|units| *units > 0.0)?;
        let enough = |n: f64| self.scaled(n / units).at(truth).is_some_and(|chance| chance >= power);
        let (mut low, mut high) = (1.0, 2.0);
        while !enough(high) {
            (low, high) = (high, 2.0 * high);
            if high > MOST {
                return None;
            }
        }
        while high - low > 0.5 {
            let middle = f64::midpoint(low, high);
            if enough(middle) { high = middle } else { low = middle }
        }
        Some(high.ceil() as u64)
    }

    /// The fewest samples that could ever show the rule: all of them as good as can be.
    #[must_use]
    pub fn least(&self) -> Option<u64> {
        self.tests.iter().filter_map(OneSided::least).max()
    }

    /// The curve from where the rule is all but sure to be shown to where it hardly ever is, in ascending order of the true
    /// value; the threshold is one of its points. Empty where there is none.
    #[must_use]
    pub fn curve(&self) -> Vec<Chance> {
        let Some((low, high)) = self.range().filter(|(low, high)| low < high) else { return Vec::new() };
        let step = (high - low) / f64::from(POINTS);
        let mut truths: Vec<f64> = (0..=POINTS).map(|i| f64::from(i).mul_add(step, low).min(high)).collect();
        truths.extend(self.tests.iter().map(|test| test.t).filter(|t| (low..=high).contains(t)));
        for truth in &mut truths {
            *truth = self.turned(*truth);
        }
        truths.sort_by(f64::total_cmp);
        truths.dedup();
        truths.into_iter().filter_map(|truth| Some(Chance { truth, passes: self.at(truth)? })).collect()
    }

    /// Where the curve begins and ends, in terms of what is tested.
    fn range(&self) -> Option<(f64, f64)> {
        let first = self.tests.first()?;
        let bad = first.where_it_is(ENDS.1);
        let other = match self.tests.get(1) {
            Some(second) => second.where_it_is(ENDS.1),
            None => first.where_it_is(ENDS.0),
        };
        Some((bad.min(other), bad.max(other)))
    }

    fn turned(&self, value: f64) -> f64 {
        if self.negated { 0.0 - value } else { value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::SampleMean;

    fn rate(events: u64, scored: u64, missing: u64, t: f64, less: bool) -> Operating {
        let samples = Samples::Counted(Counted { events, scored, missing });
        let tests = vec![OneSided { samples, t, less, alpha: 0.05 }];
        Operating { breaks: Vec::new(), tests, negated: false, of_share: false }
    }

    #[test]
    fn the_curve_of_a_rate_falls_from_sure_to_hardly_ever() {
        let operating = rate(4, 1000, 0, 0.015, true);
        assert!(operating.is_exact() && operating.threshold() == Some(0.015));
        // scipy.stats.binom.cdf(8, 1000, 0.01)
        assert!((operating.at(0.01).unwrap() - 0.331_687_263_199_161_1).abs() < 1e-12);
        let curve = operating.curve();
        assert!(curve.len() > 50 && curve.iter().any(|point| point.truth.to_bits() == 0.015_f64.to_bits()));
        assert!(
            curve.windows(2).all(|two| matches!(two, [a, b] if a.truth < b.truth && a.passes >= b.passes))
        );
        let (first, last) = (curve.first().unwrap(), curve.last().unwrap());
        assert!(first.passes > 0.99 && last.passes < 0.003 && last.truth < 0.05, "{first:?} {last:?}");
        assert_eq!(operating.scaled(0.198).at(0.0), Some(0.0));
        assert_eq!((operating.least(), operating.size(0.0075, 0.8)), (Some(199), Some(1456)));
        assert_eq!(operating.size(0.02, 0.8), None);
    }

    #[test]
    fn the_other_side_and_what_is_missing() {
        let above = rate(930, 990, 10, 0.9, false);
        let below = rate(60, 990, 10, 0.1, true);
        for truth in [0.05, 0.08, 0.1] {
            let (above, below) = (above.at(1.0 - truth).unwrap(), below.at(truth).unwrap());
            assert!((above - below).abs() < 1e-9, "{truth}: {above} {below}");
        }
        assert!(below.at(0.08).unwrap() < rate(60, 1000, 0, 0.1, true).at(0.08).unwrap());
        assert!(above.curve().windows(2).all(|two| matches!(two, [a, b] if a.passes <= b.passes)));
        let ten = below.scaled(0.1);
        assert_eq!(ten.units(), Some(100.0));
        assert!(matches!(ten.tests[0].samples, Samples::Counted(Counted { scored: 99, missing: 1, .. })));
    }

    /// Two one-sided tests of one mean: `Phi` of either limit, less what they cannot both break.
    #[test]
    fn a_change_that_may_go_neither_way_has_its_best_chance_in_the_middle() {
        let mean = SampleMean { value: 0.0, variance: 0.01, df: 99.0 };
        let test = |t: f64, less: bool| OneSided {
            samples: Samples::Spread(Spread::of_mean(&mean, t, less, true)),
            t,
            less,
            alpha: 0.05,
        };
        let operating = Operating {
            breaks: Vec::new(),
            tests: vec![test(0.3, true), test(-0.3, false)],
            negated: false,
            of_share: false,
        };
        let at = |truth: f64| operating.at(truth).unwrap();
        assert!(at(0.0) > 0.8 && at(0.3) <= 0.05 && (at(0.1) - at(-0.1)).abs() < 1e-12 && at(0.1) < at(0.0));
        let curve = operating.curve();
        assert!(curve.first().unwrap().passes < 0.01 && curve.last().unwrap().passes < 0.01);
        assert!(curve.iter().map(|point| point.passes).fold(0.0, f64::max) > 0.8);
        // Wider than the margins: it never passes.
        let narrow = Operating { tests: vec![test(0.1, true), test(-0.1, false)], ..operating };
        assert_eq!(narrow.at(0.0), Some(0.0));
    }

    #[test]
    fn a_drop_is_the_negative_of_what_is_tested() {
        let mean = SampleMean { value: 0.01, variance: 1e-4, df: 200.0 };
        let samples = Samples::Spread(Spread::of_mean(&mean, -0.02, false, true));
        let tests = vec![OneSided { samples, t: -0.02, less: false, alpha: 0.05 }];
        let operating = Operating { breaks: Vec::new(), tests, negated: true, of_share: false };
        assert_eq!(operating.threshold(), Some(0.02));
        assert!(operating.at(-0.02).unwrap() > operating.at(0.0).unwrap());
        assert!((operating.at(0.02).unwrap() - 0.05).abs() < 1e-3);
        assert!(operating.curve().windows(2).all(|two| matches!(two, [a, b] if a.truth < b.truth)));
    }

    #[test]
    fn what_cannot_be_has_no_chance() {
        assert_eq!(rate(0, 10, 0, 0.5, true).at(1.2), None);
        assert_eq!(rate(0, 0, 0, 0.5, true).at(0.2), Some(0.0));
        assert_eq!(rate(0, 10, 0, 0.0, true).at(0.2), None);
        assert!(rate(0, 10, 0, 0.0, true).curve().is_empty());
    }
}
