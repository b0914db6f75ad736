//! The bytes of a source as one stream, unpacked where they are packed.
//!
//! Every member and frame is read to its end and its checksum compared: packed evidence that was cut off is
//! an error, never a shorter file.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::source::{Compression, Digesting, Source};

/// The unpacked bytes that are looked at.
const HEAD: u64 = 1 << 20;
/// Those that nearly always do.
const SHORT: u64 = 1 << 16;

/// What is read from the medium at once.
const CHUNK: usize = 128 * 1024;

/// Opens the unpacked text of `source`.
pub(super) fn open<'a>(source: &'a dyn Source, compression: Compression) -> Box<dyn Read + Send + 'a> {
    open_and_digest(source, compression, None)
}

/// The same; what is read of its bytes goes into `digest` too.
pub(super) fn open_and_digest<'a>(
    source: &'a dyn Source,
    compression: Compression,
    digest: Option<&'a mut Digesting>,
) -> Box<dyn Read + Send + 'a> {
    #[cfg(feature = "parquet")]
    if compression == Compression::Parquet {
        return Box::new(super::parquet::Lines::of(Raw { source, at: 0, digest }));
    }
    Box::new(Unpacked::new(Raw { source, at: 0, digest }, compression))
}

/// The first unpacked bytes: at least the first line, where that is not huge.
pub(super) fn first_bytes(source: &dyn Source, compression: Compression) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut stream = open(source, compression);
    let mut read = |most: u64, head: &mut Vec<u8>| stream.by_ref().take(most).read_to_end(head);
    read(SHORT, &mut head)?;
    if memchr::memchr2(b'\n', b'\r', text_of(&head)).is_none() {
        read(HEAD - SHORT, &mut head)?;
    }
    Ok(head)
}

/// What follows a byte order mark and white space.
pub(super) fn text_of(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}

/// The ending of a file's name in lower case, without that of its packing.
pub(super) fn ending(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let inner = [".gz", ".zst", ".zstd"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
    let file = inner.rsplit(['/', '\\']).next().unwrap_or_default();
    file.rsplit_once('.').map(|(_, ending)| ending.to_owned())
}

/// How a file that starts with `magic` is packed.
pub(super) fn compression(magic: &[u8]) -> Compression {
    match magic {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        // A frame, or a skippable frame before it.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        #[cfg(feature = "parquet")]
        [b'P', b'A', b'R', b'1', ..] => Compression::Parquet,
        _ => Compression::None,
    }
}

/// What an archive is called.
pub(super) const ZIP: &str = "a ZIP archive";

/// What a file of columns is called, which the feature `parquet` reads.
pub(super) const PARQUET: &str = "a Parquet file";

/// Kinds of files that people take for evidence.
pub(super) fn foreign(magic: &[u8]) -> Option<&'static str> {
    match magic {
        [b'P', b'K', 3, 4, ..] => Some(ZIP),
        [b'B', b'Z', b'h', ..] => Some("packed with bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("packed with xz"),
        [b'P', b'A', b'R', b'1', ..] => Some(PARQUET),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16 text"),
        _ => None,
    }
}

/// The unpacked text of any stream.
pub(super) enum Unpacked<R: Read> {
    /// It was not packed.
    Plain(BufReader<R>),
    /// All members of a gzip file.
    Gzip(MultiGzDecoder<BufReader<R>>),
    /// All frames of a Zstandard file.
    Zstd(Box<Frames<BufReader<R>>>),
}

impl<R: Read> Unpacked<R> {
    /// Reads `raw` from its front.
    pub(super) fn new(raw: R, compression: Compression) -> Self {
        let raw = BufReader::with_capacity(CHUNK, raw);
        match compression {
            Compression::None => Self::Plain(raw),
            Compression::Gzip => Self::Gzip(MultiGzDecoder::new(raw)),
            Compression::Zstd => {
                Self::Zstd(Box::new(Frames { raw, decoder: FrameDecoder::new(), within: false, passed: 0 }))
            }
            // Its rows are read from the whole file by [`open_and_digest`]; a stream of it is bytes.
            #[cfg(feature = "parquet")]
            Compression::Parquet => Self::Plain(raw),
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(raw) => raw.read(buf),
            Self::Gzip(raw) => raw.read(buf),
            Self::Zstd(raw) => raw.read(buf),
        }
    }
}

/// A frame that wants more memory at once than is given; in bytes.
#[derive(Debug)]
pub(super) struct WideWindow(u64);

impl std::fmt::Display for WideWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 >> 20 {
            mib if mib >= 1024 => write!(f, "{} GiB", mib >> 10),
            mib => write!(f, "{mib} MiB"),
        }
    }
}

impl std::error::Error for WideWindow {}

/// Fills `buf` from `offset`; shorter only at the end of the file.
pub(super) fn read_full(source: &dyn Source, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read_at(offset + filled as u64, rest) {
            Ok(0) if offset + (filled as u64) < source.len() => return Err(shorter()),
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn shorter() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read")
}

/// A source read from front to back.
struct Raw<'a> {
    source: &'a dyn Source,
    at: u64,
    digest: Option<&'a mut Digesting>,
}

impl Read for Raw<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // What is appended while the file is read does not belong to it.
        let left = self.source.len().saturating_sub(self.at);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let read = self.source.read_at(self.at, buf.get_mut(..most).unwrap_or_default())?;
        if read == 0 && most > 0 {
            return Err(shorter());
        }
        self.at += read as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(buf.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}

/// All frames of a Zstandard file, one after the other.
pub(super) struct Frames<R> {
    raw: R,
    decoder: FrameDecoder,
    /// Whether a frame was begun and is not checked yet.
    within: bool,
    /// Unpacked bytes of this frame so far.
    passed: u64,
}

impl<R: BufRead> Frames<R> {
    /// Begins the next frame; false at the end of the file.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.raw.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.raw) {
                Ok(()) => {
                    (self.within, self.passed) = (true, 0);
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let skipped = io::copy(&mut (&mut self.raw).take(u64::from(length)), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(invalid("the packed file is cut off"));
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { requested, .. }) => {
                    return Err(invalid(WideWindow(requested)));
                }
                Err(error) => return Err(invalid(error)),
            }
        }
        Ok(false)
    }

    /// Compares what the frame promised with what came out.
    fn finish(&mut self) -> io::Result<()> {
        self.within = false;
        let declared = self.decoder.content_size();
        if declared != 0 && declared != self.passed {
            return Err(invalid("the unpacked size is not the one that the file declares"));
        }
        match self.decoder.get_checksum_from_data() {
            Some(sum) if Some(sum) != self.decoder.get_calculated_checksum() => {
                Err(invalid("the checksum does not match"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;
        loop {
            if !self.within && !self.next_frame()? {
                return Ok(0);
            }
            let read = self.decoder.read(buf)?;
            self.passed += read as u64;
            if read > 0 || buf.is_empty() {
                return Ok(read);
            }
            if self.decoder.is_finished() {
                self.finish()?;
            } else {
                self.decoder.decode_blocks(&mut self.raw, UptoBlocks(1)).map_err(invalid)?;
            }
        }
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
