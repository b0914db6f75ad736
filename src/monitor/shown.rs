//! What the candidate showed, for the time when there is nothing to compare it with.

use serde::{Deserialize, Serialize};

use crate::stats::sequential::worst_hours::HourValue;

/// Values that are kept, at most.
const KEPT: usize = 4000;

/// Values of all of a log, in their order: every one, or every second, fourth, ... where they are many.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Shown {
    pub(super) values: Vec<HourValue>,
    seen: u64,
    halvings: u32,
}

impl Shown {
    pub(super) fn push(&mut self, value: HourValue) {
        if self.seen.trailing_zeros() >= self.halvings {
            self.values.push(value);
        }
        self.seen += 1;
        if self.values.len() > KEPT {
            let mut at = 0_u32;
            self.values.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.halvings += 1;
        }
    }

    pub(super) fn plain(&self) -> Vec<f64> {
        self.values.iter().map(|value| value.value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_all_of_a_log_are_kept_evenly() {
        let mut shown = Shown::default();
        (0..100_000_u32).for_each(|i| shown.push(HourValue { hour: 0, value: f64::from(i) }));
        let values = shown.plain();
        assert!(values.len() > KEPT / 2 && values.len() <= KEPT, "{}", values.len());
        assert!(values.windows(2).all(|two| (two[1] - two[0] - 32.0).abs() < 1e-9), "{:?}", &values[..4]);
    }
}
