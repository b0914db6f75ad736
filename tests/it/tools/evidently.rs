use super::{json, read, read_bytes, reference};
use relgate::evidence::{Format, Measured};

/// The rows that it exports are plain, and have no id: the message has the line that gives them one, and that line works.
#[test]
fn rows_are_plain_and_the_line_that_is_offered_reads_them() {
    let Some(path) = reference("evidently/rows.jsonl") else { return };
    let out = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_relgate"));
        let out = command.arg("try").arg(&path).args(args).output().unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap())
    };
    let (code, said) = out(&["count EM >= 8"]);
    assert!(code == Some(2) && said.contains("`fields: { id: question }`"), "{said}");
    let (code, said) = out(&["count EM >= 1", "--id", "question"]);
    assert!(code == Some(0) && said.contains("n 12"), "{said}");
}

#[test]
fn counts_are_events_and_tests_are_rows() {
    let Some(path) = reference("evidently/report.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Evidently);
    let aggregates = &read.catalog.aggregates;
    for metric in own["metrics"].as_array().unwrap() {
        let name = metric["metric_name"].as_str().unwrap();
        if let Some(value) = metric["value"].as_f64() {
            let Measured::Point(figure) = &aggregates[name].measured else { panic!("{name}") };
            assert_eq!(figure.value, value, "{name}");
        } else if let Some(counts) = metric["value"]["counts"].as_object() {
            let n: f64 = counts.values().map(|count| count.as_f64().unwrap()).sum();
            for (key, count) in counts {
                let events = count.as_f64().unwrap() as u64;
                assert_eq!(
                    aggregates[&format!("{name}/{key}")].measured,
                    Measured::Events { events, n: n as u64 }
                );
            }
        } else {
            let events = metric["value"]["count"].as_f64().unwrap() as u64;
            assert_eq!(aggregates[&format!("{name}/share")].measured, Measured::Events { events, n: 12 });
        }
    }
    let status = |wanted: &str| {
        own["tests"].as_array().unwrap().iter().filter(|test| test["status"] == wanted).count()
    };
    let pass = read.all("pass");
    assert_eq!((pass.n, (pass.mean * pass.n as f64).round() as usize), (20, status("SUCCESS")));
    assert_eq!((status("SUCCESS"), status("FAIL")), (16, 4));
}

#[test]
fn tests_that_only_warn_or_end_in_an_error_have_not_passed() {
    let Some(path) = reference("evidently/report.json") else { return };
    let mut own = json(&path);
    for (at, status) in [(0, "WARNING"), (1, "ERROR"), (2, "SKIPPED")] {
        own["tests"][at]["status"] = status.into();
    }
    own["tests"][0]["test_config"]["is_critical"] = false.into();
    let read = read_bytes("report.json", own.to_string().as_bytes()).unwrap();
    assert_eq!((read.run().errored, read.all("pass").n), (1, 18));
    own["tests"][0]["status"] = "FINE".into();
    assert!(read_bytes("report.json", own.to_string().as_bytes()).is_err());
    let old =
        br#"{"version": "0.4.40", "metrics": [{"metric": "DatasetSummary", "result": {}}], "tests": []}"#;
    let findings = read_bytes("report.json", old).err().unwrap();
    assert!(findings.iter().next().unwrap().title.contains("before 0.7"), "{findings:?}");
}
