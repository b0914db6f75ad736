//! Two runs as one gate compares them: joined on their ids, or side by side.

use std::cell::OnceCell;

use super::pairs::{self, Joined, JoinedCounts, Taken};
use super::settings::Settings;
use super::values::Values;
use crate::stats::melded::Against;

/// Two runs as one gate compares them.
pub(super) struct Compared<'a> {
    /// The candidate.
    pub(super) candidate: Values<'a>,
    /// The baseline.
    pub(super) baseline: Values<'a>,
    /// Whether most ids stand on both sides.
    pub(super) paired: bool,
    /// Whether the change is a share of the baseline.
    pub(super) relative: bool,
    /// Whether low values are good.
    pub(super) low_is_good: bool,
    /// The stricter of the levels that it is judged at.
    pub(super) alpha: f64,
    /// How it is judged.
    pub(super) settings: &'a Settings,
    /// What is compared, id by id.
    pub(super) taken: Taken<'a>,
    /// Both, once that is asked for.
    pub(super) joined: OnceCell<Joined>,
}

impl Compared<'_> {
    /// How the two are put against each other.
    pub(super) fn against(&self) -> Against {
        if self.relative { Against::Ratio } else { Against::Difference }
    }

    /// Both, id by id.
    pub(super) fn joined(&self) -> &Joined {
        self.joined.get_or_init(|| pairs::joined(self.candidate.side, self.baseline.side, &self.taken))
    }

    /// The counts of that name on both sides, id by id.
    pub(super) fn joined_counts(&self, name: &str) -> JoinedCounts {
        pairs::joined_counts(self.candidate.side, self.baseline.side, name)
    }

    /// Whether ids without a value on one side are to be reckoned with.
    pub(super) fn fills(&self, joined: &Joined) -> bool {
        self.settings.fills(joined.missing(), joined.size())
    }

    /// Both, with the ids that only the other side has as missing rows.
    pub(super) fn with_lost_ids(&self) -> (Values<'_>, Values<'_>) {
        let (candidate, baseline) = pairs::lacking(self.candidate.side, self.baseline.side);
        (self.candidate.with_lost(candidate, self.settings), self.baseline.with_lost(baseline, self.settings))
    }
}
