use super::{read, read_bytes, reference};
use relgate::evidence::Format;

/// The outcomes that pytest's own report tells.
#[test]
fn a_json_report_is_counted_as_pytest_counts_it() {
    let Some(path) = reference("pytest/a_report.json") else { return };
    let own = super::json(&path);
    let summary = |key: &str| own["summary"][key].as_u64().unwrap_or(0);
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::PytestJson);
    assert_eq!(read.run().cases, summary("total"));
    assert_eq!(read.run().errored, summary("error"));
    let pass = read.all("pass");
    // The flaky test is one that failed and one that passed; an expected failure is a failure; a skipped test has no score.
    let passed = summary("passed") + summary("xpassed") + summary("rerun");
    let failed = summary("failed") + summary("xfailed") + summary("rerun");
    assert_eq!(pass.n as u64, passed + failed);
    assert_eq!((pass.mean * pass.n as f64).round() as u64, passed);
    assert_eq!(
        read.epochs("test_gate.py::test_flaky", "pass"),
        [(1, Some("false".into())), (2, Some("true".into()))]
    );
    assert_eq!(read.value("test_gate.py::test_skipped", "pass"), None);
    assert_eq!(read.value("test_gate.py::test_answer[math-2]", "lang").as_deref(), Some("en"));
    assert_eq!(read.errors()[0], "ConnectionError: simulated 503 from model");
}

#[test]
fn junit_tells_the_same_tests_in_every_version() {
    for name in ["a_junit_xunit1.xml", "a_junit_xunit2.xml", "a_old_junit.xml"] {
        let Some(path) = reference(&format!("pytest/{name}")) else { return };
        let read = read(&path);
        assert_eq!(read.catalog.format, Format::Junit, "{name}");
        // Setup and teardown; and in 7.4 the fixture for subtests, which is not there.
        assert_eq!(read.run().errored, if name.contains("old") { 3 } else { 2 }, "{name}");
        assert_eq!(read.value("test_gate.test_answer[math-2]", "pass").as_deref(), Some("false"));
        assert_eq!(read.value("test_gate.test_answer[math-2]", "score").as_deref(), Some("0.25"));
        assert_eq!(read.value("test_gate.test_answer[capital-fr]", "pass").as_deref(), Some("true"));
        assert_eq!(read.value("test_gate.test_skipped", "pass"), None);
        assert_eq!(read.value("test_gate.test_xfail", "pass").as_deref(), Some("false"));
        // An exception in the body is a failure, whatever it was.
        assert_eq!(read.value("test_gate.test_raises", "pass").as_deref(), Some("false"));
        // 7.4 writes one element only. Every attempt before the last one failed, though its element looks passed.
        let flaky = read.epochs("test_gate.test_flaky", "pass");
        assert_eq!(flaky.len(), if name.contains("old") { 1 } else { 2 }, "{flaky:?}");
        let (last, before) = flaky.split_last().unwrap();
        assert_eq!(last.1.as_deref(), Some("true"));
        assert!(before.iter().all(|(_, pass)| pass.as_deref() == Some("false")), "{flaky:?}");
    }
}

#[test]
fn other_tools_write_junit_too() {
    let Some(path) = reference("promptfoo/results.junit.xml") else { return };
    let of_promptfoo = read(&path);
    assert_eq!((of_promptfoo.run().rows, of_promptfoo.run().errored), (48, 4));
    assert_eq!(of_promptfoo.all("pass").n, 44);
    assert_eq!((of_promptfoo.all("pass").mean * 44.0).round() as u64, 20);
    let Some(path) = reference("vitest_evals/a.junit.xml") else { return };
    let of_vitest = read(&path);
    assert_eq!((of_vitest.run().rows, of_vitest.run().errored), (8, 0));
    assert_eq!((of_vitest.all("pass").mean * 8.0).round() as u64, 2);
}

#[test]
fn junit_that_is_not_whole_or_not_harmless_is_refused() {
    let code = |text: &str| {
        let findings =
            read_bytes("x.xml", text.as_bytes()).err().unwrap_or_else(|| panic!("{text} was read"));
        findings.iter().next().unwrap().code.word()
    };
    let suite = |inside: &str| format!("<testsuite failures=\"1\" errors=\"0\">{inside}</testsuite>");
    let failed = "<testcase name=\"a\"><failure message=\"m\"/></testcase>";
    assert!(read_bytes("x.xml", suite(failed).as_bytes()).is_ok());
    assert_eq!(code(&format!("<testsuite>{failed}")), "cut-off");
    assert_eq!(code("<testsuite><testcase name=\"a\">"), "cut-off");
    assert_eq!(code(&suite("<testcase name=\"a\"/>")), "contradiction");
    assert_eq!(code(&suite("<testcase name=\"a\"></wrong>")), "not-xml");
    assert_eq!(code(&suite("<testcase classname=\"a\"/>")), "not-xml");
    assert_eq!(code("<testsuites></testsuites>"), "empty-evidence");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><testsuite><testcase name=\"&b;\"/></testsuite>";
    assert_eq!(code(bomb), "unknown-format");
    assert_eq!(code("<testsuite><testcase name=\"&b;\"/></testsuite>"), "not-xml");
}
