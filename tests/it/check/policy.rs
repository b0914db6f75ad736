//! The gates together: error rates of the whole, enforcement, what the policy requires and lets through.

use std::fmt::Write as _;

use crate::check::oracle::{at_least, fewest_that_fail};
use crate::check::support::{Checked, Project, judged_by, number, project, samples};

/// A thousand answers; `fields` of name and number of events.
fn answers(fields: &[(&str, u64)]) -> String {
    samples(1000, |i| {
        fields.iter().enumerate().fold(String::new(), |mut text, (at, (name, count))| {
            let _ = write!(text, "{}\"{name}\": {}", if at > 0 { ", " } else { "" }, (i as u64) < *count);
            text
        })
    })
}

const HALLUCINATION: &str = "Hallucination rate < 1.5%";
const TOXICITY: &str = "Toxicity < 1.5%";

/// Events out of 1,000 that break `< 1.5%` on their own, but not as one of two.
fn barely_failing() -> u64 {
    let count = fewest_that_fail(1000, 0.015, 0.05);
    let p = at_least(count, 1000, 0.015);
    assert!(p <= 0.05 && 2.0 * p > 0.05, "{p}");
    count
}

fn two(hallucinated: u64, toxic: u64) -> Project {
    judged_by(&[HALLUCINATION, TOXICITY], &answers(&[("hallucinated", hallucinated), ("toxic", toxic)]))
}

#[test]
fn fails_are_counted_together() {
    let barely = barely_failing();
    judged_by(&[HALLUCINATION], &answers(&[("hallucinated", barely)]))
        .check()
        .ends(1, "fail bound-violates-threshold");
    let together = two(barely, barely).check();
    together.ends(3, "inconclusive fail-unadjusted");
    let p = at_least(barely, 1000, 0.015);
    for id in ["hallucination-rate", "toxicity"] {
        let gate = together.gate(id);
        assert!((number(&gate["p_fail"]) - p).abs() < 1e-9);
        assert!((number(&gate["p_fail_adjusted"]) - 2.0 * p).abs() < 1e-9, "{gate:#}");
    }
    let why = together.gate("toxicity")["reason"]["text"].as_str().unwrap().to_owned();
    assert!(
        why.contains("looks broken on its own") && why.contains("not once all gates are counted"),
        "{why}"
    );

    // One that fails beyond doubt leaves the other to be judged alone: Holm, not Bonferroni.
    let holm = two(barely, 100).check();
    assert_eq!(
        (holm.code, holm.outcome("hallucination-rate").as_str()),
        (1, "fail bound-violates-threshold"),
        "{}",
        holm.stdout
    );
    // Good company makes a barely failing gate inconclusive, never a pass.
    assert_eq!(two(barely, 0).check().code, 3);
}

#[test]
fn a_gate_that_warns_is_no_member_of_the_family() {
    let barely = barely_failing();
    let warns = "{ id: toxicity, rule: 'Toxicity < 1.5%', enforcement: warn }";
    let checked =
        judged_by(&[HALLUCINATION, warns], &answers(&[("hallucinated", barely), ("toxic", barely)])).check();
    assert_eq!(
        (checked.code, checked.outcome("hallucination-rate").as_str()),
        (1, "fail bound-violates-threshold"),
        "{}",
        checked.stdout
    );
}

#[test]
fn a_gate_that_warns_never_changes_the_decision() {
    let warns = "{ id: toxicity, rule: 'Toxicity < 1.5%', enforcement: warn }";
    for (toxic, outcome) in [
        (0, "pass bound-clears-threshold"),
        (15, "inconclusive threshold-inside-interval"),
        (900, "fail bound-violates-threshold"),
    ] {
        let rows = answers(&[("hallucinated", 0), ("toxic", toxic)]);
        let checked = judged_by(&[HALLUCINATION, warns], &rows).check();
        assert_eq!((checked.code, checked.outcome("toxicity").as_str()), (0, outcome), "{}", checked.stdout);
        assert_eq!(checked.gate("toxicity")["enforcement"], "warn");
        assert!(checked.stdout.contains("(warns only)"), "{}", checked.stdout);
        let alone = judged_by(&[warns], &rows).check();
        assert_eq!(alone.code, 2, "without a blocking gate nothing is judged: {}", alone.stdout);
        assert_eq!(alone.report()["errors"][0]["code"], "no-blocking-gate");
    }
}

#[test]
fn an_inconclusive_gate_is_let_through_only_where_nothing_speaks_against_it() {
    let barely = barely_failing();
    let warn = "policy: { on_inconclusive: warn }\n";
    let one = |count| judged_by(&[HALLUCINATION], &answers(&[("hallucinated", count)]));
    for (count, blocked, code) in
        [(12, 3, 0), (14, 3, 0), (15, 3, 3), (16, 3, 3), (barely - 1, 3, 3), (barely, 1, 1)]
    {
        assert_eq!(one(count).check().code, blocked, "{count}");
        let checked = one(count).and(warn).check();
        assert_eq!(checked.code, code, "{count}: {}", checked.stdout);
    }
    // A fail that only the number of gates turned into an inconclusive still blocks.
    assert_eq!(two(barely, barely).and(warn).check().code, 3);
    let through = one(12).and(warn).check();
    assert!(through.stdout.contains("1 undecided (the policy warns)"), "{}", through.stdout);
    assert_eq!(through.gate("")["outcome"], "inconclusive", "it stays visible");
}

#[test]
fn what_has_no_number_is_never_let_through() {
    let warn = "policy: { on_inconclusive: warn }\n";
    let code = |rule: &str, rows: String| judged_by(&[rule], &rows).and(warn).check().code;
    assert_eq!(code(HALLUCINATION, samples(9, |_| r#""hallucinated": null"#.to_owned())), 2);
    assert_eq!(code("mean wobble < 1", samples(9, |_| r#""wobble": null"#.to_owned())), 2);
    let point = crate::check::support::summed_up(&["Toxicity < 1%"], r#"{"toxicity": {"value": 0.0}}"#)
        .and(warn)
        .check();
    assert_eq!(point.code, 3, "{}", point.stdout);
}

#[test]
fn a_required_category_needs_a_blocking_gate() {
    let rows = answers(&[("hallucinated", 0), ("correct", 1000)]);
    let check = |gates: &[&str], require: &str| {
        judged_by(gates, &rows).and(&format!("policy: {{ require: [{require}] }}\n")).check()
    };
    assert_eq!(check(&[HALLUCINATION], "safety").code, 0);
    assert_eq!(check(&[HALLUCINATION, "Accuracy > 90%"], "safety, quality").code, 0);
    let missing = check(&[HALLUCINATION], "safety, latency, quality");
    assert_eq!(missing.code, 2, "{}", missing.stdout);
    let report = missing.report();
    let told: Vec<&str> =
        report["errors"].as_array().unwrap().iter().map(|error| error["text"].as_str().unwrap()).collect();
    assert!(told.len() == 2 && told[0].contains("latency") && told[1].contains("quality"), "{told:?}");
    assert_eq!(report["errors"][0]["line"], 8, "the line of `require`: {report:#}");
    let warns = check(&[HALLUCINATION, "{ id: a, rule: 'Accuracy > 90%', enforcement: warn }"], "quality");
    assert_eq!(warns.code, 2, "a gate that only warns stands for nothing: {}", warns.stdout);
    let declared = judged_by(&["grounded > 90%"], &answers(&[("grounded", 1000)]))
        .and("metrics: { grounded: { category: quality } }\npolicy: { require: [quality] }\n")
        .check();
    assert_eq!(declared.code, 0, "{}{}", declared.stdout, declared.stderr);
}

#[test]
fn an_inconclusive_gate_still_stands_for_its_category() {
    let checked = judged_by(&[HALLUCINATION], &answers(&[("hallucinated", 12)]))
        .and("policy: { require: [safety] }\n")
        .check();
    assert_eq!(checked.code, 3, "{}", checked.stdout);
}

/// Two evidence entries, one of them made with another model: the first gate fails or not, the second is an error.
fn fail_and_error(hallucinated: u64) -> Checked {
    let header = r#"{"schema": "relgate/samples/v1", "artifacts": {"models.chat": "older"}}"#;
    project()
        .manifest(
            "artifacts: { models: { chat: { version: newer, uri: 'vendor:chat' } } }\n\
             evidence: { answers: { path: answers.jsonl }, probes: { path: probes.jsonl } }\n\
             gates: ['Hallucination rate < 1.5%', 'Toxicity < 1.5%']\n",
        )
        .file("answers.jsonl", answers(&[("hallucinated", hallucinated)]))
        .file("probes.jsonl", format!("{header}\n{}", answers(&[("toxic", 0)])))
        .check()
}

#[test]
fn the_worst_gate_decides() {
    for (hallucinated, code, decision) in [(0, 2, "error"), (15, 2, "error"), (900, 1, "fail")] {
        let checked = fail_and_error(hallucinated);
        assert_eq!(checked.code, code, "{}{}", checked.stdout, checked.stderr);
        assert_eq!(checked.report()["decision"], decision);
        assert_eq!(checked.outcome("toxicity"), "error evidence-mismatch");
    }
    for (hallucinated, toxic, code) in [(0, 0, 0), (0, 15, 3), (15, 900, 1), (900, 0, 1)] {
        let checked = two(hallucinated, toxic).check();
        assert_eq!(checked.code, code, "{}", checked.stdout);
        assert_eq!(checked.report()["exit_code"], code);
    }
}

/// A gate with fewer samples than its author wants to see passes nothing, however mildly the policy takes doubt.
#[test]
fn warn_passes_no_gate_below_its_min_samples() {
    let gate = |min: usize| format!("{{ id: g, rule: 'Toxicity < 1.5%', min_samples: {min} }}");
    for (n, min, code) in [(1, 1000, 3), (150, 151, 3), (150, 150, 0)] {
        let checked = judged_by(&[&gate(min)], &samples(n, |_| r#""toxic": false"#.to_owned()))
            .and("policy: { on_inconclusive: warn }\n")
            .check();
        assert_eq!(checked.code, code, "{n} of {min}: {}", checked.stdout);
    }
}
