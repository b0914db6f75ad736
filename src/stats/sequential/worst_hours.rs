//! What was seen at the worst time of the day: what a release is held against after full rollout.
//!
//! The average of a day would not do: whatever swings over the day is above its average for half of it, which a
//! [`super::Detector`] sees. So hours are joined with those after them until there is enough to tell them apart, every such
//! time of day gets an upper limit that holds over all looks (each at its share of `alpha`), and the highest counts. Less than
//! two times of day say nothing of a swing, and there is no answer.

use serde::{Deserialize, Serialize};

use super::FrozenReference;
use super::limits::{mean_limits, rate_limits};
use crate::stats::Bounds;

/// Events without which the rate of a time of day is not told apart.
const EVENTS: u64 = 40;
/// Values without which the mean of a time of day is not told apart.
const VALUES: usize = 100;

/// Events and records of an hour of the day, over all days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HourCounts {
    /// Events.
    pub events: u64,
    /// Records.
    pub n: u64,
}

/// A value and the hour of the day that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HourValue {
    /// From 0 to 23.
    pub hour: u8,
    /// The value.
    pub value: f64,
}

/// The upper limit of the rate at the worst time of the day. `None` for fewer than 80 events, unless `0 < alpha < 1`, or for an
/// hour with more events than records.
#[must_use]
pub fn worst_rate(hours: &[HourCounts; 24], alpha: f64) -> Option<f64> {
    let mut times: Vec<HourCounts> = Vec::new();
    let mut open = HourCounts::default();
    for hour in hours {
        hour.n.checked_sub(hour.events)?;
        open = HourCounts { events: open.events + hour.events, n: open.n + hour.n };
        if open.events >= EVENTS {
            times.push(std::mem::take(&mut open));
        }
    }
    let last = times.last_mut()?;
    *last = HourCounts { events: last.events + open.events, n: last.n + open.n };
    let share = alpha / times.len() as f64;
    highest(times.iter().map(|time| rate_limits(time.events, time.n, share)?.upper))
}

/// The upper limit of the mean at the worst time of the day, of values up to `cap` (what is above counts as `cap`). `None` for
/// fewer than 200 values, or as in [`mean_limits`].
#[must_use]
pub fn worst_mean(values: &[HourValue], cap: f64, alpha: f64) -> Option<f64> {
    let times = times_of_day(values)?;
    let share = alpha / times.len() as f64;
    highest(times.iter().map(|time| mean_limits(time, cap, share)?.upper))
}

/// How far the mean position in `reference` is from one half at the worst time of the day, at most: what comes on top of a
/// drift that is allowed. `None` for fewer than 200 values, one that is not finite, or unless `0 < alpha < 1`.
#[must_use]
pub fn worst_shift(values: &[HourValue], reference: &FrozenReference, alpha: f64) -> Option<f64> {
    let times = times_of_day(values)?;
    let share = alpha / (2 * times.len()) as f64;
    highest(times.iter().map(|time| {
        let places: Vec<f64> = time.iter().map(|value| reference.position(*value)).collect::<Option<_>>()?;
        let Bounds { lower, upper } = mean_limits(&places, 1.0, share)?;
        Some((upper? - 0.5).max(0.5 - lower?))
    }))
}

/// The values of each time of day; at least two.
fn times_of_day(values: &[HourValue]) -> Option<Vec<Vec<f64>>> {
    let mut times: Vec<Vec<f64>> = Vec::new();
    let mut open = Vec::new();
    for hour in 0..24 {
        open.extend(values.iter().filter(|value| value.hour == hour).map(|value| value.value));
        if open.len() >= VALUES {
            times.push(std::mem::take(&mut open));
        }
    }
    times.last_mut()?.append(&mut open);
    Some(times)
}

/// The highest of at least two.
fn highest(uppers: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let uppers: Vec<f64> = uppers.collect::<Option<_>>()?;
    (uppers.len() > 1).then(|| uppers.into_iter().fold(f64::NEG_INFINITY, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rate of 2 % that swings by 50 %, and values with it, at one hour and the next.
    fn level(hour: u8) -> f64 {
        1.0 + 0.5 * (std::f64::consts::TAU * f64::from(hour) / 24.0).sin()
    }

    #[test]
    fn the_worst_hour_is_covered_and_the_average_is_not() {
        let mut hours = [HourCounts::default(); 24];
        for (hour, counts) in hours.iter_mut().enumerate() {
            *counts = HourCounts { events: (200.0 * level(hour as u8)) as u64, n: 10_000 };
        }
        let worst = worst_rate(&hours, 0.05).unwrap();
        assert!(worst > 0.03 && worst < 0.045, "{worst}");
        let few = hours.map(|hour| HourCounts { events: hour.events / 70, ..hour });
        assert_eq!(worst_rate(&few, 0.05), None, "nothing is known of a swing");
        let mut broken = hours;
        broken[3] = HourCounts { events: 2, n: 1 };
        assert_eq!(worst_rate(&broken, 0.05), None);
    }

    #[test]
    fn values_are_held_against_their_own_time_of_day() {
        let value = |i: u32| {
            let hour = (i % 24) as u8;
            HourValue { hour, value: level(hour) * (0.5 + f64::from(i * 7919 % 1000) / 1000.0) }
        };
        let values: Vec<HourValue> = (0..6000).map(value).collect();
        let mean = worst_mean(&values, 10.0, 0.05).unwrap();
        assert!(mean > 1.5 && mean < 3.0, "{mean}");
        let plain: Vec<f64> = values.iter().map(|value| value.value).collect();
        let reference = FrozenReference::new(&plain).unwrap();
        let shift = worst_shift(&values, &reference, 0.05).unwrap();
        assert!(shift > 0.25 && shift < 0.45, "{shift}");
        assert_eq!(worst_mean(&values[..150], 10.0, 0.05), None);
        assert_eq!(worst_shift(&values[..150], &reference, 0.05), None);
    }
}
