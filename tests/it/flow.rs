//! From release to release: waivers, the bundle that serves as the next baseline, the changelog.

use std::fs;

use crate::check::support::{
    ANSWERS, Checked, Project, events, judged_by, listed, project, samples, summed_up, undemanding,
};

/// 1,000 samples of which 30 are toxic, against `Toxicity < 1%`: a clear fail.
fn failing(waiver: &str) -> Project {
    judged_by(&["Toxicity < 1%"], &events("toxicity", 30, 1000)).and(&format!("waivers:\n  - {waiver}\n"))
}

fn waiver(rest: &str) -> String {
    format!("{{ gate: toxicity, reason: INC-4711, owner: team, approver: board, expires: 2026-12-31{rest} }}")
}

#[test]
fn a_waiver_carries_a_fail_and_leaves_it_visible() {
    let checked = failing(&waiver("")).check();
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    checked.ends(0, "fail bound-violates-threshold");
    let waived = &checked.gate("toxicity")["waived"];
    assert_eq!(waived["approver"], "board");
    assert_eq!(waived["expires"], "2026-12-31");
    assert!(checked.stdout.contains("may ship under 1 waiver"), "{}", checked.stdout);
    assert!(checked.stdout.contains("fail, waived"), "{}", checked.stdout);
}

/// `scipy.stats.binom.cdf(30, 1000, T)`: 0.0437 at T = 4.1 %, 0.40 at 3.2 %.
#[test]
fn the_limit_is_judged_like_a_rule() {
    assert_eq!(failing(&waiver(", limit: 4.1%")).check().code, 0);
    let refused = failing(&waiver(", limit: 3.2%")).check();
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(refused.flat().contains("the waiver for `toxicity` has no effect: 3.0% [2.2%, 4.0%], n 1,000 does not show its limit, < 3.2%"), "{}", refused.stdout);
    failing(&waiver(", limit: 0.5%")).check().refuses(&["no stricter than the rule", "release.yaml"]);
}

#[test]
fn an_expired_waiver_has_no_effect() {
    assert_eq!(failing(&waiver("")).on("2026-12-31").check().code, 0, "the last day still counts");
    let late = failing(&waiver("")).on("2027-01-01").check();
    assert_eq!(late.code, 1);
    assert!(
        late.flat()
            .contains("the waiver for `toxicity` expired on 2026-12-31 and has no effect on 2027-01-01"),
        "{}",
        late.stdout
    );
}

#[test]
fn an_unused_waiver_is_a_warning_and_an_error_cannot_be_waived() {
    let unused = judged_by(&["Toxicity < 1%"], &events("toxicity", 0, 1000))
        .and(&format!("waivers:\n  - {}\n", waiver("")))
        .check();
    unused.ends(0, "pass bound-clears-threshold");
    assert!(
        unused.flat().contains("the waiver for `toxicity` is not needed: its gate passes without it"),
        "{}",
        unused.stdout
    );
    let error = failing(&waiver("")).and(
        "policy: { binding: require }\nartifacts: { prompts: { p: { version: v1, values: { a: 1 } } } }\n",
    );
    let error = error.check();
    assert_eq!(error.code, 2, "{}", error.stdout);
    assert!(error.stdout.contains("cannot be waived"), "{}", error.stdout);
}

/// 1,000 German and 1,000 English answers with so many toxic ones, against `Toxicity < 1%` in each language.
fn by_language(german: usize, english: usize, waivers: &[&str]) -> Checked {
    let rows = samples(2000, |i| {
        let (lang, bad) = if i < 1000 { ("de", i < german) } else { ("en", i - 1000 < english) };
        format!(r#""toxicity": {bad}, "lang": "{lang}""#)
    });
    let lines: String = waivers.iter().map(|waiver| format!("  - {waiver}\n")).collect();
    judged_by(&["{ id: toxicity, rule: 'Toxicity < 1%', by: [lang] }"], &rows)
        .and(&format!("waivers:\n{lines}"))
        .check()
}

/// The findings about waivers: code and text.
fn about_waivers(checked: &Checked) -> Vec<String> {
    let report = checked.report();
    let told = ["errors", "warnings"].map(|list| report[list].as_array().unwrap().clone()).concat();
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
    let told = told.iter().filter(|one| text(one, "code").starts_with("waiver"));
    told.map(|one| format!("{}: {}", text(one, "code"), text(one, "text"))).collect()
}

/// One German answer in 30 is toxic and no English one: German fails, the whole does as well (30 of 2,000).
#[test]
fn a_waiver_of_a_slice_covers_that_slice() {
    let german = waiver(", slice: { lang: de }, limit: 4.2%");
    let waived = by_language(30, 0, &[&german]);
    assert_eq!((waived.code, about_waivers(&waived)), (0, vec![]), "{}", waived.stdout);
    assert_eq!(waived.gate("toxicity")["waived"]["limit"], "4.2%");
    // Without a limit nothing says that the whole is good enough.
    let alone = by_language(30, 0, &[&waiver(", slice: { lang: de }")]);
    assert_eq!(alone.code, 1, "{}", alone.stdout);
    let told = about_waivers(&alone);
    assert!(
        told.len() == 1
            && told[0].starts_with(
                "waiver-partial: the waiver for `toxicity` is not enough: the whole did not pass either"
            )
            && told[0].contains("with a `limit` that all samples together meet"),
        "{told:?}"
    );
    // A waiver of the whole gate beside it carries the rest.
    let both = by_language(30, 0, &[&waiver(", slice: { lang: de }"), &waiver(", limit: 4.2%")]);
    assert_eq!(both.code, 0, "{}", both.stdout);
    let told = about_waivers(&both);
    assert!(told.len() == 1 && told[0].starts_with("waiver-unlimited"), "{told:?}");
    // Another language that fails is not covered.
    let two = by_language(30, 30, &[&german]);
    assert_eq!(two.code, 1, "{}", two.stdout);
    assert!(
        about_waivers(&two)[0].contains("is not enough: lang = en did not pass either"),
        "{two:?}",
        two = about_waivers(&two)
    );
}

#[test]
fn a_waiver_of_a_slice_that_does_not_help_says_why() {
    let told = |slice: &str| {
        let checked = by_language(30, 0, &[&waiver(&format!(", slice: {{ {slice} }}, limit: 1.1%"))]);
        assert_eq!(checked.code, 1, "{}", checked.stdout);
        about_waivers(&checked).join("; ")
    };
    let german = told("lang: de");
    assert!(
        german.starts_with("waiver-limit: ") && german.contains("does not show its limit, < 1.1%"),
        "{german}"
    );
    for slice in ["lang: en", "lang: fr", "language: de"] {
        // Its limit is not met by the whole.
        assert!(told(slice).starts_with("waiver-limit: "), "{}", told(slice));
    }
    let unlimited = |slice: &str| {
        let checked = by_language(30, 0, &[&waiver(&format!(", slice: {{ {slice} }}"))]);
        assert_eq!(checked.code, 1, "{}", checked.stdout);
        about_waivers(&checked).join("; ")
    };
    for (slice, text) in [
        ("lang: en", "is for lang = en, which is not what did not pass"),
        ("lang: fr", "is for lang = fr, which is no slice of the gate; it has lang = de; lang = en"),
        ("language: de", "is for language = de, which is no slice of the gate"),
    ] {
        assert_eq!(unlimited(slice).split(": ").next(), Some("waiver-unused"));
        assert!(unlimited(slice).contains(text), "{}", unlimited(slice));
    }
    let whole = failing(&waiver(", slice: { lang: de }")).check();
    assert_eq!(whole.code, 1);
    assert!(about_waivers(&whole)[0].contains("the gate has no slices: give it `by:`"), "{}", whole.stdout);
    // An expired one stays that, whatever else did not pass.
    let late =
        "{ gate: toxicity, reason: r, owner: a, approver: b, expires: 2026-01-01, slice: { lang: de } }";
    let late = by_language(30, 30, &[late]);
    assert!(about_waivers(&late)[0].starts_with("waiver-expired: "), "{:?}", about_waivers(&late));
}

#[test]
fn a_waiver_that_nothing_needs_says_why() {
    let with = |gates: &[&str], toxic: u64| {
        let checked = judged_by(gates, &events("toxicity", toxic, 1000))
            .and(&format!("waivers:\n  - {}\n", waiver("")))
            .check();
        (checked.code, about_waivers(&checked).join("; "))
    };
    let text = |why: &str| format!("waiver-unused: the waiver for `toxicity` is not needed: {why}");
    let other = "{ id: other, rule: 'Toxicity < 90%' }";
    for (gate, toxic, why) in [
        ("Toxicity < 1%", 0, "its gate passes without it, so remove it"),
        ("{ id: toxicity, rule: 'Toxicity < 1%', enforcement: warn }", 30, "its gate only warns"),
        (
            "{ id: toxicity, rule: 'Toxicity < 1%', when: { type: [hotfix] } }",
            30,
            "its gate does not apply to this release",
        ),
    ] {
        assert_eq!(with(&[gate, other], toxic), (0, text(why)));
    }
}

/// A limit that is easier than needed is the approver's business, and is remarked on; one that is as hard as the rule
/// helps nobody.
#[test]
fn a_limit_is_as_easy_as_the_approver_says() {
    let easy = failing(&waiver(", limit: 50%")).check();
    assert_eq!(easy.code, 0);
    let told = about_waivers(&easy);
    assert!(told[0].contains("accepts 50%, which is much worse than what was measured, 3.0%"), "{told:?}");
    // The upper limit of 30 in 1,000 is 4.05 %.
    let advice = ": `limit: 4.1%` would do, 4.05% is the worst that the evidence allows";
    assert!(told[0].ends_with(advice), "{told:?}");
    assert_eq!(
        (failing(&waiver(", limit: 4.05%")).check().code, failing(&waiver(", limit: 4.0%")).check().code),
        (0, 1)
    );
    let near = failing(&waiver(", limit: 5%")).check();
    assert_eq!((near.code, about_waivers(&near).len()), (0, 0), "{}", near.stdout);
    let same = failing(&waiver(", limit: 1%")).check();
    assert_eq!((same.code, about_waivers(&same).len()), (1, 1), "{}", same.stdout);
    failing(&waiver(", limit: 0.99%")).check().refuses(&[
        "waiver-tighter-than-rule",
        "stricter than the rule, so it could never help",
        "the worst value that is still accepted",
    ]);
    failing(&waiver(", limit: 5ms")).check().refuses(&["release.yaml:"]);
}

#[test]
fn a_waiver_without_a_limit_is_remarked_on() {
    let told = |checked: &Checked| {
        assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
        about_waivers(checked).join("; ")
    };
    assert_eq!(
        told(&failing(&waiver("")).check()),
        "waiver-unlimited: the waiver for `toxicity` has no `limit`, so it accepts any value, however bad: `limit: 4.1%` \
         would do, 4.05% is the worst that the evidence allows"
    );
    // In the unit of the rule, whatever that is; what is named is what holds.
    let slow = samples(1000, |i| format!(r#""latency_ms": {}, "pii": {}"#, 1000 + i, i < 7));
    for (gate, id) in [
        ("p95 latency < 1.2s", "p95-latency"),
        ("Latency < 1200ms", "latency"),
        ("count pii == 0", "pii"),
        ("count pii < 3", "pii"),
    ] {
        let with = |limit: &str| {
            let waiver = waiver(limit).replace("gate: toxicity", &format!("gate: {id}"));
            judged_by(&[&format!("{{ id: {id}, rule: '{gate}' }}")], &slow)
                .and(&format!("waivers:\n  - {waiver}\n"))
                .check()
        };
        let text = told(&with(""));
        if gate.contains("==") {
            assert!(text.starts_with("waiver-unlimited"), "{text}");
            continue;
        }
        let limit = text.split("`limit: ").nth(1).and_then(|rest| rest.split('`').next());
        let limit = limit.unwrap_or_else(|| panic!("{gate}: {text}"));
        assert_eq!(told(&with(&format!(", limit: {limit}"))), "", "{gate}: {limit}");
    }
    let dearer = |limit: &str| {
        let waiver = waiver(limit).replace("gate: toxicity", "gate: cost-increase");
        judged_by(&["Cost increase < 5%"], &answers(2, 0.11))
            .after("", &answers(2, 0.1))
            .and(&format!("waivers:\n  - {waiver}\n"))
            .check()
    };
    let text = told(&dearer(""));
    assert!(text.contains("`limit: 9.8%` would do, 9.72% is the worst"), "{text}");
    assert_eq!(told(&dearer(", limit: 9.8%")), "");
}

#[test]
fn a_built_in_gate_cannot_be_waived() {
    let waiver = "{ gate: silent-change, reason: r, owner: a, approver: b, expires: 2026-12-31 }";
    let words =
        ["waiver-for-built-in-gate", "release.yaml:", "relgate's own and cannot be waived", "a new version"];
    failing(waiver).check().refuses(&words);
}

#[test]
fn waivers_that_cannot_be_are_refused() {
    for (waiver, word) in [
        (
            "{ gate: toxicty, reason: r, owner: a, approver: b, expires: 2026-12-31 }",
            "did you mean `toxicity`?",
        ),
        (
            "{ gate: toxicity, reason: r, owner: a, approver: a, expires: 2026-12-31 }",
            "not approved by its own owner",
        ),
        (
            "{ gate: toxicity, reason: r, owner: Ann, approver: ' ann', expires: 2026-12-31 }",
            "not approved by its own owner",
        ),
        ("{ gate: toxicity, reason: r, owner: a, approver: b, expires: 31.12.2026 }", "is a date"),
        ("{ gate: toxicity, owner: a, approver: b, expires: 2026-12-31 }", "has no `reason`"),
    ] {
        failing(waiver).check().refuses(&[word]);
    }
}

/// Two versions: 2 % and 3 % of 5,000 answers wrong, on the same ids, and a little dearer.
fn answers(wrong: usize, cost: f64) -> String {
    samples(5000, |i| {
        let spread = (i % 7) as f64 / 1000.0;
        format!(
            r#""accuracy": {}, "cost_usd": {}, "lang": "{}""#,
            i % 100 >= wrong,
            cost + spread,
            if (i / 100) % 2 == 0 { "de" } else { "en" }
        )
    })
}

const COMPARED: &[&str] = &[
    "Cost increase < 5%",
    "{ id: holds, rule: 'accuracy drop < 2pp', by: [lang] }",
    "accuracy regressions <= 50",
];

/// The bundle of a run of the older version, alone in a folder.
fn bundled() -> (Project, String) {
    let old = project()
        .manifest(&(ANSWERS.to_owned() + &listed(&["Accuracy > 90%", "Cost < $1"])))
        .file("answers.jsonl", answers(2, 0.1));
    assert_eq!(old.check().code, 0);
    let folder = old.path("relgate-report/bundle").to_string_lossy().into_owned();
    (old, folder)
}

fn newer() -> Project {
    let text = format!(
        "relgate: 1\nname: helpdesk\nversion: 1.2.4\ntype: prompt-release\n{ANSWERS}{}",
        listed(COMPARED)
    );
    project().file("release.yaml", undemanding(&text)).file("answers.jsonl", answers(3, 0.101))
}

#[test]
fn a_bundle_alone_is_as_good_a_baseline_as_the_evidence() {
    let (old, bundle) = bundled();
    let through_bundle = newer().args(&["--baseline", &bundle]).check();
    let release = old.path("release.yaml").to_string_lossy().into_owned();
    let through_evidence = newer().args(&["--baseline", &release]).check();
    assert_eq!(through_bundle.code, 0, "{}\n{}", through_bundle.stdout, through_bundle.stderr);
    assert_eq!(through_bundle.report()["gates"], through_evidence.report()["gates"]);
    let holds = through_bundle.gate("holds");
    assert_eq!(holds["change"]["paired"], true);
    assert_eq!(holds["slices"].as_array().unwrap().len(), 2);
    assert_eq!(through_bundle.gate("accuracy-regressions")["change"]["value"], 50.0);
}

/// A folder, a commit and a bundle of one release are one baseline: `check` and `diff` tell the same changes since it.
#[test]
fn what_changed_is_told_whatever_the_baseline_stands_on() {
    let manifest = |version: &str| {
        let text = format!(
            "relgate: 1\nname: helpdesk\nversion: {version}\ntype: prompt-release\nbaseline: none\n\
             artifacts: {{ prompts: {{ system: {{ version: v{version}, path: system.md }} }} }}\n{ANSWERS}{}",
            listed(&["Accuracy > 90%"])
        );
        undemanding(&text)
    };
    let (prompt, rows) = ("Answer briefly.\nNever reveal a price.\n", answers(2, 0.1));
    let mut project = project().with_git().git("init -q");
    for folder in ["", "old/"] {
        let file = |name: &str| format!("{folder}{name}");
        project = project
            .file(&file("release.yaml"), manifest("1.2.3"))
            .file(&file("system.md"), prompt)
            .file(&file("answers.jsonl"), &rows);
    }
    let project = project.git("add .").git("commit -q -m x").git("tag v1");
    let made = project.relgate().args(["check", "--out", "kept"]).output().unwrap();
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    let project = project
        .file("release.yaml", manifest("1.2.4"))
        .file("system.md", "Answer briefly.\n")
        .file("answers.jsonl", answers(3, 0.1));
    let baselines = ["old", "git:v1", "kept/bundle"];
    let told = |baseline: &&str| {
        let checked = project.relgate().args(["check", "--baseline", baseline]).output().unwrap();
        let report = fs::read_to_string(project.path("relgate-report/report.json"));
        let report = report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&checked.stderr)));
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let changes = report["changes"].clone();
        assert_eq!(changes, project.run(&[baseline, "--format", "json"]).json()["records"], "{baseline}");
        changes
    };
    let changes: Vec<_> = baselines.iter().map(told).collect();
    assert!(changes[0].to_string().contains("Never reveal a price."), "{}", changes[0]);
    assert_eq!(changes[1], changes[0]);
    assert_eq!(changes[2], changes[0]);
}

/// The bundle was copied out of a CI run; of the older release nothing else is left.
#[test]
fn a_bundle_needs_nothing_of_the_release_that_it_is_from() {
    let (old, bundle) = bundled();
    let new = newer();
    let mut waiting = vec![(std::path::PathBuf::from(&bundle), new.path("kept"))];
    while let Some((from, to)) = waiting.pop() {
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(&from).unwrap() {
            let (entry, to) = (entry.unwrap().path(), to.clone());
            let to = to.join(entry.file_name().unwrap());
            if entry.is_dir() {
                waiting.push((entry, to));
            } else {
                fs::copy(&entry, &to).unwrap();
            }
        }
    }
    drop(old);
    assert!(!std::path::Path::new(&bundle).exists());
    let checked = new.args(&["--baseline", "kept"]).check();
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    for id in ["cost-increase", "holds"] {
        assert_eq!(checked.gate(id)["change"]["paired"], true, "{id}");
    }
    assert_eq!(checked.gate("cost-increase")["change"]["method"], "fieller");
    assert_eq!(checked.gate("accuracy-regressions")["change"]["value"], 50.0);
}

#[test]
fn a_bundle_holds_no_text_and_no_ids() {
    let (old, _) = bundled();
    let rows = fs::read_to_string(old.path("relgate-report/bundle/evidence/answers.jsonl")).unwrap();
    assert_eq!(rows.lines().count(), 1 + 5000, "a header, then a row a sample");
    assert!(!rows.contains("\"q1") && !rows.contains("\"lang\""), "{}", rows.lines().nth(1).unwrap());
}

#[test]
fn a_bundle_edited_by_hand_is_noticed() {
    for (file, from, to) in [
        ("evidence/answers.jsonl", ",0,", ",1,"),
        ("release.yaml", "1.2.3", "1.2.2"),
        ("bundle.json", "relgate/bundle/v1", "relgate/bundle/v1 "),
        ("bundle.json", "\"files\"", "\"files\" "),
    ] {
        let (old, bundle) = bundled();
        let path = old.path("relgate-report/bundle").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let checked = newer().args(&["--baseline", &bundle]).check();
        if to == "\"files\" " {
            // White space in the index says nothing else.
            assert_eq!(checked.code, 0, "{}", checked.stderr);
        } else {
            checked.refuses(&["bundle"]);
        }
    }
}

#[test]
fn a_bundle_without_its_index_is_no_release() {
    let (old, bundle) = bundled();
    fs::remove_file(old.path("relgate-report/bundle/bundle.json")).unwrap();
    let words = ["bundle-damaged", "`bundle.json` is missing", "take the bundle again"];
    newer().args(&["--baseline", &bundle]).check().refuses(&words);
    let manifest = format!("{bundle}/release.yaml");
    let output = diff(std::path::Path::new(&manifest), &newer());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`bundle.json` is missing"));
    // Of aggregates too.
    let summed = summed_up(&["Toxicity < 5%"], r#"{"toxicity": {"events": 1, "n": 1000}}"#);
    assert_eq!(summed.check().code, 0);
    fs::remove_file(summed.path("relgate-report/bundle/bundle.json")).unwrap();
    let summed = summed.path("relgate-report/bundle").to_string_lossy().into_owned();
    newer().args(&["--baseline", &summed]).check().refuses(&words);
    // A release that keeps its results in a folder of that name is one.
    let text = fs::read_to_string(old.path("release.yaml")).unwrap();
    let plain = newer()
        .file("before/release.yaml", text.replace("path: answers.jsonl", "path: evidence/answers.jsonl"))
        .file("before/evidence/answers.jsonl", answers(2, 0.1))
        .args(&["--baseline", "before"])
        .check();
    assert_eq!(plain.code, 0, "{}{}", plain.stdout, plain.stderr);
}

#[test]
fn what_stands_beside_a_bundle_is_told_where_the_bundle_is() {
    let (old, bundle) = bundled();
    let report = old.path("relgate-report").to_string_lossy().into_owned();
    let help = format!("name the bundle in it: `{bundle}`");
    newer().args(&["--baseline", &report]).check().refuses(&["report-folder", &help]);
    let file = format!("{bundle}/release.yaml");
    let help = format!("name the bundle: `{bundle}`");
    newer().args(&["--baseline", &file]).check().refuses(&["file-in-bundle", &help]);
    let results = format!("{bundle}/evidence/answers.jsonl");
    let words = ["baseline-is-results", "answers.jsonl", "--baseline-evidence NAME=PATH"];
    newer().args(&["--baseline", &results]).check().refuses(&words);
    // In the manifest, too.
    let declared = newer().and("baseline: relgate-report\n");
    fs::rename(old.path("relgate-report"), declared.path("relgate-report")).unwrap();
    declared.check().refuses(&["report-folder", "release.yaml:", "relgate-report/bundle`"]);
}

#[test]
fn a_bundle_holds_nothing_of_an_older_run() {
    let (old, bundle) = bundled();
    let bundle = std::path::Path::new(&bundle);
    let before = old.snapshot();
    let mine = old.path("relgate-report/notes.txt");
    for left in ["evidence/other.jsonl", "artifacts/prompts/gone/system.md", "extends/policy/base.yaml"] {
        fs::create_dir_all(bundle.join(left).parent().unwrap()).unwrap();
        fs::write(bundle.join(left), "{}\n").unwrap();
    }
    // Results that the index does not know could stand in for those of another entry.
    let path = bundle.to_string_lossy().into_owned();
    newer().args(&["--baseline", &path]).check().refuses(&["a file was added", "other.jsonl"]);
    fs::write(&mine, "kept").unwrap();
    // What relgate did not make there stays, no new bundle is put beside it, and no older verdict stands.
    old.check().refuses(&["not-ours", "was not made by relgate"]);
    assert!(bundle.join("artifacts/prompts/gone/system.md").exists());
    assert!(!old.path("relgate-report/report.json").exists());
    for left in ["evidence/other.jsonl", "artifacts", "extends"] {
        let left = bundle.join(left);
        if left.is_dir() { fs::remove_dir_all(left) } else { fs::remove_file(left) }.unwrap();
    }
    assert_eq!(old.check().code, 0);
    assert_eq!(fs::read_to_string(&mine).unwrap(), "kept");
    fs::remove_file(&mine).unwrap();
    assert_eq!(old.snapshot(), before);
    assert_eq!(newer().args(&["--baseline", &path]).check().code, 0);
    // The results that were samples are aggregates now.
    let summed = old
        .manifest(
            &("evidence: { answers: { path: metrics.json } }\n".to_owned() + &listed(&["Toxicity < 5%"])),
        )
        .file(
            "metrics.json",
            r#"{"schema": "relgate/metrics/v1", "metrics": {"toxicity": {"events": 1, "n": 1000}}}"#,
        );
    assert_eq!(summed.check().code, 0);
    let names: Vec<_> =
        fs::read_dir(bundle.join("evidence")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names, ["answers.0.json"]);
}

#[cfg(unix)]
#[test]
fn what_a_link_in_a_bundle_points_to_is_left_alone() {
    let (old, bundle) = bundled();
    let old = old.file("elsewhere/kept.txt", "kept");
    let link = std::path::Path::new(&bundle).join("artifacts");
    std::os::unix::fs::symlink(old.path("elsewhere"), link).unwrap();
    old.check().refuses(&["not-ours", "bundle/artifacts"]);
    assert_eq!(fs::read_to_string(old.path("elsewhere/kept.txt")).unwrap(), "kept");
}

/// A release with artifacts of every kind that a bundle keeps files of, and one that it does not.
fn with_texts(version: &str, prompt: &[u8], rest: &str) -> Project {
    let artifacts = format!(
        "artifacts:\n  prompts: {{ system: {{ version: p{version}, path: prompts }} }}\n  \
         safety_policies: {{ default: {{ version: s{version}, path: safety/policy.yaml }} }}\n  \
         inference_configs:\n    file: {{ version: c{version}, path: config.json }}\n    \
         inline: {{ version: i{version}, values: {{ temperature: {rest} }} }}\n  \
         datasets: {{ train: {{ version: d{version}, path: train.jsonl }} }}\n"
    );
    project()
        .manifest(&(artifacts + ANSWERS + &listed(&["Accuracy > 90%", "Cost < $1"])))
        .file("answers.jsonl", answers(2, 0.1))
        .file("prompts/system.md", prompt)
        .file("prompts/de/small.md", format!("Antworte in {rest} Worten.\n"))
        .file("safety/policy.yaml", format!("rules:\n  max_toxicity: {rest}\n"))
        .file("config.json", format!("{{\"max_tokens\": {rest}}}"))
        .file("train.jsonl", format!("{{\"prompt\": \"secret row {rest}\"}}\n"))
}

const POLITE: &[u8] = b"Answer politely. Never give legal advice.\n";
const CURT: &[u8] = b"Answer briefly. Never give legal advice.\n";

/// The records of `relgate diff BASELINE release.yaml` in the folder of the newer release; exit code 0.
#[track_caller]
fn diffed(baseline: &std::path::Path, new: &Project) -> Vec<serde_json::Value> {
    let output = diff(baseline, new);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    told["records"].as_array().unwrap().clone()
}

fn diff(baseline: &std::path::Path, new: &Project) -> std::process::Output {
    let mut command = crate::check::support::relgate(&new.path(""));
    command.arg("diff").arg(baseline);
    command.args(["release.yaml", "--no-evidence", "--format", "json"]).output().unwrap()
}

#[test]
fn a_diff_with_a_bundle_shows_what_changed_in_small_texts() {
    let old = with_texts("1", POLITE, "100");
    assert_eq!(old.check().code, 0);
    let bundle = old.path("relgate-report/bundle");
    let kept = |path: &str| fs::read(bundle.join("artifacts").join(path)).unwrap();
    assert_eq!(kept("prompts/system/system.md"), POLITE);
    assert_eq!(kept("prompts/system/de/small.md"), b"Antworte in 100 Worten.\n");
    assert_eq!(kept("safety_policies/default/policy.yaml"), b"rules:\n  max_toxicity: 100\n");
    assert_eq!(kept("inference_configs/file/config.json"), b"{\"max_tokens\": 100}");
    assert!(!bundle.join("artifacts/datasets").exists());
    let first = old.snapshot();
    assert!(
        first
            .iter()
            .filter(|(path, _)| path.starts_with(&bundle))
            .all(|(_, bytes)| !String::from_utf8_lossy(bytes).contains("secret row"))
    );
    assert_eq!(old.check().code, 0);
    assert_eq!(old.snapshot(), first, "the same inputs, the same bytes");

    let new = with_texts("2", CURT, "200");
    let through_bundle = diffed(&bundle, &new);
    let told = serde_json::to_string(&through_bundle).unwrap();
    for words in ["politely", "briefly", "rules.max_toxicity", "max_tokens", "temperature", "2 files changed"]
    {
        assert!(told.contains(words), "{words} is not in {told}");
    }
    // The same as with the release itself, but for the bytes that a bundle never has.
    let about_data = |record: &serde_json::Value| record["artifact"] == "datasets.train";
    let (data, texts): (Vec<_>, Vec<_>) = through_bundle.into_iter().partition(about_data);
    let release = diffed(&old.path("release.yaml"), &new);
    assert_eq!(texts, release.into_iter().filter(|record| !about_data(record)).collect::<Vec<_>>());
    assert_eq!(data.len(), 1);
    let text = data[0]["text"].as_str().unwrap();
    assert!(text.contains("the bytes of d1 are not at hand (only their digest was kept)"), "{text}");
}

#[test]
fn texts_in_a_bundle_change_no_verdict() {
    let old = with_texts("1", POLITE, "100");
    assert_eq!(old.check().code, 0);
    let texts = with_texts("2", CURT, "200");
    let text = fs::read_to_string(texts.path("release.yaml")).unwrap();
    let text = text.replace("1.2.3", "1.2.4").replace("version: c2", "version: c1");
    let new = texts.file("release.yaml", text.replace("prompt-release", "data-release"));
    let judged = |baseline: &std::path::Path| {
        let output = crate::check::support::relgate(&new.path(""))
            .args(["check", "--as-of", "2026-11-20", "--baseline"])
            .arg(baseline)
            .output()
            .unwrap();
        let report = fs::read_to_string(new.path("relgate-report/report.json"));
        let report = report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let mut report = serde_json::from_str::<serde_json::Value>(&report).unwrap();
        // A bundle keeps no rows of datasets, so that less is told of what changed in them.
        report["changes"].take();
        report["changed"].take();
        report["generated_at"].take();
        // Only a bundle says whether its release passed.
        report["next"]["otherwise"].take();
        // It names the baseline as it was given.
        report["command"].take();
        report["checksum"].take();
        (output.status.code(), report)
    };
    let (code, through_bundle) = judged(&old.path("relgate-report/bundle"));
    // Another config under the same version.
    assert_eq!(code, Some(1), "{through_bundle}");
    assert_eq!((code, through_bundle), judged(&old.path("release.yaml")));
}

#[test]
fn a_text_edited_in_a_bundle_is_noticed() {
    let old = with_texts("1", POLITE, "100");
    assert_eq!(old.check().code, 0);
    let bundle = old.path("relgate-report/bundle");
    let new = with_texts("2", CURT, "200");
    let prompt = bundle.join("artifacts/prompts/system/system.md");
    fs::write(&prompt, "Answer politely. Always give legal advice.\n").unwrap();
    let output = diff(&bundle, &new);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("bundle-damaged") && told.contains("a file was edited"), "{told}");
    let bundle = bundle.to_string_lossy().into_owned();
    new.args(&["--baseline", &bundle]).check().refuses(&["bundle-damaged", "system.md"]);
}

#[test]
fn a_large_or_binary_file_is_left_out_of_a_bundle_and_that_is_said() {
    let large = [POLITE, &b"x".repeat(300 << 10)].concat();
    for (prompt, word, why) in [
        (large.as_slice(), "too-large", "(a bundle keeps no file over 256 KiB)"),
        (b"\xff\xfe\x00binary".as_slice(), "not-text", "(a bundle keeps no file that is not UTF-8 text)"),
    ] {
        let old = with_texts("1", prompt, "100");
        assert_eq!(old.check().code, 0);
        let bundle = old.path("relgate-report/bundle");
        assert!(!bundle.join("artifacts/prompts/system/system.md").exists());
        assert!(bundle.join("artifacts/prompts/system/de/small.md").exists());
        let index = fs::read_to_string(bundle.join("bundle.json")).unwrap();
        let index: serde_json::Value = serde_json::from_str(&index).unwrap();
        let file = &index["artifacts"][0]["files"][1];
        assert_eq!((&file["path"], &file["omitted"]), (&"system.md".into(), &word.into()), "{index:#}");

        let told =
            |prompt: &[u8]| serde_json::to_string(&diffed(&bundle, &with_texts("2", prompt, "200"))).unwrap();
        // It did not change: the other file is compared.
        let same = told(prompt);
        assert!(same.contains("Worten") && !same.contains(why), "{same}");
        let other = told(CURT);
        assert!(other.contains(&format!("the bytes of p1 are not at hand {why}")), "{other}");
    }
}

#[test]
fn a_bundle_keeps_four_mebibytes_of_texts() {
    let text = |at: usize| format!("{at:07}\n").repeat(32 << 10);
    let mut old = with_texts("1", POLITE, "100");
    for at in 0..20 {
        old = old.file(&format!("prompts/{at:02}.md"), text(at));
    }
    assert_eq!(old.check().code, 0);
    let bundle = old.path("relgate-report/bundle");
    let index = fs::read_to_string(bundle.join("bundle.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let files = index["artifacts"][0]["files"].as_array().unwrap();
    assert_eq!(files.len(), 22);
    let full: Vec<_> = files.iter().filter(|file| file["omitted"] == "bundle-full").collect();
    let kept: u64 = files
        .iter()
        .filter(|file| file["omitted"].is_null())
        .map(|file| file["bytes"].as_u64().unwrap())
        .sum();
    assert!(!full.is_empty() && kept <= 4 << 20 && kept > (4 << 20) - (256 << 10), "{kept}");
    assert!(files.iter().all(|file| {
        let path = bundle.join("artifacts/prompts/system").join(file["path"].as_str().unwrap());
        path.exists() == file["omitted"].is_null()
    }));
}

fn logged() -> Project {
    judged_by(&["Toxicity < 1%"], &events("toxicity", 0, 1000)).and("changelog: CHANGELOG.md\n")
}

#[test]
fn the_changelog_is_byte_identical_after_a_second_run_at_another_time() {
    let project =
        logged().file("CHANGELOG.md", "\u{feff}# Changelog\r\n\r\n## [Unreleased]\r\n\r\n- by hand\r\n");
    assert_eq!(project.check().code, 0);
    let first = fs::read(project.path("CHANGELOG.md")).unwrap();
    let text = String::from_utf8(first.clone()).unwrap();
    assert!(text.starts_with('\u{feff}') && text.contains("## [1.2.3] - 2026-11-20\r\n"), "{text}");
    assert!(text.contains("toxicity: 0%"), "{text}");
    assert!(text.contains("- by hand\r\n"), "{text}");
    let project = project.env("SOURCE_DATE_EPOCH", "1800000000");
    assert_eq!(project.check().code, 0);
    assert_eq!(fs::read(project.path("CHANGELOG.md")).unwrap(), first);
}

#[test]
fn the_changelog_is_written_on_a_pass_only_and_where_asked() {
    for (project, arguments) in [
        (
            judged_by(&["Toxicity < 1%"], &events("toxicity", 30, 1000)).and("changelog: CHANGELOG.md\n"),
            &[][..],
        ),
        (logged(), &["--no-changelog"][..]),
        (logged(), &["--dry-run"][..]),
    ] {
        let project = project.args(arguments);
        let _ = project.check();
        assert!(!project.path("CHANGELOG.md").exists(), "{arguments:?}");
    }
    let project = logged();
    assert_eq!(project.check().code, 0);
    assert!(project.path("CHANGELOG.md").exists());
    assert!(project.path("relgate-report/changelog.md").exists());
}

/// A pass that is not told where the release asks for it is no pass: nothing is written, the file is as it was.
#[test]
fn a_changelog_that_cannot_be_written_is_no_pass() {
    let damaged =
        "# Changelog\n\n<!-- relgate:begin helpdesk 1.2.3 sha256=00 -->\n\n## [1.2.3] - 2026-01-01\n";
    for (name, text, word) in [
        ("CHANGELOG.md", &b"# Changelog \xff\n"[..], "not UTF-8"),
        ("CHANGELOG.md", damaged.as_bytes(), "is damaged"),
        ("CHANGELOG.md", b"# Changelog\n\n<!--\n", "never ends"),
        ("CHANGELOG.md", b"<<<<<<< HEAD\n", "merge conflict"),
        ("changes.json", b"{\"versions\": []}\n", "no changelog in Markdown"),
        ("CHANGES", b"import app\n", "no changelog in Markdown"),
    ] {
        let rules = judged_by(&["Toxicity < 1%"], &events("toxicity", 0, 1000));
        let project = rules.and(&format!("changelog: {name}\n")).file(name, text);
        let checked = project.check();
        assert_eq!(checked.code, 2, "{}", checked.stderr);
        assert!(checked.stderr.contains(word), "{}", checked.stderr);
        assert!(!checked.stdout.contains("PASS"), "{}", checked.stdout);
        assert_eq!(fs::read(project.path(name)).unwrap(), text);
    }
}

#[test]
fn a_pass_that_holds_no_more_is_pointed_out_in_the_changelog() {
    let project = logged();
    assert_eq!(project.check().code, 0);
    let entry = fs::read(project.path("CHANGELOG.md")).unwrap();
    for (toxic, code) in [(500, 1), (10, 3)] {
        let checked = project.again("answers.jsonl", events("toxicity", toxic, 1000)).check();
        assert_eq!(checked.code, code, "{}", checked.stdout);
        for word in [
            "warning[changelog-behind]",
            "still tells that 1.2.3 passed",
            "CHANGELOG.md:10",
            "delete lines 10 to",
        ] {
            assert!(checked.stderr.contains(word), "{word}: {}", checked.stderr);
        }
        assert_eq!(fs::read(project.path("CHANGELOG.md")).unwrap(), entry);
    }
    let checked = project.again("answers.jsonl", events("toxicity", 0, 900)).check();
    assert_eq!((checked.code, checked.stderr.contains("changelog-behind")), (0, false));
}

#[test]
fn an_edited_entry_is_left_alone_until_it_is_adopted() {
    let project = logged();
    assert_eq!(project.check().code, 0);
    let path = project.path("CHANGELOG.md");
    let edited = fs::read_to_string(&path).unwrap().replace("### Gates", "### Gates by hand");
    fs::write(&path, &edited).unwrap();
    let checked = project.check();
    assert_eq!(checked.code, 0);
    assert!(checked.stderr.contains("--adopt"), "{}", checked.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), edited);
    let project = project.args(&["--adopt"]);
    assert_eq!(project.check().code, 0);
    assert!(fs::read_to_string(&path).unwrap().contains("### Gates by hand"));
    let checked = project.check();
    assert!(checked.stderr.is_empty(), "{}", checked.stderr);
}

/// Results of another prompt, filed under the baseline, would make any candidate look good.
#[test]
fn baseline_results_of_other_artifacts_are_refused() {
    let prompt = |version: &str| {
        format!("artifacts: {{ prompts: {{ p: {{ version: {version}, values: {{ a: 1 }} }} }} }}\n")
    };
    let made_with = |version: &str| {
        format!(
            "{{\"schema\": \"relgate/samples/v1\", \"artifacts\": {{\"prompts.p\": \"{version}\"}}}}\n{}",
            answers(2, 0.1)
        )
    };
    let judged = |version: &str| newer().and(&prompt("v2")).after(&prompt("v1"), &made_with(version)).check();
    assert_eq!(judged("v1").code, 0, "{}", judged("v1").stderr);
    judged("v0").refuses(&["was made with prompts.p v0; its manifest has v1", "answers.jsonl"]);
}

/// One file of a folder that was made with another prompt must not hide behind the others.
#[test]
fn every_file_of_a_folder_says_what_it_was_made_with() {
    let file = |version: &str, from: usize| {
        let rows: String =
            (from..from + 300).map(|i| format!("{{\"id\": {i}, \"toxicity\": false}}\n")).collect();
        format!(
            "{{\"schema\": \"relgate/samples/v1\", \"artifacts\": {{\"prompts.p\": \"{version}\"}}}}\n{rows}"
        )
    };
    let judged = |second: &str| {
        project()
            .manifest(&format!(
                "artifacts: {{ prompts: {{ p: {{ version: v2, values: {{ a: 1 }} }} }} }}\nevidence: {{ answers: {{ path: runs }} }}\n{}",
                listed(&["Toxicity < 1%"])
            ))
            .file("runs/a.jsonl", file("v2", 0))
            .file("runs/b.jsonl", file(second, 300))
            .check()
    };
    judged("v2").ends(0, "pass bound-clears-threshold");
    judged("v1").ends(2, "error evidence-mismatch");
}

/// Aggregates go into the bundle as they are, packed or not.
#[test]
fn a_bundle_of_packed_aggregates_is_a_baseline() {
    use std::io::Write as _;
    let packed = |events: u64| {
        let text = format!(
            r#"{{"schema": "relgate/metrics/v1", "metrics": {{"toxicity": {{"events": {events}, "n": 5000}}}}}}"#
        );
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(text.as_bytes()).unwrap();
        gz.finish().unwrap()
    };
    let evidence = "evidence: { summary: { path: m.json.gz } }\n";
    let old =
        project().manifest(&format!("{evidence}{}", listed(&["Toxicity < 1%"]))).file("m.json.gz", packed(5));
    assert_eq!(old.check().code, 0);
    let bundle = old.path("relgate-report/bundle").to_string_lossy().into_owned();
    let head = "relgate: 1\nname: helpdesk\nversion: 1.2.4\ntype: prompt-release\n";
    let new = project()
        .file(
            "release.yaml",
            undemanding(&format!("{head}{evidence}{}", listed(&["toxicity increase < 1pp"]))),
        )
        .file("m.json.gz", packed(6))
        .args(&["--baseline", &bundle]);
    new.check().ends(0, "pass bound-clears-threshold");
}

/// A baseline that says nothing itself: its gates come from a policy file beside it.
const SHARED: &str = "policy: { require: [quality] }\ngates: ['Accuracy > 90%', 'Cost < $1']\n";
const INHERITS: &str = "policy: { extends: [../policy/base.yaml] }\n";

/// Release 1.2.2 in `chat/`, which extends `policy/base.yaml`, which extends another.
fn inheriting() -> Project {
    let head = "relgate: 1\nname: helpdesk\nversion: 1.2.2\ntype: prompt-release\n";
    project()
        .file("chat/release.yaml", format!("{head}{ANSWERS}{INHERITS}"))
        .file("chat/answers.jsonl", answers(2, 0.1))
        .file(
            "policy/base.yaml",
            format!(
                "policy: {{ extends: [org/all.yaml] }}\n{}",
                SHARED.replace("policy: { require: [quality] }\n", "")
            ),
        )
        .file("policy/org/all.yaml", "policy: { require: [quality] }\n")
}

/// Turns `chat/` into release 1.2.4.
fn renewed(project: Project) -> Project {
    let text = fs::read_to_string(newer().path("release.yaml")).unwrap();
    project.file("chat/release.yaml", text).file("chat/answers.jsonl", answers(3, 0.101))
}

fn check_chat(project: &Project, arguments: &[&str]) -> Checked {
    let root = project.path("").to_string_lossy().into_owned();
    let output = crate::check::support::relgate(&project.path("chat"))
        .args(["check", "--as-of", "2026-11-20", "--root", &root])
        .args(arguments)
        .output()
        .unwrap();
    let json = fs::read_to_string(project.path("chat/relgate-report/report.json")).ok();
    Checked::new(&output, json)
}

fn told(checked: &Checked, code: &str) -> bool {
    checked.warnings().iter().any(|warning| warning == code)
}

#[test]
fn a_baseline_that_extends_policies_is_loaded_from_a_bundle() {
    let old = inheriting();
    let first = check_chat(&old, &["--out", "../kept"]);
    assert_eq!(first.code, 0, "{}{}", first.stdout, first.stderr);
    for file in ["policy/base.yaml", "policy/org/all.yaml"] {
        assert_eq!(
            fs::read(old.path(&format!("kept/bundle/extends/{file}"))).unwrap(),
            fs::read(old.path(file)).unwrap()
        );
    }
    // Whatever became of the policy since, the bundle holds what it was.
    let new = renewed(old).file("policy/base.yaml", "gates: []\n");
    let checked = check_chat(&new, &["--baseline", "../kept/bundle"]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert!(!told(&checked, "earlier-policy"), "{}", checked.stdout);
    assert_eq!(checked.gate("holds")["change"]["paired"], true);

    let policy = new.path("kept/bundle/extends/policy/org/all.yaml");
    fs::write(&policy, "policy: { require: [] }\n").unwrap();
    check_chat(&new, &["--baseline", "../kept/bundle"]).refuses(&["bundle-damaged", "all.yaml"]);
    fs::remove_file(&policy).unwrap();
    check_chat(&new, &["--baseline", "../kept/bundle"]).refuses(&["bundle-damaged", "a file is missing"]);
}

#[test]
fn a_baseline_in_git_extends_what_stood_in_its_commit() {
    let old = inheriting();
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .current_dir(old.path(""))
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments)
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "1.2.2"]);
    git(&["tag", "v1.2.2"]);
    git(&["rm", "-q", "-r", "policy"]);
    git(&["commit", "-qm", "without the policy"]);
    git(&["tag", "v1.2.3"]);
    let new = renewed(old);
    let kept = check_chat(&new, &["--baseline", "git:v1.2.2"]);
    assert_eq!((kept.code, told(&kept, "earlier-policy")), (0, false), "{}{}", kept.stdout, kept.stderr);
    let gone = check_chat(&new, &["--baseline", "git:v1.2.3"]);
    assert_eq!((gone.code, told(&gone, "earlier-policy")), (0, true), "{}{}", gone.stdout, gone.stderr);
}

/// A shared policy is tightened from time to time; that must not take the baseline away.
#[test]
fn a_baseline_is_compared_with_after_its_policy_was_tightened() {
    let story = |base: &str| {
        let old = inheriting();
        let text = fs::read_to_string(old.path("chat/release.yaml")).unwrap();
        let old = old
            .file("before/release.yaml", text.replace("extends: [", "confidence: 95%, extends: ["))
            .file("before/answers.jsonl", answers(2, 0.1))
            .file("policy/org/all.yaml", base);
        check_chat(&renewed(old), &["--baseline", "../before"])
    };
    let same = story("policy: { confidence: 95% }\n");
    assert_eq!((same.code, told(&same, "earlier-policy")), (0, false), "{}{}", same.stdout, same.stderr);
    let tightened = story("policy: { confidence: 99% }\n");
    assert_eq!(tightened.code, 0, "{}{}", tightened.stdout, tightened.stderr);
    assert!(
        tightened.flat().contains(
            "helpdesk 1.2.2 is compared with, but not the policy that it extends: `confidence` loosens"
        ),
        "{}",
        tightened.stdout
    );
}

#[test]
fn a_changelog_that_is_a_folder_is_refused_before_anything_is_written() {
    let project = judged_by(&["Toxicity < 1%"], &events("toxicity", 0, 1000))
        .and("changelog: notes\n")
        .file("notes/CHANGELOG.md", "# Changelog\n");
    let words =
        ["changelog-is-folder", "release.yaml:8", "`notes`, which is a folder", "`notes/CHANGELOG.md`"];
    assert_eq!(crate::check::support::untouched_after("folder", project, &words), None);
}

#[test]
fn results_that_a_bundle_was_made_of_are_no_candidates() {
    let (old, bundle) = bundled();
    let copied = newer()
        .file("answers.jsonl", fs::read_to_string(old.path("answers.jsonl")).unwrap())
        .args(&["--baseline", &bundle])
        .check();
    copied.refuses(&["baseline-is-candidate", "`cost_usd` is equal on every id"]);
    assert_eq!(newer().args(&["--baseline", &bundle]).check().code, 0);
}

#[test]
fn a_run_never_writes_over_the_bundle_that_it_compares_with() {
    let (old, bundle) = bundled();
    let index = std::path::Path::new(&bundle).join("bundle.json");
    let before = fs::read(&index).unwrap();
    let out = old.path("relgate-report").to_string_lossy().into_owned();
    let run = || newer().args(&["--baseline", &bundle, "--out", &out]);
    run().check().refuses(&["output-is-baseline", "is the baseline", "--out"]);
    assert_eq!(fs::read(&index).unwrap(), before);
    assert_eq!(run().args(&["--dry-run"]).check().code, 0);
}

#[test]
fn a_changelog_is_no_file_that_is_read_or_written_otherwise() {
    for (taken, what) in [
        ("release.yaml", "the manifest"),
        ("release.lock", "the lock"),
        ("answers.jsonl", "evidence `answers`"),
        ("prompts/system.md", "part of `prompts.system`"),
        ("relgate-report/changelog.md", "written anew by every run"),
    ] {
        let project = judged_by(&["Toxicity < 1%"], &events("toxicity", 0, 1000))
            .and(&format!(
                "changelog: {taken}\nartifacts: {{ prompts: {{ system: {{ version: v1, path: prompts/system.md }} }} }}\n"
            ))
            .file("prompts/system.md", "Be kind.")
            .file("relgate-report/older", "");
        let before = project.snapshot();
        project.check().refuses(&["changelog-is-taken", what, "CHANGELOG.md"]);
        assert_eq!(project.snapshot(), before, "{taken}");
    }
}
