//! A JSON number as it stands in the text, and its value.
//!
//! Short decimals, which nearly all scores are, are computed exactly from their digits; everything else goes
//! through the standard library's correctly rounding parser.

/// A number in JSON's spelling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number<'a> {
    /// As written.
    pub(crate) text: &'a str,
    /// Its digits as one integer; only meaningful where `exact`.
    mantissa: u64,
    /// How many of them stand after the point.
    decimals: usize,
    /// Whether the digits fit a double without rounding and there is no exponent.
    exact: bool,
    /// Whether neither a point nor an exponent stands in it.
    pub(crate) whole: bool,
}

/// Powers of ten that a double holds exactly, as far as they are needed.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

impl<'a> Number<'a> {
    /// Reads a number that starts at byte `start`; `None` where the spelling is not JSON's.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "moved out of a call, it is written in pieces and read as a whole, and the processor waits"
    )]
    pub(crate) fn scan(text: &'a str, start: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let mut at = start + usize::from(byte(start) == b'-');
        let first = at;
        let mut mantissa = 0_u64;
        while byte(at).is_ascii_digit() {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(byte(at) - b'0'));
            at += 1;
        }
        let mut digits = at - first;
        if digits == 0 || (digits > 1 && byte(first) == b'0') {
            return None;
        }
        let mut decimals = 0;
        let mut whole = true;
        if byte(at) == b'.' {
            whole = false;
            at += 1;
            let point = at;
            while byte(at).is_ascii_digit() {
                mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(byte(at) - b'0'));
                at += 1;
            }
            decimals = at - point;
            digits += decimals;
            if decimals == 0 {
                return None;
            }
        }
        let mut exact = digits <= 15;
        if matches!(byte(at), b'e' | b'E') {
            (whole, exact) = (false, false);
            at += 1;
            at += usize::from(matches!(byte(at), b'+' | b'-'));
            let exponent = at;
            while byte(at).is_ascii_digit() {
                at += 1;
            }
            if at == exponent {
                return None;
            }
        }
        Some(Self { text: text.get(start..at)?, mantissa, decimals, exact, whole })
    }

    /// The nearest double; `None` where it is too large for one.
    #[inline]
    pub(crate) fn value(&self) -> Option<f64> {
        match TENS.get(self.decimals) {
            // Both operands are exact, so the one division rounds correctly.
            Some(tens) if self.exact => {
                let size = self.mantissa as f64 / tens;
                Some(if self.text.starts_with('-') { -size } else { size })
            }
            _ => self.text.parse().ok().filter(|value: &f64| value.is_finite()),
        }
    }

    /// The integer, where it is written as one and fits.
    pub(crate) fn integer(&self) -> Option<i64> {
        // `-0` is a float in JSON libraries, and no way to name a sample.
        if self.whole && self.text != "-0" { self.text.parse().ok() } else { None }
    }
}
