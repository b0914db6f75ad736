//! Rows that are missing, empty, doubled or without a number, in the results of every tool that lists rows as JSON.

use serde_json::{Value, json};

use super::{json, read_bytes, recognised, reference};

/// A file, and the list of rows in it.
const LISTS: [(&str, &str); 10] = [
    ("braintrust/a_result.json", "/results"),
    ("phoenix/a.json", ""),
    ("mlflow/genai_eval_results.json", ""),
    ("langfuse/a.json", "/item_results"),
    ("evalite/a.json", "/evals/0/results"),
    ("alpaca_eval/annotations.json", ""),
    ("deepeval/evaluation_result.json", "/test_results"),
    ("helm/run/per_instance_stats.json", ""),
    ("vitest_evals/a.json", "/testResults/0/assertionResults"),
    ("evidently/report.json", "/metrics"),
];

fn with(path: &str, list: &str, change: impl Fn(&mut Vec<Value>)) -> Option<Result<super::Read, String>> {
    let file = reference(path)?;
    let mut own = json(&file);
    change(own.pointer_mut(list).unwrap().as_array_mut().unwrap());
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    Some(read_bytes(&name, own.to_string().as_bytes()).map_err(|findings| format!("{findings:?}")))
}

#[test]
fn a_row_that_is_not_what_the_tool_writes_is_refused() {
    for (path, list) in LISTS {
        let Some(read) = with(path, list, |rows| {
            let middle = rows.len() / 2;
            rows[middle] = json!({});
        }) else {
            return;
        };
        assert!(read.is_err(), "{path}");
        // Nor is a row in which everything has another name.
        let renamed = with(path, list, |rows| {
            let own = rows[0].as_object().unwrap().clone();
            rows[0] = own.into_iter().map(|(key, value)| (format!("x_{key}"), value)).collect::<Value>();
        });
        assert!(renamed.unwrap().is_err(), "{path}");
    }
}

#[test]
fn results_without_a_row_are_no_results() {
    for (path, list) in LISTS {
        let Some(read) = with(path, list, Vec::clear) else { return };
        match (path, read) {
            // There is another eval, and there are the tests.
            ("evalite/a.json" | "evidently/report.json", Ok(read)) => assert!(read.catalog.has_samples()),
            // It counted its tests.
            ("vitest_evals/a.json", Ok(read)) => assert_eq!(read.run().errored, read.run().rows + 8),
            (_, read) => assert!(read.is_err(), "{path}"),
        }
    }
}

#[test]
fn rows_that_stand_twice_are_one_case() {
    for (path, list) in LISTS {
        let once = with(path, list, |_| {});
        let twice = with(path, list, |rows| rows.extend(rows.clone()));
        let (Some(Ok(once)), Some(twice)) = (once, twice) else { return };
        match (path, twice) {
            ("vitest_evals/a.json", twice) => assert!(twice.is_err(), "more than it counts"),
            // The same metric with the same value is one.
            ("evidently/report.json", Ok(twice)) => {
                assert_eq!(once.catalog.aggregates.len(), twice.catalog.aggregates.len());
            }
            (_, Ok(twice)) => {
                let (once, twice) = (&once.catalog.told.runs[0], &twice.catalog.told.runs[0]);
                assert_eq!((once.cases, once.rows * 2), (twice.cases, twice.rows), "{path}");
                assert_eq!(once.epochs * 2, twice.epochs, "{path}");
            }
            (_, Err(findings)) => panic!("{path}: {findings}"),
        }
    }
}

#[test]
fn a_score_that_is_no_number_is_missing_or_refused() {
    for (path, metric, scored) in [
        ("braintrust/a_result.json", "Judge", 5),
        ("phoenix/a.json", "judge", 5),
        ("langfuse/a.json", "judge", 5),
        ("vitest_evals/a.json", "Judge", 5),
    ] {
        let Some(file) = reference(path) else { return };
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        // Three of its five scores are 0.6.
        let with = |word: &str| {
            let text = text.replace(": 0.6,", &format!(": {word},")).replace(":0.6,", &format!(":{word},"));
            let text =
                text.replace(": 0.6\n", &format!(": {word}\n")).replace(": 0.6}", &format!(": {word}}}"));
            read_bytes(name, text.as_bytes()).unwrap()
        };
        assert_eq!(with("0.6").all(metric).n, scored, "{path}");
        assert_eq!(with("NaN").all(metric).n, scored - 3, "{path}");
        assert_eq!(with("null").all(metric).n, scored - 3, "{path}");
        // Infinity is no score and not passed over: it is a text where a number is asked for.
        let field = with("Infinity").catalog.fields[metric];
        assert_eq!(field, relgate::evidence::FieldKind::Mixed, "{path}");
    }
}

/// Values of a document that are tried.
const MOST: usize = 40;

/// The ways to every value of a document.
fn ways(value: &Value, way: &str, found: &mut Vec<String>) {
    found.push(way.to_owned());
    match value {
        Value::Array(list) => {
            // Further rows are like the first ones.
            list.iter()
                .take(2)
                .enumerate()
                .for_each(|(at, value)| ways(value, &format!("{way}/{at}"), found));
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                ways(value, &format!("{way}/{key}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_value_of_another_kind_makes_no_reader_panic_and_no_row_appear() {
    for (_, path) in recognised::results() {
        let Ok(own) = serde_json::from_str::<Value>(&std::fs::read_to_string(&path).unwrap()) else {
            continue;
        };
        let name = path.file_name().unwrap().to_str().unwrap();
        let rows = super::read(&path).catalog.told.runs.iter().map(|run| run.rows).sum::<u64>();
        let mut found = Vec::new();
        ways(&own, "", &mut found);
        let step = found.len() / MOST + 1;
        for (at, way) in found.iter().enumerate().step_by(step) {
            let others =
                [json!(null), json!("x"), json!([]), json!({}), json!(-1), json!(1e300), json!([{}])];
            let mut own = own.clone();
            *own.pointer_mut(way).unwrap() = others[at / step % others.len()].clone();
            if let Ok(read) = read_bytes(name, own.to_string().as_bytes()) {
                let now: u64 = read.catalog.told.runs.iter().map(|run| run.rows).sum();
                assert!(now <= rows.max(1), "{name}: {way}");
            }
        }
    }
}
