//! BLEU over all answers.

use crate::metric::counts::Counter;
use crate::metric::values::Range;
use crate::text::TooLong;
use crate::text::bleu::Bleu;

/// Points.
pub(super) const RANGE: Range = (Some(0.0), Some(100.0));

impl Counter for Bleu {
    fn name(&self) -> String {
        self.signature()
    }

    fn width(&self) -> usize {
        Bleu::width(self)
    }

    fn count(&self, texts: &[&str], counts: &mut [f64]) -> Result<(), TooLong> {
        let Some((answer, references)) = texts.split_first() else { return Ok(()) };
        Bleu::count(self, answer, references, counts)
    }

    fn statistic(&self, sums: &[f64]) -> f64 {
        self.score(sums)
    }
}
