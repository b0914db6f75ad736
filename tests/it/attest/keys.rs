//! Keys that cannot sign, or that nothing is held against.

use std::fs;

use super::*;

#[test]
fn a_key_of_another_kind_is_refused_with_what_it_is() {
    let project = story(&["Toxicity < 1%"], 0, "");
    attested(&project);
    let at = project.path("");
    for line in [
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem",
        "openssl genpkey -algorithm ED25519 -out ed.pem",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-128-cbc -pass pass:secret -out locked.pem",
        "openssl ec -in ci.pem -aes128 -passout pass:secret -out old.pem",
        "openssl ecparam -name prime256v1 -genkey -out sec1.pem",
        "ssh-keygen -q -t ecdsa -b 256 -N  -f ssh.pem",
    ] {
        // The empty word is the empty password.
        let words: Vec<&str> = line.split(' ').collect();
        let made = Command::new(words[0]).args(&words[1..]).current_dir(&at).output().unwrap();
        assert!(made.status.success(), "{line}: {}", String::from_utf8_lossy(&made.stderr));
    }
    fs::write(project.path("empty.pem"), "").unwrap();
    for (key, why) in [
        ("rsa.pem", "is an RSA key: an ECDSA key on the curve P-256 is needed"),
        ("ed.pem", "is an Ed25519 key"),
        ("p384.pem", "is a key on the curve P-384"),
        ("locked.pem", "asks for a password"),
        ("old.pem", "asks for a password"),
        ("ssh.pem", "is one of ssh-keygen"),
        ("ci.pub", "is a public one"),
        ("empty.pem", "is no private key in PEM"),
        ("release.yaml", "is no private key in PEM"),
        ("prompts", "is a folder"),
        ("none.pem", "cannot be read"),
    ] {
        let before = project.snapshot();
        run(&project, &format!("attest --key {key} --env production"))
            .ends(2, &["bad-key", why, "nothing was attested"]);
        assert_eq!(project.snapshot(), before, "{key}");
    }
    // As `openssl ecparam` writes it, the curve stands before the key.
    run(&project, "attest --key sec1.pem --env production").ends(0, &[]);
    run(&project, VERIFY).ends(1, &["keyid: it names another key", "sig: it is not a signature"]);
    program(&at, "openssl pkey -in sec1.pem -pubout -out sec1.pub");
    run(&project, &VERIFY.replace("ci.pub", "sec1.pub")).ends(0, &[]);
    program(&at, "openssl pkey -in rsa.pem -pubout -out rsa.pub");
    for (key, why) in [
        ("rsa.pub", "is an RSA key"),
        ("ci.pem", "is a private one"),
        ("release.yaml", "is no public key in PEM"),
        ("none.pub", "is not there"),
    ] {
        run(&project, &VERIFY.replace("ci.pub", key)).ends(2, &["bad-key", why]);
    }
}

#[test]
fn without_openssl_nothing_is_signed_and_nothing_believed() {
    let project = story(&["Toxicity < 1%"], 0, "");
    attested(&project);
    for line in ["attest --key ci.pem --env production", VERIFY] {
        let mut command = project.relgate();
        command.env("PATH", project.path("prompts")).args(line.split_whitespace());
        Ended::of(&mut command).ends(2, &["`openssl`, which is not there"]);
    }
    // One that says nothing is no proof.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        fs::create_dir(project.path("bin")).unwrap();
        fs::write(project.path("bin/openssl"), "#!/bin/sh\nexit 0\n").unwrap();
        fs::set_permissions(project.path("bin/openssl"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = project.relgate();
        command.env("PATH", project.path("bin")).args(VERIFY.split_whitespace());
        Ended::of(&mut command).ends(1, &["sig: it is not a signature"]);
    }
}

#[test]
#[cfg(unix)]
fn a_key_that_everybody_reads_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = story(&["Toxicity < 1%"], 0, "");
    attested(&project);
    for (mode, is_told) in [(0o644, true), (0o640, false), (0o600, false)] {
        fs::set_permissions(project.path("ci.pem"), fs::Permissions::from_mode(mode)).unwrap();
        let told = run(&project, "attest --key ci.pem --env production").ends(0, &[]).text;
        assert_eq!(told.contains("everybody on this machine may read"), is_told, "{mode:o}: {told}");
    }
}
