//! Fields that the results call otherwise, formats by content, and what numbers and words mean where they stand.

use super::*;

use proptest::prelude::*;

fn paths(fields: &[(&str, &[&str])]) -> Paths {
    let mut paths = Paths::default();
    for (name, own) in fields {
        paths.add(name, own.iter().map(|path| (*path).to_owned()).collect());
    }
    paths
}

/// Rows with these fields read, where `paths` says they stand.
fn rows(
    name: &str,
    text: impl Into<Vec<u8>>,
    fields: &[(&str, Role)],
    paths: Paths,
) -> Result<Vec<String>, Diagnostics> {
    let source = file(name, text);
    let (format, compression) = detect(&source)?;
    let fields =
        fields.iter().map(|(name, role)| Projected { name: (*name).to_owned(), role: *role }).collect();
    let mut sink = Recorder::default();
    stream(&source, format, compression, &Projection { fields, records: false, paths }, &mut sink)?;
    Ok(sink.rows.into_iter().map(|(_, row)| row).collect())
}

#[test]
fn fields_stand_where_the_manifest_says() {
    let text = "{\"question_id\": 7, \"scores\": {\"correct\": true, \"more\": {\"deep\": 0.5}}, \"latency\": 2}\n\
        {\"question_id\": 8, \"latency\": 3, \"scores\": {\"more\": {}, \"correct\": false}}\n";
    let named = paths(&[
        ("id", &["question_id"]),
        ("accuracy", &["scores.correct"]),
        ("latency_s", &["latency"]),
        ("deep", &["scores.more.deep"]),
    ]);
    let fields = [("accuracy", Role::Score), ("latency_s", Role::Score), ("deep", Role::Score)];
    assert_eq!(
        rows("x.jsonl", text, &fields, named.clone()).unwrap(),
        [
            "Integer(7) [Bool(true), Number(2.0), Number(0.5)]",
            "Integer(8) [Bool(false), Number(3.0), Absent]"
        ]
    );
    let declared = Declared { format: None, paths: named, records: false };
    let catalog = probe_as(&file("x.jsonl", text), Depth::Head, &declared).unwrap();
    let names: Vec<&str> = catalog.fields.keys().map(String::as_str).collect();
    assert_eq!(names, ["accuracy", "deep", "latency_s", "scores"]);
    // Without a word they are offered by the way to them.
    let catalog = probe(&file("x.jsonl", text.replace("question_id", "id")), Depth::Head).unwrap();
    assert_eq!(catalog.fields["scores.correct"], FieldKind::Bool);
    assert_eq!(catalog.fields["scores.more.deep"], FieldKind::Number);
}

#[test]
fn an_exact_name_wins_over_a_way() {
    let field = [("a.b", Role::Score)];
    for row in [
        "{\"id\":1,\"a\":{\"b\":2},\"a.b\":1}",
        "{\"id\":1,\"a.b\":1,\"a\":{\"b\":2}}",
        "{\"id\":1,\"a.b\":1,\"a\":3}",
        "{\"id\":1,\"\\u0061\":{\"\\u0062\":1,\"c\":{\"b\":9}},\"x\":[{\"b\":4}]}",
    ] {
        assert_eq!(
            rows("x.jsonl", row, &field, Paths::default()).unwrap(),
            ["Integer(1) [Number(1.0)]"],
            "{row}"
        );
    }
    let twice = "{\"id\":1,\"a\":{\"b\":2,\"b\":1}}";
    let told = told(&rows("x.jsonl", twice, &field, Paths::default()).unwrap_err());
    assert!(told[0].starts_with("x.jsonl:1: `b` stands twice in one row"), "{told:?}");
    let csv = rows("x.csv", "id,a.b\n1,0.5\n", &field, Paths::default()).unwrap();
    assert_eq!(csv, ["Text(\"1\") [Number(0.5)]"]);
}

#[test]
fn several_fields_are_joined_to_one_id() {
    let joined = paths(&[("id", &["lang", "meta.qid"])]);
    let text = "{\"lang\":\"de\",\"meta\":{\"qid\":1}}\n{\"lang\":\"d/e\",\"meta\":{\"qid\":\"1\"}}\n{\"meta\":{\"qid\":\"e/1\"},\"lang\":\"d\"}\n";
    assert_eq!(
        rows("x.jsonl", text, &[], joined.clone()).unwrap(),
        ["Text(\"de/1\") []", "Text(\"d\\\\/e/1\") []", "Text(\"d/e\\\\/1\") []"]
    );
    let told = told(&rows("x.jsonl", "{\"lang\":\"de\"}", &[], joined).unwrap_err());
    assert!(told[0].contains("this row has no `id`"), "{told:?}");
    let csv = paths(&[("id", &["lang", "qid"])]);
    assert_eq!(rows("x.csv", "qid,lang\n1,de\n", &[], csv.clone()).unwrap(), ["Text(\"de/1\") []"]);
    let told = super::told(&rows("x.csv", "id,lang\n1,de\n", &[], csv).unwrap_err());
    assert!(told[0].contains("names no column `qid`"), "{told:?}");
}

#[test]
fn labels_are_what_is_written() {
    let label = [("v", Role::Label)];
    let text = "{\"id\":1,\"v\":1.10}\n{\"id\":2,\"v\":1.1}\n{\"id\":3,\"v\":12345678901234567890}\n";
    assert_eq!(
        rows("x.jsonl", text, &label, Paths::default()).unwrap(),
        [
            "Integer(1) [Written(\"1.10\")]",
            "Integer(2) [Written(\"1.1\")]",
            "Integer(3) [Written(\"12345678901234567890\")]"
        ]
    );
    let csv = "id,v\n1,TRUE\n2,True\n3,0042\n";
    assert_eq!(
        rows("x.csv", csv, &label, Paths::default()).unwrap(),
        ["Text(\"1\") [Text(\"true\")]", "Text(\"2\") [Text(\"true\")]", "Text(\"3\") [Text(\"0042\")]"]
    );
}

#[test]
fn texts_and_times_have_a_role_of_their_own() {
    let fields = [("answer", Role::Text), ("at", Role::Time)];
    let text = "{\"id\":1,\"answer\":\"a\\nb\",\"at\":\"1970-01-01T00:01:00.5+00:00\"}\n{\"id\":2,\"answer\":42.0,\"at\":7}\n{\"id\":3,\"answer\":null}\n";
    assert_eq!(
        rows("x.jsonl", text, &fields, Paths::default()).unwrap(),
        [
            "Integer(1) [Text(\"a\\nb\"), Number(60.5)]",
            "Integer(2) [Text(\"42.0\"), Number(7.0)]",
            "Integer(3) [Null, Absent]"
        ]
    );
    for (row, word) in [
        ("{\"id\":1,\"answer\":[\"a\"]}", "`answer` is a list where text belongs"),
        ("{\"id\":1,\"at\":\"yesterday\"}", "`at` is text (\"yesterday\") where a time belongs"),
    ] {
        let told = told(&rows("x.jsonl", row, &fields, Paths::default()).unwrap_err());
        assert!(told[0].contains(word), "{told:?}");
    }
}

#[test]
fn the_content_says_what_a_file_is() {
    let list = "[{\"id\": \"a\", \"accuracy\": 1},\n {\"id\": \"b\", \"accuracy\": 0}]";
    for name in ["x.json", "x.jsonl", "x", "x.txt"] {
        assert_eq!(detect(&file(name, list)).unwrap().0, Format::JsonList, "{name}");
        assert_eq!(read(&file(name, list)).unwrap().0.rows, 2);
    }
    let told = told(&read(&file("x.json", "[{\"id\": 1}, {\"accuracy\": 1}]")).unwrap_err());
    assert!(
        told[0].starts_with("x.json: this row has no `id`") && told[0].contains("element 2 of the list"),
        "{told:?}"
    );
    for (text, row) in [
        ("id;accuracy;lang\n1;0.5;de\n", "Text(\"1\") [Number(0.5), Text(\"de\")]"),
        ("id\taccuracy\tlang\n1\t0.5\t5\" disk\n", "Text(\"1\") [Number(0.5), Text(\"5\\\" disk\")]"),
        ("id,accuracy,lang\n1,0.5,a;b\n", "Text(\"1\") [Number(0.5), Text(\"a;b\")]"),
    ] {
        for name in ["x.csv", "x.txt", "x"] {
            assert_eq!(read(&file(name, text)).unwrap().1[0].1, row, "{name} {text}");
        }
    }
    // Samples in a file of the wrong name are samples.
    assert_eq!(detect(&file("x.csv", "{\"id\":1}\n{\"id\":2}\n")).unwrap().0, Format::Jsonl);
    let catalog =
        probe(&file("m.json", "{\"metrics\": {\"toxicity\": {\"events\": 1, \"n\": 9}}}"), Depth::Head);
    assert_eq!(catalog.unwrap().aggregates["toxicity"].measured, Measured::Events { events: 1, n: 9 });
    let forced = Declared { format: Some(Format::Metrics), paths: Paths::default(), records: false };
    assert!(probe_as(&file("x.jsonl", "{\"a\": 1}\n{\"a\": 2}\n"), Depth::Head, &forced).is_err());
}

#[test]
fn what_cannot_be_read_says_what_it_is() {
    refuses("x.csv", b"id,accuracy\r1,1\r2,0\r", 0, &["carriage return alone", "write line feeds"]);
    let rows = b"{\"id\":1}\n{\"id\":2}\n";
    refuses("x.jsonl.gz", &gzip(&gzip(rows)), 0, &["packed twice"]);
    refuses("x.jsonl.zst", &zstd(&gzip(rows)), 0, &["packed twice"]);
    refuses("x.csv", b"id,accuracy\n1,null\n", 2, &["leave the cell empty where a sample has no score"]);
    refuses("x.jsonl", b"{\"id\":10014255632117350000}", 1, &["an integer too large", "write ids as text"]);
}

#[test]
fn a_row_may_be_spaced_in_another_way_than_the_one_before() {
    let text = "{\"id\":1,\"accuracy\":1}\n{\"id\": 2, \"accuracy\": 0}\n{\"id\" :3,\"accuracy\":\t1}\n";
    assert_eq!(read(&file("x.jsonl", text)).unwrap().0.rows, 3);
}

#[test]
fn a_header_of_very_many_columns_takes_no_time() {
    let names: Vec<String> = (0..200_000).map(|i| format!("c{i}")).collect();
    let text = format!("id,{}\n1,{}\n", names.join(","), "1,".repeat(199_999) + "1");
    // A minute in quadratic time.
    let told = told(&probe(&file("x.csv", text), Depth::Head).unwrap_err());
    assert!(told[0].contains("different fields"), "{told:?}");
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        &b"{"[..],
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\n",
        b"\r",
        b";",
        b"\t",
        b"\"id\"",
        b"id",
        b"\"s.t\"",
        b"\"s\"",
        b"\"t\"",
        b"1",
        b"0.5",
        b"true",
        b"null",
        b"NaN",
        b"\\",
        b"\"",
        b"\xff",
        b"\xef\xbb\xbf",
        b"schema: ",
        b"metrics",
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
    ]);
    prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in bytes(), name in prop::sample::select(vec!["x", "x.csv", "x.jsonl", "x.json", "x.yaml"]), forced in prop::option::of(prop::sample::select(Format::ALL))) {
        let source = file(name, bytes);
        let named = paths(&[("id", &["id", "s.t"]), ("t", &["s.t"])]);
        for paths in [Paths::default(), named] {
            let _ = probe_as(&source, Depth::Whole, &Declared { format: forced, paths: paths.clone(), records: false });
            let fields = ["s.t", "t", "s"]
                .into_iter()
                .zip([Role::Label, Role::Score, Role::Text])
                .map(|(name, role)| Projected { name: name.to_owned(), role })
                .collect();
            let projection = Projection { fields, records: false, paths };
            for format in Format::ALL {
                let _ = stream(&source, *format, Compression::None, &projection, &mut Recorder::default());
            }
        }
    }
}
