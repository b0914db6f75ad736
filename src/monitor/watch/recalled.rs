//! What a log came to, kept until the next look: as long as nobody wrote to it, no row has to be read again.

use super::{AHEAD, Seen, Watch, WatchPlan};
use crate::monitor::answers::Answers;
use crate::monitor::units::Population;

/// More bytes are not kept: a log of which so much is open is read again.
const MOST: usize = 16 << 20;

impl Watch {
    /// What the rows came to, in a form that only this version of relgate reads back, to the last bit. None where a later look
    /// could come to something else: of rows that are dated ahead the time tells whether they count.
    #[must_use]
    pub fn keep(&self) -> Option<Vec<u8>> {
        if self.seen.ahead > 0 {
            return None;
        }
        let kept = postcard::to_allocvec(&(&self.seen, self.population.by_arm(), self.unanswered())).ok()?;
        (kept.len() <= MOST).then_some(kept)
    }

    /// What was kept of the same log by a watch of the same plan, whose time may have been another. None where it is no such thing,
    /// or where some row would be dated ahead by now.
    #[must_use]
    pub fn recall(plan: WatchPlan, kept: &[u8]) -> Option<Self> {
        let (seen, by_arm, unanswered): (Seen, (u64, u64, u64), (u64, u64)) =
            postcard::from_bytes(kept).ok()?;
        let fits = seen.states.len() == plan.signals.len()
            && seen.splits.len() == plan.times.weights.len()
            && seen.newest <= plan.now + AHEAD;
        fits.then(|| Self {
            plan,
            seen,
            population: Population::recalled(by_arm),
            answers: Answers::recalled(unanswered),
            fresh: Vec::new(),
        })
    }
}
