//! The rule language: `[aggregate] metric [change] comparator number [unit]`.
//!
//! Parsing settles everything that can be settled without evidence and keeps the place of every word. Which
//! words name the metric is settled later, against the names that there are: see [`Rule::readings`].

mod meant;
mod parse;
mod parts;

pub use meant::parse;
pub use parse::{Locator, parse_quantity};
pub use parts::{Aggregate, ChangeWord, Comparator, Quantity, Reading, Rule, fold};
