//! Properties over generated and damaged files.

use proptest::prelude::*;

use super::*;

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
