//! Metrics of texts on 5,000 pairs, beside sacreBLEU and rouge-score: `sh benches/text_peers.sh` runs both on the same file.
//!
//! Writes the pairs to `target/bench-data/text.jsonl`; prints the best of nine runs, one line a task, in seconds.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench"
)]

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use rayon::prelude::*;
use relgate::stats::bootstrap::{Contrast, Counts};
use relgate::text::bleu::Bleu;
use relgate::text::chrf::Chrf;
use relgate::text::rouge::{Shared, scores};

struct Pair {
    answer: String,
    reference: String,
}

fn main() {
    let pairs = pairs();
    fs::create_dir_all("target/bench-data").unwrap();
    let mut file = String::new();
    for Pair { answer, reference } in &pairs {
        writeln!(file, "{}", serde_json::json!({ "answer": answer, "reference": reference })).unwrap();
    }
    fs::write("target/bench-data/text.jsonl", file).unwrap();
    let (bleu, chrf) = (Bleu::default(), Chrf::default());
    let counted = || -> Vec<f64> {
        pairs
            .par_iter()
            .with_min_len(100)
            .flat_map_iter(|pair| {
                let mut counts = vec![0.0; bleu.width()];
                bleu.count(&pair.answer, &[&pair.reference], &mut counts).unwrap();
                counts
            })
            .collect()
    };
    let total = |rows: &[f64], width: usize| -> Vec<f64> {
        (0..width).map(|at| rows.iter().skip(at).step_by(width).sum()).collect()
    };
    let resampled = |times: u64| {
        let counts = Counts::new(bleu.width(), &counted(), None, None).unwrap();
        counts.resample(|sums| bleu.score(sums), Contrast::Level, (times, 0.05), 1).unwrap().value()
    };
    time("bleu", || bleu.score(&total(&counted(), bleu.width())));
    time("chrf", || {
        let rows: Vec<f64> = pairs
            .par_iter()
            .with_min_len(100)
            .flat_map_iter(|pair| {
                let mut counts = vec![0.0; chrf.width()];
                chrf.count(&pair.answer, &[&pair.reference], &mut counts).unwrap();
                counts
            })
            .collect();
        chrf.score(&total(&rows, chrf.width()))
    });
    time("rouge", || {
        let of = |pair: &Pair| scores(Shared::ALL, true, &pair.answer, &[&pair.reference]).unwrap()[2].f;
        100.0 * pairs.par_iter().with_min_len(100).map(of).sum::<f64>() / pairs.len() as f64
    });
    time("bleu-1000", || resampled(1000));
    time("bleu-10000", || resampled(10_000));
}

fn time(name: &str, run: impl Fn() -> f64) {
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64()
        })
        .collect();
    let best = times.drain(..).fold(f64::INFINITY, f64::min);
    println!("{name} {best:.5} {:.6}", run());
}

/// Sentences of 8 to 24 words out of 3,000, of which answers lost, changed or gained a few.
fn pairs() -> Vec<Pair> {
    let mut state = 5_u64;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % below
    };
    let letters: Vec<char> = "etaoinshrdlucmfwygpbvk".chars().collect();
    let endings = ["", "", "", "s", "ing", "ed", "ly", "ation"];
    let vocabulary: Vec<String> = (0..3000)
        .map(|_| {
            let length = 2 + next(8);
            let stem: String = (0..length).map(|_| letters[next(letters.len())]).collect();
            stem + endings[next(endings.len())]
        })
        .collect();
    let stops = [".", ", indeed.", "!", " (1999)."];
    (0..5000)
        .map(|_| {
            let length = 8 + next(17);
            let word = |next: &mut dyn FnMut(usize) -> usize| {
                let reach = next(vocabulary.len()) + 1;
                vocabulary[next(reach)].clone()
            };
            let reference: Vec<String> = (0..length).map(|_| word(&mut next)).collect();
            let mut answer = reference.clone();
            for _ in 0..next(7) {
                let at = next(answer.len());
                match next(4) {
                    0 | 1 => answer[at] = word(&mut next),
                    2 if answer.len() > 3 => drop(answer.remove(at)),
                    _ => answer.insert(at, word(&mut next)),
                }
            }
            let stop = stops[next(stops.len())];
            Pair { answer: answer.join(" ") + stop, reference: reference.join(" ") + stop }
        })
        .collect()
}
