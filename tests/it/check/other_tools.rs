//! Results of other tools, judged: which run counts, what was evaluated, what was attempted.

use crate::check::support::{Project, project};

/// Cells of promptfoo's table as it writes them into JSON Lines, of one prompt and provider.
fn cells(prompt: &str, provider: &str, cases: usize, passes: impl Fn(usize) -> bool) -> String {
    let cell = |case: usize| {
        let pass = passes(case);
        serde_json::json!({
            "promptIdx": prompt.len(), "testIdx": case, "promptId": "p", "success": pass, "score": f64::from(u8::from(pass)),
            "prompt": {"raw": format!("{prompt} Question {case}?"), "label": prompt},
            "provider": {"id": provider, "label": ""}, "vars": {"question": case},
            "response": {"output": "x", "cached": false}, "latencyMs": 10 + case, "cost": 0.001, "namedScores": {},
            "failureReason": i32::from(!pass), "testCase": {"vars": {"question": case}},
            "gradingResult": {"pass": pass, "score": 1, "componentResults": [{"pass": pass}]},
        })
    };
    (0..cases).map(|case| cell(case).to_string() + "\n").collect()
}

/// A release with a model and a prompt, whose answers are in `results.jsonl`.
fn release(results: String, evidence: &str, policy: &str) -> Project {
    project()
        .manifest(&format!(
            "artifacts:\n  models: {{ chat: {{ version: gpt-4.3, uri: 'openai:gpt-4.3' }} }}\n  prompts: {{ system: {{ version: v1.9, path: system.md }} }}\n\
             evidence: {{ answers: {{ path: results.jsonl, {evidence} }} }}\ngates: ['rate pass >= 90%']\npolicy: {{ {policy} }}\n"
        ))
        .file("system.md", "Be kind. Question {{question}}?\n")
        .file("results.jsonl", results)
}

#[test]
fn of_several_runs_one_has_to_be_selected() {
    let both = cells("Be kind.", "openai:gpt-4.3", 300, |_| true)
        + &cells("Be quick.", "openai:gpt-4.3", 300, |_| false);
    let checked = release(both.clone(), "unpaired: true", "").check();
    assert_eq!(checked.code, 2, "{}", checked.stdout);
    checked.refuses(&["holds 2 runs", "where: { prompt: 'Be kind.', provider: 'openai:gpt-4.3' }"]);
    // The line that it names is one that works.
    let one = "where: { prompt: 'Be kind.', provider: 'openai:gpt-4.3' }";
    release(both.clone(), one, "").check().ends(0, "pass bound-clears-threshold");
    release(both.clone(), "where: { prompt: Be quick. }", "")
        .check()
        .ends(1, "fail bound-violates-threshold");
    release(both, "where: { prompt: Be kin. }", "")
        .check()
        .refuses(&["selects none of the runs", "'Be kind.'"]);
}

#[test]
fn both_sides_of_a_comparison_may_stand_in_one_file() {
    let both = cells("Be kind.", "m", 300, |case| case % 30 != 0)
        + &cells("Be quick.", "m", 300, |case| case % 20 != 0);
    let project = project()
        .manifest(
            "evidence:\n  answers:\n    path: results.jsonl\n    where: { prompt: Be kind. }\n    baseline: { path: results.jsonl, where: { prompt: Be quick. } }\n\
             gates: ['rate pass drop < 2pp']\n",
        )
        .file("results.jsonl", both.clone());
    let checked = project.check();
    checked.ends(0, "pass bound-clears-threshold");
    let gate = checked.gate("rate-pass-drop");
    assert_eq!(
        (gate["candidate"]["n"].as_u64(), gate["baseline"]["events"].as_u64()),
        (Some(300), Some(285))
    );
}

#[test]
fn the_model_in_the_results_is_the_model_of_the_release() {
    let of = |provider: &str, policy: &str| {
        release(cells("Be kind.", provider, 300, |_| true), "", policy).check()
    };
    for provider in ["openai:gpt-4.3", "gpt-4.3", "azure/GPT-4.3"] {
        let checked = of(provider, "binding: require");
        checked.ends(0, "pass bound-clears-threshold");
    }
    // Another version of the same model is an error whatever the policy says.
    for policy in ["binding: warn", "binding: require"] {
        let checked = of("openai:gpt-4.2", policy);
        checked.ends(2, "error evidence-mismatch");
        assert!(
            checked.report()["errors"][0]["text"].as_str().unwrap().contains("models.chat openai:gpt-4.2")
        );
    }
    // A model that nobody knows may be the same under another name; `known_as` says so.
    let checked = of("vendor/assistant", "binding: warn");
    checked.ends(0, "pass bound-clears-threshold");
    assert!(checked.flat().contains("no model of the manifest is known as"), "{}", checked.stdout);
    of("vendor/assistant", "binding: require").ends(2, "error evidence-unbound");
    let known = project()
        .manifest(
            "artifacts: { models: { chat: { version: gpt-4.3, uri: 'x:y', known_as: [vendor/assistant] } } }\n\
             evidence: { answers: { path: results.jsonl } }\ngates: ['rate pass >= 90%']\npolicy: { binding: require }\n",
        )
        .file("results.jsonl", cells("Be kind.", "vendor/assistant", 300, |_| true));
    known.check().ends(0, "pass bound-clears-threshold");
}

#[test]
fn the_prompt_in_the_results_is_the_prompt_of_the_release() {
    let of = |prompt: &str, policy: &str| {
        let results = cells(prompt, "openai:gpt-4.3", 300, |_| true);
        release(results, "", policy).check()
    };
    // Its variables are filled in, and a system message may stand around it.
    of("Be kind.", "binding: require").ends(0, "pass bound-clears-threshold");
    of("You are an assistant.\nBe   kind.", "binding: require").ends(0, "pass bound-clears-threshold");
    let checked = of("Be rude.", "binding: warn");
    checked.ends(0, "pass bound-clears-threshold");
    assert!(checked.flat().contains("none of them holds a prompt of the manifest"), "{}", checked.stdout);
    of("Be rude.", "binding: require").ends(2, "error evidence-unbound");
}

#[test]
fn the_report_tells_what_was_attempted_and_what_became_of_it() {
    let results = cells("Be kind.", "openai:gpt-4.3", 300, |_| true);
    let mut lines: Vec<serde_json::Value> =
        results.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &mut lines[..3] {
        line["failureReason"] = 2.into();
        line["error"] = "503 from upstream".into();
    }
    let list: Vec<_> = lines[..298].to_vec();
    let document = serde_json::json!({
        "evalId": "e",
        "results": {
            "version": 3, "timestamp": "2026-11-19T12:00:00Z",
            "prompts": [], "results": list,
        },
    });
    let mut document = document;
    let metrics = serde_json::json!({"testPassCount": 297, "testFailCount": 0, "testErrorCount": 3});
    // promptfoo numbers its prompts by their place, and the cells above are those of number 8.
    let prompt =
        |label: &str| serde_json::json!({"raw": label, "label": label, "provider": "openai:gpt-4.3"});
    let prompts = document["results"]["prompts"].as_array_mut().unwrap();
    prompts.extend((0..8).map(|number| prompt(&format!("unused {number}"))));
    let mut own = prompt("Be kind.");
    own["metrics"] = metrics;
    prompts.push(own);
    let project = release(document.to_string(), "", "").check();
    assert_eq!(project.code, 0, "{}{}", project.stdout, project.stderr);
    let report = project.report();
    let evidence = &report["evidence"][0];
    assert_eq!(evidence["format"], "promptfoo");
    assert_eq!(evidence["attempts"], 300);
    assert_eq!(evidence["errored"], 5, "three that failed, and two that it counts and does not list");
    assert_eq!(evidence["scored"], 295);
    assert_eq!(evidence["errors"]["503 from upstream"], 3);
    assert_eq!(project.gate("rate-pass")["candidate"]["missing"], 5);
}

#[test]
fn a_score_of_a_tool_is_what_the_tool_says_whatever_it_is_called() {
    let scored = |case: usize| if case.is_multiple_of(10) { "0.5" } else { "1" };
    let rows: String = cells("Be kind.", "openai:gpt-4.3", 300, |_| true)
        .lines()
        .enumerate()
        .map(|(case, line)| {
            line.replace(
                r#""namedScores":{}"#,
                &format!(r#""namedScores":{{"Speed":{},"Latency":1}}"#, scored(case)),
            ) + "\n"
        })
        .collect();
    // A score from 0 to 1 is a proportion, of which high values are good.
    let speed = |rule: &str| {
        release(rows.clone(), "", "")
            .manifest(&format!("evidence: {{ answers: {{ path: results.jsonl }} }}\ngates: ['{rule}']\n"))
            .check()
    };
    let checked = speed("speed >= 90%");
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(checked.gate("speed")["candidate"]["method"], "gaffke");
    speed("speed <= 99%").refuses(&["speed"]);
    // An assertion about latency is no latency.
    let exact = "{ rule: \"latency >= 90%\", metric: Latency }";
    let checked = project()
        .manifest(&format!("evidence: {{ answers: {{ path: results.jsonl }} }}\ngates: [{exact}]\n"))
        .file("results.jsonl", rows.clone())
        .check();
    checked.ends(0, "pass bound-clears-threshold");
}

#[test]
fn a_file_that_says_nothing_of_itself_does_not_hide_behind_another() {
    let suite = |attributes: &str, from: usize| {
        let test = |case: usize| format!("<testcase classname=\"c\" name=\"t{case}\" time=\"0.1\"/>");
        let tests: String = (from..from + 150).map(test).collect();
        format!("<testsuite name=\"s\" failures=\"0\" errors=\"0\"{attributes}>{tests}</testsuite>")
    };
    let judged = |second: &str| {
        project()
            .manifest(
                "evidence: { tests: { path: results } }\ngates: ['pass >= 90%']\npolicy: { max_evidence_age: 365d, binding: require }\n",
            )
            .file("results/a.xml", suite(" timestamp=\"2026-11-18T10:00:00+00:00\"", 0))
            .file("results/b.xml", suite(second, 1000))
            .check()
    };
    judged(" timestamp=\"2026-11-18T11:00:00+00:00\"").ends(0, "pass bound-clears-threshold");
    judged("").ends(2, "error evidence-unbound");
    judged(" timestamp=\"2024-11-18T11:00:00+00:00\"").ends(2, "error evidence-too-old");
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tools").join(name))
        .unwrap()
}

/// The logs of two tasks of Inspect, whose samples have the same ids.
#[test]
fn of_a_folder_with_several_tasks_one_is_selected() {
    let judged = |evidence: &str| {
        project()
            .manifest(&format!(
                "evidence: {{ logs: {{ path: logs{evidence} }} }}\ngates: ['count model graded qa >= 3']\n"
            ))
            .file("logs/brief.eval", fixture("inspect-0.3.230/brief.judge-1.eval"))
            .file("logs/polite.eval", fixture("inspect-0.3.230/polite.judge-1.eval"))
            .check()
    };
    judged("").refuses(&[
        "error[several-runs]",
        "the files of evidence `logs` hold 2 runs",
        "there is { task: 'brief' }",
        "there is { task: 'polite' }",
        "`where: { task: 'brief' }`",
    ]);
    judged(", where: { task: brief }").ends(0, "pass fact-holds");
    judged(", where: { task: polite }").ends(1, "fail fact-broken");
    judged(", where: { task: rude }").refuses(&["selects none of the runs", "{ task: 'brief' }"]);
    // Nor are tasks whose ids differ one run, unless the manifest names them all.
    let both = |evidence: &str| {
        project()
            .manifest(&format!(
                "evidence: {{ logs: {{ path: logs{evidence} }} }}\ngates: ['mean tokens < 99999 tokens']\n"
            ))
            .file("logs/agent.eval", fixture("inspect-0.3.230/agent.eval"))
            .file("logs/brief.eval", fixture("inspect-0.3.230/brief.judge-1.eval"))
            .check()
    };
    both("").refuses(&["error[several-runs]", "there is { task: 'agent' }"]);
    let named = both(", where: { task: [agent, brief] }");
    assert!(!named.stderr.contains("several-runs"), "{}", named.stderr);
}

#[test]
fn one_task_in_two_versions_is_compared_without_a_word_of_it() {
    let checked = project()
        .manifest(
            "evidence: { logs: { path: now.eval, baseline: before.eval } }\ngates: ['rate includes drop < 90pp']\n",
        )
        .file("now.eval", fixture("inspect-0.3.230/agent.eval"))
        .file("before.eval", fixture("inspect-0.3.150/agent.eval"))
        .check();
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert_eq!(checked.gate("rate-includes-drop")["change"]["paired"], true);
}

/// The line of a row is that of the tool's file, in which a row may be long; where there is none, its number is told.
#[test]
fn a_finding_about_a_row_of_a_tool_says_where_it_stands() {
    let rows: Vec<String> = cells("Be kind.", "m", 3, |_| true).lines().map(str::to_owned).collect();
    let wrong = rows[2]
        .replace("\"latencyMs\":12", "\"latencyMs\":12,\"namedScores\":{\"short\":\"long\"}")
        .replace(",\"namedScores\":{},", ",");
    let fine =
        rows.iter().take(2).map(|row| row.replace("\"namedScores\":{}", "\"namedScores\":{\"short\":1}"));
    let rows: Vec<String> = fine.chain([wrong]).collect();
    let judged = |name: &str, text: String| {
        project()
            .manifest(&format!("evidence: {{ answers: {{ path: {name} }} }}\ngates: ['mean short >= 0.5']\n"))
            .file(name, text)
            .check()
    };
    // Blank lines between them are lines.
    judged("results.jsonl", format!("{}\n\n\n{}\n\n{}\n", rows[0], rows[1], rows[2]))
        .refuses(&["error[wrong-type]: `short` is text", "--> results.jsonl:6"]);
    // A JSON document has lines, too.
    let pretty: Vec<String> = rows
        .iter()
        .map(|row| {
            serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(row).unwrap()).unwrap()
        })
        .collect();
    let document = format!(
        "{{\"evalId\": \"e\",\n\"results\": {{\"version\": 3,\n\"results\": [\n{}\n]}}}}\n",
        pretty.join(",\n")
    );
    let line = document[..document.find("\"long\"").unwrap()].matches('\n').count() + 1;
    let starts = document.lines().take(line).collect::<Vec<_>>();
    let start = starts.iter().rposition(|line| *line == "{").unwrap() + 1;
    judged("results.json", document.clone())
        .refuses(&["error[wrong-type]: `short` is text", &format!("--> results.json:{start}")]);
    // Packed logs have none.
    let tests = "<testsuite name=\"s\" failures=\"0\" errors=\"0\">\n<testcase classname=\"c\" name=\"a\" time=\"0.1\"/>\n\n<testcase classname=\"c\"\n name=\"b\" time=\"soon\"/>\n</testsuite>\n";
    project()
        .manifest("evidence: { tests: { path: tests.xml } }\ngates: ['mean duration_s <= 1s']\n")
        .file("tests.xml", tests)
        .check()
        .refuses(&["--> tests.xml:4"]);
}

#[test]
fn an_old_load_test_does_not_hide_behind_young_answers() {
    let old = String::from_utf8(fixture("autocannon-7.15.0/mixed.json"))
        .unwrap()
        .replace("2026-11-29T", "2020-01-01T");
    let judged = |load: &str| {
        project()
            .manifest("evidence: { run: { path: run } }\ngates: ['failure rate < 30%']\npolicy: { max_evidence_age: 30d }\n")
            .file("run/load.json", load)
            .file("run/agent.eval", fixture("inspect-0.3.230/agent.eval"))
            .on("2026-12-01")
            .check()
    };
    judged(&old).ends(2, "error evidence-too-old");
    judged(&old.replace("2020-01-01T", "2026-11-29T")).ends(0, "pass bound-clears-threshold");
}

#[test]
fn the_tag_of_another_model_is_no_name() {
    let of = |version: &str, uri: &str, provider: &str| {
        project()
            .manifest(&format!(
                "artifacts: {{ models: {{ chat: {{ version: '{version}', uri: '{uri}' }} }} }}\n\
                 evidence: {{ answers: {{ path: results.jsonl }} }}\ngates: ['rate pass >= 90%']\npolicy: {{ binding: require }}\n"
            ))
            .file("results.jsonl", cells("Be kind.", provider, 300, |_| true))
            .check()
    };
    for (version, uri, provider) in [
        ("latest", "ollama:mistral", "ollama/llama3:latest"),
        ("v1", "acme/chat", "other/assistant:v1"),
        ("1.0", "x:y", "z:1.0"),
    ] {
        assert_eq!(of(version, uri, provider).code, 2, "{version} {uri} {provider}");
    }
    for provider in ["openai:gpt-4.3", "azure/gpt-4.3", "gpt-4.3"] {
        of("gpt-4.3", "openai:gpt-4.3", provider).ends(0, "pass bound-clears-threshold");
    }
}

#[test]
fn results_of_another_model_do_not_lie_beside_those_of_the_released_one() {
    let two = |other: &str| {
        project()
            .manifest(
                "artifacts: { models: { chat: { version: gpt-4.3, uri: 'openai:gpt-4.3' } } }\n\
                 evidence: { answers: { path: run, where: { provider: ['openai:gpt-4.3', 'vendor/other', 'azure:gpt-4.3'] } } }\n\
                 gates: ['rate pass >= 80%']\n",
            )
            .file("run/a.jsonl", cells("Be kind.", "openai:gpt-4.3", 300, |_| true))
            .file("run/b.jsonl", cells("Be kind.", other, 600, |_| true).lines().skip(300).fold(String::new(), |all, line| all + line + "\n"))
            .check()
    };
    two("azure:gpt-4.3").ends(0, "pass bound-clears-threshold");
    let mixed = two("vendor/other");
    mixed.ends(2, "error evidence-mismatch");
    assert!(mixed.flat().contains("vendor/other"), "{}", mixed.stdout);
}

#[test]
fn a_key_in_what_was_asked_is_not_shown_in_part() {
    let key = format!("sk-proj-{}", "A1b2C3d4E5f6G7h8".repeat(4));
    let rows: String = cells("Be kind.", "m", 300, |_| false)
        .replace("\"question\":", &format!("\"q\":\"call it with key {key}\",\"question\":"));
    let checked = project()
        .manifest("evidence: { answers: { path: results.jsonl } }\ngates: ['rate pass >= 90%']\n")
        .file("results.jsonl", rows)
        .check();
    checked.ends(1, "fail bound-violates-threshold");
    assert!(
        !checked.stdout.contains("sk-proj-A1b2") && checked.stdout.contains("call it with key"),
        "{}",
        checked.stdout
    );
}
