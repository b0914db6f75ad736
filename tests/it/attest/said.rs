//! What statements say.

use std::fs;

use relgate::attest::base64;

use super::*;

#[test]
fn a_pass_is_attested_and_verified_in_both_forms() {
    let project = story(&["Toxicity < 1%"], 0, "");
    assert_eq!(attested(&project), 0);
    for form in ["dsse", "sigstore"] {
        let line =
            format!("verify --attestation relgate-report/vsa.{form}.json --key ci.pub --env production");
        run(&project, &line).ends(0, &["VERIFIED", "RELGATE_GATES_PASSED for production", "no `--policy`"]);
    }
    let lock = relgate::artifact::digest_bytes(&fs::read(project.path("release.lock")).unwrap());
    let (tests, summary) = (
        document(&project, "relgate-report/test-result.statement.json"),
        document(&project, "relgate-report/vsa.statement.json"),
    );
    for statement in [&tests, &summary] {
        assert_eq!(statement["subject"][0]["name"], "release.lock");
        assert_eq!(statement["subject"][0]["digest"]["sha256"], lock.hex());
        assert_eq!(statement["subject"][1]["name"], "prompts.system");
    }
    assert_eq!(tests["predicate"]["result"], "PASSED");
    assert_eq!(tests["predicate"]["passedTests"], serde_json::json!(["toxicity"]));
    let predicate = &summary["predicate"];
    assert_eq!(predicate["resourceUri"], "relgate:helpdesk@1.2.3?env=production");
    assert_eq!(predicate["timeVerified"], "2026-11-20T09:00:00Z", "when it was judged");
    // What it rests on are files that anybody can digest.
    let input = |uri: &str| {
        let inputs = predicate["inputAttestations"].as_array().unwrap();
        inputs.iter().find(|one| one["uri"] == uri).unwrap_or_else(|| panic!("{uri}"))["digest"]["sha256"]
            .clone()
    };
    for (uri, path) in [
        ("file:test-result.statement.json", "relgate-report/test-result.statement.json"),
        ("file:report.json", "relgate-report/report.json"),
        ("relgate:evidence/answers", "answers.jsonl"),
    ] {
        assert_eq!(
            input(uri),
            relgate::artifact::digest_bytes(&fs::read(project.path(path)).unwrap()).hex(),
            "{uri}"
        );
    }
    // The payload is the file, the bare predicate its part.
    let envelope = document(&project, "relgate-report/vsa.dsse.json");
    let payload = base64::decode(envelope["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload, fs::read(project.path("relgate-report/vsa.statement.json")).unwrap());
    assert_eq!(document(&project, "relgate-report/vsa.predicate.json"), *predicate);
    let key = relgate::artifact::digest_bytes(&fs::read(project.path("ci.pub")).unwrap());
    assert_eq!(envelope["signatures"][0]["keyid"], key.hex());
    // The same again, but for the signatures; and unsigned from the report alone.
    let before = fs::read(project.path("relgate-report/vsa.statement.json")).unwrap();
    run(&project, "attest --key ci.pem --env production").ends(0, &[]);
    assert_eq!(fs::read(project.path("relgate-report/vsa.statement.json")).unwrap(), before);
    run(&project, "report relgate-report --report intoto=own.json -q").ends(0, &[]);
    assert_eq!(document(&project, "own.json"), tests);
}

#[test]
fn what_did_not_pass_is_attested_as_failed() {
    let project = story(&["Toxicity < 1%", "{ rule: 'Toxicity < 5%', id: loose }"], 30, "");
    assert_eq!(attested(&project), 1);
    let tests = document(&project, "relgate-report/test-result.statement.json")["predicate"].clone();
    assert_eq!(tests["result"], "FAILED");
    assert_eq!(tests["failedTests"], serde_json::json!(["toxicity"]));
    assert_eq!(tests["passedTests"], serde_json::json!(["loose"]));
    let summary = document(&project, "relgate-report/vsa.statement.json")["predicate"].clone();
    assert_eq!(
        (&summary["verificationResult"], &summary["verifiedLevels"][0]),
        (&"FAILED".into(), &"FAILED".into())
    );
    run(&project, VERIFY).ends(1, &["REFUSED", "verificationResult: it is FAILED"]);
    // The next judgement takes the statements of the last one with it.
    project.again("answers.jsonl", events("toxic", 0, 1000));
    run(&project, "check --as-of 2026-11-20 --no-changelog -q").ends(0, &[]);
    assert!(!project.path("relgate-report/vsa.dsse.json").exists());
    run(&project, VERIFY).ends(2, &["there is no such file"]);
}

#[test]
fn a_waiver_is_a_level_and_a_policy_of_its_own() {
    let waiver = "waivers:\n  - { gate: toxicity, reason: INC-1, owner: a, approver: b, expires: 2027-01-01, limit: 6% }\n";
    let (plain, waived) = (story(&["Toxicity < 1%"], 30, ""), story(&["Toxicity < 1%"], 30, waiver));
    let policy = |project: &Project| {
        attested(project);
        let statement = document(project, "relgate-report/vsa.statement.json");
        statement["predicate"]["policy"]["digest"]["sha256"].as_str().unwrap().to_owned()
    };
    let (without, with) = (policy(&plain), policy(&waived));
    assert_ne!(without, with);
    let tests = document(&waived, "relgate-report/test-result.statement.json")["predicate"].clone();
    assert_eq!((&tests["result"], &tests["warnedTests"][0]), (&"WARNED".into(), &"toxicity".into()));
    run(&waived, VERIFY).ends(0, &["RELGATE_GATES_PASSED_WITH_WAIVERS"]);
    run(&waived, &format!("{VERIFY} --policy sha256:{with}")).ends(0, &["by a policy that is allowed"]);
    run(&waived, &format!("{VERIFY} --policy sha256:{without}")).ends(1, &["policy.digest", "none of those"]);
    run(&waived, &format!("{VERIFY} --policy sha256:{without} --policy sha256:{with}")).ends(0, &[]);
}

#[test]
fn a_ledger_and_an_image_are_stated_too() {
    let project = story(&["Toxicity < 1%"], 0, "");
    run(&project, "ledger init").ends(0, &[]);
    run(&project, "lock -q").ends(0, &[]);
    run(&project, "check --as-of 2026-11-20 --no-changelog --record -q").ends(0, &[]);
    let image = "a".repeat(64);
    run(&project, &format!("attest --key ci.pem --env production --subject r.example/chat@sha256:{image}"))
        .ends(0, &[]);
    let statement = document(&project, "relgate-report/vsa.statement.json");
    assert_eq!(statement["subject"][2]["digest"]["sha256"], image);
    let inputs = statement["predicate"]["inputAttestations"].as_array().unwrap().clone();
    let of_ledger: Vec<&Value> =
        inputs.iter().filter(|one| one["uri"].as_str().unwrap().starts_with("relgate:ledger/")).collect();
    assert_eq!(of_ledger.len(), 2, "{inputs:#?}");
    let name = of_ledger[0]["uri"].as_str().unwrap().strip_prefix("relgate:ledger/").unwrap();
    let event = fs::read(project.path(".relgate/ledger").join(name)).unwrap();
    assert_eq!(of_ledger[0]["digest"]["sha256"], relgate::artifact::digest_bytes(&event).hex());
    let checkpoint = run(&project, "ledger checkpoint").ends(0, &[]).text;
    assert_eq!(
        of_ledger[1]["digest"]["sha256"],
        relgate::artifact::digest_bytes(checkpoint.as_bytes()).hex()
    );
    run(&project, VERIFY).ends(0, &[]);
    for subject in ["release.lock", "prompts.system"] {
        let line = format!("attest --key ci.pem --env production --subject {subject}@sha256:{image}");
        run(&project, &line).ends(2, &["has the name of another subject"]);
    }
    for wrong in
        ["chat", "chat@sha256:12", &format!("chat@sha256:{}", "A".repeat(64)), &format!("@sha256:{image}")]
    {
        run(&project, &format!("attest --key ci.pem --env production --subject {wrong}")).ends(2, &[]);
    }
}
