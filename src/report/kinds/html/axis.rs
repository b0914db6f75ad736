//! A horizontal axis: which numbers it spans, where they lie on it, and which of them are written below it.

use crate::document::decimal;
use crate::manifest::{Dimension, Unit};
use crate::report::number::Scale;

/// Numbers in a unit on a line from `left` to `right`, in pixels.
pub(super) struct Axis {
    low: f64,
    high: f64,
    left: f64,
    right: f64,
    unit: Unit,
}

/// A number that is written below the axis.
pub(super) struct Tick {
    /// Where it lies.
    pub(super) x: f64,
    /// With its unit.
    pub(super) label: String,
    /// Which end of the label lies there: `start`, `middle` or `end`.
    pub(super) anchor: &'static str,
}

/// A letter of a label is about so wide.
const LETTER: f64 = 6.2;

impl Axis {
    /// Spans `figures` with some room; none of them finite gives none. Numbers very far beyond those of `core` are left outside,
    /// so that one open limit does not press everything else into a point.
    pub(super) fn new(core: &[f64], figures: &[f64], unit: Unit) -> Option<Self> {
        let (core_low, core_high) = range(core)?;
        let (low, high) = range(figures).unwrap_or((core_low, core_high));
        let span = core_high - core_low;
        let reach = if span > 0.0 { 30.0 * span } else { f64::INFINITY };
        let low = low.max(core_low - reach).min(core_low);
        let high = high.min(core_high + reach).max(core_high);
        let room = match high.abs() {
            _ if high > low => 0.06 * (high - low),
            // Around a zero that stands alone: a whole one of what is counted, little of everything else.
            alone if alone < 1e-9 => {
                if unit == Unit::NUMBER {
                    1.0
                } else {
                    0.01
                }
            }
            alone => alone * 0.1,
        };
        let axis = Self { low: low - room, high: high + room, left: 0.0, right: 1.0, unit };
        (axis.high > axis.low && (axis.high - axis.low).is_finite()).then_some(axis)
    }

    /// The same on another stretch of the drawing.
    pub(super) fn on(self, left: f64, right: f64) -> Self {
        Self { left, right, ..self }
    }

    /// Where a number lies; one outside lies at the nearer end.
    pub(super) fn x(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.left + share * (self.right - self.left)
    }

    /// Whether a number lies between the ends.
    pub(super) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Round numbers between the ends, as many as find room.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        [5.0, 4.0, 3.0, 2.0, 1.0]
            .into_iter()
            .map(|most| self.round(most))
            .find(|ticks| Self::fit(ticks))
            .unwrap_or_default()
    }

    /// Round numbers between the ends of an axis that stands.
    pub(super) fn upright_ticks(&self) -> Vec<Tick> {
        let most = ((self.right - self.left).abs() / 26.0).clamp(1.0, 5.0);
        self.round(most)
    }

    /// At least one number and at most about `most`, at steps of 1, 2 or 5 in the unit that is shown.
    fn round(&self, most: f64) -> Vec<Tick> {
        let shown_in_hundredths = matches!(self.unit.dimension, Dimension::Fraction | Dimension::Points);
        let hundred = if shown_in_hundredths { 100.0 } else { 1.0 };
        let (low, high) = (self.low * hundred, self.high * hundred);
        let rough = (high - low) / most;
        let power = 10_f64.powi(rough.log10().floor() as i32);
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        let decimals = usize::try_from(-step.log10().floor() as i64).unwrap_or(0);
        let at = |i: i64| {
            // The decimal that is meant, not the nearest product.
            let written = format!("{:.*}", decimals.min(15), i as f64 * step);
            let value = decimal::product(written.parse().unwrap_or(i as f64 * step), 1.0 / hundred);
            let label = Scale::new(self.unit, f64::NAN, (None, None)).show(value);
            let x = self.x(value);
            let half = LETTER * label.chars().count() as f64 / 2.0;
            let anchor = if x - half < self.left {
                "start"
            } else if x + half > self.right {
                "end"
            } else {
                "middle"
            };
            Tick { x, label, anchor }
        };
        (first..=last).take(12).map(at).collect()
    }

    /// Whether the labels stand apart.
    fn fit(ticks: &[Tick]) -> bool {
        let mut end = f64::NEG_INFINITY;
        ticks.iter().all(|tick| {
            let width = LETTER * tick.label.chars().count() as f64;
            let start = match tick.anchor {
                "start" => tick.x,
                "end" => tick.x - width,
                _ => tick.x - width / 2.0,
            };
            let fits = start > end + LETTER;
            end = start + width;
            fits
        })
    }
}

fn range(figures: &[f64]) -> Option<(f64, f64)> {
    let finite = figures.iter().copied().filter(|figure| figure.is_finite());
    finite.fold(None, |range, figure| {
        let (low, high) = range.unwrap_or((figure, figure));
        Some((low.min(figure), high.max(figure)))
    })
}

#[cfg(test)]
mod tests {
    use super::Axis;
    use crate::manifest::Unit;

    fn labels(low: f64, high: f64, unit: Unit) -> Vec<String> {
        let axis = Axis::new(&[low, high], &[], unit).expect("an axis").on(0.0, 300.0);
        axis.ticks().into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_numbers_with_their_unit() {
        assert_eq!(labels(0.001, 0.0412, Unit::FRACTION), ["0%", "1%", "2%", "3%", "4%"]);
        assert_eq!(
            labels(1100.0, 1310.0, Unit::MILLISECONDS),
            ["1100ms", "1150ms", "1200ms", "1250ms", "1300ms"]
        );
        assert_eq!(labels(0.00133, 0.00202, Unit::USD), ["$0.0014", "$0.0016", "$0.0018", "$0.002"]);
        assert_eq!(labels(-0.001, 0.009, Unit::POINTS), ["0pp", "0.5pp"]);
    }

    #[test]
    fn labels_stand_apart_and_lie_on_the_axis() {
        for (low, high) in [(0.0, 1e-9), (1.0, 1.0), (0.0, 0.0), (-3.0, 1e12), (123_456.0, 123_457.0)] {
            for unit in [Unit::USD_PER_1K_TOKENS, Unit::NUMBER, Unit::MILLISECONDS] {
                let axis = Axis::new(&[low, high], &[], unit).expect("an axis").on(0.0, 300.0);
                let ticks = axis.ticks();
                assert!(!ticks.is_empty() && Axis::fit(&ticks), "{low} {high} {unit:?}");
                assert!(ticks.iter().all(|tick| (0.0..=300.0).contains(&tick.x)));
            }
        }
    }

    #[test]
    fn an_open_limit_does_not_press_the_rest_into_a_point() {
        let axis = Axis::new(&[1.0, 2.0], &[0.5, 1e9], Unit::NUMBER).expect("an axis").on(0.0, 300.0);
        assert!(axis.x(2.0) - axis.x(1.0) > 5.0);
        assert!(!axis.holds(1e9) && axis.holds(0.5));
    }
}
