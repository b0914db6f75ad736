//! CSV: rows that are read, and rows that are refused in their own words.

use proptest::prelude::*;

use super::*;

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
        ("id,accuracy,accuracy\n", 1, &["`accuracy` twice"]),
        ("id,,x\na,1,2\n", 2, &["column 2 has no name in the header row", "\"1\""]),
        ("id,x\n,\na,1\n", 2, &["holds nothing, and others follow"]),
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
        let mut writer = ::csv::Writer::from_writer(Vec::new());
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
