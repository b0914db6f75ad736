//! Records about the sentences that forbid, demand or allow; policies in plain words ask too.
//!
//! Deliberately absent: which sentences those are.

use super::LISTED;
use crate::diff::artifacts::Pair;
use crate::diff::text::demands::moved;
use crate::diff::text::sentences::Sentences;
use crate::diff::{Detail, Direction, Record, Rule, Severity};

/// The rules for what became of such sentences.
#[derive(Clone, Copy)]
pub(in crate::diff) struct DemandRules {
    /// One is gone or weaker.
    pub(in crate::diff) removed: Rule,
    /// One is new.
    pub(in crate::diff) added: Rule,
    /// One has other words.
    pub(in crate::diff) changed: Rule,
    /// A new one allows something.
    pub(in crate::diff) permission: Rule,
}

const ONE: &str = "1 sentence that forbids or demands something";
const MANY: &str = "sentences that forbid or demand something";

/// Sentences that forbid, demand or allow and that came, went or have other words.
pub(in crate::diff) fn demand_records(
    pair: &Pair<'_>,
    [before, after]: &[Sentences; 2],
    rules: DemandRules,
) -> Vec<Record> {
    let moved = moved(before, after);
    let demands = |count: usize, one: &str, many: &str| match count {
        1 => format!("{ONE} {one}"),
        _ => format!("{count} {MANY} {many}"),
    };
    let mut records = Vec::from_iter(lost(pair, rules.removed, &moved.lost, demands));
    let turned = |count| {
        let what = "an exception or a turn that may let more through";
        demands(count, &format!("has {what}"), &format!("have {what}"))
    };
    records.extend(
        changed(pair, rules.changed, &moved.turned, turned).map(|record| record.weighs(Severity::Blocking)),
    );
    let reworded = |count| demands(count, "has other words", "have other words");
    records.extend(changed(pair, rules.changed, &moved.reworded, reworded));
    let sentences = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 sentence that {one} is new"),
        _ => format!("{count} sentences that {many} are new"),
    };
    let unsure = |record: Record| record.weighs(Severity::Review).goes(Direction::Unknown);
    let takes_back = |count| {
        let what = "may take back what others demand";
        sentences(count, what, what)
    };
    records.extend(
        gained(pair, rules.permission, &moved.take_back, takes_back)
            .map(|record| unsure(record).weighs(Severity::Blocking)),
    );
    records.extend(
        gained(pair, rules.permission, &moved.allow, |count| {
            sentences(count, "may allow something", "may allow something")
        })
        .map(unsure),
    );
    records.extend(
        gained(pair, rules.added, &moved.demand, |count| {
            let text = sentences(count, "demands something", "demand something");
            format!("{text}; nobody can tell whether less gets through")
        })
        .map(unsure),
    );
    records.extend(gained(pair, rules.added, &moved.forbid, |count| {
        sentences(count, "forbids something", "forbid something")
    }));
    records
}

/// The sentences of a list, as many as a record shows.
fn listed<'a>(sentences: impl Iterator<Item = &'a String>) -> String {
    let sentences: Vec<&str> = sentences.take(LISTED).map(String::as_str).collect();
    sentences.join("\n")
}

fn lost(
    pair: &Pair<'_>,
    rule: Rule,
    lost: &[(String, Option<String>)],
    text: impl Fn(usize, &str, &str) -> String,
) -> Option<Record> {
    let lines = lost.iter().map(|(lost, now)| match now {
        Some(now) => format!("was: {lost} -- now: {now}"),
        None => format!("gone: {lost}"),
    });
    let new = listed(lost.iter().take(LISTED).filter_map(|(_, now)| now.as_ref()));
    (!lost.is_empty()).then(|| {
        pair.record(rule, &text(lost.len(), "is gone or weaker", "are gone or weaker"))
            .from_to(Some(listed(lost.iter().map(|(lost, _)| lost))), (!new.is_empty()).then_some(new))
            .showing(Detail::lines(lines, LISTED))
    })
}

fn changed(
    pair: &Pair<'_>,
    rule: Rule,
    changed: &[(String, String)],
    text: impl Fn(usize) -> String,
) -> Option<Record> {
    let lines = changed.iter().map(|(was, now)| format!("was: {was} -- now: {now}"));
    let side = |of: fn(&(String, String)) -> &String| Some(listed(changed.iter().map(of)));
    (!changed.is_empty()).then(|| {
        pair.record(rule, &text(changed.len()))
            .from_to(side(|(was, _)| was), side(|(_, now)| now))
            .showing(Detail::lines(lines, LISTED))
    })
}

fn gained(pair: &Pair<'_>, rule: Rule, gained: &[String], text: impl Fn(usize) -> String) -> Option<Record> {
    (!gained.is_empty()).then(|| {
        pair.record(rule, &text(gained.len()))
            .from_to(None, Some(listed(gained.iter())))
            .showing(Detail::lines(gained.iter().map(|new| format!("new: {new}")), LISTED))
    })
}
