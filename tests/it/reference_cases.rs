//! Inputs that went wrong once, from `../shared/reference/cases`: each ends as its `expected.txt` or its `run.sh` says.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rayon::prelude::*;

/// Cases that do not end as they should yet. One that does by now fails the test as well, so that the list shrinks.
const OPEN: &[&str] = &["evidence/a-two-samples-would-decide-it"];

/// The longest that one case may take.
const PATIENCE: Duration = Duration::from_mins(2);

fn cases(group: &str) -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/cases").join(group);
    let Ok(entries) = fs::read_dir(folder) else {
        // Past the capture of the test runner: who reads the log must see it.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: ../shared is not here, so its {group} cases were not tried"
        );
        return None;
    };
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    assert!(found.len() > 10, "{group}: only {} cases were found", found.len());
    Some(found)
}

/// A writable copy of a case in a folder of its own, under its own name.
fn copy(case: &Path) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-R").arg(case).arg(folder.path()).status().unwrap();
    assert!(copied.success(), "{} could not be copied", case.display());
    let inside = folder.path().join(case.file_name().unwrap());
    Command::new("chmod").arg("-R").arg("u+w").arg(&inside).status().unwrap();
    (folder, inside)
}

/// What a command printed and its exit code; none where it did not end in time.
fn run(command: &mut Command) -> Option<Output> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pipes = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = |mut pipe: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes).map(|_| bytes)
        })
    };
    let (stdout, stderr) = (read(Box::new(pipes.0)), read(Box::new(pipes.1)));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Some(Output { status, stdout: stdout.join().unwrap().unwrap(), stderr: stderr.join().unwrap().unwrap() })
}

/// The exit codes that the first `exit:` line of an `expected.txt` allows, and whether a warning does as well.
fn allowed(case: &Path) -> (BTreeSet<i32>, bool) {
    let text = fs::read_to_string(case.join("expected.txt")).unwrap();
    let line = text.lines().find(|line| line.starts_with("exit")).unwrap_or("exit: 0");
    let mut depth = 0;
    let head: String = line
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '(');
            let inside = depth > 0;
            depth -= i32::from(*c == ')');
            !inside
        })
        .collect();
    let head = head.split("with ").next().unwrap();
    let codes = if head.contains("not 0") {
        BTreeSet::from([1, 2, 3])
    } else {
        head.chars().filter_map(|c| c.to_digit(4)).map(|digit| digit as i32).collect()
    };
    assert!(!codes.is_empty(), "{}: {line}", case.display());
    (codes, line.contains("warning"))
}

/// Why an evidence case does not end as it should; none where it does.
fn wrong_verdict(case: &Path) -> Option<String> {
    let (codes, warning) = allowed(case);
    let (_folder, inside) = copy(case);
    let mut command = Command::new(env!("CARGO_BIN_EXE_relgate"));
    let Some(output) =
        run(command.args(["check", "release.yaml", "--dry-run", "--root", "."]).current_dir(inside))
    else {
        return Some("no answer in time".to_owned());
    };
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or(-1);
    let right = codes.contains(&code) || (warning && text.contains("warning"));
    (!right).then(|| format!("ended with {code}, expected {codes:?}\n{text}"))
}

/// Why an attack still works; none where it does not.
fn still_works(case: &Path) -> Option<String> {
    let (_folder, inside) = copy(case);
    let mut command = Command::new("sh");
    let Some(output) =
        run(command.arg("run.sh").env("RELGATE", env!("CARGO_BIN_EXE_relgate")).current_dir(inside))
    else {
        return Some("no answer in time".to_owned());
    };
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then(|| format!("run.sh ended with {:?}\n{text}", output.status.code()))
}

fn end_as_they_should(group: &str, judge: impl Fn(&Path) -> Option<String> + Sync) {
    let Some(cases) = cases(group) else { return };
    let told = Mutex::new(Vec::new());
    let wrong: BTreeSet<String> = cases
        .par_iter()
        .filter_map(|case| {
            let name = format!("{group}/{}", case.file_name().unwrap().to_str().unwrap());
            let why = judge(case)?;
            told.lock().unwrap().push(format!("{name}: {why}"));
            Some(name)
        })
        .collect();
    let open: BTreeSet<String> =
        OPEN.iter().filter(|name| name.starts_with(group)).map(|name| (*name).to_owned()).collect();
    let mut told = told.into_inner().unwrap();
    told.sort();
    let new: Vec<_> = wrong.difference(&open).collect();
    let mended: Vec<_> = open.difference(&wrong).collect();
    assert!(
        new.is_empty() && mended.is_empty(),
        "wrong: {new:?}\nno longer open: {mended:?}\n{}",
        told.join("\n\n")
    );
}

#[test]
fn evidence_is_judged_as_expected() {
    end_as_they_should("evidence", wrong_verdict);
}

#[test]
fn attacks_are_over() {
    end_as_they_should("attack", still_works);
}
