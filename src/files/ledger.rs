//! A ledger's folder: read as a whole; written one event at a time, each whole or not at all, by one command at a time.

use std::collections::HashSet;
use std::fs::{self, DirEntry, File, FileType, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rayon::prelude::*;

use super::git::Commit;
use super::interrupt;
use super::replace::{self, stage, sweep, sync_folders, unwritable};
use super::shown::{shown, special};
use super::ssh_keygen::verify_approval;
use crate::artifact::{Tree as _, Trouble, digest_bytes, join, read_all, reason};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ledger::{
    Chain, Checkpoint, Flaw, FlawKind, LedgerFile, NewEvent, RecordedApproval, StoredContent,
};

/// The largest event that is read; relgate writes some hundred bytes.
const MOST: u64 = 1 << 20;
/// So often is asked for the lock while somebody else has it.
const PAUSE: Duration = Duration::from_millis(50);
/// Keeps git from converting line ends, which would change the bytes of every event.
const ATTRIBUTES: &str = "* -text\n";

/// A ledger that is open for writing: nobody else writes it meanwhile.
#[derive(Debug)]
pub struct Ledger {
    folder: PathBuf,
    /// Keeps others out for as long as it lives.
    _alone: File,
    chain: Chain,
}

/// Makes the signature of bytes.
pub type Signer<'a> = dyn Fn(&[u8]) -> Result<Vec<u8>, Diagnostic> + 'a;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It stands in the file of that name.
    Written(String),
    /// The event in the file of that name says the same already.
    Already(String),
}

impl Appended {
    /// The name of the file that says it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Written(name) | Self::Already(name) => name,
        }
    }
}

impl Ledger {
    /// Whether a ledger stands at `folder`.
    #[must_use]
    pub fn is_at(folder: &Path) -> bool {
        folder.is_dir()
    }

    /// Nothing, where the event of an approval was signed by whoever it names, with a key that `signers` (the text of an
    /// `allowed_signers` file) has for them.
    ///
    /// # Errors
    /// It was not, or nobody can tell.
    pub fn is_signed(
        folder: &Path,
        approval: &RecordedApproval<'_>,
        signers: &str,
    ) -> Result<(), Diagnostic> {
        let name = &approval.link.name;
        let at = folder.join(format!("{name}.sig"));
        let kind = fs::symlink_metadata(&at).map(|about| about.file_type());
        let signature = match kind.map_or_else(|error| unreadable(&error), |kind| content(&at, kind)) {
            StoredContent::Bytes(bytes) => bytes,
            StoredContent::Other(why) | StoredContent::Unreadable(why) => {
                let text = format!("the signature of `{name}` cannot be read: {why}");
                return Err(Diagnostic::error(Code::BadSignature, text).in_file(shown(&at)));
            }
        };
        let bytes = approval.link.event.bytes();
        verify_approval(signers, &approval.data.by, &bytes, &signature)
            .map_err(|finding| finding.in_file(shown(&at)))
    }

    /// Nothing, where a ledger stands at `folder`.
    ///
    /// # Errors
    /// There is none.
    pub fn must_be_at(folder: &Path) -> Result<(), Diagnostic> {
        if Self::is_at(folder) { Ok(()) } else { Err(no_ledger(folder)) }
    }

    /// Makes the folder of a ledger; false where it is there already.
    ///
    /// # Errors
    /// It cannot be made, or something else stands there.
    pub fn create(folder: &Path) -> Result<bool, Diagnostic> {
        let attributes = folder.join(".gitattributes");
        // A run that was killed in between left a folder with nothing in it.
        if Self::is_at(folder) && (attributes.exists() || files_in(folder)?.any(|_| true)) {
            return Ok(false);
        }
        let mut staged = replace::StagedFiles::default();
        staged.add_with_folder(&attributes, ATTRIBUTES.as_bytes())?;
        staged.commit()?;
        Ok(true)
    }

    /// The chain of a ledger, for reading, with its flaws; empty where there is none.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn read(folder: &Path) -> Result<Chain, Diagnostic> {
        Ok(Chain::of(files_in(folder)?))
    }

    /// The flaws of a ledger held against a git revision: what stood there and is gone, or is something else now. `folder` is
    /// relative to the root.
    ///
    /// # Errors
    /// git cannot tell.
    pub fn against(chain: &Chain, commit: &Commit, folder: &str) -> Result<Vec<Flaw>, Diagnostic> {
        let name = format!("git:{}:{folder}", commit.revision());
        let listing = match commit.list(folder) {
            Ok(listing) => listing,
            // There was no ledger yet.
            Err(Trouble::Missing { .. }) => return Ok(Vec::new()),
            Err(trouble) => return Err(trouble.finding(&name)),
        };
        let here: HashSet<&str> = chain.links().iter().map(|link| link.name.as_str()).collect();
        // What is there and flawed has a finding of its own.
        let flawed: HashSet<&str> = chain.flaws().iter().map(|flaw| flaw.file.as_str()).collect();
        let reference = commit.revision();
        let mut flaws = Vec::new();
        for file in listing.files {
            let path = file.path;
            // The name of an event is that of its bytes; only the others are compared themselves.
            if here.contains(path.as_str()) || flawed.contains(path.as_str()) || path.starts_with('.') {
                continue;
            }
            let kind = match chain.beside(&path) {
                None => FlawKind::Gone(reference.to_owned()),
                Some(digest) => {
                    let bytes = read_all(commit, &join(folder, &path), MOST);
                    let bytes = bytes.map_err(|trouble| trouble.finding(&name))?.unwrap_or_default();
                    if digest_bytes(&bytes) == *digest {
                        continue;
                    }
                    FlawKind::DiffersFrom(reference.to_owned())
                }
            };
            flaws.push(Flaw { file: path, kind });
        }
        Ok(flaws)
    }

    /// The chain of a sound ledger, for reading; empty where there is none.
    ///
    /// # Errors
    /// The folder cannot be listed, or something is wrong with a file: nothing is to be concluded from such a ledger.
    pub fn read_sound(folder: &Path) -> Result<Chain, Diagnostics> {
        let chain = Self::read(folder)?;
        if chain.is_sound() { Ok(chain) } else { Err(damaged(&chain, folder)) }
    }

    /// Opens a ledger for writing. Where another command has it open, that one is waited for as long as `patience`.
    ///
    /// # Errors
    /// There is none, another command writes it, or something is wrong with it.
    pub fn open(folder: &Path, patience: Duration) -> Result<Self, Diagnostics> {
        Self::must_be_at(folder)?;
        let alone = alone_in(folder, patience)?;
        sweep(&[folder.join("event")]);
        let mut chain = Self::read(folder)?;
        if chain.is_sound() && !chain.flaws().is_empty() {
            // What a killed run left behind; nobody else writes now.
            for flaw in chain.flaws().iter().filter(|flaw| flaw.kind == FlawKind::SignatureAlone) {
                let _ = fs::remove_file(folder.join(&flaw.file));
            }
            chain = Self::read(folder)?;
        }
        if !chain.is_sound() {
            return Err(damaged(&chain, folder));
        }
        Ok(Self { folder: folder.to_path_buf(), _alone: alone, chain })
    }

    /// The events.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Writes an event after all that nothing follows yet, unless it would only say again what was said.
    ///
    /// # Errors
    /// It cannot be written; then it is not there.
    pub fn append(&mut self, new: NewEvent) -> Result<Appended, Diagnostic> {
        self.append_signed(new, None)
    }

    /// The same with a signature beside it, which `sign` makes of the bytes of the event.
    ///
    /// # Errors
    /// It cannot be signed or written; then it is not there.
    pub fn append_signed(
        &mut self,
        new: NewEvent,
        sign: Option<&Signer<'_>>,
    ) -> Result<Appended, Diagnostic> {
        if let Some(same) = self.chain.repeated_by(&new) {
            return Ok(Appended::Already(same.name.clone()));
        }
        let event = new.after(self.chain.heads().to_vec());
        let (name, bytes) = (event.file_name(), event.bytes());
        // Before the event: a signature alone says nothing.
        if let Some(sign) = sign {
            self.put(&format!("{name}.sig"), &sign(&bytes)?)?;
        }
        self.put(&name, &bytes)?;
        self.chain.push(event);
        Ok(Appended::Written(name))
    }

    /// Writes down what the ledger comes to now; none where it is empty.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, Diagnostic> {
        let Some(checkpoint) = self.chain.checkpoint() else { return Ok(None) };
        let name = checkpoint.file_name();
        if !self.folder.join(&name).exists() {
            self.put(&name, &checkpoint.bytes())?;
        }
        Ok(Some(checkpoint))
    }

    /// Puts a file that was not there into its place: on the disk under another name first, and then all of it at once.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let target = self.folder.join(name);
        let refused = |error: &std::io::Error| {
            unwritable(&target, error)
                .help("the ledger is as it was: make its folder writable, and run again")
        };
        let mut file = stage(&target).map_err(|error| refused(&error))?;
        file.write_all(bytes).map_err(|error| refused(&error))?;
        file.as_file().sync_all().map_err(|error| refused(&error))?;
        let _whole = interrupt::hold();
        match file.persist_noclobber(&target) {
            Ok(_) => {}
            // The same bytes, at the same second, after the same events: somebody wrote exactly this.
            Err(error)
                if error.error.kind() == ErrorKind::AlreadyExists
                    && fs::read(&target).is_ok_and(|there| there == bytes) => {}
            Err(error) => return Err(refused(&error.error)),
        }
        sync_folders(&[target]);
        Ok(())
    }
}

/// Waits until no other command writes the ledger, for as long as what is returned lives.
fn alone_in(folder: &Path, patience: Duration) -> Result<File, Diagnostic> {
    // A folder can be locked itself where the system opens it as a file.
    let opened = if cfg!(unix) { File::open(folder) } else { File::create(folder.join(".lock")) };
    let file = opened.map_err(|error| unwritable(folder, &error))?;
    let mut left = patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if !left.is_zero() => {
                thread::sleep(PAUSE.min(left));
                left = left.saturating_sub(PAUSE);
            }
            Err(TryLockError::WouldBlock) => return Err(busy(folder)),
            Err(TryLockError::Error(error)) => {
                return Err(unwritable(folder, &error)
                    .note("a ledger is written by one command at a time, and its folder cannot be locked"));
            }
        }
    }
}

/// Every file of a ledger's folder but those whose names begin with a dot; none where there is no folder.
fn files_in(folder: &Path) -> Result<impl ParallelIterator<Item = LedgerFile>, Diagnostic> {
    let unlisted = |error: &std::io::Error| {
        let text = format!("the ledger `{}` cannot be listed: {}", shown(folder), reason(error));
        Diagnostic::error(Code::Unreadable, text)
            .in_file(shown(folder))
            .help("let the user who runs relgate read it")
    };
    let listed = match fs::read_dir(folder) {
        Ok(listed) => Some(listed),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(unlisted(&error)),
    };
    let mut entries = Vec::new();
    for entry in listed.into_iter().flatten() {
        let entry = entry.map_err(|error| unlisted(&error))?;
        // What is not in its place yet, and what git and editors keep beside.
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            entries.push(entry);
        }
    }
    let file = |entry: DirEntry| LedgerFile {
        // The listing says what kind it is, so that no file is looked up twice.
        content: entry
            .file_type()
            .map_or_else(|error| unreadable(&error), |kind| content(&entry.path(), kind)),
        name: entry.file_name().to_string_lossy().into_owned(),
    };
    Ok(entries.into_par_iter().map(file))
}

/// What stands at a path, without following a link and without waiting for a pipe.
fn content(path: &Path, kind: FileType) -> StoredContent {
    if kind.is_symlink() {
        return StoredContent::Other("is a symbolic link, and an event is a file of its own".to_owned());
    }
    if kind.is_dir() {
        return StoredContent::Other("is a folder".to_owned());
    }
    if !kind.is_file() {
        return StoredContent::Other(format!("is {}", special(kind)));
    }
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes)) {
        Ok(_) if bytes.len() as u64 > MOST => {
            StoredContent::Other(format!("is larger than {} MiB, which no event is", MOST >> 20))
        }
        Ok(_) => StoredContent::Bytes(bytes),
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &std::io::Error) -> StoredContent {
    StoredContent::Unreadable(reason(error))
}

fn no_ledger(folder: &Path) -> Diagnostic {
    Diagnostic::error(Code::NoLedger, format!("there is no ledger at `{}`", shown(folder)))
        .help("begin one with `relgate ledger init`, and commit it")
}

fn busy(folder: &Path) -> Diagnostic {
    Diagnostic::error(Code::LedgerBusy, format!("another command writes the ledger `{}`", shown(folder)))
        .note("one command at a time may write it")
        .help("run this again when the other one has ended")
}

/// Every flaw of a ledger from which nothing is to be concluded.
fn damaged(chain: &Chain, folder: &Path) -> Diagnostics {
    let folder = shown(folder);
    chain.flaws().iter().map(|flaw| flaw.finding(&folder)).collect()
}
