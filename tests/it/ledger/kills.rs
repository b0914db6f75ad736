//! Runs that are killed at any moment leave every event whole or not there, and the next run goes on.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::{new, read, started, write};

/// Runs that are killed; `RELGATE_KILLS` asks for more.
fn kills() -> u32 {
    std::env::var("RELGATE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(30)
}

#[test]
fn killed_runs_tear_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    write(&ledger, [new(0, "1.1.0", started())]);
    let command = |reason: &str| {
        let mut command = crate::project::relgate(folder.path());
        command.args(["ledger", "yank", "1.1.0", "--as", "ana", "--ledger", "ledger", "--reason", reason]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let begun = Instant::now();
    assert!(command("whole").status().unwrap().success());
    let whole = begun.elapsed().max(Duration::from_millis(2));
    let (mut killed, mut done, mut random) = (0, 2, 0x9e37_79b9_u64);
    for i in 0..kills() {
        let mut child = command(&format!("run {i}")).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Up to a little longer than a whole run takes.
        thread::sleep(whole.mul_f64((random >> 40) as f64 / f64::from(1 << 24) * 1.3));
        let _ = child.kill();
        let ended = child.wait().unwrap();
        killed += u32::from(!ended.success());
        let chain = read(&ledger);
        assert!(chain.flaws().is_empty(), "after kill {i}: {:?}", chain.flaws());
        assert_eq!(chain.heads().len(), 1);
        let now = chain.links().len();
        assert!(now == done || now == done + 1, "after kill {i}: {now} events, {done} before");
        assert!(!ended.success() || now == done + 1, "a run that ended well wrote its event");
        done = now;
    }
    assert!(killed > 0, "no run was killed");
    assert!(command("the next run").status().unwrap().success());
    assert_eq!(read(&ledger).links().len(), done + 1);
    let left = fs::read_dir(&ledger).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with(".relgate-")
    });
    assert_eq!(left.count(), 0, "what killed runs left is removed by the next one");
    println!("{killed} of {} runs were killed, {done} events, none torn", kills());
}
