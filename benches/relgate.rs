//! Benchmarks: start-up, `check` on the root example, a million samples, hashing; and of the library, the bootstrap.
//!
//! `cargo bench` runs them; the first run makes its inputs below `target/bench-data` (about 2.8 GB).
//! `benches/peers.sh` runs the same work beside other tools.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_collect,
    reason = "a benchmark makes its own files and may stop"
)]

mod inputs;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use inputs::{Random, data, made, relgate};
use relgate::stats::bootstrap::{Contrast, Counts};

fn main() {
    divan::main();
}

/// Rows of the large evidence file.
const SAMPLES: u64 = 1_000_000;
/// Bytes of the large artifact.
const LARGE: u64 = 2 << 30;
/// Files of the many-files artifact.
const FILES: u32 = 20_000;

#[divan::bench]
fn start_up() {
    assert!(relgate(Path::new("."), &["--version"]));
}

#[divan::bench]
fn check_root_example(bencher: Bencher<'_, '_>) {
    let out = data("out");
    bencher.bench_local(|| {
        assert!(relgate(Path::new("."), &["check", "--out", black_box(out.to_str().unwrap())]));
    });
}

/// With and without report and bundle.
#[divan::bench(args = [true, false], sample_count = 10, sample_size = 1)]
fn check_a_million_samples(bencher: Bencher<'_, '_>, writes: bool) {
    let folder = samples();
    let mode: &[&str] = if writes { &["--out", "out"] } else { &["--dry-run"] };
    let arguments = [&["check", "--quiet", "--no-cache", "--root", "."], mode].concat();
    bencher.counter(ItemsCount::new(SAMPLES)).bench_local(|| assert!(relgate(&folder, &arguments)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn hash_2_gib(bencher: Bencher<'_, '_>) {
    let folder = large_file();
    bencher.counter(BytesCount::new(LARGE)).bench_local(|| {
        assert!(relgate(&folder, &["check", "--dry-run", "--quiet", "--no-cache", "--root", "."]));
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn hash_20_000_files(bencher: Bencher<'_, '_>) {
    let folder = many_files();
    bencher.counter(ItemsCount::new(FILES)).bench_local(|| {
        assert!(relgate(&folder, &["check", "--dry-run", "--quiet", "--no-cache", "--root", "."]));
    });
}

/// Ten counts a sample and side, as corpus BLEU has them.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn bootstrap_10_000_of_5_000_samples(bencher: Bencher<'_, '_>) {
    let mut random = Random(13);
    let mut rows = || (0..50_000).map(|_| random.below(40) as f64).collect::<Vec<_>>();
    let (candidate, baseline) = (rows(), rows());
    let statistic = |sums: &[f64]| sums.iter().take(9).map(|sum| (sum / sums[9]).ln()).sum::<f64>().exp();
    let counts = Counts::new(10, &candidate, Some(&baseline), None).unwrap();
    bencher.counter(ItemsCount::new(10_000_u32)).bench_local(|| {
        black_box(&counts).resample(statistic, Contrast::Difference, (10_000, 0.05), 1).unwrap()
    });
}

fn manifest(folder: &Path, artifact: &str, gates: &str) {
    let text = format!(
        "relgate: 1\nname: bench\nversion: 1.0.0\ntype: prompt-release\npolicy: {{ require: [] }}\n{artifact}evidence:\n  answers: {{ path: answers.jsonl }}\ngates:\n{gates}"
    );
    // Last, so that the folder counts as made.
    fs::write(folder.join("release.yaml"), text).unwrap();
}

/// About 700 bytes a row: question and answer, five scores, three labels.
fn samples() -> PathBuf {
    made("samples", |folder| {
        let mut file = BufWriter::new(File::create(folder.join("answers.jsonl")).unwrap());
        let mut random = Random(7);
        let texts: Vec<String> = (0..500).map(|_| random.text()).collect();
        for i in 0..SAMPLES {
            let (question, answer) = (&texts[random.below(500)][..180], &texts[random.below(500)][..300]);
            writeln!(
                file,
                r#"{{"id":"case-{i:07}","question":"{question}?","answer":"{answer} \"quoted\"","hallucination":{},"accuracy":{},"toxicity":{},"latency_ms":{}.{},"cost_usd":0.00{},"tokens":{},"lang":"{}","conversation":"conv-{}","graded":true,"error":null}}"#,
                random.below(100) == 0,
                random.below(20) != 0,
                random.below(10_000) == 0,
                500 + random.below(600),
                random.below(10),
                1000 + random.below(9000),
                100 + random.below(800),
                ["de", "en", "es", "fr"][random.below(4)],
                i / 4,
            )
            .unwrap();
        }
        file.flush().unwrap();
        let gates = "  - 'Hallucination rate < 1.5%'\n  - 'Accuracy >= 90%'\n  - 'p95 latency < 1200ms'\n  - 'Cost < $0.02'\n";
        manifest(folder, "", gates);
    })
}

fn few_samples(folder: &Path) {
    let rows: String = (0..2000).map(|i| format!("{{\"id\":{i},\"toxicity\":false}}\n")).collect();
    fs::write(folder.join("answers.jsonl"), rows).unwrap();
}

fn large_file() -> PathBuf {
    made("large", |folder| {
        few_samples(folder);
        let mut file = BufWriter::new(File::create(folder.join("model.bin")).unwrap());
        let mut random = Random(11);
        for _ in 0..LARGE / 8 {
            file.write_all(&random.next().to_le_bytes()).unwrap();
        }
        file.flush().unwrap();
        manifest(
            folder,
            "artifacts:\n  models:\n    m: { version: v1, path: model.bin }\n",
            "  - 'Toxicity < 1%'\n",
        );
    })
}

fn many_files() -> PathBuf {
    made("many", |folder| {
        few_samples(folder);
        for i in 0..FILES {
            let below = folder.join(format!("data/{:02}", i % 100));
            fs::create_dir_all(&below).unwrap();
            fs::write(below.join(format!("{i}.txt")), format!("document {i}\n").repeat(150)).unwrap();
        }
        manifest(
            folder,
            "artifacts:\n  datasets:\n    d: { version: v1, path: data }\n",
            "  - 'Toxicity < 1%'\n",
        );
    })
}
