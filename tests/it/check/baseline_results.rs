//! The baseline's results: whose they are, and what becomes of those that cannot be read or change while they are.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use relgate::artifact::{ResultsFile, Source};
use relgate::diagnostic::{Code, Diagnostic, Sources};
use relgate::files::{EvidenceFile, Worktree};
use relgate::judge;
use relgate::release::{self, SharedPolicy};

use super::support::*;

const REPLACING: &str =
    "baseline: before\nevidence: { answers: { path: answers.jsonl, baseline: elsewhere.jsonl } }\n";

fn rows(wrong: usize) -> String {
    samples(1000, |i| format!(r#""correct": {}"#, i >= wrong))
}

/// A release that names `elsewhere` for the baseline, which has results of its own: `own`.
fn replacing(gate: &str, own: impl AsRef<[u8]>, elsewhere: impl AsRef<[u8]>) -> Project {
    judged_by(&[gate], &rows(3))
        .after("", "")
        .file("before/answers.jsonl", own)
        .file("elsewhere.jsonl", elsewhere)
        .manifest(&(REPLACING.to_owned() + &listed(&[gate])))
}

#[test]
fn results_in_the_place_of_the_baselines_own_are_named() {
    for gate in ["accuracy drop < 5pp", "accuracy >= 50%"] {
        let project = replacing(gate, rows(1), rows(100));
        let checked = project.check();
        assert!(checked.warnings().contains(&"baseline-replaced".to_owned()), "{gate}: {}", checked.stdout);
        let words =
            "elsewhere.jsonl is read instead of its own in before/answers.jsonl, which have other bytes";
        assert!(checked.flat().contains(words), "{}", checked.stdout);
        let page = fs::read_to_string(project.path("relgate-report/report.md")).unwrap();
        assert!(page.contains("instead of its own in before/answers.jsonl"), "{page}");
        let record = &checked.report()["changes"].as_array().unwrap().clone();
        let record = record.iter().find(|one| one["path"] == "evidence.answers.baseline.path").unwrap();
        assert_eq!((&record["severity"], &record["direction"]), (&"blocking".into(), &"looser".into()));
    }
    // By the command line as well.
    let flag = compared(&["accuracy drop < 5pp"], &rows(3), &rows(1))
        .file("elsewhere.jsonl", rows(100))
        .args(&["--baseline-evidence", "answers=elsewhere.jsonl"]);
    assert!(flag.check().warnings().contains(&"baseline-replaced".to_owned()));
    // Who lets one command decide is not let through.
    let strict =
        replacing("accuracy drop < 5pp", rows(1), rows(100)).and("policy: { looser_changes: block }\n");
    assert_eq!(strict.check().code, 1);
}

#[test]
fn what_replaces_nothing_is_no_replacement() {
    let gate = "accuracy drop < 5pp";
    let silent = |project: &Project, why: &str| {
        let checked = project.check();
        assert!(!checked.warnings().contains(&"baseline-replaced".to_owned()), "{why}: {}", checked.stdout);
        assert!(!checked.flat().contains("instead of its own"), "{why}: {}", checked.stdout);
    };
    silent(&replacing(gate, rows(1), rows(1)), "the same bytes");
    let gone = replacing(gate, rows(1), rows(100));
    fs::remove_file(gone.path("before/answers.jsonl")).unwrap();
    silent(&gone, "the baseline has none");
    let same = replacing(gate, rows(1), "")
        .manifest(&(REPLACING.replace("elsewhere.jsonl", "before/answers.jsonl") + &listed(&[gate])));
    silent(&same, "the same file");
}

#[test]
fn a_bundle_and_a_commit_have_results_of_their_own() {
    let gate = "accuracy drop < 5pp";
    let warned = |project: &Project| project.check().warnings().contains(&"baseline-replaced".to_owned());
    let bundled = |elsewhere: usize| {
        let before = judged_by(&["accuracy >= 50%"], &rows(1));
        let text = fs::read_to_string(before.path("release.yaml")).unwrap();
        let before = before.file("release.yaml", text.replace("version: 1.2.3", "version: 1.2.2"));
        assert_eq!(before.check().code, 0);
        let project = judged_by(&[gate], &rows(3))
            .file("elsewhere.jsonl", rows(elsewhere))
            .manifest(&(REPLACING.replace("baseline: before\n", "") + &listed(&[gate])));
        let bundle = before.path("relgate-report/bundle");
        let project = project.args(&["--baseline", bundle.to_str().unwrap()]);
        warned(&project)
    };
    assert!(bundled(100));
    assert!(!bundled(1));
    let committed = |elsewhere: usize| {
        let project = judged_by(&["accuracy >= 50%"], &rows(1)).with_git();
        let project = project.git("init -q").git("add .").git("commit -qm a");
        let version = |text: &str| text.replace("version: 1.2.3", "version: 1.2.4");
        let text = REPLACING.replace("before", "git:main") + &listed(&[gate]);
        let project = project.manifest(&text).file("elsewhere.jsonl", rows(elsewhere));
        let text = version(&fs::read_to_string(project.path("release.yaml")).unwrap());
        let project = project.file("release.yaml", text).file("answers.jsonl", rows(3));
        warned(&project)
    };
    assert!(committed(100));
    assert!(!committed(1));
}

#[test]
fn a_damaged_baseline_is_told_where_no_gate_compares_with_it() {
    let cut = &rows(1)[..20_000];
    for (own, why) in
        [(cut.as_bytes(), "cut off"), (b"\x1f\x8b\x08broken".as_slice(), "damaged"), (b"", "empty")]
    {
        let project =
            judged_by(&["accuracy >= 50%"], &rows(3)).after("", "").file("before/answers.jsonl", own);
        let checked = project.check();
        assert_eq!(checked.code, 0, "{}", checked.stdout);
        assert!(checked.warnings().contains(&"baseline-unread".to_owned()), "{why}: {}", checked.stdout);
        let text = checked.flat();
        assert!(text.contains("before/answers.jsonl") && text.contains(why), "{why}: {text}");
        let page = fs::read_to_string(project.path("relgate-report/report.md")).unwrap();
        assert!(page.contains("cannot be read, so nobody knows"), "{page}");
    }
    // A history without results is everyday.
    let gone = judged_by(&["accuracy >= 50%"], &rows(3)).after("", "x");
    fs::remove_file(gone.path("before/answers.jsonl")).unwrap();
    assert!(!gone.check().warnings().contains(&"baseline-unread".to_owned()));
}

/// How somebody meddles with a file.
type Meddle = fn(&Path);

/// An open file with which somebody meddles before its `at`-th read.
struct Turning {
    file: EvidenceFile,
    reads: AtomicUsize,
    at: usize,
    meddle: Meddle,
}

impl Source for Turning {
    fn name(&self) -> &str {
        self.file.name()
    }

    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.reads.fetch_add(1, Ordering::SeqCst) == self.at {
            (self.meddle)(self.file.path().unwrap());
        }
        self.file.read_at(offset, buf)
    }

    fn path(&self) -> Option<&Path> {
        self.file.path()
    }

    fn check_unchanged(&self) -> Result<(), Diagnostic> {
        self.file.check_unchanged()
    }
}

/// Writes other rows of the same length, and puts the modification time back.
fn rewrite(path: &Path) {
    let before = fs::metadata(path).unwrap().modified().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let mut file = fs::File::options().write(true).open(path).unwrap();
    file.write_all(text.replacen("true ", "false", 500).as_bytes()).unwrap();
    file.set_modified(before).unwrap();
}

/// Puts another file in its place.
fn replace(path: &Path) {
    let other = path.with_extension("new");
    fs::write(&other, fs::read_to_string(path).unwrap().replacen("true ", "false", 500)).unwrap();
    fs::rename(other, path).unwrap();
}

/// Puts another folder in the place of its own: the open file notices nothing.
fn replace_folder(path: &Path) {
    let folder = path.parent().unwrap();
    let old = folder.with_extension("old");
    fs::rename(folder, &old).unwrap();
    fs::create_dir(folder).unwrap();
    let text = fs::read_to_string(old.join(path.file_name().unwrap())).unwrap();
    fs::write(path, text.replacen("true ", "false", 500)).unwrap();
}

#[test]
fn a_file_that_changes_at_any_read_is_never_judged() {
    let meddlers: [Meddle; 3] = [rewrite, replace, replace_folder];
    for meddle in meddlers {
        let mut refused = 0;
        for at in 0.. {
            let text = rows(3).replace("true}", "true }");
            let project = judged_by(&["accuracy >= 50%"], "").file("r/answers.jsonl", text);
            let root = Worktree::find(&project.path("release.yaml"), None).unwrap();
            let candidate = release::load(Box::new(root), SharedPolicy::Whole, &mut Sources::new()).unwrap();
            let path = project.path("r/answers.jsonl");
            let given = |_: &str| {
                let file = EvidenceFile::open(&path, "answers.jsonl").unwrap();
                let source = Turning { file, reads: AtomicUsize::new(0), at, meddle };
                Some(Ok(vec![ResultsFile { source: Box::new(source), member: "answers.jsonl".to_owned() }]))
            };
            let before = fs::read(&path).unwrap();
            let judged = judge::open(&candidate.manifest, candidate.tree.as_ref(), &given).whole().and_then(
                |mut opened| {
                    let gates = judge::ask(&candidate.manifest, &mut opened)?;
                    let earlier = judge::Earlier {
                        baseline: None,
                        anchor: None,
                        tree: candidate.tree.as_ref(),
                        given: &|_| None,
                    };
                    let changes = relgate::change::between(
                        None,
                        &relgate::change::ComparedSide {
                            manifest: &candidate.manifest,
                            pinned: &candidate.pinned,
                        },
                    );
                    let as_of = TODAY.parse().unwrap();
                    judge::Case {
                        candidate: &candidate,
                        earlier,
                        changes: &changes,
                        looser: None,
                        as_of,
                        unsigned: &|_| None,
                        digested: true,
                    }
                    .judge(opened, gates)
                },
            );
            if fs::read(&path).unwrap() == before {
                // There was no such read.
                assert!(judged.is_ok());
                break;
            }
            let found = judged.err().expect("judged although the file changed");
            assert!(
                found.iter().any(|one| one.code == Code::ChangedWhileRead || one.code == Code::NotJson),
                "{found:?}"
            );
            refused += 1;
        }
        // Looked at, read for its rows, hashed: the last read of all is watched too.
        assert!(refused >= 3, "{refused}");
    }
}
