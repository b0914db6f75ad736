//! Manifests that cannot be read, YAML's traps, and what is not applied yet: exit code 2, and nothing written or lost.

use crate::check::support::{
    ANSWERS, HEAD, Project, events, judged_by, listed, project, relgate, samples, untouched_after,
};

/// Asserts that a whole table had nothing to say.
#[track_caller]
fn all_refused(stories: Vec<(&str, Project, &[&str])>) {
    let wrong: Vec<String> = stories
        .into_iter()
        .filter_map(|(name, project, words)| untouched_after(name, project, words))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A release whose manifest is `text`, with good evidence beside it.
fn manifest(text: impl AsRef<[u8]>) -> Project {
    project().file("release.yaml", text).file("answers.jsonl", events("toxic", 0, 5000))
}

/// A good manifest with `body` below it.
fn good_and(body: &str) -> Project {
    judged_by(&["Toxicity < 0.1%"], &events("toxic", 0, 5000)).and(body)
}

#[test]
fn the_manifest_of_these_tests_is_good() {
    good_and("").check().ends(0, "pass bound-clears-threshold");
}

#[test]
fn files_that_are_no_manifest() {
    let deep = format!("{HEAD}risks: {}{}\n", "[".repeat(5000), "]".repeat(5000));
    let deep_block =
        (0..400).fold(format!("{HEAD}risks:\n"), |text, i| format!("{text}{}k:\n", " ".repeat(i + 1)));
    let many = format!("{HEAD}risks: {{ all: [{}] }}\n", "1,".repeat(150_000));
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n";
    all_refused(vec![
        ("no manifest", project(), &["there is no manifest `release.yaml`", "path/to/release.yaml"][..]),
        ("a folder", project().file("release.yaml/x", ""), &["release.yaml", "is a folder"]),
        ("empty", manifest(""), &["release.yaml", "empty"]),
        ("blank", manifest("\n \n# nothing\n"), &["release.yaml"]),
        ("not UTF-8", manifest(b"relgate: 1\nname: caf\xe9\n"), &["release.yaml:2", "not UTF-8"]),
        ("UTF-16", manifest(b"\xff\xfer\x00e\x00"), &["release.yaml", "UTF-16"]),
        (
            "50 MB",
            manifest("# padding\n".repeat(5_000_000)),
            &["release.yaml", "a manifest of 50 MB; at most 1 MB is read"],
        ),
        (
            "50 MB in one line",
            manifest(vec![b'a'; 50_000_000]),
            &["release.yaml", "a manifest of 50 MB; at most 1 MB is read"],
        ),
        ("deep", manifest(deep), &["release.yaml:5"]),
        ("deep block", manifest(deep_block), &["release.yaml:"]),
        ("many nodes", manifest(many), &["release.yaml:5", "more than 100 thousand values"]),
        ("alias bomb", manifest(format!("{HEAD}risks:\n{bomb}")), &["release.yaml:6", "anchor"]),
        ("merge key", manifest(format!("{HEAD}risks: {{ <<: {{ a: 1 }} }}\n")), &["release.yaml:5"]),
        ("two documents", manifest(format!("{HEAD}---\n{HEAD}")), &["release.yaml:"]),
        ("a list", manifest("- relgate: 1\n"), &["release.yaml:1"]),
        ("a text", manifest("hello\n"), &["release.yaml:1"]),
        ("JSON cut off", manifest("{\"relgate\": 1, \"name\": "), &["release.yaml:1"]),
        (
            "tab",
            manifest(format!("{HEAD}evidence:\n\tanswers: {{ path: answers.jsonl }}\n")),
            &["release.yaml:6", "tab"],
        ),
        ("nul", manifest(b"relgate: 1\nname: a\0b\n"), &["release.yaml:2"]),
    ]);
}

#[test]
fn keys_and_values_that_are_not_known() {
    let head = |text: &str| manifest(format!("{text}{ANSWERS}{}", listed(&["Toxicity < 0.1%"])));
    all_refused(vec![
        (
            "unknown key",
            good_and("polcy: {}\n"),
            &["unknown-key", "release.yaml:8", "did you mean `policy`?"][..],
        ),
        (
            "unknown policy",
            good_and("policy: { confidense: 99% }\n"),
            &["release.yaml:8", "did you mean `confidence`?"],
        ),
        ("key twice", good_and("name: other\n"), &["release.yaml:8", "2 | name: helpdesk", "the first one"]),
        ("policy key twice", good_and("policy: { looks: 1, looks: 2 }\n"), &["release.yaml:8", "looks"]),
        ("another format", head("relgate: 2\n"), &["format-version", "release.yaml:1"]),
        ("no name", head(&HEAD.replace("name: helpdesk\n", "")), &["missing-key", "`name`"]),
        (
            "version",
            head(&HEAD.replace("1.2.3", "v1.2.3")),
            &["bad-version", "release.yaml:3", "write `1.2.3`"],
        ),
        (
            "type",
            head(&HEAD.replace("prompt-release", "promt-release")),
            &["release.yaml:4", "did you mean `prompt-release`?"],
        ),
        ("name with a slash", head(&HEAD.replace("helpdesk", "../helpdesk")), &["release.yaml:2"]),
        ("no gates", manifest(format!("{HEAD}{ANSWERS}gates: []\n")), &["no-gates", "release.yaml:6"]),
        ("gates missing", manifest(format!("{HEAD}{ANSWERS}")), &["missing-key", "`gates`"]),
        (
            "no evidence",
            manifest(format!("{HEAD}gates: ['Toxicity < 1%']\n")),
            &["missing-key", "`evidence`"],
        ),
        (
            "gate twice",
            manifest(format!("{HEAD}{ANSWERS}{}", listed(&["Toxicity < 1%", "toxicity < 2%"]))),
            &["duplicate-gate", "release.yaml:8", "7 |   - 'Toxicity < 1%'"],
        ),
        ("bool", good_and("policy: { observed_counts: yes }\n"), &["release.yaml:8", "true"]),
        ("50 %", good_and("policy: { confidence: 50% }\n"), &["release.yaml:8"]),
        ("100 %", good_and("policy: { confidence: 100% }\n"), &["release.yaml:8"]),
        ("confidence as 95", good_and("policy: { confidence: 95 }\n"), &["release.yaml:8"]),
        ("0 looks", good_and("policy: { looks: 0 }\n"), &["release.yaml:8"]),
        ("1,000 looks", good_and("policy: { looks: 1000 }\n"), &["too-many-looks", "release.yaml:8"]),
        (
            "half of the samples",
            good_and("policy: { missing_samples: { exclude_up_to: 50% } }\n"),
            &["bad-share", "release.yaml:8"],
        ),
        (
            "misspelt category",
            good_and("policy: { require: [saftey] }\n"),
            &["release.yaml:8", "did you mean `safety`?"],
        ),
        ("one category", good_and("policy: { require: safety }\n"), &["release.yaml:8", "list"]),
        ("null", good_and("policy: { confidence: }\n"), &["release.yaml:8"]),
        ("age", good_and("policy: { max_evidence_age: soon }\n"), &["release.yaml:8"]),
        (
            "a gate that is less sure",
            manifest(format!(
                "{HEAD}{ANSWERS}{}",
                listed(&["{ id: g, rule: 'Toxicity < 1%', confidence: 90% }"])
            )),
            &["confidence-lowered", "release.yaml:7"],
        ),
        (
            "unknown gate key",
            manifest(format!(
                "{HEAD}{ANSWERS}{}",
                listed(&["{ id: g, rule: 'Toxicity < 1%', minsamples: 9 }"])
            )),
            &["release.yaml:7", "did you mean `min_samples`?"],
        ),
        (
            "evidence of a gate",
            manifest(format!(
                "{HEAD}{ANSWERS}{}",
                listed(&["{ id: g, rule: 'Toxicity < 1%', evidence: anwsers }"])
            )),
            &["release.yaml:7", "did you mean `answers`?"],
        ),
        (
            "ratio without per",
            good_and("metrics: { cost: { as: ratio, field: cost_usd } }\n"),
            &["release.yaml:8", "per"],
        ),
        ("unit", good_and("metrics: { cost: { unit: furlong } }\n"), &["release.yaml:8", "furlong"]),
    ]);
}

#[test]
fn every_finding_is_told_at_once() {
    let checked = good_and("polcy: {}\npolicy: { looks: 0, confidence: 12% }\nchangelogg: x\n").check();
    checked.refuses(&[
        "release.yaml:8",
        "release.yaml:9",
        "release.yaml:10",
        "could not be judged: 4 errors; no report was written",
    ]);
}

#[test]
fn traps_of_yaml_get_their_own_words() {
    let gates = |text: &str| manifest(format!("{HEAD}{ANSWERS}gates:\n{text}"));
    all_refused(vec![
        (
            "a block",
            gates("  - > 5% toxicity\n"),
            &["release.yaml:7", "starts a block of text in YAML", "single quotes"][..],
        ),
        (
            "a directive",
            gates("  - % of toxicity < 5\n"),
            &["release.yaml:7", "starts a directive in YAML", "single quotes"],
        ),
        (
            "an alias",
            gates("  - *toxicity < 5%\n"),
            &["release.yaml:7", "starts an alias in YAML", "single quotes"],
        ),
        (
            "an at sign",
            gates("  - @toxicity < 5%\n"),
            &["release.yaml:7", "is reserved in YAML", "single quotes"],
        ),
        (
            "a backtick",
            gates("  - `toxicity` < 5%\n"),
            &["release.yaml:7", "is reserved in YAML", "single quotes"],
        ),
        (
            "a comment",
            gates("  - Toxicity # < 5%\n"),
            &["release.yaml:7", "starts a comment", "single quotes"],
        ),
        (
            "a comment in the number",
            gates("  - Toxicity < #5%\n"),
            &["release.yaml:7", "starts a comment", "single quotes"],
        ),
        (
            "a mapping with spaces",
            gates("  - Toxicity of all: overall < 5%\n"),
            &["rule-read-as-mapping", "release.yaml:7", "single quotes"],
        ),
        (
            "a thousand in quotes",
            gates("  - 'Cost < $1,000'\n"),
            &["release.yaml:7", "write 1000 for a thousand"],
        ),
        (
            "two lines",
            gates("  - |\n    Toxicity < 5%\n    Accuracy > 90%\n"),
            &["release.yaml:8", "one line"],
        ),
        (
            "a nested list",
            gates("  - ['Toxicity < 5%']\n"),
            &["release.yaml:7", "a gate is a rule or a mapping"],
        ),
    ]);
}

#[test]
fn traps_that_look_like_the_keys_of_a_gate() {
    let gates = |text: &str| manifest(format!("{HEAD}{ANSWERS}gates:\n{text}"));
    all_refused(vec![
        ("a mapping", gates("  - Toxicity: overall < 5%\n"), &["release.yaml:7", "single quotes"][..]),
        ("a thousand", gates("  - { id: cost, rule: Cost < $1,000 }\n"), &["release.yaml:7", "$1000"]),
    ]);
}

#[test]
fn rules_that_cannot_be_read() {
    let rule = |rule: &str| manifest(format!("{HEAD}{ANSWERS}{}", listed(&[rule])));
    let at = "release.yaml:7";
    all_refused(vec![
        ("no comparator", rule("Toxicity below 5%"), &[at, "write `Toxicity < 5%`"][..]),
        ("no metric", rule("< 5%"), &[at, "names no metric"]),
        ("no number", rule("Toxicity <"), &[at, "a number is missing"]),
        ("a word", rule("Toxicity < five"), &[at, "`five` is not a number"]),
        ("NaN", rule("Toxicity < NaN"), &[at, "`NaN` is not a number"]),
        ("infinity", rule("p95 latency < inf"), &[at, "`inf` is not a number"]),
        ("too large", rule("p95 latency < 1e999ms"), &[at, "not a number"]),
        ("unknown unit", rule("p95 latency < 5 sms"), &[at, "`sms` is not a unit"]),
        ("comma", rule("Toxicity < 1,5%"), &[at, "without separators"]),
        ("one equals sign", rule("Toxicity = 0"), &[at, "write `count Toxicity == 0`"]),
        ("turned", rule("Toxicity =< 5%"), &[at, "write `Toxicity <= 5%`"]),
        ("a symbol", rule("Toxicity ≤ 5%"), &[at, "write `Toxicity <= 5%`"]),
        ("equality", rule("Toxicity == 5%"), &["equality-of-estimate", at, "count Toxicity == 0"]),
        ("no letters", rule("--- < 5%"), &[at, "letters or digits"]),
    ]);
}

#[test]
fn a_change_without_a_baseline_is_refused() {
    let rule = |rule: &str| manifest(format!("{HEAD}{ANSWERS}{}", listed(&[rule])));
    let words = &["no-baseline-evidence", "release.yaml:5", "compared with the baseline by a gate"][..];
    all_refused(vec![
        ("increase", rule("Toxicity increase < 1pp"), words),
        ("drop", rule("Toxicity change < 1pp"), words),
        ("change", rule("Toxicity change < 1pp"), words),
    ]);
}

#[test]
fn a_waiver_for_a_gate_that_is_not_there() {
    let waiver =
        "waivers:\n  - { gate: toxicty, reason: r, owner: o, approver: a, expires: 2027-01-01, limit: 1% }\n";
    let wrong = untouched_after(
        "unknown gate",
        good_and(waiver),
        &["waiver-for-unknown-gate", "release.yaml:9", "did you mean `toxicity`?"],
    );
    assert_eq!(wrong, None);
}

#[test]
fn artifacts_that_are_not_what_they_are_said_to_be() {
    let artifact = |text: &str| {
        let body = format!(
            "artifacts: {{ prompts: {{ system: {text} }} }}\n{ANSWERS}{}",
            listed(&["Toxicity < 0.1%"])
        );
        project()
            .manifest(&body)
            .file("answers.jsonl", events("toxic", 0, 5000))
            .file("system.md", "Be kind.\n")
    };
    all_refused(vec![
        (
            "missing",
            artifact("{ version: v1, path: sytem.md }"),
            &["release.yaml:5", "sytem.md", "system.md"][..],
        ),
        ("out of the root", artifact("{ version: v1, path: ../../etc/passwd }"), &["release.yaml:5"]),
        ("absolute", artifact("{ version: v1, path: /etc/passwd }"), &["release.yaml:5"]),
        ("no version", artifact("{ path: system.md }"), &["release.yaml:5", "`version`"]),
        (
            "no digest",
            artifact("{ version: v1, path: system.md, sha256: abc }"),
            &["release.yaml:5", "sha256"],
        ),
    ]);
}

#[test]
fn a_pipe_is_no_manifest() {
    let folder = project();
    let made = std::process::Command::new("mkfifo").arg(folder.path("release.yaml")).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: no named pipe can be made here");
        return;
    }
    let output = relgate(&folder.path("")).arg("check").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a named pipe, not a file"));
}

/// A gate that a worse release meets, or that nothing can miss, would count as one that asks for something.
#[test]
fn a_rule_asks_for_something_that_a_worse_release_lacks() {
    let rows = samples(20, |_| {
        r#""toxic": false, "correct": true, "latency_ms": 5, "throughput": 9, "f1": 0.5"#.to_owned()
    });
    let rule = |rule: &str| judged_by(&[rule], &rows).file("before.jsonl", &rows);
    let stand = |word: &'static str, rules: &[&'static str]| {
        let told = |one: &&'static str| untouched_after(one, rule(one), &[word, "release.yaml:7"]);
        rules.iter().filter_map(told).collect::<Vec<_>>()
    };
    let mut wrong = stand(
        "bad-side",
        &[
            "toxicity > 10%",
            "accuracy <= 95%",
            "p95 latency > 10ms",
            "count toxicity >= 3",
            "sum latency > 1s",
            "p10 throughput < 20 tokens/s",
            "accuracy increase < 2pp",
            "toxicity drop < 1pp",
            "f1 < 80%",
            "regressions >= 1",
            "latency increase > 5%",
        ],
    );
    wrong.extend(stand(
        "good-tail",
        &[
            "p90 throughput >= 20 tokens/s",
            "min latency < 100ms",
            "p5 latency < 1s",
            "max f1 >= 80%",
            "p95 f1 >= 80%",
        ],
    ));
    wrong.extend(stand(
        "always-holds",
        &[
            "accuracy >= 0%",
            "toxicity <= 100%",
            "latency >= 0ms",
            "count toxicity >= 0",
            "f1 >= 0%",
            "min f1 >= 0%",
            "accuracy drop <= 100pp",
            "regressions >= 0",
            "throughput >= 0 tokens/s",
            "accuracy drop <= 100% of baseline",
        ],
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A metric of one's own is good where its author says so.
#[test]
fn direction_settles_what_is_good() {
    let rows = events("refused", 95, 100);
    let named =
        "metrics: { refused_attacks: { evidence: answers, field: refused, as: rate, direction: higher } }\n";
    let project = |rule: &str| judged_by(&[rule], &rows).and(named);
    project("refused attacks >= 80%").check().ends(0, "pass bound-clears-threshold");
    project("refused attacks <= 98%")
        .check()
        .refuses(&["bad-side", "high values of `refused_attacks` are good"]);
}
