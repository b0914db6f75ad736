//! Any bytes as a results file: an answer, and no panic. A target for each reader, and `evidence`, which finds the reader.
//!
//! `cargo +nightly fuzz run inspect`; the files of `tests/fixtures/tools` are a good corpus.

use std::io;

use relgate::diagnostic::Diagnostic;
use relgate::evidence::{Compression, CountTable, Declared, Depth, Format, Source, probe_as};

struct Bytes<'b>(&'b [u8]);

impl Source for Bytes<'_> {
    fn name(&self) -> &str {
        "fuzzed"
    }

    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.0.get(at..)).unwrap_or_default();
        let length = rest.len().min(buf.len());
        buf[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn check_unchanged(&self) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// Reads bytes as a file of a format, or of the one that their content shows.
pub fn read(bytes: &[u8], format: Option<Format>) {
    // As evidence, and as a log of production.
    for records in [false, true] {
        let declared = Declared { format, records, ..Declared::default() };
        let _ = probe_as(&Bytes(bytes), Depth::Whole, &declared);
    }
    if format == Some(Format::Counts) {
        let _ = CountTable::default().add(&Bytes(bytes), Compression::None);
    }
}

/// The target of a reader.
#[macro_export]
macro_rules! reader {
    ($format:ident) => {
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::read(
            bytes,
            Some(relgate::evidence::Format::$format)
        ));
    };
}
