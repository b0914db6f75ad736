//! Lengths of time, shares, and numbers of something in a time.

use super::reader::Reader;
use crate::diagnostic::Spanned;
use crate::manifest::lifecycle::{Lasting, PerTime, TrafficWeight};
use crate::manifest::tree::Node;

/// Seconds of the letters of a length of time.
const UNITS: [(&str, u32); 5] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];
/// Seconds of the words behind a number of requests.
const TIMES: [(&str, f64); 4] = [("second", 1.0), ("minute", 60.0), ("hour", 3600.0), ("day", 86_400.0)];

fn lasting(text: &str) -> Option<Lasting> {
    let (letter, seconds) = UNITS.iter().find(|(letter, _)| text.ends_with(letter))?;
    let count = text.strip_suffix(letter)?.trim();
    let digits = count.bytes().all(|b| b.is_ascii_digit());
    let seconds = count.parse::<u32>().ok().filter(|_| digits)?.checked_mul(*seconds)?;
    (seconds > 0).then_some(Lasting { seconds })
}

fn weight(text: &str) -> Option<TrafficWeight> {
    let percent: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
    let parts = percent * 100.0;
    // Parts of 10,000 are what every engine can express.
    ((0.0..=10_000.0).contains(&parts) && (parts - parts.round()).abs() < 1e-9)
        .then(|| TrafficWeight { per_10000: parts.round() as u16 })
}

impl Reader<'_> {
    /// A length of time such as `90s`, `30m`, `12h`, `14d`.
    pub(super) fn lasting(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<Lasting>> {
        let node = node?;
        let scalar = self.scalar(node, what, "24h")?;
        let found = lasting(scalar.text.trim());
        if found.is_none() {
            self.expected(node, &format!("{what} is a length of time"), "for example `30m`, `24h`, `14d`");
        }
        Some(Spanned::new(found?, node.span))
    }

    /// A share from `0%` to `100%`, with two decimals at most.
    pub(super) fn weight(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<TrafficWeight>> {
        let node = node?;
        let scalar = self.scalar(node, what, "10%")?;
        let found = weight(scalar.text.trim());
        if found.is_none() {
            let what = format!("{what} is a percentage from 0% to 100%, with two decimals at most");
            self.expected(node, &what, "for example `10%`");
        }
        Some(Spanned::new(found?, node.span))
    }

    /// Requests in a time, as requests a day.
    pub(super) fn traffic(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<f64>> {
        let node = node?;
        let scalar = self.scalar(node, what, "5000/day")?;
        let daily = scalar.text.split_once('/').and_then(|(count, time)| {
            let (_, seconds) = TIMES.iter().find(|(word, _)| *word == time.trim())?;
            let count: f64 = count.trim().parse().ok()?;
            let daily = count * 86_400.0 / seconds;
            (count > 0.0 && daily.is_finite()).then_some(daily)
        });
        if daily.is_none() {
            let help = "for example `5000/day` or `200/hour`";
            self.expected(node, &format!("{what} is a number of requests in a time"), help);
        }
        Some(Spanned::new(daily?, node.span))
    }

    /// So many in a time: `2 per 24h`.
    pub(super) fn per_time(&mut self, node: Option<&Node>, what: &str) -> Option<Spanned<PerTime>> {
        let node = node?;
        let scalar = self.scalar(node, what, "2 per 24h")?;
        let found = scalar.text.split_once(" per ").and_then(|(count, time)| {
            let count = count.trim().parse::<u32>().ok().filter(|count| *count > 0)?;
            Some(PerTime { count, per: lasting(time.trim())? })
        });
        if found.is_none() {
            let help = "for example `2 per 24h`";
            self.expected(node, &format!("{what} is a number in a length of time"), help);
        }
        Some(Spanned::new(found?, node.span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_told_as_they_are_written() {
        for text in ["90s", "45m", "1h", "36h", "14d"] {
            assert_eq!(lasting(text).unwrap().to_string(), text);
        }
        assert_eq!(lasting("2w").unwrap().to_string(), "14d");
        for text in ["", "h", "0h", "-1h", "1.5h", "1y", "99999999w", "+3h", "1 h x"] {
            assert_eq!(lasting(text), None, "{text}");
        }
    }

    #[test]
    fn shares_have_two_decimals_at_most() {
        for text in ["0%", "10%", "2.5%", "0.01%", "100%"] {
            assert_eq!(weight(text).unwrap().to_string(), text);
        }
        for text in ["", "%", "10", "0.1", "101%", "-1%", "0.001%", "nan%", "inf%"] {
            assert_eq!(weight(text), None, "{text}");
        }
    }
}
