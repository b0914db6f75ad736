//! Many claims at once: Holm's adjustment of p-values.
//!
//! "All of these must hold" needs no adjustment (intersection-union test).

/// Holm's step-down adjusted p-values, in the order of the input: comparing each with `alpha` keeps the
/// chance of any false claim at `alpha`, whatever the dependence. A p-value that is NaN counts as 1.
///
/// Source: Holm, *A simple sequentially rejective multiple test procedure*, Scand. J. Statist. 6 (1979).
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> =
        p_values.iter().map(|&p| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }).enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut largest = 0.0_f64;
    for (rank, (_, p)) in order.iter_mut().enumerate() {
        let remaining = (p_values.len() - rank) as f64;
        largest = largest.max((*p * remaining).min(1.0));
        *p = largest;
    }
    order.sort_by_key(|&(position, _)| position);
    order.into_iter().map(|(_, p)| p).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_counts_and_never_rejects() {
        assert_eq!(holm(&[f64::NAN, 0.01, 0.02]), [1.0, 0.03, 0.04]);
    }

    #[test]
    fn equal_p_values_get_equal_adjustments() {
        assert_eq!(holm(&[0.02, 0.02, 0.5]), [0.06, 0.06, 0.5]);
        assert_eq!(holm(&[]), Vec::<f64>::new());
    }
}
