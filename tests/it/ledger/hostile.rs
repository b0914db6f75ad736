//! Files of a ledger that somebody made to hurt: nothing panics, nothing in them steers a terminal, each is named.

use std::fs;

use relgate::ledger::{Event, LedgerFile, StoredContent};

use super::*;
use crate::project::judged_by;

/// Numbers that look random, the same ones every time.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

fn bytes_of_an_event() -> Vec<u8> {
    new(0, "1.1.0", started()).after(vec![digest("before")]).bytes()
}

/// The chain of one file of these bytes, whatever they are, under the name that an event of them would have.
fn chain_of(bytes: &[u8]) -> Chain {
    let name = Event::name_of(at(0), &digest_bytes(bytes));
    Chain::of(vec![LedgerFile { name, content: StoredContent::Bytes(bytes.to_vec()) }])
}

#[test]
fn no_bytes_are_taken_for_an_event_that_are_another_spelling_of_it() {
    let whole = bytes_of_an_event();
    assert_eq!(chain_of(&whole).links().len(), 1);
    let mut seed = 7;
    for _ in 0..3000 {
        let mut bytes = whole.clone();
        for _ in 0..=random(&mut seed) % 3 {
            let at = random(&mut seed) as usize % bytes.len();
            match random(&mut seed) % 4 {
                0 => bytes[at] = random(&mut seed) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, random(&mut seed) as u8),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let chain = chain_of(&bytes);
        // Whatever is accepted is exactly what relgate would write.
        for link in chain.links() {
            assert_eq!(link.event.bytes(), bytes);
        }
        assert_eq!(
            chain.links().len()
                + chain
                    .flaws()
                    .iter()
                    .filter(|flaw| !matches!(flaw.kind, relgate::ledger::FlawKind::MissingAncestor(_)))
                    .count(),
            1
        );
    }
}

#[test]
fn what_is_nested_long_or_numbered_oddly_is_refused() {
    let text = String::from_utf8(bytes_of_an_event()).unwrap();
    let data = |data: &str| {
        format!(
            r#"{{"actor":"x","data":{data},"kind":"held","prev":[],"release":{{"lock":null,"name":"a","version":"1"}},"schema":"relgate/event/v1","time":"2026-11-20T09:00:00Z"}}"#
        ) + "\n"
    };
    assert_eq!(chain_of(data(r#"{"by":null,"code":"x","reason":"y"}"#).as_bytes()).links().len(), 1);
    for wrong in [
        data(&("{\"a\":".repeat(5000) + "1" + &"}".repeat(5000))),
        data(&"[".repeat(100_000)),
        data(r#"{"by":null,"code":"x","reason":"y","reason":"z"}"#),
        data(r#"{"by":null,"code":"x","reason":"y","more":1}"#),
        data(r#"{"by":null,"code":"x"}"#),
        data(r#"{"by":null,"code":"x","reason":"\ud800"}"#),
        text.replace("\"weight\":1000", "\"weight\":1e3"),
        text.replace("\"weight\":1000", "\"weight\":1000.0"),
        text.replace("\"weight\":1000", "\"weight\":-1"),
        text.replace("\"weight\":1000", "\"weight\":99999999999999999999"),
        text.replace("canary", "c\u{200b}anary\u{0}"),
        "\u{feff}".to_owned() + &text,
        "null\n".to_owned(),
        "[]\n".to_owned(),
        String::new(),
    ] {
        let chain = chain_of(wrong.as_bytes());
        assert_eq!((chain.links().len(), chain.flaws().len()), (0, 1), "{}", &wrong[..wrong.len().min(200)]);
        assert!(!chain.is_sound());
    }
}

#[cfg(unix)]
#[test]
fn names_and_texts_steer_no_terminal() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let project = judged_by(&["Toxicity < 5%"], &crate::project::events("toxicity", 0, 400));
    let folder = project.path(".relgate/ledger");
    fs::create_dir_all(&folder).unwrap();
    let run = |arguments: &[&str]| {
        let output = project.relgate().args(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains('\u{1b}') && !text.contains("##[") && !text.contains('\u{202e}'), "{text}");
        assert!(!text.contains("panicked"), "{text}");
        (output.status.code().unwrap(), text)
    };
    run(&["lock"]);
    let hostile = "a\u{1b}[2J\n::error::##[error]\u{202e}";
    let event = NewEvent {
        time: at(0),
        actor: hostile.to_owned(),
        release: EventRelease { name: hostile.to_owned(), version: hostile.to_owned(), lock: None },
        happening: held(hostile),
    };
    write(&folder, [event]);
    for arguments in
        [&["ledger"] as &[&str], &["ledger", "2026"], &["ledger", "--format", "json"], &["verify"]]
    {
        let (code, text) = run(arguments);
        assert_eq!(code, 0, "{text}");
    }
    for name in [
        OsStr::new(hostile),
        OsStr::from_bytes(b"\xff\xfe.json"),
        OsStr::new("20261120T090000Z-0123456789abcdef.json\n"),
    ] {
        fs::write(folder.join(name), "x").unwrap();
        for (arguments, meant) in [
            (&["ledger"] as &[&str], 2),
            (&["verify"], 1),
            (&["verify", "--format", "json"], 1),
            (&["check", "--record"], 2),
        ] {
            let (code, text) = run(arguments);
            assert_eq!(code, meant, "{name:?}, {arguments:?}: {text}");
        }
        fs::remove_file(folder.join(name)).unwrap();
    }
    // A pipe is not waited for, a loop of links not followed.
    let pipe = folder.join("20261120T090000Z-0123456789abcdef.json");
    if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|made| made.success()) {
        let (code, text) = run(&["verify"]);
        assert!(code == 1 && text.contains("named pipe"), "{text}");
        fs::remove_file(&pipe).unwrap();
    }
    std::os::unix::fs::symlink(&pipe, &pipe).unwrap();
    assert_eq!(run(&["verify"]).0, 1);
}
