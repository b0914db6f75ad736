//! The one tree for JSON and YAML: what is read, what is refused, and that no text makes it panic.

use proptest::prelude::*;
use relgate::diagnostic::{Code, FileId};
use relgate::document::{Content, Limits, by_line, json, yaml};

const LIMITS: Limits =
    Limits { called: "a test", nodes: 500, depth: 20, too_large: Code::TooLarge, bare_words: false };

fn content(text: &str) -> Result<Content, String> {
    json(text, FileId::ONLY, &LIMITS).map(|node| Content::from(&node)).map_err(|found| {
        let found = by_line(found, text, "x");
        let lines: Vec<String> = found
            .iter()
            .map(|one| format!("{}: {} {}", one.line().unwrap_or(0), one.title, one.notes.join(" ")))
            .collect();
        lines.join("\n")
    })
}

#[test]
fn both_places_of_a_repeated_key_are_told_in_json_too() {
    let told = content("{\n\"a\": 1,\n\"b\": {\"c\": 1,\n\"c\": 2},\n\"a\": 3}").unwrap_err();
    assert_eq!(
        told,
        "4: `c` stands here twice the first one stands on line 3\n5: `a` stands here twice the first one stands on line 2"
    );
}

#[test]
fn json_and_yaml_say_the_same() {
    let text = "{\"a\": [1, 2.50, \"x\\ny\", null, true], \"b\": {\"1.10\": \"1.10\"}}";
    let tree = yaml(text, FileId::ONLY, &LIMITS).unwrap().unwrap();
    assert_eq!(Content::from(&tree), content(text).unwrap());
    let deep = format!("{}{}", "[".repeat(21), "]".repeat(21));
    assert!(content(&deep).unwrap_err().contains("nested too deeply"));
    assert!(yaml(&deep, FileId::ONLY, &LIMITS).is_err());
    let wide = format!("[{}1]", "1,".repeat(500));
    assert!(content(&wide).unwrap_err().contains("a test of more than 0 thousand values"));
}

fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\t",
        "\"a\"",
        "\"b\"",
        "\"\\u00e9\"",
        "\"\\ud83d\"",
        "1",
        "-",
        "0.5",
        "01",
        "1e9",
        "true",
        "nul",
        "NaN",
        "- ",
        "? ",
        "&x ",
        "*x",
        "!t ",
        "---",
        "#",
        "'",
        "|",
        ">",
        "é",
        "\u{1}",
    ]);
    prop::collection::vec(pieces, 0..20).prop_map(|pieces| pieces.concat())
}

/// Whether an object of the document has a key twice, which `serde_json` takes in silence.
fn doubled(told: &str) -> bool {
    told.contains("stands here twice")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn json_is_judged_like_serde_json(text in soup()) {
        match (serde_json::from_str::<serde_json::Value>(&text), content(&text)) {
            (Ok(value), Ok(content)) => prop_assert_eq!(Content::from(&value), content),
            (Err(_), Err(_)) => {}
            (Ok(_), Err(told)) => prop_assert!(doubled(&told), "only serde_json reads {text:?}: {told}"),
            // A number that no double holds keeps its text here.
            (Err(error), Ok(_)) if error.to_string().contains("out of range") => {}
            (Err(error), Ok(_)) => prop_assert!(false, "only we read {text:?}: {error}"),
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>(), soup in soup()) {
        for text in [text, soup] {
            let _ = content(&text);
            let _ = yaml(&text, FileId::ONLY, &LIMITS);
        }
    }
}
