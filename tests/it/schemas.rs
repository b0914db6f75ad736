//! The schemas under schema/: what relgate prints, and what every document that it writes is.
//!
//! `.ci/schemas` holds them and the documents against a validator that nobody here wrote.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const NAMES: [&str; 16] = [
    "manifest", "policy", "report", "metrics", "samples", "lock", "diff", "evidence", "plan", "event",
    "monitor", "rollout", "split", "counts", "numbers", "waiver",
];

fn relgate(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_relgate"))
        .args(arguments)
        .env_clear()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn document(arguments: &[&str]) -> Value {
    let text = relgate(arguments);
    serde_json::from_str(&text).unwrap_or_else(|wrong| panic!("{arguments:?}: {wrong}\n{text}"))
}

/// Whether a document fits the schema of this name.
pub(crate) fn fits_schema(name: &str, document: &Value) -> Result<(), String> {
    let schema = schema(name);
    fits(&schema, &schema, document)
}

/// What of draft-07 the schemas use: enough to tell a document that fits from one that does not.
fn fits(schema: &Value, root: &Value, value: &Value) -> Result<(), String> {
    let Some(schema) = schema.as_object() else {
        return if *schema == Value::Bool(false) { Err("nothing may stand here".to_owned()) } else { Ok(()) };
    };
    for (word, rule) in schema {
        let list = || rule.as_array().unwrap().iter();
        match word.as_str() {
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#/definitions/").unwrap();
                fits(&root["definitions"][name], root, value)?;
            }
            "allOf" => list().try_for_each(|one| fits(one, root, value))?,
            "anyOf" => {
                let wrong: Vec<String> = list().filter_map(|one| fits(one, root, value).err()).collect();
                if wrong.len() == list().count() {
                    return Err(format!("none of: {}", wrong.join("; ")));
                }
            }
            "const" if rule != value => return Err(format!("{value} is not {rule}")),
            "enum" if !list().any(|one| one == value) => return Err(format!("{value} is none of {rule}")),
            "type" => {
                let is = |name: &str| match name {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("no type {other}"),
                };
                let names: Vec<&str> = match rule {
                    Value::String(name) => vec![name],
                    _ => list().map(|name| name.as_str().unwrap()).collect(),
                };
                if !names.iter().any(|name| is(name)) {
                    return Err(format!("{value} is no {rule}"));
                }
            }
            "required" => {
                let lacks = list().find(|name| value.get(name.as_str().unwrap()).is_none());
                if let Some(name) = lacks.filter(|_| value.is_object()) {
                    return Err(format!("{name} is missing"));
                }
            }
            "properties" | "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (key, inner) in value.as_object().into_iter().flatten() {
                    let own = known.and_then(|known| known.get(key));
                    let of = match (word.as_str(), own) {
                        ("properties", Some(own)) => own,
                        ("additionalProperties", None) => rule,
                        _ => continue,
                    };
                    fits(of, root, inner).map_err(|wrong| format!("{key}: {wrong}"))?;
                }
            }
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    fits(rule, root, item).map_err(|wrong| format!("[{i}] {wrong}"))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn schema(name: &str) -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/{name}.json")))
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_command_prints_what_is_committed() {
    for name in NAMES {
        let committed =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/{name}.json")))
                .unwrap();
        assert!(
            relgate(&["schema", name]) == committed,
            "schema/{name}.json is not what `relgate schema {name}` prints"
        );
        assert!(schema(name)["$schema"].as_str().unwrap().contains("draft-07"), "{name}");
    }
}

#[test]
fn every_document_that_relgate_writes_fits_its_schema() {
    let mut seen = 0;
    let mut check = |name: &str, document: &Value, what: &str| {
        let schema = schema(name);
        fits(&schema, &schema, document)
            .unwrap_or_else(|wrong| panic!("{what} does not fit schema/{name}.json: {wrong}"));
        seen += 1;
    };
    for example in ["inconclusive", "failing", "first-release", "waiver", "pytest-junit", "one-language"] {
        let path = format!("examples/{example}/release.yaml");
        check("report", &document(&["check", &path, "--dry-run", "--format", "json"]), example);
        check("plan", &document(&["plan", &path, "--format", "json"]), example);
    }
    check("report", &document(&["check", "--dry-run", "--format", "json"]), "the root example");
    // A release that cannot be judged has a report, too.
    let broken = "tests/fixtures/readme/mistakes.yaml";
    check("report", &document(&["check", broken, "--dry-run", "--format", "json"]), broken);
    let before = "examples/support-assistant/releases/2.3.0/release.yaml";
    check("diff", &document(&["diff", before, "release.yaml", "--format", "json"]), "diff");
    check(
        "evidence",
        &document(&["evidence", "examples/inspect/results/staff.eval", "--format", "json"]),
        "evidence",
    );
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("release.lock")).unwrap();
    check("lock", &serde_json::from_str(&lock).unwrap(), "release.lock");
    assert!(seen >= 17, "{seen}");
}

/// The schemas refuse what relgate would refuse.
#[test]
fn corrupted_documents_do_not_fit() {
    let report = document(&["check", "examples/inconclusive/release.yaml", "--dry-run", "--format", "json"]);
    let schema = schema("report");
    let corrupt = |pointer: &str, value: Value| {
        let mut other = report.clone();
        *other.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        assert!(fits(&schema, &schema, &other).is_err(), "{pointer}");
    };
    corrupt("/schema", json!("relgate/report/v2"));
    corrupt("/decision", json!("maybe"));
    corrupt("/gates/0/outcome", json!("passed"));
    corrupt("/gates/0/candidate/value", json!("0.9"));
    corrupt("/gates/0/candidate/method", json!("wald"));
    corrupt("/gates/0/reason", json!({ "code": "x" }));
    corrupt("/exit_code", json!(-1.5));
    let mut more = report.clone();
    more["surprise"] = json!(1);
    assert!(fits(&schema, &schema, &more).is_err());
    let mut less = report.clone();
    less.as_object_mut().unwrap().remove("gates");
    assert!(fits(&schema, &schema, &less).is_err());
}

#[test]
fn a_row_of_counts_fits_as_it_is_read() {
    let row = json!({ "time": "2026-11-20T09:00:00Z", "release": "2.4.0", "signal": "user_flagged", "events": 3, "n": 100 });
    fits_schema("counts", &row).unwrap();
    fits_schema("counts", &json!({ "schema": "relgate/counts/v1" })).unwrap();
    for (key, bad) in [
        ("time", json!(null)),
        ("release", json!(2.4)),
        ("signal", json!(true)),
        ("events", json!(0.5)),
        ("n", json!("100")),
        ("lang", json!("de")),
        ("schema", json!("relgate/counts/v1")),
    ] {
        let mut other = row.clone();
        other[key] = bad;
        assert!(fits_schema("counts", &other).is_err(), "{other}");
    }
    for key in ["time", "release", "signal", "events", "n"] {
        let mut less = row.clone();
        less.as_object_mut().unwrap().remove(key);
        assert!(fits_schema("counts", &less).is_err(), "{less}");
    }
}

/// A part of the evidence, and what a bundle keeps of it.
#[test]
fn numbers_files_fit_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let (part, out) = (folder.path().join("part.jsonl"), folder.path().join("out"));
    let (part, out) = (part.to_str().unwrap(), out.to_str().unwrap());
    relgate(&[
        "summarize",
        "-q",
        "--part",
        "1/1",
        "--evidence",
        "answers",
        "examples/support-assistant/results/2.4.0/answers.jsonl",
        "-o",
        part,
    ]);
    relgate(&["check", "--no-changelog", "--out", out, "-q"]);
    let mut files = vec![Path::new(part).to_path_buf()];
    let mut folders = vec![Path::new(out).join("bundle")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read_to_string(&path)
                .is_ok_and(|text| text.starts_with("{\"schema\":\"relgate/numbers/v1\""))
            {
                files.push(path);
            }
        }
    }
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (at, line) in text.lines().take(50).enumerate() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line.is_object(), at == 0);
            fits_schema("numbers", &line).unwrap_or_else(|wrong| panic!("{}:{at}: {wrong}", file.display()));
        }
        let mut header: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        header["rows"] = json!(-1.5);
        assert!(fits_schema("numbers", &header).is_err());
    }
}

#[test]
fn metrics_files_and_samples_fit_as_they_are_documented() {
    let (metrics, samples) = (schema("metrics"), schema("samples"));
    let of = |metric: Value| json!({ "schema": "relgate/metrics/v1", "metrics": { "m": metric } });
    for good in [
        json!(1120),
        json!({ "events": 12, "n": 1000 }),
        json!({ "value": 0.87, "stderr": 0.011, "n": 940 }),
        json!({ "value": 0.81, "lower": 0.79, "upper": 0.83, "confidence": 0.95 }),
    ] {
        fits(&metrics, &metrics, &of(good.clone())).unwrap_or_else(|wrong| panic!("{good}: {wrong}"));
    }
    for bad in [json!("0.87"), json!({ "events": 12 }), json!({ "value": 0.8, "p": 1 })] {
        assert!(fits(&metrics, &metrics, &of(bad.clone())).is_err(), "{bad}");
    }
    fits(&samples, &samples, &json!({ "id": "q1", "accuracy": true, "lang": "de" })).unwrap();
    fits(&samples, &samples, &json!({ "schema": "relgate/samples/v1", "created": "2026-11-20T09:00:00Z" }))
        .unwrap();
    assert!(fits(&samples, &samples, &json!({ "question": "q1" })).is_err());
    assert!(fits(&samples, &samples, &json!({ "schema": "relgate/samples/v9", "id": "q1" })).is_err());
}
