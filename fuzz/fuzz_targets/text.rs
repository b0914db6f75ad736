//! Any two texts, compared by every metric: figures within their range, and no panic.
#![no_main]

use relgate::text::Tokenizer;
use relgate::text::bleu::Bleu;
use relgate::text::chrf::Chrf;
use relgate::text::rouge::{Shared, scores};
use relgate::text::ter::Ter;

libfuzzer_sys::fuzz_target!(|texts: (&str, &str)| {
    let (answer, reference) = texts;
    for tokenizer in Tokenizer::ALL {
        let bleu = Bleu { tokenizer, ..Bleu::default() };
        let mut counts = vec![0.0; bleu.width()];
        if bleu.count(answer, &[reference], &mut counts).is_ok() {
            assert!((0.0..=100.1).contains(&bleu.score(&counts)));
        }
    }
    let chrf = Chrf { words: 2, whitespace: true, ..Chrf::default() };
    let mut counts = vec![0.0; chrf.width()];
    if chrf.count(answer, &[reference], &mut counts).is_ok() {
        assert!((0.0..=100.1).contains(&chrf.score(&counts)));
    }
    let ter = Ter { normalized: true, asian: true, ..Ter::default() };
    let mut counts = [0.0; Ter::WIDTH];
    if ter.count(answer, &[reference], &mut counts).is_ok() {
        assert!(ter.score(&counts) >= 0.0);
    }
    if let Ok(found) = scores(Shared::ALL, true, answer, &[reference]) {
        assert!(found.iter().all(|score| (0.0..=1.0).contains(&score.f)));
    }
});
