//! What a folder of events comes to, and what is wrong with it.

use std::fs;
use std::time::Duration;

use relgate::files::Ledger;
use relgate::ledger::{Event, FlawKind, Malformed, event_time_of};

use super::*;

#[test]
fn an_event_has_one_spelling_and_its_name_is_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let names = write(folder.path(), [new(0, "1.1.0", started()), new(1, "1.1.0", step(0, 1000))]);
    assert!(names[0].starts_with("20261120T090000Z-"), "{names:?}");
    let bytes = fs::read(folder.path().join(&names[1])).unwrap();
    let own = digest_bytes(&bytes);
    assert_eq!(names[1], format!("20261120T090001Z-{}.json", &own.hex()[..16]));
    let event = Event::read(&bytes).unwrap();
    assert_eq!(event.bytes(), bytes);
    let first = digest_bytes(&fs::read(folder.path().join(&names[0])).unwrap());
    assert_eq!(event.prev, [first], "it follows the event before it by the whole digest");
    // Canonical JSON: keys sorted, no white space, a line feed behind it.
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with(r#"{"actor":"ci","data":{"cohort":null,"overruled":null,"step":0,"#), "{text}");
    assert!(text.ends_with("}\n") && !text.contains(": "), "{text}");
    // Other spellings of the same are no events.
    assert_eq!(Event::read(text.trim_end().as_bytes()), Err(Malformed::Torn));
    for other in [format!(" {text}"), text.replace(r#""cohort":null,"#, ""), format!("{text}\n")] {
        assert!(matches!(Event::read(other.as_bytes()), Err(Malformed::Unfit(_))), "{other}");
    }
    let fraction = text.replace("09:00:01Z", "09:00:01.5Z");
    assert!(matches!(Event::read(fraction.as_bytes()), Err(Malformed::Unfit(_))));
    let foreign = Event::read(br#"{"schema": "other/v1"}"#);
    assert_eq!(foreign, Err(Malformed::OtherSchema(Some("other/v1".to_owned()))));
    assert_eq!(
        Event::read(&"[".repeat(100_000).into_bytes()),
        Err(Malformed::Torn),
        "nested deeper than anybody reads"
    );
    for name in
        ["20261120T090001Z-0123456789ABCDEF.json", "20261120T250001Z-0123456789abcdef.json", "x-1.json"]
    {
        assert_eq!(event_time_of(name), None, "{name}");
    }
}

#[test]
fn what_was_said_is_not_said_again() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), [new(0, "1.1.0", started()), new(1, "1.1.0", step(0, 1000))]);
    let mut ledger = Ledger::open(folder.path(), PATIENCE).unwrap();
    assert!(!is_written(&ledger.append(new(9, "1.1.0", step(0, 1000))).unwrap()), "but for its time");
    assert!(is_written(&ledger.append(new(10, "1.1.0", applied(0, 1000))).unwrap()));
    assert!(is_written(&ledger.append(new(11, "1.1.0", held("wait"))).unwrap()));
    assert!(is_written(&ledger.append(new(12, "1.1.0", step(0, 1000))).unwrap()), "it was held in between");
    assert!(is_written(&ledger.append(new(13, "1.1.0", held("wait"))).unwrap()));
    drop(ledger);
    assert_eq!(read(folder.path()).links().len(), 6);
    assert_eq!(flaws(folder.path()), Vec::<String>::new());
}

#[test]
fn one_command_at_a_time_writes() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), []);
    let open = Ledger::open(folder.path(), PATIENCE).unwrap();
    let second = Ledger::open(folder.path(), Duration::from_millis(120)).unwrap_err();
    assert!(second.iter().next().unwrap().title.contains("another command writes"), "{second:?}");
    assert!(read(folder.path()).is_sound(), "who only reads does not wait");
    drop(open);
    Ledger::open(folder.path(), PATIENCE).unwrap();
}

#[test]
fn branches_that_both_advanced_merge_and_the_next_event_joins_them() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = write(one.path(), [new(0, "1.1.0", started())]);
    fs::copy(one.path().join(&first[0]), other.path().join(&first[0])).unwrap();
    write(one.path(), [new(1, "1.1.0", step(0, 1000)), new(2, "1.1.0", applied(0, 1000))]);
    for name in write(other.path(), [new(3, "1.0.0", yanked())]) {
        // What git does: other files, other names.
        fs::copy(other.path().join(&name), one.path().join(&name)).unwrap();
    }
    let merged = read(one.path());
    assert!(merged.is_sound());
    assert_eq!((merged.links().len(), merged.heads().len()), (4, 2));
    assert_eq!(
        merged.state("helpdesk").unwrap().weight,
        1000,
        "the other branch said nothing of the rollout"
    );
    write(one.path(), [new(4, "1.1.0", held("look"))]);
    let joined = read(one.path());
    assert!(joined.is_sound());
    assert_eq!(joined.heads().len(), 1);
    assert_eq!(joined.links().last().unwrap().event.prev.len(), 2);
}

#[test]
fn every_way_to_tamper_is_seen_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let names = write(
        folder.path(),
        [new(0, "1.1.0", started()), new(1, "1.1.0", step(0, 1000)), new(2, "1.1.0", applied(0, 1000))],
    );
    assert_eq!(flaws(folder.path()), Vec::<String>::new());
    let whole: Vec<Vec<u8>> = names.iter().map(|name| fs::read(at(name)).unwrap()).collect();
    let seen = |what: &str| {
        let found = flaws(folder.path());
        assert!(found.iter().any(|flaw| flaw.contains(what)), "{what}: {found:?}");
        assert!(Ledger::open(folder.path(), Duration::ZERO).is_err(), "{what}: nothing is written behind it");
    };
    let restore = || {
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let is_own = path.file_name().unwrap().to_str().unwrap().starts_with('.');
            match path.is_dir() && !path.is_symlink() {
                true => fs::remove_dir_all(&path).unwrap(),
                false if !is_own => fs::remove_file(&path).unwrap(),
                false => {}
            }
        }
        for (name, bytes) in names.iter().zip(&whole) {
            fs::write(at(name), bytes).unwrap();
        }
        assert_eq!(flaws(folder.path()), Vec::<String>::new());
    };
    // An edited word, in an event that nothing follows and in one that others follow.
    for i in [0, 2] {
        let edited = String::from_utf8(whole[i].clone()).unwrap().replace("helpdesk", "helpdusk");
        fs::write(at(&names[i]), edited).unwrap();
        seen(&format!("{} Edited", names[i]));
        restore();
    }
    // Cut off at every length.
    for length in [0, 1, whole[1].len() / 2, whole[1].len() - 1] {
        fs::write(at(&names[1]), &whole[1][..length]).unwrap();
        seen(&format!("{} Torn", names[1]));
        restore();
    }
    fs::remove_file(at(&names[1])).unwrap();
    seen(&format!("{} MissingAncestor", names[2]));
    restore();
    // A copy under another time.
    let copy = names[1].replace("T090001Z", "T100001Z");
    fs::write(at(&copy), &whole[1]).unwrap();
    seen(&format!("{copy} Doubled"));
    restore();
    // The same said again behind it, with a proper name: no command does that.
    let mut again = Event::read(&whole[2]).unwrap();
    again.prev = vec![digest_bytes(&whole[2])];
    again.time = super::at(3);
    fs::write(at(&again.file_name()), again.bytes()).unwrap();
    seen(&format!("{} Repeated", again.file_name()));
    restore();
    // Other files.
    fs::write(at("notes.txt"), "x").unwrap();
    seen("notes.txt Foreign");
    restore();
    fs::create_dir(at("20261120T090003Z-0123456789abcdef.json")).unwrap();
    seen("20261120T090003Z-0123456789abcdef.json Foreign");
    restore();
    let bytes = b"{\"schema\":\"other/v1\"}\n";
    let name = Event::name_of(super::at(5), &digest_bytes(bytes));
    fs::write(at(&name), bytes).unwrap();
    seen("other/v1");
    restore();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at(&names[0]), at("20261120T090009Z-0123456789abcdef.json")).unwrap();
        seen("20261120T090009Z-0123456789abcdef.json Foreign");
        restore();
    }
    let huge = fs::File::create(at("20261120T090009Z-0123456789abcdef.json")).unwrap();
    huge.set_len(5 << 30).unwrap();
    seen("20261120T090009Z-0123456789abcdef.json Foreign");
    restore();
    // What is not in its place yet is no event.
    fs::write(at(".relgate-abc123.tmp"), &whole[0][..10]).unwrap();
    assert_eq!(flaws(folder.path()), Vec::<String>::new());
    Ledger::open(folder.path(), PATIENCE).unwrap();
    assert!(!at(".relgate-abc123.tmp").exists(), "the next run removes it");
}

#[test]
fn a_checkpoint_shows_what_is_gone_and_what_was_put_in_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let names = write(folder.path(), [new(0, "1.1.0", started()), new(1, "1.1.0", step(0, 1000))]);
    let checkpoint = Ledger::open(folder.path(), PATIENCE).unwrap().checkpoint().unwrap().unwrap();
    assert_eq!(checkpoint.count, 2);
    // What coreutils say: `sha256sum 2*.json | sha256sum`.
    let lines: String = names
        .iter()
        .map(|name| format!("{}  {name}\n", digest_bytes(&fs::read(folder.path().join(name)).unwrap()).hex()))
        .collect();
    assert_eq!(checkpoint.root, digest_bytes(lines.as_bytes()));
    let last = write(folder.path(), [new(2, "1.1.0", applied(0, 1000))]);
    assert_eq!(flaws(folder.path()), Vec::<String>::new());
    // Put in behind it, after the first event.
    let beside = new(1, "1.1.0", held("backdated"))
        .after(vec![digest_bytes(&fs::read(folder.path().join(&names[0])).unwrap())]);
    fs::write(folder.path().join(beside.file_name()), beside.bytes()).unwrap();
    assert!(flaws(folder.path())[0].starts_with(&format!("{} BesideCheckpoint", beside.file_name())));
    fs::remove_file(folder.path().join(beside.file_name())).unwrap();
    // The end is gone: no chain shows that, the checkpoint does.
    fs::remove_file(folder.path().join(&last[0])).unwrap();
    fs::remove_file(folder.path().join(&names[1])).unwrap();
    let found = flaws(folder.path());
    assert!(found[0].starts_with(&format!("{} NotAsCheckpointed", checkpoint.file_name())), "{found:?}");
    assert!(read(folder.path()).flaws().iter().all(|flaw| !matches!(flaw.kind, FlawKind::Edited(_))));
}
