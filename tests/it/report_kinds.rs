//! The kinds of reports from one judgement: what each says, that none contradicts the exit code, and that no text of somebody
//! else's becomes markup, a command or a formula in one.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use relgate::gate::Outcome;
use relgate::manifest::Enforcement;
use relgate::report::Screen;
use relgate::report::kinds::{KINDS, Kind, is_own, named};
use relgate::report::v1::{self, Report, ReportAcceptance, ReportFinding, ReportGate, ReportRelease, Word};
use relgate::verdict::Decision;

use crate::project::{Project, events, judged_by, listed, project, relgate, samples};

/// A gate that passes, one that fails by language, one that only warns, one that is undecided, one that is waived, one that does not
/// apply.
fn story() -> Project {
    let rows = samples(1000, |i| {
        let lang = if i % 2 == 0 { "de" } else { "en, \"UK\"" };
        format!(
            r#""toxic": {}, "hallucinated": {}, "accuracy": {}, "leaks": {}, "latency_ms": {}, "lang": {lang:?}"#,
            i < 1,
            i < 60,
            i >= 200,
            i < 15,
            500 + i
        )
    });
    let manifest = format!(
        "evidence: {{ answers: {{ path: answers.jsonl }} }}\nmetrics: {{ leaks: {{ as: rate, direction: lower, category: safety }} }}\n{}{}",
        listed(&[
            "Toxicity < 1%",
            "{ rule: 'hallucination rate < 2%', by: [lang], rationale: 'Nobody \\| wants <b>lies</b>' }",
            "{ rule: 'p95 latency < 900ms', enforcement: warn }",
            "{ rule: 'leaks < 1.5%', id: leaks }",
            "accuracy >= 90%",
            "{ rule: 'mean latency < 2s', when: { type: [hotfix] } }",
        ]),
        "waivers:\n  - { gate: accuracy, reason: 'known *issue* of @team', owner: a, approver: b, expires: 2027-01-01, limit: 70% }\n"
    );
    project().manifest(&manifest).file("answers.jsonl", rows)
}

/// Judges with every kind written.
#[track_caller]
fn judged(project: &Project) -> (Report, i32) {
    let kinds = KINDS.iter().flat_map(|kind| ["--report", kind.name]);
    let (as_of, typed) = project.typed();
    let args: Vec<&str> = kinds.collect();
    let output = project.relgate().args(["check", "--as-of", as_of]).args(typed).args(args).output().unwrap();
    let file = project.path("relgate-report/report.json");
    let text =
        fs::read_to_string(&file).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (v1::read("report.json", &text).unwrap(), output.status.code().unwrap())
}

fn text(kind: &str, report: &Report) -> String {
    let kind = named(kind).unwrap();
    (kind.report)(report, Screen::default())
}

#[test]
fn every_kind_of_one_judgement_is_as_it_was() {
    let project = story();
    let (_, code) = judged(&project);
    assert_eq!(code, 1);
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/report_kinds");
    // The page has tests of its own, and so has the shape of report.json.
    for kind in KINDS.iter().filter(|kind| !["html", "json"].contains(&kind.name)) {
        let told = fs::read_to_string(project.path("relgate-report").join(kind.file)).unwrap();
        assert!(is_own(&told), "{}: what relgate wrote it may replace", kind.name);
        let file = expected.join(kind.file);
        if crate::project::blesses() {
            fs::create_dir_all(&expected).unwrap();
            fs::write(&file, &told).unwrap();
        }
        let known = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(told, known, "{}: RELGATE_BLESS=1 takes it as it is now", kind.name);
    }
}

#[test]
fn a_kind_takes_no_file_of_somebody_else() {
    for text in [
        "# notes\n",
        "{\"a\": 1}\n",
        "[{\"check_name\": \"eslint/semi\"}]\n",
        "a,b\n1,2\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pytest\"></testsuites>\n",
        "<!-- notes -->\n## x\n",
        "# TYPE http_requests counter\n",
        "{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n  \"version\": \"2.1.0\",\n  \"runs\": []\n}\n",
    ] {
        assert!(!is_own(text), "{text}");
    }
}

/// A finding as a release that could not be judged has it.
fn finding() -> ReportFinding {
    ReportFinding {
        code: "missing-file".to_owned(),
        text: "there is no file".to_owned(),
        file: None,
        line: None,
        column: None,
        help: Vec::new(),
    }
}

/// What one gate of a report may be.
fn variants(gate: &ReportGate) -> Vec<ReportGate> {
    let acceptance = ReportAcceptance {
        reason: "r".to_owned(),
        owner: "a".to_owned(),
        approver: "b".to_owned(),
        expires: "2027-01-01".parse().unwrap(),
        limit: None,
    };
    let mut all = Vec::new();
    for outcome in
        [Outcome::Pass, Outcome::NotApplicable, Outcome::Inconclusive, Outcome::Error, Outcome::Fail]
    {
        for enforcement in [Enforcement::Block, Enforcement::Warn] {
            for waived in [None, Some(acceptance.clone())] {
                for undecided_stops in [true, false] {
                    let open = enforcement == Enforcement::Block && waived.is_none();
                    let stops = match outcome {
                        Outcome::Fail | Outcome::Error => open,
                        Outcome::Inconclusive => open && undecided_stops,
                        _ => false,
                    };
                    all.push(ReportGate {
                        outcome: Word(outcome),
                        enforcement: Word(enforcement),
                        waived: waived.clone(),
                        stops,
                        ..gate.clone()
                    });
                }
            }
        }
    }
    all
}

#[test]
fn junit_never_disagrees_with_the_exit_code() {
    let (base, _) = judged(&judged_by(
        &["Toxicity < 1%", "{ rule: 'Toxicity < 2%', id: other }"],
        &events("toxic", 0, 500),
    ));
    let options = variants(&base.gates[0]);
    let mut seen = [0; 4];
    for one in &options {
        for other in &options {
            for errors in [Vec::new(), vec![finding()]] {
                let mut worst = Decision::Pass;
                for gate in [one, other].into_iter().filter(|gate| gate.stops) {
                    worst = worst.max(match gate.outcome.0 {
                        Outcome::Fail => Decision::Fail,
                        Outcome::Error => Decision::Error,
                        _ => Decision::Inconclusive,
                    });
                }
                // A finding makes an error of what is no fail, or stands beside it.
                for decision in [worst, if errors.is_empty() { worst } else { worst.max(Decision::Error) }] {
                    let exit_code = match decision {
                        Decision::Pass => 0,
                        Decision::Fail => 1,
                        Decision::Error => 2,
                        Decision::Inconclusive => 3,
                    };
                    let report = Report {
                        gates: vec![one.clone(), other.clone()],
                        errors: errors.clone(),
                        decision: Word(decision),
                        exit_code,
                        ..base.clone()
                    };
                    let xml = text("junit", &report);
                    let count = |tag: &str| xml.matches(tag).count();
                    let (failures, errors) = (count("<failure "), count("<error "));
                    let told = format!("tests=\"3\" failures=\"{failures}\" errors=\"{errors}\"");
                    assert_eq!(count(&told), 2, "{told}\n{xml}");
                    let implied = match (failures > 0, errors > 0) {
                        (true, _) => [1, 1],
                        (false, true) => [2, 3],
                        (false, false) => [0, 0],
                    };
                    assert!(implied.contains(&exit_code), "{exit_code}\n{xml}");
                    seen[usize::from(exit_code)] += 1;
                }
            }
        }
    }
    assert!(seen.iter().all(|times| *times > 50), "{seen:?}");
}

const EVIL: [&str; 6] = [
    "x\n::error::owned",
    "::stop-commands::pwn",
    "<script>alert(1)</script>|`a`",
    "\u{202e}evil\u{2066}",
    "%0A::error::y",
    "]]><!-- --> \u{0}\u{1b}[31m ##[error]z =1+1",
];

/// A report in which every text that somebody else writes is hostile.
fn hostile() -> Report {
    let (mut report, _) = judged(&story());
    let mut times = 0;
    let mut evil = || {
        times += 1;
        format!("{} {times}", EVIL[times % EVIL.len()])
    };
    for gate in &mut report.gates {
        gate.id = evil();
        gate.rule = evil();
        gate.reason.text = evil();
        gate.reason.advice = Some(evil());
        gate.threshold.text = evil();
        gate.rationale = Some(evil());
        if let Some(place) = &mut gate.place {
            place.file = evil();
        }
        for case in gate.cases.iter_mut().flatten() {
            case.id = evil();
            case.error = Some(evil());
        }
        for slice in &mut gate.slices {
            slice.key.0[0].1 = evil();
        }
    }
    for _ in 0..30 {
        report.warnings.push(ReportFinding {
            text: evil(),
            file: Some(evil()),
            help: vec![evil()],
            ..finding()
        });
    }
    report.next.text = evil();
    for step in &mut report.next.otherwise {
        step.text = evil();
        step.lines.push(evil());
    }
    let release: &mut ReportRelease = report.release.as_mut().unwrap();
    release.name = evil();
    release.summary = Some(evil());
    report
}

#[test]
fn no_text_becomes_a_workflow_command() {
    let report = hostile();
    let told = text("github", &report);
    let mut commands = 0;
    for line in told.lines() {
        assert!(!line.contains("##["), "{line}");
        assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
        if line.trim_start().starts_with("::") {
            let (command, rest) = line[2..].split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&command), "{line}");
            // Properties end at the first `::`, and hold neither a `:` nor a further property.
            let (properties, _) = rest.split_once("::").unwrap();
            for property in properties.split(',') {
                let (key, value) = property.split_once('=').unwrap();
                assert!(["file", "line", "col", "title"].contains(&key), "{line}");
                assert!(!value.contains(':'), "{line}");
            }
            commands += 1;
        }
    }
    assert!((12..=30).contains(&commands), "{commands}\n{told}");
    for command in ["error", "warning", "notice"] {
        assert!(told.matches(&format!("\n::{command} ")).count() <= 10, "{told}");
    }
    assert!(told.contains("\n::warning title=relgate::and 2"), "{told}");
    // Every other kind goes through the same logs.
    for kind in KINDS.iter().filter(|kind| kind.name != "github") {
        let told = kind.whole(&report, Screen::default());
        for line in told.lines() {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{}: {line}", kind.name);
            assert!(line.chars().all(|c| !c.is_control()), "{}: {line:?}", kind.name);
        }
    }
}

/// So many gates, of which the last fail.
fn many(n: usize, failing: usize) -> Report {
    let (mut report, _) = judged(&judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500)));
    let gate = report.gates[0].clone();
    report.gates = (0..n)
        .map(|i| {
            let outcome = if i + failing >= n { Outcome::Fail } else { Outcome::Pass };
            ReportGate {
                id: format!("gate-{i}"),
                outcome: Word(outcome),
                stops: outcome == Outcome::Fail,
                ..gate.clone()
            }
        })
        .collect();
    report
}

#[test]
fn a_comment_fits_whatever_there_is_to_say() {
    for (n, failing) in [(1, 1), (90, 3), (500, 5), (10_000, 4), (10_000, 9_000)] {
        let told = text("markdown", &many(n, failing));
        assert!(told.chars().count() <= 65_536, "{n}: {}", told.chars().count());
        assert!(told.starts_with("<!-- relgate:helpdesk -->\n## ❌ relgate: FAIL\n"), "{told}");
        let failed = (n - failing..n).take(40);
        for i in failed {
            assert!(
                told.contains(&format!("| gate-{i} |")) && told.contains(&format!("**gate-{i}** fail")),
                "{n} {i}"
            );
        }
        assert_eq!(told.contains("left out: report.json has all"), n > 500, "{n}");
        assert!(told.contains("### Next") && told.trim_end().ends_with('.'), "{n}");
    }
    // One text may not take all of the room.
    let mut long = many(3, 3);
    long.gates[0].reason.text = "@".repeat(200_000);
    long.next.text = "#".repeat(200_000);
    let told = text("markdown", &long);
    assert!(told.chars().count() <= 65_536 && told.contains("**gate-2** fail"), "{}", told.len());
}

#[test]
fn one_document_tells_of_several_manifests() {
    let body = |bad: usize| (listed(&["Toxicity < 1%"]), events("toxic", bad, 500));
    let two = || {
        let (gates, rows) = body(0);
        let text = |name: &str, file: &str| {
            format!(
                "relgate: 1\nname: {name}\nversion: 1.0.0\ntype: prompt-release\nevidence: {{ answers: {{ path: {file} }} }}\n{gates}policy: {{ require: [] }}\n"
            )
        };
        project()
            .file("one.yaml", text("one", "good.jsonl"))
            .file("two.yaml", text("two", "bad.jsonl"))
            .file("same.yaml", text("one", "bad.jsonl"))
            .file("good.jsonl", rows)
            .file("bad.jsonl", body(50).1)
    };
    let told = |args: &[&str]| {
        let project = two();
        let output = project
            .relgate()
            .args(["check", "--as-of", "2026-11-20", "one.yaml", "two.yaml"])
            .args(args)
            .output()
            .unwrap();
        (project, output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (project, code, terminal) =
        told(&["--report", "junit=reports-{name}.xml", "--report", "csv={name}.csv"]);
    assert_eq!(code, Some(1));
    assert!(terminal.ends_with("\n2 releases: FAIL\n  PASS          one 1.0.0 may ship: 1 of 1 blocking gate passed\n  FAIL          two 1.0.0 must not ship: 1 of 1 blocking gate failed\n"), "{terminal}");
    let xml = |name: &str| fs::read_to_string(project.path(&format!("reports-{name}.xml"))).unwrap();
    assert!(xml("one").contains("failures=\"0\"") && xml("two").contains("failures=\"1\""));
    assert!(project.path("one.csv").is_file() && project.path("two.csv").is_file());

    let (_, code, junit) = told(&["--format", "junit"]);
    assert_eq!(
        (code, junit.matches("<testsuites ").count(), junit.matches("<testsuite ").count()),
        (Some(1), 1, 2)
    );
    let (_, _, markdown) = told(&["--format", "markdown"]);
    assert!(markdown.starts_with("<!-- relgate -->\n## ❌ relgate: FAIL (2 releases)\n"), "{markdown}");
    assert_eq!(markdown.matches("<!-- relgate").count(), 1);
    let (_, _, csv) = told(&["--format", "csv"]);
    assert_eq!((csv.matches("release,version").count(), csv.lines().count()), (1, 3), "{csv}");
    let (_, _, metrics) = told(&["--format", "metrics"]);
    assert_eq!(
        (metrics.matches("# EOF").count(), metrics.matches("# TYPE relgate_gate_value").count()),
        (1, 1)
    );
    let (_, _, gitlab) = told(&["--format", "gitlab"]);
    let gitlab: serde_json::Value = serde_json::from_str(&gitlab).unwrap();
    let grave = gitlab.as_array().unwrap().iter().filter(|entry| entry["severity"] == "critical");
    assert_eq!(grave.count(), 1, "{gitlab:#}");

    // Before anything is judged: nothing is printed or written.
    for (args, words) in [
        (&["one.yaml", "two.yaml", "--report", "junit=all.xml"][..], "shared-report"),
        (&["one.yaml", "same.yaml"], "same-name"),
        (&["one.yaml", "one.yaml"], "same-name"),
    ] {
        let project = two();
        let output = project.relgate().arg("check").args(args).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
        assert!(told.contains(words) && told.contains("nothing was judged"), "{told}");
        assert!(!project.path("relgate-report").exists());
    }
}

#[test]
fn what_could_not_be_judged_has_every_kind_that_was_asked_for() {
    let project = project().manifest(
        &("evidence: { answers: { path: nowhere.jsonl } }\n".to_owned() + &listed(&["Toxicity < 1%"])),
    );
    let kinds: Vec<&Kind> = KINDS.iter().filter(|kind| kind.name != "html").collect();
    // Where it goes, and the file that then says it: a card is Markdown, an audit is a folder.
    let out = |kind: &Kind| match kind.name {
        "card" => ("card.md".to_owned(), "card.md".to_owned()),
        "audit" => ("audit".to_owned(), "audit/audit.md".to_owned()),
        name => (format!("{name}.out"), format!("{name}.out")),
    };
    let args =
        kinds.iter().flat_map(|kind| ["--report".to_owned(), format!("{}={}", kind.name, out(kind).0)]);
    let output = project.relgate().arg("check").args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    for kind in &kinds {
        let told = fs::read_to_string(project.path(&out(kind).1)).unwrap();
        assert!(is_own(&told), "{}", kind.name);
        if kind.name != "metrics" {
            assert!(told.contains("nowhere.jsonl"), "{}: {told}", kind.name);
        }
    }
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("the report that was asked for says so"), "{stderr}");
    // What somebody else wrote stays, and an older verdict does not.
    fs::write(project.path("junit.out"), "mine").unwrap();
    fs::write(project.path("csv.out"), text("csv", &many(1, 0))).unwrap();
    let args = ["--report", "junit=junit.out", "--report", "csv=csv.out"];
    let output = project.relgate().arg("check").args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(project.path("junit.out")).unwrap(), "mine");
    assert!(fs::read_to_string(project.path("csv.out")).unwrap().contains("nowhere.jsonl"));
}

#[test]
fn the_step_summary_is_appended_and_never_too_long() {
    let project = judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500));
    let summary = project.path("summary.md");
    fs::write(&summary, "# Tests\n").unwrap();
    let run = |args: &[&str]| {
        let output =
            project.relgate().env("GITHUB_STEP_SUMMARY", &summary).arg("check").args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        (fs::read_to_string(&summary).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    // Other kinds leave it alone, and so does a dry run.
    assert_eq!(run(&[]).0, "# Tests\n");
    assert_eq!(run(&["--format", "github", "--dry-run"]).0, "# Tests\n");
    let (told, _) = run(&["--format", "github"]);
    assert!(told.starts_with("# Tests\n<!-- relgate:helpdesk -->\n## ❌ relgate: FAIL\n"), "{told}");
    fs::write(&summary, "x".repeat((1 << 20) - 100)).unwrap();
    let (told, said) = run(&["--format", "github"]);
    assert_eq!(told.len(), (1 << 20) - 100);
    assert!(said.contains("the summary could not be appended"), "{said}");
}

#[test]
fn a_reader_that_leaves_changes_no_exit_code() {
    let project =
        judged_by(&["Toxicity < 1%"], &events("toxic", 50, 500)).after("", &events("toxic", 0, 500));
    assert_eq!(
        project.relgate().args(["check", "--baseline", "before"]).output().unwrap().status.code(),
        Some(1)
    );
    let commands: [&[&str]; 9] = [
        &["check", "--baseline", "before", "--dry-run"],
        &["check", "--baseline", "before", "--dry-run", "--format", "json"],
        &["report", "relgate-report"],
        &["report", "relgate-report", "--format", "junit"],
        &["diff", "before", "release.yaml"],
        &["try", "answers.jsonl", "before/answers.jsonl"],
        &["evidence", "answers.jsonl"],
        &["verify"],
        &["--help"],
    ];
    for args in commands {
        let whole = relgate(&project.path("")).args(args).output().unwrap();
        let mut left = relgate(&project.path(""))
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(left.stdout.take());
        let left = left.wait_with_output().unwrap();
        assert_eq!(left.status.code(), whole.status.code(), "{args:?}");
        assert_eq!(left.stderr, whole.stderr, "{args:?}");
    }
}

#[test]
fn the_readme_lists_the_kinds() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let table = "| kind | for whom | file |\n|---|---|---|\n";
    let (_, listed) = readme.split_once(table).expect("the section Reports has the table of kinds");
    let listed: Vec<&str> = listed.lines().take_while(|line| line.starts_with('|')).collect();
    let kinds: Vec<String> =
        KINDS.iter().map(|kind| format!("| `{}` | {} | `{}` |", kind.name, kind.about, kind.file)).collect();
    assert_eq!(listed, kinds);
}
