//! Texts and outcomes as pieces of a page.

use maud::{Markup, Render, html};

use crate::diagnostic::printable;
use crate::gate::Outcome;
use crate::verdict::Decision;

/// A text is cut after so many letters.
const LONGEST: usize = 2000;

/// A text of other people, fit for a page.
pub(super) struct Shown<'a>(&'a str);

impl Render for Shown<'_> {
    fn render_to(&self, page: &mut String) {
        let text = printable(self.0);
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).render_to(page),
            None => text.render_to(page),
        }
    }
}

pub(super) fn shown(text: &str) -> Shown<'_> {
    Shown(text)
}

/// An outcome as a sign and a word, and a colour besides.
pub(super) fn badge(outcome: Outcome) -> Markup {
    html! { span class={ "badge " (outcome.word()) } { span aria-hidden="true" { (sign(outcome)) } " " (outcome.word()) } }
}

pub(super) fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "✓",
        Outcome::Inconclusive => "?",
        Outcome::Fail => "✕",
        Outcome::Error => "!",
        Outcome::NotApplicable => "–",
    }
}

/// The outcome that a decision is shown as.
pub(super) fn outcome(decision: Decision) -> Outcome {
    match decision {
        Decision::Pass => Outcome::Pass,
        Decision::Inconclusive => Outcome::Inconclusive,
        Decision::Error => Outcome::Error,
        Decision::Fail => Outcome::Fail,
    }
}
