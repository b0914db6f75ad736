//! Evidence readers from outside: what they read, what they refuse and in which words.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use relgate::diagnostic::{Diagnostic, Diagnostics, Place};
use relgate::evidence::{
    Aggregate, Catalog, Compression, Depth, FieldKind, Format, Id, Measured, Projected, Projection, Role,
    RunSummary, Sample, Sink, Source, Value, detect, probe, stream,
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
            return Err(Diagnostic::error("refused", "the sink refuses this row"));
        }
        let epoch = sample.epoch.map_or(String::new(), |epoch| format!("#{epoch}"));
        let errored = if sample.errored { "!" } else { "" };
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
    Projection { fields: vec![field("accuracy", Role::Score), field("lang", Role::Label)], ids: true }
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

// ---------------------------------------------------------------------------------------------- JSON Lines

#[test]
fn jsonl_rows_are_read() {
    let text = "\u{feff}{\"id\":\"a\",\"accuracy\":0.93,\"lang\":\"de\",\"note\":{\"x\":[1,2]}}\r\n\
        \r\n\
        {\"lang\":\"\\u00e9\\n\",\"accuracy\":true,\"id\":7,\"epoch\":2}\n\
        {\"id\":\"b\",\"accuracy\":null,\"error\":\"timeout\",\"lang\":3}\n\
        {\"id\":\"c\",\"error\":\"\",\"epoch\":null}\n\n  \n";
    let (summary, rows) = read(&file("x.jsonl", text)).unwrap();
    assert_eq!(summary.rows, 4);
    let expected = [
        (1, "Text(\"a\") [Number(0.93), Text(\"de\")]"),
        (3, "Integer(7)#2 [Bool(true), Text(\"é\\n\")]"),
        (4, "Text(\"b\")! [Null, Number(3.0)]"),
        (5, "Text(\"c\") [Absent, Absent]"),
    ];
    assert_eq!(rows, expected.map(|(line, row)| (line, row.to_owned())));
}

#[test]
fn what_counts_as_an_error_of_the_row() {
    for (error, errored) in [
        ("null", false),
        ("false", false),
        ("\"\"", false),
        ("[]", false),
        ("{}", false),
        ("true", true),
        ("\"timeout\"", true),
        ("{\"code\":500}", true),
        ("[1]", true),
        ("500", true),
    ] {
        let (_, rows) = read(&file("x.jsonl", format!("{{\"id\":1,\"error\":{error}}}"))).unwrap();
        assert_eq!(rows[0].1.contains('!'), errored, "{error}");
    }
}

#[test]
fn a_field_may_be_score_and_label_and_id_may_be_a_label() {
    let field = |name: &str, role| Projected { name: name.to_owned(), role };
    let fields = vec![field("ok", Role::Label), field("id", Role::Label), field("ok", Role::Score)];
    let mut sink = Recorder::default();
    let source = file("x.jsonl", "{\"ok\":true,\"id\":\"a\"}");
    stream(&source, Format::Jsonl, Compression::None, &Projection { fields, ids: true }, &mut sink).unwrap();
    assert_eq!(sink.rows[0].1, "Text(\"a\") [Bool(true), Text(\"a\"), Bool(true)]");
}

#[test]
fn bad_jsonl_is_refused() {
    let good = "{\"id\":\"a\",\"accuracy\":1}\n";
    let cases: &[(&str, &[&str])] = &[
        (
            "{\"id\":\"b\",\"accuracy\":\"0.93\"}",
            &["`accuracy` is text (\"0.93\") where a number or true/false belongs"],
        ),
        ("{\"id\":\"b\",\"accuracy\":[1]}", &["`accuracy` is a list where a number or true/false"]),
        ("{\"id\":\"b\",\"accuracy\":{}}", &["`accuracy` is an object where"]),
        ("{\"id\":\"b\",\"accuracy\":\"\"}", &["`accuracy` is empty text where"]),
        ("{\"id\":\"b\",\"accuracy\":NaN}", &["`accuracy` is NaN", "null"]),
        ("{\"id\":\"b\",\"accuracy\":Infinity}", &["`accuracy` is Infinity"]),
        ("{\"id\":\"b\",\"accuracy\":-Infinity}", &["`accuracy` is Infinity"]),
        ("{\"id\":\"b\",\"accuracy\":1e999}", &["`accuracy` is 1e999, which is too large"]),
        ("{\"id\":\"b\",\"other\":NaN}", &["`other` is NaN"]),
        ("{\"id\":\"b\",\"lang\":[\"de\"]}", &["`lang` is a list where a label"]),
        ("{\"id\":\"b\",\"lang\":{\"a\":1}}", &["`lang` is an object where a label"]),
        ("{\"id\":\"b\",\"lang\":9007199254740993}", &["`lang` is 9007199254740993", "as text"]),
        ("{\"id\":\"b\",\"lang\":\"\\ud800\"}", &["one half of a character"]),
        ("{\"id\":\"b\",\"accuracy\":1,\"accuracy\":0}", &["`accuracy` stands twice in one row"]),
        ("{\"id\":\"b\",\"x\":1,\"\\u0078\":0}", &["`x` stands twice"]),
        ("{\"id\":\"b\",\"id\":\"c\"}", &["`id` stands twice"]),
        ("{\"accuracy\":1}", &["no `id`"]),
        ("{}", &["no `id`"]),
        ("{\"id\":null}", &["`id` is null where text or an integer"]),
        ("{\"id\":true}", &["`id` is true where"]),
        ("{\"id\":1.5}", &["`id` is the number 1.5 where"]),
        ("{\"id\":9223372036854775808}", &["`id` is the number 9223372036854775808", "as text"]),
        ("{\"id\":\"\"}", &["`id` is empty text"]),
        ("{\"id\":[1]}", &["`id` is a list"]),
        ("{\"id\":{}}", &["`id` is an object"]),
        ("{\"id\":\"b\",\"epoch\":1.0}", &["`epoch` is 1.0 where an integer"]),
        ("{\"id\":\"b\",\"epoch\":\"1\"}", &["`epoch` is text (\"1\") where an integer"]),
        ("[1,2]", &["not JSON", "an object", "column 1"]),
        ("7", &["not JSON", "an object"]),
        ("{\"id\":\"b\"} x", &["not JSON", "nothing more", "column 12"]),
        ("{\"id\":\"b\",}", &["not JSON", "a key", "column 11"]),
        ("{\"id\" \"b\"}", &["`:` was expected"]),
        ("{\"id\":\"b\" \"x\":1}", &["`,` or `}` was expected"]),
        ("{'id':'b'}", &["a key in double quotes"]),
        ("{\"id\":\"b\",\"x\":True}", &["Python"]),
        ("{\"id\":\"b\",\"x\":01}", &["JSON's spelling"]),
        ("{\"id\":\"b\",\"x\":\"\t\"}", &["control character"]),
        ("{\"id\":\"b\",\"x\":\"\\q\"}", &["escape"]),
        ("{\"id\":\"b\",\"x\":[1,2}}", &["closing bracket"]),
        ("{\"id\":\"b\"", &["this line is cut off"]),
        ("{\"id\":\"b\",\"accuracy\":0.", &["cut off"]),
        ("{\"id\":\"b", &["cut off"]),
        ("{\"id\":\"b\",\"x\":tr", &["cut off"]),
        ("{", &["cut off"]),
        ("{\"schema\":\"relgate/samples/v1\"}", &["a second header"]),
    ];
    for (row, words) in cases {
        refuses("x.jsonl", format!("{good}\n{row}\n{good}").as_bytes(), 3, words);
        refuses("x.jsonl", format!("{good}{row}").as_bytes(), 2, words);
        refuses("x.jsonl.gz", &gzip(format!("{good}{row}\n").as_bytes()), 2, words);
    }
    refuses("x.jsonl", b"{\"id\":1}\n{\"id\":\"\xff\"}\n{\"id\":2}\n", 2, &["not UTF-8"]);
    refuses("x.jsonl", b"{\"id\":1,\"x\":\"\xc3", 1, &["not UTF-8"]);
    refuses("x.jsonl", b"", 0, &["this file is empty"]);
    refuses("x.jsonl", b"\n \n", 0, &["holds no samples"]);
    refuses("x.jsonl", b"\xef\xbb\xbf", 0, &["holds no samples"]);
    refuses("x.jsonl", b"{\"schema\":\"relgate/samples/v1\"}\n", 0, &["holds no samples"]);
    refuses("x.jsonl", b"{\n  \"id\": 1\n}\n", 1, &["cut off", "one object a line"]);
}

#[test]
fn terminal_codes_in_evidence_never_reach_a_message() {
    let row = "{\"id\":1,\"accuracy\":\"\\u001b[2J\"}\n{\"id\":1,\"x\u{202e}y\":1,\"x\u{202e}y\":1}\n{\"id\":1,\"accuracy\":\"\u{9b}\"}";
    let findings = read(&file("x.jsonl", row)).unwrap_err();
    assert_eq!(findings.iter().count(), 3);
    for text in told(&findings) {
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn the_first_five_findings_are_told_in_order() {
    let rows: String = (0..9).map(|row| format!("{{\"id\":{row}}}\n{{\"id\":{row}.5}}\n")).collect();
    let lines: Vec<String> = told(&read(&file("x.jsonl", rows)).unwrap_err())
        .iter()
        .map(|text| text.split(": ").next().unwrap().to_owned())
        .collect();
    assert_eq!(lines, ["x.jsonl:2", "x.jsonl:4", "x.jsonl:6", "x.jsonl:8", "x.jsonl:10"]);

    let mixed = b"{\"id\":1.5}\n{\"id\":\"\xff\"}\n\n{\"id\":2}\n{\"id\":\"\xc3\x28\"}\n{\"id\":2.5}\n";
    let lines: Vec<String> = told(&read(&file("x.jsonl", &mixed[..])).unwrap_err());
    let starts = [
        "x.jsonl:1: `id`",
        "x.jsonl:2: this line is not UTF-8",
        "x.jsonl:5: this line is not UTF-8",
        "x.jsonl:6: `id`",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:?}");
    assert!(lines.iter().zip(starts).all(|(line, start)| line.starts_with(start)), "{lines:?}");
}

#[test]
fn findings_of_the_sink_get_file_and_line() {
    let rows: String = (0..60_000)
        .map(|row| format!("{{\"id\":\"case-{row}\",\"accuracy\":1,\"pad\":\"{row:040}\"}}\n"))
        .collect();
    let mut sink = Recorder { refuse: Some("case-59990"), ..Recorder::default() };
    let findings = stream(&file("x.jsonl", rows), Format::Jsonl, Compression::None, &projection(), &mut sink)
        .unwrap_err();
    assert_eq!(told(&findings), ["x.jsonl:59991: the sink refuses this row"]);
}

// ------------------------------------------------------------------------------------------------- headers

#[test]
fn a_header_names_time_and_artifacts() {
    let digest = "0123456789abcdef".repeat(4);
    let text = format!(
        "{{\"schema\":\"relgate/samples/v1\",\"created\":\"2026-11-20T10:00:00+01:00\",\
         \"artifacts\":{{\"prompts.system\":\"v1.9\",\"models.chat\":\"sha256:{digest}\"}}}}\n{{\"id\":1,\"accuracy\":1}}\n"
    );
    for (name, bytes) in [("x.jsonl", text.clone().into_bytes()), ("x.jsonl.zst", zstd(text.as_bytes()))] {
        let source = file(name, bytes);
        let catalog = probe(&source, Depth::Head).unwrap();
        assert_eq!(catalog.identity.created.unwrap().to_rfc3339(), "2026-11-20T09:00:00+00:00");
        let artifacts = [("models.chat", format!("sha256:{digest}")), ("prompts.system", "v1.9".to_owned())];
        assert_eq!(
            catalog.identity.artifacts,
            artifacts.map(|(name, version)| (name.to_owned(), version)).into()
        );
        assert_eq!(catalog.fields, BTreeMap::from([("accuracy".to_owned(), FieldKind::Number)]));
        assert_eq!(read(&source).unwrap().1, [(2, "Integer(1) [Number(1.0), Absent]".to_owned())]);
    }
    // Another tool's first line is a sample like any other.
    assert_eq!(read(&file("x.jsonl", "{\"schema\":\"acme/v3\",\"id\":1}")).unwrap().0.rows, 1);
}

#[test]
fn bad_headers_are_refused() {
    let cases: &[(&str, &[&str])] = &[
        ("\"schema\":\"relgate/samples/v2\"", &["`relgate/samples/v2` where `relgate/samples/v1` belongs"]),
        ("\"schema\":\"relgate/metrics/v1\"", &["`relgate/metrics/v1` where"]),
        (
            "\"schema\":\"relgate/samples/v1\",\"creatd\":\"x\"",
            &["unknown key `creatd`", "did you mean `created`"],
        ),
        ("\"schema\":\"relgate/samples/v1\",\"id\":1", &["unknown key `id`"]),
        ("\"schema\":\"relgate/samples/v1\",\"schema\":\"relgate/samples/v1\"", &["`schema` stands twice"]),
        (
            "\"schema\":\"relgate/samples/v1\",\"created\":\"yesterday\"",
            &["`created` is text (\"yesterday\")"],
        ),
        ("\"schema\":\"relgate/samples/v1\",\"created\":1700000000", &["`created` is 1700000000"]),
        ("\"schema\":\"relgate/samples/v1\",\"artifacts\":[]", &["`artifacts` is a list"]),
        (
            "\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"system\":\"v1\"}",
            &["`system` does not name an artifact"],
        ),
        ("\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"a.b\":\"\"}", &["`a.b` is empty text"]),
        (
            "\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"a.b\":\"sha256:ABC\"}",
            &["digest of `a.b`", "64"],
        ),
        (
            "\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"a.b\":\"1\",\"a.b\":\"2\"}",
            &["`a.b` stands twice"],
        ),
    ];
    for (header, words) in cases {
        let text = format!("\n{{{header}}}\n{{\"id\":1}}\n");
        refuses("x.jsonl", text.as_bytes(), 2, words);
        let findings = probe(&file("x.jsonl", text), Depth::Head).unwrap_err();
        assert!(told(&findings)[0].starts_with("x.jsonl:2: "));
    }
}

// ------------------------------------------------------------------------------- blocks, threads, packing

/// A few MiB whose lines straddle blocks at every offset, with a blank line now and then.
fn large() -> String {
    let mut text = String::new();
    for row in 0..40_000_usize {
        let pad = "y".repeat(row * 7919 % 211);
        text.push_str(&format!(
            "{{\"id\":\"case-{row}\",\"accuracy\":0.{row},\"lang\":\"l{}\",\"pad\":\"{pad}\"}}\n",
            row % 7
        ));
        if row % 1000 == 0 {
            text.push_str("\r\n");
        }
    }
    text
}

#[test]
fn threads_and_packing_change_nothing() {
    let text = large();
    let expected: Vec<(u64, String)> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let (id, lang) = (row["id"].as_str().unwrap(), row["lang"].as_str().unwrap());
            (
                index as u64 + 1,
                format!("Text({id:?}) [Number({:?}), Text({lang:?})]", row["accuracy"].as_f64().unwrap()),
            )
        })
        .collect();
    let two_members = [gzip(&text.as_bytes()[..1_000_001]), gzip(&text.as_bytes()[1_000_001..])].concat();
    let two_frames = [
        &zstd(&text.as_bytes()[..1_000_001])[..],
        b"\x50\x2a\x4d\x18\x03\0\0\0abc",
        &zstd(&text.as_bytes()[1_000_001..]),
    ]
    .concat();
    for (name, bytes) in
        [("x.jsonl", text.into_bytes()), ("x.jsonl.gz", two_members), ("x.jsonl.zst", two_frames)]
    {
        let source = file(name, bytes);
        for threads in [1, 2, 3] {
            let (_, rows) = on_threads(threads, || read(&source)).unwrap();
            assert!(rows == expected, "{name} with {threads} threads");
        }
    }
}

#[test]
fn the_earliest_finding_is_told_whatever_the_threads() {
    let mut text = large();
    let at = text.find("{\"id\":\"case-20011\"").unwrap();
    let line = text[..at].bytes().filter(|byte| *byte == b'\n').count() as u64 + 1;
    text.replace_range(at..=at, "[");
    text.push_str("{\"id\":0.5}\n");
    for (name, bytes) in [("x.jsonl", text.clone().into_bytes()), ("x.jsonl.gz", gzip(text.as_bytes()))] {
        let source = file(name, bytes);
        let told_by = |threads| on_threads(threads, || told(&read(&source).unwrap_err()));
        let one = told_by(1);
        assert!(one[0].starts_with(&format!("{name}:{line}: this line is not JSON")), "{one:?}");
        assert_eq!(one, told_by(2));
        assert_eq!(one.len(), 1);
    }
}

#[test]
fn lines_at_the_edges_of_blocks_are_read_once() {
    const BLOCK: usize = 1 << 20;
    for shift in -2..=2_isize {
        let first = "{\"id\":1,\"pad\":\"\"}\n".len();
        let pad = "x".repeat((BLOCK as isize + shift) as usize - first);
        let text = format!("{{\"id\":1,\"pad\":\"{pad}\"}}\n{{\"id\":2}}\n{{\"id\":3}}");
        let (_, rows) = read(&file("x.jsonl", text)).unwrap();
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3], "{shift}");
    }
    // A line over several blocks, which own nothing.
    let text = format!("{{\"id\":1,\"pad\":\"{}\"}}\n{{\"id\":2}}\n", "x".repeat(5 * BLOCK));
    assert_eq!(read(&file("x.jsonl", text)).unwrap().0.rows, 2);
}

#[test]
fn a_line_without_end_is_refused_and_not_kept() {
    let huge = [b"{\"id\":1}\n{\"id\":\"".to_vec(), vec![b'x'; 66 << 20]].concat();
    refuses("x.jsonl", &huge, 2, &["longer than 64 MiB"]);
    refuses("x.jsonl.gz", &gzip(&huge), 2, &["longer than 64 MiB"]);
    refuses("x.csv", &[b"id,x\n1,\"".to_vec(), vec![b'x'; 66 << 20]].concat(), 2, &["longer than 64 MiB"]);
}

#[test]
fn unpacked_evidence_is_never_held_as_a_whole() {
    let row = format!("{{\"id\":1,\"pad\":\"{}\"}}\n", "x".repeat(1000));
    let text = row.repeat(60_000);
    for (name, bytes) in [("x.jsonl.gz", gzip(text.as_bytes())), ("x.jsonl", text.into_bytes())] {
        let source = file(name, bytes);
        let (format, compression) = detect(&source).unwrap();
        let mut sink = Recorder::default();
        on_threads(2, || stream(&source, format, compression, &projection(), &mut sink)).unwrap();
        let most = sink.alive.1.load(Ordering::Relaxed);
        assert!((1..=4).contains(&most), "{most} blocks of 58 were alive at once");
    }
}

#[test]
fn packed_evidence_that_is_damaged_is_refused() {
    let text = large();
    let text = &text.as_bytes()[..200_000];
    let text = &text[..=text.iter().rposition(|byte| *byte == b'\n').unwrap()];
    for (name, packed) in [("x.jsonl.gz", gzip(text)), ("x.jsonl.zst", zstd(text))] {
        read(&file(name, packed.clone())).unwrap();
        for cut in [7, packed.len() / 2, packed.len() - 5, packed.len() - 4, packed.len() - 1] {
            refuses(name, &packed[..cut], 0, &["damaged or cut off"]);
        }
        let mut flipped = packed.clone();
        *flipped.last_mut().unwrap() ^= 1;
        refuses(name, &flipped, 0, &["damaged or cut off"]);
        refuses(name, &[&packed[..], b"garbage"].concat(), 0, &["damaged or cut off"]);
        if name.ends_with("zst") {
            refuses(name, &[&packed[..], b"\x50\x2a\x4d\x18\x09\0\0\0abc"].concat(), 0, &["cut off"]);
        }
    }
}

#[test]
fn a_file_that_becomes_shorter_is_refused() {
    let text = large();
    for name in ["x.jsonl", "x.csv"] {
        let mut source = file(name, text.clone());
        source.whole = text.len() / 2;
        let format = if name == "x.csv" { Format::Csv } else { Format::Jsonl };
        source.bytes.splice(0..0, if name == "x.csv" { &b"id\n"[..] } else { b"" }.iter().copied());
        let findings =
            stream(&source, format, Compression::None, &Projection::default(), &mut Recorder::default());
        let findings = told(&findings.unwrap_err());
        // In CSV the rows of JSON are refused first.
        assert!(findings[0].contains("became shorter") || name == "x.csv", "{findings:?}");
    }
}

// ----------------------------------------------------------------------------------------------------- CSV

#[test]
fn csv_rows_are_read() {
    let text = "\u{feff}id,accuracy,lang,epoch,error,text\r\n\
        a,0.93,de,1,,\"one, \"\"two\"\"\nthree\"\r\n\
        \r\n\
        007,TRUE,\"\",,False,x\n\
        \"b\",,\"a \"\"b\"\"\",2,timeout,\"\"";
    let (summary, rows) = read(&file("x.csv", text)).unwrap();
    assert_eq!(summary.rows, 3);
    let expected = [
        (2, "Text(\"a\")#1 [Number(0.93), Text(\"de\")]"),
        (5, "Text(\"007\") [Bool(true), Null]"),
        (6, "Text(\"b\")#2! [Null, Text(\"a \\\"b\\\"\")]"),
    ];
    assert_eq!(rows, expected.map(|(line, row)| (line, row.to_owned())));
    assert_eq!(read(&file("x.csv.gz", gzip(text.as_bytes()))).unwrap().1, rows);
    assert_eq!(read(&file("x.csv.zst", zstd(text.as_bytes()))).unwrap().1, rows);
    let catalog = probe(&file("x.csv", text), Depth::Whole).unwrap();
    let kinds = [("accuracy", FieldKind::Mixed), ("lang", FieldKind::Text), ("text", FieldKind::Text)];
    assert_eq!(catalog.fields, kinds.map(|(name, kind)| (name.to_owned(), kind)).into());
}

#[test]
fn bad_csv_is_refused() {
    let cases: &[(&str, u64, &[&str])] = &[
        (
            "id,accuracy\na,0.9\nb,ok\n",
            3,
            &["`accuracy` is text (\"ok\") where a number or true/false belongs"],
        ),
        ("id,accuracy\na, 0.9\n", 2, &["`accuracy` is text (\" 0.9\")"]),
        ("id,accuracy\na,nan\n", 2, &["`accuracy` is nan"]),
        ("id,accuracy\na,-inf\n", 2, &["`accuracy` is -inf"]),
        ("id,accuracy\na,Infinity\n", 2, &["`accuracy` is Infinity"]),
        ("id,accuracy\na,1e999\n", 2, &["`accuracy` is 1e999, which is too large"]),
        ("id,accuracy\na\n", 2, &["1 cells where the header row has 2"]),
        ("id,accuracy\na,1,2\n", 2, &["3 cells where the header row has 2"]),
        ("id,accuracy\n,1\n", 2, &["no `id`"]),
        ("id,epoch\na,1.0\n", 2, &["`epoch` is text (\"1.0\") where an integer"]),
        ("accuracy\n1\n", 1, &["no column `id`"]),
        ("id;accuracy\na;1\n", 1, &["no column `id`", "semicolons or tabs"]),
        ("id\taccuracy\na\t1\n", 1, &["semicolons or tabs"]),
        ("id,accuracy,accuracy\n", 1, &["`accuracy` twice"]),
        ("id,,x\n", 1, &["column 2 of the header row has no name"]),
        ("id,lang\na,\"x\nb,y\nc,z\n", 2, &["double quotes starts here and does not end"]),
        ("id,lang\na,\"x\"y\nb,y\n", 2, &["not CSV", "closing double quote"]),
        ("id,lang\na,x\"y\"\n", 2, &["not CSV", "double quote stands inside"]),
        ("id,\"lang\n", 1, &["does not end"]),
        ("id,lang\n", 0, &["holds no samples"]),
        ("\n\n", 0, &["no header row"]),
        ("", 0, &["this file is empty"]),
    ];
    for (text, line, words) in cases {
        refuses("x.csv", text.as_bytes(), *line, words);
    }
    refuses("x.csv", b"id,lang\na,x\nb,\xff\nc,d\n", 3, &["not UTF-8"]);
    refuses("x.csv", b"id,l\xff\na,x\n", 1, &["not UTF-8"]);
}

#[test]
fn csv_over_many_blocks_is_the_same_on_any_number_of_threads() {
    let mut text = "id,accuracy,lang\n".to_owned();
    for row in 0..60_000 {
        text.push_str(&format!("c{row},0.{row},\"quote \"\" and\nline {}\"\n", "z".repeat(row % 83)));
    }
    let source = file("x.csv", text);
    let (summary, one) = on_threads(1, || read(&source)).unwrap();
    assert_eq!(summary.rows, 60_000);
    assert_eq!(one[59_999].0, 2 + 2 * 59_999);
    assert!(one == on_threads(3, || read(&source)).unwrap().1);
}

proptest! {
    #[test]
    fn csv_is_read_as_the_csv_crate_writes_it(cells in prop::collection::vec(("[a-z\",\r\n é]{1,8}", "[a-z\",\r\n é]{0,8}"), 1..8)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "lang"]).unwrap();
        for (id, lang) in &cells {
            writer.write_record([id, lang]).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let (_, rows) = read(&file("x.csv", text)).unwrap();
        for ((id, lang), (_, row)) in cells.iter().zip(&rows) {
            let lang = if lang.is_empty() { "Null".to_owned() } else { format!("Text({lang:?})") };
            prop_assert_eq!(row, &format!("Text({id:?}) [Absent, {lang}]"));
        }
        prop_assert_eq!(rows.len(), cells.len());
    }
}

// ------------------------------------------------------------------------------------------- metrics files

fn aggregates(name: &str, text: &str) -> BTreeMap<String, Aggregate> {
    probe(&file(name, text), Depth::Head).map_err(|findings| told(&findings)).unwrap().aggregates
}

#[test]
fn metrics_files_are_read() {
    let json = "{ \"schema\": \"relgate/metrics/v1\", \"created\": \"2026-11-20T09:00:00Z\",\n\
        \"artifacts\": {\"models.chat\": \"gpt-4.3\"},\n\"metrics\": {\n\
        \"hallucination_rate\": {\"events\": 12, \"n\": 1000, \"value\": 0.012},\n\
        \"accuracy\": {\"value\": 0.870, \"stderr\": 0.011, \"n\": 940},\n\
        \"f1\": {\"value\": 0.81, \"lower\": 0.79, \"upper\": 0.83, \"confidence\": 0.95},\n\
        \"recall\": {\"value\": 0.5, \"n\": 10},\n\"flat\": {\"value\": 1, \"stderr\": 0},\n\
        \"safe\": {\"upper\": 1e-3, \"confidence\": 0.99},\n\"p95_latency_ms\": 1120 } }\n";
    let yaml = "# made by hand\nschema: relgate/metrics/v1\ncreated: 2026-11-20T09:00:00Z\nartifacts: {models.chat: gpt-4.3}\n\
        metrics:\n  hallucination_rate: {events: 12, n: 1000, value: 0.012}\n  accuracy:\n    value: 0.870\n    stderr: 0.011\n    n: 940\n\
        \x20 f1: {value: 0.81, lower: 0.79, upper: 0.83, confidence: 0.95}\n  recall: {value: 0.5, n: 10}\n\
        \x20 flat: {value: 1, stderr: 0}\n  safe: {upper: 1e-3, confidence: 0.99}\n  p95_latency_ms: 1120\n";
    for (name, text) in [("m.json", json), ("m.yaml", yaml)] {
        let catalog = probe(&file(name, text), Depth::Head).map_err(|findings| told(&findings)).unwrap();
        assert_eq!(catalog.format, Format::Metrics);
        assert_eq!(catalog.identity.artifacts["models.chat"], "gpt-4.3");
        assert!(catalog.identity.created.is_some());
        let found = |name: &str| catalog.aggregates[name].measured.clone();
        assert_eq!(found("hallucination_rate"), Measured::Events { events: 12, n: 1000 });
        assert!(
            matches!(found("accuracy"), Measured::Stderr { value, stderr: 0.011, n: Some(940) } if value.text == "0.870" && value.value == 0.87)
        );
        assert!(
            matches!(found("f1"), Measured::Interval { value: Some(value), lower: Some(0.79), upper: Some(0.83), confidence: 0.95, n: None } if value.value == 0.81)
        );
        assert!(matches!(found("recall"), Measured::Value { value, n: 10 } if value.text == "0.5"));
        assert!(matches!(found("flat"), Measured::Stderr { stderr: 0.0, n: None, .. }));
        assert!(matches!(
            found("safe"),
            Measured::Interval { value: None, lower: None, upper: Some(0.001), .. }
        ));
        assert!(
            matches!(found("p95_latency_ms"), Measured::Point(value) if value.value == 1120.0 && value.text == "1120")
        );
        assert_eq!(catalog.aggregates["accuracy"].line, if name == "m.json" { 5 } else { 7 });
    }
    let flat = aggregates("m.json.gz", "{\"toxicity\": 0.0004}");
    assert!(matches!(&flat["toxicity"].measured, Measured::Point(value) if value.text == "0.0004"));
    assert_eq!(aggregates("m.yml", "toxicity: 4.0e-4\n")["toxicity"].line, 1);
}

#[test]
fn half_a_unit_of_the_last_printed_digit() {
    for (text, half) in
        [("0.87", 0.005), ("0.870", 0.0005), ("12", 0.5), ("1.5e-3", 0.5e-4), ("2E2", 50.0), ("-0.1", 0.05)]
    {
        let aggregates = aggregates("m.json", &format!("{{\"x\": {text}}}"));
        let Measured::Point(figure) = &aggregates["x"].measured else { panic!("{aggregates:?}") };
        assert_eq!(figure.half_unit(), half, "{text}");
    }
}

#[test]
fn bad_metrics_files_are_refused() {
    let entries: &[(&str, &[&str])] = &[
        ("NaN", &["`x` is NaN"]),
        ("-Infinity", &["`x` is -Infinity"]),
        ("null", &["`x` is null where a number belongs"]),
        ("\"0.5\"", &["`x` is text (\"0.5\") where a number belongs"]),
        ("true", &["`x` is true where"]),
        ("[1]", &["`x` is a list where"]),
        ("1e999", &["`x` is 1e999, which is too large"]),
        ("{\"value\": NaN, \"n\": 3}", &["`x.value` is NaN"]),
        ("{\"value\": null}", &["`x.value` is null where"]),
        ("{\"events\": 1, \"n\": 0}", &["`x.n` is 0"]),
        ("{\"value\": 1, \"n\": -5}", &["`x.n` is -5 where a whole number"]),
        ("{\"value\": 1, \"n\": 9.5}", &["`x.n` is 9.5 where a whole number"]),
        ("{\"events\": 1.5, \"n\": 10}", &["`x.events` is 1.5 where a whole number"]),
        ("{\"events\": 11, \"n\": 10}", &["`x` has more `events` (11) than samples"]),
        ("{\"events\": 1}", &["`x` has `events` but no `n`"]),
        ("{\"n\": 10}", &["`x` says no number"]),
        ("{}", &["`x` says no number"]),
        ("{\"value\": 1, \"stderr\": -0.1}", &["`x.stderr` is -0.1"]),
        ("{\"stderr\": 0.1}", &["`x` has a `stderr` but no `value`"]),
        (
            "{\"value\": 1, \"lower\": 2, \"upper\": 1, \"confidence\": 0.95}",
            &["`lower` (2) above its `upper` (1)"],
        ),
        ("{\"value\": 3, \"lower\": 1, \"upper\": 2, \"confidence\": 0.95}", &["outside of its own bounds"]),
        ("{\"value\": 1, \"lower\": 0, \"upper\": 2}", &["no `confidence`", "one-sided"]),
        ("{\"value\": 1, \"confidence\": 0.95}", &["no bounds"]),
        ("{\"lower\": 0, \"confidence\": 0.5}", &["`x.confidence` is 0.5", "one-sided"]),
        ("{\"lower\": 0, \"confidence\": 1}", &["`x.confidence` is 1"]),
        ("{\"lower\": 0, \"confidence\": 95}", &["`x.confidence` is 95"]),
        ("{\"value\": 0.02, \"events\": 12, \"n\": 1000}", &["`x` says 0.02 but 12 of 1000 is 0.012"]),
        ("{\"events\": 1, \"n\": 2, \"stderr\": 0.1}", &["both `events` and `stderr`"]),
        (
            "{\"events\": 1, \"n\": 2, \"lower\": 0.1, \"confidence\": 0.9}",
            &["both `events` and an interval"],
        ),
        (
            "{\"value\": 1, \"stderr\": 2, \"lower\": 0.1, \"confidence\": 0.9}",
            &["both `stderr` and an interval"],
        ),
        ("{\"value\": 1, \"std\": 0.1}", &["unknown key `x.std`", "did you mean `stderr`"]),
        ("{\"value\": 1, \"value\": 2}", &["`x.value` stands twice"]),
    ];
    for (entry, words) in entries {
        let json = format!("{{\"schema\": \"relgate/metrics/v1\",\n\"metrics\": {{\n\"x\": {entry}\n}}}}");
        refuses_metrics("m.json", &json, 3, words);
        let yaml = format!("schema: relgate/metrics/v1\nmetrics:\n  x: {entry}\n");
        refuses_metrics("m.yaml", &yaml, 3, words);
    }
    let files: &[(&str, &str, u64, &[&str])] = &[
        ("m.json", "[1]", 1, &["a list where an object"]),
        ("m.json", "{}", 1, &["holds no metric"]),
        ("m.json", " ", 1, &["cut off"]),
        ("m.json", "{\"x\": 1} {\"y\": 2}", 1, &["nothing more"]),
        ("m.json", "{\"x\": 1,}", 1, &["a key in double quotes"]),
        ("m.json", "{\"x\": 1", 1, &["cut off"]),
        ("m.json", "{\n\"x\": 0.5,\n\"x\": 0.6}", 3, &["`x` stands twice"]),
        ("m.json", "{\"x\": {\"value\": 1}}", 1, &["flat metrics file cannot hold", "relgate/metrics/v1"]),
        ("m.json", "{\"\": 1}", 1, &["no name"]),
        (
            "m.json",
            "{\"schema\": \"relgate/metrics/v9\", \"metrics\": {\"x\": 1}}",
            1,
            &["relgate/metrics/v9"],
        ),
        ("m.json", "{\"schema\": 1, \"metrics\": {\"x\": 1}}", 1, &["the schema is `1`"]),
        ("m.json", "{\"schema\": \"relgate/metrics/v1\"}", 1, &["holds no metric"]),
        ("m.json", "{\"schema\": \"relgate/metrics/v1\", \"metrics\": 3}", 1, &["`metrics` is 3"]),
        (
            "m.json",
            "{\"schema\": \"relgate/metrics/v1\", \"metric\": {}, \"metrics\": {\"x\": 1}}",
            1,
            &["unknown key `metric`"],
        ),
        ("m.yaml", "", 0, &["this file is empty"]),
        ("m.yaml", "# nothing\n", 0, &["empty"]),
        ("m.yaml", "x: &a 1\ny: *a\n", 1, &["anchor"]),
        ("m.yaml", "x: !!float 1\n", 1, &["anchor, alias or tag"]),
        ("m.yaml", "x: 1\nx: 2\n", 2, &["`x` stands twice"]),
        ("m.yaml", "x: .nan\ny: .inf\n", 1, &["`x` is NaN"]),
        ("m.yaml", "x: 010\n", 1, &["text (\"010\")"]),
        ("m.yaml", "x: 1_000\n", 1, &["text (\"1_000\")"]),
        ("m.yaml", "x:\n", 1, &["`x` is null"]),
        ("m.yaml", "x: 1\n---\ny: 2\n", 2, &["more than one YAML document"]),
        ("m.yaml", "x: [1\n", 0, &["not YAML"]),
        ("m.yaml", "? [a]\n: 1\n", 1, &["not text"]),
    ];
    for (name, text, line, words) in files {
        refuses_metrics(name, text, *line, words);
    }
    let deep = format!("{{\"x\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
    refuses_metrics("m.json", &deep, 1, &["nested too deeply"]);
    refuses_metrics("m.yaml", &format!("x: {}{}", "[".repeat(500), "]".repeat(500)), 1, &["m.yaml"]);
}

/// Asserts that `words` are told; at `line`, where that is not 0.
#[track_caller]
fn refuses_metrics(name: &str, text: &str, line: u64, words: &[&str]) {
    let Err(findings) = probe(&file(name, text), Depth::Whole) else { panic!("{text:?} was read") };
    let first = told(&findings).remove(0);
    assert!(
        line == 0 || first.starts_with(&format!("{name}:{line}: ")),
        "{first:?} is not on line {line} of {text:?}"
    );
    for word in words {
        assert!(first.contains(word), "{first:?} does not say {word:?}");
    }
}

#[test]
fn all_findings_of_a_metrics_file_come_at_once() {
    let text = "{\"schema\": \"relgate/metrics/v1\", \"created\": \"now\",\n\"metrics\": {\"a\": NaN,\n\"b\": {\"value\": null, \"n\": 0, \"z\": 1},\n\"c\": 1}}";
    let findings = told(&probe(&file("m.json", text), Depth::Head).unwrap_err());
    let starts = [
        "m.json:1: `created`",
        "m.json:2: `a` is NaN",
        "m.json:3: `b.value`",
        "m.json:3: `b.n`",
        "m.json:3: unknown key `b.z`",
    ];
    assert_eq!(findings.len(), starts.len(), "{findings:?}");
    assert!(findings.iter().zip(starts).all(|(finding, start)| finding.starts_with(start)), "{findings:?}");
}

#[test]
fn metrics_files_hold_no_samples() {
    refuses("m.json", b"{\"x\": 1}", 0, &["metrics file", "not samples"]);
}

// ------------------------------------------------------------------------------------ detection and probing

#[test]
fn kinds_are_told_from_name_and_bytes() {
    let two = b"{\"id\":1}\n{\"id\":2}\n";
    let cases: &[(&str, Vec<u8>, Format, Compression)] = &[
        ("a/b.jsonl", two.to_vec(), Format::Jsonl, Compression::None),
        ("B.NDJSON", two.to_vec(), Format::Jsonl, Compression::None),
        ("b.json", two.to_vec(), Format::Jsonl, Compression::None),
        ("b.log", two.to_vec(), Format::Jsonl, Compression::None),
        ("b.json", b"{\"x\":1}\n".to_vec(), Format::Metrics, Compression::None),
        ("b.json", b"{\n \"x\":1\n}\n".to_vec(), Format::Metrics, Compression::None),
        ("b.json", b"{ \"x\":\n {}\n}\n".to_vec(), Format::Metrics, Compression::None),
        ("b.jsonl", b"{\"id\":1}".to_vec(), Format::Jsonl, Compression::None),
        ("b.yml", b"x: 1".to_vec(), Format::Metrics, Compression::None),
        ("b.csv.gz", gzip(b"id\n1\n"), Format::Csv, Compression::Gzip),
        ("b.json.zst", zstd(two), Format::Jsonl, Compression::Zstd),
        ("b.jsonl", gzip(two), Format::Jsonl, Compression::Gzip),
        ("b.jsonl.gz", two.to_vec(), Format::Jsonl, Compression::None),
        ("b.gz", gzip(two), Format::Jsonl, Compression::Gzip),
    ];
    for (name, bytes, format, compression) in cases {
        assert_eq!(detect(&file(name, bytes.clone())).unwrap(), (*format, *compression), "{name}");
    }
    for (name, bytes, words) in [
        ("b.xlsx", &b"PK\x03\x04...."[..], "a ZIP archive"),
        ("b.jsonl.xz", b"\xfd7zXZ\0", "xz"),
        ("b.parquet", b"PAR1....", "Parquet"),
        ("b.csv", b"\xff\xfei\0d\0", "UTF-16"),
        ("b.txt", b"accuracy 0.9", "neither its name nor its first bytes"),
        ("b.jsonl", b"", "empty"),
    ] {
        let finding = detect(&file(name, bytes)).unwrap_err();
        let text = told(&finding.clone().into()).remove(0);
        assert!(text.contains(words) && !finding.help.is_empty(), "{text}");
        assert!(words == "empty" || text.contains(".jsonl, .ndjson or .csv"), "{text}");
    }
}

#[test]
fn a_catalog_names_fields_and_kinds() {
    let text = "{\"id\":1,\"epoch\":1,\"b\":true,\"n\":1,\"t\":\"x\",\"z\":null,\"m\":1,\"o\":{\"a\":1}}\n\
        {\"id\":2,\"error\":\"x\",\"b\":null,\"n\":2.5,\"t\":\"y\",\"z\":null,\"m\":\"1\",\"o\":[],\"late\":1}\n";
    let catalog: Catalog = probe(&file("x.jsonl", text), Depth::Head).unwrap();
    let kinds = [
        ("b", FieldKind::Bool),
        ("late", FieldKind::Number),
        ("m", FieldKind::Mixed),
        ("n", FieldKind::Number),
        ("o", FieldKind::Nested),
        ("t", FieldKind::Text),
        ("z", FieldKind::Null),
    ];
    assert_eq!(catalog.fields, kinds.map(|(name, kind)| (name.to_owned(), kind)).into());
    assert_eq!((catalog.rows, catalog.whole), (2, true));
    assert_eq!(catalog.identity.created, None);
}

#[test]
fn the_head_is_the_first_part_only() {
    let mut text = large();
    let rows = 40_000;
    text.push_str("{\"id\":\"z\",\"late\":1}\n");
    for (name, bytes) in [("x.jsonl", text.clone().into_bytes()), ("x.jsonl.gz", gzip(text.as_bytes()))] {
        let source = file(name, bytes);
        let head = probe(&source, Depth::Head).unwrap();
        assert!(!head.whole && head.rows > 1000 && head.rows < rows && !head.fields.contains_key("late"));
        let whole = probe(&source, Depth::Whole).unwrap();
        assert!(whole.whole && whole.rows == rows + 1 && whole.fields["late"] == FieldKind::Number);
    }
    text.push_str("{\"id\":1.5}\n");
    probe(&file("x.jsonl", text.clone()), Depth::Head).unwrap();
    probe(&file("x.jsonl", text), Depth::Whole).unwrap_err();
    let wide: String = (0..10_001).map(|row| format!("{{\"id\":{row},\"f{row}\":1}}\n")).collect();
    let findings = told(&probe(&file("x.jsonl", wide), Depth::Whole).unwrap_err());
    assert!(findings[0].contains("more than 10000 different fields"), "{findings:?}");
}

// ---------------------------------------------------------------------------------------------- properties

const NAMES: [&str; 9] =
    ["x.jsonl", "x.csv", "x.json", "x.yaml", "x.jsonl.gz", "x.csv.zst", "x.json.gz", "x.yaml.zst", "x"];

/// Valid files of every kind, to be damaged.
fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "{\"schema\":\"relgate/samples/v1\",\"artifacts\":{\"a.b\":\"1\"}}\n{\"id\":\"a\",\"accuracy\":0.5,\"lang\":\"d\\u00e9\"}\n{\"id\":2}\n",
        "id,accuracy,lang\na,0.5,\"x \"\"y\"\"\nz\"\nb,TRUE,\n",
        "{\"schema\":\"relgate/metrics/v1\",\"metrics\":{\"a\":{\"events\":1,\"n\":2},\"b\":1e-5}}",
        "schema: relgate/metrics/v1\nmetrics:\n  a: {value: 0.5, lower: 0.1, confidence: 0.9}\n  b: 'x'\n",
    ];
    texts
        .iter()
        .flat_map(|text| [text.as_bytes().to_vec(), gzip(text.as_bytes()), zstd(text.as_bytes())])
        .collect()
}

/// Everything that can be asked of a file; must only not panic.
fn ask(bytes: &[u8]) {
    for name in NAMES {
        let source = file(name, bytes);
        let _ = (probe(&source, Depth::Head), probe(&source, Depth::Whole));
    }
    for format in [Format::Jsonl, Format::Csv, Format::Metrics] {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let _ = stream(&file("x", bytes), format, compression, &projection(), &mut Recorder::default());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        ask(&bytes);
    }

    #[test]
    fn no_damage_makes_a_reader_panic(
        seed in prop::sample::select(seeds()),
        at in any::<prop::sample::Index>(),
        put in prop::collection::vec(any::<u8>(), 0..4),
        cut in 0..5_usize,
    ) {
        let mut bytes = seed;
        let start = at.index(bytes.len());
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, put);
        ask(&bytes);
    }

    #[test]
    fn a_cut_last_line_is_never_read(rows in prop::collection::vec((any::<u32>(), any::<f64>(), "[^\u{0}]{0,6}"), 1..4), crlf in any::<bool>()) {
        let end = if crlf { "\r\n" } else { "\n" };
        let lines: Vec<String> = rows
            .iter()
            .map(|(id, score, lang)| {
                let score = if score.is_finite() { *score } else { 0.5 };
                serde_json::json!({"id": id.to_string(), "accuracy": score, "lang": lang}).to_string()
            })
            .collect();
        let text = lines.join(end) + end;
        let whole = read(&file("x.jsonl", text.clone())).unwrap().1;
        let last = text.len() - end.len() - lines[lines.len() - 1].len();
        for cut in last + 1..text.len() {
            match read(&file("x.jsonl", &text.as_bytes()[..cut])) {
                Ok((_, rows)) => {
                    // Only the end of the line is missing.
                    prop_assert!(cut >= text.len() - end.len());
                    prop_assert_eq!(&rows, &whole);
                }
                Err(findings) => {
                    let told = told(&findings);
                    let place = format!("x.jsonl:{}: ", lines.len());
                    prop_assert!(told[0].starts_with(&place), "{:?}", told);
                    prop_assert!(told[0].contains("cut off") || told[0].contains("not UTF-8"), "{:?}", told);
                }
            }
        }
    }

    #[test]
    fn a_cut_packed_file_is_never_read(cut in any::<prop::sample::Index>(), zstandard in any::<bool>()) {
        let text = "{\"id\":\"a\",\"accuracy\":0.25}\n{\"id\":\"b\",\"accuracy\":0.75}\n".as_bytes();
        let (name, packed) = if zstandard { ("x.jsonl.zst", zstd(text)) } else { ("x.jsonl.gz", gzip(text)) };
        let cut = cut.index(packed.len());
        let compression = if zstandard { Compression::Zstd } else { Compression::Gzip };
        let source = file(name, &packed[..cut]);
        let read = stream(&source, Format::Jsonl, compression, &projection(), &mut Recorder::default());
        prop_assert!(read.is_err(), "cut at {} of {}", cut, packed.len());
    }
}

#[test]
fn values_keep_their_bits() {
    struct Bits(Vec<u64>);
    impl Sink for Bits {
        fn fork(&self) -> Self {
            Self(Vec::new())
        }
        fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
            if let Value::Number(value) = sample.values[0] {
                self.0.push(value.to_bits());
            }
            Ok(())
        }
        fn absorb(&mut self, later: Self, _: u64) -> Result<(), Diagnostic> {
            self.0.extend(later.0);
            Ok(())
        }
    }
    let texts = [
        "0.1",
        "1e-7",
        "123456789.123456789",
        "-0.0",
        "-0",
        "5e-324",
        "1.7976931348623157e308",
        "0.30000000000000004",
        "9007199254740993",
    ];
    let rows: String =
        texts.iter().enumerate().map(|(id, text)| format!("{{\"id\":{id},\"accuracy\":{text}}}\n")).collect();
    let mut bits = Bits(Vec::new());
    stream(&file("x.jsonl", rows), Format::Jsonl, Compression::None, &projection(), &mut bits).unwrap();
    let expected: Vec<u64> = texts.iter().map(|text| text.parse::<f64>().unwrap().to_bits()).collect();
    assert_eq!(bits.0, expected);
}
