//! Every figure of `../shared/reference/text` and of its BLEU resamples, to 1e-9; nothing is asked where that folder is absent.

use std::collections::BTreeMap;
use std::fs;

use relgate::stats::bootstrap::{Contrast, Counts};
use relgate::text::Tokenizer;
use relgate::text::bleu::{Bleu, Smoothing};
use relgate::text::chrf::Chrf;
use relgate::text::exact_match::ExactMatch;
use relgate::text::rouge::{Shared, scores};
use relgate::text::ter::Ter;
use relgate::text::token_f1::{Empty, TokenF1};
use serde_json::Value;

fn read(name: &str) -> Option<Value> {
    let path = format!("../shared/reference/{name}");
    let Ok(text) = fs::read_to_string(&path) else {
        println!("{path} is absent: not compared");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

struct Pair {
    answer: String,
    references: Vec<String>,
}

fn pairs(file: &Value) -> BTreeMap<u64, Pair> {
    let pair = |pair: &Value| {
        let references = pair["references"].as_array().unwrap();
        let references = references.iter().map(|text| text.as_str().unwrap().to_owned()).collect();
        let answer = pair["prediction"].as_str().unwrap().to_owned();
        (pair["id"].as_u64().unwrap(), Pair { answer, references })
    };
    file["pairs"].as_array().unwrap().iter().map(pair).collect()
}

/// The metrics over a corpus by the names of the file, and whether single sentences take the effective order.
enum Corpus {
    Bleu(Bleu),
    Chrf(Chrf),
    Ter(Ter),
}

impl Corpus {
    fn count(&self, answer: &str, references: &[&str]) -> Vec<f64> {
        let mut counts = vec![0.0; 40];
        match self {
            Self::Bleu(bleu) => {
                counts.truncate(bleu.width());
                bleu.count(answer, references, &mut counts).unwrap();
            }
            Self::Chrf(chrf) => {
                counts.truncate(chrf.width());
                chrf.count(answer, references, &mut counts).unwrap();
            }
            Self::Ter(ter) => {
                counts.truncate(Ter::WIDTH);
                ter.count(answer, references, &mut counts).unwrap();
            }
        }
        counts
    }

    fn score(&self, sums: &[f64]) -> f64 {
        match self {
            Self::Bleu(bleu) => bleu.score(sums),
            Self::Chrf(chrf) => chrf.score(sums),
            Self::Ter(ter) => ter.score(sums),
        }
    }
}

fn metric(name: &str) -> Option<Corpus> {
    let bleu = Bleu::default();
    let of = |tokenizer| Some(Corpus::Bleu(Bleu { tokenizer, ..bleu }));
    match name {
        "bleu_13a" | "bleu_13a_noeff_exp" => Some(Corpus::Bleu(bleu)),
        "bleu_intl" => of(Tokenizer::International),
        "bleu_char" => of(Tokenizer::Characters),
        "bleu_zh" => of(Tokenizer::Chinese),
        "bleu_none" => of(Tokenizer::Spaces),
        "bleu_13a_lc" => Some(Corpus::Bleu(Bleu { lowercase: true, ..bleu })),
        "bleu_13a_floor" => Some(Corpus::Bleu(Bleu { smoothing: Smoothing::Floor(0.1), ..bleu })),
        "bleu_13a_addk" => Some(Corpus::Bleu(Bleu { smoothing: Smoothing::Add(1.0), ..bleu })),
        "bleu_13a_nosmooth" => Some(Corpus::Bleu(Bleu { smoothing: Smoothing::None, ..bleu })),
        "bleu_13a_effective_order" => Some(Corpus::Bleu(Bleu { effective_order: true, ..bleu })),
        "chrf" => Some(Corpus::Chrf(Chrf::default())),
        "chrf++" => Some(Corpus::Chrf(Chrf { words: 2, ..Chrf::default() })),
        "chrf_ws_lc_b3" => {
            Some(Corpus::Chrf(Chrf { whitespace: true, lowercase: true, beta: 3.0, ..Chrf::default() }))
        }
        "chrf_eps" => Some(Corpus::Chrf(Chrf { every_order: true, ..Chrf::default() })),
        "ter" => Some(Corpus::Ter(Ter::default())),
        "ter_norm" => Some(Corpus::Ter(Ter { normalized: true, ..Ter::default() })),
        "ter_norm_nopunct_cs" => Some(Corpus::Ter(Ter {
            normalized: true,
            without_marks: true,
            case_sensitive: true,
            ..Ter::default()
        })),
        "ter_asian" => Some(Corpus::Ter(Ter { normalized: true, asian: true, ..Ter::default() })),
        _ => None,
    }
}

#[track_caller]
fn same(what: &str, got: f64, want: &Value) {
    let want = want.as_f64().unwrap_or_else(|| panic!("{what}: {want}"));
    assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{what}: {got} is not {want}");
}

#[test]
fn every_pair_has_the_figures_of_the_libraries() {
    let Some(file) = read("text/text_pairs.json") else { return };
    let texts = pairs(&file);
    let mut compared = 0;
    for pair in file["pairs"].as_array().unwrap() {
        let id = pair["id"].as_u64().unwrap();
        let Pair { answer, references } = &texts[&id];
        let all: Vec<&str> = references.iter().map(String::as_str).collect();
        for (name, want) in pair["expected"].as_object().unwrap() {
            let what = format!("{id} {name}");
            compared += 1;
            match name.as_str() {
                "em" => same(&what, f64::from(ExactMatch::default().holds(answer, &all)), want),
                "em_strict" => same(&what, f64::from(ExactMatch { strict: true }.holds(answer, &all)), want),
                "f1_squad11" => same(&what, TokenF1 { empty: Empty::Misses }.score(answer, &all), want),
                "f1_squad2" => same(&what, TokenF1::default().score(answer, &all), want),
                "rouge" | "rouge_stem" => rouge(&what, answer, &all[..1], want),
                "rouge_multi" | "rouge_multi_stem" => rouge(&what, answer, &all, want),
                "bleu_13a_detail" | "ter_detail" | "normalized" => compared -= 1,
                _ => {
                    // Single sentences were scored with the effective order, but for those that say otherwise.
                    let metric = match metric(name).unwrap_or_else(|| panic!("{name}")) {
                        Corpus::Bleu(bleu) => {
                            Corpus::Bleu(Bleu { effective_order: name != "bleu_13a_noeff_exp", ..bleu })
                        }
                        other => other,
                    };
                    same(&what, metric.score(&metric.count(answer, &all)), want);
                }
            }
        }
    }
    assert!(compared > 8000, "{compared}");
}

fn rouge(what: &str, answer: &str, references: &[&str], want: &Value) {
    let stem = what.contains("stem");
    let found = scores(Shared::ALL, stem, answer, references).unwrap();
    for (name, score) in ["rouge1", "rouge2", "rougeL", "rougeLsum"].into_iter().zip(found) {
        for (got, want) in
            [score.precision, score.recall, score.f].into_iter().zip(want[name].as_array().unwrap())
        {
            same(&format!("{what} {name}"), got, want);
        }
    }
}

#[test]
fn every_corpus_has_the_figures_of_sacrebleu() {
    let (Some(file), Some(corpora)) = (read("text/text_pairs.json"), read("text/text_corpus.json")) else {
        return;
    };
    let texts = pairs(&file);
    let mut compared = 0;
    for corpus in corpora["corpora"].as_array().unwrap() {
        for (kind, most) in [("single", 1), ("multi", usize::MAX)] {
            let Some(expected) = corpus[kind].as_object() else { continue };
            for (name, want) in expected {
                let metric = metric(name).unwrap_or_else(|| panic!("{name}"));
                let mut sums: Vec<f64> = Vec::new();
                for id in corpus["ids"].as_array().unwrap() {
                    let pair = &texts[&id.as_u64().unwrap()];
                    let references: Vec<&str> =
                        pair.references.iter().map(String::as_str).take(most).collect();
                    let counts = metric.count(&pair.answer, &references);
                    sums.resize(counts.len(), 0.0);
                    sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                }
                let what = format!("{} {kind} {name}", corpus["name"]);
                same(&what, metric.score(&sums), &want["score"]);
                compared += 1;
            }
        }
    }
    assert!(compared > 900, "{compared}");
}

#[test]
fn resamples_are_those_of_sacrebleu() {
    let Some(file) = read("stats/bleu.json") else { return };
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let numbers = |list: &Value| -> Vec<f64> {
        list.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    };
    for case in file["cases"].as_array().unwrap() {
        let references = texts(&case["refs"]);
        let rows = |metric: &Corpus, name: &str| -> Vec<Vec<f64>> {
            let pairs = texts(&case[name]).into_iter().zip(&references);
            pairs.map(|(answer, reference)| metric.count(&answer, &[reference])).collect()
        };
        let total = |metric: &Corpus, name: &str| {
            let rows = rows(metric, name);
            let sums: Vec<f64> = (0..rows[0].len()).map(|at| rows.iter().map(|row| row[at]).sum()).collect();
            metric.score(&sums)
        };
        let bleu = metric("bleu_13a").unwrap();
        for side in ["a", "b"] {
            let found = rows(&bleu, &format!("hyp_{side}"));
            let want: Vec<Vec<f64>> =
                case[format!("stats_{side}")].as_array().unwrap().iter().map(numbers).collect();
            assert_eq!(found, want);
            same("bleu", total(&bleu, &format!("hyp_{side}")), &case[format!("bleu_{side}")]);
        }
        same("chrf", total(&metric("chrf").unwrap(), "hyp_a"), &case["chrf_a"]);
        same("ter", total(&metric("ter").unwrap(), "hyp_a"), &case["ter_a"]);
        let counts = Counts::new(10, &rows(&bleu, "hyp_a").concat(), None, None).unwrap();
        let drawn = case["resample_indices"].as_array().unwrap();
        for (indices, want) in drawn.iter().zip(case["boot_scores_a"].as_array().unwrap()) {
            let indices: Vec<u32> = numbers(indices).into_iter().map(|index| index as u32).collect();
            let got = counts.replicate(&indices, |sums| bleu.score(sums), Contrast::Level);
            // Its sums of integers are exact, its means single precision.
            same("resample", got, want);
        }
    }
}
