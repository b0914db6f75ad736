//! The kinds of reports: one file each, and one line in [`KINDS`].

mod html;
mod json;
mod kind;
mod markdown;
mod own;
mod terminal;

pub use kind::{Kind, Several};
pub use own::is_own;

/// Every kind, in the order in which help names them.
pub const KINDS: &[Kind] = &[terminal::KIND, json::KIND, markdown::KIND, html::KIND];

/// The kind for a person at a terminal.
pub const TERMINAL: &Kind = &terminal::KIND;

/// The kind of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
