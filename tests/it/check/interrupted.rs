//! A run that is stopped in the middle, and one that cannot write all that it has to say: nothing half-written, no pass that counts
//! for nothing.

use std::fs;
use std::time::Duration;

use crate::check::support::{Project, events, judged_by};

fn passing() -> Project {
    judged_by(&["Toxicity < 1%"], &events("toxicity", 0, 1000)).and("changelog: CHANGELOG.md\n")
}

/// A run that is interrupted after so long: how it ended and what it told.
#[cfg(unix)]
fn interrupted(project: &Project, after: Duration) -> (Option<i32>, String) {
    use std::process::Stdio;

    let args = ["check", "--as-of", "2026-11-20", "--report", "junit=j.xml", "--report", "html"];
    let child = project.relgate().args(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(after);
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).output().unwrap();
    let output = child.wait_with_output().unwrap();
    let _ = kill;
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(unix)]
#[test]
fn wherever_it_is_interrupted_nothing_is_half_written() {
    let mut said = 0;
    for step in 0..30u64 {
        let project = passing();
        let empty = project.snapshot();
        let (code, told) = interrupted(&project, Duration::from_micros(step * 1500));
        let after = project.snapshot();
        let left = after.keys().find(|path| path.to_string_lossy().contains(".tmp"));
        assert!(left.is_none(), "{left:?} after {step}: {told}");
        let whole = ["report.json", "report.md", "report.html", "changelog.md", "bundle"]
            .map(|name| project.path("relgate-report").join(name).exists());
        match code {
            Some(130) if told.contains("nothing was written") => {
                assert!(after == empty, "{step}: {:?}", after.keys());
                said += 1;
            }
            Some(130) => {
                assert!(told.contains("what was written is whole"), "{told}");
                assert_eq!(whole, [true; 5], "{step}");
            }
            // Too late, or before the program could say a word.
            Some(0) => assert_eq!(whole, [true; 5], "{step}"),
            None => assert!(after == empty, "{step}"),
            other => panic!("{other:?}: {told}"),
        }
    }
    assert!(said > 0, "no run was interrupted in the middle");
}

#[test]
fn where_the_changelog_cannot_be_written_no_document_says_pass() {
    for name in ["first", "again"] {
        let project = passing().args(&["--report", "junit=j.xml", "--report", "sarif"]);
        if name == "again" {
            assert_eq!(project.check().code, 0);
            assert!(fs::read_to_string(project.path("j.xml")).unwrap().contains("errors=\"0\""));
        }
        let changelog = project.path("CHANGELOG.md");
        let _ = fs::remove_file(&changelog);
        fs::write(&changelog, "# Changes\n").unwrap();
        let mut read_only = fs::metadata(&changelog).unwrap().permissions();
        read_only.set_readonly(true);
        fs::set_permissions(&changelog, read_only).unwrap();
        let run = project.check();
        assert_eq!(run.code, 2, "{name}: {}", run.stderr);
        assert!(run.stderr.contains("changelog was not written"), "{}", run.stderr);
        assert_eq!(fs::read_to_string(&changelog).unwrap(), "# Changes\n");
        assert!(!project.path("relgate-report/report.json").exists(), "{name}");
        let junit = fs::read_to_string(project.path("j.xml")).unwrap_or_default();
        assert!(!junit.contains("errors=\"0\""), "{name}: {junit}");
    }
}

#[test]
fn where_one_report_cannot_be_written_no_other_says_pass() {
    let project = passing().file("taken", "x").args(&[
        "--report",
        "junit=new/folder/j.xml",
        "--report",
        "sarif=taken/s.sarif",
        "--report",
        "markdown=m.md",
    ]);
    let run = project.check();
    assert_eq!(run.code, 2, "{}", run.stderr);
    for path in ["new", "m.md", "relgate-report/report.json", "CHANGELOG.md"] {
        assert!(!project.path(path).exists(), "{path}");
    }
}

#[test]
fn a_report_brings_its_folder_along() {
    let project = passing().args(&["--report", "junit=ci/out/j.xml"]);
    assert_eq!(project.check().code, 0);
    assert!(project.path("ci/out/j.xml").is_file());
}
