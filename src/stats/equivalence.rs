//! A change of at most so much either way: two one-sided tests.

use super::tails::Tails;

/// p-values of the two claims about a change and a margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equivalence {
    /// p-value of `|theta| < margin`.
    pub within: f64,
    /// p-value of `|theta| > margin`.
    pub outside: f64,
}

/// Two one-sided tests from the tails at `+margin` and at `-margin`.
///
/// `within` is the larger of "below the upper" and "above the lower" (intersection-union, no correction);
/// `outside` is twice the smaller of "above the upper" and "below the lower", because either would do.
///
/// Source: Schuirmann, *J. Pharmacokin. Biopharm.* 15 (1987).
#[must_use]
pub fn tost(at_upper: Tails, at_lower: Tails) -> Equivalence {
    Equivalence {
        within: at_upper.less.max(at_lower.greater),
        outside: (2.0 * at_upper.greater.min(at_lower.less)).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_needs_both_and_outside_either() {
        let claims = tost(Tails { less: 0.01, greater: 0.99 }, Tails { less: 0.97, greater: 0.03 });
        assert_eq!(claims, Equivalence { within: 0.03, outside: 1.0 });
        let claims = tost(Tails { less: 0.98, greater: 0.02 }, Tails { less: 1.0, greater: 0.0 });
        assert_eq!(claims, Equivalence { within: 0.98, outside: 0.04 });
    }
}
