use super::{close, read, read_bytes, reference};
use relgate::evidence::Format;

fn evals(path: &std::path::Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let entries = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    entries.filter(|entry| entry["entry_type"] == "eval").collect()
}

#[test]
fn outputs_are_counted_once_and_as_garak_counts_them() {
    let Some(path) = reference("garak/hits.report.jsonl") else { return };
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::Garak);
    assert_eq!(read.catalog.told.tool.as_deref(), Some("garak 0.17.1"));
    for eval in evals(&path) {
        let (probe, detector) = (eval["probe"].as_str().unwrap(), eval["detector"].as_str().unwrap());
        let hit = read.of(&[("probe", probe)], &format!("{detector}.hit"));
        assert_eq!(hit.n as u64, eval["total_evaluated"].as_u64().unwrap());
        close(hit.mean * hit.n as f64, eval["fails"].as_f64().unwrap(), 1e-9);
    }
    // 40 prompts of two probes, each asked three times; some stand twice in their probe, which is one case.
    assert_eq!((read.run().rows, read.run().epochs, read.run().errored), (120, 6, 0));
    assert!(format!("{:?}", read.run().models).contains("test.Repeat"));
}

#[test]
fn a_target_that_answers_nothing_has_passed_nothing() {
    let Some(path) = reference("garak/nones.report.jsonl") else { return };
    let eval = &evals(&path)[0];
    assert_eq!((&eval["passed"], &eval["nones"]), (&16.into(), &0.into()), "in its own figures");
    let read = read(&path);
    assert_eq!((read.run().rows, read.run().errored, read.all("always.Pass").n), (16, 16, 0));
}

#[test]
fn a_report_that_breaks_off_and_one_that_does_not_add_up_are_refused() {
    let Some(path) = reference("garak/hits.report.jsonl") else { return };
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = |keep: &dyn Fn(&str) -> bool| -> String {
        text.lines().filter(|line| keep(line)).map(|line| format!("{line}\n")).collect()
    };
    let code = |text: &str| {
        let findings = read_bytes("r.jsonl", text.as_bytes()).err().unwrap();
        findings.iter().next().unwrap().code.word()
    };
    let ends = |line: &str| {
        line.contains("\"entry_type\": \"completion\"") || line.contains("\"entry_type\": \"digest\"")
    };
    assert_eq!(code(&lines(&|line| !ends(line))), "cut-off");
    assert_eq!(
        code(&text.replace("\"passed\": 52, \"fails\": 44", "\"passed\": 90, \"fails\": 6")),
        "contradiction"
    );
    // An attempt that was never scored is an error, once for each output.
    let first = text.lines().find(|line| line.contains("\"status\": 2")).unwrap();
    let evals = |line: &str| line.contains("\"entry_type\": \"eval\"");
    let partly = read_bytes("r.jsonl", lines(&|line| line != first && !evals(line)).as_bytes()).unwrap();
    assert_eq!((partly.run().rows, partly.run().unlisted), (117, 3));
}

#[test]
fn the_list_of_hits_is_no_result() {
    let Some(path) = reference("garak/hits.hitlog.jsonl") else { return };
    let read = read(&path);
    assert!(read.catalog.told.beside_results.is_some() && !read.catalog.has_samples());
}
