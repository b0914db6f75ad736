//! After full rollout: a rate that becomes worse at some moment, watched minute by minute.

use std::f64::consts::TAU;

use relgate::stats::sequential::limits::rate_limits;
use relgate::stats::sequential::worst_hours::{HourCounts, worst_rate};
use relgate::stats::sequential::{Detector, alarm_threshold};

use super::random::Random;

/// Minutes in which one false alarm is allowed: 90 days.
pub(crate) const PERIOD: u64 = 90 * 24 * 60;

/// A rate in production.
#[derive(Clone, Copy)]
pub(crate) struct Production {
    pub(crate) title: &'static str,
    /// Requests a minute, and how far they go up and down over the day.
    pub(crate) a_minute: f64,
    pub(crate) swing: f64,
    pub(crate) limit: f64,
    /// The rate before it becomes worse.
    pub(crate) healthy: f64,
    /// Minutes of the window that alarms above twice the limit.
    pub(crate) window: usize,
}

pub(crate) const PRODUCTION: [Production; 3] = [
    Production {
        title: "12 a minute, limit 2 %",
        a_minute: 12.0,
        swing: 0.7,
        limit: 0.02,
        healthy: 0.012,
        window: 30,
    },
    Production {
        title: "150 a minute, limit 0.1 %",
        a_minute: 150.0,
        swing: 0.5,
        limit: 0.001,
        healthy: 0.0005,
        window: 60,
    },
    Production {
        title: "1,000 a day, limit 5 %",
        a_minute: 0.7,
        swing: 0.8,
        limit: 0.05,
        healthy: 0.03,
        window: 240,
    },
];

/// When each rule raised its first alarm after the rate became `worse`, in minutes from 1.
#[derive(Clone, Copy, Default)]
pub(crate) struct MinuteAlarms {
    pub(crate) ours: Option<u64>,
    pub(crate) window: Option<u64>,
    pub(crate) cusum: Option<u64>,
}

/// `minutes` at a rate of `rate`, after a day at the healthy one that raised no alarm.
pub(crate) fn watch(
    production: &Production,
    rate: f64,
    minutes: u64,
    tuned: f64,
    random: &mut Random,
) -> (MinuteAlarms, f64) {
    let Production { a_minute, swing, limit, healthy, window, .. } = *production;
    let threshold = alarm_threshold(1, PERIOD, (a_minute * PERIOD as f64) as u64).unwrap();
    let [event, none] = [2.0_f64.ln(), ((1.0 - 2.0 * limit) / (1.0 - limit)).ln()];
    let (mut detector, mut alarms) = (Detector::rate(limit).unwrap(), MinuteAlarms::default());
    let (mut sum, mut top, mut recent) = (0.0, 0.0_f64, Vec::new());
    let before = 24 * 60;
    for minute in 0..before + minutes {
        let level = 1.0 + swing * (TAU * minute as f64 / 1440.0).sin();
        let rate = if minute < before { healthy } else { rate };
        let bad = random.poisson(a_minute * level * rate);
        let n = bad + random.poisson(a_minute * level * (1.0 - rate));
        detector.counts(bad, n).unwrap();
        detector.end_minute();
        sum = f64::max(sum + bad as f64 * event + (n - bad) as f64 * none, 0.0);
        top = top.max(sum);
        recent.push([bad, n]);
        let last = recent.iter().rev().take(window);
        let [bad, n] = last.fold([0, 0], |[bad, n], [b, m]| [bad + b, n + m]);
        let over = n >= 30 && bad as f64 > 2.0 * limit * n as f64;
        if minute < before {
            continue;
        }
        let at = Some(minute - before + 1);
        let raised = [detector.evidence() >= threshold, over, sum >= tuned];
        let places = [&mut alarms.ours, &mut alarms.window, &mut alarms.cusum];
        for (alarm, raised) in places.into_iter().zip(raised) {
            *alarm = alarm.or(at.filter(|_| raised));
        }
        if alarms.ours.is_some() && alarms.window.is_some() && alarms.cusum.is_some() {
            break;
        }
    }
    (alarms, top)
}

/// A rate that is held, after full rollout, against what was seen of it before.
#[derive(Clone, Copy)]
pub(crate) struct Promoted {
    pub(crate) title: &'static str,
    pub(crate) a_minute: f64,
    pub(crate) swing: f64,
    pub(crate) rate: f64,
    /// Days of rollout at half of the traffic.
    pub(crate) days: u64,
}

pub(crate) const PROMOTED: [Promoted; 4] = [
    Promoted { title: "60 a minute, 2 %, 3 days", a_minute: 60.0, swing: 0.2, rate: 0.02, days: 3 },
    Promoted { title: "60 a minute, 2 %, 7 days", a_minute: 60.0, swing: 0.8, rate: 0.02, days: 7 },
    Promoted { title: "5,000 a day, 2 %, 7 days", a_minute: 3.5, swing: 0.5, rate: 0.02, days: 7 },
    Promoted { title: "1,000 a day, 3 %, 14 days", a_minute: 0.7, swing: 0.5, rate: 0.03, days: 14 },
];

impl Promoted {
    /// Records and bad events of a minute.
    fn minute(&self, at: u64, times: f64, share: f64, random: &mut Random) -> HourCounts {
        let rate = (times * self.rate * (1.0 + self.swing * (TAU * at as f64 / 1440.0).sin())).min(0.95);
        let events = random.poisson(share * self.a_minute * rate);
        HourCounts { events, n: events + random.poisson(share * self.a_minute * (1.0 - rate)) }
    }

    /// The upper limits, one of five signals', of the average and of the worst time of the day.
    pub(crate) fn limits(&self, random: &mut Random) -> [Option<f64>; 2] {
        let (mut hours, mut all) = ([HourCounts::default(); 24], HourCounts::default());
        for at in 0..self.days * 1440 {
            let minute = self.minute(at, 1.0, 0.5, random);
            for counts in [&mut hours[(at / 60 % 24) as usize], &mut all] {
                *counts = HourCounts { events: counts.events + minute.events, n: counts.n + minute.n };
            }
        }
        let alpha = 0.05 / 5.0;
        [rate_limits(all.events, all.n, alpha).and_then(|bounds| bounds.upper), worst_rate(&hours, alpha)]
    }

    /// Minutes until an alarm at so many times the rate.
    pub(crate) fn alarm(&self, limit: f64, times: f64, minutes: u64, random: &mut Random) -> Option<u64> {
        let threshold = alarm_threshold(5, PERIOD, (self.a_minute * PERIOD as f64) as u64).unwrap();
        let mut detector = Detector::rate(limit.min(0.99)).unwrap();
        (0..minutes).find(|at| {
            let HourCounts { events, n } = self.minute(*at, times, 1.0, random);
            detector.counts(events, n).unwrap();
            detector.end_minute();
            detector.evidence() >= threshold
        })
    }
}
