//! The HTML report: what is drawn is what was measured, nothing is fetched or run, and it tells how to judge again. How it looks
//! in a browser is tested by `tests/browser/run`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::project::{Project, compared, judged_by, project, relgate, samples};

/// The page of a judged project, and its report.json.
fn page(project: &Project) -> (String, Value) {
    let (_, typed) = project.typed();
    let args = ["check", "--as-of", "2026-11-20", "--report", "html"];
    let output = relgate(&project.path("")).args(args).args(typed).output().unwrap();
    let page = project.path("relgate-report/report.html");
    let text = std::fs::read_to_string(page)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let report = std::fs::read(project.path("relgate-report/report.json")).unwrap();
    (text, serde_json::from_slice(&report).unwrap())
}

/// The values of an attribute in elements that begin so.
fn attribute(page: &str, element: &str, name: &str) -> Vec<f64> {
    let (element, name) = (format!("<{element}"), format!(" {name}=\""));
    let of = |part: &str| part.split('>').next()?.split(&name).nth(1)?.split('"').next()?.parse().ok();
    page.split(&element).skip(1).filter_map(of).collect()
}

/// The drawing of each gate, in the order of the page.
fn strips(page: &str) -> Vec<&str> {
    let rows = page.split("<details class=\"gate\"").skip(1);
    rows.map(|row| row.split("</svg>").next().unwrap()).collect()
}

#[test]
fn markers_lie_on_the_side_of_the_threshold_that_their_values_are_on() {
    let rows = samples(600, |i| {
        format!(r#""correct": {}, "toxic": {}, "latency_ms": {}"#, i % 10 > 0, i % 30 == 0, 100 + i % 50)
    });
    let rules = [
        "{ id: a, rule: 'rate correct >= 85%' }",
        "{ id: b, rule: 'rate correct >= 95%' }",
        "{ id: c, rule: 'toxicity < 1%' }",
        "{ id: d, rule: 'toxicity < 8%' }",
        "p95 latency < 120ms",
        "mean latency < 110ms",
    ];
    let (page, report) = page(&judged_by(&rules, &rows));
    for (strip, gate) in strips(&page).iter().zip(report["gates"].as_array().unwrap()) {
        let (value, asked) =
            (gate["candidate"]["value"].as_f64().unwrap(), gate["threshold"]["value"].as_f64().unwrap());
        let line = attribute(strip, "line class=\"threshold\"", "x1")[0];
        let whisker = strip.split("<g class=\"").nth(1).unwrap();
        let (left, right) = (attribute(whisker, "line", "x1")[0], attribute(whisker, "line", "x2")[0]);
        let (lower, upper) =
            (gate["candidate"]["lower"].as_f64().unwrap(), gate["candidate"]["upper"].as_f64().unwrap());
        assert_eq!((left < line, right < line), (lower < asked, upper < asked), "{gate:#}\n{strip}");
        // The same scale for all: the value lies between its limits where the axis puts it.
        let share = (value - lower) / (upper - lower);
        let marker = match gate["outcome"].as_str().unwrap() {
            "pass" => attribute(whisker, "circle", "cx")[0],
            "fail" => attribute(whisker, "rect", "x")[0] + 4.5,
            _ => whisker.split("points=\"").nth(1).unwrap().split(',').next().unwrap().parse().unwrap(),
        };
        assert!((marker - (left + share * (right - left))).abs() < 0.2, "{gate:#}\n{strip}");
        assert!(strip.contains(&format!("<g class=\"{}\"", gate["outcome"].as_str().unwrap())), "{strip}");
    }
    assert_eq!(strips(&page).len(), rules.len());
}

#[test]
fn a_gate_that_a_slice_decides_shows_that_slice() {
    let rows = |bad: usize| {
        samples(3000, move |i| {
            format!(r#""correct": {}, "lang": "{}""#, i % 3 != 0 || i % bad > 0, ["de", "en", "es"][i % 3])
        })
    };
    let (page, report) =
        page(&compared(&["{ id: a, rule: 'rate correct drop < 3pp', by: [lang] }"], &rows(6), &rows(900)));
    let gate = &report["gates"][0];
    assert_eq!(gate["outcome"], "fail", "{gate:#}");
    let row = page.split("<details class=\"gate\"").nth(1).unwrap();
    let summary = row.split("</summary>").next().unwrap();
    assert!(summary.contains("lang = de: "), "{summary}");
    assert!(summary.contains("<g class=\"whole\"") && summary.contains("<g class=\"fail\""), "{summary}");
    assert_eq!(
        row.split("<tbody>")
            .nth(1)
            .unwrap()
            .split("</tbody>")
            .next()
            .unwrap()
            .matches("<th scope=\"row\"")
            .count(),
        3
    );
}

#[test]
fn quantiles_are_those_of_the_rows() {
    let latency = |i: usize| (i * 7919 % 1000) as f64 / 10.0 + if i.is_multiple_of(97) { 500.0 } else { 0.0 };
    let rows = |by: f64| samples(1000, move |i| format!(r#""latency_ms": {}"#, latency(i) + by));
    let (page, report) =
        page(&compared(&["p95 latency < 900ms", "mean latency increase < 50%"], &rows(1.0), &rows(2.0)));
    assert_eq!(report["distributions"].as_array().unwrap().len(), 1, "both gates are about one field");
    assert_eq!(
        (&report["gates"][0]["distribution"], &report["gates"][1]["distribution"]),
        (&Value::from(0), &Value::from(0))
    );
    let of = &report["distributions"][0];
    for (side, by) in [("candidate", 1.0), ("baseline", 2.0)] {
        let mut sorted: Vec<f64> = (0..1000).map(|i| latency(i) + by).collect();
        sorted.sort_by(f64::total_cmp);
        for (share, value) in of["shares"].as_array().unwrap().iter().zip(of[side].as_array().unwrap()) {
            let rank = ((share.as_f64().unwrap() * 1000.0).ceil() as usize).max(1) - 1;
            assert_eq!(value.as_f64().unwrap(), sorted[rank], "{side} {share}");
        }
    }
    assert!(
        page.contains("the share of samples up to each value") && page.contains("class=\"curve before\"")
    );
}

#[test]
fn nothing_is_fetched_or_run_and_text_is_text() {
    let label = "<script>alert(1)</script>\\\" onload=\\\"x";
    let rows = samples(300, |i| match i % 20 {
        3 => format!(r#""correct": null, "error": "{label}&\u202e", "lang": "{label}""#),
        _ => format!(r#""correct": {}, "lang": "{label}""#, i % 3 > 0),
    });
    let (page, _) = page(&judged_by(
        &["{ id: a, rule: 'rate correct >= 90%', by: [lang], rationale: 'a <b> \"c\"' }"],
        &rows,
    ));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"), "{page}");
    assert!(
        page.contains("a &lt;b&gt; &quot;c&quot;")
            && page.contains("\\u{202e}")
            && !page.contains('\u{202e}')
    );
    for word in ["<script", "<link", "<iframe", "<img", "javascript:", "@import", "src=", " onload=\""] {
        assert!(!page.contains(word), "{word}");
    }
    let links: Vec<&str> = page.split("href=\"").skip(1).collect();
    assert!(!links.is_empty() && links.iter().all(|link| link.starts_with('#')));
    let targets: Vec<&str> = page.split("url(").skip(1).collect();
    assert!(targets.iter().all(|target| target.starts_with('#')), "{targets:?}");
}

#[test]
fn the_command_in_the_page_judges_the_same_again() {
    let rows = samples(400, |i| format!(r#""correct": {}"#, i % 9 > 0));
    let project = project()
        .file("it's; $(touch owned)/a b.jsonl", &rows)
        .file("moved.jsonl", samples(400, |_| r#""correct": false"#.to_owned()));
    let project =
        project.manifest("evidence: { answers: { path: moved.jsonl } }\ngates: ['rate correct >= 80%']\n");
    let project = project.args(&["--evidence", "answers=it's; $(touch owned)/a b.jsonl"]);
    let (page, report) = page(&project);
    let command = report["command"].as_str().unwrap();
    assert!(page.contains(&command.replace('\'', "&#39;")) || page.contains(command), "{command}");
    let own = relgate(Path::new(".")).get_program().to_owned();
    let script = format!("relgate() {{ \"$RELGATE\" \"$@\"; }}; {command} --dry-run --format json");
    let again = Command::new("sh")
        .arg("-c")
        .arg(script)
        .env("RELGATE", own)
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .current_dir(project.path(""))
        .output()
        .unwrap();
    let again: Value = serde_json::from_slice(&again.stdout)
        .unwrap_or_else(|_| panic!("{command}\n{}", String::from_utf8_lossy(&again.stderr)));
    assert_eq!(
        (&again["gates"], &again["command"], &again["decision"]),
        (&report["gates"], &report["command"], &report["decision"])
    );
    assert!(!project.path("owned").exists());
}

#[test]
fn the_page_of_the_main_example_is_small() {
    let out = tempfile::tempdir().unwrap();
    let page = out.path().join("page.html");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let report = format!("html={}", page.display());
    let args =
        ["check", "--no-changelog", "--quiet", "--out", out.path().to_str().unwrap(), "--report", &report];
    let output = relgate(root).args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.len() < 300_000, "{} bytes", page.len());
    assert!(page.lines().count() > 300 && page.ends_with("</html>\n"));
}

#[test]
fn several_releases_are_one_page_whose_anchors_lead_somewhere() {
    let rows = samples(300, |i| format!(r#""correct": {}"#, i % 4 > 0));
    let release = |name: &str| {
        format!(
            "relgate: 1\nname: {name}\nversion: 1.0.0\ntype: prompt-release\nevidence: {{ answers: {{ path: answers.jsonl }} }}\ngates: ['rate correct >= 90%']\npolicy: {{ require: [] }}\n"
        )
    };
    let project =
        project().file("answers.jsonl", rows).file("a.yaml", release("a")).file("b.yaml", release("b"));
    let args = ["check", "a.yaml", "b.yaml", "--dry-run", "--format", "html"];
    let output = relgate(&project.path("")).args(args).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), page.matches("<!DOCTYPE html>").count()), (Some(1), 1));
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|part| part.split('"').next().unwrap()).collect();
    let once: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len(), "{ids:?}");
    let links: Vec<&str> =
        page.split("href=\"#").skip(1).map(|part| part.split('"').next().unwrap()).collect();
    assert!(links.len() >= 4 && links.iter().all(|link| once.contains(link)), "{links:?} {ids:?}");
}
