//! TER over all answers.

use crate::metric::counts::Counter;
use crate::metric::values::Range;
use crate::text::TooLong;
use crate::text::ter::Ter;

/// Edits per hundred words; an answer may need more of them than its reference has words.
pub(super) const RANGE: Range = (Some(0.0), None);

impl Counter for Ter {
    fn name(&self) -> String {
        self.signature()
    }

    fn width(&self) -> usize {
        Ter::WIDTH
    }

    fn count(&self, texts: &[&str], counts: &mut [f64]) -> Result<(), TooLong> {
        let Some((answer, references)) = texts.split_first() else { return Ok(()) };
        Ter::count(self, answer, references, counts)
    }

    fn statistic(&self, sums: &[f64]) -> f64 {
        self.score(sums)
    }
}
