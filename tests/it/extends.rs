//! Shared policies: a release inherits them and may tighten them, not loosen them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::extends_cases::{KEYS, REFUSED, TIGHTENED};
use relgate::diagnostic::{Diagnostics, Sources, render};
use relgate::manifest::{self, GateSpec, Manifest, PolicyFile, extends};
use tempfile::TempDir;

const HEAD: &str = "relgate: 1\nname: helpdesk\nversion: 1.2.3\ntype: prompt-release\n\
                    evidence: { answers: { path: answers.jsonl } }\n";
const GATE: &str = "gates: ['Toxicity < 1%']\n";

// ------------------------------------------------------------------------------------------------ the merge alone

fn told(findings: &Diagnostics, sources: &Sources) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let _ = writeln!(text, "{}", render(finding, sources, false));
        text
    })
}

/// A release with `body` on top of policy files, the first one the lowest.
fn merged(bases: &[&str], body: &str) -> Result<Manifest, String> {
    let mut sources = Sources::new();
    let files: Vec<PolicyFile> = bases
        .iter()
        .enumerate()
        .map(|(i, text)| {
            let file = sources.add(format!("base{i}.yaml"), *text);
            manifest::parse_policy(&sources, file)
                .unwrap_or_else(|found| panic!("{}", told(&found, &sources)))
        })
        .collect();
    let body = if body.contains("policy: {") {
        body.replacen("policy: {", "policy: { extends: [base0.yaml],", 1)
    } else {
        format!("{body}policy: {{ extends: [base0.yaml] }}\n")
    };
    let file = sources.add("release.yaml", format!("{HEAD}{body}"));
    let own = manifest::parse(&sources, file).unwrap_or_else(|found| panic!("{}", told(&found, &sources)));
    extends::merge(own, &files).map_err(|found| told(&found, &sources))
}

fn policy_on(base: &str, own: &str) -> Result<Manifest, String> {
    merged(&[&format!("policy: {{ {base} }}\n")], &format!("{GATE}policy: {{ {own} }}\n"))
}

/// One gate of the shared policy, written again by the release.
fn gate_on(base: &str, own: &str) -> Result<GateSpec, String> {
    merged(&[&format!("gates:\n  - {base}\n")], &format!("gates:\n  - {own}\n")).map(|merged| {
        assert_eq!(merged.gates.len(), 1);
        merged.gates[0].clone()
    })
}

/// The value of a key in the merged policy, for comparison with one that stands alone.
fn value(merged: &Manifest, key: &str) -> String {
    let policy = &merged.policy;
    match key {
        "confidence" => policy.confidence.to_string(),
        "fail_confidence" => policy.fail_confidence.to_string(),
        "looks" => policy.looks.to_string(),
        "on_inconclusive" => policy.on_inconclusive.to_string(),
        "point_estimates" => format!("{:?}", policy.point_estimates),
        "missing_samples" => format!("{:?}", policy.missing_samples),
        "binding" => policy.binding.to_string(),
        "unpinned_models" => policy.unpinned_models.to_string(),
        "looser_changes" => policy.looser_changes.to_string(),
        "waiver_at_most" => policy.waiver_at_most.to_string(),
        "max_evidence_age" => format!("{:?}", policy.max_evidence_age.map(|age| age.value)),
        "require" => {
            format!("{:?}", policy.require.iter().map(|category| category.value).collect::<Vec<_>>())
        }
        "observed_counts" => policy.observed_counts.to_string(),
        _ => panic!("{key}"),
    }
}

#[test]
fn every_key_is_inherited_tightened_and_never_loosened() {
    for (key, base, stricter, looser) in KEYS {
        let shared = format!("{key}: {base}");
        // Stated alone, on a policy that says nothing about it.
        let alone = |text: &str| value(&policy_on("", &format!("{key}: {text}")).unwrap(), key);
        assert_eq!(value(&policy_on(&shared, "").unwrap(), key), alone(base), "inherit {shared}");
        let tight = policy_on(&shared, &format!("{key}: {stricter}"));
        assert_eq!(value(&tight.unwrap(), key), alone(stricter), "{shared} to {stricter}");
        assert!(policy_on(&shared, &shared).is_ok(), "the same again: {shared}");
        if looser.is_empty() {
            continue;
        }
        let error = policy_on(&shared, &format!("{key}: {looser}")).unwrap_err();
        for word in ["policy-loosened", &format!("`{key}`"), "release.yaml:7", "base0.yaml:1"] {
            assert!(error.contains(word), "{word} is not in\n{error}");
        }
    }
}

#[test]
fn what_no_shared_policy_says_is_free() {
    let free = policy_on("looks: 2", "confidence: 90%, on_inconclusive: warn").unwrap();
    assert_eq!(free.policy.confidence.to_string(), "90%");
    assert_eq!(free.policy.looks, 2);
}

#[test]
fn the_defaults_of_what_shared_gates_depend_on_are_shared_too() {
    let gates = "gates: ['Toxicity < 1%']\n";
    for looser in [
        "confidence: 50.01%",
        "fail_confidence: 60%",
        "missing_samples: { exclude_up_to: 49.9% }",
        "on_inconclusive: warn",
        "point_estimates: accept",
    ] {
        let error = merged(&[gates], &format!("policy: {{ {looser} }}\n")).unwrap_err();
        for word in ["policy-loosened", "release.yaml:6", "base0.yaml:1", "depends on the default"] {
            assert!(error.contains(word), "{looser}: {word} is not in\n{error}");
        }
        // A second file may not do it for the release either.
        assert!(merged(&[gates, &format!("policy: {{ {looser} }}\n")], "").is_err(), "{looser}");
        // Where nothing is shared but other keys, it is the release's own business.
        assert!(merged(&["policy: { looks: 2 }\n"], &format!("{GATE}policy: {{ {looser} }}\n")).is_ok());
    }
    let required = "policy: { require: [safety] }\n";
    let error = merged(&[required], &format!("{GATE}policy: {{ observed_counts: true }}\n")).unwrap_err();
    assert!(error.contains("policy-loosened") && error.contains("base0.yaml:1"), "{error}");
    assert!(merged(&[gates], "policy: { confidence: 99%, looks: 3, binding: require }\n").is_ok());
}

#[test]
fn files_apply_in_order_and_each_only_tightens() {
    let low = "policy: { confidence: 90%, looks: 2 }\n";
    let high = "policy: { confidence: 97% }\n";
    let merged_policy = merged(&[low, high], GATE).unwrap().policy;
    assert_eq!((merged_policy.confidence.to_string().as_str(), merged_policy.looks), ("97%", 2));
    let error = merged(&[high, low], GATE).unwrap_err();
    assert!(error.contains("base1.yaml:1") && error.contains("base0.yaml:1"), "{error}");
    let error = merged(&[low, high], &format!("{GATE}policy: {{ confidence: 95% }}\n")).unwrap_err();
    assert!(error.contains("base1.yaml:1"), "the last line that speaks is the one it loosens: {error}");
}

#[test]
fn gates_are_added_before_the_own_ones_and_merge_by_id() {
    let base = "gates: ['Toxicity < 1%', 'p95 latency < 1200ms']\n";
    let ids = |body: &str| -> Vec<String> {
        merged(&[base], body).unwrap().gates.iter().map(|gate| gate.rule.to_string()).collect()
    };
    assert_eq!(ids(""), ["Toxicity < 1%", "p95 latency < 1200ms"]);
    assert_eq!(
        ids("gates: ['Accuracy > 90%', 'p95 latency < 1.1s']\n"),
        ["Toxicity < 1%", "p95 latency < 1.1s", "Accuracy > 90%"]
    );
    assert!(merged(&["policy: { looks: 2 }\n"], "").unwrap_err().contains("no-gates"));
}

#[test]
fn a_gate_may_be_tightened() {
    for (base, own) in TIGHTENED {
        if let Err(error) = gate_on(base, own) {
            panic!("{base} to {own}: {error}");
        }
    }
}

#[test]
fn a_gate_may_not_be_loosened_or_replaced() {
    for (base, own, code) in REFUSED {
        match gate_on(base, own) {
            Ok(_) => panic!("{base} became {own}"),
            Err(error) => {
                for word in [code, "release.yaml:7", "base0.yaml:2"] {
                    assert!(error.contains(word), "{base} to {own}: {word} is not in\n{error}");
                }
            }
        }
    }
}

#[test]
fn what_a_gate_does_not_say_again_is_inherited_or_strict() {
    let base = "{ id: g, rule: 'a < 1', evidence: answers, by: [x], confidence: 99%, min_samples: 9, \
                rationale: r, when: { changed: [models] }, enforcement: warn }";
    let gate = gate_on(base, "{ id: g, rule: 'a < 0.5' }").unwrap();
    assert_eq!(gate.rule.to_string(), "a < 0.5");
    assert_eq!(gate.evidence.unwrap().value, "answers");
    assert_eq!(gate.by.len(), 1);
    assert_eq!(gate.confidence.unwrap().value.to_string(), "99%");
    assert_eq!(gate.min_samples.unwrap().value, 9);
    assert_eq!(gate.rationale.unwrap().value, "r");
    // A gate reads in the release as it is judged: always, and blocking.
    assert!(gate.when.is_none() && !gate.when_is_shared);
    assert_eq!(gate.enforcement.word(), "block");
}

#[test]
fn only_a_when_of_the_shared_policy_is_shared() {
    let shared = "{ id: g, rule: 'a < 1', when: { changed: [models] } }";
    assert!(gate_on(shared, shared).unwrap().when_is_shared);
    let both = merged(
        &[&format!("gates:\n  - {shared}\n")],
        "gates: [{ id: own, rule: 'b < 1', when: { type: [hotfix] } }]\n",
    )
    .unwrap();
    let flags: Vec<bool> = both.gates.iter().map(|gate| gate.when_is_shared).collect();
    assert_eq!(flags, [true, false]);
}

#[test]
fn the_confidence_of_a_gate_keeps_up_with_the_merged_policy() {
    // The release raises the policy above what a shared gate asks for: the gate follows.
    let raised = merged(
        &["policy: { confidence: 90% }\ngates: [{ id: g, rule: 'a < 1', confidence: 95% }]\n"],
        "policy: { confidence: 99% }\n",
    )
    .unwrap();
    assert!(raised.gates[0].confidence.is_none());
    // Its own gate below the shared confidence, and a shared gate below its own policy, are errors.
    let own = "gates: [{ id: g, rule: 'a < 1', confidence: 96% }]\n";
    let error = merged(&["policy: { confidence: 97% }\n"], own).unwrap_err();
    for word in ["confidence-lowered", "release.yaml:6", "base0.yaml:1", "97%"] {
        assert!(error.contains(word), "{error}");
    }
    assert!(merged(&[own, "policy: { confidence: 97% }\n"], "").is_ok());
    assert!(
        merged(&["gates: [{ id: g, rule: 'a < 1', confidence: 92% }]\n"], "")
            .unwrap_err()
            .contains("confidence-lowered")
    );
    // Against the shared 90 %, a gate of 92 % is none.
    assert!(
        merged(&["policy: { confidence: 90% }\n"], "gates: [{ id: g, rule: 'a < 1', confidence: 92% }]\n")
            .is_ok()
    );
}

#[test]
fn names_are_looked_up_in_the_merged_release() {
    let waiver = "waivers: [{ gate: toxicity, reason: r, owner: o, approver: a, expires: 2027-01-01 }]\n";
    assert!(merged(&[GATE], waiver).is_ok(), "a waiver for a shared gate");
    assert!(merged(&["gates: ['b < 1']\n"], waiver).unwrap_err().contains("waiver-for-unknown-gate"));
    let elsewhere = "gates: [{ id: g, rule: 'a < 1', evidence: nowhere }]\n";
    let error = merged(&[elsewhere], "").unwrap_err();
    assert!(error.contains("unknown-evidence") && error.contains("base0.yaml:1"), "{error}");
}

#[test]
fn a_policy_file_holds_policy_and_gates_only() {
    let read = |text: &str| {
        let mut sources = Sources::new();
        let file = sources.add("base.yaml", text);
        manifest::parse_policy(&sources, file).map_err(|found| told(&found, &sources))
    };
    for fine in ["relgate: 1\npolicy: {}\n", "gates: ['a < 1']\n", "policy: { looks: 2 }\n"] {
        assert!(read(fine).is_ok(), "{fine}");
    }
    for (text, words) in [
        ("gate: ['a < 1']\n", ["unknown-key", "did you mean `gates`"]),
        ("policy: { confidense: 90% }\n", ["unknown-key", "did you mean `confidence`"]),
        ("metrics: { a: { unit: ms } }\n", ["unknown-key", "its keys are"]),
        ("relgate: 2\nother: 1\n", ["format-version", "base.yaml:1"]),
        ("# nothing\n", ["policy-empty", "base.yaml"]),
        ("- a\n", ["wrong-type", "a policy file is a mapping"]),
        (HEAD, ["extends-release", "a whole manifest"]),
    ] {
        let error = read(text).unwrap_err();
        assert!(words.iter().all(|word| error.contains(word)), "{text}: {error}");
    }
}

// ------------------------------------------------------------------------------------------------ files and the command

struct Story(TempDir);

fn story() -> Story {
    let story = Story(tempfile::Builder::new().prefix("relgate-extends-").tempdir().unwrap());
    let rows = (0..1000).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, r#"{{"id": "q{i}", "toxic": false}}"#);
        text
    });
    story.file("answers.jsonl", &rows)
}

impl Story {
    fn file(self, path: &str, text: &str) -> Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn release(self, body: &str) -> Self {
        self.file("release.yaml", &format!("{HEAD}{body}"))
    }

    /// Exit code, stdout and stderr of `relgate check`.
    fn check(&self, manifests: &[&str], folder: &Path) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_relgate"))
            .env_clear()
            .current_dir(folder)
            .args(["check", "--as-of", "2026-11-20", "--root"])
            .arg(self.0.path())
            .args(manifests)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
    }

    #[track_caller]
    fn ends(&self, code: i32, words: &[&str]) {
        let (found, text) = self.check(&["release.yaml"], self.0.path());
        assert_eq!(found, code, "{text}");
        for word in words {
            assert!(text.contains(word), "{word} is not in\n{text}");
        }
    }
}

const EXTENDS: &str = "policy: { extends: [policy/base.yaml], require: [] }\n";

#[test]
fn a_release_is_judged_by_the_gates_and_the_policy_that_it_inherits() {
    let with = |base: &str| story().release(EXTENDS).file("policy/base.yaml", base);
    with("gates: ['Toxicity < 1%']\n").ends(0, &["PASS", "toxicity", "< 1% "]);
    // 1,000 clean samples show 1 %, and do not show 0.1 %.
    with("gates: ['Toxicity < 0.1%']\n").ends(3, &[]);
    // What no layer states is the default of the type; what one states is what is required.
    let inherits = |base: &str| {
        story().release("policy: { extends: [policy/base.yaml] }\n").file("policy/base.yaml", base)
    };
    let required = |list: &str| format!("policy: {{ require: [{list}] }}\ngates: ['Toxicity < 1%']\n");
    inherits("gates: ['Toxicity < 1%']\n").ends(2, &["a prompt-release needs a blocking gate on quality"]);
    inherits(&required("cost")).ends(2, &["the policy requires a blocking gate on cost"]);
    inherits(&required("safety")).ends(0, &["`require` leaves out quality, cost", "policy/base.yaml:1"]);
}

#[test]
fn files_extend_files_relative_to_where_they_stand() {
    story()
        .release(EXTENDS)
        .file("policy/base.yaml", "policy: { extends: [org/all.yaml, ../top.yaml] }\n")
        .file("policy/org/all.yaml", "policy: { extends: [../../top.yaml] }\ngates: ['Toxicity < 1%']\n")
        .file("top.yaml", "policy: { confidence: 97% }\n")
        .ends(0, &["PASS", "0.35%"]);
    story()
        .release("policy: { extends: [policy/base.yaml], require: [], confidence: 96% }\n")
        .file("policy/base.yaml", "policy: { extends: [../top.yaml] }\ngates: ['Toxicity < 1%']\n")
        .file("top.yaml", "policy: { confidence: 97% }\n")
        .ends(2, &["policy-loosened", "release.yaml:6", "top.yaml:1"]);
}

#[test]
fn a_circle_is_an_error_that_names_it() {
    story()
        .release(EXTENDS)
        .file("policy/base.yaml", "policy: { extends: [other.yaml] }\n")
        .file("policy/other.yaml", "policy: { extends: [./base.yaml] }\n")
        .ends(2, &["extends-circle", "policy/other.yaml:1", "`policy/base.yaml`, `policy/other.yaml`"]);
    story()
        .release(EXTENDS)
        .file("policy/base.yaml", "policy: { extends: [../release.yaml] }\n")
        .ends(2, &["extends-circle", "`release.yaml`"]);
}

#[test]
fn eight_files_deep_and_no_deeper() {
    let chain = |length: usize| {
        let mut story = story().release("policy: { extends: [p1.yaml], require: [] }\n");
        for i in 1..length {
            let text = format!("policy: {{ extends: [p{}.yaml] }}\n", i + 1);
            story = story.file(&format!("p{i}.yaml"), &text);
        }
        story.file(&format!("p{length}.yaml"), GATE)
    };
    chain(8).ends(0, &[]);
    chain(9).ends(2, &["extends-too-deep", "p8.yaml:1", "`p9.yaml`"]);
}

#[test]
fn a_file_that_cannot_be_used_is_an_error_at_its_name() {
    let naming = |path: &str| story().release(&format!("{GATE}policy: {{ extends: ['{path}'] }}\n"));
    naming("policy/base.yaml").ends(2, &["missing-file", "release.yaml:7"]);
    naming("../base.yaml").ends(2, &["leaves-root", "release.yaml:7"]);
    naming("/etc/base.yaml").ends(2, &["absolute-path", "release.yaml:7"]);
    naming("policy").file("policy/base.yaml", GATE).ends(2, &["release.yaml:7", "a folder"]);
    naming("answers.jsonl").file("answers.jsonl", "{\n").ends(2, &["answers.jsonl"]);
    story()
        .release(EXTENDS)
        .file("policy/base.yaml", "metrics: {}\ngates: ['Toxicity < ']\n")
        .ends(2, &["policy/base.yaml:1", "unknown-key", "policy/base.yaml:2", "rule-syntax"]);
}

#[test]
fn two_releases_share_one_policy() {
    let body = "policy: { extends: [../policy/base.yaml], require: [] }\n";
    let named = |name: &str, more: &str| {
        HEAD.replace("helpdesk", name).replace("answers.jsonl", "../answers.jsonl") + more + body
    };
    let story = story()
        .file("policy/base.yaml", GATE)
        .file("a/release.yaml", &named("a", ""))
        .file("b/release.yaml", &named("b", "gates: ['Toxicity < 0.1%']\n"));
    let (code, text) = story.check(&["a/release.yaml", "b/release.yaml"], story.0.path());
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("PASS  a") && text.contains("INCONCLUSIVE  b"), "{text}");
}

#[test]
fn what_a_shared_gate_asks_for_is_not_redefined() {
    let rows = (0..1000).fold(String::new(), |mut text, i| {
        let _ = writeln!(
            text,
            r#"{{"id": "q{i}", "toxic": {}, "zero": false, "ms": 900, "style": {}, "flag": true}}"#,
            i < 30,
            i % 2 == 0
        );
        text
    });
    let with = |metrics: &str, gates: &str| {
        story()
            .file("answers.jsonl", &rows)
            .release(&format!("metrics: {{ {metrics} }}\n{EXTENDS}"))
            .file("policy/base.yaml", &format!("gates: ['{gates}']\n"))
    };
    let places = ["shared-metric-redefined", "release.yaml:6", "policy/base.yaml:1", "the shared gate"];
    for definition in [
        "toxicity: { field: zero }",
        "toxicity: { field: toxic, as: mean, scale: 0.01, unit: fraction }",
        "toxicity: { field: toxic, as: mean }",
        "Toxicity: { field: toxic, scale: 0.1 }",
        "toxicity: { field: toxic, unit: '%' }",
        "toxicity: { field: toxic, where: { flag: false } }",
        "toxicity: { field: toxic, category: quality }",
    ] {
        with(definition, "Toxicity < 1%").ends(2, &places);
    }
    // What says the same is fine, and so is a definition of the release's own gates.
    with("toxicity: { field: toxic, as: rate, category: safety }", "Toxicity < 1%").ends(1, &["FAIL"]);
    with("calm: { field: zero, as: rate, direction: lower }", "Toxicity < 1%").ends(1, &["FAIL"]);
    // A metric that only the organisation knows is the field of its name.
    with("style: { field: flag, as: rate }", "rate style >= 90%").ends(2, &places);
    with("tone: { field: flag, as: rate, direction: higher }", "tone >= 90%").ends(0, &["PASS"]);
}

#[test]
fn a_latency_stands_for_no_safety() {
    let rows = (0..100).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, r#"{{"id": "q{i}", "latency_ms": {}}}"#, 100 + i);
        text
    });
    for name in ["latency", "guard"] {
        let body = format!(
            "metrics: {{ {name}: {{ field: latency_ms, unit: ms, direction: lower, category: safety }} }}\n\
             gates: ['p95 {name} < 1200ms']\npolicy: {{ require: [safety] }}\n"
        );
        story()
            .file("answers.jsonl", &rows)
            .release(&body)
            .ends(2, &["other-category", "stands for no safety"]);
    }
}

#[test]
fn a_definition_and_the_name_of_its_field_say_one_unit() {
    let body = "metrics: { latency: { field: latency_ms, unit: us } }\ngates: ['p95 latency < 1200ms']\npolicy: { require: [] }\n";
    let story = story().file("answers.jsonl", "{\"id\": 1, \"latency_ms\": 9000}\n").release(body);
    story.ends(2, &["wrong-unit", "`latency_ms` says that it is in ms"]);
}
