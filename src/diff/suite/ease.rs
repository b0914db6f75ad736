//! Whether a case is still run, and how much it expects, as far as common keys tell.
//!
//! Only what is certain counts: a case that is skipped, an expectation that is empty or gone, fewer criteria.
//! Deliberately absent: whether other words ask for less.

use crate::diff::document::Node;

/// Keys that keep a case from being run where they say yes, or give a reason.
const SKIPS: &[&str] = &["skip", "skipped", "disabled", "ignore", "ignored", "xfail", "exclude", "excluded"];
/// Keys that keep a case from being run where they say no.
const RUNS: &[&str] = &["enabled", "active", "run", "weight"];
/// Keys with what a case expects: something, or nothing.
const EXPECTS: &[&str] = &[
    "expected",
    "expected_output",
    "expected_answer",
    "expected_response",
    "ideal",
    "target",
    "answer",
    "answers",
    "gold",
    "label",
    "output",
    "reference",
    "references",
    "ground_truth",
];
/// Keys with what a case must fulfil: every entry counts.
const CRITERIA: &[&str] = &[
    "assert",
    "asserts",
    "assertions",
    "checks",
    "criteria",
    "graders",
    "must",
    "must_include",
    "must_not_include",
    "must_contain",
    "must_not_contain",
    "rubric",
    "rubrics",
];

/// What a case asks for.
pub(super) struct Asked {
    /// Whether it is run.
    pub(super) runs: bool,
    /// How many expectations and criteria it names.
    pub(super) expects: u32,
}

/// What a case asks for.
pub(super) fn asked(case: &Node) -> Asked {
    let of = |keys: &'static [&'static str]| keys.iter().filter_map(|key| case.get(key));
    let runs = !of(SKIPS).any(|node| !empty(node) && !no(node)) && !of(RUNS).any(no);
    let expected = of(EXPECTS).filter(|node| !empty(node)).count();
    let criteria: usize = of(CRITERIA)
        .map(|node| match node {
            Node::List(items) => items.iter().filter(|item| !empty(item)).count(),
            Node::Map(map) => map.values().filter(|item| !empty(item)).count(),
            other => usize::from(!empty(other)),
        })
        .sum();
    Asked { runs, expects: u32::try_from(expected + criteria).unwrap_or(u32::MAX) }
}

/// Whether nothing stands there.
fn empty(node: &Node) -> bool {
    match node {
        Node::Null => true,
        Node::Text(text) => text.trim().is_empty(),
        Node::List(items) => items.iter().all(empty),
        Node::Map(map) => map.values().all(empty),
        Node::Bool(_) | Node::Number(_) => false,
    }
}

/// Whether it says no.
fn no(node: &Node) -> bool {
    match node {
        Node::Bool(on) => !on,
        Node::Number(_) => node.number() == Some(0.0),
        Node::Text(text) => ["false", "no", "off", "0"].contains(&text.trim().to_ascii_lowercase().as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::asked;
    use crate::diff::document::json;

    #[test]
    fn cases_that_are_run_and_what_they_expect() {
        for (case, runs, expects) in [
            (r#"{"id": "a", "q": "1"}"#, true, 0),
            (r#"{"expected": "4"}"#, true, 1),
            (r#"{"expected": ""}"#, true, 0),
            (r#"{"expected": null, "criteria": ["a", "", "b"]}"#, true, 2),
            (r#"{"expected": false, "assert": {"min": 1, "max": null}}"#, true, 2),
            (r#"{"expected": "4", "skip": true}"#, false, 1),
            (r#"{"skip": "flaky"}"#, false, 0),
            (r#"{"skip": false, "disabled": "no"}"#, true, 0),
            (r#"{"skip": ""}"#, true, 0),
            (r#"{"enabled": false}"#, false, 0),
            (r#"{"weight": 0}"#, false, 0),
            (r#"{"weight": 0.5, "enabled": "yes"}"#, true, 0),
        ] {
            let asked = asked(&json(case).unwrap());
            assert_eq!((asked.runs, asked.expects), (runs, expects), "{case}");
        }
    }
}
