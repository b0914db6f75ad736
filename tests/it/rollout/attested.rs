//! A rollout that starts on what was said where the evidence is.

use std::fs;
use std::process::Command;

use super::world::world;

fn openssl(world: &super::World, line: &str) {
    let output =
        Command::new("openssl").args(line.split(' ')).current_dir(world.project.path("")).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_was_judged_elsewhere_is_started_where_the_evidence_is_not() {
    let world = world("");
    for name in ["ci", "other"] {
        openssl(&world, &format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.pem"));
        openssl(&world, &format!("pkey -in {name}.pem -pubout -out {name}.pub"));
    }
    let run = |line: &str| {
        super::Ran::of(
            world.command(&line.split(' ').collect::<Vec<_>>()).env("SOURCE_DATE_EPOCH", world.now()),
        )
    };
    run("lock -q").ends(0, &[]);
    run("check --no-changelog -q").ends(0, &[]);
    run("attest --key ci.pem --env production --out said").ends(0, &["PASSED"]);
    run("attest --key ci.pem --env staging --out staging").ends(0, &["PASSED"]);
    // The evidence stays where it is.
    fs::remove_file(world.project.path("answers.jsonl")).unwrap();
    world.start().ends(2, &["answers.jsonl"]);
    let start = |rest: &str| {
        let line = format!("rollout start --attestation {rest}");
        world.run(&line.split(' ').collect::<Vec<_>>())
    };
    start("said/vsa.dsse.json --key other.pub --env production").ends(1, &["REFUSE", "keyid"]);
    start("staging/vsa.dsse.json --key ci.pub --env production").ends(1, &["REFUSE", "resourceUri"]);
    start("said/test-result.dsse.json --key ci.pub --env production").ends(1, &["REFUSE", "predicateType"]);
    start("said/nothing.json --key ci.pub --env production").ends(2, &["bad-attestation"]);
    start("said/vsa.dsse.json --env production").ends(2, &["--key"]);
    assert!(!world.project.path(".relgate/ledger").exists());
    start("said/vsa.dsse.json --key ci.pub --env production --max-age 1h")
        .ends(0, &["START", "running at 10%"]);
    let digest =
        relgate::artifact::digest_bytes(&fs::read(world.project.path("said/vsa.dsse.json")).unwrap());
    let told = run("ledger --all --format json").ends(0, &[]).text;
    assert!(told.contains(&format!("\"attestation\": \"{}\"", digest.hex())), "{told}");
    run("ledger --all").ends(0, &[&format!("judged elsewhere (sha256:{})", &digest.hex()[..16])]);
    run("verify").ends(0, &["each as it was written"]);
}
