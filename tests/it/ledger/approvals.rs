//! Approvals: who said it, since when, and with whose key.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use relgate::files::{Ledger, NAMESPACE, sign_approval, verify_approval};
use relgate::ledger::ApprovedData;

use super::*;

fn approval(seconds: i64, by: &str, signed: bool) -> NewEvent {
    let data = ApprovedData {
        what: "full".to_owned(),
        digest: digest("lock of 1.1.0"),
        by: by.to_owned(),
        reason: "looks fine".to_owned(),
        signed,
    };
    new(seconds, "1.1.0", Happening::Approved(data))
}

/// A key pair in a folder, and its line in a list of signers; none where there is no `ssh-keygen`.
fn key(folder: &Path, name: &str) -> Option<(PathBuf, String)> {
    let path = folder.join(name);
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
        .arg(&path)
        .status();
    if !made.is_ok_and(|made| made.success()) {
        println!("skipped: there is no ssh-keygen here");
        return None;
    }
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    Some((path, format!("{name} namespaces=\"{NAMESPACE}\" {public}")))
}

#[test]
fn an_approval_counts_once_a_person_and_for_one_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let by = || {
        let chain = read(folder.path());
        let found = chain.approved("helpdesk", &digest("lock of 1.1.0"), "full", &|_| true);
        found.iter().map(|one| one.data.by.clone()).collect::<Vec<_>>()
    };
    write(folder.path(), [new(0, "1.1.0", started()), approval(1, "ana", false), approval(2, "ana", false)]);
    write(folder.path(), [approval(3, "ben", false)]);
    assert_eq!(by(), ["ana", "ben"]);
    // Somebody wrote one in her name; her own word outdoes it, and is written although it says the same.
    let mut ledger = Ledger::open(folder.path(), PATIENCE).unwrap();
    let sign = |_: &[u8]| Ok(b"a signature".to_vec());
    for seconds in [4, 5] {
        assert!(is_written(&ledger.append_signed(approval(seconds, "ana", true), Some(&sign)).unwrap()));
    }
    drop(ledger);
    assert!(read(folder.path()).is_sound(), "{:?}", flaws(folder.path()));
    assert_eq!(by(), ["ben", "ana"]);
    assert!(read(folder.path()).approved("helpdesk", &digest("another lock"), "full", &|_| true).is_empty());
    assert!(
        read(folder.path()).approved("helpdesk", &digest("lock of 1.1.0"), "start", &|_| true).is_empty()
    );
    write(folder.path(), [new(4, "1.1.0", rolled_back())]);
    assert!(by().is_empty(), "another attempt needs another word");
    write(folder.path(), [approval(5, "ana", false)]);
    assert_eq!(by(), ["ana"]);
}

#[test]
fn a_signature_proves_who_approved() {
    let folder = tempfile::tempdir().unwrap();
    let Some((ana, ana_line)) = key(folder.path(), "ana") else { return };
    let (ben, ben_line) = key(folder.path(), "ben").unwrap();
    let at = folder.path().join("ledger");
    write(&at, [new(0, "1.1.0", started())]);
    let mut ledger = Ledger::open(&at, PATIENCE).unwrap();
    let sign = |key: PathBuf| move |bytes: &[u8]| sign_approval(&key, bytes);
    ledger.append_signed(approval(1, "ana", true), Some(&sign(ana.clone()))).unwrap();
    // With the key of another, in the name of ben.
    ledger.append_signed(approval(2, "ben", true), Some(&sign(ana.clone()))).unwrap();
    let before = read(&at).links().len();
    let failed =
        ledger.append_signed(approval(3, "eve", true), Some(&sign(folder.path().join("no-such-key"))));
    assert!(failed.unwrap_err().title.contains("cannot be signed"));
    drop(ledger);
    let chain = read(&at);
    assert!(chain.is_sound(), "{:?}", chain.flaws());
    assert_eq!(chain.links().len(), before, "what is not signed is not written");
    let signers = format!("{ana_line}{ben_line}");
    let approvals: Vec<_> = chain.approvals().collect();
    Ledger::is_signed(&at, &approvals[0], &signers).unwrap();
    assert!(
        Ledger::is_signed(&at, &approvals[1], &signers)
            .unwrap_err()
            .title
            .contains("not a signature by `ben`")
    );
    assert!(
        Ledger::is_signed(&at, &approvals[0], &ben_line).is_err(),
        "whoever is not in the list has not signed"
    );
    // As docs/ledger.md says it, without relgate.
    let name = &approvals[0].link.name;
    fs::write(folder.path().join("allowed"), &signers).unwrap();
    let verified = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-n", "relgate-approval", "-f", "../allowed", "-I", "ana", "-s"])
        .arg(format!("{name}.sig"))
        .stdin(fs::File::open(at.join(name)).unwrap())
        .current_dir(&at)
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    // A signature for something else than approvals.
    let bytes = approvals[0].link.event.bytes();
    let other = Command::new("ssh-keygen")
        .args(["-Y", "sign", "-n", "git", "-f"])
        .arg(&ben)
        .arg(at.join(name))
        .output();
    assert!(other.unwrap().status.success() || !at.join(format!("{name}.sig")).exists());
    let foreign = fs::read(at.join(format!("{name}.sig"))).unwrap();
    assert!(verify_approval(&ben_line, "ben", &bytes, &foreign).is_err());
    // Its signature is gone.
    fs::remove_file(at.join(format!("{name}.sig"))).unwrap();
    assert!(flaws(&at).contains(&format!("{name} Unsigned")), "{:?}", flaws(&at));
    // One that a killed run left alone is no flaw for whoever writes next.
    fs::write(at.join(format!("{name}.sig")), "x").unwrap();
    fs::write(at.join("20261120T090009Z-0123456789abcdef.json.sig"), "x").unwrap();
    assert!(read(&at).is_sound());
    Ledger::open(&at, PATIENCE).unwrap();
    assert_eq!(flaws(&at), Vec::<String>::new());
}
