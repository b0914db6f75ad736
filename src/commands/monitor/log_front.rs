//! The front of a file of a log: what is looked at to learn its fields, and when it began.

use crate::artifact::Source;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::{self, Projected, Projection, Role, Sample, Sink, Value};
use crate::files::LogFile;

/// How much of a file is looked at to learn its fields.
const HEAD: u64 = 4 << 20;
/// How much of that to learn when it began.
const FRONT: usize = 1 << 16;

/// What is looked at of a file to learn its fields.
pub(super) enum Front<'f> {
    /// Of lines of objects the first ones.
    Lines(Sound),
    /// Of anything else the file: its reader takes no more than its front.
    File(&'f LogFile),
}

impl<'f> Front<'f> {
    pub(super) fn of(file: &'f LogFile) -> Result<Self, Diagnostic> {
        let head = file.head(HEAD)?;
        // A torn line at its front is no reason not to look: the others say what the fields are.
        Ok(Sound::of(&head)?.map_or(Self::File(file), Self::Lines))
    }

    pub(super) fn source(&self) -> &dyn Source {
        match self {
            Self::Lines(sound) => sound,
            Self::File(file) => *file,
        }
    }
}

/// The front of a file of lines without its torn ones.
#[derive(Debug)]
pub(super) struct Sound {
    name: String,
    bytes: Vec<u8>,
}

impl Sound {
    /// None of a file in which an object is no line.
    fn of(head: &LogFile) -> Result<Option<Self>, Diagnostic> {
        let unreadable = |error: &std::io::Error| {
            Diagnostic::error(Code::Unreadable, format!("`{}` cannot be read: {error}", head.name()))
                .in_file(head.name())
                .help("run again; if it stays, check that the file is on a disk that works")
        };
        let mut bytes = vec![0; usize::try_from(head.len()).unwrap_or(0)];
        let mut have = 0;
        while have < bytes.len() {
            let rest = bytes.get_mut(have..).unwrap_or_default();
            match head.read_at(have as u64, rest).map_err(|error| unreadable(&error))? {
                0 => break,
                count => have += count,
            }
        }
        if !evidence::is_of_object_lines(&bytes) {
            return Ok(None);
        }
        let lines = bytes.split(|byte| *byte == b'\n');
        let sound: Vec<&[u8]> = lines.filter(|line| evidence::is_object_line(line)).collect();
        let bytes = [sound.join(&b'\n'), vec![b'\n']].concat();
        Ok(Some(Self { name: head.name().to_owned(), bytes }))
    }

    /// So many bytes of whole lines, and at least the first one.
    fn front(&self, most: usize) -> &[u8] {
        let feed = self.bytes.get(..most).and_then(|front| memchr::memrchr(b'\n', front));
        let end = feed.or_else(|| memchr::memchr(b'\n', &self.bytes));
        self.bytes.get(..end.map_or(self.bytes.len(), |feed| feed + 1)).unwrap_or(&self.bytes)
    }
}

impl Source for Sound {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        if let (Some(buf), Some(rest)) = (buf.get_mut(..count), rest.get(..count)) {
            buf.copy_from_slice(rest);
        }
        Ok(count)
    }

    fn check_unchanged(&self) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// The time of the first records of a file.
pub(super) struct Began(f64);

impl Began {
    /// In seconds since 1970; infinite where none has a time.
    pub(super) fn of(front: &Front<'_>, catalog: &evidence::Catalog) -> Result<f64, Diagnostics> {
        let fields = vec![Projected { name: "time".to_owned(), role: Role::Time }];
        let projection = Projection { fields, records: true, paths: catalog.paths.clone() };
        let short;
        let source: &dyn Source = match front {
            Front::Lines(sound) => {
                short = Sound { name: sound.name.clone(), bytes: sound.front(FRONT).to_vec() };
                &short
            }
            Front::File(file) => *file,
        };
        let mut began = Self(f64::INFINITY);
        evidence::stream_front(source, catalog.format, catalog.compression, &projection, &mut began)?;
        Ok(began.0)
    }
}

impl Sink for Began {
    fn fork(&self) -> Self {
        Self(f64::INFINITY)
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        if let Some(Value::Number(time)) = sample.values.first() {
            self.0 = self.0.min(*time);
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, _lines: u64) -> Result<(), Diagnostic> {
        self.0 = self.0.min(later.0);
        Ok(())
    }
}
