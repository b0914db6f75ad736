//! The hand-written JSON scanner: one pass over rows or a document that stops only at what is asked for.
//!
//! It accepts exactly what `serde_json` accepts, minus two things: a key that stands twice in one object
//! of the first level of a row, and a line feed inside a row. `tests` hold it against `serde_json` over generated
//! input. Nothing here recurses, so that no depth can exhaust the stack.

mod nested;
mod rows;
mod scanner;

pub(crate) use nested::steps;
pub(crate) use scanner::{Scanner, Step};

#[cfg(test)]
mod tests;
