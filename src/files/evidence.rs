//! Evidence files: [`Source`] for an open file.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::activity;
use super::shown::special;
use super::stamped::{is_settled, nanoseconds, stamped};
use crate::artifact::{Source, Stamp, digest_source, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Digest;

/// An open evidence file, as long as it was when it was opened.
#[derive(Debug)]
pub struct EvidenceFile {
    name: String,
    path: PathBuf,
    file: File,
    length: u64,
    state: State,
}

/// What a file looks like from outside, apart from its length; a write of as many bytes changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    /// Device and number on it, where the system says so; another file in its place has others.
    file: (u64, u64),
    modified: Option<SystemTime>,
    /// When anything about it changed, which programs cannot set; seconds and nanoseconds, where the system says so.
    changed: (i64, i64),
}

impl State {
    fn of(about: &Metadata) -> Self {
        #[cfg(unix)]
        let (file, changed) = {
            use std::os::unix::fs::MetadataExt as _;
            ((about.dev(), about.ino()), (about.ctime(), about.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (file, changed) = ((0, 0), (0, 0));
        Self { file, modified: about.modified().ok(), changed }
    }
}

impl EvidenceFile {
    /// Opens the file at `path`; messages name it `name`.
    ///
    /// # Errors
    /// It cannot be opened, or is not a regular file.
    pub fn open(path: &Path, name: &str) -> Result<Self, Diagnostic> {
        let open = || {
            let regular = |about: Metadata| {
                if about.is_file() {
                    return Ok(about);
                }
                let text = format!(
                    "it is {}, not a file",
                    if about.is_dir() { "a folder" } else { special(about.file_type()) }
                );
                Err(io::Error::new(ErrorKind::InvalidInput, text))
            };
            // Before it is opened, because a pipe would wait for its writer; and after, because it may be another by then.
            regular(fs::metadata(path)?)?;
            let file = File::open(path)?;
            let about = regular(file.metadata()?)?;
            Ok((file, about.len(), State::of(&about)))
        };
        let (file, length, state) = open().map_err(|error| unreadable(name, &error))?;
        Ok(Self { name: name.to_owned(), path: path.to_path_buf(), file, length, state })
    }

    /// What tells its content from every other one as of `now`: none where it was written to a moment ago, where the system does not
    /// tell, or where it is not as it was when it was opened.
    #[must_use]
    pub fn settled(&self, now: SystemTime) -> Option<Stamp> {
        self.stamp().filter(|stamp| is_settled(stamp, nanoseconds(now)))
    }

    /// The digest of its bytes; memory stays the same however large it is.
    ///
    /// # Errors
    /// Reading fails, or the file changed since it was opened.
    pub fn sha256(&self) -> Result<Digest, Diagnostic> {
        let digest = digest_source(self)?;
        self.check_unchanged()?;
        Ok(digest)
    }
}

impl Source for EvidenceFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn stamp(&self) -> Option<Stamp> {
        self.check_unchanged().ok()?;
        Some(stamped(&self.path, &self.file.metadata().ok()?))
    }

    fn check_unchanged(&self) -> Result<(), Diagnostic> {
        let now = self.file.metadata().map_err(|error| unreadable(&self.name, &error))?;
        // Rows and digest come from the one open file; the path must still lead to it, or the report would name another.
        let named = fs::metadata(&self.path).map(|about| State::of(&about).file);
        let same = now.len() == self.length && State::of(&now) == self.state;
        if same && named.is_ok_and(|file| file == self.state.file) {
            return Ok(());
        }
        Err(Diagnostic::error(Code::ChangedWhileRead, format!("`{}` changed while it was read", self.name))
            .in_file(&self.name)
            .note(if now.len() == self.length {
                "it was written to or replaced, so the numbers may be of one file and its digest of another"
                    .to_owned()
            } else {
                format!("it had {} bytes and now has {}", self.length, now.len())
            })
            .help("let the evaluation finish first, then run relgate again"))
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        // What was appended after opening is not read: one judgement sees one length.
        let left = self.length.saturating_sub(offset);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let Some(buf) = buf.get_mut(..most).filter(|buf| !buf.is_empty()) else {
            return Ok(0);
        };
        match read_at(&self.file, offset, buf)? {
            0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "the file became shorter while it was read")),
            count => {
                let until = offset + count as u64;
                activity::read(&self.name, count as u64, until, self.length);
                Ok(count)
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, offset)
}

#[cfg(windows)]
fn read_at(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, offset)
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Unreadable, format!("`{name}` cannot be read: {}", reason(error)))
        .in_file(name)
        .help("check that the evaluation wrote it and that the user who runs relgate may read it")
}
