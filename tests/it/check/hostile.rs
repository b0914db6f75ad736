//! Text that somebody else wrote, model answers among it, never steers a terminal, a CI runner or a Markdown page.

use std::fs;

use crate::check::support::{ANSWERS, HEAD, Project, events, judged_by, listed, project, samples};

/// What may do harm: terminal escapes, workflow commands, table cells, HTML, reordering and invisible characters.
const EVIL: &str = "\u{1b}[31mred\u{7}|<script>alert(1)</script>\u{202e}gnp.exe\u{200b}\u{9b}2J";
/// The same as a JSON or YAML double-quoted text, with line feeds before a workflow command.
const EVIL_ESCAPED: &str = r"\u001b[31mred\u0007|<script>alert(1)</script>\u202egnp.exe\u200b\u009b2J\n::error::owned\r\n::set-output name=x::y";

/// What in a text would act on the terminal or the runner that reads it.
fn harm(what: &str, text: &str) -> Option<String> {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    // A runner takes a workflow command wherever a line starts with one, behind blanks too.
    let command = text.lines().find(|line| line.trim_start().starts_with("::"));
    match (text.chars().find(|c| steers(*c)), command) {
        (Some(c), _) => Some(format!("== {what} holds {c:?}:\n{text:?}")),
        (None, Some(line)) => Some(format!("== {what} holds the command {line:?}:\n{text}")),
        (None, None) => None,
    }
}

/// The same for a page that GitHub renders.
fn harm_of_page(what: &str, page: &str) -> Option<String> {
    let cells = |line: &&str| {
        line.starts_with('|') && ![4, 5, 7].contains(&line.replace("\\|", "").matches('|').count())
    };
    let smuggled = page.contains("<script") || page.lines().any(|line| cells(&line));
    harm(what, page)
        .or_else(|| smuggled.then(|| format!("== {what} holds HTML or a cell of its own:\n{page}")))
}

/// Runs a story; its exit code and what is wrong with its outputs.
fn check(what: &str, project: &Project) -> (i32, Vec<String>) {
    let checked = project.check();
    let page = fs::read_to_string(project.path("relgate-report/report.md")).unwrap_or_default();
    let outputs = [
        harm(&format!("stdout of {what}"), &checked.stdout),
        harm(&format!("stderr of {what}"), &checked.stderr),
        harm_of_page(&format!("report.md of {what}"), &page),
    ];
    (checked.code, outputs.into_iter().flatten().collect())
}

/// Asserts that a whole table did no harm and ended as it should.
#[track_caller]
fn all_harmless(stories: Vec<(&str, Project, i32)>) {
    let mut wrong = Vec::new();
    for (what, project, expected) in stories {
        let (code, harms) = check(what, &project);
        wrong.extend(harms);
        if code != expected {
            wrong.push(format!("== {what} ended with {code} and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hostile_samples_reach_no_terminal() {
    let evil = EVIL_ESCAPED;
    let story = |what, rows: String| (what, judged_by(&["Toxicity < 1%"], &rows), 2);
    let unasked = format!("{{\"id\": 1, \"toxic\": false, \"{evil}\": 1}}\n");
    all_harmless(vec![
        story("an id twice", format!("{{\"id\": \"{evil}\", \"toxic\": false}}\n").repeat(2)),
        story("a text for a number", format!("{{\"id\": 1, \"toxic\": \"{evil}\"}}\n")),
        story("an unknown field", format!("{{\"id\": 1, \"{evil}\": false}}\n")),
        story("an id of another type", format!("{{\"id\": [\"{evil}\"], \"toxic\": false}}\n")),
        story(
            "a header",
            format!("{{\"schema\": \"relgate/{evil}\", \"{evil}\": 1}}\n{{\"id\": 1, \"toxic\": false}}\n"),
        ),
        ("a field that nobody asked for", judged_by(&["Toxicity < 1%"], &unasked), 3),
    ]);
}

#[test]
fn hostile_identities_reach_no_terminal() {
    let header = format!(
        "{{\"schema\": \"relgate/samples/v1\", \"artifacts\": {{\"models.chat\": \"{EVIL_ESCAPED}\", \"models.{EVIL_ESCAPED}\": \"x\"}}}}\n"
    );
    let body = format!(
        "artifacts: {{ models: {{ chat: {{ version: v1, uri: 'vendor:chat' }} }} }}\n{ANSWERS}{}",
        listed(&["Toxicity < 1%"])
    );
    let project = project().manifest(&body).file("answers.jsonl", header + &events("toxic", 0, 500));
    all_harmless(vec![("artifacts of evidence", project, 2)]);
}

#[test]
fn hostile_metrics_reach_no_terminal() {
    let text = format!(
        "{{\"schema\": \"relgate/metrics/v1\", \"metrics\": {{\"{EVIL_ESCAPED}\": 1, \"toxicity\": {{\"{EVIL_ESCAPED}\": 1}}}}}}"
    );
    let body = format!("evidence: {{ summary: {{ path: metrics.json }} }}\n{}", listed(&["Toxicity < 1%"]));
    all_harmless(vec![("keys of metrics", project().manifest(&body).file("metrics.json", text), 2)]);
}

#[test]
fn hostile_manifests_reach_no_terminal_where_they_are_good() {
    let evil = EVIL_ESCAPED;
    let body = format!(
        "summary: \"{evil}\"\nartifacts:\n  models: {{ chat: {{ version: \"{evil}\", uri: \"vendor:{evil}\" }} }}\n{ANSWERS}\
         gates:\n  - {{ id: g, rule: 'Toxicity < 1%', rationale: \"{evil}\" }}\n"
    );
    let story = |what, count, code| {
        (what, project().manifest(&body).file("answers.jsonl", events("toxic", count, 500)), code)
    };
    all_harmless(vec![story("a pass", 0, 0), story("a fail", 400, 1), story("an open gate", 5, 3)]);
}

#[test]
fn hostile_manifests_reach_no_terminal_where_they_are_wrong() {
    let evil = EVIL_ESCAPED;
    let gates = listed(&["Toxicity < 1%"]);
    let story = |what, body: String| {
        (what, project().manifest(&body).file("answers.jsonl", events("toxic", 0, 500)), 2)
    };
    all_harmless(vec![
        story("an unknown key", format!("\"{evil}\": 1\n{ANSWERS}{gates}")),
        story("an unknown category", format!("{ANSWERS}{gates}policy: {{ require: [\"{evil}\"] }}\n")),
        story("a rule", format!("{ANSWERS}gates: [\"{evil}\"]\n")),
        story("a metric", format!("{ANSWERS}gates: [\"toxic {evil} < 5%\"]\n")),
        story("a unit", format!("{ANSWERS}gates: [\"toxic < 5 {evil}\"]\n")),
        story("a path", format!("evidence: {{ answers: {{ path: \"{evil}\" }} }}\n{gates}")),
        story("an evidence name", format!("evidence: {{ \"{evil}\": {{ path: answers.jsonl }} }}\n{gates}")),
        story(
            "an evidence that is not there",
            format!("{ANSWERS}gates: [{{ id: g, rule: 'Toxicity < 1%', evidence: \"{evil}\" }}]\n"),
        ),
        story("a gate's id", format!("{ANSWERS}gates: [{{ id: \"{evil}\", rule: 'Toxicity < 1%' }}]\n")),
        story(
            "where",
            format!(
                "evidence: {{ answers: {{ path: answers.jsonl, where: {{ \"{evil}\": 1 }} }} }}\n{gates}"
            ),
        ),
        story("a field", format!("{ANSWERS}{gates}metrics: {{ toxicity: {{ field: \"{evil}\" }} }}\n")),
        story("raw bytes in a comment", format!("{ANSWERS}polcy: 1 # {EVIL}\n{gates}")),
        story("raw bytes in a rule", format!("{ANSWERS}gates:\n  - 'toxicity {EVIL} < 5%'\n")),
        story(
            "a rule of two lines",
            format!("{ANSWERS}gates:\n  - |\n    Toxicity < 1%\n    ::error::owned\n"),
        ),
    ]);
}

#[test]
fn a_wrapped_line_is_no_way_to_start_a_line() {
    // Every width of what stands before it, so that one of them ends just before the command.
    let stories = (0..12).map(|more| {
        let claimed = format!("{}{} ::error::owned", "long words ".repeat(3), "x".repeat(more * 5));
        let header = format!(
            "{{\"schema\": \"relgate/samples/v1\", \"artifacts\": {{\"models.chat\": \"{claimed}\"}}}}\n"
        );
        let body = format!(
            "artifacts: {{ models: {{ chat: {{ version: v1, uri: 'vendor:chat' }} }} }}\n{ANSWERS}{}",
            listed(&["Toxicity < 1%"])
        );
        (
            "a wrapped line",
            project().manifest(&body).file("answers.jsonl", header + &events("toxic", 0, 500)),
            2,
        )
    });
    all_harmless(stories.collect());
}

#[test]
fn report_json_keeps_hostile_text_as_data() {
    let project = project()
        .file("release.yaml", format!("{HEAD}artifacts: {{ models: {{ chat: {{ version: \"{EVIL_ESCAPED}\", uri: 'vendor:chat' }} }} }}\n{ANSWERS}{}", listed(&["Toxicity < 1%"])))
        .file("answers.jsonl", samples(500, |_| r#""toxic": false"#.to_owned()))
        .args(&["--format", "json"]);
    let checked = project.check();
    assert!(
        !checked.stdout.contains(|c: char| c.is_control() && c != '\n' && c != '\u{9b}'),
        "{:?}",
        checked.stdout
    );
    let version = checked.report()["artifacts"][0]["version"].as_str().unwrap().to_owned();
    assert!(version.starts_with("\u{1b}[31mred"), "data is not changed: {version:?}");
}

#[test]
fn a_manifest_that_is_wrong_everywhere_is_told_in_a_hundred_findings() {
    let unknown = (0..10_000).fold(HEAD.to_owned(), |text, i| text + &format!("key{i}: 1\n"));
    let twins = HEAD.to_owned() + ANSWERS + &listed(&vec!["Toxicity < 1%"; 20_000]);
    let anchors = format!("[{}]", (0..10_000).map(|i| format!("&a{i} x")).collect::<Vec<_>>().join(","));
    for (text, errors) in [(unknown, "10002 errors"), (twins, "19999 errors"), (anchors, "10000 errors")] {
        let checked =
            project().file("release.yaml", text).file("answers.jsonl", events("toxic", 0, 500)).check();
        checked.refuses(&["more were found, and are not listed", errors]);
        assert!(checked.stderr.len() < 200_000, "{} bytes", checked.stderr.len());
    }
}

#[test]
fn a_name_that_is_no_name_is_refused_where_it_is_given() {
    let long = "x".repeat(201);
    let rows = samples(10, |_| r#""correct": true"#.to_owned());
    let of = |body: &str| project().manifest(body).file("answers.jsonl", &rows).check();
    let gate = |gate: &str| of(&(ANSWERS.to_owned() + &listed(&[gate])));
    gate(&format!("{{ id: {long}, rule: 'accuracy >= 10%' }}")).refuses(&["bad-name", "201 characters"]);
    gate(&format!("{long} >= 10%")).refuses(&["rule-syntax", "at most"]);
    of(&format!("evidence: {{ {long}: {{ path: answers.jsonl }} }}\n{}", listed(&["accuracy >= 10%"])))
        .refuses(&["bad-name"]);
    let metric = format!("metrics: {{ {long}: {{ field: correct }} }}\n");
    of(&(ANSWERS.to_owned() + &metric + &listed(&["accuracy >= 10%"]))).refuses(&["bad-name"]);
    // Two hundred are a name.
    let fits = "x".repeat(200);
    assert_eq!(gate(&format!("{{ id: {fits}, rule: 'accuracy >= 10%' }}")).code, 0);
    let labels = samples(10, |i| format!(r#""correct": true, "lang": "{}""#, "y".repeat(150 + 10 * i)));
    judged_by(&["{ rule: 'accuracy >= 10%', by: [lang] }"], &labels).check().refuses(&["too-many-slices"]);
}

#[test]
fn an_id_as_long_as_a_book_is_told_by_its_beginning() {
    let id = "i".repeat(3_000_000);
    let rows = format!("{{\"id\": \"{id}\", \"correct\": true}}\n").repeat(2);
    let checked = judged_by(&["accuracy >= 10%"], &rows).check();
    checked.refuses(&["duplicate-id", "iii"]);
    assert!(checked.stderr.len() < 2_000, "{} bytes", checked.stderr.len());
}
