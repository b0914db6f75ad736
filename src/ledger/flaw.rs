//! What is wrong with a ledger, file by file, and what to do about it.

use super::event::Malformed;
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::manifest::Digest;

/// Something that no run of relgate leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The name of the file in the ledger's folder.
    pub file: String,
    /// What is wrong with it.
    pub kind: FlawKind,
}

/// What is wrong with a file of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlawKind {
    /// Its name is that of an event, and it is not the event of that name; the digest that it has.
    Edited(Digest),
    /// It ends before its end, or is no JSON.
    Torn,
    /// It follows an event that is not there.
    MissingAncestor(Digest),
    /// It holds the same as the file of that name.
    Doubled(String),
    /// It says what an event before it said, and nothing happened in between; the file of that event.
    Repeated(String),
    /// It belongs to no ledger; why.
    Foreign(String),
    /// It says that it was signed, and its signature is not there.
    Unsigned,
    /// It is the signature of an event that is not there, as a killed run may leave one behind.
    SignatureAlone,
    /// It is a checkpoint, and not as relgate wrote it.
    BadCheckpoint(String),
    /// It was written after the checkpoint of that name and does not follow what that says was there.
    BesideCheckpoint(String),
    /// An event of the checkpoint is not there any more, or others are; what the checkpoint says.
    NotAsCheckpointed(String),
    /// It stood in the git reference, and is not there any more.
    Gone(String),
    /// It has other bytes in the git reference.
    DiffersFrom(String),
    /// It cannot be read; why.
    Unreadable(String),
}

impl Flaw {
    /// A flaw of bytes that are no event, in a file of an event's name.
    pub(super) fn of(file: String, malformed: Malformed, digest: Digest, is_named_by_digest: bool) -> Self {
        let kind = match malformed {
            Malformed::Torn => FlawKind::Torn,
            _ if !is_named_by_digest => FlawKind::Edited(digest),
            Malformed::OtherSchema(Some(schema)) => FlawKind::Foreign(format!(
                "is of the schema `{}`, not of {}",
                printable(&schema),
                super::SCHEMA
            )),
            Malformed::OtherSchema(None) => FlawKind::Foreign("states no schema".to_owned()),
            Malformed::Unfit(why) => FlawKind::Foreign(format!("is no event that relgate writes: {why}")),
        };
        Self { file, kind }
    }

    /// Whether nobody could look, instead of something being wrong.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        matches!(self.kind, FlawKind::Unreadable(_))
    }

    /// The flaw as a finding about a file in `folder`.
    #[must_use]
    pub fn finding(&self, folder: &str) -> Diagnostic {
        let file = format!("{}/{}", folder.trim_end_matches('/'), self.file);
        let shown = printable(&self.file);
        let about = |code: Code, text: String| {
            Diagnostic::error(code, text).in_file(file.clone()).nature(Nature::Differs)
        };
        let restore = format!("restore it from git: `git log -- {}` says who changed it", printable(&file));
        match &self.kind {
            FlawKind::Edited(digest) => about(
                Code::LedgerEdited,
                format!("the event `{shown}` was edited: its name is not that of its bytes"),
            )
            .note(format!("its bytes have the SHA-256 {}", digest.hex()))
            .help(restore),
            FlawKind::Torn => about(Code::LedgerTorn, format!("the event `{shown}` is cut off, or is no JSON"))
                .note("relgate writes an event as a whole or not at all, so something else cut it off")
                .help(restore),
            FlawKind::MissingAncestor(digest) => about(
                Code::LedgerMissing,
                format!("the event before `{shown}` is not there: {}", name_of(digest)),
            )
            .nature(Nature::Absent)
            .help(format!(
                "restore it from git: `git log --diff-filter=D -- '{}/{}'` finds the commit that lost it",
                folder.trim_end_matches('/'),
                name_of(digest)
            )),
            FlawKind::Doubled(other) => about(
                Code::LedgerDoubled,
                format!("`{shown}` holds the same event as `{}`", printable(other)),
            )
            .help(format!("remove `{shown}`: an event has one file")),
            FlawKind::Repeated(other) => about(
                Code::LedgerDoubled,
                format!("`{shown}` says again what `{}` says, and nothing happened in between", printable(other)),
            )
            .note("relgate writes no event twice, so somebody else wrote it")
            .help(format!("ask who wrote it: `git log -- {}`", printable(&file))),
            FlawKind::Foreign(why) => about(Code::LedgerForeign, format!("`{shown}` {why}"))
                .help("move it out of the ledger: only events, their signatures and checkpoints stand there"),
            FlawKind::Unsigned => about(
                Code::LedgerMissing,
                format!("the event `{shown}` says that it was signed, and `{shown}.sig` is not there"),
            )
            .nature(Nature::Absent)
            .help(format!("restore it from git: `git log --diff-filter=D -- '{}.sig'`", printable(&file))),
            FlawKind::SignatureAlone => {
                let text = format!("`{shown}` is the signature of an event that is not there");
                let finding = Diagnostic::warning(Code::LedgerForeign, text).in_file(file.clone());
                finding.help("the next command that writes the ledger removes it, if a killed one left it behind")
            }
            FlawKind::BadCheckpoint(why) => {
                about(Code::LedgerEdited, format!("the checkpoint `{shown}` {why}")).help(restore)
            }
            FlawKind::BesideCheckpoint(checkpoint) => about(
                Code::LedgerBesideCheckpoint,
                format!("the event `{shown}` does not follow the checkpoint `{}`", printable(checkpoint)),
            )
            .note("it was put in behind the checkpoint, or a branch that began before it was merged")
            .help("see who wrote it with `git log`; the next event, or `relgate ledger checkpoint`, joins a branch"),
            FlawKind::NotAsCheckpointed(why) => about(
                Code::LedgerMissing,
                format!("the ledger is not the one of the checkpoint `{shown}`: {why}"),
            )
            .help("restore the events from git, or from where the checkpoint is kept"),
            FlawKind::Gone(reference) => about(
                Code::LedgerMissing,
                format!("`{shown}` stood in `{}` and is gone", printable(reference)),
            )
            .nature(Nature::Absent)
            .help(format!(
                "restore it: `git checkout {} -- {}`",
                printable(reference),
                printable(&file)
            )),
            FlawKind::DiffersFrom(reference) => about(
                Code::LedgerEdited,
                format!("`{shown}` is not what it was in `{}`", printable(reference)),
            )
            .help(format!("restore it: `git checkout {} -- {}`", printable(reference), printable(&file))),
            FlawKind::Unreadable(why) => {
                Diagnostic::error(Code::Unreadable, format!("`{shown}` cannot be read: {}", printable(why)))
                    .in_file(file.clone())
                    .help("let the user who runs relgate read it")
            }
        }
    }
}

/// How the file of an event of that digest is called, as far as the digest tells.
fn name_of(digest: &Digest) -> String {
    format!("*-{}.json", digest.hex().get(..16).unwrap_or_default())
}
