//! Parquet files as JSON Lines: an object a row, by the names of the columns, so that all that holds for lines holds for them.
//!
//! The index of such a file stands at its end, so it is held in memory as it lies on the disk (its columns are packed), up to
//! [`LARGEST`]. Packed pages may be plain, Snappy or gzip; their checksums are compared where there are any.

use std::fmt::Write as _;
use std::io::{self, Read};

use bytes::Bytes;
use parquet::file::reader::SerializedFileReader;
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};

/// A file of more bytes is refused.
const LARGEST: u64 = 2 << 30;

/// The lines of a Parquet file.
pub(super) struct Lines<R> {
    /// The file, until it is opened.
    raw: Option<R>,
    rows: Option<RowIter<'static>>,
    line: Vec<u8>,
    handed: usize,
}

impl<R: Read> Lines<R> {
    /// Those of the file that `raw` reads from its front.
    pub(super) fn of(raw: R) -> Self {
        Self { raw: Some(raw), rows: None, line: Vec::new(), handed: 0 }
    }

    /// Writes the next row; false at the end.
    fn next_line(&mut self) -> io::Result<bool> {
        if let Some(raw) = self.raw.take() {
            let mut file = Vec::new();
            raw.take(LARGEST + 1).read_to_end(&mut file)?;
            if file.len() as u64 > LARGEST {
                return Err(invalid("a Parquet file of more than 2 GiB"));
            }
            let reader = SerializedFileReader::new(Bytes::from(file)).map_err(invalid)?;
            self.rows = Some(RowIter::from_file_into(Box::new(reader)));
        }
        let Some(row) = self.rows.as_mut().and_then(Iterator::next) else { return Ok(false) };
        let mut line = String::new();
        write_row(&row.map_err(invalid)?, &mut line)?;
        line.push('\n');
        (self.line, self.handed) = (line.into_bytes(), 0);
        Ok(true)
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.handed == self.line.len() && !self.next_line()? {
            return Ok(0);
        }
        let ready = self.line.get(self.handed..).unwrap_or_default();
        let most = ready.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..most), ready.get(..most)) {
            to.copy_from_slice(from);
        }
        self.handed += most;
        Ok(most)
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn write_row(row: &Row, line: &mut String) -> io::Result<()> {
    line.push('{');
    for (place, (name, field)) in row.get_column_iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        write_text(name, line)?;
        line.push(':');
        write_field(field, line)?;
    }
    line.push('}');
    Ok(())
}

/// A value as JSON writes it. NaN and infinities stay what they are, so that they are refused as those of any other file.
fn write_field(field: &Field, line: &mut String) -> io::Result<()> {
    let written = match field {
        Field::Null => write!(line, "null"),
        Field::Bool(value) => write!(line, "{value}"),
        Field::Byte(value) => write!(line, "{value}"),
        Field::Short(value) => write!(line, "{value}"),
        Field::Int(value) => write!(line, "{value}"),
        Field::Long(value) => write!(line, "{value}"),
        Field::UByte(value) => write!(line, "{value}"),
        Field::UShort(value) => write!(line, "{value}"),
        Field::UInt(value) => write!(line, "{value}"),
        Field::ULong(value) => write!(line, "{value}"),
        Field::Float(value) if value.is_finite() => write!(line, "{value:?}"),
        Field::Double(value) if value.is_finite() => write!(line, "{value:?}"),
        Field::Float(value) => write!(line, "{}", word(f64::from(*value))),
        Field::Double(value) => write!(line, "{}", word(*value)),
        Field::Str(text) => return write_text(text, line),
        Field::Group(row) => return write_row(row, line),
        Field::ListInternal(list) => {
            line.push('[');
            for (place, field) in list.elements().iter().enumerate() {
                if place > 0 {
                    line.push(',');
                }
                write_field(field, line)?;
            }
            line.push(']');
            Ok(())
        }
        // Dates, times, decimals, bytes and maps as the format writes them for people.
        other => return write_text(&other.to_string(), line),
    };
    written.map_err(io::Error::other)
}

fn word(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

fn write_text(text: &str, line: &mut String) -> io::Result<()> {
    line.push_str(&serde_json::to_string(text)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::Lines;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tools/parquet-pyarrow-22.0.0");

    #[allow(clippy::disallowed_methods, reason = "a test reads its fixture")]
    fn file(name: &str) -> Vec<u8> {
        std::fs::read(format!("{FOLDER}/{name}")).expect("a fixture")
    }

    fn lines(bytes: &[u8]) -> std::io::Result<String> {
        let mut text = String::new();
        Lines::of(bytes).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn rows_are_those_that_the_tool_wrote_as_lines() {
        let expected: Vec<serde_json::Value> = String::from_utf8(file("rows.jsonl"))
            .expect("text")
            .lines()
            .map(|line| serde_json::from_str(line).expect("json"))
            .collect();
        for name in ["snappy.parquet", "gzip.parquet", "none.parquet"] {
            let text = lines(&file(name)).expect("rows");
            let rows: Vec<serde_json::Value> =
                text.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
            assert_eq!(rows.len(), expected.len(), "{name}");
            for (row, expected) in rows.iter().zip(&expected) {
                assert_eq!(row, expected, "{name}");
            }
        }
    }

    #[test]
    fn a_file_that_is_cut_or_damaged_is_no_shorter_file() {
        let whole = file("snappy.parquet");
        for cut in [5, whole.len() / 2, whole.len() - 1] {
            assert!(lines(whole.get(..cut).unwrap_or_default()).is_err(), "{cut}");
        }
        assert!(lines(&file("zstd.parquet")).is_err(), "a packing that is not built in");
    }
}
