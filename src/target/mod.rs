//! One file an engine: a split to the bytes that it reads, and back. Pure; the commands write and read the files.
//!
//! What exists is changed in the engine's own keys only; what is not understood is refused with its line, never guessed at.

mod argo_rollouts;
mod edit;
mod file;
mod flagd;
mod haproxy;
mod httproute;
mod litellm;
mod nginx;
mod nodes;
mod refusal;
mod split;

pub use argo_rollouts::{ArgoFacts, render};
pub use refusal::Refusal;
pub use split::{SCHEMA, TrafficSplit};

use crate::manifest::{TargetKind, TargetSpec};

/// The text of a target's file with this split; `existing` is what stands there now.
///
/// # Errors
/// The split cannot be expressed, or what stands there is not understood.
pub fn write(target: &TargetSpec, split: &TrafficSplit, existing: Option<&str>) -> Result<String, Refusal> {
    expressible(target.kind.value, split)?;
    match target.kind.value {
        TargetKind::File => file::write(split, existing),
        TargetKind::Nginx => nginx::write(target, split, existing),
        TargetKind::Flagd => flagd::write(target, split, existing),
        TargetKind::Haproxy => haproxy::write(target, split, existing),
        TargetKind::Litellm => litellm::write(target, split, existing),
        TargetKind::Httproute => httproute::write(target, split, existing),
        TargetKind::ArgoRollouts => Err(argo_rollouts::driven()),
        TargetKind::Command => Err(by_command()),
    }
}

/// The candidate's share that a target's file says, of 10,000; `name` is the release's.
///
/// # Errors
/// It is not understood.
pub fn read(target: &TargetSpec, name: &str, existing: &str) -> Result<u16, Refusal> {
    match target.kind.value {
        TargetKind::File => file::read(existing),
        TargetKind::Nginx => nginx::read(target, name, existing),
        TargetKind::Flagd => flagd::read(target, name, existing),
        TargetKind::Haproxy => haproxy::read(target, name, existing),
        TargetKind::Litellm => litellm::read(target, name, existing),
        TargetKind::Httproute => httproute::read(target, name, existing),
        TargetKind::ArgoRollouts => Err(argo_rollouts::driven()),
        TargetKind::Command => Err(by_command()),
    }
}

/// Why one unit would not always get the same release from this engine, as it is configured in `existing`; none where it does, or
/// where nobody can tell yet.
#[must_use]
pub fn unsticky(target: &TargetSpec, name: &str, existing: Option<&str>) -> Option<Refusal> {
    let every_request = |engine: &str| {
        Refusal::new(
            format!(
                "{engine} chooses anew for every request, so one user gets now this release, now that one"
            ),
            "write `unit: request` in `deployment`, or split by users with another target",
        )
    };
    match target.kind.value {
        // They hash what tells units apart, or relgate tells them nothing.
        TargetKind::File
        | TargetKind::Nginx
        | TargetKind::Flagd
        | TargetKind::Command
        | TargetKind::ArgoRollouts => None,
        TargetKind::Haproxy => haproxy::unsticky(target, name, existing?),
        TargetKind::Httproute => httproute::unsticky(target, name, existing?),
        TargetKind::Litellm => Some(every_request("LiteLLM's proxy")),
    }
}

/// What to send to the engine's socket so that the split holds before the file is read again; nothing for most.
///
/// # Errors
/// The split cannot be expressed.
pub fn runtime(target: &TargetSpec, split: &TrafficSplit) -> Result<Vec<String>, Refusal> {
    match target.kind.value {
        TargetKind::Haproxy => haproxy::runtime(target, split),
        _ => Ok(Vec::new()),
    }
}

/// What only some engines can express.
fn expressible(kind: TargetKind, split: &TrafficSplit) -> Result<(), Refusal> {
    if split.shadow && !matches!(kind, TargetKind::File | TargetKind::Httproute | TargetKind::Command) {
        let why = format!("`{kind}` cannot let the candidate answer beside the stable release");
        return Err(Refusal::new(why, "shadow by `kind: file`, by `httproute` or by a `command`"));
    }
    if !split.cohorts.is_empty()
        && !matches!(kind, TargetKind::File | TargetKind::Flagd | TargetKind::Command)
    {
        let why = format!("`{kind}` knows no cohorts");
        return Err(Refusal::new(why, "leave `cohort` out, or take `kind: file`, `flagd` or a `command`"));
    }
    Ok(())
}

fn by_command() -> Refusal {
    Refusal::new("a command writes and reads this target", "give `--run` and `--read-back`")
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use crate::diagnostic::{FileId, Span, Spanned};
    use crate::manifest::{TargetKind, TargetSpec};

    /// A target with the usual names.
    pub(super) fn target(kind: TargetKind) -> TargetSpec {
        TargetSpec {
            kind: Spanned::new(kind, Span::new(FileId::ONLY, 0, 0)),
            path: None,
            name: None,
            stable: "stable".to_owned(),
            candidate: "candidate".to_owned(),
        }
    }

    /// Holds that something was refused, where, and why.
    #[track_caller]
    pub(super) fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>, line: Option<usize>, words: &str) {
        let refusal = result.unwrap_err();
        let text = format!("{}: {}", refusal.text, refusal.help);
        assert!(text.contains(words), "`{words}` is not in: {text}");
        assert_eq!(refusal.line, line, "{text}");
    }

    /// Holds that these parts of a file are still there.
    #[track_caller]
    pub(super) fn is_kept(before: &str, after: &str, parts: &[&str]) {
        for part in parts {
            assert!(before.contains(part) == after.contains(part), "`{part}` was lost in:\n{after}");
        }
    }
}
