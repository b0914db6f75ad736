//! One file an engine: a split to the bytes that it reads, and back. Pure; the commands write and read the files.
//!
//! What exists is changed in the engine's own keys only; what is not understood is refused with its line, never guessed at.

mod file;
mod split;

pub use split::{SCHEMA, Split};

use crate::manifest::{TargetKind, TargetSpec};

/// Why an engine's file cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line, from 1, where there is one.
    pub line: Option<usize>,
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub help: String,
}

impl Refusal {
    /// About a whole file.
    fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { line: None, text: text.into(), help: help.into() }
    }
}

/// The text of a target's file with this split; `existing` is what stands there now.
///
/// # Errors
/// The split cannot be expressed, or what stands there is not understood.
pub fn write(target: &TargetSpec, split: &Split, existing: Option<&str>) -> Result<String, Refusal> {
    match target.kind.value {
        TargetKind::File => file::write(split, existing),
        other => Err(not_yet(other)),
    }
}

/// The candidate's share that a target's file says, of 10,000.
///
/// # Errors
/// It is not understood.
pub fn read(target: &TargetSpec, existing: &str) -> Result<u16, Refusal> {
    match target.kind.value {
        TargetKind::File => file::read(existing),
        other => Err(not_yet(other)),
    }
}

fn not_yet(kind: TargetKind) -> Refusal {
    Refusal::new(
        format!("relgate cannot write `{kind}` files"),
        "write `kind: command` and give `--run` and `--read-back`",
    )
}
