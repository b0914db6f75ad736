//! Which events would only say again what was said: a run that is repeated, or begun again after a crash, writes nothing twice.

use std::collections::HashMap;

use super::event::{CheckedData, Event, EventRelease, Happening, NewEvent};
use super::flaw::{Flaw, FlawKind};
use super::link::Link;
use crate::manifest::Digest;

/// What an event is about, so that the newest one before it on the same matter is the one that it may repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Matter<'a> {
    /// The judgements of a release.
    Judged(&'a EventRelease),
    /// Where the rollouts of a name stand.
    Rollout(&'a str),
    /// What a signal of a rollout says.
    Signal(&'a str, &'a str),
    /// What one person says of one thing.
    Approval(&'a EventRelease, &'a str, &'a str, &'a Digest),
    /// That a version is out of use.
    Yanked(&'a str, &'a str),
}

fn matter<'a>(release: &'a EventRelease, happening: &'a Happening) -> Matter<'a> {
    match happening {
        Happening::Checked(_) => Matter::Judged(release),
        Happening::Signal(data) => Matter::Signal(&release.name, &data.id),
        Happening::Approved(data) => Matter::Approval(release, &data.what, &data.by, &data.digest),
        Happening::Yanked(_) => Matter::Yanked(&release.name, &release.version),
        Happening::Started(_)
        | Happening::Step(_)
        | Happening::Applied(_)
        | Happening::Held(_)
        | Happening::RolledBack(_)
        | Happening::Promoted(_) => Matter::Rollout(&release.name),
    }
}

/// Whether two events of one matter say the same, whenever they do.
fn same(one: &Happening, other: &Happening) -> bool {
    match (one, other) {
        // The report carries the time of its making.
        (Happening::Checked(one), Happening::Checked(other)) => {
            *one == CheckedData { report: one.report.clone(), ..other.clone() }
        }
        _ => one == other,
    }
}

/// Whether an event lets what was said before be said again: a rollout that begins or ends asks for new approvals, and its
/// signals begin anew.
fn begins_anew(happening: &Happening) -> bool {
    matches!(happening, Happening::Started(_) | Happening::RolledBack(_) | Happening::Promoted(_))
}

/// Whether an event carries a signature, which is more than what it says: only that tells it from one in somebody else's name.
fn is_signed(happening: &Happening) -> bool {
    matches!(happening, Happening::Approved(data) if data.signed)
}

/// The event of the chain that `new` would repeat.
pub(super) fn before<'a>(links: &'a [Link], new: &NewEvent) -> Option<&'a Link> {
    if is_signed(&new.happening) {
        return None;
    }
    let about = matter(&new.release, &new.happening);
    let is_reset = |event: &Event| {
        begins_anew(&event.happening)
            && event.release.name == new.release.name
            && matches!(about, Matter::Signal(..) | Matter::Approval(..))
    };
    let newest = links
        .iter()
        .rev()
        .take_while(|link| !is_reset(&link.event))
        .find(|link| matter(&link.event.release, &link.event.happening) == about)?;
    let Event { actor, release, happening, .. } = &newest.event;
    (*release == new.release && *actor == new.actor && same(happening, &new.happening)).then_some(newest)
}

/// The events that repeat one before them on a straight way: whoever writes through relgate cannot make them. Where ways part and
/// join again, both may say the same.
pub(super) fn repeated(links: &[Link]) -> Vec<Flaw> {
    let mut newest: HashMap<Matter<'_>, usize> = HashMap::new();
    let mut flaws = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let straight = link.event.prev.len() == 1 && link.follows.as_slice() == [at.wrapping_sub(1)];
        if !straight {
            newest.clear();
        }
        let Event { actor, release, happening, .. } = &link.event;
        let about = matter(release, happening);
        let before = newest.get(&about).and_then(|before| links.get(*before));
        if let Some(before) = before.filter(|before| {
            before.event.release == *release
                && before.event.actor == *actor
                && same(&before.event.happening, happening)
                && !is_signed(happening)
        }) {
            flaws.push(Flaw { file: link.name.clone(), kind: FlawKind::Repeated(before.name.clone()) });
        }
        if begins_anew(happening) {
            newest.retain(|matter, _| !matches!(matter, Matter::Signal(..) | Matter::Approval(..)));
        }
        newest.insert(about, at);
    }
    flaws
}
