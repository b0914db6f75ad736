//! Benchmarks of two releases side by side: prompts, datasets, and a million pairs of samples. `cargo bench --bench changes`.
//!
//! The first run makes the inputs below `target/bench-data` (about 1.5 GB).
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark makes its own files and may stop"
)]

mod inputs;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::ItemsCount;
use inputs::{Random, made, relgate};

fn main() {
    divan::main();
}

/// Artifacts of each release.
const PROMPTS: usize = 200;
/// Rows of a dataset, and pairs of samples.
const ROWS: u64 = 1_000_000;

/// Of 5 MB of prompts this percentage of all lines has another word.
#[divan::bench(args = [0, 2, 10], sample_count = 15, sample_size = 1)]
fn diff_200_prompts(bencher: Bencher<'_, '_>, percent: u64) {
    let folder = prompts(percent);
    let arguments = ["diff", "before/release.yaml", "release.yaml", "--root", ".", "--no-evidence"];
    bencher.counter(ItemsCount::new(PROMPTS)).bench_local(|| assert!(relgate(&folder, &arguments)));
}

/// A thousandth of the rows is gone, a thousandth is other.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn diff_a_million_rows(bencher: Bencher<'_, '_>) {
    let folder = rows();
    let arguments = ["diff", "before/release.yaml", "release.yaml", "--root", ".", "--no-evidence"];
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| assert!(relgate(&folder, &arguments)));
}

/// Four gates on changes, one of them by language; report and bundle are written.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn check_a_million_pairs(bencher: Bencher<'_, '_>) {
    let folder = pairs();
    let arguments = ["check", "--out", "out", "--quiet", "--root", "."];
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| assert!(relgate(&folder, &arguments)));
}

/// The release after, last, so that the folder counts as made; the one before stands in `before`.
fn manifests(folder: &Path, rest: impl Fn(u8) -> String, gates: &str) {
    for (side, version) in [("before", 0), (".", 1)] {
        let baseline = if version == 0 { "none" } else { "before" };
        let text = format!(
            "relgate: 1\nname: bench\nversion: 1.0.{version}\ntype: hotfix\nsummary: a benchmark\nbaseline: {baseline}\n\
             policy: {{ require: [] }}\n{}evidence: {{ answers: {{ path: answers.jsonl }} }}\ngates:\n{gates}",
            rest(version)
        );
        fs::write(folder.join(side).join("release.yaml"), text).unwrap();
    }
}

fn prompts(percent: u64) -> PathBuf {
    made(&format!("prompts-{percent}"), |folder| {
        let mut random = Random(3);
        for side in ["before/prompts", "prompts"] {
            fs::create_dir_all(folder.join(side)).unwrap();
        }
        for i in 0..PROMPTS {
            let (mut before, mut after) = (String::new(), String::new());
            while before.len() < 25_000 {
                let start = ["Never promise", "Answer with", "Do not mention", "When asked, explain"]
                    [random.below(4)];
                let line = format!("{start} {}.\n", random.text().trim_end());
                before.push_str(&line);
                let other = random.below(100) < usize::try_from(percent).unwrap();
                after.push_str(&if other { line.replacen("the", "every", 1) } else { line });
            }
            fs::write(folder.join(format!("before/prompts/{i}.md")), before).unwrap();
            fs::write(folder.join(format!("prompts/{i}.md")), after).unwrap();
        }
        let artifacts = |version| {
            (0..PROMPTS).fold("artifacts:\n  prompts:\n".to_owned(), |mut text, i| {
                let _ = writeln!(text, "    p{i}: {{ version: v{version}, path: prompts/{i}.md }}");
                text
            })
        };
        manifests(folder, artifacts, "  - 'Toxicity < 1%'\n");
    })
}

fn rows() -> PathBuf {
    made("rows", |folder| {
        fs::create_dir_all(folder.join("before")).unwrap();
        let mut random = Random(5);
        let texts: Vec<String> = (0..500).map(|_| random.text()).collect();
        let file = |side: &str| BufWriter::new(File::create(folder.join(side)).unwrap());
        let (mut before, mut after) = (file("before/train.jsonl"), file("train.jsonl"));
        for i in 0..ROWS {
            let text = &texts[random.below(500)][..200];
            let label = ["yes", "no", "maybe"][random.below(3)];
            let row =
                |label: &str| format!("{{\"id\":\"r{i}\",\"text\":\"{text}\",\"label\":\"{label}\"}}\n");
            before.write_all(row(label).as_bytes()).unwrap();
            match i % 1000 {
                3 => {}
                7 => after.write_all(row("other").as_bytes()).unwrap(),
                _ => after.write_all(row(label).as_bytes()).unwrap(),
            }
        }
        before.flush().unwrap();
        after.flush().unwrap();
        let artifacts = |version| {
            format!("artifacts: {{ datasets: {{ train: {{ version: v{version}, path: train.jsonl }} }} }}\n")
        };
        manifests(folder, artifacts, "  - 'Toxicity < 1%'\n");
    })
}

fn pairs() -> PathBuf {
    made("pairs", |folder| {
        fs::create_dir_all(folder.join("before")).unwrap();
        let mut random = Random(9);
        for side in ["before", "."] {
            let path = folder.join(side).join("answers.jsonl");
            let mut file = BufWriter::new(File::create(path).unwrap());
            for i in 0..ROWS {
                writeln!(
                    file,
                    r#"{{"id":"case-{i:07}","accuracy":{},"hallucination":{},"latency_ms":{}.{},"cost_usd":0.00{},"lang":"{}","answer":"{}"}}"#,
                    random.below(20) != 0,
                    random.below(100) == 0,
                    500 + random.below(600),
                    random.below(10),
                    1000 + random.below(9000),
                    ["de", "en", "es", "fr"][usize::try_from(i % 4).unwrap()],
                    "an answer of some length ".repeat(8)
                )
                .unwrap();
            }
            file.flush().unwrap();
        }
        let gates = "  - 'accuracy drop < 1pp'\n  - { id: by-language, rule: 'accuracy drop < 1pp', by: [lang] }\n  \
                     - 'p95 latency increase < 5%'\n  - 'cost increase < 5%'\n";
        manifests(folder, |_| String::new(), gates);
    })
}
