//! Reads a text file that a person edits, such as a changelog; a missing one is none.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use super::shown::special;
use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic};

/// The largest text file that is read.
const MOST: u64 = 64 << 20;

/// The text at `path` with its byte order mark and line ends; none where nothing stands there. Messages name it `name`.
///
/// # Errors
/// Something else than a text file stands there, or it cannot be read.
pub fn read_text(path: &Path, name: &str) -> Result<Option<String>, Diagnostic> {
    let refuse = |why: String| {
        Diagnostic::error(Code::Unreadable, format!("`{name}` {why}"))
            .in_file(name)
            .help("nothing was written to it")
    };
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // What somebody linked to is not nothing: a lock that got lost must not read as "there never was one".
            if path.is_symlink() {
                return Err(refuse("is a link to a file that is not there".to_owned()));
            }
            return Ok(None);
        }
        Err(error) => return Err(refuse(format!("cannot be read: {}", reason(&error)))),
    };
    if !about.is_file() {
        let what = if about.is_dir() { "a folder" } else { special(about.file_type()) };
        return Err(refuse(format!("is {what}, not a text file")));
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    read.map_err(|error| refuse(format!("cannot be read: {}", reason(&error))))?;
    if bytes.len() as u64 > MOST {
        return Err(refuse(format!("is larger than {} MiB", MOST >> 20)));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| refuse("is not UTF-8 text".to_owned()))
}
