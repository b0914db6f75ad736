//! The gates of a release over its versions: from saved reports, in their order, with what no single one of them shows.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::project::{project, relgate, samples};

/// A folder with a report for each version: how many of 1,000 samples are right, and the rule then.
fn judged(versions: &[(&str, usize, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (version, bad, rule) in versions {
        report(folder.path(), "shop", version, *bad, rule);
    }
    folder
}

fn report(folder: &Path, name: &str, version: &str, bad: usize, rule: &str) {
    let rows = samples(1000, |i| format!(r#""correct": {}"#, i >= bad));
    let text = format!(
        "relgate: 1\nname: {name}\nversion: {version}\ntype: prompt-release\nevidence: {{ answers: {{ path: answers.jsonl }} }}\ngates: [{rule}]\npolicy: {{ require: [] }}\n"
    );
    let project = project().file("answers.jsonl", rows).file("release.yaml", text);
    let out = folder.join(format!("{name}-{version}"));
    let args = ["check", "--as-of", "2026-11-20", "--quiet", "--out", out.to_str().unwrap()];
    let output = relgate(&project.path("")).args(args).output().unwrap();
    assert!(out.join("report.json").is_file(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn told(folder: &Path, args: &[&str]) -> Output {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_dir());
    paths.sort();
    // Whatever order they are named in.
    paths.reverse();
    relgate(folder).arg("report").arg("--history").args(paths).args(args).output().unwrap()
}

const RULE: &str = "{ id: right, rule: 'rate correct >= 90%' }";

#[test]
fn versions_stand_in_their_order_with_what_each_report_says() {
    let folder = judged(&[("1.10.0", 30, RULE), ("1.2.0", 40, RULE), ("1.9.0", 20, RULE)]);
    let output = told(folder.path(), &["--format", "json"]);
    let history: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let versions: Vec<&str> =
        history["releases"].as_array().unwrap().iter().map(|one| one["version"].as_str().unwrap()).collect();
    assert_eq!(versions, ["1.2.0", "1.9.0", "1.10.0"]);
    for point in history["gates"][0]["points"].as_array().unwrap() {
        let path = folder.path().join(format!("shop-{}/report.json", point["version"].as_str().unwrap()));
        let report: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let candidate = &report["gates"][0]["candidate"];
        for limit in ["value", "lower", "upper"] {
            assert_eq!(point["estimate"][limit], candidate[limit], "{point}");
        }
        assert_eq!(point["outcome"], report["gates"][0]["outcome"]);
    }
    assert_eq!(history["notices"], Value::Array(Vec::new()));
}

#[test]
fn it_ends_as_the_newest_and_bars_rise_with_the_values() {
    let folder = judged(&[("1.0.0", 10, RULE), ("1.1.0", 150, RULE), ("1.2.0", 105, RULE)]);
    let output = told(folder.path(), &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("right  █▁x▃?"), "{text}");
    assert_eq!(output.status.code(), Some(3), "{text}");
}

#[test]
fn a_slow_drift_and_a_new_rule_are_told() {
    let looser = "{ id: right, rule: 'rate correct >= 85%' }";
    let folder =
        judged(&[("1.0.0", 10, RULE), ("1.1.0", 20, RULE), ("1.2.0", 30, RULE), ("1.3.0", 45, looser)]);
    let output = told(folder.path(), &["--format", "json"]);
    let history: Value = serde_json::from_slice(&output.stdout).unwrap();
    let notices = history["notices"].to_string();
    assert!(
        notices.contains("is `rate correct >= 85%` since 1.3.0, before it was `rate correct >= 90%`"),
        "{notices}"
    );
    assert!(
        notices.contains("got worse in each of the last 3 versions: 99.0%") && notices.contains("in 1.3.0"),
        "{notices}"
    );
}

#[test]
fn the_last_judgement_of_a_version_counts() {
    let folder = judged(&[("1.0.0", 10, RULE), ("1.1.0", 10, RULE)]);
    let path = folder.path().join("shop-1.1.0/report.json");
    let mut again: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    again["generated_at"] = "2001-01-01T00:00:00Z".into();
    again["as_of"] = "2001-01-01".into();
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("report.json"), crate::project::sealed(again)).unwrap();
    let history: Value = serde_json::from_slice(&told(folder.path(), &["--format", "json"]).stdout).unwrap();
    assert_eq!(history["releases"][1]["as_of"], "2026-11-20", "{history:#}");
    assert!(
        history["notices"][0].as_str().unwrap().contains("1.1.0 was judged more than once"),
        "{history:#}"
    );
}

#[test]
fn what_is_no_history_is_refused() {
    let folder = judged(&[("1.0.0", 10, RULE)]);
    report(folder.path(), "other", "1.0.0", 10, RULE);
    let refused = |args: &[&str], words: &str| {
        let output = told(folder.path(), args);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(words) && output.stdout.is_empty(), "{text}");
    };
    refused(&[], "reports of two releases");
    std::fs::remove_dir_all(folder.path().join("other-1.0.0")).unwrap();
    refused(&["--format", "markdown"], "does not tell a history");
    refused(&["--report", "html"], "--report html=PATH");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    refused(&[], "there is no report");
}

#[test]
fn the_page_draws_a_mark_a_version() {
    let folder = judged(&[("1.0.0", 10, RULE), ("1.1.0", 150, RULE)]);
    let page = folder.path().join("page.html");
    let output = told(folder.path(), &["--report", &format!("html={}", page.display())]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(page).unwrap();
    let drawing = page.split("<figure class=\"history\"").nth(1).unwrap().split("</svg>").next().unwrap();
    assert_eq!(
        (drawing.matches("<g class=\"pass\"").count(), drawing.matches("<g class=\"fail\"").count()),
        (1, 1)
    );
    assert_eq!(drawing.matches("<line class=\"threshold\"").count(), 2);
    let heights: Vec<f64> = drawing
        .split("points=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .split([' ', ','])
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(heights[1] < heights[3], "99% stands above 85%: {heights:?}");
}
