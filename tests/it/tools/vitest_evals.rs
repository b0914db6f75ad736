use super::{close, fixture, json, read, read_bytes, reference};
use relgate::evidence::Format;

#[test]
fn a_judge_without_a_score_is_no_zero_and_one_that_raised_is_an_error() {
    let Some(path) = reference("vitest_evals/a.json") else { return };
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::VitestEvals);
    assert_eq!(read.run().rows, own["numTotalTests"].as_u64().unwrap());
    assert_eq!(
        read.errors(),
        ["simulated upstream 503", "Error: judge returned no JSON"],
        "of the target, and of a judge"
    );
    let pass = read.all("pass");
    close(pass.mean * pass.n as f64, own["numPassedTests"].as_f64().unwrap(), 1e-9);
    assert_eq!((read.all("Exact").n, read.all("Judge").n), (6, 5));
    close(read.all("Judge").mean, 0.56, 1e-12);
    let first = "toy A 'a-001' 'en'";
    assert_eq!(read.value(first, "tokens").as_deref(), Some("14"));
    assert_eq!(read.value(first, "latency_ms").as_deref(), Some("37"));
    assert_eq!(read.value(first, "tool_calls").as_deref(), Some("0"));
    assert_eq!(read.value(first, "suite").as_deref(), Some("toy A"));
    assert!(format!("{:?}", read.run().models).contains("mock-1"));
    assert_eq!(read.run().created.unwrap().timestamp_millis(), 1_795_918_040_494);
    // Its JUnit file has the same tests, and no scores.
    assert_eq!(super::read(&path.with_file_name("a.junit.xml")).run().cases, read.run().cases);
}

#[test]
fn a_report_of_vitest_alone_is_read_too() {
    let path = fixture("vitest-3.2.4", "report.json");
    let own = json(&path);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::VitestEvals);
    let pass = read.all("pass");
    close(pass.mean * pass.n as f64, own["numPassedTests"].as_f64().unwrap(), 1e-9);
    let skipped = own["numPendingTests"].as_u64().unwrap() + own["numTodoTests"].as_u64().unwrap();
    let failed = own["numFailedTests"].as_u64().unwrap();
    assert_eq!(pass.n as u64, own["numPassedTests"].as_u64().unwrap() + failed);
    close(read.all("skipped").mean * read.all("skipped").n as f64, skipped as f64, 1e-9);
}

#[test]
fn tests_that_are_counted_and_not_listed_are_errors() {
    let Some(path) = reference("vitest_evals/a.json") else { return };
    let mut own = json(&path);
    own["numTotalTests"] = 11.into();
    let more = read_bytes("a.json", own.to_string().as_bytes()).unwrap();
    assert_eq!((more.run().unlisted, more.run().errored), (3, 5));
    own["numTotalTests"] = 7.into();
    let findings = read_bytes("a.json", own.to_string().as_bytes()).err().unwrap();
    assert_eq!(findings.iter().next().unwrap().code.word(), "contradiction");
}
