//! `relgate try`: a verdict on results without a manifest, and the manifest that asks the same.

use std::fs;

use serde_json::{Value, json};

use crate::check::support::Checked;
use crate::project::{Project, TODAY, events, project, samples};

/// `n` samples of which `wrong` are not right, and what they cost.
fn answers(n: usize, wrong: usize, cost: f64) -> String {
    samples(n, |i| {
        format!(r#""accuracy": {}, "cost_usd": {}"#, i >= wrong, cost * (1.0 + (i % 7) as f64 / 100.0))
    })
}

fn both(new: &str, old: &str) -> Project {
    project().file("new.jsonl", new).file("old.jsonl", old)
}

/// Runs `relgate try` with these words.
fn attempt(project: &Project, words: &[&str]) -> Checked {
    let output = project.relgate().args(["try", "--as-of", TODAY]).args(words).output().unwrap();
    Checked::new(&output, None)
}

/// The same as JSON.
fn report(project: &Project, words: &[&str]) -> Value {
    let tried = attempt(project, &[words, &["--format", "json"]].concat());
    serde_json::from_str(&tried.stdout).unwrap_or_else(|_| panic!("{}\n{}", tried.stdout, tried.stderr))
}

/// The manifest at the end of what was printed.
fn printed(tried: &Checked) -> String {
    let (_, manifest) = tried.stdout.split_once("asked by this release.yaml").expect(&tried.stdout);
    manifest.split_once(":\n\n").expect("a line before the manifest").1.to_owned()
}

/// What was judged and what it came to, gate by gate.
fn outcomes(report: &Value) -> Value {
    let gates = report["gates"].as_array().unwrap();
    let gate = |gate: &Value| {
        json!([gate["id"], gate["rule"], gate["outcome"], gate["p_pass"], gate["p_fail"], gate["candidate"]])
    };
    json!([report["decision"], gates.iter().map(gate).collect::<Vec<_>>()])
}

#[test]
fn the_exit_code_is_that_of_the_rules() {
    let project = both(&answers(400, 40, 0.002), &answers(400, 40, 0.002));
    for (words, code, word) in [
        (&["new.jsonl", "accuracy > 80%"][..], 0, "PASS"),
        (&["new.jsonl", "accuracy > 99%"], 1, "FAIL"),
        (&["new.jsonl", "accuracy > 89%"], 3, "INCONCLUSIVE"),
        (&["new.jsonl", "accuracy > 80%", "accuracy < 99%"], 2, ""),
        (&["new.jsonl", "accurcy > 80%"], 2, ""),
        (&["new.jsonl"], 2, "new.jsonl: each limit"),
    ] {
        let tried = attempt(&project, words);
        assert_eq!(tried.code, code, "{words:?}: {}{}", tried.stdout, tried.stderr);
        assert!(tried.stdout.starts_with(word), "{words:?}: {}", tried.stdout);
        assert_eq!(code == 2, tried.stderr.contains("error["), "{words:?}: {}", tried.stderr);
    }
}

#[test]
fn two_files_are_compared_by_fixed_margins() {
    for (new, code, outcome) in [
        (answers(400, 20, 0.002), 0, ["pass", "pass"]),
        (answers(400, 60, 0.002), 1, ["fail", "pass"]),
        (answers(400, 26, 0.002), 3, ["inconclusive", "pass"]),
        (answers(400, 20, 0.0025), 1, ["pass", "fail"]),
    ] {
        let project = both(&new, &answers(400, 20, 0.00201));
        let tried = attempt(&project, &["new.jsonl", "old.jsonl"]);
        assert_eq!(tried.code, code, "{}{}", tried.stdout, tried.stderr);
        let report = report(&project, &["new.jsonl", "old.jsonl"]);
        let gates = report["gates"].as_array().unwrap();
        let told: Vec<_> =
            gates.iter().map(|gate| (gate["rule"].as_str().unwrap(), &gate["outcome"])).collect();
        assert_eq!(
            told,
            [("accuracy drop < 2pp", &json!(outcome[0])), ("cost_usd increase < 10%", &json!(outcome[1]))]
        );
    }
}

/// The printed manifest, saved and checked, comes to the same: names that no rule can spell plainly, other names, selections,
/// aggregates, several files.
#[test]
fn the_printed_manifest_asks_the_same() {
    let odd = |wrong: usize| {
        samples(300, |i| {
            format!(
                r#""accuracy": {}, "f1": {}, "latency_ms": {}, "latency": {}, "total tokens": {}, "topic": "a: b #'{}'""#,
                i >= wrong,
                (i % 10) as f64 / 10.0,
                500 + (i + wrong) % 13,
                1 + (i + wrong) % 3,
                100 + (i + wrong) % 9,
                i % 2
            )
        })
    };
    let csv = |wrong: usize| {
        (0..300).fold("question,correct,lang\n".to_owned(), |text, i| {
            text + &format!("q{i},{},{}\n", if i < wrong { "no" } else { "yes" }, ["de", "en"][i % 2])
        })
    };
    let runs = (0..600).fold(String::new(), |text, i| {
        text + &format!("{{\"id\": {}, \"run\": \"{}\", \"accuracy\": {}}}\n", i / 2, i % 2, i % 20 > i % 2)
    });
    let stated = r#"{"schema": "relgate/metrics/v1", "metrics": {"accuracy": {"events": 900, "n": 1000}, "p95_latency_ms": 900}}"#;
    let project = both(&odd(10), &odd(12))
        .file("new.csv", csv(10))
        .file("old.csv", csv(12))
        .file("runs.jsonl", runs)
        .file("new.json", stated)
        .file("old.json", stated)
        .file("parts/new/a.jsonl", answers(150, 3, 0.002))
        .file("parts/new/b.jsonl", answers(150, 3, 0.002).replace("\"q", "\"r"));
    let mut seen = 0;
    for words in [
        &["new.jsonl", "old.jsonl"][..],
        &["./new.jsonl", "old.jsonl", "accuracy drop < 5pp", "p95 latency_ms < 900ms", "accuracy drop < 9pp"],
        &["new.csv", "old.csv", "--id", "question", "--where", "lang=de"],
        &[
            "new.csv",
            "old.csv",
            "--id",
            "question,lang",
            "--field",
            "exact match=correct",
            "exact match drop < 9pp",
        ],
        &[
            "runs.jsonl",
            "runs.jsonl",
            "--where",
            "run=1",
            "--baseline-where",
            "run=0",
            "accuracy drop < 20pp",
        ],
        &["new.jsonl", "old.jsonl", "--where", "topic=a: b #'1'", "--where", "topic=a: b #'0'"],
        &["new.json", "old.json"],
        &["parts/new", "accuracy > 90%"],
        &["parts/new/*.jsonl", "accuracy > 99.9%"],
    ] {
        let tried = attempt(&project, words);
        assert_ne!(tried.code, 2, "{words:?}: {}", tried.stderr);
        let direct = report(&project, words);
        fs::write(project.path("release.yaml"), printed(&tried)).unwrap();
        let check = ["check", "--dry-run", "--as-of", TODAY, "--format", "json"];
        let output = project.relgate().args(check).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(tried.code),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let saved: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(outcomes(&saved), outcomes(&direct), "{words:?}");
        assert_eq!(saved["release"]["manifest_sha256"], direct["release"]["manifest_sha256"], "{words:?}");
        fs::remove_file(project.path("release.yaml")).unwrap();
        seen += 1;
    }
    assert_eq!(seen, 9);
}

#[test]
fn without_a_rule_and_without_old_results_the_limits_are_all_there_is() {
    let project = project().file(
        "new.jsonl",
        samples(200, |i| format!(r#""accuracy": {}, "flag": {}, "lang": "de""#, i >= 10, i % 2)),
    );
    let tried = attempt(&project, &["new.jsonl"]);
    assert_eq!(tried.code, 2);
    // 190 of 200: the one-sided limits of Clopper and Pearson (SciPy: beta.ppf).
    assert!(tried.stdout.contains("95.0% [91.7%, 97.3%], n 200"), "{}", tried.stdout);
    assert!(
        tried.stdout.contains("flag") && tried.stdout.contains("95% confidence (one-sided)"),
        "{}",
        tried.stdout
    );
    assert!(!tried.stdout.contains("pass") && !tried.stdout.contains("PASS"), "{}", tried.stdout);
    assert!(tried.stderr.contains("error[nothing-asked]"), "{}", tried.stderr);
    let report = report(&project, &["new.jsonl"]);
    assert_eq!((&report["decision"], &report["exit_code"]), (&json!("error"), &json!(2)));
    assert!(report["warnings"].to_string().contains("95.0% [91.7%, 97.3%]"), "{report}");
}

#[test]
fn nothing_is_written_but_to_out() {
    // What stands beside the results is another release's and plays no part.
    let project = both(&answers(300, 3, 0.002), &answers(300, 3, 0.00201))
        .file("release.yaml", "not: a manifest\n")
        .file("release.lock", "no lock\n");
    let before = project.snapshot();
    for words in [
        &["new.jsonl", "old.jsonl"][..],
        &["new.jsonl"],
        &["new.jsonl", "accuracy > 9%"],
        &["new.jsonl", "x < 1"],
    ] {
        let _ = attempt(&project, words);
    }
    assert_eq!(project.snapshot(), before);
    let tried = attempt(&project, &["new.jsonl", "old.jsonl", "--out", "reports"]);
    assert_eq!(tried.code, 0, "{}", tried.stderr);
    let text = fs::read_to_string(project.path("reports/report.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["decision"], "pass");
    // What a run reads it never writes over.
    let taken = project.file("report.json", answers(300, 3, 0.002));
    let tried = attempt(&taken, &["report.json", "accuracy > 9%", "--out", "."]);
    assert_eq!(tried.code, 2, "{}", tried.stdout);
    assert!(tried.stderr.contains("output-is-taken"), "{}", tried.stderr);
}

#[test]
fn words_that_are_neither_results_nor_rules_say_so() {
    let project = both(&answers(50, 0, 0.002), &answers(50, 0, 0.002));
    for (words, told) in [
        (&["nope.jsonl"][..], "did you mean `new.jsonl`?"),
        (&["new.jsonl", "old.jsnl"], "did you mean `old.jsonl`?"),
        (&["new.jsonl", "accuracy"], "put it in quotes"),
        (&["accuracy > 90%", "new.jsonl"], "rules come after them"),
        (&["new.jsonl", "old.jsonl", "new.jsonl"], "there are two sides"),
        (&["new.jsonl", "accuracy > x"], "`x` is not a number"),
        (&["new.jsonl", "accuracy > 1\n%"], "a rule stands on one line"),
        (&["new.jsonl", "accuracy drop < 2pp"], "has no results of the baseline"),
        (&["new.jsonl", "new.jsonl"], "baseline-is-candidate"),
        (&["new.jsonl", "--baseline-where", "a=b"], "none are named"),
        (&["new.jsonl", "accuracy > 9%", "--where", "nosuch=1"], "no field `nosuch`"),
        (&["new.jsonl", "accuracy > 9%", "--where", "nosuch"], "write KEY=VALUE"),
        (&["new.jsonl", "accuracy > 9%", "--id", "id", "--field", "id=x"], "is said to be two fields"),
        (&["new.jsonl", "accuracy > 9%", "--field", "x"], "write NAME=FIELD"),
        (&[], "NEW"),
    ] {
        let tried = attempt(&project, words);
        assert_eq!((tried.code, tried.stdout.as_str()), (2, ""), "{words:?}");
        assert!(tried.stderr.contains(told), "{words:?}: {}", tried.stderr);
        assert!(!tried.stderr.contains('\u{1b}'), "{words:?}");
    }
}

/// A margin is only for what is known to be good or bad; what was measured before and is gone or garbled is no label.
#[test]
fn what_fixed_margins_leave_out_is_told_and_what_they_cannot_read_is_an_error() {
    let old = samples(200, |i| {
        format!(r#""accuracy": {}, "toxicity": false, "helpful": {}, "lang": "de""#, i > 3, i > 9)
    });
    let project = both(&old.replace("\"lang\": \"de\"", "\"lang\": \"en\""), &old);
    let report = report(&project, &["new.jsonl", "old.jsonl"]);
    let warnings = report["warnings"].to_string();
    assert!(
        warnings.contains("`helpful` is not judged") && warnings.contains("`rate helpful drop < 2pp`"),
        "{warnings}"
    );
    assert!(warnings.contains("nothing was pinned") && warnings.contains("not judged: `lang`"), "{warnings}");
    for (from, to, told) in [
        ("\"toxicity\": false, ", "", "provides `toxicity increase`"),
        ("\"toxicity\": false", "\"toxicity\": \"none\"", "toxicity"),
        ("\"toxicity\": false", "\"toxicity\": 3", "toxicity"),
        ("\"toxicity\": false", "\"toxicity\": [1]", "toxicity"),
    ] {
        project.again("new.jsonl", old.replace(from, to));
        let tried = attempt(&project, &["new.jsonl", "old.jsonl"]);
        assert_eq!(tried.code, 2, "{to}: {}", tried.stdout);
        assert!(tried.stderr.contains(told), "{to}: {}", tried.stderr);
    }
    // Null everywhere is missing everywhere.
    project.again("new.jsonl", old.replace("\"toxicity\": false", "\"toxicity\": null"));
    assert_ne!(attempt(&project, &["new.jsonl", "old.jsonl"]).code, 0);
}

#[test]
fn results_without_a_known_metric_are_not_judged_by_fixed_margins() {
    let text = events("helpful", 20, 200);
    let project = both(&text, &text.replace("q199", "q200"));
    let tried = attempt(&project, &["new.jsonl", "old.jsonl"]);
    assert_eq!((tried.code, tried.stdout.as_str()), (2, ""));
    assert!(
        tried.stderr.contains("nothing-asked") && tried.stderr.contains("rate helpful drop < 2pp"),
        "{}",
        tried.stderr
    );
    let tried = attempt(&project, &["new.jsonl", "old.jsonl", "rate helpful drop < 9pp"]);
    assert_eq!(tried.code, 0, "{}", tried.stderr);
}

/// No margin is a share of nothing, and a score that is no truth value is a mean.
#[test]
fn margins_fit_what_the_values_are() {
    let text = |lost: usize| {
        samples(400, |i| {
            format!(
                r#""accuracy": {}, "cost": 0, "pii": "{}", "bleu": {}"#,
                if i < lost { 0.4 } else { 0.9 },
                if i < 2 { "yes" } else { "no" },
                30 + i % 5
            )
        })
    };
    let project = both(&text(0), &text(1));
    let report = report(&project, &["new.jsonl", "old.jsonl"]);
    let rules: Vec<_> =
        report["gates"].as_array().unwrap().iter().map(|gate| gate["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["mean accuracy drop < 2pp", "bleu drop < 10%", "pii increase < 2pp"]);
    assert!(report["warnings"].to_string().contains("`cost` is not judged: it was 0 before"), "{report}");
}

#[test]
fn results_outside_of_the_root_are_read_and_named() {
    let elsewhere = both(&answers(300, 3, 0.002), &answers(300, 3, 0.00201));
    let path = |name: &str| elsewhere.path(name).to_str().unwrap().to_owned();
    let here = project().file("x", "");
    let tried = attempt(&here, &[&path("new.jsonl"), &path("old.jsonl")]);
    assert_eq!(tried.code, 0, "{}", tried.stderr);
    assert!(tried.stdout.contains(&format!("--evidence results={}", path("new.jsonl"))), "{}", tried.stdout);
    let here = here.file("release.yaml", printed(&tried));
    let given = [format!("results={}", path("new.jsonl")), format!("results={}", path("old.jsonl"))];
    let args = ["check", "--dry-run", "--evidence", &given[0], "--baseline-evidence", &given[1]];
    let output = here.relgate().args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_missing_id_names_the_flag() {
    let text = answers(100, 1, 0.002).replace("\"id\"", "\"question\"");
    let project = both(&text, &text.replace("0.00", "0.01"));
    for words in [&["new.jsonl", "old.jsonl"][..], &["new.jsonl", "accuracy > 9%"]] {
        let tried = attempt(&project, words);
        assert_eq!(tried.code, 2);
        assert!(tried.stderr.contains("--id FIELD"), "{}", tried.stderr);
    }
    assert_eq!(attempt(&project, &["new.jsonl", "accuracy > 9%", "--id", "question"]).code, 0);
}

#[test]
fn one_file_of_another_tool_is_both_sides_by_where() {
    let project = project().file("ab.json.gz", fs::read("examples/promptfoo-ab/results.json.gz").unwrap());
    let tried = attempt(&project, &["ab.json.gz"]);
    assert_eq!(tried.code, 2);
    assert!(
        tried.stderr.contains("holds 2 runs") && tried.stderr.contains("note: `--where KEY=VALUE`"),
        "{}",
        tried.stderr
    );
    let sides = ["ab.json.gz", "ab.json.gz", "--where", "prompt=short", "--baseline-where", "prompt=long"];
    let report = report(&project, &[&sides[..], &["correct drop < 20pp", "cost_usd drop > 10%"]].concat());
    assert_eq!(
        (&report["decision"], report["gates"][0]["candidate"]["n"].as_u64()),
        (&json!("pass"), Some(120)),
        "{report}"
    );
}

/// A field whose name reads like a rule about another, or like another spelling of it, is still itself.
#[test]
fn every_proposed_rule_means_its_own_field() {
    for (others, gates) in [
        (&["accuracy drop"][..], 1),
        (&["rate accuracy", "accuracy increase"], 1),
        (&["ACCURACY"], 2),
        (&["correct", "exact match", "p95 accuracy"], 4),
        (&["'accuracy'", "accuracy\\u202e"], 3),
    ] {
        let text = |wrong: usize| {
            samples(300, |i| {
                let fields = others
                    .iter()
                    .fold(String::new(), |text, name| text + &format!(r#""{name}": {}, "#, i % 2 == 0));
                format!(r#"{fields}"accuracy": {}"#, i >= wrong)
            })
        };
        let project = both(&text(3), &text(4));
        let report = report(&project, &["new.jsonl", "old.jsonl"]);
        let found = report["gates"].as_array().unwrap();
        assert_eq!(found.len(), gates, "{others:?}: {report}");
        // 297 of 300: the gate on `accuracy` itself was judged on `accuracy` itself.
        let own = found.iter().filter(|gate| gate["candidate"]["events"] == 297).count();
        assert_eq!(own, 1, "{others:?}: {report}");
    }
}

#[test]
fn a_time_that_was_always_zero_is_no_rate_and_events_are() {
    let rows = samples(40, |i| format!(r#""blocked_ms": 0, "latency_ms": {}"#, 80 + i));
    let tried = attempt(&project().file("new.jsonl", rows), &["new.jsonl"]);
    assert!(
        tried.stdout.contains("blocked_ms") && tried.stdout.contains("0ms"),
        "{}{}",
        tried.stdout,
        tried.stderr
    );
    let stated = r#"{"schema": "relgate/metrics/v1", "metrics": {"failures": {"events": 13, "n": 4162}}}"#;
    let tried = attempt(&project().file("new.json", stated), &["new.json"]);
    assert!(
        tried.stdout.contains("0.31%") && tried.stdout.contains("clopper-pearson"),
        "{}{}",
        tried.stdout,
        tried.stderr
    );
}
