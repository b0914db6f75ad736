//! JSON Lines: rows that are read, and rows that are refused in their own words.

use super::*;

#[test]
fn jsonl_rows_are_read() {
    let text = "\u{feff}{\"id\":\"a\",\"accuracy\":0.93,\"lang\":\"de\",\"note\":{\"x\":[1,2]}}\r\n\
        \r\n\
        {\"lang\":\"\\u00e9\\n\",\"accuracy\":true,\"id\":7,\"epoch\":2}\n\
        {\"id\":\"b\",\"accuracy\":null,\"error\":\"timeout\",\"lang\":3}\n\
        {\"id\":\"c\",\"error\":\"\",\"epoch\":null,\"lang\":\"\\ud83d\\ude00\\u0041\"}\n\n  \n";
    let (summary, rows) = read(&file("x.jsonl", text)).unwrap();
    assert_eq!(summary.rows, 4);
    let expected = [
        (1, "Text(\"a\") [Number(0.93), Text(\"de\")]"),
        (3, "Integer(7)#2 [Bool(true), Text(\"é\\n\")]"),
        (4, "Text(\"b\")! [Null, Written(\"3\")]"),
        (5, "Text(\"c\") [Absent, Text(\"😀A\")]"),
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
        ("0", false),
        ("0.0", false),
        ("\"None\"", false),
        ("\" n/a \"", false),
        ("\"NO\"", false),
        ("\"null\"", false),
        ("\"no answer\"", true),
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
    stream(
        &source,
        Format::Jsonl,
        Compression::None,
        &Projection { fields, records: false, ..Projection::default() },
        &mut sink,
    )
    .unwrap();
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
        ("{\"id\":\"b\",\"lang\":\"\\ud800\"}", &["one half of a character"]),
        ("{\"id\":\"b\",\"accuracy\":1,\"accuracy\":0}", &["`accuracy` stands twice in one row"]),
        ("{\"id\":\"b\",\"x\":1,\"\\u0078\":0}", &["`x` stands twice"]),
        ("{\"id\":\"b\",\"id\":\"c\"}", &["`id` stands twice"]),
        ("{\"accuracy\":1}", &["no `id`"]),
        ("{}", &["no `id`"]),
        ("{\"id\":null}", &["`id` is null where text or an integer"]),
        ("{\"id\":true}", &["`id` is true where"]),
        ("{\"id\":1.5}", &["`id` is the number 1.5 where"]),
        (
            "{\"id\":9223372036854775808}",
            &["the `id` 9223372036854775808 is an integer too large", "as text"],
        ),
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
