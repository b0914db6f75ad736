//! Which kind a file is, and what its catalog says.

use super::blocks::large;
use super::*;

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
        ("b.txt", b"accuracy 0.9", "neither its first bytes nor its name"),
        ("b.jsonl", b"", "empty"),
    ] {
        let finding = detect(&file(name, bytes)).unwrap_err();
        let text = told(&finding.clone().into()).remove(0);
        assert!(text.contains(words) && !finding.help.is_empty(), "{text}");
        assert!(words == "empty" || text.contains(".jsonl, .ndjson, .json, .csv or .tsv"), "{text}");
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
        ("o.a", FieldKind::Number),
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
