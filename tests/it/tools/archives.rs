//! ZIP archives that are no logs, damaged, or made to hurt.

use std::io::Write as _;

use super::read_bytes;

/// An archive of these members, stored as they are.
fn archive(members: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, text) in members {
        let (mut entry, config) =
            writer.new_file(name).compression_method(rawzip::CompressionMethod::STORE).start().unwrap();
        let mut data = config.wrap(&mut entry);
        data.write_all(text.as_bytes()).unwrap();
        let (_, descriptor) = data.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

const HEADER: &str = r#"{"version":2,"status":"success","eval":{"task":"t","model":"m","dataset":{"samples":1},"created":"2026-11-20T10:00:00Z"},
"results":{"total_samples":1,"completed_samples":1,"scores":[]}}"#;
const SAMPLE: &str = r#"{"id":"a","epoch":1,"scores":{"match":{"value":"C"}},"messages":[]}"#;

fn log() -> Vec<u8> {
    archive(&[("samples/aa_epoch_1.json", SAMPLE), ("header.json", HEADER)])
}

/// Why an archive is not read.
fn why(bytes: &[u8]) -> String {
    let Err(findings) = read_bytes("log.eval", bytes) else { panic!("it was read") };
    let first = findings.iter().next().unwrap();
    format!("{}: {}", first.code.word(), first.title)
}

/// The same with every occurrence of some bytes replaced by as many others.
fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> =
        (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// The same with some bytes of every entry of the directory replaced.
fn entries_patched(mut bytes: Vec<u8>, offset: usize, to: &[u8]) -> Vec<u8> {
    let entries: Vec<usize> =
        (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(b"PK\x01\x02")).collect();
    assert!(!entries.is_empty());
    for at in entries {
        bytes[at + offset..at + offset + to.len()].copy_from_slice(to);
    }
    bytes
}

#[test]
fn a_log_is_read_and_other_archives_are_not() {
    let read = read_bytes("log.eval", &log()).unwrap();
    assert_eq!((read.run().rows, read.run().attempts), (1, Some(1)));
    assert_eq!(read.value("a", "match").as_deref(), Some("1"));
    // A member that would lie elsewhere.
    for (from, to) in [
        ("samples/aa_epoch", "samples/../epoch"),
        ("samples/aa_epoch", "/amples/aa_epoch"),
        ("samples/aa_epoch", "samples\\aa_epoch"),
    ] {
        assert!(why(&patched(&log(), from.as_bytes(), to.as_bytes())).contains("would lie outside"), "{to}");
    }
    // Twice the same member: programs differ in which of the two they take.
    let twice = archive(&[
        ("samples/a_epoch_1.json", SAMPLE),
        ("samples/a_epoch_1.json", SAMPLE),
        ("header.json", HEADER),
    ]);
    assert!(why(&twice).contains("is there twice"), "{}", why(&twice));
    // An archive without a header, and one of something else under another name.
    assert!(
        why(&archive(&[("samples/a_epoch_1.json", SAMPLE)])).contains("neither `header.json` nor a journal")
    );
    let Err(findings) = read_bytes("report.docx", &archive(&[("word/document.xml", "<a/>")])) else {
        panic!("it was read")
    };
    assert!(findings.iter().next().unwrap().title.contains("a ZIP archive"));
    for cut in [40, log().len() / 2, log().len() - 10] {
        assert!(why(&log()[..cut]).starts_with("unreadable"), "{}", why(&log()[..cut]));
    }
}

#[test]
fn a_member_that_is_encrypted_damaged_or_too_large_is_never_read() {
    // The first bit of the flags, at byte 8 of an entry, says that a member is encrypted.
    let locked = entries_patched(log(), 8, &[1]);
    assert!(why(&locked).contains("is encrypted"), "{}", why(&locked));
    // One byte of a sample is another: its checksum tells.
    let damaged = patched(&log(), br#""value":"C""#, br#""value":"I""#);
    assert!(why(&damaged).starts_with("unreadable"), "{}", why(&damaged));
    // Members that claim to unpack to 4 GB each, in an archive of a kilobyte.
    let bomb = entries_patched(log(), 24, &4_000_000_000_u32.to_le_bytes());
    assert!(why(&bomb).contains("far more than any evaluation"), "{}", why(&bomb));
}
