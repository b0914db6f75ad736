//! `relgate/counts/v1`: what a query counted of production records, for `relgate monitor` and `relgate rollout next`.
//!
//! A row says of a stretch of time that begins at `time`, of a `release` and of a `signal` how many records there were (`n`) and in how many
//! of them the signal was true (`events`). As JSON Lines, or as CSV with a header row. A stretch lasts until the next `time` of the log; what
//! stands twice, is negative, no whole number or more than `n` is an error. `docs/rollout.md` has queries that write such rows.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};

use chrono::DateTime;

use super::about::{About, Head, Holding};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature, printable};
use crate::evidence::blocks::{MOST_FINDINGS, unreadable};
use crate::evidence::feed::LONGEST;
use crate::evidence::foreign::{Json, worded};
use crate::evidence::source::{Compression, Source};
use crate::evidence::unpack;

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Aggregates(refused), text_labels: true, fields: &[] };

/// The schema that a header line may name.
pub const COUNTS: &str = "relgate/counts/v1";
/// The fields of a row, each of which every row has, and nothing else.
const FIELDS: [&str; 5] = ["time", "release", "signal", "events", "n"];
/// More releases, or signals, than this are labels of something else.
const MOST_NAMES: usize = 10_000;
/// Larger counts are no counts: the largest integer that every program can hold.
const LARGEST: u64 = 1 << 53;
/// Seconds from which on a number of them is one of milliseconds: the year 5138.
const MILLISECONDS: f64 = 1e11;

fn shows(head: &Head<'_>) -> bool {
    let header = format!("{{\"schema\": \"{COUNTS}\"");
    let line =
        String::from_utf8_lossy(head.text.get(..header.len() + 8).unwrap_or(head.text)).replace(' ', "");
    line.starts_with(&header.replace(' ', ""))
        || FIELDS.iter().all(|field| head.has(field))
        || (!head.text.starts_with(b"{") && FIELDS.iter().all(|field| head.column(field)))
}

/// Evidence is not counted by time.
fn refused(source: &dyn Source, _: Compression) -> Result<super::stated::Metrics, Diagnostics> {
    Err(Diagnostic::error(Code::UnknownFormat, "these are counts of production records, and no evidence")
        .in_file(source.name())
        .help("name them under `monitoring: log:`; of evaluations write a metrics file: `{\"toxicity\": {\"events\": 3, \"n\": 1000}}`")
        .into())
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountRow {
    /// When its stretch of time begins, in seconds since 1970.
    pub time: f64,
    /// The place of its release among [`CountTable::releases`].
    pub release: u32,
    /// The place of its signal among [`CountTable::signals`].
    pub signal: u32,
    /// Records in which the signal was true.
    pub events: u64,
    /// Records.
    pub n: u64,
    /// The place of its file among those that were read, and its line from 1.
    place: (u32, u32),
}

/// Rows of counts, of one file or several.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CountTable {
    /// The releases, as they are called.
    pub releases: Vec<String>,
    /// The signals, as they are called.
    pub signals: Vec<String>,
    /// The rows: by time, and in their order.
    pub rows: Vec<CountRow>,
    files: Vec<String>,
    numbers: HashMap<(bool, String), u32>,
}

impl CountTable {
    /// Adds the rows of a file.
    ///
    /// # Errors
    /// The first few rows that say no counts, with their lines; one that stands twice, also in two files; a file without a row.
    pub fn add(&mut self, source: &dyn Source, compression: Compression) -> Result<(), Diagnostics> {
        let file = self.files.len() as u32;
        self.files.push(source.name().to_owned());
        let before = self.rows.len();
        let mut lines = Lines::of(source, compression);
        let mut findings = Diagnostics::new();
        let mut columns: Option<Vec<usize>> = None;
        let mut many = 0;
        while let Some((number, line)) = lines.next().map_err(|finding| finding.in_file(source.name()))? {
            let taken = match (number, line.starts_with('{'), &columns) {
                (1, true, _) if is_header(line) => continue,
                (_, true, None) => of_json(line),
                (_, _, None) if self.rows.len() == before => {
                    let names = columns_of(line).map_err(|finding| finding.at_line(source.name(), number))?;
                    columns = Some(names);
                    continue;
                }
                (_, _, columns) => of_cells(line, columns.as_deref().unwrap_or_default()),
            };
            if let Err(finding) = taken.and_then(|cells| self.push(&cells, (file, number as u32))) {
                findings.push(finding.at_line(source.name(), number));
                many += 1;
            }
            if many >= MOST_FINDINGS {
                break;
            }
        }
        if findings.has_errors() {
            return Err(findings);
        }
        if self.rows.len() == before {
            return Err(Diagnostic::error(Code::NoSamples, "this file holds no counts")
                .nature(Nature::Absent)
                .in_file(source.name())
                .help("let the query write a row for each time, release and signal, also where nothing happened (`events` 0)")
                .into());
        }
        self.rows.sort_by(|one, other| one.time.total_cmp(&other.time));
        self.are_distinct().map_err(Into::into)
    }

    fn push(&mut self, cells: &Cells, place: (u32, u32)) -> Result<(), Diagnostic> {
        let (events, n) = (count("events", &cells.events)?, count("n", &cells.n)?);
        if events > n {
            let text = format!("{events} events of {n} records cannot be");
            return Err(Diagnostic::error(Code::BadCount, text)
                .help("`n` counts every record of the time and release, with the event or without it"));
        }
        let time = time(&cells.time)?;
        let release = self.number(true, "release", &cells.release)?;
        let signal = self.number(false, "signal", &cells.signal)?;
        self.rows.push(CountRow { time, release, signal, events, n, place });
        Ok(())
    }

    /// The place of a name.
    fn number(&mut self, is_release: bool, what: &str, cell: &Cell) -> Result<u32, Diagnostic> {
        let Cell::Text(name) = cell else {
            return Err(Diagnostic::error(
                Code::WrongType,
                format!("`{what}` is {}, and should be a name", cell.words()),
            )
            .help("a release is called as in `version:`, a signal as in `signals:`"));
        };
        if name.trim().is_empty() {
            return Err(Diagnostic::error(Code::BadRow, format!("`{what}` is empty"))
                .help("let the query name it, or leave the row out"));
        }
        let names = if is_release { &mut self.releases } else { &mut self.signals };
        let next = names.len();
        let number = *self.numbers.entry((is_release, name.clone())).or_insert(next as u32);
        if number as usize == next {
            if next >= MOST_NAMES {
                return Err(Diagnostic::error(
                    Code::TooLarge,
                    format!("there are more than {MOST_NAMES} names of a {what}"),
                )
                .help("group by time, release and signal only"));
            }
            names.push(name.clone());
        }
        Ok(number)
    }

    /// No time, release and signal is counted twice: nobody knows which of the two counts holds.
    fn are_distinct(&self) -> Result<(), Diagnostic> {
        let mut keys: Vec<(u64, u32, u32, (u32, u32))> =
            self.rows.iter().map(|row| (row.time.to_bits(), row.release, row.signal, row.place)).collect();
        keys.sort_unstable();
        let twice = keys.windows(2).find_map(|pair| match pair {
            [one, other] if (one.0, one.1, one.2) == (other.0, other.1, other.2) => Some((one.3, *other)),
            _ => None,
        });
        let Some(((first_file, first), (.., (file, line)))) = twice else { return Ok(()) };
        let name = |file: u32| self.files.get(file as usize).map_or("", String::as_str);
        let text = format!(
            "this time, release and signal are counted twice: also by {}:{first}",
            printable(name(first_file))
        );
        Err(Diagnostic::error(Code::DuplicateId, text)
            .at_line(name(file), line.into())
            .note("which of the two counts holds cannot be known, and their sum may count records twice")
            .help(
                "let the query group by time, release and signal, and write its whole answer into a new file",
            ))
    }
}

/// The lines of a file, without empty ones.
struct Lines<'s> {
    text: BufReader<Box<dyn std::io::Read + Send + 's>>,
    name: &'s str,
    line: Vec<u8>,
    number: u64,
}

impl<'s> Lines<'s> {
    fn of(source: &'s dyn Source, compression: Compression) -> Self {
        let text = BufReader::new(unpack::open(source, compression));
        Self { text, name: source.name(), line: Vec::new(), number: 0 }
    }

    /// The next one, with its number from 1.
    fn next(&mut self) -> Result<Option<(u64, &str)>, Diagnostic> {
        loop {
            self.line.clear();
            let most = LONGEST as u64 + 1;
            let read = self.text.by_ref().take(most).read_until(b'\n', &mut self.line);
            if read.map_err(|error| unreadable(self.name, &error))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        match std::str::from_utf8(self.line.trim_ascii()) {
            Ok(line) => Ok(Some((self.number, line))),
            Err(_) => {
                Err(Diagnostic::error(Code::NotUtf8, format!("line {} is not UTF-8 text", self.number))
                    .help("write the file as UTF-8"))
            }
        }
    }
}

/// A value as it is written.
enum Cell {
    Text(String),
    Number(String),
    /// Something else, in words.
    Other(&'static str),
}

impl Cell {
    fn of(json: &Json<'_>) -> Self {
        match json {
            Json::Text(text) => Self::Text(text.clone().into_owned()),
            Json::Number(text) | Json::Word(text) => Self::Number((*text).to_owned()),
            Json::Null => Self::Other("null"),
            Json::Bool(_) => Self::Other("true or false"),
            Json::List(_) | Json::Object(_) => Self::Other("a list or an object"),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Text(text) if text.is_empty() => "empty".to_owned(),
            Self::Text(text) => format!("text ({:?})", printable(text)),
            Self::Number(text) => format!("the number {}", printable(text)),
            Self::Other(what) => (*what).to_owned(),
        }
    }
}

/// The values of a row.
struct Cells {
    time: Cell,
    release: Cell,
    signal: Cell,
    events: Cell,
    n: Cell,
}

fn is_header(line: &str) -> bool {
    Json::parse(line).is_ok_and(|json| json["schema"].text() == Some(COUNTS) && json.entries().len() == 1)
}

fn of_json(line: &str) -> Result<Cells, Diagnostic> {
    let json = Json::parse(line).map_err(|fault| worded(fault, line))?;
    if let Some((key, _)) = json.entries().iter().find(|(key, _)| !FIELDS.contains(&key.as_ref())) {
        let text = format!("`{}` is no field of counts", printable(key));
        return Err(Diagnostic::error(Code::UnknownKey, text).suggest(key, FIELDS).help(
            "a row has `time`, `release`, `signal`, `events` and `n`; what else would divide it must be summed up by the query",
        ));
    }
    if let Some(lacks) = FIELDS.iter().find(|field| json.entries().iter().all(|(key, _)| key != **field)) {
        return Err(Diagnostic::error(Code::BadRow, format!("this row has no `{lacks}`"))
            .help("a row has `time`, `release`, `signal`, `events` and `n`"));
    }
    let [time, release, signal, events, n] = FIELDS.map(|field| Cell::of(&json[field]));
    Ok(Cells { time, release, signal, events, n })
}

/// The places of the fields in a header row.
fn columns_of(line: &str) -> Result<Vec<usize>, Diagnostic> {
    let names = cells(line)?;
    let place = |field: &&str| names.iter().position(|name| name.trim() == *field);
    let columns: Vec<usize> = FIELDS.iter().filter_map(place).collect();
    if columns.len() == FIELDS.len() && names.len() == FIELDS.len() {
        return Ok(columns);
    }
    Err(Diagnostic::error(Code::BadHeader, "the header row names other columns than those of counts")
        .help("its columns are `time,release,signal,events,n`, each once and in any order"))
}

fn of_cells(line: &str, columns: &[usize]) -> Result<Cells, Diagnostic> {
    let row = cells(line)?;
    if row.len() != FIELDS.len() {
        return Err(Diagnostic::error(
            Code::BadRow,
            format!("this row has {} cells instead of 5", row.len()),
        )
        .help("put a cell that holds a comma between double quotes"));
    }
    let cell = |field: usize| {
        let text = columns.get(field).and_then(|at| row.get(*at)).map_or("", |text| text.trim());
        Cell::Text(text.to_owned())
    };
    let number = |field: usize| match cell(field) {
        Cell::Text(text) if text.is_empty() => Cell::Other("empty"),
        Cell::Text(text) => Cell::Number(text),
        other => other,
    };
    let time = match cell(0) {
        Cell::Text(text) if text.parse::<f64>().is_ok() => Cell::Number(text),
        other => other,
    };
    Ok(Cells { time, release: cell(1), signal: cell(2), events: number(3), n: number(4) })
}

fn cells(line: &str) -> Result<Vec<String>, Diagnostic> {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
    match rows.records().next() {
        Some(Ok(row)) => Ok(row.iter().map(str::to_owned).collect()),
        _ => {
            Err(Diagnostic::error(Code::BadRow, "this line is no row of CSV")
                .help("write it with a CSV library"))
        }
    }
}

/// A number of records.
fn count(field: &str, cell: &Cell) -> Result<u64, Diagnostic> {
    let wrong = |why: &str| {
        Diagnostic::error(Code::BadCount, format!("`{field}` is {}, {why}", cell.words())).help(
            "counts are whole numbers; what a query estimates (as `increase` of Prometheus does) is none",
        )
    };
    let Cell::Number(text) = cell else { return Err(wrong("and should be a number")) };
    match (text.parse::<u64>(), text.parse::<f64>()) {
        (Ok(count), _) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            if count <= LARGEST {
                Ok(count)
            } else {
                Err(wrong("which is more than can be counted"))
            }
        }
        (_, Ok(value)) if value < 0.0 => Err(wrong("which is negative")),
        (_, Ok(value)) if value.is_finite() => Err(wrong("which is not written as a whole number")),
        _ => Err(wrong("which is no number")),
    }
}

/// Seconds since 1970.
fn time(cell: &Cell) -> Result<f64, Diagnostic> {
    let wrong = |why: &str| {
        Diagnostic::error(Code::BadTime, format!("`time` is {}, {why}", cell.words()))
            .help("write when the stretch of time begins: `2026-11-20T09:00:00Z`, or seconds since 1970")
    };
    match cell {
        Cell::Text(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(time) if time.timestamp_millis() > 0 => Ok(time.timestamp_millis() as f64 / 1000.0),
            Ok(_) => Err(wrong("which is before 1970")),
            Err(_) => Err(wrong("which is no date with a time and a zone")),
        },
        Cell::Number(text) => match text.parse::<f64>() {
            Ok(seconds) if seconds > MILLISECONDS => Err(wrong("which is no number of seconds")),
            Ok(seconds) if seconds > 0.0 => Ok(seconds),
            _ => Err(wrong("which is no time")),
        },
        Cell::Other(_) => Err(wrong("and should be a time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::detect;
    use crate::manifest::Format;

    struct Text(&'static str, Vec<u8>);

    impl Source for Text {
        fn name(&self) -> &str {
            self.0
        }
        fn len(&self) -> u64 {
            self.1.len() as u64
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
            let rest = self.1.get(offset as usize..).unwrap_or_default();
            let count = rest.len().min(buf.len());
            buf[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
        fn check_unchanged(&self) -> Result<(), Diagnostic> {
            Ok(())
        }
    }

    fn read(text: &str) -> Result<CountTable, Diagnostics> {
        let source = Text("counts", text.as_bytes().to_vec());
        assert_eq!(detect(&source).unwrap().0, Format::Counts, "{text}");
        let mut table = CountTable::default();
        table.add(&source, Compression::None).map(|()| table)
    }

    const ROW: &str = r#"{"time": "2026-11-20T09:00:00Z", "release": "2.4.0", "signal": "user_flagged", "events": 3, "n": 100}"#;

    #[test]
    fn lines_and_cells_say_the_same() {
        let json = read(&format!("{{\"schema\":\"relgate/counts/v1\"}}\n\n{ROW}\n")).unwrap();
        let csv = read("\u{feff}n,events,\"signal\",release,time\r\n100,3,user_flagged,2.4.0,1795165200\r\n")
            .unwrap();
        for table in [&json, &csv, &read(ROW).unwrap()] {
            let row = table.rows[0];
            assert_eq!((row.time, row.events, row.n), (1_795_165_200.0, 3, 100));
            assert_eq!((table.releases[0].as_str(), table.signals[0].as_str()), ("2.4.0", "user_flagged"));
        }
    }

    #[test]
    fn what_is_no_count_is_refused_with_its_line() {
        for (from, to, code) in [
            ("3,", "-3,", "bad-count"),
            ("3,", "3.5,", "bad-count"),
            ("3,", "3.0,", "bad-count"),
            ("3,", "101,", "bad-count"),
            ("3,", "NaN,", "bad-count"),
            ("3,", "\"3\",", "bad-count"),
            ("3,", "null,", "bad-count"),
            ("3,", "1e1,", "bad-count"),
            ("100", "99999999999999999999", "bad-count"),
            ("100", "9007199254740993", "bad-count"),
            ("100", "-Infinity", "bad-count"),
            ("\"2026-11-20T09:00:00Z\"", "1795165200000", "bad-time"),
            ("\"2026-11-20T09:00:00Z\"", "\"2026-11-20 09:00\"", "bad-time"),
            ("\"2026-11-20T09:00:00Z\"", "-5", "bad-time"),
            ("\"2026-11-20T09:00:00Z\"", "NaN", "bad-time"),
            ("\"2026-11-20T09:00:00Z\"", "null", "bad-time"),
            ("\"2.4.0\"", "2.4", "wrong-type"),
            ("\"2.4.0\"", "\" \"", "bad-row"),
            ("\"n\": 100", "\"n\": 100, \"lang\": \"de\"", "unknown-key"),
            (", \"n\": 100", "", "bad-row"),
            ("\"n\": 100", "\"n\": 100, \"n\": 100", "duplicate-key"),
            ("}", "", "cut-off"),
        ] {
            let bad = ROW.replace(from, to);
            let text = format!("{}\n{bad}\n", ROW.replace("2.4.0", "2.3.0"));
            let findings = read(&text).expect_err(to);
            let finding = findings.iter().next().unwrap();
            assert_eq!(finding.code.word(), code, "{to}: {finding:?}");
            assert!(format!("{:?}", finding.place).contains('2'), "{to}: {:?}", finding.place);
        }
        for bad in [
            "1,2.4.0,s,4,3",
            "1,2.4.0,s,1",
            "1,2.4.0,s,1,2,3",
            "x,2.4.0,s,1,2",
            "1,2.4.0,s,,2",
            "1,2.4.0,s,-1,2",
            "1,,s,1,2",
        ] {
            assert!(read(&format!("time,release,signal,events,n\n{bad}\n")).is_err(), "{bad}");
        }
        assert!(read("{\"schema\":\"relgate/counts/v1\"}\n").is_err(), "no row");
        assert!(read("time,release,signal,events,n\n").is_err(), "no row");
        assert!(read("time,release,signal,events,n,lang\n1,2.4.0,s,1,2,de\n").is_err());
    }

    #[test]
    fn nothing_is_counted_twice() {
        let other =
            ROW.replace("\"2026-11-20T09:00:00Z\"", "1795165200.0").replace("\"events\": 3", "\"events\": 4");
        let findings = read(&format!("{ROW}\n{other}\n")).unwrap_err();
        let finding = findings.iter().next().unwrap();
        assert!(finding.title.ends_with("also by counts:1"), "{}", finding.title);
        let mut table = CountTable::default();
        let source = |name| Text(name, format!("{ROW}\n").into_bytes());
        table.add(&source("a"), Compression::None).unwrap();
        assert!(table.add(&source("b"), Compression::None).is_err());
    }
}
