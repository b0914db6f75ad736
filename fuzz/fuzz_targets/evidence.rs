//! Any bytes as a results file, read by the reader that they ask for or that their content shows: an answer, and no panic.
//!
//! `cargo +nightly fuzz run evidence`; the files of `tests/fixtures/tools` are a good corpus. The first byte picks a reader.

#![no_main]

use std::io;

use libfuzzer_sys::fuzz_target;
use relgate::diagnostic::Diagnostic;
use relgate::evidence::{Declared, Depth, Format, Source, probe_as};

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

fuzz_target!(|data: &[u8]| {
    let Some((pick, bytes)) = data.split_first() else { return };
    let format = Format::ALL.get(usize::from(*pick)).copied();
    let declared = Declared { format, ..Declared::default() };
    let _ = probe_as(&Bytes(bytes), Depth::Whole, &declared);
});
