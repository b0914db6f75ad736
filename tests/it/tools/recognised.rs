//! No file is taken for that of another tool, and none that is cut off is judged.

use std::fs;
use std::path::{Path, PathBuf};

use super::{read_bytes, reference, try_read};

/// What the files of a folder are.
const TOOLS: [(&str, &str); 17] = [
    ("deepeval", "deepeval"),
    ("ragas", "ragas"),
    ("braintrust", "braintrust"),
    ("phoenix", "phoenix"),
    ("mlflow", "mlflow"),
    ("langfuse", "langfuse"),
    ("evidently", "evidently"),
    ("evalite", "evalite"),
    ("vitest_evals", "vitest-evals"),
    ("azure_ai_evaluation", "azure-ai-evaluation"),
    ("weave", "weave"),
    ("helm", "helm"),
    ("openai_evals", "openai-evals"),
    ("garak", "garak"),
    ("swebench", "swe-bench"),
    ("alpaca_eval", "alpaca-eval"),
    ("trulens", "trulens"),
];

/// What lies beside the results: how they were made, and plain rows or numbers.
const OTHERS: [&str; 12] = [
    "a.txt",
    "data_A.jsonl",
    "rows.jsonl",
    "rows_A.json",
    "genai_metrics.json",
    "metrics_classifier.json",
    "a.junit.xml",
    "a_cli_error.jsonl",
    "run.log",
    "VERSIONS.txt",
    "FORMAT.md",
    ".test_run.lock",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
            continue;
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
        if !["py", "sh", "ts", "png"].contains(&ending.as_str()) {
            found.push(path);
        }
    }
}

pub(super) fn results() -> Vec<(String, PathBuf)> {
    let Some(root) = reference("README.md") else { return Vec::new() };
    let mut all = Vec::new();
    for (folder, word) in TOOLS {
        let mut found = Vec::new();
        files(&root.with_file_name(folder), &mut found);
        found.retain(|path| !OTHERS.contains(&path.file_name().unwrap().to_str().unwrap()));
        assert!(!found.is_empty(), "{folder}");
        all.extend(found.into_iter().map(|path| (word.to_owned(), path)));
    }
    all
}

#[test]
fn every_result_of_a_tool_is_read_as_that_of_this_tool() {
    for (word, path) in results() {
        let read = try_read(&path).unwrap_or_else(|findings| panic!("{}: {findings:?}", path.display()));
        assert_eq!(read.catalog.format.word(), word, "{}", path.display());
        let beside = read.catalog.told.beside_results.is_some();
        assert!(read.catalog.rows > 0 || !read.catalog.aggregates.is_empty() || beside, "{}", path.display());
    }
}

/// Everything that is no result: how the files were made, and what they are.
#[test]
fn what_is_no_result_is_refused_with_a_sentence_that_is_true() {
    let Some(root) = reference("README.md") else { return };
    let mut all = Vec::new();
    super::all_files(root.parent().unwrap(), &mut all);
    let ending = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().into_owned());
    let (mut refused, mut read) = (0, 0);
    // Rows of a dataset are no results, and look like some.
    all.retain(|path| !path.to_string_lossy().contains("lm_eval/data/"));
    for path in all {
        let no_result = ["md", "py", "sh", "ts", "js", "log", "lock", "png"]
            .iter()
            .any(|word| ending(&path).as_deref() == Some(*word))
            || path.ends_with("VERSIONS.txt");
        match try_read(&path) {
            Ok(_) => {
                assert!(!no_result, "{} was read", path.display());
                read += 1;
            }
            Err(findings) => {
                let finding = findings.iter().next().unwrap();
                let yaml = ending(&path).as_deref() == Some("yaml");
                let known = yaml
                    || no_result
                    || match finding.code.word() {
                        "unknown-format" => path.ends_with("langfuse/a.txt"),
                        "empty-evidence" => path.ends_with("autocannon/a_refused.json"),
                        "unfinished-run" => path.ends_with("braintrust/a_cli_error.jsonl"),
                        // It was cut off.
                        "bad-metrics-file" => path.ends_with("mlflow/metrics_classifier.json"),
                        // Plain rows, of which `fields: { id: ... }` says which is the id.
                        "missing-id" => finding.help.iter().any(|help| help.contains("fields: { id: ")),
                        _ => false,
                    };
                assert!(known, "{}: {finding:?}", path.display());
                refused += 1;
            }
        }
    }
    assert!(refused > 60 && read > 70, "{refused} refused, {read} read");
}

#[test]
fn the_files_of_other_tools_keep_their_readers() {
    let Some(root) = reference("README.md") else { return };
    for (folder, word) in [
        ("langsmith", "langsmith"),
        ("pydantic_evals", "pydantic-evals"),
        ("inspect", "inspect"),
        ("lm_eval/out", "lm-eval"),
        ("pytest", ""),
        ("promptfoo", ""),
        ("guidellm", ""),
        ("aiperf", ""),
        ("locust", ""),
        ("autocannon", ""),
        ("otel_genai", ""),
    ] {
        let mut found = Vec::new();
        files(&root.with_file_name("x").with_file_name(folder), &mut found);
        for path in found {
            let Ok(read) = try_read(&path) else { continue };
            let format = read.catalog.format.word();
            let ours = TOOLS.iter().any(|(_, word)| *word == format);
            assert!(!ours && (word.is_empty() || word == format), "{} as {format}", path.display());
        }
    }
}

#[test]
fn the_order_of_keys_tells_nothing() {
    for (word, path) in results() {
        let text = fs::read_to_string(&path).unwrap();
        // serde_json sorts them; what it cannot read holds a bare NaN.
        let sorted = |text: &str| Some(serde_json::from_str::<serde_json::Value>(text).ok()?.to_string());
        let lines = path.extension().is_some_and(|ending| ending == "jsonl");
        let other = if lines {
            text.lines().map(sorted).collect::<Option<Vec<_>>>().map(|all| all.join("\n"))
        } else {
            sorted(&text)
        };
        let Some(other) = other else { continue };
        let (name, one) = (path.file_name().unwrap().to_str().unwrap(), super::read(&path));
        let two =
            read_bytes(name, other.as_bytes()).unwrap_or_else(|findings| panic!("{name}: {findings:?}"));
        assert_eq!(
            (two.catalog.format.word(), two.catalog.rows),
            (word.as_str(), one.catalog.rows),
            "{name}"
        );
        let total =
            |read: &super::Read| -> u64 { read.catalog.told.runs.iter().map(|run| run.errored).sum() };
        assert_eq!((one.ids(), total(&one)), (two.ids(), total(&two)), "{name}");
    }
}

#[test]
fn a_file_that_was_cut_off_is_never_judged() {
    for (word, path) in results() {
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        for share in [2, 3, 10] {
            // Rows of cells and lines may be cut between two of them, which nobody can see in them.
            let mut at = bytes.len() - bytes.len() / share;
            while bytes[at - 1] == b'\n' || bytes[at] == b'\n' || bytes[at - 1] == b'\r' {
                at -= 1;
            }
            let cut = &bytes[..at];
            let read = read_bytes(name, cut);
            // Half a cell at the end of a row is a cell.
            let quotes = String::from_utf8_lossy(cut).matches('"').count();
            let cells = path.extension().is_some_and(|ending| ending == "csv") && quotes.is_multiple_of(2);
            assert!(read.is_err() || cells, "{word}: {name} cut at {at} was read");
        }
    }
}
