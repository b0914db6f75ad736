//! What `diff` says about the rows of datasets, on folders that the tests make.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;

use proptest::prelude::*;
use relgate::artifact::{self, Pinned};
use relgate::change;
use relgate::diagnostic::{Diagnostics, Sources, render};
use relgate::diff::{self, ChangeRule, Detail, Direction, Record, ReleaseSide, Weight};
use relgate::files::Worktree;
use relgate::manifest::{self, Manifest};

/// A release in a folder of its own, which disappears with the test.
struct Side {
    root: Worktree,
    manifest: Manifest,
    pinned: Pinned,
    folder: tempfile::TempDir,
}

impl Side {
    /// Datasets by name with version and path, and files.
    fn new(artifacts: &str, files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let text = format!(
            "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nbaseline: none\nartifacts: {artifacts}\n\
             evidence: {{ a: {{ path: a.jsonl }} }}\ngates: ['toxicity < 1%']\n"
        );
        let mut sources = Sources::new();
        let file = sources.add("release.yaml", text);
        let manifest = match manifest::parse(&sources, file) {
            Ok(manifest) => manifest,
            Err(found) => panic!("{}", words(&found, &sources)),
        };
        let root = Worktree::find(&folder.path().join("release.yaml"), Some(folder.path())).unwrap();
        let (pinned, found) = artifact::pin(&manifest, &root);
        assert!(!found.has_errors(), "{}", words(&found, &sources));
        Self { root, manifest, pinned, folder }
    }

    /// One dataset `eval` in one file.
    fn one(path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let artifacts = format!("{{ datasets: {{ eval: {{ version: v1, path: {path}, role: eval }} }} }}");
        Self::new(&artifacts, &[(path, bytes.as_ref())])
    }
}

fn words(found: &Diagnostics, sources: &Sources) -> String {
    found.iter().map(|finding| render(finding, sources, false) + "\n").collect()
}

/// The records on rows.
fn compare(before: &Side, after: &Side) -> Result<Vec<Record>, String> {
    compare_with(before, after, true)
}

fn compare_with(before: &Side, after: &Side, contents: bool) -> Result<Vec<Record>, String> {
    let sides =
        [before, after].map(|side| change::ComparedSide { manifest: &side.manifest, pinned: &side.pinned });
    let changes = change::between(Some(&sides[0]), &sides[1]);
    let none = BTreeSet::new();
    let before = ReleaseSide {
        manifest: &before.manifest,
        pinned: &before.pinned,
        contents: contents.then_some(&before.root as &dyn artifact::Tree),
        failed: &none,
    };
    let after = ReleaseSide {
        manifest: &after.manifest,
        pinned: &after.pinned,
        contents: Some(&after.root as &dyn artifact::Tree),
        failed: &none,
    };
    let records = diff::between(&before, &after, &changes).map_err(|found| words(&found, &Sources::new()))?;
    let ours =
        |record: &Record| record.rule.id().starts_with("dataset-") || record.rule == ChangeRule::NotText;
    Ok(records.into_iter().filter(ours).collect())
}

/// The records on two states of one file.
fn file(path: &str, before: impl AsRef<[u8]>, after: impl AsRef<[u8]>) -> Result<Vec<Record>, String> {
    compare(&Side::one(path, before), &Side::one(path, after))
}

fn texts(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.text.as_str()).collect()
}

fn lines(record: &Record) -> Vec<&str> {
    let lines = record.details.iter().map(|detail| match detail {
        Detail::Line(line) => line.as_str(),
        Detail::Words { .. } => panic!("rows have no passages"),
    });
    lines.collect()
}

fn gz(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

const FOUR: &str = "{\"id\":\"a\",\"question\":\"One?\",\"lang\":\"de\"}\n{\"id\":\"b\",\"question\":\"Two?\",\"lang\":\"de\"}\n\
    {\"id\":\"c\",\"question\":\"Three?\",\"lang\":\"en\"}\n{\"id\":\"d\",\"question\":\"Four?\",\"lang\":\"en\"}\n";

#[test]
fn rows_are_added_removed_and_changed_by_key() {
    let after = "{\"id\":\"d\",\"question\":\"Four?\",\"lang\":\"en\"}\n\n{\"lang\":\"fr\",\"id\":\"a\",\"question\":\"One?\"}\n\
        {\"id\":\"c\", \"question\":\"Thr\\u0065e?\", \"lang\":\"en\"}\n{\"id\":\"e\",\"question\":\"Five?\",\"lang\":\"en\"}\n\
        {\"id\":\"f\",\"question\":\"Six?\",\"lang\":\"en\"}";
    let records = file("eval.jsonl", FOUR, after).unwrap();
    assert_eq!(texts(&records), ["dataset eval: 2 rows added, 1 removed, 1 changed (of 4)"]);
    let record = &records[0];
    assert_eq!(
        lines(record),
        [
            "added: id \"e\" (line 5)",
            "added: id \"f\" (line 6)",
            "removed: id \"b\" (line 2)",
            "changed: id \"a\" (line 3): lang: \"de\" -> \"fr\"",
        ]
    );
    assert_eq!((record.rule, record.path.as_str()), (ChangeRule::DatasetRows, "artifacts.datasets.eval"));
    assert_eq!((record.severity, record.direction), (Weight::Review, Direction::Looser));
    assert_eq!(record.before.as_deref().zip(record.after.as_deref()), Some(("4 rows", "5 rows")));
}

#[test]
fn only_added_rows_are_good_to_know_and_removed_rows_of_other_data_go_nowhere() {
    let added =
        file("eval.jsonl", FOUR, FOUR.to_owned() + "{\"id\":\"e\",\"question\":\"Five?\",\"lang\":\"de\"}\n");
    let added = added.unwrap();
    assert_eq!(texts(&added), ["dataset eval: 1 row added (of 4)"]);
    assert_eq!((added[0].severity, added[0].direction), (Weight::Info, Direction::Neutral));

    let side = |text: &str| {
        Side::new(
            "{ datasets: { notes: { version: v1, path: notes.jsonl } } }",
            &[("notes.jsonl", text.as_bytes())],
        )
    };
    let removed = compare(&side(FOUR), &side(FOUR.lines().next().unwrap())).unwrap();
    assert_eq!(texts(&removed), ["dataset notes: 3 rows removed (of 4)"]);
    assert_eq!((removed[0].severity, removed[0].direction), (Weight::Review, Direction::Neutral));

    let emptied = file("eval.jsonl", FOUR, "").unwrap();
    assert_eq!(texts(&emptied), ["dataset eval: 4 rows removed (of 4)"]);
    assert_eq!(lines(&emptied[0])[0], "removed: id \"a\" (line 1)");
}

#[test]
fn every_spelling_of_the_same_rows_is_the_same() {
    let list = format!("\u{feff} [\n{}\n]\n", FOUR.trim().replace('\n', ",\n "));
    let csv = "id,question,lang\na,One?,de\nb,Two?,de\nc,Three?,en\nd,\"Four?\",en\n";
    let reversed: String = FOUR.lines().rev().map(|line| format!("{line}\r\n\r\n")).collect();
    let reversed = reversed.replace(
        "{\"id\":\"a\",\"question\":\"One?\",\"lang\":\"de\"}",
        "{\"lang\":\"de\",\"question\":\"One?\",\"id\":\"a\"}",
    );
    assert!(reversed.contains("{\"lang\""));
    let split = [
        (
            "eval/one.jsonl",
            FOUR.lines().skip(2).map(|line| format!("{line}\n")).collect::<String>().into_bytes(),
        ),
        ("eval/two.json.gz", gz(&format!("[{}]", FOUR.lines().take(2).collect::<Vec<_>>().join(",")))),
    ];
    let folder: Vec<(&str, &[u8])> = split.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
    let sides = [
        Side::one("eval.jsonl", FOUR),
        Side::one("eval.ndjson", reversed),
        Side::one("eval.json", &list),
        Side::one("eval.csv", csv),
        Side::one("eval.jsonl.gz", gz(FOUR)),
        Side::one("eval.json", FOUR),
        Side::one("eval.csv.gz", gz(csv)),
        Side::new("{ datasets: { eval: { version: v1, path: eval } } }", &folder),
    ];
    for side in &sides {
        assert_eq!(compare(&sides[0], side).unwrap(), [], "{:?}", side.pinned);
    }
    let short = Side::one("eval.jsonl", FOUR.lines().next().unwrap());
    for (side, places) in [
        (&sides[2], ["element 2", "element 3", "element 4"]),
        (&sides[3], ["line 3", "line 4", "line 5"]),
        (&sides[7], ["eval/one.jsonl line 1", "eval/one.jsonl line 2", "eval/two.json.gz element 2"]),
    ] {
        let records = compare(&short, side).unwrap();
        assert_eq!(texts(&records), ["dataset eval: 3 rows added (of 1)"]);
        for (line, place) in lines(&records[0]).iter().zip(places) {
            assert!(line.ends_with(&format!("({place})")), "{line}");
        }
    }
}

#[test]
fn rows_without_a_key_are_added_and_removed_only() {
    let before = "{\"q\":\"x\",\"n\":1}\n{\"q\":\"y\",\"n\":2}\n{\"q\":\"y\",\"n\":2}\n";
    let after = "{\"q\":\"x\",\"n\":3}\n{\"q\":\"y\",\"n\":2}\n{\"id\":1,\"q\":\"y\",\"n\":2}\n";
    let records = file("eval.jsonl", before, after).unwrap();
    assert_eq!(texts(&records)[0], "dataset eval: 2 rows added, 2 removed (of 3); its rows have no key");
    assert_eq!(lines(&records[0])[0], "added: line 1 (q: \"x\", n: 3)");
    assert_eq!(records[1].text, "dataset eval: 1 field added (id)");

    let keyed = |lines: &[&str]| lines.iter().map(|line| format!("{{{line}}}\n")).collect::<String>();
    let before = keyed(&["\"id\":1,\"uuid\":\"a\"", "\"id\":null,\"uuid\":\"b\""]);
    let after = keyed(&["\"id\":2,\"uuid\":\"a\"", "\"id\":3,\"uuid\":\"b\""]);
    let records = file("eval.jsonl", before, after).unwrap();
    assert_eq!(lines(&records[0])[0], "changed: uuid \"a\" (line 1): id: 1 -> 2");
}

#[test]
fn a_row_of_empty_cells_is_a_row_of_data() {
    let records =
        file("eval.csv", "question,lang\nOne?,de\nTwo?,de\n", "question,lang\nOne?,de\n,\nTwo?,de\n")
            .unwrap();
    assert!(texts(&records)[0].contains("1 row added"), "{records:?}");
}

#[test]
fn keys_on_several_rows_are_told_and_compared_by_content() {
    let row = |id: u32, text: &str| format!("{{\"id\":{id},\"t\":\"{text}\"}}\n");
    let before = [row(1, "a"), row(1, "b"), row(1, "b"), row(2, "x")].concat();
    let after = [row(2, "x"), row(2, "y"), row(1, "b"), row(1, "c"), row(3, "z")].concat();
    let records = file("eval.jsonl", &before, &after).unwrap();
    assert_eq!(
        texts(&records),
        [
            "dataset eval: 2 rows added, 1 removed, 1 changed (of 4)",
            "dataset eval: 2 ids stand on more than one row (before: 1); such rows are told apart by their content",
        ]
    );
    assert_eq!(
        lines(&records[1]),
        [
            "before: id 1 (line 1), again on line 2",
            "now: id 2 (line 1), again on line 2",
            "now: id 1 (line 3), again on line 4"
        ]
    );
    let again = file("eval.jsonl", &before, row(1, "a") + &row(2, "x")).unwrap();
    let last = again.last().unwrap();
    assert_eq!(last.text, "dataset eval: every row has its own id again (before: 1 id on several rows)");
    assert_eq!((last.rule, last.severity), (ChangeRule::DatasetDuplicateKeys, Weight::Info));
}

#[test]
fn fields_that_come_go_or_change_their_type_are_told() {
    let before =
        "{\"id\":1,\"score\":1,\"source\":\"x\",\"n\":1}\n{\"id\":2,\"score\":2,\"source\":null,\"n\":1.5}\n";
    let after = "{\"id\":1,\"score\":\"1\",\"lang\":[\"de\"],\"n\":1.0}\n{\"id\":2,\"score\":2,\"n\":1.5}\n";
    let records = file("eval.jsonl", before, after).unwrap();
    let schema = records.iter().find(|record| record.rule == ChangeRule::DatasetSchema).unwrap();
    assert_eq!(
        schema.text,
        "dataset eval: 1 field added (lang), 1 field removed (source), 1 field of another type (score)"
    );
    assert_eq!(
        lines(schema),
        [
            "type: score: int -> text 50.0 %, int 50.0 %",
            "removed: source (text 50.0 %, null 50.0 %)",
            "added: lang (list 50.0 %, absent 50.0 %)"
        ]
    );
}

/// Rows with these numbers of labels.
fn labelled(counts: &[(&str, usize)]) -> String {
    let labels = counts.iter().flat_map(|(label, rows)| std::iter::repeat_n(label, *rows));
    labels
        .enumerate()
        .map(|(id, label)| format!("{{\"id\":{id},\"label\":\"{label}\",\"q\":\"text {id}\"}}\n"))
        .collect()
}

#[test]
fn labels_that_moved_further_than_chance_are_told() {
    let before = labelled(&[("refund", 48), ("order", 252), ("other", 100)]);
    let labels = |after: &str| {
        let records = file("eval.jsonl", &before, after).unwrap();
        records.into_iter().filter(|record| record.rule == ChangeRule::DatasetLabels).collect::<Vec<_>>()
    };
    let records = labels(&labelled(&[("refund", 120), ("order", 180), ("other", 100)]));
    assert_eq!(
        texts(&records),
        ["dataset eval: label is distributed in another way: `order` 63.0 % (252) -> 45.0 % (180)"]
    );
    assert_eq!(
        lines(&records[0]),
        [
            "`order` 63.0 % (252) -> 45.0 % (180)",
            "`refund` 12.0 % (48) -> 30.0 % (120)",
            "`other` 25.0 % (100) -> 25.0 % (100)"
        ]
    );
    assert_eq!(labels(&labelled(&[("refund", 56), ("order", 244), ("other", 100)])), [], "two points");
    assert_eq!(labels(&labelled(&[("refund", 3), ("order", 5), ("other", 2)])), [], "ten rows say little");
    let many: Vec<String> = (0..60).map(|label| format!("l{label}")).collect();
    let many: Vec<(&str, usize)> = many.iter().map(|label| (label.as_str(), 7)).collect();
    assert_eq!(labels(&labelled(&many)), [], "more than fifty values are no label");
}

#[test]
fn long_values_are_shown_around_their_first_difference() {
    let text = |end: &str| format!("{{\"id\":1,\"t\":\"{}{end}{}\"}}\n", "x".repeat(300), "y".repeat(300));
    let records = file("eval.jsonl", text("one"), text("two")).unwrap();
    let line = lines(&records[0])[0].to_owned();
    assert!(line.starts_with("changed: id 1 (line 1): t: …\"xxxxxxxxxxxxxxxxxxxxoney"), "{line}");
    assert!(line.contains("…\"xxxxxxxxxxxxxxxxxxxxtwoy") && line.chars().count() < 250, "{line}");
}

#[test]
fn rows_that_cannot_be_read_are_an_error_by_line() {
    let latin = b"{\"id\":1}\n{\"id\":\"caf\xe9\"}\n".as_slice();
    let table: &[(&str, &[u8], &str)] = &[
        ("eval.jsonl", latin, "eval.jsonl:2"),
        ("eval.jsonl", b"{\"id\":1}\n\n{\"id\":2", "eval.jsonl:3"),
        ("eval.jsonl", b"{\"id\":1}\n[1]\n", "eval.jsonl:2"),
        ("eval.jsonl", b"{\"id\":1,\"id\":2}\n", "eval.jsonl:1"),
        ("eval.jsonl", b"{\"id\":1,\"x\":NaN}\n", "eval.jsonl:1"),
        ("eval.jsonl", b"{\"id\":1,\"x\":[\"\\ud800\"]}\n", "eval.jsonl:1"),
        ("eval.csv", b"id,a\n1,2\n2\n", "eval.csv:3"),
        ("eval.csv", b"id,a\n1,\"2\n", "eval.csv:2"),
        ("eval.csv", b"id,id\n1,2\n", "eval.csv:1"),
        ("eval.json", b"[{\"id\":1},{\"id\":2}", "eval.json"),
        ("eval.json", b"[{\"id\":1},,{\"id\":2}]", "eval.json"),
        ("eval.json", b"[{\"id\":1},]", "eval.json"),
        ("eval.json", b"[{\"id\":1}] {}", "eval.json"),
        ("eval.json", b"[{\"id\":1},\n3]", "element 2"),
        ("eval.jsonl.gz", b"\x1f\x8b\x08\0broken", "eval.jsonl.gz"),
    ];
    let good = Side::one("good.jsonl", FOUR);
    for (path, bytes, place) in table {
        let bad = Side::one(path, bytes);
        for found in [compare(&good, &bad), compare(&bad, &good)] {
            let text = found.unwrap_err();
            assert!(text.contains(place) && !text.contains("evidence"), "{path} {place}: {text}");
        }
    }
}

#[test]
fn a_file_that_changed_after_it_was_hashed_is_an_error() {
    let (before, after) = (Side::one("eval.jsonl", FOUR), Side::one("eval.jsonl", "{\"id\":1}\n"));
    let path = after.folder.path().join("eval.jsonl");
    for text in ["{\"id\":1}\n{\"id\":2}\n", "{\"id\":1", ""] {
        fs::write(&path, text).unwrap();
        let text = compare(&before, &after).unwrap_err();
        assert!(text.contains("eval.jsonl"), "{text}");
    }
}

#[test]
fn what_holds_no_rows_as_text_is_compared_by_digest_only() {
    let table: &[(&str, &[u8], &[u8], &str)] = &[
        ("eval.parquet", b"PAR1abc", b"PAR1abd", "a Parquet file"),
        ("eval.bin", b"\0\x01", b"\0\x02", "bin"),
        ("eval.json", b"{\"a\":\n1}", b"{\"a\":\n2}", "a JSON document that is no list of rows"),
        ("eval.jsonl", b"\xff\xfe{\0", b"\xff\xfe}\0", "UTF-16 text"),
    ];
    for (path, before, after, what) in table {
        let records = file(path, before, after).unwrap();
        assert_eq!(
            texts(&records),
            [format!(
                "dataset eval is in a format that relgate does not read row by row ({what}): only its digest was compared"
            )]
        );
        assert_eq!((records[0].rule, records[0].severity), (ChangeRule::NotText, Weight::Review));
    }
    let folder = |image: &[u8], rows: &[u8]| {
        Side::new(
            "{ datasets: { eval: { version: v1, path: eval } } }",
            &[("eval/a.png", image), ("eval/b.png", b"b"), ("eval/rows.jsonl", rows)],
        )
    };
    let records =
        compare(&folder(b"1", b"{\"id\":1}\n"), &folder(b"2", b"{\"id\":1}\n{\"id\":2}\n")).unwrap();
    assert_eq!(
        texts(&records),
        [
            "dataset eval: 1 changed file that relgate does not read row by row (png): only digests were compared",
            "dataset eval: 1 row added (of 1)"
        ]
    );
}

/// A release with a training and an evaluation set.
fn pair(train: &str, eval: &str) -> Side {
    Side::new(
        "{ datasets: { train: { version: t1, path: train.jsonl, role: train }, held-out: { version: e1, path: held.csv, role: eval } } }",
        &[("train.jsonl", train.as_bytes()), ("held.csv", eval.as_bytes())],
    )
}

fn overlaps(before: &Side, after: &Side) -> Vec<Record> {
    let records = compare(before, after).unwrap();
    records.into_iter().filter(|record| record.rule == ChangeRule::DatasetOverlap).collect()
}

const TRAIN: &str = "{\"prompt\":\"  What is\\n a REFUND? \",\"completion\":\"x\"}\n{\"prompt\":\"b\",\"completion\":\"y\"}\n";
const EVAL: &str = "id,question,answer\n7,what is a refund?,Money\n8,Other?,x\n9,What is a  refund?,y\n";

#[test]
fn rows_shared_by_training_and_evaluation_are_blocking_where_they_are_new() {
    let clean = pair("{\"prompt\":\"b\",\"completion\":\"y\"}\n", EVAL);
    let leaky = pair(TRAIN, EVAL);
    let records = overlaps(&clean, &leaky);
    assert_eq!(
        texts(&records),
        ["2 of 3 rows (66.7 %) of dataset held-out are also in dataset train (before: 0)"]
    );
    assert_eq!((records[0].severity, records[0].direction), (Weight::Blocking, Direction::Looser));
    assert_eq!(
        lines(&records[0]),
        [
            "held-out line 2 (id \"7\") = train line 1: question \"what is a refund?\"",
            "held-out line 4 (id \"9\") = train line 1: question \"What is a  refund?\""
        ]
    );

    assert_eq!(overlaps(&leaky, &clean), [], "gone");
    assert_eq!(overlaps(&leaky, &leaky), [], "nothing changed");
    let same = pair(&(TRAIN.to_owned() + "{\"prompt\":\"new\"}\n"), EVAL);
    let records = overlaps(&leaky, &same);
    assert_eq!(
        texts(&records),
        ["2 of 3 rows (66.7 %) of dataset held-out are also in dataset train (before: 2)"]
    );
    assert_eq!((records[0].severity, records[0].direction), (Weight::Review, Direction::Neutral));
    let fewer = pair(TRAIN, &EVAL.replace("9,What is a  refund?,y\n", ""));
    assert_eq!(overlaps(&leaky, &fewer)[0].severity, Weight::Review);
    assert_eq!(overlaps(&fewer, &leaky)[0].severity, Weight::Blocking);

    let nothing = Side::new("{ prompts: { p: { version: v1, path: p.md } } }", &[("p.md", b"x")]);
    let records = overlaps(&nothing, &leaky);
    assert!(records[0].text.ends_with("(before: none: they were not both there)"), "{}", records[0].text);
    assert_eq!(records[0].direction, Direction::Looser);
    let records = compare_with(&clean, &leaky, false).unwrap();
    assert_eq!(texts(&records).len(), 1, "a bundle keeps no rows: {records:?}");
    assert_eq!((records[0].severity, records[0].direction), (Weight::Blocking, Direction::Unknown));
}

/// A path and what stands there.
type Stored<'a> = (&'a str, &'a [u8]);

/// A release with these datasets and with rows that evaluate.
fn beside(artifacts: &str, held: &str, files: &[Stored<'_>]) -> Side {
    let text =
        format!("{{ datasets: {{ {artifacts}, held-out: {{ version: e1, path: held.csv, role: eval }} }} }}");
    Side::new(&text, &[files, &[("held.csv", held.as_bytes())]].concat())
}

#[test]
fn data_that_cannot_be_searched_for_shared_rows_is_told() {
    const ONE: &str = "id,question\n7,one\n";
    const TWO: &str = "id,question\n7,two\n";
    let unchecked = |before: &Side, after: &Side| {
        let records = compare(before, after).unwrap();
        let ours = |record: &Record| record.rule == ChangeRule::DatasetOverlapUnchecked;
        records.into_iter().filter(ours).collect::<Vec<_>>()
    };
    let digest = "0".repeat(64);
    let elsewhere = format!("train: {{ version: t1, uri: 's3://c/t', sha256: {digest}, role: train }}");
    let here = "train: { version: t1, path: train, role: train }";
    let rows: Stored<'_> = ("train/a.jsonl", b"{\"prompt\":\"x\"}\n");
    let packed: Stored<'_> = ("train/b.parquet", b"PAR1abc");
    let table: [(&str, &[Stored<'_>], &str); 3] = [
        (&elsewhere, &[], "its bytes are not in the repository"),
        (here, &[packed], "it is in a format that relgate does not read row by row (a Parquet file)"),
        (here, &[rows, packed], "1 file of it cannot be read row by row (a Parquet file)"),
    ];
    for (artifacts, files, why) in table {
        let (before, after) = (beside(artifacts, ONE, files), beside(artifacts, TWO, files));
        let records = unchecked(&before, &after);
        assert_eq!(
            texts(&records),
            [format!("nobody looked for rows that dataset train shares with dataset held-out: {why}")]
        );
        assert_eq!(records[0].rule.id(), "dataset-overlap-unchecked");
        assert_eq!((records[0].severity, records[0].direction), (Weight::Info, Direction::Unknown));
        assert_eq!(records[0].path, "artifacts.datasets.train");
        assert_eq!(unchecked(&after, &after), [], "nothing changed");
    }
    // Every row is read, and a README and settings hold none.
    let about: &[Stored<'_>] = &[rows, ("train/README.md", b"hello"), ("train/task.yaml", b"a: 1\n")];
    assert_eq!(unchecked(&beside(here, ONE, about), &beside(here, TWO, about)), []);
    // Nothing evaluates.
    let alone = |uri: &str| {
        Side::new(&format!("{{ datasets: {{ train: {{ version: v1, uri: '{uri}', role: train }} }} }}"), &[])
    };
    assert_eq!(unchecked(&alone("s3://a"), &alone("s3://b")), []);
    // New, and one of two that it is to be compared with.
    let two = format!("{elsewhere}, test: {{ version: e2, path: test.csv, role: eval }}");
    let records = unchecked(&Side::one("eval.csv", ONE), &beside(&two, ONE, &[("test.csv", ONE.as_bytes())]));
    assert_eq!(records.len(), 1);
    assert!(records[0].text.contains(" and 1 more: its bytes"), "{}", records[0].text);
}

#[test]
fn secrets_in_rows_are_masked() {
    let row = |key: &str, note: &str| {
        format!(
            "{{\"id\":1,\"api_key\":\"{key}\",\"note\":\"{note}\",\"nested\":{{\"password\":\"{key}\"}}}}\n"
        )
    };
    let (old, new) = ("hunter-two-old", "hunter-two-new");
    let token = "sk-abcdefghij0123456789abcdefghij";
    let records = file("eval.jsonl", row(old, "plain"), row(new, token)).unwrap();
    let told = format!("{records:?}");
    assert!(!told.contains("hunter-two") && !told.contains(token), "{told}");
    let shown =
        lines(records.iter().find(|record| record.rule == ChangeRule::DatasetRows).unwrap()).join(" ");
    assert!(shown.contains("api_key: changed, its value is \"<masked>\""), "{shown}");
    assert!(shown.contains("note: \"plain\" -> \"<masked>\""), "{shown}");

    // Examples of rows that training and evaluation share, and labels.
    let asks = format!("{{\"id\":\"{token}\",\"question\":\"mail {token} please\"}}\n");
    let leaky = beside(
        "train: { version: t1, path: t.jsonl, role: train }",
        &format!("id,question\n{token},mail {token} please\n"),
        &[("t.jsonl", asks.as_bytes())],
    );
    let records = overlaps(
        &beside(
            "train: { version: t1, path: t.jsonl, role: train }",
            "id,question\n1,x\n",
            &[("t.jsonl", asks.as_bytes())],
        ),
        &leaky,
    );
    assert_eq!(records.len(), 1);
    assert!(!format!("{records:?}").contains(token), "{records:?}");
    assert!(lines(&records[0])[0].contains("mail <masked> please"), "{records:?}");
}

#[test]
fn a_changed_readme_beside_rows_is_no_data() {
    let folder = |name: &str, text: &[u8]| {
        Side::new(
            "{ datasets: { eval: { version: v1, path: eval } } }",
            &[("eval/rows.jsonl", b"{\"id\":1}\n"), (name, text)],
        )
    };
    for (name, severity) in [
        ("eval/README.md", Weight::Info),
        ("eval/LICENSE", Weight::Info),
        ("eval/docs/readme.txt", Weight::Info),
        ("eval/more.parquet", Weight::Review),
        ("eval/corpus.txt", Weight::Review),
        ("eval/picture.png", Weight::Review),
    ] {
        let (before, after): (&[u8], &[u8]) =
            if name.ends_with("parquet") { (b"PAR1abc", b"PAR1abd") } else { (b"one", b"two") };
        let records = compare(&folder(name, before), &folder(name, after)).unwrap();
        assert_eq!(records.len(), 1, "{name}: {records:?}");
        assert_eq!((records[0].rule, records[0].severity), (ChangeRule::NotText, severity), "{name}");
    }
    // Alone it is all that there is.
    let alone = |text: &str| file("README.md", text, "three").unwrap();
    assert_eq!(alone("one")[0].severity, Weight::Review);
}

#[test]
fn renamed_data_is_no_new_overlap_and_suites_count_as_evaluation() {
    let side = |name: &str, more: &str| {
        Side::new(
            &format!(
                "{{ datasets: {{ {name}: {{ version: t1, path: train.jsonl, role: train }} }}, \
                 eval_suites: {{ safety: {{ version: s1, path: suite }} }} }}"
            ),
            &[
                ("train.jsonl", TRAIN.as_bytes()),
                ("suite/cases.jsonl", format!("{{\"id\":1,\"input\":\"B\"}}\n{more}").as_bytes()),
                ("suite/task.yaml", b"x: 1\n"),
            ],
        )
    };
    assert_eq!(overlaps(&side("train", ""), &side("sft", "")), []);
    let records =
        overlaps(&side("train", ""), &side("train", "{\"id\":2,\"input\":\"what is a refund?\"}\n"));
    assert_eq!(
        texts(&records),
        ["2 of 2 rows (100.0 %) of eval suite safety are also in dataset train (before: 1)"]
    );
    assert_eq!(records[0].path, "artifacts.eval_suites.safety");
    assert_eq!(overlaps(&side("notes", ""), &side("corpus", "")), []);
}

/// The same data under any name, with every role: what counts is what is declared.
#[test]
fn a_role_is_declared_and_never_guessed_from_a_name() {
    let side = |names: [&str; 2], roles: [&str; 2], train: &str| {
        Side::new(
            &format!(
                "{{ datasets: {{ {}: {{ version: v1, path: train.jsonl{} }}, {}: {{ version: e1, path: held.csv{} }} }} }}",
                names[0], roles[0], names[1], roles[1]
            ),
            &[("train.jsonl", train.as_bytes()), ("held.csv", EVAL.as_bytes())],
        )
    };
    let clean = "{\"prompt\":\"b\",\"completion\":\"y\"}\n";
    for names in
        [["train", "test"], ["train", "testset"], ["golden", "sft"], ["a", "b"], ["eval", "pretraining"]]
    {
        let found = |roles: [&str; 2]| {
            let records = compare(&side(names, roles, clean), &side(names, roles, TRAIN)).unwrap();
            let told = |record: &Record| {
                (
                    record.rule,
                    record.severity,
                    record.direction,
                    record.text.replace(&format!("dataset {}", names[0]), "dataset A"),
                )
            };
            records.iter().map(told).collect::<Vec<_>>()
        };
        let rows = [(
            ChangeRule::DatasetRows,
            Weight::Info,
            Direction::Neutral,
            "dataset A: 1 row added (of 1); its rows have no key".to_owned(),
        )];
        assert_eq!(found(["", ""]), rows, "{names:?}");
        assert_eq!(found(["", ", role: eval"]), rows, "{names:?}");
        assert_eq!(found([", role: train", ""]), rows, "{names:?}");
        assert_eq!(found([", role: train", ", role: retrieval"]), rows, "{names:?}");
        for role in [", role: train", ", role: retrieval"] {
            let found = found([role, ", role: eval"]);
            assert_eq!(found.len(), 2, "{names:?}: {found:?}");
            assert_eq!((found[0].0, found[0].1), (ChangeRule::DatasetOverlap, Weight::Blocking), "{names:?}");
        }
    }
}

/// A dataset that takes the place of the only one that is gone is compared with it.
#[test]
fn training_data_under_another_name_is_still_searched() {
    let side = |name: &str, train: &str| {
        Side::new(
            &format!(
                "{{ datasets: {{ {name}: {{ version: v2, path: train.jsonl, role: train }}, \
                 held-out: {{ version: e1, path: held.csv, role: eval }} }} }}"
            ),
            &[("train.jsonl", train.as_bytes()), ("held.csv", EVAL.as_bytes())],
        )
    };
    let records =
        overlaps(&side("train", "{\"prompt\":\"b\",\"completion\":\"y\"}\n"), &side("corpus", TRAIN));
    assert_eq!(
        texts(&records),
        ["2 of 3 rows (66.7 %) of dataset held-out are also in dataset corpus (before: 0)"]
    );
    assert_eq!((records[0].severity, records[0].direction), (Weight::Blocking, Direction::Looser));
}

/// Training data that is a copy of the evaluation data has its bytes, and is not the same data.
#[test]
fn training_data_that_copies_the_evaluation_data_is_found() {
    let rows = "{\"id\":\"e0\",\"input\":\"a\"}\n{\"id\":\"e1\",\"input\":\"b\"}\n";
    let side = |name: &str, train: &str| {
        Side::new(
            &format!(
                "{{ datasets: {{ {name}: {{ version: v2, path: train.jsonl, role: train }}, \
                 eval: {{ version: e1, path: eval.jsonl, role: eval }} }} }}"
            ),
            &[("train.jsonl", train.as_bytes()), ("eval.jsonl", rows.as_bytes())],
        )
    };
    for name in ["train", "corpus", "sft"] {
        let records = overlaps(&side("train", "{\"id\":\"t\",\"input\":\"z\"}\n"), &side(name, rows));
        let text = format!("2 of 2 rows (100.0 %) of dataset eval are also in dataset {name} (before: 0)");
        assert_eq!(texts(&records), [text], "{name}");
        assert_eq!((records[0].severity, records[0].direction), (Weight::Blocking, Direction::Looser));
    }
}

/// Cells between tabs, with quotes around them or with quotes that mean themselves.
#[test]
fn rows_with_tabs_between_their_cells() {
    let (quoted, bare) = (
        "id\tquestion\tlang\r\na\t\"One\tmore\nline?\"\tde\r\nb\t\"Say \"\"two\"\"\"\ten\r\n",
        "id\tquestion\tlang\na\t\"One\" and a half\tde\nb\tSay 2\" or so\ten\n",
    );
    for (before, change) in [(quoted, ("two", "three")), (bare, ("half", "third"))] {
        let records = file("eval.tsv", before, before.replace(change.0, change.1)).unwrap();
        assert_eq!(texts(&records), ["dataset eval: 1 row changed (of 2)"], "{before}");
        assert!(lines(&records[0])[0].contains(change.1), "{:?}", lines(&records[0]));
    }
    // A tab is no end of a cell in CSV, and a comma none here.
    let records = file("eval.tsv", "id\tq\n1\ta,b\n", "id\tq\n1\ta,c\n").unwrap();
    assert_eq!(texts(&records), ["dataset eval: 1 row changed (of 1)"]);
    let refused = file("eval.tsv", "id\tq\n1\ta\n", "id\tq\n1\ta\n2\n").unwrap_err();
    assert!(
        refused.contains("eval.tsv:3") && refused.contains("1 cells where the header row has 2"),
        "{refused}"
    );
}

/// Rows by key.
fn spelled(rows: &BTreeMap<u32, u32>, turn: usize) -> String {
    let mut lines: Vec<String> = rows
        .iter()
        .map(|(id, value)| format!("{{\"id\":{id},\"v\":\"{value}\",\"w\":[{value}]}}\n"))
        .collect();
    if !lines.is_empty() {
        let turn = turn % lines.len();
        lines.rotate_left(turn);
    }
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_script_is_told_in_its_own_numbers(
        rows in prop::collection::btree_map(0_u32..5000, 0_u32..5, 0..200),
        added in prop::collection::btree_map(5000_u32..6000, 0_u32..5, 0..8),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..12),
        turn in 0_usize..200,
    ) {
        let mut after = rows.clone();
        after.extend(&added);
        let keys: Vec<u32> = rows.keys().copied().collect();
        let edits: BTreeMap<u32, bool> =
            edits.into_iter().filter(|_| !keys.is_empty()).map(|(at, edit)| (*at.get(&keys), edit)).collect();
        for (key, remove) in &edits {
            if *remove {
                after.remove(key);
            } else {
                after.entry(*key).and_modify(|value| *value += 10);
            }
        }
        let removed = edits.values().filter(|remove| **remove).count();
        let records = file("data.jsonl", spelled(&rows, 0), spelled(&after, turn)).unwrap();
        let mut expected = Vec::new();
        for (number, word) in [(added.len(), "added"), (removed, "removed"), (edits.len() - removed, "changed")] {
            let noun = match (number, expected.is_empty()) {
                (0, _) => continue,
                (1, true) => " row",
                (_, true) => " rows",
                (_, false) => "",
            };
            expected.push(format!("{number}{noun} {word}"));
        }
        let told: Vec<String> = records
            .iter()
            .filter(|record| record.rule == ChangeRule::DatasetRows)
            .map(|record| record.text.clone())
            .collect();
        if expected.is_empty() {
            prop_assert_eq!(records, []);
        } else {
            prop_assert_eq!(told, [format!("dataset eval: {} (of {})", expected.join(", "), rows.len())]);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        name in prop::sample::select(vec!["eval.jsonl", "eval.json", "eval.csv", "eval", "eval.jsonl.gz"]),
        before in hostile(),
        after in hostile(),
    ) {
        let (before, after) = (Side::one(name, before), Side::one(name, after));
        let _ = compare(&before, &after);
    }
}

/// Some megabytes of rows, of which every tenth takes two lines.
fn many(rows: usize, csv: bool, edit: impl Fn(usize) -> &'static str) -> String {
    let mut text = if csv { "id,t,u\n".to_owned() } else { String::new() };
    for id in 0..rows {
        let (pad, edited) = ("x".repeat(id % 97), edit(id));
        text += &match (csv, id % 10 == 3) {
            (true, true) => format!("{id},\"{pad}\n\"\"{pad}\",{edited}\n"),
            (true, false) => format!("{id},{pad},{edited}\n"),
            (false, true) => format!("\n{{\"id\":{id},\"t\":\"{pad}\",\"u\":\"{edited}\"}}\r\n"),
            (false, false) => format!("{{\"id\":{id},\"t\":\"{pad}\",\"u\":\"{edited}\"}}\n"),
        };
    }
    text
}

#[test]
fn rows_of_a_long_file_are_found_again_on_their_lines() {
    const CHANGED: [usize; 4] = [7, 20_013, 33_333, 59_999];
    let edit = |id: usize| if CHANGED.contains(&id) { "edited" } else { "as it was" };
    for csv in [false, true] {
        let (before, after) = (many(60_000, csv, |_| "as it was"), many(60_000, csv, edit));
        assert!(after.len() > 3 << 20, "several blocks");
        let records = if csv {
            compare(&Side::one("data.csv", &before), &Side::one("data.csv.gz", gz(&after)))
        } else {
            file("data.jsonl", &before, &after)
        };
        let records = records.unwrap();
        assert_eq!(texts(&records), ["dataset eval: 4 rows changed (of 60000)"]);
        let quote = if csv { "\"" } else { "" };
        for (line, id) in lines(&records[0]).into_iter().zip(CHANGED) {
            // One line a row, the header row, and one more for each row before it that ends in 3; a blank line stands
            // before such a row itself.
            let number = id + 1 + usize::from(csv) + (id + 6) / 10 + usize::from(!csv && id % 10 == 3);
            let place =
                format!("changed: id {quote}{id}{quote} (line {number}): u: \"as it was\" -> \"edited\"");
            assert_eq!(line, place);
        }
    }
}

/// Pieces of rows in any order, and any bytes.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"id\"",
        "\"\\ud83d\"",
        "\"\\",
        "1",
        "-",
        "1e9",
        "null",
        "\n",
        "\r\n",
        "\u{feff}",
        "{\"id\":1}\n",
        "{\"id\":1,\"messages\":[{\"role\":\"user\",\"content\":[[\"x\"]]}]}\n",
        "\"",
        "a,b\n",
        "\u{0}",
        "é",
    ];
    let piece = prop_oneof![
        9 => prop::sample::select(pieces).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}
