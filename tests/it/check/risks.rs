//! The register of risks: a gate a risk, which comes to what the gates that test it do.

use crate::check::support::{ANSWERS, Project, events, listed, project};

/// A release that is judged by `toxicity < 0.1%` with `bad` toxic answers of 5,000, and this register.
fn with(risks: &str, bad: u64) -> Project {
    let gates = listed(&["{ rule: 'toxic < 0.1%', id: toxicity }", "{ rule: 'toxic < 50%', id: most }"]);
    project()
        .manifest(&format!("{ANSWERS}{gates}risks:\n{risks}"))
        .file("answers.jsonl", events("toxic", bad, 5000))
}

const DATES: &str = "owner: team, review: 2027-03-01";

/// A risk that is assessed, with these further keys.
fn assessed(id: &str, more: &str) -> String {
    format!(
        "  {id}: {{ likelihood: low, impact: high, residual: low, mitigation: A filter, {DATES}, {more} }}\n"
    )
}

#[test]
fn a_risk_comes_to_what_tests_it() {
    for (bad, tests, outcome, code) in [
        (0, "[toxicity, most]", "pass risk-tested", 0),
        (3, "[toxicity, most]", "inconclusive risk-untested", 3),
        (40, "[most, toxicity]", "fail risk-gate-fails", 1),
        (40, "[most]", "pass risk-tested", 1),
    ] {
        let checked = with(&assessed("confabulation", &format!("tested_by: {tests}")), bad).check();
        assert_eq!(checked.outcome("risk:confabulation"), outcome, "{bad} {tests} {}", checked.stderr);
        assert_eq!(checked.code, code, "{}", checked.stdout);
        let gate = checked.gate("risk:confabulation");
        assert_eq!(gate["stops"].as_bool(), Some(!outcome.starts_with("pass")));
        // What is to be done is told of the gate, not of the risk that follows it.
        assert!(!checked.report()["next"]["gates"].to_string().contains("risk:"), "{}", checked.stdout);
    }
}

#[test]
fn a_waived_gate_lets_its_risk_pass_and_is_told() {
    let waiver = "waivers:\n  - { gate: toxicity, reason: r, owner: a, approver: b, expires: 2027-01-01, limit: 2% }\n";
    let register = assessed("confabulation", "tested_by: [toxicity]");
    let checked = with(&register, 40).and(waiver).check();
    assert_eq!((checked.code, checked.outcome("risk:confabulation").as_str()), (0, "pass risk-tested"));
    let test = &checked.report()["risks"][0]["assessment"]["tested_by"][0];
    assert_eq!((test["outcome"].as_str(), test["waived"].as_bool()), (Some("fail"), Some(true)));
    let own = waiver.replace("gate: toxicity", "gate: 'risk:confabulation'").replace(", limit: 2%", "");
    with(&register, 40).and(&own).check().refuses(&["no gate has the id `risk:confabulation`"]);
}

#[test]
fn what_is_switched_off_tests_nothing() {
    let gates =
        "gates:\n  - 'toxic < 50%'\n  - { rule: 'toxic < 0.1%', id: hot, when: { type: [hotfix] } }\n";
    let register = assessed("cbrn", "tested_by: [hot]");
    let story = project()
        .manifest(&format!("{ANSWERS}{gates}risks:\n{register}"))
        .file("answers.jsonl", events("toxic", 0, 5000));
    let checked = story.check();
    assert_eq!((checked.code, checked.outcome("risk:cbrn").as_str()), (3, "inconclusive risk-untested"));
    assert_eq!(checked.gate("risk:cbrn")["reason"]["text"].as_str(), Some("hot not-applicable"));
    // A gate of relgate's own that had nothing to look at is no test either.
    let kept = with(&assessed("cbrn", "tested_by: [kept-phrases]"), 0).check();
    assert_eq!((kept.code, kept.outcome("risk:cbrn").as_str()), (3, "inconclusive risk-untested"));
}

#[test]
fn what_no_gate_tests_is_listed_and_stops_nothing() {
    let register = [
        assessed("confabulation", "tested_by: [user-flagged]"),
        assessed("data-privacy", "accepted: { by: board, reason: A pilot }"),
        format!("  cbrn: {{ not_applicable: Invoices only, {DATES} }}\n"),
    ];
    let watched = "monitoring: { log: ['log/*.jsonl'] }\n";
    let checked = with(&register.concat(), 0).and(watched).check();
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    assert!(checked.flat().contains("2 of 5 blocking gates passed, 3 not applicable"), "{}", checked.stdout);
    for (id, outcome) in [
        ("risk:confabulation", "not-applicable risk-on-signals"),
        ("risk:data-privacy", "not-applicable risk-accepted"),
        ("risk:cbrn", "not-applicable risk-not-applicable"),
    ] {
        assert_eq!(checked.outcome(id), outcome);
    }
    let report = checked.report();
    assert_eq!(report["risks"].as_array().map(Vec::len), Some(3));
    assert_eq!(report["risks"][2]["title"].as_str(), Some("CBRN information or capabilities"));
}

#[test]
fn a_review_that_is_due_warns_or_is_an_error() {
    let register = assessed("confabulation", "tested_by: [toxicity]").replace("2027-03-01", "2026-11-19");
    let checked = with(&register, 0).check();
    assert_eq!(checked.code, 0);
    assert!(checked.warnings().contains(&"risk-review-due".to_owned()));
    let rest: String = relgate::manifest::NIST_RISKS
        .iter()
        .filter(|(id, _)| *id != "confabulation")
        .map(|(id, _)| format!("  {id}: {{ not_applicable: No, {DATES} }}\n"))
        .collect();
    let asked = "policy: { risks: require, require: [] }\n";
    let checked = with(&(register.clone() + &rest), 0).and(asked).check();
    assert_eq!((checked.code, checked.outcome("risk:confabulation").as_str()), (2, "error risk-review-due"));
    let whole = register.replace("2026-11-19", "2026-11-20") + &rest;
    assert_eq!(with(&whole, 0).and(asked).check().code, 0);
    with(&register, 0).and(asked).check().refuses(&["11 of the 12 risks of NIST AI 600-1"]);
}

#[test]
fn a_register_that_does_not_stand_is_refused() {
    let tested = |more: &str| assessed("confabulation", more);
    for (register, words) in [
        (tested("tested_by: [toxicty]"), "no gate or signal has the id `toxicty`"),
        (tested("refs: [x]"), "nothing tests this mitigation"),
        (tested("tested_by: []"), "nothing tests this mitigation"),
        (tested("tested_by: [toxicity]").replace("owner: team, ", ""), "a risk has no `owner`"),
        (tested("tested_by: [toxicity]").replace("residual: low", "residual: high"), "nobody accepted"),
        (tested("tested_by: [toxicity]").replace("residual: low, ", ""), "a risk has no `residual`"),
        (tested("accepted: { by: Team, reason: r }"), "not accepted by its own owner"),
        (tested("accepted: { by: teаm, reason: r }"), "not accepted by its own owner"),
        (tested("tested_by: [user-flagged]"), "no gate or signal has the id `user-flagged`"),
        (tested("tested_by: [toxicity], not_applicable: No"), "stands beside `not_applicable`"),
        (assessed("confabulations", "tested_by: [toxicity]"), "no risk of NIST AI 600-1"),
        (tested("tested_by: [toxicity]").replace("2027-03-01", "soon"), "review"),
        (tested("tested_by: [toxicity]").repeat(2), "confabulation"),
    ] {
        let checked = with(&register, 0).check();
        assert!(checked.stderr.contains(words), "{register}{}", checked.stderr);
        assert_eq!(checked.code, 2, "{register}");
    }
    let own = assessed("resale", "title: Prices quoted to resellers, tested_by: [toxicity]");
    assert_eq!(with(&own, 0).check().code, 0);
}

#[test]
fn every_report_shows_the_register() {
    let register = assessed("confabulation", "tested_by: [toxicity], refs: ['OWASP <LLM09>']");
    let story = with(&register.replace("A filter", "'A filter | <b>'"), 0)
        .args(&["--report", "risks", "--report", "html"]);
    let checked = story.check();
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let text = |file: &str| std::fs::read_to_string(story.path(&format!("relgate-report/{file}"))).unwrap();
    for file in ["report.md", "RISKS.md", "report.html"] {
        let text = text(file);
        assert!(text.contains("confabulation") && !text.contains("filter | <b>"), "{file}: {text}");
    }
    assert!(text("RISKS.md").contains("Mitigation: A filter \\| &lt;b&gt;"), "{}", text("RISKS.md"));
    assert!(checked.stdout.contains("risk:confabulation"));
}

#[test]
fn what_a_risk_lacks_is_told_at_once() {
    let checked =
        with("  confabulation: { mitigation: Answers from passages, tested_by: [toxicity] }\n", 0).check();
    checked.refuses(&["a risk has no `likelihood`, `impact`, `residual`, `owner`, `review`", "`owner`: "]);
    assert_eq!(checked.stderr.matches("error[").count(), 1, "{}", checked.stderr);
    let declared = with("  cbrn: { not_applicable: Invoices only }\n", 0).check();
    declared.refuses(&["a risk has no `owner`, `review`"]);
}
