//! Who approved what, as far as events say it. What a signature proves is for `files`.

use super::chain::Chain;
use super::event::{ApprovedData, Happening};
use super::link::Link;
use crate::manifest::Digest;

/// One approval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecordedApproval<'a> {
    /// Its event.
    pub link: &'a Link,
    /// What it says.
    pub data: &'a ApprovedData,
}

impl Chain {
    /// Every approval, in the order of the events.
    pub fn approvals(&self) -> impl Iterator<Item = RecordedApproval<'_>> {
        self.links().iter().filter_map(|link| match &link.event.happening {
            Happening::Approved(data) => Some(RecordedApproval { link, data }),
            _ => None,
        })
    }

    /// The approvals of these bytes for `what` since a rollout of the release of that name last began or ended that `counts`: the
    /// last of each person, so that what somebody wrote in another's name neither counts nor outdoes what that person said. An
    /// approval counts for one attempt.
    #[must_use]
    pub fn approved<'a>(
        &'a self,
        name: &str,
        digest: &Digest,
        what: &str,
        counts: &dyn Fn(&RecordedApproval<'a>) -> bool,
    ) -> Vec<RecordedApproval<'a>> {
        let is_end = |link: &Link| {
            link.event.release.name == name
                && matches!(link.event.happening, Happening::RolledBack(_) | Happening::Promoted(_))
        };
        let since = self.links().iter().rposition(is_end).map_or(0, |at| at + 1);
        let mut found: Vec<RecordedApproval<'a>> = Vec::new();
        for link in self.links().iter().skip(since).rev().filter(|link| link.event.release.name == name) {
            let Happening::Approved(data) = &link.event.happening else { continue };
            let approval = RecordedApproval { link, data };
            let is_of_this = data.digest == *digest && data.what == what;
            if is_of_this && !found.iter().any(|later| later.data.by == data.by) && counts(&approval) {
                found.push(approval);
            }
        }
        found.reverse();
        found
    }
}
