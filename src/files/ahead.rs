//! A file that is brought to the disk while the rest of it is made, so that less is left to wait for at its end.

use std::io::{self, Write};
use std::thread::{self, JoinHandle};

use tempfile::NamedTempFile;

/// Bytes that are worth a wait of their own.
const PART: usize = 8 << 20;

/// Writes into a staged file; the system is asked for the disk from time to time, at most once at a time.
pub(super) struct SyncedAhead {
    file: NamedTempFile,
    /// Bytes since it was asked.
    behind: usize,
    asked: Option<JoinHandle<io::Result<()>>>,
}

impl SyncedAhead {
    /// Into `file`.
    pub(super) fn new(file: NamedTempFile) -> Self {
        Self { file, behind: 0, asked: None }
    }

    /// The file; whether all of it is on the disk is still to be asked.
    ///
    /// # Errors
    /// The disk refuses what it was asked for: the system says so once, and not again at the end.
    pub(super) fn finish(mut self) -> io::Result<NamedTempFile> {
        self.asked.take().map_or(Ok(()), answer)?;
        Ok(self.file)
    }

    fn ask(&mut self) -> io::Result<()> {
        if self.asked.as_ref().is_some_and(|asked| !asked.is_finished()) {
            return Ok(());
        }
        self.asked.take().map_or(Ok(()), answer)?;
        let file = self.file.as_file().try_clone()?;
        self.behind = 0;
        // Without another thread it is asked at the end.
        self.asked = thread::Builder::new().spawn(move || file.sync_data()).ok();
        Ok(())
    }
}

fn answer(asked: JoinHandle<io::Result<()>>) -> io::Result<()> {
    asked.join().unwrap_or_else(|_| Err(io::Error::other("the disk was not heard")))
}

impl Write for SyncedAhead {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.behind += written;
        if self.behind >= PART {
            self.ask()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, Write as _};
    use std::{fs, thread};

    use tempfile::NamedTempFile;

    use super::{PART, SyncedAhead};

    #[test]
    fn all_parts_arrive_and_the_disk_was_asked_meanwhile() {
        let mut out = SyncedAhead::new(NamedTempFile::new().unwrap());
        let parts: Vec<Vec<u8>> = (1..=3).map(|part| vec![part; PART]).collect();
        for part in &parts {
            out.write_all(part).unwrap();
        }
        assert!(out.asked.is_some());
        let file = out.finish().unwrap();
        assert_eq!(fs::read(file.path()).unwrap(), parts.concat());
    }

    #[test]
    fn what_the_disk_refuses_is_an_error() {
        let refusing = || {
            let mut out = SyncedAhead::new(NamedTempFile::new().unwrap());
            let asked = thread::spawn(|| Err(Error::other("no")));
            while !asked.is_finished() {
                thread::yield_now();
            }
            out.asked = Some(asked);
            out
        };
        assert_eq!(refusing().finish().unwrap_err().to_string(), "no");
        assert_eq!(refusing().write_all(&vec![1; PART]).unwrap_err().to_string(), "no");
    }
}
