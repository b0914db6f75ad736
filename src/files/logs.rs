//! Files of production records: found by globs, also outside of the root, and read up to their last whole line.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use glob::{MatchOptions, glob_with};

use super::evidence::EvidenceFile;
use crate::artifact::{Source, Stamp};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature, Spanned};

/// How far back from the end a line feed is looked for at a time.
const BLOCK: u64 = 1 << 16;

/// A file up to a place.
#[derive(Debug)]
pub struct LogFile {
    file: EvidenceFile,
    length: u64,
}

impl LogFile {
    /// Where it stands; none of what is no file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.file.path()
    }

    /// The same up to a place nearer to its front: the last line feed among so many bytes, else the first one.
    ///
    /// # Errors
    /// It cannot be opened any more.
    pub fn head(&self, most: u64) -> Result<Self, Diagnostic> {
        let path = self.file.path().map_or_else(PathBuf::new, Path::to_path_buf);
        let file = EvidenceFile::open(&path, self.file.name())?;
        let length = match self.length {
            length if length <= most => length,
            length => match last_line(&file, most)? {
                // One line is longer.
                0 => first_line(&file, most, length)?,
                end => end,
            },
        };
        Ok(Self { file, length })
    }

    /// What tells its lines from all others as of `now`, in a line; none where nobody can know that they stay the same.
    #[must_use]
    pub fn settled(&self, now: SystemTime) -> Option<String> {
        let Stamp { device, inode, bytes, modified, changed, .. } = self.file.settled(now)?;
        Some(format!("{} {device} {inode} {bytes} {modified} {changed} {}", self.length, self.file.name()))
    }

    /// Whether not even one line is whole.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Source for LogFile {
    fn name(&self) -> &str {
        self.file.name()
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn path(&self) -> Option<&Path> {
        self.file.path()
    }

    /// A log grows while it is read: what is appended belongs to the next run.
    fn check_unchanged(&self) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let most = left.min(buf.len());
        match buf.get_mut(..most).filter(|buf| !buf.is_empty()) {
            Some(buf) => self.file.read_at(offset, buf),
            None => Ok(0),
        }
    }
}

/// The files that the patterns of a log match, by name; paths are relative to `folder`, which messages call `shown`.
///
/// # Errors
/// A pattern that is none, one that matches no file, and files that cannot be opened.
pub fn logs(
    (folder, shown): (&Path, &Path),
    patterns: &[Spanned<String>],
) -> Result<Vec<LogFile>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut found: BTreeSet<PathBuf> = BTreeSet::new();
    let exact = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
    for pattern in patterns {
        let whole = folder.join(&pattern.value);
        let before = found.len();
        match glob_with(&whole.to_string_lossy(), exact) {
            Ok(paths) => found.extend(paths.filter_map(Result::ok).filter(|path| path.is_file())),
            Err(error) => findings.push(
                Diagnostic::error(
                    Code::BadGlob,
                    format!("`{}` cannot be used as a glob: {}", pattern.value, error.msg),
                )
                .at(pattern.span, "here")
                .help("use `*`, `?`, `[a-z]` and `**` between two `/`"),
            ),
        }
        if found.len() == before && !findings.has_errors() {
            findings.push(
                Diagnostic::error(Code::NoMatch, format!("no file matches the log `{}`", pattern.value))
                    .nature(Nature::Absent)
                    .at(pattern.span, "no such file")
                    .help(
                        "check that the service writes there, and that the user who runs relgate may read it",
                    ),
            );
        }
    }
    let mut files = Vec::new();
    for path in found {
        match open(&path, (folder, shown)) {
            Ok(file) => files.push(file),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(files) }
}

fn open(path: &Path, (folder, shown): (&Path, &Path)) -> Result<LogFile, Diagnostic> {
    let name = path.strip_prefix(folder).map_or_else(|_| path.to_path_buf(), |own| shown.join(own));
    let name = name.to_string_lossy().replace('\\', "/");
    let file = EvidenceFile::open(path, &name)?;
    let packed = [".gz", ".zst", ".json"].iter().any(|ending| name.ends_with(ending));
    let length = if packed { file.len() } else { last_line(&file, file.len())? };
    Ok(LogFile { file, length })
}

/// Where the line that goes on at `from` ends; `end` where it does not before.
fn first_line(file: &EvidenceFile, from: u64, end: u64) -> Result<u64, Diagnostic> {
    let mut buf = vec![0; BLOCK as usize];
    let mut at = from;
    while at < end {
        let count = file.read_at(at, &mut buf).map_err(|error| unreadable(file, &error))?;
        let have = buf.get(..count).unwrap_or_default();
        match memchr::memchr(b'\n', have) {
            Some(feed) => return Ok((at + feed as u64 + 1).min(end)),
            None if have.is_empty() => break,
            None => at += count as u64,
        }
    }
    Ok(end)
}

fn unreadable(file: &EvidenceFile, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Unreadable, format!("`{}` cannot be read: {error}", file.name()))
        .in_file(file.name())
        .help("it became shorter while it was read: run again")
}

/// Where the last whole line before `end` ends: a last line without its line feed is not there yet.
fn last_line(file: &EvidenceFile, end: u64) -> Result<u64, Diagnostic> {
    let mut buf = vec![0; BLOCK as usize];
    let mut until = end;
    while until > 0 {
        let from = until.saturating_sub(BLOCK);
        let wanted = (until - from) as usize;
        let mut have = 0;
        while have < wanted {
            let part = buf.get_mut(have..wanted).unwrap_or_default();
            let count = file.read_at(from + have as u64, part).map_err(|error| unreadable(file, &error))?;
            if count == 0 {
                break;
            }
            have += count;
        }
        if let Some(feed) = memchr::memrchr(b'\n', buf.get(..have).unwrap_or_default()) {
            return Ok(from + feed as u64 + 1);
        }
        until = from;
    }
    Ok(0)
}
