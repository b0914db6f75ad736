//! `relgate explain`: a gate retold, the catalogue, the rule language, the codes.

use relgate::diagnostic::{Code, Sources};
use relgate::manifest::{MetricKind, parse};
use relgate::metric::catalog::standard_metrics;
use relgate::report::explain::RULE_EXAMPLES;

use crate::check::support::Checked;
use crate::project::{Project, compared, events, judged_by, listed, project, samples};

fn explain(project: &Project, words: &[&str]) -> Checked {
    Checked::new(&project.relgate().arg("explain").args(words).output().unwrap(), None)
}

#[test]
fn every_rule_that_is_shown_can_be_read() {
    for (rule, meaning) in RULE_EXAMPLES {
        let mut sources = Sources::new();
        let text = format!(
            "relgate: 1\nname: n\nversion: 1.0.0\ntype: hotfix\nevidence: {{ a: {{ path: a.jsonl }} }}\n{}",
            listed(&[rule])
        );
        let file = sources.add("release.yaml", text);
        assert!(parse(&sources, file).is_ok(), "{rule}");
        assert!(!meaning.is_empty());
    }
    let told = explain(&project(), &["rules"]);
    assert_eq!(told.code, 0);
    assert!(
        RULE_EXAMPLES.iter().all(|(rule, _)| told.stdout.contains(&format!("'{rule}'"))),
        "{}",
        told.stdout
    );
}

#[test]
fn the_catalogue_has_every_metric_with_its_names() {
    let told = explain(&project(), &["metrics"]).flat();
    for metric in standard_metrics() {
        assert!(metric.names().all(|name| told.contains(name)), "{}", metric.name);
    }
    let latency = explain(&project(), &["metrics", "TTFT"]);
    assert!(latency.stdout.contains("time_to_first_token") && !latency.stdout.contains("toxicity"));
    for kind in MetricKind::ALL {
        assert!(told.contains(&kind.meaning().trim_end_matches('.').replace('`', "")), "{kind}");
    }
    let regex = explain(&project(), &["metrics", "regex"]).flat();
    assert!(regex.contains("`as:`") && regex.contains("regular expression") && !regex.contains("toxicity"));
    let none = explain(&project(), &["metrics", "toxicty"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("did you mean `toxicity`?"), "{}", none.stderr);
}

#[test]
fn every_code_is_explained_with_its_example() {
    for code in Code::ALL.iter().step_by(23) {
        let told = explain(&project(), &[code.word()]);
        assert_eq!(told.code, 0, "{code}");
        let flat = told.flat();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let example = code.example().unwrap();
        for part in [code.doc(), example.cause, example.cure] {
            assert!(flat.contains(&words(part)), "{code}: {part}\n{flat}");
        }
    }
}

#[test]
fn what_is_misspelt_is_suggested_and_what_there_is_is_said() {
    let topics = explain(&project(), &[]);
    assert_eq!(topics.code, 0);
    assert!(["GATE", "metrics", "rules", "CODE"].iter().all(|topic| topics.stdout.contains(topic)));
    for (word, meant) in
        [("metrcs", "metrics"), ("bad-sde", "bad-side"), ("rulez", "rule"), ("inconclusve", "inconclusive")]
    {
        let told = explain(&project(), &[word]);
        assert_eq!(told.code, 2, "{word}");
        assert!(told.stderr.contains(&format!("did you mean `{meant}`?")), "{}", told.stderr);
    }
    let project = judged_by(&["toxicity < 5%"], &events("toxicity", 0, 400));
    let told = explain(&project, &["toxicty"]);
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("did you mean `toxicity`?"), "{}", told.stderr);
    // What cannot be judged is told as it is by a check.
    let broken = judged_by(&["toxicity < 5%"], "");
    let told = explain(&broken, &["toxicity"]);
    assert_eq!(told.code, 2);
    assert!(told.stderr.contains("error[empty-evidence]"), "{}", told.stderr);
}

/// Every outcome, with the words that a person needs and the figures that the report has.
#[test]
fn a_gate_is_retold_with_the_figures_of_its_report() {
    for (events_of, n, outcome, words) in [
        (0_u64, 1000_usize, "pass", "A pass means"),
        (30, 1000, "inconclusive", "Inconclusive means"),
        (90, 1000, "fail", "A fail means"),
    ] {
        let project = judged_by(&["toxicity < 4%"], &events("toxicity", events_of, n));
        let report = project.check().report();
        let gate = &report["gates"][0];
        assert_eq!(gate["outcome"], outcome);
        let told = explain(&project, &["toxicity"]);
        assert_eq!(told.code, 0, "{}", told.stderr);
        let flat = told.flat();
        for part in [
            "In plain words",
            "The figures",
            words,
            "clopper-pearson",
            "n 1,000",
            "p of a pass",
            "p of a fail",
        ] {
            assert!(flat.contains(part), "{outcome}: {part}\n{}", told.stdout);
        }
        let reason: Vec<&str> = gate["reason"]["text"].as_str().unwrap().split_whitespace().collect();
        assert!(flat.contains(&reason.join(" ")), "{}", told.stdout);
        assert!(flat.contains(&format!("{events_of} events")), "{}", told.stdout);
    }
}

#[test]
fn a_saved_report_is_explained_as_the_manifest_is() {
    let answers = |wrong: usize| {
        samples(400, |i| format!(r#""accuracy": {}, "lang": "{}""#, i >= wrong, ["de", "en"][i % 2]))
    };
    let project = compared(
        &["{ rule: 'accuracy drop < 3pp', by: [lang], rationale: Nobody may lose. }"],
        &answers(40),
        &answers(36),
    );
    let checked = project.check();
    assert!(checked.code == 0 || checked.code == 3, "{}", checked.stderr);
    let saved = explain(&project, &["accuracy-drop", "--report", "relgate-report"]);
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    let flat = saved.flat();
    for part in [
        "It is there because: Nobody may lose.",
        "baseline",
        "on the same ids",
        "lang = de",
        "lang = en",
        "gaffke",
    ] {
        assert!(flat.contains(part), "{part}\n{}", saved.stdout);
    }
    let other = explain(&project, &["accuracy-drop", "--report", "relgate-report/report.json"]);
    assert_eq!(other.stdout, saved.stdout);
    assert_eq!(explain(&project, &["accuracy-drop", "--report", "nowhere"]).code, 2);
}

/// What is counted of listed cases is told as that, and not as a sample of something.
#[test]
fn a_fact_about_listed_cases_is_told_as_one() {
    let project = judged_by(&["count toxicity == 0"], &events("toxicity", 0, 50));
    let told = explain(&project, &["count-toxicity"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let flat = told.flat();
    assert!(
        flat.contains("counts the listed cases only") && !flat.contains("are a sample"),
        "{}",
        told.stdout
    );
}

#[test]
fn a_hostile_rationale_steers_nothing() {
    let gate = r#"{ rule: 'toxicity < 4%', rationale: "::error::x \u001b[31m <script>" }"#;
    let project = judged_by(&[gate], &events("toxicity", 0, 1000));
    let before = project.snapshot();
    let told = explain(&project, &["toxicity"]);
    assert_eq!(project.snapshot(), before, "nothing is written");
    assert!(!told.stdout.contains('\u{1b}'), "{}", told.stdout);
    assert!(!told.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", told.stdout);
}
