//! Blocks, threads and packing change nothing but the speed.

use super::*;

/// A few MiB whose lines straddle blocks at every offset, with a blank line now and then.
pub(super) fn large() -> String {
    let mut text = String::new();
    for row in 0..40_000_usize {
        let pad = "y".repeat(row * 7919 % 211);
        text.push_str(&format!(
            "{{\"id\":\"case-{row}\",\"accuracy\":0.{row},\"lang\":\"l{}\",\"pad\":\"{pad}\"}}\n",
            row % 7
        ));
        if row % 1000 == 0 {
            text.push_str("\r\n");
        }
    }
    text
}

#[test]
fn threads_and_packing_change_nothing() {
    let text = large();
    let expected: Vec<(u64, String)> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let (id, lang) = (row["id"].as_str().unwrap(), row["lang"].as_str().unwrap());
            (
                index as u64 + 1,
                format!("Text({id:?}) [Number({:?}), Text({lang:?})]", row["accuracy"].as_f64().unwrap()),
            )
        })
        .collect();
    let two_members = [gzip(&text.as_bytes()[..1_000_001]), gzip(&text.as_bytes()[1_000_001..])].concat();
    let two_frames = [
        &zstd(&text.as_bytes()[..1_000_001])[..],
        b"\x50\x2a\x4d\x18\x03\0\0\0abc",
        &zstd(&text.as_bytes()[1_000_001..]),
    ]
    .concat();
    for (name, bytes) in
        [("x.jsonl", text.into_bytes()), ("x.jsonl.gz", two_members), ("x.jsonl.zst", two_frames)]
    {
        let source = file(name, bytes);
        for threads in [1, 2, 3] {
            let (_, rows) = on_threads(threads, || read(&source)).unwrap();
            assert!(rows == expected, "{name} with {threads} threads");
        }
    }
}

#[test]
fn the_earliest_finding_is_told_whatever_the_threads() {
    let mut text = large();
    let at = text.find("{\"id\":\"case-20011\"").unwrap();
    let line = text[..at].bytes().filter(|byte| *byte == b'\n').count() as u64 + 1;
    text.replace_range(at..=at, "[");
    text.push_str("{\"id\":0.5}\n");
    for (name, bytes) in [("x.jsonl", text.clone().into_bytes()), ("x.jsonl.gz", gzip(text.as_bytes()))] {
        let source = file(name, bytes);
        let told_by = |threads| on_threads(threads, || told(&read(&source).unwrap_err()));
        let one = told_by(1);
        assert!(one[0].starts_with(&format!("{name}:{line}: this line is not JSON")), "{one:?}");
        assert_eq!(one, told_by(2));
        assert_eq!(one.len(), 1);
    }
}

#[test]
fn lines_at_the_edges_of_blocks_are_read_once() {
    const BLOCK: usize = 1 << 20;
    for shift in -2..=2_isize {
        let first = "{\"id\":1,\"pad\":\"\"}\n".len();
        let pad = "x".repeat((BLOCK as isize + shift) as usize - first);
        let text = format!("{{\"id\":1,\"pad\":\"{pad}\"}}\n{{\"id\":2}}\n{{\"id\":3}}");
        let (_, rows) = read(&file("x.jsonl", text)).unwrap();
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3], "{shift}");
    }
    // A line over several blocks, which own nothing.
    let text = format!("{{\"id\":1,\"pad\":\"{}\"}}\n{{\"id\":2}}\n", "x".repeat(5 * BLOCK));
    assert_eq!(read(&file("x.jsonl", text)).unwrap().0.rows, 2);
}

#[test]
fn a_line_without_end_is_refused_and_not_kept() {
    let huge = [b"{\"id\":1}\n{\"id\":\"".to_vec(), vec![b'x'; 66 << 20]].concat();
    refuses("x.jsonl", &huge, 2, &["longer than 64 MiB"]);
    refuses("x.jsonl.gz", &gzip(&huge), 2, &["longer than 64 MiB"]);
    refuses("x.csv", &[b"id,x\n1,\"".to_vec(), vec![b'x'; 66 << 20]].concat(), 2, &["longer than 64 MiB"]);
}

#[test]
fn unpacked_evidence_is_never_held_as_a_whole() {
    let row = format!("{{\"id\":1,\"pad\":\"{}\"}}\n", "x".repeat(1000));
    let text = row.repeat(60_000);
    // What was made of small blocks is gathered while the next are read.
    let packed = ("x.jsonl.gz", gzip(text.as_bytes()), 4);
    for (name, bytes, bound) in [packed, ("x.jsonl", text.into_bytes(), 16)] {
        let source = file(name, bytes);
        let (format, compression) = detect(&source).unwrap();
        let mut sink = Recorder::default();
        on_threads(2, || stream(&source, format, compression, &projection(), &mut sink)).unwrap();
        let most = sink.alive.1.load(Ordering::Relaxed);
        assert!((1..=bound).contains(&most), "{most} of some 58 or 230 blocks were alive at once");
    }
}

#[test]
fn packed_evidence_that_is_damaged_is_refused() {
    let text = large();
    let text = &text.as_bytes()[..200_000];
    let text = &text[..=text.iter().rposition(|byte| *byte == b'\n').unwrap()];
    for (name, packed) in [("x.jsonl.gz", gzip(text)), ("x.jsonl.zst", zstd(text))] {
        read(&file(name, packed.clone())).unwrap();
        for cut in [7, packed.len() / 2, packed.len() - 5, packed.len() - 4, packed.len() - 1] {
            refuses(name, &packed[..cut], 0, &["damaged or cut off"]);
        }
        let mut flipped = packed.clone();
        *flipped.last_mut().unwrap() ^= 1;
        refuses(name, &flipped, 0, &["damaged or cut off"]);
        refuses(name, &[&packed[..], b"garbage"].concat(), 0, &["damaged or cut off"]);
        if name.ends_with("zst") {
            refuses(name, &[&packed[..], b"\x50\x2a\x4d\x18\x09\0\0\0abc"].concat(), 0, &["cut off"]);
        }
    }
}

#[test]
fn a_zstandard_frame_holds_as_much_as_it_declares() {
    let row = b"{\"id\":1}\n";
    let size = row.len() as u8;
    // Magic, a descriptor of one segment with a size of one byte, that size, then one last raw block.
    let frame = |declared: u8| [b"\x28\xb5\x2f\xfd\x20", &[declared, size << 3 | 1, 0, 0][..], row].concat();
    assert_eq!(read(&file("x.jsonl.zst", frame(size))).unwrap().0.rows, 1);
    refuses(
        "x.jsonl.zst",
        &frame(size + 1),
        0,
        &["damaged or cut off", "not the one that the file declares"],
    );
}

#[test]
fn a_file_that_becomes_shorter_is_refused() {
    let csv = format!("id,accuracy\n{}", "a,1\n".repeat(400_000));
    for (name, text) in [("x.jsonl", large()), ("x.csv", csv)] {
        let mut source = file(name, text);
        // At the end of a row, so that nothing but the length tells.
        let half = &source.bytes[..source.bytes.len() / 2];
        source.whole = half.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        let findings = told(&read(&source).unwrap_err());
        assert!(findings[0].contains("became shorter"), "{findings:?}");
    }
}
