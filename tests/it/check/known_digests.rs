//! Results that nobody wrote to since an earlier run hashed them.

use std::fs;
use std::time::Duration;

use relgate::artifact::digest_bytes;

use super::support::*;

/// Bytes of a record, and of the digest at its end.
const RECORD: usize = 88;
const DIGEST: usize = 32;

/// The digest of the results in the report of a run with a cache folder, which passes.
fn sha256(project: &Project, args: &[&str], env: &[(&str, &str)]) -> String {
    let mut run = project.relgate();
    run.args(["check", "--as-of", TODAY]).args(args).env("XDG_CACHE_HOME", project.path("cache"));
    let ended = run.envs(env.iter().copied()).output().unwrap();
    let json = fs::read_to_string(project.path("relgate-report/report.json")).ok();
    let checked = Checked::new(&ended, json);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    checked.report()["evidence"][0]["sha256"].as_str().unwrap().to_owned()
}

/// Lets the cache say of every file that its digest is all sevens, so that whoever believes it is seen.
fn forge(project: &Project) {
    let path = project.path("cache/relgate/checksums-v1");
    let bytes = fs::read(&path).unwrap();
    let head = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let mut records = bytes[head + 64..].to_vec();
    for record in records.chunks_exact_mut(RECORD) {
        record[RECORD - DIGEST..].fill(0x77);
    }
    let digest = digest_bytes(&records);
    fs::write(&path, [&bytes[..head], digest.hex().as_bytes(), &records].concat()).unwrap();
}

#[test]
fn results_that_nobody_wrote_to_are_hashed_once() {
    let rows = samples(1000, |i| format!(r#""correct": {}"#, i >= 3));
    let project = judged_by(&["accuracy >= 50%"], &rows);
    let truth = digest_bytes(rows.as_bytes()).hex().to_owned();
    assert_eq!(sha256(&project, &[], &[]), truth);
    assert!(!project.path("cache").exists(), "what was just written is not kept");
    std::thread::sleep(Duration::from_millis(2100));
    assert_eq!(sha256(&project, &[], &[]), truth);
    forge(&project);
    assert_eq!(sha256(&project, &[], &[]), "7".repeat(64), "it was hashed again");
    let given = ["--evidence", "answers=answers.jsonl"];
    assert_eq!(sha256(&project, &given, &[]), "7".repeat(64), "it was hashed again");
    assert_eq!(sha256(&project, &["--no-cache"], &[]), truth);
    assert_eq!(sha256(&project, &[], &[("CI", "true")]), truth);
    // Other rows in as many bytes, and the time set back: what was known is not known of them.
    let path = project.path("answers.jsonl");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    let other = rows.replacen("false", "true ", 1);
    fs::write(&path, &other).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    assert_eq!(sha256(&project, &[], &[]), digest_bytes(other.as_bytes()).hex());
}
