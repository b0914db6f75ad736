//! The members of a ZIP archive, each read into memory whole. Nothing is ever unpacked into files.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use flate2::bufread::DeflateDecoder;
use rawzip::{
    CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator,
};

use super::file::ForeignFile;
use super::halt::Halt;
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::evidence::blocks::unreadable;
use crate::evidence::feed::LONGEST;
use crate::evidence::source::{Compression, Source};
use crate::evidence::unpack::Unpacked;

/// Members beyond these are no results.
const MOST: usize = 2_000_000;
/// Text is never packed more tightly than this, on the whole.
const TIGHTEST: u64 = 1_000;

/// An open archive.
pub(in crate::evidence) struct Archive<'s> {
    file: &'s str,
    inside: ZipArchive<Bytes<'s>>,
    /// By name.
    members: BTreeMap<String, Member>,
}

struct Member {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
}

/// The bytes of a source at any place.
struct Bytes<'s>(&'s dyn Source);

impl ReaderAt for Bytes<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(offset, buf)
    }
}

impl<'s> Archive<'s> {
    /// Reads the directory of an archive.
    ///
    /// # Errors
    /// It is damaged, encrypted, or unlike anything that a tool writes.
    pub(in crate::evidence) fn open(file: &ForeignFile<'s>) -> Result<Self, Halt> {
        let name = file.name();
        let wrong = |error: &rawzip::Error| damaged(name, &error.to_string());
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let archive = ZipLocator::new()
            .locate_in_reader(Bytes(file.source), &mut buffer, file.source.len())
            .map_err(|(_, error)| wrong(&error))?;
        let mut members = BTreeMap::new();
        let (mut unpacked, mut places) = (0_u64, Vec::new());
        let mut entries = archive.entries(&mut buffer);
        while let Some(entry) = entries.next_entry().map_err(|error| wrong(&error))? {
            if entry.is_dir() {
                continue;
            }
            if members.len() >= MOST {
                return Err(damaged(name, "it has more members than any evaluation writes"));
            }
            let Ok(path) = std::str::from_utf8(entry.file_path().as_bytes()) else {
                return Err(damaged(name, "the name of a member is not UTF-8"));
            };
            let path = path.to_owned();
            let shown = printable(&path);
            if path.starts_with('/') || path.contains('\\') || path.split('/').any(|part| part == "..") {
                return Err(damaged(name, &format!("the member `{shown}` would lie outside of it")));
            }
            if entry.flags().is_encrypted() {
                return Err(damaged(name, &format!("the member `{shown}` is encrypted")));
            }
            unpacked = unpacked.saturating_add(entry.uncompressed_size_hint());
            let member = Member { place: entry.wayfinder(), method: entry.compression_method() };
            places.push((entry.local_header_offset(), entry.compressed_size_hint()));
            if members.insert(path, member).is_some() {
                return Err(damaged(name, &format!("the member `{shown}` is there twice")));
            }
        }
        places.sort_unstable();
        let overlap = |pair: &[(u64, u64)]| match pair {
            [(start, length), (next, _)] => start.saturating_add(*length) > *next,
            _ => false,
        };
        if places.windows(2).any(overlap) {
            return Err(damaged(name, "members of it overlap"));
        }
        if unpacked > file.source.len().saturating_mul(TIGHTEST).saturating_add(1 << 30) {
            return Err(damaged(name, "it unpacks to far more than any evaluation writes"));
        }
        Ok(Self { file: name, inside: archive, members })
    }

    /// The names of its members, in byte order.
    pub(in crate::evidence) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The text of a member; none where there is none of that name.
    ///
    /// # Errors
    /// It is damaged, too large, or packed in a way that is not known.
    pub(in crate::evidence) fn text(&self, name: &str) -> Result<Option<String>, Halt> {
        let Some(member) = self.members.get(name) else { return Ok(None) };
        let wrong = |what: &str| damaged(self.file, &format!("the member `{}`: {what}", printable(name)));
        let entry = self.inside.get_entry(member.place).map_err(|error| wrong(&error.to_string()))?;
        let packed = BufReader::new(entry.reader());
        let stream: Box<dyn Read + '_> = match member.method {
            CompressionMethod::STORE => Box::new(packed),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(packed)),
            CompressionMethod::ZSTD => Box::new(Unpacked::new(packed, Compression::Zstd)),
            _ => return Err(wrong("it is packed in a way that relgate does not know")),
        };
        let mut bytes = Vec::new();
        let mut limited = entry.verifying_reader(stream).take(LONGEST as u64 + 1);
        limited.read_to_end(&mut bytes).map_err(|error| unreadable(self.file, &error))?;
        if bytes.len() > LONGEST {
            return Err(wrong(&format!("it is larger than {} MiB", LONGEST >> 20)));
        }
        String::from_utf8(bytes).map(Some).map_err(|_| wrong("it is not UTF-8 text"))
    }
}

fn damaged(file: &str, what: &str) -> Halt {
    Diagnostic::error(Code::Unreadable, format!("this archive cannot be read: {}", printable(what)))
        .nature(Nature::Damaged)
        .in_file(file)
        .help("write or copy the file again; evidence that is not whole is never judged")
        .into()
}
