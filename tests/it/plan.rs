//! `relgate plan`: what an evaluation needs, before and after a pilot.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::check::support::Checked;
use crate::project::{ANSWERS, Project, compared, events, judged_by, listed, project, samples};

fn plan(project: &Project, words: &[&str]) -> Checked {
    Checked::new(&project.relgate().arg("plan").args(words).output().unwrap(), None)
}

fn planned(project: &Project, words: &[&str]) -> Value {
    let told = plan(project, &[words, &["--format", "json"]].concat());
    serde_json::from_str(&told.stdout).unwrap_or_else(|_| panic!("{}\n{}", told.stdout, told.stderr))
}

/// A manifest whose evidence is not there yet.
fn unseen(gates: &[&str]) -> Project {
    project().manifest(&(ANSWERS.to_owned() + &listed(gates)))
}

fn gate<'a>(plan: &'a Value, id: &str) -> &'a Value {
    let gates = plan["gates"].as_array().unwrap();
    gates.iter().find(|gate| gate["id"] == id).unwrap_or_else(|| panic!("no {id} in {plan:#}"))
}

fn text(gate: &Value) -> String {
    gate["text"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned() + "\n").collect()
}

/// Every case of the reference file that somebody can ask for by a rule, through the command.
#[test]
fn sizes_of_rates_are_those_of_the_reference() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/stats/rate_sample_size.json");
    let Ok(text) = fs::read_to_string(path) else {
        eprintln!("skipped: ../shared is not here");
        return;
    };
    let reference: Value = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    for case in reference["cases"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let (t, assumed) = (number("threshold") * 100.0, number("assumed_rate") * 100.0);
        let confidence = format!("{:.4}%", 100.0 - 100.0 * number("alpha"));
        let rule = format!("{{ id: g, rule: 'toxicity < {t:.6}%', confidence: {confidence} }}");
        let project = unseen(&[&rule]);
        let power = case["power"].to_string();
        let truth = format!("g={assumed:.6}%");
        let told = planned(&project, &["--power", &power, "--true", &truth]);
        let own = gate(&told, "g");
        assert_eq!(own["least"], case["n_zero_events"], "{case}");
        if let Some(n) = case["n_stable"].as_u64() {
            assert_eq!(own["needed"].as_u64(), Some(n), "{case}");
            compared += 1;
        } else {
            let limit = case["search_limit"].as_u64().unwrap();
            assert!(own["needed"].as_u64().is_none_or(|n| n > limit), "{case} {own}");
        }
    }
    assert!(compared >= 20, "{compared}");
}

#[test]
fn without_results_each_gate_says_what_it_will_read() {
    let project = unseen(&[
        "Hallucination rate < 1.5%",
        "p95 latency < 1200ms",
        "Cost increase < 5%",
        "regressions <= 0",
        "accuracy drop < 2pp",
        "my_score >= 80%",
        "{ rule: 'faithfulness >= 80%', by: [lang] }",
    ]);
    let told = planned(&project, &[]);
    let reads = |id: &str| {
        let gate = gate(&told, id);
        assert_eq!(gate["foreseen"], true, "{id}");
        format!("{} {}", gate["reads"][0].as_str().unwrap(), gate["values"].as_str().unwrap())
    };
    assert_eq!(reads("hallucination-rate"), "hallucination true/false");
    assert_eq!(reads("p95-latency"), "latency_ms ms");
    assert_eq!(reads("cost-increase"), "cost $");
    assert_eq!(reads("regressions"), "accuracy true/false");
    assert_eq!(reads("accuracy-drop"), "accuracy true/false");
    assert_eq!(reads("my-score"), "my_score 0 to 1");
    assert_eq!(gate(&told, "regressions")["unknown"], "observed");
    assert_eq!(gate(&told, "cost-increase")["unknown"], "needs-pilot");
    assert_eq!(told["joint"]["unknown"], serde_json::json!(["cost-increase", "regressions"]));
    assert!(text(gate(&told, "faithfulness")).contains("each slice by lang has to pass too"));
    // Half of the limit, as for the sizes of a check that could not decide.
    let hallucination = gate(&told, "hallucination-rate");
    assert_eq!(hallucination["needed"], 1456);
    assert_eq!(hallucination["parts"][0]["assumed"], 0.0075);
    assert_eq!(hallucination["parts"][0]["assumed_from"], "halfway");
    // ((1.645 + 0.842) / 0.02)^2 if all pairs differ.
    let drop = gate(&told, "accuracy-drop");
    assert!((15_400..15_700).contains(&drop["needed"].as_u64().unwrap()), "{drop}");
    assert!(text(drop).contains("if one pair in ten did, 1,"), "{}", text(drop));
}

#[test]
fn a_gate_that_can_never_pass_ends_with_3_and_under_warn_with_0() {
    let rule = "toxicity < 0.1%";
    let of = |gates: &[&str], words: &[&str], code: i32| {
        let told = plan(&unseen(gates), words);
        assert_eq!(told.code, code, "{gates:?} {words:?}: {}{}", told.stdout, told.stderr);
        told.flat() + &told.stderr
    };
    let told = of(&[rule], &["--n", "2994"], 3);
    assert!(told.contains("warning[never-passes]"), "{told}");
    assert!(told.contains("2,995 without a single bad one"), "{told}");
    assert!(told.contains("can never pass as planned: toxicity"), "{told}");
    of(&[rule], &["--n", "2995"], 0);
    let told =
        of(&["{ rule: 'toxicity < 0.1%', enforcement: warn }", "accuracy >= 80%"], &["--n", "2994"], 0);
    assert!(told.contains("warning[never-passes]"), "{told}");
    of(&["{ rule: 'accuracy >= 80%', min_samples: 300 }"], &["--n", "299"], 3);
    of(&["{ rule: 'accuracy >= 80%', min_samples: 300 }"], &["--n", "300"], 0);
    // One entry of two.
    let two = project().manifest(
        "evidence: { a: { path: a.jsonl }, b: { path: b.jsonl } }\n\
         gates:\n  - { rule: 'toxicity < 0.1%', evidence: b }\n  - { rule: 'accuracy >= 80%', evidence: a }\n",
    );
    assert_eq!(plan(&two, &["--n", "5000", "--n", "b=100"]).code, 3);
    assert_eq!(plan(&two, &["--n", "100", "--n", "b=5000"]).code, 0);
}

#[test]
fn a_gate_that_can_never_fail_is_a_warning() {
    // Ten differences of at most 100 points cannot show that one is above 99.
    let told = plan(&unseen(&["accuracy drop < 99pp"]), &["--n", "40"]);
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
    assert!(told.stderr.contains("warning[never-fails]"), "{}{}", told.stdout, told.stderr);
    let told = plan(&unseen(&["accuracy drop < 5pp"]), &["--n", "400"]);
    assert!(!told.stderr.contains("never-fails"), "{}", told.stderr);
}

#[test]
fn a_plan_is_a_page_with_its_curves() {
    let project = unseen(&["hallucination rate < 1.5%"]);
    let planned = || {
        plan(&project, &["--n", "1000", "--true", "hallucination-rate=1%", "--report", "html=out/plan.html"])
    };
    assert_eq!(planned().code, 0);
    let page = std::fs::read_to_string(project.path("out/plan.html")).unwrap();
    assert_eq!(page.matches("<svg class=\"chart\"").count(), 2, "{page}");
    assert!(page.contains("by the number of samples") && page.contains("by the true value"));
    // One of its own is replaced, what somebody else made is not.
    assert_eq!(planned().code, 0);
    std::fs::write(project.path("out/plan.html"), "<p>minutes</p>").unwrap();
    let refused = planned();
    assert!(refused.code == 2 && refused.stderr.contains("somebody else"), "{}", refused.stderr);
    let onto = plan(&project, &["--report", "json=release.yaml"]);
    assert!(onto.code == 2 && onto.stderr.contains("output-is-taken"), "{}", onto.stderr);
}

/// The chance is that of the binomial test: `scipy.stats.binom.cdf(8, 1000, 0.01)`.
#[test]
fn the_chance_at_a_planned_size_is_exact_for_rates() {
    let project = unseen(&["hallucination rate < 1.5%"]);
    let told = planned(&project, &["--n", "1000", "--true", "hallucination-rate=1%"]);
    let gate = gate(&told, "hallucination-rate");
    let passes = gate["parts"][0]["passes"].as_f64().unwrap();
    assert!((passes - 0.331_687_263_199_161).abs() < 1e-12, "{passes}");
    let curve = gate["curve"].as_array().unwrap();
    assert!(curve.len() > 50 && curve.iter().any(|point| point["truth"] == 0.015));
    assert!(gate["exact"] == true);
    let sizes = gate["sizes"].as_array().unwrap();
    let at = |n: u64| sizes.iter().find(|size| size["n"] == n).map(|size| size["passes"].as_f64().unwrap());
    let needed = gate["needed"].as_u64().unwrap();
    assert!(sizes.len() == 40 && sizes.iter().all(|size| size["n"].as_u64().unwrap() <= 2 * needed));
    // `needed` is where the curve crosses the wanted chance.
    let beyond = sizes.iter().filter(|size| size["n"].as_u64().unwrap() >= needed);
    assert!(
        beyond.map(|size| size["passes"].as_f64().unwrap()).all(|passes| passes > 0.78)
            && at(needed / 4).is_none_or(|passes| passes < 0.8)
    );
    assert!((told["joint"]["independent"].as_f64().unwrap() - passes).abs() < 1e-12);
}

#[test]
fn a_pilot_says_how_values_spread_and_which_slices_there_are() {
    let answers = |wrong: usize, step: f64| {
        samples(400, |i| {
            let lang = if i % 4 == 0 { "de" } else { "en" };
            let cost = 0.002 + step * (i % 7) as f64;
            format!(r#""accuracy": {}, "cost_usd": {cost}, "lang": "{lang}""#, i >= wrong)
        })
    };
    let gates = ["{ rule: 'accuracy drop < 3pp', by: [lang] }", "cost_usd increase < 5%", "cost_usd < $0.01"];
    let project = compared(&gates, &answers(40, 0.0001), &answers(36, 0.000_09));
    let old = ["--baseline", "before"];
    let told = planned(&project, &old);
    let drop = gate(&told, "accuracy-drop");
    assert_eq!(drop["foreseen"], false);
    // 4 of 400 pairs differ: sd^2 = 0.01, so that 400 are enough and 15,000 are not needed.
    assert!(drop["needed"].as_u64().unwrap() < 1000, "{drop:#}");
    let keys: Vec<&Value> = drop["parts"].as_array().unwrap().iter().map(|part| &part["key"]).collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    let n: Vec<u64> =
        drop["parts"].as_array().unwrap().iter().map(|part| part["n"].as_u64().unwrap()).collect();
    assert_eq!(n, [400, 100, 300]);
    assert_eq!(told["evidence"][0]["n_from"], "pilot");
    // More samples, the same shares, a better chance.
    let more = planned(&project, &[&old[..], &["--n", "4000"]].concat());
    let chance =
        |plan: &Value, part: usize| gate(plan, "accuracy-drop")["parts"][part]["passes"].as_f64().unwrap();
    for part in 0..3 {
        assert!(chance(&more, part) > chance(&told, part), "{part}");
    }
    assert_eq!(gate(&more, "accuracy-drop")["parts"][1]["n"], 1000);
    let (low, high) = (&more["joint"]["at_least"], &more["joint"]["at_most"]);
    let independent = more["joint"]["independent"].as_f64().unwrap();
    assert!(low.as_f64().unwrap() <= independent && independent <= high.as_f64().unwrap());
    // 0.0023 dollars a sample, as the pilot measured.
    let cost = more["cost_usd"].as_f64().unwrap();
    assert!((cost - 4000.0 * 0.0023).abs() < 0.05, "{cost}");
}

/// One conversation of 900 among 100 of one: were all perfect, another like it could still be all bad.
#[test]
fn a_cluster_so_large_that_nobody_could_pass_is_said() {
    let rows = |largest: usize| {
        samples(largest + 100, |i| {
            let talk = if i < largest { "long".to_owned() } else { format!("t{i}") };
            format!(r#""toxicity": false, "talk": "{talk}""#)
        })
    };
    let body = "evidence: { answers: { path: answers.jsonl, cluster: talk } }\n".to_owned()
        + &listed(&["toxicity < 5%"]);
    let told = plan(&project().manifest(&body).file("answers.jsonl", rows(900)), &[]);
    assert_eq!(told.code, 3, "{}{}", told.stdout, told.stderr);
    assert!(told.flat().contains("101 clusters like these: the largest is so large"), "{}", told.stdout);
    let told = plan(&project().manifest(&body).file("answers.jsonl", rows(1)), &[]);
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
}

#[test]
fn costs_and_time_are_told_where_somebody_says_what_a_sample_takes() {
    let told = planned(
        &unseen(&["accuracy >= 80%"]),
        &["--n", "2000", "--price", "0.01", "--latency", "900", "--parallel", "4"],
    );
    assert!((told["cost_usd"].as_f64().unwrap() - 20.0).abs() < 1e-9);
    assert!((told["seconds"].as_f64().unwrap() - 450.0).abs() < 1e-9);
    let text = plan(
        &unseen(&["accuracy >= 80%"]),
        &["--n", "2000", "--price", "0.01", "--latency", "900", "--parallel", "4"],
    );
    assert!(text.flat().contains("costs about $20 and takes about 8 min, 4 at a time"), "{}", text.stdout);
}

/// What passes by the plan passes by the judge: the same gate, the same number of samples, as good as they can be.
#[test]
fn the_least_that_could_pass_does() {
    for (rule, field, good, least) in [
        ("toxicity < 3%", "toxicity", 0_usize, 99),
        ("accuracy >= 95%", "accuracy", 1, 59),
        ("p95 latency_ms < 100ms", "latency_ms", 2, 59),
    ] {
        let told = planned(&unseen(&[rule]), &[]);
        assert_eq!(told["gates"][0]["least"], least, "{rule}");
        for (n, code) in [(least - 1, 3), (least, 0)] {
            let answers = match good {
                0 => events(field, 0, n),
                1 => events(field, n, n),
                _ => samples(n, |i| format!(r#""latency_ms": {}"#, 50 + i % 3)),
            };
            assert_eq!(judged_by(&[rule], &answers).check().code, code, "{rule} {n}");
            assert_eq!(plan(&unseen(&[rule]), &["--n", &n.to_string()]).code, code, "{rule} {n}");
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (words, code) in [
        (&["--true", "toxicty=1%"][..], "unknown-gate"),
        (&["--true", "toxicity=4s"], "not-a-proportion"),
        (&["--true", "p95-latency=900ms"], "not-a-proportion"),
        (&["--n", "answer=100"], "unknown-evidence"),
    ] {
        let told = plan(&unseen(&["toxicity < 1%", "p95 latency < 1200ms"]), words);
        assert_eq!(told.code, 2, "{words:?}");
        assert!(told.stderr.contains(&format!("error[{code}]")), "{words:?}: {}", told.stderr);
    }
    for words in
        [&["--n", "0"][..], &["--n", "x"], &["--power", "1"], &["--true", "toxicity"], &["--price", "-1"]]
    {
        assert_eq!(plan(&unseen(&["toxicity < 1%"]), words).code, 2, "{words:?}");
    }
    // Damaged results are no missing ones.
    let damaged = judged_by(&["toxicity < 1%"], "{\"id\": 1, \"toxicity\": tru");
    assert_eq!(plan(&damaged, &[]).code, 2);
    let misspelt = judged_by(&["toxicty < 1%"], &events("toxicity", 0, 50));
    let told = plan(&misspelt, &[]);
    assert_eq!(told.code, 2, "{}", told.stdout);
    assert!(told.stderr.contains("did you mean"), "{}", told.stderr);
}

#[test]
fn nothing_is_written_and_hostile_names_steer_nothing() {
    let project = unseen(&["toxicity < 1%"]);
    let before = project.snapshot();
    for words in [&["--n", "500"][..], &["--format", "json"], &["-q"]] {
        assert_eq!(plan(&project, words).code, 0);
    }
    assert_eq!(project.snapshot(), before);
    let hostile = r#"{ id: h, rule: 'toxicity < 1%', by: ["::error::x", "\u001b[31mred"] }"#;
    let told = plan(&unseen(&[hostile]), &[]);
    assert!(!told.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{}", told.stdout);
    assert!(!told.stdout.contains('\u{1b}'), "{}", told.stdout);
}
