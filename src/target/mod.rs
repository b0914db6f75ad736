//! One file an engine: a split to the bytes that it reads, and back. Pure; the commands write and read the files.
//!
//! What exists is changed in the engine's own keys only; what is not understood is refused with its line, never guessed at.

mod file;
mod refusal;
mod split;

pub use refusal::Refusal;
pub use split::{SCHEMA, TrafficSplit};

use crate::manifest::{TargetKind, TargetSpec};

/// The text of a target's file with this split; `existing` is what stands there now.
///
/// # Errors
/// The split cannot be expressed, or what stands there is not understood.
pub fn write(target: &TargetSpec, split: &TrafficSplit, existing: Option<&str>) -> Result<String, Refusal> {
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
