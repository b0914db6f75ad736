//! Statements of something else than is here, and reports of something else.

use std::fs;

use relgate::attest::{PublicKey, dsse_json, pre_authentication, sigstore_json};
use relgate::files::{public_half, signed_bytes};
use serde_json::json;

use super::*;

/// Signs any text with the key of the story, as an envelope and as a bundle.
fn signed(project: &Project, text: &str) {
    let pem = project.path("ci.pem");
    let public: PublicKey = public_half(&pem).unwrap();
    let signature = signed_bytes(&pem, &public, &pre_authentication(text.as_bytes())).unwrap();
    for (name, made) in [
        ("own.dsse.json", dsse_json(text.as_bytes(), &signature, &public)),
        ("own.sigstore.json", sigstore_json(text.as_bytes(), &signature, &public)),
    ] {
        fs::write(project.path(name), made).unwrap();
    }
}

#[test]
fn every_field_is_refused_by_its_name_although_the_key_is_right() {
    let project = story(&["Toxicity < 1%"], 0, "");
    attested(&project);
    let text = fs::read_to_string(project.path("relgate-report/vsa.statement.json")).unwrap();
    let verify = |form: &str| {
        run(
            &project,
            &format!("verify --attestation own.{form}.json --key ci.pub --env production --max-age 3650d"),
        )
    };
    signed(&project, &text);
    verify("dsse").ends(0, &[]);
    verify("sigstore").ends(0, &[]);
    let lock =
        document(&project, "relgate-report/vsa.statement.json")["subject"][0]["digest"]["sha256"].clone();
    let lock = lock.as_str().unwrap();
    for (old, new, field) in [
        ("Statement/v1", "Statement/v0.1", "_type"),
        ("verification_summary/v1", "verification_summary/v0.2", "predicateType"),
        (lock, &"0".repeat(64), "subject `release.lock`"),
        ("\"release.lock\"", "\"other.lock\"", "subject `release.lock`: it says nothing of it"),
        ("\"prompts.system\"", "\"release.lock\"", "subject `release.lock`: it names it twice"),
        ("\"prompts.system\"", "\"prompts.other\"", "subject `prompts.system`"),
        ("urn:relgate:check", "urn:relgate:other", "verifier.id"),
        ("env=production", "env=staging", "resourceUri"),
        ("helpdesk@1.2.3", "helpdesk@1.2.4", "resourceUri"),
        ("helpdesk@1.2.3", "other@1.2.3", "resourceUri"),
        ("\"PASSED\"", "\"FAILED\"", "verificationResult"),
        ("\"PASSED\"", "\"passed\"", "payload"),
        ("RELGATE_GATES_PASSED", "SLSA_BUILD_LEVEL_3", "verifiedLevels"),
        ("RELGATE_GATES_PASSED", "FAILED", "verifiedLevels"),
        ("2026-11-20T09", "1999-11-20T09", "timeVerified"),
        ("2026-11-20T09", "2999-11-20T09", "timeVerified: 2999-11-20T09:00:00Z has not come yet"),
        ("2026-11-20T09", "2026-13-20T09", "timeVerified"),
        // Other spellings of what may be true.
        (lock, &lock.to_uppercase(), "payload"),
        (lock, &format!("sha256:{lock}"), "payload"),
        ("{\n", "{ \n", "payload"),
        ("\"predicate\":", "\"more\": 1,\n  \"predicate\":", "payload"),
        (
            "\"verificationResult\":",
            "\"verificationResult\": \"FAILED\",\n    \"verificationResult\":",
            "payload",
        ),
        ("RELGATE", "\\u0052ELGATE", "payload"),
    ] {
        let edited = text.replacen(old, new, 1);
        assert_ne!(edited, text, "{old}");
        signed(&project, &edited);
        for form in ["dsse", "sigstore"] {
            let told = verify(form);
            assert_eq!(told.code, 1, "{old} -> {new}: {}", told.text);
            assert!(told.text.contains(&format!("  {field}")), "{old} -> {new}: {}", told.text);
        }
    }
    signed(&project, &(text.clone() + "\n"));
    verify("dsse").ends(1, &["payload"]);
    // The envelope of the story is of the past.
    run(&project, &format!("{VERIFY} --max-age 1h")).ends(1, &["timeVerified", "longer ago than allowed"]);
}

#[test]
fn an_envelope_has_one_form() {
    let project = story(&["Toxicity < 1%"], 0, "");
    attested(&project);
    let good = document(&project, "relgate-report/vsa.dsse.json");
    let bundle = document(&project, "relgate-report/vsa.sigstore.json");
    let with = |base: &Value, pointer: &str, value: Value| {
        let mut edited = base.clone();
        *edited.pointer_mut(pointer).unwrap() = value;
        edited
    };
    let more = |base: &Value, pointer: &str| {
        let mut edited = base.clone();
        edited.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert("more".to_owned(), json!(1));
        edited
    };
    let doubled = json!([good["signatures"][0], good["signatures"][0]]);
    let payload = good["payload"].as_str().unwrap();
    for (edited, code, words) in [
        (with(&good, "/payloadType", json!("text/plain")), 2, "payloadType"),
        (with(&good, "/signatures", json!([])), 2, "signatures"),
        (with(&good, "/signatures", doubled), 2, "signatures"),
        (with(&good, "/payload", json!(format!("{payload}\n"))), 2, "payload"),
        (with(&good, "/payload", json!(payload.replacen('a', "-", 1))), 2, "payload"),
        (with(&good, "/signatures/0/sig", json!("")), 1, "sig"),
        (with(&good, "/signatures/0/keyid", json!("0".repeat(64))), 1, "keyid"),
        (more(&good, ""), 2, "unknown field `more`"),
        (more(&good, "/signatures/0"), 2, "unknown field `more`"),
        (
            with(&bundle, "/mediaType", json!("application/vnd.dev.sigstore.bundle+json;version=0.1")),
            2,
            "mediaType",
        ),
        (with(&bundle, "/verificationMaterial/publicKey/hint", json!("0".repeat(64))), 1, "keyid"),
        (with(&bundle, "/verificationMaterial/tlogEntries", json!([{}])), 2, "tlogEntries"),
        (with(&bundle, "/verificationMaterial", json!({"certificate": {"rawBytes": ""}})), 2, "certificate"),
        (more(&bundle, "/verificationMaterial"), 2, "unknown field `more`"),
        (json!([good]), 2, "form"),
        (json!("x"), 2, "form"),
    ] {
        fs::write(project.path("own.json"), edited.to_string()).unwrap();
        run(&project, "verify --attestation own.json --key ci.pub --env production").ends(code, &[words]);
    }
    let text = fs::read_to_string(project.path("relgate-report/vsa.dsse.json")).unwrap();
    for edited in [
        text.replacen("\"payload\"", "\"payload\": \"\", \"payload\"", 1),
        text.replacen("\"sig\"", "\"sig\": \"\", \"sig\"", 1),
        text.clone() + "{}",
        text[..text.len() / 2].to_owned(),
        String::new(),
    ] {
        fs::write(project.path("own.json"), edited).unwrap();
        run(&project, "verify --attestation own.json --key ci.pub --env production")
            .ends(2, &["bad-attestation"]);
    }
    // Without hints, and in another layout, it is the same envelope.
    let mut bare = good.clone();
    bare["signatures"][0].as_object_mut().unwrap().remove("keyid");
    fs::write(project.path("own.json"), bare.to_string()).unwrap();
    run(&project, "verify --attestation own.json --key ci.pub --env production").ends(0, &[]);
    let told = run(&project, "verify --attestation own.json --key ci.pub --env production --format json")
        .ends(0, &[])
        .text;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["verified"], &told["attestation"]["level"]),
        (&json!(true), &json!("RELGATE_GATES_PASSED"))
    );
    let told = run(&project, "verify --attestation own.json --key ci.pub --env staging --format json")
        .ends(1, &[])
        .text;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&told["verified"], &told["attestation"]["mismatches"][0]["field"]),
        (&json!(false), &json!("resourceUri"))
    );
    for line in [
        "verify --attestation own.json",
        "verify --attestation own.json --key ci.pub",
        "verify --key ci.pub",
        "verify --env production",
    ] {
        run(&project, line).ends(2, &["Usage"]);
    }
}

#[test]
fn a_release_that_changed_since_is_not_the_one_that_was_attested() {
    let project = story(&["Toxicity < 1%"], 0, "");
    attested(&project);
    project.again("prompts/system.md", "Be rude.\n");
    // The lock notices; made anew, the statement does.
    run(&project, VERIFY)
        .ends(1, &["DIFFERENT", "the statement is good, and what is here is not what it is about"]);
    run(&project, "lock -q").ends(0, &[]);
    run(&project, VERIFY).ends(1, &["subject `release.lock`", "subject `prompts.system`"]);
    run(&project, "attest --key ci.pem --env production").ends(2, &["stale-report", "another lock"]);
}

#[test]
fn a_report_of_something_else_is_not_attested() {
    let shared = "policy: { extends: [shared.yaml] }\n";
    let project = story(&["Toxicity < 1%"], 0, shared).file("shared.yaml", "policy: { confidence: 95% }\n");
    let attest = || run(&project, "attest --key ci.pem --env production");
    let check = "check --as-of 2026-11-20 --no-changelog -q";
    attest().ends(2, &["not-a-report", "there is no report"]);
    run(&project, check).ends(0, &[]);
    attest().ends(2, &["no-lock", "a statement is about the lock"]);
    run(&project, "lock -q").ends(0, &[]);
    attest().ends(2, &["stale-report", "another lock, or without one"]);
    run(&project, check).ends(0, &[]);
    attest().ends(0, &[]);
    let before = project.snapshot();
    let edit = |path: &str, old: &str, new: &str, words: &[&str]| {
        let text = fs::read_to_string(project.path(path)).unwrap();
        assert!(text.contains(old), "{path}: {text}");
        project.again(path, text.replacen(old, new, 1));
        attest().ends(2, words);
        project.again(path, text);
    };
    edit("shared.yaml", "95%", "90%", &["stale-report", "a policy file that it extends"]);
    edit("release.yaml", "Toxicity < 1%", "Toxicity < 2%", &["stale-report", "the manifest was edited"]);
    edit(
        "release.yaml",
        "1.2.3",
        "1.2.4",
        &["stale-report", "it judged helpdesk 1.2.3, and here is helpdesk 1.2.4"],
    );
    edit(
        "relgate-report/report.json",
        "\"decision\": \"pass\"",
        "\"decision\": \"fail\"",
        &["report-edited"],
    );
    edit("relgate-report/report.json", "1.2.3", "1.2.2", &["report-edited"]);
    edit("prompts/system.md", "kind", "rude", &["lock"]);
    assert_eq!(project.snapshot(), before);
    project.again("answers.jsonl", "{");
    run(&project, check).ends(2, &[]);
    attest().ends(2, &["stale-report"]);
}
