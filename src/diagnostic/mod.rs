//! What relgate finds wrong, and where: the one shape of every error and warning.
//!
//! A [`Diagnostic`] holds facts (a stable code, a sentence, a place, what to do); [`render`] words it
//! the way rustc does. What a finding means for the verdict is decided elsewhere.

mod code;
mod data;
mod finding;
mod findings;
mod inert;
mod render;
mod source;
mod words;

pub use code::{Code, FindingExample};
pub use finding::{Diagnostic, Nature, Place, Severity, Unlisted};
pub use findings::{Diagnostics, Iter};
pub use inert::{ascii, inert_json, printable};
pub use render::render;
pub use source::{FileId, Sources, Span, Spanned};
pub use words::{LONGEST_NAME, list, nearest, shortened};

pub(crate) use inert::is_invisible;
