//! The kinds of reports: one file each, and one line in [`KINDS`].

mod audit;
mod bom;
mod card;
mod csv;
mod eval_results;
mod github;
mod gitlab;
mod html;
mod intoto;
mod json;
mod junit;
mod kind;
mod markdown;
mod metrics;
mod own;
mod risks;
mod sarif;
mod terminal;

pub use card::card;
pub use html::plan as plan_page;
pub use kind::{Kind, Several, SharedFile};
pub use own::is_own;

/// Every kind, in the order in which help names them.
pub const KINDS: &[Kind] = &[
    terminal::KIND,
    json::KIND,
    markdown::KIND,
    html::KIND,
    junit::KIND,
    sarif::KIND,
    github::KIND,
    gitlab::KIND,
    metrics::KIND,
    csv::KIND,
    risks::KIND,
    card::KIND,
    eval_results::KIND,
    bom::KIND,
    audit::KIND,
    intoto::KIND,
];

/// The kind for a person at a terminal.
pub const TERMINAL: &Kind = &terminal::KIND;
/// What goes into a file that people edit too: only its block is ours, see [`card`].
pub const CARD: &Kind = &card::KIND;
/// What is a folder, and not a file.
pub const AUDIT: &Kind = &audit::KIND;
/// report.json.
pub const JSON: &Kind = &json::KIND;

/// The kind of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
