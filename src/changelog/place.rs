//! Where a new entry goes: below `[Unreleased]`, versions in semver order, the links at the end stay at the end.
//!
//! Backports and prereleases land at their place. A file whose versions rise is continued at its end. Where there is
//! no version and no `[Unreleased]`, the entry goes under the title and its introduction.

use semver::Version;

use super::heading::Subject;
use super::layout::Layout;
use super::lines::Text;

/// The line before which an entry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// From 0; the number of lines for the end of the file.
    pub(super) line: usize,
    /// Whether the file did not show where entries go.
    pub(super) is_guess: bool,
}

/// A section or block of a version.
struct Item<'a> {
    start: usize,
    end: usize,
    version: &'a Version,
}

/// Where the entry of `version` goes; the file has none of that version.
pub(super) fn find(text: &Text<'_>, layout: &Layout, version: &Version) -> Place {
    let unreleased =
        layout.outside().find(|heading| heading.subject == Subject::Unreleased).map(|found| found.line);
    let items = items(text, layout);
    let below = items.iter().position(|item| unreleased.is_none_or(|line| item.start > line));
    let line = match (below.and_then(|first| items.get(first..)), unreleased) {
        (Some(below), _) if rises(below) => rising(below, version),
        (Some(below), _) => falling(below, version),
        (None, Some(line)) if rises(&items) => rising(&items, version).map(|at| at.min(line)),
        (None, Some(line)) => Some(layout.section_end(line)),
        (None, None) => None,
    };
    let place = match line {
        Some(line) => Place { line, is_guess: false },
        None => under_the_title(layout),
    };
    Place { line: unfolded(layout, &items, place.line), ..place }
}

/// `line`, or one that does not stand in a `<details>` or the like, where the newest entry would be folded away: above
/// it where a version follows in it, else below.
fn unfolded(layout: &Layout, items: &[Item<'_>], line: usize) -> usize {
    let Some(fold) = layout.fold(line) else { return line };
    let follows = items.iter().any(|item| (line..=fold.end).contains(&item.start));
    if !follows {
        return fold.end + 1;
    }
    let block = layout.blocks().iter().find(|block| (block.begin..=block.end).contains(&fold.start));
    block.map_or(fold.start, |block| block.begin)
}

fn falling(items: &[Item<'_>], version: &Version) -> Option<usize> {
    let older = items.iter().find(|item| item.version < version).map(|item| item.start);
    older.or_else(|| items.last().map(|item| item.end))
}

fn rising(items: &[Item<'_>], version: &Version) -> Option<usize> {
    let newer = items.iter().find(|item| item.version > version).map(|item| item.start);
    newer.or_else(|| items.last().map(|item| item.end))
}

/// Whether the oldest version comes first.
fn rises(items: &[Item<'_>]) -> bool {
    let pairs = || items.iter().zip(items.iter().skip(1));
    pairs().next().is_some() && pairs().all(|(above, below)| above.version < below.version)
}

fn items<'a>(text: &Text<'_>, layout: &'a Layout) -> Vec<Item<'a>> {
    let by_hand = layout.outside().filter_map(|heading| match &heading.subject {
        Subject::Version(version) => Some(Item {
            start: with_anchors(text, heading.line),
            end: layout.section_end(heading.line),
            version,
        }),
        _ => None,
    });
    let blocks = layout.blocks().iter().map(|block| Item {
        start: block.begin,
        end: block.end + 1,
        version: &block.marker.id.version,
    });
    let mut items: Vec<_> = by_hand.chain(blocks).collect();
    items.sort_by_key(|item| item.start);
    items
}

/// The first of the `<a name="2.3.0"></a>` lines right above a heading, which belong to it.
fn with_anchors(text: &Text<'_>, heading: usize) -> usize {
    let is_anchor = |line: &str| line.starts_with("<a ") && line.trim_end().ends_with("</a>");
    (0..heading).rev().take_while(|at| is_anchor(text.line(*at))).last().unwrap_or(heading)
}

/// Under the title and its introduction; above the first heading where there is no title.
fn under_the_title(layout: &Layout) -> Place {
    let mut headings = layout.outside();
    let first = headings.next();
    let next = headings.next();
    match first {
        Some(title) if title.level == 1 => {
            Place { line: next.map_or(layout.tail(), |next| next.line), is_guess: next.is_some() }
        }
        Some(heading) => Place { line: heading.line, is_guess: true },
        None => Place { line: layout.tail(), is_guess: true },
    }
}
