//! Evidence readers from outside: what they read, what they refuse and in which words.

mod blocks;
mod catalog;
mod csv;
mod fields;
mod headers;
mod jsonl;
mod metrics;
mod properties;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use relgate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use relgate::evidence::{
    Catalog, Compression, Declared, Depth, FieldKind, Format, Id, Measured, Paths, Projected, Projection,
    Role, RunSummary, Sample, Sink, Source, StatedAggregate, Value, detect, probe, probe_as, stream,
};

/// A file in memory that hands out few bytes at a time.
struct Memory {
    name: String,
    bytes: Vec<u8>,
    /// Bytes that the medium delivers; fewer than `bytes` plays a file that became shorter.
    whole: usize,
}

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Memory {
    let bytes = bytes.into();
    Memory { name: name.to_owned(), whole: bytes.len(), bytes }
}

impl Source for Memory {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let offset = offset as usize;
        let rest = self.bytes[..self.whole].get(offset..).unwrap_or_default();
        // Odd and shorter than asked for, as a network file system may do.
        let count = rest.len().min(buf.len()).min(99_991);
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// Writes down every row.
#[derive(Default)]
struct Recorder {
    rows: Vec<(u64, String)>,
    /// Sinks that are alive, and the most that ever were.
    alive: Arc<(AtomicUsize, AtomicUsize)>,
    /// Refuse rows with this id.
    refuse: Option<&'static str>,
}

impl Sink for Recorder {
    fn fork(&self) -> Self {
        let alive = self.alive.0.fetch_add(1, Ordering::Relaxed) + 1;
        self.alive.1.fetch_max(alive, Ordering::Relaxed);
        Self { rows: Vec::new(), alive: Arc::clone(&self.alive), refuse: self.refuse }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        if let (Id::Text(id), Some(refuse)) = (&sample.id, self.refuse)
            && id == refuse
        {
            return Err(Diagnostic::error(Code::NotFinite, "the sink refuses this row"));
        }
        let epoch = sample.epoch.map_or(String::new(), |epoch| format!("#{epoch}"));
        let errored = if sample.error.is_some() { "!" } else { "" };
        self.rows.push((sample.line, format!("{:?}{epoch}{errored} {:?}", sample.id, sample.values)));
        Ok(())
    }

    fn absorb(&mut self, later: Self, line_offset: u64) -> Result<(), Diagnostic> {
        self.alive.0.fetch_sub(1, Ordering::Relaxed);
        self.rows.extend(later.rows.into_iter().map(|(line, row)| (line + line_offset, row)));
        Ok(())
    }
}

/// Scores `accuracy` and label `lang`.
fn projection() -> Projection {
    let field = |name: &str, role| Projected { name: name.to_owned(), role };
    Projection {
        fields: vec![field("accuracy", Role::Score), field("lang", Role::Label)],
        records: false,
        ..Projection::default()
    }
}

/// Reads all rows of a file whose kind is told from its name.
fn read(source: &Memory) -> Result<(RunSummary, Vec<(u64, String)>), Diagnostics> {
    let (format, compression) = detect(source)?;
    let mut sink = Recorder::default();
    let summary = stream(source, format, compression, &projection(), &mut sink)?;
    assert_eq!(summary.rows as usize, sink.rows.len());
    Ok((summary, sink.rows))
}

/// Findings as `line: text`, notes and help included.
fn told(findings: &Diagnostics) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let words = [&[finding.title.clone()][..], &finding.notes, &finding.help].concat().join(" / ");
            match &finding.place {
                Place::Line { file, line } => format!("{file}:{line}: {words}"),
                Place::File(file) => format!("{file}: {words}"),
                other => panic!("{words} has no place: {other:?}"),
            }
        })
        .collect()
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Asserts that reading `bytes` as `name` finds `words` at `line`, and nothing before.
#[track_caller]
fn refuses(name: &str, bytes: &[u8], line: u64, words: &[&str]) {
    let findings =
        read(&file(name, bytes)).expect_err(&format!("{:?} was read", String::from_utf8_lossy(bytes)));
    let first = told(&findings).remove(0);
    let place = if line == 0 { format!("{name}: ") } else { format!("{name}:{line}: ") };
    assert!(first.starts_with(&place), "{first:?} is not at {place}");
    for word in words {
        assert!(first.contains(word), "{first:?} does not say {word:?}");
    }
    assert!(findings.iter().all(|finding| !finding.help.is_empty()), "{first:?} does not say what to do");
}
