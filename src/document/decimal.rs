//! Doubles as the decimal numbers that people wrote: `2.039` times 1000 is 2039, `0.2` and `0.7` together are `0.9`.

/// Powers of ten that an `i128` holds and that are ever asked for.
const MOST_SHIFT: u32 = 30;

/// A finite number in its shortest decimal spelling: `digits` times ten to the `exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// The shortest decimal that is read back as `value`; none where it is not finite.
    fn of(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e')?;
        let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let digits = digits.replace('.', "").parse().ok()?;
        Some(Self { digits, exponent: exponent.parse::<i32>().ok()? - i32::try_from(decimals).ok()? })
    }

    /// The nearest double.
    fn value(self) -> Option<f64> {
        format!("{}e{}", self.digits, self.exponent).parse().ok()
    }

    fn times(self, other: Self) -> Option<Self> {
        Some(Self {
            digits: self.digits.checked_mul(other.digits)?,
            exponent: self.exponent.checked_add(other.exponent)?,
        })
    }

    fn plus(self, other: Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let shifted = |number: Self| {
            let shift =
                u32::try_from(number.exponent - exponent).ok().filter(|shift| *shift <= MOST_SHIFT)?;
            number.digits.checked_mul(10_i128.checked_pow(shift)?)
        };
        Some(Self { digits: shifted(self)?.checked_add(shifted(other)?)?, exponent })
    }

    /// Divided by a number whose only prime factors are 2 and 5.
    fn over(self, divisor: u64) -> Option<Self> {
        let divisor = i128::from(divisor);
        (0..=MOST_SHIFT).find_map(|shift| {
            let power = 10_i128.checked_pow(shift)?;
            let digits = self.digits.checked_mul(power / divisor).filter(|_| power % divisor == 0)?;
            Some(Self { digits, exponent: self.exponent.checked_sub(i32::try_from(shift).ok()?)? })
        })
    }
}

/// `a` times `b`, both as they were written; infinite where that is too large.
pub(crate) fn product(a: f64, b: f64) -> f64 {
    let exact = Decimal::of(a).zip(Decimal::of(b)).and_then(|(a, b)| a.times(b)?.value());
    exact.unwrap_or(a * b)
}

/// `a` less `b`, both as they were written.
pub(crate) fn difference(a: f64, b: f64) -> f64 {
    let exact = Decimal::of(a).zip(Decimal::of(-b)).and_then(|(a, b)| a.plus(b)?.value());
    exact.unwrap_or(a - b)
}

/// `value` as it was written, times `numerator` over `denominator`.
pub(crate) fn times_ratio(value: f64, numerator: u64, denominator: u64) -> f64 {
    let common = gcd(numerator, denominator).max(1);
    let (numerator, denominator) = (numerator / common, denominator / common);
    let exact = Decimal::of(value).and_then(|value| {
        value.times(Decimal { digits: i128::from(numerator), exponent: 0 })?.over(denominator)?.value()
    });
    exact.unwrap_or(value * numerator as f64 / denominator as f64)
}

/// A sum of decimals without the last bits that adding doubles leaves: fifteen digits of `size`, the sum of the terms' sizes.
pub(crate) fn rounded(sum: f64, size: f64) -> f64 {
    let exponent = size.log10().floor();
    if !(-300.0..15.0).contains(&exponent) {
        return sum;
    }
    let decimals = (14.0 - exponent) as usize;
    format!("{sum:.decimals$}").parse().unwrap_or(sum)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the point is that they are exact")]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_that_were_written() {
        assert_eq!(times_ratio(2.039, 1000, 1), 2039.0);
        assert_eq!(times_ratio(4.35, 1000, 1), 4350.0);
        assert_eq!(times_ratio(0.1, 1, 100), 0.001);
        assert_eq!(times_ratio(57.0, 1, 100), 0.57);
        assert_eq!(times_ratio(90.0, 1, 60_000), 0.0015);
        assert_eq!(times_ratio(1.0, 1, 3), 1.0 / 3.0);
        assert_eq!(product(57.0, 0.01), 0.57);
        assert_eq!(product(0.07, 100.0), 7.0);
        assert_eq!(product(1e300, 1e300), f64::INFINITY);
        assert_eq!(difference(1.1, 1.0), 0.1);
        assert_eq!(difference(1e300, 1.0), 1e300);
    }

    #[test]
    fn sums_lose_their_last_bits_and_nothing_else() {
        assert_eq!(rounded(0.2 + 0.7, 0.9), 0.9);
        assert_eq!(rounded(0.1 + 0.2 - 0.3, 0.6), 0.0);
        let costs = crate::stats::moments::sum((0..1_000_000).map(|_| 0.001_206));
        assert_eq!(rounded(costs, costs), 1206.0);
        assert_eq!(rounded(0.0, 0.0), 0.0);
        assert_eq!(rounded(1e300, 1e300), 1e300);
        assert_eq!(rounded(0.015_000_000_000_01, 0.015), 0.015_000_000_000_01);
    }
}
