//! Waivers signed by people whom the protected branch names.

use std::fs;

use super::*;

/// A key of ssh-keygen, and its line in a list of signers.
fn person(project: &Project, name: &str) -> String {
    let output = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name])
        .current_dir(project.path(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(project.path(&format!("{name}.pub"))).unwrap()
}

const WAIVER: &str = "waivers:\n  - { gate: toxicity, reason: INC-1, owner: ana, approver: board, expires: 2027-01-01, limit: 6%, signature: waivers/toxicity.sig }\n";
const SIGNERS: &str = "policy: { signers: deploy/allowed_signers }\n";
const CHECK: &str = "check --as-of 2026-11-20 --no-changelog -q --protected-ref main";

/// A release that needs a waiver, with `board` and `ana` on the list of the branch `main`, and a branch of its own.
fn story(manifest: &str) -> Project {
    let project = super::story(&["Toxicity < 1%"], 30, manifest);
    let (board, ana) = (person(&project, "board"), person(&project, "ana"));
    person(&project, "mallory");
    let list = format!("board namespaces=\"relgate-waiver\" {board}ana {ana}");
    project
        .file("deploy/allowed_signers", list)
        .git("init -q")
        .git("add -A")
        .git("commit -qm first")
        .git("switch -qc change")
}

#[test]
fn a_waiver_holds_where_its_approver_signed_it() {
    let project = story(&(WAIVER.to_owned() + SIGNERS));
    run(&project, CHECK).ends(1, &["FAIL"]);
    run(&project, "attest --waiver toxicity --key board").ends(0, &["SIGNED", "wrote waivers/toxicity.sig"]);
    run(&project, CHECK).ends(0, &["PASS"]);
    // Without relgate.
    let bytes =
        run(&project, "attest --waiver toxicity").ends(0, &["relgate/waiver/v1", "Toxicity < 1%"]).text;
    fs::write(project.path("bytes"), &bytes).unwrap();
    crate::schemas::fits_schema("waiver", &serde_json::from_str(&bytes).unwrap()).unwrap();
    let verify = |namespace: &str| {
        Command::new("ssh-keygen")
            .args([
                "-Y",
                "verify",
                "-f",
                "deploy/allowed_signers",
                "-I",
                "board",
                "-n",
                namespace,
                "-s",
                "waivers/toxicity.sig",
            ])
            .stdin(fs::File::open(project.path("bytes")).unwrap())
            .current_dir(project.path(""))
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(verify("relgate-waiver") && !verify("relgate-approval"));
    fs::remove_file(project.path("waivers/toxicity.sig")).unwrap();
    program(&project.path(""), "ssh-keygen -q -Y sign -n relgate-waiver -f board bytes");
    fs::rename(project.path("bytes.sig"), project.path("waivers/toxicity.sig")).unwrap();
    run(&project, CHECK).ends(0, &["PASS"]);
}

#[test]
fn whoever_is_not_asked_cannot_sign() {
    let project = story(&(WAIVER.to_owned() + SIGNERS));
    let told = |words: &str| {
        run(&project, CHECK).ends(1, &[]);
        let report = document(&project, "relgate-report/report.json");
        assert_eq!(report["waivers"][0]["state"], "unsigned");
        let error =
            report["errors"].as_array().unwrap().iter().find(|one| one["code"] == "waiver-unsigned").unwrap();
        assert!(error["text"].as_str().unwrap().contains(words), "{error}");
    };
    told("it is not signed");
    for key in ["mallory", "ana"] {
        run(&project, &format!("attest --waiver toxicity --key {key}")).ends(0, &[]);
        told("is not signed by `board` as it stands here");
    }
    let bytes = run(&project, "attest --waiver toxicity").ends(0, &[]).text;
    // In another namespace.
    fs::write(project.path("bytes"), &bytes).unwrap();
    program(&project.path(""), "ssh-keygen -q -Y sign -n relgate-approval -f board bytes");
    fs::copy(project.path("bytes.sig"), project.path("waivers/toxicity.sig")).unwrap();
    told("is not signed by `board`");
    // Damaged, empty, not there.
    run(&project, "attest --waiver toxicity --key board").ends(0, &[]);
    let good = fs::read(project.path("waivers/toxicity.sig")).unwrap();
    for at in (40..good.len()).step_by(29) {
        let mut edited = good.clone();
        edited[at] ^= 1;
        fs::write(project.path("waivers/toxicity.sig"), edited).unwrap();
        told("is not signed by `board`");
    }
    fs::write(project.path("waivers/toxicity.sig"), "").unwrap();
    told("is not signed by `board`");
    fs::write(project.path("waivers/toxicity.sig"), good).unwrap();
    run(&project, CHECK).ends(0, &[]);
}

#[test]
fn a_signature_cannot_be_moved() {
    let project = story(&(WAIVER.to_owned() + SIGNERS));
    run(&project, "attest --waiver toxicity --key board").ends(0, &[]);
    run(&project, CHECK).ends(0, &[]);
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    for (old, new) in [
        ("2027-01-01", "2027-02-01"),
        ("limit: 6%", "limit: 9%"),
        ("limit: 6%, ", ""),
        ("INC-1", "INC-2"),
        ("owner: ana", "owner: anna"),
        ("version: 1.2.3", "version: 1.2.4"),
        ("name: helpdesk", "name: other"),
        ("'Toxicity < 1%'", "{ rule: 'Toxicity < 0.5%', id: toxicity }"),
    ] {
        assert!(text.contains(old), "{old}: {text}");
        project.again("release.yaml", text.replacen(old, new, 1));
        run(&project, CHECK).ends(1, &[]);
    }
    // Nor to another approver, although that one is on the list.
    project.again(
        "release.yaml",
        text.replacen("owner: ana, approver: board", "owner: board, approver: ana", 1),
    );
    run(&project, CHECK).ends(1, &[]);
}

#[test]
fn nobody_approves_what_is_theirs_under_another_name() {
    let project = story(&(WAIVER.to_owned() + SIGNERS));
    let list = fs::read_to_string(project.path("deploy/allowed_signers")).unwrap();
    let both = list.replacen("board namespaces", "board,ana namespaces", 1);
    let project = project
        .git("switch -q main")
        .file("deploy/allowed_signers", both)
        .git("commit -qam both")
        .git("switch -q change");
    run(&project, "attest --waiver toxicity --key board").ends(0, &[]);
    run(&project, CHECK).ends(1, &[]);
    let report = document(&project, "relgate-report/report.json");
    assert!(
        report["errors"].to_string().contains("a key of `ana`, who asked for it"),
        "{}",
        report["errors"]
    );
}

#[track_caller]
fn says_that_signers_changed(project: &Project) {
    let warnings = document(project, "relgate-report/report.json")["warnings"].to_string();
    assert!(
        warnings.contains("signers-changed") && warnings.contains("the protected branch counts"),
        "{warnings}"
    );
}

#[test]
fn a_change_does_not_exempt_itself() {
    let project = story(&(WAIVER.to_owned() + SIGNERS));
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    // The list of the change itself does not count.
    let list = fs::read_to_string(project.path("deploy/allowed_signers")).unwrap();
    let mallory = fs::read_to_string(project.path("mallory.pub")).unwrap();
    project.again("deploy/allowed_signers", list + "board " + &mallory);
    run(&project, "attest --waiver toxicity --key mallory").ends(0, &[]);
    run(&project, CHECK).ends(1, &[]);
    // Nor does one that it names instead, or that it asks for no signature any more; and that is said.
    let unsigned = WAIVER.replace(", signature: waivers/toxicity.sig", "");
    for edited in [
        text.replacen("deploy/allowed_signers", "own_signers", 1),
        text.replacen("signers: deploy/allowed_signers", "looks: 1", 1),
        text.replacen(WAIVER, &unsigned, 1).replacen("signers: deploy/allowed_signers", "looks: 1", 1),
    ] {
        assert_ne!(edited, text);
        project.again("release.yaml", &edited);
        project.again("own_signers", format!("board {mallory}"));
        run(&project, CHECK).ends(1, &[]);
        says_that_signers_changed(&project);
    }
    project.again("release.yaml", &text);
    // A policy file of the protected branch binds as well.
    let shared = text.replacen("signers: deploy/allowed_signers", "extends: [deploy/shared.yaml]", 1);
    let project = project
        .git("checkout -q -- deploy/allowed_signers")
        .git("switch -q main")
        .file("release.yaml", &shared)
        .file("deploy/shared.yaml", "policy: { signers: allowed_signers }\n")
        .git("add -A")
        .git("commit -qm shared")
        .git("switch -qC change main");
    run(&project, CHECK).ends(1, &[]);
    run(&project, "attest --waiver toxicity --key board").ends(0, &[]);
    run(&project, CHECK).ends(0, &[]);
    project.again("release.yaml", shared.replacen("extends: [deploy/shared.yaml]", "looks: 1", 1));
    run(&project, "attest --waiver toxicity --key mallory").ends(0, &[]);
    run(&project, CHECK).ends(1, &[]);
    says_that_signers_changed(&project);
}

#[test]
fn without_the_protected_branch_there_is_no_pass() {
    let plain = "check --as-of 2026-11-20 --no-changelog -q";
    let project = story(&(WAIVER.to_owned() + SIGNERS));
    run(&project, "attest --waiver toxicity --key board").ends(0, &[]);
    // There is no origin/main.
    run(&project, plain).ends(2, &["no-protected-ref", "`origin/main`", "--protected-ref REF"]);
    run(&project, &format!("{plain} --protected-ref nowhere")).ends(2, &["nowhere"]);
    let project = project.git("update-ref refs/remotes/origin/main main");
    run(&project, plain).ends(0, &["PASS"]);
    // Whoever asks for no signatures needs no git, and whoever has no waiver neither.
    let free = super::story(&["Toxicity < 1%"], 30, &WAIVER.replace(", signature: waivers/toxicity.sig", ""));
    run(&free, plain).ends(0, &["PASS"]);
    run(&free, &format!("{plain} --protected-ref main")).ends(2, &["not in a git repository"]);
    let without = super::story(&["Toxicity < 1%"], 0, SIGNERS);
    run(&without, plain).ends(0, &["PASS"]);
    let outside = super::story(&["Toxicity < 1%"], 30, &(WAIVER.to_owned() + SIGNERS));
    run(&outside, plain).ends(2, &["no-protected-ref", "not in a git repository"]);
    // A list that is new is not there yet; a manifest there that cannot be read says nothing.
    let project = project
        .git("rm -q --cached deploy/allowed_signers")
        .git("commit -qm without")
        .git("update-ref refs/remotes/origin/main HEAD");
    run(&project, plain).ends(2, &["allowed_signers", "bring the list to `origin/main`"]);
    let text = fs::read_to_string(project.path("release.yaml")).unwrap();
    let project = project
        .file("release.yaml", "gates: [\n")
        .git("commit -qam broken")
        .git("update-ref refs/remotes/origin/main HEAD")
        .file("release.yaml", text);
    run(&project, plain).ends(2, &["no-protected-ref", "cannot be read"]);
}

#[test]
fn what_is_to_be_signed_is_asked_for_by_its_gate() {
    let project = story(&(WAIVER.to_owned() + SIGNERS));
    run(&project, "attest --waiver toxicty --key board").ends(2, &["no waiver for `toxicty`", "toxicity"]);
    run(&project, "attest --waiver toxicity --key none").ends(2, &["cannot be signed with"]);
    run(&project, "attest --waiver toxicity --env production").ends(2, &["cannot be used with"]);
    project.again(
        "release.yaml",
        fs::read_to_string(project.path("release.yaml"))
            .unwrap()
            .replace("waivers/toxicity.sig", "answers.jsonl"),
    );
    run(&project, "attest --waiver toxicity --key board")
        .ends(2, &["no signature, and would be written over"]);
    let unsigned = WAIVER.replace(", signature: waivers/toxicity.sig", "");
    let project = story(&(unsigned + SIGNERS));
    run(&project, "attest --waiver toxicity --key board").ends(2, &["add `signature: waivers/toxicity.sig`"]);
}
