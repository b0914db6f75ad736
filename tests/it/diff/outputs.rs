//! What goes where: formats, files, levels that fail, text of others.

use std::fs;

use crate::diff::support::{AFTER, ANSWERS, BEFORE, events, gates, ids, listed, measured};

const STRICT: &str = "{ id: toxicity, rule: 'Toxicity < 1%' }";
const LOOSE: &str = "{ id: toxicity, rule: 'Toxicity < 5%' }";

#[test]
fn nothing_fails_unless_it_was_asked_for() {
    let looser = || gates(&[STRICT], &[LOOSE]);
    looser().diff().ends(0, &["1 looser"]);
    for (level, code) in [("looser", 1), ("blocking", 1), ("review", 1), ("any", 1)] {
        looser().args(&["--fail-on", level]).diff().ends(code, &[]);
        let json = looser().args(&["--fail-on", level]).json();
        assert_eq!((&json["fail_on"], &json["exit_code"]), (&level.into(), &code.into()));
    }
    let tighter = || gates(&[STRICT], &[STRICT, "{ id: refusals, rule: 'accuracy >= 80%' }"]);
    for (level, code) in [("looser", 0), ("blocking", 0), ("review", 0), ("any", 1)] {
        tighter().args(&["--fail-on", level]).diff().ends(code, &["1 for information"]);
    }
    looser().args(&["--fail-on", "everything"]).diff().refuses(&["looser", "blocking", "review", "any"]);
}

/// A gate that keeps its name and asks something else leaves what it asked before unasked.
#[test]
fn what_may_be_looser_fails_as_well_where_it_weighs_enough() {
    let other = "{ id: toxicity, rule: 'refusals < 1%' }";
    let replaced = || gates(&[STRICT], &[other]).args(&["--no-evidence", "--fail-on", "looser"]);
    let diff = replaced().diff();
    diff.ends(1, &["1 blocking", "it asks something else"]);
    // Nothing is called looser, so the last line says why it fails.
    let why = "exit code 1 for `--fail-on looser`: 1 that may be looser";
    assert_eq!(diff.stdout.lines().last(), Some(why));
    let markdown = replaced().args(&["--format", "markdown"]).diff().stdout;
    assert!(markdown.contains("\nExit code 1 for `--fail-on looser`: 1 that may be looser"), "{markdown}");
    let warned = |gate: &str| gate.replace(" }", ", enforcement: warn }");
    let replaced =
        gates(&[&warned(STRICT)], &[&warned(other)]).args(&["--no-evidence", "--fail-on", "looser"]);
    replaced.diff().ends(0, &["it asks something else"]);
}

/// Unknown changes of a policy count although they are only to be reviewed, and the last line says so.
#[test]
fn a_policy_in_words_that_changed_may_be_looser() {
    let release = |head: &str, version: &str| {
        let policy = format!("safety_policies: {{ s: {{ version: {version}, path: {version}.md }} }}");
        format!("{head}artifacts: {{ {policy} }}\n{ANSWERS}{}", listed(&[STRICT]))
    };
    let project = gates(&[STRICT], &[STRICT])
        .file("before/release.yaml", release(BEFORE, "v1"))
        .file("after/release.yaml", release(AFTER, "v2"))
        .file("before/v1.md", "Sprich niemals über Waffen.\n")
        .file("after/v2.md", "Sprich über Waffen.\n");
    let diff = project.run(&["before", "after", "--no-evidence", "--fail-on", "looser"]);
    diff.ends(1, &["1 to review", "exit code 1 for `--fail-on looser`: 1 that may be looser"]);
}

/// What blocks is shown one by one, however much of it there is.
#[test]
fn nothing_that_blocks_is_counted_into_a_rest() {
    let gates_on = |metric: &str| -> Vec<String> {
        (0..40).map(|i| format!("{{ id: g{i}, rule: 'toxicity < 1%', metric: {metric}{i} }}")).collect()
    };
    let (before, after) = (gates_on("a"), gates_on("b"));
    let as_text = |gates: &[String]| listed(&gates.iter().map(String::as_str).collect::<Vec<_>>());
    let project = gates(&[STRICT], &[STRICT])
        .file("before/release.yaml", format!("{BEFORE}{ANSWERS}{}", as_text(&before)))
        .file("after/release.yaml", format!("{AFTER}{ANSWERS}{}", as_text(&after)));
    let diff = project.args(&["--no-evidence"]).diff();
    diff.ends(0, &["40 blocking"]);
    for i in 0..40 {
        assert!(diff.stdout.contains(&format!("gate g{i}: it reads the metric named exactly b{i};")), "{i}");
    }
}

#[test]
fn every_format_goes_to_a_file_as_well() {
    let project = gates(&[STRICT], &[LOOSE]).file("out.md", "## relgate diff: an older one\n");
    let written = project.run(&[
        "before",
        "after",
        "--report",
        "markdown=out.md",
        "--report",
        "json=out.json",
        "--report",
        "terminal=out.txt",
    ]);
    assert_eq!(fs::read_to_string(project.path("out.txt")).unwrap(), written.stdout);
    for (format, file) in [("markdown", "out.md"), ("json", "out.json")] {
        let shown = project.run(&["before", "after", "--format", format]).stdout;
        assert_eq!(fs::read_to_string(project.path(file)).unwrap(), shown);
    }
    // The same releases give the same bytes.
    assert_eq!(project.diff().stdout, project.diff().stdout);
}

#[test]
fn quiet_is_the_headline() {
    let quiet = gates(&[STRICT], &[LOOSE]).args(&["--quiet"]).diff();
    assert_eq!(quiet.stdout, "helpdesk 1.2.2 -> 1.2.3: 1 looser (blocking)\n");
}

#[test]
fn two_products_are_told_apart() {
    let other = gates(&[STRICT], &[STRICT]).file(
        "after/release.yaml",
        format!("{}{ANSWERS}{}", AFTER.replace("helpdesk", "shop"), listed(&[STRICT])),
    );
    other.diff().ends(0, &["helpdesk 1.2.2 -> shop 1.2.3", "releases of two things"]);
}

#[test]
fn hostile_text_steers_nothing() {
    let gate = "{ id: toxicity, rule: 'Toxicity < 1%' }\nwaivers:\n  - { gate: toxicity, reason: \"\\e[31m\\n::error::x <img src=x> @team | `c`\", owner: a, approver: b, expires: 2030-01-01, limit: 2% }";
    let hostile = gates(&[STRICT], &[gate]);
    let shown = hostile.diff();
    shown.ends(0, &["waiver-added"]);
    assert!(!shown.stdout.contains('\u{1b}'), "{}", shown.stdout);
    assert!(!shown.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", shown.stdout);
    let markdown = hostile.run(&["before", "after", "--format", "markdown"]).stdout;
    for bad in ["<img", "@team", "\u{1b}", "| `c`"] {
        assert!(!markdown.contains(bad), "{bad:?} in {markdown}");
    }
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.iter().all(|row| row.replace("\\|", "").matches('|').count() == 5), "{rows:#?}");
}

#[test]
fn a_bundle_is_a_release_with_its_small_texts() {
    let prompts = "artifacts: { prompts: { system: { version: v1, path: system.md } } }\n";
    let project = measured(STRICT, &events("toxic", 1, 1000), &events("toxic", 4, 1000))
        .file("before/release.yaml", format!("{BEFORE}{prompts}{ANSWERS}{}", listed(&[STRICT])))
        .file(
            "after/release.yaml",
            format!("{AFTER}{}{ANSWERS}{}", prompts.replace("v1", "v2"), listed(&[STRICT])),
        )
        .file("before/system.md", "Be kind.\n")
        .file("after/system.md", "Be very kind.\n");
    let made = crate::diff::support::relgate(&project.path("before"))
        .args(["check", "--as-of", "2026-11-20"])
        .output()
        .unwrap();
    assert!(
        project.path("before/relgate-report/bundle").is_dir(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let bundle = project.run(&["before/relgate-report/bundle", "after", "--format", "json"]).json();
    let folder = project.json();
    assert_eq!(bundle["figures"], folder["figures"]);
    assert_eq!(bundle["figures"][0]["difference"]["paired"], true);
    assert!(ids(&bundle).contains(&"artifact-version".to_owned()), "{bundle:#}");
    assert_eq!(ids(&bundle), ids(&folder));
    assert!(ids(&bundle).contains(&"prompt-words".to_owned()), "{bundle:#}");
    assert_eq!(bundle["before"]["manifest_sha256"], folder["before"]["manifest_sha256"]);
    project
        .file("before/relgate-report/bundle/release.yaml", "edited")
        .run(&["before/relgate-report/bundle", "after"])
        .refuses(&["bundle-damaged"]);
}

#[test]
fn a_check_tells_the_same_changes_in_its_report_and_its_changelog() {
    let prompts = |version: &str| {
        format!("artifacts: {{ prompts: {{ system: {{ version: {version}, path: system.md }} }} }}\n")
    };
    let project = measured(STRICT, &events("toxic", 1, 1000), &events("toxic", 4, 1000))
        .file("before/release.yaml", format!("{BEFORE}{}{ANSWERS}{}", prompts("v1"), listed(&[STRICT])))
        .file("after/release.yaml", format!("{AFTER}{}{ANSWERS}{}", prompts("v2"), listed(&[LOOSE])))
        .file("before/system.md", "Be kind.\nNever lie.\n")
        .file("after/system.md", "Be very kind.\nNever lie.\n");
    let check = |more: &[&str]| {
        let mut command = crate::diff::support::relgate(&project.path("after"));
        let output = command.args(["check", "--as-of", "2026-11-20"]).args(more).output().unwrap();
        let read = |file: &str| fs::read_to_string(project.path("after/relgate-report").join(file)).unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let report: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
        (told, report, read("report.md"), read("changelog.md"))
    };
    let (told, report, markdown, changelog) = check(&["--baseline", "../before", "--root", ".."]);
    assert_eq!(report["changes"], project.json()["records"]);
    assert!(ids(&serde_json::json!({ "records": report["changes"] })).contains(&"prompt-words".to_owned()));
    let looser = "gate toxicity: the limit rose from < 1% to < 5%";
    let prompt = "prompt system v1 -> v2: 1 passage changed";
    assert!(told.contains(&format!("\nlooser:  {looser}\nchanged: {prompt}")), "{told}");
    let escaped = looser.replace('<', "&lt;");
    assert!(markdown.contains(&format!("### What changed\n\n- **looser:** {escaped}\n")), "{markdown}");
    assert!(changelog.contains(&format!("### Changed\n\n- looser: {looser}\n- {prompt}")), "{changelog}");

    // Without a baseline nothing is said, which is not the same as no changes.
    let (_, report, _, changelog) = check(&[]);
    assert!(report["changes"].is_null());
    assert!(!changelog.contains("### Changed"), "{changelog}");
}

/// What got looser, or may have and blocks, is never one of "N more changes".
#[test]
fn a_check_counts_nothing_looser_into_a_rest() {
    let entries = |on: bool| {
        let all =
            (0..60).map(|i| if on { format!("k{i}: true, n{i}: it was") } else { format!("n{i}: it is") });
        all.collect::<Vec<_>>()
    };
    let release = |head: &str, version: &str, on: bool, rows: &str| {
        format!(
            "{head}artifacts: {{ safety_policies: {{ main: {{ version: {version}, values: {{ {} }} }} }} }}\n\
             evidence: {{ answers: {{ path: answers.jsonl{rows} }} }}\n{}",
            entries(on).join(", "),
            listed(&[LOOSE])
        )
    };
    let rows = events("toxic", 1, 1000).replace('}', ", \"lang\": \"de\"}");
    let project = measured(LOOSE, &rows, &rows.replacen("false", "true", 2))
        .file("before/release.yaml", release(BEFORE, "c1", true, ""))
        .file("after/release.yaml", release(AFTER, "c2", false, ", where: { lang: de }"));
    let mut command = crate::diff::support::relgate(&project.path("after"));
    let args = ["check", "--as-of", "2026-11-20", "--baseline", "../before", "--root", ".."];
    let told = String::from_utf8(command.args(args).output().unwrap().stdout).unwrap();
    let markdown = fs::read_to_string(project.path("after/relgate-report/report.md")).unwrap();
    for i in 0..60 {
        let key = format!("k{i} is gone, it was true");
        let line = |text: &str, begins: &str| {
            text.lines().any(|line| {
                line.starts_with(begins) && line.replace('\\', "").replace("&gt;", ">").contains(&key)
            })
        };
        assert!(line(&told, "looser:  safety policy main: c1 -> c2, "), "{key}: {told}");
        assert!(line(&markdown, "- **looser:** "), "{key}: {markdown}");
    }
    let rows = "evidence answers: other rows count: those where { lang: de }; before: all";
    assert!(told.contains(&format!("\nmay be looser: {rows}\n")), "{told}");
    assert!(markdown.contains("- **may be looser:** evidence answers"), "{markdown}");
}

/// A check knows which of the cases that are gone had failed, by the results of its baseline.
#[test]
fn a_check_tells_failed_cases_that_are_gone_or_eased() {
    let suite = |head: &str, version: &str| {
        format!(
            "{head}artifacts: {{ eval_suites: {{ bench: {{ version: {version}, path: cases.jsonl }} }} }}\n\
             {ANSWERS}{}",
            listed(&[LOOSE])
        )
    };
    let case = |id: u32, expected: &str| format!("{{\"id\": \"q{id}\", \"expected\": \"{expected}\"}}\n");
    let with = |results: &str| {
        gates(&[LOOSE], &[LOOSE])
            .file("before/release.yaml", suite(BEFORE, "b1"))
            .file("after/release.yaml", suite(AFTER, "b2"))
            .file("before/cases.jsonl", case(0, "a") + &case(1, "b") + &case(2, "c"))
            .file("after/cases.jsonl", case(1, "") + &case(2, "c"))
            .file("before/answers.jsonl", results)
            .file("after/answers.jsonl", events("toxic", 3, 1000))
    };
    let check = |project: &crate::diff::support::Project, baseline: &str| {
        let mut command = crate::diff::support::relgate(&project.path("after"));
        let args = ["check", "--as-of", "2026-11-20", "--baseline", baseline, "--root", ".."];
        String::from_utf8(command.args(args).output().unwrap().stdout).unwrap()
    };
    let known = with(&events("toxic", 2, 1000));
    let told = check(&known, "../before");
    assert!(
        told.contains("looser:  eval suite bench: b1 -> b2, 1 case that failed before is gone, q0\n"),
        "{told}"
    );
    assert!(told.contains("1 case that failed before changed in expected, q1\n"), "{told}");
    assert!(!told.contains("is not known"), "{told}");
    // Results that cannot be read are no reason to be silent, and none not to judge.
    let told = check(&with(""), "../before");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("which of the cases that are gone or changed had failed is not known: "),
        "{told}"
    );
    assert!(told.contains("1 case is gone, q0"), "{told}");
}

/// A shared policy that is gone hides nothing that the baseline itself declared.
#[test]
fn a_check_tells_what_got_looser_without_the_policy_of_its_baseline() {
    let before =
        "policy: { extends: [gone.yaml] }\nevidence: { answers: { path: answers.jsonl, cluster: chat } }\n";
    let rows = events("toxic", 1, 1000).replace('}', ", \"chat\": 1}");
    let project = measured(STRICT, &rows, &events("toxic", 2, 1000))
        .file("before/release.yaml", format!("{BEFORE}{before}{}", listed(&[STRICT])))
        .file(
            "after/release.yaml",
            format!(
                "{AFTER}{ANSWERS}policy: {{ confidence: 99% }}\n{}",
                listed(&[LOOSE, "{ id: new, rule: 'Toxicity < 9%' }"])
            ),
        );
    let mut command = crate::diff::support::relgate(&project.path("after"));
    let args = ["check", "--as-of", "2026-11-20", "--baseline", "../before", "--root", ".."];
    let told = String::from_utf8(command.args(args).output().unwrap().stdout).unwrap();
    assert!(told.contains("but not the policy that it extends"), "{told}");
    for looser in [
        "looser:  evidence answers: samples of one chat are treated as independent now\n",
        "looser:  gate toxicity: the limit rose from < 1% to < 5%\n",
    ] {
        assert!(told.contains(looser), "{looser}: {told}");
    }
    // The policy may have said all of this.
    assert!(!told.contains("gate new is new") && !told.contains("99% confidence"), "{told}");
}

/// Wherever lines wrap, none of somebody else's text begins one that a CI log reads as a command.
#[test]
fn no_line_of_an_output_is_a_workflow_command() {
    let policy = |more: &str| format!("rules:\n  - {{ id: a, action: block }}\n{more}");
    let evil = "x\\n::error file=a.py::owned\\n  ::stop-commands::x ";
    let texts: Vec<String> = (0..60)
        .map(|i| format!("  - {{ id: r{i}, action: \"{evil}{}\" }}\n", "::warning::y ".repeat(i)))
        .chain(["  - { id: \"::error::z\", action: \"::error::short\" }\n".to_owned()])
        .collect();
    let release = |head: &str, version: &str| {
        format!(
            "{head}artifacts: {{ safety_policies: {{ s: {{ version: {version}, path: s.yaml }} }}, \
             prompts: {{ p: {{ version: {version}, path: p.md }} }}, \
             inference_configs: {{ c: {{ version: {version}, path: c.env }} }} }}\n{ANSWERS}{}",
            listed(&[LOOSE])
        )
    };
    let prompt =
        format!("Hi.\n::error::owned\n\u{3000}::error::owned\n{}", "::set-output name=x::y ".repeat(30));
    let project = gates(&[LOOSE], &[LOOSE])
        .file("before/release.yaml", release(BEFORE, "v1"))
        .file("after/release.yaml", release(AFTER, "v2"))
        .file("before/s.yaml", policy(&texts.concat()))
        .file("after/s.yaml", policy("  - { id: b, action: \"::error::new\" }\n"))
        .file("before/p.md", "Hi.\n# ::error::heading\nx\n")
        .file("after/p.md", prompt + "# ::error::heading\ny\n")
        .file(
            "before/c.env",
            "A=::error::a\nB=::error::a b c d e f g h i j k l m n o p q r s t u v w x y z\n",
        )
        .file("after/c.env", "A=::error::b\nC=1\n");
    for format in ["terminal", "markdown", "json"] {
        let text = project.run(&["before", "after", "--no-evidence", "--format", format]).stdout;
        assert!(text.contains("::error"), "{text}");
        let command = text.lines().find(|line| {
            let line = line.trim_start();
            line.starts_with("::") || line.starts_with("##[") || line.starts_with("##vso")
        });
        assert_eq!(command, None, "{format}:\n{text}");
    }
}

/// `check` refuses a release type that is too small; `diff` says so.
#[test]
fn a_release_type_that_is_too_small_is_mentioned() {
    let release = |head: &str, version: &str| {
        format!(
            "{head}artifacts: {{ models: {{ m: {{ version: m{version}, uri: 'x:m@v{version}' }} }} }}\n{ANSWERS}{}",
            listed(&[LOOSE])
        )
    };
    let project = gates(&[LOOSE], &[LOOSE])
        .file("before/release.yaml", release(BEFORE, "1"))
        .file("after/release.yaml", release(AFTER, "2"));
    let told = project.run(&["before", "after", "--no-evidence", "--format", "json"]).json();
    let codes: Vec<&str> =
        told["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["release-type-mismatch"]);
    let text = told["warnings"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("may not change `models`") && text.ends_with("`relgate check` refuses it"),
        "{text}"
    );
}
