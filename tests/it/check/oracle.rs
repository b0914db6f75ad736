//! The binomial distribution summed term by term, as far from relgate's own beta functions as can be.

/// log of P(X = k) for k = 0..=n.
fn log_terms(n: u64, p: f64) -> Vec<f64> {
    let mut terms = vec![n as f64 * (1.0 - p).ln()];
    for k in 0..n {
        let step = ((n - k) as f64 / (k + 1) as f64).ln() + (p / (1.0 - p)).ln();
        terms.push(terms[k as usize] + step);
    }
    terms
}

/// P(X <= k).
pub(crate) fn at_most(k: u64, n: u64, p: f64) -> f64 {
    log_terms(n, p).iter().take(k as usize + 1).map(|term| term.exp()).sum()
}

/// P(X >= k).
pub(crate) fn at_least(k: u64, n: u64, p: f64) -> f64 {
    log_terms(n, p).iter().skip(k as usize).map(|term| term.exp()).sum()
}

/// The most events of `n` that still show a rate below `p`; none where even 0 does not.
pub(crate) fn most_that_pass(n: u64, p: f64, alpha: f64) -> Option<u64> {
    (0..=n).take_while(|k| at_most(*k, n, p) <= alpha).last()
}

/// The fewest events of `n` that show a rate above `p`.
pub(crate) fn fewest_that_fail(n: u64, p: f64, alpha: f64) -> u64 {
    (0..=n).find(|k| at_least(*k, n, p) <= alpha).unwrap()
}
