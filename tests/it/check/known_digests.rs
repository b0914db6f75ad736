//! Results that nobody wrote to since an earlier run hashed them.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use relgate::artifact::{ResultsFile, digest_bytes, digest_source};
use relgate::files::{EvidenceFile, StatCache, stat_cached};

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

/// Whether a dry run hashed the results: their digest is known to the next one then.
fn hashes(project: &Project, args: &[&str]) -> bool {
    let mut run = project.relgate();
    run.args(["check", "--as-of", TODAY, "--dry-run"]).args(args);
    let ended = run.env("XDG_CACHE_HOME", project.path("cache")).output().unwrap();
    let checked = Checked::new(&ended, None);
    assert_ne!(checked.code, 2, "{}", checked.stderr);
    let was = project.path("cache").exists();
    let _ = fs::remove_dir_all(project.path("cache"));
    was
}

#[test]
fn a_dry_run_hashes_results_where_somebody_asks() {
    let texts = r#""answer": "the cat sat on the mat", "expected": "the cat sat on the mat""#;
    let rows = samples(100, |i| format!(r#""correct": {}, {texts}"#, i >= 3));
    let declares =
        |sha256: &str| format!("evidence: {{ answers: {{ path: answers.jsonl, sha256: '{sha256}' }} }}\n");
    let (truth, gate) = (digest_bytes(rows.as_bytes()), listed(&["accuracy >= 50%"]));
    let of = |body: &str| project().manifest(body).file("answers.jsonl", &rows);
    let plain = of(&(ANSWERS.to_owned() + &gate));
    let declared = of(&(declares(truth.hex()) + &gate));
    let bleu = "metrics: { wording: { as: bleu, field: answer, reference: expected } }\n";
    let drawn = of(&(ANSWERS.to_owned() + bleu + &listed(&["wording >= 50"])));
    let counted = of(&(ANSWERS.to_owned() + &gate));
    assert!(counted.relgate().args(["ledger", "init"]).output().unwrap().status.success());
    std::thread::sleep(Duration::from_millis(2100));
    assert!(!hashes(&plain, &[]), "nobody asked");
    assert!(hashes(&plain, &["--format", "json"]), "the report names it");
    assert!(hashes(&declared, &[]), "the manifest declares it");
    assert!(hashes(&drawn, &[]), "what is drawn anew starts at it");
    assert!(hashes(&counted, &[]), "a ledger counts the looks");
    let other = of(&(declares(&"7".repeat(64)) + &gate)).args(&["--dry-run"]).check();
    assert!(other.code == 2 && other.stderr.contains("evidence-digest"), "{}", other.stderr);
}

/// A file as a run sees it that begins so many minutes from now, when nothing is fresh any more.
fn seen_in(minutes: u64, path: &Path) -> (Arc<StatCache>, ResultsFile) {
    let now = SystemTime::now() + Duration::from_mins(minutes);
    let cache = Arc::new(StatCache::open(&path.with_extension("cache"), now));
    let source = Box::new(EvidenceFile::open(path, "a.jsonl").unwrap());
    let file = stat_cached(ResultsFile { source, member: "a.jsonl".to_owned() }, &cache);
    (cache, file)
}

#[test]
fn a_file_that_is_written_to_while_it_is_open_is_neither_known_nor_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    fs::write(&path, "1234\n").unwrap();
    let (cache, file) = seen_in(1, &path);
    let digest = digest_source(file.source.as_ref()).unwrap();
    cache.save();
    let (_, file) = seen_in(2, &path);
    assert_eq!(file.source.known_digest(), Some(digest));
    // The clock of a file system has coarse ticks.
    std::thread::sleep(Duration::from_millis(20));
    fs::write(&path, "4321\n").unwrap();
    assert_eq!(file.source.known_digest(), None);
    assert!(file.source.check_unchanged().is_err());
    // What was read before somebody wrote is no digest of what stands there now.
    let (cache, file) = seen_in(3, &path);
    fs::write(&path, "12345\n").unwrap();
    file.source.learned_digest(&digest_bytes(b"4321\n"));
    cache.save();
    assert_eq!(seen_in(4, &path).1.source.known_digest(), None);
}
