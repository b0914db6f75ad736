//! Evidence that was made with something else, too long ago, or by nobody knows whom.

use crate::check::support::{Checked, Project, project, samples};

/// A release with one pinned prompt, one model, and 1,000 spotless answers below `header`.
fn release(header: &str, policy: &str) -> Project {
    let answers = samples(1000, |_| r#""hallucinated": false"#.to_owned());
    let header = if header.is_empty() { String::new() } else { format!("{header}\n") };
    project()
        .manifest(&format!(
            "artifacts:\n  models: {{ chat: {{ version: gpt-4.3, uri: 'vendor:gpt-4.3-2026-01-15' }} }}\n  prompts: {{ system: {{ version: v1.9, path: system.md }} }}\n\
             evidence: {{ answers: {{ path: answers.jsonl }} }}\ngates: ['Hallucination rate < 1.5%']\npolicy: {{ {policy} }}\n"
        ))
        .file("system.md", "Be kind.\n")
        .file("answers.jsonl", header + &answers)
}

fn header(artifacts: &str, created: &str) -> String {
    let created = if created.is_empty() { String::new() } else { format!(r#", "created": "{created}""#) };
    format!(r#"{{"schema": "relgate/samples/v1", "artifacts": {{{artifacts}}}{created}}}"#)
}

/// sha256 of `Be kind.\n`.
const KIND: &str = "sha256:KIND";

fn kind() -> String {
    // Whatever relgate reports for the prompt is checked against sha256sum in `artifacts`; here it only has to agree.
    let report = release("", "binding: warn").check().report();
    format!("sha256:{}", report["artifacts"][1]["sha256"].as_str().unwrap())
}

fn check(artifacts: &str, policy: &str) -> Checked {
    release(&header(&artifacts.replace(KIND, &kind()), "2026-11-19T12:00:00Z"), policy).check()
}

#[test]
fn evidence_of_the_same_artifacts_is_judged() {
    for prompt in ["v1.9", KIND] {
        let all = format!(r#""models.chat": "gpt-4.3", "prompts.system": "{prompt}""#);
        for policy in ["binding: require", "binding: warn"] {
            let checked = check(&all, policy);
            checked.ends(0, "pass bound-clears-threshold");
            assert_eq!(checked.warnings(), [""; 0]);
        }
    }
}

#[test]
fn evidence_of_other_artifacts_is_an_error_whatever_the_policy_says() {
    let other = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    for artifacts in [
        r#""models.chat": "gpt-4.2", "prompts.system": "v1.9""#.to_owned(),
        format!(r#""models.chat": "gpt-4.3", "prompts.system": "{other}""#),
    ] {
        for policy in ["binding: require", "binding: warn"] {
            let checked = check(&artifacts, policy);
            checked.ends(2, "error evidence-mismatch");
            assert_eq!(checked.report()["errors"][0]["code"], "evidence-mismatch");
            assert_eq!(checked.report()["decision"], "error");
        }
    }
}

#[test]
fn silent_evidence_is_a_warning_or_an_error_as_binding_says() {
    let unknown = format!(r#""models.chat": "gpt-4.3", "prompts.system": "{KIND}", "prompts.other": "v1""#);
    for artifacts in [r#""models.chat": "gpt-4.3""#, "", unknown.as_str()] {
        let warned = check(artifacts, "binding: warn");
        warned.ends(0, "pass bound-clears-threshold");
        assert_eq!(warned.report()["warnings"][0]["code"], "evidence-unbound", "{artifacts}");
        assert!(warned.stdout.contains("warning: evidence `answers`"), "{}", warned.stdout);
        check(artifacts, "binding: require").ends(2, "error evidence-unbound");
    }
    release("", "binding: require").check().ends(2, "error evidence-unbound");
    release("", "binding: warn").check().ends(0, "pass bound-clears-threshold");
}

#[test]
fn age_counts_whole_days_from_the_recorded_time() {
    let all = r#""models.chat": "gpt-4.3", "prompts.system": "v1.9""#;
    let on = |day: &str, created: &str, policy: &str| release(&header(all, created), policy).on(day).check();
    let limit = "max_evidence_age: 14d";
    for (day, created, code) in [
        ("2026-11-20", "2026-11-20T23:59:59Z", 0),
        ("2026-11-20", "2026-11-06T00:00:01Z", 0),
        ("2026-11-20", "2026-11-05T23:59:59Z", 2),
        ("2026-11-21", "2026-11-06T23:59:59Z", 2),
        ("2026-11-22", "2026-11-06T00:00:01Z", 2),
        ("2027-11-20", "2026-11-06T00:00:00Z", 2),
        // Made after the day that is judged: nobody knows what that means.
        ("2026-11-05", "2026-11-06T12:00:00Z", 2),
    ] {
        let checked = on(day, created, limit);
        let outcome = if code == 0 { "pass bound-clears-threshold" } else { "error evidence-too-old" };
        assert_eq!(
            (checked.code, checked.outcome("").as_str()),
            (code, outcome),
            "{day} {created}: {}",
            checked.stdout
        );
        assert_eq!(checked.report()["as_of"], day);
        assert_eq!(on(day, created, "binding: warn").code, 0, "without a limit age does not matter");
    }
}

#[test]
fn the_first_second_of_a_day_belongs_to_the_day() {
    let all = r#""models.chat": "gpt-4.3", "prompts.system": "v1.9""#;
    let limit = "max_evidence_age: 14d";
    let midnight = release(&header(all, "2026-11-06T00:00:00Z"), limit);
    midnight.on("2026-11-20").check().ends(0, "pass bound-clears-threshold");
}

#[test]
fn the_first_hour_of_tomorrow_is_the_future() {
    let all = r#""models.chat": "gpt-4.3", "prompts.system": "v1.9""#;
    for created in ["2026-11-21T00:00:00Z", "2026-11-21T00:59:59Z", "2026-11-21T01:00:01Z"] {
        let checked = release(&header(all, created), "max_evidence_age: 14d").on("2026-11-20").check();
        assert_eq!((checked.code, checked.outcome("").as_str()), (2, "error evidence-too-old"), "{created}");
    }
}

#[test]
fn evidence_of_unknown_age_is_as_binding_says() {
    let all = r#""models.chat": "gpt-4.3", "prompts.system": "v1.9""#;
    let checked = release(&header(all, ""), "max_evidence_age: 14d").check();
    checked.ends(0, "pass bound-clears-threshold");
    assert!(
        checked.report()["warnings"][0]["text"]
            .as_str()
            .unwrap()
            .contains("does not record when it was made")
    );
    release(&header(all, ""), "max_evidence_age: 14d, binding: require")
        .check()
        .ends(2, "error evidence-unbound");
}

#[test]
fn a_digest_that_is_not_the_declared_one_is_an_error() {
    let zeros = "0".repeat(64);
    let artifact = project()
        .manifest(&format!("artifacts: {{ prompts: {{ system: {{ version: v1, path: system.md, sha256: '{zeros}' }} }} }}\nevidence: {{ answers: {{ path: answers.jsonl }} }}\ngates: ['Toxicity < 1%']\n"))
        .file("system.md", "Be kind.\n")
        .file("answers.jsonl", samples(1000, |_| r#""toxic": false"#.to_owned()));
    artifact.check().refuses(&["release.yaml:5", "system.md"]);
    let evidence = project()
        .manifest(&format!("evidence: {{ answers: {{ path: answers.jsonl, sha256: '{zeros}' }} }}\ngates: ['Toxicity < 1%']\n"))
        .file("answers.jsonl", samples(1000, |_| r#""toxic": false"#.to_owned()));
    evidence.check().refuses(&["evidence-digest", "release.yaml:5"]);
}

#[test]
fn several_files_say_only_what_all_of_them_say() {
    let all = r#""models.chat": "gpt-4.3", "prompts.system": "v1.9""#;
    let rows = |from: usize| {
        (from..from + 500)
            .fold(String::new(), |text, i| text + &format!("{{\"id\": {i}, \"hallucinated\": false}}\n"))
    };
    let both = |second: &str| {
        release("", "binding: require, max_evidence_age: 14d")
            .manifest(
                "artifacts:\n  models: { chat: { version: gpt-4.3, uri: 'vendor:chat' } }\n  prompts: { system: { version: v1.9, path: system.md } }\n\
                 evidence: { answers: { path: runs } }\ngates: ['Hallucination rate < 1.5%']\npolicy: { binding: require, max_evidence_age: 14d }\n",
            )
            .file("runs/a.jsonl", header(all, "2026-11-19T12:00:00Z") + "\n" + &rows(0))
            .file("runs/b.jsonl", second.to_owned() + &rows(500))
            .check()
    };
    both(&(header(all, "2026-11-18T12:00:00Z") + "\n")).ends(0, "pass bound-clears-threshold");
    both("").ends(2, "error evidence-unbound");
    both(&(header(all, "2026-10-01T12:00:00Z") + "\n")).ends(2, "error evidence-too-old");
    let other = header(&all.replace("gpt-4.3", "gpt-4.2"), "2026-11-19T12:00:00Z") + "\n";
    let checked = both(&other);
    assert_eq!(checked.code, 2, "{}", checked.stdout);
}
