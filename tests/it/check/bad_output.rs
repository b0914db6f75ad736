//! Where nothing can be written: exit code 2, no older report standing, and no judgement that reads as if it counted.

use std::fs;
#[cfg(unix)]
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use crate::check::support::{Checked, Project, events, judged_by};
#[cfg(unix)]
use crate::check::support::{TODAY, relgate};

fn passing() -> Project {
    judged_by(&["Hallucination rate < 1.5%"], &events("hallucinated", 0, 1000))
}

/// Nothing says that the release may ship, and the code is that of an error.
#[track_caller]
fn told_but_not_written(checked: &Checked, words: &[&str]) {
    assert_eq!(checked.stdout, "");
    checked.refuses(&["cannot-write", "was judged (pass), which counts for nothing"]);
    checked.refuses(words);
}

#[test]
fn a_file_where_the_folder_should_be() {
    for (out, file) in [("taken", "taken"), ("taken/deeper", "taken")] {
        let project = passing().file(file, "mine").args(&["--out", out]);
        let before = project.snapshot();
        told_but_not_written(&project.check(), &["taken", "--out"]);
        assert_eq!(project.snapshot(), before);
    }
}

#[test]
fn a_folder_where_a_report_should_be() {
    let project = passing()
        .file("relgate-report/report.md/mine", "text")
        .file("relgate-report/.relgate-files", "report.json\n")
        .file("relgate-report/report.json", "an older report");
    told_but_not_written(&project.check(), &["report.md", "is a folder", "an older one is gone"]);
    assert!(!project.path("relgate-report/report.json").exists());
    assert_eq!(fs::read_to_string(project.path("relgate-report/report.md/mine")).unwrap(), "text");
}

#[test]
fn a_further_report_that_has_no_place() {
    for path in ["release.yaml/such/folder.md", "/dev/full", "answers.jsonl/x.md"] {
        let project = passing().args(&["--report", &format!("markdown={path}")]);
        let checked = project.check();
        assert_eq!(checked.code, 2, "{path}: {}{}", checked.stdout, checked.stderr);
        checked.refuses(&["cannot-write", path]);
        // The path was named; another output folder would not help.
        assert!(!checked.stderr.contains("--out"), "{}", checked.stderr);
    }
}

#[test]
fn a_fail_stays_a_fail_where_nothing_can_be_written() {
    let project = judged_by(&["Hallucination rate < 1.5%"], &events("hallucinated", 900, 1000))
        .file("taken", "mine")
        .args(&["--out", "taken"]);
    let checked = project.check();
    assert!(checked.stdout.starts_with("FAIL"), "{}", checked.stdout);
    assert_eq!(checked.code, 1, "a failed release must not read as a broken run: {}", checked.stderr);
    let open = judged_by(&["Hallucination rate < 1.5%"], &events("hallucinated", 15, 1000))
        .file("taken", "mine")
        .args(&["--out", "taken"]);
    assert_eq!(open.check().code, 2);
}

/// Runs a shell script with the binary as `$0` and its arguments as `$@`.
#[cfg(unix)]
fn in_shell(script: &str, project: &Project) -> Option<Checked> {
    let binary = relgate(&project.path(""));
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg(binary.get_program()).args(["check", "--as-of", TODAY]);
    shell.env("SOURCE_DATE_EPOCH", "0").current_dir(project.path(""));
    Some(Checked::new(&shell.output().ok()?, None))
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more() {
    // A limit on the size of files stands in for a full disk: the write fails in the middle of the report.
    let project = passing()
        .file("relgate-report/.relgate-files", "report.json\nreport.md\n")
        .file("relgate-report/report.json", "an older report")
        .file("relgate-report/report.md", "and its text");
    let Some(checked) = in_shell("trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"", &project) else {
        println!("skipped: there is no sh here");
        return;
    };
    told_but_not_written(&checked, &["`relgate-report/", "cannot be written"]);
    let left: Vec<_> = fs::read_dir(project.path("relgate-report")).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "no older report stands, and no half of a new one: {left:?}");
}

#[cfg(unix)]
#[test]
fn standard_output_that_takes_no_more() {
    let project = passing();
    if !Path::new("/dev/full").exists() {
        println!("skipped: there is no /dev/full here");
        return;
    }
    let checked = in_shell("exec \"$0\" \"$@\" > /dev/full", &project).unwrap();
    checked.refuses(&["the results could not be printed"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_system_that_is_full_or_read_only() {
    let project = passing().file("relgate-report/report.json", "");
    let out = project.path("relgate-report");
    let mounted = |options: &str| {
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(&out).output();
        status.is_ok_and(|output| output.status.success())
    };
    if !mounted("size=8k") {
        println!("skipped: this user may not mount a small file system");
        return;
    }
    let told = std::panic::catch_unwind(|| {
        fs::write(out.join("report.json"), "an older report").unwrap();
        fs::write(out.join(".relgate-files"), "report.json\n").unwrap();
        let full = project.check();
        let kept = out.join("report.json").exists();
        let left = fs::read_dir(&out).unwrap().count();
        let remounted = Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(&out)
            .status()
            .is_ok_and(|status| status.success());
        (full, kept, left, remounted.then(|| project.check()))
    });
    let unmounted = Command::new("umount").arg(&out).status();
    let (full, kept, left, read_only) = told.unwrap();
    assert!(unmounted.is_ok_and(|status| status.success()));
    told_but_not_written(&full, &["cannot be written"]);
    assert_eq!((kept, left), (false, 1));
    match read_only {
        Some(checked) => told_but_not_written(&checked, &["cannot be written", "--dry-run"]),
        None => println!("skipped: cannot be mounted read-only"),
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = passing().file("relgate-report/report.json", "an older report");
    let out = project.path("relgate-report");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(out.join("probe"), "").is_ok() {
        println!("skipped: this user may write everywhere");
        return;
    }
    told_but_not_written(&project.check(), &["cannot be written"]);
    fs::set_permissions(&out, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read_to_string(out.join("report.json")).unwrap(), "an older report");
}

/// What a killed run left behind goes with the next one; what somebody is writing, or another program's, stays.
#[cfg(unix)]
#[test]
fn leftovers_of_killed_runs_are_removed() {
    let project = passing()
        .file("relgate-report/.relgate-abc123.tmp", "half a rep")
        .file("relgate-report/.relgate-held.tmp", "being written")
        .file("relgate-report/.other-abc123.tmp", "of another program");
    let held = fs::File::open(project.path("relgate-report/.relgate-held.tmp")).unwrap();
    held.lock().unwrap();
    assert_eq!(project.check().code, 0);
    let there = |name: &str| project.path("relgate-report").join(name).exists();
    assert!(!there(".relgate-abc123.tmp"), "it belonged to nobody");
    assert!(there(".relgate-held.tmp") && there(".other-abc123.tmp"));
}

/// A run that is killed at any moment leaves the report of before, the new one, or none: never one's text beside the
/// other's verdict.
#[cfg(unix)]
#[test]
fn a_killed_run_leaves_no_mixture() {
    let good = events("hallucinated", 0, 1000);
    let bad = events("hallucinated", 500, 1000);
    let project = passing().file("answers.jsonl", &good);
    assert_eq!(project.check().code, 0);
    let (mut whole, mut none) = (0, 0);
    for round in 0..40_u64 {
        fs::write(project.path("answers.jsonl"), if round % 2 == 0 { &bad } else { &good }).unwrap();
        let mut child = relgate(&project.path(""))
            .args(["check", "--as-of", TODAY, "--quiet"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_micros(1500 * round));
        let _ = child.kill();
        child.wait().unwrap();
        let Ok(json) = fs::read_to_string(project.path("relgate-report/report.json")) else {
            none += 1;
            continue;
        };
        let decision = serde_json::from_str::<serde_json::Value>(&json).unwrap()["decision"].clone();
        let text = fs::read_to_string(project.path("relgate-report/report.md")).unwrap();
        let word = if decision == "pass" { "PASS" } else { "FAIL" };
        assert!(text.contains(word), "round {round}: {decision} beside\n{text}");
        whole += 1;
    }
    assert!(whole > 0, "{none} of 40 rounds left no verdict");
    let _ = project.check();
    let left = fs::read_dir(project.path("relgate-report")).unwrap();
    let left = left.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(left.count(), 0, "the next run cleans up");
}

/// Results that cannot be read, over a report that still says pass.
fn broken_after_a_pass(baseline: &str) -> Project {
    passing()
        .and(&format!("baseline: {baseline}\n"))
        .file("answers.jsonl", "{\"id\": 1, broken\n")
        .file("before/release.yaml", "relgate: 1\nname: helpdesk\nversion: 1.0.0\ntype: hotfix\n")
        .file("relgate-report/.relgate-files", "report.json\n")
        .file("relgate-report/report.json", "PASS")
}

#[test]
fn an_older_pass_is_gone_whatever_the_release_is_compared_with() {
    for baseline in
        ["before", "before/release.yaml", "./before/", "nowhere", "git:HEAD", "../out/of/here", "none"]
    {
        let project = broken_after_a_pass(baseline);
        project.check().refuses(&["the report says so, and the older one is gone"]);
        let report = fs::read_to_string(project.path("relgate-report/report.json")).unwrap();
        assert!(report.contains("\"decision\": \"error\""), "{baseline}: {report}");
    }
}

#[test]
fn what_the_release_is_compared_with_stays() {
    for baseline in ["relgate-report", "relgate-report/bundle", "relgate-report/report.json"] {
        let project = broken_after_a_pass(baseline).file("relgate-report/bundle/bundle.json", "{}");
        let before = project.snapshot();
        project.check().refuses(&["no report was written"]);
        assert_eq!(project.snapshot(), before, "{baseline}");
    }
}
