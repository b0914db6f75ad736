//! The only place that rounds: numbers as people read them, with their unit.

use crate::document::decimal;
use crate::manifest::{Dimension, Unit};

/// How a value and its limits are shown: as many decimals as the width of the interval deserves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    unit: Unit,
    threshold: f64,
    width: Option<f64>,
}

impl Scale {
    /// For numbers of a unit that are compared with a threshold, with limits `width` apart.
    pub(super) fn new(unit: Unit, threshold: f64, limits: (Option<f64>, Option<f64>)) -> Self {
        let width = limits.0.zip(limits.1).map(|(lower, upper)| upper - lower).filter(|width| *width > 0.0);
        Self { unit, threshold, width }
    }

    /// The value with its unit; never rounded onto the threshold or past it.
    pub(super) fn show(self, value: f64) -> String {
        // Proportions and their differences are kept as fractions and shown in hundredths.
        let hundredths = matches!(self.unit.dimension, Dimension::Fraction | Dimension::Points);
        let factor = if hundredths { 100.0 } else { 1.0 };
        let (value, threshold) = (decimal::product(value, factor), decimal::product(self.threshold, factor));
        let decimals = match self.width {
            Some(width) => (1 - (width * factor).log10().floor() as i32).clamp(0, 12),
            None => decimals_of(value, 3),
        };
        // A last bit of a difference that was computed is not a difference.
        let value = if (value - threshold).abs() <= threshold.abs() * 1e-12 { threshold } else { value };
        let faithful = |decimals: &i32| {
            // A zero has no sign.
            let rounded = fixed(value, *decimals).parse::<f64>().unwrap_or(value) + 0.0;
            value.total_cmp(&threshold) == rounded.total_cmp(&threshold)
        };
        let decimals = (decimals..=15).find(faithful).unwrap_or(15);
        let text = if value == 0.0 { "0".to_owned() } else { fixed(value, decimals) };
        let text = match text.strip_prefix('-') {
            Some(zero) if zero.chars().all(|c| matches!(c, '0' | '.')) => zero.to_owned(),
            _ => text,
        };
        // Without an interval the digits say nothing about precision: 0.750 is 0.75.
        let text = if self.width.is_none() && text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        };
        dress(&text, self.unit)
    }
}

/// A number's text with its unit around it.
fn dress(text: &str, unit: Unit) -> String {
    match unit.dimension {
        Dimension::Fraction => format!("{text}%"),
        _ => match unit.word.strip_prefix('$') {
            Some(rest) => format!("${text}{rest}"),
            None if unit == Unit::NUMBER => text.to_owned(),
            None if unit.word.len() <= 3 => format!("{text}{unit}"),
            None => format!("{text} {unit}"),
        },
    }
}

fn fixed(value: f64, decimals: i32) -> String {
    format!("{value:.*}", usize::try_from(decimals).unwrap_or(0))
}

/// A number with its own digits and no more.
#[must_use]
pub(super) fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A confidence level or a share as a percentage, without needless zeros.
pub(super) fn percent(fraction: f64) -> String {
    let text = format!("{:.6}", fraction * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A p-value: two digits, and no row of zeros.
#[must_use]
pub(super) fn p_value(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { digits(p, 2) }
}

/// A count with its thousands apart.
#[must_use]
pub(super) fn count(n: u64) -> String {
    let plain = n.to_string();
    let mut grouped = String::with_capacity(plain.len() + plain.len() / 3);
    for (i, digit) in plain.chars().enumerate() {
        if i > 0 && (plain.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of samples in words: `1 sample`, `5,000 samples`.
#[must_use]
pub(super) fn samples(n: u64) -> String {
    if n == 1 { "1 sample".to_owned() } else { format!("{} samples", count(n)) }
}

/// Decimals that leave `significant` digits; whole digits are never cut.
fn decimals_of(value: f64, significant: i32) -> i32 {
    if value == 0.0 { 0 } else { (significant - 1 - value.abs().log10().floor() as i32).clamp(0, 12) }
}

/// `significant` digits without an exponent.
fn digits(value: f64, significant: i32) -> String {
    fixed(value, decimals_of(value, significant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: f64, unit: Unit, threshold: f64, lower: f64, upper: f64) -> String {
        Scale::new(unit, threshold, (Some(lower), Some(upper))).show(value)
    }

    #[test]
    fn decimals_follow_the_interval() {
        assert_eq!(show(0.0046, Unit::FRACTION, 0.015, 0.003_15, 0.006_51), "0.46%");
        assert_eq!(show(0.961, Unit::FRACTION, 0.9, 0.956, 0.965), "96.10%");
        assert_eq!(show(0.0, Unit::FRACTION, 0.001, 0.0, 0.000_6), "0%");
        assert_eq!(show(812.4, Unit::MILLISECONDS, 1200.0, 700.0, 950.0), "812ms");
        assert_eq!(show(0.001_378, Unit::USD, 0.002, 0.001_372, 0.001_384), "$0.001378");
        assert_eq!(show(0.0023, Unit::USD_PER_1K_TOKENS, 0.003, 0.002, 0.0026), "$0.00230/1k tokens");
        assert_eq!(Scale::new(Unit::NUMBER, 1.0, (None, None)).show(-3.25), "-3.25");
    }

    #[test]
    fn a_limit_never_rounds_onto_the_threshold() {
        assert_eq!(show(0.014_999_7, Unit::FRACTION, 0.015, 0.01, 0.0149), "1.49997%");
        assert_eq!(show(1199.96, Unit::MILLISECONDS, 1200.0, 1100.0, 1199.96), "1199.96ms");
        assert_eq!(show(0.015, Unit::FRACTION, 0.015, 0.01, 0.02), "1.5%");
        assert_eq!(Scale::new(Unit::FRACTION, 0.57, (None, None)).show(0.57), "57%");
        assert_eq!(show(0.015_000_1, Unit::FRACTION, 0.015, 0.01, 0.02), "1.50001%");
    }

    #[test]
    fn percentages_are_plain() {
        assert_eq!(percent(0.95), "95%");
        assert_eq!(percent(0.995), "99.5%");
        assert_eq!(percent(1.0 - 0.05 / 3.0), "98.333333%");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1000), "1,000");
        assert_eq!(count(12_345_678), "12,345,678");
    }

    #[test]
    fn p_values() {
        assert_eq!(p_value(0.000_01), "< 0.0001");
        assert_eq!(p_value(0.0312), "0.031");
        assert_eq!(p_value(1.0), "1.0");
    }
}
