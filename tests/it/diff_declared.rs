//! What two manifests declare, compared: every rule in every direction, nothing without a change, and the same answers
//! as merging a shared policy gives.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::extends_cases::{KEYS, REFUSED, TIGHTENED};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use relgate::artifact::Pinned;
use relgate::change::{self, ComparedSide};
use relgate::diagnostic::{Diagnostics, Sources, render};
use relgate::diff::{self, Direction, Record, ReleaseSide, Weight};
use relgate::manifest::{self, Manifest, extends};

const HEAD: &str = "relgate: 1\nname: helpdesk\nversion: 1.2.3\ntype: prompt-release\n";
const EVIDENCE: &str = "evidence: { answers: { path: answers.jsonl } }\n";
const GATES: &str = "gates: ['Toxicity < 1%']\n";

fn told(findings: &Diagnostics, sources: &Sources) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let _ = writeln!(text, "{}", render(finding, sources, false));
        text
    })
}

/// A manifest from its text.
fn read(text: &str) -> Manifest {
    let mut sources = Sources::new();
    let file = sources.add("release.yaml", text);
    manifest::parse(&sources, file).unwrap_or_else(|found| panic!("{text}\n{}", told(&found, &sources)))
}

/// A manifest from some of its parts, each with a default.
fn release(body: &str) -> Manifest {
    let mut text = String::new();
    for line in HEAD.lines() {
        let key = line.split(':').next().unwrap();
        if !body.lines().any(|own| own.starts_with(&format!("{key}:"))) {
            let _ = writeln!(text, "{line}");
        }
    }
    for (key, default) in [("evidence:", EVIDENCE), ("gates:", GATES)] {
        if !body.lines().any(|line| line.starts_with(key)) {
            text.push_str(default);
        }
    }
    read(&format!("{text}{body}\n"))
}

fn compare(before: &Manifest, after: &Manifest) -> Vec<Record> {
    let (pinned, failed) = (Pinned::default(), BTreeSet::new());
    let side = |manifest| ComparedSide { manifest, pinned: &pinned };
    let changes = change::between(Some(&side(before)), &side(after));
    let release = |manifest| ReleaseSide { manifest, pinned: &pinned, contents: None, failed: &failed };
    diff::between(&release(before), &release(after), &changes).unwrap()
}

fn compared(before: &str, after: &str) -> Vec<Record> {
    compare(&release(before), &release(after))
}

/// The one record of a change.
fn only(before: &str, after: &str) -> Record {
    let records = compared(before, after);
    assert_eq!(records.len(), 1, "{before}\nto\n{after}\n{records:#?}");
    records.into_iter().next().unwrap()
}

fn mirrored(direction: Direction) -> Direction {
    match direction {
        Direction::Looser => Direction::Tighter,
        Direction::Tighter => Direction::Looser,
        same => same,
    }
}

/// What a change must come to, with the sentence that it comes to backwards.
struct Case {
    before: String,
    after: String,
    id: &'static str,
    path: &'static str,
    direction: Direction,
    severity: Weight,
    text: &'static str,
    back: &'static str,
}

/// One line of a table: what is written before and after, the rule, the place, `direction severity`, and the sentences
/// of the change and of its opposite.
type Line<'a> = (&'a str, &'a str, &'static str, &'static str, &'static str, &'static str, &'static str);

fn cases(frame: &str, lines: &[Line<'_>]) -> Vec<Case> {
    lines
        .iter()
        .map(|(before, after, id, path, went, text, back)| {
            let (direction, severity) = went.split_once(' ').unwrap();
            let directions = [Direction::Looser, Direction::Unknown, Direction::Neutral, Direction::Tighter];
            let severities = [Weight::Info, Weight::Review, Weight::Blocking];
            Case {
                before: frame.replace("{}", before),
                after: frame.replace("{}", after),
                id,
                path,
                direction: directions.into_iter().find(|way| way.word() == direction).unwrap(),
                severity: severities.into_iter().find(|weight| weight.word() == severity).unwrap(),
                text,
                back,
            }
        })
        .collect()
}

/// Every line gives exactly its record, and its opposite backwards.
fn check(frame: &str, lines: &[Line<'_>]) {
    for case in cases(frame, lines) {
        let record = only(&case.before, &case.after);
        assert_eq!(record.text, case.text);
        assert_eq!(
            (record.rule.id(), record.path.as_str(), record.direction, record.severity),
            (case.id, case.path, case.direction, case.severity),
            "{}",
            case.text
        );
        let back = only(&case.after, &case.before);
        assert_eq!(back.text, case.back);
        assert_eq!(back.direction, mirrored(case.direction), "{}", case.back);
        assert_eq!((back.before, back.after), (record.after, record.before), "{}", case.text);
    }
}

// ------------------------------------------------------------------------------------------------ gates

#[test]
fn a_threshold_moves_in_the_direction_of_its_comparator() {
    check(
        "gates: ['{}']",
        &[
            (
                "Hallucination rate < 1.5%",
                "Hallucination rate < 2%",
                "gate-threshold",
                "gates.hallucination-rate.threshold",
                "looser blocking",
                "gate hallucination-rate: the limit rose from < 1.5% to < 2% (looser)",
                "gate hallucination-rate: the limit fell from < 2% to < 1.5% (tighter)",
            ),
            (
                "Accuracy >= 90%",
                "Accuracy >= 0.85",
                "gate-threshold",
                "gates.accuracy.threshold",
                "looser blocking",
                "gate accuracy: the limit fell from >= 90% to >= 0.85 (looser)",
                "gate accuracy: the limit rose from >= 0.85 to >= 90% (tighter)",
            ),
            (
                "p95 latency < 1200ms",
                "p95 latency < 1.3s",
                "gate-threshold",
                "gates.p95-latency.threshold",
                "looser blocking",
                "gate p95-latency: the limit rose from < 1200ms to < 1.3s (looser)",
                "gate p95-latency: the limit fell from < 1.3s to < 1200ms (tighter)",
            ),
            (
                "p95 latency < 1200ms",
                "p95 latency <= 1s",
                "gate-threshold",
                "gates.p95-latency.threshold",
                "tighter info",
                "gate p95-latency: the limit fell from < 1200ms to <= 1s (tighter)",
                "gate p95-latency: the limit rose from <= 1s to < 1200ms (looser)",
            ),
            (
                "Cost increase < 5%",
                "Cost increase < 1.1x",
                "gate-threshold",
                "gates.cost-increase.threshold",
                "looser blocking",
                "gate cost-increase: the limit rose from < 5% to < 1.1x (looser)",
                "gate cost-increase: the limit fell from < 1.1x to < 5% (tighter)",
            ),
            (
                "count toxicity == 0",
                "count toxicity == 3",
                "gate-threshold",
                "gates.count-toxicity.threshold",
                "unknown blocking",
                "gate count-toxicity: the limit rose from == 0 to == 3",
                "gate count-toxicity: the limit fell from == 3 to == 0",
            ),
        ],
    );
}

#[test]
fn a_rule_compares_in_another_way_or_asks_something_else() {
    check(
        "gates: [{ id: g, {} }]",
        &[
            (
                "rule: 'toxicity < 1%'",
                "rule: 'toxicity <= 1%'",
                "gate-rule",
                "gates.g.rule",
                "looser blocking",
                "gate g: it compares in another way: < 1% became <= 1% (looser)",
                "gate g: it compares in another way: <= 1% became < 1% (tighter)",
            ),
            (
                "rule: 'count toxicity == 0'",
                "rule: 'count toxicity <= 2'",
                "gate-rule",
                "gates.g.rule",
                "looser blocking",
                "gate g: it compares in another way: == 0 became <= 2 (looser)",
                "gate g: it compares in another way: <= 2 became == 0 (tighter)",
            ),
            (
                "rule: 'latency < 5ms'",
                "rule: 'latency > 5ms'",
                "gate-rule",
                "gates.g.rule",
                "unknown blocking",
                "gate g: it asks for the opposite: `latency < 5ms` became `latency > 5ms`",
                "gate g: it asks for the opposite: `latency > 5ms` became `latency < 5ms`",
            ),
            (
                "rule: 'toxicity < 1%'",
                "rule: 'toxicity < 5ms'",
                "gate-rule",
                "gates.g.rule",
                "unknown blocking",
                "gate g: the limits are in units that cannot be compared: `toxicity < 1%` became `toxicity < 5ms`",
                "gate g: the limits are in units that cannot be compared: `toxicity < 5ms` became `toxicity < 1%`",
            ),
            (
                "rule: 'p95 latency < 5ms'",
                "rule: 'p50 latency < 5ms'",
                "gate-rule",
                "gates.g.rule",
                "unknown blocking",
                "gate g: it asks something else: `p95 latency < 5ms` became `p50 latency < 5ms`",
                "gate g: it asks something else: `p50 latency < 5ms` became `p95 latency < 5ms`",
            ),
            (
                "rule: 'acc > 5'",
                "rule: 'acc > 5', metric: 'acc,none'",
                "gate-rule",
                "gates.g.metric",
                "unknown blocking",
                "gate g: it reads the metric named exactly acc,none; before: the metric that its words name",
                "gate g: it reads the metric that its words name; before: the metric named exactly acc,none",
            ),
        ],
    );
}

#[test]
fn other_spellings_of_one_rule_are_no_change() {
    for (before, after) in [
        ("p95 latency < 1.2s", "P95  latency < 1200ms"),
        ("p95 latency < 4.35s", "p95 latency < 4350ms"),
        ("toxicity < 1%", "Toxicity < 0.01"),
        ("cost increase < 10%", "cost increase < 1.1x"),
    ] {
        let gate = |rule| format!("gates: [{{ id: g, rule: '{rule}' }}]");
        assert_eq!(compared(&gate(before), &gate(after)), [], "{before} and {after}");
        assert_eq!(compared(&gate(after), &gate(before)), [], "{after} and {before}");
    }
    // A mean may be called so as well, and then the limit rose tenfold.
    for (before, after) in
        [("count error rate < 0.1", "count error rate < 1.0"), ("a regressions < 0.1", "a regressions < 1.0")]
    {
        let gate = |rule| format!("gates: [{{ id: g, rule: '{rule}' }}]");
        let record = only(&gate(before), &gate(after));
        assert_eq!(
            (record.rule.id(), record.direction),
            ("gate-threshold", Direction::Looser),
            "{before} to {after}"
        );
    }
    let count = |rule| format!("gates: [{{ id: g, rule: 'count errors {rule}' }}]");
    for (before, after, id) in
        [("== 0", ">= 0", "gate-rule"), ("< 3", "<= 3", "gate-rule"), ("<= 2", "< 4", "gate-threshold")]
    {
        let record = only(&count(before), &count(after));
        assert_eq!((record.rule.id(), record.direction), (id, Direction::Looser), "{before} to {after}");
    }
    // The values of a mean are no whole numbers: below 1 and at most 0 differ.
    let gate = |rule| format!("gates: [{{ id: g, rule: '{rule}' }}]");
    assert_eq!(only(&gate("errors <= 0"), &gate("errors < 1")).direction, Direction::Looser);
}

#[test]
fn how_strictly_a_gate_is_judged() {
    check(
        "gates: [{ id: g, rule: 'a < 1'{} }]",
        &[
            (
                "",
                ", enforcement: warn",
                "gate-enforcement",
                "gates.g.enforcement",
                "looser blocking",
                "gate g: it only warns; before, it blocked the release (looser)",
                "gate g: it blocks the release; before, it only warned (tighter)",
            ),
            (
                ", confidence: 99%",
                ", confidence: 97%",
                "gate-confidence",
                "gates.g.confidence",
                "looser blocking",
                "gate g: a pass needs 97% confidence; before: 99% (looser)",
                "gate g: a pass needs 99% confidence; before: 97% (tighter)",
            ),
            (
                ", confidence: 99%",
                "",
                "gate-confidence",
                "gates.g.confidence",
                "looser blocking",
                "gate g: a pass needs 95% confidence; before: 99% (looser)",
                "gate g: a pass needs 99% confidence; before: 95% (tighter)",
            ),
            (
                ", min_samples: 300",
                ", min_samples: 30",
                "gate-min-samples",
                "gates.g.min_samples",
                "looser blocking",
                "gate g: a pass takes at least 30 samples; before: at least 300 samples (looser)",
                "gate g: a pass takes at least 300 samples; before: at least 30 samples (tighter)",
            ),
            (
                ", min_samples: 300",
                "",
                "gate-min-samples",
                "gates.g.min_samples",
                "looser blocking",
                "gate g: a pass takes any number of samples; before: at least 300 samples (looser)",
                "gate g: a pass takes at least 300 samples; before: any number of samples (tighter)",
            ),
            (
                ", by: [lang, tier]",
                ", by: [tier]",
                "gate-slices",
                "gates.g.by",
                "looser blocking",
                "gate g: it is no longer judged by lang on its own (looser)",
                "gate g: it is also judged by lang on its own (tighter)",
            ),
            (
                ", by: [lang]",
                ", by: [tier]",
                "gate-slices",
                "gates.g.by",
                "unknown blocking",
                "gate g: it is judged by tier and no longer by lang",
                "gate g: it is judged by lang and no longer by tier",
            ),
            (
                "",
                ", evidence: answers",
                "gate-evidence",
                "gates.g.evidence",
                "unknown review",
                "gate g: it reads other evidence: answers; before: whichever has its metric",
                "gate g: it reads other evidence: whichever has its metric; before: answers",
            ),
        ],
    );
    let parts = |by| format!("gates: [{{ id: g, rule: 'a < 1', by: {by}, rationale: r }}]");
    assert_eq!(compared(&parts("[a, b]"), &parts("[b, a]").replace("rationale: r", "rationale: s")), []);
}

#[test]
fn when_a_gate_applies() {
    check(
        "gates: [{ id: g, rule: 'a < 1'{} }]",
        &[
            (
                "",
                ", when: { changed: [models, safety_policies], type: [hotfix] }",
                "gate-when",
                "gates.g.when",
                "looser blocking",
                "gate g: it applies only when models or safety policies changed, for a hotfix; before: always (looser)",
                "gate g: it applies always; before: only when models or safety policies changed, for a hotfix (tighter)",
            ),
            (
                ", when: { changed: [models, prompts] }",
                ", when: { changed: [models] }",
                "gate-when",
                "gates.g.when",
                "looser blocking",
                "gate g: it applies only when models changed; before: only when models or prompts changed (looser)",
                "gate g: it applies only when models or prompts changed; before: only when models changed (tighter)",
            ),
            (
                ", when: { changed: [prompts] }",
                ", when: { changed: [models] }",
                "gate-when",
                "gates.g.when",
                "unknown blocking",
                "gate g: it applies only when models changed; before: only when prompts changed",
                "gate g: it applies only when prompts changed; before: only when models changed",
            ),
        ],
    );
    let when = |kinds| format!("gates: [{{ id: g, rule: 'a < 1', when: {{ changed: {kinds} }} }}]");
    assert_eq!(compared(&when("[models, prompts]"), &when("[prompts, models]")), []);
}

#[test]
fn a_gate_is_removed_added_or_renamed() {
    let frame = "gates: ['Toxicity < 1%', {}]";
    check(
        frame,
        &[
            (
                "'p95 latency < 1s'",
                "",
                "gate-removed",
                "gates.p95-latency",
                "looser blocking",
                "gate p95-latency is gone: nothing asks for `p95 latency < 1s` any more (looser)",
                "gate p95-latency is new: it asks for `p95 latency < 1s` (tighter)",
            ),
            (
                "{ rule: 'p95 latency < 1s', enforcement: warn }",
                "",
                "gate-removed",
                "gates.p95-latency",
                "looser review",
                "gate p95-latency is gone: nothing asks for `p95 latency < 1s` any more; it only warned (looser)",
                "gate p95-latency is new: it asks for `p95 latency < 1s`; it only warns (tighter)",
            ),
            (
                "'p95 latency < 1s'",
                "{ id: fast, rule: 'p95 latency < 1000ms' }",
                "gate-renamed",
                "gates.fast.id",
                "neutral info",
                "gate p95-latency is now called fast; it asks the same",
                "gate fast is now called p95-latency; it asks the same",
            ),
        ],
    );
    // A renamed gate is compared all the same, and its waiver goes with it.
    let waiver = |gate| {
        format!("waivers: [{{ gate: {gate}, reason: r, owner: o, approver: a, expires: 2027-01-01 }}]")
    };
    let records = compared(
        &format!("gates: ['a < 1']\n{}", waiver("a")),
        &format!("gates: [{{ id: b, rule: 'a < 1', enforcement: warn }}]\n{}", waiver("b")),
    );
    let told: Vec<&str> = records.iter().map(|record| record.rule.id()).collect();
    assert_eq!(told, ["gate-enforcement", "gate-renamed"]);
    // Another threshold under another id is no rename.
    let records = compared("gates: ['a < 1']", "gates: [{ id: b, rule: 'a < 2' }]");
    let told: Vec<&str> = records.iter().map(|record| record.rule.id()).collect();
    assert_eq!(told, ["gate-removed", "gate-added"]);
}

#[test]
fn a_gate_that_only_warns_blocks_nothing_when_it_gets_looser() {
    let gate = |part: &str| format!("gates: [{{ id: g, {part}, enforcement: warn }}]");
    for (before, after) in [
        ("rule: 'a < 1'", "rule: 'a < 2'"),
        ("rule: 'a < 1'", "rule: 'a <= 1'"),
        ("rule: 'a < 1', by: [x]", "rule: 'a < 1'"),
        ("rule: 'a < 1'", "rule: 'a < 1', when: { type: [hotfix] }"),
        ("rule: 'a < 1', confidence: 99%", "rule: 'a < 1'"),
        ("rule: 'a < 1', min_samples: 9", "rule: 'a < 1'"),
    ] {
        let record = only(&gate(before), &gate(after));
        assert_eq!((record.direction, record.severity), (Direction::Looser, Weight::Review), "{after}");
    }
}

// ------------------------------------------------------------------------------------------------ policy

#[test]
fn every_key_of_the_policy() {
    let line =
        |before, after, path, went, text, back| (before, after, "policy-value", path, went, text, back);
    check(
        "policy: { {} }",
        &[
            line(
                "",
                "confidence: 90%",
                "policy.confidence",
                "looser blocking",
                "policy: a pass needs 90% confidence; before: a pass needs 95% confidence (looser)",
                "policy: a pass needs 95% confidence; before: a pass needs 90% confidence (tighter)",
            ),
            line(
                "on_inconclusive: warn",
                "on_inconclusive: warn, fail_confidence: 99%",
                "policy.fail_confidence",
                "looser blocking",
                "policy: a fail needs 99% confidence; before: a fail needs 95% confidence (looser)",
                "policy: a fail needs 95% confidence; before: a fail needs 99% confidence (tighter)",
            ),
            line(
                "",
                "fail_confidence: 99%",
                "policy.fail_confidence",
                "neutral info",
                "policy: a fail needs 99% confidence; before: a fail needs 95% confidence; \
                 an inconclusive gate blocks as well, so no more gets through",
                "policy: a fail needs 95% confidence; before: a fail needs 99% confidence; \
                 an inconclusive gate blocks as well, so no more gets through",
            ),
            line(
                "looks: 3",
                "looks: 1",
                "policy.looks",
                "looser blocking",
                "policy: the evidence may be judged once; before: the evidence may be judged 3 times, \
                 and every time is stricter for it (looser)",
                "policy: the evidence may be judged 3 times, and every time is stricter for it; \
                 before: the evidence may be judged once (tighter)",
            ),
            line(
                "",
                "on_inconclusive: warn",
                "policy.on_inconclusive",
                "looser blocking",
                "policy: an inconclusive gate only warns; before: an inconclusive gate blocks the release (looser)",
                "policy: an inconclusive gate blocks the release; before: an inconclusive gate only warns (tighter)",
            ),
            line(
                "",
                "point_estimates: accept",
                "policy.point_estimates",
                "looser blocking",
                "policy: a number without its uncertainty is taken at face value; \
                 before: a number without its uncertainty shows nothing (looser)",
                "policy: a number without its uncertainty shows nothing; \
                 before: a number without its uncertainty is taken at face value (tighter)",
            ),
            line(
                "",
                "missing_samples: { exclude_up_to: 7% }",
                "policy.missing_samples",
                "looser blocking",
                "policy: up to 7% missing samples are left out; \
                 before: a missing sample counts as the worst case (looser)",
                "policy: a missing sample counts as the worst case; \
                 before: up to 7% missing samples are left out (tighter)",
            ),
            line(
                "binding: require",
                "",
                "policy.binding",
                "looser blocking",
                "policy: evidence need not say which artifacts it was made with; \
                 before: evidence must say which artifacts it was made with (looser)",
                "policy: evidence must say which artifacts it was made with; \
                 before: evidence need not say which artifacts it was made with (tighter)",
            ),
            line(
                "max_evidence_age: 1w",
                "",
                "policy.max_evidence_age",
                "looser blocking",
                "policy: evidence may be of any age; before: evidence is at most 7d old (looser)",
                "policy: evidence is at most 7d old; before: evidence may be of any age (tighter)",
            ),
            line(
                "require: [safety, cost]",
                "require: [safety]",
                "policy.require",
                "looser blocking",
                "policy: these need a blocking gate: safety; before: these need a blocking gate: safety, cost (looser)",
                "policy: these need a blocking gate: safety, cost; before: these need a blocking gate: safety (tighter)",
            ),
            line(
                "require: [safety]",
                "require: [cost]",
                "policy.require",
                "unknown blocking",
                "policy: these need a blocking gate: cost; before: these need a blocking gate: safety",
                "policy: these need a blocking gate: safety; before: these need a blocking gate: cost",
            ),
            line(
                "",
                "observed_counts: true",
                "policy.observed_counts",
                "looser blocking",
                "policy: facts about the listed cases alone satisfy `require`; \
                 before: facts about the listed cases alone do not satisfy `require` (looser)",
                "policy: facts about the listed cases alone do not satisfy `require`; \
                 before: facts about the listed cases alone satisfy `require` (tighter)",
            ),
        ],
    );
}

#[test]
fn stating_a_default_is_no_change() {
    let stated = "policy: { confidence: 95%, fail_confidence: 0.95, looks: 1, on_inconclusive: block, \
                  point_estimates: refuse, missing_samples: worst-case, binding: warn, \
                  unpinned_models: warn, require: [quality, safety, cost], \
                  observed_counts: false }";
    assert_eq!(compared("", stated), []);
    assert_eq!(compared(stated, ""), []);
}

#[test]
fn a_policy_that_changes_is_told_once_and_not_by_every_gate() {
    let gates = "gates: ['a < 1', 'b < 1', { id: c, rule: 'c < 1', confidence: 99% }]\n";
    let record = only(&format!("{gates}policy: {{ confidence: 97% }}"), gates);
    assert_eq!(record.path, "policy.confidence");
    // A gate that takes over what the policy no longer asks for is judged as before.
    let record = only(
        "gates: ['a < 1']\npolicy: { confidence: 99% }",
        "gates: [{ id: a, rule: 'a < 1', confidence: 99% }]",
    );
    assert_eq!(record.path, "policy.confidence");
}

// ------------------------------------------------------------------------------------------------ shared policies

/// A release on top of one policy file.
fn on(base: &str, file: &str, body: &str) -> Result<Manifest, String> {
    let mut sources = Sources::new();
    let shared = sources.add(file, base);
    let shared = manifest::parse_policy(&sources, shared).map_err(|found| told(&found, &sources))?;
    let body = if body.contains("policy: {") {
        body.replacen("policy: {", &format!("policy: {{ extends: [{file}],"), 1)
    } else {
        format!("{body}policy: {{ extends: [{file}] }}\n")
    };
    let own = sources.add("release.yaml", format!("{HEAD}{EVIDENCE}{body}"));
    let own = manifest::parse(&sources, own).map_err(|found| told(&found, &sources))?;
    extends::merge(own, &[shared]).map_err(|found| told(&found, &sources))
}

#[test]
fn a_change_in_a_shared_policy_shows() {
    let base = |limit, confidence| {
        format!("policy: {{ confidence: {confidence} }}\ngates: ['Toxicity < {limit}', 'a < 1']\n")
    };
    let before = on(&base("1%", "97%"), "base.yaml", "").unwrap();
    let after = on(&base("2%", "96%"), "base.yaml", "").unwrap();
    let records = compare(&before, &after);
    let paths: Vec<&str> = records.iter().map(|record| record.path.as_str()).collect();
    assert_eq!(paths, ["gates.toxicity.threshold", "policy.confidence"]);
    assert!(records.iter().all(|record| record.direction == Direction::Looser));
}

#[test]
fn other_files_are_told_with_what_came_of_them() {
    let base = "gates: ['Toxicity < 1%']\n";
    let before = on(base, "base.yaml", "").unwrap();
    let [record] = &compare(&before, &on(base, "shared.yaml", "").unwrap())[..] else { panic!() };
    assert_eq!((record.rule.id(), record.path.as_str()), ("policy-extends", "policy.extends"));
    assert_eq!((record.direction, record.severity), (Direction::Neutral, Weight::Info));
    assert_eq!(
        record.text,
        "policy: it extends [shared.yaml]; before: [base.yaml]; no gate and no policy value differs for it"
    );
    // Written into the release itself, it is the same release.
    let [record] = &compare(&before, &release("gates: ['Toxicity < 1%']"))[..] else { panic!() };
    assert_eq!((record.direction, record.after.as_deref()), (Direction::Neutral, None));
    let other = on("gates: ['Toxicity < 2%']\n", "shared.yaml", "").unwrap();
    let records = compare(&before, &other);
    assert_eq!(records[0].rule.id(), "gate-threshold");
    assert_eq!((records[1].direction, records[1].severity), (Direction::Unknown, Weight::Review));
}

#[test]
fn a_when_that_the_shared_policy_declares_lets_its_gate_stand_for_its_category() {
    let gate = "gates: [{ id: g, rule: 'toxicity < 1%', when: { changed: [models] } }]\n";
    let files = |shared: &str, own: &str, required: &str| {
        let policy = format!("policy: {{ require: {required} }}\n");
        on(&format!("{policy}{shared}"), "base.yaml", own).unwrap()
    };
    let record = |records: Vec<Record>| {
        assert_eq!(records.len(), 1, "{records:#?}");
        let record = records.into_iter().next().unwrap();
        assert_eq!((record.rule.id(), record.path.as_str()), ("gate-when", "gates.g.when"));
        record
    };
    let (own, shared) = (files("", gate, "[safety]"), files(gate, "", "[safety]"));
    let told = record(compare(&own, &shared));
    assert_eq!((told.direction, told.severity), (Direction::Looser, Weight::Blocking));
    assert_eq!(record(compare(&shared, &own)).direction, Direction::Tighter);
    // Where nothing is required, nothing comes of it.
    assert_eq!(compare(&files("", gate, "[]"), &files(gate, "", "[]")), []);
}

/// Every gate that merging refuses is looser, or a gate about which nobody can tell; none that it accepts is.
#[test]
fn merging_and_comparing_agree_on_gates() {
    let records = |base: &str, own: &str| compared(&format!("gates: [{base}]"), &format!("gates: [{own}]"));
    for (base, own, code) in REFUSED {
        let records = records(base, own);
        let worst = records.iter().map(|record| record.direction).min();
        let expected: &[Direction] = if *code == "gate-loosened" {
            &[Direction::Looser]
        } else {
            &[Direction::Looser, Direction::Unknown]
        };
        assert!(worst.is_some_and(|worst| expected.contains(&worst)), "{base} to {own}: {records:#?}");
    }
    for (base, own) in TIGHTENED {
        let records = records(base, own);
        assert!(
            records.iter().all(|record| record.direction == Direction::Tighter),
            "{base} to {own}: {records:#?}"
        );
    }
}

#[test]
fn merging_and_comparing_agree_on_the_policy() {
    let policy = |key: &str, value: &str| format!("policy: {{ {key}: {value} }}");
    for (key, shared, stricter, looser) in KEYS {
        let path = format!("policy.{key}");
        // The one key where a comparison says more: as long as an inconclusive gate blocks, no more gets through.
        let (down, up) = if *key == "fail_confidence" {
            (Direction::Neutral, Direction::Neutral)
        } else {
            (Direction::Looser, Direction::Tighter)
        };
        if !looser.is_empty() {
            let record = only(&policy(key, shared), &policy(key, looser));
            assert_eq!((record.path, record.direction), (path.clone(), down), "{key}: {shared} to {looser}");
        }
        if shared != stricter {
            let record = only(&policy(key, shared), &policy(key, stricter));
            assert_eq!((record.path, record.direction), (path, up), "{key}: {shared} to {stricter}");
        }
    }
}

// ------------------------------------------------------------------------------------------------ waivers

#[test]
fn waivers_are_added_lengthened_and_widened() {
    let waiver = |rest: &str| {
        format!(
            "gates: ['p95 latency < 1200ms', 'Accuracy >= 90%']\nwaivers: [{}]",
            if rest.is_empty() { String::new() } else { format!("{{ {rest} }}") }
        )
    };
    let base = "gate: p95-latency, reason: INC-1, owner: team, approver: board, expires: 2026-12-31";
    let with = |rest: &str| format!("{base}{rest}");
    let lines: Vec<(String, String, [&'static str; 5])> = vec![
        (
            String::new(),
            with(", limit: 1400ms, slice: { lang: de }"),
            [
                "waiver-added",
                "waivers.p95-latency",
                "looser review",
                "waiver for gate p95-latency (lang=de) is new: it accepts at worst 1400ms until 2026-12-31, \
                 approved by board: INC-1 (looser)",
                "waiver for gate p95-latency (lang=de) is gone: it accepted at worst 1400ms until 2026-12-31, \
                 approved by board: INC-1 (tighter)",
            ],
        ),
        (
            with(""),
            with("").replace("2026-12-31", "2027-01-31"),
            [
                "waiver-expiry",
                "waivers.p95-latency.expires",
                "looser review",
                "waiver for gate p95-latency: it holds until 2027-01-31; before: 2026-12-31 (looser)",
                "waiver for gate p95-latency: it holds until 2026-12-31; before: 2027-01-31 (tighter)",
            ],
        ),
        (
            with(", limit: 1400ms"),
            with(", limit: 1.5s"),
            [
                "waiver-scope",
                "waivers.p95-latency.limit",
                "looser review",
                "waiver for gate p95-latency: it accepts at worst 1.5s; before: at worst 1400ms (looser)",
                "waiver for gate p95-latency: it accepts at worst 1400ms; before: at worst 1.5s (tighter)",
            ],
        ),
        (
            with(", limit: 89%").replace("p95-latency", "accuracy"),
            with(", limit: 85%").replace("p95-latency", "accuracy"),
            [
                "waiver-scope",
                "waivers.accuracy.limit",
                "looser review",
                "waiver for gate accuracy: it accepts at worst 85%; before: at worst 89% (looser)",
                "waiver for gate accuracy: it accepts at worst 89%; before: at worst 85% (tighter)",
            ],
        ),
        (
            with(", limit: 1400ms"),
            with(""),
            [
                "waiver-scope",
                "waivers.p95-latency.limit",
                "looser review",
                "waiver for gate p95-latency: it accepts any value; before: at worst 1400ms (looser)",
                "waiver for gate p95-latency: it accepts at worst 1400ms; before: any value (tighter)",
            ],
        ),
        (
            with(", slice: { lang: de, tier: free }"),
            with(", slice: { lang: de }"),
            [
                "waiver-scope",
                "waivers.p95-latency.slice",
                "looser review",
                "waiver for gate p95-latency: it covers lang=de; before: lang=de, tier=free (looser)",
                "waiver for gate p95-latency: it covers lang=de, tier=free; before: lang=de (tighter)",
            ],
        ),
        (
            with(", slice: { lang: de }"),
            with(""),
            [
                "waiver-scope",
                "waivers.p95-latency.slice",
                "looser review",
                "waiver for gate p95-latency: it covers the whole gate; before: lang=de (looser)",
                "waiver for gate p95-latency: it covers lang=de; before: the whole gate (tighter)",
            ],
        ),
        (
            with(""),
            with("").replace("board", "cto"),
            [
                "waiver-terms",
                "waivers.p95-latency.approver",
                "neutral review",
                "waiver for gate p95-latency: its approver is cto; before: board",
                "waiver for gate p95-latency: its approver is board; before: cto",
            ],
        ),
    ];
    for (before, after, [id, path, went, text, back]) in &lines {
        check("{}", &[(&waiver(before), &waiver(after), id, path, went, text, back)]);
    }
    assert_eq!(compared(&waiver(&with(", limit: 1400ms")), &waiver(&with(", limit: 1.4s"))), []);
    // Another slice is another exception: what it accepts now, nobody accepted before.
    let moved = compared(
        &waiver(&with(", slice: { lang: de }")),
        &waiver(&with(", slice: { lang: fr, tier: free }")),
    );
    assert_eq!(
        moved.iter().map(|record| (record.rule.id(), record.direction)).collect::<Vec<_>>(),
        [("waiver-added", Direction::Looser), ("waiver-removed", Direction::Tighter)]
    );
}

#[test]
fn waivers_are_matched_by_gate_and_slice_and_not_by_order() {
    let one = |slice: &str, day: &str| {
        format!(
            "{{ gate: toxicity, reason: r, owner: o, approver: a, expires: {day}, slice: {{ lang: {slice} }} }}"
        )
    };
    let waivers = |entries: &[String]| format!("waivers: [{}]", entries.join(", "));
    let (de, fr) = (one("de", "2027-01-01"), one("fr", "2027-02-02"));
    let before = waivers(&[de.clone(), fr.clone()]);
    assert_eq!(compared(&before, &waivers(&[fr.clone(), de])), []);
    let record = only(&before, &waivers(&[fr, one("de", "2028-01-01")]));
    assert_eq!((record.rule.id(), record.direction), ("waiver-expiry", Direction::Looser));
    assert!(record.text.contains("(lang=de)"), "{}", record.text);
}

// ------------------------------------------------------------------------------------------------ metrics and evidence

#[test]
fn a_metric_is_defined_in_another_way() {
    let line =
        |before, after, path, went, text, back| (before, after, "metric-definition", path, went, text, back);
    check(
        "metrics: { tox: { {} } }",
        &[
            line(
                "field: toxic",
                "field: toxicity",
                "metrics.tox.field",
                "unknown review",
                "metric tox: field is toxicity; before: toxic",
                "metric tox: field is toxic; before: toxicity",
            ),
            line(
                "direction: lower",
                "direction: higher",
                "metrics.tox.direction",
                "unknown blocking",
                "metric tox: direction is higher; before: lower",
                "metric tox: direction is lower; before: higher",
            ),
            line(
                "as: mean",
                "as: rate",
                "metrics.tox.as",
                "unknown review",
                "metric tox: as is rate; before: mean",
                "metric tox: as is mean; before: rate",
            ),
            line(
                "as: ratio, per: tokens",
                "as: ratio, per: requests",
                "metrics.tox.per",
                "unknown review",
                "metric tox: per is requests; before: tokens",
                "metric tox: per is tokens; before: requests",
            ),
            line(
                "",
                "scale: 1000",
                "metrics.tox.scale",
                "unknown review",
                "metric tox: scale is 1000; before: 1",
                "metric tox: scale is 1; before: 1000",
            ),
            line(
                "unit: ms",
                "unit: s",
                "metrics.tox.unit",
                "unknown review",
                "metric tox: unit is s; before: ms",
                "metric tox: unit is ms; before: s",
            ),
            line(
                "bounds: [0, 1]",
                "bounds: [0, 5]",
                "metrics.tox.bounds",
                "unknown review",
                "metric tox: bounds is [0, 5]; before: [0, 1]",
                "metric tox: bounds is [0, 1]; before: [0, 5]",
            ),
            line(
                "category: safety",
                "category: cost",
                "metrics.tox.category",
                "unknown review",
                "metric tox: category is cost; before: safety",
                "metric tox: category is safety; before: cost",
            ),
            line(
                "evidence: answers",
                "",
                "metrics.tox.evidence",
                "unknown review",
                "metric tox: evidence is not stated; before: answers",
                "metric tox: evidence is answers; before: not stated",
            ),
            line(
                "where: { lang: [de, fr], n: 1 }",
                "where: { n: '1', lang: [fr, de] }",
                "metrics.tox.where",
                "unknown review",
                "metric tox: where is { lang: [de, fr], n: \"1\" }; before: { lang: [de, fr], n: 1 }",
                "metric tox: where is { lang: [de, fr], n: 1 }; before: { lang: [de, fr], n: \"1\" }",
            ),
        ],
    );
    let same = |body| format!("metrics: {{ tox: {{ {body} }} }}");
    assert_eq!(compared(&same(""), &same("field: tox, scale: 1")), []);
    assert_eq!(compared(&same("where: { a: 1, b: [x, y] }"), &same("where: { b: [y, x], a: 1 }")), []);
}

#[test]
fn a_definition_matters_where_a_gate_reads_it() {
    check(
        "gates: ['mean tox increase < 2']\nmetrics: { other: { unit: ms }, {} }",
        &[
            (
                "",
                "tox: { unit: ms }",
                "metric-definition",
                "metrics.tox",
                "unknown blocking",
                "metric tox: its definition is new, and gate mean-tox-increase may read something else for it",
                "metric tox: its definition is gone, and gate mean-tox-increase may read something else for it",
            ),
            (
                "",
                "unread: { unit: ms }",
                "metric-definition",
                "metrics.unread",
                "neutral info",
                "metric unread: its definition is new",
                "metric unread: its definition is gone",
            ),
        ],
    );
}

#[test]
fn evidence_selects_other_rows_or_clusters() {
    let pin = ("a".repeat(64), "b".repeat(64));
    let (a, b) = (format!("sha256: {}", pin.0), format!("sha256: {}", pin.1));
    let line =
        |before, after, path, went, text, back| (before, after, "evidence-selection", path, went, text, back);
    check(
        "evidence: { answers: { {} } }",
        &[
            line(
                "path: a.jsonl",
                "path: b.jsonl",
                "evidence.answers.path",
                "unknown review",
                "evidence answers: it is read from b.jsonl; before: a.jsonl",
                "evidence answers: it is read from a.jsonl; before: b.jsonl",
            ),
            line(
                "path: a",
                "path: a, where: { graded: true }",
                "evidence.answers.where",
                "unknown blocking",
                "evidence answers: other rows count: those where { graded: true }; before: all",
                "evidence answers: other rows count: all; before: those where { graded: true }",
            ),
            line(
                "path: a, cluster: chat",
                "path: a",
                "evidence.answers.cluster",
                "looser blocking",
                "evidence answers: samples of one chat are treated as independent now (looser)",
                "evidence answers: samples of one chat are no longer treated as independent (tighter)",
            ),
            line(
                "path: a, cluster: chat",
                "path: a, cluster: user",
                "evidence.answers.cluster",
                "unknown blocking",
                "evidence answers: samples of one user belong together; before: those of one chat",
                "evidence answers: samples of one chat belong together; before: those of one user",
            ),
            line(
                &format!("path: a, {a}"),
                "path: a",
                "evidence.answers.sha256",
                "looser review",
                "evidence answers: any bytes count; before, its digest was pinned (looser)",
                "evidence answers: its digest is pinned (tighter)",
            ),
            line(
                &format!("path: a, {a}"),
                &format!("path: a, {b}"),
                "evidence.answers.sha256",
                "neutral info",
                "evidence answers: its digest is pinned to other bytes",
                "evidence answers: its digest is pinned to other bytes",
            ),
            line(
                "path: a, baseline: x",
                "path: a, baseline: y",
                "evidence.answers.baseline.path",
                "unknown review",
                "evidence answers: the baseline's results are y; before: x",
                "evidence answers: the baseline's results are x; before: y",
            ),
            line(
                "path: a, baseline: x",
                "path: a, baseline: { path: x, where: { graded: true } }",
                "evidence.answers.baseline.where",
                "unknown blocking",
                "evidence answers: other rows of the baseline count: those where { graded: true }; before: not stated",
                "evidence answers: other rows of the baseline count: not stated; before: those where { graded: true }",
            ),
        ],
    );
    let gone = only("evidence: { a: { path: a }, b: { path: b } }", "evidence: { a: { path: a } }");
    assert_eq!((gone.path.as_str(), gone.direction), ("evidence.b", Direction::Unknown));
    assert_eq!((gone.severity, gone.text.as_str()), (Weight::Blocking, "evidence b is gone: b"));
    let new = only("evidence: { a: { path: a } }", "evidence: { a: { path: a }, b: { path: b } }");
    // A gate that names no evidence may find its metric there.
    assert_eq!((new.severity, new.text.as_str()), (Weight::Blocking, "evidence b is new: b"));
    // Samples of one id belong together whatever is said.
    let clustered = |field: &str| format!("evidence: {{ a: {{ path: a, cluster: {field} }} }}");
    assert_eq!(compared("evidence: { a: { path: a } }", &clustered("id")), []);
    let lost = only(&clustered("chat"), &clustered("id"));
    assert_eq!((lost.direction, lost.severity), (Direction::Looser, Weight::Blocking));
    assert!(lost.text.contains("samples of one chat are treated as independent now"), "{}", lost.text);
}

#[test]
fn another_file_within_one_version_asks_for_a_review() {
    for (before, after) in [
        ("evidence: { a: { path: x } }", "evidence: { a: { path: y } }"),
        ("evidence: { a: { path: x, baseline: b } }", "evidence: { a: { path: x, baseline: c } }"),
        ("baseline: releases/1", "baseline: releases/2"),
    ] {
        let record = only(&format!("version: 1.0.0\n{before}"), &format!("version: 1.0.0\n{after}"));
        assert_eq!((record.direction, record.severity), (Direction::Unknown, Weight::Review), "{after}");
        let record = only(&format!("version: 1.0.0\n{before}"), &format!("version: 1.0.1\n{after}"));
        assert_eq!((record.direction, record.severity), (Direction::Neutral, Weight::Info), "{after}");
    }
}

/// Whatever a blocking gate reads and what now means something else blocks; what only a warning gate reads, or none,
/// asks for a review.
#[test]
fn what_a_blocking_gate_reads_weighs_as_much_as_the_gate() {
    let parts = [
        ("metrics: { bad: { as: mean } }", "metrics: { bad: { as: mean, scale: 0.001 } }"),
        ("metrics: { bad: { as: mean } }", "metrics: { bad: { as: mean, where: { lang: de } } }"),
        ("metrics: { bad: { as: mean } }", "metrics: { bad: { as: mean, field: good } }"),
        ("", "metrics: { bad: { field: good } }"),
        ("metrics: { bad: { field: good } }", ""),
        (EVIDENCE, "evidence: { answers: { path: answers.jsonl, where: { lang: de } } }"),
        (
            EVIDENCE,
            "evidence: { answers: { path: answers.jsonl, baseline: { path: b, where: { lang: de } } } }",
        ),
        (
            "evidence: { answers: { path: answers.jsonl, cluster: chat } }",
            "evidence: { answers: { path: answers.jsonl, cluster: row } }",
        ),
        (EVIDENCE, "evidence: { others: { path: answers.jsonl } }"),
        ("anchor: releases/1", "anchor: releases/2"),
    ];
    let gates = [
        ("gates: [{ id: g, rule: 'bad increase < 0.1' }]", Weight::Blocking),
        ("gates: [{ id: g, rule: 'bad increase < 0.1', enforcement: warn }]", Weight::Review),
    ];
    for (before, after) in parts {
        for (gate, weight) in gates {
            let records = compared(&format!("{gate}\n{before}"), &format!("{gate}\n{after}"));
            let worst = records.iter().filter(|record| {
                record.direction == Direction::Unknown
                    && !record.path.starts_with("evidence.answers.baseline.path")
            });
            let worst = worst.map(|record| record.severity).max();
            assert_eq!(worst, Some(weight), "{gate}: {before} -> {after}: {records:#?}");
        }
    }
    // A gate on other evidence does not read it.
    let two = |rows: &str| {
        format!(
            "gates: [{{ id: g, rule: 'bad < 1', evidence: a }}]\n\
             evidence: {{ a: {{ path: a }}, b: {{ path: b{rows} }} }}"
        )
    };
    assert_eq!(only(&two(""), &two(", where: { lang: de }")).severity, Weight::Review);
    for (before, after) in
        [("", ", metric: lowbad"), (", evidence: a", ", evidence: b"), ("", ", evidence: b")]
    {
        let gate = |more: &str| {
            format!(
                "gates: [{{ id: g, rule: 'bad < 1'{more} }}]\nevidence: {{ a: {{ path: a }}, b: {{ path: b }} }}"
            )
        };
        let record = only(&gate(before), &gate(after));
        assert_eq!((record.direction, record.severity), (Direction::Unknown, Weight::Blocking), "{after}");
    }
}

// ------------------------------------------------------------------------------------------------ the release

#[test]
fn the_release_itself() {
    check(
        "{}",
        &[
            (
                "name: a",
                "name: b",
                "release-name",
                "name",
                "neutral review",
                "release: it is called b; before: a",
                "release: it is called a; before: b",
            ),
            (
                "type: hotfix\npolicy: { require: [safety] }",
                "type: model-upgrade\npolicy: { require: [safety] }",
                "release-type",
                "type",
                "neutral info",
                "release: it is a model-upgrade; before: a hotfix",
                "release: it is a hotfix; before: a model-upgrade",
            ),
            (
                "baseline: releases/1",
                "baseline: releases/2",
                "release-baseline",
                "baseline",
                "unknown review",
                "release: it is compared with releases/2; before: with releases/1",
                "release: it is compared with releases/1; before: with releases/2",
            ),
            (
                "baseline: releases/1",
                "baseline: none",
                "release-baseline",
                "baseline",
                "looser review",
                "release: it is compared with nothing; before: with releases/1 (looser)",
                "release: it is compared with releases/1; before: with nothing (tighter)",
            ),
            (
                "anchor: releases/1",
                "",
                "release-anchor",
                "anchor",
                "looser review",
                "release: drift is no longer measured against releases/1 (looser)",
                "release: drift is measured against releases/1 (tighter)",
            ),
        ],
    );
    let down = only("version: 1.10.0", "version: 1.9.0");
    assert_eq!((down.rule.id(), down.path.as_str()), ("release-version", "version"));
    assert_eq!((down.direction, down.severity), (Direction::Unknown, Weight::Review));
    assert_eq!(down.text, "release: its version went down from 1.10.0 to 1.9.0");
    assert_eq!(compared("version: 1.9.0", "version: 1.10.0"), []);
    assert_eq!(compared("summary: a\nchangelog: C.md", "summary: b"), []);
}

/// What a release of another type need not show, and the gates that it switches off and on.
#[test]
fn another_type_is_told_by_what_it_does() {
    let told = |before: &str, after: &str| -> Vec<(String, Direction, Weight)> {
        let records = compared(before, after).into_iter().filter(|record| record.path != "type");
        records.map(|record| (record.text, record.direction, record.severity)).collect()
    };
    let looser = |text: &str, weight| (format!("{text} (looser)"), Direction::Looser, weight);
    let tighter = |text: &str| (format!("{text} (tighter)"), Direction::Tighter, Weight::Info);
    assert_eq!(
        told("type: model-upgrade", "type: hotfix"),
        [looser(
            "release: a hotfix needs no gate on what a model-upgrade does: quality, robustness, latency, cost",
            Weight::Review
        )]
    );
    assert_eq!(
        told("type: safety-patch", "type: performance-patch"),
        [
            looser(
                "release: a performance-patch needs no gate on what a safety-patch does: safety",
                Weight::Review
            ),
            tighter(
                "release: a performance-patch needs a gate on what a safety-patch does not: latency, cost"
            ),
        ]
    );
    let gate = |kind: &str, more: &str| {
        format!(
            "type: {kind}\npolicy: {{ require: [safety] }}\n\
             gates: [{{ id: g, rule: 'a < 1', when: {{ type: [hotfix] }}{more} }}]"
        )
    };
    let off = "gate g: it does not apply any more, as the release is a model-upgrade and no hotfix";
    let on = "gate g: it applies now, as the release is a hotfix and no model-upgrade";
    assert_eq!(told(&gate("hotfix", ""), &gate("model-upgrade", "")), [looser(off, Weight::Blocking)]);
    assert_eq!(told(&gate("model-upgrade", ""), &gate("hotfix", "")), [tighter(on)]);
    let warns = ", enforcement: warn";
    assert_eq!(told(&gate("hotfix", warns), &gate("model-upgrade", warns)), [looser(off, Weight::Review)]);
}

#[test]
fn keys_about_the_time_after_check_do_not_change_in_silence() {
    let key = |value: &str| {
        format!("rollback: {{ to: 1.2.2, cooldown: {value} }}\nmonitoring: {{ log: [a.jsonl] }}")
    };
    assert_eq!(compared(&key("1h"), &key("1h")), []);
    let record = only(&key("1h"), &key("2h"));
    assert_eq!((record.rule.id(), record.path.as_str()), ("lifecycle-value", "rollback.cooldown"));
    assert_eq!((record.direction, record.severity), (Direction::Tighter, Weight::Info));
    let (before, after) = (key("1h"), key("1h").replace("to: 1.2.2", "to: 1.2.1"));
    let record = only(&before, &after);
    assert_eq!((record.rule.id(), record.path.as_str()), ("release-lifecycle", "rollback"));
    assert_eq!((record.direction, record.severity), (Direction::Unknown, Weight::Review));
    assert_eq!(format!("{:?}", record.details), r#"[Line("to \"1.2.2\" -> \"1.2.1\"")]"#);
    let watched = |token: &str| format!("monitoring: {{ log: [a.jsonl], canary_tokens: [{token}] }}");
    for (before, after, text) in
        [("", watched("t").as_str(), "monitoring is new"), (watched("t").as_str(), "", "monitoring is gone")]
    {
        assert!(
            compared(before, after).iter().any(|record| record.text.contains(text)),
            "{before} -> {after}"
        );
    }
    let records = compared(
        &watched("sk-abcdefghijklmnopqrstuvwx1234567890"),
        &watched("sk-zzzzzzzzzzzzzzzzzzzzzz1234567890"),
    );
    let ways: Vec<Direction> = records.iter().map(|record| record.direction).collect();
    assert_eq!(ways, [Direction::Looser, Direction::Tighter]);
    assert!(!format!("{records:?}").contains("sk-"), "{records:?}");
}

#[test]
fn a_risk_that_is_looked_after_less_is_looser() {
    let gates = "gates: ['Toxicity < 1%', 'Accuracy > 50%']\n";
    let with = |risk: &str| format!("{gates}risks: {{ confabulation: {risk} }}");
    let assessed = |tests: &str, residual: &str| {
        with(&format!(
            "{{ likelihood: low, impact: high, residual: {residual}, mitigation: m, owner: o, review: 2027-01-01, tested_by: {tests} }}"
        ))
    };
    let (both, one) = (assessed("[toxicity, accuracy]", "low"), assessed("[toxicity]", "low"));
    let away = with("{ not_applicable: No, owner: o, review: 2027-01-01 }");
    for (before, after, id, direction, weight) in [
        (both.as_str(), one.as_str(), "risk-tests", Direction::Looser, Weight::Blocking),
        (&one, &both, "risk-tests", Direction::Tighter, Weight::Info),
        (&one, &assessed("[accuracy]", "low"), "risk-tests", Direction::Unknown, Weight::Blocking),
        (&one, gates, "risk-removed", Direction::Looser, Weight::Blocking),
        (gates, &one, "risk-added", Direction::Tighter, Weight::Info),
        (&one, &away, "risk-assessment", Direction::Looser, Weight::Blocking),
        (&away, &one, "risk-assessment", Direction::Tighter, Weight::Info),
        (&one, &assessed("[toxicity]", "medium"), "risk-assessment", Direction::Unknown, Weight::Review),
    ] {
        let record = only(before, after);
        assert_eq!(
            (record.rule.id(), record.direction, record.severity),
            (id, direction, weight),
            "{record:?}"
        );
    }
    assert_eq!(compared(&one, &one), []);
}

#[test]
fn what_got_looser_comes_first() {
    let records = compared(
        "gates: ['Toxicity < 1%', 'a < 1', 'p95 latency < 5ms']\npolicy: { looks: 1, require: [] }\ntype: hotfix",
        "gates: ['Toxicity < 2%', 'a < 0.5', 'p95 latency < 5ms']\npolicy: { looks: 2, require: [] }\ntype: model-upgrade",
    );
    assert_eq!(records[0].text, "gate toxicity: the limit rose from < 1% to < 2% (looser)");
    assert_eq!(records[0].before.as_deref(), Some("Toxicity < 1%"));
    assert_eq!(records[0].after.as_deref(), Some("Toxicity < 2%"));
    assert!(records[1..].iter().all(|record| record.direction != Direction::Looser));
    assert_eq!(records.len(), 4);
}

// ------------------------------------------------------------------------------------------------ for every manifest

/// One of a few words, or nothing.
fn maybe(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::option::of(prop::sample::select(words))
        .prop_map(|word| word.map_or(String::new(), |word| format!(", {word}")))
}

fn gate() -> impl Strategy<Value = String> {
    let rules = [
        "a < 1",
        "a <= 1",
        "a < 2",
        "a > 1",
        "a < 1ms",
        "b < 5%",
        "b < 0.05",
        "b >= 4%",
        "count c == 0",
        "count c <= 0",
        "count c < 3",
        "count c != 2",
    ];
    (
        prop::sample::select(rules.to_vec()),
        maybe(&["by: [x]", "by: [y]", "by: [y, x]"]),
        maybe(&["when: { changed: [models] }", "when: { type: [hotfix, prompt-release] }"]),
        maybe(&["enforcement: warn", "enforcement: block"]),
        maybe(&["confidence: 99.5%", "confidence: 99.9%"]),
        maybe(&["min_samples: 10", "min_samples: 20"]),
        maybe(&["metric: z", "evidence: e"]),
    )
        .prop_map(|(rule, by, when, enforcement, confidence, least, name)| {
            format!("rule: '{rule}'{by}{when}{enforcement}{confidence}{least}{name}")
        })
}

fn gates() -> impl Strategy<Value = String> {
    let ids = prop::sample::subsequence(vec!["g", "h", "i", "j"], 1..=4).prop_shuffle();
    (ids, prop::collection::vec(gate(), 4)).prop_map(|(ids, gates)| {
        let lines: Vec<String> =
            ids.iter().zip(gates).map(|(id, gate)| format!("  - {{ id: {id}, {gate} }}\n")).collect();
        format!("gates:\n{}", lines.concat())
    })
}

/// Every key but the confidence of a fail.
fn policy() -> impl Strategy<Value = String> {
    let word = |words: &'static [&'static str]| prop::sample::select(words);
    (
        word(&["90%", "95%", "99%"]),
        word(&["1", "3"]),
        (word(&["block", "warn"]), word(&["refuse", "accept"]), word(&["warn", "require"])),
        word(&["worst-case", "{ exclude_up_to: 0% }", "{ exclude_up_to: 2% }"]),
        word(&["1d", "48h", "7d"]),
        word(&["[]", "[safety]", "[cost, safety]", "[cost]"]),
        word(&["true", "false"]),
    )
        .prop_map(
            |(confidence, looks, (inconclusive, points, binding), missing, age, require, counts)| {
                format!(
                    "policy: {{ confidence: {confidence}, looks: {looks}, on_inconclusive: {inconclusive}, \
                 point_estimates: {points}, binding: {binding}, missing_samples: {missing}, \
                 max_evidence_age: {age}, require: {require}, observed_counts: {counts} }}\n"
                )
            },
        )
}

/// The parts of a release that no shared policy holds; waivers are of whichever gate it has.
fn rest() -> impl Strategy<Value = String> {
    let waiver = (
        prop::sample::select(&["2027-01-01", "2027-02-02"][..]),
        maybe(&["limit: 5", "limit: 50%", "limit: 7"]),
        maybe(&["slice: { x: a }", "slice: { x: b }", "slice: { x: a, y: c }"]),
    )
        .prop_map(|(day, limit, slice)| {
            format!("  - {{ gate: GATE, reason: r, owner: o, approver: p, expires: {day}{limit}{slice} }}\n")
        });
    (
        prop::collection::vec(waiver, 0..3),
        prop::sample::subsequence(
            vec!["a: { unit: ms }", "b: { direction: lower }", "y: { where: { k: 1 } }"],
            0..=3,
        ),
        prop::sample::select(&["path: p", "path: q, cluster: k", "path: p, where: { k: [v, w] }"][..]),
        maybe(&["f: { path: f }"]),
        prop::sample::select(&["hotfix", "prompt-release", "model-upgrade"][..]),
    )
        .prop_map(|(waivers, metrics, evidence, more, kind)| {
            let waivers =
                if waivers.is_empty() { String::new() } else { format!("waivers:\n{}", waivers.concat()) };
            format!(
                "type: {kind}\nevidence: {{ e: {{ {evidence} }}{more} }}\nmetrics: {{ {} }}\n{waivers}",
                metrics.join(", ")
            )
        })
}

/// A whole release; its waivers are of its first gate.
fn manifests() -> impl Strategy<Value = String> {
    (gates(), policy(), rest(), any::<bool>()).prop_map(|(gates, policy, rest, warns)| {
        let id = gates.split("id: ").nth(1).unwrap().split(',').next().unwrap().to_owned();
        let policy = if warns { policy.replace("looks", "fail_confidence: 97%, looks") } else { policy };
        format!("{gates}{policy}{}", rest.replace("GATE", &id))
    })
}

/// What one direction must be in the other: rule, direction, and both sides.
fn summary(records: &[Record], turned: bool) -> Vec<(String, Direction, Option<String>, Option<String>)> {
    let mut found: Vec<_> = records
        .iter()
        .map(|record| {
            let (id, way, from, to) =
                (record.rule.id(), record.direction, record.before.clone(), record.after.clone());
            if !turned {
                return (id.to_owned(), way, from, to);
            }
            let id = match id.rsplit_once('-') {
                Some((what, "added")) => format!("{what}-removed"),
                Some((what, "removed")) => format!("{what}-added"),
                _ => id.to_owned(),
            };
            (id, mirrored(way), to, from)
        })
        .collect();
    found.sort();
    found
}

/// Parts of a gate (or else of the policy), each from the loosest value to the strictest.
const PARTS: &[(bool, &[&str])] = &[
    (true, &["rule: 'a <= 3'", "rule: 'a <= 2'", "rule: 'a <= 1'"]),
    (true, &["", ", by: [x]", ", by: [y, x]"]),
    (true, &[", when: { changed: [models] }", ", when: { changed: [prompts, models] }", ""]),
    (true, &[", enforcement: warn", ""]),
    (true, &["", ", confidence: 97%", ", confidence: 99%"]),
    (true, &["", ", min_samples: 10", ", min_samples: 20"]),
    (false, &["confidence: 90%", "confidence: 95%", "confidence: 96%"]),
    (false, &[", looks: 1", ", looks: 2", ", looks: 3"]),
    (false, &[", on_inconclusive: warn", ", on_inconclusive: block"]),
    (false, &[", point_estimates: accept", ", point_estimates: refuse"]),
    (
        false,
        &[
            ", missing_samples: { exclude_up_to: 2% }",
            ", missing_samples: { exclude_up_to: 1% }",
            ", missing_samples: worst-case",
        ],
    ),
    (false, &[", binding: warn", ", binding: require"]),
    (false, &["", ", max_evidence_age: 1w", ", max_evidence_age: 24h"]),
    (false, &[", require: []", ", require: [cost]", ", require: [safety, cost]"]),
    (false, &[", observed_counts: true", ", observed_counts: false"]),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_123), ..ProptestConfig::default() })]

    #[test]
    fn nothing_changed_is_no_record(text in manifests()) {
        let one = release(&text);
        prop_assert_eq!(compare(&one, &release(&text)), vec![]);
    }

    #[test]
    fn backwards_is_the_opposite(before in manifests(), after in manifests()) {
        let (before, after) = (release(&before), release(&after));
        let (there, back) = (compare(&before, &after), compare(&after, &before));
        prop_assert_eq!(summary(&there, false), summary(&back, true));
        for record in &there {
            let weight = match record.direction {
                Direction::Looser => record.severity >= Weight::Review,
                Direction::Tighter => record.severity == Weight::Info,
                Direction::Unknown | Direction::Neutral => true,
            };
            prop_assert!(weight, "{:?}", record);
            prop_assert!(!record.path.is_empty() && record.before != record.after, "{:?}", record);
        }
    }

    /// What a release may make of a shared policy is not looser than the policy alone, and what it may not is.
    #[test]
    fn merging_and_comparing_agree(levels in prop::collection::vec((0usize..3, -3i32..7), PARTS.len())) {
        // Most parts stay, some get a step stricter, few a step looser.
        let moved: Vec<(usize, usize)> = levels
            .iter()
            .zip(PARTS)
            .map(|((level, step), (_, values))| {
                let base = level % values.len();
                let own = match step {
                    -3 => base.saturating_sub(1),
                    5..=6 => (base + 1).min(values.len() - 1),
                    _ => base,
                };
                (base, own)
            })
            .collect();
        let text = |pick: fn(&(usize, usize)) -> usize| {
            let chosen: Vec<(bool, &str)> =
                PARTS.iter().zip(&moved).map(|((of_gate, values), levels)| (*of_gate, values[pick(levels)])).collect();
            let part = |of_gate| -> String {
                chosen.iter().filter(|(of, _)| *of == of_gate).map(|(_, value)| *value).collect()
            };
            format!("gates: [{{ id: g, {} }}]\npolicy: {{ {} }}\n", part(true), part(false))
        };
        let (base, own) = (text(|levels| levels.0), text(|levels| levels.1));
        let ways: BTreeSet<Direction> =
            compared(&base, &own).into_iter().map(|record| record.direction).collect();
        prop_assert_eq!(ways.contains(&Direction::Looser), moved.iter().any(|(base, own)| own < base));
        prop_assert_eq!(ways.contains(&Direction::Tighter), moved.iter().any(|(base, own)| own > base));
        prop_assert!(!ways.contains(&Direction::Unknown) && !ways.contains(&Direction::Neutral));
        let alone = on(&base, "base.yaml", "").unwrap();
        match on(&base, "base.yaml", &own) {
            Ok(merged) => {
                let records = compare(&alone, &merged);
                prop_assert!(records.iter().all(|record| record.direction == Direction::Tighter), "{:#?}", records);
            }
            Err(refused) => {
                prop_assert!(refused.contains("loosened"), "{}", refused);
                prop_assert!(ways.contains(&Direction::Looser), "{}", refused);
            }
        }
    }
}

#[test]
fn another_bake_is_told_also_where_the_steps_are_others() {
    let plan = |steps: &str, bake: &str| {
        format!(
            "deployment: {{ strategy: canary, steps: {steps}, bake: {bake} }}\nmonitoring: {{ log: [a.jsonl] }}"
        )
    };
    let record = only(&plan("[10%, 100%]", "24h"), &plan("[10%, 100%]", "1h"));
    assert_eq!((record.rule.id(), record.direction), ("lifecycle-value", Direction::Looser));
    let record = only(&plan("[10%, 100%]", "24h"), &plan("[50%, 100%]", "1h"));
    assert_eq!((record.rule.id(), record.direction), ("release-lifecycle", Direction::Unknown));
    let lines = format!("{:?}", record.details);
    assert!(lines.contains("bake") && lines.contains("steps"), "{lines}");
}
