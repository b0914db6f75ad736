//! Text to trees and rows: one tree with places for JSON and YAML, and one JSON scanner.
//!
//! [`yaml`] and [`json`] build a [`Node`] tree, in which every value knows its bytes and keeps its source text (`1.10`
//! stays `1.10`); [`Content`] is what a tree says without its places, for comparing, [`block`] and [`flow`] write it again. Rows are never made into trees: the
//! scanner (`scan`) hands their fields over as they stand in the text, and knows nothing of what a field means.

mod build;
mod content;
pub(crate) mod decimal;
mod json;
mod keys;
mod number;
mod scalar;
mod scan;
mod token;
mod tree;
mod written;
mod yaml;
mod yaml_traps;

pub use content::Content;
pub use json::json;
pub use scalar::{quoted, scalar};
pub use tree::{Limits, Meaning, Node, NodeKind, Scalar, by_line};
pub use written::{block, flow};
pub use yaml::yaml;

pub(crate) use keys::Keys;
pub(crate) use scan::{Scanner, Step, steps};
pub(crate) use token::{Cause, Fault, Fields, RawText, Token};
